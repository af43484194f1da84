"""Which pictures are to be copied is known without looking at every review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cmtools.model import Draft, Frame
from cmtools.store import Connection, Store, arrivals, copies, frames
from cmtools.store.arrivals import NewReview

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def fill(store: Store, count: int, *, due: bool = True) -> None:
    """Reviews whose pictures are to be copied, one a millisecond after the other, the last of them now."""
    moments = [NOW - timedelta(milliseconds=count - 1 - n) if due else None for n in range(count)]
    new = [
        NewReview(f"r{n:04}", Draft(f"https://x.org/{n}.jpg", str(n)), "public", None, moment)
        for n, moment in enumerate(moments)
    ]
    store.write(lambda connection: arrivals.insert(connection, "t", "administrator", new, NOW))


def claim(store: Store, limit: int, seconds: float = 0) -> list[str]:
    at = NOW + timedelta(seconds=seconds)
    found = store.write(lambda connection: copies.claim(connection, at, at + timedelta(minutes=1), limit))
    return [f"{source.review_id}{'' if source.timestamp is None else f'@{source.timestamp}'}" for source in found]


def test_what_is_claimed_is_nobody_elses_until_its_time_is_over(store: Store) -> None:
    fill(store, 3)
    assert [claim(store, 2), claim(store, 2), claim(store, 2)] == [["r0000", "r0001"], ["r0002"], []]
    assert claim(store, 5, 59.999) == []
    assert sorted(claim(store, 5, 60)) == ["r0000", "r0001", "r0002"]


def test_thousands_of_reviews_do_not_hold_up_a_frame(store: Store) -> None:
    fill(store, 50)
    video = {"v1": [Frame(500, "https://x.org/f.jpg"), Frame(900, f"media:{'0' * 40}")]}
    store.write(lambda connection: frames.insert(connection, "t", video, NOW + timedelta(seconds=1)))
    assert claim(store, 1, 1) == ["r0000", "v1@500"]


def test_what_is_not_due_is_left_alone(store: Store) -> None:
    fill(store, 3, due=False)
    assert claim(store, 5, 3600) == []
    assert not store.read(lambda connection: copies.anything_due(connection, NOW + timedelta(days=1)))


def test_due_copies_are_found_through_their_index(store: Store) -> None:
    """A service looks several times a second."""
    if store.name != "sqlite":
        return  # PostgreSQL rightly prefers a scan on a table this small
    seen: list[str] = []

    def look(connection: Connection) -> list[str]:
        sa.event.listen(connection, "before_cursor_execute", lambda *said: seen.append(said[2]))
        copies.claim(connection, NOW, NOW, 5)
        copies.anything_due(connection, NOW)
        return [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all())
            for asked in tuple(seen)
        ]

    plans = store.write(look)
    assert len(plans) == 4
    assert all("_copy" in plan and "TEMP B-TREE" not in plan for plan in plans)
