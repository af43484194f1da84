"""Decisions become counts that add up: one GROUP BY. Nothing is estimated here.

A tally keeps the counts of each slice and tag apart by stratum and cluster, because that is what intervals need; the
tally of two days, or of two shards, is the sum of theirs.
"""
# ruff: noqa: S608 - queries are put together from the names and values that `sources.reading` quotes

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest, BadTag
from ..decisions import unreadable
from ..sources.reading import KEYS, Reading, listed, odd
from ..sources.source import VIEW, Source, quoted, read_parquet, write_parquet

CELLS = ("tp", "fp", "fn", "tn")
WEIGHTS = tuple(f"weight_{cell}" for cell in CELLS)
SQUARES = tuple(f"square_{cell}" for cell in CELLS)
WHOLE = ("tp", "fp", "fn", "tn", "missing", "undecided", "scored")
SUMS = (*WHOLE, *WEIGHTS, *SQUARES)
"""What a tally adds up; `WEIGHTS` are sums of weights, `SQUARES` sums of their squares."""

VERSION = 1


@dataclass(frozen=True)
class Tally:
    """Counts by slice, tag, stratum and cluster, and how they were read. Two of a kind add up.

    ``parts`` has the columns ``by``, those of ``_blind, _stratum, _cluster`` that were kept, ``tag``, then `SUMS`; no
    two rows are the same but for their sums.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": [1, 1, 0], "human": [1, 0, 0], "reviewer": ["ana", "ana", "bo"]})
    >>> tally = take(Source(frame), Reading(cluster="reviewer"))
    >>> sorted(tally.parts[["_cluster", "tag", "tp", "fp", "fn", "tn"]].values.tolist())
    [['ana', 'a', 1, 1, 0, 0], ['bo', 'a', 0, 0, 0, 1]]
    >>> (tally + tally).counts()[["n", "tp", "fp", "fn", "tn"]].values.tolist()
    [[6, 2, 2, 0, 2]]
    """

    parts: pd.DataFrame
    by: tuple[str, ...] = ()
    absent: str = "false"
    threshold: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    """Which column told the weights, and each of `KEYS`."""
    left_out: int = 0

    @classmethod
    def of(cls, counts: pd.DataFrame, by: Sequence[str] = ()) -> Tally:
        """Counts of independent decisions as a tally: columns ``by``, ``tag, tp, fp, fn, tn``, perhaps ``missing``."""
        parts = counts.reindex(columns=[*by, "tag", *SUMS]).fillna(dict.fromkeys(SUMS, 0))
        return cls(_added(_typed(parts, [*by, "tag"]), [*by, "tag"]), tuple(by))

    @property
    def kept(self) -> list[str]:
        """The columns of ``parts`` that tell its rows apart."""
        return [*self.by, *(f"_{key}" for key in KEYS if key in self.columns), "tag"]

    def __add__(self, other: Tally) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        for what in ("by", "absent", "threshold", "columns"):
            ours, theirs = getattr(self, what), getattr(other, what)
            if ours != theirs:
                raise BadRequest(f"these counts do not add up: {what} is {ours!r} in the one, {theirs!r} in the other")
        both = pd.concat([part for part in (self.parts, other.parts) if len(part)] or [self.parts], ignore_index=True)
        return replace(self, parts=_added(both, self.kept), left_out=self.left_out + other.left_out)

    def rollup(self, by: Sequence[str]) -> Tally:
        """The same over fewer columns, added up without looking at the decisions again."""
        lacking = [name for name in by if name not in self.by]
        if lacking:
            raise BadRequest(
                f"these counts are not sliced by {listed(lacking)}; they are by {listed(self.by) or 'none'}"
            )
        fewer = replace(self, by=tuple(by))
        return replace(fewer, parts=_added(self.parts, fewer.kept))

    def only(self, tags: Sequence[str]) -> Tally:
        """The same for these tags alone."""
        return replace(self, parts=self.parts[self.parts["tag"].isin(list(tags))].reset_index(drop=True))

    def or_nothing(self, tags: Sequence[str]) -> Tally:
        """The same; where it is empty, a row of zeros for each of these tags, in a slice without a name."""
        if len(self.parts):
            return self
        zeros = self.parts.reindex(range(len(tags))).assign(tag=list(tags), **dict.fromkeys(SUMS, 0))
        return replace(self, parts=_typed(zeros, self.kept))

    def counts(self, by: Sequence[str] | None = None) -> pd.DataFrame:
        """The counts of each slice and tag: ``by``, tag, n, tp, fp, fn, tn, missing, undecided, scored."""
        keys = [*(self.by if by is None else by), "tag"]
        if self.kept == keys:  # then each row is a cell of its own
            found = self.parts.sort_values(keys, ignore_index=True)[[*keys, *WHOLE]]
        else:
            groups = self.parts.groupby(keys, as_index=False, dropna=False, sort=True, observed=True)
            found = groups[list(WHOLE)].sum()
        found.insert(len(keys), "n", found[list(CELLS)].sum(axis=1))
        return found

    @property
    def is_weighted(self) -> bool:
        """Whether there are weights that differ."""
        if "weights" not in self.columns:
            return False
        n, weight, square = (float(self.parts[list(names)].to_numpy().sum()) for names in (CELLS, WEIGHTS, SQUARES))
        return bool(n * square - weight * weight > 1e-9 * weight * weight)

    def differs(self, key: str) -> bool:
        """Whether decisions with more than one value of this key (blind, stratum, cluster) were measured."""
        if key not in self.columns:
            return False
        measured = self.parts.loc[self.parts[list(CELLS)].sum(axis=1) > 0, f"_{key}"]
        return bool(measured.nunique(dropna=False) > 1)

    @property
    def shown(self) -> Tally:
        """The same, with blind and suggested decisions as slices of their own where there are both."""
        if not self.differs("blind"):
            return self
        columns = {key: column for key, column in self.columns.items() if key != "blind"}
        name = self.columns["blind"]
        return replace(self, parts=self.parts.rename(columns={"_blind": name}), by=(*self.by, name), columns=columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as a Parquet file, from which `read` makes it again."""
        note = {
            "version": VERSION,
            "by": self.by,
            "absent": self.absent,
            "threshold": dict(self.threshold),
            "columns": dict(self.columns),
            "left_out": self.left_out,
        }
        write_parquet(_added(self.parts, self.kept), path, json.dumps(note))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Tally:
        """What `save` wrote.

        Raises
        ------
        BadRequest
            When there is no such file, or it holds something else.
        """
        parts, note = read_parquet(path)
        if note is None:
            raise BadRequest(f"{os.fspath(path)!r} holds no counts; Agreement(...).counts.save(path) writes them")
        said = json.loads(note)
        if said.pop("version") != VERSION:
            raise BadRequest(f"{os.fspath(path)!r} was written by another version of cmtools; count again")
        said["by"] = tuple(said["by"])
        tally = cls(parts, **said)
        return replace(tally, parts=_typed(parts, [*tally.by, "tag"]))


def _added(parts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sums over the rows that are the same in these columns, which stand in order."""
    return parts.groupby(list(keys), as_index=False, dropna=False, sort=True, observed=True)[list(SUMS)].sum()


def take(source: Source, reading: Reading) -> Tally:
    """The tally of every slice and tag that occurs.

    Raises
    ------
    BadTag
        When a value is neither true nor false, or a decision names no tag.
    BadRequest
        When a weight is no number above zero.
    """
    keys = [quoted(f"by {name}") for name in reading.by] + [f"_{key}" for key in reading.keys] + ["_tag"]
    sums = _sums(weighted=reading.weights is not None, scored=bool(reading.threshold))
    asked = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    parts = source.ask(
        f"SELECT {', '.join(keys)}, {asked} FROM ({reading.groups(source)}) AS read "
        f"GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
    )
    kept = [*reading.by, *(f"_{key}" for key in reading.keys), "tag"]
    parts.columns = pd.Index([*kept, *sums])
    if parts["odd"].any():
        raise _odd_value(source)
    if "bad" in sums and parts["bad"].any():
        raise BadRequest(
            f"{int(parts['bad'].sum()):,} decisions have a weight in {reading.weights!r} that is no number above 0; "
            "fill them, drop those rows, or take weights=False"
        )
    if parts["tag"].isna().any():
        raise BadTag("some decisions name no tag; fill the column 'tag', or drop those rows")
    columns = reading.keys | ({"weights": reading.weights} if reading.weights else {})
    threshold = dict(reading.threshold or {})
    parts = _typed(parts.reindex(columns=[*kept, *SUMS], fill_value=0), kept)
    return Tally(parts, reading.by, reading.absent, threshold, columns, source.left_out + _left_out(source, reading))


def known(tally: Tally, source: Source, reading: Reading) -> Tally:
    """The tally, once every tag that was named has been seen in the decisions (or there are none at all).

    Raises
    ------
    BadTag
        When a tag does not occur.
    BadRequest
        When a tag has a threshold but no scores.
    """
    threshold = reading.threshold or {}
    wanted = [*(reading.tags or ()), *threshold]
    lacking = [tag for tag in dict.fromkeys(wanted) if tag not in set(tally.parts["tag"])]
    if not lacking:
        with_score = set(tally.parts.loc[tally.parts["scored"] > 0, "tag"]) if threshold else set()
        unscored = [tag for tag in threshold if tag not in with_score]
        if unscored:
            raise BadRequest(f"the tag {unscored[0]!r} has a threshold but no scores; leave its threshold away")
        return tally
    there = set(take(source, Reading(absent=reading.absent)).parts["tag"])
    unknown = [tag for tag in lacking if tag not in there]
    if not there or not unknown:
        return tally
    raise BadTag(f"there is no tag {unknown[0]!r} in these decisions; there are {', '.join(sorted(there))}")


def _sums(weighted: bool, scored: bool) -> dict[str, str]:
    """The SQL of what is added up over groups of decisions that are alike, and of what is wrong, by name."""
    cells = ("_auto AND _human", "_auto AND NOT _human", "NOT _auto AND _human", "NOT _auto AND NOT _human")
    sums = {name: _sum("_n", condition) for name, condition in zip(CELLS, cells, strict=True)}
    sums["missing"] = _sum("_n", "_human IS NOT NULL AND _auto IS NULL")
    sums["undecided"] = _sum("_n", "_human IS NULL")
    sums["odd"] = _sum("_n", "_odd")
    if scored:
        sums["scored"] = _sum("_scored", "_scored > 0")
    if weighted:
        sums |= {name: _sum("_weight", cell, "DOUBLE") for name, cell in zip(WEIGHTS, cells, strict=True)}
        sums |= {name: _sum("_square", cell, "DOUBLE") for name, cell in zip(SQUARES, cells, strict=True)}
        sums["bad"] = _sum("_bad", "_bad > 0")
    return sums


def _sum(column: str, condition: str, kind: str = "BIGINT") -> str:
    return f"CAST(coalesce(sum({column}) FILTER (WHERE {condition}), 0) AS {kind})"


def _typed(parts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The parts with the same types whatever engine gave them."""
    types: dict[str, Any] = dict.fromkeys(WHOLE, np.int64) | dict.fromkeys((*WEIGHTS, *SQUARES), np.float64)
    types["tag"] = "str"
    dtypes = parts.dtypes
    for name in keys:
        objects = pd.api.types.is_object_dtype(dtypes[name])
        if objects and all(isinstance(value, str) or value is None for value in parts[name]):
            types[name] = "str"
    types = {name: kind for name, kind in types.items() if dtypes[name] != kind}
    return parts.astype(types) if types else parts


def _left_out(source: Source, reading: Reading) -> int:
    query = reading.not_complete(source)
    return int(source.ask(query)["n"].iloc[0]) if query else 0


def _odd_value(source: Source) -> BadTag:
    """The error that shows the first few values which cannot be read, and where they stand."""
    for column in ("human", "auto"):
        word = f"CAST({quoted(column)} AS VARCHAR)"
        condition = odd(column, source.types[column])
        found = source.ask(f"SELECT DISTINCT {word} AS word FROM {VIEW} WHERE {condition} ORDER BY 1 LIMIT 3")
        if len(found):
            return unreadable(column, found["word"])
    raise AssertionError("no unreadable value was found again")


def count(source: Source, reading: Reading) -> pd.DataFrame:
    """The counts of every slice and tag that occurs, with the columns ``undecided`` and ``scored`` beside them.

    Raises
    ------
    BadTag
        When a value is neither true nor false, or a decision names no tag.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": ["yes", "no", None], "human": [1, 1, 0]})
    >>> count(Source(frame), Reading(absent="missing"))[["tag", "n", "tp", "fp", "fn", "tn", "missing"]].values.tolist()
    [['a', 2, 1, 0, 1, 0, 1]]
    """
    return take(source, reading).counts()
