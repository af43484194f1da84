"""A page that shows the OpenAPI document to people, without help from any other site. It knows no operation itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ... import __version__

router = APIRouter()
Said = dict[str, Any]
STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem } summary { cursor: pointer; padding: .4rem 0; border-top: 1px solid #8884 }
summary b { display: inline-block; min-width: 4.5rem } summary small { display: block; margin-left: 4.7rem }
code, pre { font-size: .92em; overflow-wrap: anywhere } pre { background: #8881; padding: .6rem; white-space: pre-wrap }
details > :not(summary) { margin: .4rem 0 .4rem 4.7rem } dd { margin-left: 1.5rem } p, small { opacity: .8 }
"""


@router.get("/", include_in_schema=False)
def front() -> RedirectResponse:
    """Whoever opens the service's address in a browser."""
    return RedirectResponse("docs")


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The operations as a page."""
    document: Said = request.app.openapi()
    rows: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            rows[operation["tags"][0]].append(_operation(document, path, method, operation))
    parts = [
        f"<h2>{escape(tag['name'])}</h2><p>{_marked(tag['description'])}</p>{''.join(rows[tag['name']])}"
        for tag in document["tags"]
    ]
    about = "".join(f"<p>{_marked(part)}</p>" for part in document["info"]["description"].split("\n\n"))
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>cmtools review service</title><style>{STYLE}</style>"
        f"<h1>cmtools review service {escape(__version__)}</h1>{about}"
        '<p>The same as a document for programs: <a href="openapi.json">openapi.json</a>.</p>'
    )
    return HTMLResponse(page + "".join(parts))


def _operation(document: Said, path: str, method: str, operation: Said) -> str:
    said = f"<b>{method.upper()}</b> <code>{escape(path)}</code><small>{_marked(operation['description'])}</small>"
    body = operation.get("requestBody", {})
    shown = [_parameters(operation), *_content(document, "Body", body), *_answers(document, operation)]
    return f"<details id={operation['operationId']}><summary>{said}</summary>{''.join(shown)}</details>"


def _parameters(operation: Said) -> str:
    lines = [
        f"<dt><code>{escape(each['name'])}</code> in the {each['in']}{', required' if each.get('required') else ''}"
        f"<dd>{_marked(each['description'])}"
        for each in operation["parameters"]
    ]
    return f"<dl>{''.join(lines)}</dl>" if lines else ""


def _answers(document: Said, operation: Said) -> Iterator[str]:
    for status, said in operation["responses"].items():
        if "$ref" in said:
            yield f"<p>{status}: {_marked(_resolved(document, said)['description'])}</p>"
        else:
            yield from _content(document, status, said)


def _content(document: Said, title: str, said: Said) -> Iterator[str]:
    """What is said of a body, and its first examples by media type."""
    if not said:
        return
    yield f"<p>{title}: {_marked(said['description'])}</p>"
    for kind, media in said.get("content", {}).items():
        example = _example(document, media)
        shown = example if isinstance(example, str) else json.dumps(example, indent=1, ensure_ascii=False)
        yield f"<p><code>{kind}</code></p>" + ("" if example is None else f"<pre>{escape(shown)}</pre>")


def _example(document: Said, media: Said) -> Any:
    for named in media.get("examples", {}).values():
        return named["value"]
    schema = media["schema"]
    shown = _resolved(document, schema.get("oneOf", [schema])[0])
    return media.get("example", next(iter(shown.get("examples", ())), None))


def _resolved(document: Said, said: Said) -> Said:
    if "$ref" not in said:
        return said
    _, _, kind, name = said["$ref"].split("/")
    return dict(document["components"][kind][name])


def _marked(text: str) -> str:
    """Words between backticks as code."""
    parts = escape(text).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
