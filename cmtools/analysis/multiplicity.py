"""Many p values at once: how to read them so that chance alone is not called a finding. It tests nothing itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..errors import BadRequest
from .chance import Array

__all__ = [
    "ADJUSTMENTS",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bonferroni",
    "hochberg",
    "holm",
    "rejections",
    "sidak",
]


def bonferroni(p_values: npt.ArrayLike) -> Array:
    """P values times their number: call those at most q different, and the chance of any wrong call is at most q.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Examples
    --------
    >>> bonferroni([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.16, 0.12, 1.0]
    """
    return _adjusted(p_values, lambda p: p * p.size)


def holm(p_values: npt.ArrayLike) -> Array:
    """Holm's step-down form of Bonferroni's rule: the same promise, never a larger p value.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.09, 0.09, 0.5]
    """
    return _adjusted(p_values, lambda p: np.maximum.accumulate(p * np.arange(p.size, 0, -1)))


def hochberg(p_values: npt.ArrayLike) -> Array:
    """Hochberg's step-up form of Bonferroni's rule, for tests that do not depend on each other: never above `holm`.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Hochberg (1988), Biometrika 75:800-802.

    Examples
    --------
    >>> hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.08, 0.08, 0.5]
    """
    return _adjusted(p_values, lambda p: np.minimum.accumulate((p * np.arange(p.size, 0, -1))[::-1])[::-1])


def sidak(p_values: npt.ArrayLike) -> Array:
    """Sidak's rule, 1 - (1 - p)^m: what `bonferroni` bounds, exact for tests that do not depend on each other.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Sidak (1967), Journal of the American Statistical Association 62:626-633.

    Examples
    --------
    >>> sidak([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.0394, 0.1507, 0.1147, 0.9375]
    """
    with np.errstate(divide="ignore"):  # of a p value of 1 the logarithm is minus infinity, which is what is wanted
        return _adjusted(p_values, lambda p: -np.expm1(p.size * np.log1p(-p)))


def benjamini_hochberg(p_values: npt.ArrayLike) -> Array:
    """P values adjusted so that calling those below q different is wrong for a share of at most q of them.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    return _adjusted(p_values, _step_up)


def benjamini_yekutieli(p_values: npt.ArrayLike) -> Array:
    """As `benjamini_hochberg`, for tests that depend on each other in any way whatever; so it is stricter.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Benjamini and Yekutieli (2001), Annals of Statistics 29:1165-1188.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.0833, 0.1111, 0.1111, 1.0]
    """
    return _adjusted(p_values, lambda p: _step_up(p) * float(np.sum(1 / np.arange(1, p.size + 1))))


ADJUSTMENTS: dict[str, Callable[[npt.ArrayLike], Array]] = {
    function.__name__: function
    for function in (bonferroni, sidak, holm, hochberg, benjamini_hochberg, benjamini_yekutieli)
}
"""Every way to adjust p values, by name."""

_ALSO_CALLED = {
    "bh": "benjamini_hochberg",
    "fdr_bh": "benjamini_hochberg",
    "by": "benjamini_yekutieli",
    "fdr_by": "benjamini_yekutieli",
}


def rejections(p_values: npt.ArrayLike, q: float = 0.05, method: str = "benjamini_hochberg") -> int:
    """How many hypotheses are rejected: those with an adjusted p value of at most ``q``.

    Parameters
    ----------
    p_values : array_like
        NaN counts neither as a test nor as rejected.
    q : float
        The error that is allowed: the share of wrong calls (Benjamini), or any wrong call at all (the other methods).
    method : str
        A name out of `ADJUSTMENTS`; ``"bh"`` and ``"by"``, or ``"fdr_bh"`` and ``"fdr_by"``, are the Benjamini ones.

    Notes
    -----
    A p value that lies exactly on its bound is rejected, whatever rounding does to the product.

    Raises
    ------
    BadRequest
        When there is no such method, or ``q`` is no share.

    Examples
    --------
    The 25 diet variables of McDonald's Handbook of Biological Statistics; the book, which wants p values *below* their
    bound, counts 5, for the sixth lies on it:

    >>> p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34,
    ...      0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986]
    >>> rejections(p, 0.25), rejections(p, 0.05, "bonferroni")
    (6, 1)
    """
    method = _ALSO_CALLED.get(method, method)
    if method not in ADJUSTMENTS:
        raise BadRequest(f"there is no method {method!r}; there are {', '.join(ADJUSTMENTS)}")
    if not 0 < q < 1:
        raise BadRequest(f"q is {q!r}; give a share between 0 and 1, such as 0.05")
    return int(np.sum(ADJUSTMENTS[method](p_values) <= q * (1 + 1e-12)))


def _adjusted(p_values: npt.ArrayLike, rule: Callable[[Array], Array]) -> Array:
    """What a rule makes of the p values in rising order, each back in its own place and at most 1."""
    p = np.asarray(p_values, dtype=float)
    tested = np.flatnonzero(~np.isnan(p))
    if np.any((p.ravel()[tested] < 0) | (p.ravel()[tested] > 1)):
        raise BadRequest("a p value is below 0 or above 1")
    adjusted = np.full(p.size, np.nan)
    if tested.size:
        rising = tested[np.argsort(p.ravel()[tested], kind="stable")]
        adjusted[rising] = np.minimum(1, rule(p.ravel()[rising]))
    return adjusted.reshape(p.shape)


def _step_up(p: Array) -> Array:
    scaled = p * (p.size / np.arange(1, p.size + 1))
    return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])
