"""Makes a small film that browsers play: pictures as key frames of VP8 in WebM, written by hand. It encodes no video.

The picture inside a lossy WebP file is a VP8 key frame, so Pillow is all that is needed.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import Image


def film(pictures: Sequence[Image.Image], *, milliseconds: int = 1000) -> bytes:
    """A WebM file that shows each picture for that long. All have one size, in even numbers."""
    width, height = pictures[0].size
    duration = struct.pack(">d", float(milliseconds * len(pictures)))
    ebml = _element("1A45DFA3", _element("4282", b"webm"), _element("4287", b"\x02"), _element("4285", b"\x02"))
    info = _element("1549A966", _element("2AD7B1", _number(1_000_000)), _element("4489", duration))
    size = _element("E0", _element("B0", _number(width)), _element("BA", _number(height)))
    parts = (_element("D7", b"\x01"), _element("73C5", b"\x01"), _element("83", b"\x01"), _element("86", b"V_VP8"))
    tracks = _element("1654AE6B", _element("AE", *parts, size))
    clusters = b"".join(
        _element("1F43B675", _element("E7", _number(place * milliseconds)), _element("A3", _block(picture)))
        for place, picture in enumerate(pictures)
    )
    return ebml + _element("18538067", info, tracks, clusters)


def _block(picture: Image.Image) -> bytes:
    """A key frame of track 1, at the time of its cluster."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "WEBP", quality=60, method=0)
    data = out.getvalue()
    start = data.index(b"VP8 ") + 4
    length = struct.unpack_from("<I", data, start)[0]
    return b"\x81\x00\x00\x80" + data[start + 4 : start + 4 + length]


def _element(name: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes.fromhex(name) + struct.pack(">Q", len(body) | 1 << 56) + body


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
