"""What the report of an audit says, in words and rows: how it was reviewed, what was left open. It writes no HTML."""

from __future__ import annotations

import pandas as pd

from ...errors import BadRequest
from ..decisions import METADATA_PREFIX
from ..estimates import number
from ..metrics import METRICS
from ..plans.estimates import BY_SIZE
from ..plans.plan import SamplingPlan
from ..words import FLAGS, METHODS
from . import figures
from .kept import Kept
from .settled import AuditChoices

Pairs = list[tuple[str, str]]

KINDS = {
    "simple": "a simple random sample",
    "stratified": "a random sample of each of several strata",
    "by_size": "a sample in proportion to size",
}
HOW = {
    "proportional": "in proportion to the size of strata",
    "neyman": "so that the aim is estimated best (Neyman)",
    "given": "as given",
}
_TITLES = {BY_SIZE: "Prevalence by size", "prevalence_human": "Prevalence", "percent_agreement": "Accuracy"}
_SILENT = {"false": "counted as off", "missing": "left out, as not answered"}
_MEANING_BY_SIZE = "Of the whole size, such as all views, the share that is on content which people switched on."
_NO_DECISION = "no_decisions"


def title_of(metric: str) -> str:
    """What auditors call a figure.

    Examples
    --------
    >>> title_of("percent_agreement"), title_of("recall")
    ('Accuracy', 'Recall')
    """
    return _TITLES.get(metric) or METRICS[metric].title


def meaning_of(metric: str) -> str:
    """What a figure is, in a sentence."""
    words = _MEANING_BY_SIZE if metric == BY_SIZE else METRICS[metric].meaning
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def in_words(flag: str) -> str:
    """A flag in words."""
    return FLAGS.get(flag, flag.replace("_", " "))


