"""What shares would be if reviewers made no mistakes, from how often they do. It reads no decision.

Reviewers are taken to make mistakes as often on what is flagged as on what is not, once it is known what is true.
Where they were shown the auto tag, that is seldom so: correct blind reviews only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy import special

from ...errors import BadRequest
from ..cells.base import Mask
from ..chance import Array, divide
from ..intervals import Bounds, wilson, z_value

_HAIR = 1e-9
"""What rounding may do."""


@dataclass(frozen=True)
class Rate:
    """How often reviewers are right: a share, with the trials that told it, or without end where it is known."""

    share: float
    trials: float = np.inf

    @classmethod
    def of(cls, given: Any, name: str) -> Rate:
        """A share, or successes and trials: ``0.95``, ``(95, 100)``."""
        pair = given if isinstance(given, tuple | list) else (given, None)
        if len(pair) != 2 or not all(
            isinstance(part, Real) and not isinstance(part, bool) for part in pair if part is not None
        ):
            raise BadRequest(f"{name} is {given!r}; give successes and trials, such as (95, 100), or a known share")
        share = float(pair[0]) if pair[1] is None else float(divide(pair[0], pair[1]))
        if not 0 <= share <= 1:
            raise BadRequest(f"{name} is {given!r}; that is no share between 0 and 1")
        return cls(share, np.inf if pair[1] is None else float(pair[1]))

    def bounds(self, level: float) -> tuple[float, float]:
        """Wilson's interval; a point where it is known."""
        if np.isinf(self.trials):
            return self.share, self.share
        low, high = wilson(self.share * self.trials, self.trials, level)
        return float(low), float(high)

    @property
    def variance(self) -> float:
        """Of the share, with one success and one failure more, so that a perfect score is no certainty."""
        if np.isinf(self.trials):
            return 0.0
        share = (self.share * self.trials + 1) / (self.trials + 2)
        return share * (1 - share) / (self.trials + 2)


