"""Counts become estimates with intervals: the tidy table and the wide summary. It never sees a decision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import BadRequest
from .cells.base import Design
from .cells.design import cells_of
from .counts.table import rollup
from .metrics import METRICS

GLUE = "\N{NO-BREAK SPACE}"
"""Between the ends of an interval, so that no narrow column tears it apart."""

TABLE = ("tag", "metric", "estimate", "low", "high", "n", "method", "flag")
"""The columns of the tidy table, after those of the slices."""

NOTHING = "–"


def choose_metrics(names: str | Sequence[str] | None, default: Sequence[str]) -> tuple[str, ...]:
    """The metrics asked for, checked.

    Raises
    ------
    BadRequest
        When there is no metric of such a name; the error lists those there are.
    """
    chosen = tuple(default) if names is None else (names,) if isinstance(names, str) else tuple(names)
    unknown = [name for name in chosen if name not in METRICS]
    if unknown:
        raise BadRequest(f"there is no metric {', '.join(map(repr, unknown))}; there are {', '.join(METRICS)}")
    return chosen


def repeat_cells(counts: pd.DataFrame, columns: Sequence[str], times: int) -> dict[str, pd.Series]:
    """The named columns of the cells, each row as often as it has metrics."""
    rows = np.repeat(np.arange(len(counts)), times)
    return {name: pd.Series(counts[name].array.take(rows)) for name in columns}


def estimate(
    counts: pd.DataFrame, by: Sequence[str], metrics: Sequence[str], level: float, design: Design | None = None
) -> pd.DataFrame:
    """The tidy table: a row for each slice, tag and metric.

    Parameters
    ----------
    counts : DataFrame
        The ``by`` columns, ``tag, n, tp, fp, fn, tn, missing``.
    by, metrics : sequence of str
        Slicing columns, and names out of `METRICS`.
    level : float
        The confidence level, between 0 and 1.
    design : Design, optional
        How the decisions of each row came about; independently unless given.

    Returns
    -------
    DataFrame
        The ``by`` columns, then `TABLE`. ``n`` is the number of decisions in the cell, whatever the metric.

    Examples
    --------
    >>> cells = pd.DataFrame({"tag": ["a"], "n": [100], "tp": [40], "fp": [9], "fn": [6], "tn": [45], "missing": [0]})
    >>> table = estimate(cells, [], ["precision"], 0.95).drop(columns="flag")
    >>> print(table.round(3).to_string(index=False))
    tag    metric  estimate   low  high   n method
      a precision     0.816 0.686   0.9 100 wilson
    """
    cells = cells_of(counts)
    measured = [METRICS[name].measure(cells, level, design) for name in metrics]
    columns = dict(repeat_cells(counts, [*by, "tag"], len(metrics)))
    columns["metric"] = pd.Series(np.tile(np.array(metrics, dtype=object), len(counts)), dtype="str")
    for position, name in enumerate(("estimate", "low", "high")):
        columns[name] = pd.Series(_interleave([each[position] for each in measured]), dtype=float)
    columns["n"] = repeat_cells(counts, ["n"], len(metrics))["n"]
    for position, name in ((3, "method"), (4, "flag")):
        columns[name] = pd.Series(_interleave([each[position] for each in measured]), dtype="str")
    return pd.DataFrame(columns, columns=[*by, *TABLE])


def _interleave(per_metric: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays over cells, one per metric, as one array that goes through the metrics of a cell before the next cell."""
    return np.stack(per_metric, axis=-1).ravel() if per_metric else np.array([])


def number(value: float, digits: int = 2) -> str:
    """A number as a person reads it: a true minus sign, a dash for none.

    Examples
    --------
    >>> number(-0.031), number(float("nan"))
    ('−0.03', '–')
    """
    if np.isnan(value):
        return NOTHING
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def summarise(
    counts: pd.DataFrame,
    by: Sequence[str],
    metrics: Sequence[str],
    level: float,
    digits: int,
    design: Design | None = None,
) -> pd.DataFrame:
    """The wide summary: a row for each slice and tag, a column of ``estimate [low, high]`` for each metric.

    The column ``notes`` names what is flagged, so that no estimate is read without its reason to doubt it.
    """
    columns: dict[str, object] = {name: counts[name] for name in [*by, "tag"]}
    columns |= {
        "decisions": counts["n"],
        "auto on": counts["tp"] + counts["fp"],
        "human on": counts["tp"] + counts["fn"],
    }
    notes: list[dict[str, list[str]]] = [{} for _ in range(len(counts))]
    for name in metrics:
        measured = METRICS[name].measure(cells_of(counts), level, design)
        columns[METRICS[name].title] = [
            number(mid, digits)
            if np.isnan(low)
            else f"{number(mid, digits)} [{number(low, digits)},{GLUE}{number(high, digits)}]"
            for mid, low, high in zip(measured.estimate, measured.low, measured.high, strict=True)
        ]
        for note, flag in zip(notes, measured.flag, strict=True):
            if flag:
                note.setdefault(flag, []).append(METRICS[name].title)
    columns["notes"] = [
        "; ".join(
            flag if len(titles) == len(metrics) else f"{flag}: {', '.join(titles)}" for flag, titles in note.items()
        )
        for note in notes
    ]
    return pd.DataFrame(columns).set_index([*by, "tag"])


def slice_names(table: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """What each row's slice is called: its values, joined; "all" where nothing slices."""
    if not by:
        return ["all"] * len(table)
    parts = zip(*(table[name] for name in by), strict=True)
    return [" · ".join("none" if pd.isna(part) else str(part) for part in values) for values in parts]


def overall(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts of each tag over all slices."""
    return rollup(counts, [])
