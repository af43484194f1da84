"""Intervals of a proportion, vectorised over arrays of counts, and the normal one of anything. It reads no data.

Which metric takes which is said in `metrics`; `intervals` has the variances, and offers all of these under its name.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy import special

from ..errors import BadRequest
from .chance import Array, divide

__all__ = [
    "Bounds",
    "agresti_coull",
    "clopper_pearson",
    "jeffreys",
    "normal",
    "wald",
    "wilson",
    "wilson_continuity",
    "z_value",
]

Bounds = tuple[Array, Array]

_CRUMB = 1e-9


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
    k, n = _checked(successes, trials)
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
    k, n = _checked(successes, trials)
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
    k, n = _checked(successes, trials)
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
    k, n = _checked(successes, trials)
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
    k, n = _checked(successes, trials)
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
    k, n = _checked(successes, trials)
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


def _checked(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Array, Array]:
    """The counts as arrays of one shape. Weighted ones may be over their trials by a crumb of rounding."""
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    wrong = (k < 0) | (n < 0) | (k > n * (1 + _CRUMB))
    if np.any(wrong):
        first = np.argmax(np.ravel(wrong))
        some, of = float(np.ravel(k)[first]), float(np.ravel(n)[first])
        raise BadRequest(
            f"there are no {some:g} successes out of {of:g} trials; give 0 or more, and no more than trials"
        )
    return k, n
