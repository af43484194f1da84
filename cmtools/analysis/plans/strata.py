"""A frame becomes strata: what is to be drawn from, in layers that are more alike. It draws nothing.

A frame is a table of the items there are, or a table with a row for each stratum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..chance import Array
from .allocation import proportional_allocation

_WITHOUT_END = 1e15
GLUE = " · "
ALL = "all"
Expected = str | float | Mapping[str, float] | None


@dataclass(frozen=True)
class Stratum:
    """One layer of a population.

    ``population`` is its number of items, None where only its ``share`` of the whole is known; ``expected`` the share
    of its items that a human is expected to switch on; ``flagged`` whether auto flags all of it or none (None: not
    told); ``values`` those of the columns that make it; ``n`` how many are to be drawn.
    """

    name: str
    share: float
    population: int | None = None
    expected: float = 0.5
    flagged: bool | None = None
    certainty: bool = False
    values: tuple[tuple[str, str], ...] = ()
    n: int = 0

    @property
    def room(self) -> float:
        """How many items it has; without end where only its share is known."""
        return math.inf if self.population is None else self.population


@dataclass(frozen=True)
class Layering:
    """Which columns make strata, and of a score where one band ends and the next begins."""

    by: tuple[str, ...] = ()
    score: str | None = None
    cuts: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        by: Sequence[str],
        score: str | None,
        cuts: Sequence[float] | None,
        bands: int | None,
    ) -> Layering:
        """As asked for: a score is cut where it is said, or into so many bands of about as many items."""
        demand(frame, [*by, *([score] if score else [])])
        if score is None:
            if cuts is not None or bands is not None:
                raise BadRequest("cuts and bands are of a score; name its column: score='score'")
            if not by:
                raise BadRequest("say what makes strata: by='a column', score='a column', or share= of a table of them")
            return cls(tuple(by))
        if (cuts is None) == (bands is None):
            raise BadRequest("say either where the score is cut, cuts=[0.2, 0.5, 0.9], or how many bands, bands=5")
        if cuts is None:
            if isinstance(bands, bool) or not isinstance(bands, int) or bands < 2:
                raise BadRequest(f"bands is {bands!r}; give a whole number, 2 or more")
            known = numbers(frame, score).dropna()
            cuts = list(np.quantile(known, np.linspace(0, 1, bands + 1)[1:-1])) if len(known) else []
        found = sorted({float(cut) for cut in cuts})
        if not found or not np.all(np.isfinite(found)):
            raise BadRequest(f"cuts is {list(cuts)!r}; give one number or more, such as [0.2, 0.5, 0.9]")
        return cls(tuple(by), score, tuple(found))

    def names(self, frame: pd.DataFrame) -> pd.Series:
        """The name of each item's stratum."""
        columns = list(self.keys(frame).items())
        if not columns:
            return pd.Series(ALL, index=frame.index, dtype="str")
        names = columns[0][1]
        for _, column in columns[1:]:
            names = names + GLUE + column
        return names

    def keys(self, frame: pd.DataFrame) -> dict[str, pd.Series]:
        """What of each item makes its stratum, in words, by column."""
        demand(frame, [*self.by, *([self.score] if self.score else [])])
        found = {name: words(frame[name]) for name in self.by}
        if self.score:
            found[self.score] = self._bands(frame)
        return found

    def _bands(self, frame: pd.DataFrame) -> pd.Series:
        score, cuts = numbers(frame, str(self.score)), self.cuts
        labels = [f"{self.score} < {cuts[0]:g}"]
        labels += [f"{low:g} ≤ {self.score} < {high:g}" for low, high in pairwise(cuts)]
        labels += [f"{self.score} ≥ {cuts[-1]:g}", f"{self.score} missing"]
        if len(set(labels)) < len(labels):
            labels[:-1] = [f"{self.score} band {place}" for place in range(1, len(labels))]
        place = np.where(score.isna(), len(cuts) + 1, np.searchsorted(cuts, score, side="right"))
        return pd.Series(np.array(labels, dtype=object)[place], index=frame.index, dtype="str")


def of_items(frame: pd.DataFrame, layering: Layering, expected: Expected, flagged: str | None) -> list[Stratum]:
    """The strata of a table of items, in the order of their names; bands from the lowest score up.

    ``expected`` may name a column of numbers between 0 and 1, such as a score: a stratum is expected to have their
    mean.
    """
    keys = layering.keys(frame)
    table = pd.DataFrame({"name": layering.names(frame), **{f"key {name}": column for name, column in keys.items()}})
    if layering.score:
        table["order"] = numbers(frame, layering.score)
    if isinstance(expected, str):
        demand(frame, [expected])
        table["expected"] = numbers(frame, expected)
    if flagged is not None:
        demand(frame, [flagged])
        table["flagged"] = truth(frame[flagged], flagged)
    order = [f"key {name}" for name in layering.by] + (["order"] if layering.score else [])
    groups = table.groupby("name", sort=False)
    first = groups.min().reset_index().sort_values([*order, "name"], ignore_index=True)
    sizes, means = groups.size(), groups["expected"].mean() if "expected" in table else None
    mixed = groups["flagged"].nunique() if "flagged" in table else None
    if mixed is not None and (mixed > 1).any():
        name = str(mixed.index[mixed > 1][0])
        raise BadRequest(
            f"the stratum {name!r} holds content that is flagged and content that is not; "
            f"keep them apart: by=[..., {flagged!r}]"
        )
    return [
        Stratum(
            row["name"],
            float(sizes[row["name"]] / len(frame)),
            int(sizes[row["name"]]),
            share_of(means[row["name"]] if means is not None else _looked_up(expected, row["name"]), row["name"]),
            bool(row["flagged"]) if mixed is not None else None,
            values=tuple((name, row[f"key {name}"]) for name in keys),
        )
        for _, row in first.iterrows()
    ]


