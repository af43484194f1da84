"""What metrics are measured on: the counts of cells, and how their decisions came about. No metric is here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from .. import chance, intervals
from ..chance import Array, divide

Mask = npt.NDArray[np.bool_]
Text = npt.NDArray[np.object_]


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


@dataclass(frozen=True)
class Design:
    """How the decisions of cells came about, as far as intervals need to know. Arrays over the cells.

    ``kind`` says how intervals go: by decisions (empty), by ``cluster``, by weights and strata (``hajek``), or by both
    (``hajek_cluster``). ``totals`` are the weighted counts, scaled so that they add up to the number of decisions, and
    ``covariance`` is theirs, shape (n_cells, 4, 4); ``squares`` are the sums of squared weights, ``freedom`` the
    degrees of freedom and ``clusters`` the number of clusters.
    """

    cells: Cells
    totals: Cells
    kind: Text
    covariance: Array
    freedom: Array
    squares: Array
    clusters: Array
    is_weighted: bool = False
    is_stratified: bool = False
    is_finite: bool = False
    is_looked_at: bool = False
    """Whether content that auto left unflagged is known to have been reviewed, whatever the cells say."""
    exact: bool = False
    replicates: Array | None = None
    """Resamples of the totals, shape (replicates, n_cells, 4), where intervals are to come from them."""
    undrawn: Array | None = None
    """Decisions drawn from strata that may hold more of each of the four counts, shape (n_cells, 4)."""

    @classmethod
    def independent(cls, cells: Cells, exact: bool = False) -> Design:
        """Every decision an independent draw of its own."""
        shape = cells.n.shape
        none = np.zeros(shape)
        return cls(
            cells, cells, np.full(shape, "", dtype=object), np.zeros((*shape, 4, 4)), none, none, none, exact=exact
        )

    @property
    def is_independent(self) -> bool:
        """Whether it is so for every cell."""
        return not self.is_weighted and not (self.kind != "").any()

    def is_census(self, counted: Array) -> Mask:
        """Where all was drawn that a metric counts: ``counted`` is not zero for those of the four counts it goes by."""
        if self.undrawn is None:
            return np.zeros(self.kind.shape, dtype=bool)
        return np.asarray((self.kind == "hajek") & (self.undrawn @ (counted != 0) == 0))

    def spread(self, gradient: Array) -> Array:
        """The variance of what changes with the four counts as this gradient says, shape (n_cells, 4)."""
        return np.asarray(np.einsum("ki,kij,kj->k", gradient, self.covariance, gradient))

    def reach(self, level: float) -> Array:
        """How many standard errors a two-sided interval of this level reaches to either side: a quantile of t."""
        freedom = np.where(self.freedom > 0, self.freedom, np.nan)
        return np.asarray(special.stdtrit(freedom, (1 + level) / 2))

    def proportion(self, successes: Array, trials: Array, level: float) -> intervals.Bounds:
        """The interval of a proportion, by Wilson or exact."""
        bounds = intervals.clopper_pearson if self.exact else intervals.wilson
        return bounds(successes, trials, level)

    def effective(
        self, spread: Array, share: Array, trials: Array, counted: tuple[Array, Array], level: float
    ) -> Array:
        """How many independent decisions would tell a proportion as well as these do.

        Its variance under independence over the one it has (Korn and Graubard 1998, Survey Methodology 24:193-201),
        with the quantile of t in the place of the normal one. Where the proportion is 0 or 1 and the variance tells
        nothing, Kish's effective size. Never more than there are, but in strata and of finite populations, which can
        tell more.

        Parameters
        ----------
        spread, share, trials : ndarray
            The proportion's variance, the proportion, and the weighted trials.
        counted : tuple of ndarray
            The trials as counted, and the sum of their squared weights.
        level : float
            The confidence level.
        """
        plain, squares = counted
        kish = divide(trials**2, squares)
        size = np.where(spread * trials > 1e-12, divide(share * (1 - share), spread), kish)
        size = size if self.is_stratified or self.is_finite else np.minimum(size, plain)
        return size * (intervals.z_value(level) / self.reach(level)) ** 2
