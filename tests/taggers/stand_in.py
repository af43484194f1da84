"""A server of this machine that stands in for the clouds: it answers in their documented shapes, or as a test says.

What it says of a picture or a text depends on nothing but its bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

KEY = "geheim-0123456789abcdef"
"""The one key that is right."""
MODERATOR = "/contentmoderator/moderate/v1.0"
LIKELIHOODS = ("VERY_UNLIKELY", "UNLIKELY", "POSSIBLE", "LIKELY", "VERY_LIKELY")


@dataclass(frozen=True)
class Reply:
    """An answer; ``short`` bytes of it are held back, and with ``hang`` it never comes."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    short: int = 0
    hang: bool = False


@dataclass(frozen=True)
class Asked:
    """What was asked: the path with its query, the headers with names in lower case, and the body."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def share(item: bytes, category: str) -> float:
    """How much of a category an item has, as the stand-in sees it: from 0 to 1."""
    return int.from_bytes(hashlib.sha256(category.encode() + item).digest()[:4]) / 2**32


class StandIn:
    """Answers as all the clouds, each at its own path.

    Attributes
    ----------
    url : str
        Its address, without a slash at the end.
    asked : list of Asked
        In order.
    replies : deque of Reply
        What the next ones are answered, whatever they ask; then the clouds answer again.
    judge : callable, optional
        Is shown each question first; gives a reply to send, or None.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: deque[Reply] = deque()
        self.judge: Callable[[Asked], Reply | None] = lambda asked: None
        self._gone = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, asked: Asked) -> Reply:
        """What a question is answered."""
        self.asked.append(asked)
        if self.replies:
            return self.replies.popleft()
        if (reply := self.judge(asked)) is not None:
            return reply
        cloud = next((answer for path, answer in CLOUDS.items() if asked.path.startswith(path)), None)
        return Reply(404, body=b'{"error": {"code": "NotFound"}}') if cloud is None else cloud(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                reply = site.reply(Asked(self.path, headers, body))
                if reply.hang:
                    site._gone.wait(60)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: len(reply.body) - reply.short])

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


def said(data: Mapping[str, Any], status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, body=json.dumps(data).encode())


def _content_safety(asked: Asked) -> Reply:
    if asked.headers.get("ocp-apim-subscription-key") != KEY:
        return said({"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}, 401)
    body = asked.json
    item = body["text"].encode() if "text" in body else base64.b64decode(body["image"]["content"])
    rows = [{"category": name, "severity": 2 * int(share(item, name) * 4)} for name in body["categories"]]
    return said({"categoriesAnalysis": rows, **({"blocklistsMatch": []} if "text" in body else {})})


def _evaluate(asked: Asked) -> Reply:
    if asked.headers.get("ocp-apim-subscription-key") != KEY:
        return said(
            {"Error": {"Code": "Unauthorized", "Message": "Access denied due to invalid subscription key."}}, 401
        )
    adult, racy = share(asked.body, "adult"), share(asked.body, "racy")
    return said(
        {
            "AdultClassificationScore": adult,
            "IsImageAdultClassified": adult > 0.8,
            "RacyClassificationScore": racy,
            "IsImageRacyClassified": racy > 0.8,
            "AdvancedInfo": [{"Key": "ImageSizeInBytes", "Value": str(len(asked.body))}],
            "Result": adult > 0.8 or racy > 0.8,
            "Status": {"Code": 3000, "Description": "OK", "Exception": None},
            "TrackingId": "WU_ibiza_0",
        }
    )


def _screen(asked: Asked) -> Reply:
    if asked.headers.get("ocp-apim-subscription-key") != KEY:
        return said(
            {"Error": {"Code": "Unauthorized", "Message": "Access denied due to invalid subscription key."}}, 401
        )
    text = asked.body.decode()
    place = text.find("spam")
    terms = [{"Index": place, "OriginalIndex": place, "ListId": 0, "Term": "spam"}] if place >= 0 else None
    classes = {name: {"Score": share(asked.body, name)} for name in ("Category1", "Category2", "Category3")}
    return said(
        {
            "OriginalText": text,
            "NormalizedText": text,
            "Misrepresentation": None,
            "Classification": {"ReviewRecommended": True, **classes},
            "Language": "eng",
            "Terms": terms,
            "Status": {"Code": 3000, "Description": "OK", "Exception": None},
            "TrackingId": "WU_ibiza_0",
        }
    )


def _vision(asked: Asked) -> Reply:
    if asked.headers.get("x-goog-api-key") != KEY:
        details = [{"reason": "API_KEY_INVALID"}]
        error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": details}
        return said({"error": error}, 400)
    answers: list[Any] = []
    for each in asked.json["requests"]:
        item = base64.b64decode(each["image"]["content"])
        names = ("adult", "spoof", "medical", "violence", "racy")
        answers.append({"safeSearchAnnotation": {name: LIKELIHOODS[int(share(item, name) * 5)] for name in names}})
    return said({"responses": answers})


OPENAI_CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "sexual"),
    *("self-harm", "self-harm/intent", "self-harm/instructions", "sexual/minors", "violence", "violence/graphic"),
)
OPENAI_OF_PICTURES = {
    *("sexual", "violence", "violence/graphic", "self-harm", "self-harm/intent", "self-harm/instructions")
}


def _moderations(asked: Asked) -> Reply:
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        error = {"message": "Incorrect API key provided: geheim-0*******cdef.", "code": "invalid_api_key"}
        return said({"error": error}, 401)
    results = []
    for each in asked.json["input"]:
        picture = isinstance(each, dict)
        item = base64.b64decode(each["image_url"]["url"].partition(",")[2]) if picture else each.encode()
        known = OPENAI_OF_PICTURES if picture else set(OPENAI_CATEGORIES)
        scores = {name: share(item, name) if name in known else 0 for name in OPENAI_CATEGORIES}
        results.append(
            {
                "flagged": max(scores.values()) > 0.7,
                "categories": {name: score > 0.7 for name, score in scores.items()},
                "category_scores": scores,
                "category_applied_input_types": {
                    name: ["image" if picture else "text"] if name in known else [] for name in OPENAI_CATEGORIES
                },
            }
        )
    return said({"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": results})


def _rekognition(asked: Asked) -> Reply:
    if asked.headers.get("x-amz-target") != "RekognitionService.DetectModerationLabels":
        return said({"__type": "UnknownOperationException"}, 400)
    if KEY[:16] not in asked.headers.get("authorization", ""):
        message = "The security token included in the request is invalid."
        return said({"__type": "UnrecognizedClientException", "message": message}, 400)
    item = base64.b64decode(asked.json["Image"]["Bytes"])
    labels = []
    for name, parent, level in (
        ("Explicit", "", 1),
        ("Explicit Nudity", "Explicit", 2),
        ("Exposed Female Nipple", "Explicit Nudity", 3),
        ("Violence", "", 1),
    ):
        confidence = 100 * share(item, name)
        if confidence >= asked.json["MinConfidence"]:
            labels.append({"Confidence": confidence, "Name": name, "ParentName": parent, "TaxonomyLevel": level})
    return said({"ModerationLabels": labels, "ModerationModelVersion": "7.0", "ContentTypes": []})


CLOUDS: dict[str, Callable[[Asked], Reply]] = {
    "/contentsafety/": _content_safety,
    f"{MODERATOR}/ProcessImage/Evaluate": _evaluate,
    f"{MODERATOR}/ProcessText/Screen": _screen,
    "/v1/images:annotate": _vision,
    "/v1/moderations": _moderations,
    "/": _rekognition,
}
