"""Runs the service in this process; `embedded` starts one of its own for a notebook."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from ..errors import CmtoolsError, StoreError
from ..store import parse_url
from .app import ADMINISTRATOR, create_app, has_key, install_team
from .runfile import PORT_VARIABLE, Place
from .settings import Settings

PORT_PATIENCE_SECONDS = 0.5
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others waiting: a request goes through three, and copying must not stand between."""


def run(
    settings: Settings,
    *,
    ready: Callable[[str, str | None], None],
    stop: threading.Event | None = None,
    label: str = ADMINISTRATOR,
    listener: socket.socket | None = None,
) -> None:
    """Serve until a signal, or until ``stop`` is set; then finish what was accepted.

    Parameters
    ----------
    settings : Settings
        Where to listen and what to serve. Port 0 lets the system choose.
    ready : callable
        Called with the service's address, and with a newly made administrator's key or None, when it answers.
    stop : threading.Event, optional
        Ends the service when set.
    label : str
        What the administrator's key is called; it takes the place of an earlier one of that name.
    listener : socket, optional
        A bound socket to use instead of the settings' host and port.

    Raises
    ------
    StoreError
        The database cannot be opened, or the port is taken.
    """
    listener = listen(settings.host, settings.port) if listener is None else listener
    try:
        app = create_app(settings)
        made = _install(app, settings, label)
    except BaseException:
        listener.close()
        raise
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10)
    server = _Server(config, lambda: ready(f"http://{shown}:{port}", made))
    if stop is not None:
        threading.Thread(target=_stop_when, args=(stop, server), name="cmtools-stop", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _already_heard)
    sys.setswitchinterval(SWITCH_SECONDS)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # what stands until the end is not searched again: that took 0.1 s in the middle of a request
            self._ready()


def _already_heard(_number: int, _frame: object) -> None:
    """After its orderly stop the server raises the signal again; by then there is nothing left to end."""


def _stop_when(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; `StoreError` when the port is taken.

    It says that it speaks TCP, for only then does asyncio switch off the delay that costs every small answer 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StoreError(f"cannot listen on {host} port {port}: {error.strerror}; name another with --port") from None
    return listener


def _listen_again() -> socket.socket:
    """At the port of a service that was killed, so that its clients find this one; else at any.

    A killed process may hold its port for a moment longer than it seems to live.
    """
    port = int(os.environ.get(PORT_VARIABLE, "0"))
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    while True:
        try:
            return listen("127.0.0.1", port)
        except StoreError:
            if time.monotonic() > deadline:
                return listen("127.0.0.1", 0)
            time.sleep(0.02)


def _install(app: FastAPI, settings: Settings, label: str) -> str | None:
    """Make the team and its administrator's key; the key when it had to be made."""
    if settings.key is not None:
        install_team(app, settings.team, settings.key.get_secret_value(), label)
        return None
    if has_key(app, settings.team):
        return None
    made = secrets.token_urlsafe(24)
    install_team(app, settings.team, made, label)
    return made


def _run_embedded() -> int:
    """The process behind `cmtools.serve`: it serves while somebody uses it."""
    place = Place.from_environment()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings(
        host="127.0.0.1", port=0, workers=1, allow_loopback=True, failed_keys_limit="", rate_limit="", metrics=False
    )
    unused = threading.Event()
    threading.Thread(target=place.wait_until_unused, args=(unused,), name="cmtools-users", daemon=True).start()
    key = settings.key.get_secret_value() if settings.key else ""
    shared = parse_url(settings.database).get_backend_name() != "sqlite"  # then others' keys must live on
    label = f"{ADMINISTRATOR} on {socket.gethostname()}" if shared else ADMINISTRATOR
    try:
        run(
            settings,
            label=label,
            listener=_listen_again(),
            ready=lambda url, _made: place.announce(url, settings.team, settings.database, key),
            stop=unused,
        )
    except CmtoolsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        with contextlib.suppress(OSError):
            place.withdraw(os.getpid())
    return 0


if __name__ == "__main__":
    sys.exit(_run_embedded())
