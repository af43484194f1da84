"""Agreement of any number of raters: the coefficients, and their errors over items. No data is read here.

Every coefficient is ``(observed - chance) / (1 - chance)``, and both are made from sums over items: `Totals`. The
errors are those of Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapters 5 and 6: the spread between
items of what each of them adds to the coefficient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..chance import Array, divide
from .patterns import Patterns, summed

SPARE, ROUNDING = 1e-12, 1e-14
"""Less room than the one beside chance is rounding, and nothing is left to measure; nor is less agreement beyond it."""


class Totals(NamedTuple):
    """Sums over the items of each cell, all that the estimates need; every one has the cells as its first axis."""

    items: Array
    pairable: Array
    """Items with two ratings or more."""
    alike: Array
    """Over pairable items, the sum of the (weighted) share of pairs of raters who agree."""
    shares: Array
    """Over all items, the sum of the shares of raters who gave each value: (n_cells, n_values)."""
    ratings: Array
    """The number of ratings of pairable items."""
    values: Array
    """How many of these were of each value: (n_cells, n_values)."""
    pairs: Array
    """How often two values met within an item, each item counting as its ratings: (n_cells, n_values, n_values)."""
    by_rater: Array
    """How often each rater gave each value: (n_cells, n_raters, n_values)."""


@dataclass(frozen=True)
class Items:
    """Patterns of ratings as the coefficients look at them, one entry per pattern; weights tell near values apart."""

    patterns: Patterns
    weights: Array
    counts: Array
    size: Array
    """How many ratings."""
    alike: Array
    """The (weighted) share of pairs of raters who agree; 0 where there is no pair."""

    @classmethod
    def of(cls, patterns: Patterns, weights: Array) -> Items:
        """What to know of each pattern, for these weights."""
        counts = patterns.counts
        size = counts.sum(axis=1)
        both = ((counts @ weights) * counts).sum(axis=1) - size
        return cls(patterns, weights, counts, size, np.nan_to_num(divide(both, size * (size - 1))))

    @property
    def paired(self) -> Array:
        """1 for a pattern with two ratings or more, else 0."""
        return (self.size >= 2).astype(float)

    def per_cell(self, values: Array) -> Array:
        """The sum of values over the items of each cell; the patterns are the first axis."""
        weighted = values * self.patterns.times.reshape(-1, *[1] * (values.ndim - 1))
        found = np.zeros((self.patterns.n_cells, *values.shape[1:]))
        if self.patterns.n_cells == 1:
            found[0] = weighted.sum(axis=0)
        elif len(weighted):
            there, starts = np.unique(self.patterns.cell, return_index=True)
            found[there] = np.add.reduceat(weighted, starts, axis=0)
        return found

    @cached_property
    def totals(self) -> Totals:
        """The sums over the items of each cell."""
        return self.sums()

    def sums(self, *, pairs: bool = True, raters: bool = True) -> Totals:
        """The totals; without pairs of values, or without raters, for who does not need them."""
        paired, none = self.paired, np.zeros((self.patterns.n_cells, 0, 0))
        return Totals(
            self.per_cell(np.ones(len(paired))),
            self.per_cell(paired),
            self.per_cell(self.alike * paired),
            self.per_cell(self.counts / self.size[:, None]),
            self.per_cell(self.size * paired),
            self.per_cell(self.counts * paired[:, None]),
            self._pairs() if pairs else none,
            self.patterns.by_rater if raters else none,
        )

    def _pairs(self) -> Array:
        """How often two values met within an item: the coincidence matrix of each cell."""
        each = divide(self.patterns.times * self.paired, self.size - 1)
        each[self.size < 2] = 0
        ends = np.searchsorted(self.patterns.cell, np.arange(self.patterns.n_cells + 1))
        found = np.zeros((self.patterns.n_cells, *self.weights.shape))
        for cell, (start, end) in enumerate(pairwise(ends)):  # of cells there are few
            counts, weight = self.counts[start:end], each[start:end, None]
            found[cell] = (counts * weight).T @ counts
            found[cell].flat[:: len(self.weights) + 1] -= (counts * weight).sum(axis=0)
        return found

    def spread(self, values: Array, size: Array) -> Array:
        """The variance of a mean over items, of what each pattern's items add to it; NaN for fewer than two items."""
        return divide(self.per_cell(values * values), np.where(size > 1, size * (size - 1), 0))


