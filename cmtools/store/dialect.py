"""The few statements that databases spell differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows, passing over those whose key is there already; how many were new."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return connection.execute(statement, list(rows), execution_options={"preserve_rowcount": True}).rowcount


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
