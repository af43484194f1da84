"""What a report says, whatever its format: facts, rows, estimates, meanings, choices. It writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..agreement import Agreement
from ..choices import INTERVALS, Choices
from ..estimates import TABLE, number, slice_names
from ..measure import FLAGS, METHODS, Measured
from ..metrics import METRICS
from ..scores.tables import Calibration, Curve

TITLE = "Agreement between auto tags and human tags"
LEAD = (
    "How far the tags that were set automatically agree with those that people decided on. "
    "The human tag counts as the truth."
)
MOST_SCORED = 10_000_000
"""Of more decisions than this no scores are told: counting each of them takes too long for a page."""

SCORES = (
    "What the auto tag would be, were it on from a score on, and how often the tag is on where scores are alike; over "
    "all slices together."
)
DIGITS = 12
"""So many digits of a number are written: beyond them, weighted sums depend on the order in which rows are added."""

NOTHING = "There is no decision to measure yet, so every estimate is empty."
INDEPENDENT = (
    "An interval whose method names no cluster counts every decision as an independent draw. Where several reviewers "
    "judge the same reviews, or one reviewer judges many, the true uncertainty is larger than it says."
)
_ABSENT = {
    "false": "counted as off (a tag that the classifier did not name is one that it did not find)",
    "missing": "left out of every estimate and counted as missing",
}
_BLIND = {
    "apart": "kept apart from those whose reviewer saw the auto tags set, where there are both",
    "only": "these alone",
    "never": "left out",
    "together": "counted together with those whose reviewer saw the auto tags set",
}
_IDS = ("review_id", "content_id", "subteam", "frame", "reviewer")


@dataclass(frozen=True)
class Row:
    """One row of the tables: a tag as a whole, or one of its slices."""

    tag: str
    slice: str | None
    n: int


@dataclass(frozen=True)
class Scores:
    """What is told of one tag's scores. Scores that are no probabilities have no calibration."""

    tag: str
    curve: Curve
    calibration: Calibration | None

    @property
    def figures(self) -> dict[str, float]:
        """Each figure by its name."""
        found = {"average precision": self.curve.average_precision, "area under ROC": self.curve.roc_auc}
        if self.calibration is not None:
            found["Brier score"] = self.calibration.brier
            found["expected calibration error"] = self.calibration.expected_error
        return found

    @property
    def words(self) -> str:
        """The figures in a sentence without its full stop."""
        words = [f"{name} {number(value, 3)}" for name, value in self.figures.items()]
        if self.curve.unscored:
            words.append(f"{self.curve.unscored:,} decisions without a score")
        return ", ".join([*words, *(["blind decisions only"] if self.curve.blind_only else [])])


