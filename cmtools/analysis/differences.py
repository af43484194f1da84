"""How far a slice differs from the rest, and whether that is more than chance. It works on counts alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .cells.design import Contrast, contrast_of
from .chance import Array, divide
from .choices import Choices
from .counts.table import COUNTS
from .counts.tally import Tally
from .estimates import repeat_cells
from .measure import CENSUS
from .metrics import METRICS
from .multiplicity import benjamini_hochberg

COMPARISON = (
    "tag",
    "metric",
    "estimate",
    "rest",
    "difference",
    "low",
    "high",
    "p",
    "p_adjusted",
    "n",
    "n_rest",
    "flag",
)
"""The columns of a comparison, after those of the slices."""


def compare(
    tally: Tally, columns: Sequence[str], metrics: Sequence[str], choices: Choices, within: Sequence[str] = ()
) -> pd.DataFrame:
    """Each slice against all the others together, for each tag and metric.

    Parameters
    ----------
    tally : Tally
        The counts, with at least these columns.
    columns : sequence of str
        What makes a slice.
    metrics : sequence of str
        Names out of `METRICS`.
    choices : Choices
        What was chosen: the confidence level, weights, strata and clusters.
    within : sequence of str
        Some of the columns: a slice is held against the others that share its values there.

    Returns
    -------
    DataFrame
        The slice's columns, then `COMPARISON`: the slice's estimate and the rest's, their difference with its interval,
        the two-sided p value, and that adjusted (Benjamini-Hochberg) over all rows of this table.

    Notes
    -----
    Where decisions are independent the interval is put together from those of the two estimates
    (`intervals.difference`). The p value of a proportion is that of the score test for two proportions, which F1 and
    the Brennan-Prediger kappa share as functions of one; that of the other coefficients is from their large-sample
    errors. By cluster, or with weights or strata, both come from the linearised variance of the difference: a reviewer
    who is in the slice and in the rest then counts in both.

    Examples
    --------
    >>> from .sources.reading import Reading
    >>> from .sources.source import Source
    >>> from .counts.tally import take
    >>> weeks = pd.DataFrame({"week": [1] * 70 + [2] * 80, "tag": "r", "human": True,
    ...                       "auto": [True] * 56 + [False] * 14 + [True] * 48 + [False] * 32})
    >>> table = compare(take(Source(weeks), Reading(("week",))), ["week"], ["recall"], Choices())
    >>> table.loc[0, ["difference", "low", "high", "p"]].astype(float).round(4).tolist()
    [0.2, 0.0524, 0.3339, 0.008]
    """
    slices = tally.counts(columns)
    rest = slices.groupby([*within, "tag"], dropna=False)[list(COUNTS)].transform("sum") - slices[list(COUNTS)]
    contrast = contrast_of(tally, slices, rest, (columns, within), choices)
    parts = {name: _compare(name, contrast, choices.level) for name in metrics}
    table = repeat_cells(slices, [*columns, "tag"], len(metrics))
    table["metric"] = pd.Series(np.tile(np.array(metrics, dtype=object), len(slices)), dtype="str")
    for name in ("estimate", "rest", "difference", "low", "high", "p"):
        table[name] = pd.Series(np.stack([part[name] for part in parts.values()], axis=-1).ravel(), dtype=float)
    table["p_adjusted"] = pd.Series(benjamini_hochberg(table["p"].to_numpy()))
    table["n"] = repeat_cells(slices, ["n"], len(metrics))["n"]
    table["n_rest"] = repeat_cells(rest, ["n"], len(metrics))["n"]
    table["flag"] = pd.Series(np.stack([part["flag"] for part in parts.values()], axis=-1).ravel(), dtype="str")
    return pd.DataFrame(table, columns=[*columns, *COMPARISON])


def _compare(name: str, contrast: Contrast, level: float) -> dict[str, np.ndarray]:
    metric = METRICS[name]
    ours, others = contrast.ours, contrast.rest
    first, second = metric.measure(ours.cells, level, ours), metric.measure(others.cells, level, others)
    gap, low, high = intervals.difference(
        first.estimate, (first.low, first.high), second.estimate, (second.low, second.high)
    )
    p = np.where(
        np.isnan(gap), np.nan, metric.recipe.p_value((ours.cells, first.estimate), (others.cells, second.estimate))
    )
    if not ours.is_independent:
        error = _error(name, contrast)
        widest = 1 - metric.recipe.lowest
        reach = ours.reach(level) * error
        designed = (ours.kind != "") & (error > 1e-9) & ~np.isnan(gap)
        low = np.where(designed, np.clip(gap - reach, -widest, widest), low)
        high = np.where(designed, np.clip(gap + reach, -widest, widest), high)
        p = np.where(designed, 2 * special.stdtr(ours.freedom, -divide(np.abs(gap), error)), p)
        known = (first.method == CENSUS) & (second.method == CENSUS)
        p = np.where(known, np.where(gap == 0, 1.0, 0.0), p)
    flag = np.where(first.flag != "", first.flag, np.where(others.cells.n == 0, "no_rest", second.flag))
    return {
        "estimate": first.estimate,
        "rest": second.estimate,
        "difference": gap,
        "low": np.where(np.isnan(low) | np.isnan(high), np.nan, low),
        "high": np.where(np.isnan(low) | np.isnan(high), np.nan, high),
        "p": p,
        "flag": flag,
    }


def _error(name: str, contrast: Contrast) -> Array:
    """The linearised standard error of each difference, what slice and rest have in common included."""
    slopes = METRICS[name].recipe.gradient
    here, there = slopes(contrast.ours.totals), slopes(contrast.rest.totals)
    both = np.einsum("ki,kij,kj->k", here, contrast.between, there)
    spread = contrast.ours.spread(here) + contrast.rest.spread(there) - 2 * both
    return np.asarray(np.sqrt(np.clip(spread, 0, None)))
