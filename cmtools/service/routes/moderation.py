"""Evaluate and Screen: what the service's taggers say of a picture or a text. The key alone says whose they are."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from ...errors import BadRequest
from ...tags import read_bool
from ...wire import job_schemas, own
from ...wire import moderation as wire
from ...wire.bodies import NOT_BLANK
from ...wire.job_examples import REQUESTS
from ...wire.schemas import ref
from .. import moderation
from ..context import Context
from ..door import Answer, BodyDep, DoorDep, KeyHolderDep, QueryDep
from ..openapi import JSON, says

router = APIRouter(prefix=own.MODERATE_PREFIX, tags=["Moderation API"])


PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
TAKES_PICTURE: dict[str, Any] = {
    "required": True,
    "description": "The picture's address, or the bytes of the picture itself, at least 128 pixels a side and at most "
    "4 MiB, whatever they are called.",
    "content": {
        JSON: {"schema": ref("ImageIn"), "example": REQUESTS["ImageIn"][0]},
        **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES},
    },
}
TAKES_TEXT: dict[str, Any] = {
    "required": True,
    "description": "The text, in UTF-8.",
    "content": {
        "text/plain": {
            "schema": {"type": "string", "pattern": NOT_BLANK, "maxLength": 1024},
            "example": "Is this one fine?",
        }
    },
}
REFUSES = (400, 401, 403, 409, 429, 500, 503)
"""As of a team, but for 404: the address names nothing. 409 is no tagger."""


@router.post(
    "/ProcessImage/Evaluate",
    **says(
        "evaluate_image",
        ref("Evaluation"),
        what="What the tagger says.",
        takes=TAKES_PICTURE,
        refuses=REFUSES,
        of_team=False,
        summary="Image - Evaluate",
        parameters=[job_schemas.cache_parameter()],
    ),
)
def evaluate(door: DoorDep, actor: KeyHolderDep, query: QueryDep, body: BodyDep) -> Response:
    """How adult and how racy a picture is; the picture is the body itself, whatever it is called, or its address.

    Where the team has a threshold of its own for `a` or `r`, the classification is by it. Nothing of the picture is
    kept, `CacheID` or not.
    """
    thresholds = door.read(actor, "create", _thresholds)
    cached = read_bool(query.get("cacheimage") or "false")
    if cached is None:
        raise BadRequest("it is true or false", where="CacheImage")
    found = moderation.evaluate(door.taggers, door.outbound, wire.read_picture(body), thresholds)
    return Answer(
        wire.write_evaluation(
            adult=found.of("a"),
            racy=found.of("r"),
            tracking_id=moderation.tracking_id(),
            advanced_info=found.info,
            cache_id=found.cache_id if cached else None,
        )
    )


@router.post(
    "/ProcessText/Screen/",
    **says(
        "screen_text",
        ref("Screening"),
        what="What the tagger says.",
        takes=TAKES_TEXT,
        refuses=REFUSES,
        of_team=False,
        summary="Text - Screen",
        parameters=job_schemas.screen_parameters(),
    ),
)
@router.post("/ProcessText/Screen", include_in_schema=False)
def screen(door: DoorDep, actor: KeyHolderDep, query: QueryDep, body: BodyDep) -> Response:
    """The listed terms that a text has; the text is the body, whatever it is called. Corrections, personal data and
    classes are null: nothing here finds them."""
    text, said = moderation.screen(door.taggers, body, door.read(actor, "create", _thresholds))
    language = query.get("language") or None
    return Answer(wire.write_screening(text, said.terms, tracking_id=moderation.tracking_id(), language=language))


def _thresholds(ctx: Context) -> dict[str, float]:
    return ctx.tags().thresholds
