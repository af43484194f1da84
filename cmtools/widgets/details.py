"""What the details pane is told of one review: at once what the board knows, then part by part what the service does.

Asked for by the browser, in messages as at the top of ``board.py``:

=============  ==================  ==================================================================================
type           fields              answer
=============  ==================  ==================================================================================
details        id                  ``details``; then ``part`` for each of notes and history, with their rows or an
                                   error; of a text with flagged words marks too
full           id, at              ``picture`` with one buffer, or its error: in full, of the frame at ``at`` of a video
note           id, text, page, n   ``part`` notes, with page and n; with an error when the note could not be kept
frame          id, at              ``part`` frame: what is known of a video's frame
marks          ids                 ``marks``: where all flagged words of texts stand, by review id
raw            id                  ``part`` raw: the review as JSON
=============  ==================  ==================================================================================

A part that fails says so in its own place, and nothing waits for it. It changes no review.

A golden item must look like any other review that is on a board. So nothing is told by which the two can differ: not
who made a review, whom its caller wants told, of which stratum it is and how much it weighs; and of its history only
what `SHOWN` names. An adjudicator is told what was said, and never who said it: no history, and notes without names.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError, Forbidden
from ..model import AuditEvent, Frame, Note, Review
from ..tags import TagSet
from ..wire import own
from .base import Widget, Worker
from .kinds import TEXT_LIMIT
from .opinions import answers_of
from .terms import marks_of, plain_marks_of, terms_of

if TYPE_CHECKING:
    from ..client.client import Client
    from .board_state import BoardState
    from .screen import Item

LOOK_SECONDS = 0.12
"""How long a review stays before its parts are fetched: arrows held down ask for nothing."""

MOST_EVENTS = 300
MOST_FRAMES = 100
"""How many frames of a video its JSON shows."""

SHOWN = {
    "create": "created",
    "checkout": "taken for review",
    "release": "given back",
    "expire": "given back: the time ran out",
    "take_away": "taken away from the reviewer",
    "hold": "parked",
    "unhold": "back from being parked",
    "submit": "submitted",
    "undo": "submission taken back",
    "finalise": "complete",
    "move": "moved",
    "note": "note written",
    "reveal": "looked at uncovered",
    "take_held": "taken back from being parked",
    "add_frames": "frames added",
    "publish": "published",
    "put_transcript": "transcript put",
    "put_terms": "terms of the transcript put",
    "change": "tags switched",
}
"""The audit events that a reviewer is shown, and what they are called for people."""

TOLD = ("id", "status", "type", "content", "content_id", "subteam", "metadata", "auto_tags", "scores", "created_at")
TOLD_OF_FRAMES = ("timestamp", "image", "name", "metadata", "auto_tags", "scores")
"""What the JSON of a review says of it, and of its frames."""

SOMEBODY = "a colleague"


class Details(Widget):
    """The part of a board that answers its details pane."""

    _client: Client
    _state: BoardState

    def __init__(self, **traits: Any) -> None:
        self._asides = Worker("cmtools details", self._on_failure)
        self._looked_at = ""
        self._looking = threading.Lock()
        super().__init__(**traits)

    def _hear_details(self, message: Mapping[str, Any]) -> None:
        item = self._item_of(message)
        if item is None:
            return
        with self._looking:
            self._looked_at = item.review.id
        team, settles = self._state.team, self._state.adjudicate
        about = details_of(item, team.tags if team else TagSet())
        self.tell({"type": "details", **about, "history": not settles})
        self._asides.later(LOOK_SECONDS, "look", lambda: self._send_parts(item.review))

    def _hear_note(self, message: Mapping[str, Any]) -> None:
        item, text = self._item_of(message), str(message.get("text", ""))
        if item is None:
            return
        review_id, number = item.review.id, message.get("n")

        def write() -> list[dict[str, str]]:
            self._client.add_note(review_id, text)
            return self._notes(item.review)

        self._asides.do(lambda: self._send_part(review_id, "notes", write, n=number, page=message.get("page")))

    def _hear_raw(self, message: Mapping[str, Any]) -> None:
        if item := self._item_of(message):
            self._asides.do(lambda: self._send_part(item.review.id, "raw", lambda: raw_of(item.review)))

    def _hear_marks(self, message: Mapping[str, Any]) -> None:
        wanted = [str(key) for key in message.get("ids", ())]
        with self._state.lock:
            items = self._state.screen.items
            reviews = [items[key].review for key in wanted if key in items]

        def send() -> None:
            found = {review.id: marks_of(review.content[:TEXT_LIMIT], review.metadata) for review in reviews}
            self.tell({"type": "marks", "found": found})

        self._asides.do(send)

    def _item_of(self, message: Mapping[str, Any]) -> Item | None:
        with self._state.lock:
            return self._state.screen.items.get(str(message.get("id")))

    def _send_parts(self, review: Review) -> None:
        """What has to be fetched, as long as this review is the one that is looked at."""

        def history() -> list[dict[str, str]] | None:
            team = self._state.team
            names = {code: tag.name for code, tag in team.tags.items()} if team else {}
            try:
                events = list(islice(self._client.events(review.id), MOST_EVENTS))
            except Forbidden:
                return None
            return [event_row(event, names) for event in events if event.action in SHOWN]

        parts: dict[str, Callable[[], object]] = {"notes": lambda: self._notes(review)}
        if not self._state.adjudicate:
            parts["history"] = history
        if review.type == "Text" and terms_of(review.metadata):
            self._send_part(review.id, "marks", lambda: marks_of(review.content, review.metadata))
        for name, fetch in parts.items():
            with self._looking:
                if self._looked_at != review.id:
                    return
            self._send_part(review.id, name, fetch)

    def _send_part(self, review_id: str, name: str, fetch: Callable[[], object], **more: object) -> None:
        """Send what a part has; the error in its place where that cannot be had."""
        about = {"type": "part", "id": review_id, "part": name, **more}
        try:
            self.tell({**about, "found": fetch()})
        except CmtoolsError as error:
            self.tell({**about, "error": str(error)})

    def _hear_frame(self, message: Mapping[str, Any]) -> None:
        item, moment = self._item_of(message), message.get("at")
        frame = next((each for each in item.review.frames if each.timestamp == moment), None) if item else None
        if item and frame:
            self._send_part(item.review.id, "frame", lambda: frame_rows(frame))

    def _hear_full(self, message: Mapping[str, Any]) -> None:
        item, at = self._item_of(message), message.get("at")
        if item is None:
            return
        review_id, moment = item.review.id, at if isinstance(at, int) else None

        def send() -> None:
            about = {"type": "picture", "id": review_id, "at": moment}
            try:
                if moment is None:
                    self.tell(about, [self._client.picture(review_id)])
                else:
                    self.tell(about, [self._client.frame_picture(review_id, moment)])
            except CmtoolsError as error:
                self.tell({**about, "error": str(error)})

        self._asides.later(0.0, "full", send)

    def _notes(self, review: Review) -> list[dict[str, str]]:
        own = self._client.reviewer if self._state.adjudicate else None
        return [note_row(note, own) for note in self._client.notes(review.id)]


def details_of(item: Item, tags: TagSet) -> dict[str, object]:
    """Everything about a review that is known without asking."""
    review = item.review
    facts = [
        ("Id", review.id),
        ("Content id", review.content_id),
        ("Subteam", review.subteam),
    ]
    about: dict[str, object] = {
        "id": review.id,
        "name": review.content_id,
        "content": review.content,
        "kind": review.type,
        "created": own.write_moment(review.created_at) if review.created_at else "",
        "facts": [list(fact) for fact in facts if fact[1]],
        "metadata": [list(pair) for pair in review.metadata],
        "scores": [[code, tags[code].name if code in tags else code, score] for code, score in review.scores.items()],
    }
    if review.opinions:
        about["answers"] = answers_of(review, tags)
    if review.type == "Text":
        about["marks"] = plain_marks_of(review.content, review.metadata)
    return about


def frame_rows(frame: Frame) -> list[list[str]]:
    """What is known of a video's frame, as rows of a name and a value."""
    rows = [["Name", frame.name]] if frame.name else []
    return [["Milliseconds", str(frame.timestamp)], *rows, ["Picture", frame.image], *map(list, frame.metadata)]


