"""Statements on callbacks: an outbox that is filled in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import CallbackAttempt
from .tables import callbacks, reviews, submissions


@dataclass(frozen=True, slots=True)
class Due:
    """A callback to be sent now: of a review that somebody decided, or of a job that has ended."""

    id: str
    team: str
    review_id: str
    endpoint: str
    tries: int
    job_id: str | None
    reviewer: str | None
    decided_at: datetime | None


def insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add callbacks that wait for their moment."""
    if rows:
        connection.execute(sa.insert(callbacks), list(rows))


def endpoints(connection: Connection, team: str, review_ids: Sequence[str]) -> dict[str, str]:
    """The callback endpoint of each of these reviews that has one."""
    query = sa.select(reviews.c.id, reviews.c.callback_endpoint).where(reviews.c.team == team)
    rows = connection.execute(query.where(reviews.c.id.in_(list(review_ids))))
    return {row.id: row.callback_endpoint for row in rows if row.callback_endpoint}


def cancel(connection: Connection, submission_id: str) -> None:
    """Call off what a submission would have told."""
    mine = (callbacks.c.submission_id == submission_id) & (callbacks.c.state == "waiting")
    connection.execute(sa.update(callbacks).where(mine).values(state="cancelled"))


def claim(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    """Callbacks that are due and final, put off until ``until`` so that nobody else sends them meanwhile."""
    query = (
        sa.select(
            callbacks.c.id,
            callbacks.c.team,
            callbacks.c.review_id,
            callbacks.c.endpoint,
            callbacks.c.tries,
            callbacks.c.job_id,
            submissions.c.reviewer,
            submissions.c.created_at,
        )
        .outerjoin(submissions, submissions.c.id == callbacks.c.submission_id)
        .where(
            callbacks.c.state == sa.literal_column("'waiting'"),
            callbacks.c.next_at <= now,
            (submissions.c.state == "final") | callbacks.c.job_id.is_not(None),
        )
        .order_by(callbacks.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=callbacks)
    )
    found = [Due(*row) for row in connection.execute(query)]
    if found:
        mine = callbacks.c.id.in_([due.id for due in found])
        connection.execute(sa.update(callbacks).where(mine).values(next_at=until, tries=callbacks.c.tries + 1))
    return found


def record(connection: Connection, id: str, *, state: str, answer: str, tried_at: datetime, next_at: datetime) -> None:
    """Keep how a try went."""
    values = {"state": state, "answer": answer, "tried_at": tried_at, "next_at": next_at}
    connection.execute(sa.update(callbacks).where(callbacks.c.id == id).values(values))


def of_team(connection: Connection, team: str, limit: int = 1000) -> list[CallbackAttempt]:
    """A team's callbacks, the latest first."""
    columns = (callbacks.c.id, callbacks.c.review_id, callbacks.c.endpoint, callbacks.c.state, callbacks.c.tries)
    query = sa.select(*columns, callbacks.c.due_at, callbacks.c.tried_at, callbacks.c.answer, callbacks.c.job_id)
    query = query.where(callbacks.c.team == team).order_by(callbacks.c.due_at.desc(), callbacks.c.id).limit(limit)
    return [CallbackAttempt(*row) for row in connection.execute(query)]
