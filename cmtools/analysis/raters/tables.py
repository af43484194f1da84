"""The tables about several raters: coefficients, pairs of raters, each against the rest. No ratings are read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ..chance import Array, divide
from ..measure import SPARSE_BELOW
from ..multiplicity import benjamini_hochberg
from ..ratings.coefficients import Items
from ..ratings.patterns import Patterns, summed
from ..ratings.scales import as_numbers, distances, weights_of
from .panel import Panel
from .spread import Measured, effective, measure, t_quantile

ALPHA = "krippendorff_alpha"


@dataclass(frozen=True)
class Measuring:
    """How agreement is measured: weights, scale, level, kind of interval, seed."""

    weights: str | npt.ArrayLike | None = None
    scale: str = "nominal"
    level: float = 0.95
    interval: str = "auto"
    seed: int = 0
    of_scale: str = "identity"
    """The weights where none are given."""

    def table(self, values: Sequence[Any]) -> Array:
        """The weights of these values."""
        return weights_of(self.of_scale if self.weights is None else self.weights, values)

    def measured(self, names: Sequence[str], patterns: Patterns, values: Sequence[Any]) -> list[Measured]:
        """Coefficients of every cell."""
        own = self.scale != "nominal"  # then alpha has distances of its own
        others = [name for name in names if not (own and name == ALPHA)]
        found = dict(zip(others, self._of(others, patterns, self.table(values)), strict=True))
        if own and ALPHA in names:
            found[ALPHA] = self._alpha(patterns, values)
        return [found[name] for name in names]

    def _alpha(self, patterns: Patterns, values: Sequence[Any]) -> Measured:
        if self.scale != "ordinal":
            return self._of([ALPHA], patterns, 1 - distances(self.scale, values, np.ones(len(values))))[0]
        found = []
        for part in [patterns.of_cell(cell) for cell in range(patterns.n_cells)]:
            # Ranks come from how often each value is used, so every cell has distances of its own.
            counts = part.counts
            used = (part.times * (counts.sum(axis=1) >= 2)) @ counts
            found += self._of([ALPHA], part, 1 - distances("ordinal", values, used))
        return Measured(*(np.concatenate(each) for each in zip(*found, strict=True)))

    def _of(self, names: Sequence[str], patterns: Patterns, weights: Array) -> list[Measured]:
        return measure(names, Items.of(patterns, weights), self.level, self.interval, self.seed)


def coefficient_table(panel: Panel, metrics: Sequence[tuple[str, str]], measuring: Measuring) -> pd.DataFrame:
    """The tidy table: a row for each cell and metric; ``metrics`` are the name to show and that of the coefficient."""
    patterns = panel.patterns
    measured = measuring.measured([name for _, name in metrics], patterns, panel.values)
    size = np.bincount(patterns.at, minlength=len(patterns.times))
    items = _sums(patterns, patterns.times * (size >= 2))
    ratings = _sums(patterns, patterns.times * size * (size >= 2))
    rows = np.repeat(np.arange(len(panel.cells)), len(metrics))
    found: dict[Any, Any] = {name: panel.cells[name].iloc[rows].reset_index(drop=True) for name in panel.cells}
    found["metric"] = _words(np.tile(np.array([name for name, _ in metrics], dtype=object), len(items)))
    for place, name in enumerate(("estimate", "low", "high")):
        found[name] = np.stack([one[place] for one in measured], axis=-1).ravel()
    found["n"], found["n_ratings"] = items[rows].astype(np.int64), ratings[rows].astype(np.int64)
    found["method"] = _words(np.stack([one.method for one in measured], axis=-1).ravel())
    found["flag"] = _words(np.stack([one.flag for one in measured], axis=-1).ravel())
    return pd.DataFrame(found)


def _words(words: Any) -> pd.Series:
    return pd.Series(words, dtype="str")


def _sums(patterns: Patterns, values: Array) -> Array:
    return summed(patterns.cell, values, patterns.n_cells)


def counted(panel: Panel) -> pd.DataFrame:
    """How many items, ratings and raters every cell has, and how often each value was given."""
    patterns = panel.patterns
    size = np.bincount(patterns.at, minlength=len(patterns.times))
    by_rater = patterns.by_rater
    found = panel.cells.copy()
    whole = {
        "items": _sums(patterns, patterns.times),
        "rated_by_one": _sums(patterns, patterns.times * (size == 1)),
        "ratings": by_rater.sum(axis=(1, 2)),
        "raters": (by_rater.sum(axis=2) > 0).sum(axis=1),
    }
    for name, numbers in whole.items():
        found[name] = numbers.astype(np.int64)
    for place, value in enumerate(panel.values):
        found[f"said {value}"] = by_rater[:, :, place].sum(axis=1).astype(np.int64)
    return found


def pairs_of(panel: Panel) -> Panel:
    """Every two raters who rated an item both, as cells of their own with these two raters alone."""
    patterns = panel.patterns
    n_codes = patterns.n_raters * patterns.n_values
    code = patterns.rater * patterns.n_values + patterns.value
    size = np.bincount(patterns.at, minlength=len(patterns.times))
    start = np.cumsum(size) - size
    # Each rating meets those that follow it within its pattern, where ratings stand in the order of the raters.
    follow = (start + size)[patterns.at] - np.arange(len(code)) - 1
    first = np.repeat(np.arange(len(code)), follow)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(follow) - follow, follow)
    place = (patterns.cell[patterns.at[first]] * n_codes + code[first]) * n_codes + code[second]
    met, inverse = np.unique(place, return_inverse=True)
    times = summed(inverse, patterns.times[patterns.at[first]], len(met))
    cell, one, two = met // n_codes**2, met // n_codes % n_codes, met % n_codes
    raters = np.stack([one, two]) // patterns.n_values
    pair = (cell * patterns.n_raters + raters[0]) * patterns.n_raters + raters[1]
    order = np.argsort(pair, kind="stable")
    known, firsts, of_pair = np.unique(pair[order], return_index=True, return_inverse=True)
    chosen = order[firsts]
    cells = panel.cells.iloc[cell[chosen]].reset_index(drop=True)
    for name, side in (("rater", raters[0]), ("other", raters[1])):
        cells[name] = pd.Series([panel.raters[who] for who in side[chosen]], dtype="str")
    values = np.stack([one, two], axis=-1)[order] % patterns.n_values
    alternating = np.tile(np.arange(2), len(met))
    found = Patterns(
        of_pair, times[order], np.repeat(np.arange(len(met)), 2), alternating, values.ravel(), len(known), 2,
        patterns.n_values,
    )  # fmt: skip
    return replace(panel, patterns=found, cells=cells)


@dataclass(frozen=True)
class _Sides:
    """Sums over the pairs of raters that a rater is in (own) and is not in (rest), and over the squares of items."""

    own: Array
    own_pairs: Array
    rest: Array
    rest_pairs: Array
    own_variance: Array
    variance: Array
    items: Array


def _sides(patterns: Patterns, weights: Array) -> _Sides:
    """Agreement in the pairs with and without each rater: arrays of shape (n_cells, n_raters)."""
    items = Items.of(patterns, weights)
    shape = (patterns.n_cells, patterns.n_raters)
    at, cell = patterns.at, patterns.cell[patterns.at]
    place, times = cell * shape[1] + patterns.rater, patterns.times[at]

    def per_rater(values: Array) -> Array:
        return summed(place, values * times, shape[0] * shape[1]).reshape(shape)

    others = items.size[at] - 1
    agreed = (items.counts @ weights)[at, patterns.value] - 1
    pairs_of_item = items.size * (items.size - 1) / 2
    agreed_of_item = items.alike * pairs_of_item
    own, own_pairs = per_rater(agreed), per_rater(others)
    rest = items.per_cell(agreed_of_item)[:, None] - own
    rest_pairs = items.per_cell(pairs_of_item)[:, None] - own_pairs
    share, rest_share = divide(own, own_pairs), divide(rest, rest_pairs)
    mine = divide(agreed - share.ravel()[place] * others, own_pairs.ravel()[place])
    rest_of_item = (agreed_of_item[at] - agreed) - rest_share.ravel()[place] * (pairs_of_item[at] - others)
    theirs = divide(rest_of_item, rest_pairs.ravel()[place])
    # Items that the rater did not rate: all of them, less those that were rated.
    squares = [items.per_cell(one * two)[:, None] for one, two in (
        (agreed_of_item, agreed_of_item), (agreed_of_item, pairs_of_item), (pairs_of_item, pairs_of_item)
    )]  # fmt: skip
    everywhere = squares[0] - 2 * rest_share * squares[1] + rest_share**2 * squares[2]
    rated = per_rater((agreed_of_item[at] - rest_share.ravel()[place] * pairs_of_item[at]) ** 2)
    unrated = divide(np.clip(everywhere - rated, 0, None), rest_pairs**2)
    n = per_rater((others > 0).astype(float))
    correction = divide(n, n - 1)
    variance = correction * (per_rater((mine - theirs) ** 2) + unrated)
    return _Sides(own, own_pairs, rest, rest_pairs, correction * per_rater(mine**2), variance, n)


def _leaning(patterns: Patterns, values: Sequence[Any], pairs: Array) -> Array:
    """How far a rater's values lie above those of the others of the same items; NaN for words."""
    if any(isinstance(value, str) for value in values):
        return np.full(pairs.shape, np.nan)
    said = as_numbers(values)[patterns.value]
    size = np.bincount(patterns.at, minlength=len(patterns.times))[patterns.at]
    total = summed(patterns.at, said, len(patterns.times))[patterns.at]
    apart = np.nan_to_num(said - divide(total - said, size - 1)) * (size > 1)
    place = patterns.cell[patterns.at] * patterns.n_raters + patterns.rater
    weighted = apart * patterns.times[patterns.at]
    return summed(place, weighted, pairs.size).reshape(pairs.shape)


