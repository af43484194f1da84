"""A report as an Excel workbook: summary, estimates, charts, counts, disagreements, choices. It measures nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from .metrics import HEADLINE, METRICS
from .report_content import DIGITS, LEAD, NOTHING, Content, plain

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed day, so that the same input gives the same bytes
_WIDEST = 60
_INK, _BLUE, _GREY = "#1d2330", "#2b6cb8", "#8f8f8f"


def workbook(content: Content) -> bytes:
    """The whole workbook. No cell holds a formula or a link, whatever people wrote."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": content.title, "created": _CREATED})
        writer = _Writer(book, *(book.add_format(kind) for kind in _FORMATS))
        _summary(writer, content)
        _estimates(writer, content)
        _charts(writer, content)
        writer.table("Counts", _rows(content).join(content.counts))
        _disagreements(writer, content)
        _choices(writer, content)
    return out.getvalue()


_FORMATS: tuple[dict[str, Any], ...] = (
    {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    {"bold": True, "font_size": 16},
    {"text_wrap": True, "valign": "top"},
    {"num_format": "0.000", "valign": "top"},
    {"num_format": "#,##0", "valign": "top"},
)


@dataclass(frozen=True)
class _Writer:
    """A workbook and the formats that its sheets share."""

    book: Any
    head: Any
    title: Any
    words: Any
    share: Any
    whole: Any

    def sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def put(self, sheet: Any, row: int, column: int, value: Any) -> None:
        """A value by its kind; what is undefined stays empty, for a workbook knows no NaN."""
        if isinstance(value, bool | np.bool_):
            sheet.write_boolean(row, column, bool(value), self.words)
        elif isinstance(value, int | np.integer):
            sheet.write_number(row, column, int(value), self.whole)
        elif isinstance(value, float | np.floating):
            if np.isfinite(value):
                sheet.write_number(row, column, float(f"{value:.{DIGITS}g}"), self.share)
        elif not pd.isna(value):
            sheet.write_string(row, column, str(value)[:32_767], self.words)

    def table(self, name: str, table: pd.DataFrame, sheet: Any = None, first: int = 0) -> Any:
        """A table with a head that stays and a filter for each column."""
        sheet = sheet or self.sheet(name)
        for column, title in enumerate(table):
            sheet.write_string(first, column, str(title), self.head)
            words = [str(title), *(_shown(value) for value in table.iloc[:, column])]
            sheet.set_column(column, column, min(_WIDEST, max(map(len, words)) + 2))
            for row, value in enumerate(table.iloc[:, column], start=first + 1):
                self.put(sheet, row, column, value)
        if first == 0:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            sheet.autofilter(0, 0, max(1, len(table)), max(0, table.shape[1] - 1))
        return sheet


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _rows(content: Content) -> pd.DataFrame:
    rows = content.rows
    return pd.DataFrame({"tag": [row.tag for row in rows], "slice": [row.slice or "all" for row in rows]})


def _summary(writer: _Writer, content: Content) -> None:
    sheet = writer.sheet("Summary")
    table = _rows(content).assign(n=content.counts["n"])
    for name in HEADLINE:
        measured, title = content.measured[name], METRICS[name].title
        table[title] = measured.estimate
        table[f"{title}, low"], table[f"{title}, high"] = measured.low, measured.high
        table[f"{title}, flag"] = [plain(flag) for flag in measured.flag]
    first = len(content.facts) + 5
    writer.table("Summary", table, sheet, first)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, table.shape[1], 12)
    sheet.write_string(0, 0, content.title, writer.title)
    sheet.write_string(1, 0, LEAD)
    for row, (name, value) in enumerate(content.facts, start=3):
        sheet.write_string(row, 0, name, writer.words)
        sheet.write_string(row, 1, value)
    level = (
        f"Estimates with the ends of their {content.level} intervals; an empty cell is undefined, the flag says why."
    )
    sheet.write_string(first - 1, 0, level if content.decisions else NOTHING)


def _estimates(writer: _Writer, content: Content) -> None:
    writer.table("Estimates", content.tidy)


def _charts(writer: _Writer, content: Content) -> None:
    """A chart for each headline metric: points with their intervals as error bars."""
    sheet, rows = writer.sheet("Charts"), _rows(content)
    data = writer.sheet("Chart data")
    table = rows.assign(place=np.arange(len(rows), 0, -1))
    for name in HEADLINE:
        measured = content.measured[name]
        table[name] = measured.estimate
        table[f"{name} down"] = measured.estimate - measured.low
        table[f"{name} up"] = measured.high - measured.estimate
    writer.table("Chart data", table, data)
    labels = [row.tag if row.slice is None else f"{row.tag} · {row.slice}" for row in content.rows]
    height = max(260, 22 * len(rows) + 130)
    for number, name in enumerate(HEADLINE):
        down, across = divmod(number, 2)
        chart = _chart(writer.book, content, table, labels, name)
        chart.set_size({"width": 620, "height": height})
        sheet.insert_chart(0, 0, chart, {"x_offset": 10 + 640 * across, "y_offset": 10 + (height + 20) * down})


def _chart(book: Any, content: Content, table: pd.DataFrame, labels: Sequence[str], name: str) -> Any:
    chart = book.add_chart({"type": "scatter"})
    last, column = len(table), list(table).index(name)
    place = list(table).index("place")

    def cells(at: int) -> str:
        letter = xlsxwriter.utility.xl_col_to_name(at)
        return f"='Chart data'!${letter}$2:${letter}${last + 1}"

    chart.add_series(
        {
            "name": METRICS[name].title,
            "categories": cells(column),
            "values": cells(place),
            "marker": {"type": "circle", "size": 7, "fill": {"color": _BLUE}, "border": {"color": _INK}},
            "data_labels": {"custom": [{"value": label} for label in labels], "value": True, "position": "above"},
            "x_error_bars": {
                "type": "custom",
                "plus_values": cells(column + 2),
                "minus_values": cells(column + 1),
                "line": {"color": _BLUE, "width": 1.75},
            },
        }
    )
    floor = np.nanmin([0.0, *content.measured[name].low, *content.measured[name].estimate])
    title = f"{METRICS[name].title} of auto and human tags, {content.level} intervals"
    chart.set_title({"name": title, "name_font": {"size": 12, "color": _INK}, "overlay": False})
    chart.set_x_axis(
        {"min": np.floor(floor * 5) / 5, "max": 1, "major_gridlines": {"visible": True, "line": {"color": "#dddddd"}}}
    )
    chart.set_y_axis({"min": 0, "max": last + 1, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"none": True})
    return chart


def _disagreements(writer: _Writer, content: Content) -> None:
    sheet = writer.table("Disagreements", content.listed)
    sheet.write_string(len(content.listed) + 2, 0, content.disagreements)


def _choices(writer: _Writer, content: Content) -> None:
    choices = [*content.choices, ("Fingerprint of the decisions", content.agreement.facts.fingerprint)]
    writer.table("Choices", pd.DataFrame(choices, columns=["choice", "what was chosen"]))
    entries = [
        (heading, term, words, small) for heading, found in content.meanings.items() for term, words, small in found
    ]
    entries += [("Intervals", "independence", note, "") for note in content.notes]
    writer.table("Words", pd.DataFrame(entries, columns=["kind", "word", "meaning", "source or use"]))
