"""Videos: frames, transcript and terms in and out, as the Review API has them and as our own does; publishing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from ...content.video import MAX_FRAMES, MAX_MILLISECONDS
from ...errors import BadRequest
from ...model import Frame, Transcript
from ...wire import frames as frame_wire
from ...wire import own, review_examples, transcripts
from ...wire.review_schemas import both
from ...wire.schemas import list_of, object_of, ref
from .. import addresses, pictures, reviews, teams, videos
from ..door import (
    BY_WHO_ASKS,
    ActorDep,
    Answer,
    BaseDep,
    BodyDep,
    DoorDep,
    JsonBodyDep,
    MayCreate,
    QueryDep,
    answer,
    check_json,
    spelling_of,
)
from ..openapi import JSON, content, json_body, listing_of, says
from ..parts import KIND, form_type, read_parts
from .pictures import DISPLAY_TYPES, picture_answer, picture_of
from .reviews import Size

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}/reviews/{review_id}", tags=["Review API"])
own_router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/reviews/{review_id}", tags=["Reviews"])
ZIP_PART, METADATA_PART = "frameImageZip", "frameMetadata"
VARY = {"Vary": "The spelling depends on who asks."}
Start = Annotated[int, Query(ge=0, le=MAX_MILLISECONDS, description="Frames from this millisecond on.")]
Moment = Annotated[int, Path(ge=0, le=MAX_MILLISECONDS, description="The frame's milliseconds from the start.")]
Count = Annotated[int | None, Query(ge=0, le=MAX_MILLISECONDS, description="At most so many; left out, all.")]


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


FRAMES_IN = {**list_of(ref("FrameIn")), "minItems": 1, "maxItems": MAX_FRAMES}
FORM = object_of(
    {
        ZIP_PART: {"type": "string", "format": "binary", "description": "The pictures' files, in folders or not."},
        METADATA_PART: {"type": "string", "description": "The JSON array, `FrameImage` being the name of a file."},
    }
)
TAKES_FRAMES = {
    "required": True,
    "description": "Frames whose pictures have an address; or, as a form, frames and a zip of their pictures. One that "
    "is at a moment at which there is one already takes its place; one bad frame refuses them all.",
    "content": {
        JSON: {"schema": FRAMES_IN, "example": review_examples.FRAMES},
        KIND: {"schema": FORM},
    },
}
TAKES_TRANSCRIPT = {
    "required": True,
    "description": "WebVTT, in UTF-8.",
    "content": {
        kind: {"schema": {"type": "string", "pattern": "^WEBVTT(?=[ \\t\\r\\n]|$)"}, "example": "WEBVTT"}
        for kind in ("text/plain", "text/vtt")
    },
}
TIMESCALE = _parameter(
    "timescale", "Ticks a second of the frames' moments; left out, milliseconds.", type="integer", minimum=1
)
WINDOW = [
    _parameter("startSeed", "Frames from this millisecond on; left out, 0.", type="integer", minimum=0),
    _parameter("noOfRecords", "At most so many frames; left out, all.", type="integer", minimum=0),
    _parameter("filter", "A short code: only frames that carry this tag.", type="string"),
]


@router.post(
    "/frames",
    **says(
        "add_frames",
        status=204,
        takes=TAKES_FRAMES,
        refuses=(415,),
        summary="Frames - Add",
        parameters=[TIMESCALE],
    ),
)
def add_frames(
    request: Request, door: DoorDep, actor: MayCreate, body: BodyDep, query: QueryDep, base: BaseDep, review_id: str
) -> Response:
    """Put frames into a video that is not published yet."""
    door.read(actor, "create", lambda ctx: videos.demand_open(ctx, review_id, locked=False))
    timescale = frame_wire.read_timescale(query.get("timescale"))
    form = form_type(request.headers.get("content-type", ""), body)
    kept: videos.Kept = {}
    if form:
        packed, described = _parts(form, body)
        named = frame_wire.read_frames(described, timescale, named=True)
        new, kept = videos.unpack(door.media, actor, packed, named)
    else:
        check_json(request)
        new = frame_wire.read_frames(body, timescale)
    door.write(actor, "create", lambda ctx: videos.add_frames(ctx, review_id, new, base, kept))
    return Response(status_code=204)


@router.get(
    "/frames",
    **says(
        "get_frames",
        both("ApiFrames"),
        what="The frames, in the order of time.",
        summary="Frames - Get",
        headers=VARY,
        parameters=WINDOW,
    ),
)
def get_frames(
    request: Request, door: DoorDep, actor: ActorDep, query: QueryDep, base: BaseDep, review_id: str
) -> Response:
    """A video's frames with the tags they came with, or those of the reviewer once the review is complete."""
    start = _number(query, "startSeed") or 0
    count = _number(query, "noOfRecords")
    review, team = door.read(
        actor,
        "get",
        lambda ctx: (
            addresses.linked(ctx, videos.with_frames(ctx, review_id, start, count, query.get("filter")), base),
            teams.describe(ctx),
        ),
    )
    written = frame_wire.write_frames(review, team, spelling_of(request))
    return Answer(written, headers=BY_WHO_ASKS)


