"""Tags pictures and texts with Azure AI Content Safety, over its REST API. It uses no blocklists of the resource.

What it says and what we make of it
-----------------------------------
For each of four categories the cloud gives a severity: 0, 2, 4 or 6 (``FourSeverityLevels``, the one scale that
pictures and texts share). The score is the severity divided by 6: 0, 0.33, 0.67 or 1. It is *ordinal*.

============ ============= ======================================================================================
category     tag           true from
============ ============= ======================================================================================
``Sexual``   ``a``         0.5, that is severity 4, "medium": where the vendor's own filters begin unless told
``Violence`` ``vi``        the same
``Hate``     ``ha``        the same
``SelfHarm`` ``sh``        the same
============ ============= ======================================================================================

There is no category for "suggestive": ``r`` is silent. A threshold of 0.3 takes severity 2 ("low") as well.
Of a category that comes twice the highest severity counts.

Keys and limits
---------------
``CONTENT_SAFETY_KEY`` and ``CONTENT_SAFETY_ENDPOINT``, as the vendor's quickstarts name them. A text has at most 10,000
characters; pictures of more than 4 MB or 2,048 pixels a side are sent smaller, and those of less than 50 are not sent.

This follows the documented REST API, version 2024-09-01, and is tested against a stand-in that answers in its shape. It
could not be tried against the real service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from .cloud import highest
from .rest import Rest
from .shrink import Room
from .tagging import Tagging

API_VERSION = "2024-09-01"
HIGHEST = 6
CATEGORIES: Mapping[str, str] = MappingProxyType({"Sexual": "a", "Violence": "vi", "Hate": "ha", "SelfHarm": "sh"})
"""The cloud's categories, and the tags that they become."""
THRESHOLDS: Mapping[str, float] = MappingProxyType(dict.fromkeys(CATEGORIES.values(), 0.5))


class AzureContentSafety(Rest):
    """Tags pictures or texts as ``a``, ``vi``, ``ha`` and ``sh`` by a severity; the parameters are those of `Rest`.

    Examples
    --------
    >>> tagger = AzureContentSafety(type="Text", key="...", endpoint="https://name.cognitiveservices.azure.com")
    >>> tagger, dict(tagger.thresholds)
    (AzureContentSafety(type='Text'), {'a': 0.5, 'vi': 0.5, 'ha': 0.5, 'sh': 0.5})
    """

    name = "azure-content-safety"
    version = API_VERSION
    key_variable = "CONTENT_SAFETY_KEY"
    endpoint_variable = "CONTENT_SAFETY_ENDPOINT"
    room = Room(4_000_000, 50, 2048, frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"}))
    most_characters = 10_000
    of_type: ClassVar[Mapping[str, Mapping[str, float]]] = MappingProxyType({"Image": THRESHOLDS, "Text": THRESHOLDS})

    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""
        return {"Ocp-Apim-Subscription-Key": key}

    def request(self, items: Sequence[bytes | str]) -> tuple[str, dict[str, str], bytes]:
        """One picture or one text; see `Rest.request`."""
        (item,) = items
        asked: dict[str, object] = (
            {"text": item} if isinstance(item, str) else {"image": {"content": base64.b64encode(item).decode()}}
        )
        (place,) = asked
        body = {**asked, "categories": list(CATEGORIES), "outputType": "FourSeverityLevels"}
        path = f"/contentsafety/{place}:analyze?api-version={API_VERSION}"
        return path, {"Content-Type": "application/json"}, json.dumps(body).encode()

    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What one answer says of its one item; see `Cloud.read_answer`."""
        rows = ((each["category"], each.get("severity")) for each in data["categoriesAnalysis"])
        severities = highest((category, severity) for category, severity in rows if severity is not None)
        scores = {CATEGORIES[name]: severity / HIGHEST for name, severity in severities.items() if name in CATEGORIES}
        yield self.tagging(scores, severities.items())
