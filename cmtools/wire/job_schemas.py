"""JSON Schemas of jobs, workflows, Evaluate, Screen and notices, for the OpenAPI document. It reads no JSON itself."""

from __future__ import annotations

from typing import Any

from ..tags import SHORT_CODE
from .expressions import CONNECTORS, MAX_CHARACTERS, OPERATORS
from .review_schemas import ADDRESS, ADDRESS_OR_EMPTY, TEXT, word
from .schemas import Schema, list_of, object_of, ref
from .workflows import MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS, TYPES

NUMBER_TEXT = r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$"
FLAG: Schema = {"type": "boolean"}
SCORE: Schema = {
    "type": ["number", "null"],
    "minimum": 0,
    "maximum": 1,
    "description": "Null where the tagger gives no such score.",
}
KINDS: Schema = {"type": "string", "enum": ["Image", "Text", "Video"]}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
PAIRS = list_of(ref("PairPascal"))
NOTHING: Schema = {"type": "null"}


def _nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


# Workflows ------------------------------------------------------------------------------------------------------------


def workflows() -> dict[str, Schema]:
    """A workflow as it comes and goes."""
    description = _nullable({**TEXT, "maxLength": MAX_DESCRIPTION_CHARACTERS})
    return {
        "WorkflowIn": object_of(
            {
                "Expression": {"oneOf": [ref("Logic"), ref("Condition"), ref("Combine")]},
                "Type": {"enum": [*TYPES, None], "description": "What it deals with; left out, Image."},
                "Description": description,
            },
            optional=("Type", "Description"),
        ),
        "WorkflowOut": object_of(
            {
                "Name": TEXT,
                "Description": TEXT,
                "Type": {"enum": list(TYPES)},
                "Expression": {"type": "object", "description": "As it was written."},
            }
        ),
    }


def expressions() -> dict[str, Schema]:
    """The language of workflows."""
    test = {"oneOf": [ref("Condition"), ref("Combine")]}
    branch = {"oneOf": [ref("Actions"), ref("Logic"), NOTHING], "description": "What is done; null: nothing."}
    steps = list_of({"oneOf": [ref("CreateReview"), ref("Logic")]})
    return {
        "Logic": _typed("Logic", {"If": test, "Then": branch, "Else": branch}, optional=("Then", "Else")),
        "Combine": _typed("Combine", {"Left": test, "Right": test, "Combine": {"enum": ["AND", "OR"]}}),
        "Condition": _condition(),
        "Actions": _typed("Actions", {"Perform": {**steps, "type": ["array", "null"]}}, optional=("Perform",)),
        "CreateReview": object_of(
            {
                "Name": {"const": "createreview"},
                "Subteam": _nullable({**TEXT, "maxLength": MAX_CHARACTERS}),
                "CallbackEndpoint": {**ADDRESS_OR_EMPTY, "description": "Left out, the job's own."},
                "Tags": {"type": ["array", "null"], "items": ref("TagRule")},
            },
            optional=("Subteam", "CallbackEndpoint", "Tags"),
        ),
        "TagRule": object_of(
            {"Tag": {"type": "string", "pattern": f"^{SHORT_CODE.pattern}$", "maxLength": 16}, "IfCondition": test}
        ),
    }


