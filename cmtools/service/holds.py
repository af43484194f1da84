"""Rules of holds: a reviewer parks reviews for a time, and takes them up again. It decides nothing about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from ..content import content_type
from ..errors import BadRequest, Conflict, NotFound
from ..model import Lease, Review
from ..store import frames, holds, opinions, reviews
from ..store import leases as lease_store
from ..store.holds import HeldRow
from . import audit, auth, leases, notes
from .blind import unprompted
from .context import Context, system_actor
from .reviews import shown

LONGEST_SECONDS = 30 * 24 * 3600.0
MOST_LISTED = 1000
"""The most parked reviews in one listing."""
SWEPT_AT_ONCE = 2000
"""The most parked reviews that one transaction gives back."""


def hold(
    ctx: Context, lease_id: str, token: str | None, ids: Sequence[str], seconds: float, note: str, base_url: str
) -> list[Review]:
    """Park reviews of a lease: nobody is given them until the time is over; toggles made so far are kept.

    Raises
    ------
    LeaseLost
        The lease has ended or does not hold one of them; nothing was changed.
    """
    if not ids:
        raise BadRequest("no review is named, so none was put on hold", where="review_ids")
    if not 0 < seconds <= LONGEST_SECONDS:
        most = f"{LONGEST_SECONDS:,.0f}"
        raise BadRequest(
            f"seconds is {seconds:g}; a hold lasts more than 0 and at most {most} seconds", where="seconds"
        )
    wanted = list(dict.fromkeys(ids))
    lease = leases.demand(ctx, lease_id, token)
    leases.check_held(ctx, lease_id, dict.fromkeys(wanted))
    until = ctx.now + timedelta(seconds=seconds)
    holds.park(ctx.connection, ctx.team, wanted, ctx.reviewer, until)
    if not lease_store.held(ctx.connection, lease_id):
        lease_store.end(ctx.connection, lease_id, "held")
    audit.record(ctx, "hold", [(id, {"lease": lease_id}, {"until": until.isoformat()}) for id in wanted])
    if note.strip():
        for id in wanted:
            notes.add(ctx, id, note)
    rows = [HeldRow(id, ctx.team, lease.type, ctx.reviewer, lease.blind) for id in wanted]
    return _shown(ctx, rows, base_url)


def listing(ctx: Context, everyone: bool, base_url: str) -> list[Review]:
    """The reviews that the reviewer has on hold, those that go back first being the first; or that anybody has."""
    if everyone:
        auth.require(ctx.actor, "inspect")
    rows = holds.listing(ctx.connection, ctx.team, None if everyone else ctx.reviewer)
    return _shown(ctx, rows[:MOST_LISTED], base_url)


def take(ctx: Context, ids: Sequence[str] | None, type: str | None, base_url: str) -> Lease:
    """Take up reviews that the reviewer has on hold, with their toggles: those named, else all of one type.

    Without a type it is that of the one which would go back first. What would be blind stays so: when one of them was
    held out of a blind lease, the whole lease is blind.

    Raises
    ------
    Conflict
        One that is named is not on hold for this reviewer, or they are of several types; nothing was changed.
    """
    rows = holds.listing(ctx.connection, ctx.team, ctx.reviewer, ids, locked=True)
    kind = content_type(type).name if type is not None else rows[0].type if rows else "Image"
    if ids is not None:
        _check_all_there(ctx, ids, rows, kind)
    chosen = [row for row in rows if row.type == kind][: leases.MAX_COUNT]
    if kind == frames.FRAMED:
        chosen = chosen[: reviews.bounded(ctx.connection, [row.id for row in chosen])]
    if not chosen:
        return Lease("", ctx.reviewer, kind, ctx.now, created_at=ctx.now)
    lease, token = leases.new_row(ctx, kind, None, blind=any(row.blind for row in chosen))
    lease_store.insert(ctx.connection, lease)
    holds.lease_out(ctx.connection, ctx.team, lease.id, [row.id for row in chosen])
    audit.record(ctx, "take_held", [(row.id, {}, {"lease": lease.id}) for row in chosen])
    return leases.shown_lease(ctx, lease, base_url, token)


def give_back(ctx: Context, ids: Sequence[str]) -> None:
    """Put parked reviews back into the queue at their old places, without their toggles; others are left alone.

    Raises
    ------
    Forbidden
        One is on hold for somebody else, and the actor may not oversee; nothing was changed.
    """
    _check_known(ctx, ids)
    rows = holds.listing(ctx.connection, ctx.team, None, ids, locked=True)
    if any(row.held_by != ctx.reviewer for row in rows):
        auth.require(ctx.actor, "oversee")
    holds.give_back(ctx.connection, [row.id for row in rows])
    audit.record(ctx, "unhold", [(row.id, {"held_by": row.held_by}, {}) for row in rows])


def expire(ctx: Context) -> int:
    """Put back what is parked and whose time is over, in all teams, some at a time; how many reviews there were."""
    rows = holds.overdue(ctx.connection, ctx.now, SWEPT_AT_ONCE)
    holds.give_back(ctx.connection, [row.id for row in rows])
    whose = sorted(rows, key=lambda row: (row.team, row.held_by))
    for (team, reviewer), theirs in groupby(whose, key=lambda row: (row.team, row.held_by)):
        its = replace(ctx, actor=system_actor(team, reviewer))
        audit.record(its, "unhold", [(row.id, {"held_by": reviewer}, {}) for row in theirs])
    return len(rows)


def _shown(ctx: Context, rows: Sequence[HeldRow], base_url: str) -> list[Review]:
    tags = ctx.tags()
    blind = {row.id for row in rows if row.blind}
    found = reviews.fetch(ctx.connection, ctx.team, tags, [row.id for row in rows], framed=False)
    found = [unprompted(tags, each) if each.id in blind else each for each in found]
    said = opinions.nameless(ctx.connection, [row.id for row in rows if row.held_by == ctx.reviewer])
    return shown(ctx, [replace(each, opinions=said.get(each.id, ())) for each in found], base_url)


def _check_known(ctx: Context, ids: Sequence[str]) -> None:
    known = reviews.standings(ctx.connection, ctx.team, ids, locked=False)
    for id in ids:
        if id not in known:
            raise NotFound(f"the team has no review {id!r}; nothing was changed")


def _check_all_there(ctx: Context, ids: Sequence[str], rows: Sequence[HeldRow], kind: str) -> None:
    _check_known(ctx, ids)
    there = {row.id: row.type for row in rows}
    for id in ids:
        if id not in there:
            raise Conflict(f"review {id} is not on hold for {ctx.reviewer} (any more); nothing was changed")
        if there[id] != kind:
            raise Conflict(f"review {id} is of type {there[id]}, another of type {kind}: take one type at a time")
