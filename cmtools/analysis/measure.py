"""What a metric is: an estimate, the making of its interval, and when not to trust it. The metrics are in `metrics`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from math import erfc, sqrt
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from . import chance, intervals
from .cells.base import Cells, Design, Mask, Text
from .cells.bootstrap import percentiles
from .chance import Array, Rule, divide
from .words import CENSUS as CENSUS
from .words import FLAGS as FLAGS
from .words import METHODS as METHODS
from .words import SPARSE_BELOW as SPARSE_BELOW

Bounded = tuple[Array, Array, Text]
Sample = tuple[Cells, Array]
"""Counts, and a metric's estimates from them."""


class Recipe(Protocol):
    """How a metric gets its interval, its test and its flags."""

    @property
    def lowest(self) -> float:
        """The least that the metric can be; the most is 1."""

    @property
    def undefined(self) -> str:
        """The flag where `blank` holds."""

    def bounds(self, estimate: Array, design: Design, level: float) -> Bounded:
        """The interval and the method that made it."""

    def gradient(self, totals: Cells) -> Array:
        """How the metric changes with each of the four counts, shape (n_cells, 4)."""

    def p_value(self, first: Sample, second: Sample) -> Array:
        """How likely estimates this far apart are for two sets of decisions that do not differ; two-sided."""

    def base(self, cells: Cells) -> Array:
        """How many decisions of the rare kind the estimate rests on."""

    def blank(self, cells: Cells) -> Mask:
        """Where the metric is undefined, or defined without meaning anything."""


def _same(share: Array) -> Array:
    return share


def _methods(kind: Text, name: str) -> Text:
    return np.asarray(np.where(kind == "", name, kind + "_" + name), dtype=object)


@dataclass(frozen=True)
class Share:
    """A proportion, or an exact rising function of one: Wilson's interval (or the exact one), score test.

    Parameters
    ----------
    parts : callable
        Cells to successes and trials, each a sum of some of the four counts.
    undefined : str
        The flag where there is nothing to count.
    transform : callable
        The function of the proportion that the metric is.
    rests_on : callable, optional
        What must not be rare; the trials unless given.
    """

    parts: Callable[[Cells], tuple[Array, Array]]
    undefined: str = "no_decisions"
    transform: Callable[[Array], Array] = _same
    rests_on: Callable[[Cells], Array] | None = None

    @property
    def lowest(self) -> float:
        return float(self.transform(np.zeros(())))

    def bounds(self, estimate: Array, design: Design, level: float) -> Bounded:
        low, high = (self.transform(end) for end in self.of_proportion(design, level))
        name = ("exact" if design.exact else "wilson") + ("" if self.transform is _same else "_transformed")
        return _certain(estimate, design, self._counted, (low, high, _methods(design.kind, name)))

    def of_proportion(self, design: Design, level: float) -> intervals.Bounds:
        """The interval of the proportion itself."""
        plain = design.proportion(*self.parts(design.cells), level)
        if design.is_independent:
            return plain
        successes, trials = self.parts(design.totals)
        share = divide(successes, trials)
        spread = design.spread(self._slopes(design.totals))
        counted = self.parts(design.cells)[1], design.squares @ self._counted
        size = design.effective(spread, share, trials, counted, level)
        designed = design.proportion(share * size, size, level)
        alone = design.kind == ""
        return np.where(alone, plain[0], designed[0]), np.where(alone, plain[1], designed[1])

    def gradient(self, totals: Cells) -> Array:
        share = divide(*self.parts(totals))
        step = 1e-6
        slope = (self.transform(share + step) - self.transform(share - step)) / (2 * step)
        return slope[..., None] * self._slopes(totals)

    @property
    def _counted(self) -> Array:
        """Which of the four counts the proportion goes by."""
        return np.asarray(self.parts(_UNITS)[1])

    def _slopes(self, totals: Cells) -> Array:
        """How the proportion changes with each count."""
        successes, trials = self.parts(totals)
        of_successes, of_trials = self.parts(_UNITS)
        change = of_successes - divide(successes, trials)[..., None] * of_trials
        return divide(change, trials[..., None])

    def p_value(self, first: Sample, second: Sample) -> Array:
        (k1, n1), (k2, n2) = self.parts(first[0]), self.parts(second[0])
        pooled = divide(k1 + k2, n1 + n2)
        distance = np.abs(divide(k1, n1) - divide(k2, n2))
        error = np.sqrt(pooled * (1 - pooled) * (divide(1, n1) + divide(1, n2)))
        # All successes (or none) on both sides: no error and no distance, so nothing speaks for a difference.
        return two_sided(np.where(distance == 0, np.where(np.isnan(distance), np.nan, 0.0), divide(distance, error)))

    def base(self, cells: Cells) -> Array:
        return self.rests_on(cells) if self.rests_on else self.parts(cells)[1]

    def blank(self, cells: Cells) -> Mask:
        return np.asarray(self.base(cells) == 0)


