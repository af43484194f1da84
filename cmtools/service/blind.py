"""What a blind lease leaves out of its reviews: everything that says what the auto tags are. It leases nothing."""

from __future__ import annotations

from dataclasses import replace

from ..model import Frame, Pairs, Review
from ..tags import SCORE_SUFFIX, VENDOR_SCORE_KEYS, TagSet


def unprompted(tags: TagSet, review: Review) -> Review:
    """The review without auto tags and scores, and without the metadata that tells them; toggles stay.

    Examples
    --------
    >>> metadata = (("a", "True"), ("a.score", "0.9"), ("isadult", "True"), ("album", "cats"))
    >>> shown = Review("r1", "Pending", "Image", "https://x/1.jpg", "1", metadata=metadata, auto_tags={"a": True})
    >>> shown = unprompted(TagSet(), shown)
    >>> shown.metadata, shown.auto_tags
    ((('album', 'cats'),), {})
    """
    telling = {name for tag in tags.values() for name in (tag.short_code.lower(), tag.name.lower())}
    return replace(
        review,
        metadata=_without(telling, review.metadata),
        auto_tags={},
        scores={},
        frames=tuple(_frame(telling, frame) for frame in review.frames),
    )


def _frame(telling: set[str], frame: Frame) -> Frame:
    left = _without(telling, frame.metadata)
    return replace(frame, metadata=left, result_tags=_without(telling, frame.result_tags), auto_tags={}, scores={})


def _without(telling: set[str], pairs: Pairs) -> Pairs:
    return tuple((key, value) for key, value in pairs if not _tells(telling, key.lower()))


def _tells(telling: set[str], key: str) -> bool:
    return key in telling or key.endswith(SCORE_SUFFIX) or key in VENDOR_SCORE_KEYS
