"""How sure the coefficients of several raters are: intervals over items, and flags. It reads no table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from ..chance import Array, divide
from ..intervals import wilson, z_value
from ..measure import SPARSE_BELOW
from ..ratings.coefficients import COEFFICIENTS, Coefficient, Items, Totals, corrected
from ..ratings.patterns import Patterns

Text = npt.NDArray[np.object_]

INTERVALS = ("auto", "gwet", "linearised", "bootstrap")
METHODS = {
    "gwet": "standard error over items (Gwet 2014, Handbook of Inter-Rater Reliability), with a quantile of t",
    "linearised": "standard error over items where the observed agreement is a ratio, since not every item was rated "
    "twice, with a quantile of t",
    "wilson_effective": "Wilson score interval of the share, with the effective number of items and a quantile of t",
    "wilson_chance_held": "Wilson score interval of the observed agreement with chance agreement held, where all items "
    "are alike (such as when all raters agree always) and the standard error is zero",
    "bootstrap": "percentiles of 1,000 resamples of the items",
}
"""Every interval method with its meaning in words. Items are independent draws; the ratings of an item are not."""

FLAGS = {
    "no_ratings": "there is no rating to measure",
    "one_rater": "there is one rater only",
    "no_pairs": "no item was rated by two raters or more",
    "single_class": "one value only (for Cohen's and Conger's kappa: of all raters but one): where ratings never vary, "
    "agreement cannot be told from chance",
    "one_item": "one item alone was rated by two raters or more, so there is no telling how far it is typical",
    "sparse": f"rests on fewer than {SPARSE_BELOW} items that two raters or more rated (for kappa and alpha, of those "
    "that somebody did not give the most common value): read the interval",
    "no_rest": "there is no pair of other raters to compare with",
}
"""Every flag with its meaning in words."""

_RARE = ("fleiss_kappa", "conger_kappa", "krippendorff_alpha")
_NO_SPREAD = 1e-24
REPLICATES = 1_000
MOST_BLOCKS = 2_000
"""Beyond this many different patterns, items are resampled in so many blocks drawn at random."""


class Measured(NamedTuple):
    """A coefficient of every cell."""

    estimate: Array
    low: Array
    high: Array
    method: Text
    flag: Text


def measure(names: Sequence[str], items: Items, level: float, interval: str, seed: int) -> list[Measured]:
    """Coefficients of every cell, with their intervals, the methods that made them, and flags.

    Examples
    --------
    >>> from ..ratings.patterns import of_ratings
    >>> patterns, _ = of_ratings([[1, 1, 2, 3, 1], [1, 1, 2, 2, None]])
    >>> (found,) = measure(["gwet_ac1"], Items.of(patterns, np.eye(3)), 0.95, "auto", 0)
    >>> found.estimate.round(3).tolist(), found.method.tolist(), found.flag.tolist()
    ([0.658], ['gwet'], ['sparse'])
    """
    drawn = _bootstrap(names, items, level, seed) if interval == "bootstrap" else {}
    return [_measured(name, items, level, interval, drawn.get(name)) for name in names]


def _measured(name: str, items: Items, level: float, interval: str, drawn: tuple[Array, Array] | None) -> Measured:
    totals, coefficient, share = items.totals, COEFFICIENTS[name], name == "percent_agreement"
    agreed = coefficient.agreed(totals, items.weights)
    once = totals.items - totals.pairable
    is_ratio = np.full(len(once), share or interval == "linearised") | ((interval == "auto") & (once > totals.pairable))
    variance, freedom = _variance(coefficient, items, totals, agreed.items, is_ratio)
    method, reach = np.where(is_ratio, "linearised", "gwet"), t_quantile(freedom + 1, level)
    if drawn is not None:
        method, (low, high) = np.full(len(once), "bootstrap"), drawn
    elif share:
        method, (low, high) = np.full(len(once), "wilson_effective"), effective(agreed.estimate, variance, reach, level)
    else:
        low, high = agreed.estimate - reach * np.sqrt(variance), agreed.estimate + reach * np.sqrt(variance)
    same = (variance < _NO_SPREAD) | _throughout(totals)
    held = _held(name, totals, agreed.chance, level)
    # Cohen's and Conger's kappa are zero whatever is said as long as no two raters vary: no interval means anything.
    void = np.isnan(agreed.estimate) | (same & _fixed(name, totals))
    low, high = (np.where(void, np.nan, np.where(same, one, two)) for one, two in zip(held, (low, high), strict=True))
    methods = np.where(np.isnan(low), "", np.where(same, "wilson_chance_held", method)).astype(object)
    lowest = 0.0 if share else -1.0
    bounds = np.clip(low, lowest, 1), np.clip(high, lowest, 1)
    return Measured(agreed.estimate, *bounds, methods, flags(name, items, totals))


def _variance(
    coefficient: Coefficient, items: Items, totals: Totals, size: Array, is_ratio: npt.NDArray[np.bool_]
) -> tuple[Array, Array]:
    """The variance of each cell's estimate, and how many degrees of freedom it has."""
    one = two = items.spread(coefficient.influence(items, totals, ratio=bool(is_ratio.any())), size)
    if is_ratio.any() and not is_ratio.all():
        two = items.spread(coefficient.influence(items, totals), size)
    return np.where(is_ratio, one, two), np.where(is_ratio, totals.pairable, size) - 1


