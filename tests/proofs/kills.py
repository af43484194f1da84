"""Services are killed at random moments under load: what they acknowledged is there, once, and nothing contradicts it.

``python -m tests.proofs kills 200 sqlite`` is the whole proof for one database; without arguments it is that of both.
With the name of a mutant behind it (see `mutants`) the same harness must find faults. On PostgreSQL two services share
the database; one or both are killed, and now and then the database's server with all its processes.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TypeVar
from unittest import mock

from cmtools.client import transport
from cmtools.client.client import Client
from cmtools.errors import LeaseLost, StoreError, TransportError, UndoWindowClosed
from cmtools.model import Draft, Lease, Submission
from cmtools.store import open_store
from tests.tools import postgres
from tests.tools.ports import free_port

from . import ledger as ledgers
from .deliveries import _wait_until_answering
from .ledger import Ledger, Sent
from .mutants import MUTANTS
from .nursery import Nursery

Result = TypeVar("Result")
REVIEWERS = 4
LEASE_SECONDS, UNDO_SECONDS = 2.0, 1.0
LIVES_SECONDS = (0.01, 0.4)
"""How long a service lives once everybody is at work again."""
PATIENCE_SECONDS = 120.0
NOBODY = "http://127.0.0.1:9/"
"""Where callbacks go: nobody listens there. `deliveries` is about their arrival."""


class ProofOverError(Exception):
    """The proof has seen enough: reviewers go home."""


class Gate:
    """Lets reviewers call while services are up; closed, it waits until nobody is calling any more."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._open, self._over, self._inside = False, False, 0

    @contextmanager
    def through(self) -> Iterator[None]:
        """One call."""
        with self._change:
            self._change.wait_for(lambda: self._open or self._over)
            if self._over:
                raise ProofOverError
            self._inside += 1
        try:
            yield
        finally:
            with self._change:
                self._inside -= 1
                self._change.notify_all()

    def open(self) -> None:
        with self._change:
            self._open = True
            self._change.notify_all()

    def close(self, *, over: bool = False) -> None:
        with self._change:
            self._open, self._over = False, over
            self._change.notify_all()
            assert self._change.wait_for(lambda: not self._inside, PATIENCE_SECONDS), "a reviewer's call never ended"


