"""What goes on in a team, in figures. No rules, no JSON names, no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .reviews import QueueCounts


@dataclass(frozen=True, slots=True)
class QueueActivity:
    """How many reviews of a type and a subteam stand in which state."""

    type: str
    subteam: str
    counts: QueueCounts


@dataclass(frozen=True, slots=True)
class ReviewerActivity:
    """What one reviewer has in hand (leased, parked, or still to be taken back), and has decided.

    ``today`` is what was submitted since midnight UTC and not taken back.
    """

    reviewer: str
    pending: int = 0
    complete: int = 0
    today: int = 0


@dataclass(frozen=True, slots=True)
class TagActivity:
    """How a tag is used: reviews in the queue whose auto tag is on, decided reviews, and those where it was set.

    In videos a tag counts as set when it is set on the whole or on a frame.
    """

    tag: str
    pending: int = 0
    complete: int = 0
    on: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """What goes on in a team at a moment; ``today`` is the acting reviewer's own count since midnight UTC."""

    at: datetime
    reviewer: str
    today: int = 0
    queues: tuple[QueueActivity, ...] = ()
    reviewers: tuple[ReviewerActivity, ...] = ()
    tags: tuple[TagActivity, ...] = ()
