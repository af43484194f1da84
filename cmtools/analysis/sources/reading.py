"""How a table of decisions is read: SQL that gives each row its slices, tag, auto and human value. It asks nothing."""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes and values that `literal` quotes

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import BadRequest
from ...tags import FALSE_SPELLINGS, TRUE_SPELLINGS
from ..decisions import COMPLETE, MISSING_SPELLINGS
from .source import VIEW, Source, literal, quoted

NEEDED = ("tag", "auto", "human")
STATUS = "status"
BLIND = "blind"
COUNTS = ("n", "tp", "fp", "fn", "tn", "missing")
_INTEGERS = tuple(sign + size for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"))
_REALS = ("FLOAT", "DOUBLE", "DECIMAL")
_NAN = "CAST('NaN' AS DOUBLE)"
_RESULTS = (
    *("tag", "metric", "estimate", "low", "high", "method", "flag"),
    *("rest", "difference", "p", "p_adjusted", "n_rest"),
)
RESERVED = frozenset((*COUNTS, *_RESULTS, "kind", "wrong_by", "undecided", "scored"))
"""Column names that the tables of results use themselves."""

KEYS = ("blind", "stratum", "cluster")
"""What a tally may keep apart besides slices and tags."""


@dataclass(frozen=True)
class Reading:
    """How a table of decisions is read: which columns slice it, and what the auto tag is where it is silent.

    ``threshold`` gives for a tag the score from which on the auto tag counts as on; the tag's own value no longer
    counts, and without a score it is silent. Where there is a column ``status``, only what is complete is read.
    ``weights``, ``blind``, ``strata`` and ``cluster`` name columns that a tally keeps apart, or are None.
    """

    by: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    absent: str = "false"
    threshold: Mapping[str, float] | None = None
    weights: str | None = None
    blind: str | None = None
    strata: str | None = None
    cluster: str | None = None
    only: bool | None = None
    """Only the decisions that were blind (True) or that were not (False)."""

    def check(self, source: Source) -> None:
        """Refuse columns that are not there, or that the tables to come use themselves."""
        there = ", ".join(source.types) or "none at all"
        lacking = [name for name in NEEDED if name not in source.types]
        if lacking:
            raise BadRequest(
                f"decisions has no column {listed(lacking)}; it has {there}. Take client.decisions() or "
                "cm.tidy(reviews), or rename your columns to tag, auto and human"
            )
        named = {"by": self.by, "weights": (self.weights,), "strata": (self.strata,), "cluster": (self.cluster,)}
        for argument, names in named.items():
            unknown = [name for name in names if name is not None and name not in source.types]
            if unknown:
                raise BadRequest(f"{argument} names {listed(unknown)}, but decisions has the columns {there}")
        taken = [name for name in self.by if name in RESERVED]
        if taken:
            raise BadRequest(f"by names {listed(taken)}, which the tables of results use themselves; rename the column")
        if self.threshold and "score" not in source.types:
            raise BadRequest(f"a threshold needs a column 'score', but decisions has the columns {there}")
        if self.weights is not None and not is_number(source.types[self.weights]):
            raise BadRequest(f"the weights in {self.weights!r} are no numbers; give a column of numbers above 0")

    @property
    def keys(self) -> dict[str, str]:
        """What a tally keeps apart besides slices and tags, and the column of each."""
        columns = dict(zip(KEYS, (self.blind, self.strata, self.cluster), strict=True))
        return {key: column for key, column in columns.items() if column is not None}

    def rows(self, source: Source, columns: Sequence[str] = ()) -> str:
        """The query for each decision: slices, tag, auto value (or none), human value, score.

        ``columns`` are to come along under their own names.
        """
        types = source.types
        given = boolean("auto_given", types["auto_given"]) if "auto_given" in types else None
        auto = self._auto(boolean("auto", types["auto"]), given, "tag", self._above(types))
        shown = [f"{_slice(name, types[name])} AS {quoted(f'by {name}')}" for name in self.by]
        shown += [f"{_slice(name, types[name])} AS {quoted(name)}" for name in columns]
        return (
            f"SELECT {''.join(f'{column}, ' for column in shown)}CAST(tag AS VARCHAR) AS _tag, {auto} AS _auto, "
            f"{boolean('human', types['human'])} AS _human, {_score(types)} AS _score, "
            f"{odd('auto', types['auto'])} OR {odd('human', types['human'])} AS _odd FROM {VIEW}{self._where(types)}"
        )

    def groups(self, source: Source) -> str:
        """The query for the decisions that are alike in all that counts: as `rows`, with their number in ``_n``.

        Rows are grouped as they stand, and the few groups are read: so no word is spelled out a million times. With a
        threshold there is ``_scored``, how many have a score; with weights their sum ``_weight``, that of their squares
        ``_square``, and ``_bad``, how many are no number above zero.
        """
        types = source.types
        keys = [(quoted(name), f"by {name}") for name in self.by]
        keys += [(quoted(column), f"_{key}") for key, column in self.keys.items()] + [(quoted("tag"), "_tag")]
        said = ["auto", "human", *(["auto_given"] if "auto_given" in types else [])]
        keys += [(_few(name, types[name]), f"_{name}") for name in said]
        if self.threshold:
            keys.append((self._above(types), "_above"))
        columns = ", ".join(f"{sql} AS {quoted(alias)}" for sql, alias in keys)
        sums = {"_n": "count(*)", **self._sums(types)}
        added = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
        grouped = (
            f"SELECT {columns}, {added} FROM {VIEW}{self._where(types)} "
            f"GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
        )
        kinds = {name: "INTEGER" if is_real(types[name]) else types[name] for name in said}
        given = boolean("_auto_given", kinds["auto_given"]) if "auto_given" in kinds else None
        auto = self._auto(boolean("_auto", kinds["auto"]), given, "_tag", "_above")
        kept = [_slice(f"by {name}", types[name]) + f" AS {quoted(f'by {name}')}" for name in self.by]
        kept += [f"{self._key(key, types)} AS _{key}" for key in self.keys]
        return (
            f"SELECT {''.join(f'{column}, ' for column in kept)}CAST(_tag AS VARCHAR) AS _tag, {auto} AS _auto, "
            f"{boolean('_human', kinds['human'])} AS _human, {odd('_auto', kinds['auto'])} OR "
            f"{odd('_human', kinds['human'])} AS _odd, {', '.join(sums)} FROM ({grouped}) AS grouped"
        )

    def not_complete(self, source: Source) -> str | None:
        """The query for how many reviews are not complete; None where no column tells."""
        if STATUS not in source.types:
            return None
        counted = "count(DISTINCT review_id)" if "review_id" in source.types else "count(*)"
        return f"SELECT {counted} AS n FROM {VIEW} WHERE NOT coalesce({_IS_COMPLETE}, false)"

    def _key(self, key: str, types: Mapping[str, str]) -> str:
        kind = types[self.keys[key]]
        return boolean(f"_{key}", kind) if key == "blind" else f"CAST(_{key} AS VARCHAR)"

    def _where(self, types: Mapping[str, str]) -> str:
        conditions = [f"CAST(tag AS VARCHAR) IN {_among(frozenset(self.tags))}"] if self.tags else []
        conditions += [_IS_COMPLETE] if STATUS in types else []
        if self.only is not None:
            conditions.append(f"{boolean(BLIND, types[BLIND])} = {str(self.only).lower()}")
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _above(self, types: Mapping[str, str]) -> str:
        """Whether the score reaches the tag's threshold; none without a score or a threshold."""
        cases = "".join(
            f" WHEN CAST(tag AS VARCHAR) = {literal(tag)} THEN {_score(types)} >= CAST('{least!r}' AS DOUBLE)"
            for tag, least in (self.threshold or {}).items()
        )
        return f"CASE{cases} END" if cases else "NULL"

    def _auto(self, auto: str, given: str | None, tag: str, above: str) -> str:
        if given:
            auto = f"CASE WHEN {given} THEN {auto} END"
        if self.threshold:
            auto = (
                f"CASE WHEN CAST({tag} AS VARCHAR) IN {_among(frozenset(self.threshold))} THEN {above} ELSE {auto} END"
            )
        return f"coalesce({auto}, false)" if self.absent == "false" else auto

    def _sums(self, types: Mapping[str, str]) -> dict[str, str]:
        """What is added up over decisions that are alike, besides their number."""
        sums = {"_scored": f"count({_score(types)})"} if self.threshold else {}
        if self.weights is not None:
            weight = f"CAST({quoted(self.weights)} AS DOUBLE)"
            fit = f"coalesce({weight} > 0 AND {weight} < CAST('1e308' AS DOUBLE), false)"  # SQLite knows no infinity
            sums |= {"_weight": f"sum({weight})", "_square": f"sum({weight} * {weight})"}
            sums["_bad"] = f"count(*) FILTER (WHERE NOT {fit})"
        return sums


_IS_COMPLETE = f"lower(trim(CAST({STATUS} AS VARCHAR))) = {literal(COMPLETE)}"


def listed(names: Sequence[str | None]) -> str:
    """Names in quotes, one after the other."""
    return ", ".join(repr(name) for name in names)


def _among(spellings: frozenset[str]) -> str:
    return f"({', '.join(literal(spelling) for spelling in sorted(spellings))})"


def is_number(kind: str) -> bool:
    """Whether a column of this type holds numbers."""
    return kind.split("(")[0] in _INTEGERS or is_real(kind)


def is_real(kind: str) -> bool:
    """Whether a column of this type holds numbers that need not be whole."""
    return kind.split("(")[0] in _REALS


def boolean(column: str, kind: str) -> str:
    """The SQL that reads a column of true and false in any spelling."""
    if kind == "BOOLEAN":
        return quoted(column)
    if is_number(kind):
        return f"CASE {quoted(column)} WHEN 1 THEN true WHEN 0 THEN false END"
    word = f"lower(trim(CAST({quoted(column)} AS VARCHAR)))"
    on, off = _among(TRUE_SPELLINGS), _among(FALSE_SPELLINGS)
    return f"CASE WHEN {word} IN {on} THEN true WHEN {word} IN {off} THEN false END"


def odd(column: str, kind: str) -> str:
    """The SQL that is true where a column holds a value that is no spelling of true, false or missing."""
    if kind == "BOOLEAN":
        return "false"
    if is_number(kind):
        missing = f" AND {quoted(column)} <> {_NAN}" if is_real(kind) else ""
        return f"coalesce({quoted(column)} NOT IN (0, 1){missing}, false)"
    word = f"lower(trim(CAST({quoted(column)} AS VARCHAR)))"
    return f"coalesce({word} NOT IN {_among(TRUE_SPELLINGS | FALSE_SPELLINGS | MISSING_SPELLINGS)}, false)"


def _few(column: str, kind: str) -> str:
    """A column of true and false as rows are grouped by it: of numbers, all that are neither 0 nor 1 count as 2."""
    name = quoted(column)
    if not is_real(kind):
        return name
    return f"CASE WHEN {name} = 0 THEN 0 WHEN {name} = 1 THEN 1 WHEN {name} <> {_NAN} THEN 2 END"


def _score(types: Mapping[str, str]) -> str:
    """The score as a number; none where there is none, or not a number."""
    if "score" not in types:
        return "CAST(NULL AS DOUBLE)"
    cast = "CAST" if is_number(types["score"]) else "TRY_CAST"
    score = f"{cast}(score AS DOUBLE)"
    return f"CASE WHEN {score} <> {_NAN} OR {score} = 0 THEN {score} END"  # for SQLite NaN is 0


def _slice(column: str, kind: str) -> str:
    """A column as it is shown and grouped by; a category by its words, so that slices stand in alphabetical order."""
    return f"CAST({quoted(column)} AS VARCHAR)" if kind.startswith("ENUM") else quoted(column)
