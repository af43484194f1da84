"""Decisions counted by score or by period, one query each, with all that intervals need. It estimates nothing.

What comes back is as long as there are bins (or periods) times reviewers, however many decisions there are.
"""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes and values that `literal` quotes

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..cells.layout import Codes, codes_of
from ..chance import Array
from ..counts.tally import CELLS, SQUARES, SUMS, WEIGHTS, WHOLE, Tally
from ..sources.reading import Reading
from ..sources.source import Source, literal, quoted
from .counts import ScoreCounts

FINE = 1000
"""Many scores are put into so many bins between the lowest and the highest (between 0 and 1, if they lie there)."""

EXACT = 5000
"""No more different scores than this are each told apart."""

LOOKED_THROUGH = 1_000_000
"""With more decisions than this nobody counts how many different scores they have: memory would grow with them."""

EVERY = ("day", "week", "month", "quarter", "year")
SUMMED = ("on", "off", "weight_on", "weight_off", "square_on", "square_off")


@dataclass(frozen=True)
class Scored:
    """The decisions of one tag by score: a row for each bin, stratum and cluster, those without a score apart.

    ``rows`` has the columns ``_stratum`` and ``_cluster`` that were kept, ``place`` (-1 without a score), `SUMMED`,
    ``least``, ``most``, and the weighted ``total`` of scores and ``squares`` of their distances from the human tag.
    """

    rows: pd.DataFrame
    reading: Reading
    tag: str

    @property
    def is_binned(self) -> bool:
        """Whether scores that differ were put together."""
        return bool((self.known["least"] < self.known["most"]).any())

    @property
    def kept(self) -> list[str]:
        """The columns that tell rows of one bin apart."""
        return [f"_{key}" for key in self.reading.keys]

    @property
    def known(self) -> pd.DataFrame:
        """The rows that have a score."""
        return self.rows[self.rows["place"] >= 0]

    @property
    def unscored(self) -> int:
        """How many decisions have none."""
        return int(self.rows.loc[self.rows["place"] < 0, ["on", "off"]].to_numpy().sum())

    @property
    def is_weighted(self) -> bool:
        """Whether there are weights that differ."""
        return self.reading.weights is not None and self.binned().is_weighted

    def counts(self, population: Any = None) -> ScoreCounts:
        """Positives and negatives by bin, weighted where there are weights (or strata with a population each)."""
        rows = self.known
        if isinstance(population, Mapping) and not self.is_weighted and "_stratum" in rows:
            size = rows[["on", "off"]].sum(axis=1).groupby(rows["_stratum"], dropna=False).transform("sum")
            each = rows["_stratum"].map({str(name): float(many) for name, many in population.items()}) / size
            weighted = ["weight_on", "weight_off", "total", "squares"]
            rows = rows.assign(**{name: rows[name] * each for name in weighted})
        bins = rows.groupby("place", sort=True).agg(
            {"least": "min", "weight_on": "sum", "weight_off": "sum", "total": "sum", "squares": "sum"}
        )
        return ScoreCounts(*(bins[name].to_numpy(dtype=float) for name in bins.columns))

    def edges(self) -> tuple[Array, Array]:
        """The lowest and the highest score of each bin."""
        bins = self.known.groupby("place", sort=True).agg({"least": "min", "most": "max"})
        return bins["least"].to_numpy(dtype=float), bins["most"].to_numpy(dtype=float)

    def grouped(self, groups: Codes) -> Scored:
        """The same with fewer bins: ``groups`` says for each bin, from the lowest, which of the new ones it goes to."""
        bins = np.unique(self.known["place"])
        place = self.rows["place"].map(dict(zip(bins.tolist(), groups.tolist(), strict=True))).fillna(-1)
        return replace(self, rows=self.rows.assign(place=place.astype(np.intp)))

    def swept(self, absent: str) -> Tally:
        """The tally of calling everything from a bin on positive, for each bin; its number, as text, is the tag.

        Without a score the auto tag is silent: off, or missing, as ``absent`` says.
        """
        n_bins = int(self.rows["place"].max()) + 1
        group = codes_of(self.rows, self.kept) if self.kept else np.zeros(len(self.rows), dtype=np.intp)
        first = self.rows.groupby(group, sort=True).head(1) if self.kept else self.rows.head(1)
        sums, silent = self._grid(group, len(first), n_bins)
        above = np.cumsum(sums[:, ::-1], axis=1)[:, ::-1]
        below = np.cumsum(sums, axis=1) - sums
        if absent == "false":
            below = below + silent[:, None]
        columns = {
            "tag": np.tile([f"{place:05d}" for place in range(n_bins)], len(first)),
            "missing": np.repeat(silent[:, :2].sum(axis=1) if absent == "missing" else np.zeros(len(first)), n_bins),
        }
        for place, names in ((0, CELLS), (2, WEIGHTS), (4, SQUARES)):
            cells = (above[..., place], above[..., place + 1], below[..., place], below[..., place + 1])
            columns |= {name: cell.ravel() for name, cell in zip(names, cells, strict=True)}
        columns |= {name: np.repeat(first[name].to_numpy(), n_bins) for name in self.kept}
        return self._tally(pd.DataFrame(columns), ())

    def binned(self) -> Tally:
        """The tally of the decisions in each bin, ``bin`` being its slice; the auto tag counts as off."""
        known = self.known
        columns = {name: known[name].to_numpy() for name in self.kept} | {"bin": known["place"].to_numpy()}
        columns |= dict(zip(("fn", "tn", *WEIGHTS[2:], *SQUARES[2:]), known[list(SUMMED)].to_numpy().T, strict=True))
        return self._tally(pd.DataFrame(columns).assign(tag=self.tag), ("bin",))

    def _grid(self, group: Codes, n_groups: int, n_bins: int) -> tuple[Array, Array]:
        """Sums of shape (n_groups, n_bins, 6), and those of shape (n_groups, 6) of what has no score."""
        place, values = self.rows["place"].to_numpy(), self.rows[list(SUMMED)].to_numpy(dtype=float)
        index = group * (n_bins + 1) + np.where(place < 0, n_bins, place)
        flat = [np.bincount(index, weights=column, minlength=n_groups * (n_bins + 1)) for column in values.T]
        grid = np.stack(flat, axis=-1).astype(float).reshape(n_groups, n_bins + 1, len(SUMMED))
        return grid[:, :-1], grid[:, -1]

    def _tally(self, parts: pd.DataFrame, by: tuple[str, ...]) -> Tally:
        columns = self.reading.keys | ({"weights": self.reading.weights} if self.reading.weights else {})
        kept = [*by, *self.kept, "tag"]
        parts = parts.reindex(columns=[*kept, *SUMS], fill_value=0)
        parts = parts.groupby(kept, as_index=False, dropna=False, sort=True)[list(SUMS)].sum()
        return Tally(_typed(parts), by, columns=columns)


