"""A text as runs of letters and gaps, each with its place: what a word list is compared with. It knows no words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

GAP = " "
"""The one sign for whatever stands between two words."""

STANDS_FOR = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "€": "e", "£": "l",
}  # fmt: skip
"""Digits and signs, and the letters that they are written for."""

_GAPS = ("line", "space", "point")
_MOST_MARKS = 8  # accents on one letter that are looked at: ordering a long pile of them takes quadratic time
_APOSTROPHES = "'’‘ʼ"
_IGNORED = (
    (0x300, 0x36F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),  # accents on no letter of their own
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
    (0x1F3FB, 0x1F3FF),
)  # variants of signs, skin tones
_WITHOUT_SPACES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x309F), (0x3400, 0x4DBF),
                   (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))  # fmt: skip
"""Thai, Lao, Burmese, Khmer, Hiragana and Han: a word may start and end at any letter."""


@dataclass(frozen=True, slots=True)
class Run:
    """One letter as often as it is repeated, or one gap.

    Parameters
    ----------
    sign : str
        The letter or sign, folded; `GAP` for a gap.
    length : int
        How often it is repeated; of a gap, the characters in it that are no letters.
    start, end : int
        Its place in the text, in characters.
    kind : str
        ``"word"`` letters and digits; ``"alone"`` a sign that is a word by itself, such as an emoji, or a letter of a
        script without spaces; ``"sign"`` a sign that may stand for a letter; ``"space"`` and ``"point"`` gaps, with
        and without white space; ``"line"`` a gap with the end of a line.
    """

    sign: str
    length: int
    start: int
    end: int
    kind: str

    @property
    def letters(self) -> str:
        """The letters that it may stand for besides itself."""
        return STANDS_FOR.get(self.sign, "")

    @property
    def is_gap(self) -> bool:
        """Whether nothing of a word is in it."""
        return self.sign == GAP


def runs(text: str) -> list[Run]:
    """The runs of a text, in linear time: case, width, zero-width characters and stray accents make no difference.

    Accents that belong to a letter stay: ``é`` is not ``e``.

    Examples
    --------
    >>> [(run.sign, run.length, run.start) for run in runs("Ah-HAA!!")]
    [('a', 1, 0), ('h', 1, 1), (' ', 1, 2), ('h', 1, 3), ('a', 2, 4), ('!', 2, 6)]
    """
    found: list[Run] = []
    for sign, kind, start, end in _signs(text):
        last = found[-1] if found else None
        if last is None or sign != last.sign or kind == "alone":
            found.append(Run(sign, 1, start, end, kind))
        else:
            if sign == GAP:
                kind = min(kind, last.kind, key=_GAPS.index)
            found[-1] = Run(sign, last.length + 1, last.start, end, kind)
    return found


def _signs(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Every folded character with its kind and its place."""
    place = 0
    while place < len(text):
        start = place
        place += 1
        while place < len(text) and _belongs_to_the_last(text[place]):
            place += 1
        for sign, kind in _folded(text[start : min(place, start + 1 + _MOST_MARKS)]):
            yield sign, kind, start, place


@lru_cache(maxsize=10_000)
def _folded(cluster: str) -> tuple[tuple[str, str], ...]:
    """What a character with its accents is compared as; nothing when it cannot be seen."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    kinds = [(sign, _kind(sign)) for sign in plain]
    return tuple((_named(sign, kind), kind) for sign, kind in kinds if kind)


def _named(sign: str, kind: str) -> str:
    if kind in _GAPS:
        return GAP
    return "'" if sign in _APOSTROPHES else sign


def _kind(sign: str) -> str:
    """The kind of a folded character, empty when it is passed over."""
    category = unicodedata.category(sign)
    if sign in "\n\r\u2028\u2029":
        return "line"
    if sign.isspace():
        return "space"
    if category in ("Cf", "Cc") or _within(sign, _IGNORED):
        return ""
    if sign in _APOSTROPHES or (sign in STANDS_FOR and not sign.isdigit()):
        return "sign"
    if _within(sign, _WITHOUT_SPACES) or category == "So":
        return "alone"
    return "word" if category[0] in "LMN" else "point"


def _belongs_to_the_last(character: str) -> bool:
    """Whether it is an accent, or the end of a Korean syllable that is written in parts."""
    return character > "\u02ff" and (unicodedata.combining(character) > 0 or "\u1160" <= character <= "\u11ff")


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
