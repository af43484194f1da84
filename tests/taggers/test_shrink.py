"""Pictures that keep to what a cloud takes."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from cmtools.errors import BadPicture
from cmtools.taggers.shrink import Room, fitted

from ..content.pictures import encoded, noise
from ..tools.pictures import png

ROOM = Room(most_bytes=40_000, least_side=50, most_side=400)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_picture_that_fits_is_left_as_it_is_to_the_byte() -> None:
    assert fitted(png(), ROOM) == png()


def test_picture_that_fits_is_not_even_decoded() -> None:
    broken = png()[:-40] + bytes(28) + png()[-12:]
    assert fitted(broken, ROOM) == broken


def test_side_that_is_too_long_is_made_shorter_in_proportion() -> None:
    small = opened(fitted(png(size=(1600, 800)), ROOM))
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (400, 200))


def test_bytes_that_are_too_many_become_fewer() -> None:
    data = encoded(noise(390, 390), "PNG")
    assert len(data) > ROOM.most_bytes
    small = fitted(data, ROOM)
    assert len(small) <= ROOM.most_bytes
    assert min(opened(small).size) >= 150, "and not fewer than need be"


def test_format_that_is_not_taken_becomes_one_that_is() -> None:
    data = encoded(Image.new("RGB", (200, 150), "red"), "BMP")
    assert opened(fitted(data, Room(500_000, 50, 400))).format == "JPEG"
    assert fitted(data, Room(500_000, 50, 400, frozenset({"BMP"}))) == data


def test_big_jpeg_is_turned_upright() -> None:
    picture = Image.new("RGB", (1000, 500), "white")
    picture.paste("black", (0, 0, 500, 500))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    small = opened(fitted(buffer.getvalue(), ROOM))
    assert small.size == (200, 400)
    assert small.getpixel((100, 50)) < (50, 50, 50) < (200, 200, 200) < small.getpixel((100, 350))
    assert not small.getexif(), "and says nothing of place and camera"


def test_transparent_parts_are_white() -> None:
    data = encoded(Image.new("RGBA", (800, 800)), "PNG")
    assert opened(fitted(data, ROOM)).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(49, 200), (200, 49), (4000, 100)])
def test_picture_of_too_few_pixels_is_refused_also_when_shrinking_made_it_so(size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture, match="the least is 50 a side"):
        fitted(png(size=size), ROOM)


def test_damaged_picture_that_must_be_decoded_is_refused() -> None:
    data = encoded(noise(800, 800), "JPEG")
    with pytest.raises(BadPicture, match="damaged"):
        fitted(data[: len(data) // 2], ROOM)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        fitted(data, ROOM)
