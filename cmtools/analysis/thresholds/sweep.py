"""What every threshold of a tag would do, worked out for all of them at once. It chooses none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..chance import Array, divide
from ..intervals import Bounds, wilson
from ..words import SPARSE_BELOW
from .items import Items

COLUMNS = (
    *("tag", "threshold", "n_above", "people", "precision", "precision_low", "precision_high"),
    *("recall", "recall_low", "recall_high", "cost", "method", "flag"),
)
"""The columns of a what-if table."""


@dataclass(frozen=True)
class Prices:
    """What a false positive, a false negative and a review cost, each 0 or more.

    Raises
    ------
    BadRequest
        When one of them is no such number.
    """

    false_positive: float = 1
    false_negative: float = 1
    review: float = 0

    def __post_init__(self) -> None:
        for name in ("false_positive", "false_negative", "review"):
            price = getattr(self, name)
            if isinstance(price, bool) or not isinstance(price, int | float) or not 0 <= price < np.inf:
                raise BadRequest(f"{name} is {price!r}; give a cost of 0 or more")

    def __str__(self) -> str:
        told = f"false positive {self.false_positive:g}, false negative {self.false_negative:g}"
        return f"{told}, review {self.review:g}"


@dataclass(frozen=True)
class Sweep:
    """Items at each of some thresholds, what reaches a threshold being above it.

    Examples
    --------
    >>> items = Items.of([0.2, 0.4, 0.9], [0, 1, 1])
    >>> sweep = Sweep(items, items.thresholds)
    >>> sweep.n_above.tolist(), sweep.cost(Prices(1, 5)).tolist()
    ([3, 2, 1, 0], [1.0, 0.0, 5.0, 10.0])
    """

    items: Items
    thresholds: Array

    @cached_property
    def _place(self) -> Array:
        return np.asarray(self.items.below(self.thresholds))

    def _above(self, values: Array) -> Array:
        """What the items above each threshold add up to."""
        total = np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
        return np.asarray(total[self._place])

    @property
    def n_above(self) -> Array:
        """How many items are above."""
        return np.asarray(len(self.items) - self._place)

    @cached_property
    def above(self) -> Array:
        """How much the items above weigh."""
        return self._above(self.items.weight)

    @cached_property
    def found(self) -> Array:
        """How much those of them weigh that people flag."""
        return self._above(self.items.weight * self.items.positive)

    @property
    def share_above(self) -> Array:
        """Which share of everything is above."""
        return divide(self.above, self.items.weight.sum())

    def cost(self, prices: Prices) -> Array:
        """What each threshold costs, in all."""
        missed = float((self.items.weight * self.items.positive).sum()) - self.found
        wrong = self.above - self.found
        return prices.false_positive * wrong + prices.false_negative * missed + prices.review * self.above

    def precision(self, level: float) -> tuple[Array, Array, Array]:
        """The share that people flag of what is above, with its interval."""
        return self._share(self.found, self.above, self._above(self.items.weight**2), level)

    def recall(self, level: float) -> tuple[Array, Array, Array]:
        """The share that is above of what people flag, with its interval."""
        weight = self.items.weight * self.items.positive
        total = np.full(len(self.thresholds), float(weight.sum()))
        return self._share(self.found, total, np.full(len(self.thresholds), float((weight**2).sum())), level)

    def _share(self, part: Array, whole: Array, squares: Array, level: float) -> tuple[Array, Array, Array]:
        share = divide(part, whole)
        size = (
            np.nan_to_num(divide(whole**2, squares)) if self.items.is_weighted else np.round(divide(whole**2, squares))
        )
        low, high = _wilson(np.nan_to_num(share), np.nan_to_num(size), level)
        return share, low, high

    def table(self, tag: str, prices: Prices, scale: float, level: float, flagged_only: bool) -> pd.DataFrame:
        """The what-if table: `COLUMNS`. Recall and cost are unknown where only what auto flagged was reviewed."""
        precision, recall = self.precision(level), self.recall(level)
        unknown = (np.full(len(self.thresholds), np.nan),) * 3
        positives = float(self.items.positive.sum())
        columns: dict[str, Any] = {"threshold": self.thresholds, "n_above": self.n_above, "people": self.above * scale}
        columns |= dict(zip(("precision", "precision_low", "precision_high"), precision, strict=True))
        columns |= dict(zip(("recall", "recall_low", "recall_high"), unknown if flagged_only else recall, strict=True))
        columns |= {"cost": unknown[0] if flagged_only else self.cost(prices) * scale}
        flags = ["", "sparse", "no_predicted_positives", "no_positives", "not_estimable"]
        flag = np.where(self.n_above < SPARSE_BELOW, np.where(self.n_above == 0, 2, 1), int(positives < SPARSE_BELOW))
        flag = np.full(len(flag), 4 if flagged_only else 3) if flagged_only or positives == 0 else flag
        method = "hajek_wilson" if self.items.is_weighted else "wilson"
        nothing = np.zeros(len(flag), dtype=np.int8)
        # Words as categories: of a million texts each row would have one of its own.
        columns |= {"tag": pd.Categorical.from_codes(nothing, categories=pd.Index([tag], dtype="str"))}
        columns |= {"method": pd.Categorical.from_codes(nothing, categories=pd.Index([method], dtype="str"))}
        columns |= {"flag": pd.Categorical.from_codes(flag.astype(np.int8), categories=pd.Index(flags, dtype="str"))}
        return pd.DataFrame({name: columns[name] for name in COLUMNS})


def _wilson(share: Array, size: Array, level: float) -> Bounds:
    return wilson(np.minimum(share * size, size), size, level)
