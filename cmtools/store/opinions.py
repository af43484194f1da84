"""Statements on what several people say of one review: what is settled, what is disputed, what is golden."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Feedback, GoldenItem, Opinion
from .dialect import chunks, insert_columns
from .frames import Switched
from .submissions import SubmissionRow
from .tables import answers, leases, reviews, submissions

OF = reviews.alias("opinion")
ITEM = reviews.alias("item")
IS_GOLDEN = ITEM.c.truth.is_not(None)
"""Of a review, and of no opinion on one: an index finds them by it."""
OPEN = ("Pending", "Leased", "Submitted", "Held")


class Shared(NamedTuple):
    """A review of which every opinion that was asked for is there."""

    id: str
    team: str
    final: str
    callback_endpoint: str | None


def mine(reviewer: object, lease: object) -> sa.ColumnElement[bool]:
    """That the review has another opinion which this reviewer has in hand, has given, or takes by the lease now.

    Another it has to be: compared by equality alone, PostgreSQL would read every opinion there is, at each checkout.
    """
    other = reviews.alias("other")
    query = sa.select(sa.literal(1)).select_from(other)
    query = query.outerjoin(leases, leases.c.id == other.c.lease_id)
    query = query.outerjoin(submissions, submissions.c.id == other.c.submission_id)
    theirs = (leases.c.reviewer == reviewer) | (submissions.c.reviewer == reviewer) | (other.c.held_by == reviewer)
    theirs |= other.c.lease_id == lease
    query = query.where(other.c.opinion_of == reviews.c.opinion_of, other.c.sequence != reviews.c.sequence, theirs)
    return query.correlate(reviews).exists()


def earlier_waits(*, of_subteam: bool) -> sa.ColumnElement[bool]:
    """That another opinion on the same review waits further ahead in the queue, or in that of the same subteam."""
    other = reviews.alias("earlier")
    waits = other.c.status == sa.literal_column("'Pending'")
    query = sa.select(sa.literal(1)).where(other.c.opinion_of == reviews.c.opinion_of, waits)
    query = query.where(other.c.subteam == reviews.c.subteam) if of_subteam else query
    return query.where(other.c.sequence < reviews.c.sequence).correlate(reviews).exists()


def wait_for_oneself(connection: Connection, team: str, reviewer: str) -> None:
    """Let one reviewer take opinions in one transaction at a time: two would not see what the other is taking."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(json.dumps([team, reviewer]).encode()).digest()
        number = int.from_bytes(digest[:8], signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.cast(number, sa.BigInteger))))


def any_wait(connection: Connection, team: str) -> bool:
    """Whether the team's queue has opinions in it."""
    waits = reviews.c.opinion_of.is_not(None) & (reviews.c.status == sa.literal_column("'Pending'"))
    query = sa.select(reviews.c.opinion_of).where(reviews.c.team == team, waits).limit(1)
    return connection.execute(query).first() is not None


def take_disputed(
    connection: Connection, team: str, type: str, subteam: str | None, reviewer: str, lease_id: str, count: int
) -> list[str]:
    """Give a lease the first disputed reviews on which its reviewer gave no opinion; their ids, the oldest first."""
    gave = sa.select(sa.literal(1)).join(submissions, submissions.c.id == OF.c.submission_id)
    gave = gave.where(OF.c.opinion_of == reviews.c.id, submissions.c.reviewer == reviewer).correlate(reviews)
    query = sa.select(reviews.c.sequence).where(
        reviews.c.team == team, reviews.c.status == "Disputed", reviews.c.type == type, sa.not_(gave.exists())
    )
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    found = query.order_by(reviews.c.sequence).limit(count).with_for_update(skip_locked=True).cte("first_disputed")
    taken = sa.update(reviews).where(reviews.c.sequence.in_(sa.select(found.c.sequence)))
    taken = taken.values(status="Leased", lease_id=lease_id).returning(reviews.c.sequence, reviews.c.id)
    return [row.id for row in sorted(connection.execute(taken))]


