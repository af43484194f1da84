"""What a board says of golden items that were just decided, where the team wants it said. It decides nothing.

A golden item is told apart by nobody before its decision is final; so the board asks once the time to take a
submission back is over, in the background. What went well is only counted: a reviewer is not interrupted for it.

Sent to every view, and again to one that opens:

=====  ================================================================================================================
type   fields
=====  ================================================================================================================
known  items: id, name, known, had (what differed, until it was dismissed); right, of: how many known answers were
       matched, of how many, since the board was opened
=====  ================================================================================================================

Heard: ``known_read`` with ids: a reviewer has dismissed these.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError
from ..model import Feedback
from ..tags import TagSet
from .base import Widget, Worker
from .screen import Batch

if TYPE_CHECKING:
    from ..client.client import Client
    from .board_state import BoardState

ASK_SECONDS = (1.0, 8.0)
"""How long after the time to take a submission back the board asks; twice, for a service that is late with it."""

MOST_SHOWN = 50
"""How many known answers wait to be read at most; of more, the oldest are dropped."""

A_LITTLE = timedelta(seconds=1)


class BoardFeedback(Widget):
    """The part of a board that tells of golden items; the team's setting decides whether it does."""

    _client: Client
    _state: BoardState
    _quiet: Worker
    _page_open: bool

    def __init__(self, **traits: Any) -> None:
        self._told_ids: set[str] = set()
        self._unread: dict[str, dict[str, str]] = {}
        self._right = 0
        super().__init__(**traits)

    @property
    def _gives_feedback(self) -> bool:
        team = self._state.team
        return bool(team and team.golden_feedback) and not self._state.adjudicate

    def _ask_soon(self, batch: Batch) -> None:
        """Ask what was known of a submission, once it is final."""
        if not batch.submissions or not self._gives_feedback:
            return
        since = min(submission.created_at for submission in batch.submissions) - A_LITTLE
        for seconds in ASK_SECONDS:
            self._quiet.later(batch.window_seconds + seconds, "", lambda: self._ask_feedback(since))

    def _ask_feedback(self, since: datetime) -> None:
        """Ask, and tell what is new; when nobody answers, it is left at that."""
        with suppress(CmtoolsError):
            found = self._client.feedback(after=since)
            if self._take_feedback(found):
                self._tell_known()

    def _take_feedback(self, found: list[Feedback]) -> bool:
        """Keep what is to be told; whether anything is new."""
        team = self._state.team
        with self._state.lock:
            fresh = [each for each in found if each.review_id not in self._told_ids]
            for each in fresh:
                self._told_ids.add(each.review_id)
                if told := feedback_row(each, team.tags if team else TagSet()):
                    self._unread[each.review_id] = told
                else:
                    self._right += 1
            for key in list(self._unread)[:-MOST_SHOWN]:
                del self._unread[key]
        return bool(fresh)

    def _tell_known(self) -> None:
        with self._state.lock:
            known = {"items": list(self._unread.values()), "right": self._right, "of": len(self._told_ids)}
        if self._page_open and known["of"]:
            self.tell({"type": "known", **known})

    def _hear_known_read(self, message: Mapping[str, Any]) -> None:
        with self._state.lock:
            for key in message.get("ids", ()):
                self._unread.pop(str(key), None)
        self._tell_known()


def feedback_row(feedback: Feedback, tags: TagSet) -> dict[str, str] | None:
    """What a reviewer is told of a golden item, in words; None where they said what is known.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> feedback = Feedback("r1", "photo-7", "Image", {"a": False, "r": False}, {"a": False, "r": True}, at)
    >>> feedback_row(feedback, TagSet())
    {'id': 'r1', 'name': 'photo-7', 'known': 'isracy', 'had': 'not isracy'}
    """
    seen = {tag.short_code: tag.name for tag in tags.visible}
    differing = [code for code, on in feedback.truth.items() if code in seen and feedback.tags.get(code, False) != on]
    if not differing:
        return None
    known = ", ".join(_word(seen[code], feedback.truth[code]) for code in differing)
    had = ", ".join(_word(seen[code], not feedback.truth[code]) for code in differing)
    return {"id": feedback.review_id, "name": feedback.content_id, "known": known, "had": had}


def _word(name: str, on: bool) -> str:
    return name if on else f"not {name}"
