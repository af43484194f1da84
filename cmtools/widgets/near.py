"""Which pictures look the same: groups by their difference hashes. It reads no picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

BITS = 64
MOST_DIFFERENT = 6
"""How many of the 64 bits of two hashes may differ for the pictures to count as near-duplicates."""

MOST_OF_A_BUCKET = 400
"""Beyond this many different hashes that share a part, that part tells nothing: flat pictures, say."""


def near_groups(hashes: Mapping[str, str | None]) -> list[list[str]]:
    """Groups of at least two whose hashes differ little, directly or by way of others; in the order given.

    Two hashes that differ in at most 6 bits are equal in at least one of 7 parts (the pigeonhole principle), so only
    those that share a part are compared: 5,000 take milliseconds.

    Parameters
    ----------
    hashes : mapping
        Review id -> 16 hexadecimal digits, or None where there is no hash.

    Examples
    --------
    >>> near_groups({"x": "00000000000000ff", "y": "ffffffff00000000", "z": "00000000000000f0", "w": None})
    [['x', 'z']]
    """
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for name, text in hashes.items():
        if text:
            alike[int(text, 16)].append(name)
    parents = {value: value for value in alike}
    for first, second in _candidates(list(alike)):
        if (first ^ second).bit_count() <= MOST_DIFFERENT:
            parents[_root(parents, second)] = _root(parents, first)
    groups: defaultdict[int, list[str]] = defaultdict(list)
    places = {name: place for place, name in enumerate(hashes)}
    for value, names in alike.items():
        groups[_root(parents, value)] += names
    found = [sorted(group, key=places.__getitem__) for group in groups.values() if len(group) > 1]
    return sorted(found, key=lambda group: places[group[0]])


def _candidates(values: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs that share a part."""
    parts = MOST_DIFFERENT + 1
    edges = [BITS * part // parts for part in range(parts + 1)]
    for low, high in pairwise(edges):
        buckets: defaultdict[int, list[int]] = defaultdict(list)
        for value in values:
            buckets[value >> low & (1 << high - low) - 1].append(value)
        for bucket in buckets.values():
            if len(bucket) > MOST_OF_A_BUCKET:
                continue
            for place, first in enumerate(bucket):
                for second in bucket[place + 1 :]:
                    yield first, second


def _root(parents: dict[int, int], value: int) -> int:
    while parents[value] != value:
        parents[value] = parents[parents[value]]
        value = parents[value]
    return value