_UNITS = Cells.of(*np.eye(4))
"""One decision of each kind."""

_AGREED = Share(lambda cells: (cells.tp + cells.tn, cells.n))


@dataclass(frozen=True)
class Smooth:
    """A coefficient with a large-sample variance: normal interval within [-1, 1], z test.

    Parameters
    ----------
    slopes : callable
        Cells to how the coefficient changes with each of the four counts, shape (n_cells, 4). Its variance is that of
        the linear function with these slopes.
    at_edge : callable
        From cells and a bound of the observed agreement, to that bound of the coefficient. It serves where auto and
        human agree always or never, for there the variance is zero and its interval a point, which would be a lie.
    rests_on : callable
        What must not be rare.
    degenerate : callable
        Where the coefficient has no meaning.
    method : str
        What the interval is called.
    """

    slopes: Callable[[Cells], Array]
    at_edge: Callable[[Cells, Array], Array]
    rests_on: Callable[[Cells], Array]
    degenerate: Callable[[Cells], Mask]
    method: str = "large_sample"
    undefined: str = "single_class"
    lowest: float = -1.0

    def bounds(self, estimate: Array, design: Design, level: float) -> Bounded:
        cells, alone = design.totals, design.kind == ""
        spread, reach = self._spread(cells), np.full(estimate.shape, intervals.z_value(level))
        if not design.is_independent:
            spread = np.where(alone, spread, self._designed(design))
            reach = np.where(alone, reach, design.reach(level))
        low = np.clip(estimate - reach * np.sqrt(spread), -1, 1)
        high = np.clip(estimate + reach * np.sqrt(spread), -1, 1)
        agreed = _AGREED.of_proportion(design, level)
        edge = ((cells.fp + cells.fn == 0) | (cells.tp + cells.tn == 0)) & ~np.isnan(estimate)
        low = np.where(edge, np.clip(self.at_edge(cells, agreed[0]), -1, estimate), low)
        high = np.where(edge, np.clip(self.at_edge(cells, agreed[1]), estimate, 1), high)
        held = _methods(design.kind, "exact_chance_held" if design.exact else "wilson_chance_held")
        method = np.where(alone, self.method, _methods(design.kind, "linearised"))
        method = np.where(np.isnan(low), "", np.where(edge, held, method)).astype(object)
        return _certain(estimate, design, np.ones(4), (low, high, method))

    def _designed(self, design: Design) -> Array:
        """The variance by the design; where it vanishes, that of as many independent decisions as these are worth.

        Never less than were every decision independent, but in strata and of finite populations: few clusters that are
        alike by chance do not tell more than their decisions do.
        """
        cells, plain = design.totals, self._spread(design.totals)
        spread = _no_zero(design.spread(self.slopes(cells)), cells)
        worth = divide(design.squares.sum(axis=1), cells.n)
        spread = np.where(np.isnan(spread), plain * worth, spread)
        return spread if design.is_stratified or design.is_finite else np.maximum(spread, plain)

    def gradient(self, totals: Cells) -> Array:
        return self.slopes(totals)

    def p_value(self, first: Sample, second: Sample) -> Array:
        gap = first[1] - second[1]
        spread = self._doubt(*first, gap > 0) + self._doubt(*second, gap <= 0)
        return two_sided(divide(np.abs(gap), np.sqrt(spread)))

    def _doubt(self, cells: Cells, estimate: Array, downward: Mask) -> Array:
        """The variance, or where it vanishes what the interval says of the side that the other estimate lies on."""
        low, high, _ = self.bounds(estimate, Design.independent(cells), 0.95)
        reach = np.where(downward, estimate - low, high - estimate) / intervals.z_value(0.95)
        spread = self._spread(cells)
        return np.where(np.isnan(spread), reach**2, spread)

    def base(self, cells: Cells) -> Array:
        return self.rests_on(cells)

    def blank(self, cells: Cells) -> Mask:
        return self.degenerate(cells)

    def _spread(self, cells: Cells) -> Array:
        """The variance were every decision independent."""
        return _no_zero((np.stack(cells[:4], axis=-1) * self.slopes(cells) ** 2).sum(axis=-1), cells)


def _certain(estimate: Array, design: Design, counted: Array, bounds: Bounded) -> Bounded:
    """An interval; the estimate alone where nothing of the four counts that it goes by is left to be drawn."""
    low, high, method = bounds
    sure = design.is_census(counted) & ~np.isnan(estimate)
    if not sure.any():
        return bounds
    return np.where(sure, estimate, low), np.where(sure, estimate, high), np.where(sure, CENSUS, method).astype(object)


