"""Files that pretend to be pictures, or are ones that must not be shown, each made on the spot. It decodes none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache

from PIL import Image

from .pictures import noise

Made = tuple[str, bytes]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def hostile() -> Iterator[Made]:
    """All of them, each with its name."""
    yield from _other_formats()
    yield from _pngs()
    yield from _jpegs()
    yield from _gifs()
    yield from _webps()
    yield from _bmps()
    yield from _tiffs()


def encoded(kind: str, size: tuple[int, int] = (64, 64), mode: str = "RGB", **options: object) -> bytes:
    """A picture that does not compress, in a format."""
    buffer = io.BytesIO()
    noise(size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def _other_formats() -> Iterator[Made]:
    yield "nothing", b""
    yield "zeros", bytes(1000)
    yield "svg", SVG
    yield "svg-utf16", SVG.decode().encode("utf-16")
    yield "svg-behind-a-declaration", b'<?xml version="1.0"?><!-- GIF89a -->' + SVG
    yield "html", HTML
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n"
    yield "postscript-dos", b"\xc5\xd0\xd3\xc6" + struct.pack("<6I", 30, 99, 0, 0, 0, 0) + b"\xff\xff%!PS"
    yield "icon", b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0" + bytes(1200)
    yield "photoshop", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30000, 30000, 8, 3)
    yield "flic", struct.pack("<IHHHHHHI", 128, 0xAF12, 60000, 320, 200, 8, 3, 1) + bytes(112)
    yield "pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
    yield "zip", b"PK\3\4" + bytes(100)
    yield "portable-pixmap", b"P6 99999 99999 255\n" + bytes(100)
    yield "bitmap-text", b"#define a_width 9\n#define a_height 9\nstatic char a_bits[] = {"
    yield "jpeg-2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50)
    yield "avif", b"\0\0\0\x1cftypavif" + bytes(50)
    yield "sgi", struct.pack(">HBBHHHH", 474, 1, 1, 3, 60000, 60000, 3) + bytes(600)
    yield "targa", bytes([0, 0, 10]) + bytes(9) + struct.pack("<HH", 60000, 60000) + b"\x18\0" + b"\xff" * 50


# --- PNG --------------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    """One part of a PNG."""
    size = len(body) if length is None else length
    return struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, data: bytes, *, bits: int = 8, kind: int = 0, before: bytes = b"") -> bytes:
    """A PNG with any header and any packed data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@cache
def zeros(count: int) -> bytes:
    """So many zero bytes, packed a thousandfold, without ever holding them."""
    packer = zlib.compressobj(1)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, packer.compress(bytes(count % (1 << 20))), packer.flush()])


