"""What is asked of Google Cloud Vision, and what its likelihoods become."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from cmtools.taggers import vision
from cmtools.taggers.vision import GoogleVision
from tests.tools.pictures import png

from .stand_in import KEY, StandIn, said


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


def tagger(site: StandIn) -> GoogleVision:
    return GoogleVision(key=KEY, endpoint=site.url)


def test_pictures_are_asked_about_as_documented_with_the_key_in_a_header(site: StandIn) -> None:
    tagger(site).tag([png("red"), png("blue")])
    (asked,) = site.asked
    assert asked.path == "/v1/images:annotate"
    assert asked.headers["x-goog-api-key"] == KEY
    assert [each["features"] for each in asked.json["requests"]] == [[{"type": "SAFE_SEARCH_DETECTION"}]] * 2
    sent = [base64.b64decode(each["image"]["content"]) for each in asked.json["requests"]]
    assert sent == [png("red"), png("blue")]


def test_one_call_takes_sixteen_pictures(site: StandIn) -> None:
    assert len(tagger(site)([png()] * 40)) == 40
    assert sorted(len(asked.json["requests"]) for asked in site.asked) == [8, 16, 16]


def test_one_call_takes_no_more_bytes_than_its_limit(site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(png())
    monkeypatch.setattr(GoogleVision, "per_call", {"Image": (16, 3 * size)})
    tagger(site).tag([png()] * 7)
    assert sorted(len(asked.json["requests"]) for asked in site.asked) == [1, 3, 3]
    assert vision.MOST_BYTES * 4 / 3 < 10_000_000, "as text within the limit of 10 MB"


def test_likelihood_becomes_a_score_and_from_likely_on_a_tag(site: StandIn) -> None:
    words = {"adult": "LIKELY", "racy": "POSSIBLE", "violence": "VERY_UNLIKELY", "spoof": "VERY_LIKELY"}
    site.replies.append(said({"responses": [{"safeSearchAnnotation": words}]}))
    (answer,) = tagger(site).tag([png()])
    assert answer.tags == {"a": True, "r": False, "vi": False}
    assert answer.scores == {"a": 0.75, "r": 0.5, "vi": 0.0}
    assert dict(answer.metadata)["tagger"] == "google-vision v1"
    assert dict(answer.metadata)["google-vision.spoof"] == "VERY_LIKELY"


def test_unknown_and_left_out_are_silent(site: StandIn) -> None:
    words = {"adult": "UNKNOWN", "racy": "A_NEW_WORD", "violence": "UNLIKELY"}
    site.replies.append(said({"responses": [{"safeSearchAnnotation": words}]}))
    (answer,) = tagger(site).tag([png()])
    assert (answer.tags, answer.scores) == ({"vi": False}, {"vi": 0.25})


def test_error_of_one_picture_in_a_good_answer_is_its_own(site: StandIn) -> None:
    bad = {"error": {"code": 3, "message": "Bad image data."}}
    good = {"safeSearchAnnotation": {"adult": "VERY_LIKELY"}}
    site.replies.append(said({"responses": [good, bad, good]}))
    answers = tagger(site).tag([png("red"), png("green"), png("blue")])
    assert [answer.error for answer in answers] == [None, "google-vision: Bad image data.", None]
    assert answers[0].tags == answers[2].tags == {"a": True}


def test_answer_about_too_few_pictures_is_not_shared_out(site: StandIn) -> None:
    site.replies.append(said({"responses": [{"safeSearchAnnotation": {"adult": "VERY_LIKELY"}}]}))
    answers = tagger(site).tag([png("red"), png("green")])
    assert len(site.asked) == 3, "each was asked about alone then"
    assert answers == [tagger(site).tag([png(color)])[0] for color in ("red", "green")]


def test_endpoint_of_a_region_is_taken_from_the_vendors_own_variable(
    site: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_VISION", site.url + "/")
    assert GoogleVision(key=KEY).tag([png()])[0].error is None


def test_error_of_one_picture_that_echoes_the_key_is_told_without_it(site: StandIn) -> None:
    site.replies.append(said({"responses": [{"error": {"message": f"Bad image  data. {KEY}"}}]}))
    assert tagger(site).tag([png()])[0].error == "google-vision: Bad image data. ***"