def given(connection: Connection, review_ids: Sequence[str]) -> dict[str, list[Opinion]]:
    """The opinions on these reviews that are final, by review id; those of a review in an order that tells nothing."""
    found: dict[str, dict[str, dict[str, dict[str, bool]]]] = defaultdict(dict)
    by: dict[str, tuple[str, datetime]] = {}
    for part in chunks(review_ids):
        query = (
            sa.select(OF.c.opinion_of, OF.c.id, answers.c.frame, answers.c.tag, answers.c.value)
            .add_columns(submissions.c.reviewer, submissions.c.created_at)
            .join(submissions, submissions.c.id == OF.c.submission_id)
            .outerjoin(answers, (answers.c.review_id == OF.c.id) & (answers.c.submission_id == OF.c.submission_id))
            .where(OF.c.opinion_of.in_(part), OF.c.status == "Complete")
            .order_by(OF.c.id, answers.c.position)
        )
        for row in connection.execute(query):
            theirs = found[row.opinion_of].setdefault(row.id, {})
            if row.tag is not None:  # whoever is shown no tags says nothing, and has given an opinion all the same
                theirs.setdefault(row.frame, {})[row.tag] = row.value
            by[row.id] = (row.reviewer, row.created_at)
    return {
        review_id: [
            Opinion(said.get("", {}), {frame: tags for frame, tags in said.items() if frame}, *by[id], id)
            for id, said in theirs.items()
        ]
        for review_id, theirs in found.items()
    }


def nameless(connection: Connection, review_ids: Sequence[str]) -> dict[str, tuple[Opinion, ...]]:
    """The same without who said it and when, as an adjudicator sees them."""
    found = given(connection, review_ids) if review_ids else {}
    return {id: tuple(Opinion(each.tags, each.frames) for each in theirs) for id, theirs in found.items()}


def complete(connection: Connection, review_ids: Sequence[str]) -> list[Shared]:
    """Those of these reviews that nobody is asked about any more and that are not settled yet, each locked."""
    found: list[Shared] = []
    for part in chunks(sorted(review_ids)):
        shared = reviews.c.status == "Shared"
        query = sa.select(reviews.c.id, reviews.c.team, reviews.c.final, reviews.c.callback_endpoint)
        query = query.where(reviews.c.id.in_(part), shared).order_by(reviews.c.id)
        rows = [Shared(*row) for row in connection.execute(query.with_for_update())]
        asked = sa.select(OF.c.opinion_of).where(OF.c.opinion_of.in_(part), OF.c.status.in_(OPEN)).distinct()
        missing = set(connection.execute(asked).scalars())  # asked once they are locked: two may be ending at a time
        found += [row for row in rows if row.id not in missing]
    return found


def withdraw(connection: Connection, review_ids: Sequence[str]) -> list[str]:
    """Ask nobody any more for opinions on these reviews that nobody has taken; the ids of those opinions."""
    found: list[str] = []
    for part in chunks(review_ids):
        waits = reviews.c.opinion_of.in_(part) & (reviews.c.status == "Pending")
        change = sa.update(reviews).where(waits).values(status="Dormant").returning(reviews.c.id)
        found += connection.execute(change).scalars().all()
    return sorted(found)


def resolve(connection: Connection, row: SubmissionRow, settled: Mapping[str, Switched]) -> None:
    """Keep the final tags of reviews, by id, said by nobody in person, and be done with them."""
    connection.execute(
        sa.insert(submissions), {column.name: getattr(row, column.name) for column in submissions.columns}
    )
    rows = [
        (review_id, frame, tag, value, place)
        for review_id, said in settled.items()
        for frame, tags in said.items()
        for place, (tag, value) in enumerate(tags.items())
    ]
    if rows:
        names = ("review_id", "frame", "tag", "value", "position")
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        insert_columns(connection, answers, {"submission_id": row.id}, columns)
    done = {"status": "Resolved", "submission_id": row.id, "decided_at": row.created_at}
    for part in chunks(list(settled)):
        connection.execute(sa.update(reviews).where(reviews.c.id.in_(part)).values(done))


def dispute(connection: Connection, review_ids: Sequence[str]) -> None:
    """Let reviews wait for an adjudicator."""
    for part in chunks(review_ids):
        connection.execute(sa.update(reviews).where(reviews.c.id.in_(part)).values(status="Disputed"))


