"""Which pictures look the same: groups by their difference hashes, and a closer look. It reads no picture.

What a group is
---------------
Pictures are taken in the order given. Each joins the group whose *first* picture it differs least from, if that is in
no more than `MOST_DIFFERENT` of 64 bits, and else begins a group of its own. So whatever is said of the first is said
of pictures that look like the first. Groups that also took in what looks like any of their members would not hold that:
of pictures that change little by little they make one chain, the ends of which have nothing in common.

What a hash cannot see
----------------------
A difference hash knows 8 x 8 places of light and dark. All shirts that lie on a bed are much the same to it: of 1,200
photographs of garments, no two of them the same, it took 42 for copies of another, and to it all pages of text are one.
`alike` looks closer, and took none for copies. A copy that is set aside is seen by nobody, so it is strict: of 48 by 48
places there must be none where the pictures differ.

Measured on 54 photographs of 300 to 640 pixels and 60 pages, screens and captions (in brackets: 200 photographs of 150
x 200 pixels), it finds of copies saved again at quality 90 95% or more (100%), at quality 30 92% (92%), as PNG all
(all), as WebP 99% (all), at half the size 96% (45%), at twice the size 96% (all), darker by a fifth 92% (all).
Where brightness or contrast is raised until parts are all white or black, it finds a quarter. Copies that are cropped,
turned, mirrored, marked in a corner or made grey are no copies to it.

Of 720 pairs that differ in their words alone (a caption, one sentence on a screen, a page of text, 14 to 40 pixels
high) it took none for copies but one whose captions began with the same word and were cut off behind it. Letters lower
than about a sixtieth of the picture's height may go unseen: of pairs of screens that differ in one such sentence it
took up to 10% for copies, and a third where they are lower than a hundredth. A picture in colours so faint that they
hardly show is a copy of itself in grey.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from operator import mul
from typing import Generic, NamedTuple, TypeVar

from ..errors import BadRequest

BITS = 64
SIDE = 8
MOST_DIFFERENT = 6
"""How many of the 64 bits of two hashes may differ for the pictures to count as near-duplicates."""
MOST_LOOKED_AT = 7
"""How many may where a closer look decides: what a hash alone would take for a copy too often."""
MOST_ALLOWED = 12
"""Beyond this many bits, pictures that have nothing in common are taken for the same."""
MOST_COMPARED = 50
"""With how many firsts, the nearest by their hashes, a picture is compared closely before it is a first itself."""

CELLS = 48
"""A picture's look is so many cells of light in width and height, each a byte."""
COLOUR_CELLS = 12
"""Behind them come so many in width and height of blue against yellow, then as many of red against green; 128 is grey.
"""
LEAST_ALIKE = 0.98
"""The least correlation of two looks, in light: what tells pictures of little contrast apart."""
MOST_APART = 8
"""By how much (of 255) no cell's light may differ, brightness and contrast set aside."""
MOST_COLOUR_APART = 6
"""By how much no cell's colour may."""
MOST_CONTRAST = 2
"""How many times the contrast of the other a copy may have."""

K = TypeVar("K", bound=Hashable)


class Look(NamedTuple):
    """What is known of a picture to tell whether another is the same: its difference hash, or empty, and its cells."""

    hash: str
    cells: bytes


def near_groups(
    hashes: Mapping[K, str | None],
    most_different: int = MOST_DIFFERENT,
    same: Callable[[K, K], bool] | None = None,
) -> list[dict[K, int]]:
    """Groups of at least two pictures that look the same, in the order given.

    Parameters
    ----------
    hashes : mapping
        Name -> 16 hexadecimal digits, or nothing where there is no hash: such a picture is like no other.
    most_different : int
        Bits in which a picture may differ from the first of its group, 0 to 12.
    same : callable, optional
        Takes the names of a first and of a picture that is near to it, and says whether it is the same at a closer
        look. Of several firsts the nearest that it agrees to is taken.

    Returns
    -------
    list of dict
        Each group's names with the bits in which they differ from the first, which is 0 of the first itself.

    Raises
    ------
    BadRequest
        When ``most_different`` is no such number.

    Examples
    --------
    >>> near_groups({"x": "00000000000000ff", "y": "ffffffff00000000", "z": "00000000000000fc", "w": None})
    [{'x': 0, 'z': 2}]
    """
    firsts: _Firsts[K] = _Firsts(most_different)
    groups: dict[K, dict[K, int]] = {}
    for name, text in hashes.items():
        if not text:
            continue
        value = int(text, 16)
        for distance, first in firsts.near(value)[:MOST_COMPARED]:
            if same is None or same(first, name):
                groups[first][name] = distance
                break
        else:
            firsts.add(value, name)
            groups[name] = {name: 0}
    return [group for group in groups.values() if len(group) > 1]


