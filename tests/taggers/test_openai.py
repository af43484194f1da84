"""What is asked of OpenAI's moderation endpoint, and what its scores become."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools.errors import BadTagger
from cmtools.taggers.cloud import CALLS_AT_ONCE
from cmtools.taggers.openai import CATEGORIES, OpenAIModeration
from cmtools.taggers.patience import Patience
from cmtools.testing import ManualClock
from tests.tools.pictures import png

from .stand_in import KEY, OPENAI_CATEGORIES, OPENAI_OF_PICTURES, StandIn, said


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


def tagger(site: StandIn, type: str) -> OpenAIModeration:
    return OpenAIModeration(type=type, key=KEY, endpoint=site.url + "/v1")


def result(**scores: float) -> dict[str, object]:
    named = {name.replace("__", "/").replace("_", "-"): value for name, value in scores.items()}
    return {"category_scores": named, "categories": {name: value > 0.3 for name, value in named.items()}}


def test_texts_go_together_and_pictures_alone(site: StandIn) -> None:
    tagger(site, "Text").tag(["one", "two", "three"])
    tagger(site, "Image").tag([png("red"), png("blue")])
    texts, *pictures = site.asked
    assert texts.path == "/v1/moderations"
    assert texts.headers["authorization"] == f"Bearer {KEY}"
    assert texts.json == {"model": "omni-moderation-latest", "input": ["one", "two", "three"]}
    assert [[part["type"] for part in asked.json["input"]] for asked in pictures] == [["image_url"]] * 2
    assert all(asked.json["input"][0]["image_url"]["url"].startswith("data:image/png;base64,") for asked in pictures)


def test_many_texts_go_in_calls_of_at_most_32_and_few_bytes(site: StandIn) -> None:
    assert all(answer.error is None for answer in tagger(site, "Text")(["text"] * 70 + ["x" * 20_000] * 2))
    assert sorted(len(asked.json["input"]) for asked in site.asked) == [1, 7, 32, 32]


def test_tag_has_the_highest_score_of_its_categories(site: StandIn) -> None:
    results = [result(hate=0.1, hate__threatening=0.7, harassment=0.6, harassment__threatening=0.2, violence=0.4)]
    site.replies.append(said({"model": "omni-moderation-2024-09-26", "results": results}))
    (answer,) = tagger(site, "Text").tag(["text"])
    assert answer.scores == {"ha": 0.7, "hr": 0.6, "vi": 0.4}
    assert answer.tags == {"ha": True, "hr": True, "vi": False}
    about = dict(answer.metadata)
    assert about["tagger"] == "openai-moderation omni-moderation-2024-09-26"
    assert about["openai-moderation.hate/threatening"] == "0.7"
    assert about["openai-moderation.flagged"] == "hate/threatening, harassment, violence"


def test_picture_is_silent_of_what_the_cloud_does_not_see_in_pictures(site: StandIn) -> None:
    (answer,) = tagger(site, "Image").tag([png()])
    assert set(answer.tags) == {CATEGORIES[name] for name in OPENAI_OF_PICTURES} == {"a", "vi", "gr", "sh"}


def test_every_category_of_the_cloud_has_a_tag() -> None:
    assert set(CATEGORIES) == set(OPENAI_CATEGORIES)


def test_category_that_is_null_or_new_leaves_no_tag(site: StandIn) -> None:
    scores = {"illicit": None, "novelty": 0.9, "violence": 0.2}
    site.replies.append(said({"model": "m", "results": [{"category_scores": scores}]}))
    (answer,) = tagger(site, "Text").tag(["text"])
    assert answer.tags == {"vi": False}


def test_half_a_character_does_not_cost_the_others(site: StandIn) -> None:
    answers = tagger(site, "Text").tag(["good", "half \ud83d", "fine"])
    assert [answer.error for answer in answers] == [None] * 3
    assert site.asked[0].json["input"][1] == "half ?"


def test_part_of_the_key_that_the_cloud_shows_is_not_told(site: StandIn) -> None:
    error = OpenAIModeration(key="geheim-wrong", endpoint=site.url + "/v1").tag([png()])[0].error
    assert error == "openai-moderation: the key was refused with 401 (invalid_api_key); set one that may do this"


def test_quota_that_is_used_up_is_told_at_once_and_not_tried_again(site: StandIn) -> None:
    error = {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}
    site.judge = lambda asked: said({"error": error}, 429)
    own = tagger(site, "Text")
    expected = (
        "openai-moderation: it answered 429 (insufficient_quota: You exceeded your current quota.); see to the account"
    )
    assert {answer.error for answer in own.tag(["text"] * 70)} == {expected}
    assert len(site.asked) <= CALLS_AT_ONCE
    with pytest.raises(BadTagger, match="insufficient_quota"):
        own(["text"] * 70)


def test_haste_is_tried_again_and_told_with_the_clouds_words(site: StandIn) -> None:
    clock = ManualClock()
    error = {"message": "Rate limit reached.", "code": "rate_limit_exceeded"}
    site.judge = lambda asked: said({"error": error}, 429)
    own = OpenAIModeration(
        type="Text", key=KEY, endpoint=site.url + "/v1", patience=Patience(now=clock, sleep=clock.advance)
    )
    (answer,) = own.tag(["text"])
    assert answer.error == "openai-moderation: it answered 429 (rate_limit_exceeded: Rate limit reached.), 6 times"