def by_score(source: Source, reading: Reading, tag: str) -> Scored:
    """The decisions of a tag by score.

    Raises
    ------
    BadRequest
        When none of them has a score.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "r", "auto": True, "human": [1, 0, 1], "score": [0.9, 0.2, None]})
    >>> found = by_score(Source(frame), Reading(), "r")
    >>> found.unscored, found.counts().least.tolist(), found.counts().positives.tolist()
    (1, [0.2, 0.9], [0.0, 1.0])
    """
    reading = replace(reading, by=(), tags=(tag,), threshold=None, absent="false", blind=None)
    columns = [*dict.fromkeys([*reading.keys.values(), *([reading.weights] if reading.weights else [])])]
    rows = f"({reading.rows(source, columns)}) AS read WHERE _human IS NOT NULL"
    place = _place(source, rows, tag)
    weight = f"CAST({quoted(reading.weights)} AS DOUBLE)" if reading.weights else "1.0"
    said = "CASE WHEN _human THEN 1.0 ELSE 0.0 END"
    sums = {"on": _count("_human"), "off": _count("NOT _human")}
    sums |= {"weight_on": _sum(weight, "_human"), "weight_off": _sum(weight, "NOT _human")}
    sums |= {"square_on": _sum(f"{weight} * {weight}", "_human")}
    sums |= {"square_off": _sum(f"{weight} * {weight}", "NOT _human"), "least": "min(_score)", "most": "max(_score)"}
    sums |= {"total": f"sum({weight} * _score)", "squares": f"sum({weight} * (_score - {said}) * (_score - {said}))"}
    found = _grouped(source, rows, {"place": place, **_keys(reading)}, sums)
    numbered = pd.factorize(found["place"].astype(float), sort=True)[0]  # -1 without a score
    return Scored(found.assign(place=numbered.astype(np.intp)), reading, tag)


def _place(source: Source, rows: str, tag: str) -> str:
    """The SQL of what tells scores apart: each score that occurs, or of very many their bins; none without a score."""
    told = source.ask(f"SELECT min(_score) AS low, max(_score) AS high, count(_score) AS n FROM {rows}").iloc[0]
    if pd.isna(told["low"]):
        raise BadRequest(f"the tag {tag!r} has no scores; a column 'score' must tell how sure auto was of it")
    if told["n"] <= LOOKED_THROUGH:
        different = source.ask(f"SELECT count(DISTINCT _score) AS n FROM {rows}").iloc[0]
        if different["n"] <= EXACT:
            return "_score"
    low, high = float(told["low"]), float(told["high"])
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    scale = FINE / (high - low) if high > low else 0.0
    inside = f"floor((_score - {_number(low)}) * {_number(scale)})"
    return f"CASE WHEN _score IS NOT NULL THEN least(greatest({inside}, 0), {FINE - 1}) END"


