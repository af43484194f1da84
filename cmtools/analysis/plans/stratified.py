"""The score interval of a share estimated from strata. It knows arrays only: no plan, no decision and no metric.

A share is ``A / (A + B)`` of two totals, such as true positives and what was missed. Wilson's interval holds its level
where few are counted because it takes the variance that the sample would have if a bound were the truth. The same is
done here in strata: a bound is a share at which the estimate lies just ``z`` standard errors away, the errors being
those of the population nearest to the sample that has this share. A stratum in which nothing was found so leaves as
much doubt as its size gives, while the usual variance takes it for known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ..chance import Array, divide
from ..intervals import Bounds, z_value

_HALVINGS = 36
_INNER = 40
_EDGE = 1 - 1e-12
_HALF = 0.5
"""What is added to each count for the variance alone: Jeffreys' half. Without it strata that by chance have none of
what is rare pull the variance down, and an interval of 95 % was measured to cover 92."""


@dataclass(frozen=True)
class Strata:
    """What a sample tells of two kinds of items, A and B, for any number of shares. Arrays of (n_shares, n_strata).

    Attributes
    ----------
    size : ndarray
        Items that each stratum stands for.
    drawn : ndarray
        How many independent draws its sample is worth: infinite where all of it was drawn.
    one, other : ndarray
        The share of the stratum's items that are A, and that are B.
    may_one, may_other : ndarray of bool
        Whether there can be items of this kind in the stratum at all.
    effect : ndarray, shape (n_shares,)
        The variance of the sample over that of such draws: 1 but for unequal weights within strata.
    """

    size: Array
    drawn: Array
    one: Array
    other: Array
    may_one: npt.NDArray[np.bool_]
    may_other: npt.NDArray[np.bool_]
    effect: Array

    @classmethod
    def joined(cls, several: Sequence[Strata]) -> Strata:
        """All of them as one, for what is done to arrays at once takes hardly longer than for one alone."""
        return cls(*(np.concatenate([getattr(each, field.name) for each in several]) for field in fields(cls)))

    @property
    def turned(self) -> Strata:
        """The same with A and B in each other's place."""
        return Strata(self.size, self.drawn, self.other, self.one, self.may_other, self.may_one, self.effect)

    @property
    def share(self) -> Array:
        """A / (A + B); NaN where there is neither."""
        one, other = (self.size * self.one).sum(axis=-1), (self.size * self.other).sum(axis=-1)
        return divide(one, one + other)

    @property
    def smoothed(self) -> tuple[Array, Array]:
        """The shares of A and B with half an item more of each kind that there can be."""
        extra = divide(_HALF, self.drawn)
        whole = 1 + extra * (self.may_one.astype(float) + self.may_other)
        return (self.one + extra * self.may_one) / whole, (self.other + extra * self.may_other) / whole

    @property
    def is_known(self) -> npt.NDArray[np.bool_]:
        """Where every stratum that can hold A or B was drawn whole."""
        return np.asarray((np.isinf(self.drawn) | ~(self.may_one | self.may_other)).all(axis=-1))


