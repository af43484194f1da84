"""Resamples of counts: what the four counts of each cell might have been. It sees no decision and knows no metric.

A resample of clusters is a resample of their totals, so its cost depends on cells and clusters alone, whatever the
number of decisions.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from ..chance import Array, divide
from .base import Design
from .layout import Codes, Layout, pairs, summed

REPLICATES = 1000
MOST_CLUSTERS = 2000
"""More clusters than this are first dealt at random into so many groups, which are then resampled."""


def of_decisions(cells: Array, generator: np.random.Generator) -> Array:
    """Resamples of independent decisions within each cell, shape (replicates, n_cells, 4).

    Examples
    --------
    >>> of_decisions(np.array([[5.0, 0, 0, 5]]), np.random.default_rng(0)).shape
    (1000, 1, 4)
    """
    n = cells.sum(axis=1)
    shares = divide(cells, n[:, None])
    shares[n == 0] = 0.25
    return generator.multinomial(n.astype(np.int64), shares, size=(REPLICATES, len(cells))).astype(float)


def of_strata(layout: Layout, n_cells: int, generator: np.random.Generator) -> Array:
    """Resamples of the decisions within each tag's strata, weights and finite population kept: (replicates, n, 4).

    How many of each kind there are is drawn; the sum of their weights then varies as that of so many draws does.
    """
    layer = pairs(layout.tag, layout.stratum)
    first, counts = summed(layout.place, layer, layout.counts)
    weights, squares = (summed(layout.place, layer, sums)[1] for sums in (layout.weights, layout.squares))
    each = np.nan_to_num(divide(weights, counts))
    spread = np.clip(np.nan_to_num(divide(squares, counts)) - each**2, 0, None)
    found = np.zeros((n_cells, REPLICATES, 4))
    for stratum in np.unique(layer[first]):
        rows = np.flatnonzero(layer[first] == stratum)
        n = counts[rows].sum()
        if n == 0:
            continue
        drawn = generator.multinomial(int(n), counts[rows].ravel() / n, size=REPLICATES).reshape(-1, len(rows), 4)
        sums = drawn * each[rows] + np.sqrt(drawn * spread[rows]) * generator.standard_normal(drawn.shape)
        kept = np.sqrt(np.clip(layout.left[first[rows]], 0, 1))[:, None]
        resampled = np.clip(weights[rows] + kept * (sums - weights[rows]), 0, None)
        np.add.at(found, layout.place[first[rows]], np.moveaxis(resampled, 1, 0))
    return np.moveaxis(found, 0, 1)


def of_clusters(layout: Layout, n_cells: int, generator: np.random.Generator) -> Array:
    """Resamples of whole clusters, which take their decisions in every cell with them: (replicates, n_cells, 4)."""
    group = layout.cluster
    n_clusters = int(group.max(initial=-1)) + 1
    if n_clusters > MOST_CLUSTERS:
        group = (generator.permutation(n_clusters) % MOST_CLUSTERS)[group]
        n_clusters = MOST_CLUSTERS
    totals = _dense(layout.place, group, layout.weights, n_cells, n_clusters)
    drawn = generator.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=REPLICATES)
    return np.reshape(drawn.astype(float) @ totals, (REPLICATES, n_cells, 4))


def _dense(place: Codes, group: Codes, values: Array, n_cells: int, n_groups: int) -> Array:
    """The totals of every group in every cell, shape (n_groups, n_cells * 4)."""
    at = group * n_cells + place
    sums = [np.bincount(at, weights=column, minlength=n_groups * n_cells) for column in values.T]
    return np.stack(sums, axis=-1).astype(float).reshape(n_groups, n_cells * 4)


def percentiles(values: Array, design: Design, level: float) -> tuple[Array, Array]:
    """The ends of each cell's interval, from its replicates, shape (replicates, n_cells).

    With few clusters the percentiles of the bootstrap lie too close together; they are moved outward by as much as a
    quantile of t is wider than a normal one (Hesterberg 2015, The American Statistician 69:371-386).
    """
    ordered = np.sort(values, axis=0)  # NaN, a metric undefined in its replicate, comes last
    valid = (~np.isnan(ordered)).sum(axis=0)
    clusters = np.where(design.clusters > 1, design.clusters, np.inf)
    wider = np.where(np.isinf(clusters), 1, np.sqrt(clusters / np.where(np.isinf(clusters), 2, clusters - 1)))
    by_cluster = np.char.endswith(design.kind.astype(str), "cluster")
    reach = np.where(by_cluster, wider * np.nan_to_num(design.reach(level)), -special.ndtri((1 - level) / 2))
    tail = special.ndtr(-reach)
    return _quantile(ordered, valid, tail), _quantile(ordered, valid, 1 - tail)


def _quantile(ordered: Array, valid: Array, share: Array) -> Array:
    """Linear interpolation between the two neighbours; NaN where nothing is valid."""
    at = share * np.maximum(valid - 1, 0)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, np.maximum(valid - 1, 0))
    cells = np.arange(ordered.shape[1])
    low, high = ordered[below, cells], ordered[above, cells]
    return np.asarray(low + (at - below) * (high - low))
