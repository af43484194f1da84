"""Intervals and variances, vectorised over arrays of counts. Which metric takes which is said in `metrics`.

Every interval here treats the decisions as independent draws; `design` makes them hold where they are not.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy import special

from ..errors import BadRequest
from . import chance, square
from .chance import Array, divide, square_tables
from .multiplicity import benjamini_hochberg as benjamini_hochberg
from .multiplicity import benjamini_yekutieli as benjamini_yekutieli
from .multiplicity import bonferroni as bonferroni
from .multiplicity import hochberg as hochberg
from .multiplicity import holm as holm
from .multiplicity import rejections as rejections
from .multiplicity import sidak as sidak
from .square import cohen_kappa_null_variance as cohen_kappa_null_variance
from .square import gwet_ac2_variance as gwet_ac2_variance
from .square import scott_pi_variance as scott_pi_variance
from .square import weighted_alpha_variance as weighted_alpha_variance
from .square import weighted_brennan_prediger_variance as weighted_brennan_prediger_variance
from .square import weighted_kappa_variance as weighted_kappa_variance

Bounds = tuple[Array, Array]


def z_value(level: float) -> float:
    """How many standard errors a two-sided interval of this level reaches to either side.

    Examples
    --------
    >>> round(z_value(0.95), 6)
    1.959964
    """
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise BadRequest(f"level is {level!r}; give a share between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, trials : array_like
        How many of how many; shapes that broadcast.
    level : float
        The confidence level, between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Within [0, 1], and never leaving out the proportion itself. NaN where there are no trials.

    Notes
    -----
    Wilson (1927), Journal of the American Statistical Association 22:209-212. It keeps its promise near 0 and 1, where
    rare tags live and where the textbook interval of plus-minus two standard errors does not.

    Examples
    --------
    >>> low, high = wilson(0, 25)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 0.133)
    """
    z = z_value(level)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    share = divide(k, n)
    centre = divide(k + z * z / 2, n + z * z)
    half = z * divide(np.sqrt(np.clip(divide(k * (n - k), n), 0, None) + z * z / 4), n + z * z)
    # At the ends the two terms are equal in exact arithmetic; rounding must not leave a crumb below or above.
    low = np.where(k == 0, 0.0, np.clip(centre - half, 0, share))
    high = np.where(k == n, 1.0, np.clip(centre + half, share, 1))
    nothing = n == 0
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def clopper_pearson(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """The exact interval of a proportion, which covers at least as often as it says, whatever the proportion.

    Parameters
    ----------
    successes, trials : array_like
        How many of how many; shapes that broadcast. They need not be whole.
    level : float
        The confidence level, between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Within [0, 1]. NaN where there are no trials.

    Notes
    -----
    Clopper and Pearson (1934), Biometrika 26:404-413. It is wider than it need be: Wilson's holds its level on average.

    Examples
    --------
    >>> low, high = clopper_pearson(7, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0286, 0.1389)
    """
    z_value(level)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    tail = (1 - level) / 2
    inside = np.where((k > 0) & (k < n), k, np.nan)
    none, every = k == 0, k == n
    low = special.betaincinv(np.where(every, n, inside), np.where(every, 1, n - k + 1), tail)
    high = special.betaincinv(np.where(none, 1, inside + 1), np.where(none, n, n - k), 1 - tail)
    low, high = np.where(none, 0.0, low), np.where(every, 1.0, high)
    nothing = ~(n > 0)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def wilson_continuity(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """Wilson's interval with continuity correction: wider, close to `clopper_pearson`. NaN where there are no trials.

    Notes
    -----
    Newcombe (1998), Statistics in Medicine 17:857-872, method 4.

    Examples
    --------
    His first example, 81 of 263, printed there as 0.2535 to 0.3682:

    >>> low, high = wilson_continuity(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2535, 0.3682)
    """
    z = z_value(level)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    share = divide(k, n)
    centre, room = 2 * k + z * z, 2 * (n + z * z)
    below = np.sqrt(np.clip(z * z - 2 - divide(1, n) + 4 * share * (n - k + 1), 0, None))
    above = np.sqrt(np.clip(z * z + 2 - divide(1, n) + 4 * share * (n - k - 1), 0, None))
    low = np.where(k == 0, 0.0, np.clip(divide(centre - 1 - z * below, room), 0, share))
    high = np.where(k == n, 1.0, np.clip(divide(centre + 1 + z * above, room), share, 1))
    nothing = ~(n > 0)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def jeffreys(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """Jeffreys' interval of a proportion: the quantiles of beta(k + 1/2, n - k + 1/2), 0 for none and 1 for all.

    Notes
    -----
    Brown, Cai and DasGupta (2001), Statistical Science 16:101-133, section 4.1.2.

    Examples
    --------
    >>> low, high = jeffreys(7, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0319, 0.1325)
    """
    z_value(level)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    tail, nothing = (1 - level) / 2, ~(n > 0)
    a, b = np.where(nothing, np.nan, k + 0.5), np.where(nothing, np.nan, n - k + 0.5)
    low, high = special.betaincinv(a, b, tail), special.betaincinv(a, b, 1 - tail)
    return np.where((k == 0) & ~nothing, 0.0, low), np.where((k == n) & ~nothing, 1.0, high)


def agresti_coull(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """Agresti and Coull's interval: the textbook one after z²/2 successes and as many failures are added.

    Notes
    -----
    Agresti and Coull (1998), The American Statistician 52:119-126; cut off at 0 and 1.

    Examples
    --------
    >>> low, high = agresti_coull(7, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.032, 0.1398)
    """
    z = z_value(level)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    more = np.where(n > 0, n + z * z, np.nan)
    share = (k + z * z / 2) / more
    return normal(share, share * (1 - share) / more, level, lowest=0.0)


def wald(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Bounds:
    """The textbook interval, share plus and minus z errors: for comparison only, it fails where a tag is rare.

    Examples
    --------
    >>> low, high = wald(7, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.02, 0.12)
    """
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    share = divide(k, n)
    return normal(share, divide(share * (1 - share), n), level, lowest=0.0)


def normal(
    estimate: npt.ArrayLike, variance: npt.ArrayLike, level: float = 0.95, lowest: float = -1.0, highest: float = 1.0
) -> Bounds:
    """Estimate plus and minus z standard errors, cut off at the ends of the metric's range.

    Examples
    --------
    >>> low, high = normal(0.9, 0.01)
    >>> round(float(low), 3), float(high)
    (0.704, 1.0)
    """
    reach = z_value(level) * np.sqrt(np.asarray(variance, dtype=float))
    middle = np.asarray(estimate, dtype=float)
    return np.clip(middle - reach, lowest, highest), np.clip(middle + reach, lowest, highest)


def difference(
    first: npt.ArrayLike, first_bounds: Bounds, second: npt.ArrayLike, second_bounds: Bounds
) -> tuple[Array, Array, Array]:
    """The difference of two independent estimates with an interval made from the intervals of the two.

    Returns
    -------
    difference, low, high : ndarray

    Notes
    -----
    Square-and-add: Newcombe (1998), Statistics in Medicine 17:873-890, method 10, for proportions with Wilson
    intervals; Zou and Donner (2008), Statistics in Medicine 27:1693-1702, for any estimate with an interval.

    Examples
    --------
    Newcombe's own example, 56/70 against 48/80, printed there as 0.0524 to 0.3339:

    >>> gap, low, high = difference(56 / 70, wilson(56, 70), 48 / 80, wilson(48, 80))
    >>> round(float(gap), 4), round(float(low), 4), round(float(high), 4)
    (0.2, 0.0524, 0.3339)
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    gap = one - two
    low = gap - np.hypot(one - first_bounds[0], second_bounds[1] - two)
    high = gap + np.hypot(first_bounds[1] - one, two - second_bounds[0])
    return gap, low, high


def difference_of_proportions(
    first: tuple[float, float], second: tuple[float, float], level: float = 0.95
) -> tuple[float, float, float]:
    """The difference of two independent proportions, each given as successes and trials, with Newcombe's interval.

    Returns
    -------
    difference, low, high : float

    Examples
    --------
    >>> [round(part, 4) for part in difference_of_proportions((56, 70), (48, 80))]
    [0.2, 0.0524, 0.3339]
    """
    shares = divide(*first), divide(*second)
    gap, low, high = difference(shares[0], wilson(*first, level), shares[1], wilson(*second, level))
    return float(gap), float(low), float(high)


def cohen_kappa_variance(*counts: npt.ArrayLike, weights: square.Weights | None = None) -> Array:
    """The large-sample variance of Cohen's kappa (Fleiss, Cohen and Everitt 1969).

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (..., k, k).
    weights : str or array_like, optional
        How much near misses count, as in `metrics.cohen_kappa`.

    Examples
    --------
    The example of the 1969 paper, printed there as 0.002885:

    >>> round(float(cohen_kappa_variance([[106, 10, 4], [22, 28, 10], [2, 12, 6]])), 6)
    0.002885
    """
    if weights is None:
        return chance.variance(square_tables(*counts), chance.cohen)
    return square.weighted_kappa_variance(*counts, weights=weights)


def gwet_ac1_variance(*counts: npt.ArrayLike) -> Array:
    """The large-sample variance of Gwet's AC1 for two raters (Gwet 2008).

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (..., k, k).

    Examples
    --------
    >>> round(float(gwet_ac1_variance([[118, 5], [2, 0]])) ** 0.5, 6)
    0.022965
    """
    return chance.variance(square_tables(*counts), chance.gwet)


def krippendorff_alpha_variance(*counts: npt.ArrayLike) -> Array:
    """The large-sample variance of Krippendorff's alpha for two raters and nominal values (Gwet 2014, Handbook).

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (..., k, k).

    Examples
    --------
    >>> round(float(krippendorff_alpha_variance([[22, 2], [4, 11]])) ** 0.5, 6)
    0.124874
    """
    return chance.variance(square_tables(*counts), chance.krippendorff)


def brennan_prediger_variance(*counts: npt.ArrayLike) -> Array:
    """The large-sample variance of Brennan and Prediger's kappa for two raters.

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (..., k, k).

    Examples
    --------
    With chance fixed at one half it is four times the variance of the observed agreement:

    >>> round(float(brennan_prediger_variance(50, 10, 10, 30)), 6)
    0.0064
    """
    return chance.variance(square_tables(*counts), chance.uniform)


def mcc_variance(tp: npt.ArrayLike, fp: npt.ArrayLike, fn: npt.ArrayLike, tn: npt.ArrayLike) -> Array:
    """The large-sample variance of Matthews' correlation, which is the phi coefficient of the 2 x 2 table.

    Notes
    -----
    The delta method under multinomial sampling; Bishop, Fienberg and Holland (1975), Discrete Multivariate Analysis,
    section 11.3.

    Examples
    --------
    When auto and human tags have nothing to do with each other it is 1 / n:

    >>> round(float(mcc_variance(25, 25, 25, 25)), 6)
    0.01
    """
    spread: Array = (square_tables(tp, fp, fn, tn) * mcc_gradient(tp, fp, fn, tn) ** 2).sum(axis=(-2, -1))
    return spread


def mcc_gradient(tp: npt.ArrayLike, fp: npt.ArrayLike, fn: npt.ArrayLike, tn: npt.ArrayLike) -> Array:
    """How Matthews' correlation changes with each count, shape (..., 2, 2); NaN where a side never varies.

    Examples
    --------
    >>> mcc_gradient(25, 25, 25, 25).tolist()
    [[0.01, -0.01], [-0.01, 0.01]]
    """
    table = square_tables(tp, fp, fn, tn)
    share = chance.shares(table)
    row, column = share.sum(axis=-1)[..., :1, None], share.sum(axis=-2)[..., :1, None]
    row_spread, column_spread = row * (1 - row), column * (1 - column)
    both = np.sqrt(row_spread * column_spread)
    phi = divide(share[..., :1, :1] - row * column, both)
    in_row, in_column = np.array([[1.0, 1], [0, 0]]), np.array([[1.0, 0], [1, 0]])
    by_row = divide(-column, both) - divide(phi * (1 - 2 * row), 2 * row_spread)
    by_column = divide(-row, both) - divide(phi * (1 - 2 * column), 2 * column_spread)
    slope = divide(np.array([[1.0, 0], [0, 0]]), both) + by_row * in_row + by_column * in_column
    mean = (share * slope).sum(axis=(-2, -1), keepdims=True)
    return divide(slope - mean, table.sum(axis=(-2, -1))[..., None, None])
