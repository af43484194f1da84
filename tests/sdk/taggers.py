"""Two small taggers whose every answer can be worked out by hand. They stand in for models, which differ by machine."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import ClassVar

from PIL import Image

from cmtools.taggers import FoundTerm, Tagger, Tagging

RUDE = "crap"


class RedPictures(Tagger):
    """Finds red pictures adult: the score is how much red a picture has beyond its other colours; racy is half that."""

    name, type = "red", "Image"
    default_thresholds: ClassVar = {"a": 0.5, "r": 0.5}

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self._tagging(item) for item in items if isinstance(item, bytes)]

    def _tagging(self, data: bytes) -> Tagging:
        try:
            red, green, blue = Image.open(BytesIO(data)).convert("RGB").resize((1, 1)).getpixel((0, 0))
        except OSError:
            return Tagging(error="this is no picture")
        adult = max(0.0, (red - (green + blue) / 2) / 255)
        scores = {"a": adult, "r": adult / 2}
        return Tagging({code: score >= self.thresholds[code] for code, score in scores.items()}, scores)


class RudeWords(Tagger):
    """Finds one rude word, wherever it stands."""

    name, type = "rude", "Text"

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self._tagging(item) for item in items if isinstance(item, str)]

    def _tagging(self, text: str) -> Tagging:
        starts = [index for index in range(len(text)) if text.lower().startswith(RUDE, index)]
        terms = tuple(FoundTerm(start, start, RUDE, text[start : start + len(RUDE)]) for start in starts)
        return Tagging({"a": bool(terms)}, terms=terms)
