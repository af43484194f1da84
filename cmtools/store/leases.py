"""Statements on leases and on the toggles made under them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from . import opinions
from .dialect import chunks, named, upsert
from .frames import Switched
from .reviews import WAITS
from .tables import leases, reviews, toggles

ORDERS: dict[str, sa.Column[Any]] = {
    "oldest": reviews.c.sequence,
    "highest": reviews.c.score_place,
    "uncertain": reviews.c.doubt_place,
    "random": reviews.c.shuffle,
}
"""What each order of the queue goes by, the lowest first; the random one draws from a stretch of that."""
WINDOW = 2000
WINDOW_FOR_EACH = 50
"""A random order draws from this many waiting reviews, and from so many for each that is wanted where that is more."""
SPARE = 2
"""For each that is wanted so many are looked up, and some more: others may be taking the first at this moment."""
PRIME = 2**31 - 1
MOST = sa.bindparam("most", type_=sa.Integer)
FACTOR, ADDED = sa.bindparam("factor", type_=sa.BigInteger), sa.bindparam("added", type_=sa.BigInteger)

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

    Rows that another transaction is taking at this moment are passed over, so two leases never hold one review. Where
    they are many, a random order looks a second time.
    """
    window = max(WINDOW, WINDOW_FOR_EACH * count)
    if shared := opinions.any_wait(connection, lease.team):
        opinions.wait_for_oneself(connection, lease.team, lease.reviewer)
    statement = _taking(lease.in_order, lease.subteam is not None, shared)
    asked: dict[str, Any] = {
        "lease": lease.id,
        "of_team": lease.team,
        "of_type": lease.type,
        "of_subteam": lease.subteam,
        "of_reviewer": lease.reviewer,
    }
    asked |= {"place": lease.from_place, "window": window, **_scattering(lease.from_place)}
    rows: list[sa.Row[Any]] = []
    for looked_up in (SPARE * count + WINDOW // 100, window) if lease.in_order == "random" else (count,):
        if missing := count - len(rows):
            rows += connection.execute(statement, {**asked, "most": missing, "looked_up": looked_up}).all()
    return [row.id for row in sorted(rows, key=lambda row: tuple(row[1:]))]


def in_order(lease: LeaseRow) -> list[sa.ColumnElement[Any]]:
    """What sorts a lease's reviews as they were taken."""
    return _sorting(lease.in_order, reviews.c, **_scattering(lease.from_place))


@cache
def _taking(order: str, of_subteam: bool, shared: bool) -> sa.Update:
    """The statement that leases rows; of each its id and what sorts it.

    Where opinions are among them (``shared``), nobody is given two on one review: of those that wait, the first is all
    that can be taken, and only by somebody who has none of the others.

    Those that it finds are common table expressions: PostgreSQL may run a plain subquery with a LIMIT more than once.
    """
    type_: sa.BindParameter[str] = sa.bindparam("of_type")
    waiting = [
        reviews.c.team == sa.bindparam("of_team"),
        reviews.c.type.between(type_, type_) if order == "oldest" else reviews.c.type == type_,
        reviews.c.status == sa.literal_column("'Pending'"),
    ]
    if of_subteam:
        waiting.append(reviews.c.subteam == sa.bindparam("of_subteam"))
    if shared:
        had = opinions.earlier_waits(of_subteam=of_subteam)  # asked first: it costs the least
        had |= opinions.mine(sa.bindparam("of_reviewer"), sa.bindparam("lease"))
        waiting.append(reviews.c.opinion_of.is_(None) | sa.not_(had))
    sorting = _sorting(order, reviews.c)
    # Of one type they are in the same order by type too, but not where PostgreSQL might look for them, once most rows
    # of the table wait: along its key, past all that other teams had before.
    by_type = (reviews.c.type,) if order == "oldest" else ()
    first = sa.select(reviews.c.sequence).where(*waiting).order_by(*by_type, *sorting).limit(MOST)
    if order == "random":
        first = first.where(reviews.c.sequence.in_(sa.select(_drawn(waiting).c.sequence)))
    found = first.with_for_update(skip_locked=True).cte("first_waiting")
    taken = sa.update(reviews).where(reviews.c.sequence.in_(sa.select(found.c.sequence)))
    taken = taken.values(status="Leased", lease_id=sa.bindparam("lease"))
    return taken.returning(reviews.c.id, *(each.label(f"by_{number}") for number, each in enumerate(sorting)))


def _drawn(waiting: Sequence[sa.ColumnElement[bool]]) -> sa.CTE:
    """The sequences of the rows that come first in the scattered order of the window that begins at a place.

    The window is two stretches of the ring of the shuffled, from the place on and, where those are too few, from the
    beginning. The index alone answers it; the few that are drawn are then looked up, and locked, and no others are.
    """
    place, size = sa.bindparam("place", type_=sa.Integer), sa.bindparam("window", type_=sa.Integer)

    def part(name: str, most: Any, where: sa.ColumnElement[bool]) -> sa.CTE:
        query = sa.select(reviews.c.sequence, reviews.c.shuffle).where(*waiting, where)
        return query.order_by(reviews.c.shuffle, reviews.c.sequence).limit(most).cte(name)

    first = part("from_the_place", size, reviews.c.shuffle >= place)
    missing = sa.select(size - sa.func.count()).select_from(first).scalar_subquery()
    rest = part("from_the_beginning", missing, reviews.c.shuffle < place)
    window = sa.union_all(sa.select(first), sa.select(rest)).cte("window_of_the_ring")
    best = sa.select(window.c.sequence).order_by(*_sorting("random", window.c))
    return best.limit(sa.bindparam("looked_up", type_=sa.Integer)).cte("best_of_the_window")


def _sorting(order: str, columns: Any, factor: Any = FACTOR, added: Any = ADDED) -> list[sa.ColumnElement[Any]]:
    """What an order sorts by. A random one scatters the places anew: linearly modulo a prime, in 64-bit integers."""
    if order != "random":
        return list(dict.fromkeys([columns[ORDERS[order].name], columns.sequence]))
    scattered = (sa.cast(columns.shuffle, sa.BigInteger) % PRIME * factor + added) % PRIME
    return [scattered, columns.shuffle, columns.sequence]


def _scattering(start: int) -> dict[str, int]:
    """The two numbers that scatter the places of a random order, drawn from where it begins."""
    drawn = hashlib.sha256(f"scatter {start}".encode()).digest()
    return {
        "factor": 1 + int.from_bytes(drawn[:8]) % (PRIME - 1),
        "added": int.from_bytes(drawn[8:16]) % PRIME,
    }


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
    given = query.values(status=WAITS, lease_id=None).returning(reviews.c.id)
    back = list(connection.execute(given).scalars())
    drop_toggles(connection, back)
    return back


def give_back_all(connection: Connection, lease_ids: Sequence[str]) -> dict[str, list[str]]:
    """Put all reviews of several leases back, as `give_back` does; their ids by lease."""
    back: dict[str, list[str]] = {id: [] for id in lease_ids}
    mine = reviews.c.lease_id.in_(list(lease_ids)) & (reviews.c.status == "Leased")
    for row in connection.execute(sa.select(reviews.c.id, reviews.c.lease_id).where(mine)):
        back[row.lease_id].append(row.id)
    connection.execute(sa.update(reviews).where(mine).values(status=WAITS, lease_id=None))
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
    """Those of the reviews that a reviewer has, and is not to be prompted on: to decide, on hold, or not final yet.

    They are blind, or under a blind lease.
    """
    found: set[str] = set()
    for part in chunks(ids):
        query = sa.select(reviews.c.id).join(leases, leases.c.id == reviews.c.lease_id)
        query = query.where(named(reviews, team, part))
        query = query.where(leases.c.blind | reviews.c.blind, leases.c.reviewer == reviewer)
        found.update(connection.execute(query).scalars())
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
