"""Rules of the secrets that callbacks are signed with: one for each team, shown to those who may see it, changed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ..model import CallbackSecret
from ..store import callback_secrets
from ..wire.signatures import PREFIX
from . import audit
from .context import Context, system_actor

SECRET_BYTES = 32


def show(ctx: Context) -> CallbackSecret:
    """The team's secret; made now where there is none yet. That it was shown is on the trail, and it itself is not."""
    found = _of(ctx, ctx.team)
    audit.record(ctx, "show_callback_secret", [(ctx.team, {}, {})])
    return found


def rotate(ctx: Context, keep_previous_seconds: float) -> CallbackSecret:
    """Give the team a new secret; for a time the present one goes on signing beside it, and the one before no more."""
    _of(ctx, ctx.team)
    until = ctx.now + timedelta(seconds=keep_previous_seconds) if keep_previous_seconds > 0 else None
    callback_secrets.replace(ctx.connection, ctx.team, _new(), ctx.now, until)
    audit.record(ctx, "rotate_callback_secret", [(ctx.team, {}, {"keep_previous_seconds": keep_previous_seconds})])
    return _of(ctx, ctx.team)


def signing(ctx: Context, teams: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The secrets that sign now, the newest first, for each of these teams."""
    known = _known(ctx, set(teams))
    return {team: tuple(part for part in (each.secret, each.previous) if part) for team, each in known.items()}


def _of(ctx: Context, team: str) -> CallbackSecret:
    return _known(ctx, {team})[team]


def _known(ctx: Context, wanted: set[str]) -> dict[str, CallbackSecret]:
    """What signs now of each team; a previous secret whose time is over is left out."""
    found = callback_secrets.fetch(ctx.connection, wanted)
    found |= {team: _made(ctx, team) for team in sorted(wanted - set(found))}
    for team, each in found.items():
        if each.previous_until is not None and each.previous_until <= ctx.now:
            found[team] = replace(each, previous="", previous_until=None)
    return found


def _made(ctx: Context, team: str) -> CallbackSecret:
    """The first secret; or the one that another process gave the team at this very moment."""
    if callback_secrets.insert(ctx.connection, team, _new(), ctx.now):
        theirs = Context(ctx.connection, system_actor(team), ctx.now, ctx.settings)
        audit.record(theirs, "create_callback_secret", [(team, {}, {})])
    return callback_secrets.fetch(ctx.connection, [team])[team]


def _new() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
