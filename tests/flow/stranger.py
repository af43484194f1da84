"""A client that knows nothing but the OpenAPI document: from there is what it sends, and how it checks answers."""

from __future__ import annotations

from typing import Any

import requests
from jsonschema import Draft202012Validator


class Stranger:
    """Calls operations by their names in the document.

    Parameters
    ----------
    url : str
        Where the document's service is.
    key : str
        For the first security scheme of each operation.
    """

    def __init__(self, url: str, key: str, *, user_agent: str = "stranger") -> None:
        self.url, self._key, self._agent = url, key, user_agent
        self.document = requests.get(f"{url}/openapi.json", timeout=30).json()
        self.operations: dict[str, tuple[str, str, dict[str, Any]]] = {
            operation["operationId"]: (method, path, operation)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
        }

    def call(self, name: str, /, *, body: Any = None, kind: str | None = None, **parameters: str) -> requests.Response:
        """Call an operation with the parameters given, or else as their examples are; the answer was checked.

        ``body`` is sent as the media type ``kind``; without one, the operation's first example is.
        """
        method, path, operation = self.operations[name]
        sent = self._parameters(operation, parameters)
        content = operation.get("requestBody", {}).get("content", {})
        if content and body is None:
            kind, body = next((each, shown[0]) for each in content if (shown := self.examples(content[each])))
        options: dict[str, Any] = {"json": body} if kind == "application/json" else {"data": body}
        if kind and isinstance(body, bytes | str) and kind != "application/json":
            sent["header"]["Content-Type"] = kind
        answer = requests.request(
            method,
            self.url + path.format(**sent["path"]),
            params=sent["query"],
            headers={**sent["header"], **self._security(operation), "User-Agent": self._agent},
            timeout=30,
            **options,
        )
        self.check(operation, answer)
        return answer

    def form(self, name: str, parts: dict[str, bytes | str], /, **parameters: str) -> requests.Response:
        """Send a form to an operation; parts of bytes as files."""
        method, path, operation = self.operations[name]
        sent = self._parameters(operation, parameters)
        answer = requests.request(
            method,
            self.url + path.format(**sent["path"]),
            headers={**self._security(operation), "User-Agent": self._agent},
            files={name: (name if isinstance(part, bytes) else None, part) for name, part in parts.items()},
            timeout=30,
        )
        self.check(operation, answer)
        return answer

    def follow(self, name: str, answer: requests.Response, title: str, /, **options: Any) -> requests.Response:
        """Call the operation to which an answer of the named operation links under that title."""
        link = self.operations[name][2]["responses"][str(answer.status_code)]["links"][title]
        known = {place.rpartition(".")[2]: _pointed(answer, said) for place, said in link["parameters"].items()}
        return self.call(link["operationId"], **known, **options)

    def examples(self, media: dict[str, Any]) -> list[Any]:
        """What a media type shows: beside its schema, or of it."""
        if "example" in media:
            return [media["example"]]
        if "examples" in media:
            return [each["value"] for each in media["examples"].values()]
        return list(self.resolved(media["schema"]).get("examples", ()))

    def resolved(self, said: dict[str, Any]) -> dict[str, Any]:
        """What a reference stands for."""
        while "$ref" in said:
            found: Any = self.document
            for step in said["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            said = found
        return said

    def fits(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value."""
        whole = {**schema, "components": self.document["components"]}
        checker = Draft202012Validator.FORMAT_CHECKER
        return [error.message for error in Draft202012Validator(whole, format_checker=checker).iter_errors(value)]

    def check(self, operation: dict[str, Any], answer: requests.Response) -> None:
        """Raise AssertionError unless the answer is one that the document foresees."""
        assert str(answer.status_code) in operation["responses"], f"{answer.status_code} {answer.text}"
        content = self.resolved(operation["responses"][str(answer.status_code)]).get("content", {})
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if not content:
            assert answer.content == b""
            return
        assert kind in content
        if kind == "application/json":
            assert self.fits(content[kind]["schema"], answer.json()) == []

    def _parameters(self, operation: dict[str, Any], given: dict[str, str]) -> dict[str, dict[str, str]]:
        sent: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        names = {each["name"] for each in operation.get("parameters", ())}
        assert set(given) <= names, f"the document has no parameter {set(given) - names}"
        for each in operation.get("parameters", ()):
            value = given.get(each["name"], each.get("example") if each.get("required") else None)
            assert value is not None or not each.get("required"), f"{each['name']} is required"
            if value is not None:
                sent[each["in"]][each["name"]] = value
        return sent

    def _security(self, operation: dict[str, Any]) -> dict[str, str]:
        if not operation.get("security"):
            return {}
        scheme = self.document["components"]["securitySchemes"][next(iter(operation["security"][0]))]
        assert (scheme["type"], scheme["in"]) == ("apiKey", "header")
        return {scheme["name"]: self._key}


def _pointed(answer: requests.Response, expression: str) -> Any:
    """The value of a runtime expression of a link."""
    found: Any = answer.json()
    for step in expression.removeprefix("$response.body#/").split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found
