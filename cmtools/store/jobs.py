"""Statements on jobs: kept, given to one worker at a time, ended once. It knows no tagger and no workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Job, JobStep, Pairs
from .tables import EPOCH, MICROSECOND, jobs, work

KEPT = "kept"
"""The content of a job whose picture came in the request itself: its bytes are kept under the job's id."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a worker needs it. ``tries`` counts the one that it was taken for."""

    id: str
    team: str
    type: str
    content: str = field(repr=False)
    content_id: str
    workflow: str
    callback_endpoint: str | None = field(repr=False)
    created_by: str
    tries: int = 0


COLUMNS = [jobs.c[name] for name in JobRow.__slots__]


def insert(connection: Connection, row: JobRow, at: datetime) -> None:
    """Keep a new job; a worker may take it at once."""
    values: dict[str, Any] = {name: getattr(row, name) for name in JobRow.__slots__}
    values |= {"status": "InProgress", "metadata": [], "report": [], "created_at": at, "next_at": at}
    connection.execute(sa.insert(jobs).values(values))


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a job waits to be run."""
    query = sa.select(jobs.c.id).where(jobs.c.status == sa.literal_column("'InProgress'"), jobs.c.next_at <= now)
    return connection.execute(query.limit(1)).first() is not None


def claim(connection: Connection, now: datetime, until: datetime) -> JobRow | None:
    """The job that has waited longest, put off until ``until`` so that nobody else takes it meanwhile; or None."""
    query = (
        sa.select(*COLUMNS)
        .where(jobs.c.status == sa.literal_column("'InProgress'"), jobs.c.next_at <= now)
        .order_by(jobs.c.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    row = JobRow(*found)
    row = replace(row, tries=row.tries + 1)
    connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(next_at=until, tries=row.tries))
    return row


def holds(connection: Connection, row: JobRow) -> bool:
    """Whether the job is still the one that was taken, and nobody else took it since. Locked until the end."""
    query = sa.select(jobs.c.status, jobs.c.tries).where(jobs.c.id == row.id).with_for_update()
    return connection.execute(query).first() == ("InProgress", row.tries)


def put_off(connection: Connection, id: str, until: datetime) -> None:
    """Let nobody take a job before a moment."""
    connection.execute(sa.update(jobs).where(jobs.c.id == id).values(next_at=until))


def end(connection: Connection, id: str, status: str, metadata: Pairs, review_id: str | None) -> None:
    """End a job; its content goes, but for bytes that lie beside: see `left_over`."""
    values: Mapping[str, Any] = {
        "status": status,
        "metadata": [list(pair) for pair in metadata],
        "review_id": review_id,
        "content": sa.case((jobs.c.content == KEPT, KEPT), else_=""),
    }
    connection.execute(sa.update(jobs).where(jobs.c.id == id).values(values))


def left_over(connection: Connection) -> list[tuple[str, str]]:
    """Team and id of ended jobs whose bytes may still lie beside."""
    return [(row.team, row.id) for row in connection.execute(sa.select(jobs.c.team, jobs.c.id).where(work.left_over))]


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """Note that no bytes of these jobs lie beside any more."""
    connection.execute(sa.update(jobs).where(jobs.c.id.in_(list(ids))).values(content=""))


def report(connection: Connection, id: str, steps: Sequence[JobStep]) -> None:
    """Add lines to a job's report, the oldest first."""
    written = connection.execute(sa.select(jobs.c.report).where(jobs.c.id == id).with_for_update()).scalar_one()
    written += [[(step.at - EPOCH) // MICROSECOND, step.message] for step in steps]
    connection.execute(sa.update(jobs).where(jobs.c.id == id).values(report=written))


def fetch(connection: Connection, team: str, id: str) -> Job | None:
    """A team's job, or None."""
    row = connection.execute(sa.select(jobs).where(jobs.c.team == team, jobs.c.id == id)).first()
    if row is None:
        return None
    return Job(
        id=row.id,
        status=row.status,
        workflow=row.workflow,
        type=row.type,
        content_id=row.content_id,
        content="" if row.content == KEPT else row.content,
        callback_endpoint=row.callback_endpoint,
        review_id=row.review_id,
        metadata=tuple((key, value) for key, value in row.metadata),
        report=tuple(JobStep(EPOCH + at * MICROSECOND, message) for at, message in reversed(row.report)),
        created_at=row.created_at,
    )
