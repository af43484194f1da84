"""Groups of near-duplicates are those that comparing all pairs would give, and are found in no time."""

from __future__ import annotations

import random
import time

from cmtools.widgets.near import MOST_DIFFERENT, near_groups


def _hashes(count: int, seed: int) -> dict[str, str | None]:
    """Random hashes, some of them a few bits away from another."""
    chance = random.Random(seed)
    values = [chance.getrandbits(64) for _ in range(count)]
    for place in range(0, count, 5):
        flips = sum(1 << bit for bit in chance.sample(range(64), chance.randint(0, MOST_DIFFERENT + 3)))
        values[place] = values[(place + 1) % count] ^ flips
    return {f"r{place}": f"{value:016x}" for place, value in enumerate(values)}


def _by_all_pairs(hashes: dict[str, str | None]) -> set[frozenset[str]]:
    groups = [{name} for name in hashes]
    names = list(hashes)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            if (int(hashes[first] or "", 16) ^ int(hashes[second] or "", 16)).bit_count() > MOST_DIFFERENT:
                continue
            ours = [group for group in groups if first in group or second in group]
            groups = [group for group in groups if group not in ours] + [set().union(*ours)]
    return {frozenset(group) for group in groups if len(group) > 1}


def test_groups_are_those_of_all_pairs() -> None:
    for seed in range(5):
        hashes = _hashes(120, seed)
        assert {frozenset(group) for group in near_groups(hashes)} == _by_all_pairs(hashes)


def test_groups_and_their_members_keep_the_order_of_the_screen() -> None:
    same, other = "0" * 16, "f" * 16
    assert near_groups({"d": other, "a": same, "b": None, "c": other, "e": same}) == [["d", "c"], ["a", "e"]]


def test_pictures_without_a_hash_are_like_none() -> None:
    assert near_groups({"a": None, "b": None}) == []


def test_five_thousand_take_little_even_when_many_are_flat() -> None:
    hashes = _hashes(4000, 9) | {f"flat{place}": f"{place:016x}" for place in range(1000)}
    started = time.process_time()
    near_groups(hashes)
    assert time.process_time() - started < 5
