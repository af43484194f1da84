"""Counts and ages over all teams, for whoever runs the service. They name no team, and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from . import seals
from .tables import callbacks, events, jobs, leases, reviews, teams

OPEN = ("Unpublished", "Pending", "Held", "Leased", "Submitted", "Disputed")
"""States of reviews that somebody waits for; complete ones are only ever more."""
UNDELIVERED = ("waiting", "failed")


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waits, and for how long. ``reviews`` counts by type and status, ``callbacks`` by state."""

    at: datetime
    reviews: Mapping[tuple[str, str], int]
    callbacks: Mapping[str, int]
    leases: int
    oldest_lease_seconds: float
    overdue_seconds: float
    oldest_callback_seconds: float
    jobs: int
    unsealed_seconds: float


def look(connection: Connection, now: datetime) -> Figures:
    """All of them, in a few quick questions of what waits."""
    of_leases = sa.select(sa.func.count(), sa.func.min(leases.c.created_at)).where(leases.c.ended_as.is_(None))
    live, oldest = connection.execute(of_leases).one()
    waits = callbacks.c.state == sa.literal_column("'waiting'")
    moments = sa.select(sa.func.min(callbacks.c.next_at), sa.func.min(callbacks.c.due_at)).where(waits)
    next_at, due_at = connection.execute(moments).one()
    in_progress = sa.select(sa.func.count()).where(jobs.c.status == sa.literal_column("'InProgress'"))
    return Figures(
        now,
        _reviews(connection),
        _callbacks(connection),
        live,
        _since(oldest, now),
        _since(next_at, now),
        _since(due_at, now),
        connection.execute(in_progress).scalar_one(),
        _since(_first_unsealed(connection), now),
    )


def _reviews(connection: Connection) -> dict[tuple[str, str], int]:
    """By type and status; team by team, as the index of states has them."""
    query = (
        sa.select(reviews.c.type, reviews.c.status, sa.func.count())
        .where(reviews.c.team.in_(sa.select(teams.c.name)), reviews.c.status.in_(OPEN))
        .group_by(reviews.c.type, reviews.c.status)
    )
    return {(type, status): count for type, status, count in connection.execute(query)}


def _callbacks(connection: Connection) -> dict[str, int]:
    """By state, each by its own index."""
    found = {}
    for state in UNDELIVERED:
        is_it = callbacks.c.state == sa.literal_column(f"'{state}'")
        found[state] = connection.execute(sa.select(sa.func.count()).where(is_it)).scalar_one()
    return found


def _first_unsealed(connection: Connection) -> datetime | None:
    """When the oldest event happened that no seal covers yet."""
    behind = events.c.sequence > seals.state(connection).high
    moment: datetime | None = connection.execute(
        sa.select(events.c.at).where(behind).order_by(events.c.sequence).limit(1)
    ).scalar()
    return moment


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
