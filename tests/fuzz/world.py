"""A running service with something of everything in it, from which no request goes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from cmtools.model import Draft
from cmtools.service.outbound import Outbound, Refused
from cmtools.tags import Tag
from cmtools.testing import RunningService, running_service

TEAM = "fuzz"
WAITING = 1500
"""Reviews of each type, so that checkouts find some until the end."""


class Closed(Outbound):
    """Calls nobody: generated addresses are nobody's business."""

    def post_json(self, url: str, body: bytes, headers: dict[str, str]) -> NoReturn:
        raise Refused("this run sends nothing")

    def fetch_picture(self, url: str) -> NoReturn:
        raise Refused("this run fetches nothing")


@contextmanager
def world() -> Iterator[RunningService]:
    """The service, whose clock stands still: with reviews that wait and reviews that are complete."""
    with running_service(team=TEAM) as service:
        door = service._app.state.door
        door.outbound = Closed(door.settings)
        client = service.client()
        client.add_tag("sc", "isscreenshot")
        client.create_reviews(drafts("Image", WAITING), progress=False)
        client.create_reviews(drafts("Text", WAITING), progress=False)
        lease = client.checkout(5)
        client.submit(lease, {review.id: {"r": True} for review in lease.reviews})
        service.advance(10)
        yield service


def drafts(type: str, count: int) -> list[Draft]:
    """Drafts with an auto tag, a score and a callback."""
    metadata = (("a", "False"), ("a.score", "0.071"), ("model", "v2"))
    return [
        Draft(f"https://example.org/{n}", f"{type}-{n}", type, metadata, "https://example.org/callback")
        for n in range(count)
    ]