def of_table(
    frame: pd.DataFrame,
    by: Sequence[str],
    sizes: tuple[str | None, str | None, int | None],
    expected: Expected,
    flagged: str | None,
) -> list[Stratum]:
    """The strata of a table with a row for each.

    ``sizes`` names the column with the share of each, or that with its number of items, and says how many items all
    have together.
    """
    share, items, population = sizes
    demand(frame, [name for name in (*by, share, items, flagged) if name is not None])
    if isinstance(expected, str):
        demand(frame, [expected])
    if (share is None) == (items is None):
        raise BadRequest("name either the column with the share of each stratum, or that with its number of items")
    part = numbers(frame, str(share or items))
    if not (part > 0).all() or (share and not math.isclose(part.sum(), 1, abs_tol=1e-6)):
        wanted = "shares above 0 that add up to 1" if share else "numbers of items above 0"
        raise BadRequest(
            f"the column {share or items!r} holds {', '.join(f'{size:g}' for size in part)}; give {wanted}"
        )
    counts = part.round() if items else None if population is None else _whole(part, population)
    names = Layering(tuple(by)).names(frame) if by else frame.index.map(str)
    if len(set(names)) < len(frame):
        raise BadRequest(f"two strata have one name among {', '.join(map(repr, names))}")
    keys = [words(frame[name]) for name in by]
    given = numbers(frame, expected) if isinstance(expected, str) else [_looked_up(expected, name) for name in names]
    flags = truth(frame[flagged], flagged) if flagged else [None] * len(frame)
    return [
        Stratum(
            str(name),
            float(size / part.sum()),
            None if counts is None else int(counts.iloc[place]),
            share_of(rate, str(name)),
            None if flag is None else bool(flag),
            values=tuple((column, str(key.iloc[place])) for column, key in zip(by, keys, strict=True)),
        )
        for place, (name, size, rate, flag) in enumerate(zip(names, part, given, flags, strict=True))
    ]


def _whole(shares: pd.Series, population: int) -> pd.Series:
    return pd.Series(proportional_allocation(shares * _WITHOUT_END, population))


def with_certainty(strata: Sequence[Stratum], names: Sequence[str]) -> list[Stratum]:
    """The same, those of these names to be drawn whole."""
    unknown = [name for name in names if name not in {each.name for each in strata}]
    if unknown:
        there = ", ".join(repr(each.name) for each in strata)
        raise BadRequest(f"there is no stratum {unknown[0]!r} to be drawn for certain; there are {there}")
    if any(each.population is None for each in strata if each.name in names):
        raise BadRequest("a stratum is drawn whole only where its number of items is known: items= or population=")
    return [replace(each, certainty=each.name in names) for each in strata]


def demand(frame: Any, columns: Sequence[str]) -> None:
    """Refuse a frame that is none, is empty, or lacks a column."""
    if not isinstance(frame, pd.DataFrame):
        raise BadRequest(f"the frame is a {type(frame).__name__}; give a DataFrame with a row for each item or stratum")
    if not len(frame):
        raise BadRequest("the frame has no row: there is nothing to draw from")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise BadRequest(f"the frame has no column {missing[0]!r}; it has {', '.join(map(str, frame.columns))}")


def numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column of numbers.

    Raises
    ------
    BadRequest
        When it holds something else.
    """
    try:
        return pd.to_numeric(frame[column]).astype(float)
    except (TypeError, ValueError):
        raise BadRequest(f"the column {column!r} holds something that is no number") from None


def words(column: pd.Series) -> pd.Series:
    """Values as they name strata: texts as they are, others after the column's name, missing ones as "none"."""
    textual = isinstance(column.dtype, pd.CategoricalDtype) or not (
        pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column)
    )
    said = column.astype(object).map(str if textual else lambda value: f"{column.name} {value}")
    return said.where(column.notna().to_numpy(), "none" if textual else f"{column.name} none").astype("str")


def truth(column: pd.Series, name: str) -> pd.Series:
    """A column of true and false, spelled as booleans or as 0 and 1; what is missing is false: auto is silent."""
    if not column.dropna().isin([0, 1]).all():
        raise BadRequest(f"the column {name!r} says which content is flagged; give it True and False, or 0 and 1")
    return column.map(lambda value: bool(value) if pd.notna(value) else False).astype(bool)


def arrays(strata: Sequence[Stratum]) -> tuple[Array, Array, Array]:
    """Shares, rooms and expected shares of strata."""
    parts = [[getattr(each, name) for each in strata] for name in ("share", "room", "expected")]
    return np.array(parts[0]), np.array(parts[1], dtype=float), np.array(parts[2])


def _looked_up(expected: Any, name: str) -> float:
    if expected is None:
        return 0.5
    if not isinstance(expected, Mapping):
        return float(expected)
    if name not in expected:
        raise BadRequest(f"expected has no share for the stratum {name!r}; it has {', '.join(map(repr, expected))}")
    return float(expected[name])


def share_of(value: float, name: str) -> float:
    """The share that is expected in a stratum, checked."""
    if not 0 <= value <= 1:
        raise BadRequest(f"the share expected in the stratum {name!r} is {value:g}; give a share between 0 and 1")
    return float(value)
