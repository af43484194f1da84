"""For tests, yours and ours: a service with a clock that the test moves, and a receiver of callbacks."""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from fastapi import FastAPI

from .client.client import Client
from .service.app import create_app, install_team
from .service.server import listen
from .service.settings import Settings
from .taggers import Tagger

__all__ = ["CallbackSink", "ManualClock", "RunningService", "running_service"]


class ManualClock:
    """A clock that stands still until it is moved.

    Examples
    --------
    >>> clock = ManualClock()
    >>> before = clock()
    >>> clock.advance(5)
    >>> (clock() - before).total_seconds()
    5.0
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self._now += timedelta(seconds=seconds)


class RunningService:
    """A service in this process, as `running_service` gives it.

    Attributes
    ----------
    url, team, key : str
        As of `cmtools.serve`.
    clock : ManualClock
        The service's clock; nothing happens by itself.
    """

    def __init__(self, app: FastAPI, url: str, team: str, key: str, clock: ManualClock) -> None:
        self.url, self.team, self.key, self.clock = url, team, key, clock
        self._app = app

    def __repr__(self) -> str:
        return f"RunningService(url={self.url!r}, team={self.team!r})"

    def client(self, reviewer: str | None = "ana", *, team: str | None = None, key: str | None = None) -> Client:
        """A client of the service, for a reviewer."""
        return Client(self.url, key=key or self.key, team=team or self.team, reviewer=reviewer)

    def add_team(self, name: str) -> str:
        """Make a team; its administrator's key."""
        key = secrets.token_urlsafe(24)
        install_team(self._app, name, key)
        return key

    def advance(self, seconds: float) -> None:
        """Move the clock, and do what is due then: expire leases, finalise submissions, deliver callbacks."""
        self.clock.advance(seconds)
        self._app.state.worker.tick()


@contextmanager
def running_service(
    database: str | Path | None = None,
    *,
    team: str = "demo",
    clock: ManualClock | None = None,
    taggers: Mapping[str, Tagger] | None = None,
    **settings: Any,
) -> Iterator[RunningService]:
    """A service in this process whose time the test moves.

    Parameters
    ----------
    database : str or Path, optional
        As of `cmtools.serve`; left out, a temporary file.
    team : str
        The team's name.
    clock : ManualClock, optional
        A clock to share; else a new one.
    taggers : mapping of str to Tagger, optional
        By type (``Image``, ``Text``), what tags the content of jobs; left out, what the setting ``tagger`` names.
    **settings
        Any of the service's settings, such as ``lease_seconds``.

    Examples
    --------
    >>> with running_service() as service:
    ...     service.client().counts().total
    0
    """
    clock = clock or ManualClock()
    key = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="cmtools-") as folder:
        database = database or Path(folder) / "reviews.db"
        settings = {"media": str(Path(folder) / "media"), "allow_loopback": True, "failed_keys_limit": "", **settings}
        chosen = Settings(database=str(database), team=team, **settings)
        app = create_app(chosen, clock=clock, taggers=taggers, working=False)
        install_team(app, team, key)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        server = uvicorn.Server(config)
        with _in_thread(server) as url:
            yield RunningService(app, url, team, key, clock)


@contextmanager
def _in_thread(server: uvicorn.Server) -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    answering = threading.Event()
    startup = server.startup

    async def announce(sockets: Any = None) -> None:
        await startup(sockets=sockets)
        answering.set()

    server.startup = announce  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    if not answering.wait(30):
        raise RuntimeError("the service did not start")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


class CallbackSink:
    """A receiver of callbacks on this machine.

    Attributes
    ----------
    url : str
        The address to give as ``callback``.
    received : list of dict
        The bodies that came, in order.
    status : int
        What it answers; set it to try failures.

    Examples
    --------
    >>> with CallbackSink() as sink:
    ...     sink.received
    []
    """

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"

    def __enter__(self) -> CallbackSink:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sink.received.append(json.loads(body))
                sink.paths.append(self.path)
                sink.headers.append(dict(self.headers.items()))
                self.send_response(sink.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
