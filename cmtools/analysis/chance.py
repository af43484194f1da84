"""Chance agreement of two raters, and the coefficients that correct for it. No intervals and no table of metrics here.

Every coefficient here is ``1 - (1 - observed) / (1 - chance)``. They differ in one thing only: what they take chance
agreement to be. So a coefficient is a *rule* that gives the chance agreement of a square table and how it changes with
each cell; estimate and large-sample variance follow from that for all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BadRequest

Array = npt.NDArray[np.float64]
Rule = Callable[[Array], tuple[Array, Array]]
"""Shares of shape (..., k, k) to the chance agreement (...) and its slope in each cell (..., k, k)."""


def square_tables(*counts: npt.ArrayLike, of_ratings: str = "") -> Array:
    """Square tables out of four counts, or out of square tables.

    Parameters
    ----------
    *counts : array_like
        Either ``tp, fp, fn, tn`` (of any shapes that broadcast), or one table of shape (..., k, k) with a row for each
        category of the one rater and a column for each category of the other.
    of_ratings : str
        What errors name for ratings, which this does not take.

    Returns
    -------
    ndarray, shape (..., k, k)
        From four counts the rows are the auto tag and the columns the human tag, the positive first.

    Raises
    ------
    BadRequest
        When it is neither four counts nor a square table, or a count is negative, or one is missing in a single table.

    Examples
    --------
    >>> square_tables(20, 180, 10, 1820).tolist()
    [[20.0, 180.0], [10.0, 1820.0]]
    """
    hint = f"; of ratings, a row per rater, take {of_ratings or 'the functions that end in _of_ratings'}"
    if len(counts) not in (1, 4):
        raise BadRequest(f"expected tp, fp, fn, tn or one square table, got {len(counts)} arguments{hint}")
    try:
        parts: Any = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in counts))
    except (TypeError, ValueError):
        raise BadRequest(f"the counts are no numbers, or do not go together in shape{hint}") from None
    table: Array = parts[0]
    if len(counts) == 4:
        table = np.stack(parts, axis=-1).reshape(*parts[0].shape, 2, 2)
    elif table.ndim < 2 or table.shape[-1] != table.shape[-2] or table.shape[-1] < 2:
        shape = "is empty" if table.size == 0 else f"has shape {table.shape}"
        raise BadRequest(f"a square table has at least two rows and as many columns; this one {shape}{hint}")
    elif table.ndim == 2 and np.isnan(table).any():
        raise BadRequest(f"a count of the square table is missing{hint}")
    if np.any(table < 0):
        raise BadRequest("a count is negative; counts are 0 or more")
    return table


def divide(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Array:
    """The quotient, NaN where the denominator is zero: no warning, no infinity.

    Examples
    --------
    >>> divide([1, 0], [4, 0]).tolist()
    [0.25, nan]
    """
    top, bottom = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    quotient: Array = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return quotient


def added(values: Array) -> Array:
    """The sum over the last axis. Written out for two categories, where it takes a fifth of numpy's own."""
    if values.shape[-1] == 2:
        return np.asarray(values[..., 0] + values[..., 1])
    return np.asarray(values.sum(axis=-1))


def total(table: Array) -> Array:
    """The sum of all cells of each table."""
    return added(added(table))


def shares(table: Array) -> Array:
    """The table's cells as shares of its total; NaN for a table of nothing."""
    return divide(table, total(table)[..., None, None])


def observed(table: Array) -> Array:
    """The share on the diagonal: the observed agreement."""
    return divide(added(np.diagonal(table, axis1=-2, axis2=-1)), total(table))


def _margins(share: Array) -> tuple[Array, Array, Array]:
    """What each rater uses each category for, and the mean of the two."""
    rows, columns = added(share), added(np.swapaxes(share, -1, -2))
    return rows, columns, (rows + columns) / 2


def _pairwise(rows: Array, columns: Array) -> Array:
    return rows[..., :, None] + columns[..., None, :]


def cohen(share: Array) -> tuple[Array, Array]:
    """Chance as two raters who keep each to their own shares (Cohen 1960)."""
    rows, columns, _ = _margins(share)
    return added(rows * columns), _pairwise(columns, rows)


def gwet(share: Array) -> tuple[Array, Array]:
    """Chance as guessing on the items that are hard to tell (Gwet 2008)."""
    _, _, both = _margins(share)
    others = share.shape[-1] - 1
    return added(both * (1 - both)) / others, (1 - _pairwise(both, both)) / others


def krippendorff(share: Array) -> tuple[Array, Array]:
    """Chance as drawing both values from what the two raters used together (Krippendorff 1980)."""
    _, _, both = _margins(share)
    return added(both * both), _pairwise(both, both)


def uniform(share: Array) -> tuple[Array, Array]:
    """Chance as picking any category alike (Brennan and Prediger 1981)."""
    categories = share.shape[-1]
    return np.full(share.shape[:-2], 1 / categories), np.zeros(share.shape)


def shrinkage(table: Array, rule: Rule) -> Array:
    """What the observed disagreement is multiplied with: Krippendorff's correction for small samples, else 1."""
    n = total(table)
    return 1 - divide(1, 2 * n) if rule is krippendorff else np.ones(n.shape)


def corrected(table: Array, agreement: Array, rule: Rule) -> Array:
    """A coefficient for this observed agreement, the table's chance agreement held.

    Where chance alone makes both raters agree always, nothing is left to measure: NaN.
    """
    chance, _ = rule(shares(table))
    return 1 - shrinkage(table, rule) * divide(1 - agreement, _room(chance))


def coefficient(table: Array, rule: Rule) -> Array:
    """The coefficient of each table: 1 for perfect agreement, 0 for what chance gives, NaN where it is undefined."""
    return corrected(table, observed(table), rule)


def variance(table: Array, rule: Rule) -> Array:
    """The large-sample variance of a coefficient under multinomial sampling of the table's cells.

    The delta method on ``1 - (1 - observed) / (1 - chance)``. For `cohen` this is the variance of Fleiss, Cohen and
    Everitt (1969, Psychological Bulletin 72:323-327); for `gwet` that of Gwet (2008, British Journal of Mathematical
    and Statistical Psychology 61:29-48); for `krippendorff` with nominal values the two-rater form in Gwet's Handbook.
    """
    # Of squares that are centred: the difference of two squares would lose what is left of a tiny variance.
    return total(table * gradient(table, rule) ** 2)


def gradient(table: Array, rule: Rule) -> Array:
    """How a coefficient changes with each count, shape (..., k, k); NaN where it is undefined."""
    share = shares(table)
    chance, slope = rule(share)
    room = _room(chance)
    left = divide(1 - observed(table), room)
    pull = np.eye(table.shape[-1]) - left[..., None, None] * slope
    mean = total(share * pull)[..., None, None]
    return divide(pull - mean, (total(table) * room)[..., None, None])


def _room(chance: Array) -> Array:
    """How much chance leaves to agree on; exactly zero where rounding alone leaves something."""
    room = 1 - chance
    return np.where(np.abs(room) < 1e-12, 0.0, room)
