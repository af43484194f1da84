"""Whether the service is well."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ... import __version__
from ...store import ping
from ...wire.schemas import object_of
from ..door import DoorDep, answer
from ..openapi import says

router = APIRouter()
HEALTH = object_of(
    {"status": {"const": "ok"}, "version": {"type": "string"}, "database": {"enum": ["sqlite", "postgresql"]}}
)


@router.get(
    "/health",
    tags=["Health"],
    **says("check_health", HEALTH, what="Both are well.", of_team=False, refuses=(503,)),
)
def health(door: DoorDep) -> Response:
    """Answers when the service and its database do."""
    door.store.read(ping)
    return answer({"status": "ok", "version": __version__, "database": door.store.name})
