"""A review's places in the orders of the queue, worked out when it is created. It takes no reviews from the queue."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ..model import Draft, Pairs
from ..tags import SCORE_SUFFIX, VENDOR_SCORE_KEYS, TagSet
from .teams import tag_set

UNSCORED = 2.0
"""The place of a review without a score: behind all others."""
SHUFFLE_BITS = 31


class Places(NamedTuple):
    """Of each draft, in order: its place by score, by how near a score is to 0.5, and at random."""

    scores: Sequence[float]
    doubts: Sequence[float]
    shuffles: Sequence[int]


def places(connection: Connection, team: str, drafts: Sequence[Draft]) -> Places:
    """Where new reviews come in each order; the team's tags are asked for only where there may be scores."""
    scores, doubts = [UNSCORED] * len(drafts), [UNSCORED] * len(drafts)
    scored = [index for index, draft in enumerate(drafts) if _may_have_scores(draft.metadata)]
    tags = tag_set(connection, team) if scored else None
    for index in scored:
        if tags is not None and (found := _scores(tags, drafts[index].metadata)):
            scores[index] = 1 - max(found)
            doubts[index] = min(abs(score - 0.5) for score in found)
    drawn = struct.unpack(f"{len(drafts)}I", os.urandom(4 * len(drafts)))
    return Places(scores, doubts, [number >> (32 - SHUFFLE_BITS) for number in drawn])


def _may_have_scores(pairs: Pairs) -> bool:
    return any(key.lower().endswith(SCORE_SUFFIX) or key.lower() in VENDOR_SCORE_KEYS for key, _ in pairs)


def _scores(tags: TagSet, pairs: Pairs) -> list[float]:
    """The scores that are shares; what is no number from 0 to 1 has no place."""
    return [score for score in tags.scores(pairs).values() if 0 <= score <= 1]