def _pngs() -> Iterator[Made]:
    small = zlib.compress(bytes(65 * 64))
    good = encoded("PNG")
    yield "png-of-four-gigapixels", png(65535, 65535, small)
    yield "png-of-the-largest-sides", png(2**31 - 1, 2**31 - 1, small)
    yield "png-bomb-grey", png(20_000, 20_000, zeros(20_001 * 2_000))
    yield "png-bomb-of-99-megapixels-rgba-16", png(11_000, 9_000, zeros(50_000_000), bits=16, kind=6)
    yield "png-of-90-megapixels-damaged-at-its-end", png(9_500, 9_500, zeros(9_501 * 9_400)[:-9] + b"x")
    yield "png-without-width", png(0, 64, small)
    yield "png-of-odd-bits", png(64, 64, small, bits=77)
    yield "png-of-unknown-colours", png(64, 64, small, kind=9)
    yield "png-packed-text-bomb", png(64, 64, b"", before=chunk(b"zTXt", b"a\0\0" + zeros(100_000_000)))
    yield "png-international-text-bomb", png(64, 64, b"", before=chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(100_000_000)))
    yield "png-profile-bomb", png(64, 64, b"", before=chunk(b"iCCP", b"a\0\0" + zeros(100_000_000)))
    yield "png-many-texts", png(64, 64, b"", before=chunk(b"zTXt", b"a\0\0" + zeros(1_000_000)) * 100)
    yield "png-chunk-of-four-gigabytes", good[:33] + chunk(b"IDAT", b"x", 2**32 - 1)
    yield "png-cut-off", good[: len(good) // 2]
    yield "png-with-a-wrong-sum", good[:29] + b"\0\0\0\0" + good[33:]
    yield "png-no-data", png(64, 64, b"")
    yield "png-then-html", good[:40] + HTML
    animated = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield "png-of-two-billion-frames", png(64, 64, small, before=animated)


# --- JPEG -------------------------------------------------------------------------------------------------------------


def _jpegs() -> Iterator[Made]:
    good = encoded("JPEG")
    frame = good.index(b"\xff\xc0")
    yield "jpeg-of-four-gigapixels", good[: frame + 5] + b"\xff\xff\xff\xff" + good[frame + 9 :]
    yield "jpeg-without-height", good[: frame + 5] + b"\0\0" + good[frame + 7 :]
    yield "jpeg-of-absurd-sampling", good[: frame + 11] + b"\xff" + good[frame + 12 :]
    yield "jpeg-of-255-colours", good[: frame + 9] + b"\xff" + good[frame + 10 :]
    yield "jpeg-cut-off", good[: len(good) // 2]
    yield "jpeg-head-alone", b"\xff\xd8\xff\xe0"
    yield "jpeg-of-html", b"\xff\xd8\xff" + HTML
    yield "jpeg-segment-without-end", b"\xff\xd8\xff\xe1\xff\xffExif\0\0" + b"II*\0\x08\0\0\0" + b"\xff" * 50
    scans = encoded("JPEG", (600, 600), progressive=True)
    wide = scans.index(b"\xff\xc2")
    large = scans[: wide + 5] + struct.pack(">HH", 9_900, 10_000) + scans[wide + 9 :]
    first = large.index(b"\xff\xda")
    yield "jpeg-of-a-thousand-scans", large[:-2] + large[first : first + 40] * 2_000
    several = encoded("MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    yield "multi-picture-cut-off", several[: len(several) // 3]


# --- GIF --------------------------------------------------------------------------------------------------------------


def _gifs() -> Iterator[Made]:
    good = encoded("GIF", mode="P")
    tiny = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    large = b"GIF89a" + struct.pack("<HHBBB", 5_000, 5_000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    yield "gif-of-100000-frames", head + tiny * 100_000 + b";"
    yield "gif-of-large-frames", large + tiny * 100_000 + b";"
    yield "gif-of-four-gigapixels", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + tiny + b";"
    yield "gif-cut-off", good[: len(good) // 2]
    yield "gif-without-a-frame", b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0, 0, 0) + b";"
    yield "gif-of-a-script", b"GIF89a/*" + HTML + b"*/=1;"


# --- WEBP -------------------------------------------------------------------------------------------------------------


def riff(*parts: tuple[bytes, bytes]) -> bytes:
    """A WEBP of any parts."""
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for name, part in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webps() -> Iterator[Made]:
    good = encoded("WEBP")
    lossless = encoded("WEBP", lossless=True)
    sides = struct.pack("<I", 16_383)[:3] * 2
    still = lossless[12:]
    frame = (b"ANMF", bytes(6) + struct.pack("<I", 63)[:3] * 2 + b"\1\0\0\0" + still)
    yield "webp-of-a-huge-canvas", riff((b"VP8X", b"\2\0\0\0" + sides), (b"ANIM", bytes(6)), *([frame] * 50))
    canvas = struct.pack("<I", 1_999)[:3] * 2
    yield "webp-of-many-frames", riff((b"VP8X", b"\2\0\0\0" + canvas), (b"ANIM", bytes(6)), *([frame] * 2_000))
    yield "webp-cut-off", good[: len(good) // 2]
    yield "webp-of-a-wrong-length", good[:4] + b"\xff\xff\xff\x7f" + good[8:]
    yield "webp-damaged", good[:30] + b"\xff" * (len(good) - 30)
    yield "webp-of-html", riff((b"VP8 ", HTML))
    yield "webp-without-parts", riff()


# --- BMP and TIFF -----------------------------------------------------------------------------------------------------


def _bmps() -> Iterator[Made]:
    good = encoded("BMP")
    yield "bmp-of-four-gigapixels", good[:18] + struct.pack("<ii", 65535, 65535) + good[26:]
    yield "bmp-of-negative-sides", good[:18] + struct.pack("<ii", -64, -(2**31)) + good[26:]
    yield "bmp-of-odd-bits", good[:28] + struct.pack("<H", 77) + good[30:]
    yield "bmp-of-99-megapixels-of-nothing", good[:18] + struct.pack("<ii", 11_000, 9_000) + good[26:]
    yield "bmp-cut-off", good[: len(good) // 2]
    yield "bmp-header-alone", b"BM" + bytes(12)


def tags(*entries: tuple[int, int, int, int], follow: int = 0) -> bytes:
    """One directory of a TIFF: tag, kind, count, value."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", follow)


def tiff(*entries: tuple[int, int, int, int], follow: int = 0, rest: bytes = b"") -> bytes:
    """A TIFF of one directory."""
    return b"II*\0\x08\0\0\0" + tags(*entries, follow=follow) + rest


def _tiffs() -> Iterator[Made]:
    good = encoded("TIFF", mode="L")
    grey = ((258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1))

    def sized(width: int, height: int, *more: tuple[int, int, int, int]) -> tuple[tuple[int, int, int, int], ...]:
        return ((256, 4, 1, width), (257, 4, 1, height), *grey, (278, 4, 1, height), *more)

    one = sized(1, 1, (273, 4, 1, 0), (279, 4, 1, 1))
    yield "tiff-that-leads-back-to-itself", tiff(*sized(7_000, 7_000, (273, 4, 1, 0), (279, 4, 1, 1)), follow=8)
    yield "tiff-of-a-giant-tag", tiff((256, 4, 2**32 - 1, 8), *one[1:])
    yield "tiff-of-giant-strips", tiff(*sized(64, 64, (273, 4, 2**30, 8), (279, 4, 2**30, 8)))
    yield "tiff-of-four-gigapixels", tiff(*sized(65535, 65535, (273, 4, 1, 8), (279, 4, 1, 9)))
    yield "tiff-without-data", tiff(*sized(64, 64))
    yield "tiff-cut-off", good[: len(good) // 2]
    yield "tiff-directory-beyond-the-end", b"II*\0\xff\xff\xff\x7f"
    yield "tiff-of-65535-entries", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200
    packed = zlib.compress(bytes(1000))
    bomb = sized(9_000, 9_000, (273, 4, 1, 200), (279, 4, 1, len(packed)))
    deflated = tuple((259, 3, 1, 8) if entry[0] == 259 else entry for entry in bomb)
    yield "tiff-packed-too-short", tiff(*deflated).ljust(200, b"\0") + packed
    pages = tiff(*sized(64, 64, (273, 4, 1, 8), (279, 4, 1, 64 * 64)))
    step = len(pages) - 8
    many = b"".join(
        tags(*sized(64, 64, (273, 4, 1, 8), (279, 4, 1, 4096)), follow=8 + step * (number + 1))
        for number in range(30_000)
    )
    yield "tiff-of-30000-pages", b"II*\0\x08\0\0\0" + many
