"""JSON Schemas of the Review API's shapes, in both of its spellings, for the OpenAPI document. It reads no JSON."""

from __future__ import annotations

from typing import Any

from ..content.base import (
    FINAL_RULES,
    MAX_ADDRESS_CHARACTERS,
    MAX_ID_CHARACTERS,
    MAX_METADATA_CHARACTERS,
    MAX_METADATA_PAIRS,
    MAX_OVERLAP,
)
from ..content.image import MEDIA_PREFIX
from ..content.text import MAX_TEXT_CHARACTERS
from ..content.video import MAX_FRAMES, MAX_MILLISECONDS
from .bodies import NOT_BLANK
from .creation import MAX_ITEMS, MAX_KEY_CHARACTERS
from .schemas import PLACE, Schema, list_of, object_of, ref
from .spelling import Spelling
from .transcripts import MAX_INDEX, MAX_TERM_CHARACTERS, MAX_TERMS

TEXT = {"type": "string"}
ADDRESS: Schema = {
    "type": "string",
    "pattern": r"^https?://[^/\s]\S*$",
    "maxLength": MAX_ADDRESS_CHARACTERS,
    "examples": ["https://example.org/photo.jpg"],
}
PICTURE: Schema = {**ADDRESS, "pattern": rf"^(https?://[^/\s]\S*|{MEDIA_PREFIX}[0-9a-f]+)$"}
ADDRESS_OR_EMPTY: Schema = {**ADDRESS, "type": ["string", "null"], "pattern": r"^(https?://[^/\s]\S*)?$"}
PAIRS_IN: Schema = {
    "type": ["array", "null"],
    "maxItems": MAX_METADATA_PAIRS,
    "items": ref("PairIn"),
    "description": "Key-value pairs, kept in order and given back as they are. A key that is one of the team's short "
    "codes is an auto tag.",
}
STATES = ["UnPublished", "Pending", "Complete"]


def word(description: str, most: int = MAX_ID_CHARACTERS) -> Schema:
    """Text that is not blank."""
    return {"type": "string", "pattern": NOT_BLANK, "maxLength": most, "description": description}


def scalar(description: str, most: int = MAX_ID_CHARACTERS, *, blank: bool = False) -> Schema:
    """Text, or what the vendor's clients made text of before they sent it."""
    text: Schema = {"type": "string", "maxLength": most}
    if not blank:
        text["pattern"] = NOT_BLANK
    said = f"{description} A number or boolean is taken as its text."
    return {"anyOf": [text, {"type": "number"}, {"type": "boolean"}], "description": said}


OURS: dict[str, Schema] = {
    "Weight": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "description": "How many items of the population this one stands for.",
    },
    "Stratum": {
        "type": ["string", "null"],
        "maxLength": MAX_ID_CHARACTERS,
        "description": "The part of the population it was drawn from.",
    },
    "Overlap": {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": MAX_OVERLAP,
        "description": "How many different people review it; left out, one.",
    },
    "Final": {
        "type": ["string", "null"],
        "enum": [*FINAL_RULES, None],
        "description": "How the final tags come of what several say: as most say (a tie is adjudicated), on where "
        "all say so, or adjudicated where they differ.",
    },
    "Blind": {"type": ["boolean", "null"], "description": "Whether no reviewer is shown the auto tags."},
    "Truth": {
        "anyOf": [{"type": "array", "items": ref("TruthIn"), "minItems": 1}, {"type": "null"}],
        "description": "The known answers of a golden item, which is counted in no result.",
    },
    "IdempotencyKey": {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": MAX_KEY_CHARACTERS,
        "description": "Printable characters. An item sent again under the same key makes no second review.",
    },
}
"""Fields of a new review that are ours, and not the vendor's."""


# In -------------------------------------------------------------------------------------------------------------------


def drafts() -> Schema:
    """The body of a create request."""
    kinds = {"Image": "ImageDraft", "Text": "TextDraft", "Video": "VideoDraft"}
    choice = [ref(name) for name in kinds.values()]
    items = {"oneOf": choice, "discriminator": {"propertyName": "Type", "mapping": _mapping(kinds)}}
    return {**list_of(items), "minItems": 1, "maxItems": MAX_ITEMS}


def _mapping(kinds: dict[str, str]) -> dict[str, str]:
    return {kind: PLACE + name for kind, name in kinds.items()}


def _draft(kind: str, content: Schema, **more: Schema) -> Schema:
    free: dict[str, Schema] = {
        "Metadata": PAIRS_IN,
        "CallbackEndpoint": {**ADDRESS_OR_EMPTY, "description": "Where the decision is sent, query and all."},
        **OURS,
        **more,
    }
    properties = {
        "Type": {"type": "string", "enum": [kind], "description": "In any case."},
        "Content": content,
        "ContentId": scalar("The caller's own id, given back as it is."),
        **free,
    }
    return object_of(properties, optional=free)


