"""An audit held against its plan: when it was sealed, its weights and strata, and what it draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..plans.draws import BY_SIZE, CERTAIN
from ..plans.plan import SamplingPlan
from .checks import Check
from .stories import Trail
from .tables import without_credentials

Table = pd.DataFrame
Draw = Mapping[str, tuple[str, float]]
"""Of each item that was drawn its stratum and weight."""
_CLOSE = 1e-9


def check_sealed(check: Check, plan: SamplingPlan, sealed_at: datetime | None, trail: Trail, noted: str | None) -> None:
    """Whether the plan was sealed before its first review, and is the one whose seal was noted."""
    if noted is not None:
        check.look(
            len(noted) >= 8 and plan.seal.startswith(noted.lower()),
            f"the plan's seal is {plan.seal[:12]}..., not {noted[:12]}... as it was noted",
        )
    first = trail.first_created_at
    if trail.seal_named is not None:
        named = trail.seal_named
        check.look(
            first is None or named.at <= first,
            f"the trail names the seal at {named.at}, after the first review was created at {first}",
        )
        check.notes.append(
            f"event {named.sequence} ({named.action}) names the seal at {named.at:%Y-%m-%d %H:%M:%S} UTC"
        )
    elif sealed_at is None:
        check.why = "neither the file nor the trail says when the plan was sealed"
    if sealed_at is None:
        return
    if first is None:
        check.why = "the trail has none of the audit's reviews"
        return
    check.look(sealed_at <= first, f"the plan was sealed at {sealed_at}, the first review created at {first}")
    if trail.seal_named is None:
        check.notes.append("that moment is the auditor's word: hold the seal against where it was noted")


def check_plan(check: Check, plan: SamplingPlan, decisions: Table, trail: Trail) -> None:
    """Strata and weights of what was decided, beside those of the plan."""
    once = decisions.drop_duplicates("review_id")
    sizes = {each.name: each for each in plan.strata}
    alone = len(plan.strata) == 1
    for id, stratum, weight in zip(once["review_id"], once["stratum"], once["weight"], strict=True):
        own = sizes.get(stratum) or (plan.strata[0] if alone and pd.isna(stratum) else None)
        if own is None:
            check.look(False, f"review {id}: the plan has no stratum {stratum!r}")
            continue
        expected = _weight(own.name, own.population, own.n)
        fits = expected is None or _is_multiple(weight, expected)
        words = f"review {id}: its weight is {weight!r}, the plan gives {own.name!r} {expected!r}"
        check.look(fits, words)
        if expected is not None and fits and weight > 1.5 * expected and not check.notes:
            check.notes.append("some weights are multiples of the plan's: such reviews stand for near-duplicates")
    _check_rows(check, decisions)
    _check_numbers(check, plan, once)
    _check_told(check, once, trail)
    if plan.kind == "by_size" and not check.notes:
        check.notes.append("of weights by size only the sums were checked; give frame= for each")


def _check_rows(check: Check, decisions: Table) -> None:
    """Weight and stratum are a review's: they do not differ between its rows."""
    for name in ("weight", "stratum"):
        different = decisions.groupby("review_id")[name].nunique(dropna=False)
        for id in different.index[different > 1]:
            check.fault(f"review {id} has {different[id]} different values in {name}")


def _check_numbers(check: Check, plan: SamplingPlan, once: Table) -> None:
    """No stratum has more reviews than were to be drawn, nor stands for more items than it has."""
    counts = once["stratum"].value_counts()
    sums = once.groupby("stratum", observed=True)["weight"].sum()
    for each in plan.strata:
        found, total = int(counts.get(each.name, 0)), float(sums.get(each.name, 0.0))
        check.look(found <= each.n, f"{each.name!r} has {found:,} reviews, the plan draws {each.n:,}")
        if each.population is not None and each.name != BY_SIZE and total > each.population * (1 + 1e-6):
            check.fault(f"the weights in {each.name!r} add up to {total:,.0f}, it has {each.population:,} items")


def _check_told(check: Check, once: Table, trail: Trail) -> None:
    """Weights and strata that the trail itself tells."""
    for id, stratum, weight in zip(once["review_id"], once["stratum"], once["weight"], strict=True):
        story = trail.story(id)
        if story is None:
            continue
        if story.weight is not None and not np.isclose(story.weight, weight, rtol=_CLOSE, atol=0):
            check.fault(f"review {id} was created with the weight {story.weight!r}, the file says {weight!r}")
        if story.stratum is not None and story.stratum != stratum:
            check.fault(f"review {id} was created in {story.stratum!r}, the file says {stratum!r}")


