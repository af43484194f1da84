"""Statements on the frames of videos: put in, read back with their tags, counted. It copies no picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Frame
from ..tags import TagSet
from .dialect import chunks, upsert
from .tables import frames, reviews

FRAMED = "Video"
"""The type of the reviews that have frames: no other's are looked for."""
Switched = Mapping[str, Mapping[str, bool]]
"""Frame (its milliseconds as text; empty for the whole) -> short code -> on or off."""
_COLUMNS = (frames.c.timestamp, frames.c.image, frames.c.metadata, frames.c.result_tags, frames.c.name)


def insert(
    connection: Connection, team: str, new: Mapping[str, Sequence[Frame]], copy_next_at: datetime | None
) -> None:
    """Put frames into reviews, by review id; one at a moment that is there already takes its place.

    Pictures at an address are to be copied from ``copy_next_at`` on (None: never).
    """
    rows = [
        {
            "review_id": review_id,
            "timestamp": frame.timestamp,
            "team": team,
            "image": frame.image,
            "metadata": frame.metadata,
            "result_tags": frame.result_tags,
            "name": frame.name,
            "picture_id": None,
            "copy_next_at": copy_next_at if "://" in frame.image else None,
            "copy_tries": 0,
        }
        for review_id, theirs in new.items()
        for frame in theirs
    ]
    if rows:
        changed = ("image", "metadata", "result_tags", "name", "picture_id", "copy_next_at", "copy_tries")
        connection.execute(upsert(connection, frames, *changed), rows)


def _shown(*columns: Any) -> sa.Select[Any]:
    """Frames by the id of the review that shows them, called ``shown``: an opinion shows those of its review."""
    home = sa.func.coalesce(reviews.c.opinion_of, reviews.c.id)
    query = sa.select(reviews.c.id.label("shown"), *columns).select_from(reviews)
    return query.join(frames, frames.c.review_id == home)


def count(connection: Connection, review_ids: Sequence[str]) -> dict[str, int]:
    """How many frames each of these reviews has; one without any is left out."""
    found: dict[str, int] = {}
    for part in chunks(review_ids):
        query = _shown(sa.func.count()).where(reviews.c.id.in_(part))
        found.update({row[0]: row[1] for row in connection.execute(query.group_by(reviews.c.id))})
    return found


def moments(connection: Connection, review_ids: Sequence[str]) -> dict[str, set[int]]:
    """The milliseconds at which each of these reviews has a frame."""
    found: dict[str, set[int]] = defaultdict(set)
    for part in chunks(review_ids):
        for row in connection.execute(_shown(frames.c.timestamp).where(reviews.c.id.in_(part))):
            found[row.shown].add(row.timestamp)
    return found


def of_reviews(
    connection: Connection, tags: TagSet, review_ids: Sequence[str], start: int = 0, count: int | None = None
) -> dict[str, list[Frame]]:
    """The frames of these reviews in the order of time, with their auto tags and scores.

    They begin at ``start`` milliseconds; ``count`` is the most of them, and makes sense for a single review.
    """
    found: dict[str, list[Frame]] = defaultdict(list)
    for part in chunks(review_ids):
        query = _shown(*_COLUMNS).where(reviews.c.id.in_(part), frames.c.timestamp >= start)
        for row in connection.execute(query.order_by(reviews.c.id, frames.c.timestamp).limit(count)):
            found[row.shown].append(_frame(row, tags))
    return found


def _frame(row: sa.Row[Any], tags: TagSet) -> Frame:
    pairs = tuple((key, value) for key, value in row.metadata)
    return Frame(
        timestamp=row.timestamp,
        image=row.image,
        metadata=pairs,
        result_tags=tuple((key, value) for key, value in row.result_tags),
        name=row.name,
        auto_tags=tags.auto_tags(pairs),
        scores=tags.scores(pairs),
    )
