"""What a board knows of each type of review: its nouns and what a tile of it is told. It talks to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model import Review
from .terms import plain_marks_of, terms_of

TEXT_LIMIT = 600
"""How many characters of a text a tile gets; the details show the whole."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of review on a board.

    ``row`` says what a tile needs beyond what every tile gets; it is short, since a screen may hold thousands.
    """

    one: str
    several: str
    row: Callable[[Review], dict[str, object]]


def _nothing_more(_review: Review) -> dict[str, object]:
    return {}


def _text(review: Review) -> dict[str, object]:
    """The beginning of a text, where flagged words stand undisguised (the page asks for all), whether more follows."""
    text = review.content[:TEXT_LIMIT]
    row: dict[str, object] = {"text": text}
    if terms_of(review.metadata):
        row |= {"flagged": True, "marks": plain_marks_of(text, review.metadata)}
    return row | {"cut": True} if len(review.content) > TEXT_LIMIT else row


def _video(review: Review) -> dict[str, object]:
    """Where a video plays and how many frames it has; they are told when its card comes near."""
    return {"film": review.content, "frames": len(review.frames)}


KINDS: Mapping[str, Kind] = {
    "Image": Kind("picture", "pictures", _nothing_more),
    "Text": Kind("text", "texts", _text),
    "Video": Kind("video", "videos", _video),
}
"""The types that a board shows."""
