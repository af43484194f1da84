"""Decisions become counts: one GROUP BY, and the few other questions that want every row. The only room of duckdb.

Counts add up: those of two days, or of two shards, are the sum of their cells.
"""
# ruff: noqa: S608 - queries are put together from names that `_name` quotes and values that `_text` quotes

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from ..errors import BadRequest, BadTag
from ..tags import FALSE_SPELLINGS, TRUE_SPELLINGS
from .decisions import COLUMNS, MISSING_SPELLINGS, unreadable

COUNTS = ("n", "tp", "fp", "fn", "tn", "missing")
NEEDED = ("tag", "auto", "human")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONED = "TIMESTAMP WITH TIME ZONE"
_INTEGERS = tuple(sign + size for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"))
_NUMBERS = (*_INTEGERS, "FLOAT", "DOUBLE", "DECIMAL")
_RESULTS = (
    "tag",
    "metric",
    "estimate",
    "low",
    "high",
    "method",
    "flag",
    "rest",
    "difference",
    "p",
    "p_adjusted",
    "n_rest",
)
RESERVED = frozenset((*COUNTS, *_RESULTS, "kind", "wrong_by", "undecided", "scored"))
"""Column names that the tables of results use themselves."""


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _among(spellings: frozenset[str]) -> str:
    return f"({', '.join(_text(spelling) for spelling in sorted(spellings))})"


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - a forked process needs one of its own
    """The one empty database whose cursors answer all questions: a cursor costs microseconds, a database 30 ms."""
    database = duckdb.connect(":memory:")
    # An object column may mix booleans, numbers and words; taken as words all of it can be read.
    database.execute("SET GLOBAL pandas_analyze_sample = 0")
    return database


class Source:
    """A table of decisions: a pandas, polars or Arrow table, a Parquet path or glob, or a duckdb relation.

    Every question has a cursor of its own, so that a `Source` can be kept and asked from any thread.
    """

    def __init__(self, decisions: Any) -> None:
        # A shallow copy costs nothing, and what the caller does to the frame later does not reach it (copy on write).
        self._table = decisions.copy(deep=False) if isinstance(decisions, pd.DataFrame) else decisions
        known = isinstance(decisions, pd.DataFrame | duckdb.DuckDBPyRelation)
        if not known and hasattr(decisions, "__arrow_c_stream__") and not hasattr(decisions, "shape"):
            self._table = self.ask(
                f"FROM {_VIEW}"
            )  # a reader can be read once, but there will be more than one question
        self.left_out = int(getattr(decisions, "attrs", {}).get("left_out", 0))
        """How many reviews had no decision yet, as far as the table tells."""
        with _database(os.getpid()).cursor() as cursor:
            relation = self._relation(cursor)
            self.types = dict(zip(relation.columns, map(str, relation.types), strict=True))

    def _relation(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        table = self._table
        if isinstance(table, pd.DataFrame):
            return cursor.from_df(table)
        if isinstance(table, duckdb.DuckDBPyRelation):
            return table
        if isinstance(table, str | Path):
            return self._parquet(cursor, str(table))
        if hasattr(table, "__arrow_c_stream__"):
            return cursor.from_arrow(table)
        raise BadRequest(
            f"decisions is of type {type(table).__name__}; give a DataFrame (pandas, polars or Arrow), "
            "such as client.decisions() or cm.tidy(reviews), or the path of a Parquet file"
        )

    @staticmethod
    def _parquet(cursor: duckdb.DuckDBPyConnection, path: str) -> duckdb.DuckDBPyRelation:
        if not path.lower().endswith((".parquet", ".pq")):
            raise BadRequest(f"{path!r} is no Parquet file; read it first, for instance with pandas.read_csv({path!r})")
        try:
            return cursor.read_parquet(path)
        except duckdb.IOException as error:
            raise BadRequest(f"there is no Parquet file at {path!r}") from error
        except duckdb.Error as error:
            raise BadRequest(f"{path!r} cannot be read as Parquet: {str(error).splitlines()[0]}") from error

    def ask(self, query: str) -> pd.DataFrame:
        """The answer to a query over the view `_VIEW`; moments come back as UTC."""
        with _database(os.getpid()).cursor() as cursor:
            relation = _answer(self._relation(cursor), query)
            zoned = [name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind) == _ZONED]
            if zoned:
                # duckdb would want pytz to build zoned moments; microseconds since the epoch need nothing.
                moments = ", ".join(f"epoch_us({_name(name)}) AS {_name(name)}" for name in zoned)
                relation = _answer(relation, f"SELECT * REPLACE ({moments}) FROM {_VIEW}")
            frame: pd.DataFrame = relation.df()
        for name in zoned:
            frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="us", utc=True)
        return frame


