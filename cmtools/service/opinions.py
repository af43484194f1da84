"""Rules of opinions: what becomes of a review when all who were asked have said what they think. It asks nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..errors import Conflict, NotFound
from ..model import Feedback, GoldenItem, Opinion
from ..store import opinions, reviews, teams
from ..store.submissions import SubmissionRow
from . import audit, callbacks
from .context import Context, new_id, system_actor

Said = dict[str, dict[str, bool]]
"""Frame (its milliseconds as text; empty for the whole) -> short code -> on or off."""
AGREED = {"majority": "majority", "unanimity": "unanimity", "adjudication": "agreed"}
"""What is said to have settled a review by each rule, where no adjudicator did."""
FEEDBACK_AT_ONCE = 200


def settle(ctx: Context, review_ids: Iterable[str]) -> None:
    """Give those of these reviews their final tags on which every opinion is there, or let an adjudicator decide."""
    done = opinions.complete(ctx.connection, list(review_ids))
    given = opinions.given(ctx.connection, [review.id for review in done])
    disputed: dict[str, list[str]] = defaultdict(list)
    settled: dict[tuple[str, str], dict[str, Said]] = defaultdict(dict)
    for review in done:
        said = final_tags(given.get(review.id, []), review.final)
        if said is None:
            disputed[review.team].append(review.id)
        else:
            settled[review.team, AGREED[review.final]][review.id] = said
    endpoints = {review.id: review.callback_endpoint for review in done}
    for (team, by), all_said in settled.items():
        _resolve(replace(ctx, actor=system_actor(team)), by, all_said, endpoints)
    for team, ids in disputed.items():
        opinions.dispute(ctx.connection, ids)
        audit.record(replace(ctx, actor=system_actor(team)), "dispute", [(id, {}, {}) for id in ids])


def settle_early(ctx: Context, review_ids: Sequence[str]) -> int:
    """Go on with the opinions that there are: nobody else is asked. How many of the reviews that settles at once.

    Who has one in hand may still give it, and the review is settled then.

    Raises
    ------
    NotFound
        The team has no such review; nothing was changed.
    Conflict
        On one of them nobody has said anything yet; nothing was changed.
    """
    wanted = list(dict.fromkeys(review_ids))
    standing = reviews.standings(ctx.connection, ctx.team, wanted)
    given = opinions.given(ctx.connection, wanted)
    for id in wanted:
        if id not in standing:
            raise NotFound(f"the team has no review {id!r}; nothing was changed")
        if standing[id].status == "Shared" and id not in given:
            raise Conflict(f"nobody has said anything of review {id} yet, so there is nothing to settle it by")
    shared = [id for id in wanted if standing[id].status == "Shared"]
    audit.record(ctx, "withdraw", [(id, {}, {}) for id in opinions.withdraw(ctx.connection, shared)])
    settle(ctx, shared)
    after = reviews.standings(ctx.connection, ctx.team, shared, locked=False)
    return sum(1 for each in after.values() if each.status != "Shared")


def final_tags(given: Sequence[Opinion], rule: str) -> Said | None:
    """What the opinions come to; None where an adjudicator has to decide. Of each tag those count that name it.

    Who does not was not asked: the tag was added to the team, or made visible, later.

    Examples
    --------
    >>> two, one = Opinion({"a": False, "r": True}), Opinion({"a": True, "r": True})
    >>> final_tags([two, two, one], "majority"), final_tags([two, one], "unanimity")
    ({'': {'a': False, 'r': True}}, {'': {'a': False, 'r': True}})
    >>> final_tags([two, one], "majority"), final_tags([two, two, one], "adjudication")
    (None, None)
    >>> final_tags([Opinion({"a": False}), Opinion({"a": False, "v": True})], "majority")
    {'': {'a': False, 'v': True}}
    """
    found: Said = {}
    for frame, tags in _votes(given).items():
        for tag, (on, asked) in tags.items():
            if (rule == "majority" and 2 * on == asked) or (rule == "adjudication" and 0 < on < asked):
                return None
            found.setdefault(frame, {})[tag] = on == asked if rule == "unanimity" else 2 * on > asked
    return found


def leaning(given: Sequence[Opinion]) -> Said:
    """What most of the opinions say, a tie being off: where an adjudicator begins.

    Examples
    --------
    >>> leaning([Opinion({"a": True, "r": True}), Opinion({"a": False, "r": True})])
    {'': {'a': False, 'r': True}}
    """
    return {frame: {tag: 2 * on > asked for tag, (on, asked) in tags.items()} for frame, tags in _votes(given).items()}


def _votes(given: Sequence[Opinion]) -> dict[str, dict[str, tuple[int, int]]]:
    """By frame (empty for the whole) and tag: in how many opinions it is on, and how many name it."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for opinion in given:
        for frame, tags in {"": opinion.tags, **opinion.frames}.items():
            theirs = found.setdefault(frame, {})
            for tag, value in tags.items():
                on, asked = theirs.get(tag, (0, 0))
                theirs[tag] = (on + value, asked + 1)
    return {frame: tags for frame, tags in found.items() if tags}


def _resolve(ctx: Context, by: str, said: Mapping[str, Said], endpoints: Mapping[str, str | None]) -> None:
    row = SubmissionRow(new_id(), ctx.team, "", f"({by})", "", ctx.now, ctx.now, "final")
    opinions.resolve(ctx.connection, row, said)
    callbacks.enqueue(ctx, row, {id: endpoints[id] for id in said})
    how = {"by": by, "submission": row.id}
    audit.record(ctx, "resolve", [(id, {}, {**audit.told(theirs), **how}) for id, theirs in said.items()])


def rest_golden(ctx: Context, names: Iterable[str]) -> None:
    """Take golden items out of those queues of the teams in which nothing else is left to do."""
    for team in sorted(names):
        if opinions.any_wait(ctx.connection, team):
            opinions.rest_golden(ctx.connection, team)


def of_review(ctx: Context, id: str) -> list[Opinion]:
    """The opinions on a review that are final, with who gave them and when."""
    if id not in reviews.standings(ctx.connection, ctx.team, [id], locked=False):
        raise NotFound(f"the team has no review {id!r}")
    return sorted(opinions.given(ctx.connection, [id]).get(id, []), key=lambda each: (each.decided_at, each.review_id))


def golden(ctx: Context) -> list[GoldenItem]:
    """The team's golden items, the oldest first."""
    return opinions.golden(ctx.connection, ctx.team)


def feedback(ctx: Context, after: datetime | None) -> list[Feedback]:
    """How what the reviewer said of golden items compares with what is known; nothing while the team keeps silent."""
    if not teams.golden_feedback(ctx.connection, ctx.team):
        return []
    return opinions.feedback(ctx.connection, ctx.team, ctx.reviewer, after, FEEDBACK_AT_ONCE)