def rest_golden(connection: Connection, team: str) -> None:
    """Take golden items out of the queues of a team in which nothing else is left to do.

    One that somebody moved stays where it is: whoever put a review where nothing else is would see it vanish. What
    others are taking at this moment is passed over.
    """
    waits = (OF.c.opinion_of == ITEM.c.id) & (OF.c.status == sa.literal_column("'Pending'"))
    waits &= (OF.c.subteam == ITEM.c.subteam) & (ITEM.c.team == team) & IS_GOLDEN
    query = sa.select(ITEM.c.type, ITEM.c.subteam).select_from(ITEM.join(OF, waits))
    for type, subteam in connection.execute(query.distinct()).all():
        here = (reviews.c.team == team) & (reviews.c.type == type) & (reviews.c.subteam == subteam)
        others = sa.select(reviews.c.id).where(here, reviews.c.status.in_(OPEN), sa.not_(reviews.c.golden)).limit(1)
        if connection.execute(others).first() is None:
            resting = sa.select(OF.c.sequence).select_from(ITEM.join(OF, waits))
            resting = resting.where(ITEM.c.type == type, ITEM.c.subteam == subteam)
            some = resting.with_for_update(of=OF, skip_locked=True)
            connection.execute(sa.update(reviews).where(reviews.c.sequence.in_(some)).values(status="Dormant"))


def golden(connection: Connection, team: str) -> list[GoldenItem]:
    """The team's golden items, the oldest first, with how many people have decided each."""
    answered = sa.select(sa.func.count()).where(OF.c.opinion_of == ITEM.c.id, OF.c.status == "Complete")
    query: sa.Select[Any] = sa.select(ITEM.c.id, ITEM.c.content_id, ITEM.c.type, ITEM.c.truth)
    query = query.add_columns(ITEM.c.overlap, answered.correlate(ITEM).scalar_subquery())
    query = query.where(ITEM.c.team == team, IS_GOLDEN)
    rows: Sequence[sa.Row[Any]] = connection.execute(query.order_by(ITEM.c.sequence)).all()
    return [GoldenItem(*tuple(row)) for row in rows]


def feedback(connection: Connection, team: str, reviewer: str, after: datetime | None, limit: int) -> list[Feedback]:
    """What a reviewer said of golden items, once it is final, and what is known of them; the latest, oldest first."""
    query = (
        sa.select(OF.c.id, OF.c.content_id, OF.c.type, ITEM.c.truth, submissions.c.created_at, OF.c.submission_id)
        .select_from(ITEM)
        .join(OF, OF.c.opinion_of == ITEM.c.id)
        .join(submissions, submissions.c.id == OF.c.submission_id)
        .where(ITEM.c.team == team, IS_GOLDEN, OF.c.status == "Complete", submissions.c.reviewer == reviewer)
        .order_by(submissions.c.created_at.desc(), OF.c.sequence.desc())
        .limit(limit)
    )
    rows = connection.execute(query if after is None else query.where(submissions.c.created_at > after)).all()
    said = _said(connection, [row.id for row in rows])
    return [
        Feedback(row.id, row.content_id, row.type, said.get(row.id, {}), row.truth, row.created_at)
        for row in reversed(rows)
    ]


def truths(connection: Connection, review_ids: Sequence[str]) -> dict[str, Mapping[str, bool]]:
    """The known answers of golden items, by the id of the item."""
    found: dict[str, Mapping[str, bool]] = {}
    for part in chunks(review_ids):
        query = sa.select(reviews.c.id, reviews.c.truth).where(reviews.c.id.in_(part), reviews.c.truth.is_not(None))
        found.update({row.id: row.truth for row in connection.execute(query)})
    return found


def _said(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, bool]]:
    """What was said of these opinions' whole in the end."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for part in chunks(ids):
        query: sa.Select[Any] = sa.select(OF.c.id, answers.c.tag, answers.c.value)
        query = query.join(answers, (answers.c.review_id == OF.c.id) & (answers.c.submission_id == OF.c.submission_id))
        for row in connection.execute(query.where(OF.c.id.in_(part), answers.c.frame == "")):
            found[row.id][row.tag] = row.value
    return found