@dataclass(frozen=True)
class Reading:
    """How a table of decisions is read: which columns slice it, and what the auto tag is where it is silent.

    ``threshold`` gives for a tag the score from which on the auto tag counts as on; the tag's own value no longer
    counts, and without a score it is silent.
    """

    by: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    absent: str = "false"
    threshold: Mapping[str, float] | None = None

    def check(self, source: Source) -> None:
        """Refuse columns that are not there, or that the tables to come use themselves."""
        there = ", ".join(source.types) or "none at all"
        lacking = [name for name in NEEDED if name not in source.types]
        if lacking:
            raise BadRequest(
                f"decisions has no column {_listed(lacking)}; it has {there}. Take client.decisions() or "
                "cm.tidy(reviews), or rename your columns to tag, auto and human"
            )
        unknown = [name for name in self.by if name not in source.types]
        if unknown:
            raise BadRequest(f"by names {_listed(unknown)}, but decisions has the columns {there}")
        taken = [name for name in self.by if name in RESERVED]
        if taken:
            raise BadRequest(
                f"by names {_listed(taken)}, which the tables of results use themselves; rename the column"
            )
        if self.threshold and "score" not in source.types:
            raise BadRequest(f"a threshold needs a column 'score', but decisions has the columns {there}")

    def rows(self, source: Source, columns: Sequence[str] = ()) -> str:
        """The query behind every other: each decision's slices, tag, auto value (or none) and human value.

        ``columns`` are to come along under their own names.
        """
        types = source.types
        auto = _boolean("auto", types["auto"])
        if "auto_given" in types:
            auto = f"CASE WHEN {_boolean('auto_given', types['auto_given'])} THEN {auto} END"
        for tag, least in (self.threshold or {}).items():
            on = f"{_SCORE} >= CAST('{least!r}' AS DOUBLE)"
            auto = f"CASE WHEN CAST(tag AS VARCHAR) = {_text(tag)} THEN {on} ELSE {auto} END"
        if self.absent == "false":
            auto = f"coalesce({auto}, false)"
        score = _SCORE if "score" in types else "CAST(NULL AS DOUBLE)"
        shown = [f"{_slice(name, types[name])} AS {_name(f'by {name}')}" for name in self.by]
        shown += [f"{_slice(name, types[name])} AS {_name(name)}" for name in columns]
        chosen = f" WHERE CAST(tag AS VARCHAR) IN {_among(frozenset(self.tags))}" if self.tags else ""
        return (
            f"SELECT {''.join(f'{column}, ' for column in shown)}CAST(tag AS VARCHAR) AS _tag, {auto} AS _auto, "
            f"{_boolean('human', types['human'])} AS _human, {score} AS _score, "
            f"{_odd('auto', types['auto'])} OR {_odd('human', types['human'])} AS _odd FROM {_VIEW}{chosen}"
        )


_VIEW = "cmtools_decisions"
_SCORE = "CASE WHEN NOT isnan(TRY_CAST(score AS DOUBLE)) THEN TRY_CAST(score AS DOUBLE) END"


def _answer(relation: duckdb.DuckDBPyRelation, query: str) -> duckdb.DuckDBPyRelation:
    """What a SELECT over the view `_VIEW` gives, the view being this relation."""
    answer = relation.query(_VIEW, query)
    if answer is None:
        raise AssertionError(f"only a SELECT has an answer: {query}")
    return answer


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _is_number(kind: str) -> bool:
    return kind.split("(")[0] in _NUMBERS


