"""Whether the service is well, and a page that lists its operations without help from any other site."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from ... import __version__
from ...store import ping
from ...wire.schemas import object_of
from ..door import DoorDep, answer
from ..openapi import says

router = APIRouter()
STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem } table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #8884; padding: .4rem .6rem .4rem 0; vertical-align: top }
td:first-child { font-weight: 600; width: 4.5rem } code { font-size: .92em; overflow-wrap: anywhere }
p, small { opacity: .8 }
"""


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


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The operations as a page."""
    rows: dict[str, list[str]] = {}
    for path, operations in request.app.openapi()["paths"].items():
        for method, operation in operations.items():
            rows.setdefault(operation.get("tags", ["Other"])[0], []).append(_row(path, method, operation))
    parts = [f"<h2>{escape(noun)}</h2><table>{''.join(lines)}</table>" for noun, lines in rows.items()]
    page = (
        f"<!doctype html><meta charset=utf-8><title>cmtools review service</title><style>{STYLE}</style>"
        f"<h1>cmtools review service {escape(__version__)}</h1>"
        "<p>Send the team's key in the header <code>Ocp-Apim-Subscription-Key</code>. "
        'The same as a document for programs: <a href="openapi.json">openapi.json</a>.</p>'
    )
    return HTMLResponse(page + "".join(parts))


def _row(path: str, method: str, operation: dict[str, Any]) -> str:
    said = escape(operation.get("description", operation.get("summary", "")))
    return f"<tr><td>{method.upper()}<td><code>{escape(path)}</code><br><small>{said}</small>"
