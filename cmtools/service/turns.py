"""Whose turn it is: how many callbacks each receiver is sent next, so that none waits for another. It sends nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.callbacks import Queue

SLOW_SECONDS = 1.0
"""A receiver that takes longer than this, as a rule, gets one callback at a time."""
WEIGHT = 0.2
"""What the latest answer counts for in that rule."""
MOST_REMEMBERED = 10_000


class Turns:
    """Divides threads among receivers.

    A receiver has at most so many callbacks under way at once. One that is slow, or of which nothing is known yet, has
    one, and all of those together half of the threads: those that answer find a free one. Whoever was served longest
    ago comes first.

    Parameters
    ----------
    threads : int
        That this process sends with.
    each : int
        The most for one receiver, whichever process sends them.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> turns = Turns(threads=8, each=4)
    >>> turns.shares([Queue("a:443", now, 0), Queue("b:443", now, 0)], {})
    {'a:443': 1, 'b:443': 1}
    >>> turns.answered("a:443", 0.01)
    >>> turns.shares([Queue("a:443", now, 0), Queue("b:443", now, 1)], {"b:443": 1})
    {'a:443': 4}
    """

    def __init__(self, threads: int, each: int) -> None:
        self._threads, self._each = threads, each
        self._seconds: dict[str, float] = {}
        self._served: dict[str, int] = {}
        self._turn = 0

    def answered(self, receiver: str, seconds: float) -> None:
        """Remember how long a try took, whatever came of it."""
        before = self._seconds.get(receiver)
        self._seconds[receiver] = seconds if before is None else before + WEIGHT * (seconds - before)
        for memory in (self._seconds, self._served):
            if len(memory) > MOST_REMEMBERED:
                memory.clear()  # all are unknown again, which costs each of them a moment

    def shares(self, queues: Sequence[Queue], under_way: dict[str, int]) -> dict[str, int]:
        """How many of each queue to send now, given how many to each receiver this process has under way."""
        free = self._threads - sum(under_way.values())
        slow = sum(count for receiver, count in under_way.items() if not self._is_quick(receiver))
        spare = max(1, self._threads // 2) - slow
        shares: dict[str, int] = {}
        order = sorted(queues, key=lambda queue: (self._served.get(queue.receiver, 0), queue.first_at))
        for queue in order:
            if free > 0 and not self._is_quick(queue.receiver) and spare > 0 and queue.in_hand == 0:
                shares[queue.receiver] = 1
                free, spare = free - 1, spare - 1
        quick = [queue for queue in order if self._is_quick(queue.receiver)]
        while free > 0 and quick:
            quick = [q for q in quick if q.in_hand + shares.get(q.receiver, 0) < self._each]
            for queue in quick[:free]:
                shares[queue.receiver] = shares.get(queue.receiver, 0) + 1
                free -= 1
        self._turn += 1
        self._served |= dict.fromkeys(shares, self._turn)
        return shares

    def _is_quick(self, receiver: str) -> bool:
        return self._seconds.get(receiver, SLOW_SECONDS) < SLOW_SECONDS
