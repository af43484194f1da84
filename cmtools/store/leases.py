"""Statements on leases and on the toggles made under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import chunks, upsert
from .frames import Switched
from .tables import leases, reviews, toggles

ORDERS: dict[str, sa.ColumnElement[Any]] = {
    "oldest": reviews.c.sequence,
    "highest": reviews.c.score_place,
    "uncertain": reviews.c.doubt_place,
    "random": reviews.c.shuffle,
}
"""What each order of the queue goes by, the lowest first."""

# what requests ask again and again is put together once: that takes longer than to answer it
BY_ID = sa.select(leases).where(leases.c.team == sa.bindparam("team"), leases.c.id == sa.bindparam("id"))
LOCKED = BY_ID.with_for_update()
HELD = sa.select(reviews.c.id).where(reviews.c.lease_id == sa.bindparam("lease_id"), reviews.c.status == "Leased")
END = sa.update(leases).where(leases.c.id.in_(sa.bindparam("ids", expanding=True))).values(ended_as=sa.bindparam("how"))
DROP_TOGGLES = sa.delete(toggles).where(toggles.c.review_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A lease as stored. ``ended_as`` is None while it lives, else released, expired, submitted, held or taken_away."""

    id: str
    team: str
    reviewer: str
    type: str
    subteam: str | None
    token_digest: str
    created_at: datetime
    expires_at: datetime
    ended_as: str | None
    blind: bool = False
    in_order: str = "oldest"
    from_place: int = 0


def insert(connection: Connection, row: LeaseRow) -> None:
    """Open a lease, as yet on nothing."""
    connection.execute(sa.insert(leases).values({column.name: getattr(row, column.name) for column in leases.columns}))


def take(connection: Connection, lease: LeaseRow, count: int) -> list[str]:
    """Give a lease the first waiting reviews of its type and subteam, in its order, in one statement; their ids.

    Rows that another transaction is taking at this moment are passed over, so two leases never hold one review.
    """
    waiting = [
        reviews.c.team == lease.team,
        reviews.c.type == lease.type,
        reviews.c.status == sa.literal_column("'Pending'"),
    ]
    if lease.subteam is not None:
        waiting.append(reviews.c.subteam == lease.subteam)
    place = ORDERS[lease.in_order]
    found = _first(waiting, place, count, lease.from_place)
    taken = (
        sa.update(reviews)
        .where(reviews.c.sequence.in_(found))
        .values(status="Leased", lease_id=lease.id)
        .returning(reviews.c.sequence, reviews.c.id, place.label("place"))
    )
    rows = connection.execute(taken).all()
    return [row.id for row in sorted(rows, key=lambda row: (row.place < lease.from_place, row.place, row.sequence))]


def in_order(lease: LeaseRow) -> list[sa.ColumnElement[Any]]:
    """What sorts a lease's reviews as they were taken."""
    place = ORDERS[lease.in_order]
    return [place < lease.from_place, place, reviews.c.sequence]


