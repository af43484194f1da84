"""Reviews that leave a board without a decision: parked for a while, taken back, moved to another subteam."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import BadRequest, CmtoolsError, Conflict, LeaseLost, NotFound
from ..model import Lease
from .fetching import Fetching
from .screen import Notice, Screen, counted

if TYPE_CHECKING:
    from ..client.client import Client

MOST_HELD_SECONDS = 30 * 24 * 3600
"""The longest time that a review can be parked for."""


class Parking(Fetching):
    """What a board holds, with the steps by which reviews leave its screen undecided."""

    def __init__(self, client: Client, **options: Any) -> None:
        super().__init__(client, **options)
        self._moved: dict[str, str] = {}

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
            mine = [review for review in self.client.held_reviews() if review.type == self.type]
            self.parked = tuple(review for review in mine if bool(review.opinions) == self.adjudicate)
        except CmtoolsError:
            return

    def move(self, review_id: str | Sequence[str], subteam: str) -> int:
        """Assign a review, or several, to another subteam; they leave the screen. How many; `move_back` undoes it."""
        ids = [review_id] if isinstance(review_id, str) else list(review_id)

        def put(lease: Lease, group: list[str]) -> None:
            for each in group:
                self.client.move(each, subteam, lease)

        with self._step("move", lambda: self.move(review_id, subteam)):
            before = {key: self._require(key).review.subteam for key in ids}
            gone = self._leave(ids, put)
            self._moved = before
            text = f"{counted(gone, self.type)} moved from {_named(before.values())} to {subteam}."
            self.notice = self.notice or Notice("info", text, "move_back")
            return gone

    def move_back(self) -> int:
        """Put what was moved last back into the queue that it came from; how many of them could be."""
        with self._step("move", self.move_back):
            back: list[str] = []
            refused = 0
            for review_id, subteam in list(self._moved.items()):
                try:
                    self.client.move(review_id, subteam)
                except (Conflict, NotFound):
                    refused += 1
                else:
                    back.append(subteam)
                del self._moved[review_id]
            self._count_queue()
            self.notice = _back_notice(back, refused, self.type)
            return len(back)

    def look_for_subteams(self) -> None:
        """Learn of subteams that were made since, and of feedback; what is known does when that cannot be had."""
        try:
            found = self.client.team()
        except CmtoolsError:
            return
        with self._lock:
            known = self._team
            self.team = replace(known, subteams=found.subteams, golden_feedback=found.golden_feedback)
        if self.team != known:
            self._on_change()

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


def _named(subteams: Iterable[str]) -> str:
    return " and ".join(sorted(set(subteams)))


def _back_notice(back: list[str], refused: int, review_type: str) -> Notice:
    parts = []
    if back:
        parts.append(f"{counted(len(back), review_type)} moved back to {_named(back)}, into the queue there.")
    if refused:
        parts.append(f"{counted(refused, review_type)} could not be: somebody is at work on them, or they are done.")
    return Notice("warning" if refused else "info", " ".join(parts) or "There is nothing to move back.")
