"""What a board does for its reviewer: blur and grey remembered, reveals counted, breaks due. It shows no picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..errors import CmtoolsError, RevealCapReached
from ..model import ExposureToday

if TYPE_CHECKING:
    from ..client.client import Client

BLUR, GREY = "board.blur", "board.grey"
"""The names of the reviewer's preferences."""

AT_ONCE = 1_000
"""How many reveals the service takes at once."""

BREAK_SECONDS = 300.0
"""After how long without work a reviewer has had a break."""


class Care:
    """One reviewer's wellness on a board.

    Only `load`, `remember` and `send` talk to the service; an error of theirs is for whoever calls them.

    Parameters
    ----------
    client : Client
        Whose reviewer it is.
    monotonic : callable, optional
        Seconds that only ever grow.
    """

    def __init__(self, client: Client, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client, self._monotonic = client, monotonic
        self.blur = self.grey = True
        self.page, self.sequence = "", 0
        self._today = ExposureToday(client.reviewer or "", 0, 0, 0.0)
        self._full = False
        self._waiting: list[tuple[str, float]] = []
        self._heard: dict[str, int] = {}
        self._worked, self._worked_at = 0.0, monotonic()

    def load(self) -> None:
        """Fetch what this reviewer chose before, and what was seen today."""
        kept = self._client.preferences()
        if not self.sequence:
            self.blur, self.grey = bool(kept.get(BLUR, True)), bool(kept.get(GREY, True))
        self._today = self._client.exposure_today()

    def choose(self, blur: bool, grey: bool, page: str, sequence: int) -> None:
        """A page has switched blur or grey; the word of that page with the greatest number holds."""
        if page == self.page and sequence < self.sequence:
            return
        self.blur, self.grey, self.page, self.sequence = blur, grey, page, sequence

    def remember(self) -> None:
        """Let the service keep blur and grey as they are."""
        self._client.set_preferences(**{BLUR: self.blur, GREY: self.grey})

    def see(self, page: str, sequence: int, reveals: Iterable[tuple[str, float]], worked: float) -> None:
        """A page tells which reveals have ended (review, seconds) and how many seconds somebody was at work."""
        if sequence <= self._heard.get(page, 0):
            return
        self._heard[page] = sequence
        self._waiting += reveals
        now = self._monotonic()
        if now - self._worked_at > BREAK_SECONDS:
            self._worked = 0.0
        if worked > 0:
            self._worked, self._worked_at = self._worked + worked, now

    def send(self) -> None:
        """Tell the service of the reveals that have gathered. Those that it did not take wait for the next time."""
        while self._waiting:
            batch, rest = _batch(self._waiting)
            try:
                self._today = self._client.record_reveals(batch)
            except RevealCapReached:
                self._full = True
            self._waiting = rest + self._waiting[len(batch) + len(rest) :]
            if self._full:
                self._today = self._client.exposure_today()

    def rested(self) -> None:
        """The reviewer had a break."""
        self._worked = 0.0

    def snapshot(self, break_after: float | None) -> dict[str, object]:
        """What a page is told; ``break_after`` is the team's."""
        today, most = self._today, self._today.most_reveals
        waiting = sum(seconds for _, seconds in self._waiting)
        reveals = today.reveals + len(self._waiting)
        due = break_after is not None and self._worked >= break_after
        return {
            "blur": self.blur,
            "grey": self.grey,
            "page": self.page,
            "seq": self.sequence,
            "reveals": max(reveals, most or 0) if self._full else reveals,
            "seconds": today.seconds + waiting,
            "most": most,
            "heard": dict(self._heard),
            "rest": self._worked if due else 0,
        }


def _batch(reveals: list[tuple[str, float]]) -> tuple[dict[str, float], list[tuple[str, float]]]:
    """Reveals that can be told together (each review once, so many at most), and those seen before the last of them."""
    batch: dict[str, float] = {}
    rest: list[tuple[str, float]] = []
    for review_id, seconds in reveals:
        if len(batch) == AT_ONCE:
            break
        if review_id in batch:
            rest.append((review_id, seconds))
        else:
            batch[review_id] = seconds
    return batch, rest


def known(error: CmtoolsError) -> str:
    """What a reviewer reads when their reveals or choices could not be kept."""
    return f"What you chose and saw is not kept yet. {error}"
