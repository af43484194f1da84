"""Finds what a source holds: a folder, glob, list, address or table. It opens no picture and reads no column."""

from __future__ import annotations

import csv
import glob
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..errors import BadDraft
from .base import Item

SEPARATORS = {".csv": None, ".tsv": "\t"}
"""File name endings of tables with cells, with their separator; None: the one its first line uses most."""
TABLE_ENDINGS = frozenset({*SEPARATORS, ".jsonl"})
"""File name endings that are read as a table."""
OTHER_TABLES = frozenset({".parquet", ".xlsx", ".xls", ".json", ".feather", ".gz"})


class Table(NamedTuple):
    """A table, the folder that relative paths in it start from, and what is wrong with rows by their place."""

    frame: pd.DataFrame
    folder: Path
    broken: Mapping[int, BadDraft] = {}


def find(source: object, type_name: str, recursive: bool) -> Table | list[Item]:
    """The table that the source is, or the items in it.

    Raises
    ------
    BadDraft
        When the source is not there, holds nothing, or is of a kind that cannot be read.
    """
    if isinstance(source, pd.DataFrame):
        return _checked(source)
    if isinstance(source, str | Path):
        return _of_one(source, type_name, recursive)
    if isinstance(source, bytes | Mapping) or not isinstance(source, Iterable):
        raise BadDraft(
            f"a {type(source).__name__} is no source; give a folder, a glob, a list of paths or addresses, a DataFrame "
            "or a CSV file"
        )
    members = list(source)
    if members and all(isinstance(member, Mapping) for member in members):
        return _checked(pd.DataFrame(members))
    return _of_list(members, type_name)


def is_address(content: object) -> bool:
    """Whether it says a scheme, such as ``https://``; everything else names a file."""
    return isinstance(content, str) and ("://" in content or content.startswith("data:"))


def is_table(value: object) -> bool:
    """Whether it is a DataFrame."""
    return isinstance(value, pd.DataFrame)


def _of_one(source: str | Path, type_name: str, recursive: bool) -> Table | list[Item]:
    ending = Path(source).suffix.lower() if not is_address(source) else ""
    if type_name == "Text" and isinstance(source, str) and ending not in TABLE_ENDINGS:
        return _of_list([source], type_name)
    if is_address(source):
        return [Item(str(source), str(source), str(source))]
    path = Path(source).expanduser()
    if os.path.isdir(path):  # unlike Path.is_dir, false for a name that is too long to be one
        if type_name == "Text":
            raise BadDraft(f"texts do not come as a folder ({str(source)!r}); give a list of strings or a table")
        return _of_folder(path, recursive)
    if os.path.isfile(path):
        if ending in TABLE_ENDINGS:
            return _read_table(path, SEPARATORS[ending]) if ending in SEPARATORS else _read_objects(path)
        if ending in OTHER_TABLES:
            raise BadDraft(f"read the {ending} table {str(source)!r} with pandas and give the DataFrame")
        return [Item(str(source), path, path.name)]
    if glob.has_magic(str(path)):
        return _of_glob(str(path))
    raise BadDraft(f"there is no file or folder {str(source)!r} (looked for {str(path.absolute())!r})")


def _of_folder(root: Path, recursive: bool) -> list[Item]:
    found = sorted(path.relative_to(root).as_posix() for path in _walk(root, recursive))
    if not found:
        inside = "it and the folders in it" if recursive else "it (recursive=False: not in the folders in it)"
        raise BadDraft(f"the folder {str(root)!r} is empty: looked for pictures in {inside}, hidden files left aside")
    return [Item(name, root / name, name) for name in found]


def _walk(root: Path, recursive: bool) -> Iterator[Path]:
    """Every file that is not hidden or in a hidden folder. Links to folders are not followed: they can be circles."""

    def stop(error: OSError) -> None:
        raise BadDraft(f"the folder {error.filename!r} cannot be read: {error.strerror}")

    for here, folders, names in os.walk(root, onerror=stop):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        yield from (Path(here, name) for name in names if not name.startswith("."))


def _of_glob(pattern: str) -> list[Item]:
    parts = Path(pattern).parts
    fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    found = sorted({path for name in glob.glob(pattern, recursive=True) if (path := Path(name)).is_file()})
    if not found:
        raise BadDraft(f"no file matches {pattern!r} (looked in {str(root.absolute())!r})")
    return [Item(str(path), path, path.relative_to(root).as_posix()) for path in found]


def _of_list(members: list[object], type_name: str) -> list[Item]:
    if not members:
        raise BadDraft(f"the list is empty: looked for {'strings' if type_name == 'Text' else 'paths and addresses'}")
    if type_name == "Text":
        width = max(4, len(str(len(members))))
        return [
            Item(f"text {place}", _text(member, place), f"text-{place:0{width}}")
            for place, member in enumerate(members, start=1)
        ]
    return [_of_member(member, place) for place, member in enumerate(members, start=1)]


def _text(member: object, place: int) -> str:
    if isinstance(member, str):
        return member
    raise BadDraft(f"item {place} of the list is {member!r}, not a string")


