"""Showing something to the service's tagger over HTTP: all that it says, whose thresholds hold, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from cmtools.errors import BadDraft, BadPicture, BadRequest, Forbidden, NoTagger
from cmtools.model import FoundTerm, Verdict
from cmtools.taggers import Tagging, Words
from cmtools.testing import RunningService, running_service
from tests.sdk.pictures import RED, PictureServer, jpeg

from .bench import Fixed

SAID = Tagging({"a": True, "hate": False}, {"a": 0.9, "hate": 0.55}, (("tagger", "fixed 2"),))
TERMS = ["damn", "[a]", "some explicit word"]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningService]:
    with running_service(taggers={"Image": Fixed(SAID), "Text": Words(TERMS)}) as service:
        yield service


def post(service: RunningService, body: Any = b"", *, status: int = 200, query: str = "") -> dict[str, Any]:
    answer = requests.post(
        f"{service.url}/cmtools/v1/teams/{service.team}/taggings{query}",
        data=body,
        headers={"Ocp-Apim-Subscription-Key": service.key},
        timeout=30,
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def test_answer_is_all_that_the_tagger_says_of_a_picture(running: RunningService) -> None:
    assert post(running, jpeg()) == {
        "tags": {"a": True, "hate": False},
        "scores": {"a": 0.9, "hate": 0.55},
        "metadata": [["tagger", "fixed 2"]],
        "terms": [],
    }


def test_tags_and_metadata_of_a_text_come_too(running: RunningService) -> None:
    with running.client() as client:
        said = client.tag("A d@mn, some explicit word", type="text")
    assert said.tags == {"p": True, "a": True}
    assert dict(said.metadata)["tagger"].startswith("words ")
    assert said.terms[0] == FoundTerm(2, 2, "damn", "d@mn")


def test_thresholds_are_the_teams_unless_the_taggers_own_are_asked_for() -> None:
    with running_service(taggers={"Image": Fixed(SAID)}) as service, service.client() as client:
        client.add_tag("hate")
        client.set_threshold("hate", 0.5)
        own, held = client.tag(jpeg(), thresholds="tagger"), client.tag(jpeg())
    assert own == Verdict(SAID.tags, SAID.scores, SAID.metadata)
    assert held == Verdict({"a": True, "hate": True}, SAID.scores, (("hate.threshold", "0.5"), *SAID.metadata))


def test_picture_at_an_address_is_fetched(running: RunningService) -> None:
    with PictureServer() as site, running.client() as client:
        assert client.tag(site.address(RED)).tags == {"a": True, "hate": False}


@pytest.mark.parametrize(
    ("query", "body", "error", "message"),
    [
        ("", b"", BadRequest, "the body is empty"),
        ("", b"hello", BadPicture, "not a picture"),
        ("?content_type=Text", b" ", BadRequest, "the text is empty"),
        ("?content_type=Text", b"x" * 1025, BadRequest, "the most is 1,024"),
        ("?content_type=Video", b"x", BadRequest, "content_type: a tagger is shown an Image or a Text, and no Video"),
        ("?content_type=Sound", b"x", BadDraft, "no content type 'Sound'"),
        ("?thresholds=none", b"x", BadRequest, "thresholds: it is 'none'; there are team, tagger"),
    ],
)
def test_what_cannot_be_tagged_is_a_clean_400(
    running: RunningService, query: str, body: bytes, error: type[BadRequest], message: str
) -> None:
    said = post(running, body, status=400, query=query)["Error"]
    assert said["Code"] == error.code
    assert message in said["Message"]


def test_key_that_may_not_create_may_not_ask(running: RunningService) -> None:
    with running.client() as client:
        secret = client.create_key("auditor", "auditor").secret
    with running.client(key=secret) as auditor, pytest.raises(Forbidden):
        auditor.tag("text", type="Text")


def test_service_without_a_tagger_says_how_to_set_one_up() -> None:
    with running_service() as service, service.client() as client, pytest.raises(NoTagger, match="CMTOOLS_TAGGER"):
        client.tag("text", type="Text")
