"""The service's own work, one tick at a time: expire leases, finalise submissions, deliver callbacks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ..errors import CmtoolsError
from ..store import Connection, Store
from ..store.callbacks import Due
from . import callbacks, leases, submissions
from .context import Clock, Context, system_actor
from .media import Media
from .outbound import Outbound
from .settings import Settings

TICK_SECONDS = 0.2
BATCH = 5
log = logging.getLogger(__name__)


class Worker:
    """Does what is due by the clock. `tick` is the whole of it; `start` calls it on threads of its own.

    Callbacks have a thread of their own, so that a slow receiver never holds up leases and submissions.
    """

    def __init__(self, store: Store, media: Media, outbound: Outbound, settings: Settings, clock: Clock) -> None:
        self._store, self._media, self._outbound = store, media, outbound
        self._settings, self._clock = settings, clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def tick(self) -> None:
        """Do everything that is due now."""
        self.sweep()
        while self.deliver():
            pass

    def sweep(self) -> None:
        """Expire leases and finalise submissions; writes only when something is due."""
        self._store.write(lambda connection: leases.expire(self._context(connection)))
        self._store.write(lambda connection: submissions.finalise(self._context(connection)))

    def deliver(self) -> int:
        """Try the callbacks that are due, at most a batch; how many there were."""
        due = self._store.write(lambda connection: callbacks.claim(self._context(connection), BATCH))
        for item, body in due:
            outcome = callbacks.deliver(self._outbound, item, body)
            self._record(item, outcome)
        return len(due)

    def _record(self, item: Due, outcome: callbacks.Outcome) -> None:
        self._store.write(lambda connection: callbacks.record(self._context(connection), item, outcome))

    def start(self) -> None:
        """Tick until `stop`."""
        for name, work in (("cmtools-sweep", self.sweep), ("cmtools-callbacks", self.deliver)):
            thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the threads after the work in hand."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=self._settings.callback_timeout_seconds + 5)

    def _run(self, work: Callable[[], object]) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                work()
            except CmtoolsError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("unforeseen; the next tick tries again")

    def _context(self, connection: Connection) -> Context:
        return Context(connection, system_actor(""), self._clock(), self._settings)
