"""How good scores are: precision and recall by threshold, ROC, calibration, Brier. It draws no chart and reads no file.

The functions take plain lists: ``labels`` (1 or 0, true or false: what a human said) and ``scores`` of the same length
(higher means surer of 1). All of them work on `ScoreCounts`, which adds up, so that `scored` can do the same for any
number of decisions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import BadRequest
from ..chance import Array, divide
from .counts import ScoreCounts

__all__ = [
    "CalibrationBins",
    "PrecisionRecall",
    "Roc",
    "ScoreCounts",
    "average_precision",
    "brier_decomposition",
    "brier_score",
    "brier_two_category",
    "calibration_bins",
    "expected_calibration_error",
    "hanley_mcneil_variance",
    "interpolated_precision",
    "log_loss",
    "maximum_calibration_error",
    "precision_at",
    "precision_recall_curve",
    "r_precision",
    "roc_auc",
    "roc_auc_variance",
    "roc_curve",
    "root_mean_square_calibration_error",
]

Labels = npt.ArrayLike
Scores = npt.ArrayLike


class PrecisionRecall(NamedTuple):
    """Precision and recall of calling everything from a threshold on positive; the highest threshold first."""

    threshold: Array
    precision: Array
    recall: Array


class Roc(NamedTuple):
    """False and true positive rate of each threshold; the highest first, after one that nothing reaches."""

    threshold: Array
    false_positive_rate: Array
    true_positive_rate: Array


class CalibrationBins(NamedTuple):
    """For each bin that is not empty: number of items, mean score, and the share of them that is positive."""

    n: Array
    score: Array
    share: Array


def brier_score(labels: Labels, scores: Scores) -> float:
    """The mean squared distance of scores, read as probabilities, from what came true: 0 is perfect, 1 the worst.

    Parameters
    ----------
    labels : list of {0, 1}
        What came true.
    scores : list of float
        The probability that was given to 1.

    Returns
    -------
    float
        NaN where there is nothing.

    Notes
    -----
    Half of the score in Brier (1950), Monthly Weather Review 78:1-3, which sums over both categories:
    `brier_two_category`.

    Examples
    --------
    >>> round(brier_score([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 4)
    0.0375
    """
    said, score = _pair(labels, scores, probabilities=True)
    return float(np.mean((score - said) ** 2)) if said.size else math.nan


def brier_two_category(labels: Labels, scores: Scores) -> float:
    """Brier's score as he printed it, the sum over both categories: twice `brier_score`.

    Notes
    -----
    Brier (1950), Monthly Weather Review 78:1-3.

    Examples
    --------
    Ten forecasts of rain, from that paper:

    >>> round(brier_two_category([0, 1, 1, 1, 0, 0, 0, 0, 0, 0], [0.7, 0.9, 0.8, 0.4, 0.2, 0, 0, 0, 0, 0.1]), 4)
    0.19
    """
    return 2 * brier_score(labels, scores)


def brier_decomposition(labels: Labels, scores: Scores) -> tuple[float, float, float]:
    """Reliability, resolution and uncertainty, with `brier_score` = reliability - resolution + uncertainty.

    Items with the same score make a group.

    Notes
    -----
    Murphy (1973), Journal of Applied Meteorology 12:595-600.

    Examples
    --------
    >>> parts = brier_decomposition([0, 1, 1, 1, 0, 0, 0, 0, 0, 0], [0.7, 0.9, 0.8, 0.4, 0.2, 0, 0, 0, 0, 0.1])
    >>> [round(part, 4) for part in parts]
    [0.095, 0.21, 0.21]
    """
    counts = _counts(labels, scores, probabilities=True)
    share = divide(counts.positives, counts.n)
    base = divide(counts.positives.sum(), counts.n.sum())
    reliability = divide(np.sum(counts.n * (counts.mean - share) ** 2), counts.n.sum())
    resolution = divide(np.sum(counts.n * (share - base) ** 2), counts.n.sum())
    return float(reliability), float(resolution), float(base * (1 - base))


def log_loss(labels: Labels, scores: Scores) -> float:
    """The mean of minus the logarithm of the probability given to what came true; infinite where that was zero once.

    Examples
    --------
    >>> round(log_loss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]), 5)
    0.21616
    """
    said, score = _pair(labels, scores, probabilities=True)
    given = np.where(said == 1, score, 1 - score)
    if not said.size:
        return math.nan
    return math.inf if np.any(given == 0) else float(-np.mean(np.log(given)))


def precision_recall_curve(labels: Labels, scores: Scores) -> PrecisionRecall:
    """Precision and recall at every score that occurs, everything from that score on being called positive.

    Returns
    -------
    PrecisionRecall
        Three arrays, the highest threshold first. Recall is NaN where nothing is positive.

    Examples
    --------
    >>> curve = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.threshold.tolist(), curve.recall.tolist()
    ([0.8, 0.4, 0.35, 0.1], [0.5, 0.5, 1.0, 1.0])
    """
    counts = _counts(labels, scores)
    hits, calls = counts.reached
    return PrecisionRecall(counts.least[::-1], divide(hits, calls), divide(hits, counts.positives.sum()))


def average_precision(labels: Labels, scores: Scores) -> float:
    """The mean over positives of the precision at the threshold that first reaches them. NaN where none is positive.

    Equal scores are reached together. Nothing is interpolated.

    Notes
    -----
    Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, section 8.4.

    Examples
    --------
    The first ranking of exercise 8.4 in that book:

    >>> ranking = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    >>> round(average_precision([1, 0, 1, 0, 0, 0, 0, 0, 1, 1], ranking), 4)
    0.6
    """
    return _counts(labels, scores).average_precision


def interpolated_precision(labels: Labels, scores: Scores, recall: npt.ArrayLike | None = None) -> list[float]:
    """The best precision at this recall or any higher one, at eleven levels of recall unless others are given.

    Notes
    -----
    Manning, Raghavan and Schütze (2008), section 8.4: the eleven-point interpolated precision.

    Examples
    --------
    >>> interpolated_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], [0.5, 0.6])
    [1.0, 0.6666666666666666]
    """
    curve = precision_recall_curve(labels, scores)
    levels = np.linspace(0, 1, 11) if recall is None else np.asarray(recall, dtype=float)
    if not curve.recall.size or np.isnan(curve.recall).any():
        return [math.nan] * len(levels)
    best = np.maximum.accumulate(curve.precision[::-1])[::-1]
    place = np.searchsorted(curve.recall, levels - 1e-12)
    return [float(value) for value in np.append(best, 0.0)[place]]


def precision_at(labels: Labels, scores: Scores, k: int) -> float:
    """The share of positives among the k highest scores. Equal scores keep the order in which they are listed.

    Examples
    --------
    >>> precision_at([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], 3)
    0.6666666666666666
    """
    said, score = _pair(labels, scores)
    if isinstance(k, bool) or k != int(k) or not 1 <= k <= max(said.size, 1):
        raise BadRequest(f"k is {k!r}; give a whole number from 1 to the {said.size} items there are")
    return float(np.mean(said[np.argsort(-score, kind="stable")[:k]])) if said.size else math.nan


def r_precision(labels: Labels, scores: Scores) -> float:
    """The share of positives among as many of the highest scores as there are positives. NaN where none is.

    Examples
    --------
    >>> r_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6])
    0.5
    """
    positives = int(_pair(labels, scores)[0].sum())
    return precision_at(labels, scores, positives) if positives else math.nan


def roc_curve(labels: Labels, scores: Scores) -> Roc:
    """The false and the true positive rate at every score that occurs; from (0, 0) to (1, 1).

    Examples
    --------
    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.false_positive_rate.tolist(), curve.true_positive_rate.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    counts = _counts(labels, scores)
    hits, calls = (np.append(0, part) for part in counts.reached)
    false, true = divide(calls - hits, counts.negatives.sum()), divide(hits, counts.positives.sum())
    return Roc(np.append(math.inf, counts.least[::-1]), false, true)


