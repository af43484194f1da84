"""What reviews that several people decide cost: a checkout behind all that one has given, settlement, final tags.

Three people are asked of each review. The first opinions are given, half of them by ana; so the first quarter of all
that waits is on reviews on which she was asked already.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmtools.model import Actor
from cmtools.service import leases, submissions, teams
from cmtools.service.context import Context
from cmtools.service.decisions import stream
from cmtools.service.settings import Settings
from cmtools.store import Connection, Store, open_store
from tests.tools import postgres

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


def took(work: Callable[[], object], times: int = 5) -> float:
    """The median, in milliseconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return 1000 * sorted(found)[times // 2]


def checkout(store: Store, reviewer: str, order: str, count: int = 20) -> leases.Lease:
    how = {"order": order}
    return store.write(lambda at: leases.checkout(context(at, reviewer), count, "Image", None, "http://x", **how))


def release(store: Store, lease: leases.Lease) -> None:
    store.write(lambda at: leases.release(context(at, lease.reviewer), lease.id, None, None))


def test_checkout_behind_all_that_one_has_given(store: Store) -> None:
    fill(store, MANY)
    for order in ("oldest", "random"):
        for reviewer in ("eve", "ben", "ana"):
            spent = []
            for _ in range(5):
                spent.append(took(lambda: held.append(checkout(store, reviewer, order)), 1)) if (
                    held := []
                ) == [] else 0
                release(store, held[0])
                assert len(held[0].reviews) == 20
            print(f"\n{store.name}, {order}, {reviewer}: {sorted(spent)[2]:.1f} ms for 20", end="")


def test_settlement_and_final_tags(store: Store) -> None:
    fill(store, MANY)
    count = min(1000, MANY)
    for reviewer in ("eve", "joe"):
        for _ in range(100):
            lease = checkout(store, reviewer, "oldest", count // 100)
            named = {review.id: {} for review in lease.reviews}
            store.write(lambda at: submissions.submit(context(at, reviewer), lease.id, lease.token, named))
        later = NOW.replace(hour=13)
        spent = took(lambda: store.write(lambda at: submissions.finalise(context(at, now=later))), 1)
        print(
            f"\n{store.name}: {spent:.0f} ms for 100 submissions of {count // 100}, the last opinions: {reviewer == 'joe'}",
            end="",
        )
    store.write(
        lambda at: at.exec_driver_sql(
            "UPDATE reviews SET status = 'Resolved', submission_id = 's0' WHERE status = 'Shared'"
        )
    )
    store.write(lambda at: at.exec_driver_sql("UPDATE reviews SET status = 'Complete' WHERE status = 'Pending'"))
    read = lambda rule: store.read(lambda at: rule(context(at)))  # noqa: E731
    for answers in ("each", "final"):
        spent = took(
            lambda: list(
                stream(read, subteam=None, type=None, metadata=False, exposure=False, after=0, answers=answers)
            ),
            1,
        )
        print(f"\n{store.name}: {spent / 1000:.2f} s for the export of {answers} of {MANY:,} reviews", end="")
