"""A store in PostgreSQL for a team: several service processes, a pool of connections, row locks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from ..errors import StoreError, install_hint

Result = TypeVar("Result")
TRIES = 8
FIRST_PAUSE_SECONDS = 0.01
"""About how long work that lost a race waits before it runs again; twice as long each time, and never the same."""
AWAY_SECONDS = 3.0
"""How long work tries to reach a server that takes no connections, as while it starts anew."""
LOST_RACE = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of a serialization failure, of a deadlock and of a lock that was waited for in vain: run it again."""
POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": 30}
"""Six processes of 16 connections each fit into PostgreSQL's own limit of 100.

They are not asked whether they are alive first: work that meets a dead one is run again on a new one anyway.
"""
PATIENCE = "-c lock_timeout=10s -c statement_timeout=120s -c idle_in_transaction_session_timeout=300s"
"""So that one transaction that hangs does not hold up the others for good."""


class PostgresStore:
    """A store that any number of service processes share."""

    name = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        how: dict[str, object] = {} if "options" in url.query else {"options": PATIENCE}
        try:
            self._engine = sa.create_engine(
                url, hide_parameters=True, connect_args={"connect_timeout": 10, **how}, **POOL
            )
        except ModuleNotFoundError as error:
            raise StoreError(install_hint("psycopg", "postgres")) from error

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that changes nothing."""
        return self._run(work, "PostgreSQL cannot be read", again_after_commit=True)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run work in a transaction; one that lost a race with another is run again.

        So is work whose connection broke off before its commit was sent, as when the server is started anew. After
        that nobody knows whether it was kept, and the caller is told.
        """
        return self._run(work, "PostgreSQL refused the change", again_after_commit=False)

    def _run(self, work: Callable[[Connection], Result], problem: str, *, again_after_commit: bool) -> Result:
        started = time.monotonic()
        for attempt in range(1, TRIES + 1):
            connected = worked = False
            try:
                with self._engine.begin() as connection:
                    connected = True
                    result = work(connection)
                    worked = True
                return result
            except sa.exc.TimeoutError as error:
                raise StoreError(f"{problem}: all connections are in use; try again in a moment") from error
            except sa.exc.DBAPIError as error:
                broke_off = error.connection_invalidated and (again_after_commit or not worked)
                away = not connected and time.monotonic() - started < AWAY_SECONDS
                lost = getattr(error.orig, "sqlstate", None) in LOST_RACE
                if attempt < TRIES and (lost or broke_off or away):
                    time.sleep(random.uniform(0.5, 1.5) * FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))  # noqa: S311 - no secret
                    continue
                if not (isinstance(error, sa.exc.OperationalError) or lost or error.connection_invalidated):
                    raise
                raise StoreError(f"{problem}: {_reason(error)}") from error
        raise AssertionError("unreachable")

    def waiting(self) -> int:
        """None: each piece of work has a connection of its own."""
        return 0

    def close(self) -> None:
        """Close the pool."""
        self._engine.dispose()


def _reason(error: sa.exc.DBAPIError) -> str:
    """The first line of what the driver says; the rest may quote the connection's settings."""
    return (str(error.orig).strip() or "no reason was given").splitlines()[0]
