"""How far a slice differs from the rest, and whether that is more than chance. It works on counts alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import intervals
from .chance import Array
from .counts import COUNTS, rollup
from .estimates import cells_of, repeat_cells
from .measure import Cells
from .metrics import METRICS

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


def benjamini_hochberg(p_values: npt.ArrayLike) -> Array:
    """P values adjusted so that calling those below q different is wrong for a share of at most q of them.

    Parameters
    ----------
    p_values : array_like
        NaN stays NaN, and does not count as a test.

    Notes
    -----
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if not tested.size:
        return adjusted
    worst_first = tested[np.argsort(-p[tested], kind="stable")]
    ranks = np.arange(tested.size, 0, -1)
    adjusted[worst_first] = np.minimum(1, np.minimum.accumulate(p[worst_first] * (tested.size / ranks)))
    return adjusted


def compare(counts: pd.DataFrame, columns: Sequence[str], metrics: Sequence[str], level: float) -> pd.DataFrame:
    """Each slice against all the others together, for each tag and metric.

    Parameters
    ----------
    counts : DataFrame
        Counts with at least these columns.
    columns : sequence of str
        What makes a slice.
    metrics : sequence of str
        Names out of `METRICS`.
    level : float
        The confidence level of the interval of the difference.

    Returns
    -------
    DataFrame
        The slice's columns, then `COMPARISON`: the slice's estimate and the rest's, their difference with its interval,
        the two-sided p value, and that adjusted (Benjamini-Hochberg) over all rows of this table.

    Notes
    -----
    The interval is put together from those of the two estimates (`intervals.difference`). The p value of a proportion
    is that of the score test for two proportions, which F1 and the Brennan-Prediger kappa share as functions of one;
    that of the other coefficients is from their large-sample errors. All of it takes decisions to be independent.

    Examples
    --------
    >>> weeks = pd.DataFrame({"week": [1, 2], "tag": "r", "n": [70, 80], "tp": [56, 48], "fp": 0, "fn": [14, 32],
    ...                       "tn": 0, "missing": 0})
    >>> table = compare(weeks, ["week"], ["recall"], 0.95)
    >>> table.loc[0, ["difference", "low", "high", "p"]].astype(float).round(4).tolist()
    [0.2, 0.0524, 0.3339, 0.008]
    """
    slices = rollup(counts, columns)
    rest = slices.groupby("tag", dropna=False)[list(COUNTS)].transform("sum") - slices[list(COUNTS)]
    ours, others = cells_of(slices), cells_of(rest)
    parts = {name: _compare(name, ours, others, level) for name in metrics}
    table = repeat_cells(slices, [*columns, "tag"], len(metrics))
    table["metric"] = pd.Series(np.tile(np.array(metrics, dtype=object), len(slices)), dtype="str")
    for name in ("estimate", "rest", "difference", "low", "high", "p"):
        table[name] = pd.Series(np.stack([part[name] for part in parts.values()], axis=-1).ravel(), dtype=float)
    table["p_adjusted"] = pd.Series(benjamini_hochberg(table["p"].to_numpy()))
    table["n"] = repeat_cells(slices, ["n"], len(metrics))["n"]
    table["n_rest"] = repeat_cells(rest, ["n"], len(metrics))["n"]
    table["flag"] = pd.Series(np.stack([part["flag"] for part in parts.values()], axis=-1).ravel(), dtype="str")
    return pd.DataFrame(table, columns=[*columns, *COMPARISON])


def _compare(name: str, ours: Cells, others: Cells, level: float) -> dict[str, np.ndarray]:
    metric = METRICS[name]
    first, second = metric.measure(ours, level), metric.measure(others, level)
    gap, low, high = intervals.difference(
        first.estimate, (first.low, first.high), second.estimate, (second.low, second.high)
    )
    flag = np.where(first.flag != "", first.flag, np.where(others.n == 0, "no_rest", second.flag))
    p = np.where(np.isnan(gap), np.nan, metric.recipe.p_value((ours, first.estimate), (others, second.estimate)))
    return {
        "estimate": first.estimate,
        "rest": second.estimate,
        "difference": gap,
        "low": np.where(np.isnan(low) | np.isnan(high), np.nan, low),
        "high": np.where(np.isnan(low) | np.isnan(high), np.nan, high),
        "p": p,
        "flag": flag,
    }
