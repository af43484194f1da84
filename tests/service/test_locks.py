"""On PostgreSQL, where everybody writes at once: no rule waits for another that waits for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from cmtools.errors import Conflict, NotFound
from cmtools.model import Lease
from cmtools.service import holds, leases, submissions, teams
from cmtools.service.context import Context
from cmtools.store import Store

from .conftest import BASE, Desk

THREADS = 8
ROUNDS = 40


def deadlocks(store: Store) -> int:
    query = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    store.read(lambda connection: connection.execute(sa.text("SELECT pg_stat_force_next_flush()")))
    found: int = store.read(lambda connection: connection.execute(query).scalar_one())
    return found


class Hand:
    """A reviewer whose lease everybody knows, and who does to it whatever comes to mind."""

    def __init__(self, desk: Desk, everyones: list[Lease], ids: list[str], seed: int) -> None:
        self.desk, self.everyones, self.ids = desk, everyones, ids
        self.random = random.Random(seed)
        self.name = f"reviewer{seed % 2}"
        self.late = False

    def run(self, rule: Callable[[Context], Any], name: str | None = None) -> Any:
        with suppress(Conflict, NotFound):  # LeaseLost and its like: others were quicker
            return self.desk.run(rule, name or self.name)

    def step(self) -> None:
        lease = self.random.choice(self.everyones)
        whose = lease.reviewer  # several hands act for one reviewer
        ids = self.random.sample(self.ids, 3)
        mine = [review.id for review in lease.reviews][:2]
        steps: list[Callable[[], Any]] = [
            lambda: self.checkout(),
            lambda: self.checkout(),
            lambda: self.run(lambda ctx: leases.move(ctx, mine[0], "other", lease.token, BASE), whose),
            lambda: self.run(lambda ctx: leases.move(ctx, ids[0], "public", lease.token, BASE), whose),
            lambda: self.submit_and_undo(lease, mine),
            lambda: self.run(lambda ctx: leases.take_away(ctx, lease.id)),
            lambda: self.run(lambda ctx: leases.release(ctx, lease.id, lease.token, mine[:1]), whose),
            lambda: self.run(lambda ctx: holds.hold(ctx, lease.id, lease.token, mine, 60.0, "", BASE), whose),
            lambda: self.run(lambda ctx: holds.take(ctx, None, None, BASE)),
            lambda: self.run(lambda ctx: holds.give_back(ctx, ids)),
            lambda: self.run(lambda ctx: leases.renew(ctx, lease.id, lease.token, BASE), whose),
            lambda: self.run(
                lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {mine[0]: {"a": True}}), whose
            ),
            lambda: self.run(lambda ctx: leases.expire(replace(ctx, now=lease.expires_at))),
            lambda: self.run(lambda ctx: holds.expire(replace(ctx, now=lease.expires_at))),
            lambda: self.run(submissions.finalise),
        ]
        self.random.choice(steps)()

    def checkout(self) -> None:
        lease = self.run(lambda ctx: leases.checkout(ctx, 4, "Image", None, BASE))
        if lease is not None and lease.reviews:
            self.everyones[self.random.randrange(len(self.everyones))] = lease

    def submit_and_undo(self, lease: Lease, ids: list[str]) -> None:
        made = self.run(
            lambda ctx: submissions.submit(ctx, lease.id, lease.token, {id: {} for id in ids}), lease.reviewer
        )
        if made is not None:
            self.run(lambda ctx: submissions.undo(ctx, made.id, BASE), lease.reviewer)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_no_two_rules_wait_for_each_other(desk: Desk, store: Store) -> None:
    ids = desk.create(24)
    desk.run(lambda ctx: teams.add_subteam(ctx, "other"))
    everyones = [desk.checkout(4, reviewer=f"reviewer{n % 2}") for n in range(4)]

    def work(seed: int) -> None:
        hand = Hand(desk, everyones, ids, seed)
        for _ in range(ROUNDS):
            hand.step()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, seed) for seed in range(THREADS)]:
            done.result(120)
    assert deadlocks(store) == 0
