"""What an agreement says of scores and of time: curves by threshold, calibration, drift. It draws no chart.

`Agreement` has these as methods. Everything comes from counts by score or by period, with the weights, strata and
clusters of the agreement.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest, BadTag
from .. import drift as charts
from ..cells.base import Cells, Design
from ..cells.design import design_of
from ..chance import Array, divide
from ..choices import Choices, as_names
from ..counts.tally import Tally
from ..estimates import choose_metrics, estimate
from ..measure import Share
from ..metrics import METRICS
from ..sources.reading import Reading
from ..sources.source import Source
from .binning import Scored, by_period, by_score
from .tables import Calibration, Curve, Drift

OVERDISPERSED_BELOW = 0.05
"""With a smaller p value of `drift.dispersion` limits are Laney's, unless told otherwise."""

DRIFT_METHODS = {
    "p_chart": "limits of a p-chart: what chance alone leaves a share within, given how many decisions a period has",
    "laney": "limits of Laney's p'-chart: as the p-chart, widened by how much more than chance periods vary",
}
"""Every kind of limits with its meaning in words."""


class ScoreMethods(ABC):
    """The methods of `Agreement` that are about scores and time."""

    tags: tuple[str, ...]
    _choices: Choices
    _reading: Reading
    _tally: Tally

    @property
    @abstractmethod
    def _source(self) -> Source:
        """The decisions themselves."""

    def curve(self, tag: str | None = None, metrics: str | Iterable[str] | None = None, *, steps: int = 100) -> Curve:
        """Precision and recall (or any metrics) by threshold: what auto would be, on from this score on.

        Parameters
        ----------
        tag : str, optional
            The tag; need not be said where there is one only.
        metrics : str or list of str, optional
            ``["precision", "recall"]`` unless given.
        steps : int
            At most so many thresholds, scores that occur; each step has about as many decisions as the others.

        Returns
        -------
        Curve
            Over all slices together. Where both blind and suggested decisions are there and are kept apart, of blind
            ones only: a reviewer who sees the auto tag agrees with it more. Up to 5,000 different scores are each told
            apart; more of them go into 1,000 bins, and ``binned`` says so.

        Raises
        ------
        BadRequest
            When the tag has no scores, or this agreement was made from counts.

        Examples
        --------
        >>> from cmtools.analysis.agreement import Agreement
        >>> scores = [0.1, 0.4, 0.35, 0.8]
        >>> frame = pd.DataFrame({"tag": "r", "auto": [0, 0, 0, 1], "human": [0, 0, 1, 1], "score": scores})
        >>> curve = Agreement(frame).curve("r")
        >>> curve
        Curve of tag r: 4 thresholds, average precision 0.833, area under ROC 0.750
        >>> curve.table.query("metric == 'recall'")[["threshold", "estimate"]].values.tolist()
        [[0.1, 1.0], [0.35, 1.0], [0.4, 0.5], [0.8, 0.5]]
        """
        names = choose_metrics(as_names(metrics), ("precision", "recall"))
        scored, blind_only = self._by_score(tag)
        _check_whole("steps", steps)
        fine = scored.counts(self._choices.population)
        merged = scored.grouped(_places(scored, steps) if len(fine.least) > steps else np.arange(len(fine.least)))
        thresholds = merged.edges()[0]
        tally = merged.swept(self._choices.absent)
        counts = tally.counts()
        design = design_of(tally, counts, [], self._choices)
        table = self._by_threshold(scored.tag, counts, names, design)
        for frame in (table, counts):
            frame.insert(0, "threshold", thresholds[frame["tag"].astype(int).to_numpy()])
            frame["tag"] = pd.Series([scored.tag] * len(frame), dtype="str")
        counts = counts.drop(columns=["undecided", "scored"])
        told = fine.average_precision, fine.roc_auc, scored.unscored, self._choices.level
        return Curve(scored.tag, table, counts, *told, blind_only, scored.is_binned)

    def calibration(self, tag: str | None = None, *, bins: int = 10, by: str = "count") -> Calibration:
        """How often the tag is on for decisions with scores alike: scores that are probabilities come true as often.

        Parameters
        ----------
        tag : str, optional
            The tag; need not be said where there is one only.
        bins : int
            How many bins the scores are put into; empty ones are left out.
        by : {"count", "width"}
            Whether bins have as many decisions as each other, or are as wide as each other from 0 to 1.

        Returns
        -------
        Calibration
            Over all slices together; of blind decisions only where both kinds are kept apart. More than 5,000 different
            scores go into 1,000 bins first, and ``binned`` says so.

        Raises
        ------
        BadRequest
            When the tag has no scores, or one is no probability.

        Examples
        --------
        >>> from cmtools.analysis.agreement import Agreement
        >>> scores = [0.25, 0.25, 0.55, 0.75, 0.75]
        >>> frame = pd.DataFrame({"tag": "r", "auto": True, "human": [0, 0, 1, 1, 1], "score": scores})
        >>> Agreement(frame).calibration("r", bins=2, by="width")
        Calibration of tag r: 2 bins of equal width, Brier 0.090, expected calibration error 0.290
        """
        scored, blind_only = self._by_score(tag)
        fine = scored.counts(self._choices.population)
        lowest, highest = scored.edges()
        if lowest[0] < 0 or highest[-1] > 1:
            raise BadRequest(
                f"the scores of {scored.tag!r} run from {lowest[0]:g} to {highest[-1]:g}; "
                "only probabilities, within 0 and 1, can be calibrated"
            )
        places = fine.places(bins, by)
        merged, grouped = fine.grouped(places), scored.grouped(np.unique(places, return_inverse=True)[1])
        tally = grouped.binned()
        counts = tally.counts()
        design = design_of(tally, counts, ["bin"], self._choices)
        shares = estimate(counts, ["bin"], ["prevalence_human"], self._choices.level, design)
        low, high = grouped.edges()
        table = shares[["tag", "bin"]].assign(score=merged.mean, score_low=low, score_high=high)
        table = table.join(shares[["estimate", "low", "high", "n", "method", "flag"]])
        return Calibration(
            tag=scored.tag,
            table=table,
            brier=fine.brier,
            expected_error=merged.calibration_error(1),
            maximum_error=merged.calibration_error(np.inf),
            by=by,
            unscored=scored.unscored,
            level=self._choices.level,
            blind_only=blind_only,
            binned=scored.is_binned,
        )

    def drift(
        self,
        column: str | None = None,
        tag: str | None = None,
        *,
        metric: str = "prevalence_human",
        every: str = "week",
        method: str = "auto",
        sigmas: float = 3,
    ) -> Drift:
        """A share by period against the limits that chance leaves it within: has something changed?

        Parameters
        ----------
        column : str, optional
            One of the ``by`` columns whose values are periods in their order; or a column of moments, which is cut
            into periods by ``every``. ``decided_at`` unless given.
        tag : str, optional
            The tag; need not be said where there is one only.
        metric : str
            A metric that is a share of decisions, such as ``"prevalence_auto"`` or ``"recall"``.
        every : {"day", "week", "month", "quarter", "year"}
            How long a period of a column of moments is, in UTC.
        method : {"auto", "p_chart", "laney"}
            Which limits (`DRIFT_METHODS`). ``"auto"`` takes Laney's where periods vary by more than chance.
        sigmas : float
            How many standard errors the limits lie from the centre.

        Returns
        -------
        Drift

        Raises
        ------
        BadRequest
            When there is no such column, or the metric is no share.

        Examples
        --------
        >>> from cmtools.analysis.agreement import Agreement
        >>> frame = pd.DataFrame({"tag": "r", "auto": 1, "human": [1] * 9 + [0] * 41 + [1] * 30 + [0] * 20})
        >>> drift = Agreement(frame.assign(week=[1] * 50 + [2] * 50), by="week").drift("week")
        >>> drift
        Drift of prevalence, human, tag r, over 2 periods of week: 2 signals, limits by p_chart
        >>> drift.table[["week", "estimate", "low", "high", "signal"]].round(3).values.tolist()
        [[1, 0.18, 0.183, 0.597, 'below'], [2, 0.6, 0.183, 0.597, 'above']]
        """
        share = _share_of(metric)
        if method not in ("auto", *DRIFT_METHODS):
            raise BadRequest(f"method is {method!r}; take 'auto', {', '.join(map(repr, DRIFT_METHODS))}")
        tag, column = self._one(tag), column or "decided_at"
        tally, blind_only = self._by_period(column, tag, every)
        counts = tally.counts()
        design = design_of(tally, counts, [column], self._choices)
        measured = METRICS[metric].measure(design.cells, self._choices.level, design)
        events, sizes = (np.where(np.isnan(measured.estimate), 0, part) for part in _worth(share, design))
        ratio, p = charts.dispersion(events, sizes)
        if method == "auto":
            method = "laney" if ratio > 1 and p < OVERDISPERSED_BELOW else "p_chart"
        limits = (charts.laney_p_chart if method == "laney" else charts.p_chart)(events, sizes, sigmas)
        values = divide(events, sizes)
        table = counts[[column, "tag"]].assign(metric=pd.Series([metric] * len(counts), dtype="str"), estimate=values)
        table = table.assign(centre=limits.centre, low=limits.low, high=limits.high, n=sizes)
        table["signal"] = pd.Series(charts.signals(values, limits), dtype="str")
        table["flag"] = pd.Series(measured.flag, dtype="str")
        return Drift(tag, metric, column, table, method, limits.centre, ratio, p, blind_only)

    def _check_tag(self, tag: str | None) -> None:
        if tag is not None and tag not in self.tags:
            raise BadTag(f"there is no tag {tag!r} in these decisions; there are {', '.join(self.tags)}")

    def _one(self, tag: str | None) -> str:
        if tag is None and len(self.tags) > 1:
            raise BadRequest(f"say which tag; there are {', '.join(self.tags)}")
        self._check_tag(tag)
        return tag if tag is not None else self.tags[0]

    def _read(self) -> tuple[Source, Reading, bool]:
        """Where and how to read, and whether blind decisions only, for where both kinds are there they do not mix."""
        source = self._source
        mixed = self._tally.differs("blind")
        return source, replace(self._reading, blind=None, only=True) if mixed else self._reading, mixed

    def _by_score(self, tag: str | None) -> tuple[Scored, bool]:
        tag = self._one(tag)
        source, reading, blind_only = self._read()
        return by_score(source, reading, tag), blind_only

    def _by_period(self, column: str, tag: str, every: str) -> tuple[Tally, bool]:
        if column not in self._tally.by:
            source, reading, blind_only = self._read()
            return by_period(source, reading, tag, column, every), blind_only
        tally, blind_only = self._tally.only((tag,)), self._tally.differs("blind")
        if blind_only:
            columns = {key: name for key, name in tally.columns.items() if key != "blind"}
            blind = tally.parts[tally.parts["_blind"].astype("boolean").fillna(False)]
            tally = replace(tally, parts=blind.drop(columns="_blind"), columns=columns)
        tally = tally.rollup((column,))
        return replace(tally, parts=tally.parts.dropna(subset=column, ignore_index=True)), blind_only

    def _by_threshold(self, tag: str, counts: pd.DataFrame, names: tuple[str, ...], design: Design) -> pd.DataFrame:
        """The tidy table, each threshold being a tag.

        From the lowest score on all is on: that alone is no reason for recall not to be estimable. That auto had
        everything on which was reviewed is one, at every threshold.
        """
        table = estimate(counts, [], names, self._choices.level, replace(design, is_looked_at=True))
        if self._flagged_only(tag):
            hidden = table["metric"].isin([name for name in names if METRICS[name].of_unflagged])
            table.loc[hidden, ["estimate", "low", "high"]] = np.nan
            table.loc[hidden, ["method", "flag"]] = "", "not_estimable"
        return table

    def _flagged_only(self, tag: str) -> bool:
        """Whether auto had the tag on in all that was reviewed; what a threshold of its own put on does not tell."""
        cells = self._tally.only((tag,)).parts[["tp", "fp", "fn", "tn"]].sum()
        return tag not in (self._tally.threshold or {}) and bool(cells["fn"] + cells["tn"] == 0) and cells.sum() > 0


