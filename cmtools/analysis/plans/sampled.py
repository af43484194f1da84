"""What a designed sample tells of two kinds of items, for every slice and tag: strata, weights and variances as arrays.

It looks at units, never at decisions, and knows no metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..cells.base import Cells, Mask
from ..cells.layout import Codes, codes_of
from ..chance import Array, divide
from .strata import Stratum
from .stratified import Strata
from .units import ONE_ANSWER, Units


@dataclass(frozen=True)
class Sampled:
    """Units as arrays. Shapes go by units, tags (T), strata (H) and cells (K): a cell is a tag in a slice.

    ``weight`` adds up to the population in each tag and stratum; ``left`` is the share of its stratum that a unit
    leaves undrawn; ``kinds`` are the shares of tp, fp, fn and tn that a unit is.
    """

    cells: pd.DataFrame
    cell: Codes
    tag: Codes
    layer: Codes
    """The stratum for variances: that of a neighbour where a stratum has a single unit."""
    weight: Array
    left: Array
    kinds: Array
    first: Codes
    """The row of each unit of a tag, once: it stands in several where slices cut through units."""
    size: Array
    units: Array
    """How many units there are, shape (T, H)."""
    answered: Array
    """The share of what was drawn that has a decision, shape (T, H)."""
    collapsed: Mask
    """Whether strata were joined, shape (T,)."""

    @property
    def by_size(self) -> Sampled:
        """The same for shares of the size instead of the items."""
        return replace(self, weight=self.weight * self.size)

    @property
    def tag_of(self) -> Codes:
        """The tag of each cell."""
        return np.asarray(self.cells["_tag"], dtype=np.intp)

    @property
    def is_thin(self) -> Mask:
        """Where there is too little of the rare kind for what had to be learnt besides; nowhere, if nothing had."""
        return np.zeros(len(self.cells), dtype=bool)

    def counts(self) -> Cells:
        """The unweighted counts of each cell."""
        sums = [np.bincount(self.cell, weights=kind, minlength=len(self.cells)) for kind in self.kinds.T]
        return Cells.of(*sums)

    def totals(self) -> Array:
        """The weighted counts of each cell: items of the population, shape (K, 4)."""
        sums = [np.bincount(self.cell, weights=self.weight * kind, minlength=len(self.cells)) for kind in self.kinds.T]
        return np.stack(sums, axis=-1)

    def strata(self, one: Array, other: Array) -> Strata:
        """What the sample tells of two kinds, each a sum of some of the four counts, as ``one`` and ``other`` say.

        A stratum that showed nothing flagged is taken to hold nothing flagged, for most strata are bands of a score;
        but not where no stratum showed any: then any of them may.
        """
        size, drawn = self._sizes()
        shares = divide(self._by_layer(self.weight[:, None] * self.kinds), size[self.tag_of][:, :, None])
        shares = np.nan_to_num(shares)
        seen = self._by_layer(self.kinds)
        flagged, unflagged = (_or_all(seen[..., at].sum(axis=-1) > 0) for at in ([0, 1], [2, 3]))
        may = np.stack([flagged, flagged, unflagged, unflagged], axis=-1)
        found = Strata(
            size[self.tag_of],
            drawn[self.tag_of],
            shares @ one,
            shares @ other,
            np.asarray((may & (one > 0)).any(axis=-1)),
            np.asarray((may & (other > 0)).any(axis=-1)),
            np.ones(len(self.cells)),
        )
        return replace(found, effect=self._effect(found, one, other))

    def variance(self, slopes: Array) -> Array:
        """The linearised variance of what changes with the four weighted counts as the slopes say, shape (K, 4).

        Notes
        -----
        Within strata by Hajek's approximation, the sum of ``(1 - p) (z - mean of z)²`` with chances p, which for equal
        chances is the textbook's with its finite population correction (Deville 1999, Survey Methodology 25:193-203).
        """
        value = self.weight * (self.kinds * slopes[self.cell]).sum(axis=-1)
        sums = self._by_layer(np.stack([self.left * value, self.left * value**2], axis=-1))
        left = self._of_layers(self.left)[self.tag_of]
        units = self._of_layers(np.ones(len(self.left)))[self.tag_of]
        inner = sums[..., 1] - np.nan_to_num(divide(sums[..., 0] ** 2, left))
        return np.asarray((divide(units, np.maximum(units - 1, 1)) * np.clip(inner, 0, None)).sum(axis=-1))

    def _effect(self, strata: Strata, one: Array, other: Array) -> Array:
        """The variance over that of as many draws with one weight per stratum as these are worth; 1 if not told.

        Where weights differ it is at least 1: if by chance few heavy items were among those found, the estimate is low
        and its variance with it, and intervals that believe it were measured to cover 90 % for 95.
        """
        ratio = self._ratio(strata, one, other)
        return np.where((ratio > 0) & (self._is_even | (ratio > 1)), ratio, 1.0)

    def _ratio(self, strata: Strata, one: Array, other: Array) -> Array:
        share = np.nan_to_num(strata.share)[:, None]
        units = self._of_layers(np.ones(len(self.left)))[self.tag_of]
        up, down = 1 - share, -share
        spread = up**2 * strata.one + down**2 * strata.other - (up * strata.one + down * strata.other) ** 2
        grown = divide(strata.size**2, strata.drawn) * np.clip(spread, 0, None)
        plain = (np.nan_to_num(grown) * divide(units, np.maximum(units - 1, 1))).sum(axis=-1)
        actual = self.variance(up * one - share * other)
        return np.where(plain > 1e-18 * strata.size.sum(axis=-1) ** 2, divide(actual, plain), 1.0)

    @property
    def _is_even(self) -> Mask:
        """Where the units of each layer have one weight, shape (K,)."""
        size, squares = self._of_layers(self.weight), self._of_layers(self.weight**2)
        even = squares * self._of_layers(np.ones(len(self.left))) <= size**2 * (1 + 1e-9)
        return np.asarray(np.asarray(even.all(axis=-1))[self.tag_of])

    def _sizes(self) -> tuple[Array, Array]:
        """What each layer stands for, and how many independent draws it is worth, shape (T, H)."""
        size, squares = self._of_layers(self.weight), self._of_layers(self.weight**2)
        left = divide(self._of_layers(self.left), self._of_layers(np.ones(len(self.left))))
        worth = divide(size**2, squares)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.where(left < 1e-9, np.inf, worth / left)
        return size, np.where(size > 0, drawn, np.inf)

    def _of_layers(self, values: Array) -> Array:
        """Sums over the units of each tag and layer, each unit once: shape (T, H)."""
        shape = self.units.shape
        first = self.first
        place = self.tag[first] * shape[1] + self.layer[first]
        sums = np.bincount(place, weights=values[first], minlength=shape[0] * shape[1])
        return np.asarray(sums.reshape(shape), dtype=float)

    def _by_layer(self, values: Array) -> Array:
        """Sums over the units of each cell and layer, shape (K, H, n_columns)."""
        shape = len(self.cells), self.units.shape[1]
        place = self.cell * shape[1] + self.layer
        sums = [np.bincount(place, weights=column, minlength=shape[0] * shape[1]) for column in values.T]
        return np.asarray(np.stack(sums, axis=-1).reshape(*shape, len(sums)), dtype=float)


def sampled_of(units: Units, strata: Sequence[Stratum], is_by_size: bool) -> Sampled:
    """The units as arrays, with the weights of those who answered grown to the strata they answer for.

    Raises
    ------
    BadRequest
        When there are more items than were drawn, or a draw by size came back without its weights.
    """
    table, (cells, cell) = units.table, _cells(units)
    tag = cells["_tag"].to_numpy(dtype=np.intp)[cell]
    stratum = table["_stratum"].to_numpy(dtype=np.intp)
    first = np.flatnonzero(~table.assign(_tag=tag)[["_tag", "_unit"]].duplicated().to_numpy())
    shape = len(units.tags), len(strata)

    def summed(values: Array) -> Array:
        place = (tag * shape[1] + stratum)[first]
        sums = np.bincount(place, weights=values[first], minlength=shape[0] * shape[1])
        return np.asarray(sums.reshape(shape), dtype=float)

    given = _weights(table["_weight"], is_by_size)
    number, told = summed(np.ones(len(table))), None if given is None or is_by_size else summed(given)
    answered, population = _answered(number, told, strata)
    given = np.ones(len(table)) if given is None else given
    left = np.clip(1 - divide(answered * [each.n for each in strata], [each.room for each in strata]), 0, 1)
    own = np.clip(1 - divide(answered[tag, stratum], given), 0, 1) if is_by_size else left[tag, stratum]
    layers, collapsed = _joined(number, left)
    weight = given * divide(population, summed(given))[tag, stratum]
    size = table["_size"].to_numpy(dtype=float)
    own = np.where(own < 1e-9, 0, own)
    kinds = _kinds(table)
    return Sampled(cells, cell, tag, layers[tag, stratum], weight, own, kinds, first, size, number, answered, collapsed)


def _or_all(found: Mask) -> Mask:
    """Of each row the places where something was found, or all of them where nothing was."""
    return np.asarray(found | ~found.any(axis=-1, keepdims=True))


def _weights(column: pd.Series, is_by_size: bool) -> Array | None:
    """The weights that came back with the decisions; None where there are none."""
    if len(column) and column.notna().all():
        return column.to_numpy(dtype=float)
    if is_by_size and len(column):
        raise BadRequest("what was drawn by size needs the weights of the draw: decisions has none")
    return None


def _kinds(table: pd.DataFrame) -> Array:
    """How far each unit is a tp, fp, fn and tn: one of them, but where several auto tags differ."""
    auto, human = table["_auto"].to_numpy(dtype=float), table["_human"].to_numpy(dtype=float)
    return np.stack([auto * human, auto * (1 - human), (1 - auto) * human, (1 - auto) * (1 - human)], axis=-1)


def _cells(units: Units) -> tuple[pd.DataFrame, Codes]:
    """The slices and tags there are, in order, and which each row belongs to.

    Without slices it is each tag, be there decisions or not.
    """
    keys, place = [*units.by, "tag"], {tag: at for at, tag in enumerate(units.tags)}
    if units.by:
        found = units.table[keys].drop_duplicates()
        found = found.assign(_tag=found["tag"].map(place).astype(int))
        found = found.sort_values([*units.by, "_tag"], ignore_index=True)
    else:
        found = pd.DataFrame({"tag": pd.Series(units.tags, dtype="str"), "_tag": range(len(units.tags))})
    both = pd.concat([found[keys], units.table[keys]], ignore_index=True)
    return found, codes_of(both, keys)[len(found) :]


def _answered(number: Array, weights: Array | None, strata: Sequence[Stratum]) -> tuple[Array, Array]:
    """The share of what was drawn that has a decision, and the items of each stratum.

    Where weights are known it is their share of the stratum: an item may stand for copies of it as well.
    """
    drawn = np.array([each.n for each in strata], dtype=float)
    population = np.array([each.share if each.population is None else each.population for each in strata])
    over = (number > drawn).any(axis=0)
    if over.any():
        at = int(np.flatnonzero(over)[0])
        raise BadRequest(
            f"{strata[at].name!r} has {int(number[:, at].max()):,} reviewed items, the plan draws {strata[at].n:,}: "
            "take those on what this plan drew, for others tell nothing of it. Where an item has several reviews, as "
            f"of two batches of one draw, {ONE_ANSWER}"
        )
    share = np.nan_to_num(divide(number, np.broadcast_to(drawn, number.shape)))
    if weights is not None and all(each.population is not None for each in strata):
        heavy = (weights > population * (1 + 1e-6)).any(axis=0)
        if heavy.any():
            at = int(np.flatnonzero(heavy)[0])
            raise BadRequest(
                f"the weights in {strata[at].name!r} add up to {weights[:, at].max():,.0f}, but it has "
                f"{strata[at].population:,} items: these decisions are on what another plan drew"
            )
        share = np.maximum(share, np.minimum(divide(weights, population), 1)) * (number > 0)
    return np.where(share > 1 - 1e-6, 1, share), population


def _joined(number: Array, left: Array) -> tuple[Codes, Mask]:
    """The layer of each tag and stratum: its own, but that of a neighbour where a single unit tells no variance."""
    layers = np.tile(np.arange(number.shape[1]), (number.shape[0], 1))
    collapsed = np.zeros(number.shape[0], dtype=bool)
    for tag, place in zip(*np.nonzero((number == 1) & (left > 1e-9)), strict=True):
        others = np.flatnonzero((number[tag] > 0) & (left[tag] > 1e-9))
        others = others[layers[tag, others] != layers[tag, place]]
        own = layers[tag] == layers[tag, place]
        if len(others) and number[tag, own].sum() == 1:
            nearest = others[np.abs(others - place).argmin()]
            layers[tag, own] = layers[tag, nearest]
            collapsed[tag] = True
    return layers, collapsed
