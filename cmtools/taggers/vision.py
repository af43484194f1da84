"""Tags pictures with the SafeSearch of Google Cloud Vision, over its REST API. It takes an API key and no account file.

What it says and what we make of it
-----------------------------------
For each of five categories the cloud gives one of five words, from ``VERY_UNLIKELY`` to ``VERY_LIKELY``. The score is
the place of the word: 0, 0.25, 0.5, 0.75, 1. It is *ordinal*. ``UNKNOWN`` leaves the tag silent.

============= ============= =====================================================================================
category      tag           true from
============= ============= =====================================================================================
``adult``     ``a``         0.75, ``LIKELY``: the first word that leans to yes
``racy``      ``r``         the same
``violence``  ``vi``        the same
``medical``   none          no harm by itself; in metadata
``spoof``     none          no harm by itself; in metadata
============= ============= =====================================================================================

Keys and limits
---------------
``GOOGLE_API_KEY``; it travels in the header ``x-goog-api-key``, never in the address. Another endpoint, such as
``https://eu-vision.googleapis.com``, is given by ``CLOUDSDK_API_ENDPOINT_OVERRIDES_VISION``, the vendor's own variable
for it, or by ``endpoint=``. Up to 16 pictures go in one call, which has at most 10 MB: pictures of more than 7 MB or
8,000 pixels a side are sent smaller.

This follows the documented REST API, version v1, and is tested against a stand-in that answers in its shape. It could
not be tried against the real service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from ..outgoing.outbound import Answer
from .rest import Rest
from .shrink import Room
from .tagging import Tagging

LIKELIHOODS: Mapping[str, float] = MappingProxyType(
    {"VERY_UNLIKELY": 0.0, "UNLIKELY": 0.25, "POSSIBLE": 0.5, "LIKELY": 0.75, "VERY_LIKELY": 1.0}
)
"""The cloud's words, and the scores that they become."""
CATEGORIES: Mapping[str, str] = MappingProxyType({"adult": "a", "racy": "r", "violence": "vi"})
"""The cloud's categories, and the tags that they become."""
MOST_BYTES = 7_000_000
"""Of the pictures in one call; written as text they have a third more."""
INVALID_KEY = (b"API_KEY_INVALID", b"API key not valid", b"API key expired")


class GoogleVision(Rest):
    """Tags pictures as ``a``, ``r`` and ``vi`` by a likelihood; the parameters are those of `Rest`.

    Examples
    --------
    >>> GoogleVision(key="...").thresholds["r"]
    0.75
    """

    name = "google-vision"
    version = "v1"
    key_variable = "GOOGLE_API_KEY"
    endpoint_variable = "CLOUDSDK_API_ENDPOINT_OVERRIDES_VISION"
    own_endpoint = "https://vision.googleapis.com"
    room = Room(MOST_BYTES, 1, 8000, frozenset({"JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"}))
    of_type: ClassVar[Mapping[str, Mapping[str, float]]] = MappingProxyType(
        {"Image": MappingProxyType(dict.fromkeys(CATEGORIES.values(), 0.75))}
    )
    per_call: ClassVar[Mapping[str, tuple[int, int]]] = MappingProxyType({"Image": (16, MOST_BYTES)})

    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""
        return {"x-goog-api-key": key}

    def refuses_key(self, answer: Answer) -> bool:
        """Of a key that is none, this cloud says 400."""
        return super().refuses_key(answer) or (answer.status == 400 and any(it in answer.body for it in INVALID_KEY))

    def request(self, items: Sequence[bytes | str]) -> tuple[str, dict[str, str], bytes]:
        """Up to 16 pictures; see `Rest.request`."""
        pictures = [base64.b64encode(item).decode() for item in items if isinstance(item, bytes)]
        wanted = [{"type": "SAFE_SEARCH_DETECTION"}]
        body = {"requests": [{"image": {"content": picture}, "features": wanted} for picture in pictures]}
        return "/v1/images:annotate", {"Content-Type": "application/json"}, json.dumps(body).encode()

    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What one answer says of its pictures; see `Cloud.read_answer`."""
        return [self._of_picture(each) for each in data["responses"]]

    def _of_picture(self, said: Any) -> Tagging:
        if "error" in said:
            return Tagging(error=f"{self.name}: {said['error'].get('message')}")
        words = said["safeSearchAnnotation"]
        known = {CATEGORIES[name]: LIKELIHOODS.get(word) for name, word in words.items() if name in CATEGORIES}
        scores = {code: score for code, score in known.items() if score is not None}
        return self.tagging(scores, [(name, word) for name, word in words.items() if isinstance(word, str)])