def roc_auc(labels: Labels, scores: Scores) -> float:
    """The chance that a positive has a higher score than a negative, ties counting half. NaN where either is lacking.

    Notes
    -----
    Hanley and McNeil (1982), Radiology 143:29-36.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return _counts(labels, scores).roc_auc


def roc_auc_variance(labels: Labels, scores: Scores) -> float:
    """The estimated variance of `roc_auc`. NaN with fewer than two positives or two negatives.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837-845; it assumes no shape of the scores.

    Examples
    --------
    >>> round(roc_auc_variance([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
    0.125
    """
    return _counts(labels, scores).roc_auc_variance


def hanley_mcneil_variance(area: float, positives: float, negatives: float) -> float:
    """The variance of an area under the ROC curve that is known or hoped for, out of the numbers of items alone.

    Notes
    -----
    Hanley and McNeil (1982), Radiology 143:29-36, for scores that fall off exponentially. Where scores are at hand take
    `roc_auc_variance`.

    Examples
    --------
    Their 51 abnormal and 58 normal images, whose error is printed there as .032:

    >>> round(hanley_mcneil_variance(0.8932, 51, 58) ** 0.5, 3)
    0.032
    """
    if not (0 <= area <= 1 and positives >= 1 and negatives >= 1):
        raise BadRequest("an area is within 0 and 1, and there is at least one positive and one negative")
    two_positives, two_negatives = area / (2 - area), 2 * area**2 / (1 + area)
    more = (positives - 1) * (two_positives - area**2) + (negatives - 1) * (two_negatives - area**2)
    return (area * (1 - area) + more) / (positives * negatives)


def calibration_bins(labels: Labels, scores: Scores, bins: int = 10, by: str = "width") -> CalibrationBins:
    """Items in bins of their score, each with its mean score and the share that is positive.

    Parameters
    ----------
    labels : list of {0, 1}
    scores : list of float
        Probabilities, within [0, 1].
    bins : int
        How many bins there are; empty ones are left out.
    by : {"width", "count"}
        Whether bins are as wide as each other, from 0 to 1 (a bin holds its lower edge, the last both), or hold as many
        items as each other, as far as equal scores allow.

    Examples
    --------
    >>> found = calibration_bins([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 2)
    >>> found.n.tolist(), found.score.round(4).tolist(), found.share.tolist()
    ([2.0, 3.0], [0.25, 0.6833], [0.0, 1.0])
    """
    merged = _counts(labels, scores, probabilities=True).merged(bins, by)
    return CalibrationBins(merged.n, merged.mean, divide(merged.positives, merged.n))


def expected_calibration_error(labels: Labels, scores: Scores, bins: int = 10, by: str = "width") -> float:
    """The mean distance, over items, of a bin's share of positives from its mean score.

    Parameters
    ----------
    labels, scores, bins, by
        As for `calibration_bins`.

    Notes
    -----
    Naeini, Cooper and Hauskrecht (2015), Proceedings of AAAI, 2901-2907.

    Examples
    --------
    >>> round(expected_calibration_error([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 2), 4)
    0.29
    """
    return _counts(labels, scores, probabilities=True).merged(bins, by).calibration_error(1)


def maximum_calibration_error(labels: Labels, scores: Scores, bins: int = 10, by: str = "width") -> float:
    """The largest distance of a bin's share of positives from its mean score.

    Examples
    --------
    >>> round(maximum_calibration_error([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 2), 4)
    0.3167
    """
    return _counts(labels, scores, probabilities=True).merged(bins, by).calibration_error(math.inf)


def root_mean_square_calibration_error(labels: Labels, scores: Scores, bins: int = 10, by: str = "width") -> float:
    """The root of the mean squared distance, over items, of a bin's share of positives from its mean score.

    Examples
    --------
    >>> round(root_mean_square_calibration_error([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 2), 4)
    0.2918
    """
    return _counts(labels, scores, probabilities=True).merged(bins, by).calibration_error(2)


def _pair(labels: Labels, scores: Scores, probabilities: bool = False) -> tuple[Array, Array]:
    said, score = np.asarray(labels, dtype=float), np.asarray(scores, dtype=float)
    if said.shape != score.shape or said.ndim != 1:
        raise BadRequest(f"labels and scores must be two lists of one length; they have {said.shape}, {score.shape}")
    if not np.all((said == 0) | (said == 1)):
        raise BadRequest("a label is neither 0 nor 1 (false nor true)")
    if np.isnan(score).any():
        raise BadRequest("a score is missing; leave out what has none")
    if probabilities and np.any((score < 0) | (score > 1)):
        raise BadRequest("a score is below 0 or above 1, and so no probability")
    return said, score


def _counts(labels: Labels, scores: Scores, probabilities: bool = False) -> ScoreCounts:
    return ScoreCounts.of(*_pair(labels, scores, probabilities))
