"""Figures for Prometheus: requests, the queue, leases, callbacks, the writer. They hold no content, no key and no name.

Several processes behind one port count into files that they share (``PROMETHEUS_MULTIPROC_DIR``, which `crew` sets), so
whichever is asked answers for all. What stands in the database is asked when somebody looks, at most every ten seconds.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from .. import __version__
from ..store import Store, figures

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
FRESH_SECONDS = 10.0
SHARED = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What one service has to tell.

    Parameters
    ----------
    store : Store
        Asked for what stands in the database.
    clock : callable
        Gives the moment, in UTC.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        from prometheus_client import CollectorRegistry, Histogram

        self._standing = _Standing(store, clock)
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "cmtools_request_seconds",
            "Time to answer, by route and class of status.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        from prometheus_client import generate_latest

        return generate_latest(self._counted()) + generate_latest(self._gauged())

    def _counted(self) -> CollectorRegistry:
        """What requests left: of this process, or of all that share the files."""
        if SHARED not in os.environ:
            return self._registry
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def _gauged(self) -> CollectorRegistry:
        from prometheus_client import CollectorRegistry

        registry = CollectorRegistry()
        registry.register(self._standing)
        return registry


class _Standing:
    """Asks the database, and keeps what it said for a while."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._found: figures.Figures | None = None
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """One family of figures after the other."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        found = self._figures()
        yield InfoMetricFamily("cmtools", "The service.", {"version": __version__, "database": self._store.name})
        reviews = GaugeMetricFamily("cmtools_reviews", "Reviews that are not complete.", labels=("type", "status"))
        for (type, status), count in found.reviews.items():
            reviews.add_metric((type, status.lower()), count)
        yield reviews
        callbacks = GaugeMetricFamily("cmtools_callbacks", "Callbacks not delivered.", labels=("state",))
        for state, count in found.callbacks.items():
            callbacks.add_metric((state,), count)
        yield callbacks
        for name, said, value in (
            ("leases", "Leases that are live.", float(found.leases)),
            ("oldest_lease_seconds", "Age of the oldest live lease.", found.oldest_lease_seconds),
            ("callback_lag_seconds", "How long the next try of a callback is overdue.", found.overdue_seconds),
            ("oldest_callback_seconds", "Age of the oldest callback that waits.", found.oldest_callback_seconds),
            ("jobs_waiting", "Jobs that have not ended.", float(found.jobs)),
            ("unsealed_seconds", "Age of the oldest event of the trail without a seal.", found.unsealed_seconds),
            ("writes_waiting", "Changes that wait for this process's writer.", float(self._store.waiting())),
        ):
            yield GaugeMetricFamily(f"cmtools_{name}", said, value)

    def _figures(self) -> figures.Figures:
        with self._lock:
            now = self._clock()
            if self._found is None or abs((now - self._found.at).total_seconds()) > FRESH_SECONDS:
                self._found = self._store.read(lambda connection: figures.look(connection, now))
            return self._found
