"""Leases and submissions: take, keep, give back, decide, take the decision back."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from ...model import Lease, Submission
from ...wire import bodies, own
from .. import leases, submissions
from ..door import ActorDep, BaseDep, BodyDep, DoorDep, MayOversee, MayReview, TokenDep, answer
from ..openapi import link, listing_of, says

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Leases"])
NEEDS_TOKEN: list[dict[str, Any]] = [
    {"name": own.LEASE_HEADER, "in": "header", "required": True, "schema": {"type": "string"}}
]
SHOWS = {"lease_id": "$response.body#/id", f"header__{own.LEASE_HEADER}": "$response.body#/token"}
LEADS_ON = {
    "Renew": link("renew_lease", "Keep the lease.", **SHOWS),
    "Submit": link("submit_answers", "Decide its reviews.", **SHOWS),
    "SaveToggles": link("save_toggles", "Keep what was switched so far.", **SHOWS),
    "Release": link("release_lease", "Give its reviews back.", **SHOWS),
    "Resume": link("resume_lease", "Go on with it elsewhere.", lease_id="$response.body#/id"),
}
UNDO = link("undo_submission", "Take it back.", submission_id="$response.body#/id")


@router.post("/leases", **says("check_out_reviews", Lease, takes=bodies.CheckoutBody, links=LEADS_ON))
def checkout(door: DoorDep, actor: MayReview, body: BodyDep, base: BaseDep) -> Response:
    """Take waiting reviews for a time, the first in an order; or disputed ones. The answer holds the lease's token."""
    asked = bodies.read_body(bodies.CheckoutBody, body)
    how = partial(leases.checkout, order=asked.order, seed=asked.seed, blind=asked.blind, adjudicate=asked.adjudicate)
    return answer(door.write(actor, "review", lambda ctx: how(ctx, asked.count, asked.type, asked.subteam, base)))


@router.get("/leases", **says("list_leases", listing_of("leases", Lease), what="The leases, without tokens."))
def held(door: DoorDep, actor: ActorDep, base: BaseDep, everyone: bool = False) -> Response:
    """The acting reviewer's live leases with the toggles made so far; or everybody's, with a count for the reviews."""
    if everyone:
        return answer({"leases": door.read(actor, "inspect", leases.everyones)})
    return answer({"leases": door.read(actor, "review", lambda ctx: leases.held(ctx, base))})


@router.post("/leases/{lease_id}/resume", **says("resume_lease", Lease, refuses=(409,), links=LEADS_ON))
def resume(door: DoorDep, actor: MayReview, base: BaseDep, lease_id: str) -> Response:
    """Go on with a lease of one's own under a new token; the old one is dead."""
    return answer(door.write(actor, "review", lambda ctx: leases.resume(ctx, lease_id, base)))


@router.post("/leases/{lease_id}/renew", **says("renew_lease", Lease, refuses=(409,), parameters=NEEDS_TOKEN))
def renew(door: DoorDep, actor: MayReview, base: BaseDep, token: TokenDep, lease_id: str) -> Response:
    """Let a lease last its full time from now."""
    return answer(door.write(actor, "review", lambda ctx: leases.renew(ctx, lease_id, token, base)))


@router.post(
    "/leases/{lease_id}/release", **says("release_lease", status=204, takes=bodies.ReleaseBody, refuses=(409,))
)
def release(door: DoorDep, actor: MayReview, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Give reviews back to the queue: those named, or all of the lease's."""
    asked = bodies.read_body(bodies.ReleaseBody, body or b"{}")
    door.write(actor, "review", lambda ctx: leases.release(ctx, lease_id, token, asked.review_ids))
    return Response(status_code=204)


@router.post("/leases/{lease_id}/take-away", **says("take_lease_away", status=204))
def take_away(door: DoorDep, actor: MayOversee, lease_id: str) -> Response:
    """End somebody's lease and put its reviews back into the queue; what was submitted under it stands."""
    door.write(actor, "oversee", lambda ctx: leases.take_away(ctx, lease_id))
    return Response(status_code=204)


@router.patch(
    "/leases/{lease_id}/toggles",
    **says("save_toggles", status=204, takes=bodies.TogglesBody, refuses=(409,), parameters=NEEDS_TOKEN),
)
def save_toggles(door: DoorDep, actor: MayReview, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Keep what the reviewer has switched so far."""
    asked = bodies.read_body(bodies.TogglesBody, body)
    door.write(actor, "review", lambda ctx: leases.save_toggles(ctx, lease_id, token, asked.toggles, asked.frames))
    return Response(status_code=204)


@router.post(
    "/leases/{lease_id}/submissions",
    **says(
        "submit_answers",
        Submission,
        takes=bodies.AnswersBody,
        refuses=(409,),
        links={"Undo": UNDO},
        parameters=NEEDS_TOKEN,
    ),
)
def submit(door: DoorDep, actor: MayReview, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Decide the reviews that are named; the same request sent again has the same answer."""
    asked = bodies.read_body(bodies.AnswersBody, body)
    return answer(
        door.write(actor, "review", lambda ctx: submissions.submit(ctx, lease_id, token, asked.answers, asked.frames))
    )


@router.post("/submissions/{submission_id}/undo", **says("undo_submission", Lease, refuses=(409,)))
def undo(door: DoorDep, actor: MayReview, base: BaseDep, submission_id: str) -> Response:
    """Take a submission back while its undo window is open."""
    return answer(door.write(actor, "review", lambda ctx: submissions.undo(ctx, submission_id, base)))
