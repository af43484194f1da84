"""The reviews that a board holds: switched, saved, kept alive, lost. It neither fetches nor submits any."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ..errors import BadRequest, BadTag, CmtoolsError, Conflict, Forbidden, LeaseLost, NotFound, TransportError
from ..model import Lease, QueueCounts, Review, Team
from .board_away import advice_text, away_text, back_text
from .frames import frame_key, split_all
from .kinds import KINDS
from .screen import Item, Notice, Screen, counted

if TYPE_CHECKING:
    from ..client.client import Client

MOST = 10_000
"""The most reviews that a board shows at once."""

ORDERS = ("oldest", "uncertain", "highest", "random")
"""The orders in which the service gives reviews."""


class Later(Protocol):
    """Does work on another thread, after a while where that is said."""

    def __call__(self, job: Callable[[], None], _seconds: float = 0.0, /) -> None: ...


class Holding:
    """One reviewer's screen and the screens that wait behind it.

    A step talks to the service and may take its time; steps run one after another. `toggle` and everything that only
    reads never wait for the network. A step that fails leaves a notice for the reviewer and what `retry` has to do, and
    raises.

    Parameters
    ----------
    client : Client
        Where the reviews come from.
    type, subteam, count, order, blind, adjudicate
        As for `ReviewBoard`.
    on_change : callable, optional
        Called after every change, on the thread that made it.
    later : callable, optional
        Gets work that nobody waits for, to be done on another thread, and after how many seconds; left out, it is done
        at once.
    monotonic : callable, optional
        Seconds that only ever grow.
    """

    def __init__(
        self,
        client: Client,
        *,
        type: str = "Image",
        subteam: str | None = None,
        count: int = 50,
        order: str = ORDERS[0],
        blind: bool = False,
        adjudicate: bool = False,
        on_change: Callable[[], None] = lambda: None,
        later: Later = lambda job, _seconds=0.0: job(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if type not in KINDS:
            raise BadRequest(f"the board shows {' and '.join(KINDS)} reviews, not {type!r}")
        self.client, self.type, self.subteam = client, type, subteam
        self._count = checked_count(count)
        self.order, self.blind = checked_order(order), bool(blind)
        self.adjudicate = bool(adjudicate)
        self._on_change, self._later, self._monotonic = on_change, later, monotonic
        self._work = threading.RLock()
        self._lock = threading.RLock()
        self._screen = Screen()
        self._waiting: list[Screen] = []
        self._ahead: Screen | None = None
        self._unsaved: dict[str, dict[str, bool]] = {}
        self._renewed_at = monotonic()
        self._again: Callable[[], object] = self.save
        self.team: Team | None = None
        self.offer: tuple[Lease, ...] = ()
        self.queue = QueueCounts()
        self.parked: tuple[Review, ...] = ()
        self.done = 0
        self.busy = ""
        self.notice: Notice | None = None
        self.saving_failed = False
        self.away = False
        self._fetched = False

    # -- what there is -------------------------------------------------------------------------------------------------

    @property
    def lock(self) -> threading.RLock:
        """Held by whoever reads more than one thing that must fit together; never held over the network."""
        return self._lock

    @property
    def screen(self) -> Screen:
        """What is shown."""
        return self._screen

    @property
    def count(self) -> int:
        """How many reviews to display."""
        return self._count

    @property
    def phase(self) -> str:
        """What the reviewer sees: reviewing, lost, loading, offer, error, finished or empty."""
        with self._lock:
            if self._screen.items:
                return "reviewing" if self._screen.held else "lost"
            if self.busy:
                return "loading"
            if self.offer:
                return "offer"
            if not self._fetched:
                return "error"
            return "finished" if self.done and not self.waiting else "empty"

    @property
    def waiting(self) -> int:
        """How many reviews wait in the queue of this board, as last counted."""
        return self.queue.disputed if self.adjudicate else self.queue.pending

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The reviews on the screen that are still this reviewer's."""
        with self._lock:
            return tuple(item.review for item in self._screen.held)

    @property
    def unsaved(self) -> list[tuple[str, str]]:
        """The toggles (review, tag) that the service does not have yet."""
        with self._lock:
            return [(review_id, code) for review_id, tags in self._unsaved.items() for code in tags]

    @property
    def held_count(self) -> int:
        """How many reviews this board holds, on the screen and behind it."""
        with self._lock:
            return sum(len(screen.held) for screen in (self._screen, *self._waiting))

    @property
    def ahead_count(self) -> int:
        """How many reviews are fetched ahead for the next screen."""
        with self._lock:
            return len(self._ahead.held) if self._ahead else 0

    def _screens(self) -> list[Screen]:
        """All screens whose leases this board holds, the shown one first."""
        return [self._screen, *self._waiting, *([self._ahead] if self._ahead else [])]

    # -- steps ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _step(self, name: str, again: Callable[[], object]) -> Iterator[None]:
        with self._work:
            self.busy, self.notice = name, None
            self._on_change()
            try:
                yield
            except CmtoolsError as error:
                self.notice = self.notice or self._fault(error)
                self._again = again
                raise
            else:
                self.away = False
            finally:
                self.busy = ""
                self._on_change()

    def _fault(self, error: CmtoolsError, before: str = "") -> Notice:
        """What the reviewer is told of an error; of a service that is away also what is kept, and what to do."""
        self.away = isinstance(error, TransportError)
        if isinstance(error, Forbidden):
            return Notice("error", f"{before}{error}")
        if not self.away:
            return Notice("error", f"{before}{error}", "retry")
        advice = advice_text(len(self.unsaved) if self._screen.items else None)
        return Notice("error", f"{before}{away_text(error)}", "retry", advice)

    def come_back(self) -> bool:
        """Look whether a service that was away answers again; then save what is not saved, and say so.

        A step of a person's that failed is left for them to take again: nothing is submitted behind their back.
        """
        with self._work:
            try:
                self.client.team()
            except TransportError:
                return False
            except CmtoolsError as error:
                self.notice = self._fault(error, "Another service answers now, or this one does not know this board. ")
                self._on_change()
                return True
            self.away = False
            if not self._fetched:
                self._again()
            elif self.save():
                taken = self._again in (self.save, self._renew)
                self.notice = Notice("info", back_text(taken), "" if taken else "retry")
            self._on_change()
            return not self.away

    # -- toggles -------------------------------------------------------------------------------------------------------

    def toggle(self, review_id: str, tag: str, on: bool | None = None, *, frame: int | None = None) -> bool:
        """Switch a tag of a review on the screen, or of its frame at a moment; its new value. `save` sends it."""
        with self._lock:
            item = self._require(review_id)
            code = self._team.tags.require(tag).short_code
            if code not in item.tags:
                raise BadTag(f"reviewers do not see the tag {code!r}")
            if item.lost:
                raise LeaseLost(f"review {review_id} is no longer yours; nothing was changed")
            if self.busy == "submit":
                raise Conflict("this screen is being submitted; take it back with prev() to change it")
            shown = item.tags if frame is None else item.frame_tags(frame)
            value = not shown[code] if on is None else bool(on)
            key = code if frame is None else frame_key(frame, code)
            (item.tags if frame is None else item.frames)[key] = value
            self._unsaved.setdefault(review_id, {})[key] = value
            return value

    def save(self) -> bool:
        """Send the toggles that the service does not have yet; False when that fails (the reviewer sees why)."""
        with self._work:
            failed_before = self.saving_failed
            try:
                self._save_or_raise()
            except CmtoolsError as error:
                self.saving_failed, self._again = True, self.save
                self.notice = self._fault(error, "Your changes are not saved yet. ")
            if failed_before or self.saving_failed:
                self._on_change()
            return not self.saving_failed

    def _save_or_raise(self) -> None:
        for screen in (self._screen, *self._waiting):
            for lease, items in screen.groups():
                with self._lock:
                    ids = [item.review.id for item in items]
                    todo = {key: dict(self._unsaved[key]) for key in ids if key in self._unsaved}
                if not todo:
                    continue
                try:
                    self.client.save(lease, *split_all(todo))
                except LeaseLost:
                    self._lose(lease.id)
                    continue
                with self._lock:
                    self._settle(todo)
        if self.saving_failed:
            self.saving_failed = self.away = False
        self._settle_notice(self.save)

    def _settle_notice(self, cause: Callable[[], object]) -> None:
        """Take back the error that this work in the background left before."""
        if self.notice is not None and self.notice.kind == "error" and self._again == cause:
            self.notice = None

    def _settle(self, saved: dict[str, dict[str, bool]]) -> None:
        for review_id, tags in saved.items():
            waiting = self._unsaved.get(review_id, {})
            for code, on in tags.items():
                if waiting.get(code) == on:
                    del waiting[code]
            if not waiting:
                self._unsaved.pop(review_id, None)

    def beat(self) -> None:
        """The page is open: renew the leases once a third of their time has gone."""
        if self.team is None or self._monotonic() - self._renewed_at < self.team.lease_seconds / 3:
            return
        self._renew()

    def _renew(self) -> None:
        with self._work:
            try:
                self._renew_all()
            except CmtoolsError as error:
                self.notice, self._again = self._fault(error), self._renew
            else:
                self._settle_notice(self._renew)
            self._on_change()

    def _renew_all(self) -> None:
        for screen in self._screens():
            for key, lease in list(screen.leases.items()):
                try:
                    screen.leases[key] = self.client.renew(lease)
                except LeaseLost:
                    self._lose(key)
        self._renewed_at = self._monotonic()
        self._count_queue()

    # -- small parts ---------------------------------------------------------------------------------------------------

    @property
    def _team(self) -> Team:
        if self.team is None:
            raise BadRequest("the board has not reached the service yet; look_again() tries once more")
        return self.team

    def _show(self, screen: Screen) -> None:
        with self._lock:
            screen.renumber()
            self._screen = screen

    def _forget(self, review_ids: list[str]) -> None:
        with self._lock:
            self._screen.remove(review_ids)
            for review_id in review_ids:
                self._unsaved.pop(review_id, None)

    def _lose(self, lease_id: str) -> int:
        """Mark what stands under a lease as lost, and say so; how many reviews."""
        with self._lock:
            lost = sum(screen.lose(lease_id) for screen in (self._screen, *self._waiting))
            if self._ahead and lease_id in self._ahead.leases:
                self._ahead = None  # nobody has seen it: nothing is lost
        if lost:
            self.notice = Notice("warning", self._lost_text(lost), "look_again")
            self._on_change()
        return lost

    def _count_queue(self) -> None:
        """Fresh numbers for the progress line; the old ones do when they cannot be had. Only an empty screen waits."""
        if self._screen.items:
            self._later(self._count_now)
        else:
            self._count_now()

    def _count_now(self) -> None:
        with self._work:
            try:
                self.queue = self.client.counts(self.type, self.subteam)
            except CmtoolsError:
                return
            if not self.busy:
                self._on_change()

    def _require(self, review_id: str) -> Item:
        if item := self._screen.items.get(review_id):
            return item
        raise NotFound(f"review {review_id!r} is not on the screen")

    def _find(self, review_id: str) -> Item | None:
        for screen in (self._screen, *self._waiting):
            if item := screen.items.get(review_id):
                return item
        return None

    def _lost_text(self, lost: int) -> str:
        unsaved = len([1 for review_id, _ in self.unsaved if (item := self._find(review_id)) and item.lost])
        changes = f" {unsaved} of your changes could not be saved." if unsaved else ""
        whose = "is" if lost == 1 else "are"
        submitted = "Nothing was submitted for them."
        if self._screen.uncertain:
            submitted = "Your answers may have arrived when the service did not reply; nothing more was submitted."
        return (
            f"{counted(lost, self.type)} {whose} no longer yours: the time ran out, or they were resumed or given back "
            f"elsewhere. {submitted}{changes}"
        )


def checked_order(order: str) -> str:
    """The order, or `BadRequest` when there is none of that name."""
    if order not in ORDERS:
        raise BadRequest(f"order is one of {', '.join(ORDERS)}, not {order!r}")
    return order


def checked_count(count: int) -> int:
    """The count, or `BadRequest` when it is no number that a board can show."""
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise BadRequest(f"count is a whole number from 1 to {MOST:,}, not {count!r}")
    return count
