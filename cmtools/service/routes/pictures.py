"""Pictures: upload and show."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...wire import own
from .. import pictures
from ..door import NOSNIFF, ActorDep, BaseDep, BodyDep, DoorDep, answer

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/pictures", tags=["Pictures"])
SHOWN_SAFELY = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    **NOSNIFF,
    "Cross-Origin-Resource-Policy": "same-site",
    "Cache-Control": "private, max-age=86400",
}
TAKES_BYTES = {
    "requestBody": {
        "required": True,
        "description": "The picture itself: PNG, JPEG, GIF, WEBP, BMP or TIFF.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", openapi_extra=TAKES_BYTES)
def upload(door: DoorDep, actor: ActorDep, body: BodyDep, base: BaseDep) -> Response:
    """Keep a picture; the same bytes have the same id."""
    id, facts = pictures.upload(door.media, actor, body)
    return answer(door.write(actor, "create", lambda ctx: pictures.note(ctx, id, facts, base)))


@router.get("/{picture_id}", response_class=Response)
def show(door: DoorDep, actor: ActorDep, picture_id: str) -> Response:
    """An uploaded picture, re-encoded for display."""
    door.read(actor, "read", lambda ctx: pictures.demand(ctx, picture_id))
    return picture_answer(*pictures.display_upload(door.media, actor.team, picture_id))


def picture_answer(data: bytes, media_type: str) -> Response:
    """Bytes that a browser may show, and nothing else."""
    return Response(data, media_type=media_type, headers=SHOWN_SAFELY)
