"""Pictures that differ in their words alone: captions of a photograph, conversations on a screen, pages of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFont

Picture = Image.Image

_COMMON = (
    "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out many"
)
WORDS = _COMMON.split()


def sentence(chance: Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def captioned(picture: Picture, chance: Random, size: int) -> Picture:
    """A picture with white words at its foot, on a black bar."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, made.height - 2 * size, made.width, made.height), "black")
    words = sentence(chance, max(3, made.width // size // 4))
    draw.text((10, made.height - 1.6 * size), words, "white", font_size=size)
    return made


def conversation(lines: Sequence[str], width: int, height: int, size: int) -> Picture:
    """Bubbles to the left and to the right, one line in each, as many as fit."""
    made = Image.new("RGB", (width, height), (236, 229, 221))
    draw = ImageDraw.Draw(made)
    for place, line in enumerate(lines):
        x, y = (20, width // 4)[place % 2], 20 + 4 * size * place
        if y > height - 4 * size:
            break
        color = ("white", (220, 248, 198))[place % 2]
        draw.rounded_rectangle((x, y, x + width * 0.7, y + 3 * size), size // 2, color)
        draw.text((x + size // 2, y + size), line, "black", font_size=size)
    return made


def conversations(chance: Random, width: int, height: int, size: int) -> tuple[Picture, Picture]:
    """The same conversation twice, but for one sentence."""
    words, shown = max(2, round(width * 0.2 / size)), max(1, height // (4 * size) - 1)
    lines = [sentence(chance, words) for _ in range(shown)]
    other = list(lines)
    other[chance.randrange(shown)] = sentence(chance, words)
    return conversation(lines, width, height, size), conversation(other, width, height, size)


def page(chance: Random, width: int, height: int, size: int) -> Picture:
    """Lines of words from edge to edge, black on white."""
    made = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(size)
    for y in range(size, height - 2 * size, round(1.4 * size)):
        line = sentence(chance, width // (2 * size) + 3)
        while font.getlength(line) > width - 2 * size:
            line = line.rpartition(" ")[0]
        draw.text((size, y), line, "black", font=font)
    return made


Pairs = Callable[[Picture, Random], tuple[Picture, Picture]]
"""Takes a photograph, and gives two pictures that are no copies of each other."""


def _captions(size: int) -> Pairs:
    return lambda picture, chance: (captioned(picture, chance, size), captioned(picture, chance, size))


def _conversations(width: int, height: int, size: int) -> Pairs:
    return lambda _picture, chance: conversations(chance, width, height, size)


def _pages(width: int, height: int, size: int) -> Pairs:
    return lambda _picture, chance: (page(chance, width, height, size), page(chance, width, height, size))


UNLIKE: dict[str, Pairs] = {
    **{f"captions of {size} pixels": _captions(size) for size in (14, 20, 40)},
    **{
        f"one sentence of {size} pixels on a screen of {width} x {height}": _conversations(width, height, size)
        for width, height, size in ((360, 640, 14), (540, 960, 20), (720, 1280, 40), (1080, 1920, 40))
    },
    **{f"pages of text of {size} pixels": _pages(600, 800, size) for size in (14, 20, 40)},
    "the picture in grey": lambda picture, _chance: (picture, picture.convert("L").convert("RGB")),
}
"""By what differs."""
