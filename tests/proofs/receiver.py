"""A receiver of callbacks that fails three times in ten, in every way there is, and keeps what came."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cmtools.errors import NotAuthorized
from cmtools.wire.signatures import verify_callback

BEHAVIOUR = {"good": 70, "busy": 10, "reset": 6, "redirect": 6, "late": 4, "slow": 4}
"""Of a hundred callbacks. ``reset`` and ``late`` take the callback and only then fail."""
LATE_SECONDS = 1.6
SLOW_SECONDS = 0.3
CANARY = "/elsewhere"


@dataclass(frozen=True)
class Arrival:
    """One callback that came: when, under which id, with which body, and what became of it."""

    at: datetime
    id: str
    body: bytes
    genuine: bool
    behaviour: str

    @property
    def taken(self) -> bool:
        """Whether the receiver has done its work for it."""
        return self.behaviour in ("good", "slow", "reset", "late")

    @property
    def notice(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver:
    """What came, and how often somebody followed a redirect."""

    def __init__(self, secret: str, seed: int) -> None:
        self.secret = secret
        self.arrivals: list[Arrival] = []
        self.led_astray = 0
        self.url = ""
        self._random = random.Random(seed)
        self._door = threading.Lock()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> str:
        """Keep a callback; how to behave."""
        at = datetime.now(UTC)
        try:
            genuine = bool(verify_callback(body, headers, self.secret))
        except NotAuthorized:
            genuine = False
        with self._door:
            if path == CANARY:
                self.led_astray += 1
            behaviour = self._random.choices(list(BEHAVIOUR), list(BEHAVIOUR.values()))[0]
            self.arrivals.append(Arrival(at, headers.get("webhook-id", ""), body, genuine, behaviour))
        return behaviour


@contextmanager
def receiving(secret: str, seed: int) -> Iterator[Receiver]:
    """A receiver at work on this machine."""
    receiver = Receiver(secret, seed)
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # its sender was killed in the middle of it: nothing has arrived
                return
            behaviour = receiver.take(self.path, dict(self.headers.items()), body)
            if behaviour == "reset":
                self.close_connection = True
                return
            closing.wait({"late": LATE_SECONDS, "slow": SLOW_SECONDS}.get(behaviour, 0))
            self.send_response({"busy": 503, "redirect": 307}.get(behaviour, 200))
            if behaviour == "redirect":
                self.send_header("Location", CANARY)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Killed senders hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/callbacks"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
