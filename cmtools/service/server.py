"""Runs the service in this process; `embedded` starts one of its own for a notebook."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from ..errors import CmtoolsError, StoreError
from ..store import parse_url
from . import crew, lockfile, logs
from .app import ADMINISTRATOR, create_app, has_key, install_team, media_root
from .listening import Ready, address_of, check_tls, hold_on, listen, uvicorn_config, warn_if_open
from .runfile import PORT_VARIABLE, Place
from .settings import Settings

log = logging.getLogger(__name__)
PORT_PATIENCE_SECONDS = 0.5
OF_A_TEAM: dict[str, Any] = {
    "workers": 1,
    "metrics": False,
    "rate_limit": "",
    "failed_keys_limit": "",
    "public_url": "",
    "trusted_proxies": "",
    "tls_certificate": None,
    "tls_key": None,
}
"""What an operator sets for a service that others reach; an embedded one has these, whatever the environment says."""


def run(
    settings: Settings,
    *,
    ready: Ready,
    stop: threading.Event | None = None,
    label: str = ADMINISTRATOR,
    listener: socket.socket | None = None,
) -> None:
    """Serve until a signal, or until ``stop`` is set; then finish what was accepted. A second signal ends it at once.

    Parameters
    ----------
    settings : Settings
        Where to listen, what to serve, and with how many processes. Port 0 lets the system choose.
    ready : callable
        Called with the service's address, and with a newly made administrator's key or None, when it answers.
    stop : threading.Event, optional
        Ends the service when set; for one process alone.
    label : str
        What the administrator's key is called; it takes the place of an earlier one of that name.
    listener : socket, optional
        A bound socket to use instead of the settings' host and port.

    Raises
    ------
    BadRequest
        The settings contradict each other.
    StoreError
        The database cannot be opened or is served already, or the port is taken.
    """
    crew.check(settings)
    check_tls(settings)
    with lockfile.held(settings):
        _run(settings, ready, stop, label, listener)


def _run(
    settings: Settings, ready: Ready, stop: threading.Event | None, label: str, listener: socket.socket | None
) -> None:
    listener = listen(settings.host, settings.port) if listener is None else listener
    try:
        app = create_app(settings)
        _check_media(app, settings)
        made = _install(app, settings, label)
    except BaseException:
        listener.close()
        raise
    warn_if_open(settings, listener.getsockname()[0])
    announce = partial(ready, address_of(settings, listener), made)
    if settings.workers > 1:
        app.state.door.store.close()
        crew.run(settings, listener, ready=announce)
        return
    server = _Server(uvicorn_config(settings, app), announce)
    if stop is not None:
        threading.Thread(target=_stop_when, args=(stop, server), name="cmtools-stop", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _already_heard)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that tells when it answers, and ends at once when it is told twice to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            hold_on()
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            log.warning("told twice to stop: ending at once")
            self.force_exit = True
        super().handle_exit(sig, frame)


def _already_heard(_number: int, _frame: object) -> None:
    """After its orderly stop the server raises the signal again; by then there is nothing left to end."""


def _stop_when(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True


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


def _check_media(app: FastAPI, settings: Settings) -> None:
    """Raise `StoreError` unless pictures can be kept."""
    try:
        app.state.door.media.probe()
    except Exception as error:  # each file system has its own
        log.debug("pictures cannot be kept", exc_info=True)
        named = settings.media or media_root(settings)
        shown = "its place" if "://" in named else repr(named)  # an address may hold a password
        raise StoreError(
            f"pictures cannot be kept in {shown} ({getattr(error, 'strerror', None) or type(error).__name__}): let "
            "CMTOOLS_MEDIA name a folder or fsspec URL that the service may write to"
        ) from None


def _run_embedded() -> int:
    """The process behind `cmtools.serve`: it serves while somebody uses it."""
    place = Place.from_environment()
    try:
        settings = Settings(host="127.0.0.1", port=0, allow_loopback=True, **OF_A_TEAM)
    except CmtoolsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    logs.configure(settings.log_format, logging.WARNING)
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
