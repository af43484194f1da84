"""A tagger's answer under a team's thresholds, whatever the tagger gave: score, flag, both or neither."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest
from cmtools.service.tagging import ask, held_to
from cmtools.taggers import FoundTerm, Tagger, Tagging

SHARES = st.floats(0, 1)
SAID = st.builds(
    Tagging,
    tags=st.dictionaries(st.sampled_from(["A", "r", "sc"]), st.booleans()),
    scores=st.dictionaries(st.sampled_from(["a", "r", "Sc"]), SHARES),
    metadata=st.just((("tagger", "x 1"),)),
)


class Always(Tagger):
    """Says the same of everything."""

    name, type = "always", "Image"

    def __init__(self, said: Tagging) -> None:
        super().__init__()
        self.said = said

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self.said for _ in items]


@pytest.mark.parametrize(("threshold", "on"), [(0.69, True), (0.7, True), (0.71, False), (0.0, True), (1.0, False)])
def test_tag_is_true_from_the_threshold_on(threshold: float, on: bool) -> None:
    assert held_to(Tagging({"a": not on}, {"a": 0.7}), {"a": threshold}).tags == {"a": on}


def test_threshold_0_is_one_and_takes_every_score() -> None:
    assert held_to(Tagging({"a": False}, {"a": 0.0}), {"a": 0.0}).tags == {"a": True}


def test_tag_with_a_score_alone_gets_a_value() -> None:
    assert held_to(Tagging({}, {"sc": 0.7, "r": 0.9}), {"sc": 0.5}).tags == {"sc": True}


def test_tag_without_a_score_is_as_the_tagger_said() -> None:
    said = Tagging({"a": True, "r": False}, terms=(FoundTerm(0, 0, "x"),))
    assert held_to(said, {"a": 1.0, "r": 0.0}) == said


def test_short_codes_meet_in_any_case_and_keep_the_taggers_spelling() -> None:
    held = held_to(Tagging({"SC": False}, {"Sc": 0.7}), {"sC": 0.5})
    assert (held.tags, held.metadata) == ({"SC": True}, (("Sc.threshold", "0.5"),))


def test_threshold_that_held_stands_before_what_the_tagger_tells() -> None:
    said = Tagging({"a": True}, {"a": 0.9, "r": 0.1}, (("tagger", "x 1"),))
    assert held_to(said, {"r": 0.05, "zz": 0.5}).metadata == (("r.threshold", "0.05"), ("tagger", "x 1"))


@given(said=SAID)
def test_team_without_thresholds_hears_what_the_tagger_said(said: Tagging) -> None:
    assert held_to(said, {}) == said


@given(said=SAID, thresholds=st.dictionaries(st.sampled_from(["a", "r", "SC"]), SHARES))
def test_scores_stay_and_a_value_is_by_the_threshold_or_the_taggers(
    said: Tagging, thresholds: dict[str, float]
) -> None:
    held = held_to(said, thresholds)
    scores = {code.lower(): score for code, score in said.scores.items()}
    limits = {code.lower(): limit for code, limit in thresholds.items() if code.lower() in scores}
    expected = {code.lower(): on for code, on in said.tags.items()}
    expected |= {code: scores[code] >= limit for code, limit in limits.items()}
    assert {code.lower(): on for code, on in held.tags.items()} == expected
    assert (held.scores, len(held.tags), held.metadata[-1]) == (said.scores, len(expected), ("tagger", "x 1"))


def test_score_beyond_1_is_refused_before_it_meets_a_threshold() -> None:
    with pytest.raises(BadRequest, match=r"the score 7\.0, which is not from 0 to 1"):
        ask(Always(Tagging(scores={"a": 7.0})), b"x", {"a": 0.5})
