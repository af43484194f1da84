"""Where a board's reviews come from and go back to: offers, checkouts, releases. It submits nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError, Forbidden, LeaseLost, NotFound
from ..model import Lease, Review
from .holding import ORDERS, Holding, checked_count, checked_order
from .screen import Item, Notice, Screen, counted

if TYPE_CHECKING:
    from ..client.client import Client

FIRST_TAKEN = 120
"""How many reviews are taken before anything is shown: more than any screen shows at first."""

TAKEN_AT_ONCE = 1_000
"""How many are taken in each step after that."""

TAKE_MORE_SECONDS = 0.6
"""How long the first ones have the service and the kernel to themselves."""

LEFT_FOR_OTHERS = 4
"""The next screen is fetched ahead only while so many times as much waits: a short queue is left to colleagues."""

MOST_AHEAD = 500
"""Larger screens are not fetched ahead: they take long to work through."""

NOT_YOURS = (
    "Disputes are settled with the key of a lead or an administrator: ask for one, or review on an ordinary board."
)


class Fetching(Holding):
    """What a board holds, with the steps that take reviews and give them back.

    ``on_ahead`` is called when the next screen has been fetched ahead.
    """

    def __init__(self, client: Client, *, on_ahead: Callable[[], None] = lambda: None, **options: Any) -> None:
        super().__init__(client, **options)
        self._on_ahead = on_ahead
        self._goal = 0
        self.attended = False

    @property
    def ahead(self) -> tuple[Review, ...]:
        """The reviews of the next screen, where it has been fetched ahead."""
        with self._lock:
            return tuple(item.review for item in self._ahead.held) if self._ahead else ()

    def start(self) -> None:
        """Offer what this reviewer still holds from before; when there is nothing, take new reviews."""
        with self._step("fetch", self.start):
            self.team = self.client.team()
            own = {key for screen in self._screens() for key in screen.leases}
            self.offer = tuple(
                lease
                for lease in self.client.leases()
                if lease.reviews and lease.id not in own and lease.type == self.type and self._fits(lease)
            )
            self._fetched = True
            if not self.offer:
                self._fill()
            self._count_queue()

    def _fits(self, lease: Lease) -> bool:
        """Whether a lease belongs on this board: of its subteam, and of disputes where it settles those."""
        if not all(self._belongs(review) for review in lease.reviews):
            return False
        return self.subteam is None or all(review.subteam == self.subteam for review in lease.reviews)

    def _belongs(self, review: Review) -> bool:
        """Whether a review is of what this board is for: a dispute comes with what was said of it."""
        return bool(review.opinions) == self.adjudicate

    def resume(self) -> None:
        """Go on with everything that was offered, with the toggles made then; earlier tokens are dead from here on."""
        with self._step("fetch", self.resume):
            resumed, gone = Screen(), 0
            for lease in self.offer:
                try:
                    resumed.add(self.client.resume(lease), self._team.tags.visible)
                except (LeaseLost, NotFound):
                    gone += len(lease.reviews)
            self.offer = ()
            if resumed.items:
                self._show_some(resumed)
            else:
                self._fill()
            if gone:
                self.notice = Notice("warning", f"{counted(gone, self.type)} went back to the queue in the meantime.")
            self._count_queue()

    def give_back(self) -> None:
        """Release what was offered and take new reviews; without an offer, release everything that this board holds."""
        with self._step("release", self.give_back):
            if self.offer:
                for lease in self.offer:
                    self._release(lease)
                self.offer = ()
                self._fill()
            else:
                for screen in self._screens():
                    for lease in list(screen.leases.values()):
                        self._release(lease)
                self._waiting.clear()
                self._ahead = None
                self._goal = 0
                self._show(Screen())
            self._count_queue()

    def take_new(self) -> None:
        """Leave what was offered where it is and take other reviews."""
        with self._step("fetch", self.take_new):
            self.offer = ()
            self._fill()
            self._count_queue()

    def look_again(self) -> None:
        """Drop what is no longer ours; look for offers when the screen is empty, else fill it up."""
        with self._lock:
            lost = [key for key, item in self._screen.items.items() if item.lost]
            self._forget(lost)
        if self._screen.items:
            self.set_count(self._count)
        else:
            self.start()

    def retry(self) -> None:
        """Do again what failed last."""
        self._again()

    def set_count(self, count: int) -> None:
        """Show that many: give back the surplus (untouched ones from the end first), or take more."""
        self._count = checked_count(count)
        if self.team is None or self.offer:
            self._on_change()
            return
        with self._step("fetch", lambda: self.set_count(count)):
            self._drop_ahead()
            held = self._screen.held
            if len(held) > count:
                last_first = held[::-1]
                last_first.sort(key=lambda item: item.touched)
                self._give_up(last_first[: len(held) - count])
            elif len(held) < count:
                self._goal = count
                lease = self._checkout(min(count - len(held), FIRST_TAKEN))
                with self._lock:
                    self._screen.add(lease, self._team.tags.visible)
                self._go_on_taking(len(lease.reviews))
            self._count_queue()

    def set_order(self, order: str) -> None:
        """Fetch in this order from now on; what is on the screen stays. ``near`` is an order of screens alone."""
        fetched = ORDERS[0] if order == "near" else checked_order(order)
        if fetched != self.order:
            self.order = fetched
            self._drop_ahead()
            self._later(self.look_ahead)

    def _give_up(self, surplus: list[Item]) -> None:
        going = {item.review.id for item in surplus}
        for lease, items in self._screen.groups():
            if ids := [item.review.id for item in items if item.review.id in going]:
                self._release(lease, ids)
                self._forget(ids)

    def _fill(self) -> None:
        """Show the screen that waits, else new reviews, unless there is an offer to answer first."""
        self._goal = 0
        if self._waiting:
            self._show(self._waiting.pop())
        elif self.offer:
            self._show(Screen())
        elif self._ahead:
            ahead, self._ahead = self._ahead, None
            self._show(ahead)
        else:
            self._fetched = False
            lease = self._checkout(min(self._count, FIRST_TAKEN))
            self._fetched = True
            self._goal = self._count
            self._show(Screen.of([lease], self._team.tags.visible))
            self._go_on_taking(len(lease.reviews))
        self._later(self.look_ahead)

    def _checkout(self, count: int) -> Lease:
        """Reviews in the order and way that this board wants; what is usual is not said."""
        how: dict[str, Any] = {}
        if self.order != ORDERS[0]:
            how["order"] = self.order
        if self.blind:
            how["blind"] = True
        if not self.adjudicate:
            return self.client.checkout(count, self.type, self.subteam, **how)
        try:
            return self.client.checkout(count, self.type, self.subteam, adjudicate=True, **how)
        except Forbidden as error:
            raise Forbidden(f"{NOT_YOURS} The service says: {error}") from error

    def _go_on_taking(self, got: int) -> None:
        """Take what is still missing in the background, unless the queue gave less than was asked for."""
        missing = self._goal - len(self._screen.held)
        if missing <= 0 or got < FIRST_TAKEN:
            self._goal = 0
            return
        self._later(self.take_more, TAKE_MORE_SECONDS)

    @property
    def taking(self) -> int:
        """How many reviews are still to be taken onto this screen."""
        with self._lock:
            return max(0, self._goal - len(self._screen.held)) if self._goal else 0

    def take_more(self) -> None:
        """Take the next part of what a large screen still misses. It is put behind the others, on the same screen."""
        with self._work:
            missing = min(self.taking, TAKEN_AT_ONCE)
            if not missing:
                return
            try:
                lease = self._checkout(missing)
            except CmtoolsError as error:
                self._goal = 0
                self.notice = Notice("error", f"Not all {self._count:,} could be taken. {error}", "look_again")
                self._on_change()
                return
            with self._lock:
                self._screen.append(lease, self._team.tags.visible)
                if len(lease.reviews) < missing:
                    self._goal = 0
            if self.taking:
                self._later(self.take_more)
            else:
                self._goal = 0
                self._count_queue()
            self._on_change()

    def look_ahead(self) -> None:
        """Take the next screen while this one is worked on, where there is plenty and somebody is at work."""
        with self._work:
            enough = self.waiting >= LEFT_FOR_OTHERS * self._count
            busy = self._waiting or self._ahead or self.offer or self.taking or not self._screen.held
            if not self.attended or busy or not enough or self._count > MOST_AHEAD:
                return
            try:
                lease = self._checkout(self._count)
            except CmtoolsError:
                return  # Next asks again, and says what is wrong
            with self._lock:
                if got := len(lease.reviews):
                    self._ahead = Screen.of([lease], self._team.tags.visible)
                    queue, name = self.queue, "disputed" if self.adjudicate else "pending"
                    self.queue = replace(queue, **{name: max(0, self.waiting - got)}, leased=queue.leased + got)
            self._on_ahead()

    def attend(self, at_work: bool) -> None:
        """Somebody is at work on the board, or nobody is: then what was fetched ahead goes back to the queue."""
        if at_work != self.attended:
            self.attended = at_work
            self._later(self.look_ahead if at_work else self._drop_ahead)

    def _drop_ahead(self) -> None:
        with self._work:
            with self._lock:
                ahead, self._ahead = self._ahead, None
            for lease in ahead.leases.values() if ahead else ():
                try:
                    self._release(lease)
                except CmtoolsError:
                    continue  # it goes back when its time runs out

    def _show_some(self, screen: Screen) -> None:
        """Show as much of it as fits, whole leases; the others wait behind."""
        shown, behind = screen.split(self._count)
        self._show(shown)
        if behind.items:
            self._waiting.insert(0, behind)

    def _release(self, lease: Lease, review_ids: list[str] | None = None) -> None:
        try:
            self.client.release(lease, review_ids)
        except (LeaseLost, NotFound):
            return  # gone already, which is what was wanted
