"""The retired vendor's Review API: create and get."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from ...wire import creation, own
from ...wire import reviews as review_wire
from .. import reviews, teams
from ..door import ActorDep, Answer, BaseDep, BodyDep, DoorDep, spelling_of

router = APIRouter(prefix=own.REVIEW_PREFIX + "/{team}", tags=["Review API"])
EXAMPLE = [
    {
        "Type": "Image",
        "Content": "https://example.org/photo.jpg",
        "ContentId": "photo-1",
        "CallbackEndpoint": "https://example.org/callback",
        "Metadata": [{"Key": "a", "Value": "False"}, {"Key": "model", "Value": "v2"}],
    }
]
TAKES_DRAFTS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A list of items; keys in any case. One bad item refuses them all.",
        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}, "example": EXAMPLE}},
    }
}


@router.post("/reviews", summary="Review - Create", openapi_extra=TAKES_DRAFTS)
def create(
    door: DoorDep,
    actor: ActorDep,
    body: BodyDep,
    base: BaseDep,
    subteam: Annotated[str | None, Query(alias="subTeam")] = None,
) -> Response:
    """Make reviews of images and texts; answers the list of their ids, in order."""
    incoming = creation.read_drafts(body)
    ids, created = door.write(actor, "create", lambda ctx: reviews.create(ctx, incoming, subteam, base))
    return Answer(ids, headers={own.CREATED_HEADER: str(created)})


@router.get("/reviews/{review_id}", summary="Review - Get")
def get(request: Request, door: DoorDep, actor: ActorDep, base: BaseDep, review_id: str) -> Response:
    """One review, with the tags it was created with and those a reviewer left on."""
    review, team = door.read(actor, "read", lambda ctx: (reviews.get(ctx, review_id, base), teams.describe(ctx)))
    written = review_wire.write_review(review, team, spelling_of(request))
    return Answer(written, headers={"Vary": "User-Agent"})
