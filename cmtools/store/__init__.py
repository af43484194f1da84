"""Stores by the scheme of their address. Adding one is a file beside this and a line in `STORES`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from ..errors import StoreError
from .base import Store
from .migrations import has_todays_tables, migrate
from .postgres import PostgresStore
from .sqlite import SQLiteStore

STORES: dict[str, type[SQLiteStore] | type[PostgresStore]] = {"sqlite": SQLiteStore, "postgresql": PostgresStore}

__all__ = ["STORES", "Connection", "Store", "has_todays_tables", "open_store", "parse_url", "ping"]


def parse_url(database: str | Path) -> sa.URL:
    """A database's address: a path means an SQLite file, anything with ``://`` is an SQLAlchemy URL.

    Examples
    --------
    >>> parse_url("reviews.db").get_backend_name()
    'sqlite'
    >>> parse_url("postgresql://db/reviews").drivername
    'postgresql+psycopg'
    """
    text = str(database)
    if "://" not in text:
        return sa.URL.create("sqlite", database=str(Path(text).expanduser().absolute()))
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise StoreError(
            "the database's address is neither a path nor an SQLAlchemy URL (sqlite:///..., postgresql://...)"
        ) from None
    if url.get_backend_name() not in STORES:
        raise StoreError(f"no store for {url.get_backend_name()!r} addresses; there are {', '.join(STORES)}")
    if url.get_backend_name() == "postgresql" and url.drivername != "postgresql+psycopg":
        url = url.set(drivername="postgresql+psycopg")
    return url


def open_store(database: str | Path) -> Store:
    """Open a database, made new or brought to today's tables first.

    Raises
    ------
    StoreError
        The address is of no known kind, or the database cannot be opened.
    """
    url = parse_url(database)
    migrate(url)
    return STORES[url.get_backend_name()](url)


def ping(connection: Connection) -> None:
    """Ask the database for nothing, to see that it answers."""
    connection.execute(sa.select(sa.literal(1)))