def raw_of(review: Review) -> dict[str, object]:
    """The review as our own API writes it, as far as the pane tells of it, and how many frames were left out."""
    whole = own.write(review)
    written = {name: whole[name] for name in TOLD}
    left_out = len(review.frames) - MOST_FRAMES
    if review.frames:
        written["frames"] = [{name: each[name] for name in TOLD_OF_FRAMES} for each in whole["frames"][:MOST_FRAMES]]
    return {"json": json.dumps(written, indent=2, ensure_ascii=False), "left_out": max(0, left_out)}


def note_row(note: Note, only: str | None = None) -> dict[str, str]:
    """A note as the pane shows it; with ``only`` nobody else is named."""
    who = note.reviewer if only in (None, note.reviewer) else SOMEBODY
    return {"who": who, "at": own.write_moment(note.at), "text": note.text}


def event_row(event: AuditEvent, names: Mapping[str, str]) -> dict[str, str]:
    """An audit event as the pane shows it: who, when, what, and what came of it."""
    who = "" if event.action == "create" else event.reviewer or event.actor
    return {"who": who, "at": own.write_moment(event.at), "what": SHOWN[event.action], "more": _more(event, names)}


def _more(event: AuditEvent, names: Mapping[str, str]) -> str:
    """What an event changed, in a few words."""
    tags = event.after.get("tags")
    if event.action == "submit" and isinstance(tags, Mapping):
        on = [names.get(code, code) for code, value in tags.items() if value]
        return ", ".join(on) or "no tag"
    if event.action == "move":
        return f"{event.before.get('subteam')} to {event.after.get('subteam')}"
    if event.action == "reveal":
        return f"seconds {event.after.get('seconds', '')}"
    if event.action == "create":
        return f"subteam {event.after.get('subteam', '')}"
    return ""
