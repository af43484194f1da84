"""Anybody's filed sheet becomes a table, however its CSV was made. It judges no figure."""

from __future__ import annotations

import csv
import io
import os
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas as pd

from ...errors import BadRequest
from .template import COLUMNS, INDICATORS, SCOPES

NEEDED = ("Indicator", "Scope", "Value")
MERGED = ("Service", "Reporting period", "Section", "Indicator")
"""Columns whose blank cells are what a merged cell of a spreadsheet leaves behind."""
BLANKS = frozenset(
    {"", "-", "–", "—", "n/a", "na", "none", "null", "not applicable", "not available", ".", "..", "..."}
)
PLACEHOLDER = re.compile(r"\[?\s*(\.{2,}|…)\s*\]?")
_SPACES = re.compile(r"\s+")
_GROUPED = re.compile(r"\d{1,3}([.,' ]\d{3})+")
_SHARE = re.compile(r"([+-]?\d*[.,]?\d+|[+-]?\d+[.,])([eE][+-]?\d+)?\s*(%|percent)?")
_NAMES = {name.casefold(): key for key, name in INDICATORS.items()}
_SCOPES = {scope.casefold(): scope for scope in SCOPES} | {"total": SCOPES[0], "own initiative": SCOPES[1]}
_ENCODINGS = ("utf-8-sig", "cp1252")


def read_sheet8(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A filed sheet as a table.

    Parameters
    ----------
    path : path
        A CSV with commas, semicolons or tabs; in UTF-8 with or without a mark, UTF-16, or Windows' own.

    Returns
    -------
    DataFrame
        A row for each that has a scope: ``line, service, period, indicator`` (a name out of `INDICATORS`, or empty),
        ``said`` (the indicator as it stands), ``scope``, ``place`` (the how manieth of its service, scope and
        indicator, for sheets that list several tools), ``value`` (as it stands) and ``context``.

    Raises
    ------
    BadRequest
        When there is no such file, it is no text, or a column that is needed is not there.
    """
    records = _records(_text(Path(path)))
    if not records:
        raise BadRequest(f"{os.fspath(path)!r} is empty; it must begin with the columns {', '.join(COLUMNS)}")
    header = [_key(cell) for cell in records[0]]
    lacking = [name for name in NEEDED if _key(name) not in header]
    if lacking:
        found = ", ".join(repr(cell.strip()) for cell in records[0])
        raise BadRequest(
            f"{os.fspath(path)!r} has no column {', '.join(map(repr, lacking))}; it begins with {found}. Part 8 of the "
            f"template in English has {', '.join(COLUMNS)}"
        )
    columns = {name: header.index(_key(name)) for name in COLUMNS if _key(name) in header}
    last: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for line, record in enumerate(records[1:], start=2):
        cells = {name: record[at].strip() if at < len(record) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        for name in MERGED:
            last[name] = cells[name] = cells.get(name) or last.get(name, "")
        if not cells["Scope"] or PLACEHOLDER.fullmatch(cells["Scope"]):
            continue
        rows.append(
            {
                "line": line,
                "service": cells["Service"],
                "period": cells["Reporting period"],
                "indicator": _NAMES.get(_key(cells["Indicator"]), ""),
                "said": cells["Indicator"],
                "scope": _SCOPES.get(_key(cells["Scope"]), cells["Scope"]),
                "value": cells["Value"],
                "context": cells.get("Contextual Information", ""),
            }
        )
    columns_ = ["line", "service", "period", "indicator", "said", "scope", "value", "context"]
    frame = pd.DataFrame(rows, columns=columns_)
    frame["place"] = frame.groupby(["service", "scope", "said"]).cumcount()
    return frame


def is_blank(value: str) -> bool:
    """Whether a cell says that there is no figure.

    Examples
    --------
    >>> is_blank(" N/A "), is_blank("0")
    (True, False)
    """
    return _key(value) in BLANKS


def read_count(value: str) -> int | None:
    """A count, with thousands told apart in any way; None where it is no whole number.

    Examples
    --------
    >>> read_count("1,234,567"), read_count("1 234"), read_count("12.0"), read_count("1.5")
    (1234567, 1234, 12, None)
    """
    text = _SPACES.sub(" ", value).strip()
    if _GROUPED.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and number == int(number) else None


def read_share(value: str) -> tuple[Decimal, bool] | None:
    """A figure with as many decimals as were written, and whether a percent sign stood by it; None for none.

    A percentage comes as a share, so ``86 %`` is 0.86 and has two decimals.

    Examples
    --------
    >>> read_share("0,860"), read_share("86 %"), read_share("about 0.9")
    ((Decimal('0.860'), False), (Decimal('0.86'), True), None)
    """
    found = _SHARE.fullmatch(_SPACES.sub(" ", value).strip())
    if not found:
        return None
    number = Decimal((found[1].replace(",", ".") + (found[2] or "")).rstrip("."))
    return (number.scaleb(-2), True) if found[3] else (number, False)


def _key(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\ufeff", "").replace("–", "-")).strip().casefold()


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"cannot read {str(path)!r}: {error.strerror or error}") from error
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw or raw[:2] == b"PK":
        raise BadRequest(f"{str(path)!r} is no CSV; save the sheet 8 of the workbook as CSV in UTF-8")
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _records(text: str) -> list[list[str]]:
    """The cells of a CSV whose delimiter is the one that stands most often in its first line."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadRequest(f"the file is no CSV that can be read: {error}") from error
    while found and not any(cell.strip() for cell in found[0]):
        found.pop(0)
    return found
