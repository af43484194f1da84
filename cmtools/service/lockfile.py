"""One service at a time on an SQLite file: a lock beside it, which the system drops with its process.

`cmtools serve` and the embedded service both hold it. Who wants to join an embedded one finds it by `runfile`.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator

from ..errors import StoreError
from ..store import parse_url
from .settings import Settings

PATIENCE_SECONDS = 1.0
"""A process that was told to end may need a moment more."""
log = logging.getLogger(__name__)


@contextlib.contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold the lock of the settings' database, where it is a file.

    Raises
    ------
    StoreError
        Another process holds it; the message tells its number.
    """
    url = parse_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        yield
        return
    path = f"{url.database}.lock"
    try:
        descriptor = _take(path, url.database)
    except OSError:  # the store, which is opened next, says better what is wrong with the folder
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # where it cannot be taken away it stays, held by nobody
            if _is_at(path, descriptor):
                os.unlink(path)  # while it is held: who waits for it looks whether it is still the one at this path
        os.close(descriptor)


def _take(path: str, database: str) -> int:
    """The open lock file, held by this process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            late = _taken(descriptor, database) if time.monotonic() > deadline else None
            os.close(descriptor)
            if late:
                raise late from None
            time.sleep(0.05)
        except OSError as error:  # some file systems have no locks
            log.warning("no lock on %s (%s): see to it that nobody else serves it", database, error.strerror)
            return descriptor
        else:
            if _is_at(path, descriptor):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                return descriptor
            os.close(descriptor)  # its holder has ended since it was opened, and taken it away


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _taken(descriptor: int, database: str) -> StoreError:
    pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
    return StoreError(
        f"process {pid} serves {database!r} already, and an SQLite file takes one: make a Client of that one's "
        "address, stop it first, or serve several from PostgreSQL"
    )
