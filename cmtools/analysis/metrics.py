"""The metrics: one function each, over counts where human is the truth and auto the prediction. No data is read here.

Each takes ``tp, fp, fn, tn``, numbers or arrays of any shapes that broadcast, and gives NaN where it is undefined.
`percent_agreement` and the chance-corrected coefficients also take one square table of shape (..., k, k), for more than
two categories; ratings go to the functions that end in `_of_ratings`, counts per item to those in `_of_counts`. A new
metric is one more function with its decorator: tables, charts and reports then show it.

Standard errors: `intervals.cohen_kappa_variance`, the like of the other coefficients, and `error_of_ratings` of several
raters.

What stands in `__all__` besides is plain functions of their own modules: rates of a classifier (`rates`), weighted
coefficients and several raters (`ratings`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import chance
from .chance import Array, divide, observed, square_tables
from .intervals import mcc_at_edge, mcc_gradient
from .measure import METRICS, Share, Smooth, chance_corrected, flat, metric
from .rates import (
    Counts,
    balanced_accuracy,
    bias_index,
    diagnostic_odds_ratio,
    f_beta,
    false_discovery_rate,
    false_negative_rate,
    false_omission_rate,
    false_positive_rate,
    four,
    fowlkes_mallows,
    informedness,
    jaccard,
    likelihood_ratio_negative,
    likelihood_ratio_positive,
    markedness,
    negative_agreement,
    positive_agreement,
    prevalence_index,
)
from .ratings import square
from .ratings.dawid_skene import dawid_skene
from .ratings.square import (
    bowker,
    gwet_ac2,
    scott_pi,
    weighted_agreement,
    weighted_alpha,
    weighted_brennan_prediger,
    weighted_kappa,
)
from .ratings.tables import (
    brennan_prediger_of_counts,
    brennan_prediger_of_ratings,
    conger_kappa,
    error_of_counts,
    error_of_ratings,
    fleiss_kappa,
    fleiss_kappa_of_counts,
    fleiss_kappa_of_ratings,
    gwet_ac1_of_counts,
    gwet_ac1_of_ratings,
    krippendorff_alpha_of_counts,
    krippendorff_alpha_of_ratings,
    percent_agreement_of_counts,
    percent_agreement_of_ratings,
    subject_category_counts,
)

HEADLINE = ("percent_agreement", "precision", "recall", "f1", "cohen_kappa", "gwet_ac1")
"""The metrics that summaries and reports show unless told otherwise."""

__all__ = [
    "HEADLINE",
    "METRICS",
    "balanced_accuracy",
    "bias_index",
    "bowker",
    "brennan_prediger",
    "brennan_prediger_of_counts",
    "brennan_prediger_of_ratings",
    "cohen_kappa",
    "conger_kappa",
    "dawid_skene",
    "diagnostic_odds_ratio",
    "error_of_counts",
    "error_of_ratings",
    "f1",
    "f_beta",
    "false_discovery_rate",
    "false_negative_rate",
    "false_omission_rate",
    "false_positive_rate",
    "fleiss_kappa",
    "fleiss_kappa_of_counts",
    "fleiss_kappa_of_ratings",
    "fowlkes_mallows",
    "gwet_ac1",
    "gwet_ac1_of_counts",
    "gwet_ac1_of_ratings",
    "gwet_ac2",
    "informedness",
    "jaccard",
    "krippendorff_alpha",
    "krippendorff_alpha_of_counts",
    "krippendorff_alpha_of_ratings",
    "likelihood_ratio_negative",
    "likelihood_ratio_positive",
    "markedness",
    "mcc",
    "negative_agreement",
    "npv",
    "percent_agreement",
    "percent_agreement_of_counts",
    "percent_agreement_of_ratings",
    "positive_agreement",
    "precision",
    "prevalence_auto",
    "prevalence_human",
    "prevalence_index",
    "recall",
    "scott_pi",
    "specificity",
    "subject_category_counts",
    "weighted_agreement",
    "weighted_alpha",
    "weighted_brennan_prediger",
    "weighted_kappa",
]


@metric(
    "Percent agreement",
    Share(lambda c: (c.tp + c.tn, c.n)),
    meaning="share of all decisions in which auto and human tag are the same",
    source="(tp + tn) / n",
)
def percent_agreement(*counts: npt.ArrayLike) -> Array:
    """The share of decisions in which both say the same: (tp + tn) / n.

    Examples
    --------
    >>> float(percent_agreement(40, 9, 6, 45))
    0.85
    """
    return observed(square_tables(*counts, of_ratings="percent_agreement_of_ratings"))


@metric(
    "Precision",
    Share(lambda c: (c.tp, c.tp + c.fp), "no_predicted_positives"),
    meaning="of the tags that auto switched on, the share that a human switched on too",
    source="tp / (tp + fp)",
)
def precision(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of auto positives that are right: tp / (tp + fp). Also called positive predictive value.

    Examples
    --------
    >>> float(precision(20, 180, 10, 1820))
    0.1
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp, tp + fp)


@metric(
    "Recall",
    Share(lambda c: (c.tp, c.positives), "no_positives"),
    meaning="of the tags that a human switched on, the share that auto had on",
    source="tp / (tp + fn)",
    of_unflagged=True,
)
def recall(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of human positives that auto found: tp / (tp + fn). Also called sensitivity.

    Examples
    --------
    >>> round(float(recall(20, 180, 10, 1820)), 3)
    0.667
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp, tp + fn)


@metric(
    "Specificity",
    Share(lambda c: (c.tn, c.negatives), "no_negatives"),
    meaning="of the tags that a human left off, the share that auto had off",
    source="tn / (tn + fp)",
    of_unflagged=True,
)
def specificity(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of human negatives that auto left alone: tn / (tn + fp).

    Examples
    --------
    >>> float(specificity(20, 180, 10, 1820))
    0.91
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tn, tn + fp)


@metric(
    "Negative predictive value",
    Share(lambda c: (c.tn, c.tn + c.fn), "no_predicted_negatives"),
    meaning="of the tags that auto left off, the share that a human left off too",
    source="tn / (tn + fn)",
)
def npv(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The share of auto negatives that are right: tn / (tn + fn).

    Examples
    --------
    >>> round(float(npv(20, 180, 10, 1820)), 4)
    0.9945
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tn, tn + fn)


@metric(
    "F1",
    Share(
        lambda c: (c.tp, c.tp + c.fp + c.fn),
        "no_positives",
        transform=lambda jaccard: 2 * jaccard / (1 + jaccard),
        rests_on=lambda c: c.positives,
    ),
    meaning="harmonic mean of precision and recall",
    source="2 tp / (2 tp + fp + fn); van Rijsbergen (1979), Information Retrieval, ch. 7",
    of_unflagged=True,
)
def f1(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """The harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn).

    It is ``2 j / (1 + j)`` of the proportion ``j = tp / (tp + fp + fn)``, so it takes that proportion's interval over.

    Examples
    --------
    >>> round(float(f1(20, 180, 10, 1820)), 3)
    0.174
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(2 * tp, 2 * tp + fp + fn)


