"""Whether the service is well, whether it can serve, and its figures."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response

from ... import __version__
from ...errors import Forbidden, NotAuthorized, NotFound
from ...store import ping
from ...wire.schemas import list_of, object_of
from .. import readiness
from ..door import NOSNIFF, Door, DoorDep, address_of, answer
from ..metrics import MEDIA_TYPE
from ..openapi import content, says

router = APIRouter()
HEALTH = object_of(
    {"status": {"const": "ok"}, "version": {"type": "string"}, "database": {"enum": ["sqlite", "postgresql"]}}
)
READY = object_of({"status": {"const": "ready"}, "checked": list_of({"type": "string"})})
TEXT = content("text/plain", schema={"type": "string"})
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of proxies: who comes through one is not on this machine, though the proxy may be."""


@router.get(
    "/health",
    tags=["Health"],
    **says("check_health", HEALTH, what="Both are well.", of_team=False, refuses=(503,)),
)
def health(door: DoorDep) -> Response:
    """Answers when the service and its database do."""
    door.store.read(ping)
    return answer({"status": "ok", "version": __version__, "database": door.store.name})


@router.get(
    "/ready",
    tags=["Health"],
    **says("check_readiness", READY, what="All is there.", of_team=False, refuses=(503,)),
)
def ready(door: DoorDep) -> Response:
    """Answers when the service can serve: the database answers and has today's tables, and pictures can be kept."""
    return answer({"status": "ready", "checked": readiness.demand(door.store, door.media)})


@router.get(
    "/metrics",
    tags=["Health"],
    **says("show_metrics", TEXT, what="The figures.", of_team=False, refuses=(401, 403, 404, 503)),
)
def metrics(request: Request, door: DoorDep) -> Response:
    """Figures for Prometheus, over all teams and without any content: for this machine alone, or, where the service has
    a `metrics_key`, for whoever sends it as `Authorization: Bearer ...`."""
    _demand_operator(request, door)
    if door.metrics is None:
        raise NotFound("this service keeps no figures: start it with CMTOOLS_METRICS=true")
    return Response(door.metrics.text(), headers={"Content-Type": MEDIA_TYPE, **NOSNIFF})


def _demand_operator(request: Request, door: Door) -> None:
    """Raise unless whoever asks runs the service."""
    wanted = door.settings.metrics_key
    if wanted is not None:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(shown.encode(), wanted.get_secret_value().encode()):
            raise NotAuthorized("the figures take CMTOOLS_METRICS_KEY, sent as 'Authorization: Bearer ...'")
        return
    through_proxy = any(name in request.headers for name in FORWARDED)
    if through_proxy or not _is_this_machine(address_of(request)):
        raise Forbidden("the figures are shown to this machine alone: set CMTOOLS_METRICS_KEY to ask from elsewhere")


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
