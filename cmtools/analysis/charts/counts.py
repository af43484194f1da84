"""The chart of counts: how often auto and human were on or off, tag by tag. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from ..estimates import slice_names
from .estimates import Chart, lines_of, offline

CELL = 92
_PLACES = (
    ("tp", "on", "on"),
    ("fp", "on", "off"),
    ("fn", "off", "on"),
    ("tn", "off", "off"),
)
COLUMNS_ACROSS = 4
"""How many tags stand side by side."""


def draw_counts(counts: pd.DataFrame, apart: Sequence[str] = ()) -> Chart:
    """A square for each tag: auto down, human across, each cell with its count and share, darker where there are more.

    Parameters
    ----------
    counts : DataFrame
        Columns ``tag, n, tp, fp, fn, tn, missing``, a row for each square.
    apart : sequence of str
        Columns besides ``tag`` that tell the squares apart.
    """
    counts = counts.assign(tag=_names(counts, apart))
    rows = _long(counts)
    order = ["on", "off"]
    base = alt.Chart(rows).encode(
        x=alt.X(
            "human:N",
            sort=order,
            title="human",
            axis=alt.Axis(labelAngle=0, orient="bottom", ticks=False, domain=False),
        ),
        y=alt.Y("auto:N", sort=order, title="auto", axis=alt.Axis(ticks=False, domain=False)),
    )
    tooltip = [alt.Tooltip(f"{name}:N") for name in ("tag", "auto", "human", "decisions", "share")]
    shade = alt.Color("part:Q", scale=alt.Scale(range=["#f3f6fb", "#2b6cb8"], domain=[0, 1]), legend=None)
    squares = base.mark_rect(stroke="#868c95", strokeWidth=0.6).encode(color=shade, tooltip=tooltip)
    ink = alt.condition("datum.part > 0.55", alt.value("white"), alt.value("#1c1f23"))
    numbers = base.mark_text(fontSize=15, fontWeight="bold", dy=-7).encode(text="decisions:N", color=ink)
    shares = base.mark_text(fontSize=11, dy=11).encode(text="share:N", color=ink)
    layered = alt.layer(squares, numbers, shares).properties(width=2 * CELL, height=2 * CELL * 0.62)
    header = alt.Header(labelFontWeight="bold", title=None, labelOrient="top")
    facet = alt.Facet("tag:N", sort=list(counts["tag"]), header=header)
    title = alt.Title("Auto tag against human tag, by tag", subtitle=_subtitle(counts))
    faceted: Chart = layered.facet(facet, columns=min(COLUMNS_ACROSS, max(1, len(counts))), title=title)
    return offline(faceted)


def _names(counts: pd.DataFrame, apart: Sequence[str]) -> list[str]:
    words = [f", {' and '.join(apart)} {name.lower()}" if apart else "" for name in slice_names(counts, apart)]
    return [f"{tag}{more}" for tag, more in zip(counts["tag"], words, strict=True)]


def _long(counts: pd.DataFrame) -> pd.DataFrame:
    """A row for each cell of each tag, in words."""
    rows = [
        {
            "tag": str(row["tag"]),
            "auto": auto,
            "human": human,
            "decisions": f"{int(row[name]):,}",
            "share": f"{100 * row[name] / row['n']:.1f} %" if row["n"] else "",
            "part": row[name] / row["n"] if row["n"] else 0.0,
        }
        for row in counts.to_dict("records")
        for name, auto, human in _PLACES
    ]
    return pd.DataFrame(rows, columns=["tag", "auto", "human", "decisions", "share", "part"])


def _subtitle(counts: pd.DataFrame) -> list[str]:
    missing = int(counts["missing"].sum())
    words = [f"{int(counts['n'].sum()):,} decisions; shares are of each tag's"]
    return lines_of([*words, *([f"{missing:,} without an auto tag are left out"] if missing else [])])
