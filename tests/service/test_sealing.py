"""The chain over the trail: what is changed, removed or put in afterwards is found and named; nothing else is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from cmtools.model import TrailCheck
from cmtools.service import audit, sealing
from cmtools.store import Connection, due
from cmtools.store.tables import events, seal_gaps, seals

from .conftest import Desk


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few events a run and few seals a page, so that both come several times."""
    monkeypatch.setattr(sealing, "AT_ONCE", 4)
    monkeypatch.setattr(sealing, "SEALS_AT_ONCE", 2)


def write(desk: Desk, count: int, team: str = "demo") -> None:
    """Events of a team, each in a transaction of its own."""
    for _ in range(count):
        desk.run(lambda ctx: audit.record(ctx, "test", [("thing", {}, {"said": "ä"})]))


def seal(desk: Desk) -> int:
    total = 0
    while count := sealing.seal(desk.store, desk.clock()):
        total += count
    return total


def check(desk: Desk, noted: str | None = None) -> TrailCheck:
    """All pages as one."""
    pages = [desk.run(lambda ctx: sealing.check(ctx, 0, noted))]
    while pages[-1].following is not None:
        after = pages[-1].following
        pages.append(desk.run(lambda ctx, after=after: sealing.check(ctx, after, noted)))
    last = pages[-1]
    faults = tuple(fault for page in pages for fault in page.faults)
    return TrailCheck(
        sum(page.events for page in pages),
        sum(page.seals for page in pages),
        last.unsealed,
        faults,
        sum(page.fault_count for page in pages),
        last.head,
    )


def found(desk: Desk, noted: str | None = None) -> list[tuple[str, int | None]]:
    return [(fault.kind, fault.sequence) for fault in check(desk, noted).faults]


def tamper(desk: Desk, work: Callable[[Connection], object]) -> None:
    """Behind the service's back."""
    desk.store.write(work)


def sequences(desk: Desk) -> list[int]:
    return [event.sequence for event in desk.run(lambda ctx: audit.trail(ctx, None, 0, 1000))[0]]


def test_untouched_trail_is_whole(desk: Desk, small: None) -> None:
    write(desk, 10)
    assert check(desk).unsealed == len(sequences(desk))
    assert seal(desk) == len(sequences(desk))
    checked = check(desk)
    assert (checked.ok, checked.events, checked.unsealed) == (True, len(sequences(desk)), 0)
    assert checked.seals > 2
    assert checked.head is not None
    assert checked.head.events == checked.events


def test_nothing_is_sealed_twice_and_nothing_written_when_nothing_is_new(desk: Desk) -> None:
    write(desk, 3)
    seal(desk)
    before = check(desk).head
    assert seal(desk) == 0
    assert check(desk).head == before


def copy_of(desk: Desk, original: int, **changes: object) -> None:
    """Put a copy of an event in, with something else."""
    tamper(
        desk,
        lambda at: at.execute(
            sa.insert(events).values(
                {**at.execute(sa.select(events).where(events.c.sequence == original)).one()._mapping, **changes}
            )
        ),
    )


@pytest.mark.parametrize("sequence", [0, -1, -(2**63)])
def test_event_put_in_before_the_first_is_named(desk: Desk, small: None, sequence: int) -> None:
    write(desk, 3)
    seal(desk)
    copy_of(desk, sequences(desk)[-1], sequence=sequence)
    assert found(desk) == [("inserted", sequence)]
    seal(desk)
    assert found(desk) == [("inserted", sequence)], "no later seal makes it good"


def test_event_of_a_team_that_there_is_not_is_named(desk: Desk, small: None) -> None:
    write(desk, 3)
    last = sequences(desk)[-1]
    copy_of(desk, last, sequence=last + 1, team="ghost")
    seal(desk)
    assert found(desk) == [("inserted", last + 1)]
    by_team = {name: check.faults for name, check in sealing.check_database(desk.store, None, desk.settings)}
    assert {name: len(faults) for name, faults in by_team.items()} == {"demo": 0, "ghost": 1}


@pytest.mark.parametrize(
    "change",
    [
        "actor = CAST(actor AS BLOB)",
        "actor = CAST(x'ff' AS TEXT)",
        "subject = x'00'",
        "at = 'yesterday'",
        "after = '{'",
        "after = CAST(x'c328' AS TEXT)",
        "at = 1e300",
    ],
)
def test_event_that_cannot_be_read_is_named_as_changed_on_sqlite(desk: Desk, small: None, change: str) -> None:
    if desk.store.read(lambda at: at.dialect.name) != "sqlite":
        return  # it takes no such values
    write(desk, 9)
    seal(desk)
    tamper(desk, lambda at: at.execute(sa.text(f"UPDATE events SET {change} WHERE sequence = 5")))
    assert found(desk) == [("changed", 5)]
    write(desk, 3)
    assert seal(desk) == 3
    tamper(desk, lambda at: at.execute(sa.text(f"UPDATE events SET {change} WHERE sequence = 11")))
    assert found(desk) == [("changed", 5), ("changed", 11)]


