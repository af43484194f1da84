"""A store in PostgreSQL for a team: several service processes, a pool of connections, row locks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from ..errors import StoreError, install_hint

Result = TypeVar("Result")
TRIES = 5
LOST_RACE = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: PostgreSQL asks for the transaction to be run again."""


class PostgresStore:
    """A store that any number of service processes share."""

    name = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        try:
            self._engine = sa.create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise StoreError(install_hint("psycopg", "postgres")) from error

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that changes nothing."""
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except sa.exc.OperationalError as error:
            raise StoreError(f"PostgreSQL cannot be read: {_reason(error)}") from error

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run work in a transaction; one that lost a race with another is run again."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except sa.exc.OperationalError as error:
                if attempt < TRIES and getattr(error.orig, "sqlstate", None) in LOST_RACE:
                    continue
                raise StoreError(f"PostgreSQL refused the change: {_reason(error)}") from error
        raise AssertionError("unreachable")

    def waiting(self) -> int:
        """None: each piece of work has a connection of its own."""
        return 0

    def close(self) -> None:
        """Close the pool."""
        self._engine.dispose()


def _reason(error: sa.exc.OperationalError) -> str:
    """The first line of what the driver says; the rest may quote the connection's settings."""
    return str(error.orig).strip().splitlines()[0]
