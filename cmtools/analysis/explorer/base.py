"""Decisions kept so that a person can look around in them: answers within a frame or two. It draws nothing.

A table is read once into arrays of small numbers, a block for each tag. Whatever is asked then is one count over a
block (or a part of it); estimates and intervals come from `Agreement`, made of those counts.
"""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest, BadTag
from ..agreement import Agreement
from ..cells.design import design_of
from ..chance import divide
from ..choices import Choices, as_names, thresholds
from ..counts.table import Counts
from ..counts.tally import CELLS, SQUARES, SUMS, WEIGHTS, Tally
from ..decisions import COLUMNS
from ..estimates import estimate
from ..sources.reading import BLIND, NEEDED, RESERVED, STATUS, is_real
from ..sources.source import VIEW, Source, quoted

Array = npt.NDArray[Any]

MOST_SLICES = 60
"""A column with more values than this is not offered as slices unless it is asked for."""

STEPS = 100
"""How many steps a threshold is moved in."""

_SLICES = {"type", "subteam", "reviewer", "stratum"}
"""Of the columns that decisions have by themselves, those that make sense as slices."""

_IDS = ("review_id", "content_id", "frame", "reviewer")
KINDS = ("false positive", "false negative")


@dataclass(frozen=True)
class Ask:
    """What a person looks at: a tag, the column that slices, one of its values (or all), and the choices made.

    ``threshold`` is the score from which on auto counts as on, None for the auto tags as they were given; ``blind`` is
    one of "only", "never", "together".
    """

    tag: str
    by: str | None = None
    slice: Any = None
    threshold: float | None = None
    blind: str = "together"

    @property
    def is_whole(self) -> bool:
        """Whether all slices together are looked at."""
        return self.by is None or self.slice is None


@dataclass(frozen=True)
class Codes:
    """A column as small numbers and what they stand for."""

    codes: Array
    values: list[Any]

    @classmethod
    def of(cls, column: pd.Series) -> Codes:
        """The values in their order, a missing one last."""
        codes, values = pd.factorize(column, sort=True, use_na_sentinel=True)
        listed = list(values)
        if (codes < 0).any():
            codes = np.where(codes < 0, len(listed), codes)
            listed.append(None)
        return cls(codes.astype(np.int32), listed)


class Figures(NamedTuple):
    """What is measured of one tag: tables of each slice and of all slices together, with their counts."""

    slices: pd.DataFrame
    slice_counts: pd.DataFrame
    whole: pd.DataFrame
    whole_counts: pd.DataFrame


