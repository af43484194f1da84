"""SQLite finds reviews that are named by their ids, however many: it never goes through all that the team has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import cmtools as cm
from cmtools.model import Draft
from cmtools.store import Store, open_store
from cmtools.store.dialect import named
from cmtools.store.tables import reviews
from cmtools.testing import running_service

THROUGH_ALL = re.compile(r"(SCAN reviews\b|SEARCH reviews\b.*\(team=\?( AND (status|type)=\?)*\))")
COUNT = 60
Statement = tuple[str, tuple[object, ...]]


@pytest.fixture
def statements() -> Iterator[list[Statement]]:
    """What is sent to any database from here on."""
    sent: list[Statement] = []

    def note(_connection: object, _cursor: object, text: str, given: tuple[object, ...], *_: object) -> None:
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
