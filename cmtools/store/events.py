"""Statements on audit events: they are added and read, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import AuditEvent
from .dialect import insert_columns
from .tables import events


def insert(connection: Connection, shared: Mapping[str, Any], columns: Mapping[str, Sequence[Any]]) -> None:
    """Add events, in order: what they share, and a sequence for each of the other columns."""
    insert_columns(connection, events, shared, columns)


def listing(
    connection: Connection, team: str, *, subject: str | None = None, after: int = 0, limit: int = 1000
) -> list[AuditEvent]:
    """A team's events behind a sequence number, the oldest first; those on one subject when it is named."""
    columns = (events.c.sequence, events.c.at, events.c.actor, events.c.reviewer, events.c.action, events.c.subject)
    query = sa.select(*columns, events.c.before, events.c.after).where(events.c.team == team, events.c.sequence > after)
    if subject is not None:
        query = query.where(events.c.subject == subject)
    return [AuditEvent(*row) for row in connection.execute(query.order_by(events.c.sequence).limit(limit))]
