"""Calls the vendor's JavaScript SDK from Python: one Node.js process, `javascript/calls.cjs`, does as it is told."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.tools import node

SCRIPT = Path(__file__).parent / "javascript" / "calls.cjs"


class SdkError(Exception):
    """What the SDK threw: the status, and the code and message that it read."""

    def __init__(self, name: str = "", status: int = 0, code: str | None = None, message: str = "") -> None:
        super().__init__(message)
        self.name, self.status, self.code, self.message = name, status, code, message


@dataclass(frozen=True)
class Returned:
    """What the SDK returned, the status it saw, and the headers it had sent."""

    value: Any
    status: int
    sent: dict[str, str]


def as_bytes(data: bytes) -> dict[str, str]:
    """An argument that the SDK is given as a Buffer."""
    return {"$bytes": base64.b64encode(data).decode()}


def as_stream(data: bytes) -> dict[str, str]:
    """An argument that the SDK is given as a function that gives a stream."""
    return {"$stream": base64.b64encode(data).decode()}


def as_file(path: Path) -> dict[str, str]:
    """The same, of a file."""
    return {"$file": str(path)}


class JavaScriptSdk:
    """The SDK with the service's address as its endpoint."""

    def __init__(self, endpoint: str) -> None:
        node.install_javascript_sdk()
        self._process = subprocess.Popen(
            [node.node(), str(SCRIPT), endpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(node.SDK_MODULES)},
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> JavaScriptSdk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def call(self, key: str, group: str, method: str, *arguments: object) -> Returned:
        """One call; raises `SdkError` when the SDK threw."""
        request = {"key": key, "group": group, "method": method, "arguments": arguments}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Node.js ended with exit code {self._process.wait(30)}; it wrote the reason to stderr")
        answer = json.loads(line)
        if "error" in answer:
            raise SdkError(**answer["error"])
        return Returned(answer.get("value"), answer["status"], answer["sent"])
