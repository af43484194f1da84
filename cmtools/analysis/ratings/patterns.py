"""Who said what of an item, counted: items that were rated alike are kept once. It measures nothing and reads no table.

Everything about several raters is a sum over items, so items with the same ratings by the same raters need to be looked
at once only, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..chance import Array

Codes = npt.NDArray[np.integer[Any]]

MOST_VALUES = 250
"""With more different values than this the table of all pairs of values grows out of hand."""

_OF_RATINGS = "; of ratings, a row per rater, take the functions that end in _of_ratings"

_FEW_BITS, _MOST_BITS = 20, 62
_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Patterns:
    """Patterns of ratings, sorted by cell, and how many items have each.

    ``cell`` and ``times`` go by pattern; ``at`` (the pattern, rising), ``rater`` and ``value`` go by rating.

    Examples
    --------
    Ana and Bo agree on two items and differ on a third:

    >>> patterns, values = of_ratings([["on", "on", "off"], ["on", "on", "on"]])
    >>> patterns.times.tolist(), patterns.counts.tolist(), values
    ([1.0, 2.0], [[1.0, 1.0], [0.0, 2.0]], ['off', 'on'])
    """

    cell: Codes
    times: Array
    at: Codes
    rater: Codes
    value: Codes
    n_cells: int
    n_raters: int
    n_values: int

    @property
    def counts(self) -> Array:
        """How many raters gave each value, shape (n_patterns, n_values)."""
        flat = np.bincount(self.at * self.n_values + self.value, minlength=len(self.times) * self.n_values)
        return flat.reshape(len(self.times), self.n_values).astype(float)

    @property
    def by_rater(self) -> Array:
        """How often each rater gave each value, shape (n_cells, n_raters, n_values)."""
        shape = (self.n_cells, self.n_raters, self.n_values)
        place = (self.cell[self.at] * self.n_raters + self.rater) * self.n_values + self.value
        return summed(place, self.times[self.at], shape[0] * shape[1] * shape[2]).reshape(shape)

    def of_cell(self, cell: int) -> Patterns:
        """The patterns of one cell alone, as its only cell."""
        first, last = np.searchsorted(self.cell, [cell, cell + 1])
        start, end = np.searchsorted(self.at, [first, last])
        rated = slice(start, end)
        return Patterns(
            np.zeros(last - first, dtype=np.int64),
            self.times[first:last],
            self.at[rated] - first,
            self.rater[rated],
            self.value[rated],
            1,
            self.n_raters,
            self.n_values,
        )


def summed(place: Codes, values: Array, size: int) -> Array:
    """The sum of the values that belong to each of so many places.

    Examples
    --------
    >>> summed(np.array([0, 2, 2]), np.array([0.5, 1, 2]), 3).tolist()
    [0.5, 0.0, 3.0]
    """
    found: Array = np.bincount(place, weights=values, minlength=size).astype(float)
    return found


def of_ratings(ratings: Any, values: Sequence[Any] | None = None) -> tuple[Patterns, list[Any]]:
    """Patterns out of a table with a row per rater and a column per item, and the values that the codes stand for.

    Parameters
    ----------
    ratings : array_like, shape (n_raters, n_items)
        Numbers, words or truth values; None or NaN where a rater did not rate an item.
    values : sequence, optional
        All values there can be, in order; those that occur, sorted, unless given.

    Raises
    ------
    BadRequest
        When it is no such table, or a rating is none of ``values``.
    """
    table = as_table(ratings)
    found = _of_small_whole(table) if values is None and table.dtype.kind == "f" else None
    if found is None:
        codes, known = _coded(table, values)
        if len(known) > MOST_VALUES:
            raise BadRequest(f"there are {len(known):,} different values, at most {MOST_VALUES} are told apart; round")
        found = (*_counted(codes, len(known)), known)
    times, patterns, known = found
    at, rater = np.nonzero(patterns.T >= 0)
    cell = np.zeros(len(times), dtype=np.int64)
    return Patterns(cell, times, at, rater, patterns[rater, at], 1, len(table), len(known)), as_whole(known)


def as_whole(values: list[Any]) -> list[Any]:
    """Numbers as whole ones where all of them are.

    Examples
    --------
    >>> as_whole([1.0, 2.0]), as_whole([1.0, 2.5]), as_whole(["a"])
    ([1, 2], [1.0, 2.5], ['a'])
    """
    whole = all(isinstance(value, float) and value.is_integer() for value in values)
    return [int(value) for value in values] if whole else values


def as_table(ratings: Any) -> npt.NDArray[Any]:
    """Ratings as an array of two dimensions: of floats where all are numbers, else of objects."""
    table = ratings if isinstance(ratings, np.ndarray) else np.array(ratings, dtype=object)
    if table.ndim != 2:
        nothing = "there are no ratings; " if table.size == 0 else ""
        raise BadRequest(
            f"{nothing}give ratings as one row per rater, with as many items in every row (None where not rated)"
        )
    if table.dtype.kind == "O" and not any(isinstance(value, str | bytes) for value in table.flat):
        try:
            return table.astype(float)
        except (TypeError, ValueError):
            return table
    return table.astype(float) if table.dtype.kind in "biu" else table


def _coded(table: npt.NDArray[Any], values: Sequence[Any] | None) -> tuple[Codes, list[Any]]:
    """Each rating as its place among the values, -1 where there is none; and the values."""
    there = ~np.asarray(pd.isna(table), dtype=bool)
    found = table[there]
    try:
        known = sorted(set(found.tolist())) if values is None else list(values)
    except TypeError:
        raise BadRequest("the ratings are of several kinds, so they have no order; give values=[...]") from None
    codes = np.full(table.shape, -1, dtype=np.int64)
    if table.dtype.kind == "f":
        order = np.argsort(np.array(known, dtype=float))
        ranked = np.array(known, dtype=float)[order]
        place = np.minimum(np.searchsorted(ranked, found), max(len(known) - 1, 0))
        odd = ranked[place] != found if len(known) else np.ones(found.shape, dtype=bool)
        codes[there] = order[place] if len(known) else -1
    else:
        places = {value: place for place, value in enumerate(known)}
        codes[there] = [places.get(value, -1) for value in found.tolist()]
        odd = codes[there] < 0
    if odd.any():
        raise BadRequest(f"the rating {found[odd].tolist()[0]!r} is none of the values {known}")
    return codes, known


def _of_small_whole(table: Array) -> tuple[Array, Codes, list[Any]] | None:
    """How often each column occurs, the columns as codes, the values; None unless all are whole and close together.

    Most tables of ratings are such, and need neither sorting nor searching.
    """
    low = float(np.fmin.reduce(table, axis=None, initial=np.inf))
    high = float(np.fmax.reduce(table, axis=None, initial=-np.inf))
    if not 0 <= high - low < MOST_VALUES or low != np.floor(low):
        return None
    bits = int(high - low + 1).bit_length()
    if bits * len(table) > _MOST_BITS:
        return None
    size = np.int32 if bits * len(table) < np.iinfo(np.int32).bits else np.int64
    packed: Codes = np.zeros(table.shape[1], dtype=size)
    raised, floors, codes = np.empty(_AT_ONCE), np.empty(_AT_ONCE), np.empty(_AT_ONCE, dtype=size)
    for start in range(0, table.shape[1], _AT_ONCE):  # in memory that stays near the processor
        part, word = table[:, start : start + _AT_ONCE], packed[start : start + _AT_ONCE]
        above, floor, code = (scratch[: len(word)] for scratch in (raised, floors, codes))
        for place, row in enumerate(part):
            np.fmax(np.subtract(row, low - 1, out=above), 0.0, out=above)  # 0 for what is missing
            if (np.floor(above, out=floor) != above).any():
                return None
            code[:] = above
            word |= np.left_shift(code, bits * place, out=code)
    times, patterns = _unique(packed, len(table), bits)
    seen = np.flatnonzero(np.bincount(patterns.ravel() + 1, minlength=2)[1:])
    if len(seen) == high - low + 1:
        return times, patterns, (seen + low).tolist()
    places = np.full(int(high - low) + 2, -1)  # the last is for what is missing
    places[seen] = np.arange(len(seen))
    return times, places[patterns], (seen + low).tolist()


def _counted(codes: Codes, n_values: int) -> tuple[Array, Codes]:
    """The different columns, and how often each occurs; those without a rating are left out."""
    bits = max(n_values.bit_length(), 1)
    if bits * len(codes) > _MOST_BITS:
        kept = (codes >= 0).any(axis=0)
        return np.ones(int(kept.sum())), codes[:, kept]
    packed = np.zeros(codes.shape[1], dtype=np.int64)
    for place, row in enumerate(codes):
        packed |= (row + 1) << (bits * place)
    return _unique(packed, len(codes), bits)


def _unique(packed: Codes, raters: int, bits: int) -> tuple[Array, Codes]:
    """The different words that say anything, unpacked, and how often each occurs."""
    if bits * raters <= _FEW_BITS:
        often = np.bincount(packed, minlength=1)
        words = np.flatnonzero(often)  # as wide as any code may be
        times = often[words]
    else:
        words, times = np.unique(packed.astype(np.int64), return_counts=True)
    said = words > 0
    return times[said].astype(float), unpacked(words[said], raters, bits)


def unpacked(words: Codes, raters: int, bits: int) -> Codes:
    """Value codes out of words that hold ``bits`` bits per rater: shape (raters, n_words), -1 for no rating."""
    shifts = np.arange(raters, dtype=np.int64)[:, None] * bits
    return ((words[None, :] >> shifts) & ((1 << bits) - 1)) - 1


def of_counts(counts: npt.ArrayLike) -> Patterns:
    """Patterns out of a table with a row per item and a column per value: how many raters gave that value.

    Who the raters were is not known, so nothing that goes by rater can be told from them.

    Raises
    ------
    BadRequest
        When it is no such table, or a count is negative or not whole.
    """
    try:
        table = np.asarray(counts, dtype=float)
    except (TypeError, ValueError):
        raise BadRequest(f"the counts are no numbers, or the rows differ in length{_OF_RATINGS}") from None
    if table.ndim != 2 or not table.shape[1]:
        shape = f"their shape is {table.shape}" if table.size else "there are none"
        raise BadRequest(f"give counts as one row per item and one column per value; {shape}")
    if np.any(table < 0) or np.any(table != np.floor(table)):
        raise BadRequest(
            f"a count is negative, missing or not whole; it says how many raters gave a value{_OF_RATINGS}"
        )
    if table.shape[1] > MOST_VALUES:
        raise BadRequest(f"there are {table.shape[1]:,} columns, at most {MOST_VALUES} values can be told apart")
    table = table[table.sum(axis=1) > 0].astype(np.int64)
    flat = table.ravel()
    place = np.repeat(np.arange(len(flat)), flat)
    at, value = place // table.shape[1], place % table.shape[1]
    first = np.searchsorted(at, np.arange(len(table)))
    rater = np.arange(len(at)) - first[at] if len(at) else at
    n_raters = int(table.sum(axis=1).max(initial=0))
    cell = np.zeros(len(table), dtype=np.int64)
    return Patterns(cell, np.ones(len(table)), at, rater, value, 1, n_raters, table.shape[1])
