"""Charts of scores and of time: curves by threshold, calibration, drift. Nothing is estimated here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ..estimates import number
from ..measure import METHODS
from ..metrics import METRICS
from .estimates import DOUBTFUL, SURE, WIDTH, Chart, lines_of, offline

HEIGHT = 260
LINES = ("#1c5fb0", "#b3541e", "#2f7d4f", "#7a4fa3")
DASHES = ([1, 0], [6, 4], [2, 3], [8, 3, 2, 3])
"""Lines differ by their dashes too, so that paper without colours tells them apart."""

_SHARE = alt.Scale(domain=[0, 1], nice=False)


def draw_curve(table: pd.DataFrame, tag: str, level: float, words: str = "") -> Chart:
    """Metrics by threshold as lines, their intervals as bands.

    Parameters
    ----------
    table : DataFrame
        ``threshold, metric, estimate, low, high, n, method, flag``.
    tag : str
        Of which tag.
    level : float
        The confidence level.
    words : str
        What else is to be said under the title.
    """
    names = list(dict.fromkeys(table["metric"]))
    titles = [METRICS[name].title for name in names]
    rows = _plain(
        table[["threshold", "estimate", "low", "high"]].assign(measure=[METRICS[m].title for m in table["metric"]])
    )
    rows["words"] = [
        f"{number(a)} [{number(b)}, {number(c)}]" for a, b, c in table[["estimate", "low", "high"]].to_numpy()
    ]
    colors = alt.Scale(domain=titles, range=list(LINES[: len(titles)]))
    color = alt.Color("measure:N", scale=colors, title=None)
    dash = alt.StrokeDash("measure:N", scale=alt.Scale(domain=titles, range=list(DASHES[: len(titles)])), title=None)
    base = alt.Chart(rows).encode(
        x=alt.X("threshold:Q", title="auto on from this score on", scale=alt.Scale(nice=False, zero=False))
    )
    floor = min(0.0, float(table[["estimate", "low"]].min().min())) if len(table) else 0.0
    share = alt.Scale(domain=[floor, 1], nice=False)
    bands = [
        base.transform_filter(alt.FieldEqualPredicate(field="measure", equal=title))
        .mark_area(opacity=0.16, color=line)
        .encode(y=alt.Y("low:Q", scale=share), y2="high:Q")
        for title, line in zip(titles, LINES, strict=False)
    ]
    lines = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("estimate:Q", scale=share, title="estimate"),
        color=color,
        strokeDash=dash,
        tooltip=[alt.Tooltip("measure:N"), alt.Tooltip("threshold:Q"), alt.Tooltip("words:N", title="estimate")],
    )
    said = [
        f"What auto would be, were it on from a score on; bands are {level * 100:g} % intervals",
        _methods(table),
        words,
    ]
    title = alt.Title(
        f"{_listed(titles)} of tag {tag}, by threshold", subtitle=lines_of([each for each in said if each])
    )
    layered: Chart = alt.layer(*bands, lines).properties(width=WIDTH, height=HEIGHT, title=title)
    return offline(layered)


def draw_calibration(table: pd.DataFrame, tag: str, level: float, words: str = "") -> Chart:
    """How often the tag is on in each bin of scores, with intervals, beside the line where scores come true.

    Parameters
    ----------
    table : DataFrame
        ``score, estimate, low, high, n, method, flag``, a row for each bin.
    tag, level, words
        As for `draw_curve`.
    """
    rows = _plain(table[["score", "estimate", "low", "high", "n", "flag"]])
    rows["words"] = [
        f"{number(a)} [{number(b)}, {number(c)}]" for a, b, c in table[["estimate", "low", "high"]].to_numpy()
    ]
    diagonal = alt.Chart(pd.DataFrame({"score": [0.0, 1.0], "estimate": [0.0, 1.0]})).mark_line(
        strokeDash=[4, 4], color=DOUBTFUL, strokeWidth=1.2
    )
    x = alt.X("score:Q", scale=_SHARE, title="mean score of the bin")
    y = alt.Y("estimate:Q", scale=_SHARE, title="share that is on")
    tooltip = [
        alt.Tooltip("score:Q", format=".3f"),
        alt.Tooltip("words:N", title="share on"),
        alt.Tooltip("n:Q", title="decisions"),
    ]
    base = alt.Chart(rows).encode(
        x=x, tooltip=tooltip, color=alt.condition("datum.flag == ''", alt.value(SURE), alt.value(DOUBTFUL))
    )
    bars = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=_SHARE), y2="high:Q")
    points = base.mark_point(size=60, filled=True, opacity=1).encode(y=y)
    counts = base.mark_text(dy=-12, fontSize=10).encode(
        y=alt.Y("high:Q", scale=_SHARE), text="n:Q", color=alt.value(DOUBTFUL)
    )
    said = [
        f"On the dashed line scores come true; bars are {level * 100:g} % intervals, numbers are decisions",
        _methods(table),
        words,
    ]
    title = alt.Title(f"Calibration of the scores of tag {tag}", subtitle=lines_of([each for each in said if each]))
    layered: Chart = alt.layer(diagonal.encode(x=x, y=y), bars, points, counts).properties(
        width=HEIGHT + 60, height=HEIGHT + 60, title=title
    )
    return offline(layered)


def draw_drift(table: pd.DataFrame, column: str, tag: str, metric: str, words: str = "") -> Chart:
    """A share by period with its centre and limits; what lies outside or runs is marked and named.

    Parameters
    ----------
    table : DataFrame
        The period's column, then ``estimate, centre, low, high, n, signal``.
    column : str
        The period's column.
    tag, metric : str
        What is charted.
    words : str
        How the limits were made.
    """
    rows = _plain(table[["estimate", "centre", "low", "high", "n", "signal"]])
    rows["period"] = [_period(value) for value in table[column]]
    rows["words"] = [
        f"{number(a)}, limits {number(b)} to {number(c)}" for a, b, c in table[["estimate", "low", "high"]].to_numpy()
    ]
    title = METRICS[metric].title
    axis = alt.Axis(labelAngle=0 if len(rows) <= 8 else -45, labelOverlap=True)
    x = alt.X("period:N", sort=list(rows["period"]), title=column.replace("_", " "), axis=axis)
    scale = alt.Scale(zero=False, nice=True)
    tooltip = [
        alt.Tooltip("period:N"),
        alt.Tooltip("words:N", title=title.lower()),
        alt.Tooltip("n:Q", title="decisions"),
        alt.Tooltip("signal:N"),
    ]
    base = alt.Chart(rows).encode(x=x, tooltip=tooltip)
    limits = [
        base.mark_line(interpolate="step", strokeDash=[5, 4], strokeWidth=1.2, color=DOUBTFUL).encode(
            y=alt.Y(f"{end}:Q", scale=scale)
        )
        for end in ("low", "high")
    ]
    centre = base.mark_line(strokeWidth=1, color=DOUBTFUL).encode(y=alt.Y("centre:Q", scale=scale))
    line = base.mark_line(strokeWidth=2, color=SURE).encode(y=alt.Y("estimate:Q", scale=scale, title=title.lower()))
    calm = base.transform_filter("datum.signal == ''").mark_point(size=50, filled=True, opacity=1, color=SURE)
    loud = base.transform_filter("datum.signal != ''").mark_point(
        size=130, filled=True, opacity=1, color="#b3261e", shape="diamond"
    )
    names = base.transform_filter("datum.signal != ''").mark_text(
        dy=-14, fontSize=11, fontWeight="bold", color="#b3261e"
    )
    marks = [part.encode(y=alt.Y("estimate:Q", scale=scale)) for part in (calm, loud)]
    said = [f"{title} by {column.replace('_', ' ')}; dashed lines are limits, a diamond is a signal", words]
    heading = alt.Title(f"Drift of {title.lower()} of tag {tag}", subtitle=lines_of([each for each in said if each]))
    named = names.encode(y=alt.Y("estimate:Q", scale=scale), text="signal:N")
    layered: Chart = alt.layer(*limits, centre, line, *marks, named).properties(
        width=WIDTH + 120, height=HEIGHT, title=heading
    )
    return offline(layered)


def _listed(titles: Sequence[str]) -> str:
    """Titles as a sentence begins: all but the first in small letters where they are no names."""
    rest = [title if title.split()[0].endswith("'s") or title.isupper() else title.lower() for title in titles[1:]]
    return " and ".join([*titles[:1], *rest])


def _methods(table: pd.DataFrame) -> str:
    used = [METHODS[name] for name in dict.fromkeys(table["method"]) if name]
    return "; ".join(used)[:1].upper() + "; ".join(used)[1:]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The table in types that every version of altair takes."""
    texts = [name for name in table if table[name].dtype.kind not in "iufb"]
    return table.reset_index(drop=True).astype(dict.fromkeys(texts, object))


def _period(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)
