"""Statements on seals of the trail, and on the events that they cover as plain rows. No digest is made here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from .dialect import insert_if_absent
from .tables import events, seal_gaps, seals, settings

STATE = "sealed"
"""The setting that says how far the trail is sealed: the number of the run, a colon, the last sequence looked at."""
GAP_OPEN = timedelta(days=1)
"""For so long a sequence that was passed over is looked for: no transaction takes longer."""
Event = Sequence[Any]
"""``sequence, team, at, actor, reviewer, action, subject, before, after`` as they are stored."""
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


class State(NamedTuple):
    """How far the trail is sealed, of all teams; ``text`` is how the database says it."""

    text: str
    run: int
    high: int


def state(connection: Connection) -> State:
    """How far the trail is sealed."""
    text = connection.execute(sa.select(settings.c.value).where(settings.c.name == STATE)).scalar() or "0:0"
    run, _, high = text.partition(":")
    return State(text, int(run), int(high))


def anything_new(connection: Connection) -> bool:
    """Whether there are events that no seal covers."""
    new = events.c.sequence > state(connection).high
    late = events.c.sequence.in_(sa.select(seal_gaps.c.sequence))
    return any(connection.execute(sa.select(events.c.sequence).where(each).limit(1)).first() for each in (new, late))


def behind(connection: Connection, high: int, limit: int) -> list[Event]:
    """Events of all teams behind a sequence, in order."""
    query = sa.select(*COLUMNS).where(events.c.sequence > high).order_by(events.c.sequence).limit(limit)
    return [tuple(row) for row in connection.execute(query)]


def late(connection: Connection) -> list[Event]:
    """Events whose sequence was passed over, for they were committed after later ones."""
    there = events.c.sequence.in_(sa.select(seal_gaps.c.sequence))
    return [tuple(row) for row in connection.execute(sa.select(*COLUMNS).where(there).order_by(events.c.sequence))]


def head(connection: Connection, team: str) -> Seal | None:
    """A team's last seal."""
    query = sa.select(*(seals.c[name] for name in Seal._fields)).where(seals.c.team == team)
    row = connection.execute(query.order_by(seals.c.number.desc()).limit(1)).first()
    return None if row is None else Seal(*row)


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
    query = sa.select(*(seals.c[name] for name in Seal._fields)).where(seals.c.team == team, seals.c.number > after)
    return [Seal(*row) for row in connection.execute(query.order_by(seals.c.number).limit(limit))]


def numbered(connection: Connection, team: str, number: int) -> Seal | None:
    """One seal of a team."""
    found = page(connection, team, number - 1, 1)
    return found[0] if found and found[0].number == number else None


def has_digest(connection: Connection, team: str, digest: str) -> bool:
    """Whether a team has a seal with this digest."""
    query = sa.select(seals.c.number).where(seals.c.team == team, seals.c.digest == digest)
    return connection.execute(query.limit(1)).first() is not None


def between(connection: Connection, team: str, after: int, upto: int, limit: int | None = None) -> list[Event]:
    """A team's events with ``after < sequence <= upto``, in order."""
    here = (events.c.team == team) & (events.c.sequence > after) & (events.c.sequence <= upto)
    query = sa.select(*COLUMNS).where(here).order_by(events.c.sequence).limit(limit)
    return [tuple(row) for row in connection.execute(query)]


def named(connection: Connection, team: str, sequences: Sequence[int]) -> list[Event]:
    """A team's events of these sequences."""
    found: list[Event] = []
    for start in range(0, len(sequences), 500):
        some = events.c.sequence.in_(sequences[start : start + 500])
        query = sa.select(*COLUMNS).where(events.c.team == team, some)
        found += [tuple(row) for row in connection.execute(query)]
    return found


def late_entries(connection: Connection, team: str) -> list[tuple[int, bytes]]:
    """Of each seal that covers late events: where its own range begins, and its entries."""
    query = sa.select(seals.c.after, seals.c.entries).where(seals.c.team == team, seals.c.late > 0)
    return [(row.after, row.entries) for row in connection.execute(query)]


def open_gaps(connection: Connection) -> set[int]:
    """The sequences that are still looked for."""
    return set(connection.execute(sa.select(seal_gaps.c.sequence)).scalars())


def count_behind(connection: Connection, team: str, high: int) -> int:
    """How many of a team's events no seal covers yet."""
    query = sa.select(sa.func.count()).select_from(events).where(events.c.team == team, events.c.sequence > high)
    return int(connection.execute(query).scalar_one())


def teams(connection: Connection) -> list[str]:
    """Every team that has events or seals."""
    both = sa.union(sa.select(events.c.team), sa.select(seals.c.team)).subquery()
    return list(connection.execute(sa.select(both.c.team).order_by(both.c.team)).scalars())