def _first(
    waiting: Sequence[sa.ColumnElement[bool]], place: sa.ColumnElement[Any], count: int, start: int
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The sequences of the first rows that wait, by place, each locked.

    They are common table expressions: PostgreSQL may run a plain subquery with a LIMIT more than once. The random
    order is two of them, from the start on and, where those are too few, from the beginning: each reads an index.
    """

    def part(name: str, most: Any, *where: sa.ColumnElement[bool]) -> sa.CTE:
        query = (
            sa.select(reviews.c.sequence).where(*waiting, *where).order_by(*dict.fromkeys([place, reviews.c.sequence]))
        )
        return query.limit(most).with_for_update(skip_locked=True).cte(name)

    if place is not reviews.c.shuffle:
        return sa.select(part("first_waiting", count).c.sequence)
    first = part("first_waiting", count, place >= start)
    missing = sa.select(count - sa.func.count()).select_from(first).scalar_subquery()
    rest = part("from_the_beginning", missing, place < start)
    return sa.select(first.c.sequence).union_all(sa.select(rest.c.sequence))


def get(connection: Connection, team: str, id: str) -> LeaseRow | None:
    """A lease, locked until the transaction ends; None when the team has no such lease."""
    row = connection.execute(LOCKED, {"team": team, "id": id}).first()
    return None if row is None else LeaseRow(*row)


def live_of(connection: Connection, team: str, reviewer: str, now: datetime) -> list[LeaseRow]:
    """A reviewer's live leases, the oldest first."""
    query = sa.select(leases).where(leases.c.team == team, leases.c.reviewer == reviewer, leases.c.ended_as.is_(None))
    return [
        LeaseRow(*row)
        for row in connection.execute(query.where(leases.c.expires_at > now).order_by(leases.c.created_at))
    ]


def extend(connection: Connection, row: LeaseRow) -> None:
    """Let a lease live (again) until the moment, and under the token, that its row now has."""
    values = {"expires_at": row.expires_at, "token_digest": row.token_digest, "ended_as": None}
    connection.execute(sa.update(leases).where(leases.c.id == row.id).values(values))


def end(connection: Connection, id: str | Sequence[str], ended_as: str) -> None:
    """End a lease, or several; their reviews are dealt with by whoever ends them."""
    ids = [id] if isinstance(id, str) else list(id)
    connection.execute(END, {"ids": ids, "how": ended_as})


def live_of_team(connection: Connection, team: str, now: datetime, limit: int) -> list[tuple[LeaseRow, int]]:
    """A team's live leases with the number of reviews in each, those that end first being the first."""
    size = sa.select(sa.func.count()).where(reviews.c.lease_id == leases.c.id, reviews.c.status == "Leased")
    query = sa.select(leases, size.scalar_subquery()).where(leases.c.team == team, leases.c.ended_as.is_(None))
    rows = connection.execute(query.where(leases.c.expires_at > now).order_by(leases.c.expires_at).limit(limit))
    return [(LeaseRow(*row[:-1]), row[-1]) for row in rows]


def overdue(connection: Connection, now: datetime, limit: int) -> list[LeaseRow]:
    """Live leases whose time is over, each locked; those that another process is sweeping are passed over."""
    query = sa.select(leases).where(leases.c.ended_as.is_(None), leases.c.expires_at <= now)
    query = query.order_by(leases.c.expires_at).limit(limit)
    return [LeaseRow(*row) for row in connection.execute(query.with_for_update(skip_locked=True))]


def give_back(connection: Connection, lease_id: str, ids: Sequence[str] | None = None) -> list[str]:
    """Put a lease's reviews (or those named) back into the queue, at their old places; the ids that were there.

    Toggles made on them are dropped: the next reviewer starts from the auto tags.
    """
    query = sa.update(reviews).where(reviews.c.lease_id == lease_id, reviews.c.status == "Leased")
    if ids is not None:
        query = query.where(reviews.c.id.in_(list(ids)))
    given = query.values(status="Pending", lease_id=None).returning(reviews.c.id)
    back = list(connection.execute(given).scalars())
    drop_toggles(connection, back)
    return back


def give_back_all(connection: Connection, lease_ids: Sequence[str]) -> dict[str, list[str]]:
    """Put all reviews of several leases back, as `give_back` does; their ids by lease."""
    back: dict[str, list[str]] = {id: [] for id in lease_ids}
    mine = reviews.c.lease_id.in_(list(lease_ids)) & (reviews.c.status == "Leased")
    for row in connection.execute(sa.select(reviews.c.id, reviews.c.lease_id).where(mine)):
        back[row.lease_id].append(row.id)
    connection.execute(sa.update(reviews).where(mine).values(status="Pending", lease_id=None))
    drop_toggles(connection, [id for ids in back.values() for id in ids])
    return back


def sizes(connection: Connection, lease_ids: Sequence[str]) -> dict[str, int]:
    """How many reviews each of these leases has; one without any is left out."""
    query = sa.select(reviews.c.lease_id, sa.func.count()).where(reviews.c.lease_id.in_(list(lease_ids)))
    return {row[0]: row[1] for row in connection.execute(query.group_by(reviews.c.lease_id))}


def held(connection: Connection, lease_id: str) -> set[str]:
    """The ids of the reviews that a lease holds now."""
    return set(connection.execute(HELD, {"lease_id": lease_id}).scalars())


def blind_to(connection: Connection, team: str, reviewer: str, ids: Sequence[str]) -> set[str]:
    """Those of the reviews that a reviewer has under a blind lease: to decide, on hold, or submitted and not final."""
    found: set[str] = set()
    for part in chunks(ids):
        query = sa.select(reviews.c.id).join(leases, leases.c.id == reviews.c.lease_id)
        query = query.where(reviews.c.team == team, reviews.c.id.in_(part))
        found.update(connection.execute(query.where(leases.c.blind, leases.c.reviewer == reviewer)).scalars())
    return found


def save_toggles(connection: Connection, switched: Mapping[str, Switched]) -> None:
    """Keep what a reviewer has switched so far, by review id, of the whole and of frames."""
    rows = [
        {"review_id": review_id, "frame": frame, "tag": tag, "value": value}
        for review_id, theirs in switched.items()
        for frame, tags in theirs.items()
        for tag, value in tags.items()
    ]
    if rows:
        connection.execute(upsert(connection, toggles, "value"), rows)


def drop_toggles(connection: Connection, review_ids: Sequence[str]) -> None:
    """Forget what was switched on these reviews."""
    if review_ids:
        connection.execute(DROP_TOGGLES, {"ids": list(review_ids)})
