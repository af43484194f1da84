"""What reviews that several people decide cost: a checkout behind all that one has given, settlement, final tags.

Three people are asked of each review. The first opinions are given, half of them by ana; so the first quarter of all
that waits is on reviews on which she was asked already.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cmtools.model import Actor, Lease
from cmtools.service import leases, submissions, teams
from cmtools.service.context import Context
from cmtools.service.decisions import stream
from cmtools.service.settings import Settings
from cmtools.store import Connection, Store, open_store
from tests.tools import postgres

Result = TypeVar("Result")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTINGS = Settings(database="unused", copy_content=False, undo_seconds=1)
MANY = int(float(os.environ.get("BENCH_OPINIONS", "5e4")))
EACH = 1000
"""So many opinions are in a submission of those that were given."""
COLUMNS = (
    "id, team, subteam, type, status, content, content_id, metadata, weight, created_by, created_at, shuffle, "
    "overlap, final, opinion_of, submission_id"
)
FIXED = "'t', 'public', 'Image', '{status}', 'https://x.org/1.jpg', '' || n, '[]', 1, 'me', 1, {drawn}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = str(tmp_path / "reviews.db") if request.param == "sqlite" else postgres.fresh_database()
    opened = open_store(url)
    yield opened
    opened.close()
    if request.param == "postgresql":
        postgres.drop_database(url)


def context(connection: Connection, reviewer: str = "ana", now: datetime = NOW) -> Context:
    return Context(connection, Actor("t", "k", "me", "administrator", reviewer), now, SETTINGS)


def fill(store: Store, count: int) -> None:
    """Reviews with three opinions each, the first of which are given."""
    dollars = store.name == "postgresql"
    numbers = f"generate_series(0, {count - 1}) n"
    if not dollars:
        numbers = (
            f"(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {count - 1}) SELECT n FROM c)"
        )
    drawn = "floor(random() * 2147483648)::int" if dollars else "abs(random() % 2147483648)"

    def rows(id: str, status: str, rest: str) -> str:
        fixed = FIXED.format(status=status, drawn=drawn)
        return f"INSERT INTO reviews ({COLUMNS}) SELECT {id}, {fixed}, {rest} FROM {numbers} ORDER BY n"

    given = f"'s' || (n / {EACH})"
    by = f"CASE WHEN n < {count // 2} THEN 'ana' ELSE 'ben' END"
    statements = [
        rows("'r' || n", "Shared", "3, 'majority', NULL, NULL"),
        rows("'o1-' || n", "Complete", f"1, NULL, 'r' || n, {given}"),
        rows("'o2-' || n", "Pending", "1, NULL, 'r' || n, NULL"),
        rows("'o3-' || n", "Pending", "1, NULL, 'r' || n, NULL"),
        "INSERT INTO submissions (id, team, lease_id, reviewer, digest, created_at, final_at, state) "
        f"SELECT {given}, 't', '', {by}, '', 1, 1, 'final' FROM {numbers} WHERE n % {EACH} = 0",
        "INSERT INTO answers (review_id, submission_id, frame, tag, value, position) "
        f"SELECT 'o1-' || n, {given}, '', 'a', {'true' if dollars else '1'}, 0 FROM {numbers}",
    ]

    def work(connection: Connection) -> None:
        teams.ensure(context(connection))
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%") if dollars else statement)
        if dollars:
            connection.exec_driver_sql("ANALYZE")

    store.write(work)


def took(work: Callable[[], Result]) -> tuple[Result, float]:
    """What comes of it, and how many milliseconds it took."""
    begun = time.perf_counter()
    made = work()
    return made, 1000 * (time.perf_counter() - begun)


def checkout(store: Store, reviewer: str, order: str, count: int = 20) -> Lease:
    return store.write(lambda at: leases.checkout(context(at, reviewer), count, "Image", None, "http://x", order=order))


def release(store: Store, lease: Lease) -> None:
    store.write(lambda at: leases.release(context(at, lease.reviewer), lease.id, None, None))


def submit(store: Store, lease: Lease) -> None:
    named: dict[str, dict[str, bool]] = {review.id: {} for review in lease.reviews}
    store.write(lambda at: submissions.submit(context(at, lease.reviewer), lease.id, lease.token, named))


def finalise(store: Store) -> int:
    return store.write(lambda at: submissions.finalise(context(at, now=NOW.replace(hour=13))))


def export(store: Store, answers: str) -> int:
    def read(rule: Callable[[Context], Any]) -> Any:
        return store.read(lambda at: rule(context(at)))

    how: dict[str, Any] = {"subteam": None, "type": None, "metadata": False, "exposure": False, "after": 0}
    return sum(1 for _ in stream(read, **how, answers=answers))


def timed_checkout(store: Store, reviewer: str, order: str) -> float:
    """The median of five."""
    spent = []
    for _ in range(5):
        lease, each = took(partial(checkout, store, reviewer, order))
        assert len(lease.reviews) == 20
        release(store, lease)
        spent.append(each)
    return sorted(spent)[2]


def test_checkout_behind_all_that_one_has_given(store: Store) -> None:
    fill(store, MANY)
    print()
    for order in ("oldest", "random"):
        none, some = (timed_checkout(store, reviewer, order) for reviewer in ("eve", "ana"))
        asked = f"{MANY // 2:,} opinions given, of {2 * MANY:,} that wait"
        print(f"{store.name}, {order}: checkout of 20 {none:.1f} ms, behind {asked} {some:.1f} ms: {some / none:.1f}x")


def test_settlement(store: Store) -> None:
    fill(store, 1000)
    print()
    for reviewer, what in (("eve", "second opinions"), ("joe", "last opinions")):
        for _ in range(100):
            submit(store, checkout(store, reviewer, "oldest", 10))
        _, spent = took(partial(finalise, store))
        print(f"{store.name}: 100 submissions of 10 {what} made final in {spent:.0f} ms")


def test_final_tags(store: Store) -> None:
    fill(store, MANY)
    print()
    for status, was in (("Resolved", "Shared"), ("Complete", "Pending")):
        change = f"UPDATE reviews SET status = '{status}', submission_id = 's0' WHERE status = '{was}'"
        store.write(partial(Connection.exec_driver_sql, statement=change))
    for answers in ("each", "final"):
        _, spent = took(partial(export, store, answers))
        print(f"{store.name}: {answers} of {MANY:,} reviews exported in {spent / 1000:.2f} s")
