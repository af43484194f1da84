"""Pictures of reviews and of videos' frames, small or in full: these operations of `Client`. It decodes none."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral
from typing import TypeVar

from ..errors import BadRequest, NotFound, UnknownTeam
from .arguments import as_list, segment
from .connection import Connection

K = TypeVar("K")
PICTURES_AT_ONCE = 6
THUMBNAILS_AT_ONCE = 50


class Pictures(Connection):
    """The operations of `Client` on pictures."""

    def thumbnails(self, ids: Iterable[str], size: int = 320) -> dict[str, bytes | None]:
        """Small JPEGs by review id, fetched together; None where there is no picture to show.

        Parameters
        ----------
        ids : iterable of str
            Review ids.
        size : int
            The longer side in pixels, 16 to 2048.
        """
        wanted = list(dict.fromkeys(segment(id) and id for id in as_list(ids)))
        found: dict[str, bytes | None] = {}
        for start in range(0, len(wanted), THUMBNAILS_AT_ONCE):
            body = {"ids": wanted[start : start + THUMBNAILS_AT_ONCE], "size": size}
            made = self._call("POST", "/pictures/thumbnails", data=body, repeat=True).json()["thumbnails"]
            found |= {id: None if text is None else b64decode(text) for id, text in made.items()}
        return found

    def picture(self, review_id: str) -> bytes:
        """A review's picture in full, re-encoded for display; `NotFound` when there is none to show."""
        return self._call("GET", f"/reviews/{segment(review_id)}/picture").body

    def frame_thumbnails(self, review_id: str, timestamps: Iterable[int], size: int = 320) -> dict[int, bytes | None]:
        """Small JPEGs of a video's frames by their milliseconds; None where there is no picture to show.

        Parameters
        ----------
        review_id : str
            A video's.
        timestamps : iterable of int
            Milliseconds of frames.
        size : int
            The longer side in pixels, 16 to 2048.
        """
        path = f"/reviews/{segment(review_id)}/frames"
        wanted = {moment: f"{path}/{moment}/thumbnail" for moment in map(_moment, timestamps)}
        return self._thumbnails(wanted, size)

    def frame_picture(self, review_id: str, timestamp: int) -> bytes:
        """The picture of a video's frame in full, re-encoded for display; `NotFound` when there is none to show."""
        return self._call("GET", f"/reviews/{segment(review_id)}/frames/{_moment(timestamp)}/picture").body

    def _thumbnails(self, wanted: Mapping[K, str], size: int) -> dict[K, bytes | None]:
        """What is at each of these paths, a few at a time."""
        if not wanted:
            return {}
        pool = ThreadPoolExecutor(min(PICTURES_AT_ONCE, len(wanted)), thread_name_prefix="cmtools-picture")
        try:
            return dict(zip(wanted, pool.map(lambda path: self._thumbnail(path, size), wanted.values()), strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _thumbnail(self, path: str, size: int) -> bytes | None:
        try:
            return self._call("GET", path, params={"size": size}).body
        except UnknownTeam:
            raise
        except NotFound:
            return None


def _moment(timestamp: int) -> int:
    """A frame's milliseconds as a plain number."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, Integral) or timestamp < 0:
        raise BadRequest(f"{timestamp!r} is no moment of a frame: give whole milliseconds from 0 on")
    return int(timestamp)
