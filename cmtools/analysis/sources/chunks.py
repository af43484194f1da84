"""Columns of decisions, as a service streams them, become the table that `tidy` makes. Nothing is fetched here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ...errors import ServiceError
from ..decisions import COLUMNS, METADATA_PREFIX

EXPOSURE = {"reveals": np.int64, "revealed_seconds": np.float64}
_CODED = ("type", "subteam", "stratum", "tag", "reviewer")
"""Columns of few different values."""
_OF_REVIEWS = ("review_id", "content_id", "type", "subteam", "created_at", "weight", "stratum")
_NAMES = {"id": "review_id"}

Chunk = Mapping[str, Mapping[str, Sequence[Any]]]
"""One line: ``reviews``, ``answers`` (one for each reviewer, review and frame), what these ``said``, ``decisions``."""


class Assembly:
    """A table in the making, a chunk at a time; what was added is kept as arrays, and nothing twice.

    Parameters
    ----------
    metadata : bool
        Whether the chunks bring other metadata, which becomes columns ``metadata_<key>``.
    exposure : bool
        Whether they bring the columns ``reveals`` and ``revealed_seconds``.
    truth : bool
        Whether they bring a column ``truth``, of known answers; a decision of which none is known becomes no row.

    Examples
    --------
    >>> table = Assembly().table()
    >>> (len(table), list(table.columns) == list(COLUMNS))
    (0, True)
    """

    def __init__(self, *, metadata: bool = False, exposure: bool = False, truth: bool = False) -> None:
        self._metadata, self._exposure, self._truth = metadata, exposure, truth
        self._known: list[Any] = []
        self._parts: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, *(EXPOSURE if exposure else ()))}
        self._codes: dict[str, dict[Any, int]] = {name: {} for name in _CODED}
        self._others: list[Mapping[str, str]] = []
        self._places: list[np.ndarray] = []

    def add(self, chunk: Chunk) -> None:
        """Take in one line of the stream.

        Raises
        ------
        ServiceError
            It does not have the columns that were asked for.
        """
        try:
            self._add(chunk["reviews"], chunk["answers"], chunk["said"], chunk["decisions"])
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            problem = ServiceError(f"the service's decisions cannot be read ({type(error).__name__}: {error})")
        else:
            return
        raise problem

    def _add(
        self,
        reviews: Mapping[str, Sequence[Any]],
        answers: Mapping[str, Sequence[Any]],
        said: Mapping[str, Sequence[Any]],
        decisions: Mapping[str, Sequence[Any]],
    ) -> None:
        answer, inside = _spread(said["tag"], answers["said"])
        for name in ("tag", "human"):
            self._parts[name].append(self._read(name, list(chain.from_iterable(said[name])))[inside])
        auto, score = decisions["auto"], self._read("score", decisions["score"])
        if not len(auto) == len(score) == len(answer):
            raise ValueError(f"{len(auto)} auto tags and {len(score)} scores of {len(answer)} decisions")
        self._parts["auto"].append(np.array([value is True for value in auto], dtype=bool))
        self._parts["auto_given"].append(np.array([value is not None for value in auto], dtype=bool))
        self._parts["score"].append(score)
        if self._truth:
            self._known += decisions["truth"]
            if len(self._known) != sum(map(len, self._parts["auto"])):
                raise ValueError(f"{len(self._known)} known answers of {len(auto)} decisions and those before")
        for name in ("frame", "reviewer", "decided_at", "blind"):
            self._parts[name].append(self._read(name, answers[name])[answer])
        for name in EXPOSURE if self._exposure else ():
            self._parts[name].append(np.array(answers[name], dtype=EXPOSURE[name])[answer])
        place = np.array(answers["review"], dtype=np.intp)[answer]
        for wire, values in reviews.items():
            name = _NAMES.get(wire, wire)
            if name in _OF_REVIEWS:
                self._parts[name].append(self._read(name, values)[place])
        if self._metadata:
            self._places.append(place + len(self._others))
            self._others.extend(reviews["metadata"])

    def _read(self, name: str, values: Sequence[Any]) -> Any:
        if name in _CODED:
            codes = self._codes[name]
            return np.array([-1 if v is None else codes.setdefault(v, len(codes)) for v in values], dtype=np.int32)
        if name in ("created_at", "decided_at"):
            return np.array(values, dtype=np.int64)
        if name in ("weight", "score"):
            return np.array(values, dtype=np.float64)  # None is NaN there
        if name in ("human", "blind"):
            return np.array(values, dtype=bool)
        return pd.array(list(values), dtype="str")

    def table(self) -> pd.DataFrame:
        """All that was added; the assembly is used up."""
        columns = {name: self._joined(name) for name in list(self._parts)}
        table = pd.DataFrame(columns, columns=list(columns), copy=False)
        if self._metadata:
            for name, values in self._other_columns():
                table[name] = values
        if self._truth:
            known = np.array([value is not None for value in self._known], dtype=bool)
            table["truth"] = np.array([value is True for value in self._known], dtype=bool)
            table = table[known].reset_index(drop=True)
        table.attrs["left_out"] = 0
        return table

    def _joined(self, name: str) -> Any:
        parts = self._parts.pop(name)
        if name in ("review_id", "content_id", "frame"):
            if not parts:
                return pd.array([], dtype="str")
            return pd.concat([pd.Series(part, copy=False) for part in parts], ignore_index=True).array
        joined = np.concatenate(parts) if parts else np.array([], dtype=_empty(name))
        if name in _CODED:
            return _categories(joined, list(self._codes[name]))
        if name in ("created_at", "decided_at"):
            return pd.DatetimeIndex(joined.view("datetime64[us]")).tz_localize("UTC")
        return joined

    def _other_columns(self) -> Iterable[tuple[str, Any]]:
        """A column for each key, in the order in which they come up in the rows."""
        places = np.concatenate(self._places) if self._places else np.array([], dtype=np.intp)
        here = pd.unique(pd.Series(places))
        for key in dict.fromkeys(key for place in here for key in self._others[place]):
            values = pd.array([pairs.get(key) for pairs in self._others], dtype="str")
            yield METADATA_PREFIX + key, values.take(places)


def _spread(said: Sequence[Sequence[str]], saying: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """For each decision the place of its answer, and its own place among all that is said, end to end."""
    lengths = np.array([len(each) for each in said], dtype=np.intp)
    which = np.array(saying, dtype=np.intp)
    counts = lengths[which]
    answer = np.repeat(np.arange(len(which)), counts)
    starts = (np.cumsum(lengths) - lengths)[which] - (np.cumsum(counts) - counts)
    return answer, np.arange(len(answer)) + starts[answer]


def _empty(name: str) -> Any:
    if name in _CODED or name in ("created_at", "decided_at"):
        return np.int64
    return bool if name in ("auto", "auto_given", "human", "blind") else EXPOSURE.get(name, np.float64)


def _categories(codes: np.ndarray, names: list[str]) -> pd.Categorical:
    """The codes by the names in alphabetical order, as `tidy` has them."""
    order = sorted(range(len(names)), key=names.__getitem__)
    new = np.empty(len(names) + 1, dtype=np.int32)
    new[-1] = -1  # of what is missing, whose code is the last of all
    new[order] = np.arange(len(names), dtype=np.int32)
    return pd.Categorical.from_codes(new[codes], categories=pd.Index([names[each] for each in order], dtype="str"))
