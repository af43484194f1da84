"""Statements on reviews: insert, read back with their tags and answers, list, count, move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Answer, Draft, Frame, QueueCounts, Review
from ..tags import TagSet
from . import frames
from .dialect import chunks, insert_columns, named
from .frames import FRAMED, Switched
from .places import places
from .tables import answers, leases, pictures, reviews, submissions, toggles

SEEN = ("Unpublished", "Complete")
"""The statuses that callers see; every other one reads as Pending."""
KEPT = "media:"
"""What stands before the id of a picture that was uploaded, in a review's content."""
NOT_HELD: dict[str, Any] = {"held_by": None, "held_until": None}
"""The columns of a review that nobody has parked."""
NAMED = named(reviews, sa.bindparam("team"), sa.bindparam("ids", expanding=True))
# what requests ask again and again is put together once: that takes longer than to answer it
BY_ID = sa.select(reviews).where(NAMED)
SWITCHED = sa.select(toggles.c.review_id, toggles.c.frame, toggles.c.tag, toggles.c.value).where(
    toggles.c.review_id.in_(sa.bindparam("ids", expanding=True))
)
FRAMES_OF_A_PAGE = 20_000
"""An answer of several reviews ends before it holds more frames than this (but holds one review at least)."""


class NewReview(NamedTuple):
    """A draft on its way into the table; from ``copy_next_at`` on its picture is to be copied (None: never)."""

    id: str
    draft: Draft
    subteam: str
    idempotency_key: str | None
    copy_next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a review stands: what the rules of leases and submissions ask."""

    id: str
    status: str
    type: str
    subteam: str
    lease_id: str | None
    held_by: str | None


def insert(
    connection: Connection, team: str, actor: str, new: Sequence[NewReview], at: datetime
) -> tuple[list[str], Sequence[str]]:
    """Store reviews.

    Returns
    -------
    ids : list of str
        In the order of ``new``; an earlier review's where an idempotency key is known already.
    raised : sequence of str
        The short codes of the auto tags of each that are on, with spaces between.
    """
    if not new:
        return [], []
    drafts = [item.draft for item in new]
    ordered = places(connection, team, drafts)
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
        "copy_next_at": [item.copy_next_at for item in new],
        "score_place": ordered.scores,
        "doubt_place": ordered.doubts,
        "shuffle": ordered.shuffles,
        "auto_on": ordered.raised,
    }
    shared = {"team": team, "created_by": actor, "created_at": at}
    if insert_columns(connection, reviews, shared, columns, if_absent=True) == len(new):
        return [item.id for item in new], ordered.raised
    known = _ids_by_key(connection, team, [item.idempotency_key for item in new if item.idempotency_key is not None])
    ids = [item.id if item.idempotency_key is None else known[item.idempotency_key] for item in new]
    return ids, ordered.raised


def _ids_by_key(connection: Connection, team: str, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(keys):
        query = sa.select(reviews.c.idempotency_key, reviews.c.id)
        query = query.where(reviews.c.team == team, reviews.c.idempotency_key.in_(part))
        found.update({row.idempotency_key: row.id for row in connection.execute(query)})
    return found


def standings(connection: Connection, team: str, ids: Sequence[str], *, locked: bool = True) -> dict[str, Standing]:
    """Where each of the named reviews stands; ids of no review are left out.

    ``locked``, as only a writing transaction may ask, they stay so until it ends.
    """
    found: dict[str, Standing] = {}
    for part in chunks(sorted(ids)):
        columns = (reviews.c.id, reviews.c.status, reviews.c.type, reviews.c.subteam)
        query = sa.select(*columns, reviews.c.lease_id, reviews.c.held_by)
        query = query.where(named(reviews, team, part)).order_by(reviews.c.id)
        rows = connection.execute(query.with_for_update() if locked else query)
        found.update({row.id: Standing(*row) for row in rows})
    return found


def fetch(connection: Connection, team: str, tags: TagSet, ids: Sequence[str], *, framed: bool = True) -> list[Review]:
    """The named reviews in the order of the ids; ids of no review of the team are left out.

    With ``framed`` false, videos come without their frames.
    """
    found: dict[str, Review] = {}
    for part in chunks(ids):
        rows = connection.execute(BY_ID, {"team": team, "ids": part}).all()
        found.update({review.id: review for review in _load(connection, tags, rows, count=None if framed else 0)})
    return [found[id] for id in ids if id in found]


def fetch_from(
    connection: Connection, team: str, tags: TagSet, id: str, start: int, count: int | None
) -> Review | None:
    """One review with its frames from a moment on, at most so many; None when the team has no such review."""
    rows = connection.execute(sa.select(reviews).where(reviews.c.team == team, reviews.c.id == id)).all()
    return next(iter(_load(connection, tags, rows, start, count)), None)


def bounded(connection: Connection, ids: Sequence[str]) -> int:
    """How many of these reviews, from the first on, may be in one answer with all their frames; one may always."""
    counts = frames.count(connection, ids)
    totals = accumulate(counts.get(id, 0) for id in ids)
    return max(sum(1 for total in totals if total <= FRAMES_OF_A_PAGE), min(1, len(ids)))


def of_lease(
    connection: Connection,
    team: str,
    tags: TagSet,
    lease_id: str,
    in_order: Sequence[sa.ColumnElement[Any]] = (reviews.c.sequence,),
) -> list[Review]:
    """The reviews that a lease holds now, the oldest first unless another order is given."""
    query = sa.select(reviews).where(reviews.c.lease_id == lease_id).order_by(*in_order)
    # by the lease alone, whose index is the right one: asked for team and status too, SQLite reads all that are leased
    rows = [row for row in connection.execute(query) if (row.team, row.status) == (team, "Leased")]
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
    """Reviews behind a cursor, the oldest first, and the next cursor (None at the end).

    They are fewer than ``limit`` where they have very many frames.
    """
    query = sa.select(reviews).where(reviews.c.team == team, reviews.c.sequence > after)
    if status == "Pending":
        query = query.where(reviews.c.status.in_(["Pending", "Leased", "Submitted", "Held"]))
    elif status is not None:
        query = query.where(reviews.c.status == status)
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    rows = connection.execute(query.order_by(reviews.c.sequence).limit(limit)).all()
    framed = any(row.type == FRAMED for row in rows)
    shown = rows[: bounded(connection, [row.id for row in rows])] if framed else rows
    more = len(rows) == limit or len(shown) < len(rows)
    return _load(connection, tags, shown), shown[-1].sequence if more else None


def counts(connection: Connection, team: str, type: str | None, subteam: str | None) -> QueueCounts:
    """How many reviews stand in which state."""
    query = sa.select(reviews.c.status, sa.func.count()).where(reviews.c.team == team).group_by(reviews.c.status)
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    return QueueCounts(**{status.lower(): n for status, n in connection.execute(query)})


def move(connection: Connection, team: str, id: str, subteam: str) -> None:
    """Put a review into another subteam's queue; whoever held it holds it no more. One unpublished stays so."""
    connection.execute(sa.delete(toggles).where(toggles.c.review_id == id))
    mine = (reviews.c.team == team) & (reviews.c.id == id)
    status = sa.case((reviews.c.status == "Unpublished", "Unpublished"), else_="Pending")
    connection.execute(sa.update(reviews).where(mine).values(subteam=subteam, status=status, lease_id=None, **NOT_HELD))


