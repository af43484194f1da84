"""Reviews: list, look up, read, show, move."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from ...errors import BadRequest
from ...model import Activity, QueueCounts, Review
from ...wire import bodies, own
from ...wire.schemas import list_of, object_of, ref
from .. import activity, leases, pictures, reviews
from ..door import ActorDep, BaseDep, BodyDep, DoorDep, MayLook, MayMove, MayRead, TokenDep, answer
from ..openapi import content, page_of, says
from .pictures import DISPLAY_TYPES, picture_answer, picture_of

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Reviews"])
FOUND = object_of(
    {
        "reviews": list_of(ref(Review)),
        "rest": {
            **list_of({"type": "string"}),
            "description": "The ids, from some on, that were not looked up: too many frames for one answer.",
        },
    }
)
Limit = Annotated[int, Query(ge=1, le=1000)]
Size = Annotated[int, Query(ge=16, le=2048)]


@router.get("/reviews", **says("list_reviews", page_of("reviews", Review), what="A page of reviews."))
def list_reviews(
    door: DoorDep,
    actor: MayRead,
    base: BaseDep,
    status: str | None = None,
    type: str | None = None,
    subteam: str | None = None,
    after: str | None = None,
    limit: Limit = 500,
) -> Response:
    """A page of reviews, the oldest first, and the cursor of the next."""
    cursor = read_cursor(after)
    found, following = door.read(
        actor, "read", lambda ctx: reviews.page(ctx, status, type, subteam, cursor, limit, base)
    )
    return answer({"reviews": found, "next": None if following is None else str(following)})


@router.post(
    "/reviews/lookup",
    **says("look_up_reviews", FOUND, what="The reviews, and what was left for another call.", takes=bodies.LookupBody),
)
def lookup(door: DoorDep, actor: ActorDep, body: BodyDep, base: BaseDep) -> Response:
    """The named reviews, in order; ids of no review of the team are left out."""
    asked = bodies.read_body(bodies.LookupBody, body)
    found, rest = door.read(actor, "get", lambda ctx: reviews.lookup(ctx, asked.ids, asked.frames, base))
    return answer({"reviews": found, "rest": rest})


@router.get("/reviews/{review_id}", **says("read_review", Review))
def get(door: DoorDep, actor: ActorDep, base: BaseDep, review_id: str) -> Response:
    """One review with everything that is known of it."""
    return answer(door.read(actor, "get", lambda ctx: reviews.get(ctx, review_id, base)))


@router.get("/reviews/{review_id}/thumbnail", **says("show_thumbnail", content("image/jpeg"), what="The thumbnail."))
def thumbnail(door: DoorDep, actor: ActorDep, review_id: str, size: Size = 320) -> Response:
    """A small JPEG of the review's picture."""
    id = picture_of(door, actor, review_id)
    return picture_answer(pictures.thumbnail(door.media, actor.team, id, size), "image/jpeg")


@router.get("/reviews/{review_id}/picture", **says("show_picture", content(*DISPLAY_TYPES), what="The picture."))
def picture(door: DoorDep, actor: ActorDep, review_id: str) -> Response:
    """The review's picture in full, re-encoded for display."""
    return picture_answer(*pictures.display(door.media, actor.team, picture_of(door, actor, review_id)))


@router.post("/reviews/{review_id}/move", **says("move_review", Review, takes=bodies.MoveBody, refuses=(409,)))
def move(door: DoorDep, actor: MayMove, body: BodyDep, base: BaseDep, token: TokenDep, review_id: str) -> Response:
    """Put a review into another subteam's queue; one that is leased needs its lease's token."""
    asked = bodies.read_body(bodies.MoveBody, body)
    return answer(door.write(actor, "move", lambda ctx: leases.move(ctx, review_id, asked.subteam, token, base)))


@router.get("/counts", **says("count_reviews", QueueCounts))
def counts(door: DoorDep, actor: MayLook, type: str | None = None, subteam: str | None = None) -> Response:
    """How many reviews stand in which state."""
    return answer(door.read(actor, "look", lambda ctx: reviews.counts(ctx, type, subteam)))


@router.get("/activity", **says("look_at_activity", Activity))
def look_at_activity(door: DoorDep, actor: MayLook) -> Response:
    """What goes on in the team, in figures: by queue, reviewer and tag."""
    return answer(door.read(actor, "look", activity.look))


def read_cursor(after: str | None) -> int:
    """The place behind which a page begins."""
    if after is None or after == "":
        return 0
    if not after.isdecimal() or len(after) > 18:
        raise BadRequest("this is no cursor: take the one in 'next' of the page before", where="after")
    return int(after)
