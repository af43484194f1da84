"""How many items to draw, and how many from each stratum. It draws nothing and estimates nothing."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ...errors import BadRequest
from ..chance import Array, divide
from ..intervals import z_value

Numbers = npt.ArrayLike


def sample_size(
    population: float | None = None, margin: float = 0.05, proportion: float = 0.5, level: float = 0.95
) -> int:
    """How many items to draw so that a proportion is known to within a margin.

    Parameters
    ----------
    population : float, optional
        How many items there are; so many that it does not matter, unless given.
    margin : float
        How far the estimate may be off, as a share: 0.05 is five points to either side.
    proportion : float
        What the proportion is expected to be; 0.5, the worst case, unless known better.
    level : float
        The confidence level, between 0 and 1.

    Notes
    -----
    Cochran (1977), section 4.4: n0 = z² p (1 - p) / margin², and n0 / (1 + (n0 - 1) / N) of a finite population.

    Examples
    --------
    >>> sample_size(), sample_size(2000)
    (385, 323)
    """
    if not 0 < proportion < 1:
        raise BadRequest(f"proportion is {proportion!r}; give a share between 0 and 1, such as 0.5")
    return _draws(proportion * (1 - proportion), margin, level, population)


def sample_size_mean(deviation: float, margin: float, population: float | None = None, level: float = 0.95) -> int:
    """How many items to draw so that a mean is known to within a margin.

    Parameters
    ----------
    deviation : float
        The standard deviation of the values.
    margin : float
        How far the estimate may be off, in the unit of the values.
    population : float, optional
        How many items there are; so many that it does not matter, unless given.
    level : float
        The confidence level, between 0 and 1.

    Notes
    -----
    Cochran (1977), section 4.6.

    Examples
    --------
    >>> sample_size_mean(15, 2), sample_size_mean(15, 2, population=500)
    (217, 152)
    """
    if not deviation > 0:
        raise BadRequest(f"deviation is {deviation!r}; give a number above 0")
    return _draws(deviation**2, margin, level, population)


def proportional_allocation(sizes: Numbers, total: int) -> list[int]:
    """A sample of so many shared out over strata by their sizes.

    Parameters
    ----------
    sizes : list of float
        How many items each stratum has.
    total : int
        How many to draw in all; at most as many as there are.

    Returns
    -------
    list of int
        They add up to ``total``: largest remainders are rounded up. No stratum is asked for more than it has.

    Examples
    --------
    >>> proportional_allocation([155, 62, 93], 40)
    [20, 8, 12]
    """
    return _allocated(np.asarray(sizes, dtype=float), np.asarray(sizes, dtype=float), total)


def neyman_allocation(sizes: Numbers, deviations: Numbers, total: int, *, costs: Numbers | None = None) -> list[int]:
    """A sample of so many shared out over strata so that the estimated mean varies least.

    Parameters
    ----------
    sizes : list of float
        How many items each stratum has.
    deviations : list of float
        The standard deviation within each stratum.
    total : int
        How many to draw in all.
    costs : list of float, optional
        What one item of each stratum costs; alike unless given.

    Returns
    -------
    list of int
        They add up to ``total``. A stratum that would be asked for more than it has is drawn whole.

    Notes
    -----
    Neyman (1934), Journal of the Royal Statistical Society 97:558-625; with costs Cochran (1977), section 5.5.

    Examples
    --------
    >>> neyman_allocation([155, 62, 93], [5, 15, 10], 40)
    [12, 14, 14]
    """
    sizes_, spread = np.asarray(sizes, dtype=float), np.asarray(deviations, dtype=float)
    price = np.ones(sizes_.shape) if costs is None else np.asarray(costs, dtype=float)
    if not sizes_.shape == spread.shape == price.shape:
        raise BadRequest("sizes, deviations and costs must have one entry for each stratum")
    if np.any(spread < 0) or np.any(price <= 0):
        raise BadRequest("a standard deviation is below 0, or a cost not above 0")
    return _allocated(sizes_, sizes_ * spread / np.sqrt(price), total)


def _draws(variance: float, margin: float, level: float, population: float | None) -> int:
    if not margin > 0:
        raise BadRequest(f"margin is {margin!r}; give a number above 0, such as 0.05")
    if population is not None and not population >= 1:
        raise BadRequest(f"population is {population!r}; give how many items there are, or None for any number")
    wanted = variance * (z_value(level) / margin) ** 2
    if population is not None:
        wanted = wanted / (1 + (wanted - 1) / population)
    # What is whole but for rounding needs no further item; of none nothing is known.
    whole = max(1, math.ceil(round(wanted, 9)))
    return whole if population is None else min(whole, math.ceil(population))


def _allocated(sizes: Array, pull: Array, total: int) -> list[int]:
    """So many items shared out by ``pull``, at most ``sizes`` each, rounded by largest remainder."""
    if isinstance(total, bool) or total != int(total) or not 0 <= total <= np.floor(sizes).sum():
        raise BadRequest(f"total is {total!r}; give a whole number of at most the {sizes.sum():,.0f} items there are")
    room = np.floor(sizes)
    given, full = np.zeros(sizes.shape), np.zeros(sizes.shape, dtype=bool)
    while True:
        rest = total - room[full].sum()
        open_pull = np.where(full, 0, pull if pull[~full].sum() > 0 else room)
        given = np.where(full, room, rest * divide(open_pull, np.full(sizes.shape, open_pull.sum())))
        given = np.nan_to_num(given)
        over = ~full & (given > room)
        if not over.any():
            break
        full |= over
    whole = np.floor(given + 1e-9)
    order = np.argsort(-np.where(whole < room, given - whole, -1), kind="stable")
    whole[order[: round(total - whole.sum())]] += 1
    return [int(part) for part in whole]