class Explorer:
    """Decisions as arrays, and the answers to what a person asks of them.

    Parameters
    ----------
    decisions : table
        As `Agreement` takes them.
    by : str or list of str, optional
        The columns that may slice; unless given, those with 2 to `MOST_SLICES` values.
    tags : str or list of str, optional
        Only these tags.
    absent, weights, strata, population, cluster, interval, level, seed
        As `Agreement` takes them.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": [1, 1, 0], "human": [1, 0, 0], "week": [1, 1, 2]})
    >>> explorer = Explorer(frame)
    >>> explorer.columns
    ('week',)
    >>> explorer.agreement(Ask("a", by="week")).counts.values.tolist()
    [[1, 'a', 2, 1, 1, 0, 0, 0], [2, 'a', 1, 0, 0, 0, 1, 0]]
    """

    def __init__(
        self,
        decisions: Any,
        *,
        by: str | Iterable[str] | None = None,
        tags: str | Iterable[str] | None = None,
        **choices: Any,
    ) -> None:
        self._decisions = decisions.copy(deep=False) if isinstance(decisions, pd.DataFrame) else decisions
        self._options = choices
        # This finds everything that is wrong with the decisions or the choices.
        whole = Agreement(self._decisions, tags=tags, **choices)
        self.tags, self.undecided, self.left_out = whole.tags, whole.undecided, whole.left_out
        self.level = whole.level
        source = Source(self._decisions)
        self.columns = as_names(by) if by is not None else _offered(source)
        self._choices = Choices(self.columns or (), as_names(tags), **choices)
        self._reading = replace(self._choices.reading(source.types), blind=None)
        self._reading.check(source)
        self._read(source, BLIND in source.types)

    def _read(self, source: Source, knows_blind: bool) -> None:
        """Everything once, the tags one after the other, in each the rows in the order of their ids."""
        reading, types = self._reading, source.types
        kept = [name for name in _IDS if name in types]
        keys = [*kept, *reading.keys.values(), *([reading.weights] if reading.weights else [])]
        keys += [BLIND] if knows_blind else []
        query = f"SELECT * FROM ({reading.rows(source, list(dict.fromkeys(keys)))}) AS read"
        frame = source.ask(f"{query} ORDER BY {', '.join(['_tag', *(quoted(name) for name in kept)])}")
        self._ids = frame[kept]
        self._undecided = frame["_human"].isna().to_numpy(dtype=bool)
        self._human = frame["_human"].fillna(False).to_numpy(dtype=bool)
        self._auto = frame["_auto"].astype("Int8").fillna(-1).to_numpy(dtype=np.int8)
        self._score = frame["_score"].to_numpy(dtype=float, na_value=np.nan)
        self._slices = {name: Codes.of(frame[f"by {name}"]) for name in reading.by}
        self._keys = {key: Codes.of(frame[name].astype("str")) for key, name in reading.keys.items()}
        self._weight = frame[reading.weights].to_numpy(dtype=float) if reading.weights else None
        self._blind = frame[BLIND].astype("boolean").fillna(False).to_numpy(dtype=bool) if knows_blind else None
        starts = np.searchsorted(frame["_tag"].to_numpy(dtype=object), [*self.tags])
        ends = np.searchsorted(frame["_tag"].to_numpy(dtype=object), [*self.tags], side="right")
        self._blocks = {tag: slice(*where) for tag, *where in zip(self.tags, starts, ends, strict=True)}
        self.steps = {tag: _steps(self._score[block]) for tag, block in self._blocks.items()}
        self._reached = np.zeros(len(self._score), dtype=np.int16)
        for tag, block in self._blocks.items():
            self._reached[block] = _reached(self._score[block], self.steps[tag])

    # -- what there is -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._human) - self.undecided

    @property
    def has_both(self) -> bool:
        """Whether some reviews were blind and some were not."""
        return self._blind is not None and bool(self._blind.any() and not self._blind.all())

    def values(self, column: str) -> list[Any]:
        """The values of a column that slices, in order."""
        return self._slices[column].values

    def check(self, ask: Ask) -> Ask:
        """The same, once all of it is known to be there.

        Raises
        ------
        BadTag, BadRequest
            When there is no such tag, column, value or score.
        """
        if ask.tag not in self.tags:
            raise BadTag(f"there is no tag {ask.tag!r} in these decisions; there are {', '.join(self.tags)}")
        if ask.by is not None and ask.by not in self._slices:
            there = ", ".join(self._slices) or "none"
            raise BadRequest(f"{ask.by!r} is no column to slice by here; there are {there}")
        # A missing value is a slice of the tables, but not one to look at alone: its name is that of "all".
        if ask.slice is not None and (ask.by is None or ask.slice not in self.values(ask.by)):
            raise BadRequest(f"there is no slice {ask.slice!r} by {ask.by!r}")
        if ask.threshold is not None:
            thresholds({ask.tag: ask.threshold})
            if self.steps[ask.tag] is None:
                raise BadRequest(f"the tag {ask.tag!r} has a threshold but no scores; leave its threshold away")
        if ask.blind not in ("only", "never", "together"):
            raise BadRequest(f"blind is {ask.blind!r}; take 'only', 'never' or 'together'")
        return ask

    # -- answers -------------------------------------------------------------------------------------------------------

    def agreement(self, ask: Ask) -> Agreement:
        """The agreement of a tag by the column asked for, from counts alone; `full` has the decisions too."""
        return Agreement(Counts.of(self._tally(ask), (ask.tag,)), **self._options)

    def figures(self, ask: Ask, metrics: Sequence[str]) -> Figures:
        """The tidy table of each slice and of all together, and the counts behind both."""
        tally = self._tally(ask)
        tables = []
        for part in (tally, tally.rollup([])):
            counts = Counts.of(part, (ask.tag,))
            design = design_of(part, counts, part.by, self._choices)
            tables += [estimate(counts, part.by, metrics, self.level, design), pd.DataFrame(counts)]
        return Figures(*tables)

    def full(self, ask: Ask) -> Agreement:
        """The same agreement made from the decisions, so that it can also list them."""
        threshold = None if ask.threshold is None else {ask.tag: ask.threshold}
        options = dict(self._options) | ({"blind": ask.blind} if self._blind is not None else {})
        return Agreement(self._decisions, by=ask.by, tags=ask.tag, threshold=threshold, **options)

    def _tally(self, ask: Ask) -> Tally:
        rows = self._rows(replace(ask, slice=None))
        kind = self._kind(ask, rows)
        columns = {**({ask.by: self._slices[ask.by]} if ask.by else {}), **{f"_{k}": c for k, c in self._keys.items()}}
        group = np.zeros(len(kind), dtype=np.int64)
        for column in columns.values():
            group = group * len(column.values) + column.codes[rows]
        seen, group = _compact(group, int(np.prod([len(column.values) for column in columns.values()], dtype=float)))
        n_groups = len(seen)
        sums = _sums(group * 6 + kind, n_groups, None if self._weight is None else self._weight[rows])
        parts = pd.DataFrame(dict(zip(SUMS, sums, strict=True)))
        for name, column in reversed(columns.items()):
            seen, codes = np.divmod(seen, len(column.values))
            parts.insert(0, name, pd.Series(column.values).iloc[codes].reset_index(drop=True))
        parts.insert(len(columns), "tag", pd.Series([ask.tag] * n_groups, dtype="str"))
        told = self._reading.keys | ({"weights": self._reading.weights} if self._reading.weights else {})
        threshold = {} if ask.threshold is None else {ask.tag: float(ask.threshold)}
        by = () if ask.by is None else (ask.by,)
        return Tally(parts, by, self._reading.absent, threshold, told, self.left_out).or_nothing((ask.tag,))

    def _rows(self, ask: Ask) -> Any:
        """Which rows are looked at: a block, or positions within it."""
        block = self._blocks[ask.tag]
        chosen: Array | None = None
        if self._blind is not None and ask.blind != "together":
            chosen = self._blind[block] == (ask.blind == "only")
        if not ask.is_whole:
            column = self._slices[str(ask.by)]
            here = column.codes[block] == column.values.index(ask.slice)
            chosen = here if chosen is None else chosen & here
        return block if chosen is None else block.start + np.flatnonzero(chosen)

    def _kind(self, ask: Ask, rows: Any) -> Array:
        """0 to 3 for `CELLS`, 4 where the auto tag is missing, 5 where no human has decided."""
        human = self._human[rows]
        if ask.threshold is None:
            auto = self._auto[rows]
            silent = auto < 0
        else:
            score = self._score[rows]
            auto = (score >= ask.threshold).astype(np.int8)
            silent = np.isnan(score) if self._reading.absent == "missing" else np.zeros(0, dtype=bool)
        kind = 3 - 2 * auto - human
        if silent.any():
            kind[silent] = 4
        if self.undecided:
            kind[self._undecided[rows]] = 5
        return np.asarray(kind)

    def disagreements(self, ask: Ask, kind: str | None = None, limit: int = 24) -> tuple[pd.DataFrame, int]:
        """The worst disagreements as `Agreement.disagreements` has them, and how many there are.

        Parameters
        ----------
        ask : Ask
            What is looked at.
        kind : {"false positive", "false negative"}, optional
            Only these.
        limit : int
            At most so many rows.
        """
        rows = self._rows(ask)
        found = self._kind(ask, rows)
        wanted = (found == 1) | (found == 2) if kind is None else found == 1 + KINDS.index(kind)
        where = np.flatnonzero(wanted)
        at = where + rows.start if isinstance(rows, slice) else rows[where]
        human = self._human[at]
        wrong_by = np.abs(self._score[at] - human)
        worst = _largest(wrong_by, limit)
        at, human = at[worst], human[worst]
        table = self._ids.iloc[at].reset_index(drop=True)
        kinds = pd.Series([KINDS[int(on)] for on in human], dtype="str")
        told = {"tag": ask.tag, "auto": ~human, "human": human, "score": self._score[at], "kind": kinds}
        if ask.by is not None and ask.by not in table:
            column = self._slices[ask.by]
            told[ask.by] = [column.values[code] for code in column.codes[at]]
        return table.assign(**told, wrong_by=wrong_by[worst]), len(where)

    def curve(self, ask: Ask) -> pd.DataFrame | None:
        """Precision and recall at each step of the threshold; None for a tag without scores.

        Returns
        -------
        DataFrame
            ``threshold, precision, recall``; NaN where nothing is counted.
        """
        steps = self.steps[ask.tag]
        if steps is None:
            return None
        rows = self._rows(ask)
        code = 2 * self._reached[rows] + self._human[rows]
        weight = None if self._weight is None else self._weight[rows]
        if self._reading.absent == "missing" or self.undecided:
            there = ~self._undecided[rows]
            if self._reading.absent == "missing":
                there &= ~np.isnan(self._score[rows])
            code, weight = code[there], None if weight is None else weight[there]
        sums = np.bincount(code, weights=weight, minlength=2 * (len(steps) + 1)).reshape(-1, 2)
        above = sums[::-1].cumsum(axis=0)[::-1][1:]
        recall = divide(above[:, 1], sums[:, 1].sum())
        return pd.DataFrame({"threshold": steps, "precision": divide(above[:, 1], above.sum(axis=1)), "recall": recall})


