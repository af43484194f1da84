"""How the random order draws: evenly, not in stretches, and the same again for the same seed. All seeds are fixed."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import sqlalchemy as sa

from cmtools.model import Lease
from cmtools.service import leases
from cmtools.service.context import Context
from cmtools.store import Store
from cmtools.store import leases as lease_store
from cmtools.store.places import SHUFFLE_BITS
from cmtools.store.tables import reviews

from .conftest import BASE, Desk

SEEDS = 200
DEVIATIONS = 5


def on_the_ring(desk: Desk, count: int) -> list[str]:
    """New reviews in the order of the ring, at places that are always the same ones."""
    chance = random.Random(7)
    ids = desk.create(count)
    places = {id: chance.getrandbits(SHUFFLE_BITS) for id in ids}

    def place(ctx: Context) -> None:
        for id, at in places.items():
            ctx.connection.execute(sa.update(reviews).where(reviews.c.id == id).values(shuffle=at))

    desk.run(place)
    return sorted(ids, key=places.__getitem__)


def draws(desk: Desk, count: int, seeds: int = SEEDS) -> list[list[str]]:
    """What each seed takes out of the same queue."""

    def draw(ctx: Context) -> list[list[str]]:
        found = []
        for seed in range(seeds):
            lease = leases.checkout(ctx, count, "Image", None, BASE, order="random", seed=seed)
            found.append([review.id for review in lease.reviews])
            lease_store.give_back(ctx.connection, lease.id)
        return found

    return desk.run(draw)


def spread(chance: float, times: float) -> float:
    """The most that a count of independent events may be off."""
    return float(DEVIATIONS * (times * chance * (1 - chance)) ** 0.5)


def test_each_review_is_as_likely_as_any_other_and_so_is_each_to_be_first(desk: Desk) -> None:
    ids = on_the_ring(desk, 30)
    found = draws(desk, 6)
    taken = Counter(id for each in found for id in each)
    first = Counter(each[0] for each in found)
    assert max(abs(taken[id] - SEEDS * 6 / 30) for id in ids) <= spread(6 / 30, SEEDS)
    assert max(abs(first[id] - SEEDS / 30) for id in ids) <= spread(1 / 30, SEEDS)


def test_neighbours_on_the_ring_come_together_no_more_often_than_others(desk: Desk) -> None:
    ids = on_the_ring(desk, 30)
    neighbours = {frozenset(pair) for pair in pairwise([*ids, ids[0]])}
    together = sum(len({frozenset(p) for p in neighbours if p <= set(each)}) for each in draws(desk, 6))
    chance = 6 * 5 / (30 * 29)
    assert abs(together - SEEDS * 30 * chance) <= spread(chance, SEEDS * 30)


def test_longer_queue_is_drawn_from_in_windows_that_begin_anywhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_store, "WINDOW", 20)
    monkeypatch.setattr(lease_store, "WINDOW_FOR_EACH", 5)
    ids = on_the_ring(desk, 60)
    found = draws(desk, 4, 2 * SEEDS)
    assert {len(set(each)) for each in found} == {4}
    for each in found:
        places = sorted(ids.index(id) for id in each)
        gaps = [later - earlier for earlier, later in pairwise([*places, places[0] + 60])]
        assert 60 - max(gaps) < 20  # round the end of the ring too
    taken = Counter(id for each in found for id in each)
    expected = 2 * SEEDS * 4 / 60
    assert all(expected / 3 < taken[id] < 3 * expected for id in ids)


def test_lease_of_a_random_draw_is_shown_in_its_order_again(desk: Desk) -> None:
    on_the_ring(desk, 12)
    lease = desk.run(lambda ctx: leases.checkout(ctx, 12, "Image", None, BASE, order="random", seed=4))
    (shown,) = desk.held()
    assert [review.id for review in shown.reviews] == [review.id for review in lease.reviews]


def test_place_at_either_end_of_the_ring_is_drawn_too(desk: Desk) -> None:
    ids = desk.create(2)
    ends = dict(zip(ids, (0, 2**SHUFFLE_BITS - 1), strict=True))
    for id, place in ends.items():
        desk.run(
            lambda ctx, id=id, place=place: ctx.connection.execute(
                sa.update(reviews).where(reviews.c.id == id).values(shuffle=place)
            )
        )
    assert all(sorted(each) == sorted(ids) for each in draws(desk, 2, 5))


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_many_at_once_with_one_seed_share_the_queue_and_take_nothing_twice(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_store, "SPARE", 1)
    monkeypatch.setattr(lease_store, "WINDOW", 20)  # so that few are looked up at first
    ids = on_the_ring(desk, 64)

    def rule(ctx: Context) -> Lease:
        return leases.checkout(ctx, 8, "Image", None, BASE, order="random", seed=1)

    def take(number: int) -> list[str]:
        return [review.id for review in desk.run(rule, f"reviewer{number}").reviews]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(take, range(8)))
    assert sorted(id for each in found for id in each) == sorted(ids)
