"""The parts of a tally as arrays: which cell, tag, stratum and cluster each belongs to, and what its sums vary with.

It looks at a tally, never at decisions, and knows no metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..chance import Array, divide
from ..choices import Choices
from ..counts.tally import CELLS, SQUARES, WEIGHTS, Tally

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Layout:
    """The parts of a tally as arrays: which cell, tag, stratum and cluster each belongs to, and its weighted sums."""

    place: Codes
    tag: Codes
    stratum: Codes
    cluster: Codes
    counts: Array
    weights: Array
    squares: Array
    size: Array
    """Decisions of this part's tag in its stratum, over all slices."""
    left: Array
    """The share of the stratum's population that was not drawn: 1 without a population, 0 where all of it was."""

    @property
    def undrawn(self) -> Array:
        """The decisions of each part, under each of the four counts that may be among what its stratum has left.

        What is left of a stratum is taken to be flagged as those drawn from it: of nothing but unflagged content only
        false and true negatives can come. Zero where all of a stratum was drawn.
        """
        layer = pairs(self.tag, self.stratum)
        flagged, unflagged = (
            np.bincount(layer, weights=self.counts[:, at].sum(axis=1))[layer] > 0 for at in ([0, 1], [2, 3])
        )
        may = np.stack([flagged, flagged, unflagged, unflagged], axis=-1) & (self.left > 0)[:, None]
        return np.asarray(may * self.counts.sum(axis=1)[:, None])

    def covariance(self, place: Codes, whole: Codes, n_cells: int, by_cluster: bool) -> Array:
        """The covariance of the sums of each place with those of the whole that it is part of, shape (n, 4, 4).

        By cluster it is the sum of products of cluster totals, which must be multiplied by G / (G - 1); else that of
        decisions drawn within strata.
        """
        groups = self.cluster if by_cluster else pairs(self.tag, self.stratum)
        first, sums = summed(place, groups, self.weights)
        wholes = _looked_up(whole, groups, self.weights)[first]
        products = sums[:, :, None] * wholes[:, None, :]
        if by_cluster:
            return _by_place(place[first], products, n_cells)
        size, left = self.size[first], self.left[first]
        lonely = size < 2
        own = _diagonal(summed(place, groups, self.squares)[1])
        inner = own - np.where(lonely, 0, divide(1, size))[:, None, None] * products
        factor = left * np.where(lonely, 1, divide(size, size - 1))
        return _by_place(place[first], factor[:, None, None] * inner, n_cells)

    def clusters(self, place: Codes, n_cells: int) -> Array:
        """How many clusters each place has decisions of."""
        first, sums = summed(place, self.cluster, self.counts)
        return np.bincount(place[first], weights=sums.sum(axis=1) > 0, minlength=n_cells).astype(float)


def pairs(one: Codes, other: Codes) -> Codes:
    """One code for each pair of codes."""
    return one * (int(other.max(initial=0)) + 1) + other


def summed(place: Codes, group: Codes, values: Array) -> tuple[Codes, Array]:
    """Sums by place and group: where each pair first stands, and its sums of the four columns."""
    inverse = _numbered(pairs(place, group))
    first = np.zeros(int(inverse.max(initial=-1)) + 1, dtype=np.intp)
    first[inverse[::-1]] = np.arange(len(inverse) - 1, -1, -1)
    sums = [np.bincount(inverse, weights=column, minlength=len(first)) for column in values.T]
    return first, np.stack(sums, axis=-1)


def _numbered(codes: Codes) -> Codes:
    """The codes as numbers from zero on, in the order in which they come."""
    return np.asarray(pd.factorize(codes)[0], dtype=np.intp)


def _looked_up(whole: Codes, group: Codes, values: Array) -> Array:
    """For each part the sums of all parts of the same whole and group."""
    inverse = _numbered(pairs(whole, group))
    return np.stack([np.bincount(inverse, weights=column)[inverse] for column in values.T], axis=-1)


def _by_place(place: Codes, matrices: Array, n_cells: int) -> Array:
    flat = matrices.reshape(len(matrices), 16)
    sums = [np.bincount(place, weights=column, minlength=n_cells) for column in flat.T]
    return np.stack(sums, axis=-1).astype(float).reshape(n_cells, 4, 4)


def _diagonal(values: Array) -> Array:
    return values[:, :, None] * np.eye(4)


