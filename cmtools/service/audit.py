"""Writes audit events in the transaction of the change they tell of. It only ever adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..model import AuditEvent
from ..store import events
from .blind import masked_events
from .context import Context

Change = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""The subject (a review's id, say), what was before, and what is after."""
MOST_OF_ONE = 100_000
Said = Mapping[str, Mapping[str, bool]]
"""Frame (its milliseconds as text; empty for the whole) -> short code -> on or off."""


def record(ctx: Context, action: str, changes: Iterable[Change]) -> None:
    """Add one event for each change."""
    found = list(changes)
    if not found:
        return
    shared = {
        "team": ctx.team,
        "at": ctx.now,
        "actor": ctx.actor.label,
        "reviewer": ctx.actor.reviewer,
        "action": action,
    }
    subjects, befores, afters = zip(*found, strict=True)
    events.insert(ctx.connection, shared, {"subject": subjects, "before": befores, "after": afters})


def note_seal(ctx: Context, seal: str, about: str) -> AuditEvent:
    """Put the seal of something that is kept elsewhere, such as a sampling plan, on the trail: once, and for good."""
    there = events.listing(ctx.connection, ctx.team, subject=seal, limit=1)
    if not there:
        record(ctx, "note_seal", [(seal, {}, {"about": about})])
        there = events.listing(ctx.connection, ctx.team, subject=seal, limit=1)
    return there[0]


def switches(before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[Change]:
    """What of the tags of each review (id -> frame, empty for the whole -> short code -> value) is new.

    Examples
    --------
    >>> list(switches({"r1": {"": {"a": True, "r": True}}}, {"r1": {"": {"a": False, "r": True}}, "r2": {"": {}}}))
    [('r1', {'tags': {'a': True}}, {'tags': {'a': False}})]
    """
    for id, said in after.items():
        was = before.get(id, {})
        new = {
            frame: {code: on for code, on in tags.items() if was.get(frame, {}).get(code) is not on}
            for frame, tags in said.items()
        }
        old = {
            frame: {code: was[frame][code] for code in tags if code in was.get(frame, {})}
            for frame, tags in new.items()
        }
        if any(new.values()):
            yield id, told(old), told(new)


def told(said: Said) -> dict[str, object]:
    """Tags as an event tells them: those of the whole, and those of frames where there are any."""
    framed = {frame: dict(tags) for frame, tags in said.items() if frame and tags}
    of_the_whole = {"tags": dict(said[""])} if said.get("") else {}
    return {**of_the_whole, **({"frames": framed} if framed else {})}


def trail(ctx: Context, subject: str | None, after: int, limit: int) -> tuple[list[AuditEvent], int | None]:
    """A page of the team's events, and the cursor of the next (None at the end).

    Events of reviews that the actor has under a blind lease do not tell what is hidden there. With a reviewer's key the
    trail of a review is its creation and what this reviewer did, numbered from 1: what colleagues said would prompt,
    and other events, or numbers left out, would tell golden items, of which no copies and callbacks are noted.
    """
    if ctx.actor.role == "reviewer":
        of_it = events.listing(ctx.connection, ctx.team, subject=subject, limit=MOST_OF_ONE)
        own = [each for each in of_it if each.action == "create" or each.reviewer == ctx.actor.reviewer]
        own = [replace(each, sequence=number) for number, each in enumerate(own, 1)][after : after + limit]
        return masked_events(ctx, own), own[-1].sequence if len(own) == limit else None
    found = events.listing(ctx.connection, ctx.team, subject=subject, after=after, limit=limit)
    return masked_events(ctx, found), found[-1].sequence if len(found) == limit else None
