"""Bytes become the small square that a model looks at. It keeps nothing, and makes no copy for people to see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from typing import cast

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..errors import BadPicture

MAX_PIXELS = 100_000_000
"""Width x height by the header; what has more is refused before anything is decoded."""

# Pillow's own reader per format, so that no global of Pillow decides, and no format that nobody asked for is read.
_READERS: tuple[tuple[tuple[bytes, ...], int, type[ImageFile]], ...] = (
    ((b"\xff\xd8\xff",), 0, JpegImageFile),
    ((b"\x89PNG\r\n\x1a\n",), 0, PngImageFile),
    ((b"WEBP",), 8, WebPImageFile),
    ((b"GIF87a", b"GIF89a"), 0, GifImageFile),
    ((b"BM",), 0, BmpImageFile),
    ((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), 0, TiffImageFile),
)
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_DRAFT = 4
"""A JPEG is decoded at a fraction of its size that is still this many times the square: by then a score of
open_nsfw moves by less than 0.005, which is less than saving the photograph again moves it."""
_BIG = 16_000_000
_one_big_picture = threading.Lock()  # however many threads decode, only one of them holds hundreds of megabytes


def square(data: bytes, side: int) -> Image.Image:
    """The picture in RGB, upright, on white where it is transparent, pulled to ``side`` x ``side`` pixels.

    Of an animation or of several pages the first is taken.

    Raises
    ------
    BadPicture
        With a plain reason: no picture, more than `MAX_PIXELS`, or damaged.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> Image.new("LA", (40, 30)).save(buffer, "PNG")
    >>> small = square(buffer.getvalue(), 16)
    >>> small.mode, small.size, small.getpixel((0, 0))
    ('RGB', (16, 16), (255, 255, 255))
    """
    with reading(data) as picture:
        return _small(picture, side)


@contextmanager
def reading(data: bytes) -> Iterator[ImageFile]:
    """The picture, of which only the header is read so far; what is wrong with it is `BadPicture`, in the body too.

    Raises
    ------
    BadPicture
        As of `square`.
    """
    reader = _reader(data)
    try:
        with reader(BytesIO(data)) as picture:
            pixels = picture.width * picture.height
            if pixels > MAX_PIXELS:
                raise BadPicture(f"it has {pixels / 1e6:,.0f} megapixels; the most is {MAX_PIXELS // 1_000_000}")
            with _one_big_picture if pixels > _BIG else nullcontext():
                yield picture
    except BadPicture:
        raise
    except Exception as error:  # on hostile bytes Pillow's readers raise about a dozen kinds of error
        raise BadPicture("the picture is damaged or cut off and cannot be decoded") from error


def media_type(data: bytes) -> str:
    """What kind of picture it is, by how its bytes begin.

    Raises
    ------
    BadPicture
        None that is read here.

    Examples
    --------
    >>> media_type(b"GIF89a")
    'image/gif'
    """
    return Image.MIME[str(_reader(data).format)]


def upright(picture: ImageFile) -> Image.Image:
    """The whole picture in RGB, upright, on white where it is transparent."""
    orientation = _orientation(picture)
    picture.load()
    return _turned(_on_white(_as_rgb(picture)), orientation)


def _reader(data: bytes) -> type[ImageFile]:
    for magics, place, reader in _READERS:
        if data.startswith(magics, place):
            return reader
    raise BadPicture("it is empty" if not data else "it is not a picture (PNG, JPEG, GIF, WEBP, BMP and TIFF are)")


def _small(picture: ImageFile, side: int) -> Image.Image:
    if isinstance(picture, JpegImageFile):
        picture.draft(None, (_DRAFT * side, _DRAFT * side))
    orientation = _orientation(picture)
    picture.load()
    small = _as_rgb(picture).resize((side, side), Image.Resampling.BILINEAR)
    return _turned(_on_white(small), orientation)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else picture


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when there is none or it cannot be read."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata must not cost the picture
        return 1
    return value if isinstance(value, int) else 1


def _as_rgb(picture: Image.Image) -> Image.Image:
    """Any mode as RGB, or as RGBA where it may have transparent parts; grey of more than eight bits is scaled."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        wide = picture if picture.mode in ("I", "F") else picture.convert("I")
        low, high = cast(tuple[float, float], wide.getextrema())
        if wide.mode == "I" and low >= 0 and high <= 65535:  # by the range of the format, else by what is there
            low, high = 0.0, 255.0 if picture.mode == "I" and high <= 255 else 65535.0
        scale = 255 / (high - low) if high > low else 0.0
        return wide.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")
