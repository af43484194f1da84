"""The SQLite store's own promises: durable, one writer, commits shared."""

from __future__ import annotations

import ast
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import cmtools.store
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


NULLS = {"is_", "is_not", "case", "coalesce", "exists", "in_", "not_in", "isnot", "nullif", "func", "or_", "and_"}


def test_returning_asks_of_no_column_whether_it_is_null() -> None:
    """Up to some version SQLite takes any column there for one that cannot be null when the table's first cannot."""
    asked = []
    for path in Path(cmtools.store.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "returning":
                names = {
                    each.attr for given in call.args for each in ast.walk(given) if isinstance(each, ast.Attribute)
                }
                asked += [f"{path.name}:{call.lineno}: {name}" for name in names & NULLS]
    assert asked == []


def test_what_is_null_is_null_where_rows_are_chosen_and_changed() -> None:
    """Unlike in RETURNING, whose answer is asked for here so that it is known what the rule above is for."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, other TEXT, said TEXT)")
    database.execute("INSERT INTO t VALUES (1, NULL, ''), (2, 'x', '')")
    change = "UPDATE t SET said = CASE WHEN other IS NULL THEN 'null' ELSE 'not' END RETURNING id, other IS NULL, other"
    told = sorted(database.execute(change).fetchall())
    assert told in ([(1, 0, None), (2, 0, "x")], [(1, 1, None), (2, 0, "x")])
    assert database.execute("SELECT id, said FROM t ORDER BY id").fetchall() == [(1, "null"), (2, "not")]
    assert database.execute("UPDATE t SET said = '' WHERE other IS NULL RETURNING id").fetchall() == [(1,)]
    database.close()
