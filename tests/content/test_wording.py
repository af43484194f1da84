"""Pictures that differ in a few words, or in colour, are no copies of each other: nobody would see the other one."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest
from PIL import Image

from cmtools import samples
from cmtools.content.image import look_over
from cmtools.content.near import MOST_LOOKED_AT, Look, alike, near_groups

from .copying import WAYS, saved
from .wording import UNLIKE, Pairs, captioned, conversations

TRIALS = 4
KEPT = ("saved again at quality 90", "as PNG", "as WebP", "darker by a fifth")
"""Ways of copying that pictures of words survive."""


def taken_for_one(one: Look, other: Look) -> bool:
    hashes = {"one": one.hash, "other": other.hash}
    return bool(near_groups(hashes, MOST_LOOKED_AT, lambda _one, _other: alike(one.cells, other.cells)))


def cup() -> Image.Image:
    named = {photograph.name: photograph.path for photograph in samples.photographs()}
    return Image.open(named["coffee"]).convert("RGB")


@pytest.mark.parametrize("pairs", UNLIKE.values(), ids=UNLIKE)
def test_other_words_or_colours_make_another_picture(pairs: Pairs) -> None:
    photograph, chance = cup(), Random(3)
    for _ in range(TRIALS):
        one, other = (look_over(saved(made))[1] for made in pairs(photograph, chance))
        assert not taken_for_one(one, other)


@pytest.mark.parametrize("way", KEPT)
def test_copies_of_pictures_with_words_are_found(way: str) -> None:
    chance = Random(3)
    made = [captioned(cup(), chance, 20), conversations(chance, 540, 960, 20)[0]]
    for picture in made:
        assert taken_for_one(look_over(saved(picture, "PNG"))[1], look_over(WAYS[way](picture))[1])


def test_jpeg_of_odd_sides_is_seen_as_a_png_of_it_is() -> None:
    """A JPEG is decoded at a fraction, which reaches over its edge by up to seven pixels."""
    photograph = cup().resize((1283, 1289))
    of_jpeg, of_png = (look_over(saved(photograph, kind))[1].cells for kind in ("JPEG", "PNG"))
    assert max(abs(one - other) for one, other in zip(of_jpeg, of_png, strict=True)) <= 3


@pytest.mark.parametrize("mode", ["P", "RGBA", "L", "CMYK"])
def test_look_is_that_of_any_mode_and_upright(mode: str) -> None:
    photograph = cup().convert("L").convert("RGB") if mode == "L" else cup()
    turned = photograph.transpose(Image.Transpose.ROTATE_90).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 6
    kind = "TIFF" if mode == "CMYK" else "PNG"
    data = saved_with(turned, kind, exif)
    assert alike(look_over(saved(photograph, "PNG"))[1].cells, look_over(data)[1].cells)


def saved_with(picture: Image.Image, kind: str, exif: Image.Exif) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, exif=exif)
    return buffer.getvalue()
