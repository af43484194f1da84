"""The service's own work, a tick at a time: leases, submissions, jobs, copies, callbacks. It holds no rule."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from ..errors import CmtoolsError
from ..outgoing.outbound import Outbound
from ..store import Connection, Store, due
from ..store.copies import Source
from ..taggers import Tagger
from . import callbacks, copies, execution, holds, jobs, leases, sealing, submissions
from .context import Clock, Context, system_actor
from .delivery import Delivery
from .media import Media
from .settings import Settings

TICK_SECONDS = 0.2
EVERY = {"copies": 5, "seals": 10}
"""These begin at every so many ticks: they have time, and whoever is creating reviews just now has not."""
JOB_THREADS = 2
"""So that one slow address does not hold up every job."""
COPY_THREADS = 4
"""Likewise for pictures, of which there may be thousands at once."""
SLOW_SECONDS = 2.0
"""After so long what else was claimed is given back, for others to copy."""
NOTE_SECONDS = 1.0
"""How long a copy that was made may wait for others before it is noted."""
log = logging.getLogger(__name__)


class Worker:
    """Does what is due by the clock. `tick` is the whole of it; `start` does it on threads of its own.

    One thread looks what is due, in one reading of the database; each kind of work has threads that sleep until then.
    So slow receivers of callbacks, to whom `Delivery` sends, never hold up leases and submissions, and an idle service
    costs next to nothing.
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
        self._copier = copies.Copier(media, outbound)
        self._delivery = Delivery(store, outbound, settings, clock)
        self._calls: list[tuple[str, threading.Event]] = []

    def tick(self) -> None:
        """Do everything that is due now."""
        self.sweep()
        self.work_off()
        self.copy()
        self._delivery.deliver_all()
        self.seal()

    def sweep(self) -> None:
        """Expire leases and holds and finalise submissions, some at a time, so that nobody waits long meanwhile."""
        for rule in (leases.expire, holds.expire, submissions.finalise):
            while self._store.write(partial(self._by_service, rule)) and not self._stop.is_set():
                pass

    def _by_service(self, rule: Callable[[Context], int], connection: Connection) -> int:
        return rule(self._context(connection))

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
        except CmtoolsError as error:
            self._give_up(task, error.message)
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
        """Copy the pictures that are due, some at a time; writes only when there are some."""
        while not self._stop.is_set() and self._store.read(lambda at: copies.anything_due(at, self._clock())):
            self._copy_some(self._store.write(lambda at: copies.claim(self._context(at), copies.AT_ONCE)))

    def _copy_some(self, claimed: list[Source]) -> None:
        """Copy what was claimed; after a slow one the others are given back."""
        made: list[tuple[Source, copies.Copied]] = []
        begun = noted = time.monotonic()
        for index, source in enumerate(claimed):
            if self._stop.is_set() or time.monotonic() - begun > SLOW_SECONDS:
                left = claimed[index:]
                self._store.write(partial(self._give_back, left))
                break
            copied = self._copier.make_or_skip(source, self._clock())
            made.append((source, copied))
            if copied.unanswered:
                self._store.write(partial(self._leave_in_peace, source))
            if time.monotonic() - noted > NOTE_SECONDS:
                self._note(made)
                made, noted = [], time.monotonic()
        self._note(made)

    def _leave_in_peace(self, source: Source, connection: Connection) -> None:
        copies.leave_in_peace(self._context(connection), source)

    def _give_back(self, left: list[Source], connection: Connection) -> None:
        copies.give_back(self._context(connection), left)

    def _note(self, made: list[tuple[Source, copies.Copied]]) -> None:
        try:
            if made:
                self._store.write(lambda connection: copies.record(self._context(connection), made))
        except CmtoolsError:
            raise
        except Exception as error:  # then each by itself, and what is at fault as failed
            if len(made) == 1 and made[0][1].facts is None:
                raise
            log.exception("pictures of %d reviews: unforeseen", len(made))
            failed = copies.Copied(problem=copies.UNFORESEEN.format(type(error).__name__))
            for source, copied in made:
                self._note([(source, copied if len(made) > 1 else failed)])

    def seal(self) -> None:
        """Seal what is new in the trail."""
        while sealing.seal(self._store, self._clock()) and not self._stop.is_set():
            pass

    def start(self) -> None:
        """Work until `stop`."""
        kinds: list[tuple[str, Callable[[], object], int]] = [
            ("sweep", self.sweep, 1),
            ("jobs", self.work_off, JOB_THREADS),
            ("copies", self.copy, COPY_THREADS),
            ("seals", self.seal, 1),
        ]
        for kind, work, count in kinds:
            for number in range(count):
                call = threading.Event()
                self._calls.append((kind, call))
                self._begin(f"cmtools-{kind}-{number}", partial(self._answer, call, work))
        self._delivery.start()
        self._begin("cmtools-look", self._look_on)

    def _begin(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        """End the threads after the work in hand; a copy that is cut off is made again at the next start."""
        self._stop.set()
        for _, call in self._calls:
            call.set()
        self._delivery.stop(callbacks.claim_seconds(self._settings))
        for thread in self._threads:
            if not thread.name.startswith("cmtools-copies"):
                thread.join(timeout=self._settings.callback_timeout_seconds + 5)

    def _look_on(self) -> None:
        ticks = 0
        while not self._stop.wait(TICK_SECONDS):
            ticks += 1
            patient = {kind for kind, every in EVERY.items() if ticks % every}
            self._guarded(partial(self._look, patient))

    def _look(self, patient: set[str]) -> None:
        """Call those who have something to do, but for those whose work has time."""
        kinds = self._store.read(lambda connection: due.kinds(connection, self._clock()))
        if "callbacks" in kinds:
            self._delivery.call()
        for kind, call in self._calls:
            if kind in kinds - patient:
                call.set()

    def _answer(self, call: threading.Event, work: Callable[[], object]) -> None:
        while call.wait() and not self._stop.is_set():
            call.clear()
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
