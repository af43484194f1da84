"""Groups of near-duplicates: those that comparing with every first would give, found in no time, and no chains."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import pytest

from cmtools.content.near import (
    MOST_ALLOWED,
    MOST_APART,
    MOST_COLOUR_APART,
    MOST_COMPARED,
    MOST_DIFFERENT,
    alike,
    near_groups,
)
from cmtools.errors import BadRequest


def some_hashes(count: int, seed: int, flips: int = MOST_DIFFERENT + 3) -> dict[str, str | None]:
    """Random hashes, some of them a few bits away from another."""
    chance = random.Random(seed)
    values = [chance.getrandbits(64) for _ in range(count)]
    for place in range(0, count, 5):
        turned = sum(1 << bit for bit in chance.sample(range(64), chance.randint(0, flips)))
        values[place] = values[(place + 1) % count] ^ turned
    return {f"r{place}": f"{value:016x}" for place, value in enumerate(values)}


def apart(one: str | None, other: str | None) -> int:
    return (int(one or "", 16) ^ int(other or "", 16)).bit_count()


def by_all_firsts(hashes: Mapping[str, str | None], most: int) -> list[dict[str, int]]:
    """The same by the rule alone: each is compared with every first there is."""
    groups: dict[str, dict[str, int]] = {}
    for name, value in hashes.items():
        distances = {first: apart(hashes[first], value) for first in groups}
        best = min(distances, key=distances.__getitem__, default=None)
        if best is not None and distances[best] <= most:
            groups[best][name] = distances[best]
        else:
            groups[name] = {name: 0}
    return [group for group in groups.values() if len(group) > 1]


@pytest.mark.parametrize("most", range(MOST_ALLOWED + 1))
def test_groups_are_those_of_the_rule(most: int) -> None:
    for seed in range(4):
        hashes = some_hashes(150, seed, most + 4)
        found = near_groups(hashes, most)
        assert found == by_all_firsts(hashes, most)
        assert found


def test_closer_look_decides_and_the_next_first_is_asked() -> None:
    kinds = {"cup": "cup", "cat": "cat", "cup again": "cup", "cat again": "cat", "dog": "dog"}
    hashes = dict.fromkeys(kinds, "00000000000000ff") | {"cat again": "00000000000000fe"}
    groups = near_groups(hashes, same=lambda first, other: kinds[first] == kinds[other])
    assert groups == [{"cup": 0, "cup again": 0}, {"cat": 0, "cat again": 1}]


def test_hostile_lot_of_one_hash_is_not_compared_each_with_each() -> None:
    asked = 0

    def never(_first: int, _other: int) -> bool:
        nonlocal asked
        asked += 1
        return False

    assert near_groups(dict.fromkeys(range(1000), "00000000000000ff"), same=never) == []
    assert asked <= 1000 * MOST_COMPARED


def test_groups_and_their_members_keep_the_order_given() -> None:
    same, other = "0" * 16, "f" * 16
    groups = near_groups({"d": other, "a": same, "b": None, "c": other, "e": same})
    assert [list(group) for group in groups] == [["d", "c"], ["a", "e"]]


def test_pictures_without_a_hash_are_like_none() -> None:
    assert near_groups({"a": None, "b": None, "c": "", "d": ""}) == []


def test_a_picture_goes_to_the_first_that_it_is_most_like() -> None:
    hashes = {"far": "000000000000001f", "near": "0000000000000fe0", "it": "00000000000003e0"}
    assert apart(hashes["far"], hashes["near"]) > MOST_DIFFERENT
    assert near_groups(hashes) == [{"near": 0, "it": 2}]
    middle = {"one": "0000000000000000", "two": "0000000000000fff", "it": "000000000000003f"}
    assert near_groups(middle) == [{"one": 0, "it": 6}]


def test_pictures_that_change_little_by_little_make_no_chain() -> None:
    film = {f"frame {place}": f"{(1 << place) - 1:016x}" for place in range(40)}
    groups = near_groups(film)
    assert len(groups) > 3
    for group in groups:
        names = list(group)
        assert all(apart(film[names[0]], film[name]) == bits <= MOST_DIFFERENT for name, bits in group.items())


@pytest.mark.parametrize("most", [-1, MOST_ALLOWED + 1, 2.5, True, "6", None])
def test_number_of_bits_that_is_none_is_refused(most: object) -> None:
    with pytest.raises(BadRequest, match=r"most_different is .* from 0 to 12"):
        near_groups({}, most)  # type: ignore[arg-type]


def test_hundred_thousand_take_seconds_even_when_many_are_alike() -> None:
    hashes = some_hashes(90_000, 9) | {f"flat{place}": f"{place:016x}" for place in range(10_000)}
    started = time.process_time()
    groups = near_groups(hashes)
    assert time.process_time() - started < 60  # some 5 on two slow cores; each with each would take many minutes
    assert len(groups) > 10_000


# A closer look --------------------------------------------------------------------------------------------------------


LIGHT, COLOURS = 48 * 48, 2 * 12 * 12


def look(seed: int = 7) -> list[int]:
    """A picture in grey."""
    chance = random.Random(seed)
    return [chance.randint(40, 200) for _ in range(LIGHT)] + [128] * COLOURS


def changed(cells: list[int], place: int, by: int) -> bytes:
    return bytes([*cells[:place], cells[place] + by, *cells[place + 1 :]])


def test_same_look_is_alike_brighter_darker_or_with_other_contrast() -> None:
    one = look()
    assert alike(bytes(one), bytes(one))
    for factor, addend in ((1, 30), (1, -30), (0.6, 20), (1.2, 5)):
        other = bytes([round(addend + value * factor) for value in one[:LIGHT]] + one[LIGHT:])
        assert alike(bytes(one), other)
        assert alike(other, bytes(one))


def test_one_cell_that_differs_makes_another_picture() -> None:
    one = look()
    for place, bound in ((0, MOST_APART), (LIGHT - 1, MOST_APART), (LIGHT, MOST_COLOUR_APART), (-1, MOST_COLOUR_APART)):
        at = place % len(one)
        for sign in (1, -1):
            assert alike(bytes(one), changed(one, at, sign * (bound - 1)))
            assert not alike(bytes(one), changed(one, at, sign * (bound + 1)))
            assert not alike(changed(one, at, sign * (bound + 1)), bytes(one))


def test_difference_is_measured_in_the_look_of_more_contrast() -> None:
    one = look()
    faint = bytes([round(60 + value * 0.55) for value in one[:LIGHT]] + one[LIGHT:])
    other = changed([*faint], 9, MOST_APART - 2)
    assert alike(bytes(one), faint)
    assert not alike(bytes(one), other)
    assert not alike(other, bytes(one))


def test_copy_that_hardly_shows_any_more_is_another_picture() -> None:
    one = look()
    assert not alike(bytes(one), bytes([round(100 + value * 0.4) for value in one[:LIGHT]] + one[LIGHT:]))


def test_grey_and_other_colours_are_another_picture() -> None:
    grey, red = look(), look()[:LIGHT] + [110] * (COLOURS // 2) + [160] * (COLOURS // 2)
    assert alike(bytes(red), bytes(red))
    assert not alike(bytes(grey), bytes(red))
    assert not alike(bytes(red), bytes(grey))


def test_negative_and_other_pictures_are_not_alike() -> None:
    one = look()
    assert not alike(bytes(one), bytes(255 - value for value in one))
    assert not alike(bytes(one), bytes(look(8)))


def test_pictures_of_little_contrast_must_be_of_one_shape() -> None:
    chance = random.Random(1)
    dull = [bytes([100 + chance.randint(0, 5) for _ in range(LIGHT)] + [128] * COLOURS) for _ in "ab"]
    assert alike(dull[0], dull[0])
    assert not alike(*dull)


def test_look_of_one_shade_is_like_nothing() -> None:
    flat = bytes([9] * (LIGHT + COLOURS))
    assert not alike(flat, bytes(look()))
    assert not alike(flat, flat)