@dataclass
class Reviewer:
    """Creates, takes, switches, decides and takes back, and enters into the ledger what was acknowledged."""

    number: int
    client: Client
    gate: Gate
    ledger: Ledger
    made: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)

    def work(self) -> None:
        """Until it is over."""
        with suppress(ProofOverError):
            while True:
                self._round()

    def _insist(self, call: Callable[[], Result]) -> Result:
        """Call until there is an answer; whoever was cut off sends the same again when services are back."""
        while True:
            with self.gate.through():
                try:
                    return call()
                except (TransportError, StoreError):
                    time.sleep(0.005)

    def _round(self) -> None:
        self._create(self.chance.randint(1, 4))
        order = self.chance.choice(["oldest", "random"])
        lease = self._insist(lambda: self.client.checkout(self.chance.randint(1, 4), "Text", order=order))
        if not lease.reviews:
            return
        with self.ledger.lock:
            self.ledger.note("checkout", ids_of(lease), lease.id)
        came, end = time.time(), lease.expires_at.timestamp()
        try:
            end = min(end, self._decide(lease))
        except LeaseLost:
            pass  # it came back too late, after a kill
        finally:
            self._saw(lease, came, end)

    def _saw(self, lease: Lease, came: float, end: float) -> None:
        with self.ledger.lock:
            for id in ids_of(lease):
                self.ledger.spans[id].append((came, end, lease.id))

    def _create(self, count: int) -> None:
        names = [f"{self.number}-{self.made + n}" for n in range(count)]
        self.made += count
        drafts = [Draft(f"text {name}", name, "Text", callback_endpoint=NOBODY) for name in names]
        with self.ledger.lock:
            self.ledger.asked.update(names)
        ids = self._insist(lambda: self.client.create_reviews(drafts, progress=False))
        with self.ledger.lock:
            self.ledger.created |= zip(ids, names, strict=True)
            self.ledger.note("create", ids)

    def _decide(self, lease: Lease) -> float:
        """What becomes of a lease; the moment from which somebody else may have its reviews."""
        if self.chance.random() < 0.6:
            self._switch(lease)
        fate = self.chance.random()
        if fate < 0.1:
            return lease.expires_at.timestamp()  # forgotten
        if fate < 0.25:
            self._forget_toggles(lease)
            given_up = time.time()
            self._insist(lambda: self.client.release(lease))
            return given_up
        given_up = time.time()
        sent = self._submit(lease)
        if fate < 0.6:
            self._take_back(lease, sent)
        return given_up

    def _switch(self, lease: Lease) -> None:
        wanted = {id: self.chance.random() < 0.5 for id in ids_of(lease)}
        events = [("change", id, "") for id in wanted]
        with self.ledger.lock:
            self.ledger.unsure.update(events)
        self._insist(lambda: self.client.save(lease, {id: {"a": value} for id, value in wanted.items()}))
        with self.ledger.lock:
            self.ledger.unsure.subtract(events)
            self.ledger.told.update(events)
            self.ledger.switched[lease.id] = wanted

    def _forget_toggles(self, lease: Lease) -> dict[str, bool]:
        with self.ledger.lock:
            return self.ledger.switched.pop(lease.id, {})

    def _submit(self, lease: Lease) -> Submission:
        """Name one tag; the other takes what was switched."""
        named = {id: {"r": self.chance.random() < 0.5} for id in ids_of(lease)}
        switched = self._forget_toggles(lease)
        sent = self._insist(lambda: self.client.submit(lease, named))
        said = {id: {"a": switched.get(id, False), **tags} for id, tags in named.items()}
        with self.ledger.lock:
            self.ledger.sent[sent.id] = Sent(lease.id, said)
            self.ledger.note("submit", said, sent.id)
        return sent

    def _take_back(self, lease: Lease, sent: Submission) -> None:
        """Undo, and then decide anew, or leave it to expire."""
        known = self.ledger.sent[sent.id]
        known.undone = "asked"
        try:
            back = self._insist(lambda: self.client.undo(sent))
        except (UndoWindowClosed, LeaseLost):
            return  # an earlier try may have done it, before the kill
        came, end = time.time(), back.expires_at.timestamp()
        with self.ledger.lock:
            known.undone = "yes"
            self.ledger.note("undo", known.said, sent.id)
            self.ledger.switched[lease.id] = {id: said["a"] for id, said in known.said.items()}
        try:
            if self.chance.random() < 0.8:
                end = min(end, time.time())
                self._submit(replace(back, token=lease.token))
        finally:
            self._saw(back, came, end)


def ids_of(lease: Lease) -> list[str]:
    return [review.id for review in lease.reviews]


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    kills: int
    of_the_database: int
    acknowledged: int
    decisions: int
    seconds: float
    faults: list[str]

    def __str__(self) -> str:
        told = (
            f"{self.kills} kills of services, {self.of_the_database} of the database's server; {self.acknowledged:,} "
            f"events and {self.decisions:,} decisions acknowledged, {self.seconds:.0f} s"
        )
        few = "; ".join(self.faults[:4]) + (f" and {len(self.faults) - 4} more" if len(self.faults) > 4 else "")
        return f"{told}: {few or 'nothing lost, nothing doubled, intact'}"


