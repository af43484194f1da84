"""Thumbnails for a board, in batches and kept for a while. It knows no browser and no lease."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client.client import Client

BATCH = 8
"""How many thumbnails are fetched and sent together: few, so that the first are seen soon."""

KEPT_BYTES = 24 * 1024 * 1024
"""How much is kept, so that a reloaded page paints at once."""


class Thumbnails:
    """Thumbnails by review id, fetched through a client and remembered up to `KEPT_BYTES`.

    Parameters
    ----------
    client : Client
        Has ``thumbnails(ids, size=...)``.
    size : int
        Pixels of the longer side.
    """

    def __init__(self, client: Client, size: int = 320) -> None:
        self._client, self._size = client, size
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def batches(self, ids: Sequence[str]) -> Iterator[dict[str, bytes | None]]:
        """The pictures of these reviews, a few at a time; None where there is no picture to show."""
        with self._lock:
            here = {key: self._kept[key] for key in ids if key in self._kept}
        if here:
            yield here
        missing = [key for key in ids if key not in here]
        for start in range(0, len(missing), BATCH):
            found = self._client.thumbnails(missing[start : start + BATCH], size=self._size)
            self._keep(found)
            yield found

    def _keep(self, found: dict[str, bytes | None]) -> None:
        with self._lock:
            for key, data in found.items():
                self._bytes += len(data or b"") - len(self._kept.pop(key, None) or b"")
                self._kept[key] = data
            while self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1] or b"")
