"""Intervals and variances, vectorised over arrays of counts. Which metric takes which is said in `metrics`.

Every interval here treats the decisions as independent draws; `cells.design` makes them hold where they are not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import chance
from .chance import Array, divide, square_tables
from .multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    hochberg,
    holm,
    rejections,
    sidak,
)
from .proportions import (
    Bounds,
    agresti_coull,
    clopper_pearson,
    jeffreys,
    normal,
    wald,
    wilson,
    wilson_continuity,
    z_value,
)
from .ratings import square
from .ratings.square import (
    cohen_kappa_null_variance,
    gwet_ac2_variance,
    scott_pi_variance,
    weighted_alpha_variance,
    weighted_brennan_prediger_variance,
    weighted_kappa_variance,
)
from .ratings.tables import error_of_counts, refuse_unlike

__all__ = [
    "Bounds",
    "agresti_coull",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bonferroni",
    "brennan_prediger_variance",
    "clopper_pearson",
    "cohen_kappa_null_variance",
    "cohen_kappa_se",
    "cohen_kappa_variance",
    "difference",
    "difference_of_proportions",
    "fleiss_kappa_se",
    "gwet_ac1_se",
    "gwet_ac1_variance",
    "gwet_ac2_variance",
    "hochberg",
    "holm",
    "jeffreys",
    "krippendorff_alpha_se",
    "krippendorff_alpha_variance",
    "mcc_at_edge",
    "mcc_gradient",
    "mcc_variance",
    "normal",
    "rejections",
    "scott_pi_variance",
    "sidak",
    "wald",
    "weighted_alpha_variance",
    "weighted_brennan_prediger_variance",
    "weighted_kappa_variance",
    "wilson",
    "wilson_continuity",
    "z_value",
]


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


def mcc_at_edge(tp: Array, fp: Array, fn: Array, tn: Array, agreed: Array) -> Array:
    """A bound of the correlation where auto and human agree always or never; kappa's, which is never further from zero.

    "Never" is "always" with the auto tag turned round.

    Examples
    --------
    >>> [round(float(part), 4) for part in mcc_at_edge(*np.array([[5.0], [0], [0], [5]]), np.array([0.8]))]
    [0.6]
    """
    opposite = -chance.corrected(square_tables(fn, tn, tp, fp), 1 - agreed, chance.cohen)
    return np.where(fp + fn == 0, chance.corrected(square_tables(tp, fp, fn, tn), agreed, chance.cohen), opposite)


def cohen_kappa_se(*counts: npt.ArrayLike, weights: square.Weights | None = None) -> Array:
    """The standard error of Cohen's kappa: the root of `cohen_kappa_variance`, arguments as there.

    Examples
    --------
    >>> round(float(cohen_kappa_se([[106, 10, 4], [22, 28, 10], [2, 12, 6]])), 4)
    0.0537
    """
    return np.asarray(np.sqrt(cohen_kappa_variance(*counts, weights=weights)))[()]


def gwet_ac1_se(*counts: npt.ArrayLike) -> Array:
    """The standard error of Gwet's AC1: the root of `gwet_ac1_variance`, arguments as there.

    Of several raters it is `metrics.error_of_ratings` ``("gwet_ac1", ratings)``.

    Examples
    --------
    >>> round(float(gwet_ac1_se([[118, 5], [2, 0]])), 6)
    0.022965
    """
    return np.asarray(np.sqrt(gwet_ac1_variance(*counts)))[()]


def krippendorff_alpha_se(*counts: npt.ArrayLike) -> Array:
    """The standard error of alpha of two raters: the root of `krippendorff_alpha_variance`, arguments as there.

    Of several raters it is `metrics.error_of_ratings` ``("krippendorff_alpha", ratings)``.

    Examples
    --------
    >>> round(float(krippendorff_alpha_se([[22, 2], [4, 11]])), 6)
    0.124874
    """
    return np.asarray(np.sqrt(krippendorff_alpha_variance(*counts)))[()]


def fleiss_kappa_se(counts: npt.ArrayLike) -> float:
    """The standard error of Fleiss' kappa over items, of a row per item with a count per category.

    Where ratings are missing it is `metrics.error_of_counts` ``("fleiss_kappa", counts)``. Of ratings it is
    `metrics.error_of_ratings` ``("fleiss_kappa", ratings)``.

    Notes
    -----
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 5: for an interval. The error of Fleiss
    (1971) holds only where there is no agreement beyond chance.

    Examples
    --------
    >>> round(fleiss_kappa_se([[3, 0], [2, 1], [0, 3]]), 4)
    0.4649
    """
    refuse_unlike(counts)
    return error_of_counts("fleiss_kappa", counts)
