"""Which format a picture's first bytes say, and why others are not taken. It decodes nothing."""

from __future__ import annotations

from ..errors import BadPicture

MAX_BYTES = 50_000_000
HEAD_BYTES = 4096
"""How much of a file `media_type_of` looks at."""
CUT_OFF = "the picture is cut off: the file ends too early"
SHOWN = "PNG, JPEG, GIF, WEBP, BMP and TIFF"
_NOT_SHOWN = (
    (b"ftypavi", 4, "AVIF"),
    (b"ftyphe", 4, "HEIC"),
    (b"ftypmif1", 4, "HEIC"),
    (b"8BPS", 0, "Photoshop"),
    (b"\x00\x00\x01\x00", 0, "icon"),
    (b"jP  ", 4, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, "JPEG 2000"),
    (b"JXL ", 4, "JPEG XL"),
    (b"\xff\x0a", 0, "JPEG XL"),
    (b"%PDF", 0, "PDF"),
    (b"%!PS", 0, "PostScript"),
    (b"\xc5\xd0\xd3\xc6", 0, "PostScript"),
    (b"ftyp", 4, "video"),
    (b"\x1aE\xdf\xa3", 0, "video"),
)


def media_type_of(head: bytes, size_bytes: int) -> str:
    """The media type of a picture by its first bytes.

    Parameters
    ----------
    head : bytes
        The first `HEAD_BYTES` of it, or all where there are fewer.
    size_bytes : int
        How long the whole is.

    Raises
    ------
    BadPicture
        It is empty, no picture, of a format that is not shown, or has more than `MAX_BYTES`.

    Examples
    --------
    >>> media_type_of(b"GIF89a...", 9)
    'image/gif'
    """
    if not size_bytes:
        raise BadPicture("the file is empty")
    found = _sniffed(head)
    if found is None:
        raise BadPicture(_why_not(head))
    if found == "image/webp" and int.from_bytes(head[4:8], "little") + 8 > size_bytes:
        raise BadPicture(CUT_OFF)  # its reader would only say that it failed
    if size_bytes > MAX_BYTES:
        raise BadPicture(f"it has {size_bytes / 1e6:.0f} MB; the most is {MAX_BYTES // 1_000_000} MB")
    return found


def _sniffed(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM"):
        return "image/bmp"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "image/tiff"
    return None


def _why_not(head: bytes) -> str:
    text = head.replace(b"\x00", b"").lower()  # without NULs UTF-16 reads like ASCII
    if b"<svg" in text or b"<!doctype svg" in text:
        return "SVG is not taken because it can carry script; convert it to PNG"
    for magic, place, name in _NOT_SHOWN:
        if head[place : place + len(magic)] == magic:
            return f"{name} files are not shown; convert it to one of {SHOWN}"
    return f"it is not a picture ({SHOWN} are)"
