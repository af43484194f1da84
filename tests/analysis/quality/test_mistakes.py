"""The four kinds of errors, from the tags that were set and those that should have been."""

from __future__ import annotations

import numpy as np
import pytest

from cmtools.analysis.quality.mistakes import kinds_of


@pytest.mark.parametrize(
    ("said", "truth", "kind"),
    [
        ([0, 0], [0, 0], "right"),
        ([1, 0], [1, 0], "right"),
        ([1, 0], [0, 0], "false_positive"),
        ([0, 0], [0, 1], "false_negative"),
        ([1, 0], [0, 1], "wrong_selection"),
        ([1, 1], [1, 0], "wrong_selection"),
        ([1, 0], [1, 1], "wrong_selection"),
        ([1, 0], [np.nan, 0], "right"),
        ([1, 0], [np.nan, 1], "false_negative"),
    ],
)
def test_a_review_has_one_kind(said: list[int], truth: list[float], kind: str) -> None:
    review, no = np.zeros(2, dtype=int), np.zeros(2, dtype=bool)
    kinds, judged = kinds_of(review, np.array(said) == 1, np.array(truth, dtype=float), no)
    assert kinds.tolist() == [kind]
    assert judged.tolist() == [True]


def test_what_is_technical_is_that_before_all_else() -> None:
    review, on = np.zeros(2, dtype=int), np.array([True, False])
    kinds, judged = kinds_of(review, on, np.array([0.0, 1.0]), np.array([True, True]))
    assert (kinds.tolist(), judged.tolist()) == (["technical"], [True])


def test_a_review_of_which_nothing_is_known_is_not_judged() -> None:
    _, judged = kinds_of(np.zeros(1, dtype=int), np.array([True]), np.array([np.nan]), np.array([False]))
    assert judged.tolist() == [False]
