"""Statements on callbacks: an outbox that is filled in the transaction of what it tells of. It sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import CallbackAttempt
from .dialect import chunks
from .tables import callbacks, submissions

CLAIM_LOCK = 0x636D74636C61696D
"""The advisory lock at which senders of several processes queue, each for the moment of its claim."""
WAITING = callbacks.c.state == sa.literal_column("'waiting'")
FAILED = callbacks.c.state == sa.literal_column("'failed'")
IN_HAND = callbacks.c.claim.is_not(None)
INSERT = sa.insert(callbacks)
"""As every submission asks, put together once: that takes longer than to answer it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A callback to be sent now: of a review that somebody decided, or of a job that has ended.

    ``tries`` counts this one too; ``body`` is None before the first.
    """

    id: str
    team: str
    review_id: str
    endpoint: str
    receiver: str
    tries: int
    body: str | None
    job_id: str | None
    reviewer: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one receiver: since when the first of it is due, and how many are in some sender's hands."""

    receiver: str
    first_at: datetime
    in_hand: int


@dataclass(frozen=True, slots=True)
class Record:
    """How a try ended."""

    id: str
    claim: str
    state: str
    answer: str
    tried_at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the outbox is behind, in all teams. ``oldest_due_at`` is None when nothing is due."""

    waiting: int
    in_hand: int
    failed: int
    oldest_due_at: datetime | None


def insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add callbacks that wait for their moment."""
    if rows:
        connection.execute(INSERT, list(rows) if len(rows) > 1 else rows[0])


def cancel(connection: Connection, submission_id: str) -> None:
    """Call off what a submission would have told."""
    mine = (callbacks.c.submission_id == submission_id) & (callbacks.c.state == "waiting")
    connection.execute(sa.update(callbacks).where(mine).values(state="cancelled"))


