"""Evaluate and Screen: what the service's taggers say of a picture or a text. The key alone says whose they are."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response

from ...errors import BadRequest
from ...tags import read_bool
from ...wire import moderation as wire
from ...wire import own
from .. import auth, moderation
from ..door import Answer, BodyDep, DoorDep, KeyHolderDep, QueryDep

router = APIRouter(prefix=own.MODERATE_PREFIX, tags=["Moderation API"])


@router.post("/ProcessImage/Evaluate", summary="Image - Evaluate")
def evaluate(request: Request, door: DoorDep, actor: KeyHolderDep, query: QueryDep, body: BodyDep) -> Response:
    """How adult and how racy a picture is; the picture is the body itself, whatever it is called, or its address."""
    auth.require(actor, "create")
    cached = read_bool(query.get("cacheimage") or "false")
    if cached is None:
        raise BadRequest("it is true or false", where="CacheImage")
    names_address = body.lstrip()[:1] in (b"", b"{") or "json" in request.headers.get("content-type", "").lower()
    found = moderation.evaluate(door.taggers, door.outbound, wire.read_image_input(body) if names_address else body)
    return Answer(
        wire.write_evaluation(
            adult=found.of("a"),
            racy=found.of("r"),
            tracking_id=uuid.uuid4().hex,
            advanced_info=found.info,
            cache_id=found.cache_id if cached else None,
        )
    )


@router.post("/ProcessText/Screen/", summary="Text - Screen")
@router.post("/ProcessText/Screen", include_in_schema=False)
def screen(door: DoorDep, actor: KeyHolderDep, query: QueryDep, body: BodyDep) -> Response:
    """The listed terms that a text has; the text is the body, whatever it is called. Corrections, personal data and
    classes are null: nothing here finds them."""
    auth.require(actor, "create")
    text, said = moderation.screen(door.taggers, body)
    return Answer(
        wire.write_screening(text, said.terms, tracking_id=uuid.uuid4().hex, language=query.get("language") or None)
    )
