"""Whether a count or a share drifts: limits of control charts, and which points leave them. It draws no chart.

Every function takes plain lists, one entry for each period, and gives the centre line and the limits that points of a
process which does not change stay within: by three standard errors, 997 times of a thousand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from ..errors import BadRequest
from .chance import Array, divide

RUN = 8
"""So many points in a row on one side of the centre are a signal too (Montgomery, Introduction to SQC, section 5.3)."""

_MEAN_RANGE = 1.128
"""The mean distance of two standard normal deviates, 2 / sqrt(pi), to the digits that control charts are drawn with."""

_SPREAD_OF_RANGES = 0.826
"""The variance of the deviation that a mean moving range tells, times the number of ranges, for deviates of 1."""

__all__ = [
    "RUN",
    "Limits",
    "c_chart",
    "dispersion",
    "laney_p_chart",
    "laney_sigma",
    "laney_u_chart",
    "np_chart",
    "p_chart",
    "signals",
    "u_chart",
]


class Limits(NamedTuple):
    """The centre line, and the lower and the upper limit: numbers, or arrays where sizes differ from period to period.

    NaN where there is nothing.
    """

    centre: float
    low: Any
    high: Any


def c_chart(counts: npt.ArrayLike, sigmas: float = 3) -> Limits:
    """Limits for counts of events over periods as large as each other.

    Parameters
    ----------
    counts : list of float
        Events of each period.
    sigmas : float
        How many standard errors the limits lie from the centre.

    Notes
    -----
    NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.3.1: mean plus and minus 3 times its root.

    Examples
    --------
    The defects of 25 wafers in that section:

    >>> wafers = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]
    >>> c_chart(wafers)
    Limits(centre=16.0, low=4.0, high=28.0)
    """
    events = _counts(counts)
    centre = float(divide(events.sum(), events.size))
    return _limits(centre, np.sqrt(centre), sigmas)


def u_chart(counts: npt.ArrayLike, sizes: npt.ArrayLike, sigmas: float = 3) -> Limits:
    """Limits for events per unit, over periods of any size.

    Parameters
    ----------
    counts : list of float
        Events of each period.
    sizes : list of float or float
        How many units each period has; one number where all have as many.
    sigmas : float
        How many standard errors the limits lie from the centre.

    Notes
    -----
    Montgomery, Introduction to Statistical Quality Control, section 7.3.

    Examples
    --------
    >>> centre, low, high = u_chart([12, 8, 10], [4, 5, 6])
    >>> centre, low.round(4).tolist(), high.round(4).tolist()
    (2.0, [0.0, 0.1026, 0.2679], [4.1213, 3.8974, 3.7321])
    """
    events, units = _counts(counts), _sizes(counts, sizes)
    centre = float(divide(events.sum(), np.broadcast_to(units, events.shape).sum()))
    return _limits(centre, np.sqrt(divide(centre, units)), sigmas)


def p_chart(counts: npt.ArrayLike, sizes: npt.ArrayLike, sigmas: float = 3) -> Limits:
    """Limits for shares, over periods of any size.

    Parameters
    ----------
    counts : list of float
        Items of each period that have the property.
    sizes : list of float or float
        Items of each period; one number where all have as many.
    sigmas : float
        How many standard errors the limits lie from the centre.

    Notes
    -----
    NIST/SEMATECH e-Handbook, section 6.3.3.2.

    Examples
    --------
    The 30 wafers of 50 chips in that section, where the limits are .0524 and .4102:

    >>> chips = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13,
    ...          9, 6]
    >>> [round(float(value), 4) for value in p_chart(chips, 50)]
    [0.2313, 0.0524, 0.4102]
    """
    centre, error = _share(counts, sizes)
    return _limits(centre, error, sigmas, 1.0)


def np_chart(counts: npt.ArrayLike, size: float, sigmas: float = 3) -> Limits:
    """Limits for the number of items that have a property, over periods of as many items each.

    Examples
    --------
    >>> [round(float(value), 3) for value in np_chart([4, 6, 5, 7, 3], 100)]
    [5.0, 0.0, 11.538]
    """
    if np.ndim(size):
        raise BadRequest("np_chart takes one size for all periods; where sizes differ, p_chart draws shares")
    centre, error = _share(counts, size)
    return _limits(centre * size, error * size, sigmas, float(size))


def laney_p_chart(counts: npt.ArrayLike, sizes: npt.ArrayLike, sigmas: float = 3) -> Limits:
    """Limits for shares that vary from period to period by more than chance, as those of large periods mostly do.

    Parameters
    ----------
    counts, sizes, sigmas
        As for `p_chart`.

    Notes
    -----
    The p' chart of Laney (2002), Quality Engineering 14:531-537: the limits of `p_chart`, `laney_sigma` times as wide.

    Examples
    --------
    >>> counts, sizes = [4000, 4200, 4100, 3900, 4300], [100000, 100000, 105000, 98000, 102000]
    >>> p_chart(counts, sizes).high.round(4).tolist()
    [0.0425, 0.0425, 0.0424, 0.0425, 0.0424]
    >>> laney_p_chart(counts, sizes).high.round(4).tolist()
    [0.046, 0.046, 0.0459, 0.0461, 0.046]
    """
    centre, error = _share(counts, sizes)
    return _limits(centre, error * laney_sigma(counts, sizes), sigmas, 1.0)


def laney_u_chart(counts: npt.ArrayLike, sizes: npt.ArrayLike, sigmas: float = 3) -> Limits:
    """Limits for events per unit that vary from period to period by more than chance: the u' chart.

    Examples
    --------
    >>> round(float(laney_u_chart([40, 60, 40, 60], [10, 10, 10, 10]).high[0]), 4)
    10.3191
    """
    events, units = _counts(counts), np.broadcast_to(_sizes(counts, sizes), np.shape(counts))
    centre = float(divide(events.sum(), units.sum()))
    error = np.sqrt(divide(centre, units))
    return _limits(centre, error * _moving(divide(divide(events, units) - centre, error)), sigmas)


def laney_sigma(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> float:
    """How many times as much shares vary from one period to the next as chance alone would make them: Laney's sigma z.

    NaN with fewer than two periods that have items.

    Examples
    --------
    >>> round(laney_sigma([4000, 4200, 4100, 3900, 4300], [100000, 100000, 105000, 98000, 102000]), 3)
    2.896
    """
    return _moving(_deviates(counts, sizes))


def dispersion(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> tuple[float, float]:
    """Whether shares vary from one period to the next by more than chance: the variance ratio, and its p value.

    The ratio, `laney_sigma` squared, is 1 where chance explains all of it. It looks at neighbours, so that a lasting
    change of level, which a chart is there to show, hardly hides itself in wider limits.

    Parameters
    ----------
    counts, sizes
        As for `p_chart`.

    Returns
    -------
    ratio, p : float
        NaN with fewer than three periods that have items.

    Notes
    -----
    The p value is that of a chi-square with as much spread as the mean moving range of normal deviates: Cryer and Ryan
    (1990), Journal of Quality Technology 22:187-192.

    Examples
    --------
    >>> ratio, p = dispersion([4000, 4200, 4100, 3900, 4300], [100000, 100000, 105000, 98000, 102000])
    >>> round(ratio, 2), round(p, 4)
    (8.38, 0.0001)
    """
    deviates = _deviates(counts, sizes)
    pairs = int((~np.isnan(deviates)).sum()) - 1
    if pairs < 2:
        return np.nan, np.nan
    ratio = _moving(deviates) ** 2
    freedom = pairs / (2 * _SPREAD_OF_RANGES)
    return ratio, float(special.gammaincc(freedom / 2, ratio * freedom / 2))


def signals(values: npt.ArrayLike, limits: Limits, run: int = RUN) -> list[str]:
    """What each point of a chart says: ``above`` or ``below`` a limit, part of a ``run`` on one side, or nothing.

    Parameters
    ----------
    values : list of float
        The points: counts or shares, whatever the limits are of. NaN, a period without items, says nothing.
    limits : Limits
        The centre line and limits.
    run : int
        How many points in a row on one side of the centre make a run; it is told from the point that completes it.

    Examples
    --------
    >>> signals([5, 1, 9, 6, 6, 6], Limits(5, 2, 8), run=4)
    ['', 'below', 'above', '', '', 'run']
    """
    points = np.asarray(values, dtype=float)
    side = np.sign(np.nan_to_num(points - limits.centre))
    starts = np.append(True, side[1:] != side[:-1])
    since = np.arange(points.size) - np.maximum.accumulate(np.where(starts, np.arange(points.size), 0))[: points.size]
    said = np.where((since + 1 >= run) & (side != 0), "run", "")
    said = np.where(points > limits.high, "above", np.where(points < limits.low, "below", said))
    return [str(word) for word in said]


def _counts(counts: npt.ArrayLike) -> Array:
    events = np.asarray(counts, dtype=float)
    if events.ndim != 1 or np.any(events < 0) or np.isnan(events).any():
        raise BadRequest("counts must be one list of numbers, none below 0")
    return events


def _sizes(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> Array:
    units = np.asarray(sizes, dtype=float)
    if units.ndim and units.shape != np.shape(counts):
        raise BadRequest(f"there are {np.size(counts)} counts, but {units.size} sizes")
    if np.any(units < 0) or np.isnan(units).any():
        raise BadRequest("a size is below 0, or missing")
    return units


def _share(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> tuple[float, Array]:
    """The share over all periods, and its standard error in each."""
    events, units = _counts(counts), _sizes(counts, sizes)
    if np.any(events > units):
        raise BadRequest("a count is larger than its size")
    centre = float(divide(events.sum(), np.broadcast_to(units, events.shape).sum()))
    return centre, np.sqrt(divide(centre * (1 - centre), units))


def _deviates(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> Array:
    """How many standard errors each share lies from that of all periods."""
    centre, error = _share(counts, sizes)
    return divide(divide(_counts(counts), _sizes(counts, sizes)) - centre, error)


def _moving(deviates: Array) -> float:
    """The standard deviation that the mean distance of neighbours tells."""
    known = deviates[~np.isnan(deviates)]
    return float(np.mean(np.abs(np.diff(known))) / _MEAN_RANGE) if known.size > 1 else np.nan


def _limits(centre: float, error: npt.ArrayLike, sigmas: float, highest: float = np.inf) -> Limits:
    if not sigmas > 0:
        raise BadRequest(f"sigmas is {sigmas!r}; give a number above 0, such as 3")
    reach = sigmas * np.asarray(error, dtype=float)
    low, high = np.clip(centre - reach, 0, highest), np.clip(centre + reach, 0, highest)
    return Limits(centre, low, high) if reach.ndim else Limits(centre, float(low), float(high))
