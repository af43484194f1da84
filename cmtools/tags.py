"""Tags and tag sets: which metadata keys are tags, and what a value says. It knows no reviews and no wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real

from .errors import BadTag

TRUE_SPELLINGS = frozenset({"true", "1", "1.0", "yes", "y", "on", "t"})
FALSE_SPELLINGS = frozenset({"false", "0", "0.0", "no", "n", "off", "f"})
SHORT_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")
SCORE_SUFFIX = ".score"
THRESHOLD_SUFFIX = ".threshold"
"""Metadata under ``<short code>.threshold`` says which threshold of the team's own held."""
VENDOR_SCORE_KEYS = {"adultscore": "a", "racyscore": "r"}
"""Score keys of the retired service's own samples, for its two tags."""
MOST_MEANINGS = 10_000
"""Of so many keys a tag set keeps what they mean to it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One judgement that is on or off.

    Parameters
    ----------
    short_code : str
        Its key: a letter, then at most 15 letters, digits, ``-`` or ``_``.
    name : str
        What a reviewer reads on the chip, such as ``isracy``.
    description : str
        A sentence for the tooltip; may be empty.
    visible : bool
        Whether reviewers see it.
    threshold : float, optional
        From which score on, in [0, 1], the team takes it as true, whatever tagger gave the score; None leaves that to
        the tagger.

    Raises
    ------
    BadTag
        The short code is none, or the threshold is no number from 0 to 1.
    """

    short_code: str
    name: str = ""
    description: str = ""
    visible: bool = True
    threshold: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.short_code, str) or not SHORT_CODE.fullmatch(self.short_code):
            raise BadTag(
                f"{self.short_code!r} is no short code: it takes a letter, then at most 15 letters, digits, '-' or '_'"
            )
        if not self.name:
            object.__setattr__(self, "name", self.short_code)
        if self.threshold is not None:
            object.__setattr__(self, "threshold", check_threshold(self.threshold, self.short_code))


def check_threshold(threshold: object, short_code: str) -> float | None:
    """A tag's threshold as a plain number, or None; `BadTag` for anything that is neither.

    Examples
    --------
    >>> check_threshold(1, "a"), check_threshold(None, "a")
    (1.0, None)
    >>> check_threshold(70, "a")
    Traceback (most recent call last):
    cmtools.errors.BadTag: the threshold of 'a' is 70: it takes a number from 0 to 1, or None for the tagger's own
    """
    if threshold is None:
        return None
    if isinstance(threshold, Real) and not isinstance(threshold, bool) and 0 <= float(threshold) <= 1:
        return float(threshold)
    raise BadTag(
        f"the threshold of {short_code!r} is {threshold!r}: it takes a number from 0 to 1, or None for the tagger's own"
    )


BUILT_IN = (
    Tag("a", "isadult", "Sexually explicit content"),
    Tag("r", "isracy", "Sexually suggestive content"),
)
"""The two tags that every team has and that cannot be removed."""


