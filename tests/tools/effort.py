"""Measures effort in ways that a busy machine does not change much: calls that are counted, and time of this thread."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage is collected in here: it takes its time when it likes, and calls whoever asked to be told."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C, until the work ends or raises. The same at every run."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    with no_collection():
        sys.setprofile(note)
        try:
            work()
        finally:
            sys.setprofile(before)
    return count


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """The least time of this thread that the work took."""
    times = []
    gc.collect()
    with no_collection():
        for _ in range(rounds):
            start = time.thread_time()
            work()
            times.append(time.thread_time() - start)
    return min(times)


def takes_less(work: Callable[[], object], than: float) -> bool:
    """Whether the work takes less time of this thread than so many seconds, at the third try if need be."""
    return any(seconds(work, rounds=1) < than for _ in range(3))
