"""A store in PostgreSQL when races are lost, connections break off and the server is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, make_url

from cmtools.errors import StoreError
from cmtools.store import Store, open_store, postgres, teams
from tests.tools import postgres as server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of an empty database."""
    made = server.fresh_database()
    yield made
    server.drop_database(made)


@pytest.fixture(scope="module")
def opened(url: str) -> Iterator[Store]:
    """A store in it."""
    made = open_store(url)
    yield made
    made.close()


def operate(url: str, statement: str) -> None:
    """Do something to the server, from outside the database."""
    plain = server.server().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.format(name=make_url(url).database))


BREAK_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
CLOSE = 'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false'
OPEN = 'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true'


def keep(name: str) -> Callable[[Connection], None]:
    return lambda connection: teams.set_setting_once(connection, name, "kept")


def kept(store: Store, name: str) -> str | None:
    return store.read(lambda connection: teams.get_setting(connection, name))


def failing(url: str, times: int, sqlstate: str) -> Callable[[Connection], int]:
    """Work that the database refuses so often; it answers how often it ran."""
    runs: list[int] = []

    def work(connection: Connection) -> int:
        runs.append(1)
        if len(runs) <= times:
            connection.execute(sa.text(f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}'; END $$"))
        return len(runs)

    return work


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the store would have made."""
    made: list[float] = []
    monkeypatch.setattr(postgres.time, "sleep", made.append)
    return made


@pytest.mark.parametrize("sqlstate", sorted(postgres.LOST_RACE))
def test_work_that_lost_a_race_is_run_again_after_ever_longer_pauses(
    opened: Store, url: str, pauses: list[float], sqlstate: str
) -> None:
    assert opened.write(failing(url, 4, sqlstate)) == 5
    assert [FIRST <= pause <= 3 * FIRST for FIRST, pause in zip((0.005, 0.01, 0.02, 0.04), pauses, strict=True)] == [
        True
    ] * 4


def test_work_that_loses_every_race_ends_in_a_store_error(opened: Store, url: str, pauses: list[float]) -> None:
    with pytest.raises(StoreError, match="planted"):
        opened.write(failing(url, 100, "40001"))
    assert len(pauses) == postgres.TRIES - 1


def test_other_refusals_are_not_tried_again(opened: Store, url: str, pauses: list[float]) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        opened.write(failing(url, 1, "23505"))
    assert pauses == []


def test_two_who_wait_for_each_other_both_succeed(opened: Store) -> None:
    """A real deadlock: each has what the other wants. The one that the server ends is run again."""
    for name in ("first", "second"):
        opened.write(keep(name))
    both = Barrier(2)
    runs: list[str] = []

    def crosswise(mine: str, other: str) -> None:
        def work(connection: Connection) -> None:
            teams.set_setting(connection, mine, mine)
            if len(runs) < 2:
                runs.append(mine)
                both.wait(30)
            teams.set_setting(connection, other, mine)

        opened.write(work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(crosswise, "first", "second"), pool.submit(crosswise, "second", "first")]:
            done.result(60)
    assert kept(opened, "first") == kept(opened, "second")


def test_work_goes_on_though_every_connection_is_broken_off_again_and_again(opened: Store, url: str) -> None:
    """What was acknowledged is there; what is refused says that nobody knows whether it was kept."""

    def write(thread: int) -> tuple[list[str], list[str]]:
        acknowledged, refused = [], []
        for n in range(60):
            name = f"w{thread}-{n}"
            try:
                opened.write(keep(name))
                acknowledged.append(name)
            except StoreError as error:
                refused.append(str(error))
        return acknowledged, refused

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, thread) for thread in range(4)]
        for _ in range(12):
            operate(url, BREAK_OFF)
        outcomes = [each.result(60) for each in writing]
    names = [name for acknowledged, _ in outcomes for name in acknowledged]
    assert len(names) > 200
    assert [name for name in names if kept(opened, name) != "kept"] == []
    assert [text for _, refused in outcomes for text in refused if "PostgreSQL refused the change" not in text] == []


def test_connection_that_broke_off_before_the_commit_costs_the_caller_nothing(opened: Store, url: str) -> None:
    runs: list[int] = []

    def work(connection: Connection) -> int:
        runs.append(1)
        teams.set_setting_once(connection, "name5", "kept")
        if len(runs) == 1:
            operate(url, BREAK_OFF)
            teams.set_setting_once(connection, "name5", "kept")
        return len(runs)

    assert opened.write(work) == 2
    assert kept(opened, "name5") == "kept"


def test_commit_whose_answer_was_lost_is_not_sent_again(opened: Store, url: str) -> None:
    runs: list[int] = []

    def work(connection: Connection) -> None:
        runs.append(1)
        teams.set_setting_once(connection, "name6", "kept")
        operate(url, BREAK_OFF)

    with pytest.raises(StoreError, match="PostgreSQL refused the change"):
        opened.write(work)
    assert runs == [1]


def test_server_that_is_away_for_a_moment_is_waited_for(
    opened: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operate(url, CLOSE)
    operate(url, BREAK_OFF)
    pauses: list[float] = []

    def back_at_the_third(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            operate(url, OPEN)

    monkeypatch.setattr(postgres.time, "sleep", back_at_the_third)
    opened.write(keep("name7"))
    assert len(pauses) == 3
    assert kept(opened, "name7") == "kept"


def test_server_that_stays_away_is_a_store_error_and_comes_back_without_a_restart_of_ours(
    opened: Store, url: str, pauses: list[float]
) -> None:
    operate(url, CLOSE)
    operate(url, BREAK_OFF)
    with pytest.raises(StoreError, match="PostgreSQL cannot be read"):
        kept(opened, "name8")
    operate(url, OPEN)
    opened.write(keep("name8"))
    assert kept(opened, "name8") == "kept"
