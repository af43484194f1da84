"""Charts of reviewers: how long their reviews take beside how far their answers agree. Nothing is estimated here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ..estimates import number
from .estimates import DOUBTFUL, SURE, WIDTH, Chart, lines_of, offline

HEIGHT = 280
_AGAINST = {"gold": "known answers", "consensus": "what the other reviewers said"}


def draw_speed(table: pd.DataFrame, by: Sequence[str], against: str, level: float) -> Chart:
    """A point for each reviewer: median seconds per review to the right, share of answers that agree upward.

    Parameters
    ----------
    table : DataFrame
        What `ReviewerQuality.speed` gives.
    by : sequence of str
        Its columns besides the reviewer.
    against : str
        What the answers were compared with.
    level : float
        The confidence level, for the words.

    Returns
    -------
    altair chart
        Upright bars are intervals of the share, level ones the quartiles of the seconds. What is flagged is grey and
        hollow.
    """
    rows = _readable(table, [name for name in by if name in table])
    least = rows["low"].min()
    share = alt.Scale(domain=[0.0 if pd.isna(least) else max(0.0, least - 0.05), 1.0], nice=False)
    across: dict[str, Any] = {
        "title": "seconds per review (median and quartiles)",
        "scale": alt.Scale(zero=False, nice=True),
    }
    upward: dict[str, Any] = {"title": f"share of answers like {_AGAINST.get(against, against)}", "scale": share}
    x, y = alt.X("seconds:Q", **across), alt.Y("accuracy:Q", **upward)
    base = alt.Chart(rows).encode(
        color=alt.condition("datum.flag == ''", alt.value(SURE), alt.value(DOUBTFUL)),
        tooltip=[
            alt.Tooltip("reviewer:N"),
            alt.Tooltip("slice:N"),
            alt.Tooltip("seconds:Q", format=".1f"),
            alt.Tooltip("words:N", title="agrees"),
            alt.Tooltip("n:Q", title="answers compared"),
            alt.Tooltip("timed:Q", title="reviews timed"),
            alt.Tooltip("flag:N"),
        ],
    )
    upright = base.mark_rule(strokeWidth=1.6, opacity=0.7).encode(x=x, y=alt.Y("low:Q", **upward), y2="high:Q")
    level_bars = base.mark_rule(strokeWidth=1.2, opacity=0.5).encode(
        x=alt.X("seconds_q1:Q", **across), x2="seconds_q3:Q", y=y
    )
    sure = base.transform_filter("datum.flag == ''").mark_point(size=60, filled=True, opacity=1).encode(x=x, y=y)
    doubtful = base.transform_filter("datum.flag != ''").mark_point(size=60, filled=False).encode(x=x, y=y)
    names = base.mark_text(align="left", dx=7, dy=-7, fontSize=11).encode(x=x, y=y, text="reviewer:N")
    said = [
        f"Upright bars are {level * 100:g} % intervals of the share, drawn towards that of all; where they overlap "
        "much, reviewers cannot be told apart. Fast or slow says nothing by itself",
        "hollow and grey where flagged" if (table["flag"] != "").any() else "",
    ]
    title = alt.Title("Speed and agreement of reviewers", subtitle=lines_of([each for each in said if each]))
    layered: Chart = alt.layer(upright, level_bars, sure, doubtful, names).properties(
        width=WIDTH, height=HEIGHT, title=title
    )
    return offline(layered)


def _readable(table: pd.DataFrame, shown: Sequence[str]) -> pd.DataFrame:
    """The table with the words that the chart shows, and nothing but plain types."""
    rows = table[["seconds", "seconds_q1", "seconds_q3", "accuracy", "low", "high", "n", "timed"]].copy()
    for name in ("reviewer", "flag"):
        rows[name] = table[name].astype(object)
    rows["slice"] = [
        ", ".join(f"{name} {value}" for name, value in zip(shown, key, strict=True)) for key in _keys(table, shown)
    ]
    ends = table[["accuracy", "low", "high"]].to_numpy()
    rows["words"] = [f"{number(mid)} [{number(low)}, {number(high)}]" for mid, low, high in ends]
    return rows


def _keys(table: pd.DataFrame, shown: Sequence[str]) -> list[tuple[object, ...]]:
    """The values of the columns of each row."""
    return list(zip(*(table[name] for name in shown), strict=True)) if shown else [()] * len(table)
