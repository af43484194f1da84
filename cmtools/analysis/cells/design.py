"""How the decisions of each cell came about: weights, strata and clusters, as a covariance of the cell's counts.

Everything that intervals need to know of the sample is in that 4 x 4 matrix (and its degrees of freedom), for every
metric is a smooth function of the four counts. It looks at a tally, never at decisions, and knows no metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..chance import Array, divide
from ..choices import Choices
from ..counts.tally import Tally
from . import bootstrap
from .base import Cells, Design, Mask
from .layout import Codes, Layout, by_cell, codes_of, is_clustered, is_stratified, is_weighted, layout_of, summed

CLUSTERS_NEEDED = 5
"""With fewer clusters than this in a cell, how much they differ cannot be told; ``auto`` then goes by decisions."""


class Sampling(NamedTuple):
    """How the decisions of a tally were drawn, as far as the choices take it into account."""

    weighted: bool
    stratified: bool
    clustered: bool
    finite: bool

    @classmethod
    def of(cls, tally: Tally, choices: Choices) -> Sampling:
        """What a tally has, and the choices do not turn off."""
        finite = choices.population is not None
        return cls(is_weighted(tally, choices), is_stratified(tally, choices), is_clustered(tally, choices), finite)

    @property
    def is_simple(self) -> bool:
        """Whether every decision is an independent draw."""
        return not any(self)

    def kinds(self, together: Mask) -> np.ndarray:
        """The kind of each cell's design, where some go by cluster."""
        designed = self.weighted or self.stratified
        alone = "hajek" if designed or self.finite else ""
        return np.where(together, "hajek_cluster" if designed else "cluster", alone).astype(object)


def design_of(tally: Tally, counts: pd.DataFrame, by: Sequence[str], choices: Choices) -> Design:
    """The design behind each row of ``counts``, which are those of the tally by these columns.

    Examples
    --------
    >>> from ..sources.reading import Reading
    >>> from ..sources.source import Source
    >>> from ..counts.tally import take
    >>> reviewers = list("abcde") * 4
    >>> frame = pd.DataFrame({"tag": "a", "auto": True, "human": [1, 0] * 10, "reviewer": reviewers})
    >>> tally = take(Source(frame), Reading(cluster="reviewer"))
    >>> design_of(tally, tally.counts(), [], Choices()).kind.tolist()
    ['cluster']
    """
    cells, exact = cells_of(counts), choices.interval == "exact"
    sampling = Sampling.of(tally, choices)
    if sampling.is_simple and choices.interval != "bootstrap":
        return Design.independent(cells, exact)
    layout, n_cells = layout_of(tally, counts, by, choices), len(counts)
    clusters = layout.clusters(layout.place, n_cells) if sampling.clustered else np.zeros(n_cells)
    together = clusters >= _needed(choices)
    design = _made(
        cells,
        (by_cell(layout.place, layout.weights, n_cells), by_cell(layout.place, layout.squares, n_cells)),
        _covariance(layout, layout.place, layout.place, n_cells, together, clusters),
        (sampling, clusters, together, _freedom(layout, n_cells)),
        exact,
    )
    design = replace(design, undrawn=by_cell(layout.place, layout.undrawn, n_cells))
    if choices.interval != "bootstrap":
        return design
    return replace(design, replicates=_replicates(layout, design, choices.seed))


def _made(
    cells: Cells, sums: tuple[Array, Array], covariance: Array, drawn: tuple[Sampling, Array, Mask, Array], exact: bool
) -> Design:
    """A design out of its parts, scaled so that weights add up to the number of decisions."""
    (totals, squares), (sampling, clusters, together, freedom) = sums, drawn
    scale = _scale(cells, totals)
    return Design(
        cells=cells,
        totals=Cells.of(*np.nan_to_num(totals * scale[:, None]).T),
        kind=sampling.kinds(together),
        covariance=covariance * (scale**2)[:, None, None],
        freedom=np.where(together, clusters - 1, freedom),
        squares=squares * (scale**2)[:, None],
        clusters=clusters,
        is_weighted=sampling.weighted,
        is_stratified=sampling.stratified,
        is_finite=sampling.finite,
        exact=exact,
    )


def _scale(cells: Cells, totals: Array) -> Array:
    return divide(cells.n, totals.sum(axis=1))


def _needed(choices: Choices) -> int:
    return 2 if choices.interval == "linearised" else CLUSTERS_NEEDED


def _covariance(layout: Layout, place: Codes, whole: Codes, n_cells: int, together: Mask, clusters: Array) -> Array:
    """By cluster where there are enough, else by decisions."""
    found = np.zeros((n_cells, 4, 4))
    if not together.all():
        found = layout.covariance(place, whole, n_cells, by_cluster=False)
    if together.any():
        grouped = layout.covariance(place, whole, n_cells, by_cluster=True)
        grouped *= divide(clusters, clusters - 1)[:, None, None]
        found = np.where(together[:, None, None], grouped, found)
    return found


