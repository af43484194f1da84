"""A store in one SQLite file: WAL, a sync at every commit, one writer thread that commits waiting work together."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.pool import QueuePool

from ..errors import StoreError

Result = TypeVar("Result")
Job = tuple[Callable[[Connection], Any], "Future[Any]"]
LOCK_PATIENCE_SECONDS = 30
ROWS_IN_LOG = 1500
"""After so many changed rows the log is moved into the file in a quiet moment."""
PAGES_IN_LOG = 8000
"""With so many pages in the log it is moved in any case, and somebody waits for it."""
GROUP = 256
"""The most pieces of work that share one commit."""


class SQLiteStore:
    """A store for one service process on one machine.

    All writes go through one thread. Work that waits while a commit runs shares the next one, each piece in a savepoint
    of its own, and callers are answered only after the commit that covers them. Readers have connections beside it.
    """

    name = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        self._readers = _engine(url, "BEGIN", size=8)
        self._writer = _engine(url, "BEGIN IMMEDIATE", size=1)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="cmtools-writer", daemon=True)
        self._closed = False
        self._tidied = 0
        self._door = threading.Lock()
        self._thread.start()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that changes nothing, beside the writer."""
        try:
            with self._readers.begin() as connection:
                return work(connection)
        except sa.exc.OperationalError as error:
            raise StoreError(f"the database cannot be read: {error.orig}") from error

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run work on the writer thread; returns after the commit that covers it."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("write() inside write(): use the connection that the work was given")
        future: Future[Result] = Future()
        with self._door:
            if self._closed:
                raise StoreError("the service is stopping; try again in a moment")
            self._jobs.put((work, future))
        return future.result()

    def waiting(self) -> int:
        """How many pieces of work wait for the writer."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish the work that was accepted, then close the file."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self._readers.dispose()
        self._writer.dispose()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            first = self._jobs.get()
            if first is None:
                return
            group = [first]
            while len(group) < GROUP:
                try:
                    job = self._jobs.get_nowait()
                except Empty:
                    break
                if job is None:
                    stopping = True
                    break
                group.append(job)
            if len(group) == 1:
                self._commit_alone(*first)
            else:
                self._commit_together(group)
            if self._jobs.empty():
                self._tidy()

    def _tidy(self) -> None:
        """After many changes, move them from the log into the file, now that nobody waits for the writer."""
        with contextlib.suppress(sqlite3.Error, sa.exc.DBAPIError):  # it is tried again, and SQLite does it in the end
            raw = self._writer.raw_connection()
            try:
                changes = cast(sqlite3.Connection, raw.dbapi_connection).total_changes
                if changes - self._tidied > ROWS_IN_LOG:
                    raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
                    self._tidied = changes
            finally:
                raw.close()

    def _commit_alone(self, work: Callable[[Connection], Any], future: Future[Any]) -> None:
        """The same for a single piece of work, which needs no savepoint."""
        worked = False
        try:
            with self._writer.begin() as connection:
                result = work(connection)
                worked = True
        except sa.exc.OperationalError as error:
            problem = "the database could not commit" if worked else "the database refused the change"
            future.set_exception(StoreError(f"{problem}: {error.orig}"))
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller that waits for it
            future.set_exception(error)
        else:
            future.set_result(result)

    def _commit_together(self, group: Iterable[Job]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        group = list(group)
        try:
            with self._writer.begin() as connection:
                for work, future in group:
                    try:
                        with connection.begin_nested():
                            result = work(connection)
                    except sa.exc.OperationalError as error:
                        future.set_exception(StoreError(f"the database refused the change: {error.orig}"))
                    except BaseException as error:  # noqa: BLE001 - it belongs to the caller that waits for it
                        future.set_exception(error)
                    else:
                        done.append((future, result))
        except BaseException as error:  # noqa: BLE001 - the commit failed: nothing of the group was kept
            for _, future in group:
                if not future.done():
                    future.set_exception(StoreError(f"the database could not commit: {error}"))
            return
        for future, result in done:
            future.set_result(result)


def write_ahead(execute: Callable[[str], Any]) -> None:
    """Put a database into WAL mode; one that other processes are opening at this moment is waited for.

    SQLite does not wait for a lock by itself here, whatever the busy timeout says.
    """
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            execute("PRAGMA journal_mode=WAL")
        except (sqlite3.OperationalError, sa.exc.OperationalError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _engine(url: sa.URL, begin: str, *, size: int) -> sa.Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # content and secrets stay out of errors, and so out of logs
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = (
            None  # the driver would begin transactions of its own, too late for BEGIN IMMEDIATE
        )
        write_ahead(connection.execute)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
            f"wal_autocheckpoint={PAGES_IN_LOG}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
