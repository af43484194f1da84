"""What a header Retry-After asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cmtools.outgoing.waiting import MOST_ASKED_SECONDS, read_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("99999999999999999999999999", MOST_ASKED_SECONDS),
        *[(text, 0) for text in ("", "soon", "-5", "1.5", "٣", "Sun, 99 Mar 2026 12:01:00 GMT", "0x10", "1e3")],
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float) -> None:
    assert read_retry_after(text, NOW) == seconds