@dataclass(frozen=True)
class LabelError:
    """The reviewers' sensitivity and specificity.

    Raises
    ------
    BadRequest
        When they add up to 1 or less: then answers tell nothing of what is true.
    """

    sensitivity: Rate
    specificity: Rate

    def __post_init__(self) -> None:
        if self.power <= 0:
            raise BadRequest(
                f"sensitivity {self.sensitivity.share:g} and specificity {self.specificity.share:g} add up to 1 or "
                "less: such answers are no better than chance and cannot be corrected"
            )

    @classmethod
    def of(cls, sensitivity: Any, specificity: Any) -> LabelError | None:
        """From what was given; None where neither was."""
        if sensitivity is None and specificity is None:
            return None
        if sensitivity is None or specificity is None:
            raise BadRequest("to correct for mistakes of reviewers give both their sensitivity and their specificity")
        return cls(Rate.of(sensitivity, "sensitivity"), Rate.of(specificity, "specificity"))

    @property
    def power(self) -> float:
        """Sensitivity + specificity - 1, Youden's index."""
        return self.sensitivity.share + self.specificity.share - 1

    def corrected(self, share: Array) -> Array:
        """The true share of positives behind a share that reviewers found; below 0 or above 1 where chance had it so.

        Notes
        -----
        Rogan and Gladen (1978), American Journal of Epidemiology 107:71-76.

        Examples
        --------
        >>> error = LabelError(Rate(0.9), Rate(0.98))
        >>> error.corrected(np.array([0.108, 0.01])).round(3).tolist()
        [0.1, -0.011]
        """
        return np.asarray((share + self.specificity.share - 1) / self.power)

    def interval(self, share: Array, bounds: Bounds, level: float) -> Bounds:
        """The interval of `corrected`, from that of the share and how well the two rates are known.

        Notes
        -----
        The three intervals are joined by square-and-add, each by how much it moves the corrected share (Zou and Donner
        2008, Statistics in Medicine 27:1693-1702).
        """
        true = np.clip(self.corrected(share), 0, 1)
        low_se, high_se = self.sensitivity.bounds(level)
        low_sp, high_sp = self.specificity.bounds(level)
        down = [
            share - bounds[0],
            true * (high_se - self.sensitivity.share),
            (1 - true) * (self.specificity.share - low_sp),
        ]
        up = [
            bounds[1] - share,
            true * (self.sensitivity.share - low_se),
            (1 - true) * (high_sp - self.specificity.share),
        ]
        middle = self.corrected(share)
        low, high = (np.sqrt(sum(part**2 for part in parts)) / self.power for parts in (down, up))
        return middle - low, middle + high

    def is_contradicted(self, share: Array, bounds: Bounds, level: float) -> Mask:
        """Where no true share would do: the corrected one is below 0 or above 1, and so is all of its interval.

        Examples
        --------
        >>> error = LabelError(Rate(0.9), Rate(0.8))
        >>> error.is_contradicted(np.array([0.16, 0.16]), (np.array([0.14, 0.1]), np.array([0.18, 0.25])), 0.95)
        array([ True, False])
        """
        middle, (low, high) = self.corrected(share), self.interval(share, bounds, level)
        return np.asarray(((middle < 0) & (high <= 0)) | ((middle > 1) & (low >= 1)))

    def is_cut(self, totals: Array) -> Mask:
        """Where `cells` had to keep a count from going below zero, shape (...)."""
        found = np.zeros(totals.shape[:-1], dtype=bool)
        for on, off in ((0, 1), (2, 3)):
            share = divide(totals[..., on], totals[..., on] + totals[..., off])
            true = self.corrected(share)
            found |= (true < -_HAIR) | (true > 1 + _HAIR)
        return found

    def cells(self, totals: Array) -> Array:
        """The true tp, fp, fn and tn behind those found, shape (..., 4); none below zero."""
        return self._cells(totals, self.sensitivity.share, self.specificity.share)

    def delta(
        self, metric: Callable[..., Array], totals: Array, variance: Callable[[Array], Array], level: float
    ) -> tuple[Array, Array, Array]:
        """A metric of the true counts, with an interval on the logit scale.

        Parameters
        ----------
        metric : callable
            Of tp, fp, fn and tn.
        totals : ndarray, shape (n, 4)
            The counts as found.
        variance : callable
            The variance of what changes with them as slopes of this shape say.
        level : float
            The confidence level.
        """

        def value(counts: Array, sensitivity: float, specificity: float) -> Array:
            return np.asarray(metric(*np.moveaxis(self._cells(counts, sensitivity, specificity), -1, 0)), dtype=float)

        rates = self.sensitivity.share, self.specificity.share
        whole, step = totals.sum(axis=-1), 1e-5
        middle = value(totals, *rates)
        slopes = np.zeros(totals.shape)
        for at in range(4):
            nudge = np.eye(4)[at] * (step * whole)[:, None]
            slopes[:, at] = (value(totals + nudge, *rates) - value(totals - nudge, *rates)) / (2 * step * whole)
        spread = variance(np.nan_to_num(slopes))
        for at, rate in enumerate((self.sensitivity, self.specificity)):
            up, down = (
                tuple(share + sign * step * (place == at) for place, share in enumerate(rates)) for sign in (1, -1)
            )
            spread = spread + ((value(totals, *up) - value(totals, *down)) / (2 * step)) ** 2 * rate.variance
        inner = np.where((middle > 0) & (middle < 1), middle, np.nan)
        logit = np.log(divide(inner, 1 - inner))
        half = z_value(level) * np.sqrt(spread) / (inner * (1 - inner))
        return middle, np.asarray(special.expit(logit - half)), np.asarray(special.expit(logit + half))

    @staticmethod
    def _cells(totals: Array, sensitivity: float, specificity: float) -> Array:
        power = sensitivity + specificity - 1
        found = []
        for on, off in ((0, 1), (2, 3)):
            whole = totals[..., on] + totals[..., off]
            true = np.clip((totals[..., on] - (1 - specificity) * whole) / power, 0, whole)
            found += [true, whole - true]
        return np.stack(found, axis=-1)