def alike(one: bytes, other: bytes) -> bool:
    """Whether two looks are of the same picture: nowhere different, save that one may be brighter or of more contrast.

    The light of the one is fitted to the other's by a factor and an addend. What then still differs is measured in the
    look that has the more contrast, and the cell that differs most decides, not their mean: a few words are few cells.

    Parameters
    ----------
    one, other : bytes
        Cells, as of a `Look`.

    Examples
    --------
    >>> slope = bytes(cell // 20 for cell in range(48 * 48)) + bytes([128] * 288)
    >>> brighter = bytes(value + 9 for value in slope[:2304]) + slope[2304:]
    >>> alike(slope, brighter), alike(slope, bytes([90]) + slope[1:])
    (True, False)
    """
    light = CELLS * CELLS
    first, second = one[:light], other[:light]
    middle, height, factor, correlation = _fitted(first, second)
    if correlation < LEAST_ALIKE or not 1 / MOST_CONTRAST <= factor <= MOST_CONTRAST:
        return False
    scale = min(1.0, factor)
    addend = height - factor * middle
    gaps = [b - factor * a for a, b in zip(first, second, strict=True)]
    if max(max(gaps) - addend, addend - min(gaps)) > MOST_APART * scale:
        return False
    colours = zip(one[light:], other[light:], strict=True)
    return all(abs(b - 128 - factor * (a - 128)) <= MOST_COLOUR_APART * scale for a, b in colours)


def _fitted(first: bytes, second: bytes) -> tuple[float, float, float, float]:
    """The means, the factor that fits the first to the second, and their correlation; 0 where one is all the same."""
    count = len(first)
    middle, height = sum(first) / count, sum(second) / count
    both = sum(map(mul, first, second)) - count * middle * height
    of_first = sum(map(mul, first, first)) - count * middle * middle
    of_second = sum(map(mul, second, second)) - count * height * height
    if of_first <= 0 or of_second <= 0:
        return middle, height, 0.0, 0.0
    return middle, height, both / of_first, both / (of_first * of_second) ** 0.5


class _Firsts(Generic[K]):
    """The first pictures of all groups so far, found again by hashes that differ in a few bits.

    The 64 bits are dealt into parts, half as many as bits may differ and one more: then two hashes that are near differ
    in at most one bit of some part (the pigeonhole principle). So only those are compared that agree in a part, or
    would with one of its bits turned.
    """

    def __init__(self, most_different: int) -> None:
        if isinstance(most_different, bool) or most_different not in range(MOST_ALLOWED + 1):
            raise BadRequest(f"most_different is {most_different!r}; it takes a whole number from 0 to {MOST_ALLOWED}")
        self._most = int(most_different)
        self._names: list[K] = []
        self._places: dict[int, list[int]] = {}
        self._parts: list[tuple[list[int], int, dict[int, list[int]]]] = [
            ([0, *bits], sum(bits), {}) for bits in _dealt(self._most // 2 + 1)
        ]

    def near(self, value: int) -> list[tuple[int, K]]:
        """Those that differ in few enough bits, with how many these are: the least first, then the earliest."""
        most, found = self._most, dict[int, int]()
        for turned, mask, table in self._parts:
            key = value & mask
            for bit in turned:
                for first in table.get(key ^ bit, ()):
                    if (value ^ first).bit_count() <= most:
                        found[first] = (value ^ first).bit_count()
        order = sorted((distance, place) for first, distance in found.items() for place in self._places[first])
        return [(distance, self._names[place]) for distance, place in order]

    def add(self, value: int, name: K) -> None:
        """Put down another first."""
        if value not in self._places:
            for _, mask, table in self._parts:
                table.setdefault(value & mask, []).append(value)
        self._places.setdefault(value, []).append(len(self._names))
        self._names.append(name)


def _dealt(parts: int) -> Iterator[list[int]]:
    """The 64 bits in so many parts. Neighbours in the picture, which are often alike, go to different ones."""
    bits = sorted(range(BITS), key=lambda bit: ((bit % SIDE + 3 * (bit // SIDE)) % SIDE, bit // SIDE))
    for part in range(parts):
        yield [1 << bit for bit in bits[BITS * part // parts : BITS * (part + 1) // parts]]
