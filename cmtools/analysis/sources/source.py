"""Where decisions come from: any table, asked in SQL. The only room of duckdb. It knows no tag and counts nothing."""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes and values that `literal` quotes

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from ...errors import BadRequest
from .engines import Remote, as_relation, is_remote
from .files import is_text_file, read_text_file

VIEW = "cmtools_decisions"
"""What every query calls the table."""

_ZONED = "TIMESTAMP WITH TIME ZONE"
_ENCODED = "cmtools"
"""The key under which a Parquet file keeps what `write_parquet` was told to note."""


def quoted(column: str) -> str:
    """A column's name as SQL has it.

    Examples
    --------
    >>> quoted('the "one"')
    '"the ""one\"""'
    """
    return '"' + column.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - a forked process needs one of its own
    """The one empty database whose cursors answer all questions: a cursor costs microseconds, a database 30 ms."""
    database = duckdb.connect(":memory:")
    # An object column may mix booleans, numbers and words; taken as words all of it can be read.
    database.execute("SET GLOBAL pandas_analyze_sample = 0")
    return database


class Source:
    """A table of decisions: pandas, polars or Arrow, files, a duckdb relation, or an ibis table.

    Files are Parquet, by their paths or a glob, or one of CSV, TSV or JSON lines.

    Every question has a cursor of its own, so that a `Source` can be kept and asked from any thread. An ibis table is
    asked where it lives, whatever engine that is.

    Examples
    --------
    >>> source = Source(pd.DataFrame({"tag": ["a", "r"]}))
    >>> source.types
    {'tag': 'VARCHAR'}
    >>> source.ask(f"SELECT count(*) AS n FROM {VIEW}")["n"].tolist()
    [2]
    """

    def __init__(self, decisions: Any) -> None:
        if is_text_file(decisions):
            decisions = read_text_file(decisions)
        # A shallow copy costs nothing, and what the caller does to the frame later does not reach it (copy on write).
        self._remote = Remote(decisions, VIEW) if is_remote(decisions) else None
        self._table = decisions.copy(deep=False) if isinstance(decisions, pd.DataFrame) else decisions
        if self._remote is None:
            self._table = as_relation(self._table)
        self.left_out = int(getattr(decisions, "attrs", {}).get("left_out", 0))
        """How many reviews had no decision yet, as far as the table tells."""
        if self._remote:
            self.types = self._remote.types
            return
        known = isinstance(self._table, pd.DataFrame | duckdb.DuckDBPyRelation)
        if not known and hasattr(decisions, "__arrow_c_stream__") and not hasattr(decisions, "shape"):
            # A reader can be read once, but there will be more than one question.
            read_all = getattr(decisions, "read_all", None)
            self._table = read_all() if read_all else self.ask(f"FROM {VIEW}")
        self.types = self._types()

    @property
    def is_local(self) -> bool:
        """Whether duckdb answers, here; else another engine does, where the table is."""
        return self._remote is None

    def _enter(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the table known to a cursor as `VIEW`."""
        table = self._table
        if paths := _paths(table):
            self._parquet(cursor, paths)
        elif isinstance(table, pd.DataFrame) or hasattr(table, "__arrow_c_stream__"):
            cursor.register(VIEW, table)
        else:
            raise _unknown(table)

    @staticmethod
    def _parquet(cursor: duckdb.DuckDBPyConnection, paths: list[str]) -> None:
        for path in paths:
            if not path.lower().endswith((".parquet", ".pq")):
                raise BadRequest(
                    f"{path!r} is no Parquet file. One .csv, .tsv or .jsonl is read too; several, or others, read "
                    "first, for instance with pandas, and give the DataFrame"
                )
        named = ("one of " if len(paths) > 1 else "") + ", ".join(map(repr, paths))
        try:
            listed = ", ".join(map(literal, paths))
            cursor.execute(f"CREATE TEMP VIEW {VIEW} AS FROM read_parquet([{listed}])")
        except duckdb.IOException as error:
            raise BadRequest(f"there is no Parquet file at {named}") from error
        except duckdb.Error as error:
            raise BadRequest(f"{named} cannot be read as Parquet: {str(error).splitlines()[0]}") from error

    def _types(self) -> dict[str, str]:
        if getattr(self._table, "shape", (0, 1))[1] == 0:  # without columns duckdb would not take it
            return {}
        if isinstance(self._table, duckdb.DuckDBPyRelation):
            return dict(zip(self._table.columns, map(str, self._table.types), strict=True))
        with _database(os.getpid()).cursor() as cursor:
            if isinstance(self._table, pd.DataFrame):
                relation = cursor.from_df(self._table)  # half of what the general way takes
                return dict(zip(relation.columns, map(str, relation.types), strict=True))
            self._enter(cursor)
            return _described(cursor.execute(f"FROM {VIEW} LIMIT 0"))

    def ask(self, query: str) -> pd.DataFrame:
        """The answer to a query over the view `VIEW`; moments come back as UTC."""
        if self._remote:
            return self._remote.ask(query)
        if isinstance(self._table, duckdb.DuckDBPyRelation):
            return _told(partial(_answer, self._table), query)
        with _database(os.getpid()).cursor() as cursor:
            self._enter(cursor)
            return _told(cursor.execute, query)


def _paths(table: Any) -> list[str]:
    """One path or several as texts; none where it is something else."""
    several = table if isinstance(table, list | tuple) else [table]
    return [str(path) for path in several] if all(isinstance(path, str | Path) for path in several) else []


def _unknown(table: Any) -> BadRequest:
    """The error for what is no table."""
    if type(table).__name__ == "LazyFrame":
        return BadRequest("decisions is a LazyFrame, which holds no rows yet; give decisions.collect()")
    return BadRequest(
        f"decisions is of type {type(table).__name__}; give a DataFrame (pandas, polars or Arrow), "
        "such as client.decisions() or cm.tidy(reviews), or the path of a Parquet file, or a list of such paths"
    )


def _answer(relation: duckdb.DuckDBPyRelation, query: str) -> Any:
    """What a SELECT over the view `VIEW` gives, the view being this relation."""
    return relation.query(VIEW, query)


def _described(answer: Any) -> dict[str, str]:
    return {str(column[0]): str(column[1]) for column in answer.description}


def _told(run: Callable[[str], Any], query: str) -> pd.DataFrame:
    """What a query gives; ``run`` has it carried out."""
    answer = run(query)
    zoned = [name for name, kind in _described(answer).items() if kind == _ZONED]
    if zoned:
        # duckdb would want pytz to build zoned moments; microseconds since the epoch need nothing.
        moments = ", ".join(f"epoch_us({quoted(name)}) AS {quoted(name)}" for name in zoned)
        answer = run(f"SELECT * REPLACE ({moments}) FROM ({query})")
    frame: pd.DataFrame = answer.df()
    for name in zoned:
        frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="us", utc=True)
    return frame


def write_parquet(frame: pd.DataFrame, path: str | os.PathLike[str], note: str | None = None) -> Path:
    """Write a table as one Parquet file, with a note in its metadata where there is one: all of it or nothing.

    Raises
    ------
    BadRequest
        When the directory does not exist or cannot be written to.
    """
    target = Path(path)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _database(os.getpid()).cursor() as cursor:
            cursor.register(VIEW, frame)
            noted = "" if note is None else f", KV_METADATA {{{_ENCODED}: {literal(note)}}}"
            cursor.execute(f"COPY (FROM {VIEW}) TO {literal(str(draft))} (FORMAT parquet{noted})")
        os.replace(draft, target)
    except (OSError, duckdb.IOException) as error:
        draft.unlink(missing_ok=True)
        raise BadRequest(f"cannot write {str(target)!r}: {str(error).splitlines()[0]}") from error
    return target


def read_parquet(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, str | None]:
    """A table that `write_parquet` wrote, and its note; None for a file of somebody else.

    Raises
    ------
    BadRequest
        When there is no such file, or it is no Parquet.
    """
    frame = Source(os.fspath(path)).ask(f"FROM {VIEW}")
    with _database(os.getpid()).cursor() as cursor:
        found: Iterable[Any] = cursor.execute(
            f"SELECT decode(value) FROM parquet_kv_metadata({literal(os.fspath(path))}) "
            f"WHERE decode(key) = {literal(_ENCODED)}"
        ).fetchall()
    notes = [str(row[0]) for row in found]
    return frame, notes[0] if notes else None
