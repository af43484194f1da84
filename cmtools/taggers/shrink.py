"""Makes a picture keep to what a cloud takes: its formats, its bytes, its pixels. It judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from ..errors import BadPicture
from .picture import reading, upright

QUALITY = 90
LEAST_SHRINK = 0.7
"""By how much of its side a picture shrinks, at the least, when it still has too many bytes."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a cloud takes.

    Parameters
    ----------
    most_bytes : int
        Of the file.
    least_side, most_side : int
        Pixels of width and height.
    formats : frozenset of str
        As Pillow calls them.
    """

    most_bytes: int
    least_side: int
    most_side: int
    formats: frozenset[str] = frozenset({"JPEG", "PNG"})


def fitted(data: bytes, room: Room) -> bytes:
    """The picture's bytes as they are where they keep to the room there is; else a smaller JPEG of it.

    Only what has to change is decoded. The JPEG is upright, on white where the picture is transparent, and of an
    animation it is the first frame.

    Raises
    ------
    BadPicture
        It is no picture, damaged, or has too few pixels; the message says how many it takes.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> Image.new("RGB", (400, 100)).save(buffer, "BMP")
    >>> small = fitted(buffer.getvalue(), Room(most_bytes=10_000, least_side=50, most_side=200))
    >>> Image.open(BytesIO(small)).format, Image.open(BytesIO(small)).size
    ('JPEG', (200, 50))
    """
    with reading(data) as picture:
        _check_sides(picture.size, room)
        if picture.format in room.formats and len(data) <= room.most_bytes and max(picture.size) <= room.most_side:
            return data
        if picture.format == "JPEG":
            picture.draft("RGB", (room.most_side, room.most_side))
        whole = upright(picture)
        side = min(room.most_side, max(whole.size))
        while True:
            small = whole.copy()
            small.thumbnail((side, side), Image.Resampling.BICUBIC)
            _check_sides(small.size, room)
            packed = BytesIO()
            small.save(packed, "JPEG", quality=QUALITY)
            if packed.tell() <= room.most_bytes:
                return packed.getvalue()
            side = int(side * min(LEAST_SHRINK, (room.most_bytes / packed.tell()) ** 0.5))


def _check_sides(size: tuple[int, int], room: Room) -> None:
    if min(size) < room.least_side:
        raise BadPicture(f"it has {size[0]} x {size[1]} pixels; the least is {room.least_side} a side")
