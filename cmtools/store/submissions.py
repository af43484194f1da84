"""Statements on submissions and the answers in them. An undone submission's answers stay, as history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import insert_columns, named
from .frames import Switched
from .tables import answers, reviews, submissions

# what every submission asks is put together once: that takes longer than to answer it
INSERT = sa.insert(submissions)
REPEATED = sa.select(submissions).where(
    submissions.c.lease_id == sa.bindparam("lease_id"),
    submissions.c.digest == sa.bindparam("digest"),
    submissions.c.state != "undone",
)
SUBMITTED = (
    sa.update(reviews)
    .where(named(reviews, sa.bindparam("of_team"), sa.bindparam("ids", expanding=True)))
    .values(status="Submitted", submission_id=sa.bindparam("made"))
    .returning(reviews.c.sequence, reviews.c.id, reviews.c.callback_endpoint, reviews.c.opinion_of)
)
REVIEW_IDS = (
    sa.select(reviews.c.id).where(reviews.c.submission_id == sa.bindparam("submission")).order_by(reviews.c.sequence)
)


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission as stored. ``state`` is open (it can be undone), final or undone."""

    id: str
    team: str
    lease_id: str
    reviewer: str
    digest: str
    created_at: datetime
    final_at: datetime
    state: str


def insert(connection: Connection, row: SubmissionRow, given: Mapping[str, Switched]) -> dict[str, str | None]:
    """Store a submission with its answers, by review id, and take the reviews out of their lease.

    Returns
    -------
    dict
        The ids of the reviews, the oldest first, with the endpoint of each one's callback (None: nobody is told, as of
        an opinion: the review it is on is told of once it is settled).
    """
    connection.execute(INSERT, {column.name: getattr(row, column.name) for column in submissions.columns})
    rows = [
        (review_id, frame, tag, value, position)
        for review_id, theirs in given.items()
        for frame, tags in theirs.items()
        for position, (tag, value) in enumerate(tags.items())
    ]
    if rows:
        names = ("review_id", "frame", "tag", "value", "position")
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        insert_columns(connection, answers, {"submission_id": row.id}, columns)
    taken = connection.execute(SUBMITTED, {"of_team": row.team, "ids": list(given), "made": row.id}).all()
    # decided here: in a RETURNING, SQLite may take "IS NULL" for false, whatever is asked: tests/store/test_sqlite.py
    return {each.id: each.callback_endpoint if each.opinion_of is None else None for each in sorted(taken)}


def get(connection: Connection, team: str, id: str) -> SubmissionRow | None:
    """A submission, locked until the transaction ends; None when the team has no such one."""
    query = sa.select(submissions).where(submissions.c.team == team, submissions.c.id == id).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else SubmissionRow(*row)


def repeated(connection: Connection, lease_id: str, digest: str) -> SubmissionRow | None:
    """The submission that this very request made before, unless it was undone since."""
    row = connection.execute(REPEATED, {"lease_id": lease_id, "digest": digest}).first()
    return None if row is None else SubmissionRow(*row)


def answers_of(connection: Connection, submission_id: str) -> dict[str, dict[str, dict[str, bool]]]:
    """What a submission said: review id -> frame (empty for the whole) -> tag -> value."""
    query = sa.select(answers.c.review_id, answers.c.frame, answers.c.tag, answers.c.value)
    query = query.where(answers.c.submission_id == submission_id)
    found: dict[str, dict[str, dict[str, bool]]] = {}
    for row in connection.execute(query.order_by(answers.c.review_id, answers.c.frame, answers.c.position)):
        found.setdefault(row.review_id, {}).setdefault(row.frame, {})[row.tag] = row.value
    return found


def undo(connection: Connection, row: SubmissionRow) -> None:
    """Mark a submission undone and put its reviews back into their lease."""
    connection.execute(sa.update(submissions).where(submissions.c.id == row.id).values(state="undone"))
    mine = (reviews.c.submission_id == row.id) & (reviews.c.status == "Submitted")
    connection.execute(
        sa.update(reviews).where(mine).values(status="Leased", submission_id=None, lease_id=row.lease_id)
    )


def due(connection: Connection, now: datetime, limit: int) -> list[SubmissionRow]:
    """Open submissions whose undo window has closed, each locked, the oldest first, at most so many."""
    query = sa.select(submissions).where(
        submissions.c.state == sa.literal_column("'open'"), submissions.c.final_at <= now
    )
    rows = connection.execute(query.order_by(submissions.c.final_at).limit(limit).with_for_update(skip_locked=True))
    return [SubmissionRow(*row) for row in rows]


def finalise(connection: Connection, row: SubmissionRow) -> dict[str, str | None]:
    """Make a submission final and its reviews complete; their ids, each with the review that it is an opinion on."""
    connection.execute(sa.update(submissions).where(submissions.c.id == row.id).values(state="final"))
    mine = (reviews.c.submission_id == row.id) & (reviews.c.status == "Submitted")
    status = sa.case((reviews.c.overlap > 1, "Resolved"), else_="Complete")
    complete = sa.update(reviews).where(mine).values(status=status, lease_id=None, decided_at=row.created_at)
    done = connection.execute(complete.returning(reviews.c.id, reviews.c.opinion_of)).all()
    return dict(sorted(done))


def review_ids(connection: Connection, submission_id: str) -> Sequence[str]:
    """The reviews that a submission decided, the oldest first."""
    return connection.execute(REVIEW_IDS, {"submission": submission_id}).scalars().all()
