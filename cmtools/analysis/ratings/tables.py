"""Agreement of several raters out of plain tables of ratings, or of counts. Tables of many slices are in `raters`.

Ratings have a row per rater and a column per item, None or NaN where a rater did not rate an item; counts have a row
per item and a column per value, and say how many raters gave it. All give one number, NaN where it is undefined.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import BadRequest
from ..chance import Array
from .coefficients import COEFFICIENTS, estimate, variance
from .patterns import Patterns, of_counts, of_ratings
from .scales import distances, weights_of

Weights = str | npt.ArrayLike

__all__ = [
    "brennan_prediger_of_counts",
    "brennan_prediger_of_ratings",
    "conger_kappa",
    "error_of_counts",
    "error_of_ratings",
    "fleiss_kappa",
    "fleiss_kappa_of_counts",
    "fleiss_kappa_of_ratings",
    "gwet_ac1_of_counts",
    "gwet_ac1_of_ratings",
    "krippendorff_alpha_of_counts",
    "krippendorff_alpha_of_ratings",
    "percent_agreement_of_counts",
    "percent_agreement_of_ratings",
    "refuse_unlike",
    "subject_category_counts",
]


def _of_ratings(name: str, ratings: Any, weights: Weights, values: Sequence[Any] | None) -> float:
    patterns, known = of_ratings(ratings, values)
    return float(estimate(name, patterns, weights_of(weights, known))[0])


def _of_counts(name: str, counts: npt.ArrayLike, weights: Weights, values: Sequence[Any] | None) -> float:
    patterns, known = _counted(counts, values)
    return float(estimate(name, patterns, weights_of(weights, known))[0])


def _counted(counts: npt.ArrayLike, values: Sequence[Any] | None) -> tuple[Patterns, list[Any]]:
    patterns = of_counts(counts)
    known = list(range(1, patterns.n_values + 1)) if values is None else list(values)
    if len(known) != patterns.n_values:
        raise BadRequest(f"there are {len(known)} values, but the counts have {patterns.n_values} columns")
    return patterns, known


def _alpha_weights(scale: str, patterns: Patterns, known: Sequence[Any]) -> Array:
    counts = patterns.counts
    paired = patterns.times * (counts.sum(axis=1) >= 2)
    return 1 - distances(scale, known, paired @ counts)


def subject_category_counts(ratings: Any, values: Sequence[Any] | None = None) -> list[list[int]]:
    """How many raters gave each value, a row per item in their order: what the functions of counts take.

    Parameters
    ----------
    ratings : array_like, shape (n_raters, n_items)
        None or NaN where a rater did not rate an item.
    values : sequence, optional
        The columns; the values that occur, sorted, unless given.

    Examples
    --------
    >>> subject_category_counts([["a", "b", None], ["a", "c", "c"]])
    [[2, 0, 0], [0, 1, 1], [0, 0, 1]]
    """
    rows = [[None if value is None or value != value else value for value in row] for row in ratings]
    known = (
        list(values) if values is not None else sorted({value for row in rows for value in row if value is not None})
    )
    return [[sum(said == value for said in item) for value in known] for item in zip(*rows, strict=True)]


def percent_agreement_of_ratings(
    ratings: Any, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """The share of pairs of raters who say the same of an item, its mean over the items with two ratings or more.

    Parameters
    ----------
    ratings : array_like, shape (n_raters, n_items)
        None or NaN where a rater did not rate an item.
    weights : str or array_like
        How much near values agree: one of `scales.WEIGHTS`, or a table of them.
    values : sequence, optional
        All values there can be, in order; those that occur, sorted, unless given.

    Examples
    --------
    >>> percent_agreement_of_ratings([[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]])
    0.8333333333333333
    """
    return _of_ratings("percent_agreement", ratings, weights, values)


def fleiss_kappa_of_ratings(ratings: Any, weights: Weights = "identity", values: Sequence[Any] | None = None) -> float:
    """Fleiss' kappa, in Gwet's form that lets ratings be missing. Arguments as for `percent_agreement_of_ratings`.

    Notes
    -----
    Fleiss (1971), Psychological Bulletin 76:378-382; Gwet (2014), Handbook, 4th ed., section 2.

    Examples
    --------
    >>> round(fleiss_kappa_of_ratings([[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]]), 4)
    0.7447
    """
    return _of_ratings("fleiss_kappa", ratings, weights, values)


def conger_kappa(ratings: Any, weights: Weights = "identity", values: Sequence[Any] | None = None) -> float:
    """Conger's kappa: Cohen's for several raters, each of whom keeps to shares of his own; for two it is Cohen's.

    Arguments as for `percent_agreement_of_ratings`. Who said what matters, so counts are not enough;
    a table of them looks like one of ratings, and cannot be refused.

    Notes
    -----
    Conger (1980), Psychological Bulletin 88:322-328; Gwet (2014), Handbook, 4th ed., for missing ratings.

    Examples
    --------
    >>> round(conger_kappa([[0, 0, 1, 1, 1], [0, 1, 1, 1, 1]]), 4)
    0.5455
    """
    return _of_ratings("conger_kappa", ratings, weights, values)


def gwet_ac1_of_ratings(ratings: Any, weights: Weights = "identity", values: Sequence[Any] | None = None) -> float:
    """Gwet's AC1 of several raters; AC2 with any weights but ``"identity"``.

    Arguments as for `percent_agreement_of_ratings`.

    Notes
    -----
    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61:29-48.

    Examples
    --------
    >>> round(gwet_ac1_of_ratings([[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]]), 4)
    0.7526
    >>> round(gwet_ac1_of_ratings([[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]], weights="quadratic"), 4)
    0.88
    """
    return _of_ratings("gwet_ac1", ratings, weights, values)


def brennan_prediger_of_ratings(
    ratings: Any, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """Brennan and Prediger's kappa of several raters: chance is one over the number of values.

    Arguments as for `percent_agreement_of_ratings`; so ``values`` that nobody used count too.

    Notes
    -----
    Brennan and Prediger (1981), Educational and Psychological Measurement 41:687-699; also Randolph's free-marginal
    kappa.

    Examples
    --------
    >>> round(brennan_prediger_of_ratings([[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]]), 4)
    0.75
    """
    return _of_ratings("brennan_prediger", ratings, weights, values)


def krippendorff_alpha_of_ratings(ratings: Any, scale: str = "nominal", values: Sequence[Any] | None = None) -> float:
    """Krippendorff's alpha of any number of raters, ratings missing or not.

    Parameters
    ----------
    ratings : array_like, shape (n_raters, n_items)
        None or NaN where a rater did not rate an item.
    scale : {"nominal", "ordinal", "interval", "ratio"}
        What may be said of the values: only whether they are the same, their order, their differences, their ratios.
    values : sequence, optional
        All values there can be, in order; those that occur, sorted, unless given.

    Notes
    -----
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    Three coders and eleven units that were coded by two or more:

    >>> a = [None, None, None, None, None, 3, 4, 1, 2, 1, 1, 3, 3, None, 3]
    >>> b = [1, None, 2, 1, 3, 3, 4, 3, None, None, None, None, None, None, None]
    >>> c = [None, None, 2, 1, 3, 4, 4, None, 2, 1, 1, 3, 3, None, 4]
    >>> [round(krippendorff_alpha_of_ratings([a, b, c], scale), 3) for scale in ("nominal", "interval")]
    [0.691, 0.811]
    """
    patterns, known = of_ratings(ratings, values)
    return float(estimate("krippendorff_alpha", patterns, _alpha_weights(scale, patterns, known))[0])


def percent_agreement_of_counts(
    counts: npt.ArrayLike, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """The share of pairs of raters who say the same of an item, its mean over the items with two ratings or more.

    Parameters
    ----------
    counts : array_like, shape (n_items, n_values)
        How many raters gave each value. Items may have different numbers of raters.
    weights : str or array_like
        How much near values agree: one of `scales.WEIGHTS`, or a table of them.
    values : sequence, optional
        What the columns stand for; 1, 2, 3 and so on unless given.

    Examples
    --------
    >>> percent_agreement_of_counts([[3, 0], [2, 1]])
    0.6666666666666666
    """
    return _of_counts("percent_agreement", counts, weights, values)


def fleiss_kappa(counts: npt.ArrayLike, weights: Weights = "identity", values: Sequence[Any] | None = None) -> float:
    """Fleiss' kappa out of counts, each item rated by as many. Arguments as for `percent_agreement_of_counts`.

    Raises
    ------
    BadRequest
        When the rows have different sums: ratings are missing (`fleiss_kappa_of_counts` lets them), or these are no
        counts.

    Notes
    -----
    Fleiss (1971), Psychological Bulletin 76:378-382.

    Examples
    --------
    Fourteen raters, ten subjects and five categories:

    >>> table = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]]
    >>> table += [[7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
    >>> round(fleiss_kappa(table), 3)
    0.21
    """
    refuse_unlike(counts)
    return fleiss_kappa_of_counts(counts, weights, values)


def fleiss_kappa_of_counts(
    counts: npt.ArrayLike, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """Fleiss' kappa out of counts, in Gwet's form that lets ratings be missing.

    Arguments as for `percent_agreement_of_counts`.

    Examples
    --------
    >>> round(fleiss_kappa_of_counts([[3, 0], [2, 1], [2, 0]]), 4)
    -0.125
    """
    return _of_counts("fleiss_kappa", counts, weights, values)


def refuse_unlike(counts: npt.ArrayLike) -> None:
    """Refuse counts of items that were rated by different numbers of raters.

    Examples
    --------
    >>> refuse_unlike([[3, 0], [2, 1]])
    """
    numbers = np.unique(of_counts(counts).counts.sum(axis=1)).astype(int)
    if len(numbers) > 1:
        raise BadRequest(
            f"the rows sum to {numbers[0]} up to {numbers[-1]}; as counts, a row per item, they sum to the number of "
            "raters: take fleiss_kappa_of_ratings for ratings, a row per rater, and fleiss_kappa_of_counts where "
            "ratings are missing"
        )


def gwet_ac1_of_counts(
    counts: npt.ArrayLike, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """Gwet's AC1 out of counts; AC2 with weights. Arguments as for `percent_agreement_of_counts`.

    Examples
    --------
    >>> round(gwet_ac1_of_counts([[3, 0], [2, 1], [3, 0]]), 4)
    0.7231
    """
    return _of_counts("gwet_ac1", counts, weights, values)


def brennan_prediger_of_counts(
    counts: npt.ArrayLike, weights: Weights = "identity", values: Sequence[Any] | None = None
) -> float:
    """Brennan and Prediger's kappa out of counts. Arguments as for `percent_agreement_of_counts`.

    Examples
    --------
    >>> round(brennan_prediger_of_counts([[3, 0], [2, 1], [3, 0]]), 4)
    0.5556
    """
    return _of_counts("brennan_prediger", counts, weights, values)


def krippendorff_alpha_of_counts(
    counts: npt.ArrayLike, scale: str = "nominal", values: Sequence[Any] | None = None
) -> float:
    """Krippendorff's alpha out of counts.

    Parameters
    ----------
    counts : array_like, shape (n_items, n_values)
        How many raters gave each value.
    scale : {"nominal", "ordinal", "interval", "ratio"}
        As for `krippendorff_alpha_of_ratings`.
    values : sequence, optional
        What the columns stand for; 1, 2, 3 and so on unless given.

    Examples
    --------
    >>> round(krippendorff_alpha_of_counts([[3, 0], [2, 1], [0, 3]]), 4)
    0.6
    """
    patterns, known = _counted(counts, values)
    return float(estimate("krippendorff_alpha", patterns, _alpha_weights(scale, patterns, known))[0])


def error_of_ratings(
    coefficient: str,
    ratings: Any,
    weights: Weights = "identity",
    values: Sequence[Any] | None = None,
    scale: str = "nominal",
) -> float:
    """The standard error of a coefficient over items, by its name.

    Parameters
    ----------
    coefficient : str
        ``percent_agreement, fleiss_kappa, conger_kappa, gwet_ac1, brennan_prediger`` or ``krippendorff_alpha``.
    ratings : array_like, shape (n_raters, n_items)
        None or NaN where a rater did not rate an item.
    weights, values
        As for `percent_agreement_of_ratings`.
    scale : {"nominal", "ordinal", "interval", "ratio"}
        For alpha, which takes it in the place of weights unless it is nominal and there are weights.

    Notes
    -----
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapters 5 and 6.

    Examples
    --------
    >>> round(error_of_ratings("gwet_ac1", [[1, 1, 2, 3], [1, 1, 2, None], [1, 2, 2, 3]]), 4)
    0.2426
    """
    return _error(coefficient, *of_ratings(ratings, values), weights, scale)


def error_of_counts(
    coefficient: str,
    counts: npt.ArrayLike,
    weights: Weights = "identity",
    values: Sequence[Any] | None = None,
    scale: str = "nominal",
) -> float:
    """The standard error of a coefficient over items, out of counts. Arguments as for `error_of_ratings`.

    Conger's kappa has none, for counts do not tell who said what.

    Examples
    --------
    >>> round(error_of_counts("fleiss_kappa", [[3, 0], [2, 1], [0, 3]]), 4)
    0.4649
    """
    if coefficient == "conger_kappa":
        raise BadRequest("Conger's kappa needs to know who said what; take error_of_ratings")
    return _error(coefficient, *_counted(counts, values), weights, scale)


def _error(coefficient: str, patterns: Patterns, known: list[Any], weights: Weights, scale: str) -> float:
    if coefficient not in COEFFICIENTS:
        raise BadRequest(f"there is no coefficient {coefficient!r}; there are {', '.join(COEFFICIENTS)}")
    own = coefficient == "krippendorff_alpha" and (scale != "nominal" or weights == "identity")
    table = _alpha_weights(scale, patterns, known) if own else weights_of(weights, known)
    return sqrt(np.clip(variance(coefficient, patterns, table)[0], 0, None))
