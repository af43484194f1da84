"""How far auto tags and human tags agree: the one object that people ask. The figures are made by its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import BadRequest
from ..tags import BUILT_IN
from .cells.base import Design
from .cells.design import design_of, how_in_words
from .choices import Choices, Column, Population, as_names, check_share, counted, thresholds
from .counts.facts import Facts, facts, facts_of_counts, several_of
from .counts.table import Counts
from .counts.tally import known, take
from .differences import compare
from .disagreements import disagreements
from .estimates import choose_metrics, estimate, summarise
from .gallery import Gallery, Pictures
from .measure import FLAGS
from .metrics import HEADLINE, METRICS
from .scores.scored import ScoreMethods
from .sources.reading import BLIND
from .sources.source import Source

if TYPE_CHECKING:
    from .charts.estimates import Chart


class Agreement(ScoreMethods):
    """Agreement between auto tags and human tags, per tag and slice, with intervals. Human is the truth.

    Parameters
    ----------
    decisions : DataFrame, Arrow table, path or list of paths, duckdb relation, ibis table or Counts
        One row per review, tag and reviewer with at least the columns ``tag, auto, human``: `Client.decisions`,
        `cm.tidy`, any table of pandas, polars or Arrow, the path (or glob) of Parquet files or of one CSV or JSONL
        file, as ``cmtools results`` writes them, a relation of duckdb, or a table of ibis, which is counted where it
        lives (PostgreSQL, Spark, ...). True and false may be spelled as
        booleans, words or 0 and 1. Rows without a human value are left out and counted in ``undecided``; where there is
        a column ``status``, reviews that are not complete are left out and counted in ``left_out``. Or `Counts` made
        earlier, which are measured without any decision.
    by : str or list of str, optional
        Columns whose values make the slices, such as ``["subteam"]``.
    tags : str or list of str, optional
        Only these tags, in this order; all unless given.
    absent : {"false", "missing"}
        What a *silent* auto tag is, one that the classifier never named. ``"false"`` (the default) counts it as off:
        right for classifiers that only name what they found. ``"missing"`` leaves such decisions out of everything and
        counts them in ``missing``: right for classifiers that did not look at everything.
    threshold : dict of str to float, optional
        For a tag, the score from which on auto counts as on. It replaces the tag's auto value; a decision without a
        score is then silent.
    weights : str or False, optional
        The column that says for how many items a decision stands (one over its inclusion probability). Their own column
        ``weight`` unless given, if it varies; False for none. Estimates are then weighted (Hajek).
    strata : str or False, optional
        The column that says from which stratum an item was drawn. Their own column ``stratum`` unless given, if it
        varies; False for none.
    population : float or dict of str to float, optional
        The number of items drawn from, or that of each stratum. The share that was drawn narrows intervals, unless they
        go by cluster; the sizes of strata are their weights where there are no others. Where all were drawn, there is
        one decision for each, and an estimate goes by them alone, its interval is a point (method ``census``).
    cluster : str or False
        The column of what makes decisions alike; intervals then go by its totals. The default, ``"reviewer"``, counts
        where that column is there with several values of which one repeats.
    blind : {"apart", "only", "never", "together"}
        Where a column ``blind`` tells reviews whose reviewer did not see the auto tag from those where it was
        suggested, which makes agreement higher: each kind as slices of its own, only the blind ones, only the others,
        or all as one.
    interval : {"auto", "wilson", "exact", "linearised", "bootstrap"}
        How intervals are made. ``"auto"``: Wilson for proportions and large-sample errors for coefficients; linearised,
        with effective sample sizes and quantiles of t, by cluster where a cell has at least five, and with weights or
        strata. ``"wilson"``: the same but never by cluster. ``"exact"``: with Clopper-Pearson. ``"linearised"``: by
        cluster from two on. ``"bootstrap"``: percentiles of 1,000 resamples. The column ``method`` says what was done.
    level : float
        The confidence level of the intervals, between 0 and 1.
    seed : int
        Of the bootstrap.

    Raises
    ------
    BadRequest
        When a column is not there, or a choice is none of those above.
    BadTag
        When a tag does not occur, or a value is neither true nor false.

    Notes
    -----
    Where several reviewers answered an item, each answer is a decision: agreement is then that of auto with a reviewer,
    not with the final tag, and `several` says how often that is so. For final tags take
    ``client.decisions(answers="final")`` or `quality.resolving.resolve`.

    Fewer than five clusters do not tell how much clusters differ: decisions then count as independent draws, and true
    uncertainty is larger than such intervals say. Where auto flagged all that was reviewed, what it missed cannot be
    told, weights or none: recall and the coefficients are NaN with the flag ``not_estimable``.

    Without any decision there is nothing to measure: every estimate is NaN with the flag ``no_decisions``, for the tags
    asked for, else for the two that every team has.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "tag": "r",
    ...     "auto": [True] * 49 + [False] * 51,
    ...     "human": ["True"] * 40 + ["False"] * 9 + ["True"] * 6 + ["False"] * 45,
    ... })
    >>> agreement = Agreement(frame)
    >>> agreement
    Agreement of auto and human tags: 100 decisions, tag r, 95 % intervals
    >>> columns = ["tag", "metric", "estimate", "low", "high", "n"]
    >>> print(agreement.table(["recall", "cohen_kappa"])[columns].round(3).to_string(index=False))
    tag      metric  estimate   low  high   n
      r      recall      0.87 0.743 0.939 100
      r cohen_kappa      0.70 0.560 0.839 100
    """

    def __init__(
        self,
        decisions: Any,
        by: str | Iterable[str] | None = None,
        *,
        tags: str | Iterable[str] | None = None,
        absent: str = "false",
        threshold: Mapping[str, float] | None = None,
        weights: Column = None,
        strata: Column = None,
        population: Population = None,
        cluster: Column = "reviewer",
        blind: str = "apart",
        interval: str = "auto",
        level: float = 0.95,
        seed: int = 0,
    ) -> None:
        several = dict(population) if isinstance(population, pd.Series | Mapping) else population
        who = (as_names(by) or (), as_names(tags), absent, thresholds(threshold))
        self._choices = Choices(*who, weights, strata, several, cluster, blind, interval, level, seed)
        if isinstance(decisions, Counts):
            self._rows, self._tally = None, counted(decisions, self._choices, by is not None)
            found: Iterable[str] = decisions.tags
        else:
            self._rows = Source(decisions)
            self._reading = self._choices.reading(self._rows.types)
            self._reading.check(self._rows)
            self._tally = known(take(self._rows, self._reading), self._rows, self._reading)
            found = sorted(self._tally.parts["tag"].unique())
        self.undecided = int(self._tally.parts["undecided"].sum())
        self.tags = self._choices.tags or tuple(found) or tuple(tag.short_code for tag in BUILT_IN)
        self._tally = self._tally.or_nothing(self.tags)
        self._counts = Counts.of(self._tally, self.tags)

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that slice."""
        return self._counts.by

    @property
    def absent(self) -> str:
        """What a silent auto tag counts as: ``"false"`` or ``"missing"``."""
        return self._tally.absent

    @property
    def threshold(self) -> dict[str, float]:
        """The score from which on auto is on, for the tags that have one."""
        return dict(self._tally.threshold)

    @property
    def level(self) -> float:
        """The confidence level of the intervals."""
        return self._choices.level

    @property
    def choices(self) -> Choices:
        """Every choice that was made, those by default too."""
        return self._choices

    @property
    def has_decisions(self) -> bool:
        """Whether it can list decisions; one that was made from counts cannot."""
        return self._rows is not None

    @property
    def left_out(self) -> int:
        """How many reviews were not complete and so have no decision, as far as the table tells (status, ``attrs``)."""
        return self._tally.left_out

    @cached_property
    def several(self) -> int:
        """How often several reviewers answered one review and tag; each answer is a decision, `resolve` makes one."""
        return 0 if self._rows is None else several_of(self._rows, self._reading)

    @property
    def counts(self) -> Counts:
        """The counts that everything here comes from: the ``by`` columns, ``tag, n, tp, fp, fn, tn, missing``.

        They add up: ``monday.counts + tuesday.counts`` are those of both days. `Counts` says what else they do.
        """
        return Counts.of(self._tally, self.tags)

    def __add__(self, other: Agreement) -> Agreement:
        """The agreement of both, out of their counts, with the choices of the first."""
        if not isinstance(other, Agreement):
            return NotImplemented
        return self._again(self.counts + other.counts)

    def __radd__(self, other: Any) -> Agreement:
        """So that ``sum`` adds them up: it begins with 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def rollup(self, by: str | Iterable[str]) -> Agreement:
        """The agreement over fewer columns, without another look at the decisions."""
        return self._again(self.counts.rollup(by))

    @property
    def _source(self) -> Source:
        if self._rows is None:
            raise BadRequest("this agreement was made from counts, which do not hold the decisions themselves")
        return self._rows

    @cached_property
    def facts(self) -> Facts:
        """How many reviews and reviewers, from when to when, and the fingerprint of the decisions."""
        if self._rows is None:
            return facts_of_counts(self._tally)
        weights = self._reading.weights if self.design.is_weighted else None
        strata = self._reading.strata if self.design.is_stratified else None
        return facts(self._rows, replace(self._reading, weights=weights, strata=strata))

    def table(self, metrics: str | Iterable[str] | None = None) -> pd.DataFrame:
        """The tidy table: ``by`` columns, ``tag, metric, estimate, low, high, n, method, flag``.

        An undefined estimate is NaN, and ``flag`` says why (`measure.FLAGS` has the words). ``n`` is the number of
        decisions in the cell.
        """
        chosen = choose_metrics(as_names(metrics), tuple(METRICS))
        return estimate(self._counts, self.by, chosen, self.level, self.design)

    @cached_property
    def overall(self) -> pd.DataFrame:
        """The tidy table of each tag over all slices together; blind and suggested decisions stay apart."""
        whole = self.rollup(self._apart)
        return estimate(whole.counts, whole.by, tuple(METRICS), self.level, whole.design)

    @cached_property
    def design(self) -> Design:
        """How the decisions of each row of ``counts`` came about, which is what intervals go by."""
        shown = self._tally.shown
        return design_of(shown, self._counts, shown.by, self._choices)

    @property
    def _apart(self) -> tuple[str, ...]:
        """The column of what is never added up, if it is among the slices."""
        return (BLIND,) if BLIND in self.by else ()

    def summary(self, metrics: str | Iterable[str] | None = None, *, digits: int = 2) -> pd.DataFrame:
        """A wide table to read: one row per slice and tag, ``estimate [low, high]`` per metric, flags in ``notes``."""
        chosen = choose_metrics(as_names(metrics), HEADLINE)
        return summarise(self._counts, self.by, chosen, self.level, digits, self.design)

    def compare(
        self, column: str | None = None, *, metrics: str | Iterable[str] | None = None, fdr: float = 0.05
    ) -> pd.DataFrame:
        """Each slice against the rest: difference, its interval, p value, and that adjusted for the number of rows.

        Parameters
        ----------
        column : str, optional
            One of the ``by`` columns; each combination of all of them unless given.
        metrics : str or list of str, optional
            `HEADLINE` unless given. The fewer, the less the adjustment costs.
        fdr : float
            The column ``differs`` says which rows have an adjusted p value of at most this: of those so called, a share
            of at most ``fdr`` is wrong in the long run.
        """
        if not self.by:
            raise BadRequest("there are no slices to compare; make them with Agreement(decisions, by=[...])")
        if column is not None and column not in self.by:
            raise BadRequest(f"{column!r} does not slice this agreement; it is sliced by {', '.join(self.by)}")
        check_share("fdr", fdr)
        columns = self.by if column is None else tuple(dict.fromkeys((column, *self._apart)))
        within = () if columns == self._apart else self._apart
        chosen = choose_metrics(as_names(metrics), HEADLINE)
        table = compare(self._tally.shown, columns, chosen, self._choices, within)
        order = pd.Categorical(table["tag"], categories=self.tags, ordered=True)
        table = table.assign(_order=order).sort_values([*columns, "_order"], kind="stable", ignore_index=True)
        return table.drop(columns="_order").assign(differs=table["p_adjusted"] <= fdr)

    def disagreements(self, tag: str | None = None, limit: int | None = None) -> pd.DataFrame:
        """The decisions in which auto and human differ, worst first: the most confident wrong scores on top.

        Parameters
        ----------
        tag : str, optional
            Only this tag.
        limit : int, optional
            At most so many rows.

        Returns
        -------
        DataFrame
            The columns of the decisions, with ``auto`` as it was counted (after threshold and absent rule), ``kind``
            ("false positive" or "false negative") and ``wrong_by``, the distance of the score from what the human said
            (NaN without a score; these come last).
        """
        self._check_tag(tag)
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise BadRequest(f"limit is {limit!r}; give a whole number, or None for all")
        return disagreements(self._source, self._reading, tag, limit)

    def gallery(
        self, pictures: Pictures = None, *, tag: str | None = None, limit: int = 24, title: str = "Disagreements"
    ) -> Gallery:
        """The disagreements with their pictures, worst first, to look at in a notebook.

        Parameters
        ----------
        pictures : mapping or callable, optional
            Review id to the bytes of a picture (or None), or a function that gives such a mapping for a list of ids:
            ``client.thumbnails``.
        tag : str, optional
            Only this tag.
        limit : int
            At most so many.
        title : str
            What stands above them.
        """
        found = self.disagreements(tag, limit)
        disagreeing = self._counts if tag is None else self._counts[self._counts["tag"] == tag]
        total = int(disagreeing["fp"].sum() + disagreeing["fn"].sum())
        return Gallery.of(found, pictures, total=total, title=title)

    def chart(self, metric: str | Iterable[str] = "cohen_kappa", tag: str | None = None) -> Chart:
        """An altair chart of a metric's estimates with their intervals, per tag and slice.

        Parameters
        ----------
        metric : str or list of str
            One metric, or several side by side.
        tag : str, optional
            Only this tag.
        """
        # altair takes a third of a second to import, and most agreements are never charted.
        from .charts.estimates import draw

        self._check_tag(tag)
        names = choose_metrics(as_names(metric), ())
        table = self.table(names)
        return draw(table if tag is None else table[table["tag"] == tag], self.by, names, self.level)

    def confusion(self, tag: str | None = None) -> Chart:
        """An altair chart of how often auto and human were on or off: a square per tag, over all slices together.

        Parameters
        ----------
        tag : str, optional
            Only this tag.
        """
        from .charts.counts import draw_counts

        self._check_tag(tag)
        counts = pd.DataFrame(self.rollup(self._apart).counts)
        return draw_counts(counts if tag is None else counts[counts["tag"] == tag], self._apart)

    def __repr__(self) -> str:
        every = f" (each answer counted, {self.several:,} reviews and tags have several)" if self.several else ""
        parts = [f"{int(self._counts['n'].sum()):,} decisions{every}", _tags_in_words(self.tags)]
        if self.by:
            slices = len(self._counts[list(self.by)].drop_duplicates())
            parts.append(f"{slices} slice{'s' * (slices != 1)} by {', '.join(self.by)}")
        made = how_in_words(self.design, self._tally.columns, self._choices)
        return f"Agreement of auto and human tags: {', '.join(parts)}, {self.level * 100:g} % intervals{made}"

    def _repr_html_(self) -> str:
        summary = self.summary()
        used = sorted({flag for flag in self.table(HEADLINE)["flag"] if flag})
        notes = "".join(f"<br><em>{escape(flag)}</em>: {escape(FLAGS[flag])}" for flag in used)
        table = f'<div style="overflow-x:auto;white-space:nowrap">{summary.to_html()}</div>'
        return f"<p>{escape(repr(self))}</p>{table}<p><small>{notes.removeprefix('<br>')}</small></p>"

    def _again(self, counts: Counts) -> Agreement:
        """Other counts measured by the same choices."""
        chosen = self._choices
        return Agreement(
            counts,
            **{name: getattr(chosen, name) for name in ("weights", "strata", "population", "cluster", "blind")},
            **{name: getattr(chosen, name) for name in ("interval", "level", "seed")},
        )


def _tags_in_words(tags: tuple[str, ...]) -> str:
    if len(tags) > 6:
        return f"{len(tags)} tags"
    return f"tag{'s' * (len(tags) != 1)} {', '.join(tags)}"
