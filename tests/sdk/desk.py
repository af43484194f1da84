"""What a test of an old client needs beside it: a team on the service, people who review, the client itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException
from msrest.authentication import CognitiveServicesCredentials

import cmtools as cm
from cmtools.testing import RunningService, running_service
from tests.sdk.taggers import RedPictures, RudeWords

_numbers = itertools.count(1)


def desk_service() -> AbstractContextManager[RunningService]:
    """A service with the two small taggers of `tests.sdk.taggers`; it asks for no made-up addresses."""
    return running_service(copy_content=False, taggers={"Image": RedPictures(), "Text": RudeWords()})


@dataclass(frozen=True)
class Desk:
    """A team of one test's own."""

    service: RunningService
    team: str
    key: str = field(repr=False)

    @classmethod
    def of_new_team(cls, service: RunningService) -> Desk:
        team = f"team{next(_numbers)}"
        return cls(service, team, service.add_team(team))

    def client(self, reviewer: str = "ana") -> cm.Client:
        return self.service.client(reviewer, team=self.team, key=self.key)

    def complete(
        self, answers: Mapping[str, Mapping[str, bool]], type: str = "Image", **frames: Mapping[str, object]
    ) -> None:
        """A person decides these reviews, and the time to take that back passes."""
        client = self.client()
        client.submit(client.checkout(100, type=type), answers, **frames)
        self.service.advance(5)

    def wait_for_jobs(self) -> None:
        """What waits for the service's worker is done."""
        self.service.advance(0)


@contextmanager
def connect(url: str, key: str) -> Iterator[ContentModeratorClient]:
    """The vendor's client as its documentation makes it; on plain HTTP, which loopback is, it wants the one setting."""
    client = ContentModeratorClient(url, CognitiveServicesCredentials(key))
    client.config.enforce_https = False
    with client:
        yield client


def refusal(error: APIErrorException) -> tuple[int, str | None]:
    """The status of a refusal and the code in its body, as the SDK reads them."""
    return error.response.status_code, error.error.error and error.error.error.code


def pairs(items: list[object]) -> list[tuple[str, str]]:
    """The SDK's list of key and value as plain pairs."""
    return [(item.key, item.value) for item in items]