def by_period(source: Source, reading: Reading, tag: str, column: str, every: str) -> Tally:
    """The tally of a tag by period, sliced by the first day of each, in UTC: ``2026-11-16``.

    Parameters
    ----------
    source : Source
    reading : Reading
    tag : str
    column : str
        A column of moments.
    every : {"day", "week", "month", "quarter", "year"}
        How long a period is; weeks begin on Monday.

    Raises
    ------
    BadRequest
        When the column holds no moments, or there is no such period.

    Examples
    --------
    >>> when = pd.to_datetime(["2026-11-16", "2026-11-20", "2026-11-23"], utc=True)
    >>> frame = pd.DataFrame({"tag": "r", "auto": [1, 1, 0], "human": [1, 0, 0], "decided_at": when})
    >>> tally = by_period(Source(frame), Reading(), "r", "decided_at", "week")
    >>> tally.counts()[["decided_at", "n", "tp", "fp", "tn"]].values.tolist()
    [['2026-11-16', 2, 1, 1, 0], ['2026-11-23', 1, 0, 0, 1]]
    """
    kind = source.types.get(column, "none")
    if "TIMESTAMP" not in kind and kind != "DATE":
        raise BadRequest(f"{column!r} is no column of moments; slice by periods of your own and name their column")
    if every not in EVERY:
        raise BadRequest(f"every is {every!r}; take one of {', '.join(EVERY)}")
    reading = replace(reading, by=(), tags=(tag,), blind=None)
    weights = [reading.weights] if reading.weights else []
    rows = f"({reading.rows(source, [*dict.fromkeys([*reading.keys.values(), *weights, column])])}) AS read"
    moment = quoted(column)
    if source.is_local and "ZONE" in kind:
        moment = f"make_timestamp(epoch_us({moment}))"
    keys = {column: f"CAST(CAST(date_trunc({literal(every)}, {moment}) AS DATE) AS VARCHAR)", **_keys(reading)}
    cells = ("_auto AND _human", "_auto AND NOT _human", "NOT _auto AND _human", "NOT _auto AND NOT _human")
    sums = {name: _count(cell) for name, cell in zip(CELLS, cells, strict=True)}
    sums["missing"] = _count("_human IS NOT NULL AND _auto IS NULL")
    if reading.weights:
        weight = f"CAST({quoted(reading.weights)} AS DOUBLE)"
        sums |= {name: _sum(weight, cell) for name, cell in zip(WEIGHTS, cells, strict=True)}
        sums |= {name: _sum(f"{weight} * {weight}", cell) for name, cell in zip(SQUARES, cells, strict=True)}
    parts = _grouped(source, f"{rows} WHERE _human IS NOT NULL AND {moment} IS NOT NULL", keys, sums).assign(tag=tag)
    kept = [column, *(f"_{key}" for key in reading.keys), "tag"]
    columns = reading.keys | ({"weights": reading.weights} if reading.weights else {})
    return Tally(_typed(parts.reindex(columns=[*kept, *SUMS], fill_value=0)), (column,), columns=columns)


def _keys(reading: Reading) -> dict[str, str]:
    return {f"_{key}": f"CAST({quoted(column)} AS VARCHAR)" for key, column in reading.keys.items()}


def _grouped(source: Source, rows: str, keys: Mapping[str, str], sums: Mapping[str, str]) -> pd.DataFrame:
    """Sums over the rows with the same keys."""
    shown = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in [*keys.items(), *sums.items()])
    groups = ", ".join(str(place + 1) for place in range(len(keys)))
    frame = source.ask(f"SELECT {shown} FROM {rows} GROUP BY {groups} ORDER BY {groups}")
    frame.columns = pd.Index([*keys, *sums])
    # Engines differ in what they take a sum of numbers to be.
    whole = [name for name in sums if name in (*WHOLE, "on", "off")]
    return frame.astype({name: np.int64 if name in whole else np.float64 for name in sums})


def _typed(parts: pd.DataFrame) -> pd.DataFrame:
    """Parts of a tally with the types that a tally has."""
    numbers = dict.fromkeys(WHOLE, "int64") | dict.fromkeys((*WEIGHTS, *SQUARES), "float64")
    return parts.astype({**numbers, "tag": "str"})


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _sum(value: str, condition: str) -> str:
    return f"coalesce(sum({value}) FILTER (WHERE {condition}), 0.0)"


def _number(value: float) -> str:
    return f"CAST('{value!r}' AS DOUBLE)"
