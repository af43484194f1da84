"""Dawid and Skene's model of a table of ratings, per slice and tag. Fitting is elsewhere."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..chance import Array
from ..ratings.dawid_skene import fit
from .panel import Panel, Reader


class DawidSkene:
    """The model of Dawid and Skene, fitted to each slice and tag; `RaterAgreement.dawid_skene` makes it."""

    def __init__(self, panel: Panel, reader: Reader | None, *, tolerance: float, most_rounds: int) -> None:
        if not tolerance > 0 or most_rounds < 1:
            raise BadRequest("tolerance is above 0, and there is one round at least")
        self._panel, self._reader = panel, reader
        patterns = panel.patterns
        cells = range(len(panel.cells))
        self._fitted = [fit(patterns.of_cell(cell), tolerance, most_rounds) for cell in cells]

    @property
    def converged(self) -> bool:
        """Whether every slice settled before the rounds were used up."""
        return all(one.converged for one in self._fitted)

    @property
    def classes(self) -> pd.DataFrame:
        """How common each value is in truth: slices, tag, ``value, share``."""
        values = self._panel.values
        rows = np.repeat(np.arange(len(self._fitted)), len(values))
        found = self._panel.cells.iloc[rows].reset_index(drop=True)
        found["value"] = values * len(self._fitted)
        found["share"] = np.concatenate([one.marginals for one in self._fitted] or [np.array([])])
        return found

    @property
    def confusion(self) -> pd.DataFrame:
        """How each rater errs: slices, tag, ``rater, true, said, share``; the shares of a true value sum to 1.

        Raters without a rating in a slice are left out.
        """
        n_values, frames = len(self._panel.values), []
        for cell, one in enumerate(self._fitted):
            raters = np.flatnonzero(self._rated[cell])
            rows = np.repeat(cell, len(raters) * n_values**2)
            frame = self._panel.cells.iloc[rows].reset_index(drop=True)
            names = [self._panel.raters[who] for who in raters]
            frame["rater"] = pd.Series(np.repeat(np.array(names, dtype=object), n_values**2), dtype="str")
            frame["true"] = [value for _ in names for value in self._panel.values for _ in range(n_values)]
            frame["said"] = [value for _ in names for _ in range(n_values) for value in self._panel.values]
            frame["share"] = one.confusion[raters].ravel()
            frames.append(frame)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    @property
    def raters(self) -> pd.DataFrame:
        """How often each rater is right, the least so first: slices, tag, ``rater, accuracy, n``."""
        frames = []
        for cell, one in enumerate(self._fitted):
            raters = np.flatnonzero(self._rated[cell])
            right = np.einsum("rkk,k->r", one.confusion, one.marginals)[raters]
            frame = self._panel.cells.iloc[np.repeat(cell, len(raters))].reset_index(drop=True)
            frame["rater"] = pd.Series([self._panel.raters[who] for who in raters], dtype="str")
            frame["accuracy"], frame["n"] = right, self._rated[cell][raters].astype(np.int64)
            frames.append(frame.sort_values("accuracy", kind="stable"))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    @cached_property
    def posterior(self) -> pd.DataFrame:
        """What is likely true of each item: slices, tag, the item's columns, ``label, probability``, one per value.

        ``label`` is the likeliest value (of equals the first), and the columns named ``p <value>`` say how likely each
        is.
        """
        values = self._panel.values
        if self._reader is None:
            raise BadRequest("an array names no items; give a table of ratings to learn what is likely true of each")
        items = self._reader.items()
        chances = np.concatenate([one.posterior for one in self._fitted] or [np.zeros((0, len(values)))])
        chances = chances[items["_pattern"].to_numpy()]
        found = items.drop(columns=["_cell", "_pattern"])
        top = chances.argmax(axis=1) if len(chances) else np.zeros(0, dtype=int)
        found["label"] = np.array(values, dtype=object)[top] if len(values) else []
        found["label"] = found["label"].infer_objects()
        found["probability"] = chances[np.arange(len(top)), top] if len(values) else []
        for place, value in enumerate(values):
            found[f"p {value}"] = chances[:, place]
        return found

    @cached_property
    def _rated(self) -> Array:
        often: Array = self._panel.patterns.by_rater.sum(axis=2)
        return often

    def __repr__(self) -> str:
        rounds = max((one.rounds for one in self._fitted), default=0)
        ended = "" if self.converged else ", not settled: allow more rounds"
        return (
            f"Dawid-Skene of {len(self._panel.raters)} raters: values {', '.join(map(str, self._panel.values))}, "
            f"{len(self._fitted)} slice{'s' * (len(self._fitted) != 1)}, at most {rounds} rounds{ended}"
        )
