"""Pictures made on the spot: every format and mode, and those that must be refused."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

from tests.tools import pictures

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MEDIA_TYPES = {name: f"image/{name.lower()}" for name in FORMATS}


def noise(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """A picture that does not compress, so that half of its file is half of the picture."""
    return pictures.noise((width, height)).convert(mode)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def huge_png(width: int = 20_000, height: int = 10_000) -> bytes:
    """A valid grey PNG of zeros: 200 megapixels in about 200 kB, made row by row."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
