"""Where a board's reviews come from and go back to: offers, checkouts, releases. It submits nothing."""

from __future__ import annotations

from ..errors import LeaseLost, NotFound
from ..model import Lease
from .holding import Holding, checked_count
from .screen import Item, Notice, Screen, counted


class Fetching(Holding):
    """What a board holds, with the steps that take reviews and give them back."""

    def start(self) -> None:
        """Offer what this reviewer still holds from before; when there is nothing, take new reviews."""
        with self._step("fetch", self.start):
            self.team = self.client.team()
            own = {key for screen in (self._screen, *self._waiting) for key in screen.leases}
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
        return self.subteam is None or all(review.subteam == self.subteam for review in lease.reviews)

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
                self._show(resumed)
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
                for screen in (self._screen, *self._waiting):
                    for lease in list(screen.leases.values()):
                        self._release(lease)
                self._waiting.clear()
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
            held = self._screen.held
            if len(held) > count:
                last_first = held[::-1]
                last_first.sort(key=lambda item: item.touched)
                self._give_up(last_first[: len(held) - count])
            elif len(held) < count:
                lease = self.client.checkout(count - len(held), self.type, self.subteam)
                with self._lock:
                    self._screen.add(lease, self._team.tags.visible)
            self._count_queue()

    def _give_up(self, surplus: list[Item]) -> None:
        going = {item.review.id for item in surplus}
        for lease, items in self._screen.groups():
            if ids := [item.review.id for item in items if item.review.id in going]:
                self._release(lease, ids)
                self._forget(ids)

    def _fill(self) -> None:
        """Show the screen that waits, else new reviews, unless there is an offer to answer first."""
        if self._waiting:
            self._show(self._waiting.pop())
        elif self.offer:
            self._show(Screen())
        else:
            self._fetched = False
            lease = self.client.checkout(self._count, self.type, self.subteam)
            self._fetched = True
            self._show(Screen.of([lease], self._team.tags.visible))

    def _release(self, lease: Lease, review_ids: list[str] | None = None) -> None:
        try:
            self.client.release(lease, review_ids)
        except (LeaseLost, NotFound):
            return  # gone already, which is what was wanted
