"""Statements on what goes on in a team: a tally of what was decided, kept as it is decided, and counts of the rest.

The tally has a row for each reviewer, tag and day, so that a million decided reviews are a few thousand rows to add up.
Rows without a tag count the reviews themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from ..model import QueueActivity, ReviewerActivity, TagActivity
from .dialect import chunks
from .exposures import day_of
from .reviews import counted
from .submissions import SubmissionRow
from .tables import answers, leases, reviews, submissions, tallies

WHOLE = ""
"""What stands in place of a tag where the reviews themselves are counted."""
SUM = sa.func.sum(tallies.c.reviews)


def tally(connection: Connection, done: Sequence[tuple[SubmissionRow, int]]) -> None:
    """Add submissions that have just become final, and how many reviews each has completed."""
    totals: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    by_id = {row.id: row for row, _ in done}
    for row, count in done:
        totals[row.team, WHOLE, row.reviewer, day_of(row.created_at)][0] += count
    for part in chunks(list(by_id)):
        is_on = sa.case((answers.c.value, answers.c.review_id))
        counts = (sa.func.count(answers.c.review_id.distinct()), sa.func.count(is_on.distinct()))
        query = sa.select(answers.c.submission_id, answers.c.tag, *counts)
        query = query.where(answers.c.submission_id.in_(part)).group_by(answers.c.submission_id, answers.c.tag)
        for id, tag, decided, on in connection.execute(query):
            row = by_id[id]
            total = totals[row.team, tag, row.reviewer, day_of(row.created_at)]
            total[0] += decided
            total[1] += on
    _add(connection, totals)


def _add(connection: Connection, totals: Mapping[tuple[str, str, str, str], Sequence[int]]) -> None:
    if not totals:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(tallies)
    old, new = tallies.c, statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in tallies.primary_key],
        set_={"reviews": old.reviews + new.reviews, "reviews_on": old.reviews_on + new.reviews_on},
    )
    keys = ("team", "tag", "reviewer", "day")
    # In one order for everybody, so that two workers never wait for each other's rows.
    rows: list[dict[str, Any]] = [
        {**dict(zip(keys, key, strict=True)), "reviews": total[0], "reviews_on": total[1]}
        for key, total in sorted(totals.items())
    ]
    connection.execute(statement, rows)


def queues(connection: Connection, team: str) -> list[QueueActivity]:
    """How many reviews of each type and subteam stand in which state."""
    groups = (reviews.c.status, reviews.c.type, reviews.c.subteam)
    query = sa.select(*groups, sa.func.count()).where(reviews.c.team == team).group_by(*groups)
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for status, type, subteam, count in connection.execute(query):
        found[type, subteam][status] = count
    return [QueueActivity(type, subteam, counted(counts)) for (type, subteam), counts in sorted(found.items())]


def reviewers(connection: Connection, team: str, now: datetime) -> list[ReviewerActivity]:
    """What each reviewer has in hand and has decided, by name."""
    pending = _in_hand(connection, team)
    today = _open_of_today(connection, team, now)
    complete: dict[str, int] = {}
    of_today = sa.func.sum(sa.case((tallies.c.day == day_of(now), tallies.c.reviews), else_=0))
    query = sa.select(tallies.c.reviewer, SUM, of_today).where(tallies.c.team == team, tallies.c.tag == WHOLE)
    for reviewer, decided, lately in connection.execute(query.group_by(tallies.c.reviewer)):
        complete[reviewer] = int(decided)
        today[reviewer] = today.get(reviewer, 0) + int(lately)
    names = sorted({*pending, *complete, *today})
    return [ReviewerActivity(name, pending.get(name, 0), complete.get(name, 0), today.get(name, 0)) for name in names]


def _in_hand(connection: Connection, team: str) -> dict[str, int]:
    """What each reviewer has leased, has parked, or may still take back."""
    mine = reviews.c.team == team
    of_leases = sa.select(leases.c.reviewer, sa.func.count()).join(reviews, reviews.c.lease_id == leases.c.id)
    of_leases = of_leases.where(mine, reviews.c.status == "Leased", leases.c.ended_as.is_(None), leases.c.team == team)
    parked = sa.select(reviews.c.held_by, sa.func.count()).where(mine, reviews.c.held_until.is_not(None))
    found: dict[str, int] = defaultdict(int)
    for query, name in (
        (of_leases, leases.c.reviewer),
        (parked, reviews.c.held_by),
        (_of_open(team, mine), submissions.c.reviewer),
    ):
        for reviewer, count in connection.execute(query.group_by(name)):
            found[reviewer] += count
    return dict(found)


def _of_open(team: str, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """How many reviews are in submissions that can still be taken back."""
    query = sa.select(submissions.c.reviewer, sa.func.count())
    query = query.join(reviews, reviews.c.submission_id == submissions.c.id)
    return query.where(submissions.c.state == sa.literal_column("'open'"), submissions.c.team == team, *conditions)


def _open_of_today(connection: Connection, team: str, now: datetime) -> dict[str, int]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = _of_open(team, submissions.c.created_at >= midnight).group_by(submissions.c.reviewer)
    return {row[0]: row[1] for row in connection.execute(query)}


def tags(connection: Connection, team: str, codes: Sequence[str], by: str | None = None) -> list[TagActivity]:
    """How the team's tags are used (by one reviewer), in their order; then those that only past answers name."""
    pending: dict[str, int] = defaultdict(int)
    waiting = reviews.c.status == sa.literal_column("'Pending'")
    query = sa.select(reviews.c.auto_on, sa.func.count()).where(reviews.c.team == team, waiting)
    for codes_on, count in connection.execute(query.group_by(reviews.c.auto_on)):
        for code in codes_on.split():
            pending[code] += count
    totals = sa.select(tallies.c.tag, SUM, sa.func.sum(tallies.c.reviews_on))
    totals = totals.where(tallies.c.team == team, tallies.c.tag != WHOLE).group_by(tallies.c.tag)
    totals = totals if by is None else totals.where(tallies.c.reviewer == by)
    used = {tag: (int(decided), int(on)) for tag, decided, on in connection.execute(totals)}
    names = [*codes, *sorted({*used, *pending} - set(codes))]
    return [TagActivity(name, pending.get(name, 0), *used.get(name, (0, 0))) for name in names]