def score_interval(strata: Strata, level: float = 0.95) -> Bounds:
    """The score interval of the share A / (A + B), vectorised over shares.

    Returns
    -------
    low, high : ndarray, shape (n_shares,)
        Within [0, 1], around the estimate. A point where all was drawn; NaN where neither A nor B was found.

    Notes
    -----
    Wilson (1927), JASA 22:209-212, is the case of one stratum. In several the estimate's variance is taken at the
    constrained maximum of the likelihood, as Miettinen and Nurminen (1985), Statistics in Medicine 4:213-226, do for
    two samples, with the finite population correction and the weights of the strata; counts are taken as Poisson for
    the maximum and as multinomial for the variance. Half an item is added to each count that can be for the variance.

    Examples
    --------
    With one stratum it is Wilson's, of 3 out of 40:

    >>> def of(size, drawn, one, other):
    ...     size, drawn, one, other = (np.array([part], dtype=float) for part in (size, drawn, one, other))
    ...     return Strata(size, drawn, one, other, one >= 0, other >= 0, np.ones(1))
    >>> [round(float(end[0]), 4) for end in score_interval(of([1], [40], [3 / 40], [37 / 40]))]
    [0.0258, 0.1986]

    Of 200 flagged items out of 1,000 all were right, and of 500 out of 99,000 others none was missed. Recall is 1 as
    far as the sample goes, and may be much less:

    >>> found = Strata(*(np.array([part]) for part in ([1e3, 99e3], [200.0, 500], [1.0, 0], [0.0, 0])),
    ...                np.array([[True, False]]), np.array([[False, True]]), np.ones(1))
    >>> [round(float(end[0]), 2) for end in score_interval(found)]
    [0.57, 1.0]
    """
    share, known = strata.share, strata.is_known
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        both = _lower(Strata.joined([strata, strata.turned]), np.concatenate([share, 1 - share]), z_value(level))
    low, high = both[: len(share)], 1 - both[len(share) :]
    low, high = np.where(known, share, low), np.where(known, share, high)
    return np.where(np.isnan(share), np.nan, low), np.where(np.isnan(share), np.nan, high)


def _lower(strata: Strata, share: Array, z: float) -> Array:
    """The least share from which the estimate is at most ``z`` standard errors away, by halving."""
    out, inside = np.zeros(share.shape), np.nan_to_num(share)
    for _ in range(_HALVINGS):
        middle = (out + inside) / 2
        far = _distance(strata, middle) ** 2 > z * z * null_variance(strata, middle)
        out, inside = np.where(far, middle, out), np.where(far, inside, middle)
    return np.where(share > 0, inside, 0.0)


def _distance(strata: Strata, share: Array) -> Array:
    """How far the totals are from having this share: A - share (A + B)."""
    one, other = (strata.size * strata.one).sum(axis=-1), (strata.size * strata.other).sum(axis=-1)
    return np.asarray(one - share * (one + other))


def null_variance(strata: Strata, share: Array) -> Array:
    """The variance of `_distance` in the population nearest to the sample that has this share, less than its own."""
    up, down = (1 - share)[:, None], -share[:, None]
    pull = divide(strata.size, strata.drawn)  # nothing where all was drawn
    one_seen, other_seen = strata.smoothed
    room = np.where(strata.may_other, pull, 0.0)
    limit = divide(1.0, room.max(axis=-1) * share)
    scale = divide(1.0, pull.max(axis=-1))

    def nearest(step: Array) -> tuple[Array, Array]:
        # Where all of B is known only A can give way, without end.
        far = np.where(np.isnan(limit), scale * step / (1 - step), step * limit)
        tilt = np.nan_to_num(far)[:, None] * pull
        return one_seen / (1 + tilt * up), other_seen / (1 + tilt * down)

    def excess(step: Array) -> Array:
        one, other = nearest(step)
        return np.asarray((strata.size * (up * one + down * other)).sum(axis=-1))

    least, most = np.zeros(share.shape), np.full(share.shape, _EDGE)
    for _ in range(_INNER):
        middle = (least + most) / 2
        above = excess(middle) > 0
        least, most = np.where(above, middle, least), np.where(above, most, middle)
    one, other = nearest(least)
    # What no stratum with a B of its own can make up for is put where a B that was not found costs least.
    rest = np.clip(excess(least), 0, None)
    place = room.argmax(axis=-1)
    row = np.arange(len(share))
    other[row, place] += np.clip(divide(rest, strata.size[row, place] * share), 0, 1)
    mean = up * one + down * other
    spread = np.clip(up**2 * one + down**2 * other - mean**2, 0, None)
    return np.asarray(strata.effect * (strata.size * pull * spread).sum(axis=-1))
