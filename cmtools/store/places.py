"""A review's places in the orders of the queue, worked out when it is created. It takes no reviews from the queue."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ..model import Draft
from ..tags import TagSet
from .teams import tag_set

UNSCORED = 2.0
"""The place of a review without a score: behind all others."""
SHUFFLE_BITS = 31


class Places(NamedTuple):
    """Of each draft, in order: its place by score, by doubt and at random, and its auto tags that are on (codes)."""

    scores: Sequence[float]
    doubts: Sequence[float]
    shuffles: Sequence[int]
    raised: Sequence[str]


def places(connection: Connection, team: str, drafts: Sequence[Draft]) -> Places:
    """Where new reviews come in each order, and which auto tags they have; tags are asked for only where they may."""
    scores, doubts, raised = [UNSCORED] * len(drafts), [UNSCORED] * len(drafts), [""] * len(drafts)
    tags = tag_set(connection, team) if any(draft.metadata for draft in drafts) else TagSet()
    for index, draft in enumerate(drafts):
        on, found = tags.judged(draft.metadata)
        raised[index] = " ".join(sorted(code for code, value in on.items() if value))
        if shares := [score for score in found.values() if 0 <= score <= 1]:  # what is no share has no place
            scores[index] = 1 - max(shares)
            doubts[index] = min(abs(share - 0.5) for share in shares)
    drawn = struct.unpack(f"{len(drafts)}I", os.urandom(4 * len(drafts)))
    return Places(scores, doubts, [number >> (32 - SHUFFLE_BITS) for number in drawn], raised)
