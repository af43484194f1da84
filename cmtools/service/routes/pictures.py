"""Pictures: upload and show."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Response

from ...errors import NotFound
from ...model import Actor, Picture
from ...wire import bodies, own
from ...wire.schemas import object_of
from .. import copies, pictures
from ..door import NOSNIFF, ActorDep, BaseDep, BodyDep, Door, DoorDep, MayCreate, answer
from ..openapi import content, says

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/pictures", tags=["Pictures"])
SHOWN_SAFELY = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    **NOSNIFF,
    "Cross-Origin-Resource-Policy": "same-site",
    "Cache-Control": "private, max-age=86400",
}
MADE_AT_ONCE = 4
THUMBNAILS = object_of({"thumbnails": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}})
DISPLAY_TYPES = ("image/png", "image/jpeg")
TAKES_BYTES = {
    "required": True,
    "description": "The picture itself: PNG, JPEG, GIF, WEBP, BMP or TIFF.",
    **content("application/octet-stream"),
}


@router.post("", **says("upload_picture", Picture, takes=TAKES_BYTES))
def upload(door: DoorDep, actor: MayCreate, body: BodyDep, base: BaseDep) -> Response:
    """Keep a picture; the same bytes have the same id."""
    id, facts = pictures.upload(door.media, actor, body)
    return answer(door.write(actor, "create", lambda ctx: pictures.note(ctx, id, facts, base)))


@router.post(
    "/thumbnails",
    **says("show_thumbnails", THUMBNAILS, what="The thumbnails.", takes=bodies.ThumbnailsBody),
)
def thumbnails(door: DoorDep, actor: ActorDep, body: BodyDep) -> Response:
    """Small JPEGs of up to 100 reviews' pictures in one answer, in Base64; null where there is no picture to show."""
    asked = bodies.read_body(bodies.ThumbnailsBody, body)
    ids = list(dict.fromkeys(asked.ids))
    sources = door.read(actor, "get", lambda ctx: copies.find_all(ctx, ids))

    def one(review_id: str) -> str | None:
        if (source := sources.get(review_id)) is None:
            return None
        try:
            id = source.picture_id or _copied(door, actor, source)
            return b64encode(pictures.thumbnail(door.media, actor.team, id, asked.size)).decode()
        except NotFound:
            return None

    with ThreadPoolExecutor(min(MADE_AT_ONCE, len(ids))) as pool:
        return answer({"thumbnails": dict(zip(ids, pool.map(one, ids), strict=True))})


@router.get("/{picture_id}", **says("show_upload", content(*DISPLAY_TYPES), what="The picture."))
def show(door: DoorDep, actor: ActorDep, picture_id: str) -> Response:
    """An uploaded picture, re-encoded for display."""
    door.read(actor, "get", lambda ctx: pictures.demand(ctx, picture_id))
    return picture_answer(*pictures.display(door.media, actor.team, picture_id))


def picture_answer(data: bytes, media_type: str, headers: Mapping[str, str] = SHOWN_SAFELY) -> Response:
    """Bytes that a browser may show, and nothing else."""
    return Response(data, media_type=media_type, headers=headers)


def picture_of(door: Door, actor: Actor, review_id: str, timestamp: int | None = None) -> str:
    """The id of the picture that an image review, or a video's frame, shows; one not copied yet is copied now."""
    source = door.read(actor, "get", lambda ctx: copies.find(ctx, review_id, timestamp))
    return source.picture_id or _copied(door, actor, source)


def _copied(door: Door, actor: Actor, source: copies.Source) -> str:
    copied = copies.Copier(door.media, door.outbound).make(source)
    return door.write(actor, "get", lambda ctx: copies.keep(ctx, source, copied))