class TagSet(Mapping[str, Tag]):
    """A team's tags, by short code in any case, in order: ``a`` and ``r`` first.

    Examples
    --------
    >>> tags = TagSet([Tag("sc", "isscreenshot")])
    >>> list(tags)
    ['a', 'r', 'sc']
    >>> tags.auto_tags([("SC", "true"), ("A", "False"), ("model", "v2")])
    {'sc': True, 'a': False}
    """

    def __init__(self, tags: Iterable[Tag] = ()) -> None:
        self._tags: dict[str, Tag] = {}
        for tag in (*BUILT_IN, *tags):
            self._tags[tag.short_code.lower()] = tag
        self._meanings: dict[str, tuple[str, bool] | None] = {}

    def __getitem__(self, short_code: str) -> Tag:
        return self._tags[short_code.lower()]

    def __contains__(self, short_code: object) -> bool:
        return isinstance(short_code, str) and short_code.lower() in self._tags

    def __iter__(self) -> Iterator[str]:
        return (tag.short_code for tag in self._tags.values())

    def __len__(self) -> int:
        return len(self._tags)

    def __repr__(self) -> str:
        return f"TagSet({', '.join(f'{tag.short_code} ({tag.name})' for tag in self._tags.values())})"

    @property
    def visible(self) -> tuple[Tag, ...]:
        """The tags that reviewers see, in order."""
        return tuple(tag for tag in self._tags.values() if tag.visible)

    @property
    def thresholds(self) -> dict[str, float]:
        """From which score on a tag is true, for the tags that the team has set it for: ``make_drafts(threshold=...)``.

        Examples
        --------
        >>> TagSet([Tag("r", threshold=0.6), Tag("sc")]).thresholds
        {'r': 0.6}
        """
        return {tag.short_code: tag.threshold for tag in self._tags.values() if tag.threshold is not None}

    def require(self, short_code: str) -> Tag:
        """The tag, or `BadTag` naming it, the tags there are and how to add one."""
        if short_code in self:
            return self[short_code]
        raise BadTag(
            f"the team has no tag {short_code!r}; it has {', '.join(self)}. "
            f"Add it with client.add_tag({short_code!r}), or create with new_tags=True"
        )

    def auto_tags(self, metadata: Iterable[tuple[str, str]]) -> dict[str, bool]:
        """The auto tags that metadata names, in its order; one that it does not name is left out (*silent*, not false).

        A value that is neither true nor false counts as silent; of a repeated key the last one counts.
        """
        return self.judged(metadata)[0]

    def scores(self, metadata: Iterable[tuple[str, str]]) -> dict[str, float]:
        """The classifier's score per tag, where metadata has it under ``<short code>.score`` (or the vendor's own key).

        Examples
        --------
        >>> TagSet().scores([("a", "False"), ("a.score", "0.013"), ("racyScore", "0.5")])
        {'a': 0.013, 'r': 0.5}
        """
        return self.judged(metadata)[1]

    def judged(self, metadata: Iterable[tuple[str, str]]) -> tuple[dict[str, bool], dict[str, float]]:
        """The auto tags and the scores, in one go through the pairs."""
        tags: dict[str, bool] = {}
        scores: dict[str, float] = {}
        for key, value in metadata:
            try:
                meaning = self._meanings[key]
            except KeyError:
                meaning = self._meaning(key)
            if meaning is None:
                continue
            code, is_score = meaning
            if is_score:
                try:
                    scores[code] = float(value)
                except ValueError:
                    continue
            elif (on := _read_text(value)) is not None:
                tags[code] = on
        return tags, scores

    def _meaning(self, key: str) -> tuple[str, bool] | None:
        """Which tag a key of metadata is about, and whether it is its score; kept, for the same few keys come again."""
        lower = key.lower()
        if lower in self._tags:
            meaning: tuple[str, bool] | None = (self._tags[lower].short_code, False)
        else:
            code = lower.removesuffix(SCORE_SUFFIX) if lower.endswith(SCORE_SUFFIX) else VENDOR_SCORE_KEYS.get(lower)
            meaning = None if code is None or code not in self._tags else (self._tags[code].short_code, True)
        if len(self._meanings) < MOST_MEANINGS:
            self._meanings[key] = meaning
        return meaning


def read_bool(value: object) -> bool | None:
    """True or false as people and programs spell it; None for anything else.

    Examples
    --------
    >>> [read_bool(v) for v in ("True", "false", 1, 0.0, "maybe", None)]
    [True, False, True, False, None, None]
    """
    if isinstance(value, bool):
        return value
    if value is None:
        return None
    text = str(value).strip().lower()
    if text in TRUE_SPELLINGS:
        return True
    return False if text in FALSE_SPELLINGS else None


@lru_cache(maxsize=256)
def _read_text(text: str) -> bool | None:
    return read_bool(text)


def other_metadata(metadata: Iterable[tuple[str, str]], codes: Iterable[str]) -> dict[str, str]:
    """Metadata without what is about these tags (by short code, in any case) and without the vendor's own scores.

    Of a repeated key the last value counts.

    Examples
    --------
    >>> other_metadata([("A", "true"), ("a.score", "0.2"), ("model", "v1"), ("model", "v2")], ["a", "r"])
    {'model': 'v2'}
    """
    tags = {code.lower() for code in codes}
    ours = tags | {code + SCORE_SUFFIX for code in tags} | VENDOR_SCORE_KEYS.keys()
    return {key: value for key, value in metadata if key.lower() not in ours}


def write_bool(value: bool) -> str:
    """The spelling of the service's own answers: ``"True"`` or ``"False"``."""
    return "True" if value else "False"
