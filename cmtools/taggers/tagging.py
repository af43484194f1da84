"""What a tagger says of one item, and the one check of it, whoever says it. It tags nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import BadTag
from ..model import FoundTerm, Pairs
from ..tags import SCORE_SUFFIX, Tag

SLACK = 1e-6
"""How far beyond [0, 1] a score may lie: sums of 32-bit numbers are not exact."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a tagger says of one item.

    Parameters
    ----------
    tags : dict of short code to bool
        A tag that is not named is silent, not false.
    scores : dict of short code to float
        In [0, 1]; empty when the tagger has none.
    metadata : pairs of str
        Raw classes, the tagger's name and version. A key is neither the short code of a tag of this item nor
        ``<short code>.score``: those are written from `tags` and `scores`.
    terms : tuple of FoundTerm
        Words found in a text, in its order.
    error : str, optional
        Why this one item could not be tagged; then everything else is empty.

    Examples
    --------
    >>> Tagging(tags={"a": True}, scores={"a": 0.93}).error is None
    True
    """

    tags: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    metadata: Pairs = ()
    terms: tuple[FoundTerm, ...] = ()
    error: str | None = None


def clamped(score: float) -> float | None:
    """A score within [0, 1], to which rounding may have to be undone; None for what lies beyond, or is no number.

    Examples
    --------
    >>> clamped(0.5), clamped(1.0000001), clamped(1.1), clamped(float("nan"))
    (0.5, 1.0, None, None)
    """
    if not -SLACK <= score <= 1 + SLACK:
        return None
    return min(1.0, max(0.0, float(score)))


def check_tagging(said: Tagging, who: str, where: str | None = None) -> Tagging:
    """What a tagger said, with plain values, scores a rounding error beyond their range put back.

    Parameters
    ----------
    said : Tagging
    who : str
        The tagger, as errors begin.
    where : str, optional
        Which item it is, for errors.

    Raises
    ------
    BadTag
        A code is no short code or comes twice, a value is neither true nor false, a score is not from 0 to 1, or
        metadata is no pairs of texts or repeats a tag.

    Examples
    --------
    >>> dict(check_tagging(Tagging(scores={"a": 1.0000001}), "the tagger 'mine'").scores)
    {'a': 1.0}
    >>> check_tagging(Tagging({"a": True}, metadata=(("a", "False"),)), "the tagger 'mine'")
    Traceback (most recent call last):
    cmtools.errors.BadTag: the tagger 'mine' has the tag 'a' and metadata 'a' too; give the metadata another name
    """
    if said.error is not None:
        return said if isinstance(said.error, str) else replace(said, error=str(said.error))
    codes = _codes(said.tags, who, where) | _codes(said.scores, who, where)
    tags = {code: _flag(on, code, who, where) for code, on in said.tags.items()}
    scores = {code: _score(score, code, who, where) for code, score in said.scores.items()}
    return replace(said, tags=tags, scores=scores, metadata=_metadata(said.metadata, codes, who, where))


def _codes(values: object, who: str, where: str | None) -> dict[str, str]:
    """The short codes by their lower case."""
    if not isinstance(values, Mapping):
        raise BadTag(f"{who} gave {values!r}; tags and scores are dicts with short codes as keys", where=where)
    found: dict[str, str] = {}
    for code in values:
        try:
            known = found.setdefault(Tag(code).short_code.lower(), code)
        except BadTag as error:
            raise BadTag(f"{who} gave a tag that is none: {error.message}", where=where) from None
        if known != code:
            raise BadTag(f"{who} gave {known!r} and {code!r}, which are one tag; give it once", where=where)
    return found


def _flag(on: object, code: str, who: str, where: str | None) -> bool:
    if isinstance(on, bool | np.bool_):
        return bool(on)
    raise BadTag(f"{who} gave {code!r} the value {on!r}; a tag is True or False, a number goes to scores", where=where)


def _score(score: object, code: str, who: str, where: str | None) -> float:
    try:
        number = math.nan if isinstance(score, bool | str) else float(score)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if (kept := clamped(number)) is None:
        raise BadTag(f"{who} gave {code!r} the score {score}, which is not from 0 to 1", where=where)
    return kept


def _metadata(pairs: object, codes: Mapping[str, str], who: str, where: str | None) -> Pairs:
    checked: list[tuple[str, str]] = []
    for pair in pairs if isinstance(pairs, tuple | list) else [pairs]:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise BadTag(
                f"{who} gave the metadata {pair!r}; it takes pairs of two texts: (('key', 'value'),)", where=where
            )
        key, value = pair
        code = codes.get(key.lower().removesuffix(SCORE_SUFFIX))
        if code is not None:
            raise BadTag(
                f"{who} has the tag {code!r} and metadata {key!r} too; give the metadata another name", where=where
            )
        checked.append((key, value))
    return tuple(checked)
