"""Examples of the Review API's requests and answers, for the OpenAPI document and its tests. It holds no rule."""

from __future__ import annotations

from typing import Any

from ..model import Frame, Review
from . import examples, frames, review_schemas, reviews
from .schemas import Schema
from .spelling import Spelling

DRAFTS: dict[str, Any] = {
    "a picture": [
        {
            "Type": "Image",
            "Content": "https://example.org/photo.jpg",
            "ContentId": "photo-1",
            "CallbackEndpoint": "https://example.org/callback?from=reviews",
            "Metadata": [{"Key": "a", "Value": "False"}, {"Key": "model", "Value": "v2"}],
        }
    ],
    "two texts": [
        {"Type": "Text", "Content": "Is this one fine?", "ContentId": "comment-1"},
        {"Type": "Text", "Content": "And that one?", "ContentId": "comment-2", "IdempotencyKey": "comment-2 of today"},
    ],
    "a video that is still to get its frames": [
        {
            "Type": "Video",
            "Content": "https://example.org/talk.ism/manifest",
            "ContentId": "talk-1",
            "Status": "Unpublished",
            "Timescale": 30,
            "VideoFrames": [{"Timestamp": 15, "FrameImage": "https://example.org/half-a-second.jpg"}],
        }
    ],
}
FRAMES = [
    {
        "Timestamp": "500",
        "FrameImage": "https://example.org/half-a-second.jpg",
        "Metadata": [{"Key": "a", "Value": "False"}, {"Key": "adultScore", "Value": "0.013"}],
        "ReviewerResultTags": [],
    }
]
TERMS = [{"Timestamp": "101", "Terms": [{"Index": 3, "Term": "damn"}]}]
VIDEO = Review(
    "202603v9f0c1d2e3b4a5968778695a4b3c2d1e0",
    "Unpublished",
    "Video",
    "https://example.org/talk.ism/manifest",
    "talk-1",
    frames=(Frame(500, "https://example.org/half-a-second.jpg", metadata=(("a", "False"), ("adultScore", "0.013"))),),
)


def components() -> dict[str, Schema]:
    """Every shape of the Review API with its example."""
    found = review_schemas.components()
    for spelling in ("camel", "pascal"):
        for name, value in _shown(spelling).items():
            found[name + spelling.title()]["examples"] = [value]
    return found


def _shown(spelling: Spelling) -> dict[str, Any]:
    written = frames.write_frames(VIDEO, examples.TEAM, spelling)
    listed = next(value for value in written.values() if isinstance(value, list))
    return {
        "ApiReview": reviews.write_review(examples.REVIEW, examples.TEAM, spelling),
        "ApiFrame": listed[0],
        "ApiFrames": written,
    }
