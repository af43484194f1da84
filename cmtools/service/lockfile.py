"""One `cmtools serve` at a time on an SQLite file: a lock beside it, which the system drops with its process.

It knows nothing of the embedded service, whose users find the running one by `runfile`.
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
    try:
        descriptor = os.open(f"{url.database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # the store, which is opened next, says better what is wrong with the folder
        yield
        return
    try:
        _take(descriptor, url.database)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, database: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise _taken(descriptor, database) from None
            time.sleep(0.05)
        except OSError as error:  # some file systems have no locks
            log.warning("no lock on %s (%s): see to it that nobody else serves it", database, error.strerror)
            return
        else:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return


def _taken(descriptor: int, database: str) -> StoreError:
    pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
    return StoreError(
        f"process {pid} serves {database!r} already, and an SQLite file takes one: stop that one first, or serve "
        "several from PostgreSQL"
    )
