"""What the decisions of an audit tell of all content: estimates, responses, what is missing, golden items.

It measures with what the house has for that, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..decisions import METADATA_PREFIX
from ..intervals import wilson
from ..plans.plan import SamplingPlan
from .settled import AuditChoices, Rate
from .tables import TRUTH

WHOLE = ""
"""The slice of all content, in the columns ``by`` and ``slice``."""
ESTIMATES = ("by", "slice", "tag", "metric", "estimate", "low", "high", "n", "method", "flag")
SETTLED = ("(majority)", "(unanimity)", "(agreed)")
"""What stands in the place of a reviewer where final tags came of several."""

Table = pd.DataFrame


def named_column(decisions: Table, name: str, what: str) -> str:
    """The column of this name, which may have come as metadata.

    Raises
    ------
    BadRequest
        When there is none.
    """
    for each in (name, METADATA_PREFIX + name):
        if each in decisions.columns:
            return each
    raise BadRequest(
        f"{what} names {name!r}, but decisions has the columns {', '.join(map(str, decisions.columns))}; "
        "client.decisions(metadata=True) brings what drafts had besides their tags"
    )


def estimates(
    plan: SamplingPlan, decisions: Table, opinions: Table | None, golden: Table | None, choices: AuditChoices
) -> Table:
    """Every figure of all content and of each slice: the columns of `ESTIMATES`."""
    several: dict[str, Any] = {}
    if choices.label_error == "dawid_skene":
        if opinions is None:
            raise BadRequest("label_error='dawid_skene' goes by each reviewer's answers: give opinions=")
        decisions, several = opinions, {"raters": "dawid_skene"}
    parts = []
    for name in (None, *choices.by):
        column = None if name is None else named_column(decisions, name, "by")
        for tags, error in _errors(decisions, golden, choices):
            found = plan.estimates(decisions, column, **_asked(decisions, choices, tags), **error, **several)
            table = found.table(choices.metrics)
            keys = table[column].map(lambda value: "none" if pd.isna(value) else str(value)) if column else WHOLE
            parts.append(table.assign(by=name or WHOLE, slice=keys)[list(ESTIMATES)])
    made = pd.concat(parts, ignore_index=True)
    return made.astype(dict.fromkeys(("by", "slice", "tag", "metric", "method", "flag"), "str"))


def _asked(decisions: Table, choices: AuditChoices, tags: Sequence[str] | None) -> dict[str, Any]:
    return {
        "tags": tags,
        "absent": choices.absent,
        "threshold": choices.threshold,
        "size": choices.size and named_column(decisions, choices.size, "size"),
        "level": choices.level,
    }


def tags_of(decisions: Table, choices: AuditChoices) -> list[str]:
    """The tags that the audit is about."""
    return list(choices.tags or sorted(map(str, decisions["tag"].unique())))


def _errors(decisions: Table, golden: Table | None, choices: AuditChoices) -> list[tuple[list[str], dict[str, Any]]]:
    """Tags that are corrected alike, with how often reviewers are right on them."""
    tags = tags_of(decisions, choices)
    if choices.label_error != "golden":
        return [(tags, {"sensitivity": choices.sensitivity, "specificity": choices.specificity})]
    rates = {tag: golden_rates(golden, tag) for tag in tags}
    return [([tag], dict(zip(("sensitivity", "specificity"), rates[tag], strict=True))) for tag in tags]


def golden_rates(golden: Table | None, tag: str) -> tuple[Rate, Rate]:
    """How often reviewers were right on what is on, and on what is off: successes and trials.

    Raises
    ------
    BadRequest
        When no golden item tells one of the two.
    """
    rows = None if golden is None else golden[golden["tag"] == tag]
    found = []
    for value, word in ((True, "on"), (False, "off")):
        told = None if rows is None else rows[rows[TRUTH] == value]
        if told is None or not len(told):
            raise BadRequest(
                f"no answer to a golden item on which {tag!r} is {word}, so what reviewers mistake there is not "
                "known; give sensitivity and specificity, or leave label_error out"
            )
        found.append((int((told["human"] == value).sum()), len(told)))
    return found[0], found[1]


def check_decisions(decisions: Table, plan: SamplingPlan) -> None:
    """Refuse what are no final tags of one draw: several answers on a review, or more reviews than were drawn."""
    twice = decisions[decisions.duplicated(["review_id", "frame", "tag"])]
    if len(twice):
        raise BadRequest(
            f"{twice['review_id'].nunique():,} reviews have answers of several reviewers, such as "
            f"{twice['review_id'].iloc[0]!r} on tag {twice['tag'].iloc[0]!r}; a plan estimates items, one answer each. "
            "Take client.decisions(answers='final') or resolve(decisions) of cmtools.analysis.quality.resolving, and "
            "give client.decisions() as opinions="
        )
    once = decisions.drop_duplicates("review_id")
    if len(once) > plan.n:
        again = once[once["content_id"].notna() & once.duplicated("content_id", keep=False)]
        item = again["content_id"].iloc[0] if len(again) else None
        where = " and ".join(again.loc[again["content_id"] == item, "review_id"].iloc[:2])
        words = f", such as {item!r} in {where}" if len(again) else ""
        raise BadRequest(
            f"{len(once):,} reviews are decided and the plan draws {plan.n:,}: items were reviewed in more than one "
            f"batch, or others are among them{words}; name the reviews of one batch with reviews="
        )


def check_correction(decisions: Table, choices: AuditChoices) -> None:
    """Refuse to correct what several people settled by how often one of them errs."""
    if choices.label_error == "golden" and decisions["reviewer"].isin(SETTLED).any():
        raise BadRequest(
            "golden answers tell how often one reviewer errs, and these tags were settled by several, who err less: "
            "give their sensitivity and specificity together, or leave label_error out"
        )


def responses(plan: SamplingPlan, decisions: Table, choices: AuditChoices) -> Table:
    """How much of what was drawn has a decision: ``tag, stratum, drawn, reviewed, answered``."""
    tags = tags_of(decisions, choices)
    return plan.estimates(decisions, **_asked(decisions, choices, tags)).responses


def bounds(plan: SamplingPlan, decisions: Table, choices: AuditChoices) -> Table:
    """What the missing could change: the share of items that are on were none, or all, of the missing on.

    ``tag, estimate, none_on, all_on, answered``; shares of all items. No interval is in it. Without any missing the
    three shares are one. It is the widest that answers could make it, and often far wider than they would.
    """
    answered = responses(plan, decisions, choices)
    asked = _asked(decisions, choices, tags_of(decisions, choices))
    sliced = plan.estimates(decisions, "stratum", **asked).table("prevalence_human")
    share = {(row.tag, row.stratum): row.estimate for row in sliced.itertuples()}
    if len(plan.strata) == 1:
        share = {(tag, plan.strata[0].name): value for (tag, _), value in share.items()}
    sizes = np.array([each.share if each.population is None else each.population for each in plan.strata], dtype=float)
    weights = dict(zip([each.name for each in plan.strata], sizes / sizes.sum(), strict=True))
    rows = []
    for tag, part in answered.groupby("tag", sort=False):
        weight = part["stratum"].map(weights).to_numpy(dtype=float)
        told = part["answered"].to_numpy(dtype=float)
        on = np.nan_to_num([share.get((tag, name), np.nan) for name in part["stratum"]])
        least, left = float(weight @ (told * on)), float(weight @ (1 - told))
        full = float(weight @ on) if (told > 0).all() else np.nan
        rows.append((tag, full, least, least + left, 1 - left))
    return pd.DataFrame(rows, columns=["tag", "estimate", "none_on", "all_on", "answered"])


def golden_accuracy(golden: Table | None, tags: Sequence[str], level: float) -> Table:
    """How often answers to golden items were right, per tag: ``tag, kind, right, answers, estimate, low, high``.

    ``kind`` is ``on`` (sensitivity), ``off`` (specificity) or ``all`` (accuracy). Intervals are Wilson's, of answers as
    if each were on its own; those of one reviewer, or to one item, are alike.
    """
    columns = ["tag", "kind", "right", "answers", "estimate", "low", "high"]
    if golden is None or not len(golden):
        return pd.DataFrame(columns=columns)
    rows: list[tuple[Any, ...]] = []
    for tag, part in golden[golden["tag"].isin(tags)].groupby("tag", observed=True):
        right = part["human"] == part[TRUTH]
        for kind, of in (("on", part[TRUTH]), ("off", ~part[TRUTH]), ("all", part[TRUTH] | True)):
            good, count = int((right & of).sum()), int(of.sum())
            low, high = wilson(float(good), float(count), level) if count else (np.nan, np.nan)
            rows.append((tag, kind, good, count, good / count if count else np.nan, float(low), float(high)))
    return pd.DataFrame(rows, columns=columns)


def golden_by_reviewer(golden: Table | None) -> Table:
    """The right answers of each reviewer over all tags, the lowest share first: ``reviewer, right, answers, share``."""
    if golden is None or not len(golden):
        return pd.DataFrame(columns=["reviewer", "right", "answers", "share"])
    right = (golden["human"] == golden[TRUTH]).groupby(golden["reviewer"], observed=True)
    made = right.agg(["sum", "size"]).reset_index().rename(columns={"sum": "right", "size": "answers"})
    made["share"] = made["right"] / made["answers"]
    return made.sort_values(["share", "reviewer"], ignore_index=True)


def agreement(opinions: Table | None) -> Table:
    """Of what several people answered, how often all of them said the same: ``tag, several, alike, share``."""
    columns = ["tag", "several", "alike", "share"]
    if opinions is None or not len(opinions):
        return pd.DataFrame(columns=columns)
    keys = [opinions["tag"], opinions["review_id"], opinions["frame"].fillna("")]
    each = opinions["human"].groupby(keys, observed=True).agg(["size", "sum"])
    each = each[each["size"] > 1]
    alike = ((each["sum"] == 0) | (each["sum"] == each["size"])).groupby(level="tag").agg(["size", "sum"])
    made = alike.reset_index().set_axis(columns[:3], axis=1)
    return made.assign(share=made["alike"] / made["several"])