def publish(connection: Connection, id: str) -> bool:
    """Put an unpublished review into its queue; False when it is there, or was, already."""
    mine = (reviews.c.id == id) & (reviews.c.status == "Unpublished")
    return connection.execute(sa.update(reviews).where(mine).values(status="Pending")).rowcount == 1


def _load(
    connection: Connection, tags: TagSet, rows: Sequence[sa.Row[Any]], start: int = 0, count: int | None = None
) -> list[Review]:
    held = switched(connection, [row.id for row in rows if row.status in ("Leased", "Held")])
    given = _answers(connection, [row.id for row in rows if row.status == "Complete"])
    videos = [row.id for row in rows if row.type == FRAMED and count != 0]
    shown = frames.of_reviews(connection, tags, videos, start, count)
    hashes = _hashes(connection, rows)
    return [
        _review(row, tags, held.get(row.id, {}), given.get(row.id, []), shown.get(row.id, []), hashes.get(row.id))
        for row in rows
    ]


def _review(
    row: sa.Row[Any],
    tags: TagSet,
    held: Switched,
    given: list[tuple[str, Answer]],
    its_frames: list[Frame],
    picture_hash: str | None,
) -> Review:
    pairs = tuple((key, value) for key, value in row.metadata)
    auto_tags, scores = tags.judged(pairs)
    human = _by_frame(answer for submission, answer in given if submission == row.submission_id)
    return Review(
        id=row.id,
        status=row.status if row.status in SEEN else "Pending",
        type=row.type,
        content=row.content,
        content_id=row.content_id,
        subteam=row.subteam,
        metadata=pairs,
        auto_tags=auto_tags,
        human_tags=human.get("", {}),
        scores=scores,
        toggles=held.get("", {}),
        answers=tuple(answer for _, answer in given),
        callback_endpoint=row.callback_endpoint,
        created_by=row.created_by,
        created_at=row.created_at,
        decided_at=row.decided_at,
        weight=row.weight,
        stratum=row.stratum,
        frames=tuple(_judged(frame, human, held) for frame in its_frames),
        picture_hash=picture_hash,
        held_until=row.held_until,
        held_by=row.held_by,
    )


