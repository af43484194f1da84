"""Several service processes behind one port: starts them, replaces those that die, stops them. It answers nothing.

The processes share the listening socket, the database and the folder of pictures; what is due by the clock each claims
from the database, so none of them leads. One that loses its parent stops too.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from uvicorn.supervisors import Multiprocess

from ..errors import BadRequest, StoreError
from ..store import parse_url
from . import logs
from .app import create_app
from .listening import hold_on, uvicorn_config
from .metrics import SHARED
from .settings import Settings

START_SECONDS = 60.0
STOP_SECONDS = 30.0
SETTINGS = "CMTOOLS_EMBEDDED_CREW"
"""The environment variable that hands the settings down; an environment is as private as the key in it always was."""
log = logging.getLogger(__name__)


def check(settings: Settings) -> None:
    """Raise `BadRequest` where the settings ask for several processes on a database that takes one."""
    if settings.workers > 1 and parse_url(settings.database).get_backend_name() == "sqlite":
        raise BadRequest(
            f"{settings.workers} workers cannot share an SQLite file: name a PostgreSQL database "
            "(CMTOOLS_DATABASE=postgresql://...), or serve with one worker"
        )


def run(settings: Settings, listener: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve with as many processes as the settings say until a signal; the tables and the key are there already.

    The first signal lets each process finish what it accepted. The second ends them at once.
    """
    folder = tempfile.mkdtemp(prefix="cmtools-metrics-")
    os.environ[SHARED] = folder
    os.environ[SETTINGS] = _written(settings)
    try:
        crew = _Crew(uvicorn_config(settings, f"{__name__}:member", factory=True), [listener])
        crew.announce_by(ready)
        crew.run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        listener.close()
    if crew.start_failed:
        raise StoreError("the service's processes do not start; the log says why")


def member() -> FastAPI:
    """The application of one process, made in it."""
    settings = Settings.model_validate_json(os.environ[SETTINGS])
    logs.configure(settings.log_format, logging.INFO)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="cmtools-parent", daemon=True).start()
    app = create_app(settings)
    hold_on()
    return app


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    """Stop when the parent is gone, however it went."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _written(settings: Settings) -> str:
    """The settings with those secrets in clear that a process needs; the administrator's key is none of them."""
    said = settings.model_dump(mode="json", exclude={"key"})
    for name in said:
        if isinstance(secret := getattr(settings, name), SecretStr):
            said[name] = secret.get_secret_value()
    return json.dumps(said)


class _Crew(Multiprocess):
    """The supervisor of the library, which also tells when it serves, and ends at once when it is told twice."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.start_failed = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._heard)

    def announce_by(self, ready: Callable[[], None]) -> None:
        """Call ``ready`` as soon as every process answers."""
        self._ready = ready

    def init_processes(self) -> None:
        """Start them, and wait until they answer."""
        super().init_processes()
        if all(process.wait_until_ready(START_SECONDS, self.should_exit) for process in self.processes):
            self._ready()
        elif not self.should_exit.is_set():
            self.start_failed = True
            self.should_exit.set()

    def _heard(self, _number: int, _frame: object) -> None:
        if self.should_exit.is_set():
            log.warning("told twice to stop: ending at once")
            self._end()
        self.should_exit.set()

    def join_all(self) -> None:
        """Wait for the processes; one that does not end in time is ended."""
        for process in self.processes:
            process.process.join(STOP_SECONDS)
        self._end()

    def _end(self) -> None:
        for process in self.processes:
            if process.process.is_alive():
                process.process.kill()
