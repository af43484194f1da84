"""Writes audit events in the transaction of the change they tell of. It only ever adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import AuditEvent
from ..store import events
from .context import Context

Change = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""The subject (a review's id, say), what was before, and what is after."""


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


def trail(ctx: Context, subject: str | None, after: int, limit: int) -> tuple[list[AuditEvent], int | None]:
    """A page of the team's events, and the cursor of the next (None at the end)."""
    found = events.listing(ctx.connection, ctx.team, subject=subject, after=after, limit=limit)
    return found, found[-1].sequence if len(found) == limit else None
