"""What is due by the clock, of every kind and of all teams, in a few quick questions. It changes nothing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from . import copies, jobs, seals
from .tables import callbacks, leases, reviews, submissions


def kinds(connection: Connection, now: datetime) -> set[str]:
    """Those of ``sweep, callbacks, jobs, copies, seals`` for which there is work."""
    found = {
        "sweep": _overdue(connection, now),
        "callbacks": _any(connection, callbacks, callbacks.c.state == sa.literal_column("'waiting'"), "next_at", now),
        "jobs": jobs.anything_due(connection, now) or bool(jobs.left_over(connection)),
        "copies": copies.anything_due(connection, now),
        "seals": seals.anything_new(connection),
    }
    return {kind for kind, there in found.items() if there}


def _overdue(connection: Connection, now: datetime) -> bool:
    """Whether a lease or a hold is to end, or a submission to become final."""
    is_open = submissions.c.state == sa.literal_column("'open'")
    return (
        _any(connection, leases, leases.c.ended_as.is_(None), "expires_at", now)
        or _any(connection, submissions, is_open, "final_at", now)
        or _any(connection, reviews, reviews.c.held_until.is_not(None), "held_until", now)
    )


def _any(connection: Connection, table: sa.Table, waits: sa.ColumnElement[bool], moment: str, now: datetime) -> bool:
    query = sa.select(table.c.id).where(waits, table.c[moment] <= now).limit(1)
    return connection.execute(query).first() is not None
