"""The retired vendor's Review API: create and get."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ...wire import creation, examples, own, review_examples, review_schemas
from ...wire import reviews as review_wire
from ...wire.review_schemas import both
from ...wire.schemas import list_of
from .. import reviews, teams
from ..door import BY_WHO_ASKS, ActorDep, Answer, BaseDep, DoorDep, JsonBodyDep, MayCreate, QueryDep, spelling_of
from ..openapi import json_body, link, notice, says

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}", tags=["Review API"])
TAKES_DRAFTS = json_body(
    review_schemas.drafts(), "The items to review; one bad item refuses them all.", examples=review_examples.DRAFTS
)
INTO = {
    "name": "subTeam",
    "in": "query",
    "description": "The subteam whose queue they join; left out, `public`, which is the whole team.",
    "schema": {"type": "string"},
}
IDS = {
    **list_of({"type": "string", "pattern": "^[0-9]{6}[itv][0-9a-f]{32}$"}),
    "examples": [[examples.REVIEW_ID]],
}
LEADS_ON = {
    title: link(operation, f"{title} the first of them.", review_id="$response.body#/0")
    for title, operation in {
        "Get": "get_review",
        "Read": "read_review",
        "Move": "move_review",
        "ShowPicture": "show_picture",
        "ShowThumbnail": "show_thumbnail",
        "AddFrames": "add_frames",
        "GetFrames": "get_frames",
        "PutTranscript": "put_transcript",
        "PutTranscriptTerms": "put_transcript_terms",
        "GetTranscript": "get_transcript",
        "Publish": "publish_video",
    }.items()
}
VARY = {"Vary": "The spelling depends on who asks."}


@router.post(
    "/reviews",
    **says(
        "create_reviews",
        IDS,
        what="The ids of the new reviews, in the order of the items.",
        takes=TAKES_DRAFTS,
        refuses=(415,),
        summary="Review - Create",
        headers={own.CREATED_HEADER: "How many of them are new: an item sent again under its key is not."},
        parameters=[INTO],
        links=LEADS_ON,
        callbacks=notice("ReviewNotice", "{$request.body#/0/CallbackEndpoint}", "A review is complete."),
    ),
)
def create(door: DoorDep, actor: MayCreate, body: JsonBodyDep, query: QueryDep, base: BaseDep) -> Response:
    """Make reviews of images, texts and videos; answers the list of their ids, in order."""
    incoming = creation.read_drafts(body)
    ids, created = door.write(actor, "create", lambda ctx: reviews.create(ctx, incoming, query.get("subteam"), base))
    return Answer(ids, headers={own.CREATED_HEADER: str(created)})


@router.get(
    "/reviews/{review_id}",
    **says("get_review", both("ApiReview"), what="The review.", summary="Review - Get", headers=VARY),
)
def get(request: Request, door: DoorDep, actor: ActorDep, base: BaseDep, review_id: str) -> Response:
    """One review, with the tags it was created with and those a reviewer left on."""
    review, team = door.read(actor, "get", lambda ctx: (reviews.linked(ctx, review_id, base), teams.describe(ctx)))
    written = review_wire.write_review(review, team, spelling_of(request))
    return Answer(written, headers=BY_WHO_ASKS)
