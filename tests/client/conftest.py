"""A stand-in for the service whose every answer the test writes, down to the bytes on the wire."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cmtools.client.client import Client


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Reply:
    """An answer. ``cut`` ends the connection after that many bytes of the body, ``before`` runs before all else."""

    status: int = 200
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    before: Callable[[], object] | None = None


DROPPED = Reply(status=0)
"""The connection ends without an answer."""


class Server(ThreadingHTTPServer):
    """A server that takes it calmly when a client hangs up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class StandIn:
    """A server that answers what it was told to: the script first, one entry per request, then ``always``."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.script: list[Reply] = []
        self.always: Callable[[Asked], Reply] = lambda _: Reply(body={})
        self._lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
                stand_in.give(self, stand_in.choose(asked))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 (the names that http.server looks for)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def choose(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            return self.script.pop(0) if self.script else self.always(asked)

    def give(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.before is not None:
            reply.before()
        if reply is DROPPED:
            handler.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        try:
            handler.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: reply.cut])
        except OSError:  # the client has gone, which some tests are about
            handler.close_connection = True
        if reply.cut is not None:
            handler.close_connection = True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def refusal(status: int, code: str = "?", message: str = "no", **headers: str) -> Reply:
    """A refusal in the service's own words; a header's ``_`` is a ``-``."""
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"Error": {"Code": code, "Message": message}}, written)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client waited between tries; it does not really wait."""
    return []


@pytest.fixture
def connect(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Client]]:
    """Makes clients that do not wait between tries; their key comes from the environment."""
    made: list[Client] = []
    monkeypatch.setenv("CMTOOLS_KEY", "s3cret" + "-key")

    def make(url: str, **options: object) -> Client:
        client = Client(url, **{"team": "demo", "reviewer": "ana", **options})  # type: ignore[arg-type]
        client._transport._sleep = waits.append
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def caller(connect: Callable[..., Client], stand_in: StandIn) -> Client:
    """A client of the stand-in."""
    return connect(stand_in.url)
