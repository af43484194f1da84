"""Rates of a classifier by its four counts, those that are no metric of the agreement table. It reads no data.

Each takes ``tp, fp, fn, tn``, numbers or arrays that broadcast, and gives NaN where it is undefined.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import BadRequest
from .chance import Array, divide

__all__ = [
    "balanced_accuracy",
    "bias_index",
    "diagnostic_odds_ratio",
    "f_beta",
    "false_discovery_rate",
    "false_negative_rate",
    "false_omission_rate",
    "false_positive_rate",
    "four",
    "fowlkes_mallows",
    "informedness",
    "jaccard",
    "likelihood_ratio_negative",
    "likelihood_ratio_positive",
    "markedness",
    "negative_agreement",
    "positive_agreement",
    "prevalence_index",
]

Counts = npt.ArrayLike


def four(*counts: Counts) -> list[Array]:
    """The counts as arrays; a negative one is refused, and NaN stays NaN.

    Examples
    --------
    >>> [float(count) for count in four(20, 180, 10, 1820)]
    [20.0, 180.0, 10.0, 1820.0]
    """
    try:
        found = [np.asarray(part, dtype=float) for part in counts]
    except (TypeError, ValueError):
        raise BadRequest("the counts are no numbers; give tp, fp, fn, tn") from None
    if any(np.any(part < 0) for part in found):
        raise BadRequest("a count is negative; counts are 0 or more")
    return found


def false_positive_rate(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of human negatives that auto switched on: fp / (fp + tn), or 1 - specificity.

    Examples
    --------
    >>> float(false_positive_rate(20, 180, 10, 1820))
    0.09
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fp, fp + tn)[()]


def false_negative_rate(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of human positives that auto missed: fn / (tp + fn), or 1 - recall.

    Examples
    --------
    >>> round(float(false_negative_rate(20, 180, 10, 1820)), 3)
    0.333
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fn, tp + fn)[()]


def false_discovery_rate(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of auto positives that are wrong: fp / (tp + fp), or 1 - precision.

    Examples
    --------
    >>> float(false_discovery_rate(20, 180, 10, 1820))
    0.9
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fp, tp + fp)[()]


def false_omission_rate(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of auto negatives that are wrong: fn / (fn + tn), or 1 - npv.

    Examples
    --------
    >>> round(float(false_omission_rate(20, 180, 10, 1820)), 4)
    0.0055
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fn, fn + tn)[()]


def likelihood_ratio_positive(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How much more often auto is on for human positives than for negatives: recall / false positive rate.

    Examples
    --------
    >>> round(float(likelihood_ratio_positive(20, 180, 10, 1820)), 2)
    7.41
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp * (fp + tn), fp * (tp + fn))[()]


def likelihood_ratio_negative(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How much more often auto is off for human positives than for negatives: false negative rate / specificity.

    Examples
    --------
    >>> round(float(likelihood_ratio_negative(20, 180, 10, 1820)), 3)
    0.366
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fn * (fp + tn), tn * (tp + fn))[()]


def diagnostic_odds_ratio(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The odds of auto being on for human positives over those for negatives: tp tn / (fp fn).

    Examples
    --------
    >>> round(float(diagnostic_odds_ratio(20, 180, 10, 1820)), 1)
    20.2
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp * tn, fp * fn)[()]


def balanced_accuracy(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The mean of recall and specificity.

    Examples
    --------
    >>> round(float(balanced_accuracy(20, 180, 10, 1820)), 4)
    0.7883
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return np.asarray((divide(tp, tp + fn) + divide(tn, tn + fp)) / 2)[()]


def informedness(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """Recall + specificity - 1, also Youden's J (1950, Cancer 3:32-35).

    Examples
    --------
    >>> round(float(informedness(20, 180, 10, 1820)), 4)
    0.5767
    """
    return 2 * balanced_accuracy(tp, fp, fn, tn) - 1


def markedness(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """Precision + negative predictive value - 1.

    Examples
    --------
    >>> round(float(markedness(20, 180, 10, 1820)), 4)
    0.0945
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return np.asarray(divide(tp, tp + fp) + divide(tn, tn + fn) - 1)[()]


def fowlkes_mallows(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The geometric mean of precision and recall (Fowlkes and Mallows 1983, JASA 78:553-569).

    Examples
    --------
    >>> round(float(fowlkes_mallows(20, 180, 10, 1820)), 4)
    0.2582
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return np.asarray(np.sqrt(divide(tp, tp + fp) * divide(tp, tp + fn)))[()]


def jaccard(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """What both switched on, of what either did: tp / (tp + fp + fn); also the threat score.

    Examples
    --------
    >>> round(float(jaccard(20, 180, 10, 1820)), 4)
    0.0952
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp, tp + fp + fn)[()]


def f_beta(tp: Counts, fp: Counts, fn: Counts, tn: Counts, beta: float = 1) -> Array:
    """The weighted harmonic mean of precision and recall, recall counting ``beta`` times as much.

    Notes
    -----
    van Rijsbergen (1979), Information Retrieval, chapter 7.

    Examples
    --------
    >>> round(float(f_beta(20, 180, 10, 1820, beta=2)), 4)
    0.3125
    """
    if not beta > 0:
        raise BadRequest(f"beta is {beta!r}; give a number above 0")
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    hits = (1 + beta**2) * tp
    return divide(hits, hits + beta**2 * fn + fp)[()]


def positive_agreement(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """Of what either switched on, the share in which they agree: 2 tp / (2 tp + fp + fn), which is F1.

    Notes
    -----
    Cicchetti and Feinstein (1990), Journal of Clinical Epidemiology 43:551-558.

    Examples
    --------
    >>> round(float(positive_agreement(40, 9, 6, 45)), 4)
    0.8421
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(2 * tp, 2 * tp + fp + fn)[()]


def negative_agreement(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """Of what either left off, the share in which they agree: 2 tn / (2 tn + fp + fn). See `positive_agreement`.

    Examples
    --------
    >>> round(float(negative_agreement(40, 9, 6, 45)), 4)
    0.8571
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(2 * tn, 2 * tn + fp + fn)[()]


def prevalence_index(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How far agreement on positives outweighs that on negatives: (tp - tn) / n; far from 0 it lowers kappa.

    Notes
    -----
    Byrt, Bishop and Carlin (1993), Journal of Clinical Epidemiology 46:423-429.

    Examples
    --------
    >>> float(prevalence_index(40, 9, 6, 45))
    -0.05
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp - tn, tp + fp + fn + tn)[()]


def bias_index(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How much more often auto switches on than a human does: (fp - fn) / n. See `prevalence_index`.

    Examples
    --------
    >>> float(bias_index(40, 9, 6, 45))
    0.03
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(fp - fn, tp + fp + fn + tn)[()]
