"""What each reviewer said of each item and tag, read out of decisions. Nothing is measured here.

An item is a review, or a frame of a video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest, BadTag
from ...tags import FALSE_SPELLINGS, TRUE_SPELLINGS
from ..decisions import COMPLETE, MISSING_SPELLINGS
from ..ratings.patterns import Codes
from ..sources.source import VIEW, Source

REVIEW, REVIEWER, TAG, FRAME, CONTENT, DECIDED = "review_id", "reviewer", "tag", "frame", "content_id", "decided_at"
TRUTH = "truth"
Truths = npt.NDArray[np.float64]
"""1 for on, 0 for off, NaN for what is not known."""


@dataclass(frozen=True)
class Opinions:
    """Answers, one after another. Every array goes by answer.

    ``rows`` are the answers as they came; ``tag``, ``reviewer``, ``review`` and ``item`` their codes; ``on`` says what
    was answered.
    """

    rows: pd.DataFrame
    tag: Codes
    reviewer: Codes
    review: Codes
    item: Codes
    on: npt.NDArray[np.bool_]
    tags: tuple[str, ...]
    reviewers: tuple[str, ...]
    left_out: int
    """Answers that name no reviewer or say nothing."""

    def __len__(self) -> int:
        return len(self.on)

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return int(self.item.max(initial=-1)) + 1

    def only(self, kept: npt.NDArray[Any]) -> Opinions:
        """Some of the answers, by a mask or by their places, with the codes as they are."""
        codes = {name: getattr(self, name)[kept] for name in ("tag", "reviewer", "review", "item", "on")}
        return replace(self, rows=self.rows.iloc[kept], **codes)

    def names(self, column: str, codes: Codes) -> pd.Series:
        """The words of codes of tags or of reviewers."""
        words = np.array(self.tags if column == TAG else self.reviewers, dtype=object)
        return pd.Series(words[codes] if len(words) else words[:0], dtype="str")


def opinions_of(
    decisions: Any, columns: Sequence[str] = (), called: str = "decisions", answers: str = "each"
) -> Opinions:
    """The answers in a table of decisions.

    Parameters
    ----------
    decisions : DataFrame or whatever else `Agreement` takes
        A row for each review, tag and reviewer; with a column ``status`` only what is complete counts.
    columns : sequence of str
        What must be there besides ``review_id, tag, reviewer, human``.
    called : str
        What errors call the table.
    answers : {"each", "golden"}
        Which answers of the service they tell to take.

    Raises
    ------
    BadRequest
        When a column is not there.
    BadTag
        When an answer is neither true nor false.
    """
    frame = decisions if isinstance(decisions, pd.DataFrame) else Source(decisions).ask(f"SELECT * FROM {VIEW}")  # noqa: S608 - no name is put in
    demand(frame, [REVIEW, TAG, REVIEWER, "human", *columns], called, answers)
    if "status" in frame.columns:
        frame = frame[frame["status"].astype("str").str.strip().str.lower() == COMPLETE]
    human = truths(frame["human"], "human")
    kept = ~np.isnan(human) & frame[REVIEWER].notna().to_numpy()
    left_out, frame, human = int((~kept).sum()), frame[kept], human[kept]
    tag, tags = _sorted_codes(frame[TAG])
    reviewer, reviewers = _sorted_codes(frame[REVIEWER])
    review = pd.factorize(frame[REVIEW])[0].astype(np.intp)
    return Opinions(frame, tag, reviewer, review, _items(frame, review), human == 1, tags, reviewers, left_out)


def demand(frame: pd.DataFrame, columns: Sequence[str], called: str, answers: str) -> None:
    """Refuse a table that lacks a column."""
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise BadRequest(
            f"{called} has no column {lacking[0]!r}; it has {', '.join(map(str, frame.columns)) or 'none at all'}. "
            f"Take client.decisions(answers={answers!r}), or rename your columns"
        )


def truths(column: pd.Series, name: str) -> Truths:
    """A column of true and false in any spelling as numbers; NaN where nothing is said.

    Examples
    --------
    >>> truths(pd.Series([True, "no", 1, None], dtype=object), "human").tolist()
    [1.0, 0.0, 1.0, nan]
    """
    if pd.api.types.is_bool_dtype(column.dtype) and not column.hasnans:
        return column.to_numpy(dtype=float)
    codes, words = pd.factorize(column.astype(object))
    said = [None if word is None else str(word).strip().lower() for word in words]
    said = [word.removesuffix(".0") if word else word for word in said]
    odd = [w for w, word in zip(words, said, strict=True) if word not in _KNOWN]
    if odd:
        raise BadTag(f"column {name!r} holds {odd[0]!r}, which is neither true nor false")
    values = [1.0 if word in TRUE_SPELLINGS else 0.0 if word in FALSE_SPELLINGS else np.nan for word in said]
    return np.array([*values, np.nan])[codes]


_KNOWN = TRUE_SPELLINGS | FALSE_SPELLINGS | MISSING_SPELLINGS


def _sorted_codes(column: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """The place of each value among all, in the order of their words."""
    codes, words = pd.factorize(column)
    names = [str(word) for word in words]
    order = sorted(set(names))
    places = {name: place for place, name in enumerate(order)}
    return np.array([places[name] for name in names], dtype=np.intp)[codes], tuple(order)


def _items(frame: pd.DataFrame, review: Codes) -> Codes:
    """The review of each answer, apart for each frame of a video."""
    if FRAME not in frame.columns or not len(frame):
        return review
    codes, names = pd.factorize(frame[FRAME], use_na_sentinel=True)
    whole = np.array([str(name).lower() in MISSING_SPELLINGS for name in names] + [True])[codes]
    if whole.all():
        return review
    part = np.where(whole, 0, codes + 1)
    return np.asarray(pd.factorize(review * (len(names) + 1) + part)[0], dtype=np.intp)