def is_weighted(tally: Tally, choices: Choices) -> bool:
    """Whether decisions stand for more items some than others: by weights, or by the sizes of strata."""
    asked = isinstance(choices.weights, str) and "weights" in tally.columns
    by_population = isinstance(choices.population, Mapping)
    return tally.is_weighted or asked or by_population


def is_stratified(tally: Tally, choices: Choices) -> bool:
    """Whether there are strata that intervals take into account."""
    return choices.strata is not False and (tally.differs("stratum") or isinstance(choices.population, Mapping))


def is_clustered(tally: Tally, choices: Choices) -> bool:
    """Whether there are clusters that intervals could take into account: several, and one that repeats."""
    if choices.interval == "wilson" or choices.cluster is False or not tally.differs("cluster"):
        return False
    n = tally.parts[list(CELLS)].sum(axis=1)
    return bool(n.groupby([tally.parts["_cluster"], tally.parts["tag"]], dropna=False).sum().max() > 1)


def layout_of(tally: Tally, counts: pd.DataFrame, by: Sequence[str], choices: Choices) -> Layout:
    """The parts of a tally as arrays, ``place`` being the row of ``counts`` that a part belongs to."""
    parts = tally.parts
    keys = [*by, "tag"]
    both = pd.concat([counts[keys], parts[keys]], ignore_index=True)
    place = codes_of(both, keys)[len(counts) :]
    tag = _codes(parts["tag"])
    stratum = _codes(parts["_stratum"]) if is_stratified(tally, choices) and "_stratum" in parts else np.zeros_like(tag)
    cluster = _codes(parts["_cluster"]) if "_cluster" in parts else np.zeros_like(tag)
    plain = parts[list(CELLS)].to_numpy(dtype=float)
    told = "weights" in tally.columns and choices.weights is not False
    weights = parts[list(WEIGHTS)].to_numpy(dtype=float) if told and tally.is_weighted else plain
    squares = parts[list(SQUARES)].to_numpy(dtype=float) if told and tally.is_weighted else plain
    layer = pairs(tag, stratum)
    size = np.bincount(layer, weights=plain.sum(axis=1)).astype(float)[layer]
    population = _population(parts, choices.population)
    by_stratum = isinstance(choices.population, Mapping)
    drawn = size if by_stratum else np.bincount(tag, weights=plain.sum(axis=1)).astype(float)[tag]
    if population is not None:
        short = (population < drawn) & (drawn > 0)
        if short.any():
            where = int(np.flatnonzero(short)[0])
            raise BadRequest(
                f"the population is {population[where]:,.0f}, but {drawn[where]:,.0f} decisions were drawn from it"
            )
        if by_stratum and not tally.is_weighted:
            each = divide(population, size)[:, None]
            weights, squares = np.nan_to_num(plain * each), np.nan_to_num(plain * each**2)
    left = np.ones(len(parts)) if population is None else 1 - divide(drawn, population)
    left = np.where(left < 1e-9, 0, left)
    return Layout(place, tag, stratum, cluster, plain, weights, squares, size, left)


def _codes(column: pd.Series) -> Codes:
    return np.asarray(pd.factorize(column, sort=True, use_na_sentinel=False)[0], dtype=np.intp)


def codes_of(table: pd.DataFrame, keys: Sequence[str]) -> Codes:
    """A code for each row, the same for rows that are the same in these columns, in the order in which they come."""
    groups = table.groupby(list(keys), dropna=False, sort=False, observed=True)
    return np.asarray(groups.ngroup(), dtype=np.intp)


def _population(parts: pd.DataFrame, population: Any) -> Array | None:
    """The number of items that each part's stratum has."""
    if population is None:
        return None
    if not isinstance(population, Mapping):
        return np.full(len(parts), float(population))
    if "_stratum" not in parts:
        raise BadRequest("population is given per stratum, but the decisions have no strata; say strata='a column'")
    known = {str(name): float(size) for name, size in population.items()}
    found = parts["_stratum"].map(known)
    if found.isna().any():
        lacking = sorted({str(name) for name in parts.loc[found.isna(), "_stratum"]})
        raise BadRequest(f"population has no number for the stratum {', '.join(map(repr, lacking))}")
    return np.asarray(found, dtype=float)


def by_cell(place: Codes, values: Array, n_cells: int) -> Array:
    """Sums over the parts of each cell, shape (n_cells, 4)."""
    return np.stack([np.bincount(place, weights=column, minlength=n_cells) for column in values.T], axis=-1)
