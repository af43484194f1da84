"""Two raters on one square table where near misses count as part agreement: weighted coefficients. It reads no data.

Each takes ``tp, fp, fn, tn`` or one square table of shape (..., k, k) as in `metrics`, and ``weights``: a name out of
`scales.WEIGHTS`, or a table of shape (k, k) with 1 on its diagonal. With the weights ``"identity"`` they are the plain
coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from ..chance import Array, Rule, divide, krippendorff, shares, square_tables
from ..chance import cohen as _cohen
from ..chance import gwet as _gwet
from ..chance import uniform as _uniform
from .scales import weights_of

__all__ = [
    "Weights",
    "bowker",
    "cohen_kappa_null_variance",
    "gwet_ac2",
    "gwet_ac2_variance",
    "scott_pi",
    "scott_pi_variance",
    "weighted_agreement",
    "weighted_alpha",
    "weighted_alpha_variance",
    "weighted_brennan_prediger",
    "weighted_brennan_prediger_variance",
    "weighted_kappa",
    "weighted_kappa_variance",
]

Weights = str | npt.ArrayLike
Values = Sequence[Any] | None


def weighted_agreement(*counts: npt.ArrayLike, weights: Weights = "linear", values: Values = None) -> Array:
    """The share of agreement, near misses counting as their weight says.

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (..., k, k).
    weights : str or array_like
        One of `scales.WEIGHTS`, or a table of shape (k, k).
    values : sequence, optional
        What the categories stand for, in order; 1, 2, 3 and so on unless given.

    Examples
    --------
    >>> round(float(weighted_agreement([[106, 10, 4], [22, 28, 10], [2, 12, 6]])), 3)
    0.835
    """
    table = square_tables(*counts)
    agreed: Array = (shares(table) * _weights(table, weights, values)).sum(axis=(-2, -1))
    return agreed[()]


def weighted_kappa(*counts: npt.ArrayLike, weights: Weights = "linear", values: Values = None) -> Array:
    """Cohen's weighted kappa. NaN where both sides say the same of everything.

    Arguments as for `weighted_agreement`.

    Notes
    -----
    Cohen (1968), Psychological Bulletin 70:213-220.

    Examples
    --------
    The table of Fleiss, Cohen and Everitt (1969), with their weights and without:

    >>> table = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
    >>> round(float(weighted_kappa(table, weights=[[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]])), 3)
    0.507
    >>> round(float(weighted_kappa(table, weights="identity")), 3)
    0.429
    """
    return _estimate(square_tables(*counts), _cohen, weights, values)


def weighted_kappa_variance(*counts: npt.ArrayLike, weights: Weights = "linear", values: Values = None) -> Array:
    """The large-sample variance of `weighted_kappa`.

    Notes
    -----
    Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72:323-327.

    Examples
    --------
    >>> table = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
    >>> round(float(weighted_kappa_variance(table, weights="identity")), 6)
    0.002885
    """
    return _variance(square_tables(*counts), _cohen, weights, values)


def cohen_kappa_null_variance(*counts: npt.ArrayLike, weights: Weights = "identity", values: Values = None) -> Array:
    """The large-sample variance of Cohen's kappa were there no agreement beyond chance: for a test, not an interval.

    Notes
    -----
    Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72:323-327.

    Examples
    --------
    >>> round(float(cohen_kappa_null_variance([[106, 10, 4], [22, 28, 10], [2, 12, 6]])), 6)
    0.003082
    """
    table = square_tables(*counts)
    near, share = _weights(table, weights, values), shares(table)
    by_chance = share.sum(axis=-1)[..., :, None] * share.sum(axis=-2)[..., None, :]
    expected, slope = _weighted(_cohen, share, near)
    spread = (by_chance * (near - slope) ** 2).sum(axis=(-2, -1)) - expected**2
    return divide(spread, table.sum(axis=(-2, -1)) * _room(expected) ** 2)[()]


def scott_pi(*counts: npt.ArrayLike, weights: Weights = "identity", values: Values = None) -> Array:
    """Scott's pi: chance is both values drawn from what the two raters used together. NaN where that is one value.

    Arguments as for `weighted_agreement`.

    Notes
    -----
    Scott (1955), Public Opinion Quarterly 19:321-325.

    Examples
    --------
    >>> round(float(scott_pi([[118, 5], [2, 0]])), 4)
    -0.0288
    """
    return _estimate(square_tables(*counts), krippendorff, weights, values)


def scott_pi_variance(*counts: npt.ArrayLike, weights: Weights = "identity", values: Values = None) -> Array:
    """The large-sample variance of `scott_pi` (Gwet 2014, Handbook of Inter-Rater Reliability).

    Examples
    --------
    >>> round(float(scott_pi_variance([[22, 2], [4, 11]])) ** 0.5, 6)
    0.124874
    """
    return _variance(square_tables(*counts), krippendorff, weights, values)


def gwet_ac2(*counts: npt.ArrayLike, weights: Weights = "quadratic", values: Values = None) -> Array:
    """Gwet's AC2 of two raters; with the weights ``"identity"`` it is AC1.

    Arguments as for `weighted_agreement`.

    Notes
    -----
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 4.

    Examples
    --------
    >>> table = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
    >>> round(float(gwet_ac2(table)), 4), round(float(gwet_ac2(table, weights="identity")), 4)
    (0.7953, 0.5936)
    """
    return _estimate(square_tables(*counts), _gwet, weights, values)


def gwet_ac2_variance(*counts: npt.ArrayLike, weights: Weights = "quadratic", values: Values = None) -> Array:
    """The large-sample variance of `gwet_ac2`.

    Examples
    --------
    >>> round(float(gwet_ac2_variance([[118, 5], [2, 0]], weights="identity")) ** 0.5, 6)
    0.022965
    """
    return _variance(square_tables(*counts), _gwet, weights, values)


def weighted_alpha(*counts: npt.ArrayLike, weights: Weights = "quadratic", values: Values = None) -> Array:
    """Krippendorff's alpha of two raters; ``"quadratic"`` weights are the scale interval, ``"identity"`` nominal.

    Arguments as for `weighted_agreement`. Other scales, and ratings that are missing: `krippendorff_alpha_of_ratings`.

    Examples
    --------
    >>> round(float(weighted_alpha([[22, 2], [4, 11]], weights="identity")), 2)
    0.67
    """
    table = square_tables(*counts)
    small = divide(1, 2 * table.sum(axis=(-2, -1)))
    return np.asarray(1 - (1 - small) * (1 - _estimate(table, krippendorff, weights, values)))[()]


def weighted_alpha_variance(*counts: npt.ArrayLike, weights: Weights = "quadratic", values: Values = None) -> Array:
    """The large-sample variance of `weighted_alpha`; that of `scott_pi` with the same weights.

    Examples
    --------
    >>> round(float(weighted_alpha_variance([[22, 2], [4, 11]], weights="identity")) ** 0.5, 6)
    0.124874
    """
    return _variance(square_tables(*counts), krippendorff, weights, values)


def weighted_brennan_prediger(*counts: npt.ArrayLike, weights: Weights = "linear", values: Values = None) -> Array:
    """Brennan and Prediger's kappa with weights: chance is the mean weight. Arguments as for `weighted_agreement`.

    Examples
    --------
    >>> round(float(weighted_brennan_prediger([[22, 2], [4, 11]], weights="identity")), 4)
    0.6923
    """
    return _estimate(square_tables(*counts), _uniform, weights, values)


def weighted_brennan_prediger_variance(
    *counts: npt.ArrayLike, weights: Weights = "linear", values: Values = None
) -> Array:
    """The large-sample variance of `weighted_brennan_prediger`.

    Examples
    --------
    >>> round(float(weighted_brennan_prediger_variance([[22, 2], [4, 11]], weights="identity")), 6)
    0.013352
    """
    return _variance(square_tables(*counts), _uniform, weights, values)


def bowker(*counts: npt.ArrayLike) -> tuple[float, float]:
    """Whether the two raters disagree the same way round: chi-square and p value. For two categories McNemar's test.

    Parameters
    ----------
    *counts : array_like
        ``tp, fp, fn, tn``, or one square table of shape (k, k).

    Returns
    -------
    statistic, p : float
        Without continuity correction. NaN where the two never disagree.

    Notes
    -----
    Bowker (1948), Journal of the American Statistical Association 43:572-574; McNemar (1947), Psychometrika 12:153-157.

    Examples
    --------
    >>> [round(part, 4) for part in bowker([[59, 6], [16, 80]])]
    [4.5455, 0.033]
    """
    table = square_tables(*counts)
    above = np.triu_indices(table.shape[-1], 1)
    one, other = table[above], table.T[above]
    met = one + other > 0
    statistic = float(np.sum((one[met] - other[met]) ** 2 / (one[met] + other[met])))
    freedom = int(met.sum())
    return (statistic, float(special.chdtrc(freedom, statistic))) if freedom else (np.nan, np.nan)


def _weights(table: Array, weights: Weights, values: Values) -> Array:
    return weights_of(weights, values or range(1, table.shape[-1] + 1))


def _weighted(rule: Rule, share: Array, near: Array) -> tuple[Array, Array]:
    """Chance agreement by a rule, near values counting as their weight says, and its slope in each cell."""
    rows, columns = share.sum(axis=-1), share.sum(axis=-2)
    if rule is _uniform:
        return np.full(rows.shape[:-1], near.mean()), np.zeros(share.shape)
    if rule is _gwet:
        chance, slope = rule(share)
        scale = near.sum() / len(near)
        return chance * scale, slope * scale
    if rule is krippendorff:
        rows = columns = (rows + columns) / 2
    # A cell adds to one share of the rows and one of the columns.
    to_row, to_column = columns @ near.T, rows @ near
    return (rows * to_row).sum(axis=-1), to_row[..., :, None] + to_column[..., None, :]


def _room(chance: Array) -> Array:
    return np.where(np.abs(1 - chance) < 1e-12, 0.0, 1 - chance)


def _estimate(table: Array, rule: Rule, weights: Weights, values: Values) -> Array:
    near, share = _weights(table, weights, values), shares(table)
    apart = (share * (1 - near)).sum(axis=(-2, -1))
    return np.asarray(1 - divide(apart, _room(_weighted(rule, share, near)[0])))[()]


def _variance(table: Array, rule: Rule, weights: Weights, values: Values) -> Array:
    """The delta method on ``1 - (1 - observed) / (1 - chance)``, as `chance.variance` without weights."""
    near, share = _weights(table, weights, values), shares(table)
    chance, slope = _weighted(rule, share, near)
    left = divide((share * (1 - near)).sum(axis=(-2, -1)), _room(chance))
    pull = near - left[..., None, None] * slope
    centred = pull - (share * pull).sum(axis=(-2, -1), keepdims=True)
    spread = (share * centred**2).sum(axis=(-2, -1))
    return divide(spread, table.sum(axis=(-2, -1)) * _room(chance) ** 2)[()]
