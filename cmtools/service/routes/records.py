"""Records of a team: audit events, callbacks, keys."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...wire import bodies, own
from .. import audit, auth, callbacks
from ..door import ActorDep, BodyDep, DoorDep, answer, takes
from .reviews import Limit, read_cursor

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Records"])


@router.get("/events")
def events(
    door: DoorDep, actor: ActorDep, review_id: str | None = None, after: str | None = None, limit: Limit = 500
) -> Response:
    """A page of audit events, the oldest first, and the cursor of the next."""
    cursor = read_cursor(after)
    found, following = door.read(actor, "read", lambda ctx: audit.trail(ctx, review_id, cursor, limit))
    return answer({"events": found, "next": None if following is None else str(following)})


@router.get("/callbacks")
def list_callbacks(door: DoorDep, actor: ActorDep) -> Response:
    """The team's latest callbacks and how they went."""
    return answer({"callbacks": door.read(actor, "read", callbacks.listing)})


@router.get("/keys")
def list_keys(door: DoorDep, actor: ActorDep) -> Response:
    """The team's keys, without their secrets."""
    return answer({"keys": door.read(actor, "settings", auth.list_keys)})


@router.post("/keys", openapi_extra=takes(bodies.KeyBody))
def create_key(door: DoorDep, actor: ActorDep, body: BodyDep) -> Response:
    """Make a key; its secret is in this answer and nowhere else."""
    asked = bodies.read_body(bodies.KeyBody, body)
    return answer(
        door.write(actor, "settings", lambda ctx: auth.create_key(ctx, asked.label, asked.role, asked.reviewer))
    )


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(door: DoorDep, actor: ActorDep, key_id: str) -> Response:
    """End a key now."""
    door.write(actor, "settings", lambda ctx: auth.revoke_key(ctx, key_id))
    return Response(status_code=204)
