"""JSON Schemas of our own records and request bodies, for the OpenAPI document. It reads and writes no JSON itself."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Union

from .. import model
from ..errors import CmtoolsError, error_classes
from ..tags import SHORT_CODE, Tag, TagSet
from . import bodies, people

Schema = dict[str, Any]

PLACE = "#/components/schemas/"
RECORDS: tuple[type, ...] = (
    model.Review,
    model.Opinion,
    model.GoldenItem,
    model.Feedback,
    model.Answer,
    model.Frame,
    model.Transcript,
    model.Term,
    model.Lease,
    model.Submission,
    model.Team,
    Tag,
    model.QueueCounts,
    model.Activity,
    model.QueueActivity,
    model.ReviewerActivity,
    model.TagActivity,
    model.Picture,
    model.AuditEvent,
    model.CallbackAttempt,
    model.CallbackSecret,
    model.ApiKey,
    model.Actor,
    model.Note,
    model.Exposure,
    model.ExposureToday,
    model.TrailHead,
    model.TrailFault,
    model.TrailCheck,
    model.Job,
    model.JobStep,
    model.Verdict,
    model.FoundTerm,
)
"""The records that our own operations answer, each a component of the document."""

FILES = (bodies, people)
"""Where request bodies are; another file of them is added here."""
BODIES: tuple[type[bodies.Body], ...] = tuple(
    each for each in bodies.Body.__subclasses__() if each.__module__ in {file.__name__ for file in FILES}
)

NAME_PATTERN = r"^[^\x00-\x20/\\]([^\x00-\x1f/\\]*[^\x00-\x20/\\])?$"
"""A subteam's name: no slashes, no control characters, no space at its ends."""

SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Path: {"type": "string"},
    object: {},
}

THRESHOLD: Schema = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}],
    "description": "From which score on the tag is true for this team; null: as the tagger says.",
}