@router.patch(
    "/publish",
    deprecated=True,
    **says("publish_video_by_patch", status=204, summary="Video - Publish, as the earliest client"),
)
@router.post("/publish", **says("publish_video", status=204, summary="Video - Publish"))
def publish(door: DoorDep, actor: MayCreate, review_id: str) -> Response:
    """Put a video into its queue. One that is there, or was, stays as it is."""
    door.write(actor, "create", lambda ctx: videos.publish(ctx, review_id))
    return Response(status_code=204)


@router.put(
    "/transcript", **says("put_transcript", status=204, takes=TAKES_TRANSCRIPT, summary="Video Transcript - Put")
)
def put_transcript(door: DoorDep, actor: MayCreate, body: BodyDep, review_id: str) -> Response:
    """Keep what is said in a video that is not published yet, in place of what was kept before."""
    door.read(actor, "create", lambda ctx: videos.demand_open(ctx, review_id, locked=False))
    text = transcripts.read_transcript(body)
    door.write(actor, "create", lambda ctx: videos.put_transcript(ctx, review_id, text))
    return Response(status_code=204)


@router.put(
    "/transcriptmoderationresult",
    **says(
        "put_transcript_terms",
        status=204,
        takes=json_body(list_of(ref("TermsIn")), "The words by moment.", examples={"one word": review_examples.TERMS}),
        refuses=(415,),
        summary="Video Transcript Moderation Result - Put",
    ),
)
def put_terms(door: DoorDep, actor: MayCreate, body: JsonBodyDep, review_id: str) -> Response:
    """Keep the words that a classifier found in the transcript, in place of those kept before."""
    door.read(actor, "create", lambda ctx: videos.demand_open(ctx, review_id, locked=False))
    terms = transcripts.read_terms(body)
    door.write(actor, "create", lambda ctx: videos.put_terms(ctx, review_id, terms))
    return Response(status_code=204)


@own_router.get("/transcript", **says("get_transcript", Transcript, what="The transcript; empty when there is none."))
def get_transcript(door: DoorDep, actor: ActorDep, review_id: str) -> Response:
    """What is said in a video, and the words that a classifier found in it."""
    return answer(door.read(actor, "get", lambda ctx: videos.transcript(ctx, review_id)))


@own_router.get("/frames", **says("list_frames", listing_of("frames", Frame), what="The frames, in the order of time."))
def list_frames(
    door: DoorDep,
    actor: ActorDep,
    base: BaseDep,
    review_id: str,
    start: Start = 0,
    count: Count = None,
    tag: Annotated[str | None, Query(description="A short code: only frames that carry this tag.")] = None,
) -> Response:
    """A video's frames with everything that is known of them."""
    found = door.read(
        actor,
        "get",
        lambda ctx: reviews.shown(ctx, [videos.with_frames(ctx, review_id, start, count, tag)], base)[0].frames,
    )
    return answer({"frames": found})


@own_router.get(
    "/frames/{timestamp}/thumbnail", **says("show_frame_thumbnail", content("image/jpeg"), what="The thumbnail.")
)
def frame_thumbnail(door: DoorDep, actor: ActorDep, review_id: str, timestamp: Moment, size: Size = 320) -> Response:
    """A small JPEG of the picture of a video's frame."""
    id = picture_of(door, actor, review_id, timestamp)
    return picture_answer(pictures.thumbnail(door.media, actor.team, id, size), "image/jpeg")


@own_router.get("/frames/{timestamp}/picture", **says("show_frame", content(*DISPLAY_TYPES), what="The picture."))
def frame_picture(door: DoorDep, actor: ActorDep, review_id: str, timestamp: Moment) -> Response:
    """The picture of a video's frame in full, re-encoded for display."""
    return picture_answer(*pictures.display(door.media, actor.team, picture_of(door, actor, review_id, timestamp)))


def _parts(content_type: str, body: bytes) -> tuple[bytes, bytes]:
    found = read_parts(content_type, body)
    missing = [name for name in (ZIP_PART, METADATA_PART) if name.lower() not in found]
    if missing:
        raise BadRequest(f"the form has no part {missing[0]}: it takes {ZIP_PART} (a zip) and {METADATA_PART} (JSON)")
    return found[ZIP_PART.lower()], found[METADATA_PART.lower()]


def _number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number in the query; None where it is left out or empty."""
    text = query.get(name.lower(), "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise BadRequest(f"{text[:40]!r} is no whole number from 0 on", where=name)
    return min(int(text), MAX_MILLISECONDS)
