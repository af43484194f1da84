"""Decisions on what a plan drew become estimates for all that it was drawn from. It draws nothing and makes no plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..cells.base import Cells, Mask, Text
from ..chance import Array
from ..choices import Choices, as_names, thresholds
from ..decisions import METADATA_PREFIX
from ..intervals import Bounds
from ..measure import CENSUS, SPARSE_BELOW, Metric, Share
from ..metrics import METRICS
from .label_error import LabelError
from .sampled import Sampled, sampled_of
from .several import labelled
from .strata import Stratum, words
from .stratified import Strata, score_interval
from .units import UNIT, units_of

ESTIMATED = ("prevalence_human", "percent_agreement", "precision", "recall", "specificity", "f1")
BY_SIZE = "prevalence_by_size"
ALIASES = {"prevalence": "prevalence_human", "accuracy": "percent_agreement"}
"""What audits call them, and what they are called everywhere here."""

RATERS = ("one", "dawid_skene")
_CORRECTED_SHARES = ("prevalence_human", BY_SIZE, "precision")
_KINDS = Cells.of(*np.eye(4))
"""One decision of each kind."""


class Estimates:
    """What decisions on a designed sample tell of all the content that it was drawn from.

    `SamplingPlan.estimates` makes it.

    Parameters
    ----------
    decisions : DataFrame or whatever else `Agreement` takes
        What became of the drawn items, with their column ``stratum`` (and ``weight``).
    strata : sequence of Stratum
        Those of the plan.
    by : str or list of str, optional
        Columns whose values make the slices. A slice need not be a stratum.
    tags, absent, threshold : optional
        As of `Agreement`. With ``absent="missing"`` an item without an auto tag counts as not answered.
    size : str, optional
        A column of sizes, such as views (that of ``metadata_views`` too): adds the rows `prevalence_by_size`, the share
        of all views that is on content which a human switched on.
    sensitivity, specificity : (successes, trials) or float, optional
        How often reviewers are right on what is on, and on what is off, as golden items tell. Estimates are then
        corrected for their mistakes, which must not depend on the auto tag: take blind reviews. Where fewer are said to
        be on than mistakes alone would give, the correction ends at 0, flagged ``clipped``; and where even the upper
        end of its interval is there, nothing is estimated, flagged ``contradicted``.
    raters : {"one", "dawid_skene"}
        Whether each item has one answer on a tag (its final tag), or those of several reviewers: then what is likely
        true of it and how often each reviewer errs is learnt from their answers, and the doubt is part of the
        intervals.
    unit : str
        The column that tells items apart.
    level : float
        The confidence level of the intervals, between 0 and 1.
    is_by_size : bool
        Whether items were drawn in proportion to size.

    Notes
    -----
    Totals are weighted by one over the inclusion probability, grown to the size of the stratum where some did not
    answer; shares are ratios of totals. Intervals are score intervals (`stratified.score_interval`), which keep their
    level with few positives too; unequal weights within a stratum count by the linearised variance. Decisions of one
    item are one unit, whoever reviewed it: intervals say how far another draw would differ, not other reviewers. Blind
    and suggested reviews count alike; slice by ``blind`` to tell them apart.

    With ``raters="dawid_skene"`` an item counts as on by as much as that is likely: the posterior of Dawid and Skene's
    model (1979), in which how common "on" is differs by slice, stratum and auto tag, and how reviewers err does not.
    Where fewer than 20 items of a tag are likely on, or off, the errors are hardly known and all is flagged ``sparse``.
    Labels taken from such a model as if they were known are biased where "on" is rare, and so are posteriors with one
    share for all. Three reviewers of an item tell how often they err, or two where strata differ. They must answer
    without knowing of each other and of the auto tag, and not find the same items hard: where they err together, no
    model can tell.

    Examples
    --------
    Of 1,000 flagged items 50 were reviewed and of 9,000 others 100:

    >>> strata = [Stratum("flagged", 0.1, 1000, flagged=True, n=50), Stratum("rest", 0.9, 9000, flagged=False, n=100)]
    >>> frame = pd.DataFrame({"tag": "a", "auto": [True] * 50 + [False] * 100,
    ...                       "human": [True] * 40 + [False] * 10 + [True] * 4 + [False] * 96,
    ...                       "stratum": ["flagged"] * 50 + ["rest"] * 100})
    >>> table = Estimates(frame, strata).table(["prevalence", "precision", "recall"])
    >>> print(table[["metric", "estimate", "low", "high", "n"]].round(3).to_string(index=False))
              metric  estimate   low  high   n
    prevalence_human     0.116 0.086 0.165 150
           precision     0.800 0.673 0.886 150
              recall     0.690 0.478 0.854 150
    """

    def __init__(
        self,
        decisions: Any,
        strata: Sequence[Stratum],
        *,
        by: str | Iterable[str] | None = None,
        tags: str | Iterable[str] | None = None,
        absent: str = "false",
        threshold: Mapping[str, float] | None = None,
        size: str | None = None,
        sensitivity: Any = None,
        specificity: Any = None,
        raters: str = "one",
        unit: str = UNIT,
        level: float = 0.95,
        is_by_size: bool = False,
    ) -> None:
        choices = Choices(as_names(by) or (), as_names(tags), absent, thresholds(threshold), level=level)
        self._strata, self._size, self.level = tuple(strata), size, level
        self._error = LabelError.of(sensitivity, specificity)
        if raters not in RATERS:
            raise BadRequest(f"raters is {raters!r}; take one of {', '.join(map(repr, RATERS))}")
        self._several = raters != "one"
        if self._several and self._error:
            raise BadRequest(
                "raters='dawid_skene' corrects for mistakes already; leave sensitivity and specificity out"
            )
        units = units_of(decisions, self._strata, choices, unit, size, self._several)
        self.by, self.tags = units.by, units.tags
        self.undecided = units.undecided
        sampled = sampled_of(units, self._strata, is_by_size)
        self._sampled = sampled if units.answers is None else labelled(sampled, units.answers)

    @property
    def responses(self) -> pd.DataFrame:
        """How much of what was drawn has a decision: ``tag, stratum, drawn, reviewed, answered``.

        ``answered`` is a share; a review that stands for near-duplicates answers for them too.
        """
        names, drawn = [each.name for each in self._strata], [each.n for each in self._strata]
        return pd.DataFrame(
            {
                "tag": pd.Series(np.repeat(np.array(self.tags, dtype=object), len(names)), dtype="str"),
                "stratum": pd.Series(names * len(self.tags), dtype="str"),
                "drawn": drawn * len(self.tags),
                "reviewed": self._sampled.units.ravel().astype(int),
                "answered": self._sampled.answered.ravel(),
            }
        )

    def table(self, metrics: str | Iterable[str] | None = None) -> pd.DataFrame:
        """The tidy table: ``by`` columns, ``tag, metric, estimate, low, high, n, method, flag``.

        Parameters
        ----------
        metrics : str or list of str, optional
            Shares among `METRICS`, or ``prevalence`` and ``accuracy`` for ``prevalence_human`` and
            ``percent_agreement``; `ESTIMATED` unless given.

        Returns
        -------
        DataFrame
            What the design cannot tell is NaN, and ``flag`` says why (`words.FLAGS` has the words); of several reasons
            the weightiest. ``n`` is the number of reviewed items in the cell.
        """
        names = self._chosen(metrics)
        keys = [*self.by, "tag"]
        cells = self._sampled.cells[keys]
        count = np.round(self._sampled.counts().n).astype(int)
        found = {name: self._strata_of(name) for name in names}
        low, high = (
            np.split(end, len(names)) for end in score_interval(Strata.joined(list(found.values())), self.level)
        )
        parts = [
            cells.assign(metric=name, **self._rows(name, strata, bounds), n=count, _order=np.arange(len(cells)))
            for (name, strata), bounds in zip(found.items(), zip(low, high, strict=True), strict=True)
        ]
        table = pd.concat(parts, ignore_index=True)
        table = table.sort_values("_order", kind="stable", ignore_index=True)
        typed = table.astype({"metric": "str", "method": "str", "flag": "str"})
        return typed[[*keys, "metric", "estimate", "low", "high", "n", "method", "flag"]]

    def __repr__(self) -> str:
        reviewed = int(self._sampled.units.sum(axis=1).max(initial=0))
        corrected = ", corrected for mistakes of reviewers" if self._error or self._several else ""
        return (
            f"Estimates from {reviewed:,} of {sum(each.n for each in self._strata):,} drawn items, "
            f"{len(self.tags)} tag{'s' * (len(self.tags) != 1)}, {self.level * 100:g} % intervals{corrected}"
        )

    def _repr_html_(self) -> str:
        return self.table().to_html(index=False, border=0)

    def _chosen(self, metrics: str | Iterable[str] | None) -> list[str]:
        there = [name for name, metric in METRICS.items() if isinstance(metric.recipe, Share)]
        names = as_names(metrics)
        if names is None:
            names = ESTIMATED + ((BY_SIZE,) if self._size else ())
        chosen = [ALIASES.get(name, name) for name in names]
        if BY_SIZE in chosen and self._size is None:
            raise BadRequest(f"{BY_SIZE} needs to know sizes: size='a column', such as views")
        unknown = [name for name in chosen if name not in there and name != BY_SIZE]
        if unknown:
            raise BadRequest(f"{unknown[0]!r} is not estimated from samples; there are {', '.join([*there, BY_SIZE])}")
        return list(dict.fromkeys(chosen))

    def _part(self, name: str) -> tuple[Metric, Share, Sampled]:
        """The metric that a row shows, its recipe, and the sample as it goes by it."""
        metric = METRICS["prevalence_human" if name == BY_SIZE else name]
        recipe = cast(Share, metric.recipe)  # `_chosen` saw to it
        return metric, recipe, self._sampled.by_size if name == BY_SIZE else self._sampled

    def _strata_of(self, name: str) -> Strata:
        _, recipe, sampled = self._part(name)
        one, trials = recipe.parts(_KINDS)
        return sampled.strata(one, trials - one)

    def _rows(self, name: str, strata: Strata, bounds: Bounds) -> dict[str, Any]:
        """One metric of every cell."""
        metric, recipe, sampled = self._part(name)
        share = strata.share
        plain = float(recipe.transform(np.array(0.3))) == 0.3
        called = ("dawid_skene_score" if self._several else "stratified_score") + ("" if plain else "_transformed")
        method = np.where(strata.is_known, CENSUS, called).astype(object)
        estimate, low, high = (np.asarray(recipe.transform(part)) for part in (share, *bounds))
        clipped = contradicted = np.zeros(share.shape, dtype=bool)
        if self._error:
            told = self._corrected(name, self._error, share, bounds, sampled)
            (estimate, low, high), clipped, contradicted, method = told
        nothing = self._untold(metric.of_unflagged, name)
        untold = np.isnan(strata.effect) & ~np.isnan(estimate)
        void = nothing | untold | np.isnan(estimate)
        estimate, low, high = (np.where(void, np.nan, part) for part in (estimate, low, high))
        method = np.where(np.isnan(low), "", method).astype(object)
        told_by = {"not_estimable": nothing, "unidentified": untold, "contradicted": contradicted, "clipped": clipped}
        flag = self._flags(recipe, void, told_by)
        return {"estimate": estimate, "low": low, "high": high, "method": method, "flag": flag}

    def _corrected(
        self, name: str, error: LabelError, share: Array, bounds: tuple[Array, Array], sampled: Sampled
    ) -> tuple[list[Array], Mask, Mask, Text]:
        """The metric as it would be had reviewers made no mistakes, where it is cut, and where it is not to be had."""
        if name in _CORRECTED_SHARES:
            raw = [error.corrected(share), *error.interval(share, bounds, self.level)]
            void, method = error.is_contradicted(share, bounds, self.level), "rogan_gladen"
        else:
            metric = METRICS[name]
            raw = list(error.delta(metric.function, sampled.totals(), sampled.variance, self.level))
            void, method = np.zeros(share.shape, dtype=bool), "rogan_gladen_delta"
        edge = ~((raw[0] >= 0) & (raw[0] <= 1)) & ~np.isnan(raw[0])
        if name not in _CORRECTED_SHARES:
            cut, bare = error.is_cut(sampled.totals()), np.isnan(raw[1]) & ~np.isnan(raw[0])
            edge, void = edge | cut | bare, void | (cut & bare)  # a bound that is there by a cut alone tells nothing
        void |= self._contradicted
        parts = [np.where(void, np.nan, np.clip(part, 0, 1)) for part in raw]
        return parts, edge, void, np.full(share.shape, method, dtype=object)

    @cached_property
    def _contradicted(self) -> Mask:
        """Where so few are said to be on, or so many, that the rates of mistakes cannot be those given."""
        strata = self._strata_of("prevalence_human")
        return cast(LabelError, self._error).is_contradicted(
            strata.share, score_interval(strata, self.level), self.level
        )

    def _untold(self, of_unflagged: bool, name: str) -> Mask:
        """Where a stratum that may hold what the figure is about has no review, or nothing unflagged was reviewed."""
        sampled = self._sampled
        # for precision a stratum matters unless it is known to be unflagged; where nobody said so, it may hold some
        matters = np.array([name != "precision" or each.flagged in (None, True) for each in self._strata])
        empty = (sampled.units == 0)[sampled.tag_of] & self._in_scope & matters
        cells = sampled.counts()
        blind = of_unflagged & (cells.fn + cells.tn == 0)
        return np.asarray((empty.any(axis=-1) | blind) & (cells.n > 0))

    @cached_property
    def _in_scope(self) -> Mask:
        """Whether a stratum can hold items of a cell's slice, shape (K, H)."""
        cells = self._sampled.cells
        found = np.ones((len(cells), len(self._strata)), dtype=bool)
        for name in self.by:
            said = words(cells[name].rename(name.removeprefix(METADATA_PREFIX))).to_numpy(dtype=object)
            for place, stratum in enumerate(self._strata):
                values = {"stratum": stratum.name, **dict(stratum.values)}
                own = values.get(name, values.get(name.removeprefix(METADATA_PREFIX)))
                if own is not None:
                    found[:, place] &= said == own
        return found

    def _flags(self, recipe: Share, void: Mask, told: Mapping[str, Mask]) -> Text:
        sampled, cells = self._sampled, self._sampled.counts()
        short = np.asarray(((sampled.answered < 1)[sampled.tag_of] & self._in_scope).any(axis=-1))
        reasons: dict[str, Mask] = {
            "no_decisions": cells.n == 0,
            **{name: told[name] for name in ("not_estimable", "unidentified", "contradicted")},
            **({recipe.undefined: void} if recipe.undefined != "no_decisions" else {}),
            "clipped": told["clipped"],
            "nonresponse": short,
            "sparse": (recipe.base(cells) < SPARSE_BELOW) | sampled.is_thin,
            "collapsed": sampled.collapsed[sampled.tag_of],
        }
        return np.select(list(reasons.values()), list(reasons), default="").astype(object)