def test_unreadable_event_does_not_stop_the_sealer(desk: Desk) -> None:
    if desk.store.read(lambda at: at.dialect.name) != "sqlite":
        return
    write(desk, 3)
    tamper(desk, lambda at: at.execute(sa.text("UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE sequence = 2")))
    tamper(desk, lambda at: at.execute(sa.text("UPDATE events SET team = x'ff' WHERE sequence = 3")))
    assert seal(desk) >= 3
    assert {("changed", 2), ("inserted", 3)} <= set(found(desk))


@pytest.mark.parametrize(
    "change",
    [
        "sealed_at = 'x'",
        "sealed_at = 1e300",
        "upto = 'x'",
        "total = x'00'",
        "digest = CAST(x'ff' AS TEXT)",
        "digest = x'00'",
        "entries = 'x'",
        "entries = CAST(x'ff' AS TEXT)",
        "late = 'x'",
    ],
)
def test_seal_that_cannot_be_read_is_a_fault_on_sqlite(desk: Desk, small: None, change: str) -> None:
    if desk.store.read(lambda at: at.dialect.name) != "sqlite":
        return
    write(desk, 9)
    seal(desk)
    tamper(desk, lambda at: at.execute(sa.text(f"UPDATE seals SET {change} WHERE number = 2")))
    assert ("changed", None) in found(desk)


@pytest.mark.parametrize("column", ["at", "actor", "reviewer", "action", "subject", "before", "after"])
def test_changed_event_is_named(desk: Desk, small: None, column: str) -> None:
    write(desk, 8)
    seal(desk)
    one = sequences(desk)[5]
    value = {"at": desk.clock().replace(year=2020), "before": {"x": 1}, "after": {"said": "o"}}.get(column, "mallory")
    tamper(desk, lambda at: at.execute(sa.update(events).where(events.c.sequence == one).values({column: value})))
    assert found(desk) == [("changed", one)]
    assert f"event {one} (" in check(desk).faults[0].message


@pytest.mark.parametrize("place", [0, 5, -1])
def test_removed_event_is_named_also_the_last(desk: Desk, small: None, place: int) -> None:
    write(desk, 8)
    seal(desk)
    one = sequences(desk)[place]
    tamper(desk, lambda at: at.execute(sa.delete(events).where(events.c.sequence == one)))
    assert found(desk) == [("removed", one)]


def test_event_put_into_a_place_that_was_removed_is_named(desk: Desk, small: None) -> None:
    write(desk, 8)
    seal(desk)
    one = sequences(desk)[4]
    tamper(desk, lambda at: at.execute(sa.update(events).where(events.c.sequence == one).values(team="other")))
    assert found(desk) == [("removed", one), ("inserted", one)], "there is no other team"
    assert [(fault.kind, fault.sequence) for fault in _of_team(desk, "other").faults] == [("inserted", one)] * 2


def _of_team(desk: Desk, team: str) -> TrailCheck:
    return desk.run(lambda ctx: sealing.check(replace(ctx, actor=replace(ctx.actor, team=team)), 0, None))


def test_event_put_in_between_is_named(desk: Desk, small: None) -> None:
    """A sequence that nobody ever used, which the sealer no longer waits for."""
    write(desk, 3)
    skip(desk)
    write(desk, 3)
    seal(desk)
    desk.clock.advance(86_401)
    write(desk, 1)
    seal(desk)
    free = min(set(range(1, max(sequences(desk)))) - set(sequences(desk)))
    forged = {"sequence": free, "team": "demo", "at": desk.clock(), "actor": "x", "action": "x", "subject": "x"}
    tamper(desk, lambda at: at.execute(sa.insert(events).values(**forged, before={}, after={})))
    seal(desk)
    assert found(desk) == [("inserted", free)]


def skip(desk: Desk) -> None:
    """Let a sequence pass unused, as a transaction that is rolled back does on PostgreSQL."""

    def work(connection: Connection) -> None:
        row = {
            "team": "demo",
            "at": desk.clock(),
            "actor": "x",
            "action": "x",
            "subject": "x",
            "before": {},
            "after": {},
        }
        connection.execute(sa.insert(events).values(**row))
        connection.execute(sa.delete(events).where(events.c.action == "x"))

    desk.store.write(work)


