"""One example of every record, request body and refusal, for the OpenAPI document and its tests. It holds no rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .. import errors, model
from ..tags import Tag, TagSet
from . import own, schemas
from .failures import write_error
from .schemas import Schema

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
REVIEW_ID = "202603i9f0c1d2e3b4a5968778695a4b3c2d1e0"
TAG_SET = TagSet([Tag("r", "isracy", threshold=0.4), Tag("sc", "isscreenshot", "A picture of a screen")])

TEAM = model.Team("demo", TAG_SET)
REVIEW = model.Review(
    REVIEW_ID,
    "Complete",
    "Image",
    "https://example.org/photo.jpg",
    "photo-1",
    metadata=(("a", "False"), ("a.score", "0.071"), ("model", "v2")),
    auto_tags={"a": False},
    human_tags={"a": False, "r": True, "sc": False},
    scores={"a": 0.071},
    answers=(model.Answer("ana", "r", True, NOW),),
    callback_endpoint="https://example.org/callback",
    created_by="administrator",
    created_at=NOW,
    decided_at=NOW,
)
WAITING = model.Review(
    REVIEW_ID,
    "Leased",
    "Image",
    "https://example.org/photo.jpg",
    "photo-1",
    metadata=(("a", "False"),),
    auto_tags={"a": False},
    toggles={"r": True},
    created_by="administrator",
    created_at=NOW,
)
LEASE = model.Lease("7c9e6679", "ana", "Image", LATER, (WAITING,), created_at=NOW, token=f"of {REVIEW_ID}")
JOB = model.Job(
    "2026039f0c1d2e3b4a5968778695a4b3c2d1e0",
    "Complete",
    "watch",
    "Image",
    "photo-1",
    "https://example.org/photo.jpg",
    "https://example.org/callback",
    REVIEW_ID,
    (("adultScore", "0.016"), ("isAdult", "False"), ("racyScore", "0.412"), ("isRacy", "True")),
    (
        model.JobStep(NOW + timedelta(seconds=1), "Execution Complete"),
        model.JobStep(NOW, "Starting Execution - Try 1"),
    ),
    NOW,
)
VERDICT = model.Verdict(
    {"p": True},
    {"p": 0.87},
    (("p.threshold", "0.6"), ("tagger", "words 1f0e3dad")),
    (model.FoundTerm(10, 10, "damn", "d@mn"),),
)
HEAD = model.TrailHead("demo", 3, 1200, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", NOW)
FAULT = model.TrailFault("removed", 17, "event 17 is gone, which seal 1 lists")
ACTIVITY = model.Activity(
    NOW,
    "ana",
    31,
    (model.QueueActivity("Image", "public", model.QueueCounts(pending=12, leased=3, complete=40)),),
    (model.ReviewerActivity("ana", 3, 40, 31),),
    (model.TagActivity("r", 5, 40, 9),),
)
KNOWN = {"a": False, "r": True}
RECORDS: tuple[Any, ...] = (
    REVIEW,
    REVIEW.answers[0],
    model.Opinion({"a": False, "r": True}, {}, "ana", NOW, REVIEW_ID),
    model.GoldenItem(REVIEW_ID, "photo-1", "Image", KNOWN, 5, 2),
    model.Feedback(REVIEW_ID, "photo-1", "Image", {"a": False, "r": False}, KNOWN, NOW),
    model.Frame(500, "https://example.org/frame.jpg", metadata=(("a", "True"),), auto_tags={"a": True}),
    model.Transcript("WEBVTT", (model.Term("101", 3, "damn"),)),
    model.Term("101", 3, "damn"),
    LEASE,
    model.Submission("4f9619ff", "ana", (REVIEW_ID,), NOW, NOW + timedelta(seconds=5)),
    TEAM,
    TAG_SET["sc"],
    model.QueueCounts(pending=12, leased=3, complete=40),
    ACTIVITY,
    *(ACTIVITY.queues + ACTIVITY.reviewers + ACTIVITY.tags),
    model.Picture("9e107d9d", "http://127.0.0.1:8765/picture", "image/png", 640, 480, 51_234),
    model.AuditEvent(7, NOW, "administrator", "ana", "move", REVIEW_ID, {"subteam": "public"}, {"subteam": "legal"}),
    model.CallbackAttempt("3d813cbb", REVIEW_ID, "https://example.org/callback", "delivered", 1, NOW, NOW, "200"),
    model.CallbackSecret(NOW, None, "whsec_of the team"),
    JOB,
    JOB.report[0],
    VERDICT,
    VERDICT.terms[0],
    model.Note(REVIEW_ID, "ana", "A still of a film", NOW),
    model.Exposure(REVIEW_ID, "ana", 2, 7.5, NOW),
    model.ExposureToday("ana", 31, 40, 122.5, 200),
    HEAD,
    FAULT,
    model.TrailCheck(1200, 3, 5, (FAULT,), 1, HEAD),
    model.ApiKey("6ba7b810", "ana's laptop", "reviewer", "ana", NOW),
    model.Actor("demo", "6ba7b810", "ana's laptop", "reviewer", "ana"),
)
BODIES: dict[str, Any] = {
    "CheckoutBody": {"count": 20, "type": "Image", "order": "uncertain", "blind": False},
    "HoldBody": {"review_ids": [REVIEW_ID], "seconds": 3600, "note": "ask legal"},
    "TakeHeldBody": {"review_ids": [REVIEW_ID]},
    "UnholdBody": {"review_ids": [REVIEW_ID]},
    "AnswersBody": {"answers": {REVIEW_ID: {"a": False, "r": True}}},
    "TogglesBody": {"toggles": {REVIEW_ID: {"r": True}}},
    "ReleaseBody": {"review_ids": [REVIEW_ID]},
    "MoveBody": {"subteam": "public"},
    "TagBody": {"short_code": "sc", "name": "isscreenshot", "description": "A picture of a screen", "visible": True},
    "ThresholdBody": {"threshold": 0.4},
    "GoldenFeedbackBody": {"told": True},
    "SettleBody": {"review_ids": [REVIEW_ID]},
    "NotedBody": {"about": "the sampling plan of the autumn audit"},
    "SubteamBody": {"name": "legal"},
    "KeyBody": {"label": "ana's laptop", "role": "reviewer", "reviewer": "ana"},
    "NoteBody": {"text": "A still of a film"},
    "RevealsBody": {"reveals": {REVIEW_ID: 2.5}},
    "PreferencesBody": {"values": {"blur": True, "columns": 5}},
    "WellnessBody": {"break_after_seconds": 3000.0, "most_reveals_per_day": 200},
    "RotationBody": {"grace_seconds": 3600},
    "RedeliverBody": {"callback_id": None},
    "SecretBody": {"keep_previous_seconds": 86_400},
    "LookupBody": {"ids": [REVIEW_ID]},
    "ThumbnailsBody": {"ids": [REVIEW_ID], "size": 240},
}
REFUSALS: dict[int, errors.CmtoolsError] = {
    400: errors.BadDraft("it is missing", where="[3].Metadata[0].Key"),
    401: errors.NotAuthorized("the service does not know this key: check CMTOOLS_KEY"),
    403: errors.Forbidden("a key of role 'auditor' may not do this; it takes one of administrator, lead"),
    404: errors.NotFound(f"the team has no review '{REVIEW_ID}'"),
    409: errors.LeaseLost("the lease has expired; check out again"),
    413: errors.TooLarge("the body has more than 64,000,000 bytes: send less at once"),
    415: errors.UnsupportedType("the body is marked as 'text/html'; this address takes application/json"),
    429: errors.RateLimited("this key may ask 600 per 1 minute: wait 12 s, then try again"),
    500: errors.TaggerFailed("the tagger 'opennsfw' failed (MemoryError); the service's log has more"),
    503: errors.StoreError("PostgreSQL cannot be read: the connection was refused"),
}


def refusal(status: int) -> dict[str, Any]:
    """The body of a refusal with that status.

    Examples
    --------
    >>> refusal(409)["Error"]["Code"]
    'LeaseLost'
    """
    return write_error(REFUSALS[status])


def components() -> dict[str, Schema]:
    """Every component of the document, with its example."""
    shown = {type(record).__name__: own.write(record) for record in RECORDS} | BODIES
    return {
        name: {**schema, "examples": [shown[name]]} if name in shown else schema
        for name, schema in schemas.components().items()
    }