def _replicates(layout: Layout, design: Design, seed: int) -> Array:
    """Resamples of every cell, each by its kind."""
    n_cells, kinds = len(design.kind), set(design.kind)
    found = np.zeros((bootstrap.REPLICATES, n_cells, 4))
    if "" in kinds:
        found = bootstrap.of_decisions(np.stack(design.cells[:4], axis=-1), np.random.default_rng(seed))
    if "hajek" in kinds:
        strata = bootstrap.of_strata(layout, n_cells, np.random.default_rng(seed))
        found = np.where((design.kind == "hajek")[:, None], strata, found)
    if kinds & {"cluster", "hajek_cluster"}:
        grouped = bootstrap.of_clusters(layout, n_cells, np.random.default_rng(seed))
        found = np.where(np.char.endswith(design.kind.astype(str), "cluster")[:, None], grouped, found)
    return found


class Contrast(NamedTuple):
    """Slices, what is left of their tags without them, and how the two vary together: shape (n_cells, 4, 4)."""

    ours: Design
    rest: Design
    between: Array


def contrast_of(
    tally: Tally, slices: pd.DataFrame, rest: pd.DataFrame, keys: tuple[Sequence[str], Sequence[str]], choices: Choices
) -> Contrast:
    """Each slice against the rest of its whole.

    Parameters
    ----------
    tally : Tally
        What the counts come from.
    slices, rest : DataFrame
        The counts of each slice and, in the same order, those of the rest.
    keys : tuple of two sequences of str
        The columns that make a slice, and those that make the whole that it is part of.
    choices : Choices
        What was chosen.
    """
    by, within = keys
    ours, others = cells_of(slices), cells_of(rest)
    sampling, n_cells = Sampling.of(tally, choices), len(slices)
    exact = choices.interval == "exact"
    if sampling.is_simple:
        return Contrast(Design.independent(ours, exact), Design.independent(others, exact), np.zeros((n_cells, 4, 4)))
    layout = layout_of(tally, slices, by, choices)
    of_cell = codes_of(slices, [*within, "tag"])
    whole, n_wholes = of_cell[layout.place], int(of_cell.max(initial=-1)) + 1
    clusters = layout.clusters(whole, n_wholes) if sampling.clustered else np.zeros(n_wholes)
    enough = clusters >= _needed(choices)
    drawn = (sampling, clusters[of_cell], enough[of_cell], _freedom(layout, n_cells))
    own = _covariance(layout, layout.place, layout.place, n_cells, enough[of_cell], clusters[of_cell])
    shared = _covariance(layout, layout.place, whole, n_cells, enough[of_cell], clusters[of_cell])
    around = _covariance(layout, whole, whole, n_wholes, enough, clusters)[of_cell]
    apart = around - shared - shared.transpose(0, 2, 1) + own
    told = layout.weights, layout.squares, layout.undrawn
    inside = [by_cell(layout.place, sums, n_cells) for sums in told]
    outside = [by_cell(whole, sums, n_wholes)[of_cell] - part for sums, part in zip(told, inside, strict=True)]
    scale = _scale(ours, inside[0]) * _scale(others, outside[0])
    return Contrast(
        replace(_made(ours, (inside[0], inside[1]), own, drawn, exact), undrawn=inside[2]),
        replace(_made(others, (outside[0], outside[1]), apart, drawn, exact), undrawn=outside[2]),
        (shared - own) * scale[:, None, None],
    )


def how_in_words(design: Design, columns: Mapping[str, str], choices: Choices) -> str:
    """How intervals are made, as far as it is not what everybody expects; to follow the word "intervals".

    Examples
    --------
    >>> how_in_words(Design.independent(Cells.of([1], [2], [3], [4])), {}, Choices(interval="exact"))
    ' (exact)'
    """
    by_cluster = any(kind.endswith("cluster") for kind in set(design.kind))
    words = [f"by {columns['cluster']}"] if by_cluster else []
    words += [f"weighted by {columns.get('weights', 'the sizes of strata')}"] if design.is_weighted else []
    words += [f"stratified by {columns['stratum']}"] if design.is_stratified else []
    words += ["of a finite population"] if choices.population is not None else []
    return (f" {', '.join(words)}" if words else "") + (f" ({choices.interval})" if choices.interval != "auto" else "")


def cells_of(counts: pd.DataFrame) -> Cells:
    """The counts of every row as arrays."""
    return Cells.of(*(counts[name].to_numpy(dtype=float) for name in ("tp", "fp", "fn", "tn", "missing")))


def _freedom(layout: Layout, n_cells: int) -> Array:
    """Decisions less strata, of the tag that each cell is about."""
    first, sums = summed(layout.tag, layout.stratum, layout.counts)
    per_tag = np.bincount(layout.tag[first], weights=sums.sum(axis=1) - 1)
    freedom = np.ones(n_cells)
    freedom[layout.place] = per_tag[layout.tag]
    return np.maximum(freedom, 1)