def _offered(source: Source) -> tuple[str, ...]:
    """The columns that make sense as slices: few values, but more than one."""
    own = {*COLUMNS, *RESERVED, *NEEDED, STATUS, BLIND} - _SLICES
    names = [name for name, kind in source.types.items() if name not in own and not is_real(kind)]
    if not names:
        return ()
    counts = source.ask(f"SELECT {', '.join(f'count(DISTINCT {quoted(name)})' for name in names)} FROM {VIEW}").iloc[0]
    return tuple(name for name, n in zip(names, counts, strict=True) if 2 <= int(n) <= MOST_SLICES)


def _steps(score: Array) -> Array | None:
    """The thresholds to choose from: hundredths where scores are shares, else a hundred steps over their range."""
    there = score[~np.isnan(score)]
    if not there.size:
        return None
    low, high = float(there.min()), float(there.max())
    if low >= 0 and high <= 1:
        return np.arange(STEPS + 1) / STEPS
    return np.linspace(low, high, STEPS + 1) if high > low else np.array([low])


def _reached(score: Array, steps: Array | None) -> Array:
    """How many of the steps each score reaches; none without a score."""
    if steps is None:
        return np.zeros(len(score), dtype=np.int16)
    return np.searchsorted(steps, np.nan_to_num(score, nan=-np.inf), side="right").astype(np.int16)


