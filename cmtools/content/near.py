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
photographs of garments, no two of them the same, it took 42 for copies of another. `alike` looks closer, at colours and
how strong the light and dark is, and took 2 for copies. What is decided of one picture should be spread over others
only after both. A detail of less than about a twentieth of the picture, such as a few words, is nothing to either; and
a picture that is turned, mirrored or strongly cropped is another one to both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
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

CELLS = 10
"""A picture's look is so many cells in width and height, each of three bytes: red, green, blue."""
LEAST_ALIKE = 0.98
"""The least correlation of two looks."""
PASSED_OVER = 5
"""How many of the 100 cells, those that differ most, do not count: a mark in a corner makes no other picture."""
_COLOURLESS = 9 * CELLS * CELLS
"""A look whose colours differ from grey by less, added up, is compared without colours: it may be a copy in grey."""

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
    """Whether two looks are of the same picture, be it lighter or darker, in grey, or with a mark in a corner.

    The one is fitted to the other by a factor and an addend; the cells that then differ most are passed over, and the
    correlation of the others (over all three colours) is what counts.

    Parameters
    ----------
    one, other : bytes
        Cells of red, green and blue, as of a `Look`.

    Examples
    --------
    >>> slope = bytes(cell // 3 for cell in range(300))
    >>> alike(slope, bytes(2 * value + 9 for value in slope)), alike(slope, slope[::-1])
    (True, False)
    """
    if min(_colour(one), _colour(other)) < _COLOURLESS:
        first, second, width = _grey(one), _grey(other), 1
    else:
        first, second, width = list(one), list(other), 3
    middle, height, factor, _ = _fitted(first, second)
    gaps = [(b - height - factor * (a - middle)) ** 2 for a, b in zip(first, second, strict=True)]
    cells = [sum(gaps[start : start + width]) for start in range(0, len(gaps), width)]
    kept = sorted(range(len(cells)), key=cells.__getitem__)[: len(cells) - PASSED_OVER]
    places = [width * cell + channel for cell in kept for channel in range(width)]
    return _fitted([first[place] for place in places], [second[place] for place in places])[3] >= LEAST_ALIKE


def _fitted(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float, float]:
    """The means, the factor that fits the first to the second, and their correlation; 0 where one is all the same."""
    count = len(first)
    middle, height = sum(first) / count, sum(second) / count
    both = sum(map(mul, first, second)) - count * middle * height
    of_first = sum(map(mul, first, first)) - count * middle * middle
    of_second = sum(map(mul, second, second)) - count * height * height
    if of_first <= 0 or of_second <= 0:
        return middle, height, 0.0, 0.0
    return middle, height, both / of_first, both / (of_first * of_second) ** 0.5


def _grey(cells: bytes) -> list[float]:
    reds, greens, blues = cells[::3], cells[1::3], cells[2::3]
    return [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in zip(reds, greens, blues, strict=True)]


def _colour(cells: bytes) -> int:
    """By how much red and blue differ from green, over all cells."""
    reds, greens, blues = cells[::3], cells[1::3], cells[2::3]
    return sum(abs(red - green) + abs(blue - green) for red, green, blue in zip(reds, greens, blues, strict=True))


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
