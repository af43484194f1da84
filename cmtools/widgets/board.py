"""The review board: `BoardState` on a screen. It decides nothing itself: the service does, through a `Client`.

The browser asks and Python answers, in messages that are JSON objects with a ``type``. Asked for by the browser:

==============  =======================================  ==============================================================
type            fields                                   answer
==============  =======================================  ==============================================================
ready                                                    ``screen`` and ``state``: a view has opened
toggle          id, tag, on, page, seq                   ``toggled`` with the value that now holds
thumbs          ids                                      ``thumbs``, several, each with one buffer per id of ``ids``
details         id                                       ``details``, then ``picture`` with one buffer, or its error
next, prev      serial, page, n                          ``state``, then ``done`` with page and n
resume, give_back, take_new, look_again, retry, count (count), move (id, subteam): likewise
alive                                                    ``alive``: the page is open, so leases are renewed
==============  =======================================  ==============================================================

Sent to every view of the board:

==========  ===========================================================================================================
type        fields
==========  ===========================================================================================================
screen      serial, start, total, items: a part of the reviews on the screen; each item is id, name, auto, on (, text)
state       everything else, small: phase, serial, busy, notice, count, tags, queue, undo (seconds left, no moments) ...
toggled     id, tag, on (null when the review is not on the screen), page, seq
thumbs      ids (one buffer each), none (ids without a picture), failed (ids that did not come) and error (why)
==========  ===========================================================================================================
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError
from ..model import Lease, Review
from .base import Widget, Worker, joined, styles
from .board_state import BoardState
from .pictures import Thumbnails
from .screen import Notice
from .snapshot import details_of, row_of, snapshot_of

if TYPE_CHECKING:
    from ..client.client import Client

log = logging.getLogger(__name__)

MODULES = ("shared", "thumbs", "store", "grid", "tile", "dialogs", "toolbar", "panels", "board")
STYLES = ("shared.css", "board.css", "overlays.css")

SAVE_SECONDS = 0.15
"""How long toggles are gathered before they are saved together."""

SAVE_AGAIN_SECONDS = (2.0, 4.0, 8.0, 15.0, 30.0)
"""How long to wait before the next try, when saving fails again and again."""

FETCHED_AHEAD = 16
"""How many thumbnails of a new screen are fetched before a page asks for them: what a laptop shows at first."""

FIRST_ITEMS, MORE_ITEMS = 200, 500
"""How many items travel in the first message of a screen, and in each that follows."""


class ReviewBoard(Widget):
    """A grid of reviews with their tags to switch; Next submits them, Prev takes them back while the service allows it.

    The board takes reviews as soon as it is made, and nobody else sees them until they are submitted or given back.
    When the reviewer still holds reviews from before (a restarted kernel, another notebook), it takes none and waits
    for `resume`, `give_back` or `take_new`. Everything a person does in the browser is also a method here, on the same
    state. Tags are saved by the service as they are switched. In the browser an error of the service is one line with
    a Retry; a method called in code raises it too.

    Parameters
    ----------
    client : Client
        Says which team and which reviewer.
    type : {"Image", "Text"}
        What is reviewed.
    subteam : str, optional
        Only reviews of this subteam.
    count : int
        How many reviews to display, 1 to 1,000.

    Raises
    ------
    BadRequest
        For another type, or a count out of range. A service that cannot be reached is shown on the board instead.

    Examples
    --------
    >>> import cmtools as cm
    >>> drafts = [cm.Draft("Lovely weather", "1", type="Text"), cm.Draft("Buy now!", "2", type="Text")]
    >>> with cm.testing.running_service() as service:
    ...     client = service.client("ana")
    ...     ids = client.create_reviews(drafts, progress=False)
    ...     board = cm.ReviewBoard(client, type="Text", count=20)
    ...     print(board)
    ...     board.toggle(ids[1], "r", True)
    ...     board.next()
    ...     print(board)
    ReviewBoard(team='demo', reviewer='ana', 2 on screen)
    True
    2
    ReviewBoard(team='demo', reviewer='ana', all reviewed, 2 submitted here)
    """

    _esm = joined(*(f"{name}.js" for name in MODULES))
    _css = styles(*STYLES)

    def __init__(self, client: Client, type: str = "Image", subteam: str | None = None, count: int = 50) -> None:
        self._client = client
        self._state = BoardState(client, type=type, subteam=subteam, count=count, on_change=self._show)
        self._thumbnails = Thumbnails(client)
        self._steps = Worker("cmtools board", self._on_failure)
        self._pictures = Worker("cmtools pictures", self._on_failure)
        self._page_open = False
        self._told_serial = 0
        self._failed_saves = 0
        super().__init__()
        try:
            self._state.start()
        except CmtoolsError as error:
            log.debug("the board starts without its service: %s", error)
        self._fetch_ahead()

    # -- what is on it -------------------------------------------------------------------------------------------------

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The reviews on the screen, in order."""
        return self._state.reviews

    @property
    def tags(self) -> dict[str, dict[str, bool]]:
        """For each review on the screen, every tag as it stands now (a copy; `toggle` switches)."""
        with self._state.lock:
            return {item.review.id: dict(item.tags) for item in self._state.screen.held}

    @property
    def offer(self) -> tuple[Lease, ...]:
        """What this reviewer still holds from before; as long as there is any, the board waits for a choice."""
        return self._state.offer

    @property
    def count(self) -> int:
        """How many reviews to display. Setting it takes more, or gives back the surplus (untouched ones first)."""
        return self._state.count

    @count.setter
    def count(self, count: int) -> None:
        self._state.set_count(count)

    @property
    def done(self) -> int:
        """How many reviews this board has submitted."""
        return self._state.done

    @property
    def undo_seconds_left(self) -> float:
        """Seconds in which `prev` still takes the last submission back; 0 when there is none."""
        return self._state.undo_window()[0]

    def __repr__(self) -> str:
        return f"ReviewBoard(team={self._client.team_name!r}, reviewer={self._client.reviewer!r}, {self._situation()})"

    def _situation(self) -> str:
        state = self._state
        match state.phase:
            case "offer":
                held = sum(len(lease.reviews) for lease in state.offer)
                return f"{held} held from before: resume(), give_back() or take_new()"
            case "error" | "loading":
                return state.notice.text if state.notice else "not fetched yet: look_again()"
            case "lost":
                return f"{len(state.screen.items)} no longer yours: look_again()"
            case "finished":
                return f"all reviewed, {state.done} submitted here"
            case "empty":
                return "nothing waits: look_again()"
        return f"{len(state.reviews)} on screen"

    # -- what a reviewer does ------------------------------------------------------------------------------------------

    def toggle(self, review_id: str, tag: str, on: bool | None = None) -> bool:
        """Switch a tag of a review on the screen, or set it to ``on``; its new value. It is saved a moment later.

        Raises
        ------
        NotFound
            The review is not on the screen.
        BadTag
            The team has no such tag, or does not show it to reviewers.
        LeaseLost
            The review is no longer this reviewer's.
        """
        value = self._state.toggle(review_id, tag, on)
        self._tell_tag(review_id, tag, value)
        return value

    def next(self) -> int:
        """Submit everything on the screen, with every tag as it stands, and show what comes next.

        Returns
        -------
        int
            How many reviews were submitted; 0 when the screen was empty.

        Raises
        ------
        LeaseLost
            None of them is this reviewer's any more; nothing was submitted.
        """
        return self._state.next()

    def prev(self) -> int:
        """Take the last submission back; how many reviews came back. The screen that was showing comes next.

        Raises
        ------
        UndoWindowClosed
            There is nothing, or nothing any more, to take back.
        """
        return self._state.prev()

    def resume(self) -> None:
        """Go on with what was offered, with the toggles made then; the board or notebook that had it loses it."""
        self._state.resume()

    def give_back(self) -> None:
        """Put what was offered back into the queue and take new reviews; without an offer, give back the screen."""
        self._state.give_back()

    def take_new(self) -> None:
        """Leave what was offered where it is and take other reviews."""
        self._state.take_new()

    def look_again(self) -> None:
        """Drop what is no longer this reviewer's and look for reviews."""
        self._state.look_again()

    # -- telling the browser -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Send the state, with the items before it if the set of items is another."""
        if not self._page_open:
            return
        with self._sending:
            with self._state.lock:
                snapshot = snapshot_of(self._state)
                serial = self._state.screen.serial
                rows = []
                if serial != self._told_serial:
                    rows = [row_of(item) for item in self._state.screen.items.values()]
            if serial == self._told_serial:
                self.tell(snapshot)
                return
            self._told_serial = serial
            self._fetch_ahead()
            about = {"type": "screen", "serial": serial, "total": len(rows)}
            self.tell({**about, "start": 0, "items": rows[:FIRST_ITEMS]})
            self.tell(snapshot)
            for start in range(FIRST_ITEMS, len(rows), MORE_ITEMS):
                self.tell({**about, "start": start, "items": rows[start : start + MORE_ITEMS]})

    def _fetch_ahead(self) -> None:
        """Have the first thumbnails at hand when a page asks; what goes wrong is told to the page that asks."""
        ids = [review.id for review in self.reviews[:FETCHED_AHEAD] if review.type == "Image"]

        def fetch() -> None:
            with suppress(CmtoolsError):
                for _ in self._thumbnails.batches(ids):
                    pass

        if ids:
            self._pictures.do(fetch)

    def _tell_tag(self, review_id: str, tag: str, on: bool | None, page: object = None, seq: object = None) -> None:
        if self._page_open:
            self.tell({"type": "toggled", "id": review_id, "tag": tag, "on": on, "page": page, "seq": seq})
        self._steps.later(SAVE_SECONDS, "save", self._save)

    def _save(self) -> None:
        if self._state.save():
            self._failed_saves = 0
            return
        wait = SAVE_AGAIN_SECONDS[min(self._failed_saves, len(SAVE_AGAIN_SECONDS) - 1)]
        self._failed_saves += 1
        self._steps.later(wait, "save", self._save)

    def _on_failure(self, error: Exception) -> None:
        """Show an error, unless the step that failed has shown it; log it when it is none that we foresee."""
        if not isinstance(error, CmtoolsError):
            log.warning("the review board met an error of its own", exc_info=error)
            self._state.notice = Notice("error", f"{type(error).__name__}: {error}")
        elif self._state.notice is None:
            self._state.notice = Notice("error", str(error))
        self._show()

    # -- what the browser asks -----------------------------------------------------------------------------------------

    def _do(self, message: Mapping[str, Any], step: Callable[[], object]) -> None:
        """Run a step on the worker thread, and say when it is over, however it went."""

        def run() -> None:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - shown on the board, and logged unless it is the service's
                self._on_failure(error)
            finally:
                self.tell({"type": "done", "page": message.get("page"), "n": message.get("n")})

        self._steps.do(run)

    def _hear_ready(self, _message: Mapping[str, Any]) -> None:
        self._page_open = True
        self._told_serial = 0
        self._show()

    def _hear_alive(self, _message: Mapping[str, Any]) -> None:
        self.tell({"type": "alive"})
        self._steps.do(self._state.beat)

    def _hear_toggle(self, message: Mapping[str, Any]) -> None:
        review_id, tag = str(message.get("id")), str(message.get("tag"))
        value: bool | None
        try:
            value = self._state.toggle(review_id, tag, bool(message.get("on")))
        except CmtoolsError:
            value = self.tags.get(review_id, {}).get(tag)
        self._tell_tag(review_id, tag, value, message.get("page"), message.get("seq"))

    def _hear_thumbs(self, message: Mapping[str, Any]) -> None:
        wanted = [str(key) for key in message.get("ids", ())]
        with self._state.lock:
            ids = [key for key in wanted if key in self._state.screen.items]
        self._pictures.do(lambda: self._send_thumbnails(ids))

    def _send_thumbnails(self, ids: list[str]) -> None:
        todo = set(ids)
        try:
            for batch in self._thumbnails.batches(ids):
                found = {key: data for key, data in batch.items() if data}
                todo -= set(batch)
                none = [key for key in batch if key not in found]
                self.tell({"type": "thumbs", "ids": list(found), "none": none}, list(found.values()))
        except CmtoolsError as error:
            self.tell({"type": "thumbs", "ids": [], "none": [], "failed": sorted(todo), "error": str(error)})

    def _hear_details(self, message: Mapping[str, Any]) -> None:
        with self._state.lock:
            item = self._state.screen.items.get(str(message.get("id")))
        if item is None:
            return
        self.tell({"type": "details", **details_of(item)})
        if item.review.type == "Image":
            self._pictures.do(lambda: self._send_picture(item.review.id))

    def _send_picture(self, review_id: str) -> None:
        try:
            self.tell({"type": "picture", "id": review_id}, [self._client.picture(review_id)])
        except CmtoolsError as error:
            self.tell({"type": "picture", "id": review_id, "error": str(error)})

    def _hear_next(self, message: Mapping[str, Any]) -> None:
        self._do(message, lambda: self._state.next(message.get("serial")))

    def _hear_prev(self, message: Mapping[str, Any]) -> None:
        self._do(message, lambda: self._state.prev(message.get("serial")))

    def _hear_resume(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.resume)

    def _hear_give_back(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.give_back)

    def _hear_take_new(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.take_new)

    def _hear_look_again(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.look_again)

    def _hear_retry(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.retry)

    def _hear_count(self, message: Mapping[str, Any]) -> None:
        self._do(message, lambda: self._state.set_count(int(message.get("count", 0))))

    def _hear_move(self, message: Mapping[str, Any]) -> None:
        self._do(message, lambda: self._state.move(str(message.get("id")), str(message.get("subteam"))))
