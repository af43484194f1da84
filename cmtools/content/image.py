"""Image reviews and the one safe way to read a picture: facts, thumbnail, display copy. It fetches nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image as PillowImage
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
from .formats import CUT_OFF, HEAD_BYTES, MAX_BYTES, media_type_of
from .near import Look
from .pixels import cells_of, difference_bits, encoded, first_frame, flattened, orientation

__all__ = [
    "MAX_BYTES",
    "SMALL_SIDES",
    "Image",
    "PictureFacts",
    "difference_hash",
    "display",
    "inspect_picture",
    "look_over",
    "take_in",
    "thumbnail",
]
MAX_PIXELS = 100_000_000
"""Width x height, added up over the frames of an animation or the pages of a TIFF."""
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
SMALL_SIDES = (192, 24)
"""The thumbnails that are made of a picture as it is taken in: what a board shows of it, clear and blurred."""
_LEAST_SIDE_READ = 72
"""A JPEG is looked at in an eighth of its size, unless that is too little to hash."""
_LEAST_SIDE_LOOKED_OVER = 160
"""Or too little for its cells, of which copies are told."""
_MOST_MADE_SMALL = 4_000_000
"""Of how many decoded pixels thumbnails are made at once: beyond, they would go over the limits of a first look."""
_QUALITY = 75
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
    """What a picture is, by its bytes. Width and height are in pixels and as a person sees it (after rotation).

    ``difference_hash`` is that of `difference_hash`, or empty.
    """

    media_type: str
    width: int
    height: int
    size_bytes: int
    difference_hash: str = ""


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
    PictureFacts(media_type='image/png', width=4, height=3, size_bytes=69, difference_hash='')
    """
    with _opened(data) as (media_type, picture, size_bytes):
        facts = _looked_at(media_type, picture, size_bytes, _LEAST_SIDE_READ)
        _decode_other_frames(picture)
        return facts


def look_over(data: bytes | Path) -> tuple[PictureFacts, Look]:
    """As `inspect_picture`, and with it the picture's look, by which copies are found: it is decoded once for both.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.linear_gradient("L").rotate(90).save(buffer, "PNG")
    >>> facts, look = look_over(buffer.getvalue())
    >>> facts.difference_hash == look.hash, len(look.cells)
    (True, 2592)
    """
    with _opened(data) as (media_type, picture, size_bytes):
        full = picture.size
        facts = _looked_at(media_type, picture, size_bytes, _LEAST_SIDE_LOOKED_OVER)
        look = Look(facts.difference_hash, cells_of(picture, full, orientation(picture)))
        _decode_other_frames(picture)
        return facts, look


def take_in(data: bytes) -> tuple[PictureFacts, dict[int, bytes]]:
    """As `inspect_picture`, and with it thumbnails of the `SMALL_SIDES`: the picture is decoded once for all.

    Returns
    -------
    PictureFacts
        As there.
    dict
        A JPEG by its longer side in pixels; none of a picture that is large and no JPEG, which would take long.

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.new("RGB", (400, 300)).save(buffer, "PNG")
    >>> facts, small = take_in(buffer.getvalue())
    >>> facts.width, {side: inspect_picture(made).height for side, made in small.items()}
    (400, {192: 144, 24: 18})
    """
    with _opened(data) as (media_type, picture, size_bytes):
        facts = _looked_at(media_type, picture, size_bytes, SMALL_SIDES[0])
        made: dict[int, bytes] = {}
        if picture.width * picture.height <= _MOST_MADE_SMALL:
            small = flattened(first_frame(picture, SMALL_SIDES[0]))
            for side in SMALL_SIDES:
                small.thumbnail((side, side), PillowImage.Resampling.LANCZOS)
                made[side] = encoded(small, "JPEG", quality=_QUALITY)
        _decode_other_frames(picture)
        return facts, made


def _looked_at(media_type: str, picture: ImageFile, size_bytes: int, least_side: int) -> PictureFacts:
    """The facts of an opened picture, the first frame of which is decoded with that."""
    width, height = picture.size
    _look_small(picture, least_side)
    picture.load()  # before it is asked for its orientation, for which a PNG decodes and may hide what is wrong
    turned = orientation(picture)
    if turned >= 5:
        width, height = height, width
    return PictureFacts(media_type, width, height, size_bytes, difference_bits(picture, turned))


def difference_hash(data: bytes | Path) -> str | None:
    """The difference hash of a picture (its first frame, upright): 64 bits as 16 hexadecimal digits.

    Two pictures that look alike differ in few bits: up to 6 is a near-duplicate. None for a picture of one shade all
    over, which has no shape to tell.

    Raises
    ------
    BadPicture
        As `inspect_picture`.

    References
    ----------
    Neal Krawetz, "Kind of Like That" (2013).

    Examples
    --------
    >>> buffer = BytesIO()
    >>> PillowImage.linear_gradient("L").rotate(90).save(buffer, "PNG")
    >>> difference_hash(buffer.getvalue())
    'ffffffffffffffff'
    """
    with _opened(data) as (_, picture, _):
        _look_small(picture, _LEAST_SIDE_READ)
        picture.load()
        return difference_bits(picture, orientation(picture)) or None


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
        small = flattened(first_frame(picture, size))
    return encoded(small, "JPEG", quality=_QUALITY)


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
        shown = first_frame(picture, DISPLAY_SIDE)
    if shown.mode == "RGBA" and shown.getchannel("A").getextrema() != (255, 255):
        return encoded(shown, "PNG"), "image/png"
    return encoded(shown.convert("RGB"), "JPEG", quality=90), "image/jpeg"


@contextmanager
def _opened(data: bytes | Path) -> Iterator[tuple[str, ImageFile, int]]:
    """The picture with its header read and its size allowed; whatever Pillow raises meanwhile becomes `BadPicture`."""
    try:
        with _stream(data) as stream:
            size_bytes = stream.seek(0, 2)
            stream.seek(0)
            media_type = media_type_of(stream.read(HEAD_BYTES), size_bytes)
            stream.seek(0)
            with _READERS[media_type](stream) as picture:
                # Only these two know their number of frames without reading the file to its end.
                frames = picture.n_frames if isinstance(picture, PngImageFile | WebPImageFile) else 1
                _check_pixels(picture.width * picture.height * frames)
                with _one_big_picture if picture.width * picture.height > _BIG else nullcontext():
                    yield media_type, picture, size_bytes
    except BadPicture:
        raise
    except MemoryError:
        raise BadPicture("it takes too much memory to decode: make it smaller, or a JPEG") from None
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


def _reason(error: Exception) -> str:
    """One plain sentence for whatever Pillow said."""
    text = str(error).lower()
    cut = ("truncat", "not large enough", "not enough", "eof", "failed to decode next frame", "unexpected end")
    if isinstance(error, EOFError | IndexError) or any(word in text for word in cut):
        return CUT_OFF
    return "the picture is damaged and cannot be decoded"


def _check_pixels(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise BadPicture(
            f"it has {pixels / 1e6:,.0f} megapixels; the most, over all frames, is {MAX_PIXELS // 1_000_000}"
        )


def _look_small(picture: ImageFile, least_side: int) -> None:
    """Let a JPEG be decoded at a fraction of its size: all of it is read all the same, for 1/64 of the work."""
    if isinstance(picture, JpegImageFile):
        sides = (max(side // 8, min(side, least_side)) for side in picture.size)
        picture.draft(None, (next(sides), next(sides)))


def _decode_other_frames(picture: ImageFile) -> None:
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