@dataclass
class Services:
    """One service on SQLite, two on PostgreSQL, each at a port that it has again after a kill."""

    nursery: Nursery
    database: str
    key: str
    folder: Path
    count: int
    chance: random.Random
    mutant: str = ""
    kills: int = 0
    of_the_database: int = 0
    running: dict[int, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start those that do not run, and wait until they answer; now and then one is killed while it starts."""
        ports = self.running or {free_port(): 0 for _ in range(self.count)}
        for port, process in ports.items():
            self.running[port] = process or self._started(port)
            if not process and self.kills and self.chance.random() < 0.1:
                time.sleep(self.chance.uniform(0, 0.3))
                self.nursery.kill(self.running[port])
                self.kills += 1
                self.running[port] = self._started(port)
            _wait_until_answering(self.url(port))

    def _started(self, port: int) -> int:
        return self.nursery.start(
            {
                "database": self.database,
                "key": self.key,
                "port": port,
                "media": str(self.folder / "media"),
                "allow_loopback": True,
                "lease_seconds": LEASE_SECONDS,
                "undo_seconds": UNDO_SECONDS,
            },
            self.mutant,
        )

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"

    def kill(self, *, database: bool) -> None:
        """Kill one, some or all of them; or the database's server, and they live on."""
        if database:
            postgres.crash()
            self.of_the_database += 1
            return
        for port in self.chance.sample(list(self.running), self.chance.randint(1, self.count)):
            self.nursery.kill(self.running[port])
            self.running[port] = 0
            self.kills += 1

    def close(self) -> None:
        for process in filter(None, self.running.values()):
            self.nursery.kill(process)


def prove(
    nursery: Nursery, kills: int, kind: str, mutant: str = "", *, crashes: bool = False, seed: int = 1
) -> Outcome:
    """Kill so many services, and look at the database after each kill; the first faults end it."""
    begun = time.monotonic()
    chance = random.Random(seed)
    count = 1 if kind == "sqlite" else 2
    with (
        tempfile.TemporaryDirectory(prefix="cmtools-proof-") as name,
        _database(kind, Path(name)) as database,
        mock.patch.object(transport, "WAITS", (0.0, 0.0, 0.0)),
    ):
        services = Services(nursery, database, secrets.token_urlsafe(24), Path(name), count, chance, mutant)
        try:
            ledger, found = _rounds(services, kills, crashes=crashes and kind == "postgresql")
        finally:
            services.close()
    seconds = time.monotonic() - begun
    decided = sum(len(sent.said) for sent in ledger.sent.values())
    return Outcome(services.kills, services.of_the_database, ledger.acknowledged(), decided, seconds, found)


def _rounds(services: Services, kills: int, *, crashes: bool) -> tuple[Ledger, list[str]]:
    ledger, gate, found = Ledger(), Gate(), []
    services.start()
    clients = [
        Client(services.url(port), key=services.key, team="demo", reviewer=f"reviewer-{number}", timeout=30)
        for number, port in zip(range(REVIEWERS), list(services.running) * REVIEWERS, strict=False)
    ]
    with ThreadPoolExecutor(REVIEWERS) as pool:
        at_work = [pool.submit(Reviewer(n, client, gate, ledger).work) for n, client in enumerate(clients)]
        try:
            while services.kills < kills and not found:
                gate.open()
                _wait_for_the_first(ledger, at_work)
                time.sleep(services.chance.uniform(*LIVES_SECONDS))
                services.kill(database=crashes and services.chance.random() < 0.1)
                gate.close()
                services.start()
                found = _faults(services.database, ledger) + _surprises(at_work)
        finally:
            gate.close(over=True)
    return ledger, found or _surprises(at_work) or _at_the_end(services, ledger, clients[0])


def _wait_for_the_first(ledger: Ledger, at_work: list[Future[None]]) -> None:
    """Nothing can be lost before that, which on a slow machine may take longer than a service lives."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ledger.acknowledged() and not _surprises(at_work) and time.monotonic() < deadline:
        time.sleep(0.02)


def _surprises(at_work: list[Future[None]]) -> list[str]:
    """What reviewers met that nobody foresaw."""
    met = [future.exception() for future in at_work if future.done()]
    return [f"a reviewer met {type(error).__name__}: {error}" for error in met if error is not None]


def _faults(database: str, ledger: Ledger) -> list[str]:
    """Look once. The database is opened for that alone: who held it open would do part of its recovery's work."""
    store = open_store(database)
    try:
        return ledgers.faults(ledger, store.read(ledgers.read))
    finally:
        store.close()


def _at_the_end(services: Services, ledger: Ledger, client: Client) -> list[str]:
    """When every undo window has closed, each decision is final, with its event, and the trail is whole."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    store = open_store(services.database)
    try:
        while "open" in (records := store.read(ledgers.read)).submissions.values() and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        store.close()
    final = [key for key in records.answers if records.submissions.get(key[0]) != "undone"]
    with ledger.lock:
        for submission, review in final:
            ledger.note("finalise", [review], submission)
    check = client.verify_trail()
    return ledgers.faults(ledger, records) + ([] if check.ok else [f"the trail is broken: {check.faults}"])


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield str(folder / "reviews.db")
        return
    database = postgres.fresh_database()
    try:
        yield database
    finally:
        postgres.drop_database(database)


def main(kills: str = "200", kind: str = "", *mutants: str) -> int:
    """Prove it on both kinds of database or on the one named, and that each mutant is noticed; 0 when all is well."""
    code = 0
    with Nursery() as nursery:
        for each, mutant in product((kind,) if kind else ("sqlite", "postgresql"), mutants or ("", *MUTANTS)):
            outcome = prove(nursery, int(kills), each, mutant, crashes=True)
            good = bool(mutant) == bool(outcome.faults)
            verdict = "as it should be" if good else "NOT AS IT SHOULD BE"
            print(f"kills on {each}, {mutant or 'as it is'}: {outcome} ({verdict})", flush=True)
            code |= not good
    return code
