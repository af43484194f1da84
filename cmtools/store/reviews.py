"""Statements on reviews: read with their tags and answers, list, count, move. How they come in is `arrivals`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Answer, Frame, QueueCounts, Review
from ..tags import TagSet
from . import frames, opinions
from .dialect import chunks, named
from .frames import FRAMED, Switched
from .tables import answers, leases, pictures, reviews, submissions, toggles

SEEN = {"Unpublished": "Unpublished", "Complete": "Complete", "Resolved": "Complete"}
"""The statuses as callers see them; every other one reads as Pending.

A review that several people decide is Shared while their opinions are asked for, Disputed while an adjudicator is, and
Resolved in the end; a golden item is that from the start, for nobody waits for its answers. What one of them is asked
has an entry of its own: an opinion, which goes the way of any review, from Pending to Complete. It is Dormant while, or
since, nobody is asked for it.
"""
DECIDED = ("Complete", "Resolved")
UNDECIDED = ("Pending", "Leased", "Submitted", "Held", "Shared", "Disputed")
"""Every status that reads as Pending, but for that of opinions alone."""
IN_HAND = ("Leased", "Held")
NOT_ASKED = ("Shared", "Resolved", "Dormant")
"""What no reviewer has before them, or had."""
WAITS = sa.case((reviews.c.overlap > 1, "Disputed"), else_="Pending")
"""The status of what goes back into the queue: an adjudicator's review waits for an adjudicator."""
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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a review stands: what the rules of leases and submissions ask."""

    id: str
    status: str
    type: str
    subteam: str
    lease_id: str | None
    held_by: str | None


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


def blind_and_open(connection: Connection, team: str, ids: Sequence[str]) -> set[str]:
    """Those of these reviews that are blind and not decided yet."""
    found: set[str] = set()
    for part in chunks(ids):
        query = sa.select(reviews.c.id).where(named(reviews, team, part), reviews.c.blind)
        found.update(connection.execute(query.where(reviews.c.status.not_in(DECIDED))).scalars())
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
    """The reviews that a lease holds now, the oldest first unless another order is given; with what others said of one
    that its reviewer adjudicates.
    """
    query = sa.select(reviews).where(reviews.c.lease_id == lease_id).order_by(*in_order)
    # by the lease alone, whose index is the right one: asked for team and status too, SQLite reads all that are leased
    rows = [row for row in connection.execute(query) if (row.team, row.status) == (team, "Leased")]
    said = opinions.nameless(connection, [row.id for row in rows if row.overlap > 1])
    return [replace(review, opinions=said.get(review.id, ())) for review in _load(connection, tags, rows)]


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
    """Reviews behind a cursor, the oldest first, and the next cursor (None at the end); no opinions, no golden items.

    They are fewer than ``limit`` where they have very many frames.
    """
    query = sa.select(reviews).where(reviews.c.team == team, reviews.c.sequence > after)
    query = query.where(reviews.c.opinion_of.is_(None), sa.not_(reviews.c.golden))
    if status == "Pending":
        query = query.where(reviews.c.status.in_(UNDECIDED))
    elif status is not None:
        query = query.where(reviews.c.status.in_([kept for kept, seen in SEEN.items() if seen == status]))
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    rows = connection.execute(query.order_by(reviews.c.sequence).limit(limit)).all()
    framed = any(row.type == FRAMED for row in rows)
    shown = rows[: bounded(connection, [row.id for row in rows])] if framed else rows
    more = len(rows) == limit or len(shown) < len(rows)
    return _load(connection, tags, shown), shown[-1].sequence if more else None


def counts(connection: Connection, team: str, type: str | None, subteam: str | None) -> QueueCounts:
    """How many reviews stand in which state; of one that several people decide, what each is asked counts."""
    query = sa.select(reviews.c.status, sa.func.count()).where(reviews.c.team == team).group_by(reviews.c.status)
    query = query if type is None else query.where(reviews.c.type == type)
    query = query if subteam is None else query.where(reviews.c.subteam == subteam)
    rows: Sequence[tuple[str, int]] = connection.execute(query).all()
    return counted(dict(rows))


def counted(by_status: Mapping[str, int]) -> QueueCounts:
    """Counts by stored status, of what somebody is asked; the whole of what several are asked is none of it."""
    return QueueCounts(**{status.lower(): n for status, n in by_status.items() if status not in NOT_ASKED})


def move(connection: Connection, team: str, id: str, subteam: str) -> None:
    """Put a review into another subteam's queue; whoever held it holds it no more. One unpublished stays so."""
    connection.execute(sa.delete(toggles).where(toggles.c.review_id == id))
    mine = (reviews.c.team == team) & (reviews.c.id == id)
    status = sa.case((reviews.c.status.in_(("Unpublished", *NOT_ASKED)), reviews.c.status), else_=WAITS)
    connection.execute(sa.update(reviews).where(mine).values(subteam=subteam, status=status, lease_id=None, **NOT_HELD))
    waiting = (reviews.c.opinion_of == id) & reviews.c.status.in_(("Pending", "Dormant"))
    connection.execute(sa.update(reviews).where(waiting).values(subteam=subteam))


def publish(connection: Connection, id: str) -> bool:
    """Put an unpublished review into its queue; False when it is there, or was, already."""
    mine = (reviews.c.id == id) & (reviews.c.status == "Unpublished")
    status = sa.case((reviews.c.golden, "Resolved"), (reviews.c.final.is_not(None), "Shared"), else_="Pending")
    asked = (reviews.c.opinion_of == id) & (reviews.c.status == "Dormant")
    if connection.execute(sa.update(reviews).where(mine).values(status=status)).rowcount != 1:
        return False
    connection.execute(sa.update(reviews).where(asked).values(status="Pending"))
    return True


def _load(
    connection: Connection, tags: TagSet, rows: Sequence[sa.Row[Any]], start: int = 0, count: int | None = None
) -> list[Review]:
    held = switched(connection, [row.id for row in rows if row.status in IN_HAND])
    given = _answers(connection, [row.id for row in rows if row.status in DECIDED])
    videos = [row.id for row in rows if row.type == FRAMED and count != 0]
    shown = frames.of_reviews(connection, tags, videos, start, count)
    hashes = _hashes(connection, rows)
    return [
        _review(
            row,
            tags,
            held.get(row.id, {}),
            given.get(row.id, []),
            shown.get(row.id, []),
            hashes.get(row.id),
        )
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
        status=SEEN.get(row.status, "Pending"),
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
        blind=row.blind,
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
                sa.or_(reviews.c.blind, sa.func.coalesce(leases.c.blind, sa.false())).label("blind"),
            )
            .join(reviews, reviews.c.id == answers.c.review_id)
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
