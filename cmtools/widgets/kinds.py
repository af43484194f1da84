"""What a board knows of each type of review: its nouns and what a tile of it is told. It talks to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .terms import plain_marks_of, terms_of

if TYPE_CHECKING:
    from .screen import Item

TEXT_LIMIT = 600
"""How many characters of a text a tile gets; the details show the whole."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of review on a board.

    ``row`` says what a tile needs beyond what every tile gets; it is short, since a screen may hold thousands.
    """

    one: str
    several: str
    row: Callable[[Item], dict[str, object]]


def _nothing_more(_item: Item) -> dict[str, object]:
    return {}


def _text(item: Item) -> dict[str, object]:
    """The beginning of a text, where flagged words stand undisguised (the page asks for all), whether more follows."""
    text = item.review.content[:TEXT_LIMIT]
    row: dict[str, object] = {"text": text}
    if terms_of(item.review.metadata):
        row |= {"flagged": True, "marks": plain_marks_of(text, item.review.metadata)}
    return row | {"cut": True} if len(item.review.content) > TEXT_LIMIT else row


def _video(item: Item) -> dict[str, object]:
    """Where a video plays and how many frames it has; they are told when its card comes near."""
    return {"film": item.review.content, "frames": len(item.review.frames)}


KINDS: Mapping[str, Kind] = {
    "Image": Kind("picture", "pictures", _nothing_more),
    "Text": Kind("text", "texts", _text),
    "Video": Kind("video", "videos", _video),
}
"""The types that a board shows."""
