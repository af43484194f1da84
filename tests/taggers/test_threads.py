"""Calling for several items at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from cmtools.taggers.threads import StoppedError, side_by_side

Pause = Callable[[float], object]


def test_results_are_in_order_whoever_is_ready_first() -> None:
    second_is_done = threading.Event()

    def call(item: int, pause: Pause) -> int:
        if item == 1:
            second_is_done.set()
        else:
            assert second_is_done.wait(60)
        return item * item

    assert side_by_side(call, [0, 1], workers=2) == [0, 1]


def test_workers_are_at_work_together_and_no_more() -> None:
    together = threading.Barrier(3, timeout=60)
    here: set[int] = set()

    def call(item: int, pause: Pause) -> None:
        here.add(threading.get_ident())
        together.wait()

    side_by_side(call, range(6), workers=3)
    assert len(here) == 3


@pytest.mark.parametrize(("items", "workers"), [([1], 4), ([1, 2, 3], 1), ([], 4)])
def test_single_item_or_worker_needs_no_thread(items: list[int], workers: int) -> None:
    idents = side_by_side(lambda item, pause: threading.get_ident(), items, workers)
    assert set(idents) <= {threading.get_ident()}
    assert len(idents) == len(items)


def test_error_comes_through_and_what_has_not_begun_never_does() -> None:
    begun: list[int] = []

    def call(item: int, pause: Pause) -> None:
        begun.append(item)
        if item == 0:
            raise ZeroDivisionError
        with pytest.raises(StoppedError):
            pause(60)

    with pytest.raises(ZeroDivisionError):
        side_by_side(call, range(50), workers=2)
    assert len(begun) <= 3


def test_pause_lasts_and_ends() -> None:
    side_by_side(lambda item, pause: pause(0.001), [1, 2], workers=2)


def test_interrupt_drops_what_has_not_begun_and_wakes_who_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = threading.Barrier(3, timeout=60)
    woken = threading.Semaphore(0)
    begun: list[int] = []

    def call(item: int, pause: Pause) -> None:
        begun.append(item)
        at_work.wait()
        try:
            pause(60)
        finally:
            woken.release()

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        at_work.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        side_by_side(call, range(50), workers=2)
    assert woken.acquire(timeout=60)
    assert woken.acquire(timeout=60)
    assert sorted(begun) == [0, 1]
