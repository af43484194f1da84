"""What every store promises, on each of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from cmtools.errors import BadRequest, StoreError
from cmtools.model import Draft
from cmtools.store import Connection, Store, arrivals, leases, reviews, teams
from cmtools.store.arrivals import NewReview
from cmtools.store.leases import LeaseRow
from cmtools.store.tables import reviews as table
from cmtools.tags import TagSet

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


def fill(store: Store, count: int, **draft: object) -> list[str]:
    new = [
        NewReview(f"r{n:04}", Draft(f"https://x.org/{n}.jpg", str(n), **draft), "public", None) for n in range(count)
    ]
    return store.write(lambda connection: arrivals.insert(connection, "t", "administrator", new, NOW))[0]


def lease(id: str, **changes: object) -> LeaseRow:
    row = {
        "id": id,
        "team": "t",
        "reviewer": "ana",
        "type": "Image",
        "subteam": None,
        "token_digest": "",
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "ended_as": None,
    }
    return LeaseRow(**{**row, **changes})


def test_what_was_written_is_read(store: Store) -> None:
    pairs = (("ü", "a"), ("a", "True"), ("a", "False"), ("emoji", "🐈"), ("empty", ""))
    fill(store, 1, metadata=pairs, weight=2.5, stratum="hot")

    found = store.read(lambda connection: reviews.fetch(connection, "t", TagSet(), ["r0000"]))[0]

    assert found.metadata == pairs
    assert found.created_at == NOW
    assert (found.weight, found.stratum, found.callback_endpoint) == (2.5, "hot", None)


def test_work_that_raises_leaves_nothing_behind(store: Store) -> None:
    def work(connection: Connection) -> None:
        teams.insert(connection, "half", "public", NOW)
        raise BadRequest("no")

    with pytest.raises(BadRequest):
        store.write(work)

    assert not store.read(lambda connection: teams.exists(connection, "half"))


def test_work_that_the_database_refuses_becomes_a_store_error(store: Store) -> None:
    with pytest.raises((StoreError, sa.exc.ProgrammingError)):
        store.write(lambda connection: connection.execute(sa.text("INSERT INTO no_such_table VALUES (1)")))


def test_writes_from_many_threads_are_all_kept(store: Store) -> None:
    def add(n: int) -> bool:
        return store.write(lambda connection: teams.insert(connection, f"team-{n}", "public", NOW))

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(add, range(100)))

    names = store.read(lambda connection: connection.execute(sa.text("SELECT count(*) FROM teams")).scalar())
    assert names == 100


def test_racing_checkouts_never_share_a_review(store: Store) -> None:
    ids = fill(store, 150)

    def take(n: int) -> list[str]:
        def work(connection: Connection) -> list[str]:
            row = lease(f"l{n}")
            leases.insert(connection, row)
            return leases.take(connection, row, 3)

        return store.write(work)

    with ThreadPoolExecutor(16) as pool:
        taken = [id for part in pool.map(take, range(60)) for id in part]

    assert sorted(taken) == ids, "each review was given out exactly once"


def test_checkout_takes_the_oldest_first_and_no_more_than_asked(store: Store) -> None:
    fill(store, 10)
    taken = store.write(lambda connection: leases.take(connection, lease("l"), 4))
    assert taken == ["r0000", "r0001", "r0002", "r0003"]


def test_known_idempotency_key_gives_the_earlier_id(store: Store) -> None:
    draft = Draft("https://x.org/1.jpg", "1")

    def add(*ids: str) -> list[str]:
        new = [NewReview(id, draft, "public", f"key-{id[-1]}") for id in ids]
        return store.write(lambda connection: arrivals.insert(connection, "t", "me", new, NOW))[0]

    assert add("first-1") == ["first-1"]
    assert add("second-1", "second-2") == ["first-1", "second-2"]


def test_saved_toggle_is_changed_by_the_next(store: Store) -> None:
    fill(store, 1)
    store.write(lambda connection: leases.take(connection, lease("l"), 1))
    for value in (True, False):
        store.write(lambda connection, value=value: leases.save_toggles(connection, {"r0000": {"": {"a": value}}}))

    found = store.read(lambda connection: reviews.of_lease(connection, "t", TagSet(), "l"))[0]
    assert found.toggles == {"a": False}


def test_pages_walk_through_everything_once(store: Store) -> None:
    ids = fill(store, 25)
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        found, after = store.read(
            lambda connection, after=after: reviews.page(
                connection, "t", TagSet(), status="Pending", type=None, subteam=None, after=after, limit=10
            )
        )
        seen += [review.id for review in found]
    assert seen == ids


def test_another_teams_reviews_are_not_there(store: Store) -> None:
    fill(store, 1)
    assert store.read(lambda connection: reviews.fetch(connection, "other", TagSet(), ["r0000"])) == []


def test_queue_is_read_through_its_index(store: Store) -> None:
    """A full scan here makes checkout slower with every review ever created."""
    if store.name != "sqlite":
        return  # PostgreSQL rightly prefers a scan on a table this small
    query = sa.select(table.c.sequence).where(
        table.c.team == "t", table.c.type == "Image", table.c.status == sa.literal_column("'Pending'")
    )
    text = str(query.order_by(table.c.sequence).limit(5).compile(compile_kwargs={"literal_binds": True}))
    plan = store.read(lambda connection: connection.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all())
    assert "ix_reviews_queue" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
