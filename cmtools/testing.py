"""For tests, yours and ours: a service with a clock that the test moves, and a receiver of callbacks."""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from fastapi import FastAPI

from .client.client import Client
from .errors import BadRequest, NotAuthorized
from .service.app import create_app, install_team
from .service.listening import listen
from .service.settings import Settings
from .store import open_store
from .taggers import Tagger
from .wire.signatures import verify_callback

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
        if database is None:
            database = Path(folder) / "reviews.db"
            database.write_bytes(_new_database())
        settings = {"media": str(Path(folder) / "media"), "allow_loopback": True, "failed_keys_limit": "", **settings}
        chosen = Settings(database=str(database), team=team, **settings)
        app = create_app(chosen, clock=clock, taggers=taggers, working=False)
        install_team(app, team, key)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        server = uvicorn.Server(config)
        with _in_thread(server) as url:
            yield RunningService(app, url, team, key, clock)


@cache
def _new_database() -> bytes:
    """A file with the service's tables and nothing in them: to make it takes longer than all else of a start."""
    with tempfile.TemporaryDirectory(prefix="cmtools-") as folder:
        path = Path(folder) / "reviews.db"
        open_store(str(path)).close()
        return path.read_bytes()


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

    Parameters
    ----------
    secret : str, optional
        The team's, as `Client.callback_secret` tells it; then signatures are checked, and a wrong one is answered 401.
    clock : callable, optional
        What the moment in a callback is compared with, such as ``service.clock``; left out, this machine's clock.

    Attributes
    ----------
    url : str
        The address to give as ``callback``.
    received : list of dict
        The bodies that came, in order; those that come again too.
    headers, paths : list
        What came with each.
    status : int
        What it answers; set it to try failures.
    answers : list
        Statuses that it answers first, one after the other, before ``status``; None breaks the connection off when the
        callback was taken.
    retry_after : str
        The header of that name in its answers, unless it is empty.
    seconds : float
        How long it takes to answer.

    Examples
    --------
    >>> from cmtools.model import Draft
    >>> with running_service() as service, service.client("ana") as client:
    ...     with CallbackSink(client.callback_secret().secret, clock=service.clock) as sink:
    ...         sink.answers = [503]
    ...         ids = client.create_reviews([Draft("Hello!", "1", "Text", callback_endpoint=sink.url)])
    ...         submission = client.submit(client.checkout(type="Text"), {ids[0]: {"r": True}})
    ...         service.advance(5)  # the undo window closes; the receiver is busy
    ...         service.advance(10)
    ...         [notice["ReviewerResultTags"]["r"] for notice in sink.verified], len(set(sink.ids))
    (['True', 'True'], 1)
    """

    def __init__(self, secret: str | None = None, *, clock: Callable[[], datetime] | None = None) -> None:
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.answers: list[int | None] = []
        self.retry_after = ""
        self.seconds = 0.0
        self._secret, self._clock = secret, clock
        self._refused: list[NotAuthorized] = []
        self._door = threading.Lock()
        self._closing = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"

    def __enter__(self) -> CallbackSink:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def ids(self) -> list[str]:
        """The id of each callback that came: the same one again when it was tried again."""
        return [headers.get("webhook-id", "") for headers in self.headers]

    @property
    def verified(self) -> list[dict[str, Any]]:
        """The bodies that came, every one of which had the right signature.

        Raises
        ------
        NotAuthorized
            One had not; it says why.
        BadRequest
            There is no secret to check with.
        """
        if self._secret is None:
            raise BadRequest("this sink cannot verify: make it with CallbackSink(client.callback_secret().secret)")
        for error in self._refused:
            raise error
        return list(self.received)

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """Keep a callback, and say what to answer."""
        with self._door:
            self.received.append(json.loads(body))
            self.paths.append(path)
            self.headers.append(dict(headers.items()))
            if self._secret is not None:
                try:
                    verify_callback(body, headers, self._secret, now=self._clock() if self._clock else None)
                except NotAuthorized as error:
                    self._refused.append(error)
                    return error.status
            return self.answers.pop(0) if self.answers else self.status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status = sink._take(self.path, dict(self.headers.items()), body)
                sink._closing.wait(sink.seconds)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                if sink.retry_after:
                    self.send_header("Retry-After", sink.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


class _QuietServer(ThreadingHTTPServer):
    """A server that takes many callers at once, and does not mind when they hang up."""

    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""
