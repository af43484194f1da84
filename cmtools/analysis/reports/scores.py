"""What a page says of scores: curves by threshold and calibration, drawn as inline SVG. It measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from ..metrics import METRICS
from ..scores.tables import Calibration, Curve
from .content import Scores

_LEFT, _TOP, _WIDE, _HIGH = 30, 10, 300, 190
_BOX = f"0 0 {_LEFT + _WIDE + 62} {_TOP + _HIGH + 38}"


def figures(scores: Sequence[Scores], level: str) -> str:
    """For each tag its curve and its calibration, side by side."""
    return "".join(
        f'<h3>Tag {escape(each.tag)}</h3><p class="note">{escape(each.words[:1].upper() + each.words[1:])}.</p>'
        f'<div class="plots">{_curve(each.curve, level)}'
        f"{'' if each.calibration is None else _calibration(each.calibration, level)}</div>"
        for each in scores
    )


def _curve(curve: Curve, level: str) -> str:
    table = curve.table
    first, last = float(table["threshold"].min()), float(table["threshold"].max())
    parts = [_axes(first, last, "auto on from this score on")]
    ends = {}
    for place, (name, rows) in enumerate(table.groupby("metric", sort=False)):
        known = rows[rows["estimate"].notna()]
        x = _across(known["threshold"].to_numpy(float), first, last)
        kind = "first" if place == 0 else "second"
        if len(known):
            parts += [_band(known, x, kind), _line(x, _up(known["estimate"].to_numpy(float)), kind)]
            ends[METRICS[str(name)].title] = float(_up(known["estimate"].to_numpy(float))[-1])
    parts += _labels(ends)
    return _svg(parts, f"Precision and recall by threshold, bands are {level} intervals")


def _calibration(calibration: Calibration, level: str) -> str:
    table = calibration.table
    parts = [
        _axes(0.0, 1.0, "mean score of the bin"),
        _line(_across(np.array([0.0, 1.0]), 0, 1), _up(np.array([0.0, 1.0])), "true"),
    ]
    for row in table.itertuples():
        x, y = (
            float(_across(np.array([row.score]), 0, 1)[0]),
            _up(np.array([row.low, row.high, row.estimate], dtype=float)),
        )
        if not np.isnan(y[0]):
            parts.append(f'<line class="reach" x1="{x:.1f}" x2="{x:.1f}" y1="{y[0]:.1f}" y2="{y[1]:.1f}"/>')
        if not np.isnan(y[2]):
            kind = ' class="doubt"' if row.flag else ""
            parts.append(f'<circle{kind} cx="{x:.1f}" cy="{y[2]:.1f}" r="3.6"/>')
    return _svg(parts, f"Share that is on by score, bars are {level} intervals; on the dashed line scores come true")


def _svg(parts: Sequence[str], caption: str) -> str:
    drawing = f'<svg class="plot" viewBox="{_BOX}" role="img" aria-label="{escape(caption)}">{"".join(parts)}</svg>'
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def _axes(first: float, last: float, title: str) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = float(_up(np.array([share]))[0])
        lines.append(f'<line class="track" x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:g}</text>')
        x = _LEFT + _WIDE * share
        value = first + (last - first) * share
        lines.append(f'<text x="{x:.1f}" y="{_TOP + _HIGH + 16}" text-anchor="middle">{value:.2g}</text>')
    middle = _LEFT + _WIDE / 2
    return "".join(lines) + f'<text x="{middle}" y="{_TOP + _HIGH + 32}" text-anchor="middle">{title}</text>'


def _across(values: np.ndarray, first: float, last: float) -> np.ndarray:
    return np.asarray(_LEFT + _WIDE * (values - first) / ((last - first) or 1.0))


def _up(values: np.ndarray) -> np.ndarray:
    return np.asarray(_TOP + _HIGH * (1 - values))


def _line(x: np.ndarray, y: np.ndarray, kind: str) -> str:
    return f'<polyline class="{kind}" points="{_points(x, y)}"/>'


def _band(rows: pd.DataFrame, x: np.ndarray, kind: str) -> str:
    low, high = _up(rows["low"].to_numpy(float)), _up(rows["high"].to_numpy(float))
    there = ~np.isnan(low)
    around = np.concatenate([x[there], x[there][::-1]]), np.concatenate([low[there], high[there][::-1]])
    return f'<polygon class="{kind}" points="{_points(*around)}"/>'


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{across:.1f},{up:.1f}" for across, up in zip(x, y, strict=True))


def _labels(ends: dict[str, float]) -> list[str]:
    """The names of the lines at their ends, far enough from each other to be read."""
    places: list[float] = []
    parts = []
    for name, end in sorted(ends.items(), key=lambda each: each[1]):
        y = max(end, places[-1] + 13) if places else end
        places.append(y)
        parts.append(f'<text x="{_LEFT + _WIDE + 6}" y="{y + 4:.1f}">{escape(name)}</text>')
    return parts
