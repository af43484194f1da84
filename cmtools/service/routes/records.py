"""Records of a team: audit events, callbacks."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import AuditEvent, CallbackAttempt
from ...wire import own
from .. import audit, callbacks
from ..door import ActorDep, DoorDep, answer
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
