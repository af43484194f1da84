"""Image reviews and the one safe way to read a picture: facts, thumbnail, display copy. It fetches nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from PIL import Image as PillowImage
from PIL import ImageStat
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..errors import BadPicture
from ..model import Draft
from .base import ContentType, check_address, check_file, check_string

MAX_PIXELS = 100_000_000
"""Width x height, added up over the frames of an animation or the pages of a TIFF."""
MAX_BYTES = 50_000_000
MAX_FRAMES = 5_000
DISPLAY_SIDE = 4096
"""The longer side of a display copy, in pixels: more than a screen shows."""
MEDIA_PREFIX = "media:"
"""How a review names a picture that the service keeps itself."""

# Pillow's own reader per format: PIL.Image.open would also check sizes against a global that others may have changed,
# warn instead of refuse, and turn some JPEGs into another format.
_READERS: dict[str, type[ImageFile]] = {
    "image/png": PngImageFile,
    "image/jpeg": JpegImageFile,
    "image/gif": GifImageFile,
    "image/webp": WebPImageFile,
    "image/bmp": BmpImageFile,
    "image/tiff": TiffImageFile,
}
_CUT_OFF = "the picture is cut off: the file ends too early"
_SHOWN = "PNG, JPEG, GIF, WEBP, BMP and TIFF"
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
    (b"ftyp", 4, "video"),
    (b"\x1aE\xdf\xa3", 0, "video"),
)
_UPRIGHT = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_BIG = 16_000_000
_one_big_picture = threading.Lock()  # however many threads decode, only one of them holds hundreds of megabytes


class Image(ContentType):
    """A picture: a local file to upload, an address, or one that the service keeps already.

    Examples
    --------
    >>> Image().check(Draft(content="https://example.org/cat.jpg", content_id="cat"))
    >>> Image().check(Draft(content="cat.jpg", content_id="cat"))
    Traceback (most recent call last):
    ...
    cmtools.errors.BadDraft: content: 'cat.jpg' is no address: it must start with http:// or https://
    """

    name = "Image"
    letter = "i"

    def check_content(self, draft: Draft) -> None:
        """An address, a picture of the service, or a name together with the file."""
        if draft.path is not None:
            check_string(draft.content, "content", most=MAX_BYTES)
            check_file(draft.path, "path")
        elif not str(draft.content).startswith(MEDIA_PREFIX):
            check_address(draft.content, "content")


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture is, by its bytes. Width and height are in pixels and as a person sees it (after rotation)."""

    media_type: str
    width: int
    height: int
    size_bytes: int


