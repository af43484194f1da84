"""What several reviewers said of a review, as its adjudicator is shown it: counts and columns. It knows no names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..model import Frame, Opinion, Review
from ..tags import TagSet

MOST_FRAMES = 200
"""How many of a video's frames on which reviewers differ the details list."""


def in_order(review: Review) -> list[Opinion]:
    """The opinions in an order that comes of what they say alone, so that it tells nothing of who said it.

    Examples
    --------
    >>> said = (Opinion({"a": False}, reviewer="ana"), Opinion({"a": True}, reviewer="ben"))
    >>> review = Review("r1", "Pending", "Text", "Hello", "1", opinions=said)
    >>> [opinion.tags for opinion in in_order(review)]
    [{'a': True}, {'a': False}]
    """
    return sorted(review.opinions, key=_place)


def _place(opinion: Opinion) -> tuple[Any, ...]:
    tags = sorted((code, not on) for code, on in opinion.tags.items())
    frames = sorted(
        (moment, sorted((code, not on) for code, on in said.items())) for moment, said in _by_moment(opinion)
    )
    return -sum(opinion.tags.values()), tags, frames


def _by_moment(opinion: Opinion) -> list[tuple[int, Mapping[str, bool]]]:
    return [(int(moment), tags) for moment, tags in opinion.frames.items()]


def counts_of(review: Review, codes: Collection[str]) -> dict[str, int]:
    """How many of the opinions set each of these tags."""
    return {code: sum(opinion.tags.get(code, False) for opinion in review.opinions) for code in codes}


def frame_counts_of(review: Review, frame: Frame, codes: Collection[str]) -> dict[str, int]:
    """How many of the opinions set each of these tags of a frame; where one says nothing of it, what it was shown."""
    said = [opinion.frames.get(str(frame.timestamp), {}) for opinion in review.opinions]
    return {code: sum(tags.get(code, frame.auto_tags.get(code, False)) for tags in said) for code in codes}


def differing(counts: Mapping[str, int], of: int) -> dict[str, int]:
    """Those of the counts on which not all agree.

    Examples
    --------
    >>> differing({"a": 2, "r": 3, "v": 0}, 3)
    {'a': 2}
    """
    return {code: count for code, count in counts.items() if 0 < count < of}


def preset_of(review: Review, codes: Collection[str]) -> dict[str, bool]:
    """What an adjudicator begins with: what more than half of the opinions say."""
    of = len(review.opinions)
    return {code: 2 * count > of for code, count in counts_of(review, codes).items()}


def split_of(review: Review, codes: Collection[str]) -> dict[str, object]:
    """What a tile says of it: how many opinions there are, how many set each tag, on how many frames they differ.

    Examples
    --------
    >>> said = (Opinion({"a": True, "r": False}), Opinion({"a": True, "r": True}))
    >>> split_of(Review("r1", "Pending", "Text", "Hello", "1", opinions=said), ["a", "r"])
    {'of': 2, 'on': {'a': 2, 'r': 1}, 'frames': 0}
    """
    of = len(review.opinions)
    frames = sum(bool(differing(frame_counts_of(review, frame, codes), of)) for frame in review.frames)
    return {"of": of, "on": counts_of(review, codes), "frames": frames}


def answers_of(review: Review, tags: TagSet) -> dict[str, object]:
    """What the details say of it: a row for each tag that reviewers see, and for each frame and tag that differs.

    A row has its name, an answer for each opinion (on, off), in the order of the columns, and whether they differ. A
    row of frames has its moment in milliseconds too.
    """
    opinions, names = in_order(review), {tag.short_code: tag.name for tag in tags.visible}
    rows = [[name, [opinion.tags.get(code, False) for opinion in opinions]] for code, name in names.items()]
    frames: list[list[object]] = []
    left_out = 0
    for frame in review.frames:
        split = differing(frame_counts_of(review, frame, names), len(opinions))
        if len(frames) >= MOST_FRAMES:
            left_out += bool(split)
            continue
        auto, moment = frame.auto_tags, str(frame.timestamp)
        for code in split:
            said = [opinion.frames.get(moment, {}).get(code, auto.get(code, False)) for opinion in opinions]
            frames.append([frame.timestamp, names[code], said])
    return {"of": len(opinions), "rows": rows, "frames": frames, "left_out": left_out}
