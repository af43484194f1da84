"""A check of a trail comes in parts; here they become one. It checks nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..model import TrailCheck, TrailFault

MOST_FAULTS = 1000
"""Faults that a whole check names; it counts them all."""


def joined(part_behind: Callable[[int], TrailCheck]) -> TrailCheck:
    """The whole check, of parts that are asked for one behind the other, from 0 on.

    Examples
    --------
    >>> parts = {0: TrailCheck(10, 2, 0, following=2), 2: TrailCheck(5, 1, 3)}
    >>> joined(parts.__getitem__)
    TrailCheck(events=15, seals=3, unsealed=3, faults=(), fault_count=0, head=None, following=None)
    """
    events = seals = count = after = 0
    faults: list[TrailFault] = []
    while True:
        part = part_behind(after)
        events, seals, count = events + part.events, seals + part.seals, count + part.fault_count
        faults += part.faults[: MOST_FAULTS - len(faults)]
        if part.following is None or part.following <= after:
            whole = replace(part, events=events, seals=seals, faults=tuple(faults))
            return replace(whole, fault_count=count, following=None)
        after = part.following