@metric(
    "Prevalence, auto",
    Share(lambda c: (c.tp + c.fp, c.n)),
    meaning="share of decisions in which the auto tag is on",
    source="(tp + fp) / n",
)
def prevalence_auto(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How often the auto tag is on: (tp + fp) / n.

    Examples
    --------
    >>> float(prevalence_auto(40, 9, 6, 45))
    0.49
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp + fp, tp + fp + fn + tn)


@metric(
    "Prevalence, human",
    Share(lambda c: (c.positives, c.n)),
    meaning="share of decisions in which the human tag is on",
    source="(tp + fn) / n",
)
def prevalence_human(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """How often the human tag is on: (tp + fn) / n.

    Examples
    --------
    >>> float(prevalence_human(40, 9, 6, 45))
    0.46
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    return divide(tp + fn, tp + fp + fn + tn)


@metric(
    "Cohen's kappa",
    chance_corrected(chance.cohen, rests_on=lambda c: c.rarer, degenerate=lambda c: c.one_class_on_a_side),
    meaning="agreement beyond chance, chance being two raters who keep each to their own share of positives",
    source="Cohen (1960), Educ Psychol Meas 20:37-46; error: Fleiss, Cohen & Everitt (1969), Psychol Bull 72:323-327",
    of_unflagged=True,
)
def cohen_kappa(*counts: npt.ArrayLike, weights: square.Weights | None = None) -> Array:
    """Cohen's kappa. NaN where both sides say the same of everything, for then chance agrees always too.

    Where one side alone never varies it is zero whatever the other does, and flagged ``single_class``. With ``weights``
    (``"linear"``, ``"quadratic"``, any of `scales.WEIGHTS` or a table) near misses count too: `weighted_kappa`.

    Examples
    --------
    >>> table = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
    >>> round(float(cohen_kappa(table)), 3), round(float(cohen_kappa(table, weights="linear")), 3)
    (0.429, 0.492)
    """
    if weights is None:
        return chance.coefficient(square_tables(*counts, of_ratings="conger_kappa"), chance.cohen)
    return square.weighted_kappa(*counts, weights=weights)


@metric(
    "Gwet's AC1",
    chance_corrected(chance.gwet, rests_on=lambda c: c.n, degenerate=lambda c: c.one_class),
    meaning="agreement beyond chance, chance being guesses on what is hard to tell; steady where a tag is rare",
    source="Gwet (2008), Br J Math Stat Psychol 61:29-48",
    of_unflagged=True,
)
def gwet_ac1(*counts: npt.ArrayLike) -> Array:
    """Gwet's AC1. It is 1 where both sides say the same of everything, and then flagged ``single_class``.

    Examples
    --------
    >>> round(float(gwet_ac1([[118, 5], [2, 0]])), 5)
    0.94078
    """
    return chance.coefficient(square_tables(*counts, of_ratings="gwet_ac1_of_ratings"), chance.gwet)


@metric(
    "Krippendorff's alpha",
    chance_corrected(chance.krippendorff, rests_on=lambda c: c.rarer, degenerate=lambda c: c.one_class),
    meaning="agreement beyond chance, chance being both values drawn from what the two used together",
    source="Krippendorff (1980), Content Analysis; error: Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.",
    of_unflagged=True,
)
def krippendorff_alpha(*counts: npt.ArrayLike) -> Array:
    """Krippendorff's alpha for nominal values and two raters, neither of whom is missing.

    Examples
    --------
    The twelve units of Ben and Gerry (Krippendorff 2011, section B), as a table:

    >>> units = [[1, 1, 0, 1, 0], [0, 2, 0, 0, 0], [0, 0, 3, 0, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 1]]
    >>> round(float(krippendorff_alpha(units)), 3)
    0.692
    """
    return chance.coefficient(square_tables(*counts, of_ratings="krippendorff_alpha_of_ratings"), chance.krippendorff)


@metric(
    "Brennan-Prediger kappa",
    Share(lambda c: (c.tp + c.tn, c.n), transform=lambda agreed: 2 * agreed - 1),
    meaning="agreement beyond chance, chance being one half",
    source="2 (tp + tn) / n - 1; Brennan & Prediger (1981), Educ Psychol Meas 41:687-699",
)
def brennan_prediger(*counts: npt.ArrayLike) -> Array:
    """Brennan and Prediger's kappa: chance is one over the number of categories.

    Examples
    --------
    >>> round(float(brennan_prediger(40, 9, 6, 45)), 3)
    0.7
    """
    return chance.coefficient(square_tables(*counts, of_ratings="brennan_prediger_of_ratings"), chance.uniform)


@metric(
    "Matthews correlation",
    Smooth(
        slopes=lambda c: flat(mcc_gradient(*c[:4])),
        at_edge=lambda c, agreed: mcc_at_edge(*c[:4], agreed),
        rests_on=lambda c: c.rarer,
        degenerate=lambda c: c.one_class_on_a_side,
        method="delta",
    ),
    meaning="correlation of auto and human tag",
    source="Matthews (1975), Biochim Biophys Acta 405:442-451; error: Bishop, Fienberg & Holland (1975), sec. 11.3",
    of_unflagged=True,
)
def mcc(tp: Counts, fp: Counts, fn: Counts, tn: Counts) -> Array:
    """Matthews' correlation coefficient, the phi of the 2 x 2 table. NaN where either side never varies.

    Examples
    --------
    >>> round(float(mcc(40, 9, 6, 45)), 4)
    0.7008
    """
    tp, fp, fn, tn = four(tp, fp, fn, tn)
    # In pairs, so that perfect agreement gives whole roots, and 1 rather than nearly 1.
    spread = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    return divide(tp * tn - fp * fn, spread)
