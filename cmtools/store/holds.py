"""Statements on reviews that somebody has parked: out of the queue and of every lease, until a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import chunks, named
from .reviews import NOT_HELD, WAITS
from .tables import leases, reviews, toggles

PARKED = reviews.c.status == sa.literal_column("'Held'")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A review that is parked; ``blind`` when its reviewer had not been shown the auto tags."""

    id: str
    team: str
    type: str
    held_by: str
    blind: bool


def park(connection: Connection, team: str, ids: Sequence[str], by: str, until: datetime) -> None:
    """Take reviews out of their lease, which stays on record with them, and out of the queue; toggles are kept."""
    for part in chunks(ids):
        mine = named(reviews, team, part)
        connection.execute(sa.update(reviews).where(mine).values(status="Held", held_by=by, held_until=until))


def listing(
    connection: Connection, team: str, by: str | None, ids: Sequence[str] | None = None, *, locked: bool = False
) -> list[HeldRow]:
    """The team's parked reviews, those that go back first being the first; of one reviewer, or those named."""
    found: list[HeldRow] = []
    for part in [None] if ids is None else chunks(ids):
        blind = sa.or_(reviews.c.blind, sa.func.coalesce(leases.c.blind, sa.false()))
        query = (
            sa.select(reviews.c.id, reviews.c.team, reviews.c.type, reviews.c.held_by, blind)
            .outerjoin(leases, leases.c.id == reviews.c.lease_id)
            .where(PARKED, reviews.c.held_until.is_not(None))
            .order_by(reviews.c.held_until, reviews.c.sequence)
        )
        query = query if by is None else query.where(reviews.c.held_by == by)
        query = query.where(reviews.c.team == team if part is None else named(reviews, team, part))
        rows = connection.execute(query.with_for_update(of=reviews) if locked else query)
        found += [HeldRow(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]
    return found


def overdue(connection: Connection, now: datetime, limit: int) -> list[HeldRow]:
    """Parked reviews whose time is over, each locked; those that another process is sweeping are passed over."""
    query = sa.select(reviews.c.id, reviews.c.team, reviews.c.type, reviews.c.held_by, sa.false())
    query = query.where(PARKED, reviews.c.held_until <= now).order_by(reviews.c.held_until).limit(limit)
    return [HeldRow(*row) for row in connection.execute(query.with_for_update(skip_locked=True))]


def lease_out(connection: Connection, team: str, lease_id: str, ids: Sequence[str]) -> None:
    """Put parked reviews into a lease, with the toggles that were made on them."""
    for part in chunks(ids):
        mine = named(reviews, team, part)
        connection.execute(sa.update(reviews).where(mine).values(status="Leased", lease_id=lease_id, **NOT_HELD))


def give_back(connection: Connection, ids: Sequence[str]) -> None:
    """Put parked reviews back into the queue, at their old places; toggles made on them are dropped."""
    for part in chunks(ids):
        mine = reviews.c.id.in_(part)
        connection.execute(sa.update(reviews).where(mine).values(status=WAITS, lease_id=None, **NOT_HELD))
        connection.execute(sa.delete(toggles).where(toggles.c.review_id.in_(part)))
