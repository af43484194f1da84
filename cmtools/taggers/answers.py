"""Reads what a function, or a line of a file, says of tags: true, false, a score or nothing. It asks nobody."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from ..errors import BadTag
from ..tags import Tag, read_bool
from .tagging import Tagging, check_tagging

SILENT_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "<na>"})
"""Texts that say nothing of a tag."""

Limits = Callable[[str], float | None]
"""The threshold of a tag by its short code; None when there is none."""


def read_answer(answer: object, limits: Limits, where: str) -> Tagging:
    """What a function said of one item.

    Parameters
    ----------
    answer : dict, Tagging, Exception or None
        A dict is short code to true, false, a score, or None to say nothing, as does NaN; an infinite score is an
        error. A `Tagging` is taken as it is, once it is seen to keep to its contract. An exception is the reason why
        this one item has no tags; None says nothing of any tag.
    limits : callable
        Short code to threshold; a score of a tag that has none is an error.
    where : str
        Which item it is, for errors.

    Raises
    ------
    BadTag
        When the answer is nothing of that kind, names no short code, or a value is neither true, false nor a score;
        or a `Tagging` is one that `check_tagging` refuses.

    Examples
    --------
    >>> said = read_answer({"a": 0.93, "cat": True}, {"a": 0.8}.get, "item 1")
    >>> dict(said.tags), dict(said.scores)
    ({'a': True, 'cat': True}, {'a': 0.93})
    >>> read_answer(ValueError("too dark"), {}.get, "item 2").error
    'the tagger failed: too dark'
    """
    if isinstance(answer, Tagging):
        return check_tagging(answer, "the tagger", where)
    if isinstance(answer, Exception):
        return Tagging(error=f"the tagger failed: {str(answer) or type(answer).__name__}")
    if answer is not None and not isinstance(answer, Mapping):
        raise BadTag(f"the tagger returned {answer!r}; it must be a dict of short code to bool or score", where=where)
    tags: dict[str, bool] = {}
    scores: dict[str, float] = {}
    for code, value in (answer or {}).items():
        on, score = read_value(value, Tag(code).short_code, limits(code), where)
        if on is not None:
            tags[code] = on
        if score is not None:
            scores[code] = score
    return Tagging(tags, scores)


def read_value(value: object, code: str, limit: float | None, where: str) -> tuple[bool | None, float | None]:
    """Whether a tag is on, and its score; None for what is not said.

    Raises
    ------
    BadTag
        When it is a score without a threshold (1.0 too), or neither true nor false.

    Examples
    --------
    >>> read_value(0.3, "a", 0.5, "item 1"), read_value("yes", "a", 0.5, "item 1"), read_value(None, "a", 0.5, "item 1")
    ((False, 0.3), (True, None), (None, None))
    """
    if is_silent(value):
        return None, None
    score = None if isinstance(value, bool | np.bool_) else finite(value)
    if limit is not None and score is not None:
        return score >= limit, score
    if isinstance(value, float | np.floating):
        raise _without_threshold(value, code, where)
    on = score == 1 if score in (0, 1) else read_bool(value)
    if on is None and score is not None:
        raise _without_threshold(value, code, where)
    if on is None:
        raise BadTag(f"{value!r} is neither true nor false (true, false, yes, no, 1, 0, or nothing)", where=where)
    return on, None


def is_silent(value: object) -> bool:
    """Whether a value says nothing: None, not a number, a missing value of pandas, a blank or such a word."""
    if isinstance(value, str):
        return value.strip().lower() in SILENT_WORDS
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA is neither equal to itself nor different
        return True
    except ValueError:  # an array
        return False


def finite(value: object) -> float | None:
    """The finite number that a value is or spells; None when it is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _without_threshold(value: object, code: str, where: str) -> BadTag:
    return BadTag(
        f"{value!s} is a score, not true or false; say from which score on the tag is true, "
        f"such as threshold={{{code!r}: 0.5}}",
        where=where,
    )
