"""Seals the trail: digests of events, chained, so that a row changed, removed or put in afterwards is found and named.

A sealer goes behind the writers, who know nothing of it. Each team has a chain of its own. A seal covers a range of
sequences and lists the digest of each event in it; its own digest covers that list and the digest of the seal before.

What a chain alone cannot show: somebody who may write to every table can make the whole chain anew. So note the last
digest (`head`) elsewhere from time to time, in a mail or on paper: `check` finds out whether it is still in the chain.
Nor does it cover events in the seconds before they are sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from ..errors import BadRequest, NotFound
from ..model import AuditEvent, TrailCheck, TrailFault, TrailHead
from ..store import Connection, Store, events, seals
from ..store.seals import Event, Seal
from ..wire import trail
from ..wire.own import write_moment
from .context import Context, system_actor, system_clock
from .settings import Settings

AT_ONCE = 1000
"""Events of one run."""
SEALS_AT_ONCE = 50
"""Seals that are checked in one reading."""
MOST_GAPS = 10_000
"""Of a longer gap only the end is looked after: so many transactions are never under way."""
MOST_FAULTS = 200
"""Faults that one check names; it counts them all."""
ENTRY = 40
"""Bytes of an entry: a sequence of 8, a digest of 32."""


def seal(store: Store, now: datetime) -> int:
    """Seal the events that are new, some at a time; how many there were.

    It reads and reckons beside the writers, and writes a few rows. When another process sealed meanwhile, what was
    made here is dropped.
    """
    state, found, late = store.read(_unsealed)
    if not found and not late:
        return 0
    high = found[-1][0] if found else state.high
    gaps = _missing(state.high, [event[0] for event in found])

    def work(connection: Connection) -> bool:
        return seals.write(connection, state, high, made, (gaps, [event[0] for event in late]), now)

    made = store.read(lambda connection: list(_made(connection, [*late, *found], state.high, high, now)))
    return len(found) + len(late) if store.write(work) else 0


def _unsealed(connection: Connection) -> tuple[seals.State, list[Event], list[Event]]:
    state = seals.state(connection)
    return state, seals.behind(connection, state.high, AT_ONCE), seals.late(connection)


def _missing(high: int, sequences: Sequence[int]) -> list[int]:
    """The sequences behind ``high`` that are not there, before the last that is."""
    if not sequences:
        return []
    there = set(sequences)
    first = max(high + 1, sequences[-1] - MOST_GAPS - len(there))
    return [number for number in range(first, sequences[-1]) if number not in there]


def _made(connection: Connection, found: Iterable[Event], low: int, high: int, now: datetime) -> Iterator[Seal]:
    by_team: dict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_team[str(event[1])].append(event)
    for team, theirs in sorted(by_team.items()):
        last = seals.head(connection, team)
        number, after, total = (1, 0, 0) if last is None else (last.number + 1, last.upto, last.total)
        late = sum(event[0] <= low for event in theirs)
        entries = b"".join(event[0].to_bytes(8, "big") + digest_of(event) for event in theirs)
        new = Seal(team, number, now, after, high, late, total + len(theirs), entries, "")
        yield new._replace(digest=_chained("" if last is None else last.digest, new))


def digest_of(event: Event) -> bytes:
    """The SHA-256 of an event: of its stored columns in order, as a JSON array in ASCII without spaces.

    Examples
    --------
    >>> digest_of((1, "demo", 0, "service", None, "create", "r1", "{}", "{}")).hex()[:16]
    '37da9d239d4db66a'
    """
    return hashlib.sha256(json.dumps(list(event), separators=(",", ":"), default=repr).encode()).digest()


def _chained(before: str, new: Seal) -> str:
    """The SHA-256 of a seal: the digest of the one before, its own columns as a JSON array, its entries."""
    said = [new.team, new.number, write_moment(new.sealed_at), new.after, new.upto, new.late, new.total]
    head = f"{before}\n{json.dumps(said, separators=(',', ':'))}\n"
    return hashlib.sha256(head.encode() + new.entries).hexdigest()


# Checking ------------------------------------------------------------------------------------------------------------


def head(ctx: Context) -> TrailHead:
    """The last seal of the team: note its digest elsewhere."""
    return _head(ctx.connection, ctx.team)


def _head(connection: Connection, team: str) -> TrailHead:
    last = seals.head(connection, team)
    if last is None:
        return TrailHead(team)
    return TrailHead(team, last.number, last.total, last.digest, last.sealed_at)


def check(ctx: Context, after: int, noted: str | None, *, strays: bool = True) -> TrailCheck:
    """Check some seals of the team behind a number, and the events that they cover.

    Behind the last of them it looks at what no seal covers, and whether ``noted``, a digest that somebody kept, is
    still in the chain; with ``strays`` also at events of teams that there are not, which no team would see.
    """
    checker = _Checker(ctx)
    last = seals.numbered(ctx.connection, ctx.team, after) if after else None
    if after and last is None:
        checker.fault("removed", None, f"seal {after} is gone")
    found = seals.page(ctx.connection, ctx.team, after, SEALS_AT_ONCE)
    for each in found:
        checker.check_seal(last, each)
        last = each
    unsealed = 0
    if not after:
        checker.check_beginning()
    if len(found) < SEALS_AT_ONCE:
        unsealed = checker.check_rest(last)
        checker.check_noted(noted)
        checker.check_strays(everybodys=strays)
    following = found[-1].number if len(found) == SEALS_AT_ONCE else None
    return TrailCheck(checker.events, len(found), unsealed, tuple(checker.faults), checker.count, head(ctx), following)


def check_database(store: Store, team: str | None, settings: Settings) -> Iterator[tuple[str, TrailCheck]]:
    """The whole check of each team that a database holds, or of one of them; without a service."""
    names = store.read(seals.all_teams)
    if team and team.lower() not in names:
        raise NotFound(f"the database has no team {team!r}; it has {', '.join(names) or 'none'}")
    for name in [team.lower()] if team else names:
        yield name, trail.joined(partial(_part, store, name, settings, team is not None))


def _part(store: Store, team: str, settings: Settings, strays: bool, after: int) -> TrailCheck:
    def work(connection: Connection) -> TrailCheck:
        ctx = Context(connection, system_actor(team), system_clock(), settings)
        return check(ctx, after, None, strays=strays)

    return store.read(work)


def heads(store: Store) -> list[TrailHead]:
    """The last seal of each team that a database holds."""
    return [store.read(partial(_head, team=team)) for team in store.read(seals.all_teams)]


def events_of(store: Store, team: str | None, subject: str | None) -> Iterator[AuditEvent]:
    """Every event of a team that a database holds, the oldest first; the team may be left out where there is one.

    Raises
    ------
    BadRequest
        There are several.
    NotFound
        There is none of that name.
    """
    names = store.read(seals.all_teams)
    if team is None and len(names) > 1:
        raise BadRequest(f"the database has several teams, {', '.join(names)}: name one with --team")
    name = (team or "".join(names)).lower()
    if name not in names:
        raise NotFound(f"the database has no team {name!r}; it has {', '.join(names) or 'none'}")
    after = 0
    while found := store.read(partial(events.listing, team=name, subject=subject, after=after, limit=AT_ONCE)):
        yield from found
        after = found[-1].sequence


def has_head(store: Store, noted: str) -> bool:
    """Whether a digest that somebody noted is in the chain of some team."""
    found = partial(seals.has_digest, digest=noted.strip().lower())
    return any(store.read(partial(found, team=team)) for team in store.read(seals.all_teams))


class _Checker:
    """Goes over seals and keeps what it finds."""

    def __init__(self, ctx: Context) -> None:
        self._connection, self._team = ctx.connection, ctx.team
        self.events = self.count = 0
        self.faults: list[TrailFault] = []
        self._gaps = seals.open_gaps(ctx.connection)
        self._late = {
            sequence
            for after, entries in seals.late_entries(ctx.connection, ctx.team)
            for sequence, _ in _entries(entries)
            if sequence <= after
        }

    def fault(self, kind: str, sequence: int | None, message: str) -> None:
        self.count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(TrailFault(kind, sequence, message))

    def check_seal(self, last: Seal | None, each: Seal) -> None:
        number, after, total = (1, 0, 0) if last is None else (last.number + 1, last.upto, last.total)
        for missing in range(number, each.number):
            self.fault("removed", None, f"seal {missing} is gone")
        listed = dict(_entries(each.entries))
        follows = each.number == number
        if follows and (each.after, each.total) != (after, total + len(listed)):
            self.fault("changed", None, f"seal {each.number} does not follow on the one before")
        elif follows and _chained("" if last is None else last.digest, each) != each.digest:
            self.fault("changed", None, f"seal {each.number} was changed, or the one before")
        self._check_events(each, listed)

    def _check_events(self, each: Seal, listed: dict[int, bytes]) -> None:
        here = seals.between(self._connection, self._team, each.after, each.upto)
        early = seals.named(self._connection, self._team, [one for one in listed if one <= each.after])
        there = {event[0]: event for event in (*here, *early)}
        self.events += len(listed)
        for sequence, digest in listed.items():
            event = there.get(sequence)
            if event is None:
                self.fault("removed", sequence, f"event {sequence} is gone, which seal {each.number} lists")
            elif event[5] is None or digest_of(event) != digest:
                message = f"event {sequence} ({_said(event)}) is not what seal {each.number} lists"
                self.fault("changed", sequence, message)
        for sequence, event in there.items():
            if sequence not in listed:
                self._check_unlisted(sequence, event)

    def _check_unlisted(self, sequence: int, event: Event) -> None:
        if sequence not in self._late and sequence not in self._gaps:
            message = f"event {sequence} ({_said(event)}) was put in after its place had been sealed"
            self.fault("inserted", sequence, message)

    def check_beginning(self) -> None:
        """The first event has the sequence 1: lower ones were not given by the database."""
        for event in seals.before_the_first(self._connection, self._team):
            message = f"event {event[0]} ({_said(event)}) was put in: the first event of all has the sequence 1"
            self.fault("inserted", event[0], message)

    def check_strays(self, *, everybodys: bool) -> None:
        """A team's first event is that it was made: whatever names a team that there is not was put in."""
        for name in seals.strays(self._connection):
            if everybodys or name == self._team:
                for sequence in seals.sequences(self._connection, name):
                    self.fault("inserted", sequence, f"event {sequence} names the team {name!r}, which there is not")

    def check_rest(self, last: Seal | None) -> int:
        """Behind the last seal nothing may be up to where the sealer has been; how many events are after that."""
        high = seals.state(self._connection).high
        after = 0 if last is None else last.upto
        while found := seals.between(self._connection, self._team, after, high, AT_ONCE):
            for event in found:
                self._check_unlisted(event[0], event)
            after = found[-1][0]
        return seals.count_behind(self._connection, self._team, high)

    def check_noted(self, noted: str | None) -> None:
        if noted and not seals.has_digest(self._connection, self._team, noted.strip().lower()):
            self.fault("removed", None, f"no seal has the digest {noted[:80]!r}: the chain was cut or made anew")


def _said(event: Event) -> str:
    return "which cannot be read" if event[5] is None else f"{event[5]} of {event[6]} by {event[3]}"


def _entries(entries: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(entries), ENTRY):
        yield int.from_bytes(entries[start : start + 8], "big"), entries[start + 8 : start + ENTRY]
