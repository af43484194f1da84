"""What a board's browser side and Python side say to each other. It decides nothing: `BoardState` does.

The browser asks and Python answers, in messages that are JSON objects with a ``type``. Asked for by the browser:

==============  =======================================  ==============================================================
type            fields                                   answer
==============  =======================================  ==============================================================
ready                                                    ``screen`` and ``state``: a view has opened
toggle          id, tag, on, page, seq                   ``toggled`` with the value that now holds
toggle_all      changes (id, tag, on), page, seq         ``toggled_all`` with the values that now hold
thumbs          ids, size or veiled, soon                ``thumbs``, several, each with one buffer per id of ``ids``
find            words, page                              ``found``: page, serial, words, ids, fault (why not)
next, prev      serial, page, n                          ``state``, then ``done`` with page and n
move_back       page, n                                  likewise: what was moved last goes back where it was
subteams                                                 ``state``, when there are others than were known
resume, give_back, take_new, look_again, retry, count (count), hold (ids, seconds), take_held (ids), move (id or ids,
subteam): likewise
order           order                                    reviews are fetched in this order from now on
veil            blur, grey, page, seq                    ``care``: blur and grey are kept for this reviewer
seen            list (id, seconds), worked, page, seq    ``care``: reveals that have ended are counted
rested                                                   ``care``: the reviewer had a break
alive           idle (seconds), page                     ``alive``: page, heard and done (its last step), serial, busy;
                                                         the page is open, so leases are renewed
==============  =======================================  ==============================================================

Sent to every view of the board:

===========  ==========================================================================================================
type         fields
===========  ==========================================================================================================
screen       serial, start, total, items: a part of the reviews on the screen; each item is id, name, auto, on (, text);
             with ``packed`` the items are one compressed buffer
state        everything else, small: phase, serial, busy, notice, count, tags, queue, undo (seconds left, no moments)
care         care: blur, grey, reveals and seconds of today, most, rest (a break is due); it is in ``state`` too
alike        serial, groups: ids of near-duplicates that stand together
toggled      id, tag, on (null when the review is not on the screen), page, seq
thumbs       ids (one buffer each), none (ids without a picture), failed (ids that did not come), error (why), veiled
===========  ==========================================================================================================

Each item also has ``blind``, where what the automatic side said of it is kept away, and on an adjudicator's board
``said``: how many gave an answer, how many of them set each tag, on how many frames they differ; no names.
Of the details, of videos, of known answers: see ``details.py``, ``videos.py`` and ``board_feedback.py``.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..content.near import near_groups
from ..errors import BadRequest, CmtoolsError
from .base import Worker
from .board_pictures import BoardPictures
from .finding import matching
from .screen import Notice
from .snapshot import row_of, snapshot_of

if TYPE_CHECKING:
    from ..client.client import Client

log = logging.getLogger(__name__)

SAVE_SECONDS = 0.15
"""How long toggles are gathered before they are saved together."""

SAVE_AGAIN_SECONDS = (2.0, 4.0, 8.0, 15.0, 30.0)
"""How long to wait before the next try, when saving fails again and again."""

AWAY_SECONDS = 3.0
"""How often a service that is away is looked for, while a page is open."""

REST_SECONDS = 0.25
"""How long the first rows and pictures of a large screen have the way to themselves."""

FETCHED_AHEAD = 24
"""How many pictures of a new screen are fetched before a page asks for them: what a laptop shows at first."""

FIRST_ITEMS, MORE_ITEMS = 120, 1_000
"""How many items travel in the first message of a screen, and in each that follows."""

IDLE_SECONDS = 240.0
"""After how long without anybody at work what was fetched ahead is given back."""


class BoardTalk(BoardPictures):
    """The part of a board that hears and tells."""

    _client: Client

    def __init__(self, **traits: Any) -> None:
        self._steps = Worker("cmtools board", self._on_failure)
        self._quiet = Worker("cmtools care", self._on_failure)
        self._lookout = Worker("cmtools lookout", self._on_failure)
        self._page_open = False
        self._told_serial = 0
        self._told_rows = 0
        self._heard_steps: dict[str, int] = {}
        self._done_steps: dict[str, int] = {}
        self._failed_saves = 0
        super().__init__(**traits)

    # -- telling the browser -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Send the state, with the first items before it if the set of items is another; the rest comes soon after."""
        if not self._page_open:
            return
        if self._state.away:
            self._lookout.later(AWAY_SECONDS, "away", self._look_for_service)
        with self._sending:
            with self._state.lock:
                snapshot = snapshot_of(self._state) | {"care": self._care_of()}
                serial, items = self._state.screen.serial, list(self._state.screen.items.values())
            if serial != self._told_serial:
                self._told_serial, self._told_rows = serial, min(len(items), FIRST_ITEMS)
                rows = [row_of(item) for item in items[:FIRST_ITEMS]]
                self._push_pictures([item.review.id for item in items[:FETCHED_AHEAD]])
                self.tell({"type": "screen", "serial": serial, "start": 0, "total": len(items), "items": rows})
                if self._state.type == "Image":
                    self._quiet.later(REST_SECONDS * 2, "alike", self._tell_alike)
            self.tell(snapshot)
            if len(items) > self._told_rows:
                self._quiet.later(REST_SECONDS, "rest", self._tell_rest)

    def _look_for_service(self) -> None:
        if self._state.away and not self._state.come_back():
            self._lookout.later(AWAY_SECONDS, "away", self._look_for_service)

    def _tell_rest(self) -> None:
        """Send the rows that the browser does not have yet, compressed."""
        while True:
            with self._sending:
                with self._state.lock:
                    serial, items = self._state.screen.serial, list(self._state.screen.items.values())
                start = self._told_rows
                if serial != self._told_serial or start >= len(items):
                    break
                part = [row_of(item) for item in items[start : start + MORE_ITEMS]]
                self._told_rows = start + len(part)
                packed = zlib.compress(json.dumps(part, separators=(",", ":")).encode(), 6)
                about = {"type": "screen", "serial": serial, "start": start, "total": len(items), "packed": True}
                self.tell(about, [packed])
        if self._state.type == "Image":
            self._quiet.later(REST_SECONDS * 2, "alike", self._tell_alike)

    def _tell_alike(self) -> None:
        with self._state.lock:
            serial = self._state.screen.serial
            hashes = {key: item.review.picture_hash for key, item in self._state.screen.items.items()}
        if groups := near_groups(hashes):
            self.tell({"type": "alike", "serial": serial, "groups": [list(group) for group in groups]})

    def _care_of(self) -> dict[str, object]:
        team = self._state.team
        return self._care.snapshot(team.break_after_seconds if team else None)

    def _tell_care(self) -> None:
        if self._page_open:
            self.tell({"type": "care", "care": self._care_of()})

    def _has_ahead(self) -> None:
        """The next screen is here: fetch its first pictures too."""
        self._fetch_ahead([review.id for review in self._state.ahead[:FETCHED_AHEAD]])
        self._show()

    def _tell_tag(self, review_id: str, tag: str, on: bool | None, page: object = None, seq: object = None) -> None:
        if self._page_open:
            self.tell({"type": "toggled", "id": review_id, "tag": tag, "on": on, "page": page, "seq": seq})
        self._save_later()

    def _save_later(self) -> None:
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

    def _tell_known(self) -> None:
        """Tell what was known of reviews that were decided here, if anything."""
        raise NotImplementedError

    # -- what the browser asks -----------------------------------------------------------------------------------------

    def _do(self, message: Mapping[str, Any], step: Callable[[], object]) -> None:
        """Run a step on the worker thread, and say when it is over, however it went."""
        page, number = str(message.get("page")), int(message.get("n") or 0)
        self._heard_steps[page] = number

        def run() -> None:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - shown on the board, and logged unless it is the service's
                self._on_failure(error)
            finally:
                self._done_steps[page] = number
                self.tell({"type": "done", "page": page, "n": number})

        self._steps.do(run)

    def _hear_ready(self, _message: Mapping[str, Any]) -> None:
        self._page_open = True
        self._told_serial = 0
        self._show()
        self._tell_known()
        self._state.attend(True)

    def _hear_alive(self, message: Mapping[str, Any]) -> None:
        self._tell_alive(str(message.get("page")))
        self._state.attend(float(message.get("idle") or 0) < IDLE_SECONDS)
        self._steps.do(self._state.beat)
        self._quiet.later(IDLE_SECONDS, "gone", lambda: self._state.attend(False))

    def _tell_alive(self, page: str) -> None:
        """What a page compares with what it has heard: so it finds out which message was lost, if any."""
        heard, done = self._heard_steps.get(page, 0), self._done_steps.get(page, 0)
        with self._state.lock:
            serial, busy = self._state.screen.serial, self._state.busy
        self.tell({"type": "alive", "page": page, "heard": heard, "done": done, "serial": serial, "busy": busy})

    def _hear_toggle(self, message: Mapping[str, Any]) -> None:
        review_id, tag = str(message.get("id")), str(message.get("tag"))
        value = self._switched(review_id, tag, bool(message.get("on")))
        self._tell_tag(review_id, tag, value, message.get("page"), message.get("seq"))

    def _hear_toggle_all(self, message: Mapping[str, Any]) -> None:
        with self._state.lock:
            changes = [
                [str(review_id), str(tag), self._switched(str(review_id), str(tag), bool(on))]
                for review_id, tag, on in message.get("changes", ())
            ]
        about = {"type": "toggled_all", "page": message.get("page"), "seq": message.get("seq")}
        self.tell({**about, "changes": changes})
        self._save_later()

    def _switched(self, review_id: str, tag: str, on: bool) -> bool | None:
        """Switch a tag; the value that holds then, also when it was refused; None for a review that is not here."""
        try:
            return self._state.toggle(review_id, tag, on)
        except CmtoolsError:
            with self._state.lock:
                item = self._state.screen.items.get(review_id)
                return item.tags.get(tag) if item else None

    def _hear_find(self, message: Mapping[str, Any]) -> None:
        words, ids, fault = str(message.get("words", "")), list[str](), ""
        serial = self._state.screen.serial
        try:
            serial, ids = self._found(words)
        except BadRequest as error:
            fault = str(error)
        about = {"type": "found", "page": message.get("page"), "serial": serial, "words": words}
        self.tell({**about, "ids": ids, "fault": fault})

    def _found(self, words: str) -> tuple[int, list[str]]:
        """The serial of the screen, and its reviews that the words hold for."""
        with self._state.lock:
            team, screen = self._state.team, self._state.screen
            serial, items = screen.serial, list(screen.items.values())
        return serial, matching(items, words, [tag.short_code for tag in team.tags.visible] if team else [])

    def _hear_veil(self, message: Mapping[str, Any]) -> None:
        page, number = str(message.get("page")), int(message.get("seq", 0))
        self._care.choose(bool(message.get("blur")), bool(message.get("grey")), page, number)
        self._tell_care()
        self._quiet.do(self._remember)

    def _remember(self) -> None:
        with suppress(CmtoolsError):
            self._care.remember()

    def _hear_seen(self, message: Mapping[str, Any]) -> None:
        page, number = str(message.get("page")), int(message.get("seq", 0))
        reveals = [(str(key), float(seconds)) for key, seconds in message.get("list", ())]
        self._care.see(page, number, reveals, float(message.get("worked") or 0))
        self._quiet.do(self._count_reveals)

    def _count_reveals(self) -> None:
        with suppress(CmtoolsError):
            self._care.send()
        self._tell_care()

    def _hear_rested(self, _message: Mapping[str, Any]) -> None:
        self._care.rested()
        self._tell_care()

    def _hear_order(self, message: Mapping[str, Any]) -> None:
        self._steps.do(lambda: self._state.set_order(str(message.get("order"))))

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

    def _hear_hold(self, message: Mapping[str, Any]) -> None:
        ids, seconds = [str(key) for key in message.get("ids", ())], float(message.get("seconds", 0))
        self._do(message, lambda: self._state.hold(ids, seconds))

    def _hear_take_held(self, message: Mapping[str, Any]) -> None:
        self._do(message, lambda: self._state.take_held([str(key) for key in message.get("ids", ())]))

    def _hear_move(self, message: Mapping[str, Any]) -> None:
        ids = [str(key) for key in message.get("ids", ())] or [str(message.get("id"))]
        self._do(message, lambda: self._state.move(ids, str(message.get("subteam"))))

    def _hear_move_back(self, message: Mapping[str, Any]) -> None:
        self._do(message, self._state.move_back)

    def _hear_subteams(self, _message: Mapping[str, Any]) -> None:
        self._quiet.do(self._state.look_for_subteams)
