"""How people copy pictures: each way of it makes other bytes of what a person would call the same picture."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance

Picture = Image.Image


def saved(picture: Picture, kind: str = "JPEG", quality: int = 90) -> bytes:
    """The picture as a file."""
    buffer = BytesIO()
    picture.save(buffer, kind, **({"quality": quality} if kind != "PNG" else {}))
    return buffer.getvalue()


def scaled(picture: Picture, factor: float) -> Picture:
    return picture.resize((max(1, round(picture.width * factor)), max(1, round(picture.height * factor))))


def cropped(picture: Picture, share: float) -> Picture:
    """Without a strip of so much of its width and height on each side."""
    x, y = round(picture.width * share), round(picture.height * share)
    return picture.crop((x, y, picture.width - x, picture.height - y))


def marked(picture: Picture) -> Picture:
    """With somebody's name in a corner, over an eighth of its height."""
    made = picture.copy()
    size = max(8, picture.height // 8)
    ImageDraw.Draw(made).text((picture.width // 2, picture.height - size), "@somebody", "white", font_size=size)
    return made


WAYS: dict[str, Callable[[Picture], bytes]] = {
    "saved again at quality 90": saved,
    "saved again at quality 30": lambda picture: saved(picture, quality=30),
    "as PNG": lambda picture: saved(picture, "PNG"),
    "as WebP": lambda picture: saved(picture, "WEBP", 80),
    "at half the size": lambda picture: saved(scaled(picture, 0.5)),
    "at twice the size": lambda picture: saved(scaled(picture, 2)),
    "brighter by a fifth": lambda picture: saved(ImageEnhance.Brightness(picture).enhance(1.2)),
    "darker by a fifth": lambda picture: saved(ImageEnhance.Brightness(picture).enhance(0.8)),
    "more contrast": lambda picture: saved(ImageEnhance.Contrast(picture).enhance(1.3)),
    "in grey": lambda picture: saved(picture.convert("L")),
    "with a mark": lambda picture: saved(marked(picture)),
    "cropped by 1% a side": lambda picture: saved(cropped(picture, 0.01)),
    "cropped by 3% a side": lambda picture: saved(cropped(picture, 0.03)),
}
"""By what a person would say of the copy."""
