"""When a callback is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cmtools.service.retries import MOST_ASKED_SECONDS, SPREAD, WAITS_SECONDS, read_retry_after, wait_seconds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_tries_go_on_for_three_days_and_then_end() -> None:
    assert sum(WAITS_SECONDS) >= 3 * 24 * 3600
    assert wait_seconds("c", len(WAITS_SECONDS)) is not None
    assert wait_seconds("c", len(WAITS_SECONDS) + 1) is None


def test_waits_grow_and_are_drawn_out_a_little_each_in_its_own_way() -> None:
    for tries, least in enumerate(WAITS_SECONDS, start=1):
        waits = [wait_seconds(f"c{n}", tries) or 0 for n in range(200)]
        assert least <= min(waits) < max(waits) < least * (1 + SPREAD)
        assert len(set(waits)) > 190
        assert waits == [wait_seconds(f"c{n}", tries) for n in range(200)], "the same again, whoever asks"


def test_receiver_is_not_tried_sooner_than_it_asked_nor_never_again() -> None:
    assert wait_seconds("c", 1, 3600) == 3600
    assert (wait_seconds("c", 5, 1) or 0) >= WAITS_SECONDS[4]
    assert wait_seconds("c", 1, 10**9) == MOST_ASKED_SECONDS


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
