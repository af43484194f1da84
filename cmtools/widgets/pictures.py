"""Pictures for a board, small and smaller, in batches and kept for a while. It knows no browser and no lease."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client.client import Client

BATCH = 12
"""How many pictures are fetched and sent together: few, so that the first are seen soon."""

VEIL_BATCH = 24
"""The same of veils, which are very small."""

VEIL = 24
"""Pixels of the longer side of what stands for a blurred picture: shapes and colours, and nothing to recognise."""

SIZES = (192, 240, 320, 480, 640)
"""The sizes in which a page may ask for pictures, in pixels."""

KEPT_BYTES = 16 * 1024 * 1024
"""How much is kept, so that a reloaded page paints at once."""

Key = tuple[str, int]


class Thumbnails:
    """Pictures by review id and size, fetched through a client and remembered up to `KEPT_BYTES`.

    Parameters
    ----------
    client : Client
        Has ``thumbnails(ids, size=...)``.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: OrderedDict[Key, bytes | None] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def kept(self, ids: Sequence[str], size: int) -> dict[str, bytes | None]:
        """Those that are at hand."""
        with self._lock:
            return {key: self._kept[key, size] for key in ids if (key, size) in self._kept}

    def batches(self, ids: Sequence[str], size: int) -> Iterator[dict[str, bytes | None]]:
        """The pictures of these reviews, a few at a time; None where there is no picture to show."""
        here = self.kept(ids, size)
        if here:
            yield here
        missing = [key for key in ids if key not in here]
        step = VEIL_BATCH if size == VEIL else BATCH
        for start in range(0, len(missing), step):
            found = self.fetch(missing[start : start + step], size)
            self._keep(found, size)
            yield found

    def fetch(self, ids: Sequence[str], size: int) -> dict[str, bytes | None]:
        """Ask the service: for pictures of reviews, and of videos' frames, which are named "review id@milliseconds"."""
        whole = [key for key in ids if "@" not in key]
        found = dict(self._client.thumbnails(whole, size=size)) if whole else {}
        frames: dict[str, list[int]] = {}
        for review_id, _, moment in (key.partition("@") for key in ids):
            if moment.isdecimal():
                frames.setdefault(review_id, []).append(int(moment))
        for review_id, moments in frames.items():
            some = self._client.frame_thumbnails(review_id, moments, size=size)
            found.update({f"{review_id}@{moment}": data for moment, data in some.items()})
        return {key: found.get(key) for key in ids}

    def _keep(self, found: dict[str, bytes | None], size: int) -> None:
        with self._lock:
            for name, data in found.items():
                key = (name, size)
                self._bytes += len(data or b"") - len(self._kept.pop(key, None) or b"")
                self._kept[key] = data
            while self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1] or b"")
