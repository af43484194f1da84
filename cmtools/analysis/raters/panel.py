"""A table of ratings becomes patterns: one question to the table, whatever its size. Nothing is measured here.

A table is long, with a row for each rating, or wide, with a row for each item and a column for each rater.
"""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes and values that `literal` quotes

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest, BadTag
from ...tags import BUILT_IN
from ..decisions import COMPLETE, unreadable
from ..ratings.patterns import MOST_VALUES, Codes, Patterns, as_whole, of_ratings, unpacked
from ..sources.reading import BLIND, STATUS, boolean, is_number, listed, odd
from ..sources.source import VIEW, Source, literal, quoted

HUMAN = "human"
"""The column of values in decisions, whose values are true and false however they are spelled."""

_NAN = "CAST('NaN' AS DOUBLE)"
_WORD = 62
"""How many bits of a word are used; the others are the sign and a spare one."""


@dataclass(frozen=True)
class Columns:
    """Which columns of a table of ratings say what."""

    by: tuple[str, ...]
    tag: str | None
    item: tuple[str, ...]
    rater: tuple[str, ...]
    """One column that names the rater; or several, one for each rater."""
    value: str | None
    tags: tuple[str, ...] | None = None
    values: tuple[Any, ...] | None = None
    """All values there can be, in order; those that occur unless given."""

    @property
    def is_wide(self) -> bool:
        """Whether every rater has a column of their own."""
        return self.value is None

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns whose values make the cells."""
        return (*self.by, *((self.tag,) if self.tag else ()))

    @property
    def rated(self) -> tuple[str, ...]:
        """The columns that hold values."""
        return self.rater if self.value is None else (self.value,)

    def check(self, types: Mapping[str, str]) -> None:
        """Refuse columns that are not there, or that are to be two things."""
        used = [*self.cells, *self.item, *self.rater, *((self.value,) if self.value else ())]
        lacking = [name for name in dict.fromkeys(used) if name not in types]
        if lacking:
            raise BadRequest(f"ratings has no column {listed(lacking)}; it has {', '.join(types) or 'none at all'}")
        twice = [name for name in dict.fromkeys(used) if used.count(name) > 1]
        if twice:
            raise BadRequest(f"the column {listed(twice)} was named for two things; each column is one")


@dataclass(frozen=True)
class Panel:
    """Patterns of ratings with the names of their codes; ``cells`` has a row for each cell."""

    patterns: Patterns
    cells: pd.DataFrame
    raters: list[Any]
    values: list[Any]
    left_out: int
    """Ratings without a value, a rater or an item."""


class Reader:
    """A table of ratings and its columns, ready to be asked.

    Examples
    --------
    >>> frame = pd.DataFrame({"photo": [1, 1, 2, 2], "who": ["ana", "bo"] * 2, "said": ["x", "x", "x", None]})
    >>> panel = Reader(Source(frame), Columns((), None, ("photo",), ("who",), "said")).panel()
    >>> panel.raters, panel.values, panel.patterns.times.tolist(), panel.left_out
    (['ana', 'bo'], ['x'], [1.0, 1.0], 1)
    """

    def __init__(self, source: Source, columns: Columns, frame: pd.DataFrame | None = None) -> None:
        columns.check(source.types)
        if columns.tags and not columns.tag:
            raise BadRequest("tags were named, but ratings has no column 'tag'")
        self._source, self._columns = source, columns
        if columns.value == HUMAN and self._has_both_blind():
            self._columns = replace(columns, by=(*columns.by, BLIND))
        kinds = {source.types[name] for name in columns.rated}
        self._is_truth = kinds == {"BOOLEAN"} or columns.value == HUMAN
        self._is_number = not self._is_truth and all(is_number(kind) for kind in kinds)
        self._quick = self._patterns_of(frame) if frame is not None and columns.is_wide and self._is_number else None
        if self._quick is None:
            self._names, self._values, self._left_out = self._known()

    def _patterns_of(self, frame: pd.DataFrame) -> Patterns | None:
        """The patterns of a wide table of numbers in memory, without a question; None where there are slices."""
        if self._columns.cells:
            return None
        ratings = frame[list(self._columns.rater)].to_numpy(dtype=float, na_value=np.nan).T
        patterns, self._values = of_ratings(ratings, self._columns.values)
        self._names, self._left_out = list(self._columns.rater), int(np.isnan(ratings).sum())
        return patterns if self._words == 1 else None  # else the patterns would not stand in the order of `items`

    def _has_both_blind(self) -> bool:
        """Whether some decisions were blind and some not; who sees auto tags agrees more, so these are kept apart."""
        types = self._source.types
        if BLIND not in types or BLIND in self._columns.cells:
            return False
        said = self._source.ask(f"SELECT count(DISTINCT {boolean(BLIND, types[BLIND])}) AS n FROM {VIEW}")
        return int(said["n"].iloc[0]) > 1

    def panel(self) -> Panel:
        """The patterns of every cell."""
        if self._quick is not None:
            return Panel(self._quick, pd.DataFrame(index=range(1)), self._names, self._values, self._left_out)
        keys = [f"k{place}" for place in range(len(self._columns.cells))]
        words = [f"w{place}" for place in range(self._words)]
        grouped = ", ".join([*keys, *words, "_n"])
        found = self._source.ask(
            f"SELECT {grouped}, count(*) AS _times FROM ({self._items()}) AS items GROUP BY {grouped}"
        )
        cell, cells = self._cells(found[keys])
        order = np.lexsort([*(found[word].to_numpy() for word in reversed(words)), cell])
        found, cell = found.iloc[order], cell[order]
        codes = self._unpacked(found)
        at, rater = np.nonzero(codes.T >= 0)
        if len(at) != found["_n"].sum():
            raise self._repeated()
        value, times = codes[rater, at], found["_times"].to_numpy(dtype=float)
        sizes = (max(len(cells), 1), len(self._names), len(self._values))
        return Panel(Patterns(cell, times, at, rater, value, *sizes), cells, self._names, self._values, self._left_out)

    def items(self) -> pd.DataFrame:
        """Every item that was rated with its cell in ``_cell`` and its place among the patterns in ``_pattern``."""
        keys = [f"k{place}" for place in range(len(self._columns.cells))]
        words = [f"w{place}" for place in range(self._words)]
        names = [f"i{place}" for place in range(max(len(self._columns.item), 1))]
        found = self._source.ask(f"SELECT * FROM ({self._items()}) AS items ORDER BY {', '.join([*keys, *names])}")
        cell, _ = self._cells(found[keys])
        sorts = [cell, *(found[word].to_numpy() for word in words)]
        order = np.lexsort(sorts[::-1])
        changes = np.any([np.diff(each[order], prepend=-1) != 0 for each in sorts], axis=0)
        pattern = np.empty(len(found), dtype=np.int64)
        pattern[order] = np.cumsum(changes) - 1
        named = dict(zip(keys, self._columns.cells, strict=True)) | dict(zip(names, self._item_names, strict=True))
        return found.drop(columns=[*words, "_n"]).rename(columns=named).assign(_cell=cell, _pattern=pattern)

    @property
    def _item_names(self) -> tuple[str, ...]:
        return self._columns.item or ("item",)

    def _cells(self, keys: pd.DataFrame) -> tuple[Codes, pd.DataFrame]:
        named = keys.set_axis(list(self._columns.cells), axis=1)
        if not len(named.columns):
            return np.zeros(len(named), dtype=np.int64), pd.DataFrame(index=range(1))
        if not len(named):
            return np.zeros(0, dtype=np.int64), self._nothing_at_all(named)
        cell = named.groupby(list(named.columns), dropna=False, sort=True, observed=True).ngroup().to_numpy()
        cells = named.iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
        tag, tags = self._columns.tag, self._columns.tags or ()
        lacking = [name for name in tags if name not in set(cells[tag])] if tag else []
        if lacking:
            raise BadTag(f"there is no tag {lacking[0]!r} in these ratings; there are {', '.join(cells[tag].unique())}")
        return cell, cells

    def _nothing_at_all(self, named: pd.DataFrame) -> pd.DataFrame:
        """The cells of a table without ratings: one for each tag asked for, else for those every team has."""
        tags = self._columns.tags or tuple(tag.short_code for tag in BUILT_IN)
        rows = named.reindex(range(len(tags) if self._columns.tag else 1))
        return rows.assign(**{self._columns.tag: pd.array(tags, dtype="str")}) if self._columns.tag else rows

    @property
    def _bits(self) -> int:
        return max(len(self._values).bit_length(), 1)

    @property
    def _per_word(self) -> int:
        return _WORD // self._bits

    @property
    def _words(self) -> int:
        return max(-(-len(self._names) // self._per_word), 1)

    def _unpacked(self, found: pd.DataFrame) -> Codes:
        parts = []
        for place in range(self._words):
            raters = min(self._per_word, len(self._names) - place * self._per_word)
            parts.append(unpacked(found[f"w{place}"].to_numpy(dtype=np.int64), raters, self._bits))
        return np.concatenate(parts) if parts else np.zeros((0, len(found)), dtype=np.int64)

    def _known(self) -> tuple[list[Any], list[Any], int]:
        """The raters, the values, and how many ratings are left out."""
        found = self._source.ask(self._seen())
        left_out = found["_value"].isna() | found["_rater"].isna() | found["_lost"]
        if found["_odd"].any():
            raise unreadable(HUMAN, found.loc[found["_odd"], "_word"].drop_duplicates())
        there = found[~left_out]
        names = list(self._columns.rater) if self._columns.is_wide else sorted(there["_rater"].unique().tolist())
        seen = as_whole(sorted(there["_value"].unique().tolist()))
        values = [False, True] if self._is_truth else self._declared(seen)
        if len(values) > MOST_VALUES:
            raise BadRequest(f"there are {len(values):,} different values, at most {MOST_VALUES} are told apart; round")
        return names, values, int(found.loc[left_out, "_n"].sum())

    def _declared(self, seen: list[Any]) -> list[Any]:
        if self._columns.values is None:
            return seen
        values = as_whole([float(value) if self._is_number else str(value) for value in self._columns.values])
        unknown = [value for value in seen if value not in values]
        if unknown:
            raise BadRequest(f"the rating {unknown[0]!r} is none of the values {list(self._columns.values)}")
        return values

    def _seen(self) -> str:
        """The query for every rater and value that occurs, and how often."""
        if not self._columns.is_wide:
            seen = "_rater, _value, _lost, _odd, _word"
            return f"SELECT {seen}, count(*) AS _n FROM ({self._rows()}) AS r GROUP BY {seen}"
        parts = [
            f"SELECT {literal(name)} AS _rater, {self._value(name)} AS _value, count(*) AS _n FROM {VIEW}"
            f"{self._where()} GROUP BY 2"
            for name in self._columns.rater
        ]
        united = " UNION ALL ".join(parts)
        return f"SELECT _rater, _value, false AS _lost, false AS _odd, '' AS _word, _n FROM ({united}) AS r"

    def _rows(self) -> str:
        """The query for each rating of a long table: cell, item, rater, value."""
        columns, kinds = self._columns, self._source.types
        value = columns.value or ""
        lost = " AND ".join(f"{quoted(name)} IS NULL" for name in columns.item)
        truth = self._is_truth
        strange = odd(value, kinds[value]) if truth else "false"
        shown = [*self._keys(), *(f"{quoted(name)} AS i{place}" for place, name in enumerate(columns.item))]
        shown += [f"nullif(CAST({quoted(columns.rater[0])} AS VARCHAR), '') AS _rater"]
        shown += [f"{self._value(value)} AS _value, {lost} AS _lost, {strange} AS _odd"]
        shown += [f"CASE WHEN {strange} THEN CAST({quoted(value)} AS VARCHAR) END AS _word"]
        return f"SELECT {', '.join(shown)} FROM {VIEW}{self._where()}"

    def _keys(self) -> list[str]:
        columns, kinds = self._columns, self._source.types
        plain = {name: "CAST({} AS VARCHAR)" if kinds[name].startswith("ENUM") else "{}" for name in columns.cells}
        return [f"{plain[name].format(quoted(name))} AS k{place}" for place, name in enumerate(columns.cells)]

    def _value(self, column: str) -> str:
        """The SQL of a value: true or false, a number or a word; none where it is missing."""
        if self._is_truth:
            return boolean(column, self._source.types[column])
        if self._is_number:
            number = f"CAST({quoted(column)} AS DOUBLE)"
            return f"CASE WHEN {number} <> {_NAN} THEN {number} END"
        return f"nullif(CAST({quoted(column)} AS VARCHAR), '')"

    def _literal(self, value: Any) -> str:
        if self._is_truth:
            return str(value).lower()
        return f"CAST({literal(repr(value))} AS DOUBLE)" if self._is_number else literal(value)

    def _where(self) -> str:
        columns, conditions = self._columns, []
        if columns.tag and columns.tags:
            conditions.append(f"CAST({quoted(columns.tag)} AS VARCHAR) IN ({', '.join(map(literal, columns.tags))})")
        if columns.value == HUMAN and STATUS in self._source.types:
            conditions.append(f"lower(trim(CAST({STATUS} AS VARCHAR))) = {literal(COMPLETE)}")
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _items(self) -> str:
        """The query for each item: cell, item, the words that say who gave which value, and the number of ratings."""
        if self._columns.is_wide:
            return self._wide_items()
        keys = [f"k{place}" for place in range(len(self._columns.cells))]
        keys += [f"i{place}" for place in range(len(self._columns.item))]
        sums = ", ".join(f"bit_or(c.w{place}) AS w{place}" for place in range(self._words))
        codes = [
            f"({literal(name)}, {self._literal(value)}, {', '.join(self._packed(at, code))})"
            for at, name in enumerate(self._names)
            for code, value in enumerate(self._values)
        ] or [f"(CAST(NULL AS VARCHAR), {self._nothing}, {', '.join(['CAST(0 AS BIGINT)'] * self._words)})"]
        words = ", ".join(f"w{place}" for place in range(self._words))
        return (
            f"SELECT {', '.join(keys)}, {sums}, count(*) AS _n FROM ({self._rows()}) AS r "
            f"JOIN (VALUES {', '.join(codes)}) AS c(name, said, {words}) ON r._rater = c.name AND r._value = c.said "
            f"WHERE NOT r._lost GROUP BY {', '.join(keys)}"
        )

    @property
    def _nothing(self) -> str:
        kind = "BOOLEAN" if self._is_truth else "DOUBLE" if self._is_number else "VARCHAR"
        return f"CAST(NULL AS {kind})"

    def _packed(self, rater: int, code: int) -> list[str]:
        """What a rater's value adds to each word."""
        word, place = divmod(rater, self._per_word)
        bits = (code + 1) << (self._bits * place)
        return [f"CAST({bits if at == word else 0} AS BIGINT)" for at in range(self._words)]

    def _wide_items(self) -> str:
        columns = self._columns
        sums: list[list[str]] = [[] for _ in range(self._words)]
        for rater, name in enumerate(columns.rater):
            word = rater // self._per_word
            cases = "".join(
                f" WHEN {self._literal(value)} THEN {self._packed(rater, code)[word]}"
                for code, value in enumerate(self._values)
            )
            sums[word].append(f"coalesce(CASE {self._value(name)}{cases} END, 0)" if cases else "CAST(0 AS BIGINT)")
        words = [f"{' | '.join(parts)} AS w{place}" for place, parts in enumerate(sums)]
        rated = " + ".join(f"CAST({self._value(name)} IS NOT NULL AS BIGINT)" for name in columns.rater)
        names = [f"{quoted(name)} AS i{place}" for place, name in enumerate(columns.item)]
        names = names or ["row_number() OVER () AS i0"]
        shown = ", ".join([*self._keys(), *names, *words, f"{rated} AS _n"])
        return f"SELECT * FROM (SELECT {shown} FROM {VIEW}{self._where()}) AS wide WHERE _n > 0"

    def _repeated(self) -> BadRequest:
        """The error that shows a rater who rated an item twice."""
        keys = [f"k{place}" for place in range(len(self._columns.cells))]
        items = [f"i{place}" for place in range(len(self._columns.item))]
        group = ", ".join([*keys, *items, "_rater"])
        row = self._source.ask(
            f"SELECT {group}, count(*) AS _n FROM ({self._rows()}) AS r WHERE _rater IS NOT NULL "
            f"AND _value IS NOT NULL AND NOT _lost GROUP BY {group} HAVING count(*) > 1 ORDER BY {group} LIMIT 1"
        ).iloc[0]
        names = (*self._columns.cells, *self._columns.item)
        where = ", ".join(f"{name} {row[key]}" for name, key in zip(names, [*keys, *items], strict=True))
        return BadRequest(
            f"{row['_rater']} rated the same item {row['_n']} times ({where}); a rater rates an item once: keep one "
            "of them, name the columns that tell items apart in item=[...], or slice with by=[...]; only "
            "metrics.dawid_skene takes several, as pairs of raters have one rating each"
        )


