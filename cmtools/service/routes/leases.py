"""Leases and submissions: take, keep, give back, decide, take the decision back."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...wire import bodies, own
from .. import leases, submissions
from ..door import ActorDep, BaseDep, BodyDep, DoorDep, TokenDep, answer, takes

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Leases"])


@router.post("/leases", openapi_extra=takes(bodies.CheckoutBody))
def checkout(door: DoorDep, actor: ActorDep, body: BodyDep, base: BaseDep) -> Response:
    """Take the oldest waiting reviews for a time; the answer holds the lease's token."""
    asked = bodies.read_body(bodies.CheckoutBody, body)
    return answer(
        door.write(actor, "review", lambda ctx: leases.checkout(ctx, asked.count, asked.type, asked.subteam, base))
    )


@router.get("/leases")
def held(door: DoorDep, actor: ActorDep, base: BaseDep) -> Response:
    """The acting reviewer's live leases with the toggles made so far, without tokens."""
    return answer({"leases": door.read(actor, "review", lambda ctx: leases.held(ctx, base))})


@router.post("/leases/{lease_id}/resume")
def resume(door: DoorDep, actor: ActorDep, base: BaseDep, lease_id: str) -> Response:
    """Go on with a lease of one's own under a new token; the old one is dead."""
    return answer(door.write(actor, "review", lambda ctx: leases.resume(ctx, lease_id, base)))


@router.post("/leases/{lease_id}/renew")
def renew(door: DoorDep, actor: ActorDep, base: BaseDep, token: TokenDep, lease_id: str) -> Response:
    """Let a lease last its full time from now."""
    return answer(door.write(actor, "review", lambda ctx: leases.renew(ctx, lease_id, token, base)))


@router.post("/leases/{lease_id}/release", status_code=204, openapi_extra=takes(bodies.ReleaseBody))
def release(door: DoorDep, actor: ActorDep, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Give reviews back to the queue: those named, or all of the lease's."""
    asked = bodies.read_body(bodies.ReleaseBody, body or b"{}")
    door.write(actor, "review", lambda ctx: leases.release(ctx, lease_id, token, asked.review_ids))
    return Response(status_code=204)


@router.patch("/leases/{lease_id}/toggles", status_code=204, openapi_extra=takes(bodies.TogglesBody))
def save_toggles(door: DoorDep, actor: ActorDep, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Keep what the reviewer has switched so far."""
    asked = bodies.read_body(bodies.TogglesBody, body)
    door.write(actor, "review", lambda ctx: leases.save_toggles(ctx, lease_id, token, asked.toggles))
    return Response(status_code=204)


@router.post("/leases/{lease_id}/submissions", openapi_extra=takes(bodies.AnswersBody))
def submit(door: DoorDep, actor: ActorDep, body: BodyDep, token: TokenDep, lease_id: str) -> Response:
    """Decide the reviews that are named; the same request sent again has the same answer."""
    asked = bodies.read_body(bodies.AnswersBody, body)
    return answer(door.write(actor, "review", lambda ctx: submissions.submit(ctx, lease_id, token, asked.answers)))


@router.post("/submissions/{submission_id}/undo")
def undo(door: DoorDep, actor: ActorDep, base: BaseDep, submission_id: str) -> Response:
    """Take a submission back while its undo window is open."""
    return answer(door.write(actor, "review", lambda ctx: submissions.undo(ctx, submission_id, base)))