FIELDS: dict[str, Schema] = {
    "Review.status": {"enum": ["Unpublished", "Pending", "Leased", "Submitted", "Complete"]},
    "Review.content": {"description": "The address of the picture or video, or the text itself."},
    "Review.content_id": {"description": "The caller's own id."},
    "Review.created_by": {"description": "The label of the key that created it."},
    "CallbackAttempt.state": {"enum": ["waiting", "delivered", "failed", "cancelled"]},
    "CallbackAttempt.next_at": {"description": "When a callback that waits is tried; of no meaning for the others."},
    "CallbackSecret.secret": {"description": "Begins with whsec_; as the libraries of Standard Webhooks take it."},
    "CallbackSecret.previous": {"description": "The one before, while it signs too; empty otherwise."},
    "RedeliverBody.callback_id": {"description": "Which one; null: all that were given up, the oldest 2000 at once."},
    "SecretBody.keep_previous_seconds": {"description": "How long callbacks are signed with the previous one too."},
    "CallbackAttempt.answer": {"description": "What the receiver answered, or why nobody was reached."},
    "Frame.timestamp": {"description": "Milliseconds from the video's start.", "minimum": 0},
    "Frame.path": {"description": "Always null in an answer."},
    "Lease.token": {
        "description": "The secret that goes into the header Cmtools-Lease-Token. It is in the answers of a checkout "
        "and a resume, and empty in the others."
    },
    "Lease.subteam": {"description": "The subteam whose queue it was taken from; null is all of them."},
    "ApiKey.secret": {"description": "The key itself, in the answer that made it; empty ever after."},
    "ApiKey.role": {"enum": ["administrator", "lead", "reviewer", "submitter", "auditor"]},
    "Submission.lease": {"description": "Always null in an answer."},
    "Job.status": {"enum": ["InProgress", "Complete", "Error"]},
    "Job.content": {"description": "The address or the text; empty where the picture came as bytes."},
    "Job.metadata": {"description": "The tagger's outputs, in order."},
    "Job.report": {"description": "What was done, newest first."},
    "Verdict.tags": {"description": "Short code to value, of the tags that the tagger has a word on."},
    "Verdict.scores": {"description": "Short code to a score from 0 to 1, of the tags that the tagger scores."},
    "Verdict.metadata": {
        "description": "The thresholds that held, as `<short code>.threshold`, then what the tagger tells beside."
    },
    "Verdict.terms": {"description": "The listed terms that a text has, in its order."},
    "FoundTerm.index": {
        "description": "Where it stands in the text as the tagger normalised it; in characters, from 0."
    },
    "FoundTerm.original_index": {"description": "Where it stands in the text as it came."},
    "FoundTerm.term": {"description": "As the list spells it."},
    "FoundTerm.spelling": {"description": "As the text spells it."},
    "Answer.frame": {"description": "The milliseconds of a video's frame; null for the whole review."},
    "KeyBody.role": {"enum": ["administrator", "lead", "reviewer", "submitter", "auditor"]},
    "TagBody.short_code": {"pattern": rf"^{SHORT_CODE.pattern}$", "maxLength": 16},
    "SubteamBody.name": {"pattern": NAME_PATTERN, "maxLength": 64},
    "CheckoutBody.type": {"enum": ["Image", "Text", "Video"]},
    "CheckoutBody.count": {"description": "The most reviews to take."},
    "CheckoutBody.order": {
        "description": "The oldest, the highest score or the score nearest to 0.5 first, those without a score last; "
        "or a random order that goes round from a start."
    },
    "CheckoutBody.seed": {"description": "Where the random order starts; null: anywhere."},
    "CheckoutBody.blind": {"description": "Whether auto tags, scores and the metadata that tells them are left out."},
    "CheckoutBody.adjudicate": {
        "description": "Whether to take disputed reviews, the oldest first: those on which others differ."
    },
    "Opinion.reviewer": {"description": "Who said it; empty where an adjudicator is shown it."},
    "Opinion.review_id": {"description": "The id under which the reviewer had the review; empty for an adjudicator."},
    "Opinion.decided_at": {"description": "When it was said; null for an adjudicator."},
    "NotedBody.about": {"description": "What it is the seal of, for people."},
    "GoldenFeedbackBody.told": {"description": "False: nobody is told."},
    "Review.blind": {"description": "Whether no reviewer is shown its auto tags."},
    "Review.opinions": {"description": "What was said before, in the lease of an adjudicator; empty otherwise."},
    "HoldBody.seconds": {"description": "After so long they go back into the queue by themselves."},
    "HoldBody.note": {"description": "Kept as a note of each; empty: none."},
    "TakeHeldBody.review_ids": {"description": "Which to take up; null: all on hold of the type."},
    "TakeHeldBody.type": {
        "description": "Only this type; null: that of the one which would go back first.",
        "anyOf": [{"type": "string", "enum": ["Image", "Text", "Video"]}, {"type": "null"}],
    },
    "CheckoutBody.subteam": {"description": "Only from this subteam's queue; null: from all of them."},
    "AnswersBody.answers": {
        "description": "Review id to short code to value. A tag that is not named stays as the reviewer was shown it."
    },
    "AnswersBody.frames": {"description": "Of videos: review id to a frame's milliseconds to short code to value."},
    "TogglesBody.toggles": {"description": "Review id to short code to value."},
    "TogglesBody.frames": {"description": "Of videos: review id to a frame's milliseconds to short code to value."},
    "ReleaseBody.review_ids": {"description": "Which to give back; null: all that the lease still holds."},
    "LookupBody.frames": {"description": "Whether videos come with their frames."},
    "TagBody.visible": {"description": "Whether reviewers see it."},
    "Tag.threshold": THRESHOLD,
    "TagBody.threshold": THRESHOLD,
    "ThresholdBody.threshold": THRESHOLD,
    "KeyBody.label": {"description": "By which people tell it from the others."},
    "KeyBody.reviewer": {"description": "The reviewer whose own it is; null: its label is the name."},
    "ApiKey.revoked_at": {"description": "When it ended, or will; null: it has no end yet."},
    "Actor.role": {"enum": ["administrator", "lead", "reviewer", "submitter", "auditor"]},
    "Actor.label": {"description": "The key's; the trail names it beside the reviewer."},
    "RotationBody.grace_seconds": {"description": "For how long the old key still works; 30 days at most."},
    "metadata": {"description": "Key-value pairs, in order; keys may repeat."},
    "auto_tags": {"description": "Short code to value, for the tags that metadata names."},
    "human_tags": {
        "description": "Short code to value, as the reviewers left them; empty until the review is decided."
    },
    "scores": {"description": "Short code to the score in metadata."},
    "toggles": {"description": "Short code to value: what was switched so far in a lease that is still open."},
    "callback_endpoint": {"description": "Where the decision is sent."},
    "weight": {"description": "How many items of the population this one stands for."},
}
"""What a type does not say of a field, by record and name, or by name alone."""