def _weight(name: str, population: int | None, n: int) -> float | None:
    """How many items each review of a stratum stands for; None where that differs or is not known."""
    if name == CERTAIN:
        return 1.0
    return None if population is None or not n or name == BY_SIZE else population / n


def _is_multiple(weight: float, base: float) -> bool:
    times = weight / base
    return bool(times > 0.5 and abs(times - round(times)) <= _CLOSE * max(times, 1))


def draw_of(check: Check, plan: SamplingPlan, kept: Table | None, frame: Table | None) -> Draw | None:
    """What the plan draws: drawn anew where the frame is given, else as the file says, which proves less."""
    if frame is not None:
        _demand(frame, plan)
        try:
            table: Any = plan.draw(frame)
        except BadRequest as error:
            check.fault(str(error))
            return None
        if plan.id is None:
            check.why = "the plan knows items by their place alone, reviews by their id"
            return None
        ids = table[plan.id].map(str).map(without_credentials)
        return dict(zip(ids, zip(table["stratum"], table["weight"], strict=True), strict=True))
    if kept is not None:
        check.notes.append("by the list of what was drawn in the file; give frame= to draw anew")
        return {row[0]: (row[1], row[2]) for row in kept.itertuples(index=False)}
    check.why = "the frame was not given, and the file does not list what was drawn"
    return None


def _demand(frame: Table, plan: SamplingPlan) -> None:
    """Refuse what cannot be the table that the plan was made from: that is a mistake, and no fault of the audit."""
    if not isinstance(frame, pd.DataFrame):
        raise BadRequest(f"frame is a {type(frame).__name__}; give the table of items that the plan was made from")
    own = (plan.id, plan.size, plan.score, *plan.by)
    taken = [name for name in ("weight", "stratum") if name in frame.columns and name not in own]
    if taken:
        raise BadRequest(
            f"the frame has a column {taken[0]!r}, which a draw adds: this looks like the table that was drawn; give "
            "the items that it was drawn from"
        )
    lacking = [name for name in own if name is not None and name not in frame.columns]
    if lacking:
        raise BadRequest(f"the frame has no column {lacking[0]!r}; give the items that the plan was made from")
    if plan.population is None:
        raise BadRequest("the plan was made from shares alone, so no frame draws it anew; leave frame out")


def check_draw(check: Check, drawn: Draw | None, decisions: Table, reviews: Iterable[str], trail: Trail) -> None:
    """Every review is of what was drawn, with its stratum and weight, and all that was drawn came into review.

    A review that stands for near-duplicates has their weights too, and they have no review.
    """
    if drawn is None:
        return
    stories = [story for story in map(trail.story, reviews) if story is not None and not story.golden]
    counts = Counter(story.content_id for story in stories)
    for content, count in counts.items():
        check.look(content in drawn, f"{content!r} was reviewed and not drawn")
        if count > 1:
            check.fault(f"{content!r} was put into review {count} times")
    lacking = [content for content in drawn if content not in counts] if trail.events else []
    left: dict[str, float] = {}
    for content in lacking:
        stratum, weight = drawn[content]
        left[stratum] = left.get(stratum, 0.0) + weight
    merged = _check_weights(check, drawn, decisions, left)
    if lacking and not merged:
        shown = ", ".join(map(repr, lacking[:3]))
        check.fault(f"{len(lacking):,} of what was drawn never came into review, such as {shown}", len(lacking))
    elif lacking:
        check.notes.append(f"{len(lacking):,} drawn items have no review of their own: others stand for them")


def _check_weights(check: Check, drawn: Draw, decisions: Table, left: Mapping[str, float]) -> bool:
    """Stratum and weight of each decided review; whether some have the weights of what is left."""
    more: dict[str, float] = {}
    once = decisions.drop_duplicates("review_id")
    for id, content, stratum, weight in once[["review_id", "content_id", "stratum", "weight"]].itertuples(index=False):
        expected = drawn.get(content)
        if expected is None:
            check.look(False, f"review {id}: {content!r} was not drawn")
            continue
        fits = pd.isna(stratum) or stratum == expected[0]
        if weight > expected[1] * (1 + _CLOSE) and left.get(expected[0]):
            more[expected[0]] = more.get(expected[0], 0.0) + weight - expected[1]
        else:
            fits &= bool(np.isclose(weight, expected[1], rtol=_CLOSE, atol=0))
        words = f"review {id}: {stratum!r} with weight {weight!r}, drawn from {expected[0]!r} with {expected[1]!r}"
        check.look(fits, words)
    for stratum, weight in more.items():
        most = left[stratum]
        words = (
            f"{stratum!r}: reviews stand for {weight:,.3f} items more than drawn, and those without one for {most:,.3f}"
        )
        check.look(weight <= most * (1 + _CLOSE), words)
    return bool(more)
