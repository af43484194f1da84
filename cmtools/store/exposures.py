"""Statements on exposures: how often, and how long, a reviewer saw a picture uncovered; a row a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from ..model import Exposure
from .tables import exposures, reviews


class Day(NamedTuple):
    """What one reviewer was exposed to in a day."""

    pictures: int
    reveals: int
    seconds: float


def day_of(at: datetime) -> str:
    """The day of a moment, in UTC.

    Examples
    --------
    >>> day_of(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    '2026-03-01'
    """
    return at.astimezone(UTC).date().isoformat()


def add(connection: Connection, team: str, reviewer: str, at: datetime, seconds: Mapping[str, float]) -> None:
    """Count one more reveal of each of these reviews (id -> how long it lasted)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(exposures)
    table, new = exposures.c, statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in exposures.primary_key],
        set_={"reveals": table.reveals + 1, "seconds": table.seconds + new.seconds, "last_at": new.last_at},
    )
    shared = {"team": team, "reviewer": reviewer, "day": day_of(at), "reveals": 1, "last_at": at}
    # In one order for everybody, so that two calls never wait for each other's rows.
    rows = [{**shared, "review_id": id, "seconds": seconds[id]} for id in sorted(seconds)]
    connection.execute(statement, rows)


def of_day(connection: Connection, team: str, reviewer: str, at: datetime) -> Day:
    """What a reviewer was exposed to on the day of that moment."""
    figures = (sa.func.count(), sa.func.coalesce(sa.func.sum(exposures.c.reveals), 0), sa.func.sum(exposures.c.seconds))
    mine = (exposures.c.team == team, exposures.c.reviewer == reviewer, exposures.c.day == day_of(at))
    pictures, reveals, seconds = connection.execute(sa.select(*figures).where(*mine)).one()
    return Day(pictures, int(reveals), float(seconds or 0.0))


def page(
    connection: Connection, team: str, reviewer: str | None, after: int, limit: int
) -> tuple[list[Exposure], int | None]:
    """Exposures by review and reviewer, all days together, in the order of the reviews; and the next cursor.

    A page holds whole reviews: more than ``limit`` where more reviewers than that saw one.
    """
    rows = _totals(connection, team, reviewer, reviews.c.sequence > after, limit + 1)
    if len(rows) <= limit:
        return [_exposure(row) for row in rows], None
    last = rows[-1].sequence
    whole = list(takewhile(lambda row: row.sequence != last, rows))
    if not whole:
        whole = _totals(connection, team, reviewer, reviews.c.sequence == last, None)
    return [_exposure(row) for row in whole], whole[-1].sequence


def _exposure(row: Sequence[Any]) -> Exposure:
    _, review_id, reviewer, reveals, seconds, last_at = row
    return Exposure(review_id, reviewer, reveals, seconds, last_at)


def _totals(
    connection: Connection, team: str, reviewer: str | None, which: sa.ColumnElement[bool], limit: int | None
) -> list[sa.Row[Any]]:
    totals = (sa.func.sum(exposures.c.reveals), sa.func.sum(exposures.c.seconds), sa.func.max(exposures.c.last_at))
    groups = (reviews.c.sequence, exposures.c.review_id, exposures.c.reviewer)
    last_at = sa.type_coerce(totals[2], exposures.c.last_at.type)
    query = sa.select(*groups, sa.cast(totals[0], sa.Integer), totals[1], last_at)
    query = query.join(reviews, reviews.c.id == exposures.c.review_id).where(exposures.c.team == team, which)
    query = query if reviewer is None else query.where(exposures.c.reviewer == reviewer)
    return list(connection.execute(query.group_by(*groups).order_by(groups[0], groups[2]).limit(limit)).all())
