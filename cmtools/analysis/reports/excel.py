"""A report as an Excel workbook: summary, estimates, charts, counts, disagreements, choices. It measures nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from ..estimates import number
from ..measure import Measured
from ..metrics import HEADLINE, METRICS
from .content import DIGITS, LEAD, NOTHING, Content, plain

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed day, so that the same input gives the same bytes
_WIDEST, _LINE = 60, 15
_INK, _BAR, _EDGE = "#1d2330", "#c9dbf0", "#2b6cb8"


def workbook(content: Content) -> bytes:
    """The whole workbook. No cell holds a formula or a link, whatever people wrote."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": content.title, "created": _CREATED})
        writer = _Writer(book, *(book.add_format(kind) for kind in _FORMATS))
        _summary(writer, content)
        writer.table("Estimates", content.tidy)
        _charts(writer, content)
        writer.table("Counts", _rows(content).join(content.counts))
        _scores(writer, content)
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
                if len(_shown(value)) > _WIDEST:
                    sheet.set_row(row, _LINE * (1 + len(_shown(value)) // _WIDEST))
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
        table[METRICS[name].title] = [_cell(content.measured[name], place) for place in range(len(table))]
    first = len(content.facts) + 5
    writer.table("Summary", table, sheet, first)
    sheet.set_column(0, 1, 18)
    sheet.write_string(0, 0, content.title, writer.title)
    sheet.write_string(1, 0, LEAD)
    for row, (name, value) in enumerate(content.facts, start=3):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
    said = f"Estimates with their {content.level} intervals and flags; the sheet Estimates has them as numbers."
    sheet.write_string(first - 1, 0, said if content.decisions else NOTHING)


def _cell(measured: Measured, place: int) -> str:
    estimate, low, high, _, flag = (part[place] for part in measured)
    reach = "" if np.isnan(low) else f" [{number(low)}, {number(high)}]"
    return " ".join(part for part in (number(estimate) + reach, plain(flag)) if part)


def _charts(writer: _Writer, content: Content) -> None:
    """A chart for each headline metric: bars with their intervals as error bars."""
    sheet, data = writer.sheet("Charts"), writer.sheet("Chart data")
    sheet.fit_to_pages(1, 1)
    table = pd.DataFrame(
        {"row": [row.tag if row.slice is None else f"{row.tag} · {row.slice}" for row in content.rows]}
    )
    for name in HEADLINE:
        measured = content.measured[name]
        table[name] = measured.estimate
        table[f"{name} down"] = measured.estimate - measured.low
        table[f"{name} up"] = measured.high - measured.estimate
    writer.table("Chart data", table, data)
    height = max(240, 19 * len(table) + 110)
    for place, name in enumerate(HEADLINE):
        down, across = divmod(place, 2)
        chart = _chart(writer.book, content, table, name)
        chart.set_size({"width": 560, "height": height})
        sheet.insert_chart(0, 0, chart, {"x_offset": 10 + 580 * across, "y_offset": 10 + (height + 20) * down})


def _chart(book: Any, content: Content, table: pd.DataFrame, name: str) -> Any:
    column, last = list(table).index(name), len(table)

    def cells(first: int, final: int) -> list[str | int]:
        return ["Chart data", 1, first, last, final]

    def ends(at: int) -> str:
        letter = xl_col_to_name(at)
        return f"='Chart data'!${letter}$2:${letter}${last + 1}"

    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": METRICS[name].title,
            "categories": cells(0, 0),
            "values": cells(column, column),
            "fill": {"color": _BAR},
            "border": {"color": _EDGE},
            "gap": 60,
            "y_error_bars": {
                "type": "custom",
                "plus_values": ends(column + 2),
                "minus_values": ends(column + 1),
                "line": {"color": _INK, "width": 1.5},
            },
        }
    )
    shown = [*content.measured[name].low, *content.measured[name].estimate, 0.0]
    lines = {"visible": True, "line": {"color": "#dddddd"}}
    title = f"{METRICS[name].title} of auto and human tags, {content.level} intervals"
    chart.set_title({"name": title, "name_font": {"size": 12, "color": _INK}})
    axis = {"min": float(np.floor(np.nanmin(shown) * 5) / 5), "max": 1, "num_format": "0.0", "major_gridlines": lines}
    chart.set_x_axis(axis)
    chart.set_y_axis({"reverse": True, "label_position": "low", "major_gridlines": {"visible": False}})
    chart.set_legend({"none": True})
    return chart


def _scores(writer: _Writer, content: Content) -> None:
    """The figures of each tag's scores, and the curves as numbers."""
    if not content.scores:
        return
    writer.table("Scores", pd.DataFrame([{"tag": each.tag, **each.figures} for each in content.scores]))
    writer.table("Curves", pd.concat([each.curve.table for each in content.scores], ignore_index=True))
    bins = [each.calibration.table for each in content.scores if each.calibration is not None]
    if bins:
        writer.table("Calibration", pd.concat(bins, ignore_index=True))


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
