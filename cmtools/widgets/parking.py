"""Reviews that leave a board without a decision: parked for a while, taken back, moved to another subteam."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import BadRequest, CmtoolsError, LeaseLost
from ..model import Lease
from .fetching import Fetching
from .screen import Notice, Screen, counted

MOST_HELD_SECONDS = 30 * 24 * 3600
"""The longest time that a review can be parked for."""


class Parking(Fetching):
    """What a board holds, with the steps by which reviews leave its screen undecided."""

    def hold(self, review_ids: Sequence[str], seconds: float, note: str = "") -> int:
        """Park reviews: out of the screen and of the queue, with their toggles, until the time is over; how many."""
        if not 0 < seconds <= MOST_HELD_SECONDS:
            raise BadRequest(f"hold takes seconds between 0 and {MOST_HELD_SECONDS:,}, not {seconds!r}")

        def park(lease: Lease, ids: list[str]) -> None:
            self.client.hold(lease, ids, seconds=seconds, note=note)

        with self._step("hold", lambda: self.hold(review_ids, seconds, note)):
            self._save_or_raise()
            gone = self._leave(review_ids, park)
            self._look_for_parked()
            self.notice = self.notice or Notice("info", f"{counted(gone, self.type)} parked; Held takes them back.")
            return gone

    def take_held(self, review_ids: Sequence[str] | None = None) -> int:
        """Take back what this reviewer parked (of this board's type), before the others on the screen; how many."""
        with self._step("take_held", lambda: self.take_held(review_ids)):
            wanted = [review.id for review in self.parked] if review_ids is None else list(review_ids)
            if not wanted:
                return 0
            lease = self.client.take_held(wanted)
            back = Screen.of([lease], self._team.tags.visible)
            with self._lock:
                self._screen.put_before(back)
            self._look_for_parked()
            self._count_queue()
            return len(back.items)

    def find_parked(self) -> None:
        """Look for what this reviewer has parked."""
        with self._work:
            self._look_for_parked()
            self._on_change()

    def _look_for_parked(self) -> None:
        """What is parked now; what was known does when that cannot be had."""
        try:
            self.parked = tuple(review for review in self.client.held_reviews() if review.type == self.type)
        except CmtoolsError:
            return

    def move(self, review_id: str | Sequence[str], subteam: str) -> None:
        """Assign a review, or several, to another subteam; they leave the screen."""
        ids = [review_id] if isinstance(review_id, str) else list(review_id)

        def put(lease: Lease, group: list[str]) -> None:
            for each in group:
                self.client.move(each, subteam, lease)

        with self._step("move", lambda: self.move(review_id, subteam)):
            self._leave(ids, put)

    def _leave(self, review_ids: Sequence[str], do: Callable[[Lease, list[str]], None]) -> int:
        """Do something with reviews, lease by lease, after which they are not on the screen; how many."""
        gone = 0
        wanted = {self._require(review_id).review.id for review_id in review_ids}
        for lease, items in self._screen.groups():
            ids = [item.review.id for item in items if item.review.id in wanted]
            if not ids:
                continue
            try:
                do(lease, ids)
            except LeaseLost:
                self._lose(lease.id)
                raise
            self._forget(ids)
            gone += len(ids)
        if not self._screen.items:
            self._fill()
        self._count_queue()
        return gone
