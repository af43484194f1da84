"""Statements on seals of the trail, and on the events that they cover as plain rows. No digest is made here."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from ..errors import StoreError
from .dialect import insert_if_absent
from .tables import events, seal_gaps, seals, settings, teams
from .tables.columns import EPOCH, MICROSECOND

STATE = "sealed"
"""The setting that says how far the trail is sealed: the number of the run, a colon, the last sequence looked at."""
GAP_OPEN = timedelta(days=1)
"""For so long a sequence that was passed over is looked for: no transaction takes longer."""
Event = Sequence[Any]
"""``sequence, team, at, actor, reviewer, action, subject, before, after`` as they are stored.

Of one that the database cannot give, for it holds bytes that are no text, there are only the first two."""
COLUMNS = tuple(
    sa.type_coerce(each, getattr(each.type, "impl", each.type))
    for each in (
        events.c.sequence,
        events.c.team,
        events.c.at,
        events.c.actor,
        events.c.reviewer,
        events.c.action,
        events.c.subject,
        events.c.before,
        events.c.after,
    )
)


class Seal(NamedTuple):
    """What one seal says of a team's events with ``after < sequence <= upto``, and of some that came late.

    ``entries`` are the sequences and digests of the events; ``total`` is how many are sealed up to here.
    """

    team: str
    number: int
    sealed_at: datetime
    after: int
    upto: int
    late: int
    total: int
    entries: bytes
    digest: str


ENTRIES = sa.cast(seals.c.entries, sa.LargeBinary)
SEAL_COLUMNS = tuple(
    ENTRIES if column is seals.c.entries else sa.type_coerce(column, getattr(column.type, "impl", column.type))
    for column in (seals.c[name] for name in Seal._fields)
)


class State(NamedTuple):
    """How far the trail is sealed, of all teams; ``text`` is how the database says it."""

    text: str
    run: int
    high: int


def state(connection: Connection) -> State:
    """How far the trail is sealed."""
    text = connection.execute(sa.select(settings.c.value).where(settings.c.name == STATE)).scalar() or "0:0"
    try:
        run, high = map(int, text.split(":"))
    except (ValueError, AttributeError, TypeError):
        raise StoreError(f"somebody changed the setting {STATE!r}, which says how far the trail is sealed") from None
    return State(text, run, high)


def anything_new(connection: Connection) -> bool:
    """Whether there are events that no seal covers."""
    new = events.c.sequence > state(connection).high
    late = events.c.sequence.in_(sa.select(seal_gaps.c.sequence))
    return any(connection.execute(sa.select(events.c.sequence).where(each).limit(1)).first() for each in (new, late))


def behind(connection: Connection, high: int, limit: int) -> list[Event]:
    """Events of all teams behind a sequence, in order."""
    return _events(connection, events.c.sequence > high, limit)


def late(connection: Connection) -> list[Event]:
    """Events whose sequence was passed over, for they were committed after later ones."""
    return _events(connection, events.c.sequence.in_(sa.select(seal_gaps.c.sequence)))


def _events(connection: Connection, which: sa.ColumnElement[bool], limit: int | None = None) -> list[Event]:
    """Events in order, whatever somebody made of them."""
    try:
        query = sa.select(*COLUMNS).where(which).order_by(events.c.sequence).limit(limit)
        return [tuple(row) for row in connection.execute(query)]
    except sa.exc.OperationalError:  # SQLite takes any bytes for text, and finds out when it is to read them
        found = connection.execute(sa.select(events.c.sequence).where(which).order_by(events.c.sequence).limit(limit))
        return [_event(connection, sequence) for sequence in found.scalars().all()]


def _event(connection: Connection, sequence: int) -> Event:
    mine = events.c.sequence == sequence
    for columns in (COLUMNS, COLUMNS[:2]):
        with contextlib.suppress(sa.exc.OperationalError):
            row = tuple(connection.execute(sa.select(*columns).where(mine)).one())
            return row + (None,) * (len(COLUMNS) - len(row))
    return sequence, "", *[None] * (len(COLUMNS) - 2)


def head(connection: Connection, team: str) -> Seal | None:
    """A team's last seal."""
    last = connection.execute(sa.select(sa.func.max(seals.c.number)).where(seals.c.team == team)).scalar()
    return None if last is None else numbered(connection, team, last)


def write(
    connection: Connection,
    before: State,
    high: int,
    new: Sequence[Seal],
    gaps: tuple[Sequence[int], Sequence[int]],
    at: datetime,
) -> bool:
    """Add seals, and note how far they reach; False, and nothing done, when somebody else was faster.

    ``gaps`` are the sequences that were passed over now, and the earlier ones that are sealed now; old ones are closed.
    """
    insert_if_absent(connection, settings, [{"name": STATE, "value": "0:0"}])
    mine = (settings.c.name == STATE) & (settings.c.value == before.text)
    if connection.execute(sa.update(settings).where(mine).values(value=f"{before.run + 1}:{high}")).rowcount != 1:
        return False
    passed_over, filled = gaps
    connection.execute(sa.delete(seal_gaps).where(seal_gaps.c.seen_at < at - GAP_OPEN))
    for sequence in filled:
        connection.execute(sa.delete(seal_gaps).where(seal_gaps.c.sequence == sequence))
    if passed_over:
        insert_if_absent(connection, seal_gaps, [{"sequence": gap, "seen_at": at} for gap in passed_over])
    if new:
        connection.execute(sa.insert(seals), [seal._asdict() for seal in new])
    return True