def inspect_picture(data: bytes | Path) -> PictureFacts:
    """Look at a picture and decode it once, so that what passes can be shown; nothing is kept in memory.

    Parameters
    ----------
    data : bytes or Path
        The picture, or the file it is in. Its name is never looked at.

    Returns
    -------
    PictureFacts
        Media type, size in pixels and in bytes.

    Raises
    ------
    BadPicture
        With a plain reason: empty, no picture, SVG, a format that is not shown, more than `MAX_BYTES`, more than
        `MAX_PIXELS` (told by the header, before anything is decoded), cut off, or damaged.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.new("RGB", (4, 3)).save(buffer, "PNG")
    >>> inspect_picture(buffer.getvalue())
    PictureFacts(media_type='image/png', width=4, height=3, size_bytes=69)
    """
    with _opened(data) as (media_type, picture, size_bytes):
        width, height = picture.size
        if _orientation(picture) >= 5:
            width, height = height, width
        if media_type == "image/jpeg":
            picture.draft(None, (max(1, picture.width // 8), max(1, picture.height // 8)))  # reads all, computes 1/64
        _decode_every_frame(picture)
        return PictureFacts(media_type, width, height, size_bytes)


def thumbnail(data: bytes, size: int) -> bytes:
    """A small JPEG of the picture (its first frame), upright, opaque and without metadata.

    Parameters
    ----------
    data : bytes
        A picture that `inspect_picture` takes.
    size : int
        The most pixels on the longer side; a smaller picture keeps its size.

    Raises
    ------
    BadPicture
        As `inspect_picture`.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.new("RGBA", (400, 300)).save(buffer, "PNG")
    >>> inspect_picture(thumbnail(buffer.getvalue(), 100)).height
    75
    """
    with _opened(data) as (_, picture, _):
        small = _flattened(_first_frame(picture, size))
    return _encoded(small, "JPEG", quality=80)


def display(data: bytes) -> tuple[bytes, str]:
    """The picture re-encoded for the screen, upright, without metadata, at most `DISPLAY_SIDE` pixels a side.

    Returns
    -------
    bytes
        A PNG where parts of the picture are transparent, else a JPEG.
    str
        Its media type.

    Raises
    ------
    BadPicture
        As `inspect_picture`.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.new("L", (40, 30)).save(buffer, "TIFF")
    >>> display(buffer.getvalue())[1]
    'image/jpeg'
    """
    with _opened(data) as (_, picture, _):
        shown = _first_frame(picture, DISPLAY_SIDE)
    if shown.mode == "RGBA" and shown.getchannel("A").getextrema() != (255, 255):
        return _encoded(shown, "PNG"), "image/png"
    return _encoded(shown.convert("RGB"), "JPEG", quality=90), "image/jpeg"


@contextmanager
def _opened(data: bytes | Path) -> Iterator[tuple[str, ImageFile, int]]:
    """The picture with its header read and its size allowed; whatever Pillow raises meanwhile becomes `BadPicture`."""
    try:
        with _stream(data) as stream:
            size_bytes = stream.seek(0, 2)
            stream.seek(0)
            media_type = _media_type(stream.read(4096), size_bytes)
            stream.seek(0)
            with _READERS[media_type](stream) as picture:
                # Only these two know their number of frames without reading the file to its end.
                frames = picture.n_frames if isinstance(picture, PngImageFile | WebPImageFile) else 1
                _check_pixels(picture.width * picture.height * frames)
                with _one_big_picture if picture.width * picture.height > _BIG else nullcontext():
                    yield media_type, picture, size_bytes
    except BadPicture:
        raise
    except PillowImage.DecompressionBombError:
        raise BadPicture(f"it has too many pixels; the most is {MAX_PIXELS // 1_000_000} megapixels") from None
    except Exception as error:  # on hostile bytes Pillow's readers raise about a dozen kinds of error
        raise BadPicture(_reason(error)) from error


def _stream(data: bytes | Path) -> BinaryIO:
    if not isinstance(data, Path):
        return BytesIO(data)
    if not data.is_file():  # a folder would be refused by open(), a pipe would wait for ever
        raise BadPicture("there is no such file")
    try:
        return data.open("rb")
    except OSError as error:
        raise BadPicture(f"the file cannot be read: {error.strerror or error}") from None


def _media_type(head: bytes, size_bytes: int) -> str:
    """What the first bytes say; `BadPicture` when we do not show it."""
    if not size_bytes:
        raise BadPicture("the file is empty")
    found = _sniffed(head)
    if found is None:
        raise BadPicture(_why_not(head))
    if found == "image/webp" and int.from_bytes(head[4:8], "little") + 8 > size_bytes:
        raise BadPicture(_CUT_OFF)  # its reader would only say that it failed
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
            return f"{name} files are not shown; convert it to one of {_SHOWN}"
    return f"it is not a picture ({_SHOWN} are)"


def _reason(error: Exception) -> str:
    """One plain sentence for whatever Pillow said."""
    text = str(error).lower()
    cut = ("truncat", "not large enough", "not enough", "eof", "failed to decode next frame", "unexpected end")
    if isinstance(error, EOFError | IndexError) or any(word in text for word in cut):
        return _CUT_OFF
    return "the picture is damaged and cannot be decoded"


def _check_pixels(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise BadPicture(
            f"it has {pixels / 1e6:,.0f} megapixels; the most, over all frames, is {MAX_PIXELS // 1_000_000}"
        )


def _decode_every_frame(picture: ImageFile) -> None:
    picture.load()
    pixels = picture.width * picture.height
    for frame in range(1, MAX_FRAMES + 1):
        try:
            picture.seek(frame)
        except EOFError:
            return
        pixels += picture.width * picture.height
        _check_pixels(pixels)
        picture.load()
    raise BadPicture(f"it has more than {MAX_FRAMES:,} frames")


def _orientation(picture: PillowImage.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when there is none or it cannot be read."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata must not cost the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _first_frame(picture: ImageFile, size: int) -> PillowImage.Image:
    """The first frame in RGB or RGBA, upright and at most ``size`` pixels on its longer side."""
    if isinstance(picture, JpegImageFile):
        picture.draft(None, (size, size))
    orientation = _orientation(picture)
    picture.load()
    frame = _as_rgb(picture)
    if max(frame.size) > size:
        frame.thumbnail((size, size), PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    return frame.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else frame


def _as_rgb(picture: PillowImage.Image) -> PillowImage.Image:
    """Any mode as RGB, or as RGBA where it may have transparent parts."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _eight_bits(picture).convert("RGB")
    return picture.convert("RGB")


def _eight_bits(picture: PillowImage.Image) -> PillowImage.Image:
    """Grey of more than eight bits, scaled: 16 bits by the format's own range, others by what the picture holds."""
    wide = picture if picture.mode in ("I", "F") else picture.convert("I")
    low, high = cast(tuple[float, float], wide.getextrema())
    if picture.mode == "F" or low < 0 or high > 65535:
        start, scale = low, 255 / (high - low) if high > low else 0.0
    else:
        start, scale = 0, 255 / 65535 if high > 255 or picture.mode != "I" else 1.0
    return wide.point(lambda value: value * scale - start * scale).convert("L")


def _flattened(picture: PillowImage.Image) -> PillowImage.Image:
    """Without transparency: on white, or on mid-grey when the picture itself is so light that white would hide it."""
    if picture.mode != "RGBA":
        return picture
    alpha = picture.getchannel("A")
    lightness = ImageStat.Stat(picture.convert("L"), mask=alpha.point(lambda a: 255 if a > 32 else 0))
    hidden = lightness.count[0] > 0 and lightness.mean[0] > 215
    ground = PillowImage.new("RGB", picture.size, (128, 128, 128) if hidden else (255, 255, 255))
    ground.paste(picture, mask=alpha)
    return ground


def _encoded(picture: PillowImage.Image, kind: str, **options: int) -> bytes:
    """Encoded from bare pixels, so that no metadata comes along."""
    bare = PillowImage.new(picture.mode, picture.size)
    bare.paste(picture)
    buffer = BytesIO()
    bare.save(buffer, kind, **options)
    return buffer.getvalue()
