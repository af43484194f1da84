"""Tags pictures and texts with OpenAI's moderation endpoint (omni-moderation), over its REST API.

What it says and what we make of it
-----------------------------------
For each category the cloud gives a score in [0, 1], which is taken as it is. The vendor calls it the model's confidence
and says that it may move from one version of the model to the next; a tag takes the highest of its categories.

================================================= ======= ========== =============================================
category                                          tag     pictures   true from
================================================= ======= ========== =============================================
``sexual``                                        ``a``   yes        0.5, the middle: the vendor tells no bar
``sexual/minors``                                 ``mi``             the same
``violence``                                      ``vi``  yes        the same
``violence/graphic``                              ``gr``  yes        the same
``hate``, ``hate/threatening``                    ``ha``             the same
``harassment``, ``harassment/threatening``        ``hr``             the same
``self-harm``, ``.../intent``, ``.../instructions`` ``sh`` yes       the same
``illicit``, ``illicit/violent``                  ``il``             the same
================================================= ======= ========== =============================================

There is no category for "suggestive": ``r`` is silent. Of pictures the cloud knows only the categories marked so; it
gives the others a score of 0, which we leave out. Its own verdicts are the metadata ``openai-moderation.flagged``: the
categories that it flags, by bars of its own.

Keys and limits
---------------
``OPENAI_API_KEY``, and ``OPENAI_BASE_URL`` for another endpoint than ``https://api.openai.com/v1``. Texts go up to 32
in one call, pictures one by one, as the cloud takes them, written into the request as a ``data:`` address. Pictures of
more than 15 MB (20 as text) or 8,000 pixels a side are sent smaller. The vendor names no limit for a text; ours is
100,000 characters.

This follows the documented REST API, and is tested against a stand-in that answers in its shape. It could not be tried
against the real service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from ..outgoing.outbound import Answer
from .cloud import highest, share
from .picture import media_type
from .rest import Rest
from .shrink import Room
from .tagging import Tagging

MODEL = "omni-moderation-latest"
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "sexual": "a",
        "sexual/minors": "mi",
        "violence": "vi",
        "violence/graphic": "gr",
        "hate": "ha",
        "hate/threatening": "ha",
        "harassment": "hr",
        "harassment/threatening": "hr",
        "self-harm": "sh",
        "self-harm/intent": "sh",
        "self-harm/instructions": "sh",
        "illicit": "il",
        "illicit/violent": "il",
    }
)
"""The cloud's categories, and the tags that they become."""
USED_UP = b'"insufficient_quota"'
OF_PICTURES = ("a", "vi", "gr", "sh")
"""The tags that a picture can get."""


class OpenAIModeration(Rest):
    """Tags pictures or texts by the scores of omni-moderation; the parameters are those of `Rest`.

    Examples
    --------
    >>> list(OpenAIModeration(key="...").thresholds)
    ['a', 'vi', 'gr', 'sh']
    """

    name = "openai-moderation"
    version = MODEL
    key_variable = "OPENAI_API_KEY"
    endpoint_variable = "OPENAI_BASE_URL"
    own_endpoint = "https://api.openai.com/v1"
    room = Room(15_000_000, 1, 8000, frozenset({"JPEG", "PNG", "WEBP"}))
    most_characters = 100_000
    of_type: ClassVar[Mapping[str, Mapping[str, float]]] = MappingProxyType(
        {
            "Image": MappingProxyType(dict.fromkeys(OF_PICTURES, 0.5)),
            "Text": MappingProxyType(dict.fromkeys(CATEGORIES.values(), 0.5)),
        }
    )
    per_call: ClassVar[Mapping[str, tuple[int, int]]] = MappingProxyType({"Text": (32, 32_768)})

    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""
        return {"Authorization": f"Bearer {key}"}

    def worth_another_try(self, answer: Answer) -> bool:
        """Not so a quota that is used up, of which this cloud says 429 as of haste."""
        return super().worth_another_try(answer) and not (answer.status == 429 and USED_UP in answer.body)

    def request(self, items: Sequence[bytes | str]) -> tuple[str, dict[str, str], bytes]:
        """Up to 32 texts, or one picture; see `Rest.request`."""
        body = {"model": MODEL, "input": [item if isinstance(item, str) else _picture(item) for item in items]}
        return "/moderations", {"Content-Type": "application/json"}, json.dumps(body).encode()

    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What one answer says of its items; see `Cloud.read_answer`."""
        model = str(data["model"])
        return [self._of_item(each, model) for each in data["results"]]

    def _of_item(self, said: Any, model: str) -> Tagging:
        values: dict[str, float] = {name: value for name, value in said["category_scores"].items() if value is not None}
        known = ((CATEGORIES.get(name, ""), value) for name, value in values.items())
        scores = highest((code, share(value)) for code, value in known if code in self.thresholds)
        flagged = [name for name, on in said.get("categories", {}).items() if on is True]
        raw = [(name, f"{value:.6g}") for name, value in values.items() if CATEGORIES.get(name) in scores]
        return self.tagging(scores, [*raw, ("flagged", ", ".join(flagged) or "none")], model)


def _picture(data: bytes) -> dict[str, Any]:
    address = f"data:{media_type(data)};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": address}}
