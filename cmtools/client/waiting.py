"""Waiting with a progress bar for what the service does or people do. It does not know what is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import Timeout
from .arguments import seconds_of

T = TypeVar("T")
POLL_SECONDS = 0.25


def progress_bar(steps: int, shown: bool, *, doing: str = "Creating reviews", unit: str = " steps") -> Any:
    """A bar of that many steps, in a notebook or a terminal; nothing where it is not to be shown."""
    from tqdm.auto import tqdm  # it looks for a notebook when it is loaded

    return tqdm(total=steps, disable=not shown, desc=doing, unit=unit)


def wait_until(
    look: Callable[[], tuple[T, int]],
    total: int,
    *,
    things: str,
    state: str,
    timeout: float | None = None,
    progress: bool = True,
) -> T:
    """Look again and again until all of them are there.

    Parameters
    ----------
    look : callable
        Gives what there is to give, and how many are there.
    total : int
        How many there have to be.
    things, state : str
        Of what, and in what state, as a person reads it: ``reviews``, ``Complete``.
    timeout : float, optional
        Seconds after which to give up, 0 to look once; left out, it waits as long as it takes.
    progress : bool
        Whether to show a progress bar.

    Raises
    ------
    BadRequest
        The time is no number of seconds, or less than 0.
    Timeout
        The time is over; the message says how many are not there yet.

    Examples
    --------
    >>> wait_until(lambda: (["r1"], 1), 1, things="reviews", state="Complete", progress=False)
    ['r1']
    """
    seconds = seconds_of(timeout)
    deadline = None if seconds is None else time.monotonic() + seconds
    with progress_bar(total, progress, doing=f"Waiting for {state}", unit=f" {things}") as bar:
        while True:
            found, there = look()
            bar.update(there - bar.n)
            if there == total:
                return found
            if deadline is not None and time.monotonic() > deadline:
                raise Timeout(f"{total - there} of {total} {things} are not {state} after {seconds:g} s")
            time.sleep(POLL_SECONDS)
