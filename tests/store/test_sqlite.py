"""The SQLite store's own promises: durable, one writer, commits shared."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from cmtools.errors import BadRequest, StoreError
from cmtools.store import Connection, Store, open_store, teams

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "reviews.db")
    yield store
    store.close()


def pragma(connection: Connection, name: str) -> object:
    return connection.execute(sa.text(f"PRAGMA {name}")).scalar()


def test_every_commit_is_synced(sqlite: Store) -> None:
    assert sqlite.write(lambda connection: pragma(connection, "synchronous")) == 2
    assert sqlite.write(lambda connection: pragma(connection, "journal_mode")) == "wal"


def test_waiting_work_shares_a_commit_and_a_failing_piece_spoils_only_itself(sqlite: Store) -> None:
    started, go = threading.Event(), threading.Event()
    commits: list[object] = []
    sa.event.listen(sqlite._writer, "commit", commits.append)

    def block(_: Connection) -> None:
        started.set()
        assert go.wait(30)

    def add(n: int) -> bool:
        def work(connection: Connection) -> bool:
            done = teams.insert(connection, f"team-{n}", "public", NOW)
            if n == 7:
                raise BadRequest("the seventh fails")
            return done

        return sqlite.write(work)

    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(sqlite.write, block)
        assert started.wait(30)
        waiting = [pool.submit(add, n) for n in range(20)]
        while sqlite._jobs.qsize() < 20:
            pass
        go.set()
        first.result(30)
        outcomes = [future.exception(30) for future in waiting]

    assert [n for n, error in enumerate(outcomes) if error] == [7]
    assert len(commits) == 2, "one for the piece that held the writer, one for the twenty that waited"
    names = sqlite.read(lambda connection: connection.execute(sa.text("SELECT name FROM teams")).scalars().all())
    assert len(names) == 19


def test_write_inside_write_is_a_mistake_that_says_so(sqlite: Store) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        sqlite.write(lambda _: sqlite.write(lambda _: None))


def test_closing_finishes_what_was_accepted(tmp_path: Path) -> None:
    store = open_store(tmp_path / "reviews.db")
    with ThreadPoolExecutor(8) as pool:
        futures = [
            pool.submit(store.write, lambda connection, n=n: teams.insert(connection, f"t{n}", "p", NOW))
            for n in range(50)
        ]
        while not all(future.done() or future.running() for future in futures[:8]):
            pass
        store.close()
        kept = sum(1 for future in futures if future.exception(30) is None)
        refused = [future.exception() for future in futures if future.exception() is not None]
    assert all(isinstance(error, StoreError) for error in refused)
    again = open_store(tmp_path / "reviews.db")
    assert again.read(lambda connection: connection.execute(sa.text("SELECT count(*) FROM teams")).scalar()) == kept
    again.close()


def test_readers_see_committed_data_while_a_writer_works(sqlite: Store) -> None:
    inside, go = threading.Event(), threading.Event()

    def work(connection: Connection) -> None:
        teams.insert(connection, "late", "public", NOW)
        inside.set()
        assert go.wait(30)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sqlite.write, work)
        assert inside.wait(30)
        assert not sqlite.read(lambda connection: teams.exists(connection, "late"))
        go.set()
        future.result(30)
    assert sqlite.read(lambda connection: teams.exists(connection, "late"))