class Agreed(NamedTuple):
    """Observed and chance agreement, the items they rest on, and the coefficient: arrays over cells."""

    observed: Array
    chance: Array
    items: Array
    estimate: Array


Level = Callable[[Totals, Array], Array]
Slope = Callable[[Items, Totals, Array], Array]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient: what it takes chance to be, and how much of that each item brings."""

    chance: Level
    of_item: Slope
    """Shape (n_patterns,): the mean over items is the chance agreement, to which each item adds its part."""

    def agreed(self, totals: Totals, weights: Array) -> Agreed:
        """The estimates from totals, of any number of cells."""
        observed = divide(totals.alike, totals.pairable)
        chance = self.chance(totals, weights)
        return Agreed(observed, chance, totals.items, corrected(observed, chance))

    def influence(self, items: Items, totals: Totals, ratio: bool = False) -> Array:
        """How far each item's contribution lies from the estimate, shape (n_patterns,).

        Gwet's takes the share of items with two ratings as given and so calls it spread that items with one rating add
        nothing; with ``ratio`` the observed agreement is treated as the ratio that it is. Where every item has two
        ratings the two are the same.
        """
        agreed = self.agreed(totals, items.weights)
        cell, paired = items.patterns.cell, items.paired
        room, scale = _room(agreed.chance)[cell], divide(totals.items, totals.pairable)[cell]
        chance = agreed.chance[cell]
        centre, offset = (agreed.observed[cell], 0.0) if ratio else (chance, agreed.estimate[cell])
        own = scale * divide(items.alike - centre, room) * paired
        pull = 2 * (1 - agreed.estimate[cell]) * divide(self.of_item(items, totals, agreed.chance) - chance, room)
        return own - pull - offset


def corrected(observed: Array, chance: Array) -> Array:
    """``(observed - chance) / (1 - chance)``; NaN where chance alone makes all agree always."""
    beyond = observed - chance
    return divide(np.where(np.abs(beyond) < ROUNDING, 0.0, beyond), _room(chance))


def _room(chance: Array) -> Array:
    room = 1 - chance
    return np.where(np.abs(room) < SPARE, 0.0, room)


def _no_chance(totals: Totals, weights: Array) -> Array:  # noqa: ARG001 - the coefficients' common shape
    return np.zeros(totals.items.shape)


def _same_chance(items: Items, totals: Totals, chance: Array) -> Array:  # noqa: ARG001 - the coefficients' common shape
    return chance[items.patterns.cell]


def _uniform(totals: Totals, weights: Array) -> Array:
    return np.full(totals.items.shape, weights.mean() if weights.size else np.nan)


def _used(totals: Totals) -> Array:
    """The mean over items of the share of raters who gave each value."""
    return divide(totals.shares, totals.items[..., None])


def _of_values(items: Items, per_value: Array) -> Array:
    """The mean over an item's ratings of something said per cell and value."""
    mean: Array = (items.counts * per_value[items.patterns.cell]).sum(axis=1) / items.size
    return mean


def _fleiss(totals: Totals, weights: Array) -> Array:
    used = _used(totals)
    both: Array = ((used @ weights) * used).sum(axis=-1)
    return both


def _fleiss_of_item(items: Items, totals: Totals, chance: Array) -> Array:  # noqa: ARG001 - as above
    return _of_values(items, _used(totals) @ items.weights)


def _gwet_scale(weights: Array) -> float:
    others = len(weights) * (len(weights) - 1)
    return float(weights.sum()) / others if others else np.nan


def _gwet(totals: Totals, weights: Array) -> Array:
    used = _used(totals)
    varied: Array = (used * (1 - used)).sum(axis=-1)
    return _gwet_scale(weights) * varied


def _gwet_of_item(items: Items, totals: Totals, chance: Array) -> Array:  # noqa: ARG001 - as above
    return _gwet_scale(items.weights) * _of_values(items, 1 - _used(totals))


def _own_shares(totals: Totals) -> tuple[Array, Array, Array]:
    """How many each rater rated, the shares of the values among them, and the sum of these over raters."""
    rated = totals.by_rater.sum(axis=-1)
    own = np.nan_to_num(divide(totals.by_rater, rated[..., None]))
    return rated, own, own.sum(axis=-2)