def test_late_event_is_sealed_and_is_no_fault(desk: Desk, small: None) -> None:
    """Its transaction was slow: on PostgreSQL its sequence becomes visible behind later ones."""
    write(desk, 3)
    skip(desk)
    write(desk, 6)
    seal(desk)
    free = min(set(range(1, max(sequences(desk)))) - set(sequences(desk)))
    late = {"sequence": free, "team": "demo", "at": desk.clock(), "actor": "x", "action": "x", "subject": "x"}
    tamper(desk, lambda at: at.execute(sa.insert(events).values(**late, before={}, after={})))
    assert found(desk) == []  # still waited for
    write(desk, 1)
    assert seal(desk) == 2
    checked = check(desk)
    assert (checked.faults, checked.events, checked.unsealed) == ((), len(sequences(desk)), 0)
    tamper(desk, lambda at: at.execute(sa.update(events).where(events.c.sequence == free).values(actor="mallory")))
    assert found(desk) == [("changed", free)]


def test_late_event_is_sealed_even_when_nothing_comes_after_it(desk: Desk) -> None:
    write(desk, 3)
    skip(desk)
    write(desk, 3)
    seal(desk)
    free = min(set(range(1, max(sequences(desk)))) - set(sequences(desk)))
    late = {"sequence": free, "team": "demo", "at": desk.clock(), "actor": "x", "action": "x", "subject": "x"}
    tamper(desk, lambda at: at.execute(sa.insert(events).values(**late, before={}, after={})))
    assert "seals" in desk.store.read(lambda connection: due.kinds(connection, desk.clock()))
    assert seal(desk) == 1


def test_gap_that_stays_empty_is_closed_after_a_day(desk: Desk) -> None:
    write(desk, 1)
    skip(desk)
    write(desk, 1)
    seal(desk)
    assert desk.store.read(lambda at: at.execute(sa.select(sa.func.count()).select_from(seal_gaps)).scalar()) == 1
    desk.clock.advance(86_401)
    write(desk, 1)
    seal(desk)
    assert desk.store.read(lambda at: at.execute(sa.select(sa.func.count()).select_from(seal_gaps)).scalar()) == 0


# The seals themselves


@pytest.mark.parametrize("column", ["sealed_at", "entries", "digest"])
def test_changed_seal_is_found(desk: Desk, small: None, column: str) -> None:
    write(desk, 8)
    seal(desk)
    value = {"sealed_at": desk.clock().replace(year=2020), "entries": bytes(160), "digest": "0" * 64}[column]
    tamper(desk, lambda at: at.execute(sa.update(seals).where(seals.c.number == 2).values({column: value})))
    assert ("changed", None) in found(desk)


def test_removed_seal_is_found(desk: Desk, small: None) -> None:
    write(desk, 12)
    seal(desk)
    for number in (2, 1):
        tamper(desk, lambda at, number=number: at.execute(sa.delete(seals).where(seals.c.number == number)))
        assert ("removed", None) in found(desk)


def test_chain_that_was_cut_or_made_anew_does_not_have_the_noted_head(desk: Desk, small: None) -> None:
    write(desk, 8)
    seal(desk)
    head = desk.run(sealing.head)
    assert found(desk, head.digest) == []
    write(desk, 4)
    seal(desk)
    assert found(desk, head.digest.upper()) == []  # an earlier head stays in the chain
    last = sequences(desk)[-1]

    def forge(connection: Connection) -> None:
        """With all tables in hand: change the trail, and seal all of it anew."""
        connection.execute(sa.update(events).where(events.c.sequence == last - 6).values(actor="mallory"))
        connection.execute(sa.delete(seals))
        connection.execute(sa.text("DELETE FROM settings WHERE name = 'sealed'"))

    tamper(desk, forge)
    seal(desk)
    assert found(desk) == []  # a chain alone cannot tell
    assert found(desk, head.digest) == [("removed", None)]


def test_teams_have_chains_of_their_own(desk: Desk, small: None) -> None:
    for team in ("demo", "other", "demo", "other"):
        desk.run(
            lambda ctx, team=team: audit.record(
                replace(ctx, actor=replace(ctx.actor, team=team)), "test", [("thing", {}, {})]
            )
        )
    seal(desk)
    assert _of_team(desk, "other").events == 2
    assert check(desk).events == len(sequences(desk))
    assert _of_team(desk, "other").head != check(desk).head


def test_several_sealers_seal_each_event_once(desk: Desk, small: None) -> None:
    write(desk, 40)
    threads = [threading.Thread(target=seal, args=(desk,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(desk)  # one that lost a race stops; the next tick goes on
    checked = check(desk)
    assert (checked.faults, checked.events, checked.unsealed) == ((), len(sequences(desk)), 0)


def test_faults_are_counted_and_the_first_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_FAULTS", 3)
    write(desk, 8)
    seal(desk)
    tamper(desk, lambda at: at.execute(sa.delete(events)))
    checked = check(desk)
    assert (len(checked.faults), checked.fault_count, checked.ok) == (3, checked.events, False)
