"""One look at decisions as plain values that a browser can draw: figures, slices, curve, disagreements. No pixels."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ..estimates import number, slice_names
from ..measure import FLAGS, METHODS
from ..metrics import HEADLINE, METRICS
from .base import KINDS, Ask, Explorer

SHOWN = 24
"""How many disagreements are shown unless told otherwise."""

COUNTED = ("n", "tp", "fp", "fn", "tn", "missing")


def choices_of(explorer: Explorer) -> dict[str, Any]:
    """What there is to choose from: tags, columns with their slices, measures."""
    columns = [
        {"name": name, "slices": [_word(value) for value in explorer.values(name)]} for name in explorer.columns or ()
    ]
    measures = [
        {"name": metric.name, "title": metric.title, "meaning": metric.meaning, "source": metric.source}
        for metric in METRICS.values()
    ]
    return {
        "tags": list(explorer.tags),
        "columns": columns,
        "measures": measures,
        "blinds": explorer.has_both,
        "level": explorer.level,
        "decisions": len(explorer),
        "undecided": explorer.undecided,
        "left_out": explorer.left_out,
    }


def glance(explorer: Explorer, ask: Ask, measure: str, kind: str | None = None, limit: int = SHOWN) -> dict[str, Any]:
    """What one choice shows.

    Parameters
    ----------
    explorer : Explorer
        The decisions.
    ask : Ask
        What is looked at.
    measure : str
        The measure whose slices are drawn.
    kind : {"false positive", "false negative"}, optional
        Only such disagreements.
    limit : int
        At most so many disagreements.

    Returns
    -------
    dict
        Plain values alone; a number that does not exist is None.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": [1, 1, 0], "human": [1, 0, 0], "week": [1, 1, 2]})
    >>> seen = glance(Explorer(frame), Ask("a", by="week"), "precision")
    >>> seen["counts"], [(row["name"], row["n"]) for row in seen["rows"]]
    ({'n': 3, 'tp': 1, 'fp': 1, 'fn': 0, 'tn': 1, 'missing': 0}, [('1', 2), ('2', 1)])
    """
    shown = (*HEADLINE, *(() if measure in HEADLINE else (measure,)))
    figures = explorer.figures(ask, shown)
    table, counts = figures.whole, figures.whole_counts
    if not ask.is_whole:
        counts, table = (part[part[str(ask.by)] == ask.slice] for part in (figures.slice_counts, figures.slices))
    drawn = figures.slices[figures.slices["metric"] == measure]
    every = figures.whole[figures.whole["metric"] == measure]
    found, total = explorer.disagreements(ask, kind, limit)
    return {
        "figures": [_figure(row) for row in table.to_dict("records")],
        "counts": {name: int(counts[name].sum()) for name in COUNTED},
        "rows": _rows(explorer, ask, drawn, figures.slice_counts) if ask.by else [],
        "every": _figure(every.iloc[0].to_dict()),
        "steps": _steps(explorer, ask),
        "curve": _curve(explorer, ask),
        "disagreements": {"total": total, "items": [_item(row) for row in found.to_dict("records")]},
        "words": _words(table, drawn),
    }


def _rows(explorer: Explorer, ask: Ask, table: pd.DataFrame, counts: pd.DataFrame) -> list[dict[str, Any]]:
    """A row for each slice that has decisions, with the place that its value has among all of them."""
    column = str(ask.by)
    places = {_word(value): place for place, value in enumerate(explorer.values(column)) if value is not None}
    rows = []
    records = zip(slice_names(table, [column]), table.to_dict("records"), counts.to_dict("records"), strict=True)
    for name, row, cell in records:
        rows.append({**_figure(row), "name": name, "place": places.get(name), "n": int(cell["n"])})
    return rows


def _figure(row: dict[Any, Any]) -> dict[str, Any]:
    figure = {name: _plain(row[name]) for name in ("estimate", "low", "high")}
    return figure | {name: str(row[name]) for name in ("metric", "method", "flag")}


def _steps(explorer: Explorer, ask: Ask) -> dict[str, float | int] | None:
    steps = explorer.steps[ask.tag]
    if steps is None:
        return None
    return {"low": float(steps[0]), "high": float(steps[-1]), "count": len(steps)}


def _curve(explorer: Explorer, ask: Ask) -> dict[str, list[float | None]] | None:
    curve = explorer.curve(ask)
    return None if curve is None else {str(name): [_plain(value) for value in curve[name]] for name in curve}


def _item(row: dict[Any, Any]) -> dict[str, Any]:
    frame = "" if pd.isna(row.get("frame")) else f" · frame {row['frame']}"
    return {
        "id": str(row.get("review_id", "")),
        "name": str(row.get("content_id", row.get("review_id", "decision"))) + frame,
        "kind": KINDS.index(row["kind"]),
        "score": "" if pd.isna(row["score"]) else number(float(row["score"])),
        "reviewer": "" if pd.isna(row.get("reviewer")) else str(row["reviewer"]),
    }


def _words(*tables: pd.DataFrame) -> dict[str, dict[str, str]]:
    """The flags and methods in these tables with their meaning."""
    used = [set(pd.concat([table[name] for table in tables])) for name in ("flag", "method")]
    return {
        "flags": {name: meaning for name, meaning in FLAGS.items() if name in used[0]},
        "methods": {name: meaning for name, meaning in METHODS.items() if name in used[1]},
    }


def _word(value: Any) -> str:
    return "none" if value is None or value is pd.NaT or value != value else str(value)


def _plain(value: float) -> float | None:
    return None if not math.isfinite(value) else round(float(value), 6)
