"""Kinds of errors in a review: set where nothing should be, nothing where something should, something else, technical.

It knows answers and what they should have been, and no reviewer's name.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..ratings.patterns import Codes
from .opinions import Truths

RIGHT = "right"
KINDS = {
    "false_positive": "a tag was set on content that should have none",
    "false_negative": "no tag was set on content that should have one",
    "wrong_selection": "tags were set, but other ones than should be",
    "technical": "something else came between, such as a picture that did not load; what was answered is no matter",
}
"""The four kinds, with their meaning in words.

They are those of the Trust & Safety Professional Association, Trust and Safety Curriculum, chapter "Content Moderation
Quality Assurance" (tspa.org/curriculum/ts-fundamentals/content-moderation-and-operations), where actions are what tags
are here.
"""

_Bools = npt.NDArray[np.bool_]


def kinds_of(review: Codes, on: _Bools, truth: Truths, technical: _Bools) -> tuple[npt.NDArray[np.str_], _Bools]:
    """The kind of each review's error, `RIGHT` where there is none, and which reviews can be judged at all.

    Parameters
    ----------
    review : ndarray of int
        The review of each answer: of one reviewer, counted from 0.
    on : ndarray of bool
        What was answered.
    truth : ndarray of float
        What it should have been: 1, 0 or NaN. Tags of which that is not known do not count.
    technical : ndarray of bool
        Whether the answer's review went wrong technically.

    Examples
    --------
    >>> review, on = np.array([0, 0, 1, 1, 2, 2]), np.array([True, False, False, False, True, False])
    >>> kinds_of(review, on, np.array([0.0, 0, 0, 1, 0, 1]), np.zeros(6, dtype=bool))[0].tolist()
    ['false_positive', 'false_negative', 'wrong_selection']
    """
    size = int(review.max(initial=-1)) + 1
    known = ~np.isnan(truth)

    def some(which: _Bools) -> _Bools:
        return np.bincount(review, weights=which, minlength=size) > 0

    said, should = some(known & on), some(known & (truth == 1))
    wrong, broken = some(known & (on != (truth == 1))), some(technical)
    kind = np.select(
        [broken, ~wrong, ~should, ~said],
        ["technical", RIGHT, "false_positive", "false_negative"],
        "wrong_selection",
    )
    return kind, some(known) | broken
