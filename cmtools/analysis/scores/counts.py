"""Positives and negatives counted by score: all that curves, calibration and Brier's score need. It reads no table."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import BadRequest
from ..chance import Array, divide

BINNINGS = ("width", "count")


@dataclass(frozen=True)
class ScoreCounts:
    """Counts by score, the lowest first. Two of them over the same scores add up, item by item.

    ``least`` is the lowest score of each group, ``total`` the sum of its scores and ``squares`` the sum of the squared
    distances of its scores from 1 (positives) or 0 (negatives). Counts may be weighted.

    Examples
    --------
    >>> counts = ScoreCounts.of(np.array([0.0, 1, 1]), np.array([0.2, 0.2, 0.9]))
    >>> counts.least.tolist(), counts.positives.tolist(), counts.negatives.tolist()
    ([0.2, 0.9], [1.0, 1.0], [1.0, 0.0])
    """

    least: Array
    positives: Array
    negatives: Array
    total: Array
    squares: Array

    @classmethod
    def of(cls, labels: Array, scores: Array) -> ScoreCounts:
        """The counts of items, a group for each score."""
        least, inverse = np.unique(scores, return_inverse=True)

        def summed(values: Array) -> Array:
            return np.bincount(inverse, weights=values, minlength=len(least)).astype(float)

        return cls(least, summed(labels), summed(1 - labels), summed(scores), summed((scores - labels) ** 2))

    @property
    def n(self) -> Array:
        """Items of each group."""
        return self.positives + self.negatives

    @property
    def mean(self) -> Array:
        """The mean score of each group."""
        return divide(self.total, self.n)

    @property
    def reached(self) -> tuple[Array, Array]:
        """Positives, and items, from each group on upward; the highest first."""
        return np.cumsum(self.positives[::-1]), np.cumsum(self.n[::-1])

    @property
    def brier(self) -> float:
        """Brier's score of all of them; NaN where there are none."""
        return float(divide(self.squares.sum(), self.n.sum()))

    @property
    def average_precision(self) -> float:
        """The mean over positives of the precision where they are reached; NaN where there are none."""
        hits, calls = self.reached
        return float(divide(np.sum(self.positives[::-1] * np.nan_to_num(divide(hits, calls))), self.positives.sum()))

    @property
    def roc_auc(self) -> float:
        """The chance that a positive scores above a negative; NaN where either is lacking."""
        below = np.cumsum(self.negatives) - self.negatives / 2
        return float(divide(np.sum(self.positives * below), self.positives.sum() * self.negatives.sum()))

    @property
    def roc_auc_variance(self) -> float:
        """Its variance, from how often each positive and each negative is ranked well; NaN for fewer than two."""
        positives, negatives = self.positives.sum(), self.negatives.sum()
        below = divide(np.cumsum(self.negatives) - self.negatives / 2, negatives)
        above = divide(np.cumsum(self.positives[::-1])[::-1] - self.positives / 2, positives)
        parts = [
            divide(np.sum(weight * (rank - self.roc_auc) ** 2), (count - 1) * count if count > 1 else 0)
            for weight, rank, count in ((self.positives, below, positives), (self.negatives, above, negatives))
        ]
        return float(sum(parts))

    def merged(self, bins: int, by: str = "width") -> ScoreCounts:
        """The same in fewer groups: `places` says which go together."""
        return self.grouped(self.places(bins, by))

    def places(self, bins: int, by: str = "width") -> npt.NDArray[np.intp]:
        """The bin of each group: ``bins`` as wide as each other within [0, 1], or with as many items as each other.

        Raises
        ------
        BadRequest
            When there is no such way, or ``bins`` is no whole number above 0.
        """
        if by not in BINNINGS:
            raise BadRequest(f"by is {by!r}; take 'width' (bins as wide as each other) or 'count' (with as many items)")
        if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
            raise BadRequest(f"bins is {bins!r}; give a whole number, 1 or more")
        if by == "count":
            return _equal_counts(self.n, bins)
        edges = np.linspace(0, 1, bins + 1)
        return np.clip(np.searchsorted(edges, self.least, side="right") - 1, 0, bins - 1)

    def grouped(self, place: npt.NDArray[np.intp]) -> ScoreCounts:
        """Neighbours with the same, never falling, place made one."""
        _, starts = np.unique(place, return_index=True)
        sums = [
            np.add.reduceat(part, starts) if len(starts) else part
            for part in (self.positives, self.negatives, self.total, self.squares)
        ]
        return ScoreCounts(self.least[starts], *sums)

    def calibration_error(self, norm: float) -> float:
        """The distance of shares from mean scores: mean (1), root mean square (2) or largest (infinity)."""
        gap = np.abs(divide(self.positives, self.n) - self.mean)
        if not gap.size:
            return math.nan
        if norm == math.inf:
            return float(np.max(gap))
        return float(divide(np.sum(self.n * gap**norm), self.n.sum()) ** (1 / norm))


def _equal_counts(n: Array, bins: int) -> npt.NDArray[np.intp]:
    """Bins of about as many items each: a group belongs where its middle item falls."""
    share = divide(np.cumsum(n) - n / 2, n.sum())
    return np.minimum(np.floor(np.nan_to_num(share) * bins), bins - 1).astype(np.intp)
