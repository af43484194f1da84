"""Decisions become scored items, one per review and tag, in two halves that share no review. It chooses no threshold.

A review is closed or goes to people as a whole, so it is the item: of a video the highest score of its frames counts,
and it is on where one of them is on.
"""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..chance import Array
from ..choices import Choices
from ..decisions import unreadable
from ..sources.reading import BLIND, Reading, boolean
from ..sources.source import VIEW, Source, literal, quoted

HALVES = ("choosing", "reporting", "both")
FRAME = "frame"
FEW_WEIGHTS = 50
"""Up to so many different weights tell strata apart where no column does."""


@dataclass(frozen=True)
class Items:
    """Items of one tag, the lowest score first: score, whether the human tag is on (0 or 1), weight, and stratum.

    Examples
    --------
    >>> items = Items.of([0.9, 0.2], [1, 0])
    >>> items.score.tolist(), items.positive.tolist(), items.weight.tolist()
    ([0.2, 0.9], [0.0, 1.0], [1.0, 1.0])
    """

    score: Array
    positive: Array
    weight: Array
    stratum: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls,
        score: npt.ArrayLike,
        positive: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
        stratum: npt.ArrayLike | None = None,
    ) -> Items:
        """Items in any order."""
        scores = np.asarray(score, dtype=float)
        order = np.argsort(scores, kind="stable")
        weights = np.ones(len(scores)) if weight is None else np.asarray(weight, dtype=float)
        strata = np.zeros(len(scores), dtype=np.intp) if stratum is None else np.asarray(stratum, dtype=np.intp)
        return cls(scores[order], np.asarray(positive, dtype=float)[order], weights[order], strata[order])

    def __len__(self) -> int:
        return len(self.score)

    @property
    def is_weighted(self) -> bool:
        """Whether there are weights that differ."""
        return bool(len(self) and np.ptp(self.weight) > 1e-9 * np.max(self.weight))

    @property
    def thresholds(self) -> Array:
        """Every threshold that does something else than its neighbours: the scores that occur, and one above them."""
        if not len(self):
            return np.empty(0)
        different = self.score[np.concatenate([[True], self.score[1:] > self.score[:-1]])]
        return np.append(different, np.nextafter(different[-1], np.inf))

    def below(self, thresholds: Array) -> npt.NDArray[np.intp]:
        """How many items are below each threshold; they are the first ones."""
        return np.searchsorted(self.score, thresholds, side="left")


@dataclass(frozen=True)
class Halves:
    """The items of each tag in two halves, and what was left out.

    ``unscored`` counts the items without a score by tag; ``flagged_only`` are the tags that auto had on in all that was
    reviewed.
    """

    choosing: Mapping[str, Items]
    reporting: Mapping[str, Items]
    both: Mapping[str, Items]
    reviews: Mapping[str, npt.NDArray[np.uint64]]
    """Which review each item of the choosing half is, in the order of its scores."""
    unscored: Mapping[str, int]
    flagged_only: frozenset[str]
    blind_only: bool

    def half(self, name: str) -> Mapping[str, Items]:
        """One of `HALVES`."""
        if name not in HALVES:
            raise BadRequest(f"half is {name!r}; take one of {', '.join(map(repr, HALVES))}")
        found: Mapping[str, Items] = getattr(self, name)
        return found