def _typed(kind: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return object_of({"Type": {"const": kind}, **properties}, optional=optional)


def _condition() -> Schema:
    """`eq` compares texts in any case, the others numbers."""
    output = word("Such as `isAdult`, `adultScore` or a tag's short code; in any case.", MAX_CHARACTERS)
    alternate = r"^\s*$|^(" + "|".join(CONNECTORS) + r")\.[\s\S]*\S"
    said = "A comparison of one output of the tagger: `eq` of texts in any case, the rest of numbers."
    number = {"anyOf": [{"type": "string", "pattern": NUMBER_TEXT}, {"type": "number"}]}
    made = _typed(
        "Condition",
        {
            "OutputName": output,
            "Operator": {"enum": list(OPERATORS)},
            "Value": {"type": ["string", "boolean", "number"], "maxLength": MAX_CHARACTERS},
            "ConnectorName": {"enum": [*CONNECTORS, None], "description": "All of them are the team's tagger."},
            "AlternateInput": {
                "type": ["string", "null"],
                "pattern": alternate,
                "maxLength": MAX_CHARACTERS,
                "description": "Another output that is looked at instead of the job's content.",
            },
        },
        optional=("ConnectorName", "AlternateInput"),
    )
    equal = {"properties": {"Operator": {"const": "eq"}}}
    return {**made, "description": said, "if": equal, "else": {"properties": {"Value": number}}}


# Jobs -----------------------------------------------------------------------------------------------------------------


def jobs() -> dict[str, Schema]:
    """A job as it comes and goes."""
    step = object_of(
        {
            "Ts": {"type": "string", "pattern": r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{7}$", "description": "In UTC."},
            "Msg": TEXT,
        }
    )
    return {
        "JobIn": object_of({"ContentValue": word("The address of a picture, or the text itself.", 8192)}),
        "JobCreated": object_of({"JobId": {"type": "string", "pattern": "^[0-9]{6}[0-9a-f]{32}$"}}),
        "ApiJob": object_of(
            {
                "Id": TEXT,
                "TeamName": {**TEXT, "description": "In lower case."},
                "Status": {
                    "enum": ["InProgress", "Complete", "Error"],
                    "description": "Complete: the workflow has ended, and a review may wait for a person.",
                },
                "WorkflowId": {**TEXT, "description": "The workflow's name."},
                "Type": KINDS,
                "CallBackEndpoint": TEXT,
                "ReviewId": {**TEXT, "description": "Empty unless the workflow made a review."},
                "ResultMetaData": {**PAIRS, "description": "The tagger's outputs; scores with three decimals."},
                "JobExecutionReport": {**list_of(step), "description": "What was done, newest first."},
            }
        ),
    }


def job_parameters() -> list[dict[str, Any]]:
    """The query of a request to create a job."""
    return [
        _in_query("ContentType", {"enum": ["Image", "Text"]}, "What the content is; in any case.", required=True),
        _in_query("ContentId", word("", 1024), "The caller's own id.", required=True),
        _in_query("WorkflowName", word("", MAX_NAME_CHARACTERS), "In any case.", required=True, example="default"),
        _in_query("CallBackEndpoint", {**ADDRESS, "maxLength": 8192}, "Where the outcome is sent."),
    ]


def _in_query(name: str, schema: Schema, description: str, **more: Any) -> dict[str, Any]:
    bare = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    return {"name": name, "in": "query", "description": description, "schema": bare, **more}


# Evaluate, Screen -----------------------------------------------------------------------------------------------------


def moderation() -> dict[str, Schema]:
    """What is asked of the tagger at once, and what it says."""
    status = object_of({"Code": {"type": "integer"}, "Description": TEXT, "Exception": NOTHING})
    place: Schema = {"type": "integer", "minimum": 0}
    term = object_of({"Index": place, "OriginalIndex": place, "ListId": {"type": "integer"}, "Term": TEXT})
    return {
        "ImageIn": object_of(
            {"DataRepresentation": {"enum": ["URL", None]}, "Value": ADDRESS}, optional=("DataRepresentation",)
        ),
        "Evaluation": object_of(
            {
                "CacheID": {**TEXT, "description": "Only where CacheImage asks for it; it names the picture's bytes."},
                "AdultClassificationScore": SCORE,
                "IsImageAdultClassified": FLAG,
                "RacyClassificationScore": SCORE,
                "IsImageRacyClassified": FLAG,
                "AdvancedInfo": PAIRS,
                "Result": {**FLAG, "description": "Whether it is either."},
                "Status": status,
                "TrackingId": TEXT,
            },
            optional=("CacheID",),
        ),
        "Screening": object_of(
            {
                "OriginalText": TEXT,
                "NormalizedText": {**TEXT, "description": "The text as it came: nothing here normalises it."},
                **{
                    name: {**NOTHING, "description": "Always null: nothing here finds it."}
                    for name in ("AutoCorrectedText", "Misrepresentation", "PII", "Classification")
                },
                "Language": {"type": ["string", "null"], "description": "As it was asked for."},
                "Terms": list_of(term),
                "Status": status,
                "TrackingId": TEXT,
            }
        ),
    }


def screen_parameters() -> list[dict[str, Any]]:
    """The query of a request to screen a text, most of which changes nothing here."""
    unused = "Taken and not used."
    flags = [_in_query(name, TEXT, unused) for name in ("autocorrect", "PII", "classify")]
    return [
        _in_query("language", {"type": "string"}, "Given back as it is."),
        _in_query("listId", {"type": "string"}, unused),
        *flags,
    ]


def cache_parameter() -> dict[str, Any]:
    """Whether the answer names the picture's bytes."""
    return _in_query("CacheImage", FLAG, "Whether the answer holds a `CacheID`.")


# Notices --------------------------------------------------------------------------------------------------------------


def notices() -> dict[str, Schema]:
    """What is sent to a callback endpoint."""
    metadata = {**TEXTS, "description": "A key that repeats keeps its last value."}
    return {
        "ReviewNotice": object_of(
            {
                "ReviewId": TEXT,
                "ModifiedOn": {**TEXT, "description": "UTC with seven digits after the point, and `Z`."},
                "ModifiedBy": {**TEXT, "description": "The reviewer."},
                "CallBackType": {"const": "Review"},
                "ContentId": TEXT,
                "ContentType": KINDS,
                "Metadata": metadata,
                "ReviewerResultTags": {**TEXTS, "description": "Short code to `True` or `False`."},
            }
        ),
        "JobNotice": object_of(
            {
                "JobId": TEXT,
                "ReviewId": TEXT,
                "WorkFlowId": TEXT,
                "Status": {"enum": ["Complete", "InProgress", "Error"]},
                "ContentType": KINDS,
                "CallBackType": {"const": "Job"},
                "ContentId": TEXT,
                "Metadata": {**metadata, "description": "The tagger's outputs, their names in lower case."},
            }
        ),
    }


def components() -> dict[str, Schema]:
    """Every shape of jobs, workflows, Evaluate, Screen and notices, by name."""
    return {**workflows(), **expressions(), **jobs(), **moderation(), **notices()}
