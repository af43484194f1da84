"""What a sample is to find out, and how many reviews that takes. It draws nothing.

Each figure is a ratio of two totals, so to first order its error is that of a mean of ``(y - R x) / mean of x`` over
items (Cochran 1977, Sampling Techniques, section 6.3). In a stratum that is flagged as a whole or not at all this is a
yes or no times a constant, so the standard deviation within strata follows from the shares expected there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...errors import BadRequest
from ..chance import Array
from .allocation import neyman_allocation, proportional_allocation
from .strata import Stratum, arrays

AIMS = ("prevalence", "accuracy", "precision", "recall")
RULES = ("proportional", "neyman")
Allocation = str | Mapping[str, int]

_WITHOUT_END = 1e15
"""Stands for the items of all strata where only their shares are known."""
MOST = 10**9


def deviations(strata: Sequence[Stratum], aim: str) -> Array:
    """The expected standard deviation within each stratum of what the aim's error goes by.

    Raises
    ------
    BadRequest
        When the aim is none of `AIMS`, or needs to know which strata are flagged.

    Examples
    --------
    Of recall .8, what is missed in the large stratum weighs most:

    >>> strata = [Stratum("flagged", 0.01, expected=0.8, flagged=True), Stratum("rest", 0.99, flagged=False,
    ...                                                                        expected=0.2 / 99)]
    >>> deviations(strata, "recall").round(2).tolist()
    [8.0, 3.59]
    """
    if aim not in AIMS:
        raise BadRequest(f"aim is {aim!r}; take one of {', '.join(map(repr, AIMS))}")
    share, _, expected = arrays(strata)
    spread = np.sqrt(expected * (1 - expected))
    if aim in ("prevalence", "accuracy"):  # of what is flagged p is right, of the rest 1 - p: the spread is one
        return np.asarray(spread)
    if any(stratum.flagged is None for stratum in strata):
        raise BadRequest(
            f"to plan for {aim} it must be known which strata are flagged: flagged='a column', true or false"
        )
    flagged = np.array([stratum.flagged for stratum in strata], dtype=float)
    if aim == "precision":
        whole = float(share @ flagged)
        slope = flagged
    else:
        whole = float(share @ expected)
        slope = np.abs(flagged - float(share @ (expected * flagged)) / whole) if whole else flagged
    if not whole:
        raise BadRequest(f"no stratum is expected to have anything that {aim} is about")
    return np.asarray(slope / whole * spread)


def standard_deviation(strata: Sequence[Stratum], aim: str) -> float:
    """The standard deviation that the estimate of the aim is expected to have (Cochran 1977, sections 5.4 and 6.11)."""
    share, room, _ = arrays(strata)
    drawn = np.array([stratum.n for stratum in strata], dtype=float)
    spread = share * deviations(strata, aim)
    with np.errstate(divide="ignore"):
        inverse = np.where(drawn > 0, 1 / np.maximum(drawn, 1), np.inf) - 1 / room
    left = np.clip(inverse, 0, None)
    return math.sqrt(float(np.sum(np.where(spread == 0, 0, spread**2 * np.where(spread == 0, 0, left)))))


def allocated(strata: Sequence[Stratum], total: int, rule: Allocation, aim: str, minimum: int) -> list[int]:
    """How many to draw from each stratum: all of those that are certain, and at least ``minimum`` of the others.

    They add up to ``total``; fractions are rounded by the largest remainder, and no stratum is asked for more than it
    has.
    """
    if isinstance(rule, Mapping):
        return _given(strata, total, rule)
    if rule not in RULES:
        raise BadRequest(f"allocation is {rule!r}; take 'proportional', 'neyman', or a number for each stratum")
    if isinstance(minimum, bool) or minimum != int(minimum) or minimum < 1:
        raise BadRequest(f"minimum is {minimum!r}; give a whole number, 1 or more")
    share, room, _ = arrays(strata)
    sizes = np.where(np.isinf(room), share * _WITHOUT_END, room)
    least = np.minimum(np.where([each.certainty for each in strata], sizes, minimum), sizes).astype(int)
    if least.sum() > total:
        raise BadRequest(
            f"{total:,} are too few: strata drawn whole and {minimum} of each other make {least.sum():,} already"
        )
    pull = deviations(strata, aim) if rule == "neyman" else np.ones(len(sizes))
    fixed = np.array([each.certainty for each in strata])
    found = least.copy()
    while not fixed.all():
        rest, free = total - int(found[fixed].sum()), ~fixed
        if rest > np.floor(sizes[free]).sum():
            raise BadRequest(f"{total:,} are more than the {int(sizes.sum()):,} items there are")
        found[free] = _shared(sizes[free], pull[free], rest)
        low = free & (found < least)
        if not low.any():
            return [int(part) for part in found]
        found[low], fixed = least[low], fixed | low
    if found.sum() != total:
        raise BadRequest(f"{total:,} are asked for, but all strata together have {found.sum():,} to be drawn")
    return [int(part) for part in found]


def _shared(sizes: Array, pull: Array, total: int) -> list[int]:
    if np.all(pull == pull[0]):
        return proportional_allocation(sizes, total)
    return neyman_allocation(sizes, pull, total)


def _given(strata: Sequence[Stratum], total: int, numbers: Mapping[str, int]) -> list[int]:
    names = [stratum.name for stratum in strata]
    if set(numbers) != set(names):
        raise BadRequest(f"allocation must have a number for each stratum: {', '.join(map(repr, names))}")
    for stratum in strata:
        n = numbers[stratum.name]
        if isinstance(n, bool) or n != int(n) or not 0 <= n <= stratum.room:
            raise BadRequest(f"allocation gives {n!r} to {stratum.name!r}, which has {stratum.room:,.0f} items")
    if sum(numbers.values()) != total:
        raise BadRequest(f"allocation adds up to {sum(numbers.values()):,}, but n is {total:,}")
    return [int(numbers[name]) for name in names]


def least_total(error: Callable[[int], float], wanted: float, bounds: tuple[int, int]) -> int | None:
    """The least total between the bounds whose error is at most what is wanted; None where there is none."""
    low, high = bounds
    if error(high) > wanted:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if error(middle) <= wanted else (middle + 1, high)
    return low


def wanted_total(
    error: Callable[[int], float], bounds: tuple[int, int], n: int | None, margin: float | None, most: int | None
) -> int:
    """How many to draw: as many as said, or as the margin takes.

    Raises
    ------
    BadRequest
        When the margin cannot be had between the bounds, or only with more than ``most``; it says what can.
    """
    if (n is None) == (margin is None):
        raise BadRequest("say either how many to review, n=2000, or how sure to be, margin=0.03")
    if n is not None:
        if isinstance(n, bool) or n != int(n) or n < 1:
            raise BadRequest(f"n is {n!r}; give a whole number, 1 or more")
        if most is not None and n > most:
            raise BadRequest(f"n is {n:,}, more than the {most:,} that it may be at most")
        return int(n)
    if margin is None or not 0 < margin < 1:
        raise BadRequest(f"margin is {margin!r}; give a share between 0 and 1, such as 0.03")
    low, high = bounds
    if low < high and error(low) == 0:
        raise BadRequest("nothing is expected to vary, so any margin would do; expect more than 0 and less than 1")
    found = least_total(error, margin, (low, min(high, MOST)))
    if found is None or (most is not None and found > most):
        reached = (
            f"{most:,} reach {100 * error(min(most, high)):.2g} points" if most is not None and most >= low else ""
        )
        needed = "no number of reviews will do" if found is None else f"that takes {found:,} reviews"
        raise BadRequest(f"a margin of {100 * margin:g} points cannot be had: {needed}{'; ' * bool(reached)}{reached}")
    return found
