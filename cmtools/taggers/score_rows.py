"""Reads the rows of a file or table of scores, and finds a column in a row. What a column means it does not know."""

from __future__ import annotations

import csv
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from ..errors import BadTagger

SEPARATORS = {".csv": ",", ".tsv": "\t"}
LINES = (".jsonl", ".ndjson")

Row = Mapping[str, object]


class PandasFrame(Protocol):
    """As much of a DataFrame as is needed."""

    def to_dict(self, orient: Literal["records"]) -> list[dict[Hashable, Any]]: ...


class PolarsFrame(Protocol):
    """Likewise."""

    def to_dicts(self) -> list[dict[str, Any]]: ...


Source = str | Path | PandasFrame | PolarsFrame | Iterable[Row]


def read_rows(source: Source) -> Iterator[tuple[str, Row]]:
    """Each row, and where it stands.

    Parameters
    ----------
    source : path, DataFrame or iterable of dict
        A ``.jsonl`` or ``.ndjson`` file has one JSON object a line, a ``.csv`` or ``.tsv`` file a header. UTF-8.

    Raises
    ------
    BadTagger
        When the file is not there or of another kind, or a line is broken; the line is named.

    Examples
    --------
    >>> list(read_rows([{"file": "a.jpg", "nsfw": 0.9}]))
    [('row 1', {'file': 'a.jpg', 'nsfw': 0.9})]
    """
    if not isinstance(source, str | Path):
        for place, row in enumerate(_rows(source), start=1):
            yield f"row {place}", _object(row, f"row {place}")
        return
    path = Path(source).expanduser()
    ending = path.suffix.lower()
    if ending not in (*SEPARATORS, *LINES):
        known = ", ".join((*LINES, *SEPARATORS))
        raise BadTagger(f"scores are read from {known} files, not from {str(path)!r}; give another as a DataFrame")
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise BadTagger(f"{str(path)!r} is no file")
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _json_lines(file, path.name) if ending in LINES else _table(file, path.name, SEPARATORS[ending])
    except OSError as error:
        raise BadTagger(f"the scores {str(path)!r} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise BadTagger(f"the scores {str(path)!r} are not UTF-8; save them as UTF-8") from None


def find_value(row: Row, column: str) -> object:
    """What stands in a column of a row, None where the row has none. Points lead into nested objects.

    A list of ``{"label": ..., "score": ...}``, as Hugging Face's pipelines give it, is read as labels with scores.

    Examples
    --------
    >>> row = {"file": "a.jpg", "scores": {"nsfw": 0.9}, "top": [{"label": "cat", "score": 0.7}]}
    >>> find_value(row, "scores.nsfw"), find_value(row, "top.cat"), find_value(row, "scores.sfw")
    (0.9, 0.7, None)
    """
    if column in row:
        return row[column]
    first, _, rest = column.partition(".")
    inner = row.get(first)
    if isinstance(inner, list):
        inner = {
            str(entry["label"]): entry.get("score")
            for entry in inner
            if isinstance(entry, Mapping) and "label" in entry
        }
    return find_value(inner, rest) if rest and isinstance(inner, Mapping) else None


def columns_of(row: Row) -> list[str]:
    """The columns that a row has, those in nested objects too."""
    found: list[str] = []
    for column, value in row.items():
        inner = [f"{column}.{name}" for name in columns_of(value)] if isinstance(value, Mapping) else []
        found += inner or [str(column)]
    return found


def _rows(source: object) -> Iterable[object]:
    """The rows of what is no file: of a DataFrame of pandas or polars, or as they come."""
    if callable(to_dicts := getattr(source, "to_dicts", None)):
        return cast(Iterable[object], to_dicts())
    if callable(to_dict := getattr(source, "to_dict", None)):
        return cast(Iterable[object], to_dict("records"))
    if not isinstance(source, Iterable) or isinstance(source, Mapping):
        raise BadTagger(f"a {type(source).__name__} is no table of scores; give a file, a DataFrame or a list of dicts")
    return source


def _json_lines(lines: Iterable[str], name: str) -> Iterator[tuple[str, Row]]:
    for number, line in enumerate(lines, start=1):
        where = f"{name}, line {number}"
        if not line.strip():
            continue
        try:
            yield where, _object(json.loads(line), where)
        except (ValueError, RecursionError) as error:
            raise BadTagger(f"it is no JSON object: {error}", where=where) from None


def _table(lines: Iterable[str], name: str, separator: str) -> Iterator[tuple[str, Row]]:
    rows = csv.DictReader(lines, delimiter=separator, strict=True)
    try:
        for row in rows:
            where = f"{name}, line {rows.line_num}"
            if None in row:
                raise BadTagger("it has more cells than the first line", where=where)
            yield where, row
    except csv.Error as error:
        where = f"{name}, line {rows.line_num + 1}"  # the one after the last that could be read
        raise BadTagger(f"it cannot be read as a table's row: {error}", where=where) from None


def _object(row: object, where: str) -> Row:
    if isinstance(row, Mapping):
        return row
    raise BadTagger(f"it is {str(row)[:60]!r}, not an object of column to value", where=where)
