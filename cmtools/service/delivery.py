"""Sends callbacks: one thread claims and records, others call the receivers. The rules are those of `callbacks`."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from queue import SimpleQueue

from ..errors import CmtoolsError
from ..outgoing.outbound import Outbound, Refused
from ..store import Connection, Store
from ..wire import signatures
from . import callbacks
from .callbacks import Outcome, Parcel
from .context import Clock, Context, system_actor
from .settings import Settings
from .turns import Turns

AGAIN_SECONDS = 1.0
"""How soon outcomes are recorded after the database refused to."""
log = logging.getLogger(__name__)


class Delivery:
    """Delivers the callbacks of a service process.

    Callers of the database are one thread, and the receivers' patience is other threads': however slow these are, no
    transaction waits for them. No more is claimed than there are free threads.
    """

    def __init__(self, store: Store, outbound: Outbound, settings: Settings, clock: Clock) -> None:
        self._store, self._outbound, self._settings, self._clock = store, outbound, settings, clock
        self._most = settings.callback_threads
        self._turns = Turns(self._most, min(settings.callback_threads_per_receiver, self._most))
        self._under_way: Counter[str] = Counter()
        self._ended: list[tuple[Parcel, Outcome]] = []
        self._door = threading.Lock()
        self._called = threading.Event()
        self._stop = threading.Event()
        self._parcels: SimpleQueue[Parcel | None] = SimpleQueue()
        self._clerk: threading.Thread | None = None
        self._senders: list[threading.Thread] = []

    def deliver_all(self) -> None:
        """Send everything that is due now, one after the other, on the caller's own thread."""
        while parcels := self._exchange():
            for parcel in parcels:
                self._send(parcel)

    def start(self) -> None:
        """Deliver until `stop`, whenever `call` says that something is due."""
        self._clerk = threading.Thread(target=self._run, name="cmtools-callbacks", daemon=True)
        self._clerk.start()

    def call(self) -> None:
        """Look what is due."""
        self._called.set()

    def stop(self, seconds: float) -> None:
        """Take nothing more, and wait at most so long until what is under way has ended and is recorded."""
        self._stop.set()
        self._called.set()
        if self._clerk is not None:
            self._clerk.join(timeout=seconds)
        for _ in self._senders:
            self._parcels.put(None)

    def _run(self) -> None:
        while not (self._stop.is_set() and not self._ended and not self._under_way.total()):
            self._called.wait(AGAIN_SECONDS if self._ended else None)
            self._called.clear()
            try:
                for parcel in self._exchange():
                    self._hand_out(parcel)
            except CmtoolsError as error:
                log.warning("callbacks: %s", error)
            except Exception:
                log.exception("callbacks: unforeseen; the next turn tries again")

    def _exchange(self) -> list[Parcel]:
        """Record what has ended and claim what is due, in one transaction."""
        with self._door:
            ended = list(self._ended)
            under_way = dict(self._under_way)

        def work(connection: Connection) -> list[Parcel]:
            ctx = Context(connection, system_actor(""), self._clock(), self._settings)
            if ended:
                callbacks.record(ctx, ended)
            return [] if self._stop.is_set() else callbacks.claim(ctx, lambda at: self._turns.shares(at, under_way))

        parcels = self._store.write(work)
        with self._door:
            del self._ended[: len(ended)]
            self._under_way.update(parcel.due.receiver for parcel in parcels)
        return parcels

    def _hand_out(self, parcel: Parcel) -> None:
        """Give it to a thread that is free; claimed is no more than there are threads."""
        with self._door:
            wanted = min(self._under_way.total(), self._most)
        if len(self._senders) < wanted:
            sender = threading.Thread(target=self._work, name=f"cmtools-sender-{len(self._senders)}", daemon=True)
            self._senders.append(sender)
            sender.start()
        self._parcels.put(parcel)

    def _work(self) -> None:
        while (parcel := self._parcels.get()) is not None:
            self._send(parcel)
            self._called.set()

    def _send(self, parcel: Parcel) -> None:
        begun = time.monotonic()
        outcome = self._try(parcel)
        seconds = time.monotonic() - begun
        with self._door:
            self._turns.answered(parcel.due.receiver, seconds)
            self._under_way[parcel.due.receiver] -= 1
            self._under_way += Counter()  # forget those who have none under way
            self._ended.append((parcel, outcome))

    def _try(self, parcel: Parcel) -> Outcome:
        """Call the receiver once, outside of any transaction."""
        try:
            headers = signatures.sign(parcel.due.id, self._clock(), parcel.body, parcel.secrets)
            receipt = self._outbound.post_json(parcel.due.endpoint, parcel.body, headers)
        except Refused as error:
            return Outcome(None, error.message)
        except Exception as error:
            log.exception("callback %s: unforeseen", parcel.due.id)
            return Outcome(None, f"unforeseen ({type(error).__name__}); the service's log has more")
        return Outcome(receipt.status, f"status {receipt.status}", receipt.retry_after)
