"""Rules of preferences: a reviewer's screens keep a few plain values here. What they mean, the screens know."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..errors import BadRequest
from ..store import preferences
from .context import Context

Value = bool | int | float | str | None
MOST_KEYS = 50
MOST_BYTES = 4096


def get(ctx: Context) -> dict[str, Value]:
    """The reviewer's preferences."""
    return preferences.get(ctx.connection, ctx.team, ctx.reviewer)


def change(ctx: Context, values: Mapping[str, Value]) -> dict[str, Value]:
    """Set some preferences and leave the others; None takes one out. All of them as they are now."""
    merged = {**preferences.get(ctx.connection, ctx.team, ctx.reviewer, locked=True), **values}
    kept = {name: value for name, value in merged.items() if value is not None}
    size = len(json.dumps(kept, ensure_ascii=False).encode())
    if len(kept) > MOST_KEYS or size > MOST_BYTES:
        raise BadRequest(
            f"these would be {len(kept)} preferences of {size:,} bytes; a reviewer has at most {MOST_KEYS} of "
            f"{MOST_BYTES:,} bytes. Take some out by setting them to None",
            where="values",
        )
    preferences.put(ctx.connection, ctx.team, ctx.reviewer, kept)
    return kept