def columns_of(
    types: Mapping[str, str],
    by: Sequence[str],
    item: Sequence[str] | None,
    rater: Sequence[str] | None,
    value: str | None,
) -> Columns:
    """The columns that were named, and those of decisions for what was not.

    Raises
    ------
    BadRequest
        When something was not named and there is no column of decisions for it.

    Examples
    --------
    >>> columns_of(dict.fromkeys(["review_id", "frame", "tag", "human", "reviewer"], "VARCHAR"), [], None, None, None)
    Columns(by=(), tag='tag', item=('review_id', 'frame'), rater=('reviewer',), value='human', tags=None, values=None)
    """
    if not types:
        raise BadRequest("the table of ratings has no columns")
    wide = rater is not None and len(rater) > 1
    if item is None and not wide:
        item = [name for name in ("review_id", "frame") if name in types]
    rater = ["reviewer"] if rater is None else rater
    value = HUMAN if value is None and not wide else value
    if wide and value is not None:
        raise BadRequest("with a column for each rater there is no column of values; leave value away")
    for argument, names in (("item", item), ("rater", rater), ("value", [value])):
        if not wide and (not names or any(name not in types for name in names)):
            there = ", ".join(types)
            said = f"{listed(list(names))} is not there" if names else "it was not named"
            raise BadRequest(f"which column is the {argument}? {said}; ratings has {there}. Give {argument}=...")
    used = {*by, *(item or ()), *rater, value}
    tag = "tag" if "tag" in types and "tag" not in used else None
    return Columns(tuple(by), tag, tuple(item or ()), tuple(rater), value)
