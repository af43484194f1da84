"""What a board's video cards are told: frames and transcript. Switching is `BoardState`'s.

Asked for by the browser, in messages as at the top of ``board.py``:

==============  ==========================  ==========================================================================
type            fields                      answer
==============  ==========================  ==========================================================================
frames          id                          ``frames``, several: id, start, total, frames; each frame is its
                                            milliseconds, codes that are on, codes that auto said on, codes that auto
                                            named (each with blanks between), and its highest score or null;
                                            on an adjudicator's board also how many set each tag on which
                                            reviewers differ
frame_toggle    id, at, tag, on, page, seq  ``frame_toggled`` with the value that now holds
transcript      id                          ``transcript``: id, lines (start, end, text, marks) or error
==============  ==========================  ==========================================================================

A video may have 10,000 frames, so a card's browser side gets them in parts, and asks for pictures near its view only:
by ``thumbs``, each frame being named "review id@milliseconds".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError, NotFound
from ..model import Frame
from .base import Widget, Worker
from .cues import cues_of
from .opinions import differing, frame_counts_of
from .screen import Item

if TYPE_CHECKING:
    from ..client.client import Client
    from .board_state import BoardState

FRAMES_AT_ONCE = 1_000
"""How many frames travel in one message."""


class Videos(Widget):
    """The part of a board that answers its video cards."""

    _client: Client
    _state: BoardState
    _page_open: bool

    def __init__(self, **traits: Any) -> None:
        self._reels = Worker("cmtools frames", self._on_failure)
        super().__init__(**traits)

    def _hear_frames(self, message: Mapping[str, Any]) -> None:
        if (item := self._video(message.get("id"))) is None:
            return
        with self._state.lock:
            rows = [frame_row(item, frame) for frame in item.review.frames]
        about = {"type": "frames", "id": item.review.id, "total": len(rows)}
        for start in range(0, max(1, len(rows)), FRAMES_AT_ONCE):
            self.tell({**about, "start": start, "frames": rows[start : start + FRAMES_AT_ONCE]})

    def _hear_frame_toggle(self, message: Mapping[str, Any]) -> None:
        review_id, tag = str(message.get("id")), str(message.get("tag"))
        moment = int(message.get("at", -1))
        value: bool | None
        try:
            value = self._state.toggle(review_id, tag, bool(message.get("on")), frame=moment)
        except CmtoolsError:
            value = self._frame_tag(review_id, moment, tag)
        self._tell_frame_tag(review_id, moment, tag, value, message.get("page"), message.get("seq"))

    def _frame_tag(self, review_id: str, moment: int, tag: str) -> bool | None:
        """What holds of a frame's tag; None where there is no such tag, frame or video."""
        item = self._video(review_id)
        try:
            return item.frame_tags(moment).get(tag) if item else None
        except NotFound:
            return None

    def _tell_frame_tag(
        self, review_id: str, moment: int, tag: str, on: bool | None, page: object = None, seq: object = None
    ) -> None:
        """Tell every view what holds of a frame, and save it a moment later."""
        about = {"id": review_id, "at": moment, "tag": tag, "on": on, "page": page, "seq": seq}
        if self._page_open:
            self.tell({"type": "frame_toggled", **about})
        self._save_later()

    def _save_later(self) -> None:
        """Save what was switched, a moment from now."""
        raise NotImplementedError

    def _hear_transcript(self, message: Mapping[str, Any]) -> None:
        if item := self._video(message.get("id")):
            self._reels.do(lambda: self._send_transcript(item.review.id))

    def _send_transcript(self, review_id: str) -> None:
        about = {"type": "transcript", "id": review_id}
        try:
            lines = [
                [cue.start, cue.end, cue.text, [list(mark) for mark in cue.marks]]
                for cue in cues_of(self._client.transcript(review_id))
            ]
            self.tell({**about, "lines": lines})
        except CmtoolsError as error:
            self.tell({**about, "lines": [], "error": str(error)})

    def _video(self, review_id: object) -> Item | None:
        with self._state.lock:
            item = self._state.screen.items.get(str(review_id))
        return item if item is not None and item.review.type == "Video" else None


def frame_row(item: Item, frame: Frame) -> list[object]:
    """What the browser is told of one frame: short, for there may be thousands."""
    codes = item.tags
    on = [code for code, value in item.frame_tags(frame.timestamp, frame).items() if value]
    auto = [code for code, value in frame.auto_tags.items() if value and code in codes]
    said = [code for code in frame.auto_tags if code in codes]
    score = max(frame.scores.values(), default=None)
    row: list[object] = [frame.timestamp, " ".join(on), " ".join(auto), " ".join(said), score]
    if item.review.opinions:
        row.append(differing(frame_counts_of(item.review, frame, codes), len(item.review.opinions)))
    return row
