"""Tags and tag sets: which metadata keys are tags, and what a value says. It knows no reviews and no wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .errors import BadTag

TRUE_SPELLINGS = frozenset({"true", "1", "1.0", "yes", "y", "on", "t"})
FALSE_SPELLINGS = frozenset({"false", "0", "0.0", "no", "n", "off", "f"})
SHORT_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")
SCORE_SUFFIX = ".score"
VENDOR_SCORE_KEYS = {"adultscore": "a", "racyscore": "r"}
"""Score keys of the retired service's own samples, for its two tags."""


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
    """

    short_code: str
    name: str = ""
    description: str = ""
    visible: bool = True

    def __post_init__(self) -> None:
        if not SHORT_CODE.fullmatch(self.short_code):
            raise BadTag(
                f"{self.short_code!r} is no short code: it takes a letter, then at most 15 letters, digits, '-' or '_'"
            )
        if not self.name:
            object.__setattr__(self, "name", self.short_code)


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
        found: dict[str, bool] = {}
        for key, value in metadata:
            if key in self and (on := read_bool(value)) is not None:
                found[self[key].short_code] = on
        return found

    def scores(self, metadata: Iterable[tuple[str, str]]) -> dict[str, float]:
        """The classifier's score per tag, where metadata has it under ``<short code>.score`` (or the vendor's own key).

        Examples
        --------
        >>> TagSet().scores([("a", "False"), ("a.score", "0.013"), ("racyScore", "0.5")])
        {'a': 0.013, 'r': 0.5}
        """
        found: dict[str, float] = {}
        for key, value in metadata:
            lower = key.lower()
            code = lower.removesuffix(SCORE_SUFFIX) if lower.endswith(SCORE_SUFFIX) else VENDOR_SCORE_KEYS.get(lower)
            if code is None or code not in self:
                continue
            try:
                found[self[code].short_code] = float(value)
            except ValueError:
                continue
        return found


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


def write_bool(value: bool) -> str:
    """The spelling of the service's own answers: ``"True"`` or ``"False"``."""
    return "True" if value else "False"
