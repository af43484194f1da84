"""What a create form's browser side asks and is answered. The form itself stands beside it; no rule is decided here.

Asked for by the browser (``page`` is the page's own name, ``n`` a number that the answer repeats):

=======  ========================================  =====================================================================
type     fields                                    answer
=======  ========================================  =====================================================================
ready    page                                      ``view``: a page has opened; uploads of others have ended
set      page, n, name, value                      ``view`` with ``heard``: page -> the last n; until then a page shows
                                                   what it has set, and sets it again after a while
all_tag  code, on (null: no word on it)            ``view``, as for all that changes something
tag      key, code, on (null: silent), or forget
rename   key, id
rewrite  key, content
remove   keys
lines    text, whole, page, n                      ``added``: count, or error
table    name, page, n                             ``added``
files    page, first, files: name and size each    ``taken``: first, keys (null where none of it is to be sent)
chunk    page, parts: key, offset, last; buffers   ``got``: key -> how many bytes are here, -1 for no more
where    page, keys                                ``got``
rows     page, n, first, count, show, find         ``rows``: first, total, rows
thumbs   ids                                       ``thumbs``, several, each with one buffer per id of ``ids``
text     page, n, form, key (null: all), whole     ``text``: text, items, of; or error; of one also row, pairs,
                                                   content, cut (whether that is not all of it)
=======  ========================================  =====================================================================

And ``blur`` (on), and without fields ``submit``, ``cancel``, ``clear``, ``dismiss``, ``tables``. ``view`` goes to every
page, at most some ten times a second: all that is small, with a number that rises each time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..content.image import MAX_BYTES, thumbnail
from ..errors import BadRequest, CmtoolsError, NotFound
from ..model import Draft
from .base import Widget, Worker
from .create_blur import Blur
from .create_intake import clean_name, is_table_name
from .create_items import MOST_ENTRIES, Entry, tag_cells
from .create_looking import next_step
from .create_state import CreateState

if TYPE_CHECKING:
    from ..client.client import Client

VIEW_SECONDS = 0.08
THUMB_SIDE, PREVIEW_SIDE = 96, 480
"""The longer sides of small pictures, in pixels; those whose id ends with a star are the larger ones."""
BATCH = 8
MOST_ROWS = 200
MOST_TEXT = 5_000
PREVIEWED = 3
"""How many drafts of many are written out to look at; Copy takes all."""
ASKED: Mapping[str, type | tuple[type, ...]] = {
    "overlap": int,
    "overlap_share": (int, float),
    "final": str,
    "blind": bool,
}
"""What can be set of who is asked about the entries, and as what."""
FORMS = ("body", "curl", "python", "answer")


class Talk(Widget):
    """The messages of a create form; `CreateReviews` is the rest of it."""

    _state: CreateState

    def _begin(self, client: Client) -> None:
        self._blur = Blur(client)
        self._numbers = itertools.count(1)
        self._heard: dict[str, int] = {}
        self._views = Worker("cmtools create views", self._on_failure)
        self._pictures = Worker("cmtools create pictures", self._on_failure)
        self._pictures.do(self._recall)

    def _recall(self) -> None:
        self._blur.recall()
        self._show()

    def _on_failure(self, error: Exception) -> None:
        with self._state.lock:
            self._state.notice = str(error) or type(error).__name__
        self._show()

    def _show(self) -> None:
        """Show, soon, what is."""
        self._views.later(VIEW_SECONDS, "view", lambda: self.tell(self._seen()))

    def _seen(self) -> dict[str, object]:
        state, client = self._state, self._state.client
        with state.lock:
            options = asdict(state.options)
            run = state.run
            return {
                "type": "view",
                "version": next(self._numbers),
                "counts": state.entries.counts(),
                "ready": len(state.entries.to_send()),
                "options": options,
                "heard": dict(self._heard),
                "callback_error": state.callback_error,
                "left_out": state.entries.left_out(),
                "tags": [
                    {"code": tag.short_code, "name": tag.name, "about": tag.description} for tag in state.tags.visible
                ],
                "subteams": list(state.subteams),
                "missing": state.missing_tags(),
                "who": {"team": client.team_name, "reviewer": client.reviewer or "", "url": client.url},
                "tagger": state.tagger_name,
                "notice": state.notice,
                "blur": self._blur.on,
                "limits": {"bytes": MAX_BYTES, "entries": MOST_ENTRIES},
                "run": None
                if run is None
                else {
                    "running": not run.ended.is_set(),
                    "stopping": run.stopping,
                    "error": str(run.error or ""),
                    **{name: getattr(run, name) for name in ("total", "done", "created", "existed", "failed")},
                },
                "tables": self._table_names(),
            }

    def _table_names(self) -> list[str]:
        raise NotImplementedError

    # Changes ----------------------------------------------------------------------------------------------------------

    def _hear_ready(self, message: Mapping[str, Any]) -> None:
        with self._state.lock:
            for entry in self._state.entries:
                if entry.state == "arriving" and entry.page != message.get("page"):
                    reason = "its page was closed before all of it was here: remove it, and add the file again"
                    self._state.entries.mark(entry, "refused", reason)
        self.tell(self._seen())

    def _hear_set(self, message: Mapping[str, Any]) -> None:
        page, number = str(message.get("page")), int(message.get("n", 0))
        if 0 < number <= self._heard.get(page, 0):
            return  # said again, and something newer may hold by now
        try:
            self._choose(message.get("name"), message.get("value"))
        finally:
            self._heard[page] = number
            self._show()

    def _choose(self, name: object, value: Any) -> None:
        if name in ("type", "batch") and isinstance(value, str):
            setattr(self, name, value)
        elif name == "callback" and isinstance(value, str):
            self._set(callback=value.strip())  # kept as typed, good or not: the view says which
        elif name == "subteam" and isinstance(value, str):
            self._set(subteam=value or None)
        elif name == "new_tags" and isinstance(value, bool):
            self._set(new_tags=value)
        elif isinstance(name, str) and name in ASKED and (value is None or isinstance(value, ASKED[name])):
            setattr(self, name, value)

    def _set(self, **values: Any) -> None:
        raise NotImplementedError

    def _hear_all_tag(self, message: Mapping[str, Any]) -> None:
        state, on = self._state, _switch(message.get("on"))
        with state.lock:
            code = state.tags.require(str(message.get("code"))).short_code
            tags = {key: value for key, value in state.options.tags.items() if key != code}
        self._set(tags=tags if on is None else {**tags, code: on})

    def _hear_tag(self, message: Mapping[str, Any]) -> None:
        entry, code = self._state.entries[str(message.get("key"))], str(message.get("code"))
        if message.get("forget"):
            self._state.forget_tag(entry, code)
        else:
            self._state.change(entry, tags={code: _switch(message.get("on"))})

    def _hear_rename(self, message: Mapping[str, Any]) -> None:
        self._state.change(self._state.entries[str(message.get("key"))], content_id=str(message.get("id", "")))

    def _hear_rewrite(self, message: Mapping[str, Any]) -> None:
        self._state.change(self._state.entries[str(message.get("key"))], content=str(message.get("content", "")))

    def _hear_remove(self, message: Mapping[str, Any]) -> None:
        self._state.remove([str(key) for key in message.get("keys", ())])

    def _hear_clear(self, _message: Mapping[str, Any]) -> None:
        self._state.clear()

    def _hear_submit(self, _message: Mapping[str, Any]) -> None:
        self._state.submit()

    def _hear_cancel(self, _message: Mapping[str, Any]) -> None:
        self._state.cancel()

    def _hear_dismiss(self, _message: Mapping[str, Any]) -> None:
        self._state.notice = ""
        self._show()

    def _hear_blur(self, message: Mapping[str, Any]) -> None:
        self._blur.choose(bool(message.get("on")))
        self._pictures.do(self._blur.remember)
        self._show()

    def _hear_tables(self, _message: Mapping[str, Any]) -> None:
        self._show()

    # Taking in --------------------------------------------------------------------------------------------------------

    def _hear_lines(self, message: Mapping[str, Any]) -> None:
        text, whole = str(message.get("text", "")), bool(message.get("whole"))
        self._add(message, lambda: self._state.add_lines(text, whole=whole))

    def _hear_table(self, message: Mapping[str, Any]) -> None:
        self._add(message, lambda: self._state.add_table(self._table(str(message.get("name")))))

    def _table(self, name: str) -> Any:
        raise NotImplementedError

    def _add(self, message: Mapping[str, Any], add: Any) -> None:
        answer = {"type": "added", "page": message.get("page"), "n": message.get("n")}
        try:
            self.tell({**answer, "count": add()})
        except CmtoolsError as error:
            self.tell({**answer, "error": str(error)})

    def _hear_files(self, message: Mapping[str, Any]) -> None:
        page, keys, state = str(message.get("page")), [], self._state
        with state.lock:
            for given, size in message.get("files", ()):
                keys.append(self._place(clean_name(given), int(size), page))
        self.tell({"type": "taken", "page": page, "first": message.get("first"), "keys": keys})
        self._show()

    def _place(self, name: str, size: int, page: str) -> str | None:
        """Make room for a file; its key, or None where none of it is to be sent."""
        state = self._state
        try:
            entry = state.entries.add(
                name, Draft(name.rsplit("/", 1)[-1], name), state="arriving", size=size, page=page
            )
        except BadRequest as error:
            state.notice = error.message
            return None
        if size > MAX_BYTES or not size:
            reason = (
                "the file is empty" if not size else f"it has {size / 1e6:,.0f} MB; the most is {MAX_BYTES // 10**6} MB"
            )
            state.entries.mark(entry, "refused", reason)
            return None
        entry.draft = Draft(entry.draft.content, name, path=state.intake.place(entry.key, name))
        return entry.key

    def _hear_chunk(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        got: dict[str, int] = {}
        for part, data in zip(message.get("parts", ()), buffers, strict=True):
            key = str(part["key"])
            got[key] = self._put(key, int(part["offset"]), data)
        self.tell({"type": "got", "page": message.get("page"), "got": got})
        self._show()

    def _put(self, key: str, offset: int, data: Any) -> int:
        """Put a piece of a file down; how much of it is here, or -1 when no more of it is wanted."""
        state = self._state
        with state.lock:
            entry = state.entries.get(key)
            if entry is None or entry.state != "arriving" or entry.draft.path is None:
                return entry.size if entry is not None and entry.state != "refused" else -1
            try:
                entry.received = state.intake.write(entry.draft.path, offset, data)
            except (BadRequest, OSError) as error:
                state.entries.mark(entry, "refused", str(error))
                return -1
            if entry.received < entry.size:
                return entry.received
        if is_table_name(entry.name):
            self._unfold(entry)
        else:
            state.arrived(entry)
        return entry.received

    def _unfold(self, entry: Entry) -> None:
        """A table that has arrived becomes its rows."""
        state = self._state
        try:
            state.add_table(entry.draft.path, trusted=False)
        except CmtoolsError as error:
            with state.lock:
                state.entries.mark(entry, "refused", str(error).replace(str(entry.draft.path), entry.name))
        else:
            state.remove([entry.key])

    def _hear_where(self, message: Mapping[str, Any]) -> None:
        with self._state.lock:
            found = {str(key): self._state.entries.get(key) for key in message.get("keys", ())}
            got = {key: -1 if entry is None else entry.received for key, entry in found.items()}
        self.tell({"type": "got", "page": message.get("page"), "got": got})

    # Looking ----------------------------------------------------------------------------------------------------------

    def _hear_rows(self, message: Mapping[str, Any]) -> None:
        first, count = int(message.get("first", 0)), min(MOST_ROWS, int(message.get("count", 0)))
        state = self._state
        with state.lock:
            found = state.entries.select(str(message.get("show")), str(message.get("find") or ""))
            rows = [self._row(entry) for entry in found[first : first + count]]
        answer = {name: message.get(name) for name in ("page", "n")}
        self.tell({"type": "rows", **answer, "first": first, "total": len(found), "rows": rows})

    def _row(self, entry: Entry) -> dict[str, object]:
        state, draft = self._state, entry.draft
        shows = draft.type == "Image" and (entry.review_id or (draft.path is not None and entry.state != "arriving"))
        standing = state.entries.state_of(entry)
        return {
            "key": entry.key,
            "name": entry.name,
            "id": draft.content_id,
            "type": draft.type,
            "state": standing,
            "reason": state.entries.reason_of(entry),
            "next": next_step(entry, standing),
            "size": entry.size,
            "received": entry.received,
            "review": entry.review_id,
            "tags": tag_cells(entry, state.options.tags, state.tags),
            "thumb": f"{entry.key}{'' if draft.path else '@'}" if shows and entry.state != "refused" else "",
        }

    def _hear_thumbs(self, message: Mapping[str, Any]) -> None:
        ids = [str(key) for key in message.get("ids", ())][:100]
        self._pictures.do(lambda: self._send_thumbs(ids))

    def _send_thumbs(self, ids: list[str]) -> None:
        for start in range(0, len(ids), BATCH):
            found: dict[str, bytes | None] = {}
            error = ""
            for id in ids[start : start + BATCH]:
                try:
                    found[id] = self._thumb(id)
                except (CmtoolsError, OSError) as problem:
                    found[id], error = None, str(problem)
            there = {id: data for id, data in found.items() if data}
            none = [id for id in found if id not in there]
            self.tell({"type": "thumbs", "ids": list(there), "none": none, "error": error}, list(there.values()))

    def _thumb(self, id: str) -> bytes | None:
        """A small picture: of a file that is here, else the one that the service keeps of a created review."""
        side = PREVIEW_SIDE if id.endswith("*") else THUMB_SIDE
        entry = self._state.entries.get(id.rstrip("@*"))
        if entry is None:
            return None
        if entry.draft.path is not None:
            return thumbnail(entry.draft.path.read_bytes(), side)
        return self._state.client.thumbnails([entry.review_id], side).get(entry.review_id) if entry.review_id else None

    def _hear_text(self, message: Mapping[str, Any]) -> None:
        answer: dict[str, object] = {name: message.get(name) for name in ("page", "n", "form", "key")}
        self._pictures.do(lambda: self.tell({"type": "text", **answer, **self._text(message)}))

    def _text(self, message: Mapping[str, Any]) -> dict[str, object]:
        form, key = str(message.get("form")), message.get("key")
        try:
            with self._state.lock:
                entry = None if key is None else self._state.entries[str(key)]
                chosen = self._state.entries.to_send() if entry is None else [entry]
                drafts = [self._state.draft_of(one) for one in chosen if one.state != "arriving"]
            shown = drafts if message.get("whole") else drafts[:PREVIEWED]
            told: dict[str, object] = {"items": len(shown), "of": len(drafts)}
            if entry is not None:
                draft = self._state.draft_of(entry)
                told |= {"row": self._row(entry), "pairs": [list(pair) for pair in draft.metadata]}
                if draft.path is None and not entry.size:
                    told |= {"content": draft.content[:MOST_TEXT], "cut": len(draft.content) > MOST_TEXT}
            return {**told, "text": self._written(form, shown)}
        except (CmtoolsError, OSError) as error:
            return {"error": str(error), "gone": isinstance(error, NotFound)}

    def _written(self, form: str, drafts: list[Draft]) -> str:
        raise NotImplementedError


def _switch(on: object) -> bool | None:
    if on is None or isinstance(on, bool):
        return on
    raise BadRequest(f"a tag is on (true), off (false) or not named (null), not {on!r}")