def t_quantile(items: Array, level: float) -> Array:
    """How many standard errors an interval reaches, for so many items; NaN for fewer than two."""
    z_value(level)
    quantile: Array = special.stdtrit(np.where(items > 1, items - 1, np.nan), (1 + level) / 2)
    return quantile


def effective(share: Array, variance: Array, reach: Array, level: float) -> tuple[Array, Array]:
    """Wilson's interval of a share for the number of items that would give this variance."""
    size = divide(share * (1 - share), variance) * (z_value(level) / reach) ** 2
    size = np.where(np.isnan(variance), np.nan, size)
    return wilson(share * size, size, level)


def _throughout(totals: Totals) -> npt.NDArray[np.bool_]:
    """Whether in every item all raters agree, or in every item all differ."""
    share = divide(totals.alike, totals.pairable)
    return (np.abs(share) < 1e-12) | (np.abs(share - 1) < 1e-12)


def _fixed(name: str, totals: Totals) -> npt.NDArray[np.bool_]:
    """Whether fewer than two raters gave more than one value, for the coefficient that is about each rater's own."""
    varied = ((totals.by_rater > 0).sum(axis=-1) > 1).sum(axis=-1)
    return np.asarray((name == "conger_kappa") & (varied < 2))


def _held(name: str, totals: Totals, chance: Array, level: float) -> tuple[Array, Array]:
    alike = np.where(_throughout(totals), np.round(totals.alike), totals.alike)
    low, high = wilson(alike, totals.pairable, level)
    if name == "krippendorff_alpha":
        small = divide(1.0, totals.ratings)
        low, high = (1 - small) * low + small, (1 - small) * high + small
    return corrected(low, chance), corrected(high, chance)


def flags(name: str, items: Items, totals: Totals) -> Text:
    """Why an estimate is undefined, or to be doubted; empty where it is neither."""
    raters = (totals.by_rater.sum(axis=-1) > 0).sum(axis=-1)
    used = totals.values if name == "krippendorff_alpha" else totals.shares
    single = ((used > 0).sum(axis=-1) < 2) & (name != "percent_agreement") | _fixed(name, totals)
    rests = totals.pairable
    if name in _RARE and len(items.weights):
        top = totals.values.argmax(axis=-1)[items.patterns.cell]
        others = items.size - items.counts[np.arange(len(top)), top]
        rests = items.per_cell((others > 0) * items.paired)
    reasons = {
        "no_ratings": totals.items == 0,
        "one_rater": raters < 2,
        "no_pairs": totals.pairable == 0,
        "single_class": single,
        "one_item": totals.pairable == 1,
        "sparse": rests < SPARSE_BELOW,
    }
    found = np.select(list(reasons.values()), list(reasons), default="")
    return found.astype(object)