def _boolean(column: str, kind: str) -> str:
    """The SQL that reads a column of true and false in any spelling."""
    if kind == "BOOLEAN":
        return _name(column)
    if _is_number(kind):
        return f"CASE {_name(column)} WHEN 1 THEN true WHEN 0 THEN false END"
    word = f"lower(trim(CAST({_name(column)} AS VARCHAR)))"
    on, off = _among(TRUE_SPELLINGS), _among(FALSE_SPELLINGS)
    return f"CASE WHEN {word} IN {on} THEN true WHEN {word} IN {off} THEN false END"


def _odd(column: str, kind: str) -> str:
    """The SQL that is true where a column holds a value that is no spelling of true, false or missing."""
    if kind == "BOOLEAN":
        return "false"
    word = f"lower(trim(CAST({_name(column)} AS VARCHAR)))"
    if _is_number(kind):
        return f"coalesce({_name(column)} NOT IN (0, 1) AND {word} <> 'nan', false)"
    return f"coalesce({word} NOT IN {_among(TRUE_SPELLINGS | FALSE_SPELLINGS | MISSING_SPELLINGS)}, false)"


def _slice(column: str, kind: str) -> str:
    """A column as it is shown and grouped by; a category by its words, so that slices stand in alphabetical order."""
    return f"CAST({_name(column)} AS VARCHAR)" if kind.startswith("ENUM") else _name(column)


def count(source: Source, reading: Reading) -> pd.DataFrame:
    """The counts of every slice and tag that occurs, with the columns ``undecided`` and ``scored`` beside them.

    Raises
    ------
    BadTag
        When a value is neither true nor false, or a decision names no tag.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": ["yes", "no", None], "human": [1, 1, 0]})
    >>> count(Source(frame), Reading(absent="missing"))[["tag", *COUNTS]].values.tolist()
    [['a', 2, 1, 0, 1, 0, 1]]
    """
    slices = [_name(f"by {name}") for name in reading.by]
    keys = ", ".join([*slices, "_tag"])
    both = "_human IS NOT NULL AND _auto IS NOT NULL"
    found = source.ask(
        f"SELECT {keys}, count(*) FILTER ({both}) AS n, count(*) FILTER (_auto AND _human) AS tp, "
        "count(*) FILTER (_auto AND NOT _human) AS fp, count(*) FILTER (NOT _auto AND _human) AS fn, "
        "count(*) FILTER (NOT _auto AND NOT _human) AS tn, "
        "count(*) FILTER (_human IS NOT NULL AND _auto IS NULL) AS missing, "
        "count(*) FILTER (_human IS NULL) AS undecided, count(_score) AS scored, count(*) FILTER (_odd) AS odd "
        f"FROM ({reading.rows(source)}) GROUP BY {keys}"
    )
    if found["odd"].sum():
        raise _odd_value(source, reading)
    if found["_tag"].isna().any():
        raise BadTag("some decisions name no tag; fill the column 'tag', or drop those rows")
    found.columns = pd.Index([*reading.by, "tag", *COUNTS, "undecided", "scored", "odd"])
    return found.drop(columns="odd").sort_values([*reading.by, "tag"], ignore_index=True)


def _odd_value(source: Source, reading: Reading) -> BadTag:
    """The error that shows the first few values which cannot be read, and where they stand."""
    for column in ("human", "auto"):
        kind = source.types[column]
        word = f"CAST({_name(column)} AS VARCHAR)"
        odd = source.ask(f"SELECT DISTINCT {word} AS word FROM {_VIEW} WHERE {_odd(column, kind)} ORDER BY 1 LIMIT 3")
        if len(odd):
            return unreadable(column, odd["word"])
    raise AssertionError(f"no unreadable value found again for {reading}")


