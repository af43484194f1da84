"""Holds: park reviews, list what is parked, take it up again, put it back."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import Lease, Review
from ...wire import bodies, own
from .. import holds
from ..door import ActorDep, BaseDep, BodyDep, DoorDep, MayReview, TokenDep, answer
from ..openapi import listing_of, says
from .leases import LEADS_ON, NEEDS_TOKEN

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Leases"])
PARKED = listing_of("reviews", Review)


@router.post(
    "/leases/{lease_id}/hold",
    **says(
        "hold_reviews",
        PARKED,
        what="The reviews, now on hold.",
        takes=bodies.HoldBody,
        refuses=(409,),
        parameters=NEEDS_TOKEN,
    ),
)
def hold(door: DoorDep, actor: MayReview, body: BodyDep, base: BaseDep, token: TokenDep, lease_id: str) -> Response:
    """Park reviews of a lease for a time: out of the lease and of the queue, with the toggles made so far."""
    asked = bodies.read_body(bodies.HoldBody, body)
    found = door.write(
        actor,
        "review",
        lambda ctx: holds.hold(ctx, lease_id, token, asked.review_ids, asked.seconds, asked.note, base),
    )
    return answer({"reviews": found})


@router.get("/held", **says("list_held_reviews", PARKED, what="The reviews on hold."))
def listing(door: DoorDep, actor: ActorDep, base: BaseDep, everyone: bool = False) -> Response:
    """The acting reviewer's reviews on hold, those that go back first being the first; a lead and an auditor see
    everybody's."""
    needed = "inspect" if everyone else "review"
    return answer({"reviews": door.read(actor, needed, lambda ctx: holds.listing(ctx, everyone, base))})


@router.post(
    "/held/take", **says("take_held_reviews", Lease, takes=bodies.TakeHeldBody, refuses=(409,), links=LEADS_ON)
)
def take(door: DoorDep, actor: MayReview, body: BodyDep, base: BaseDep) -> Response:
    """Take up reviews that the acting reviewer has on hold, in a lease of their own, with their toggles."""
    asked = bodies.read_body(bodies.TakeHeldBody, body)
    return answer(door.write(actor, "review", lambda ctx: holds.take(ctx, asked.review_ids, asked.type, base)))


@router.post("/held/release", **says("release_held_reviews", status=204, takes=bodies.UnholdBody))
def release(door: DoorDep, actor: MayReview, body: BodyDep) -> Response:
    """Put reviews on hold back into the queue, at their old places; one that is not on hold is left alone."""
    asked = bodies.read_body(bodies.UnholdBody, body)
    door.write(actor, "review", lambda ctx: holds.give_back(ctx, asked.review_ids))
    return Response(status_code=204)
