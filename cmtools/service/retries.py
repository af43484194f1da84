"""When a callback is tried again: ever later, never all at the same moment, not before the receiver wants it."""

from __future__ import annotations

import hashlib

from ..outgoing.waiting import MOST_ASKED_SECONDS

HOUR = 3600
WAITS_SECONDS = (5, 30, 120, 600, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 22 * HOUR, 24 * HOUR)
"""How long after each failed try the next one comes, at the least: over three days in all."""
SPREAD = 0.25
"""By how much of itself a wait is drawn out, at the most, so that what failed together does not come back together."""


def wait_seconds(id: str, tries: int, asked_seconds: float = 0.0) -> float | None:
    """How long to wait after so many failed tries; None when that was the last.

    Parameters
    ----------
    id : str
        The callback's, which decides how far its waits are drawn out.
    tries : int
        How many have failed, at least 1.
    asked_seconds : float
        What the receiver asked for; it is not tried sooner, though it may be later.

    Examples
    --------
    >>> wait_seconds("c1", 1), wait_seconds("c2", 1)
    (5.5..., 5.1...)
    >>> wait_seconds("c1", len(WAITS_SECONDS) + 1) is None
    True
    """
    if tries > len(WAITS_SECONDS):
        return None
    drawn = int.from_bytes(hashlib.sha256(f"{id} {tries}".encode()).digest()[:4]) / 2**32
    return max(WAITS_SECONDS[tries - 1] * (1 + SPREAD * drawn), min(asked_seconds, MOST_ASKED_SECONDS))
