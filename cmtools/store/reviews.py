"""Statements on reviews: insert, read back with their tags and answers, list, count, move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Answer, Draft, QueueCounts, Review
from ..tags import TagSet
from .dialect import insert_columns
from .tables import answers, reviews, submissions, toggles

CHUNK = 500
"""Ids to a statement: databases limit the parameters of one."""
ON_THE_WIRE = {"Unpublished": "UnPublished", "Complete": "Complete"}
"""The statuses that callers see; every other one reads as Pending."""


@dataclass(frozen=True, slots=True)
class NewReview:
    """A draft on its way into the table."""

    id: str
    draft: Draft
    subteam: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a review stands: what the rules of leases and submissions ask."""

    id: str
    status: str
    subteam: str
    lease_id: str | None


def insert(connection: Connection, team: str, actor: str, new: Sequence[NewReview], at: datetime) -> list[str]:
    """Store reviews; the ids in the order of ``new``, an earlier review's where an idempotency key is known already."""
    if not new:
        return []
    drafts = [item.draft for item in new]
    columns: dict[str, Sequence[Any]] = {
        "id": [item.id for item in new],
        "subteam": [item.subteam for item in new],
        "type": [draft.type for draft in drafts],
        "status": [draft.status for draft in drafts],
        "content": [draft.content for draft in drafts],
        "content_id": [draft.content_id for draft in drafts],
        "callback_endpoint": [draft.callback_endpoint for draft in drafts],
        "metadata": [draft.metadata for draft in drafts],
        "weight": [draft.weight for draft in drafts],
        "stratum": [draft.stratum for draft in drafts],
        "idempotency_key": [item.idempotency_key for item in new],
    }
    shared = {"team": team, "created_by": actor, "created_at": at}
    insert_columns(connection, reviews, shared, columns, if_absent=True)
    known = _ids_by_key(connection, team, [item.idempotency_key for item in new if item.idempotency_key is not None])
    return [item.id if item.idempotency_key is None else known[item.idempotency_key] for item in new]


