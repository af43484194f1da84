"""Faults that are planted in a service process, so that a proof can show that it would notice them.

Nothing of this is in the product: each replaces a function of it, in the process that `nursery` makes for the proof.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from cmtools.errors import CmtoolsError
from cmtools.service import callbacks
from cmtools.service.context import Context
from cmtools.store import leases, sqlite
from cmtools.store.leases import LeaseRow
from cmtools.store.postgres import PostgresStore
from cmtools.store.sqlite import SQLiteStore
from cmtools.store.submissions import SubmissionRow
from cmtools.store.tables import reviews

LATE_SECONDS = 0.1
"""How long what should have been done already is put off."""


def plant(name: str) -> None:
    """Plant the mutant of this name; the empty name is none."""
    if name:
        MUTANTS[name]()


def answer_before_commit() -> None:
    """The caller has its answer when the work is done; the commit follows by itself, as one on a timer does."""

    def commit_together(self: SQLiteStore, group: list[sqlite.Job]) -> None:
        with self._writer.begin() as connection:
            for work, future in group:
                _settle(future, lambda work=work: _nested(connection, work))  # type: ignore[misc]
            time.sleep(LATE_SECONDS)

    def write(self: PostgresStore, work: Callable[[Connection], Any]) -> Any:
        connection = self._engine.connect()
        try:
            result = work(connection)
        except BaseException:
            connection.close()
            raise
        threading.Thread(target=_commit_late, args=(connection,), daemon=True).start()
        return result

    SQLiteStore._commit_together = commit_together  # type: ignore[method-assign,assignment]
    PostgresStore.write = write  # type: ignore[method-assign]


def _settle(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except (CmtoolsError, sa.exc.SQLAlchemyError) as error:
        future.set_exception(error)


def _nested(connection: Connection, work: Callable[[Connection], Any]) -> Any:
    with connection.begin_nested():
        return work(connection)


def _commit_late(connection: Connection) -> None:
    time.sleep(LATE_SECONDS)
    connection.commit()
    connection.close()


def no_lease() -> None:
    """A checkout takes the first reviews that nobody has decided, whoever has them."""

    def take(connection: Connection, lease: LeaseRow, count: int) -> list[str]:
        there = (reviews.c.team == lease.team) & reviews.c.status.in_(["Pending", "Leased"])
        first = sa.select(reviews.c.sequence).where(there).order_by(reviews.c.sequence).limit(count)
        taken = sa.update(reviews).where(reviews.c.sequence.in_(first)).values(status="Leased", lease_id=lease.id)
        return list(connection.execute(taken.returning(reviews.c.id)).scalars())

    leases.take = take


def lost_outbox_row() -> None:
    """Callbacks are put into the outbox in a transaction of their own, soon after that of the submission."""
    stores: list[Any] = []
    for kind in (SQLiteStore, PostgresStore):
        _remember(kind, stores)
    enqueue = callbacks.enqueue

    def later(ctx: Context, row: SubmissionRow, endpoints: Mapping[str, str | None]) -> None:
        def work(connection: Connection) -> None:
            enqueue(Context(connection, ctx.actor, ctx.now, ctx.settings), row, endpoints)

        threading.Timer(LATE_SECONDS, lambda: stores[-1].write(work)).start()

    callbacks.enqueue = later


def _remember(kind: Any, stores: list[Any]) -> None:
    made = kind.__init__

    def init(self: Any, url: sa.URL) -> None:
        made(self, url)
        stores.append(self)

    kind.__init__ = init


MUTANTS = {"answer_before_commit": answer_before_commit, "no_lease": no_lease, "lost_outbox_row": lost_outbox_row}
