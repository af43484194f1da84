"""How processes on one machine find and share an embedded service: two small files that only their user can read.

Whoever uses a service holds a shared lock on its ``.users`` file; the system drops the lock when that process ends,
however it ends. The service tries for the exclusive lock: when it gets it, nobody is left, and it stops while holding
it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..errors import StoreError

PLACE_VARIABLE = "CMTOOLS_EMBEDDED_PLACE"
TEMPORARY_VARIABLE = "CMTOOLS_EMBEDDED_TEMPORARY"
PORT_VARIABLE = "CMTOOLS_EMBEDDED_PORT"
ASKED_VARIABLE = "CMTOOLS_EMBEDDED_ASKED"
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a running service tells of itself; ``asked`` are the settings that it was started with, by name."""

    pid: int
    url: str
    team: str
    file: str
    key: str = field(repr=False)
    asked: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one embedded service, and the folder to remove after it (empty for none)."""

    stem: Path
    temporary: str = ""

    @classmethod
    def of(cls, database: str, temporary: str = "") -> Place:
        """The place of the service on a database."""
        return cls(_folder() / hashlib.sha256(database.encode()).hexdigest()[:24], temporary)

    @classmethod
    def from_environment(cls) -> Place:
        """The place that the process was started for."""
        return cls(Path(os.environ[PLACE_VARIABLE]), os.environ.get(TEMPORARY_VARIABLE, ""))

    @property
    def log(self) -> Path:
        """Where the service's messages go."""
        return self.stem.with_suffix(".log")

    def use(self) -> int:
        """Take part in using the service; the lock's descriptor. Waits while an unused one is stopping."""
        descriptor = self._open(".users")
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def let_go(self, descriptor: int) -> bool:
        """End one's use; True when nobody else uses the service."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(descriptor)

    def wait_until_unused(self, unused: threading.Event) -> None:
        """Set ``unused`` when nobody holds the lock any more, and keep it until the process ends."""
        descriptor = self._open(".users")
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(POLL_SECONDS)
            else:
                unused.set()
                return

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Let one process at a time look for the service or start it."""
        descriptor = self._open(".starting")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def announce(self, url: str, team: str, database: str, key: str) -> None:
        """Tell where the service answers, all at once."""
        passing = self.stem.with_suffix(f".{os.getpid()}")
        descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            asked = json.loads(os.environ.get(ASKED_VARIABLE) or "{}")
            json.dump(asdict(Announcement(os.getpid(), url, team, file_mark(database), key, asked)), file)
        passing.rename(self.stem.with_suffix(".json"))

    def read(self) -> Announcement | None:
        """What the service told of itself, if it did."""
        try:
            return Announcement(**json.loads(self.stem.with_suffix(".json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def withdraw(self, pid: int) -> None:
        """Take the announcement of that process back, and remove what was temporary.

        A process that never announced itself leaves all as it is: whoever started it reads its last words in the log.
        """
        told = self.read()
        if told is not None and told.pid == pid:
            self.stem.with_suffix(".json").unlink(missing_ok=True)
            self.clear()

    def clear(self) -> None:
        """Remove what was temporary."""
        if self.temporary:
            shutil.rmtree(self.temporary, ignore_errors=True)
            for suffix in (".users", ".starting", ".log"):
                self.stem.with_suffix(suffix).unlink(missing_ok=True)

    def _open(self, suffix: str) -> int:
        return os.open(self.stem.with_suffix(suffix), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def file_mark(database: str) -> str:
    """What tells a database's file from another one that takes its place later; empty where there is no file."""
    try:
        found = Path(database).stat()
    except OSError:
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _folder() -> Path:
    """A folder that only this user can look into."""
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "cmtools"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise StoreError(f"{folder} belongs to another user; set XDG_RUNTIME_DIR to a folder of your own")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
