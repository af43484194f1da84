"""The part of a board that sends pictures: those that are wanted now, then those that may be wanted soon."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import CmtoolsError
from .base import Widget, Worker
from .care import Care
from .pictures import SIZES, VEIL, VEIL_BATCH, Thumbnails

if TYPE_CHECKING:
    from .board_state import BoardState

SOON_SECONDS = 0.05
"""How long pictures that may be wanted soon stand back for those that are wanted now."""


class BoardPictures(Widget):
    """The part of a board that answers ``thumbs``; the messages are listed at the top of ``board_talk.py``."""

    _state: BoardState
    _care: Care
    _thumbnails: Thumbnails

    def __init__(self, **traits: Any) -> None:
        self._pictures = Worker("cmtools pictures", self._on_failure)
        self._asking, self._asked = threading.Lock(), 0
        self._size = SIZES[0]
        super().__init__(**traits)

    @property
    def _shown_size(self) -> int:
        return VEIL if self._care.blur else self._size

    def _push_pictures(self, ids: Sequence[str]) -> None:
        """Send the first pictures of a screen before it where they are at hand, else have them fetched."""
        if self._state.type != "Image":
            return
        found = {key: data for key, data in self._thumbnails.kept(ids, self._shown_size).items() if data}
        if found:
            veiled = self._shown_size == VEIL
            self.tell({"type": "thumbs", "ids": list(found), "none": [], "veiled": veiled}, list(found.values()))
        self._fetch_ahead([key for key in ids if key not in found])

    def _fetch_ahead(self, ids: Sequence[str]) -> None:
        """Have pictures at hand when a page asks; what goes wrong is told to the page that asks."""

        def fetch() -> None:
            with suppress(CmtoolsError):
                for _ in self._thumbnails.batches(ids, self._shown_size):
                    pass

        if ids and self._state.type == "Image":
            self._pictures.do(fetch)

    def _hear_thumbs(self, message: Mapping[str, Any]) -> None:
        wanted, veiled = [str(key) for key in message.get("ids", ())], bool(message.get("veiled"))
        with self._state.lock:
            ids = [key for key in wanted if key.partition("@")[0] in self._state.screen.items]
        size = VEIL if veiled else _size_of(message.get("size"))
        if not veiled:
            self._size = size
        if message.get("soon"):
            self._send_soon(ids, size, veiled)
            return
        with self._asking:
            self._asked += 1

        def send() -> None:
            try:
                self._send_thumbnails(ids, size, veiled)
            finally:
                with self._asking:
                    self._asked -= 1

        self._pictures.do(send)

    def _send_soon(self, ids: list[str], size: int, veiled: bool) -> None:
        """Send what may be wanted soon, a part at a time; what is wanted now goes first."""

        def send() -> None:
            with self._asking:
                wanted = self._asked
            if wanted:
                self._pictures.later(SOON_SECONDS, "", send)
                return
            part = [ids.pop(0) for _ in range(min(VEIL_BATCH, len(ids)))]
            self._send_thumbnails(part, size, veiled)
            if ids:
                self._pictures.do(send)

        if ids:
            self._pictures.do(send)

    def _send_thumbnails(self, ids: list[str], size: int, veiled: bool) -> None:
        todo = set(ids)
        about: dict[str, object] = {"type": "thumbs", "veiled": veiled}
        try:
            for batch in self._thumbnails.batches(ids, size):
                found = {key: data for key, data in batch.items() if data}
                todo -= set(batch)
                none = [key for key in batch if key not in found]
                self.tell({**about, "ids": list(found), "none": none}, list(found.values()))
        except CmtoolsError as error:
            self.tell({**about, "ids": [], "none": [], "failed": sorted(todo), "error": str(error)})


def _size_of(wanted: object) -> int:
    """The least of our sizes that is enough."""
    pixels = wanted if isinstance(wanted, int) else 0
    return next((size for size in SIZES if size >= pixels), SIZES[-1])