def _no_zero(variance: Array, cells: Cells) -> Array:
    """The variance; NaN where it vanishes, for a sample always leaves some doubt."""
    return np.where(variance * cells.n < 1e-12, np.nan, variance)


def chance_corrected(rule: Rule, *, rests_on: Callable[[Cells], Array], degenerate: Callable[[Cells], Mask]) -> Smooth:
    """The recipe of a coefficient that corrects for chance by this rule."""
    return Smooth(
        slopes=lambda cells: flat(chance.gradient(cells.table, rule)),
        at_edge=lambda cells, agreed: chance.corrected(cells.table, agreed, rule),
        rests_on=rests_on,
        degenerate=degenerate,
    )


def flat(tables: Array) -> Array:
    """Tables of shape (..., 2, 2) as rows of four, in the order of the counts."""
    return tables.reshape(*tables.shape[:-2], 4)


def two_sided(z: Array) -> Array:
    """Two-sided p values of standard normal deviates; NaN stays NaN.

    Examples
    --------
    >>> two_sided(np.array([0.0, 1.959964])).round(4).tolist()
    [1.0, 0.05]
    """
    flat = [erfc(abs(value) / sqrt(2)) for value in np.ravel(z)]
    return np.reshape(np.asarray(flat, dtype=float), np.shape(z))


class Measured(NamedTuple):
    """One metric of every cell."""

    estimate: Array
    low: Array
    high: Array
    method: Text
    flag: Text


@dataclass(frozen=True)
class Metric:
    """One metric: its name, what it says in words, its function and the recipe of its interval.

    ``of_unflagged`` tells that it needs decisions on content that auto did not flag. Without any it is undefined,
    and weights do not help: they say nothing of content that nobody looked at.
    """

    name: str
    title: str
    meaning: str
    source: str
    function: Callable[..., Array]
    recipe: Recipe
    of_unflagged: bool = False

    def measure(self, cells: Cells, level: float = 0.95, design: Design | None = None) -> Measured:
        """Estimate, interval, method and flag of every cell. An undefined value is NaN, with the reason in its flag."""
        design = design or Design.independent(cells)
        estimate = np.asarray(self.function(*design.totals[:4]), dtype=float)
        estimate = np.where(self._not_estimable(design), np.nan, estimate)
        low, high, method = self.recipe.bounds(estimate, design, level)
        if design.replicates is not None:
            low, high, method = self._resampled(design, (low, high, method), level)
        nothing = np.isnan(estimate) | np.isnan(low)
        low, high = np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)
        method = np.where(nothing, "", method).astype(object)
        return Measured(estimate, low, high, method, self.flag(cells, estimate, design))

    def _resampled(self, design: Design, formula: Bounded, level: float) -> Bounded:
        """Percentiles of the replicates; the formula's interval where no replicate differs, for that tells nothing."""
        replicates = np.asarray(design.replicates)
        values = np.asarray(self.function(*np.moveaxis(replicates, -1, 0)), dtype=float)
        low, high = percentiles(values, design, level)
        still = ~(high > low)
        bounds = np.where(still, formula[0], low), np.where(still, formula[1], high)
        return *bounds, np.where(still, formula[2], _methods(design.kind, "bootstrap"))

    def flag(self, cells: Cells, estimate: Array, design: Design) -> Text:
        """The weightiest reason not to take the estimate at its word; empty where there is none."""
        flag = np.where(self.recipe.base(cells) < SPARSE_BELOW, "sparse", "").astype(object)
        flag = np.where(self.recipe.blank(cells) | np.isnan(estimate), self.recipe.undefined, flag)
        both = self.recipe.blank(cells) & cells.one_class
        flag = np.where(self._not_estimable(design) & ~both, "not_estimable", flag)
        nothing = np.where(cells.missing > 0, "all_missing", "no_decisions")
        return np.where(cells.n == 0, nothing, flag)

    def _not_estimable(self, design: Design) -> Mask:
        cells = design.cells
        blind = self.of_unflagged and not design.is_looked_at
        return np.asarray(blind & (cells.fn + cells.tn == 0) & (cells.n > 0))


METRICS: dict[str, Metric] = {}
"""Every metric by name, in the order in which tables list them."""


def metric(
    title: str, recipe: Recipe, *, meaning: str, source: str, of_unflagged: bool = False
) -> Callable[[Callable[..., Array]], Any]:
    """Put a function of counts into the table of metrics, under its own name.

    The function is then called with numbers or arrays alike; from numbers it gives a number.
    """

    def register(function: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(function)
        def public(*counts: npt.ArrayLike, **options: Any) -> Array:
            with suppress(TypeError, ValueError):  # the function says what to take in the place of words
                counts = tuple(np.asarray(part, dtype=float) for part in counts)
            return function(*counts, **options)[()]

        METRICS[function.__name__] = Metric(function.__name__, title, meaning, source, public, recipe, of_unflagged)
        return public

    return register
