"""Records of a team: audit events."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import AuditEvent
from ...wire import own
from .. import audit
from ..door import ActorDep, DoorDep, answer
from ..openapi import page_of, says
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
