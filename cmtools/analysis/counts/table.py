"""Counts as people hold them: a table of slices and tags that adds up, rolls up, and is saved. It estimates nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ..sources.reading import COUNTS
from .tally import Tally

__all__ = ["COUNTS", "Counts", "rollup"]


class Counts(pd.DataFrame):
    """The counts of an agreement: a DataFrame with the ``by`` columns, then ``tag, n, tp, fp, fn, tn, missing``.

    It is an ordinary table, and three things more: two of them add up (days, shards), it rolls up to fewer slices
    without another look at the decisions, and it is saved and read back. Behind it stand the sums by reviewer, stratum
    and weight that intervals need, which go wherever it goes; a part of it that is cut out is a plain DataFrame.
    ``Agreement(counts)`` measures it.

    Examples
    --------
    >>> from cmtools.analysis.agreement import Agreement
    >>> monday = pd.DataFrame({"subteam": ["night", "public"], "tag": "a", "auto": True, "human": [True, False]})
    >>> tuesday = pd.DataFrame({"subteam": ["night"], "tag": "a", "auto": False, "human": True})
    >>> week = Agreement(monday, by="subteam").counts + Agreement(tuesday, by="subteam").counts
    >>> week.values.tolist()
    [['night', 'a', 2, 1, 0, 1, 0, 0], ['public', 'a', 1, 0, 1, 0, 0, 0]]
    >>> week.rollup([]).values.tolist()
    [['a', 3, 1, 1, 1, 0, 0]]
    """

    _metadata = ["tally", "tags"]  # noqa: RUF012 - pandas reads it off the class

    tally: Tally
    tags: tuple[str, ...]

    @classmethod
    def of(cls, tally: Tally, tags: Sequence[str]) -> Counts:
        """The counts of a tally by all its columns, the tags in this order."""
        shown = tally.shown
        found = cls(_ordered(shown.counts(), shown.by, tags))
        found.tally, found.tags = tally, tuple(tags)
        return found

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that slice."""
        return self.tally.shown.by

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Counts):
            return super().__add__(other)
        return Counts.of(self.tally + other.tally, tuple(dict.fromkeys((*self.tags, *other.tags))))

    def __radd__(self, other: Any) -> Any:
        return self if isinstance(other, int) and other == 0 else super().__radd__(other)

    def rollup(self, by: str | Iterable[str]) -> Counts:
        """The same counts over fewer columns, added up without looking at the decisions again.

        Blind and suggested decisions stay apart where there are both.
        """
        columns = (by,) if isinstance(by, str) else tuple(by)
        return Counts.of(
            self.tally.rollup([name for name in columns if name in self.tally.by or name not in self.by]), self.tags
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write them as a Parquet file, all that stands behind them included.

        Raises
        ------
        BadRequest
            When the directory does not exist or cannot be written to.
        """
        self.tally.save(path)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Counts:
        """The counts that `save` wrote.

        Raises
        ------
        BadRequest
            When there is no such file, or it holds something else.
        """
        tally = Tally.read(path)
        return cls.of(tally, tuple(sorted(tally.parts["tag"].unique())))


def _ordered(found: pd.DataFrame, by: Sequence[str], tags: Sequence[str]) -> pd.DataFrame:
    """Slices in alphabetical order, in each the tags in the order asked for."""
    shown = [*by, "tag", *COUNTS]
    if list(tags) == sorted(tags):
        return found[shown]  # as they came
    order = pd.Categorical(found["tag"], categories=list(tags), ordered=True)
    return found.assign(_order=order).sort_values([*by, "_order"], ignore_index=True)[shown]


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
    return (
        pd.DataFrame(counts).groupby(keys, as_index=False, dropna=False, sort=True, observed=True)[list(COUNTS)].sum()
    )