def against_the_rest(panel: Panel, measuring: Measuring) -> pd.DataFrame:
    """Each rater's agreement with the others, beside that of the others with one another; the worst first."""
    patterns = panel.patterns
    sides = _sides(patterns, measuring.table(panel.values))
    share, rest = divide(sides.own, sides.own_pairs), divide(sides.rest, sides.rest_pairs)
    reach = t_quantile(sides.items, measuring.level)
    low, high = effective(share, np.where(sides.items > 1, sides.own_variance, np.nan), reach, measuring.level)
    error = np.sqrt(np.where(sides.items > 1, sides.variance, np.nan))
    p = 2 * special.stdtr(np.where(sides.items > 1, sides.items - 1, np.nan), -np.abs(divide(share - rest, error)))
    p = np.where((error == 0) & (share == rest), 1.0, p)
    cell, rater = np.nonzero(patterns.by_rater.sum(axis=2) > 0)
    found = panel.cells.iloc[cell].reset_index(drop=True)
    found["rater"] = pd.Series([panel.raters[who] for who in rater], dtype="str")
    columns = {"estimate": share, "low": low, "high": high, "rest": rest, "difference": share - rest, "p": p}
    for name, table in columns.items():
        found[name] = table[cell, rater]
    found["p_adjusted"] = benjamini_hochberg(found["p"].to_numpy())
    found["leaning"] = divide(_leaning(patterns, panel.values, share), sides.items)[cell, rater]
    found["n"] = sides.items[cell, rater].astype(np.int64)
    found["n_ratings"] = patterns.by_rater.sum(axis=2)[cell, rater].astype(np.int64)
    method = np.where(np.isnan(found["low"]), "", "wilson_effective")
    found["method"] = pd.Series(method, dtype="str")
    found["flag"] = pd.Series(_flags(sides)[cell, rater], dtype="str")
    order = np.lexsort([rater, found["difference"].to_numpy(), cell])
    return found.iloc[order].reset_index(drop=True)


def _flags(sides: _Sides) -> npt.NDArray[np.str_]:
    reasons = {
        "no_pairs": sides.items == 0,
        "one_item": sides.items == 1,
        "no_rest": sides.rest_pairs == 0,
        "sparse": sides.items < SPARSE_BELOW,
    }
    return np.select(list(reasons.values()), list(reasons), default="")