def scored_items(decisions: Any, choices: Choices, unit: str, seed: int, digits: int | None = None) -> Halves:
    """The items of a table of decisions, in two halves.

    Parameters
    ----------
    decisions : table
        As `Agreement` takes it.
    choices : Choices
        Of tags, weights, strata and blindness.
    unit : str
        The column of what is closed as a whole. Without such a column each row is an item of its own.
    seed : int
        Which reviews go to which half. The halves are as large as each other, in each stratum.
    digits : int, optional
        How many decimals scores are rounded to first.

    Raises
    ------
    BadRequest
        When a column is not there, no item of a tag has a score, or a weight is no number above 0.
    BadTag
        When a value is neither true nor false.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "r", "auto": True, "human": [1, 0, 1, 0], "score": [0.9, 0.2, 0.7, None]})
    >>> found = scored_items(frame.assign(review_id=list("abcc")), Choices(cluster=False), "review_id", seed=0)
    >>> found.both["r"].score.tolist(), found.both["r"].positive.tolist()
    ([0.2, 0.7, 0.9], [0.0, 1.0, 1.0])
    """
    source = Source(decisions)
    reading = choices.reading(source.types)
    reading.check(source)
    if "score" not in source.types:
        raise BadRequest(f"a threshold needs a column 'score', but decisions has the columns {', '.join(source.types)}")
    reading, blind_only = _blind(source, reading)
    tags = _tags(source, reading)
    frame = _items(_decisions(source, reading, unit, tags), seed)
    flagged_only = frame.groupby("tag", sort=True)["auto"].all()
    unscored = frame["score"].isna().groupby(frame["tag"]).sum()
    frame = frame[frame["score"].notna()]
    if digits is not None:
        frame = frame.assign(score=frame["score"].round(digits))
    frame = frame.sort_values("score", kind="stable", ignore_index=True)
    first = _is_first(frame["unit"].to_numpy(), frame["stratum"].to_numpy())
    halves = {"choosing": first, "reporting": ~first, "both": np.ones(len(frame), dtype=bool)}
    mine = {name: (frame["tag"] == code).to_numpy() for code, name in enumerate(tags)}
    cut = {half: {tag: _half(frame, mine[tag], kept) for tag in tags} for half, kept in halves.items()}
    return Halves(
        **cut,
        reviews={tag: frame["unit"].to_numpy()[mine[tag] & first] for tag in tags},
        unscored={name: int(unscored.get(code, 0)) for code, name in enumerate(tags)},
        flagged_only=frozenset(tags[code] for code in flagged_only.index[flagged_only]),
        blind_only=blind_only,
    )


def _blind(source: Source, reading: Reading) -> tuple[Reading, bool]:
    """How to read where there are both blind and suggested decisions: blind ones only, for the others agree more."""
    if reading.blind is None:
        return reading, False
    kind = boolean(BLIND, source.types[BLIND])
    told = source.ask(f"SELECT count(*) FILTER (WHERE {kind}) AS blind, count(*) AS n FROM {VIEW}").iloc[0]
    mixed = bool(0 < told["blind"] < told["n"])
    return replace(reading, blind=None, only=True if mixed else None), mixed


def _tags(source: Source, reading: Reading) -> tuple[str, ...]:
    """The tags that have scores, in alphabetical order or as they were asked for."""
    told = source.ask(
        f"SELECT _tag AS tag, count(_score) AS n, sum(CASE WHEN _odd THEN 1 ELSE 0 END) AS odd "
        f"FROM ({reading.rows(source)}) AS read GROUP BY 1 ORDER BY 1"
    )
    if int(told["odd"].sum()):
        said = source.ask(f"SELECT DISTINCT CAST(human AS VARCHAR) AS human FROM {VIEW} ORDER BY 1 LIMIT 3")
        raise unreadable("human", said["human"].tolist())
    scored = told.loc[told["n"] > 0, "tag"].astype(str).tolist()
    lacking = [tag for tag in reading.tags or () if tag not in scored]
    if lacking or not scored:
        named = f"the tag {lacking[0]!r}" if lacking else "no tag"
        raise BadRequest(
            f"{named} has {'no ' * bool(lacking)}scores; a column 'score' must tell how sure auto was of it"
        )
    return reading.tags or tuple(scored)


def _decisions(source: Source, reading: Reading, unit: str, tags: tuple[str, ...]) -> pd.DataFrame:
    """A row per decision: unit, frame, tag (its place among ``tags``), human, auto, score, weight, stratum."""
    framed = FRAME in source.types and int(source.ask(f"SELECT count({quoted(FRAME)}) AS n FROM {VIEW}")["n"].iloc[0])
    strata = reading.keys.get("stratum")
    cases = "".join(f" WHEN {literal(tag)} THEN {code}" for code, tag in enumerate(tags))
    taken = {
        "unit": f"CAST({quoted(unit)} AS VARCHAR)" if unit in source.types else None,
        "frame": f"CAST({quoted(FRAME)} AS VARCHAR)" if framed else None,
        "stratum": f"CAST({quoted(strata)} AS VARCHAR)" if strata else None,
        "weight": f"CAST({quoted(reading.weights)} AS DOUBLE)" if reading.weights else None,
        "tag": f"CASE _tag{cases} END",
        "score": "_score",
        "human": "_human",
        "auto": "coalesce(_auto, false)",
    }
    columns = {unit, FRAME, strata or FRAME, reading.weights or FRAME} & set(source.types)
    read = replace(reading, tags=tags).rows(source, sorted(columns))
    shown = ", ".join(f"{sql} AS {name}" for name, sql in taken.items() if sql)
    frame = source.ask(f"SELECT {shown} FROM ({read}) AS read WHERE _human IS NOT NULL")
    weight = frame["weight"].to_numpy(dtype=float) if reading.weights else np.ones(1)
    if not np.all((weight > 0) & np.isfinite(weight)):
        raise BadRequest(f"a weight in {reading.weights!r} is no number above 0")
    return frame


