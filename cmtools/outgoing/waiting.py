"""How long the other side asks to be left alone. It waits for nothing itself."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_ASKED_SECONDS = 24 * 3600
"""The longest rest that is understood; whoever asks for a longer one is asked again all the same."""


def read_retry_after(text: str, now: datetime) -> float:
    """The seconds that a header Retry-After asks for, as a number or as a date; 0 for what is neither.

    Examples
    --------
    >>> now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> read_retry_after("120", now), read_retry_after("Sun, 01 Mar 2026 12:01:00 GMT", now)
    (120.0, 60.0)
    >>> read_retry_after("soon", now)
    0.0
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:10]), MOST_ASKED_SECONDS))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now).total_seconds()
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