def _ids_by_key(connection: Connection, team: str, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _chunks(keys):
        query = sa.select(reviews.c.idempotency_key, reviews.c.id)
        query = query.where(reviews.c.team == team, reviews.c.idempotency_key.in_(part))
        found.update({row.idempotency_key: row.id for row in connection.execute(query)})
    return found


def standings(connection: Connection, team: str, ids: Sequence[str]) -> dict[str, Standing]:
    """Where each of the named reviews stands, locked until the transaction ends; ids of no review are left out."""
    found: dict[str, Standing] = {}
    for part in _chunks(sorted(ids)):
        query = sa.select(reviews.c.id, reviews.c.status, reviews.c.subteam, reviews.c.lease_id)
        query = query.where(reviews.c.team == team, reviews.c.id.in_(part)).order_by(reviews.c.id).with_for_update()
        found.update({row.id: Standing(*row) for row in connection.execute(query)})
    return found


def fetch(connection: Connection, team: str, tags: TagSet, ids: Sequence[str]) -> list[Review]:
    """The named reviews in the order of the ids; ids of no review of the team are left out."""
    found: dict[str, Review] = {}
    for part in _chunks(list(ids)):
        query = sa.select(reviews).where(reviews.c.team == team, reviews.c.id.in_(part))
        found.update({review.id: review for review in _load(connection, tags, connection.execute(query).all())})
    return [found[id] for id in ids if id in found]


def of_lease(connection: Connection, team: str, tags: TagSet, lease_id: str) -> list[Review]:
    """The reviews that a lease holds now, the oldest first."""
    query = sa.select(reviews).where(reviews.c.team == team, reviews.c.lease_id == lease_id)
    rows = connection.execute(query.where(reviews.c.status == "Leased").order_by(reviews.c.sequence)).all()
    return _load(connection, tags, rows)


def page(
    connection: Connection,
    team: str,
    tags: TagSet,
    *,
    status: str | None,
    type: str | None,
    subteam: str | None,
    after: int,
    limit: int,
) -> tuple[list[Review], int | None]:
    """Reviews behind a cursor, the oldest first, and the next cursor (None at the end)."""
    query = sa.select(reviews).where(reviews.c.team == team, reviews.c.sequence > after)
    if status == "Pending":
        query = query.where(reviews.c.status.in_(["Pending", "Leased", "Submitted"]))
    elif status is not None:
        query = query.where(reviews.c.status == status)
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    rows = connection.execute(query.order_by(reviews.c.sequence).limit(limit)).all()
    return _load(connection, tags, rows), rows[-1].sequence if len(rows) == limit else None


def counts(connection: Connection, team: str, type: str | None, subteam: str | None) -> QueueCounts:
    """How many reviews stand in which state."""
    query = sa.select(reviews.c.status, sa.func.count()).where(reviews.c.team == team).group_by(reviews.c.status)
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    return QueueCounts(**{status.lower(): n for status, n in connection.execute(query)})


def move(connection: Connection, team: str, id: str, subteam: str) -> None:
    """Put a review into another subteam's queue; whoever held it holds it no more."""
    connection.execute(sa.delete(toggles).where(toggles.c.review_id == id))
    mine = (reviews.c.team == team) & (reviews.c.id == id)
    connection.execute(sa.update(reviews).where(mine).values(subteam=subteam, status="Pending", lease_id=None))


def _load(connection: Connection, tags: TagSet, rows: Sequence[sa.Row[Any]]) -> list[Review]:
    held = _toggles(connection, [row.id for row in rows if row.status == "Leased"])
    given = _answers(connection, [row.id for row in rows if row.status == "Complete"])
    return [_review(row, tags, held.get(row.id, {}), given.get(row.id, [])) for row in rows]


def _review(row: sa.Row[Any], tags: TagSet, held: dict[str, bool], given: list[tuple[str, Answer]]) -> Review:
    pairs = tuple((key, value) for key, value in row.metadata)
    return Review(
        id=row.id,
        status=ON_THE_WIRE.get(row.status, "Pending"),
        type=row.type,
        content=row.content,
        content_id=row.content_id,
        subteam=row.subteam,
        metadata=pairs,
        auto_tags=tags.auto_tags(pairs),
        human_tags={answer.tag: answer.value for submission, answer in given if submission == row.submission_id},
        scores=tags.scores(pairs),
        toggles=held,
        answers=tuple(answer for _, answer in given),
        callback_endpoint=row.callback_endpoint,
        created_by=row.created_by,
        created_at=row.created_at,
        decided_at=row.decided_at,
        weight=row.weight,
        stratum=row.stratum,
    )


def _toggles(connection: Connection, ids: list[str]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for part in _chunks(ids):
        query = sa.select(toggles.c.review_id, toggles.c.tag, toggles.c.value)
        for row in connection.execute(query.where(toggles.c.review_id.in_(part), toggles.c.frame == "")):
            found[row.review_id][row.tag] = row.value
    return found


def _answers(connection: Connection, ids: list[str]) -> dict[str, list[tuple[str, Answer]]]:
    found: dict[str, list[tuple[str, Answer]]] = defaultdict(list)
    for part in _chunks(ids):
        query = (
            sa.select(
                answers.c.review_id,
                answers.c.submission_id,
                submissions.c.reviewer,
                answers.c.tag,
                answers.c.value,
                submissions.c.created_at,
                answers.c.frame,
            )
            .join(submissions, submissions.c.id == answers.c.submission_id)
            .where(answers.c.review_id.in_(part), submissions.c.state == "final")
            .order_by(submissions.c.created_at, answers.c.frame, answers.c.position)
        )
        for row in connection.execute(query):
            answer = Answer(row.reviewer, row.tag, row.value, row.created_at, row.frame or None)
            found[row.review_id].append((row.submission_id, answer))
    return found


def _chunks(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