def methods_of(table: pd.DataFrame) -> Pairs:
    """The interval methods that were used, with their meaning."""
    used = [name for name in dict.fromkeys(table["method"].dropna()) if name]
    return [(name.replace("_", " "), METHODS.get(name, name)) for name in used]


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage.

    Examples
    --------
    >>> percent(0.9537), percent(float("nan"))
    ('95.4 %', '–')
    """
    return number(share) if pd.isna(share) else f"{number(100 * share, digits)} %"


def dated(moment: object) -> str:
    """A moment in UTC to the minute; a dash for none."""
    return "–" if moment is None or pd.isna(moment) else f"{pd.Timestamp(moment):%Y-%m-%d %H:%M} UTC"  # type: ignore[arg-type, call-overload]


def head_of(audit: Kept) -> Pairs:
    """Names and figures for the head of the report."""
    plan, decisions = audit.plan, audit.decisions
    decided = decisions["review_id"].nunique()
    people = pd.concat([_answers(audit)["reviewer"], decisions["reviewer"]]).dropna()
    found = [
        ("Items in all", "not counted" if plan.population is None else f"{plan.population:,}"),
        ("Drawn", f"{plan.n:,}"),
        ("Decided", f"{decided:,}"),
        ("Reviewers", f"{people[~people.isin(figures.SETTLED)].nunique():,}"),
        ("Tags", f"{len(figures.tags_of(decisions, audit.choices)):,}"),
    ]
    first, last = decisions["decided_at"].min(), decisions["decided_at"].max()
    if not pd.isna(first):
        days = [f"{each:%Y-%m-%d}" for each in (first, last)]
        found.append(("Decided (UTC)", days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"))
    return found


def plan_of(audit: Kept) -> Pairs:
    """The plan in words."""
    plan = audit.plan
    allocation = f", shared out {HOW.get(plan.allocation, plan.allocation)}" if plan.kind == "stratified" else ""
    made = [
        ("Drawn", f"{plan.n:,} items: {KINDS.get(plan.kind, plan.kind)}{allocation}"),
        ("Made for", f"{plan.aim} {_margin(plan)}"),
        ("Strata by", _strata_by(plan)),
        (
            "Chance",
            f"seed {plan.seed}: an item is drawn by the SHA-256 of seed, stratum and id, so anybody can draw anew",
        ),
    ]
    sealed = "not noted" if audit.sealed_at is None else dated(audit.sealed_at)
    created = audit.decisions["created_at"].min()
    return [*made, ("Sealed", f"{sealed}; the first decided review was created {dated(created)}")]


def _margin(plan: SamplingPlan) -> str:
    try:
        return f"to within {100 * plan.expected_margin:.2g} points (expected, at {plan.level * 100:g} %)"
    except BadRequest:
        return ""


def _strata_by(plan: SamplingPlan) -> str:
    bands = [f"{plan.score} cut at {', '.join(f'{cut:g}' for cut in plan.cuts)}"] if plan.score else []
    sizes = [f"{plan.size}, with a chance in proportion to it"] if plan.size else []
    return "; ".join([*plan.by, *bands, *sizes]) or "none"


def reviewing_of(audit: Kept) -> Pairs:
    """How it was reviewed, in words."""
    answers = _answers(audit)
    each = answers.drop_duplicates(["review_id", "reviewer"])
    found: Pairs = []
    people = each[~each["reviewer"].isin(figures.SETTLED) & each["reviewer"].notna()]
    counts = people.groupby("review_id").size().value_counts().sort_index() if len(people) else pd.Series(dtype=int)
    several = [f"{count:,} by {size} {'person' if size == 1 else 'people'}" for size, count in counts.items()]
    found.append(("Reviews", ", ".join(several) or f"{each['review_id'].nunique():,}; by whom is not told"))
    if len(people):
        found.append(("Most by one person", percent(float(people["reviewer"].value_counts().iloc[0]) / len(people))))
        blind = float(people["blind"].mean())
        found.append(("Without being shown the auto tag", f"{percent(blind)} of answers"))
    found += _settling(audit)
    if audit.opinions is None:
        found.append(("Each reviewer's answers", "not in this audit; what stands here is told from the final tags"))
    return found


def _answers(audit: Kept) -> pd.DataFrame:
    return audit.decisions if audit.opinions is None else audit.opinions


def _settling(audit: Kept) -> Pairs:
    """How final tags came of several answers."""
    once = audit.decisions.drop_duplicates("review_id")
    if audit.opinions is None or not len(once):
        return []
    people = audit.opinions.groupby("review_id")["reviewer"].nunique()
    several = once[once["review_id"].map(people).fillna(1) > 1]
    if not len(several):
        return [("Final tags", "of one person each")]
    named = several["reviewer"].where(several["reviewer"].isin(figures.SETTLED), "adjudicated")
    words = {"(majority)": "by majority", "(unanimity)": "by unanimity", "(agreed)": "agreed at once"}
    said = [f"{count:,} {words.get(str(name), 'by an adjudicator')}" for name, count in named.value_counts().items()]
    alike = figures.agreement(audit.opinions)
    alike = alike[alike["tag"].isin(audit.choices.tags or alike["tag"])]
    shares = ", ".join(f"{row.tag} {percent(float(row.share))}" for row in alike.itertuples())  # type: ignore[arg-type]
    return [
        ("Final tags where several answered", ", ".join(said)),
        *([("All of them said the same", f"{shares} (raw; not corrected for chance)")] if shares else []),
    ]


def missing_of(audit: Kept) -> str:
    """What is missing, in sentences."""
    decided, plan = audit.decisions["review_id"].nunique(), audit.plan
    golden = 0 if audit.golden is None else audit.golden["review_id"].nunique()
    waiting = len(audit.reviews) - decided - golden
    parts = [f"{decided:,} of {plan.n:,} drawn items have a decision."]
    if waiting > 0:
        parts.append(f"{waiting:,} reviews were created and have none (unanswered golden items among them).")
    short = plan.n - decided - max(waiting, 0)
    if short > 0:
        parts.append(
            f"{short:,} drawn items have no review in this audit: near-duplicates of one that has, or missing."
        )
    return " ".join(parts)


def choices_of(audit: Kept) -> Pairs:
    """Every choice in words."""
    choices, tags = audit.choices, figures.tags_of(audit.decisions, audit.choices)
    thresholds = ", ".join(f"{tag} from {least:g}" for tag, least in (choices.threshold or {}).items())
    found = [
        ("For", choices.audience or "not said"),
        ("Tags", ", ".join(tags) or "none"),
        ("Slices", ", each on its own: ".join(["by", ", ".join(choices.by)])[3:] if choices.by else "none"),
        ("Silent auto tags", _SILENT[choices.absent]),
        ("Thresholds", f"auto on by score: {thresholds}" if thresholds else "none: auto tags as they came"),
        ("Confidence level", f"{(choices.level or audit.plan.level) * 100:g} %"),
        ("Mistakes of reviewers", _correction(choices)),
    ]
    if choices.size:
        found.append(("Size", choices.size.removeprefix(METADATA_PREFIX)))
    return [*found, *((day or "Note", words) for day, words in choices.notes)]


def _correction(choices: AuditChoices) -> str:
    if choices.label_error == "golden":
        return "corrected for, tag by tag, by their answers to golden items"
    if choices.label_error == "dawid_skene":
        return "learnt from what several reviewers answered (Dawid and Skene), with the doubt in the intervals"
    if choices.label_error == "none":
        return "not corrected for"
    rates = []
    for name in ("sensitivity", "specificity"):
        rate = getattr(choices, name)
        rates.append(f"{name} {rate[0]:g} of {rate[1]:g}" if isinstance(rate, tuple) else f"{name} {rate:g}")
    return f"corrected for: {', '.join(rates)}"


def untold_of(table: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Figures that cannot be told: tag, figure, why, and in which slices."""
    rows = table[table["estimate"].isna()]
    found: dict[tuple[str, str, str], list[str]] = {}
    for by, value, tag, metric, flag in rows[["by", "slice", "tag", "metric", "flag"]].itertuples(index=False):
        key = (str(tag), title_of(str(metric)), in_words(str(flag or _NO_DECISION)))
        found.setdefault(key, []).append(slice_of(by, value))
    return [(*key, ", ".join(slices)) for key, slices in found.items()]


def slice_of(by: object, value: object) -> str:
    """What a slice is called."""
    return f"{str(by).removeprefix(METADATA_PREFIX)} {value}" if by else "all content"


def reserves_of(table: pd.DataFrame) -> Pairs:
    """What must be kept in mind with the figures that are told: each flag in words, and of how many."""
    told = table[table["estimate"].notna() & (table["flag"] != "")]
    return [
        (flag.replace("_", " "), f"{in_words(flag)} ({count:,} of {len(table):,} figures)")
        for flag, count in told["flag"].value_counts(sort=False).sort_index().items()
        if isinstance(flag, str)
    ]
