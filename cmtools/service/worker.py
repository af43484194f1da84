"""The service's own work, a tick at a time: leases, submissions, jobs, copies, callbacks. It holds no rule."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..errors import CmtoolsError
from ..store import Connection, Store
from ..store.callbacks import Due
from ..store.copies import Source
from ..taggers import Tagger
from . import callbacks, copies, execution, jobs, leases, submissions
from .context import Clock, Context, system_actor
from .media import Media
from .outbound import Outbound
from .settings import Settings

TICK_SECONDS = 0.2
BATCH = 5
JOB_THREADS = 2
"""So that one slow address does not hold up every job."""
COPY_THREADS = 3
"""Likewise for pictures, of which there may be thousands at once."""
log = logging.getLogger(__name__)


class Worker:
    """Does what is due by the clock. `tick` is the whole of it; `start` calls it on threads of its own.

    Callbacks have a thread of their own, so that a slow receiver never holds up leases and submissions.
    """

    def __init__(
        self,
        store: Store,
        media: Media,
        outbound: Outbound,
        settings: Settings,
        clock: Clock,
        taggers: Mapping[str, Tagger] = MappingProxyType({}),
    ) -> None:
        self._store, self._media, self._outbound = store, media, outbound
        self._tools = execution.Tools(taggers, media, outbound, clock)
        self._settings, self._clock = settings, clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._copiers: list[threading.Thread] = []

    def tick(self) -> None:
        """Do everything that is due now."""
        self.sweep()
        self.work_off()
        self.copy()
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

    def work_off(self) -> None:
        """Run the jobs that wait, one after the other; writes only when there are some."""
        self._remove_content()
        while not self._stop.is_set() and self._store.read(lambda at: jobs.anything_due(at, self._clock())):
            task = self._store.write(lambda connection: jobs.claim(self._context(connection)))
            if task is not None:
                self._work(task)

    def _work(self, task: execution.Task) -> None:
        if jobs.worn_out(task.job):
            self._give_up(task, "each time it was begun, the service ended before it did")
        else:
            self._run_job(task)
        self._remove_content()

    def _run_job(self, task: execution.Task) -> None:
        try:
            outcome = execution.run(self._tools, task)
            self._store.write(lambda connection: jobs.finish(self._context(connection), task, outcome))
        except Exception as error:
            log.exception("job %s: unforeseen", task.job.id)
            self._give_up(task, f"unforeseen ({type(error).__name__}); the service's log has more")

    def _give_up(self, task: execution.Task, reason: str) -> None:
        self._store.write(lambda connection: jobs.give_up(self._context(connection), task, reason))

    def _remove_content(self) -> None:
        """Remove what came with jobs that have ended, also with those whose worker did not live to do it."""
        if ended := self._store.read(jobs.left_over):
            jobs.remove_content(self._media, ended)
            self._store.write(lambda connection: jobs.removed(connection, ended))

    def copy(self) -> None:
        """Copy the pictures that are due, one after the other; writes only when there are some."""
        while not self._stop.is_set() and self._copies_are_due():
            for source in self._store.write(lambda connection: copies.claim(self._context(connection), 1)):
                copied = copies.make(self._media, self._outbound, source)
                if not self._stop.is_set():
                    self._note(source, copied)

    def _copies_are_due(self) -> bool:
        return self._store.read(lambda connection: copies.anything_due(connection, self._clock()))

    def _let_copy(self) -> None:
        """Have one thread more copy while pictures are due, up to `COPY_THREADS`; idle, nobody does but look."""
        self._copiers = [thread for thread in self._copiers if thread.is_alive()]
        if len(self._copiers) < COPY_THREADS and self._copies_are_due():
            thread = threading.Thread(target=self._guarded, args=(self.copy,), name="cmtools-copier", daemon=True)
            thread.start()
            self._copiers.append(thread)

    def _note(self, source: Source, copied: copies.Copied) -> None:
        self._store.write(lambda connection: copies.record(self._context(connection), source, copied))

    def start(self) -> None:
        """Tick until `stop`."""
        loops = [("cmtools-sweep", self.sweep), ("cmtools-callbacks", self.deliver)]
        loops += [(f"cmtools-jobs-{number}", self.work_off) for number in range(JOB_THREADS)]
        loops += [("cmtools-copies", self._let_copy)]
        for name, work in loops:
            thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the threads after the work in hand; a copy that is cut off is made again at the next start."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=self._settings.callback_timeout_seconds + 5)

    def _run(self, work: Callable[[], object]) -> None:
        while not self._stop.wait(TICK_SECONDS):
            self._guarded(work)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except CmtoolsError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("unforeseen; the next tick tries again")

    def _context(self, connection: Connection) -> Context:
        return Context(connection, system_actor(""), self._clock(), self._settings)
