"""Every operation of a service's OpenAPI document as a request, with ids that the test gives. It judges no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from cmtools.wire import own
from cmtools.wire.examples import REVIEW_ID

PICTURE = "image/png"
SEAL = "0" * 64
"""Of something that is kept elsewhere: whoever may note one may note any."""


@dataclass(frozen=True)
class Ask:
    """A request to one operation, without a key."""

    name: str
    method: str
    path: str
    keyed: bool
    named: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def send(self, url: str, key: str | None) -> requests.Response:
        """The answer to it."""
        headers = dict(self.headers) | ({} if key is None else {own.KEY_HEADER: key})
        return requests.request(
            self.method, url + self.path, params=self.query, headers=headers, data=self.body, timeout=30
        )


def document_of(url: str) -> dict[str, Any]:
    """The document of the service there."""
    document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=30).json()
    return document


def every(document: dict[str, Any], known: Mapping[str, str], token: str = "") -> Iterator[Ask]:
    """A request to each operation.

    Parameters
    ----------
    document : dict
        As `document_of` gives it.
    known : mapping of str to str
        Values of parameters of paths by name; ``review_id`` also stands in for the review of the examples of bodies.
    token : str
        The lease token to show.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            said = operation.get("parameters", ())
            named = {each["name"]: _named(each["name"], known) for each in said if each["in"] == "path"}
            query = {each["name"]: _value(each) for each in said if each["in"] == "query" and each.get("required")}
            kind, body = _body(document, operation)
            if body is not None and "review_id" in known:
                body = body.replace(REVIEW_ID.encode(), known["review_id"].encode())
            headers = {own.LEASE_HEADER: token} | ({"Content-Type": kind} if kind else {})
            yield Ask(
                operation["operationId"],
                method.upper(),
                path.format(**named),
                "security" in operation,
                named,
                query,
                headers,
                body,
            )


def _named(name: str, known: Mapping[str, str]) -> str:
    return SEAL if name == "seal" else known[name]


def _value(parameter: dict[str, Any]) -> str:
    """One that the parameter takes."""
    return str(parameter.get("example", parameter["schema"].get("enum", ["x"])[0]))


def _body(document: dict[str, Any], operation: dict[str, Any]) -> tuple[str, bytes | None]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind, media in content.items():
        for example in _examples(document, media):
            text = json.dumps(example) if kind == "application/json" else str(example)
            return kind, text.encode()
    return next(iter(content), ""), (b"x" if content else None)


def _examples(document: dict[str, Any], media: dict[str, Any]) -> list[Any]:
    if "example" in media:
        return [media["example"]]
    if "examples" in media:
        return [each["value"] for each in media["examples"].values()]
    schema = media["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("examples", ()))