def _raters(rated: Array) -> Array:
    """Pairs of raters, each counted from both sides; 0 for one rater alone."""
    raters: Array = (rated > 0).sum(axis=-1).astype(float)
    return raters * (raters - 1)


def _conger(totals: Totals, weights: Array) -> Array:
    rated, own, together = _own_shares(totals)
    with_oneself = ((own @ weights) * own).sum(axis=(-2, -1))
    return divide(((together @ weights) * together).sum(axis=-1) - with_oneself, _raters(rated))


def _conger_of_item(items: Items, totals: Totals, chance: Array) -> Array:  # noqa: ARG001 - as above
    rated, own, together = _own_shares(totals)
    others = (together[..., None, :] - own) @ items.weights
    each = divide(others * totals.items[:, None, None], (rated * _raters(rated)[:, None])[..., None])
    each = np.nan_to_num(each)
    mean = (each * own).sum(axis=-1)
    level = divide((rated * mean).sum(axis=-1), totals.items)
    cell = items.patterns.cell
    at, rater, value = items.patterns.at, items.patterns.rater, items.patterns.value
    added = each[cell[at], rater, value] - mean[cell[at], rater]
    return level[cell] + summed(at, added, len(cell))


class Alpha(Coefficient):
    """Krippendorff's alpha: items with one rating count for nothing, and an item counts as the ratings it has."""

    def agreed(self, totals: Totals, weights: Array) -> Agreed:
        distance = 1 - weights
        met = (totals.pairs * distance).sum(axis=(-2, -1))
        expected = ((totals.values @ distance) * totals.values).sum(axis=-1)
        disagreed, chance = divide(met, totals.ratings), 1 - divide(expected, totals.ratings**2)
        # The same as corrected(1 - (1 - 1 / ratings) * disagreed, chance), without the loss of digits.
        apart = np.where(_room(chance) == 0, 0.0, expected)
        return Agreed(1 - disagreed, chance, totals.pairable, 1 - (totals.ratings - 1) * divide(met, apart))

    def influence(self, items: Items, totals: Totals, ratio: bool = False) -> Array:  # noqa: ARG002 - one form of it
        agreed = self.agreed(totals, items.weights)
        cell, paired = items.patterns.cell, items.paired
        mean = divide(totals.ratings, totals.pairable)[cell]
        excess = (items.size - mean) / mean
        small = divide(1.0, totals.ratings)
        room, chance = _room(agreed.chance)[cell], agreed.chance[cell]
        raw = corrected(agreed.observed, agreed.chance)[cell]
        observed = ((1 - small) * agreed.observed + small)[cell]
        own = divide(items.alike * items.size / mean - observed * excess - chance, room)
        used = divide(totals.values, totals.ratings[:, None])
        of_item = (items.counts * (used @ items.weights)[cell]).sum(axis=1) / mean - chance * excess
        return (own - 2 * (1 - raw) * divide(of_item - chance, room) - raw) * paired


COEFFICIENTS = {
    "percent_agreement": Coefficient(_no_chance, _same_chance),
    "fleiss_kappa": Coefficient(_fleiss, _fleiss_of_item),
    "conger_kappa": Coefficient(_conger, _conger_of_item),
    "gwet_ac1": Coefficient(_gwet, _gwet_of_item),
    "brennan_prediger": Coefficient(_uniform, _same_chance),
    "krippendorff_alpha": Alpha(_no_chance, _same_chance),
}
"""The coefficients by the names of their metrics. With weights AC1 is called AC2."""


def estimate(name: str, patterns: Patterns, weights: Array) -> Array:
    """A coefficient of each cell."""
    totals = Items.of(patterns, weights).sums(pairs=name == "krippendorff_alpha", raters=name == "conger_kappa")
    return COEFFICIENTS[name].agreed(totals, weights).estimate


def variance(name: str, patterns: Patterns, weights: Array) -> Array:
    """The variance of a coefficient of each cell, over items (Gwet 2014)."""
    items = Items.of(patterns, weights)
    totals, coefficient = items.totals, COEFFICIENTS[name]
    return items.spread(coefficient.influence(items, totals), coefficient.agreed(totals, weights).items)
