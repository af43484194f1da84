"""Sees every request come and go: numbers, times and counts it, and tells the log. It answers and refuses none."""

from __future__ import annotations

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .logs import FIELDS
from .metrics import Metrics

REQUEST_HEADER = b"cmtools-request"
REQUEST = "cmtools_request"
"""Where the request's number stands in its scope."""
TEAM_CHARACTERS = 64
NOWHERE = "(none)"
"""In place of a template, where a request's address leads to no route."""
log = logging.getLogger("cmtools.requests")


class Watch:
    """Sends each request on, and tells how it went.

    Parameters
    ----------
    app : ASGI application
        Where requests go.
    metrics : Metrics, optional
        Counts them.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics | None) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = scope[REQUEST] = secrets.token_hex(8)
        begun, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_HEADER, number.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            status = 500
            log.exception("unforeseen", extra={FIELDS: {"request": number}})
            raise
        finally:
            self._tell(scope, status, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", NOWHERE)
        method = scope["method"] if route != NOWHERE else "?"
        if self._metrics is not None:
            self._metrics.saw(method, route, status, seconds)
        if log.isEnabledFor(logging.INFO):
            fields = {
                "request": scope[REQUEST],
                "team": scope.get("path_params", {}).get("team", "")[:TEAM_CHARACTERS] or None,
                "method": method,
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 1),
            }
            log.info("request", extra={FIELDS: fields})
