"""Pixels made fit for a screen: upright, in sRGB, opaque, small, or told in 64 bits. It reads no files."""

from __future__ import annotations

from io import BytesIO
from typing import cast

from PIL import Image as PillowImage
from PIL import ImageCms, ImageStat
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from .near import CELLS, COLOUR_CELLS

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
_HASHED_PIXELS = 1_000_000
_FLAT = 4
"""A picture whose 72 cells differ by less (of 255) has no shape that a hash could tell."""
_MOST_PROFILE_BYTES = 4_000_000
_PROFILED = {"RGB": "RGB ", "RGBA": "RGB ", "CMYK": "CMYK", "L": "GRAY"}
"""The colour space that a profile must be of to be meant for a picture of this mode."""


def orientation(picture: PillowImage.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when there is none or it cannot be read."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata must not cost the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def first_frame(picture: ImageFile, size: int) -> PillowImage.Image:
    """The first frame in RGB or RGBA, in sRGB, upright and at most ``size`` pixels on its longer side."""
    if isinstance(picture, JpegImageFile):
        picture.draft(None, (size, size))
    picture.load()
    turned = orientation(picture)
    profile = picture.info.get("icc_profile")
    # Made small first where its mode can be: the conversions then cost little time and memory.
    early = picture.mode in ("RGB", "L", "CMYK") and "transparency" not in picture.info
    frame = _shrunk(picture, size) if early else picture
    frame = _shrunk(_in_srgb(frame, profile), size)
    return frame.transpose(_UPRIGHT[turned]) if turned in _UPRIGHT else frame


def difference_bits(picture: PillowImage.Image, turned: int) -> str:
    """A loaded picture's difference hash as 16 hexadecimal digits; empty for one that is of one shade all over.

    The picture is made 9 x 8 cells of grey; each bit says whether a cell is darker than its right neighbour. The bits
    of two pictures that a person would call the same (other size, format or quality) differ in a few places only.
    """
    cells = _upright(picture, turned).convert("L").resize((9, 8), PillowImage.Resampling.BOX).tobytes()
    if max(cells) - min(cells) < _FLAT:
        return ""
    bits = "".join("01"[cells[9 * y + x] < cells[9 * y + x + 1]] for y in range(8) for x in range(8))
    return f"{int(bits, 2):016x}"


def cells_of(picture: PillowImage.Image, full: tuple[int, int], turned: int) -> bytes:
    """A loaded picture's cells of light, then of its two colours, by which copies of it are known.

    Parameters
    ----------
    picture : Image
        The picture, or a JPEG decoded at a fraction of its size.
    full : tuple of int
        Its full width and height: what is decoded at a fraction may reach over its edge.
    turned : int
        Its EXIF orientation.

    Examples
    --------
    >>> cells = cells_of(PillowImage.new("L", (40, 30), 77), (40, 30), 1)
    >>> cells == bytes([77] * 48 * 48 + [128] * 2 * 12 * 12)
    True
    """
    if picture.mode in ("RGB", "L", "CMYK") and not picture.has_transparency_data:
        step = max(1, round(max(full) / max(picture.size)))
        inside = (0.0, 0.0, full[0] / step, full[1] / step)
    else:  # no JPEG
        picture = _upright(picture, 1)
        inside = (0.0, 0.0, float(picture.width), float(picture.height))
    # A filter without jumps at its edges: the same place of a copy in another size then falls into the same cell.
    small = picture.resize((CELLS, CELLS), PillowImage.Resampling.HAMMING, inside, reducing_gap=3.0).convert("RGB")
    upright = small.transpose(_UPRIGHT[turned]) if turned in _UPRIGHT else small
    light, *colours = upright.convert("YCbCr").split()
    return b"".join([light.tobytes(), *(colour.reduce(CELLS // COLOUR_CELLS).tobytes() for colour in colours)])


def _upright(picture: PillowImage.Image, turned: int) -> PillowImage.Image:
    """The picture in RGB on white, turned as a person sees it, of a million pixels at most."""
    pixels = picture.width * picture.height
    if pixels > _HASHED_PIXELS:
        step = (pixels / _HASHED_PIXELS) ** 0.5
        side = (max(1, int(picture.width / step)), max(1, int(picture.height / step)))
        picture = picture.resize(side, PillowImage.Resampling.NEAREST)  # the only way that makes no copy in between
    plain = on_ground(_as_rgb(picture), (255, 255, 255))
    return plain.transpose(_UPRIGHT[turned]) if turned in _UPRIGHT else plain


def flattened(picture: PillowImage.Image) -> PillowImage.Image:
    """Without transparency: on white, or on mid-grey when the picture itself is so light that white would hide it."""
    if picture.mode != "RGBA":
        return picture
    alpha = picture.getchannel("A")
    lightness = ImageStat.Stat(picture.convert("L"), mask=alpha.point(lambda a: 255 if a > 32 else 0))
    hidden = lightness.count[0] > 0 and lightness.mean[0] > 215
    return on_ground(picture, (128, 128, 128) if hidden else (255, 255, 255))


def on_ground(picture: PillowImage.Image, color: tuple[int, int, int]) -> PillowImage.Image:
    """A picture in RGB laid on a colour."""
    if picture.mode != "RGBA":
        return picture
    ground = PillowImage.new("RGB", picture.size, color)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def encoded(picture: PillowImage.Image, kind: str, **options: int) -> bytes:
    """Encoded from bare pixels, so that no metadata comes along."""
    bare = PillowImage.new(picture.mode, picture.size)
    bare.paste(picture)
    buffer = BytesIO()
    bare.save(buffer, kind, **options)
    return buffer.getvalue()


def _shrunk(picture: PillowImage.Image, size: int) -> PillowImage.Image:
    if max(picture.size) > size:
        picture.thumbnail((size, size), PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _in_srgb(picture: PillowImage.Image, profile: object) -> PillowImage.Image:
    """As `_as_rgb`, in the colours that the picture's own ICC profile means; a broken or odd one changes none."""
    if not isinstance(profile, bytes) or len(profile) > _MOST_PROFILE_BYTES:
        return _as_rgb(picture)
    if profile[16:20].decode("latin-1") != _PROFILED.get(picture.mode) or "transparency" in picture.info:
        return _as_rgb(picture)
    plain = picture.convert("RGB") if picture.mode == "RGBA" else picture
    try:
        theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        shown = ImageCms.profileToProfile(plain, theirs, ours, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _as_rgb(picture)
    if shown is None:
        return _as_rgb(picture)
    if picture.mode == "RGBA":
        shown.putalpha(picture.getchannel("A"))
    return shown


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