# To check ------------------------------------------------------------------------------------------------------------


def page(connection: Connection, team: str, after: int, limit: int) -> list[Seal]:
    """A team's seals behind a number, in order."""
    mine = (seals.c.team == team) & (seals.c.number > after)
    try:
        query = sa.select(*SEAL_COLUMNS).where(mine).order_by(seals.c.number).limit(limit)
        return [_seal(row) for row in connection.execute(query).all()]
    except sa.exc.OperationalError:  # as with events
        found = connection.execute(sa.select(seals.c.number).where(mine).order_by(seals.c.number).limit(limit))
        return [each for number in found.scalars().all() if (each := numbered(connection, team, number))]


def _seal(row: Sequence[Any]) -> Seal:
    """A seal; in the place of what cannot be in one, something that its digest does not fit."""
    team, number, at, after, upto, late, total, entries, digest = row
    try:
        sealed_at = EPOCH + at * MICROSECOND
    except (OverflowError, TypeError):
        sealed_at = EPOCH
    after, upto, late, total = (each if isinstance(each, int) else -1 for each in (after, upto, late, total))
    digest = digest if isinstance(digest, str) else ""
    return Seal(team, number, sealed_at, after, upto, late, total, bytes(entries), digest)


def numbered(connection: Connection, team: str, number: int) -> Seal | None:
    """One seal of a team."""
    mine = (seals.c.team == team) & (seals.c.number == number)
    try:
        row = connection.execute(sa.select(*SEAL_COLUMNS).where(mine)).first()
    except sa.exc.OperationalError:
        return Seal(team, number, EPOCH, 0, 0, 0, 0, b"", "")
    return None if row is None else _seal(row)


def has_digest(connection: Connection, team: str, digest: str) -> bool:
    """Whether a team has a seal with this digest."""
    query = sa.select(seals.c.number).where(seals.c.team == team, seals.c.digest == digest)
    return connection.execute(query.limit(1)).first() is not None


def between(connection: Connection, team: str, after: int, upto: int, limit: int | None = None) -> list[Event]:
    """A team's events with ``after < sequence <= upto``, in order."""
    here = (events.c.team == team) & (events.c.sequence > after) & (events.c.sequence <= upto)
    return _events(connection, here, limit)


def before_the_first(connection: Connection, team: str) -> list[Event]:
    """A team's events with sequences that no event is given."""
    return _events(connection, (events.c.team == team) & (events.c.sequence <= 0))


def named(connection: Connection, team: str, sequences: Sequence[int]) -> list[Event]:
    """A team's events of these sequences."""
    found: list[Event] = []
    for start in range(0, len(sequences), 500):
        some = events.c.sequence.in_(sequences[start : start + 500])
        found += _events(connection, (events.c.team == team) & some)
    return found


def late_entries(connection: Connection, team: str) -> list[tuple[int, bytes]]:
    """Of each seal that covers late events: where its own range begins, and its entries."""
    query = sa.select(seals.c.after, ENTRIES).where(seals.c.team == team, seals.c.late > 0)
    return [(row[0], bytes(row[1])) for row in connection.execute(query) if isinstance(row[0], int)]


def open_gaps(connection: Connection) -> set[int]:
    """The sequences that are still looked for."""
    return set(connection.execute(sa.select(seal_gaps.c.sequence)).scalars())


def count_behind(connection: Connection, team: str, high: int) -> int:
    """How many of a team's events no seal covers yet."""
    query = sa.select(sa.func.count()).select_from(events).where(events.c.team == team, events.c.sequence > high)
    return int(connection.execute(query).scalar_one())


def all_teams(connection: Connection) -> list[str]:
    """Every team that has events or seals."""
    both = sa.union(sa.select(events.c.team), sa.select(seals.c.team)).subquery()
    return list(connection.execute(sa.select(both.c.team).order_by(both.c.team)).scalars())


def strays(connection: Connection) -> list[str]:
    """Teams that events name and that there are not."""
    found: list[str] = []
    name = connection.execute(sa.select(sa.func.min(events.c.team))).scalar()
    while name is not None:  # by the index, from team to team: a trail is long and its teams are few
        if connection.execute(sa.select(teams.c.name).where(teams.c.name == name)).first() is None:
            found.append(name)
        name = connection.execute(sa.select(sa.func.min(events.c.team)).where(events.c.team > name)).scalar()
    return found


def sequences(connection: Connection, team: str) -> list[int]:
    """Those of all of a team's events."""
    query = sa.select(events.c.sequence).where(events.c.team == team).order_by(events.c.sequence)
    return list(connection.execute(query).scalars())