def _bootstrap(names: Sequence[str], items: Items, level: float, seed: int) -> dict[str, tuple[Array, Array]]:
    """The percentiles of each cell's replicates, moved outward as far as t is wider than the normal curve.

    Hesterberg (2015), The American Statistician 69:371-386.
    """
    sizes = items.totals.pairable
    found = {name: (np.full(len(sizes), np.nan), np.full(len(sizes), np.nan)) for name in names}
    for cell in np.flatnonzero(sizes > 1):
        own = Items.of(items.patterns.of_cell(int(cell)), items.weights)
        totals = resampled(own, np.random.default_rng([seed, int(cell)]))
        size = sizes[cell : cell + 1]
        tail = float(special.ndtr(-t_quantile(size, level) * np.sqrt(size / (size - 1)))[0])
        for name in names:
            values = COEFFICIENTS[name].agreed(totals, items.weights).estimate
            values = values[~np.isnan(values)]
            if len(values):
                found[name][0][cell], found[name][1][cell] = np.quantile(values, [tail, 1 - tail])
    return found


def resampled(items: Items, generator: np.random.Generator) -> Totals:
    """The totals of `REPLICATES` resamples of the items of one cell."""
    patterns, paired = items.patterns, items.paired[:, None]
    met = (items.counts[:, :, None] * items.counts[:, None, :]).reshape(len(paired), -1)
    met -= (items.counts[:, :, None] * np.eye(patterns.n_values)).reshape(len(paired), -1)
    met *= np.nan_to_num(divide(paired, items.size[:, None] - 1)) * paired
    parts = [np.ones_like(paired), paired, items.alike[:, None] * paired, items.counts / items.size[:, None]]
    parts += [items.size[:, None] * paired, items.counts * paired, met, _rated(patterns)]
    sums = _draws(patterns, generator, np.hstack(parts))
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    one, two, alike, shares, ratings, values, pairs, by_rater = np.split(sums, ends, axis=1)
    square = (REPLICATES, patterns.n_values, patterns.n_values)
    return Totals(
        one[:, 0],
        two[:, 0],
        alike[:, 0],
        shares,
        ratings[:, 0],
        values,
        pairs.reshape(square),
        by_rater.reshape(REPLICATES, patterns.n_raters, patterns.n_values),
    )


def _rated(patterns: Patterns) -> Array:
    """1 where a pattern has this rater give this value: (n_patterns, n_raters * n_values)."""
    found = np.zeros((len(patterns.times), patterns.n_raters * patterns.n_values))
    found[patterns.at, patterns.rater * patterns.n_values + patterns.value] = 1
    return found


def _draws(patterns: Patterns, generator: np.random.Generator, features: Array) -> Array:
    """The features' sums over resamples of the items, shape (REPLICATES, n_features)."""
    n_items = int(patterns.times.sum())
    if len(features) <= MOST_BLOCKS:
        drawn = generator.multinomial(n_items, patterns.times / n_items, size=REPLICATES)
        return np.asarray(drawn @ features)
    item = generator.permutation(np.repeat(np.arange(len(features)), patterns.times.astype(int)))
    shape = (MOST_BLOCKS, len(features))
    blocks = sparse.csr_array((np.ones(n_items), (np.arange(n_items) % MOST_BLOCKS, item)), shape=shape)
    drawn = generator.multinomial(MOST_BLOCKS, np.full(MOST_BLOCKS, 1 / MOST_BLOCKS), size=REPLICATES)
    return np.asarray(drawn @ (blocks @ features))
