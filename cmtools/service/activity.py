"""What goes on in a team, in figures for a dashboard. It changes nothing."""

from __future__ import annotations

from dataclasses import replace

from ..model import Activity
from ..store import activity
from .context import Context
from .reviews import undisputed


def look(ctx: Context) -> Activity:
    """Counts by queue, reviewer and tag, at this moment.

    A reviewer's key sees of what was decided the reviewer's own alone: figures that grow would tell what others say.
    """
    alone = ctx.reviewer if ctx.actor.role == "reviewer" else None
    people = activity.reviewers(ctx.connection, ctx.team, ctx.now)
    today = next((each.today for each in people if each.reviewer == ctx.reviewer), 0)
    visible = [tag.short_code for tag in ctx.tags().visible]
    return Activity(
        ctx.now,
        ctx.reviewer,
        today,
        tuple(
            replace(queue, counts=undisputed(ctx, queue.counts)) for queue in activity.queues(ctx.connection, ctx.team)
        ),
        tuple(each for each in people if alone in (None, each.reviewer)),
        tuple(activity.tags(ctx.connection, ctx.team, visible, alone)),
    )