def ref(name: str | type) -> Schema:
    """A reference to a component.

    Examples
    --------
    >>> ref("Review")
    {'$ref': '#/components/schemas/Review'}
    """
    return {"$ref": PLACE + (name if isinstance(name, str) else name.__name__)}


def schema_of(hint: Any) -> Schema:
    """The schema of what `own.write` makes of a value with that type hint.

    Examples
    --------
    >>> schema_of(tuple[int, ...])
    {'type': 'array', 'items': {'type': 'integer'}}
    """
    if hint in SCALARS:
        return dict(SCALARS[hint])
    if hint is TagSet:
        return list_of(ref(Tag))
    if dataclasses.is_dataclass(hint):
        return ref(typing.cast(type, hint))
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(part) for part in parts]}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(parts[1])}
    if origin is tuple and Ellipsis not in parts:
        return {**list_of(schema_of(parts[0])), "minItems": len(parts), "maxItems": len(parts)}
    if origin in (list, tuple):
        return list_of(schema_of(parts[0]))
    raise TypeError(f"{hint!r} has no schema")


def list_of(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def object_of(properties: Mapping[str, Schema], *, optional: Iterable[str] = (), **more: Any) -> Schema:
    """An object that has all these properties, but for the optional ones.

    Examples
    --------
    >>> object_of({"a": {"type": "string"}})
    {'type': 'object', 'required': ['a'], 'properties': {'a': {'type': 'string'}}}
    """
    free = set(optional)
    required = [name for name in properties if name not in free]
    return {"type": "object", **({"required": required} if required else {}), "properties": dict(properties), **more}


def components() -> dict[str, Schema]:
    """Every record, request body and the refusal, by name."""
    found = {record.__name__: _record(record) for record in RECORDS}
    for body in BODIES:
        found[body.__name__] = _body(body)
    found["Error"] = error_schema()
    return found


def _record(cls: type) -> Schema:
    hints = typing.get_type_hints(cls)
    properties = {}
    for each in dataclasses.fields(cls):
        said = FIELDS.get(f"{cls.__name__}.{each.name}", FIELDS.get(each.name, {}))
        properties[each.name] = {**schema_of(hints[each.name]), **said}
    return {"description": described(cls), **object_of(properties)}


def _body(cls: type[bodies.Body]) -> Schema:
    schema = cls.model_json_schema(ref_template=PLACE + "{model}")
    schema.pop("title")
    for name, each in schema["properties"].items():
        each.pop("title", None)
        each.update(FIELDS.get(f"{cls.__name__}.{name}", {}))
    return {**_keys_told(schema), "description": described(cls)}


def _keys_told(schema: Any) -> Any:
    """A pattern of keys as a condition on them: elsewhere it would leave the values of all other keys free."""
    if isinstance(schema, list):
        return [_keys_told(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _keys_told(value) for key, value in schema.items()}
    for pattern, value in made.pop("patternProperties", {}).items():
        made["propertyNames"] = {**made.get("propertyNames", {}), "pattern": pattern}
        made["additionalProperties"] = value
    return made


def described(cls: type) -> str:
    """What a record or body is, in the words of its docstring.

    Examples
    --------
    >>> described(model.Picture)
    'A picture that the service keeps.'
    """
    return " ".join(inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].split()).replace("``", "`")


def needs_anything(body: type) -> bool:
    """Whether a body has a field that cannot be left out; if not, no body will do too."""
    return not issubclass(body, bodies.Body) or any(field.is_required() for field in body.model_fields.values())


def error_schema() -> Schema:
    """The body of every refusal."""
    inner = object_of(
        {
            "Code": {"type": "string", "description": "What kind of refusal it is; a word for programs."},
            "Message": {
                "type": "string",
                "description": "What happened, to which value (by its JSON path) and what to do next; for a person.",
            },
        }
    )
    return {"description": "Why a request was refused.", **object_of({"Error": inner})}


def codes_of(status: int) -> dict[str, type[CmtoolsError]]:
    """The codes that a refusal with this status can have, and the error classes that they are in Python.

    Examples
    --------
    >>> list(codes_of(404))
    ['NotFound', 'UnknownTeam']
    """
    of_ours = (cls for cls in error_classes() if cls.__module__ == CmtoolsError.__module__)
    return {cls.code: cls for cls in of_ours if cls.status == status}
