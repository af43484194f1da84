"""The few statements that databases spell differently."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(connection: Connection, table: sa.Table) -> sa.Insert:
    """An INSERT that passes over rows whose key is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def upsert(connection: Connection, table: sa.Table, *columns: str) -> sa.Insert:
    """An INSERT that changes the named columns of a row whose primary key is there already."""
    keys = [column.name for column in table.primary_key]
    if connection.dialect.name == "postgresql":
        on_postgres = postgresql.insert(table)
        return on_postgres.on_conflict_do_update(
            index_elements=keys, set_={column: on_postgres.excluded[column] for column in columns}
        )
    on_sqlite = sqlite.insert(table)
    return on_sqlite.on_conflict_do_update(
        index_elements=keys, set_={column: on_sqlite.excluded[column] for column in columns}
    )