def _incoming() -> dict[str, Schema]:
    status = {"type": ["string", "null"], "enum": ["Unpublished", "Pending", None]}
    frames = {"type": ["array", "null"], "items": ref("FrameIn"), "maxItems": MAX_FRAMES}
    ticks: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": 10**18 - 1}
    timescale = {"anyOf": [ticks, {"type": "string", "pattern": "^([1-9][0-9]{0,17})?$"}]}
    return {
        "PairIn": object_of(
            {
                "Key": scalar("A short code, or any other name."),
                "Value": scalar("Its value; `True` or `False` of a tag.", MAX_METADATA_CHARACTERS, blank=True),
            }
        ),
        "TruthIn": object_of(
            {
                "Key": {"type": "string", "description": "A short code of the team's."},
                "Value": {"type": "string", "enum": ["True", "False"], "description": "The known answer."},
            }
        ),
        "ImageDraft": _draft(
            "Image", {**PICTURE, "description": "Its address; for an upload also `media:` and its id."}
        ),
        "TextDraft": _draft("Text", word("The text itself.", MAX_TEXT_CHARACTERS)),
        "VideoDraft": _draft(
            "Video",
            {**ADDRESS, "description": "The stream's address."},
            Status={
                **status,
                "description": "In any case. Unpublished while frames are still to come; left out, Pending.",
            },
            Timescale={**timescale, "description": "Ticks a second of the frames' moments; left out, milliseconds."},
            VideoFrames={**frames, "description": "The first frames; more can be added while it is unpublished."},
        ),
    }


def _frames_and_terms() -> dict[str, Schema]:
    return {
        "FrameIn": object_of(
            {
                "Timestamp": moment(),
                "FrameImage": {
                    **PICTURE,
                    "description": "Its address; in a form, the name of its file in the zip.",
                },
                "Metadata": PAIRS_IN,
                "ReviewerResultTags": {**PAIRS_IN, "description": "Given back until a reviewer has decided."},
                "Id": {
                    "anyOf": [scalar("", blank=True), {"type": "null"}],
                    "description": "The caller's own name of it.",
                },
            },
            optional=("Metadata", "ReviewerResultTags", "Id"),
        ),
        "TermsIn": object_of(
            {
                "Timestamp": scalar("When they are said; kept as it is.", MAX_TERM_CHARACTERS, blank=True),
                "Terms": {"type": ["array", "null"], "items": ref("TermIn"), "maxItems": MAX_TERMS},
            },
            optional=("Timestamp", "Terms"),
        ),
        "TermIn": object_of(
            {
                "Index": {"type": "integer", "minimum": 0, "maximum": MAX_INDEX - 1},
                "Term": word("The word.", MAX_TERM_CHARACTERS),
            }
        ),
    }


def moment() -> Schema:
    """When a frame is: a number, or the text of one."""
    number = {"type": "number", "minimum": 0, "maximum": MAX_MILLISECONDS}
    text = {"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,18})?$"}
    return {"anyOf": [number, text], "description": "From the start, in milliseconds or in ticks of the timescale."}


# Out ------------------------------------------------------------------------------------------------------------------


def _outgoing() -> dict[str, Schema]:
    pairs = list_of(ref("Pair"))
    return {
        "Pair": object_of({"Key": TEXT, "Value": TEXT}),
        "ApiReview": object_of(
            {
                "ReviewId": TEXT,
                "SubTeam": TEXT,
                "Status": {"type": "string", "enum": STATES},
                "ReviewerResultTags": {
                    **pairs,
                    "description": "Once Complete, every visible tag of the team, `True` or `False`.",
                },
                "CreatedBy": {**TEXT, "description": "The team's name, in lower case."},
                "Metadata": {**pairs, "description": "As it was sent."},
                "Type": {"type": "string", "enum": ["Image", "Text", "Video"]},
                "Content": {**TEXT, "description": "The text, or an address at which the content can be fetched."},
                "ContentId": TEXT,
                "CallbackEndpoint": {"type": ["string", "null"]},
            }
        ),
        "ApiFrame": object_of(
            {
                "Timestamp": {**TEXT, "pattern": "^[0-9]+$", "description": "Milliseconds from the video's start."},
                "FrameImage": {**TEXT, "description": "An address at which the picture can be fetched."},
                "Metadata": {**pairs, "description": "As it was sent."},
                "ReviewerResultTags": {
                    **pairs,
                    "description": "As they were sent; once the review is Complete, every visible tag of the team.",
                },
                "FrameImageBytes": {**TEXT, "description": "Always empty."},
            }
        ),
        "ApiFrames": object_of({"ReviewId": TEXT, "VideoFrames": list_of(ref("ApiFrame"))}),
    }


def both(name: str, *described: str) -> Schema:
    """An answer in either spelling.

    Examples
    --------
    >>> [each["$ref"].rpartition("/")[2] for each in both("Pair")["oneOf"]]
    ['PairCamel', 'PairPascal']
    """
    description = " ".join(described) or "In camelCase, or in PascalCase for the vendor's SDKs."
    return {"oneOf": [ref(f"{name}Camel"), ref(f"{name}Pascal")], "description": description}


def spelt(schema: Any, spelling: Spelling, names: frozenset[str]) -> Any:
    """A schema that is written in PascalCase, in that spelling; references to the named components with it."""
    if isinstance(schema, list):
        return [spelt(item, spelling, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: spelt(value, spelling, names) for key, value in schema.items()}
    target = str(made.get("$ref", "")).removeprefix(PLACE)
    if target in names:
        made["$ref"] = PLACE + target + spelling.title()
    if spelling == "camel" and "properties" in made:
        made["properties"] = {_camel(key): value for key, value in made["properties"].items()}
        made["required"] = [_camel(key) for key in made.get("required", ())]
    return made


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def components() -> dict[str, Schema]:
    """Every shape of the Review API, by name."""
    outgoing = _outgoing()
    names = frozenset(outgoing)
    found = {**_incoming(), **_frames_and_terms()}
    for spelling in ("camel", "pascal"):
        found |= {name + spelling.title(): spelt(outgoing[name], spelling, names) for name in outgoing}
    return found
