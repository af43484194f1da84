"""Charts of estimates with their intervals, for notebooks, and what all charts share. Nothing is estimated here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd

from ..estimates import number, slice_names
from ..measure import FLAGS, METHODS
from ..metrics import METRICS

Layers = alt.LayerChart | alt.FacetChart
Chart = Layers | alt.HConcatChart

SURE = "#3b7dd8"
DOUBTFUL = "#8f8f8f"
"""Both stand out on white as well as on a dark notebook's grey."""

ROW = 24
WIDTH = 420
LINE = 90
"""Characters of a subtitle's line: about as wide as the chart."""
_TOOLTIP = {
    "tag": "tag",
    "slice": "slice",
    "metric": "metric",
    "words": "estimate",
    "n": "decisions",
    "method": "interval",
    "reason": "flag",
}


MIME_TYPE = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""What JupyterLab draws by itself. Altair's own way asks a web page to load the drawing code from another site."""


class _Offline:
    """A chart that a notebook shows without asking the network for anything."""

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, Any]:
        chart: Any = self
        return {MIME_TYPE: chart.to_dict() | {"$schema": SCHEMA}, "text/plain": repr(chart.to_dict().get("title", ""))}


class OfflineLayer(_Offline, alt.LayerChart):
    """One panel."""


class OfflineFacets(_Offline, alt.FacetChart):
    """One panel in blocks."""


class OfflinePanels(_Offline, alt.HConcatChart):
    """Panels side by side."""


_SHOWN_AS: dict[type, type] = {
    alt.LayerChart: OfflineLayer,
    alt.FacetChart: OfflineFacets,
    alt.HConcatChart: OfflinePanels,
}


def draw(table: pd.DataFrame, by: Sequence[str], metrics: Sequence[str], level: float) -> Chart:
    """Estimates as points, intervals as bars: a row per slice, a block per tag, the metrics side by side.

    Parameters
    ----------
    table : DataFrame
        Rows of `Agreement.table` for these metrics.
    by : sequence of str
        The columns that slice.
    metrics : sequence of str
        What to show.
    level : float
        The confidence level, for the words.

    Returns
    -------
    altair chart
        Text takes the colours of the notebook's theme, so it can be read on light and dark. What is flagged is grey,
        thin and hollow, so that paper without colours tells it too; where there is no estimate or no interval, the
        reason stands there.
    """
    panels = [_panel(table[table["metric"] == name], by, name, level) for name in metrics]
    return offline(panels[0] if len(panels) == 1 else alt.hconcat(*panels, spacing=36))


def offline(chart: Chart) -> Chart:
    """The chart in the house's style, which a notebook draws without asking the network for anything."""
    styled: Chart = (
        chart.configure_view(stroke=None)
        .configure_axis(labelLimit=260)
        .configure_title(anchor="start", offset=16, fontSize=14, subtitleFontSize=11, subtitlePadding=5)
    )
    object.__setattr__(styled, "__class__", _SHOWN_AS[type(styled)])  # altair takes plain assignment for a property
    return styled


def _panel(table: pd.DataFrame, by: Sequence[str], name: str, level: float) -> Layers:
    metric = METRICS[name]
    rows = _readable(table, by)
    label = "slice" if by else "tag"
    title = alt.Title(_title(metric.title, by), subtitle=_subtitle(table, metric.meaning, level))
    layered = _layers(rows, label, metric.title).properties(width=WIDTH, height=alt.Step(ROW))
    if not by:
        return layered.properties(title=title)
    header = alt.Header(labelAngle=0, labelAlign="left", labelFontWeight="bold", labelOrient="left", title=None)
    tags = alt.Row("tag:N", sort=list(dict.fromkeys(rows["tag"])), header=header)
    faceted: Layers = layered.facet(row=tags, spacing=14, title=title)
    return faceted


def _layers(rows: pd.DataFrame, label: str, title: str) -> Layers:
    """Bars, points, and the reasons where there is no bar or no point."""
    ends = rows[["estimate", "low"]].min().min()
    scale = alt.Scale(domain=[0.0 if pd.isna(ends) else min(0.0, math.floor(ends * 10) / 10), 1.0], nice=False)
    axis = alt.Axis(
        format=".1f", tickCount=6, gridOpacity=0.35, domain=False, ticks=False, labelPadding=6, labelFlush=False
    )
    order = list(dict.fromkeys(rows[label]))
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{label}:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=10)),
        tooltip=[alt.Tooltip(f"{field}:N", title=words) for field, words in _TOOLTIP.items()],
        color=alt.condition("datum.flag == ''", alt.value(SURE), alt.value(DOUBTFUL)),
    )
    middle = alt.X("estimate:Q", scale=scale)
    bars = base.mark_rule(strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title=title),
        x2="high:Q",
        strokeWidth=alt.condition("datum.flag == ''", alt.value(2.5), alt.value(1.2)),
    )
    valid = base.transform_filter("isValid(datum.estimate)")
    points = alt.layer(
        valid.transform_filter("datum.flag == ''").mark_point(size=60, filled=True, opacity=1).encode(x=middle),
        valid.transform_filter("datum.flag != ''")
        .mark_point(size=60, filled=False, strokeWidth=1.6, opacity=1)
        .encode(x=middle),
    )
    undefined = _reason(base.transform_filter("!isValid(datum.estimate)"), 0).encode(x=alt.value(4))
    unbounded = _reason(base.transform_filter("isValid(datum.estimate) && !isValid(datum.low)"), 10).encode(x=middle)
    layered: Layers = alt.layer(bars, points, undefined, unbounded)
    return layered


def _reason(rows: Any, shift: int) -> Any:
    """The flag as a word in the place of what is not there."""
    return rows.mark_text(align="left", fontStyle="italic", color=DOUBTFUL, dx=shift).encode(text="flag:N")


def _readable(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The table with the words that the chart shows, and nothing but plain types."""
    rows = table[["tag", "metric", "estimate", "low", "high", "n", "method", "flag"]].copy()
    rows["slice"] = slice_names(table, by)
    rows["words"] = [
        f"{number(mid)} [{number(low)}, {number(high)}]"
        for mid, low, high in zip(rows["estimate"], rows["low"], rows["high"], strict=True)
    ]
    rows["reason"] = [f"{flag}: {FLAGS[flag]}" if flag else "" for flag in rows["flag"]]
    return rows.astype(dict.fromkeys(("tag", "metric", "method", "flag", "slice", "words", "reason"), object))


def _title(metric: str, by: Sequence[str]) -> str:
    return f"{metric} of auto and human tags, by {' and '.join(['tag', *by])}"


def _subtitle(table: pd.DataFrame, meaning: str, level: float) -> list[str]:
    methods = [METHODS[name] for name in dict.fromkeys(table["method"]) if name]
    interval = f"{level * 100:g} % intervals: {'; '.join(methods)}" if methods else "No intervals"
    grey = "; hollow and grey where flagged" if (table["flag"] != "").any() else ""
    alone = ", each taken as independent" if any("cluster" not in name for name in table["method"] if name) else ""
    words = [
        meaning[0].upper() + meaning[1:],
        interval,
        f"{int(table['n'].sum()):,} decisions{alone}{grey}",
    ]
    return lines_of(words)


def lines_of(sentences: Sequence[str]) -> list[str]:
    """Sentences as lines of a subtitle, none wider than a chart."""
    return [line for sentence in sentences for line in wrap(sentence, LINE)]
