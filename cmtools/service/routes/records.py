"""Records of a team: audit events, callbacks, keys."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import ApiKey, AuditEvent, CallbackAttempt
from ...wire import bodies, own
from .. import audit, auth, callbacks
from ..door import ActorDep, BodyDep, DoorDep, answer
from ..openapi import listing_of, page_of, says
from .reviews import Limit, read_cursor

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Records"])


@router.get("/events", **says("list_events", page_of("events", AuditEvent), what="A page of events."))
def events(
    door: DoorDep, actor: ActorDep, review_id: str | None = None, after: str | None = None, limit: Limit = 500
) -> Response:
    """A page of audit events, the oldest first, and the cursor of the next."""
    cursor = read_cursor(after)
    found, following = door.read(actor, "read", lambda ctx: audit.trail(ctx, review_id, cursor, limit))
    return answer({"events": found, "next": None if following is None else str(following)})


@router.get(
    "/callbacks", **says("list_callbacks", listing_of("callbacks", CallbackAttempt), what="The latest callbacks.")
)
def list_callbacks(door: DoorDep, actor: ActorDep) -> Response:
    """The team's latest callbacks and how they went."""
    return answer({"callbacks": door.read(actor, "read", callbacks.listing)})


@router.get("/keys", **says("list_keys", listing_of("keys", ApiKey), what="The keys, ended ones too."))
def list_keys(door: DoorDep, actor: ActorDep) -> Response:
    """The team's keys, without their secrets."""
    return answer({"keys": door.read(actor, "settings", auth.list_keys)})


@router.post("/keys", **says("create_key", ApiKey, takes=bodies.KeyBody))
def create_key(door: DoorDep, actor: ActorDep, body: BodyDep) -> Response:
    """Make a key; its secret is in this answer and nowhere else."""
    asked = bodies.read_body(bodies.KeyBody, body)
    return answer(
        door.write(actor, "settings", lambda ctx: auth.create_key(ctx, asked.label, asked.role, asked.reviewer))
    )


@router.delete("/keys/{key_id}", **says("revoke_key", status=204))
def revoke_key(door: DoorDep, actor: ActorDep, key_id: str) -> Response:
    """End a key now."""
    door.write(actor, "settings", lambda ctx: auth.revoke_key(ctx, key_id))
    return Response(status_code=204)
