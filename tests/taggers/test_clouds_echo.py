"""What a cloud echoes of the key it was sent shows nowhere; what says nothing of an item, or refuses all, is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from cmtools import make_drafts
from cmtools.errors import BadRequest, BadTagger
from cmtools.service.tagging import ask
from cmtools.taggers.cloud import Cloud
from cmtools.taggers.patience import Patience
from cmtools.testing import ManualClock
from tests.tools.pictures import png

from .clouds import MAKE, Make
from .stand_in import KEY, Reply, StandIn, said

PICTURES = [png(color, (200, 150)) for color in ("red", "green", "blue")]
TEXTS = ["one", "two", "three"]
WRONG = "wrong-key-9876543210"
NOTED = f"x {KEY} y"
"""What the stand-in puts wherever there is room for a text."""


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


@pytest.fixture
def patience() -> Patience:
    clock = ManualClock()
    return Patience(now=clock, sleep=clock.advance)


@pytest.fixture(params=MAKE)
def make(request: pytest.FixtureRequest) -> Make:
    return MAKE[request.param]


@pytest.fixture
def tagger(make: Make, site: StandIn, patience: Patience) -> Cloud:
    return make(site, patience=patience)


def items_for(tagger: Cloud) -> list[bytes | str]:
    return [*PICTURES] if tagger.type == "Image" else [*TEXTS]


ERROR = {"code": NOTED, "Code": NOTED, "message": NOTED, "Message": NOTED, "status": NOTED, "type": NOTED}
CATEGORIES = {"sexual": 0.9, NOTED: 0.5}
GOOD = {
    "categoriesAnalysis": [{"category": "Sexual", "severity": 6}, {"category": NOTED, "severity": 2}],
    "responses": [{"safeSearchAnnotation": {"adult": "LIKELY", NOTED: NOTED}}],
    "model": NOTED,
    "results": [{"category_scores": CATEGORIES, "categories": {"sexual": True, NOTED: True}}],
    "ModerationLabels": [
        {"Name": "Explicit", "Confidence": 90},
        {"Name": NOTED, "Confidence": 80, "ParentName": NOTED},
    ],
    "ModerationModelVersion": NOTED,
    "AdultClassificationScore": 0.9,
    "IsImageAdultClassified": NOTED,
    "RacyClassificationScore": 0.1,
    "IsImageRacyClassified": NOTED,
    "Classification": {"ReviewRecommended": NOTED, "Category1": {"Score": 0.9}},
    "Terms": [{"Index": 0, "OriginalIndex": 0, "Term": NOTED}],
}
"""Good answers of all the clouds, with the key wherever a text may stand."""
HEADERS = {"Content-Type": KEY, "X-Request-Id": KEY, "Server": KEY}
CUT = {"Content-Type": "x" * 40 + KEY}
"""The key where it is cut short."""
ECHOES = {
    "good": Reply(200, HEADERS, json.dumps(GOOD).encode()),
    "an item's error": Reply(200, HEADERS, json.dumps({"responses": [{"error": ERROR}]}).encode()),
    "another shape": Reply(200, HEADERS, json.dumps({NOTED: NOTED}).encode()),
    "no JSON": Reply(200, CUT, KEY.encode()),
    **{
        f"{status}{name}": Reply(status, HEADERS, json.dumps(body).encode())
        for status in (302, 400, 401, 403, 404, 409, 429, 500)
        for name, body in {
            "": {"error": ERROR},
            ", Error": {"Error": ERROR},
            ", bare": {**ERROR, "__type": NOTED},
            ", long": {"error": {"message": "x" * 190 + KEY}},
        }.items()
    },
}


@pytest.mark.parametrize("reply", ECHOES.values(), ids=ECHOES)
def test_key_that_a_cloud_echoes_shows_nowhere(
    tagger: Cloud, site: StandIn, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    caplog.set_level(logging.DEBUG)
    site.judge = lambda asked: reply
    shown = [repr(tagger.tag(items_for(tagger)[:1]))]
    try:
        shown.append(repr(tagger(items_for(tagger))))
    except BadTagger as error:
        shown.append(str(error))
    shown += [record.getMessage() for record in caplog.records]
    text = "\n".join(shown)
    assert KEY[:10] not in text


def test_good_answer_that_echoes_the_key_is_good(tagger: Cloud, site: StandIn) -> None:
    site.judge = lambda asked: ECHOES["good"]
    (answer,) = tagger.tag(items_for(tagger)[:1])
    assert (answer.error, answer.tags["a"]) == (None, True)
    assert any("***" in part for pair in answer.metadata for part in pair)


NOTHING = {
    "categoriesAnalysis": [{"category": "Novelty", "severity": 2}],
    "responses": [{"safeSearchAnnotation": {"adult": "UNKNOWN", "spoof": "LIKELY"}}],
    "model": "m",
    "results": [{"category_scores": {"novelty": 0.5}}],
    "AdultClassificationScore": None,
    "IsImageAdultClassified": False,
    "RacyClassificationScore": None,
    "IsImageRacyClassified": False,
}


def test_answer_without_any_category_is_an_error_of_the_item(tagger: Cloud, site: StandIn) -> None:
    if tagger.name == "aws-rekognition" or (tagger.name, tagger.type) == ("content-moderator", "Text"):
        return  # they name what they found: nothing, then, is an answer
    site.judge = lambda asked: said(NOTHING)
    (answer,) = tagger.tag(items_for(tagger)[:1])
    assert answer.error == f"{tagger.name}: its answer said nothing of it"


# --- what is no item's fault ------------------------------------------------------------------------------------------


def test_refused_key_is_one_error_when_nothing_was_answered(make: Make, site: StandIn, patience: Patience) -> None:
    tagger = make(site, key=WRONG, patience=patience)
    items = items_for(tagger) * 30
    with pytest.raises(BadTagger, match=f"^{tagger.name}: the key was refused with 40") as caught:
        tagger(items)
    assert WRONG not in str(caught.value)
    with pytest.raises(BadTagger, match="the key was refused"):
        next(tagger.stream(items))


def test_wrong_endpoint_is_one_error_when_nothing_was_answered(tagger: Cloud, site: StandIn) -> None:
    site.judge = lambda asked: Reply(404)
    with pytest.raises(BadTagger, match=f"^{tagger.name}: its endpoint answered 404"):
        tagger(items_for(tagger))


def test_cloud_that_is_away_is_one_error_when_nothing_was_answered(make: Make, patience: Patience) -> None:
    with StandIn() as site:
        tagger = make(site, patience=patience)
    with pytest.raises(BadTagger, match=f"^{tagger.name}: .*nothing is sent for 60 seconds"):
        tagger(items_for(tagger) * 50)


def test_key_that_is_refused_midway_costs_the_items_from_there_on(tagger: Cloud, site: StandIn) -> None:
    tagger.batch_size = 3
    items = items_for(tagger)
    alone = tagger.tag(items)
    answers = tagger.stream(items * 3)
    got = [next(answers) for _ in items]
    site.judge = lambda asked: Reply(401)
    rest = [*answers]
    assert got == alone
    assert {answer.error for answer in rest} == {
        f"{tagger.name}: the key was refused with 401; set one that may do this"
    }
    assert len(rest) == 6


def test_item_that_cannot_be_sent_hides_no_refusal(make: Make, site: StandIn, patience: Patience) -> None:
    tagger = make(site, key=WRONG, patience=patience)
    bad = b"" if tagger.type == "Image" else " "
    with pytest.raises(BadTagger, match="the key was refused"):
        tagger([bad] * (tagger.batch_size + 1) + items_for(tagger))


def test_drafts_are_told_once_and_a_service_as_of_an_item(make: Make, site: StandIn, patience: Patience) -> None:
    tagger = make(site, key=WRONG, patience=patience)
    if tagger.type == "Text":
        with pytest.raises(BadTagger, match="the key was refused"):
            make_drafts([*TEXTS], type="Text", tagger=tagger, progress=False)
    with pytest.raises(
        BadRequest, match=f"^the tagger '{tagger.name}' cannot tag this: .*the key was refused"
    ) as caught:
        ask(tagger, items_for(tagger)[0], {})
    assert type(caught.value) is BadRequest