def rollup(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The same counts over fewer columns, added up without looking at the decisions again.

    Examples
    --------
    >>> days = pd.DataFrame({"day": [1, 2], "tag": "a", "n": [5, 4], "tp": [1, 1], "fp": [0, 1], "fn": [1, 0],
    ...                      "tn": [3, 2], "missing": [0, 1]})
    >>> rollup(days, []).values.tolist()
    [['a', 9, 2, 1, 1, 5, 1]]
    """
    keys = [*by, "tag"]
    return counts.groupby(keys, as_index=False, dropna=False, sort=True, observed=True)[list(COUNTS)].sum()


def disagreements(source: Source, reading: Reading, tag: str | None, limit: int | None) -> pd.DataFrame:
    """The decisions in which auto and human differ, the most confidently wrong score first.

    ``wrong_by`` is the distance of the score from what the human said: 0.97 for a score of 0.97 where the tag is off.
    Decisions without a score follow after those with one. Ties stand in the order of their ids.
    """
    own = {*NEEDED, "score", "auto_given", *reading.by}
    kept = [name for name in COLUMNS if name in source.types and name not in own]
    slices = [_name(f"by {name}") for name in reading.by]
    columns = "".join(f"{_name(name)}, " for name in kept)
    columns += "".join(f"{column} AS {_name(name)}, " for column, name in zip(slices, reading.by, strict=True))
    order = [_name(name) for name in ("review_id", "content_id", "frame", "reviewer") if name in kept] + slices
    only = f" AND _tag = {_text(tag)}" if tag is not None else ""
    last = f" LIMIT {int(limit)}" if limit is not None else ""
    return source.ask(
        f"SELECT {columns}_tag AS tag, _auto AS auto, _human AS human, _score AS score, "
        "CASE WHEN _auto THEN 'false positive' ELSE 'false negative' END AS kind, "
        "abs(_score - CAST(_human AS INTEGER)) AS wrong_by "
        f"FROM ({reading.rows(source, kept)}) WHERE _auto <> _human{only} "
        f"ORDER BY wrong_by DESC NULLS LAST, _tag, {', '.join([*order, '_auto'])}{last}"
    )


@dataclass(frozen=True)
class Facts:
    """What a report says of the decisions as a whole; None where the table has no column that tells."""

    rows: int
    reviews: int | None
    reviewers: int | None
    repeated: int | None
    first_decided_at: datetime | None
    last_decided_at: datetime | None
    fingerprint: str


def facts(source: Source, reading: Reading) -> Facts:
    """Reviews, reviewers, period and fingerprint of the decisions that are measured.

    The fingerprint is the same whatever the order of the rows and whatever holds them: a SHA-256 over the number of
    rows and the sums of the MD5 halves of each row's review, frame, reviewer, tag, auto value, human value, score and
    slices.
    """
    types = source.types
    moments = "decided_at" in types and ("TIMESTAMP" in types["decided_at"] or types["decided_at"] == "DATE")
    identity = [name for name in ("review_id", "frame", "reviewer") if name in types]
    words = [*identity, "_tag", "_auto", "_human", "_score", *(_name(f"by {name}") for name in reading.by)]
    columns = [*identity, *(["decided_at"] if moments else [])]
    row = "concat_ws(chr(31), " + ", ".join(f"coalesce(CAST({word} AS VARCHAR), chr(30))" for word in words) + ")"
    answer = source.ask(
        "SELECT count(*) AS rows, "
        f"{'count(DISTINCT review_id)' if 'review_id' in types else 'NULL'} AS reviews, "
        f"{'count(DISTINCT reviewer)' if 'reviewer' in types else 'NULL'} AS reviewers, "
        f"{_distinct(identity) if 'review_id' in types else 'NULL'} AS distinct_rows, "
        f"{'epoch_us(min(decided_at))' if moments else 'NULL'} AS first, "
        f"{'epoch_us(max(decided_at))' if moments else 'NULL'} AS last, "
        f"CAST(sum(md5_number_upper({row})::HUGEINT) AS VARCHAR) AS upper, "
        f"CAST(sum(md5_number_lower({row})::HUGEINT) AS VARCHAR) AS lower "
        f"FROM ({reading.rows(source, columns)}) WHERE _human IS NOT NULL"
    ).iloc[0]
    rows, distinct = int(answer["rows"]), _integer(answer["distinct_rows"])
    sums = f"{rows} {answer['upper']} {answer['lower']}" if rows else "0"
    return Facts(
        rows=rows,
        reviews=_integer(answer["reviews"]),
        reviewers=_integer(answer["reviewers"]),
        repeated=None if distinct is None else rows - distinct,
        first_decided_at=_moment(answer["first"]),
        last_decided_at=_moment(answer["last"]),
        fingerprint=hashlib.sha256(sums.encode()).hexdigest(),
    )


def _distinct(identity: Sequence[str]) -> str:
    return f"count(DISTINCT ({', '.join([*identity, '_tag'])}))"


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) or not math.isfinite(value) else _EPOCH + timedelta(microseconds=int(value))
