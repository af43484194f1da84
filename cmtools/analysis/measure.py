"""What a metric is: an estimate, the making of its interval, and when not to trust it. The metrics are in `metrics`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import erfc, sqrt
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from . import chance, intervals
from .chance import Array, Rule, divide

Mask = npt.NDArray[np.bool_]
Text = npt.NDArray[np.object_]

SPARSE_BELOW = 20
"""With fewer decisions than this to rest on, an estimate is flagged ``sparse``."""

FLAGS = {
    "no_decisions": "there is no decision to measure",
    "all_missing": "the auto tag is missing from every decision, and absent auto tags were to be left out",
    "no_positives": "no human tag is on",
    "no_negatives": "no human tag is off",
    "no_predicted_positives": "no auto tag is on",
    "no_predicted_negatives": "no auto tag is off",
    "single_class": "one class only: where a side never varies, agreement cannot be told from chance",
    "sparse": f"rests on fewer than {SPARSE_BELOW} decisions of the kind it is about: read the interval",
    "no_rest": "there is no other slice to compare with",
}
"""Every flag with its meaning in words."""

METHODS = {
    "wilson": "Wilson score interval",
    "wilson_transformed": "Wilson score interval of the proportion that the metric is an exact function of",
    "large_sample": "large-sample standard error of the coefficient",
    "wilson_chance_held": "Wilson score interval of the observed agreement with chance agreement held, "
    "where auto and human agree always or never and the standard error is zero",
    "delta": "delta method",
}
"""Every interval method with its meaning in words. All of them treat the decisions as independent draws."""


class Cells(NamedTuple):
    """Counts of any number of cells; human is the truth, auto the prediction. Arrays of one shape."""

    tp: Array
    fp: Array
    fn: Array
    tn: Array
    missing: Array

    @classmethod
    def of(cls, tp: Any, fp: Any, fn: Any, tn: Any, missing: Any = 0) -> Cells:
        """Cells from anything that broadcasts."""
        return cls(*np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (tp, fp, fn, tn, missing))))

    @property
    def n(self) -> Array:
        """Decisions that were measured."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def positives(self) -> Array:
        """Human tags that are on."""
        return self.tp + self.fn

    @property
    def negatives(self) -> Array:
        """Human tags that are off."""
        return self.fp + self.tn

    @property
    def rarer(self) -> Array:
        """Decisions of the rarer human class."""
        return np.minimum(self.positives, self.negatives)

    @property
    def table(self) -> Array:
        """The counts as square tables, shape (..., 2, 2)."""
        return chance.square_tables(*self[:4])

    @property
    def one_class(self) -> Mask:
        """Where both sides say the same of every decision."""
        return np.asarray((self.tp == self.n) | (self.tn == self.n))

    @property
    def one_class_on_a_side(self) -> Mask:
        """Where at least one side never varies."""
        predicted = self.tp + self.fp
        return np.asarray((self.rarer == 0) | (predicted == 0) | (predicted == self.n))


Bounded = tuple[Array, Array, Text]
Sample = tuple[Cells, Array]
"""Counts, and a metric's estimates from them."""


class Recipe(Protocol):
    """How a metric gets its interval, its test and its flags."""

    @property
    def undefined(self) -> str:
        """The flag where `blank` holds."""

    def bounds(self, estimate: Array, cells: Cells, level: float) -> Bounded:
        """The interval and the method that made it."""

    def p_value(self, first: Sample, second: Sample) -> Array:
        """How likely estimates this far apart are for two sets of decisions that do not differ; two-sided."""

    def base(self, cells: Cells) -> Array:
        """How many decisions of the rare kind the estimate rests on."""

    def blank(self, cells: Cells) -> Mask:
        """Where the metric is undefined, or defined without meaning anything."""


def _same(share: Array) -> Array:
    return share


