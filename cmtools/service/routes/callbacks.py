"""Callbacks of a team: how they went, those that were given up sent anew, the secret that signs them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import CallbackAttempt, CallbackSecret
from ...wire import bodies, own, schemas
from .. import callbacks, signing
from ..door import BodyDep, DoorDep, MayOversee, MayRead, MaySet, answer
from ..openapi import page_of, says
from .reviews import Limit

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Callbacks"])
NOT_KEPT = {"Cache-Control": "no-store"}
COUNT = schemas.object_of({"redelivered": {"type": "integer", "minimum": 0}})


@router.get("/callbacks", **says("list_callbacks", page_of("callbacks", CallbackAttempt), what="A page of callbacks."))
def list_callbacks(
    door: DoorDep, actor: MayRead, state: str | None = None, before: str | None = None, limit: Limit = 500
) -> Response:
    """A page of the team's callbacks and how their last tries went, the latest first, and the cursor of the next."""
    found, following = door.read(actor, "read", lambda ctx: callbacks.listing(ctx, state, before, limit))
    return answer({"callbacks": found, "next": following})


@router.post(
    "/callbacks/redeliver",
    **says("redeliver_callbacks", COUNT, what="How many are sent anew.", takes=bodies.RedeliverBody, refuses=(409,)),
)
def redeliver(door: DoorDep, actor: MayOversee, body: BodyDep) -> Response:
    """Send anew what was given up: one callback, or the oldest 2000; under the same id. Doing it twice is as once."""
    asked = bodies.read_body(bodies.RedeliverBody, body)
    return answer(
        {"redelivered": door.write(actor, "oversee", lambda ctx: callbacks.redeliver(ctx, asked.callback_id))}
    )


@router.get("/callback-secret", **says("show_callback_secret", CallbackSecret))
def show_secret(door: DoorDep, actor: MaySet) -> Response:
    """The secret that the team's callbacks are signed with, after Standard Webhooks."""
    return answer(door.write(actor, "settings", signing.show), headers=NOT_KEPT)


@router.post("/callback-secret/rotate", **says("rotate_callback_secret", CallbackSecret, takes=bodies.SecretBody))
def rotate_secret(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """Give the team a new secret; for a time callbacks are signed with both."""
    asked = bodies.read_body(bodies.SecretBody, body)
    found = door.write(actor, "settings", lambda ctx: signing.rotate(ctx, asked.keep_previous_seconds))
    return answer(found, headers=NOT_KEPT)
