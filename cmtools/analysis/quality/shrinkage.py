"""Shares of several people drawn towards what they have in common, as far as chance explains how they differ.

It knows counts only. Few answers tell little of a person: the estimate then lies near that of all, and says so by its
interval, so that nobody stands first or last by luck.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from ..chance import Array, divide

_GRID = (np.arange(100) + 0.5) / 100
_DRAWS, _FEWEST_DRAWS, _AT_MOST = 9_999, 999, 1_000_000
_SMALL = 5.0


class Shrunk(NamedTuple):
    """The drawn estimates with their intervals: arrays with a place for each person."""

    estimate: Array
    low: Array
    high: Array


def shrunk(successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.95) -> Shrunk:
    """Each person's share by the beta-binomial model: people's true shares are draws from one beta distribution.

    Parameters
    ----------
    successes, trials : array_like, shape (n_people,)
        Counts, whole or not. Who has no trial gets the share of people in general.
    level : float
        Of the intervals.

    Returns
    -------
    Shrunk
        NaN for everybody where fewer than two have a trial: there is nobody to draw towards.

    Notes
    -----
    With ``theta ~ Beta(m M, (1 - m) M)`` and k of n successes the posterior is ``Beta(k + m M, n - k + (1 - m) M)``,
    whose mean draws the share k / n by ``B = M / (M + n)`` towards m. How alike people are, M, is not taken for known,
    which would make intervals too short where there are few people: the uniform shrinkage prior (B of who has fewest
    trials is as likely anywhere between 0 and 1; Christiansen and Morris 1997, Journal of the American
    Statistical Association 92:618-632; Daniels 1999, Canadian Journal of Statistics 27:567-578) is multiplied by the
    marginal likelihood of the counts (Griffiths 1973, Biometrics 29:637-648) and averaged over. For each M, m is
    Kleinman's weighted mean (1973, JASA 68:46-54), with half a success and half a failure more, and its variance is
    added. Intervals are those of the beta distribution with the resulting mean and variance.

    Examples
    --------
    Nine of ten who got 90 of 100 right, and one who got 3 of 5:

    >>> found = shrunk([90] * 9 + [3], [100] * 9 + [5])
    >>> found.estimate.round(2).tolist()[-2:], found.low.round(2).tolist()[-2:], found.high.round(2).tolist()[-2:]
    ([0.9, 0.89], [0.86, 0.83], [0.93, 0.94])
    """
    k, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    some = n > 0
    if some.sum() < 2:
        nothing = np.full(n.shape, np.nan)
        return Shrunk(nothing, nothing, nothing)
    alike = (max(n[some].min(), 1.0) * _GRID / (1 - _GRID))[:, None]
    weight = np.where(some, n * (alike + 1) / (alike + n), 0.0)  # n / (1 + (n - 1) / (M + 1)), Kleinman's
    whole = weight.sum(axis=1, keepdims=True)
    middle = ((weight * np.nan_to_num(divide(k, n))).sum(axis=1, keepdims=True) + 0.5) / (whole + 1)
    doubt = middle * (1 - middle) / (whole + 1)
    a, b = middle * alike, (1 - middle) * alike
    likelihood = (special.betaln(k + a, n - k + b) - special.betaln(a, b)).sum(axis=1) + 0.5 * np.log(doubt[:, 0])
    chance = np.exp(likelihood - likelihood.max())
    chance = (chance / chance.sum())[:, None]
    own = (k + a) / (n + alike)
    mean = (chance * own).sum(axis=0)
    inner = own * (1 - own) / (n + alike + 1) + (alike / (n + alike)) ** 2 * doubt
    variance = (chance * (inner + (own - mean) ** 2)).sum(axis=0)
    return Shrunk(mean, *_beta_interval(mean, variance, level))


def _beta_interval(mean: Array, variance: Array, level: float) -> tuple[Array, Array]:
    size = np.maximum(divide(mean * (1 - mean), variance) - 1, 1e-3)
    a, b = mean * size, (1 - mean) * size
    tail = (1 - level) / 2
    return np.asarray(special.betaincinv(a, b, tail)), np.asarray(special.betaincinv(a, b, 1 - tail))


class Alike(NamedTuple):
    """A test of whether all have one share: the statistic, its degrees of freedom, p value, and how p was found."""

    chi2: float
    df: int
    p: float
    method: str


def all_alike(successes: npt.ArrayLike, trials: npt.ArrayLike, effect: float = 1.0, seed: int = 0) -> Alike:
    """Pearson's test of whether several people have one and the same share.

    Parameters
    ----------
    successes, trials : array_like of int, shape (n_people,)
        Counts.
    effect : float
        The design effect: how much larger variances are than those of independent answers. The statistic is divided by
        it (Rao and Scott 1981, Journal of the American Statistical Association 76:221-230).
    seed : int
        Where fewer than five are expected somewhere, p is that among 9,999 random tables with the same margins
        (fewer tables for more than a hundred people).

    Returns
    -------
    Alike
        NaN where fewer than two have a trial; a p value of 1 where all succeeded, or nobody did.

    Examples
    --------
    >>> found = all_alike([90, 80, 85], [100, 100, 100])
    >>> round(found.chi2, 2), found.df, round(found.p, 3), found.method
    (3.92, 2, 0.141, 'chi2')
    """
    k, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    k, n = k[n > 0], n[n > 0]
    if len(n) < 2:
        return Alike(np.nan, 0, np.nan, "")
    df, share = len(n) - 1, k.sum() / n.sum()
    if share in (0, 1):
        return Alike(0.0, df, 1.0, "chi2")

    def statistic(found: Array) -> Array:
        return np.asarray(((found - n * share) ** 2 / n).sum(axis=-1) / (share * (1 - share)))

    chi2 = float(statistic(k))
    if effect > 1 or n.min() * min(share, 1 - share) >= _SMALL:
        chi2 /= max(effect, 1.0)
        return Alike(chi2, df, float(special.chdtrc(df, chi2)), "chi2" if effect <= 1 else "chi2_effective")
    draws = int(np.clip(_AT_MOST // len(n), _FEWEST_DRAWS, _DRAWS))
    generator = np.random.default_rng(seed)
    drawn = generator.multivariate_hypergeometric(n.astype(np.int64), round(k.sum()), size=draws, method="marginals")
    above = int((statistic(drawn.astype(float)) >= chi2 - 1e-9).sum())
    return Alike(chi2, df, (above + 1) / (draws + 1), "permutation")