def _judged(frame: Frame, human: Switched, held: Switched) -> Frame:
    moment = str(frame.timestamp)
    if moment not in human and moment not in held:
        return frame
    return replace(frame, human_tags=human.get(moment, {}), toggles=held.get(moment, {}))


def _by_frame(answered: Iterable[Answer]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for answer in answered:
        found[answer.frame or ""][answer.tag] = answer.value
    return found


def switched(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, dict[str, bool]]]:
    """What was switched so far on these reviews, of the whole (frame: empty) and of frames."""
    found: dict[str, dict[str, dict[str, bool]]] = {}
    for part in chunks(ids):
        for row in connection.execute(SWITCHED, {"ids": part}):
            found.setdefault(row.review_id, {}).setdefault(row.frame, {})[row.tag] = row.value
    return found


def _hashes(connection: Connection, rows: Sequence[sa.Row[Any]]) -> dict[str, str]:
    """The difference hash of each image review's picture that the service has, by review id."""
    kept = {row.id: row.picture_id or row.content.removeprefix(KEPT) for row in rows if row.type == "Image"}
    kept = {id: picture for id, picture in kept.items() if "/" not in picture}
    of_pictures: dict[str, str] = {}
    for part in chunks(list(set(kept.values()))):
        query = sa.select(pictures.c.id, pictures.c.difference_hash)
        query = query.where(pictures.c.team == rows[0].team, pictures.c.id.in_(part))
        of_pictures.update({row.id: row.difference_hash for row in connection.execute(query) if row.difference_hash})
    return {id: of_pictures[picture] for id, picture in kept.items() if picture in of_pictures}


def _answers(connection: Connection, ids: list[str]) -> dict[str, list[tuple[str, Answer]]]:
    found: dict[str, list[tuple[str, Answer]]] = defaultdict(list)
    for part in chunks(ids):
        query = (
            sa.select(
                answers.c.review_id,
                answers.c.submission_id,
                submissions.c.reviewer,
                answers.c.tag,
                answers.c.value,
                submissions.c.created_at,
                answers.c.frame,
                sa.func.coalesce(leases.c.blind, sa.false()).label("blind"),
            )
            .join(submissions, submissions.c.id == answers.c.submission_id)
            .outerjoin(leases, leases.c.id == submissions.c.lease_id)
            .where(answers.c.review_id.in_(part), submissions.c.state == "final")
            .order_by(submissions.c.created_at, answers.c.position)
        )
        rows = connection.execute(query).all()
        for row in sorted(rows, key=lambda row: (row.created_at, int(row.frame or -1))):  # frames by time, not by text
            answer = Answer(row.reviewer, row.tag, row.value, row.created_at, row.frame or None, bool(row.blind))
            found[row.review_id].append((row.submission_id, answer))
    return found