def queues(connection: Connection, now: datetime) -> list[Queue]:
    """The receivers for whom something is due, those who wait longest first. One index seek for each receiver.

    On PostgreSQL other senders wait until this transaction has ended, so that what is counted here stays true.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
    hands = sa.select(callbacks.c.receiver, sa.func.count()).where(IN_HAND, WAITING, callbacks.c.next_at > now)
    busy: dict[str, int] = {row[0]: row[1] for row in connection.execute(hands.group_by(callbacks.c.receiver))}
    due = [Queue(row.receiver, row.first_at, busy.get(row.receiver, 0)) for row in connection.execute(_first_due(now))]
    return sorted(due, key=lambda queue: (queue.first_at, queue.receiver))


def _first_due(now: datetime) -> sa.Select[Any]:
    """Each receiver with its earliest moment, if that has come: from receiver to receiver along the index."""
    head = sa.select(sa.func.min(callbacks.c.receiver).label("receiver")).where(WAITING).cte("heads", recursive=True)
    later = callbacks.alias("later")
    still = later.c.state == sa.literal_column("'waiting'")
    following = sa.select(sa.func.min(later.c.receiver)).where(still, later.c.receiver > head.c.receiver)
    heads = head.union_all(sa.select(following.scalar_subquery()).where(head.c.receiver.is_not(None)))
    first = sa.select(sa.func.min(callbacks.c.next_at)).where(WAITING, callbacks.c.receiver == heads.c.receiver)
    found = sa.select(heads.c.receiver, first.scalar_subquery().label("first_at")).subquery()
    return sa.select(found.c.receiver, found.c.first_at).where(found.c.first_at <= now)


def claim(connection: Connection, receiver: str, count: int, name: str, now: datetime, until: datetime) -> list[Due]:
    """Callbacks to a receiver that are due and final; until ``until`` nobody else sends them."""
    columns = ("id", "team", "review_id", "endpoint", "receiver", "tries", "body", "job_id")
    query = (
        sa.select(*(callbacks.c[each] for each in columns), submissions.c.reviewer, submissions.c.created_at)
        .outerjoin(submissions, submissions.c.id == callbacks.c.submission_id)
        .where(
            WAITING,
            callbacks.c.receiver == receiver,
            callbacks.c.next_at <= now,
            (submissions.c.state == "final") | callbacks.c.job_id.is_not(None),
        )
        .order_by(callbacks.c.next_at)
        .limit(count)
        .with_for_update(skip_locked=True, of=callbacks)
    )
    rows = connection.execute(query).all()
    if rows:
        mine = callbacks.c.id.in_([row.id for row in rows])
        taken = {"claim": name, "next_at": until, "tries": callbacks.c.tries + 1}
        connection.execute(sa.update(callbacks).where(mine).values(taken))
    return [
        Due(
            *(row.id, row.team, row.review_id, row.endpoint, row.receiver),
            tries=row.tries + 1,
            body=row.body,
            job_id=row.job_id,
            reviewer=row.reviewer,
            decided_at=row.created_at,
        )
        for row in rows
    ]


def keep_bodies(connection: Connection, bodies: Mapping[str, str]) -> None:
    """Keep what is sent, by callback id, so that every later try sends the same."""
    if bodies:
        mine = callbacks.c.id == sa.bindparam("callback_id")
        statement = sa.update(callbacks).where(mine).values(body=sa.bindparam("sent"))
        connection.execute(statement, [{"callback_id": id, "sent": body} for id, body in bodies.items()])


def record(connection: Connection, ended: Iterable[Record]) -> list[str]:
    """Keep how tries ended; the ids of those whose record counts.

    What was delivered is delivered, whoever has it in hand by now. A failure counts only for the claim it was made
    under: a sender that was too slow does not spoil the try of the one that came after it.
    """
    counted = []
    for each in ended:
        values = {"state": each.state, "answer": each.answer, "tried_at": each.tried_at, "next_at": each.next_at}
        statement = sa.update(callbacks).where(callbacks.c.id == each.id)
        if each.state == "delivered":
            statement = statement.where(callbacks.c.state.in_(("waiting", "failed"))).values(**values, body=None)
        else:
            statement = statement.where(WAITING, callbacks.c.claim == each.claim).values(**values)
        if connection.execute(statement.values(claim=None)).rowcount:
            counted.append(each.id)
    return counted


def revive(connection: Connection, team: str, now: datetime, limit: int) -> list[str]:
    """Let callbacks that were given up begin anew, the oldest first, at most so many; their ids."""
    query = sa.select(callbacks.c.id).where(callbacks.c.team == team, FAILED)
    ids = list(connection.execute(query.order_by(callbacks.c.due_at, callbacks.c.id).limit(limit)).scalars())
    for part in chunks(ids):
        mine = callbacks.c.id.in_(part) & FAILED
        connection.execute(sa.update(callbacks).where(mine).values(state="waiting", tries=0, next_at=now, claim=None))
    return ids


def revive_one(connection: Connection, id: str, now: datetime) -> bool:
    """Let one begin anew that was given up, or one that waits for a later try go now; whether that changed anything."""
    mine = callbacks.c.id == id
    again = sa.update(callbacks).where(mine, FAILED).values(state="waiting", tries=0, next_at=now, claim=None)
    soon = (WAITING, callbacks.c.tries > 0, callbacks.c.claim.is_(None), callbacks.c.next_at > now)
    sooner = sa.update(callbacks).where(mine, *soon).values(next_at=now)
    return bool(connection.execute(again).rowcount or connection.execute(sooner).rowcount)


def fetch(connection: Connection, team: str, id: str) -> CallbackAttempt | None:
    """One callback; None when the team has no such one."""
    row = connection.execute(_attempts(team).where(callbacks.c.id == id)).first()
    return None if row is None else CallbackAttempt(*row)


def of_team(
    connection: Connection,
    team: str,
    state: str | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 1000,
) -> list[CallbackAttempt]:
    """A page of a team's callbacks, the latest first; those of one state, from a place on."""
    query = _attempts(team)
    if state is not None:
        query = query.where(FAILED if state == "failed" else callbacks.c.state == state)
    if before is not None:
        moment, id = before
        same = (callbacks.c.due_at == moment) & (callbacks.c.id < id)
        query = query.where(callbacks.c.due_at <= moment, (callbacks.c.due_at < moment) | same)
    query = query.order_by(callbacks.c.due_at.desc(), callbacks.c.id.desc()).limit(limit)
    return [CallbackAttempt(*row) for row in connection.execute(query)]


def _attempts(team: str) -> sa.Select[Any]:
    names = ("id", "review_id", "endpoint", "state", "tries", "due_at", "tried_at", "answer", "job_id", "next_at")
    return sa.select(*(callbacks.c[name] for name in names)).where(callbacks.c.team == team)


def lag(connection: Connection, now: datetime) -> Lag:
    """How far the outbox is behind, from its small indexes alone: what is delivered is not counted."""
    oldest = connection.execute(sa.select(sa.func.min(callbacks.c.next_at)).where(WAITING)).scalar()
    return Lag(
        _count(connection, WAITING),
        _count(connection, IN_HAND, WAITING, callbacks.c.next_at > now),
        _count(connection, FAILED),
        oldest if oldest is not None and oldest <= now else None,
    )


def _count(connection: Connection, *which: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(callbacks).where(*which)).scalar_one()