def _places(scored: Scored, steps: int) -> Any:
    """Bins into about as many decisions each, however they are weighted."""
    known = scored.known
    n = known[["on", "off"]].sum(axis=1).groupby(known["place"], sort=True).sum().to_numpy(dtype=float)
    share = (np.cumsum(n) - n / 2) / n.sum()
    return np.unique(np.floor(share * steps), return_inverse=True)[1]


def _share_of(metric: str) -> Share:
    (name,) = choose_metrics((metric,), ())
    shares = {
        each: found.recipe
        for each, found in METRICS.items()
        if isinstance(found.recipe, Share) and float(found.recipe.transform(np.asarray(0.3))) == 0.3
    }
    if name not in shares:
        raise BadRequest(f"{metric!r} is no share of decisions; take one of {', '.join(shares)}")
    return shares[name]


def _worth(share: Share, design: Design) -> tuple[Array, Array]:
    """Successes and trials of each cell; with weights, as many as the decisions are worth (Kish's effective size)."""
    if not design.is_weighted:
        events, sizes = share.parts(design.cells)
        return np.asarray(events), np.asarray(sizes)
    events, sizes = share.parts(design.totals)
    squares = design.squares @ share.parts(Cells.of(*np.eye(4)))[1]
    worth = np.nan_to_num(divide(sizes**2, squares))
    return np.nan_to_num(divide(events, sizes)) * worth, worth


def _check_whole(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadRequest(f"{name} is {value!r}; give a whole number, 1 or more")