def _compact(group: Array, possible: int) -> tuple[Array, Array]:
    """The groups that occur, and each row's place among them."""
    if possible > max(4 * len(group), 100_000):
        seen, inverse = np.unique(group, return_inverse=True)
        return seen, inverse
    occurs = np.bincount(group, minlength=1) > 0
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[group]


def _sums(code: Array, n_groups: int, weight: Array | None) -> list[Array]:
    """The columns of `tally.SUMS` for each group; ``code`` is six times the group plus the kind."""

    def by_kind(weights: Array | None) -> Array:
        return np.bincount(code, weights=weights, minlength=6 * n_groups).reshape(n_groups, 6)

    columns: dict[str, Array] = dict(zip((*CELLS, "missing", "undecided"), by_kind(None).T, strict=True))
    columns["scored"] = np.zeros(n_groups, dtype=np.int64)
    weights = np.zeros((n_groups, 6)) if weight is None else by_kind(weight)
    squares = np.zeros((n_groups, 6)) if weight is None else by_kind(weight**2)
    columns |= dict(zip((*WEIGHTS, *SQUARES), (*weights.T[:4], *squares.T[:4]), strict=True))
    return [columns[name] for name in SUMS]


def _largest(values: Array, limit: int) -> Array:
    """The places of the largest values, largest first; ties in the order in which they stand, NaN last."""
    ranked = np.where(np.isnan(values), -1.0, values)
    if limit <= 0:
        return np.zeros(0, dtype=np.intp)
    if len(ranked) > limit:
        least = np.partition(ranked, len(ranked) - limit)[len(ranked) - limit]
        above, ties = np.flatnonzero(ranked > least), np.flatnonzero(ranked == least)
        chosen = np.sort(np.concatenate([above, ties[: limit - len(above)]]))
    else:
        chosen = np.arange(len(ranked))
    order = np.argsort(-ranked[chosen], kind="stable")
    return np.asarray(chosen[order], dtype=np.intp)