def _of_member(member: object, place: int) -> Item:
    if is_address(member):
        return Item(str(member), str(member), str(member))
    if isinstance(member, str | os.PathLike) and str(member).strip():
        path = Path(member).expanduser()
        return Item(str(member), path, path.as_posix())
    raise BadDraft(f"item {place} of the list is {member!r}, neither a path nor an address")


def _read_table(path: Path, separator: str | None) -> Table:
    """The table as it is written: every cell a string, so that an id 007 or a number 1e5 stays what it is."""
    try:
        with path.open(encoding="utf-8-sig", errors="strict") as file:
            first = file.readline()
        separator = separator or max(",;\t", key=first.count)
        try:
            table = pd.read_csv(
                path, sep=separator, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig"
            )
        except pd.errors.ParserError:
            return _read_uneven(path, separator)
        if not isinstance(table.index, pd.RangeIndex):  # rows longer than the header: their first cells became names
            return _read_uneven(path, separator)
    except UnicodeDecodeError:
        raise BadDraft(
            f"{str(path)!r} is not UTF-8; read it with pandas.read_csv(..., encoding=...) and give the DataFrame"
        ) from None
    except (pd.errors.EmptyDataError, csv.Error, OSError) as error:
        raise BadDraft(f"{str(path)!r} cannot be read as a table: {error}") from None
    table.index = pd.RangeIndex(1, len(table) + 1)  # rows are counted as a person does
    return _checked(table, path.parent)


def _read_objects(path: Path) -> Table:
    """A table of JSON lines: each an object, its fields the columns; lists and objects in it stay JSON."""
    rows: list[dict[str, object]] = []
    broken: dict[int, BadDraft] = {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line, text in enumerate(file, start=1):
                if text.strip():
                    try:
                        rows.append(_object(text))
                    except BadDraft as error:
                        broken[len(rows)] = BadDraft(error.message, where=f"row {len(rows) + 1} (line {line})")
                        rows.append({})
    except (UnicodeDecodeError, OSError) as error:
        raise BadDraft(f"{str(path)!r} cannot be read as JSON lines in UTF-8: {error}") from None
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if broken and not columns:
        raise broken[0]
    cells = [[row.get(name) for name in columns] for row in rows]
    frame = pd.DataFrame(cells, columns=columns, index=pd.RangeIndex(1, len(rows) + 1), dtype=object)
    return _checked(frame, path.parent, broken)


def _object(text: str) -> dict[str, object]:
    """One line.

    Examples
    --------
    >>> _object('{"id": 7, "a": true, "classes": ["cat"]}')
    {'id': 7, 'a': True, 'classes': '["cat"]'}
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadDraft(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadDraft("it is no JSON object")
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        for key, value in found.items()
    }


def _read_uneven(path: Path, separator: str) -> Table:
    """A table of which some rows are broken, those named."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        (_, header, problem), *rows = _rows(file.readlines(), separator)
    if problem:
        raise csv.Error(f"its first line: {problem}")
    width = len(header)
    broken: dict[int, BadDraft] = {}
    for row, (line, cells, problem) in enumerate(rows):
        if any(cells[width:]):
            problem = f"it has {len(cells)} cells, the first line {width}: put one with a {separator!r} in it in quotes"
        if problem:
            told = f"it cannot be read as a table's row: {problem}"
            broken[row] = BadDraft(told, where=f"row {row + 1} (line {line})")
    filled = [[cell or None for cell in (cells + [""] * width)[:width]] for _, cells, _ in rows]
    frame = pd.DataFrame(filled, columns=header, index=pd.RangeIndex(1, len(rows) + 1), dtype=object)
    return _checked(frame, path.parent, broken)


def _rows(lines: Sequence[str], separator: str) -> Iterator[tuple[int, list[str], str]]:
    """Each row that is not blank: the number of its first line, its cells, and what is wrong with it.

    Examples
    --------
    >>> list(_rows(["id,text", '1,"Hi!', "2,Buy"], ","))
    [(1, ['id', 'text'], ''), (2, [], 'unexpected end of data'), (3, ['2', 'Buy'], '')]
    """
    at = 0

    def feed() -> Iterator[str]:
        nonlocal at
        while at < len(lines):
            at += 1
            yield lines[at - 1]

    while at < len(lines):
        start = at
        try:
            for cells in csv.reader(feed(), delimiter=separator, strict=True):
                if cells:
                    yield start + 1, cells, ""
                start = at
        except csv.Error as error:
            yield start + 1, [], str(error)
            at = start + 1  # its own line is lost, those after it are not


def _checked(frame: pd.DataFrame, folder: Path = Path(), broken: Mapping[int, BadDraft] | None = None) -> Table:
    """The table with columns that are named by text and told apart by it."""
    frame = frame.rename(columns=str)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise BadDraft(f"two columns of the table are named {twice[0]!r}")
    if frame.empty:
        raise BadDraft("the table has no rows")
    return Table(frame, folder, broken or {})
