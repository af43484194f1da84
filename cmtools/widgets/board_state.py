"""Every step of a review board, from checkout to undo, through a `Client`. It knows no browser and no widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BadRequest, LeaseLost, TransportError, UndoWindowClosed
from ..model import Lease
from .frames import split_all
from .parking import Parking
from .screen import Batch, Item, Notice, Screen, answers_of

if TYPE_CHECKING:
    from ..client.client import Client


class BoardState(Parking):
    """What a board holds, with submitting and taking back: a stack of submissions whose undo windows are still open.

    ``on_submitted`` is given each batch that was submitted.
    """

    def __init__(
        self, client: Client, *, on_submitted: Callable[[Batch], None] = lambda _batch: None, **options: Any
    ) -> None:
        super().__init__(client, **options)
        self._on_submitted = on_submitted
        self._history: list[Batch] = []

    def undo_window(self) -> tuple[float, float, int]:
        """Seconds left to take the last submission back, of how many, and how many reviews it has; zeros when none."""
        with self._lock:
            now = self._monotonic()
            self._history = [batch for batch in self._history if batch.closes_at > now]
            if not self._history:
                return 0.0, 0.0, 0
            last = self._history[-1]
            return last.closes_at - now, last.window_seconds, len(last.screen.items)

    def next(self, serial: int | None = None) -> int:
        """Submit everything on the screen and show what comes next; how many reviews were submitted.

        With ``serial`` nothing happens unless that is still the screen.
        """
        if serial is not None and serial != self._screen.serial:
            return 0
        if self.phase == "error":
            self.start()
            return 0
        with self._step("submit", self.next):
            if self.offer and not self._screen.items:
                raise BadRequest("choose first: resume(), give_back() or take_new()")
            screen = self._screen
            while self.taking:
                self.take_more()
            if not screen.items:
                return 0
            self._save_or_raise()
            sent_at = self._monotonic()
            batch = Batch(Screen(), [], sent_at, 0.0)
            lost = sum(item.lost for item in screen.items.values())
            try:
                for lease, items in screen.groups():
                    lost += self._submit_group(lease, items, batch, sent_at)
            finally:
                self._remember(batch)
            self._go_on(lost, len(batch.screen.items))
            return len(batch.screen.items)

    def _go_on(self, lost: int, submitted: int) -> None:
        """Show what comes after a submission, and say what was lost of it."""
        if lost:
            rest = f" The other {submitted:,} were submitted." if submitted else ""
            self.notice = Notice("warning", self._lost_text(lost) + rest, "" if submitted else "look_again")
            if not submitted:
                raise LeaseLost(self._lost_text(lost))
        if submitted:
            self._fill()
        self._count_queue()

    def _submit_group(self, lease: Lease, items: list[Item], batch: Batch, sent_at: float) -> int:
        """Submit one lease's items into the batch; how many were lost instead."""
        try:
            submission = self.client.submit(lease, *split_all(answers_of(items)))
        except LeaseLost:
            return self._lose(lease.id)
        except TransportError:
            self._screen.uncertain = True
            raise
        window = (submission.undo_until - submission.created_at).total_seconds()
        batch.submissions.append(submission)
        batch.window_seconds = min(window, batch.window_seconds) if batch.window_seconds else window
        batch.closes_at = sent_at + batch.window_seconds
        with self._lock:
            batch.screen.leases[lease.id] = lease
            batch.screen.items.update({item.review.id: item for item in items})
            self._forget([item.review.id for item in items])
        return 0

    def _remember(self, batch: Batch) -> None:
        with self._lock:
            if batch.submissions:
                self._history.append(batch)
                self.done += len(batch.screen.items)
        self._on_submitted(batch)

    def prev(self, serial: int | None = None) -> int:
        """Take the last submission back while the service allows it; how many reviews came back.

        The screen that was showing is kept and comes next.
        """
        if serial is not None and serial != self._screen.serial:
            return 0
        with self._step("undo", self.prev):
            if not self.undo_window()[0]:
                raise self._too_late("There is nothing to take back.")
            batch = self._history[-1]
            back = Screen()
            try:
                self._take_back(batch, back)
            except UndoWindowClosed:
                self._history.clear()
                raise self._too_late("Too late to take that back: those decisions stand.") from None
            finally:
                self._return_to(back)
            self._count_queue()
            return len(back.items)

    def _take_back(self, batch: Batch, back: Screen) -> None:
        while batch.submissions:
            submission = batch.submissions[-1]
            lease = self.client.undo(submission)
            batch.submissions.pop()
            back.leases[lease.id] = lease
            for review_id in submission.review_ids:
                back.items[review_id] = item = batch.screen.items.pop(review_id)
                item.lease_id = lease.id
        self._history.remove(batch)

    def _return_to(self, back: Screen) -> None:
        if not back.items:
            return
        with self._lock:
            self.done -= len(back.items)
            if self._screen.held:
                self._waiting.append(self._screen)
            self._show(back)

    def _too_late(self, text: str) -> UndoWindowClosed:
        self.notice = Notice("info", text)
        return UndoWindowClosed(text)