@dataclass(frozen=True)
class Share:
    """A proportion, or an exact rising function of one: Wilson's interval, score test.

    Parameters
    ----------
    parts : callable
        Cells to successes and trials.
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

    def bounds(self, estimate: Array, cells: Cells, level: float) -> Bounded:  # noqa: ARG002 - the recipes' common shape
        low, high = intervals.wilson(*self.parts(cells), level)
        name = "wilson" if self.transform is _same else "wilson_transformed"
        return self.transform(low), self.transform(high), np.full(low.shape, name, dtype=object)

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


@dataclass(frozen=True)
class Smooth:
    """A coefficient with a large-sample variance: normal interval within [-1, 1], z test.

    Parameters
    ----------
    variance : callable
        Cells to the variance of the estimate.
    at_edge : callable
        Cells, and a bound of the observed agreement, to that bound of the coefficient. It serves where auto and human
        agree always or never, for there the variance is zero and its interval a point, which would be a lie.
    rests_on : callable
        What must not be rare.
    degenerate : callable
        Where the coefficient has no meaning.
    method : str
        What the interval is called.
    """

    variance: Callable[[Cells], Array]
    at_edge: Callable[[Cells, Array], Array]
    rests_on: Callable[[Cells], Array]
    degenerate: Callable[[Cells], Mask]
    method: str = "large_sample"
    undefined: str = "single_class"

    def bounds(self, estimate: Array, cells: Cells, level: float) -> Bounded:
        spread = self._spread(cells)
        low, high = intervals.normal(estimate, spread, level)
        agreed = intervals.wilson(cells.tp + cells.tn, cells.n, level)
        edge = ((cells.fp + cells.fn == 0) | (cells.tp + cells.tn == 0)) & ~np.isnan(estimate)
        low = np.where(edge, np.clip(self.at_edge(cells, agreed[0]), -1, estimate), low)
        high = np.where(edge, np.clip(self.at_edge(cells, agreed[1]), estimate, 1), high)
        method = np.where(edge, "wilson_chance_held", self.method).astype(object)
        return low, high, np.where(np.isnan(low), "", method)

    def p_value(self, first: Sample, second: Sample) -> Array:
        gap = first[1] - second[1]
        spread = self._doubt(*first, gap > 0) + self._doubt(*second, gap <= 0)
        return two_sided(divide(np.abs(gap), np.sqrt(spread)))

    def _doubt(self, cells: Cells, estimate: Array, downward: Mask) -> Array:
        """The variance, or where it vanishes what the interval says of the side that the other estimate lies on."""
        low, high, _ = self.bounds(estimate, cells, 0.95)
        reach = np.where(downward, estimate - low, high - estimate) / intervals.z_value(0.95)
        spread = self._spread(cells)
        return np.where(np.isnan(spread), reach**2, spread)

    def base(self, cells: Cells) -> Array:
        return self.rests_on(cells)

    def blank(self, cells: Cells) -> Mask:
        return self.degenerate(cells)

    def _spread(self, cells: Cells) -> Array:
        """The variance; NaN where it vanishes, for a sample always leaves some doubt."""
        variance = self.variance(cells)
        return np.where(variance * cells.n < 1e-12, np.nan, variance)


def chance_corrected(rule: Rule, *, rests_on: Callable[[Cells], Array], degenerate: Callable[[Cells], Mask]) -> Smooth:
    """The recipe of a coefficient that corrects for chance by this rule."""
    return Smooth(
        variance=lambda cells: chance.variance(cells.table, rule),
        at_edge=lambda cells, agreed: chance.corrected(cells.table, agreed, rule),
        rests_on=rests_on,
        degenerate=degenerate,
    )


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
    """One metric: its name, what it says in words, its function and the recipe of its interval."""

    name: str
    title: str
    meaning: str
    source: str
    function: Callable[..., Array]
    recipe: Recipe

    def measure(self, cells: Cells, level: float = 0.95) -> Measured:
        """Estimate, interval, method and flag of every cell. An undefined value is NaN, with the reason in its flag."""
        estimate = np.asarray(self.function(*cells[:4]), dtype=float)
        low, high, method = self.recipe.bounds(estimate, cells, level)
        method = np.where(np.isnan(low), "", method)
        return Measured(estimate, low, high, method, self.flag(cells, estimate))

    def flag(self, cells: Cells, estimate: Array) -> Text:
        """The weightiest reason not to take the estimate at its word; empty where there is none."""
        flag = np.where(self.recipe.base(cells) < SPARSE_BELOW, "sparse", "").astype(object)
        flag = np.where(self.recipe.blank(cells) | np.isnan(estimate), self.recipe.undefined, flag)
        nothing = np.where(cells.missing > 0, "all_missing", "no_decisions")
        return np.where(cells.n == 0, nothing, flag)


METRICS: dict[str, Metric] = {}
"""Every metric by name, in the order in which tables list them."""


def metric(title: str, recipe: Recipe, *, meaning: str, source: str) -> Callable[[Callable[..., Array]], Any]:
    """Put a function of counts into the table of metrics, under its own name.

    The function is then called with numbers or arrays alike; from numbers it gives a number.
    """

    def register(function: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(function)
        def public(*counts: npt.ArrayLike) -> Array:
            return function(*(np.asarray(part, dtype=float) for part in counts))[()]

        METRICS[function.__name__] = Metric(function.__name__, title, meaning, source, public, recipe)
        return public

    return register
