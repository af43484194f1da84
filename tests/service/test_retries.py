"""When a callback is tried again."""

from __future__ import annotations

from cmtools.outgoing.waiting import MOST_ASKED_SECONDS
from cmtools.service.retries import SPREAD, WAITS_SECONDS, wait_seconds


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
