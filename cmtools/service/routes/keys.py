"""Keys of a team: list, make, renew, end; and whom the caller's own key stands for."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import Actor, ApiKey
from ...wire import bodies, own
from .. import auth
from ..door import ActorDep, BodyDep, DoorDep, MayInspect, MaySet, answer
from ..openapi import listing_of, says

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Keys"])


@router.get("/whoami", **says("read_actor", Actor))
def whoami(actor: ActorDep) -> Response:
    """Whom the key stands for, its role, and the reviewer that it acts for in this request."""
    return answer(actor)


@router.get("/keys", **says("list_keys", listing_of("keys", ApiKey), what="The keys, ended ones too."))
def list_keys(door: DoorDep, actor: MayInspect) -> Response:
    """The team's keys, without their secrets."""
    return answer({"keys": door.read(actor, "inspect", auth.list_keys)})


@router.post("/keys", **says("create_key", ApiKey, takes=bodies.KeyBody))
def create_key(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """Make a key; its secret is in this answer and nowhere else."""
    asked = bodies.read_body(bodies.KeyBody, body)
    return answer(
        door.write(actor, "settings", lambda ctx: auth.create_key(ctx, asked.label, asked.role, asked.reviewer))
    )


@router.delete("/keys/{key_id}", **says("revoke_key", status=204))
def revoke_key(door: DoorDep, actor: MaySet, key_id: str) -> Response:
    """End a key now."""
    door.write(actor, "settings", lambda ctx: auth.revoke_key(ctx, key_id))
    return Response(status_code=204)


@router.post("/keys/{key_id}/rotate", **says("rotate_key", ApiKey, takes=bodies.RotationBody))
def rotate_key(door: DoorDep, actor: MaySet, body: BodyDep, key_id: str) -> Response:
    """Make a key in place of a live one; its secret is in this answer and nowhere else."""
    asked = bodies.read_body(bodies.RotationBody, body)
    return answer(door.write(actor, "settings", lambda ctx: auth.rotate_key(ctx, key_id, asked.grace_seconds)))
