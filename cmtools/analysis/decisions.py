"""Reviews become decisions: one tidy row per review, tag and reviewer. Nothing is counted or fetched here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..errors import BadTag
from ..model import Frame as VideoFrame
from ..model import Review
from ..tags import other_metadata

COLUMNS = (
    "review_id",
    "content_id",
    "type",
    "subteam",
    "frame",
    "tag",
    "auto",
    "auto_given",
    "score",
    "human",
    "reviewer",
    "created_at",
    "decided_at",
    "weight",
    "stratum",
    "blind",
)
"""The columns of a table of decisions, in order."""

Frame = pd.DataFrame
"""A table of decisions; for signatures in rooms that do not know pandas."""

NOT_SHOWN = VideoFrame(0, "")
"""Stands in for a frame that is answered but did not come with its review: nothing is known of its auto tags."""
METADATA_PREFIX = "metadata_"
COMPLETE = "complete"
MISSING_SPELLINGS = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>"})
"""How tables spell that there is no value; anything else that is neither true nor false is an error."""

_CATEGORIES = ("type", "subteam", "tag", "reviewer", "stratum")
_TEXTS = ("review_id", "content_id", "frame")
_BOOLEANS = ("auto", "auto_given", "human", "blind")
_MOMENTS = ("created_at", "decided_at")


def tidy(reviews: Iterable[Review], *, metadata: bool = False) -> pd.DataFrame:
    """The decisions in these reviews: one row per review, tag and reviewer.

    Parameters
    ----------
    reviews : iterable of Review
        In any state. Those that are not complete have no decision yet; they are left out, and counted in
        ``frame.attrs["left_out"]``.
    metadata : bool
        Whether to add a column ``metadata_<key>`` for each metadata key that is neither a tag nor a score; of a key
        that a review repeats, the last value.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`. ``auto`` and ``human`` are booleans; a tag that the metadata never named is *silent*:
        ``auto_given`` is False there (and ``auto`` False as well, so that nobody mistakes it for a missing row).
        ``score`` is NaN where the classifier gave none. Of a video there are also the rows of its frames, with their
        own auto tags and scores: ``frame`` is the milliseconds as text, and missing in rows of the whole. Moments are
        UTC. ``blind`` says that the reviewer was not shown the auto tags. No reviews give a table without rows.

    Notes
    -----
    Of a review that several people were asked for it has the final tags; each one's answers are `Client.decisions`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2025, 3, 1, 12, tzinfo=UTC)
    >>> from cmtools.model import Answer
    >>> answers = (Answer("ana", "a", False, noon), Answer("ana", "r", True, noon))
    >>> done = Review("1", "Complete", "Image", "cat.jpg", "cat", auto_tags={"a": False}, answers=answers)
    >>> frame = tidy([done, Review("2", "Pending", "Image", "dog.jpg", "dog")])
    >>> frame[["review_id", "tag", "auto", "auto_given", "human"]].values.tolist()
    [['1', 'a', False, True, False], ['1', 'r', False, False, True]]
    >>> frame.attrs["left_out"]
    1
    """
    left_out = 0
    rows: list[tuple[Any, ...]] = []
    extra: list[dict[str, str]] = []
    for review in reviews:
        if review.status.lower() != COMPLETE:
            left_out += 1
            continue
        found = list(_rows(review))
        rows.extend(found)
        if metadata:
            extra.extend([_other_metadata(review)] * len(found))
    # Column by column: a list per column costs a third of what a list of rows does.
    columns: Iterable[Any] = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
    frame = pd.DataFrame(
        {name: _typed(name, list(values)) for name, values in zip(COLUMNS, columns, strict=True)}, columns=list(COLUMNS)
    )
    for key in dict.fromkeys(key for pairs in extra for key in pairs):
        frame[METADATA_PREFIX + key] = pd.array([pairs.get(key) for pairs in extra], dtype="str")
    frame.attrs["left_out"] = left_out
    return frame


def _rows(review: Review) -> Iterator[tuple[Any, ...]]:
    """The review's decisions as tuples in the order of `COLUMNS`."""
    said: list[tuple[Any, ...]] = [(a.frame, a.tag, a.value, a.reviewer, a.decided_at, a.blind) for a in review.answers]
    if not said:
        # A plain Review API tells the human tags of a complete review, but not who gave them.
        known = (None, review.decided_at, False)
        said = [(None, *tag, *known) for tag in review.human_tags.items()]
        for shown in review.frames:
            said += [(str(shown.timestamp), *tag, *known) for tag in shown.human_tags.items()]
    framed: dict[str | None, Review | VideoFrame] = {str(each.timestamp): each for each in review.frames}
    for frame, tag, human, reviewer, decided_at, blind in said:
        auto = framed.get(frame, NOT_SHOWN) if frame is not None else review
        yield (
            review.id,
            review.content_id,
            review.type,
            review.subteam,
            frame,
            tag,
            auto.auto_tags.get(tag, False),
            tag in auto.auto_tags,
            auto.scores.get(tag, np.nan),
            human,
            reviewer,
            review.created_at,
            decided_at,
            review.weight,
            review.stratum,
            blind,
        )


def _other_metadata(review: Review) -> dict[str, str]:
    """The review's metadata without its tags and scores."""
    codes = (*review.auto_tags, *review.human_tags, *(answer.tag for answer in review.answers))
    return other_metadata(review.metadata, codes)


def _typed(name: str, values: list[Any]) -> Any:
    if name in _BOOLEANS:
        return np.array(values, dtype=bool)
    if name in _CATEGORIES:
        names = sorted({value for value in values if value is not None})
        return pd.Categorical(values, categories=pd.Index(names, dtype="str"))  # also where there are none
    if name in _TEXTS:
        return pd.array(values, dtype="str")
    if name in _MOMENTS:
        return pd.DatetimeIndex(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).as_unit("us")
    return np.array(values, dtype=float)


def unreadable(column: str, odd: Iterable[object]) -> BadTag:
    """The error for values that are neither true nor false."""
    shown = ", ".join(repr(value) for value in list(odd)[:3])
    return BadTag(
        f"column {column!r} holds {shown}, which is neither true nor false; "
        "for scores, keep them in a column 'score' and give Agreement a threshold, such as threshold={'r': 0.7}"
    )
