"""A review's places in the orders of the queue, worked out when it is created. It takes no reviews from the queue."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ..model import Draft, Pairs
from ..tags import TagSet
from .teams import tag_set

UNSCORED = 2.0
"""The place of a review without a score: behind all others."""
SHUFFLE_BITS = 31

Place = tuple[float, float, str]
"""By score, by doubt, and the auto tags that are on."""


class Places(NamedTuple):
    """Of each draft, in order: its place by score, by doubt and at random, and its auto tags that are on (codes)."""

    scores: Sequence[float]
    doubts: Sequence[float]
    shuffles: Sequence[int]
    raised: Sequence[str]


def places(connection: Connection, team: str, drafts: Sequence[Draft]) -> Places:
    """Where new reviews come in each order, and which auto tags they have; tags are asked for only where they may."""
    tags = tag_set(connection, team) if any(draft.metadata for draft in drafts) else TagSet()
    known: dict[Pairs, Place] = {}  # what many drafts have alike is looked at once
    found = [known.get(draft.metadata) or known.setdefault(draft.metadata, _place(tags, draft)) for draft in drafts]
    scores, doubts, raised = zip(*found, strict=True) if found else ((), (), ())
    drawn = struct.unpack(f"{len(drafts)}I", os.urandom(4 * len(drafts)))
    return Places(scores, doubts, [number >> (32 - SHUFFLE_BITS) for number in drawn], raised)


def _place(tags: TagSet, draft: Draft) -> Place:
    """A draft's place by score and by doubt, and its auto tags that are on."""
    on, found = tags.judged(draft.metadata)
    raised = " ".join(sorted(code for code, value in on.items() if value))
    shares = [score for score in found.values() if 0 <= score <= 1]  # what is no share has no place
    if not shares:
        return UNSCORED, UNSCORED, raised
    return 1 - max(shares), min(abs(share - 0.5) for share in shares), raised
