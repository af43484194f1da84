"""How databases find reviews: those named by their ids, and the oldest that wait. Never by going through them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import cmtools as cm
from cmtools.model import Draft
from cmtools.store import Store, leases, open_store, teams
from cmtools.store.dialect import named
from cmtools.store.tables import reviews
from cmtools.testing import running_service
from tests.tools import postgres

THROUGH_ALL = re.compile(r"(SCAN reviews\b|SEARCH reviews\b.*\(team=\?( AND (status|type)=\?)*\))")
COUNT = 60
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
Statement = tuple[str, Any]


@pytest.fixture
def statements() -> Iterator[list[Statement]]:
    """What is sent to any database from here on."""
    sent: list[Statement] = []

    def note(_connection: object, _cursor: object, text: str, given: Any, *_: object) -> None:
        if not text.startswith("EXPLAIN"):
            sent.append((text, given))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def through_all(store: Store, sent: list[Statement]) -> list[str]:
    """The statements that name reviews and are answered by going through a team's, each with its plan."""
    found = []
    for text, given in {text: given for text, given in sent if "reviews.id IN (" in text}.items():
        plan = store.read(
            lambda at, text=text, given=given: at.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()
        )
        steps = [str(row[3]) for row in plan]
        found += [f"{step}: {text}" for step in steps if THROUGH_ALL.search(step)]
    return found


def test_reviews_named_by_many_ids_are_found_by_them(tmp_path: Path, statements: list[Statement]) -> None:
    file = tmp_path / "reviews.db"
    with running_service(file) as service:
        client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
        client.create_reviews([Draft(f"https://x.org/{n}.jpg", str(n)) for n in range(COUNT)], progress=False)
        lease = client.checkout(COUNT)
        ids = [review.id for review in lease.reviews]
        client.save(lease, {id: {"a": True} for id in ids})
        client.thumbnails(ids)
        client.hold(lease, ids, seconds=60)
        assert len(client.held_reviews()) == COUNT
        lease = client.take_held(ids)
        lease = client.undo(client.submit(lease, {id: {} for id in ids}))
        assert len(list(client.reviews(ids=ids))) == COUNT
        assert len(list(client.events())) > COUNT
        client.release(lease, ids[:20])
    named_ids = [text for text, _ in statements if "reviews.id IN (" in text]
    assert len(set(named_ids)) >= 7
    store = open_store(str(file))
    try:
        assert through_all(store, statements) == []
    finally:
        store.close()


def test_a_team_that_is_compared_as_it_is_would_be_gone_through(tmp_path: Path, statements: list[Statement]) -> None:
    """What `named` is for; the day SQLite does better it can go."""
    store = open_store(str(tmp_path / "reviews.db"))
    ids = [str(number) for number in range(COUNT)]
    try:
        store.read(lambda at: at.execute(sa.select(reviews.c.id).where(named(reviews, "t", ids))))
        assert through_all(store, statements) == []
        plain = sa.select(reviews.c.id).where(reviews.c.team == "t", reviews.c.id.in_(ids))
        store.read(lambda at: at.execute(plain))
        assert len(through_all(store, statements)) == 1
    finally:
        store.close()


def test_oldest_that_wait_are_found_in_the_queue_behind_all_that_another_team_had_before(
    statements: list[Statement],
) -> None:
    """PostgreSQL would else look along the key, once most rows wait, and pass the other team's one by one."""
    url = postgres.fresh_database()
    store = open_store(url)
    rows = (
        "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
        "created_at, score_place, doubt_place, shuffle) SELECT '{0}' || n, '{0}', 'public', 'Image', 'Pending', 'x', "
        "'x', '[]', 1, 'me', 1, 0, 0, n FROM generate_series(1, {1}) n"
    )

    def take(connection: sa.Connection) -> list[str]:
        for team, count in (("early", 5_000), ("late", 50_000)):
            teams.insert(connection, team, "public", NOW)
            connection.exec_driver_sql(rows.format(team, count))
        connection.exec_driver_sql("ANALYZE reviews")
        lease = leases.LeaseRow("l1", "late", "ana", "Image", None, "", NOW, NOW, None)
        leases.insert(connection, lease)
        return leases.take(connection, lease, 20)

    try:
        assert store.write(take) == [f"late{number}" for number in range(1, 21)]
        text, given = next(each for each in statements if "first_waiting" in each[0])
        plan = store.read(lambda at: "\n".join(at.exec_driver_sql(f"EXPLAIN {text}", given).scalars()))
        waiting = plan[plan.index("CTE first_waiting") : plan.index("LockRows") + 300]
        assert "ix_reviews_queue" in waiting, plan
    finally:
        store.close()
        postgres.drop_database(url)


