"""Starts, finds and stops the embedded service: a process of its own on loopback that ends with its last user."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from types import TracebackType

from ..errors import BadRequest, Conflict, StoreError
from .runfile import (
    ASKED_VARIABLE,
    PLACE_VARIABLE,
    PORT_VARIABLE,
    TEMPORARY_VARIABLE,
    Announcement,
    Place,
    file_mark,
)

START_SECONDS = 30.0
STOP_SECONDS = 15.0
OWN_VARIABLES = ("CMTOOLS_URL", "CMTOOLS_KEY", "CMTOOLS_TEAM", "CMTOOLS_HOST", "CMTOOLS_PORT")
"""What a client's environment says of some service is not said to the one that is started here."""


class Service:
    """A running embedded service, as `serve` gives it.

    Attributes
    ----------
    url : str
        Its address on this machine.
    team : str
        Its team.
    key : str
        The team's administrator's key. It is in no repr.
    pid : int
        Its process.

    Examples
    --------
    >>> import cmtools as cm
    >>> with cm.serve() as service:
    ...     client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
    ...     client.health()["status"]
    'ok'
    """

    def __init__(self, place: Place, told: Announcement, use: int) -> None:
        self.url, self.team, self.key, self.pid = told.url, told.team, told.key, told.pid
        self._place, self._use = place, use
        atexit.register(self.stop)

    def __repr__(self) -> str:
        return f"Service(url={self.url!r}, team={self.team!r})"

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether its process is still there."""
        return _alive(self.pid)

    def stop(self) -> None:
        """End the service, unless another process still uses it; what it accepted is finished first."""
        if self._use < 0:
            return
        atexit.unregister(self.stop)
        last = self._place.let_go(self._use)
        self._use = -1
        if last:
            told = self._place.read()  # after a kill another process may have taken this one's place
            if told is not None and _answers(told):
                _end(told.pid)
            self._place.withdraw(told.pid if told else self.pid)


def serve(
    database: str | Path | None = None,
    *,
    team: str = "demo",
    undo_seconds: float | None = None,
    lease_seconds: float | None = None,
    tagger: str | None = None,
) -> Service:
    """Start the embedded review service, or join the embedded one that runs on the same file.

    It runs as its own process on loopback, on a port that the system gives, and ends when the last process that uses it
    ends (a notebook's kernel, say). With a file, everything in it is there again the next time; after a service that
    was killed, clients made before go on with the new one where its port is still free.

    Parameters
    ----------
    database : str or Path, optional
        A path for an SQLite file, or an SQLAlchemy URL; left out, a temporary file that goes with the service.
    team : str
        The team's name; it is made when it is new.
    undo_seconds, lease_seconds : float, optional
        How long a submission can be taken back (5), and how long a checkout lasts without being renewed (900).
    tagger : str, optional
        What tags pictures and texts, in jobs and when asked at once: ``"opennsfw"``, ``"words:words.txt"``,
        ``"package.module:object"``, or several with a comma between. Without one jobs end as ``Error``; people review
        all the same.

    Returns
    -------
    Service
        Answering, with ``.url``, ``.team`` and ``.key``; ``with`` or ``.stop()`` ends it.

    Raises
    ------
    StoreError
        The database cannot be opened, or `cmtools serve` serves it: make a `Client` of that one's address.
    Conflict
        A service runs on this file for another team, or was started without these settings.

    Examples
    --------
    >>> with serve(team="audit") as service:
    ...     service
    Service(url='http://127.0.0.1:...', team='audit')
    """
    if not team.strip():
        raise BadRequest("the team needs a name", where="team")
    place, address = _place(database)
    wanted = {"undo_seconds": undo_seconds, "lease_seconds": lease_seconds, "tagger": tagger}
    settings = {name: str(value) for name, value in wanted.items() if value is not None}
    use = place.use()
    try:
        with place.starting():
            told = _running(place, address)
            if told is None:
                told = _start(place, address, team.lower(), settings)
            elif told.team != team.lower() or not settings.items() <= told.asked.items():
                raise Conflict(
                    f"a service for team {told.team!r} runs on {address} already, in another notebook or terminal: "
                    "join it with the same team and without other settings, or stop it first"
                )
    except BaseException:
        os.close(use)
        raise
    return Service(place, told, use)


def _place(database: str | Path | None) -> tuple[Place, str]:
    """Where the service is announced, and the database's address."""
    if database is None:
        folder = tempfile.mkdtemp(prefix="cmtools-")
        return Place.of(folder, temporary=folder), str(Path(folder) / "reviews.db")
    address = str(database)
    if "://" in address:
        return Place.of(address), address
    path = Path(address).expanduser().resolve()
    if path.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; name a file in it, such as {str(path / 'reviews.db')!r}")
    return Place.of(str(path)), str(path)


def _running(place: Place, address: str) -> Announcement | None:
    """The service that is announced, when it really answers and its file is still the one at this path."""
    told = place.read()
    if told is None or not _answers(told):
        return None
    if told.file != file_mark(address):
        _end(told.pid)  # its file was deleted or replaced: whatever it still accepts would be lost
        return None
    return told


def _answers(told: Announcement) -> bool:
    """Whether that service is there; its process number alone may belong to another program by now."""
    if not _alive(told.pid):
        return False
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{told.url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _start(place: Place, address: str, team: str, settings: dict[str, str]) -> Announcement:
    _wait_for_its_end(place)
    killed = place.read()  # a service that ends in order takes its announcement back
    same = killed is not None and killed.team == team and killed.file == file_mark(address)
    environment = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
    environment |= {f"CMTOOLS_{name.upper()}": value for name, value in settings.items()}
    environment |= {
        "CMTOOLS_DATABASE": address,
        "CMTOOLS_TEAM": team,
        "CMTOOLS_KEY": killed.key if killed and same else secrets.token_urlsafe(24),
        PORT_VARIABLE: str(killed.port if killed and same else 0),
        PLACE_VARIABLE: str(place.stem),
        TEMPORARY_VARIABLE: place.temporary,
        ASKED_VARIABLE: json.dumps(settings),
    }
    with place.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cmtools.service.server"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt of the notebook's cell is not one of the service
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        told = place.read()
        if told is not None and told.pid == process.pid:
            threading.Thread(target=process.wait, name="cmtools-reaper", daemon=True).start()
            return told
        if process.poll() is not None:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()
    said = place.log.read_text(errors="replace").strip().splitlines() or [f"exit code {process.returncode}"]
    place.clear()
    raise StoreError(f"the service did not start: {said[-1]}")


def _wait_for_its_end(place: Place) -> None:
    """One that is ending, as after a kernel's restart, holds the file until what it accepted is finished."""
    deadline = time.monotonic() + STOP_SECONDS
    while (told := place.read()) is not None and _alive(told.pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):  # gone, or the number is another user's process by now
        return False
    return True


def _end(pid: int) -> None:
    """Ask a process to stop, and make sure of it."""
    with contextlib.suppress(ProcessLookupError):
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, number)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                os.kill(pid, 0)  # raises when there is no such process any more
                time.sleep(0.02)
