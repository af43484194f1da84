"""Several reviewers and workers at once: nobody has two opinions of one review, and each review is settled once."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from cmtools.model import Lease
from cmtools.service import leases, submissions
from cmtools.service.context import Context
from cmtools.store import Store
from cmtools.store.tables import callbacks, events
from cmtools.store.tables import reviews as table
from cmtools.store.tables import submissions as given
from cmtools.testing import ManualClock
from tests.service.conftest import BASE, Desk

REVIEWERS = 6


def outcome(desk: Desk) -> tuple[dict[str, list[str]], Counter[str], Counter[str]]:
    """Who gave opinions on each review, how often each was settled, and how often its caller is told."""

    def read(connection: sa.Connection) -> tuple[dict[str, list[str]], Counter[str], Counter[str]]:
        query = sa.select(table.c.opinion_of, given.c.reviewer).join(given, given.c.id == table.c.submission_id)
        people: dict[str, list[str]] = defaultdict(list)
        for row in connection.execute(query.where(table.c.opinion_of.is_not(None))):
            people[row.opinion_of].append(row.reviewer)
        ends = sa.select(events.c.subject).where(events.c.action.in_(["resolve", "dispute"]))
        told = sa.select(callbacks.c.review_id)
        return people, Counter(connection.execute(ends).scalars()), Counter(connection.execute(told).scalars())

    return desk.store.read(read)


@pytest.mark.parametrize("order", ["oldest", "random"])
def test_six_race_for_opinions_and_each_review_has_three_people_and_one_end(
    store: Store, clock: ManualClock, order: str
) -> None:
    desk = Desk(store, clock, undo_seconds=0)
    ids = desk.create(12, overlap=3, callback_endpoint="https://x.org/told")

    def work(number: int) -> None:
        chance = Random(number)
        start.wait()
        while any(desk.store.read(lambda at: at.execute(WAITS).scalars().all())):
            name = f"reviewer {number}"
            lease = desk.run(
                lambda ctx: leases.checkout(ctx, chance.randint(1, 4), "Image", None, BASE, order=order), name
            )
            if lease.reviews and chance.random() < 0.2:
                desk.run(lambda ctx, lease=lease: leases.release(ctx, lease.id, lease.token, None), name)
            elif lease.reviews:
                desk.submit(lease, {review.id: {"a": chance.random() < 0.7} for review in lease.reviews})

    start = Barrier(REVIEWERS)
    with ThreadPoolExecutor(REVIEWERS) as pool:
        list(pool.map(work, range(REVIEWERS)))
    people, ends, told = outcome(desk)
    assert {id: len(set(each)) for id, each in people.items()} == dict.fromkeys(ids, 3)
    assert sum(len(each) for each in people.values()) == 3 * len(ids)
    assert ends == told == dict.fromkeys(ids, 1)


WAITS = sa.select(table.c.id).where(table.c.opinion_of.is_not(None), table.c.status.in_(["Pending", "Leased"])).limit(1)


def test_last_opinions_that_workers_make_final_at_one_moment_settle_a_review_once(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "FINALISED_AT_ONCE", 1)
    desk = Desk(store, clock)
    ids = desk.create(5, overlap=3)
    for number in range(3):
        for _ in ids:
            desk.submit(desk.checkout(1, reviewer=f"reviewer {number}"))
    desk.clock.advance(6)

    def finalise(_: int) -> None:
        start.wait()
        while desk.run(submissions.finalise):
            pass

    start = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(finalise, range(3)))
    desk.run(submissions.finalise)
    assert outcome(desk)[1] == dict.fromkeys(ids, 1)
    assert {desk.get(id).status for id in ids} == {"Complete"}


def test_two_tabs_of_one_reviewer_wait_for_each_other(store: Store, clock: ManualClock) -> None:
    """One takes the second opinion while the first is in others' hands; before it is told, the first comes back."""
    desk = Desk(store, clock)
    desk.create(1, overlap=2)
    others = desk.checkout(reviewer="ben")
    found: list[Lease] = []
    tab = Thread(target=lambda: found.append(desk.checkout(reviewer="ana")))

    def first_tab(connection: sa.Connection) -> Lease:
        ctx = Context(connection, replace(desk.actor, reviewer="ana"), desk.clock(), desk.settings)
        mine = leases.checkout(ctx, 20, "Image", None, BASE)
        if store.name == "postgresql":  # SQLite has one writer at a time
            desk.run(lambda ctx: leases.release(ctx, others.id, others.token, None), "ben")
        tab.start()
        tab.join(0.3)
        assert tab.is_alive()
        return mine

    mine = store.write(first_tab)
    tab.join(10)
    assert (len(mine.reviews), [lease.reviews for lease in found]) == (1, [()])