OPINIONS = (
    "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
    "created_at, score_place, doubt_place, shuffle, opinion_of) SELECT 'o' || sequence || '-' || n, team, subteam, "
    "type, status, content, content_id, metadata, weight, created_by, created_at, 0, 0, shuffle, id FROM reviews, {0}"
)
NUMBERS = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c) n",
    "postgresql": "generate_series(1, {0}) n",
}
WAITING = (
    "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
    "created_at, score_place, doubt_place, shuffle) SELECT 'r' || n, 't', 'public', 'Image', 'Pending', 'x', "
    "'x', '[]', 1, 'me', 1, 0, 0, n FROM {0}"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """10,000 reviews for one person that wait."""
    url = str(tmp_path / "reviews.db") if request.param == "sqlite" else postgres.fresh_database()
    store = open_store(url)
    rows = WAITING.format(NUMBERS[request.param].format(10_000))
    store.write(lambda at: (teams.insert(at, "t", "public", NOW), at.exec_driver_sql(rows)))
    yield store
    store.close()
    if request.param == "postgresql":
        postgres.drop_database(url)


def plan_of(store: Store, sent: list[Statement], words: str) -> str:
    text, given = next(each for each in sent if words in each[0])
    if store.name == "sqlite":
        rows = store.read(lambda at: at.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all())
        return "\n".join(str(row[3]) for row in rows)
    store.write(lambda at: at.exec_driver_sql("ANALYZE reviews"))
    return store.read(lambda at: "\n".join(at.exec_driver_sql(f"EXPLAIN {text}", given).scalars()))


def take_some(store: Store, reviewer: str) -> list[str]:
    lease = leases.LeaseRow(f"l-{reviewer}", "t", reviewer, "Image", None, "", NOW, NOW, None)

    def work(connection: sa.Connection) -> list[str]:
        leases.insert(connection, lease)
        return leases.take(connection, lease, 20)

    return store.write(work)


def test_team_without_opinions_is_asked_for_them_in_an_empty_index(queue: Store, statements: list[Statement]) -> None:
    assert len(take_some(queue, "ana")) == 20
    assert "ix_reviews_asked_for" in plan_of(queue, statements, "SELECT reviews.opinion_of")
    taking = next(text for text, _ in statements if "first_waiting" in text)
    assert "opinion_of" not in taking.partition("RETURNING")[0]


def test_opinions_that_one_has_are_looked_up_a_review_at_a_time(queue: Store, statements: list[Statement]) -> None:
    """Read all at once, as PostgreSQL would where it may, a checkout would grow with what was ever asked."""
    rows = OPINIONS.format(NUMBERS[queue.name].format(2))
    queue.write(lambda at: at.exec_driver_sql(rows))
    queue.write(lambda at: at.exec_driver_sql("UPDATE reviews SET status = 'Shared' WHERE opinion_of IS NULL"))
    assert len(take_some(queue, "ana")) == 20
    plan = plan_of(queue, statements, "first_waiting")
    assert "ix_reviews_opinion" in plan, plan
    assert "ix_reviews_queue" in plan, plan
    assert "hashed SubPlan" not in plan, plan
    assert "SCAN reviews" not in plan, plan
