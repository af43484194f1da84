"""Rules of exposure: what reviewers have seen uncovered, and how much of it a team allows in a day.

A reveal is one time that a reviewer took the cover (blur, or black and white) off a picture; it ends when the cover is
back. What a browser tells is believed: this is care for people, not a check on them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BadRequest, RevealCapReached
from ..model import Exposure, ExposureToday
from ..store import exposures, teams
from . import audit
from .context import Context
from .notes import check_reviews

LONGEST_SECONDS = 86_400.0
AT_ONCE = 1000
"""The most reveals of one call."""
SEE_ALL = frozenset({"administrator", "lead", "auditor"})
"""The roles that see what others were exposed to; everybody sees their own."""


def record(ctx: Context, seconds: Mapping[str, float]) -> ExposureToday:
    """Count reveals that have ended: review id -> how many seconds it lasted.

    They count also over the day's cap, for they have happened; `check_cap` then says so.
    """
    if not 1 <= len(seconds) <= AT_ONCE:
        raise BadRequest(f"{len(seconds)} reveals at once; it must be 1 to {AT_ONCE}", where="reveals")
    for id, each in seconds.items():
        if not 0 <= each <= LONGEST_SECONDS:
            message = f"a reveal lasts 0 to {LONGEST_SECONDS:,.0f} seconds, and not {each!r}"
            raise BadRequest(message, where=f"reveals.{id}")
    check_reviews(ctx, list(seconds))
    exposures.add(ctx.connection, ctx.team, ctx.reviewer, ctx.now, seconds)
    audit.record(ctx, "reveal", [(id, {}, {"seconds": each}) for id, each in seconds.items()])
    return today(ctx)


def today(ctx: Context) -> ExposureToday:
    """What the reviewer has been exposed to since midnight UTC, and the most that the team allows."""
    _, most = teams.wellness(ctx.connection, ctx.team)
    return ExposureToday(
        ctx.reviewer, *exposures.of_day(ctx.connection, ctx.team, ctx.reviewer, ctx.now), most_reveals=most
    )


def check_cap(exposed: ExposureToday) -> ExposureToday:
    """The same, or `RevealCapReached` when there were more reveals today than the team allows."""
    most = exposed.most_reveals
    if most is None or exposed.reveals <= most:
        return exposed
    raise RevealCapReached(
        f"{exposed.reviewer} has revealed {exposed.reveals} pictures today, and the team allows {most}: "
        "go on with covered pictures, or tomorrow (UTC). The reveals were counted"
    )


def page(ctx: Context, after: int, limit: int) -> tuple[list[Exposure], int | None]:
    """A page of exposures by review and reviewer, and the next cursor: all of the team's, or the reviewer's own."""
    whose = None if ctx.actor.role in SEE_ALL else ctx.reviewer
    return exposures.page(ctx.connection, ctx.team, whose, after, limit)
