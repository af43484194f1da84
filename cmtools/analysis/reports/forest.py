"""Estimates as an HTML table whose intervals are drawn in place, as inline SVG. It knows counts, not decisions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from ..estimates import NOTHING, number
from ..measure import Measured
from ..metrics import METRICS
from .content import Row


def estimates_table(rows: Sequence[Row], estimates: Mapping[str, Measured], metrics: Sequence[str]) -> str:
    """The table: a row per tag and slice, a column per metric with estimate, interval and bar.

    Parameters
    ----------
    rows, estimates
        Those of a report's `Content`.
    metrics : sequence of str
        Names out of `METRICS`.
    """
    measured = [estimates[name] for name in metrics]
    floors = [_floor(each) for each in measured]
    titles = [escape(METRICS[name].title) for name in metrics]
    heads = "".join(_head(title, floor) for title, floor in zip(titles, floors, strict=True))
    body = "".join(
        _row(
            row, [_cell(each, place, title, floor) for each, title, floor in zip(measured, titles, floors, strict=True)]
        )
        for place, row in enumerate(rows)
    )
    return (
        f'<table class="estimates"><colgroup><col class="name"><col class="count">{"<col>" * len(metrics)}</colgroup>'
        f'<thead><tr><th scope="col">Tag</th><th scope="col" class="count">n</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def counts_table(rows: Sequence[Row], counts: pd.DataFrame) -> str:
    """The counts that all of it comes from."""
    columns = {
        "n": "n",
        "tp": "both on (tp)",
        "fp": "auto on, human off (fp)",
        "fn": "auto off, human on (fn)",
        "tn": "both off (tn)",
        "missing": "auto missing",
    }
    heads = "".join(f'<th scope="col" class="count">{title}</th>' for title in columns.values())
    values = counts[list(columns)].to_numpy()
    body = "".join(
        _row(row, [f'<td class="count">{int(value):,}</td>' for value in values[place][1:]])
        for place, row in enumerate(rows)
    )
    return (
        f'<div class="scroll"><table><thead><tr><th scope="col">Tag</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _head(title: str, floor: float) -> str:
    """A metric's title over the two ends of its scale."""
    low = number(floor, 0 if floor == int(floor) else 1)
    return f'<th scope="col">{title}<div class="ends" aria-hidden="true"><span>{low}</span><span>1</span></div></th>'


def _row(row: Row, cells: Sequence[str]) -> str:
    figures = f'<td class="count">{row.n:,}</td>{"".join(cells)}</tr>'
    if row.slice is None:
        return f'<tr class="all"><th scope="row">{escape(row.tag)}</th>{figures}'
    # The tag's name shows on a narrow screen only, where a slice is a card of its own.
    return f'<tr><th scope="row" class="slice"><b>{escape(row.tag)} · </b>{escape(row.slice)}</th>{figures}'


def _cell(measured: Measured, place: int, title: str, floor: float) -> str:
    mid, low, high, _, flag = (part[place] for part in measured)
    reason = f'<span class="flag">{escape(flag.replace("_", " "))}</span>' if flag else ""
    bounds = "" if np.isnan(low) else f"<span>[{number(low)}, {number(high)}]</span>"
    value = f'<div class="value"><b>{number(mid)}</b>{bounds}</div>' if not np.isnan(mid) else f"<div>{NOTHING}</div>"
    return f'<td class="metric" data-label="{title}">{value}{bar(mid, low, high, floor, bool(flag))}{reason}</td>'


def bar(estimate: float, low: float, high: float, floor: float = 0.0, doubtful: bool = False) -> str:
    """An interval with its estimate, drawn on a line from ``floor`` to 1.

    Examples
    --------
    >>> "91.0%" in bar(0.91, 0.85, 0.95)
    True
    """
    if np.isnan(estimate):
        return ""
    track = '<line class="track" x1="0" x2="100%" y1="6" y2="6"/>'
    zero = f'<line class="zero" x1="{_at(0, floor)}" x2="{_at(0, floor)}" y1="2" y2="10"/>' if floor < 0 else ""
    spread = "" if np.isnan(low) else f'<line x1="{_at(low, floor)}" x2="{_at(high, floor)}" y1="6" y2="6"/>'
    point = f'<circle cx="{_at(estimate, floor)}" cy="6" r="3.2"/>'
    kind = "bar doubt" if doubtful else "bar"
    return f'<svg class="{kind}" aria-hidden="true">{track}{zero}{spread}{point}</svg>'


def _at(value: float, floor: float) -> str:
    return f"{100 * (value - floor) / (1 - floor):.1f}%"


def _floor(measured: Measured) -> float:
    """Where a column's scale begins: at zero, or at the fifth below the lowest bound."""
    ends = np.concatenate([measured.estimate, measured.low])
    ends = ends[~np.isnan(ends)]
    return min(0.0, math.floor(ends.min() * 5) / 5) if ends.size else 0.0
