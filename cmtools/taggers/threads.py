"""Calls a function for several items at once, on threads that an interrupt leaves behind. It retries nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


class StoppedError(Exception):
    """Nobody waits for this thread's result any more."""


def side_by_side(call: Callable[[In, Callable[[float], object]], Out], items: Sequence[In], workers: int) -> list[Out]:
    """The results of ``call(item, pause)``, in order.

    An interrupt (Ctrl-C) ends it at once: what has not begun never does, whoever pauses is woken, and a call that is
    under way ends by itself, unheard, on a thread that keeps no program from ending.

    Parameters
    ----------
    call : callable
        Takes an item and a way to pause for so many seconds.
    items : sequence
        What it is called with.
    workers : int
        How many threads there are at most. A single item is seen to on the caller's own.

    Examples
    --------
    >>> side_by_side(lambda number, pause: number * number, [1, 2, 3], workers=2)
    [1, 4, 9]
    """
    stop = threading.Event()

    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise StoppedError

    if len(items) < 2 or workers < 2:
        return [call(item, pause) for item in items]
    todo: SimpleQueue[int] = SimpleQueue()
    for place in range(len(items)):
        todo.put(place)
    done: dict[int, Out] = {}
    raised: list[BaseException] = []

    def work() -> None:
        while not stop.is_set():
            try:
                place = todo.get_nowait()
                done[place] = call(items[place], pause)
            except (Empty, StoppedError):
                return
            except BaseException as error:  # noqa: BLE001 - it is raised again below, where somebody hears it
                raised.append(error)
                stop.set()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(items)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    if raised:
        raise raised[0]
    return [done[place] for place in range(len(items))]