def _items(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row per review and tag: unit (a number), tag, human, auto, score, weight, stratum (a number).

    Reviewers of one frame vote, a tie being on; then one frame that is on makes the review on.
    """
    names = (
        frame["unit"].to_numpy(dtype=object) if "unit" in frame else np.arange(len(frame)).astype(str).astype(object)
    )
    items = pd.DataFrame(
        {
            # A number that depends on neither the order of rows nor which other reviews there are.
            "unit": pd.util.hash_array(names, hash_key=f"{seed:016d}"[-16:], categorize=False),
            "tag": frame["tag"].to_numpy(dtype=np.intp),
            "frame": pd.factorize(frame["frame"], use_na_sentinel=False)[0] if "frame" in frame else 0,
            "human": frame["human"].to_numpy(dtype=float),
            "auto": frame["auto"].to_numpy(dtype=bool),
            "score": frame["score"].to_numpy(dtype=float),
            "weight": frame["weight"].to_numpy(dtype=float) if "weight" in frame else 1.0,
            "stratum": _strata(frame),
        }
    )
    same = {"score": "max", "weight": "max", "stratum": "min", "auto": "any"}
    if items["unit"].nunique() * items["tag"].nunique() < len(items) or items.duplicated(["unit", "tag"]).any():
        items = items.groupby(["unit", "tag", "frame"], as_index=False).agg({**same, "human": "mean"})
        items["human"] = (items["human"] >= 0.5).astype(float)
        items = items.groupby(["unit", "tag"], as_index=False).agg({**same, "human": "max"})
    return items


def _strata(frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """The stratum of each decision as a number; few different weights stand for strata where no column does."""
    if "stratum" in frame and frame["stratum"].nunique(dropna=False) > 1:
        return pd.factorize(frame["stratum"], sort=True, use_na_sentinel=False)[0].astype(np.intp)
    if "weight" in frame:
        codes, weights = pd.factorize(frame["weight"], sort=True)
        if len(weights) <= FEW_WEIGHTS:
            return codes.astype(np.intp)
    return np.zeros(len(frame), dtype=np.intp)


def _is_first(units: npt.NDArray[np.uint64], strata: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Whether each item's review is of the choosing half: every other one of its stratum, in the order of numbers."""
    _, first, inverse = np.unique(units, return_index=True, return_inverse=True)
    stratum = strata[first]
    order = np.argsort(stratum, kind="stable")
    _, starts, sizes = np.unique(stratum[order], return_index=True, return_counts=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[order] = np.arange(len(first)) - np.repeat(starts, sizes)
    return np.asarray((rank % 2 == 0)[inverse])


def _half(frame: pd.DataFrame, mine: npt.NDArray[np.bool_], half: npt.NDArray[np.bool_]) -> Items:
    """The items of a tag in one half, each stratum of which weighs as much as it does in both."""
    score, positive, weight, stratum = (frame[name].to_numpy() for name in ("score", "human", "weight", "stratum"))
    kept = mine & half
    if not half.all() and np.ptp(weight[mine]) > 0:
        here, there = (np.bincount(stratum[part], weights=weight[part]) for part in (kept, mine))
        here = np.pad(here, (0, len(there) - len(here)))
        weight = weight * (there / np.where(here > 0, here, 1))[np.minimum(stratum, len(there) - 1)]
    return Items(score[kept], positive[kept], weight[kept], stratum[kept])
