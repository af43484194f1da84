"""Rules of Evaluate and Screen: one picture or one text shown to the service's tagger now. Nothing of it is kept."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Pairs
from ..outgoing.outbound import Outbound
from ..taggers import Tagger, Tagging
from . import tagging
from .context import new_id

CACHE_ID_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was said of a picture. ``cache_id`` names its bytes; ``info`` is its size and how long it took to come."""

    said: Tagging
    cache_id: str
    info: Pairs

    def of(self, code: str) -> tuple[float | None, bool]:
        """The score of a tag, None where the tagger has none, and whether the tag is on."""
        scores = {key.lower(): value for key, value in self.said.scores.items()}
        tags = {key.lower(): value for key, value in self.said.tags.items()}
        return scores.get(code), tags.get(code, False)


def evaluate(
    taggers: Mapping[str, Tagger], outbound: Outbound, picture: bytes | str, thresholds: Mapping[str, float]
) -> Evaluated:
    """Show a picture to the tagger.

    Parameters
    ----------
    taggers : mapping of str to Tagger
        By type.
    outbound : Outbound
        Fetches a picture that is named by its address.
    picture : bytes or str
        The picture, or its address.
    thresholds : mapping of short code to float
        The team's own.

    Raises
    ------
    NoTagger
        The service has no tagger for pictures.
    BadRequest
        There is no picture within the limits, or the tagger cannot tag it.
    """
    tagger = tagging.require_tagger(taggers, "Image")
    info: Pairs = ()
    if isinstance(picture, str):
        began = time.monotonic()
        picture = outbound.fetch_picture(picture, tagging.MOST_BYTES)
        info = (("ImageDownloadTimeInMs", str(round(1000 * (time.monotonic() - began)))),)
    tagging.check_picture(picture)
    cache_id = hashlib.sha256(picture).hexdigest()[:CACHE_ID_CHARACTERS]
    said = tagging.ask(tagger, picture, thresholds)
    return Evaluated(said, cache_id, (*info, ("ImageSizeInBytes", str(len(picture)))))


def tracking_id() -> str:
    """What names one answer, in the shape that the live service's had."""
    return f"CMT_{new_id()}_ContentModerator.Preview_{uuid.uuid4()}"


def screen(taggers: Mapping[str, Tagger], body: bytes, thresholds: Mapping[str, float]) -> tuple[str, Tagging]:
    """Show a text to the tagger, under the team's thresholds; gives the text too.

    Raises
    ------
    NoTagger
        The service has no tagger for texts.
    BadRequest
        The body is empty, no UTF-8 or too long, or the tagger cannot tag it.
    """
    tagger = tagging.require_tagger(taggers, "Text")
    text = tagging.check_text(tagging.read_text(body))
    return text, tagging.ask(tagger, text, thresholds)
