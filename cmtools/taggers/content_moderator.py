"""Tags pictures and texts with Content Moderator's Evaluate and Screen: the vendor's, or those of our own service.

What it says and what we make of it
-----------------------------------
Of a picture it gives two scores in [0, 1], of a text in English three, and of any text the listed terms in it:

=============================== ======= ==========================================================================
what is said                    tag     true from
=============================== ======= ==========================================================================
``AdultClassificationScore``    ``a``   0.5, the middle of the scale: the vendor has published no other bar
``RacyClassificationScore``     ``r``   the same
``Category1`` (explicit)        ``a``   the same
``Category2`` (suggestive)      ``r``   the same
``Category3`` (offensive)       ``of``  the same
``Terms``                       ``p``   there is one; no score
=============================== ======= ==========================================================================

Its own verdicts (``IsImageAdultClassified``, ``ReviewRecommended`` ...) stand in metadata. Where our own service has a
tagger that gives no scores, a verdict that is true makes the tag true, without a score. It classifies no texts:
``a``, ``r`` and ``of`` are silent then.

Keys and limits
---------------
``CONTENT_MODERATOR_SUBSCRIPTION_KEY`` and ``CONTENT_MODERATOR_ENDPOINT``, as the vendor's quickstarts name them. For
our own service they are a team's key and the service's address. A text has at most 1,024 characters; pictures of more
than 4 MB are sent smaller, and those of less than 128 pixels a side are not sent.

This follows the documented API, version v1.0. It is tested against a stand-in that answers in its shape and against our
own service; the vendor's has been announced to end and could not be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from ..model import FoundTerm
from .picture import media_type
from .rest import Rest
from .shrink import Room
from .tagging import Tagging

PREFIX = "/contentmoderator/moderate/v1.0"
OF_PICTURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "a": ("AdultClassificationScore", "IsImageAdultClassified"),
        "r": ("RacyClassificationScore", "IsImageRacyClassified"),
    }
)
"""By tag, the score and the verdict of a picture."""
OF_TEXTS: Mapping[str, str] = MappingProxyType({"Category1": "a", "Category2": "r", "Category3": "of"})
"""The classes of a text, and the tags that they become."""
LISTED = "p"


class ContentModerator(Rest):
    """Tags pictures as ``a`` and ``r``, texts as ``a``, ``r``, ``of`` and ``p``; the parameters are those of `Rest`.

    Examples
    --------
    >>> ContentModerator(key="...", endpoint="http://127.0.0.1:8765")
    ContentModerator(type='Image')
    """

    name = "content-moderator"
    version = "v1.0"
    key_variable = "CONTENT_MODERATOR_SUBSCRIPTION_KEY"
    endpoint_variable = "CONTENT_MODERATOR_ENDPOINT"
    room = Room(4_000_000, 128, 10_000, frozenset({"JPEG", "PNG", "GIF", "BMP"}))
    most_characters = 1024
    of_type: ClassVar[Mapping[str, Mapping[str, float]]] = MappingProxyType(
        {
            "Image": MappingProxyType({"a": 0.5, "r": 0.5}),
            "Text": MappingProxyType({"a": 0.5, "r": 0.5, "of": 0.5}),
        }
    )

    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""
        return {"Ocp-Apim-Subscription-Key": key}

    def request(self, items: Sequence[bytes | str]) -> tuple[str, dict[str, str], bytes]:
        """One picture or one text; see `Rest.request`."""
        (item,) = items
        if isinstance(item, str):
            return f"{PREFIX}/ProcessText/Screen/?classify=True", {"Content-Type": "text/plain"}, item.encode()
        return f"{PREFIX}/ProcessImage/Evaluate", {"Content-Type": media_type(item)}, item

    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What one answer says of its one item; see `Cloud.read_answer`."""
        yield self._of_picture(data) if self.type == "Image" else self._of_text(data)

    def _of_picture(self, data: Any) -> Tagging:
        given = {code: (data[score], data[verdict]) for code, (score, verdict) in OF_PICTURES.items()}
        scores = {code: score for code, (score, _) in given.items() if score is not None}
        said = self.tagging(scores, [(name, data[name]) for names in OF_PICTURES.values() for name in names])
        verdicts = {code: True for code, (score, on) in given.items() if score is None and on is True}
        return replace(said, tags={**said.tags, **verdicts})

    def _of_text(self, data: Any) -> Tagging:
        classes = data.get("Classification") or {}
        values = {name: classes[name]["Score"] for name in OF_TEXTS if classes.get(name)}
        raw = [*values.items(), *((name, classes[name]) for name in ("ReviewRecommended",) if name in classes)]
        said = self.tagging({OF_TEXTS[name]: value for name, value in values.items()}, raw)
        terms = tuple(
            FoundTerm(int(term["Index"]), int(term["OriginalIndex"]), str(term["Term"])) for term in data["Terms"] or ()
        )
        return replace(said, tags={**said.tags, LISTED: bool(terms)}, terms=terms)
