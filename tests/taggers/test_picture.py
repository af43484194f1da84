"""Bytes become a square: upright, opaque, of every format and mode, and never at the price of a bomb."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cmtools.errors import BadPicture
from cmtools.taggers import picture
from cmtools.taggers.picture import square

from ..content.pictures import FORMATS, SVG, encoded, huge_png, noise

BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)


def corners(small: Image.Image) -> list[bool]:
    """Whether each corner is light: top left, top right, bottom left, bottom right."""
    last = small.width - 1
    return [small.convert("L").getpixel(place) > 128 for place in [(0, 0), (last, 0), (0, last), (last, last)]]


def quarter(side: int = 64) -> Image.Image:
    """A dark picture whose top left quarter is light."""
    made = Image.new("RGB", (side, side), "black")
    made.paste((255, 255, 255), (0, 0, side // 2, side // 2))
    return made


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read(kind: str) -> None:
    small = square(encoded(noise(), kind), 32)
    assert (small.mode, small.size) == ("RGB", (32, 32))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "I", "CMYK", "F"])
def test_every_mode_keeps_light_and_dark(mode: str) -> None:
    source = quarter()
    if mode == "I;16":
        source = Image.new("I;16", (64, 64), 0)
        source.paste(65535, (0, 0, 32, 32))
    else:
        source = source.convert("L").convert(mode) if mode in ("I", "F", "LA") else source.convert(mode)
    kind = "TIFF" if mode in ("CMYK", "F", "I") else "PNG"
    small = square(encoded(source, kind), 16)
    assert small.mode == "RGB"
    assert corners(small) == [True, False, False, False]


def test_sixteen_bits_are_scaled_by_their_own_range() -> None:
    small = square(encoded(Image.new("I;16", (8, 8), 32768), "PNG"), 4)
    assert small.getpixel((0, 0))[0] == pytest.approx(127, abs=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_as_a_person_sees_it(orientation: int) -> None:
    wide = Image.new("RGB", (64, 32), "black")
    wide.paste((255, 255, 255), (0, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    places = {1: 0, 2: 1, 3: 3, 4: 2, 5: 0, 6: 1, 7: 3, 8: 2}
    light = corners(square(encoded(wide, "JPEG", exif=exif, quality=95), 16))
    assert [place for place, on in enumerate(light) if on] == [places[orientation]]


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_orientation_that_means_nothing_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert corners(square(encoded(quarter(), "PNG", exif=exif), 16)) == [True, False, False, False]


def test_transparent_parts_are_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 4, 8))
    small = square(encoded(clear, "PNG"), 8)
    assert (small.getpixel((0, 0)), small.getpixel((7, 0))) == (RED, WHITE)


def test_transparent_colour_of_a_palette_is_white() -> None:
    source = Image.new("P", (8, 8), 0)
    source.putpalette([255, 0, 0, 0, 0, 0])
    assert square(encoded(source, "GIF", transparency=0), 8).getpixel((4, 4)) == WHITE


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("black", "white", "red")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert square(moving, 4).getpixel((0, 0)) == BLACK


def test_large_jpeg_is_decoded_small_and_looks_the_same() -> None:
    source = Image.linear_gradient("L").resize((4096, 4096)).convert("RGB")
    data = encoded(source, "JPEG", quality=90)
    exact = source.resize((64, 64), Image.Resampling.BILINEAR)
    assert (
        max(
            abs(one[0] - two[0])
            for one, two in zip(square(data, 64).get_flattened_data(), exact.get_flattened_data(), strict=True)
        )
        <= 3
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"GIF8", "is not a picture"),
        (SVG, "is not a picture"),
        (b"\x00\x00\x00\x1cftypavif" + bytes(100), "is not a picture"),
        (b"\xff\xd8\xff" + bytes(100), "damaged or cut off"),
        (b"BM" + bytes(100), "damaged or cut off"),
        (encoded(noise(), "PNG")[:5000], "damaged or cut off"),
        (encoded(noise(), "JPEG")[:5000], "damaged or cut off"),
        (encoded(noise(), "WEBP")[:5000], "damaged or cut off"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadPicture, match=says):
        square(data, 16)


def test_bomb_is_refused_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "_small", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(BadPicture, match="it has 200 megapixels; the most is 100"):
        square(huge_png(), 16)


def test_one_big_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    most: list[int] = []
    both = threading.Barrier(2)

    def slow(found: Image.Image, side: int) -> Image.Image:
        inside.append(1)
        most.append(len(inside))
        with pytest.raises(threading.BrokenBarrierError):
            both.wait(0.2)  # nobody else comes
        inside.pop()
        return found

    monkeypatch.setattr(picture, "_BIG", 1)
    monkeypatch.setattr(picture, "_small", slow)
    data = encoded(noise(4, 4), "PNG")
    threads = [threading.Thread(target=square, args=(data, 4)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]


@given(data=st.data(), kind=st.sampled_from(FORMATS))
def test_damaged_bytes_are_a_picture_or_refused(data: st.DataObject, kind: str) -> None:
    good = bytearray(encoded(quarter(16), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        small = square(bytes(good[: data.draw(st.integers(1, len(good)))]), 8)
    except BadPicture:
        return
    assert (small.mode, small.size) == ("RGB", (8, 8))


def test_bytes_are_not_changed_or_kept_open() -> None:
    data = encoded(noise(), "PNG")
    small = square(data, 8)
    assert small.load() is not None
    assert Image.open(BytesIO(data)).size == (320, 240)
