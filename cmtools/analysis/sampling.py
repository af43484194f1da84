"""Estimates from drawn samples: strata, unequal chances, and how many to draw. It draws nothing and reads no table.

Every function takes plain numbers and lists and gives plain numbers and lists. A list has one entry for each stratum,
or for each draw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import BadRequest
from .chance import Array, divide
from .plans.allocation import neyman_allocation, proportional_allocation, sample_size, sample_size_mean

__all__ = [
    "hansen_hurwitz_total",
    "hansen_hurwitz_variance",
    "horvitz_thompson_total",
    "horvitz_thompson_variance",
    "inclusion_probabilities",
    "neyman_allocation",
    "proportional_allocation",
    "sample_size",
    "sample_size_mean",
    "stratified_mean",
    "stratified_proportion",
    "stratified_total",
    "stratified_total_variance",
    "stratified_variance",
]

Numbers = npt.ArrayLike


def stratified_mean(sizes: Numbers, samples: Numbers, means: Numbers, variances: Numbers | None = None) -> float:
    """The mean of a population, from a random sample of each of its strata.

    Parameters
    ----------
    sizes : list of float
        How many items each stratum has.
    samples : list of float
        How many of them were drawn, without replacement.
    means : list of float
        The mean of each stratum's sample.
    variances : list of float, optional
        Not needed here; taken so that the functions of strata are all called alike.

    Returns
    -------
    float
        NaN where a stratum that has items has no sample, or there are no items.

    Notes
    -----
    Cochran (1977), Sampling Techniques, 3rd edition, section 5.3.

    Examples
    --------
    The households that watch a show, in two towns and the country around (Scheaffer, Mendenhall and Ott):

    >>> variances = [0.1684210526, 0.2142857143, 0.2727272727]
    >>> round(stratified_mean([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5], variances), 4)
    0.6
    """
    share, _, means_, _ = _strata(sizes, samples, means, variances)
    return float(np.sum(_weighted(share, means_))) if share.size else math.nan


def stratified_proportion(
    sizes: Numbers, samples: Numbers, proportions: Numbers, variances: Numbers | None = None
) -> float:
    """The share of a population that has a property, from a random sample of each of its strata.

    It is `stratified_mean` of zeros and ones.

    Raises
    ------
    BadRequest
        When a proportion is below 0 or above 1.

    Examples
    --------
    >>> round(stratified_proportion([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5]), 4)
    0.6
    """
    _check_proportions(np.asarray(proportions, dtype=float))
    return stratified_mean(sizes, samples, proportions, variances)


def stratified_total(sizes: Numbers, samples: Numbers, means: Numbers, variances: Numbers | None = None) -> float:
    """The total of a population, from a random sample of each of its strata: `stratified_mean` times its size.

    Examples
    --------
    >>> round(stratified_total([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5]), 4)
    186.0
    """
    return stratified_mean(sizes, samples, means, variances) * float(np.sum(np.asarray(sizes, dtype=float)))


def stratified_variance(
    sizes: Numbers, samples: Numbers, means: Numbers, variances: Numbers | None = None, *, fpc: bool = True
) -> float:
    """The estimated variance of `stratified_mean` (and of `stratified_proportion`).

    Parameters
    ----------
    sizes, samples, means : list of float
        As for `stratified_mean`.
    variances : list of float, optional
        The variance of each stratum's sample, with ``samples - 1`` below. Without them the means are taken as
        proportions p, whose variance is p (1 - p) n / (n - 1).
    fpc : bool
        Whether to count that a sample without replacement knows part of its stratum for certain.

    Returns
    -------
    float
        NaN where a stratum's variance cannot be told, as from a single draw.

    Notes
    -----
    Cochran (1977), section 5.4: the sum over strata of W² (1 - n / N) s² / n.

    Examples
    --------
    >>> variances = [0.1684210526, 0.2142857143, 0.2727272727]
    >>> round(stratified_variance([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5], variances), 7)
    0.0045483
    """
    share, samples_, means_, spread = _strata(sizes, samples, means, variances)
    if not share.size:
        return math.nan
    if spread is None:
        _check_proportions(means_)
        spread = divide(means_ * (1 - means_) * samples_, samples_ - 1)
    left = 1 - divide(samples_, np.asarray(sizes, dtype=float)) if fpc else np.ones(share.shape)
    # A stratum that was drawn whole is known, even where it is of one item only.
    return float(np.sum(np.where(left == 0, 0, _weighted(share**2, left * divide(spread, samples_)))))


def stratified_total_variance(
    sizes: Numbers, samples: Numbers, means: Numbers, variances: Numbers | None = None, *, fpc: bool = True
) -> float:
    """The estimated variance of `stratified_total`: that of the mean, times the population's size squared.

    Examples
    --------
    >>> variances = [0.1684210526, 0.2142857143, 0.2727272727]
    >>> round(stratified_total_variance([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5], variances), 2)
    437.09
    """
    size = float(np.sum(np.asarray(sizes, dtype=float)))
    return stratified_variance(sizes, samples, means, variances, fpc=fpc) * size**2


def hansen_hurwitz_total(probabilities: Numbers, values: Numbers, draws: int | None = None) -> float:
    """The total of a population, from draws with replacement by unequal chances.

    Parameters
    ----------
    probabilities : list of float
        The chance of each drawn item to be taken at one draw. An item that was drawn twice is listed twice.
    values : list of float
        The value of each drawn item.
    draws : int, optional
        How many draws there were: as many as are listed, which is checked.

    Notes
    -----
    Hansen and Hurwitz (1943), Annals of Mathematical Statistics 14:333-362: the mean of value / probability.

    Examples
    --------
    Three draws, an exercise in Thompson's Sampling:

    >>> round(hansen_hurwitz_total([0.06, 0.2, 0.1], [3, 10, 7], 3), 2)
    56.67
    """
    expanded = _expanded(probabilities, values, draws)
    return float(np.mean(expanded)) if expanded.size else math.nan


def hansen_hurwitz_variance(probabilities: Numbers, values: Numbers, draws: int | None = None) -> float:
    """The estimated variance of `hansen_hurwitz_total`. NaN with fewer than two draws.

    Examples
    --------
    >>> round(hansen_hurwitz_variance([0.06, 0.2, 0.1], [3, 10, 7], 3), 2)
    44.44
    """
    expanded = _expanded(probabilities, values, draws)
    return float(np.var(expanded, ddof=1)) / expanded.size if expanded.size > 1 else math.nan


def inclusion_probabilities(probabilities: Numbers, draws: int) -> list[float]:
    """The chance of each item to be drawn at least once in so many draws with replacement: 1 - (1 - p)^draws.

    Examples
    --------
    >>> [round(chance, 4) for chance in inclusion_probabilities([0.06, 0.2, 0.1], 3)]
    [0.1694, 0.488, 0.271]
    """
    return [float(chance) for chance in _inclusion(_chances(probabilities), draws)]


def horvitz_thompson_total(
    probabilities: Numbers, values: Numbers, draws: int | None = None, *, units: Sequence[object] | None = None
) -> float:
    """The total of a population, from the distinct items of a sample with unequal chances.

    Parameters
    ----------
    probabilities : list of float
        The chance of each item to be taken at one draw; or, without ``draws``, to be in the sample at all.
    values : list of float
        The value of each item.
    draws : int, optional
        How many draws with replacement there were.
    units : list, optional
        Which item each entry is. An item that comes twice counts once; without this every entry is an item of its own.

    Notes
    -----
    Horvitz and Thompson (1952), Journal of the American Statistical Association 47:663-685: the sum of
    value / inclusion probability.

    Examples
    --------
    >>> round(horvitz_thompson_total([0.06, 0.2, 0.1], [3, 10, 7], 3), 2)
    64.03
    """
    chances, amounts = _distinct(probabilities, values, units)
    inclusion = chances if draws is None else _inclusion(chances, draws)
    return float(np.sum(amounts / inclusion)) if amounts.size else math.nan


def horvitz_thompson_variance(
    probabilities: Numbers, values: Numbers, draws: int | None = None, *, units: Sequence[object] | None = None
) -> float:
    """The estimated variance of `horvitz_thompson_total`; it is unbiased, and can be negative in a small sample.

    Without ``draws`` every item was in the sample or not independently of the others (Poisson sampling).

    Examples
    --------
    >>> round(horvitz_thompson_variance([0.06, 0.2, 0.1], [3, 10, 7], 3), 2)
    62.46
    >>> round(horvitz_thompson_variance([0.5, 0.5], [3, 1]), 2)
    20.0
    """
    chances, amounts = _distinct(probabilities, values, units)
    if not amounts.size:
        return math.nan
    if draws is None:
        return float(np.sum((1 - chances) * (amounts / chances) ** 2))
    inclusion = _inclusion(chances, draws)
    neither = np.clip(1 - chances[:, None] - chances[None, :], 0, None) ** draws
    both = inclusion[:, None] + inclusion[None, :] - (1 - neither)
    np.fill_diagonal(both, inclusion)
    factor = 1 / np.outer(inclusion, inclusion) - divide(1, np.where(both > 0, both, 0))
    return float(amounts @ factor @ amounts)


def _strata(
    sizes: Numbers, samples: Numbers, means: Numbers, variances: Numbers | None
) -> tuple[Array, Array, Array, Array | None]:
    """Shares of the population, samples, means and variances as arrays, checked."""
    parts = [np.asarray(part, dtype=float) for part in (sizes, samples, means)]
    spread = None if variances is None else np.asarray(variances, dtype=float)
    if len({part.shape for part in [*parts, *([] if spread is None else [spread])]}) > 1 or parts[0].ndim != 1:
        raise BadRequest("sizes, samples, means and variances must have one entry for each stratum")
    if np.any(parts[0] < 0) or np.any(parts[1] < 0) or np.any(parts[1] > parts[0]):
        raise BadRequest("a stratum's sample is larger than the stratum, or below 0")
    unseen = (parts[1] == 0) & (parts[0] > 0)
    share = divide(parts[0], np.full(parts[0].shape, parts[0].sum()))
    return share, parts[1], np.where(unseen, np.nan, parts[2]), spread


def _weighted(share: Array, values: Array) -> Array:
    """Their product; nothing where the share is none, whatever the value."""
    return np.where(share == 0, 0, share * values)


def _check_proportions(proportions: Array) -> None:
    if np.any((proportions < 0) | (proportions > 1)):
        raise BadRequest("a proportion is below 0 or above 1")


def _chances(probabilities: Numbers) -> Array:
    chances = np.asarray(probabilities, dtype=float).ravel()
    if not np.all((chances > 0) & (chances <= 1)):
        raise BadRequest("a probability is not above 0, or above 1")
    return chances


def _expanded(probabilities: Numbers, values: Numbers, draws: int | None) -> Array:
    """What each draw says the total is."""
    chances, amounts = _distinct(probabilities, values, None)
    if draws is not None and draws != chances.size:
        raise BadRequest(f"there were {draws} draws, but {chances.size} are listed; list each, repeated items too")
    return amounts / chances


def _distinct(probabilities: Numbers, values: Numbers, units: Sequence[object] | None) -> tuple[Array, Array]:
    """Chances and values, each item once."""
    chances, amounts = _chances(probabilities), np.asarray(values, dtype=float).ravel()
    if chances.shape != amounts.shape or (units is not None and len(units) != chances.size):
        raise BadRequest("probabilities, values and units must be of one length")
    if units is None:
        return chances, amounts
    first = list({unit: place for place, unit in reversed(list(enumerate(units)))}.values())
    return chances[sorted(first)], amounts[sorted(first)]


def _inclusion(chances: Array, draws: int) -> Array:
    if isinstance(draws, bool) or draws != int(draws) or draws < 1:
        raise BadRequest(f"draws is {draws!r}; give a whole number, 1 or more")
    return np.asarray(1 - (1 - chances) ** draws)