@dataclass(frozen=True)
class Content:
    """One agreement as reports tell it.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": [1, 1, 0], "human": [1, 0, 0], "week": [1, 1, 2]})
    >>> content = Content(Agreement(frame, by="week"))
    >>> [(row.tag, row.slice, row.n) for row in content.rows]
    [('a', None, 3), ('a', '1', 2), ('a', '2', 1)]
    >>> content.measured["precision"].estimate.tolist()
    [0.5, 0.5, nan]
    """

    agreement: Agreement
    title: str = TITLE
    limit: int = 48

    # -- rows and their estimates --------------------------------------------------------------------------------------

    @cached_property
    def _apart(self) -> list[str]:
        """The column of what is never added up (blind and suggested decisions), if there is one."""
        return [name for name in self.agreement.overall.columns if name not in TABLE]

    @cached_property
    def _wholes(self) -> pd.DataFrame:
        return pd.DataFrame(self.agreement.rollup(self._apart).counts)

    @cached_property
    def _order(self) -> list[int]:
        """Each tag's rows: as a whole, then its slices; places in the wholes followed by the slices."""
        wholes, slices = self._wholes, self.agreement.counts
        finer = tuple(self.agreement.by) != tuple(self._apart)
        order: list[int] = []
        for tag in self.agreement.tags:
            order += np.flatnonzero(wholes["tag"] == tag).tolist()
            if finer:
                order += (len(wholes) + np.flatnonzero(slices["tag"] == tag)).tolist()
        return order

    @cached_property
    def counts(self) -> pd.DataFrame:
        """The counts of each row: n, tp, fp, fn, tn, missing."""
        names = ["n", "tp", "fp", "fn", "tn", "missing"]
        both = pd.concat([self._wholes[names], pd.DataFrame(self.agreement.counts)[names]], ignore_index=True)
        return both.iloc[self._order].reset_index(drop=True)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of every table, each tag followed by its slices."""
        wholes, slices = self._wholes, pd.DataFrame(self.agreement.counts)
        kinds = slice_names(wholes, self._apart)
        tags = [
            f"{tag}, {self._apart[0]} {kind.lower()}" if self._apart else tag
            for tag, kind in zip(wholes["tag"], kinds, strict=True)
        ]
        found = [Row(tag, None, int(n)) for tag, n in zip(tags, wholes["n"], strict=True)]
        names = slice_names(slices, self.agreement.by)
        found += [Row(t, name, int(n)) for t, name, n in zip(slices["tag"], names, slices["n"], strict=True)]
        return [found[place] for place in self._order]

    @cached_property
    def measured(self) -> Mapping[str, Measured]:
        """Every metric of each row."""
        parts = ["estimate", "low", "high", "method", "flag"]
        both = pd.concat([self.agreement.overall[parts], self.agreement.table()[parts]], ignore_index=True)
        grids = [both[name].to_numpy(dtype=float if name in parts[:3] else object) for name in parts]
        grids = [grid.reshape(-1, len(METRICS))[self._order] for grid in grids]
        return {name: Measured(*(grid[:, place] for grid in grids)) for place, name in enumerate(METRICS)}

    @cached_property
    def tidy(self) -> pd.DataFrame:
        """The tidy table of all slices together and of each slice, with the counts behind each row."""
        by, apart = list(self.agreement.by), self._apart
        whole = self.agreement.overall.assign(**{name: "all" for name in by if name not in apart})
        parts = [whole.merge(self._wholes.drop(columns="n"), on=[*apart, "tag"])]
        if by != apart:
            counts = pd.DataFrame(self.agreement.counts).drop(columns="n")
            slices = self.agreement.table()
            parts.append(slices.merge(counts, on=[*by, "tag"]).astype(dict.fromkeys(by, object)))
        return pd.concat(parts, ignore_index=True)[[*by, *TABLE, "tp", "fp", "fn", "tn", "missing"]]

    # -- facts and words -----------------------------------------------------------------------------------------------

    @cached_property
    def decisions(self) -> int:
        """How many decisions were measured."""
        return int(self.agreement.counts["n"].sum())

    @property
    def level(self) -> str:
        """The confidence level as people write it."""
        return f"{self.agreement.level * 100:g} %"

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """Names and figures for the head of a report."""
        agreement, facts = self.agreement, self.agreement.facts
        found = [("Decisions", f"{self.decisions:,}")]
        numbers = (("Reviews", facts.reviews), ("Reviewers", facts.reviewers), ("Tags", len(agreement.tags)))
        found += [(name, f"{value:,}") for name, value in numbers if value is not None]
        if agreement.by:
            slices = len(agreement.counts[list(agreement.by)].drop_duplicates())
            found.append((f"Slices by {' and '.join(agreement.by)}", f"{slices:,}"))
        if facts.first_decided_at and facts.last_decided_at:
            first, last = (f"{moment:%Y-%m-%d}" for moment in (facts.first_decided_at, facts.last_decided_at))
            found.append(("Decided (UTC)", first if first == last else f"{first} to {last}"))
        return found

    @cached_property
    def meanings(self) -> dict[str, list[tuple[str, str, str]]]:
        """Estimates, intervals and flags: each with its meaning, and a source or what it was used for."""
        tables = pd.concat([self.agreement.table(), self.agreement.overall])
        used = tables.groupby("method")["metric"].agg(set).to_dict()
        methods = [
            (plain(name), _sentence(words), ", ".join(METRICS[m].title for m in METRICS if m in used[name]))
            for name, words in METHODS.items()
            if name in used
        ]
        flags = [(plain(flag), _sentence(words), "") for flag, words in FLAGS.items() if flag in set(tables["flag"])]
        metrics = [(metric.title, _sentence(metric.meaning), metric.source) for metric in METRICS.values()]
        return {"Estimates": metrics, "Intervals": methods, "Flags": flags}

    @cached_property
    def notes(self) -> list[str]:
        """What must be known before any interval is read."""
        methods = {name for name in self.agreement.table()["method"] if name}
        return [INDEPENDENT] if any("cluster" not in name for name in methods) else []

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        """Every choice that was made, in words; those who make the same get the same report."""
        agreement, facts = self.agreement, self.agreement.facts
        thresholds = ", ".join(f"{tag} from {least:g}" for tag, least in agreement.threshold.items())
        unscored = "; a decision without a score is silent" if thresholds else ""
        pairs = [
            ("Tags", ", ".join(agreement.tags)),
            ("Slices", f"by {', '.join(agreement.by)}" if agreement.by else "none"),
            ("Silent auto tags", _ABSENT[agreement.absent]),
            ("Thresholds", f"auto on by score: {thresholds}{unscored}" if thresholds else _AS_GIVEN),
            ("Confidence level", self.level),
            *self._design(agreement.choices),
            (
                "Left out",
                f"{agreement.left_out:,} reviews not complete, {agreement.undecided:,} rows without a human tag",
            ),
        ]
        if facts.repeated:
            words = f"{facts.repeated:,} rows repeat a review, frame, tag and reviewer; each was counted"
            pairs.append(("Repeated rows", words))
        if agreement.several:
            words = f"{agreement.several:,} reviews and tags have answers of several; each was counted"
            pairs.append(("Several reviewers", words))
        return [*pairs, ("cmtools", _version())]

    def _design(self, choices: Choices) -> list[tuple[str, str]]:
        """The choices about how decisions came about."""
        columns, kinds = self.agreement.counts.tally.columns, set(self.agreement.design.kind)
        sizes = choices.population
        population = (
            ", ".join(f"{name} {size:,g}" for name, size in sizes.items()) if isinstance(sizes, Mapping) else ""
        )
        clustered = any("cluster" in kind for kind in kinds)
        by_cluster = f"by {columns.get('cluster')}" if clustered else "none that intervals go by"
        pairs = [
            ("Intervals", f"{choices.interval}: {INTERVALS[choices.interval]}"),
            (
                "Clusters",
                by_cluster + (", in the slices that have enough of them" if "" in kinds and clustered else ""),
            ),
            ("Weights", f"in {columns.get('weights')}" if self.agreement.design.is_weighted else "none"),
            ("Strata", f"by {columns.get('stratum')}" if self.agreement.design.is_stratified else "none"),
        ]
        if sizes is not None:
            pairs.append(("Population", population or f"{sizes:,g}"))
        if self._apart or choices.blind != "apart":
            pairs.append(("Blind reviews", _BLIND[choices.blind]))
        if choices.interval == "bootstrap":
            pairs.append(("Seed", str(choices.seed)))
        return pairs

    # -- scores --------------------------------------------------------------------------------------------------------

    @cached_property
    def scores(self) -> list[Scores]:
        """Of each tag that has scores, its curve by threshold and its calibration, over all slices together."""
        if not self.agreement.has_decisions or self.decisions > MOST_SCORED:
            return []
        found = []
        for tag in self.agreement.tags:
            try:
                curve = self.agreement.curve(tag)
            except BadRequest:  # it has no scores
                continue
            try:
                calibration = self.agreement.calibration(tag)
            except BadRequest:  # they are no probabilities
                calibration = None
            found.append(Scores(tag, curve, calibration))
        return found

    # -- disagreements -------------------------------------------------------------------------------------------------

    @cached_property
    def total(self) -> int:
        """How many disagreements there are."""
        counts = self.agreement.counts
        return int(counts["fp"].sum() + counts["fn"].sum())

    @cached_property
    def found(self) -> pd.DataFrame:
        """The worst disagreements; none where the agreement was made from counts."""
        if not self.agreement.has_decisions:
            return pd.DataFrame(columns=["tag", "kind", "score"])
        return self.agreement.disagreements(limit=self.limit)

    @property
    def disagreements(self) -> str:
        """How many of them are listed and in which order, in a sentence."""
        if not self.total:
            return "Auto and human tags agree on every decision." if self.decisions else "There is no decision yet."
        if not self.agreement.has_decisions:
            return f"There are {self.total:,}. They cannot be listed, for this report was made from counts alone."
        shown = f"{len(self.found):,} of {self.total:,}" if len(self.found) < self.total else f"All {self.total:,}"
        scored = self.found["score"].notna().any()
        return f"{shown}, {'the most confident wrong scores first' if scored else 'in the order of tags and ids'}."

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The disagreements as a table of words: tag, kind, what tells the decision, score."""
        there = [name for name in _IDS if name in self.found and self.found[name].notna().any()]
        table = self.found[["tag", "kind", *there]].astype(object)
        return table.where(table.notna(), "").astype(str).assign(score=self.found["score"].to_numpy(dtype=float))


_AS_GIVEN = "none: auto tags as they were given"


def plain(name: object) -> str:
    """A name from code as people write it."""
    return str(name).replace("_", " ")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _version() -> str:
    """The package's version; it stands on the top floor, which this one may not import from."""
    return str(getattr(sys.modules[__name__.partition(".")[0]], "__version__", "unknown"))
