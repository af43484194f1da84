"""How long a checkout takes as the queue and the number of leases grow, and how long a sweep keeps writers waiting.

Ratios of the same run: a checkout of 20 with 100,000 leased against none leased (at most 1.5x is wanted), and among a
million rows against ten thousand (at most 2x).
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cmtools.model import Actor, Lease
from cmtools.service import leases, teams
from cmtools.service.context import Context
from cmtools.service.settings import Settings
from cmtools.store import Connection, Store, open_store
from tests.tools import postgres

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTINGS = Settings(database="unused", copy_content=False)
MANY = int(float(os.environ.get("BENCH_QUEUE", "1e6")))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = str(tmp_path / "reviews.db") if request.param == "sqlite" else postgres.fresh_database()
    opened = open_store(url)
    yield opened
    opened.close()
    if request.param == "postgresql":
        postgres.drop_database(url)


def fill(store: Store, team: str, count: int, leased: int = 0) -> None:
    """Reviews as creation makes them, written by the database itself; the first of them leased, 20 to a lease."""
    dollars = store.name == "postgresql"
    numbers = (
        f"(SELECT generate_series(0, {count - 1}) AS n) numbers"
        if dollars
        else f"(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {count - 1}) SELECT n FROM c)"
    )
    drawn = "floor(random() * 2147483648)::int" if dollars else "abs(random() % 2147483648)"
    insert = (
        "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
        "created_at, lease_id, score_place, doubt_place, shuffle) "
        f"SELECT '{team}-' || n, '{team}', 'public', 'Image', CASE WHEN n < {leased} THEN 'Leased' ELSE 'Pending' END, "
        f"'https://x.org/' || n || '.jpg', '' || n, '[[\"a\",\"True\"],[\"a.score\",\"0.5\"]]', 1, 'me', 1, "
        f"CASE WHEN n < {leased} THEN '{team}-l' || (n / 20) END, (n % 1000) / 1000.0, (n % 500) / 1000.0, {drawn} "
        f"FROM {numbers}"
    )
    opened = (
        "INSERT INTO leases (id, team, reviewer, type, token_digest, created_at, expires_at) "
        f"SELECT '{team}-l' || (n / 20), '{team}', 'ana', 'Image', '', 1, {2**52} FROM {numbers} "
        f"WHERE n % 20 = 0 AND n < {leased}"
    )

    def work(connection: Connection) -> None:
        teams.ensure(context(connection, team))
        connection.exec_driver_sql(insert.replace("%", "%%") if dollars else insert)
        connection.exec_driver_sql(opened.replace("%", "%%") if dollars else opened)

    store.write(work)
    if dollars:
        store.write(lambda connection: connection.execute(sa.text("ANALYZE reviews")))


def context(connection: Connection, team: str, now: datetime = NOW) -> Context:
    return Context(connection, Actor(team, "k", "me", "administrator", "ana"), now, SETTINGS)


def checkout(store: Store, team: str, order: str) -> Lease:
    return store.write(lambda at: leases.checkout(context(at, team), 20, "Image", None, "http://x", order=order))


def times(store: Store, teams_: list[str], order: str, rounds: int = 60) -> list[float]:
    """The median milliseconds of a checkout of 20 in each team, measured in turn."""
    spent: dict[str, list[float]] = {team: [] for team in teams_}
    for _ in range(rounds):
        for team in teams_:
            begun = time.perf_counter()
            assert len(checkout(store, team, order).reviews) == 20
            spent[team].append(time.perf_counter() - begun)
    return [1000 * statistics.median(each) for each in spent.values()]


def test_checkout_beside_very_many_leased_and_among_very_many_rows(store: Store) -> None:
    fill(store, "free", 110_000)
    fill(store, "busy", 110_000, leased=100_000)
    fill(store, "small", 10_000)
    fill(store, "large", MANY)
    print()
    for order in leases.leases.ORDERS:
        free, busy = times(store, ["free", "busy"], order)
        small, large = times(store, ["small", "large"], order)
        print(
            f"{store.name}, {order}: checkout of 20 with 100,000 leased {busy:.1f} ms, none {free:.1f} ms: "
            f"{busy / free:.2f}x; among {MANY:,} rows {large:.1f} ms, among 10,000 {small:.1f} ms: {large / small:.2f}x"
        )


def test_sweep_of_very_many_overdue_leases_lets_writers_through(store: Store) -> None:
    fill(store, "late", 100_000, leased=100_000)
    store.write(lambda at: at.execute(sa.text("UPDATE leases SET expires_at = 1")))
    swept, waits = threading.Event(), []

    def sweep() -> None:
        while store.write(lambda at: leases.expire(context(at, "late"))):
            pass
        swept.set()

    begun = time.perf_counter()
    thread = threading.Thread(target=sweep)
    thread.start()
    number = 0
    while not swept.is_set():
        number += 1
        asked = time.perf_counter()
        store.write(lambda at, number=number: teams.add_subteam(context(at, "late"), f"s{number}"))
        waits.append(time.perf_counter() - asked)
        time.sleep(0.01)
    thread.join()
    took = time.perf_counter() - begun
    print(
        f"\n{store.name}: 5,000 leases of 100,000 reviews swept in {took:.1f} s; a writer meanwhile waited at most "
        f"{max(waits) * 1000:.0f} ms, half the time {statistics.median(waits) * 1000:.0f} ms"
    )
    assert max(waits) < timedelta(seconds=2).total_seconds()
