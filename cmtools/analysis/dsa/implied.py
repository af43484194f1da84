"""The share of positives that accuracy, precision and recall imply together, whatever was rounded. It reads no file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Ends = tuple[Fraction, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Implied:
    """What three figures imply: the ``share`` of positives as they stand, and the range that their rounding allows.

    ``share`` is NaN where the figures as they stand do not tell; ``low`` and ``high`` are NaN where the figures are
    ``impossible``: no counts whatever round to them.
    """

    share: float
    low: float
    high: float
    impossible: bool


def implied_positives(accuracy: str | Decimal, precision: str | Decimal, recall: str | Decimal) -> Implied:
    """The share of positives in what was tested, from three figures that were rounded.

    Parameters
    ----------
    accuracy, precision, recall : str or Decimal
        Shares as they were filed. Their decimals say how they were rounded: ``"0.90"`` may be anything from 0.895 to
        0.905, ``"0.9"`` anything from 0.85 to 0.95.

    Returns
    -------
    Implied
        Whatever counts of true and false positives and negatives have these three figures, rounded half up, down or to
        even: their share of positives lies within ``low`` and ``high``, and ``impossible`` is False.

    Notes
    -----
    Let pi be the share of positives. Of all items pi (1 - R) are positives that were missed. Found are pi R; they are
    the share P of all that was called positive, so pi R / P was, and pi R (1 - P) / P of all items are false alarms.
    Both kinds of errors make up 1 - A, so ::

        1 - A = pi ((1 - R) + R (1 - P) / P),    pi = (1 - A) / ((1 - R) + R (1 - P) / P)

    The true negatives, A - pi R, must not be fewer than none. Put in for pi, that is A >= 1 / (1 / P + 1 / R - 1): the
    right-hand side is TP / (TP + FP + FN), and accuracy, which has the true negatives above and below, is never less.
    Where it holds pi is within 0 and 1, and at most 1 / (1 + R (1 - P) / P). It rises with P and with R: figures are
    impossible for every rounding where the highest A is less than it is for the lowest P and R. And pi falls with A,
    rises with P, and goes one way only with R as long as P stays, so its ends are at corners of the box of roundings.
    Fractions are used throughout: nothing here is rounded but the result.

    Examples
    --------
    Right in 99 % of cases, with figures that miss a third and err in half of what they call positive:

    >>> implied_positives("0.99", "0.50", "0.67")
    Implied(share=0.01, low=0.00493..., high=0.0152..., impossible=False)
    >>> implied_positives("0.60", "0.95", "0.95").impossible
    True
    """
    ranges = [_range(Decimal(figure)) for figure in (accuracy, precision, recall)]
    (a_low, a_high), (p_low, p_high), (r_low, r_high) = ranges
    if a_high < _jaccard(p_low, r_low):
        return Implied(_share(accuracy, precision, recall), math.nan, math.nan, True)
    ends = r_low, r_high
    least = [_implied(a_high, p_low, recall_) for recall_ in ends]
    most = [_implied(a_low, p_high, recall_) for recall_ in ends]
    low = min((ZERO if share is None else share) for share in least)
    high = max((ONE if share is None else share) for share in most)
    high = min(high, ONE / (1 + r_low * (1 - p_high) / p_high))
    return Implied(_share(accuracy, precision, recall), float(low), float(high), False)


def _share(accuracy: str | Decimal, precision: str | Decimal, recall: str | Decimal) -> float:
    """The share that the figures as they stand imply; NaN where they do not tell."""
    a, p, r = (Fraction(Decimal(figure)) for figure in (accuracy, precision, recall))
    share = _implied(a, p, r)
    return math.nan if share is None else float(share)


def _range(figure: Decimal) -> Ends:
    """What a figure may have been before it was rounded."""
    exponent = figure.as_tuple().exponent
    half = Fraction(Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)) / 2
    return max(ZERO, Fraction(figure) - half), min(ONE, Fraction(figure) + half)


def _jaccard(precision: Fraction, recall: Fraction) -> Fraction:
    if precision <= 0 or recall <= 0:
        return ZERO
    return 1 / (1 / precision + 1 / recall - 1)


def _implied(accuracy: Fraction, precision: Fraction, recall: Fraction) -> Fraction | None:
    """The share of positives; None where it is not determined, or beyond all bounds."""
    if precision == 0:
        return None
    room = (1 - recall) + recall * (1 - precision) / precision
    return (1 - accuracy) / room if room else None
