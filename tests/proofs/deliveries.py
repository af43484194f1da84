"""Callbacks while their senders are killed: each arrives, none twice in effect, none early, none after an undo.

``python -m tests.proofs deliveries 10000 50 sqlite`` is the whole proof; on ``postgresql`` two processes send.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cmtools.client.client import Client
from cmtools.errors import StoreError, TransportError, UndoWindowClosed
from cmtools.model import Draft, Lease
from tests.tools import postgres
from tests.tools.ports import free_port

from .receiver import Arrival, Receiver, receiving

Result = TypeVar("Result")
OF_A_LEASE = 20
OF_A_ROUND = 21
"""Leases; one of them is taken back and left so, two are taken back and decided otherwise."""
UNDO_SECONDS = 2.0
PATIENCE_SECONDS = 900.0
LIVES_SECONDS = (0.1, 1.2)
"""How long a sender lives after it answers."""


@dataclass
class Promise:
    """What the service acknowledged: which answers stand, from when on they may be told, which were taken back."""

    decided: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    taken_back: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    completions: int
    kills: int
    arrivals: int
    failing: float
    repeated: int
    seconds: float
    faults: list[str]

    def __str__(self) -> str:
        told = (
            f"{self.completions:,} completions, {self.kills} kills, {self.arrivals:,} arrivals "
            f"({self.failing:.0%} failed on purpose, {self.repeated:,} came again), {self.seconds:.0f} s"
        )
        return f"{told}: " + ("; ".join(self.faults[:5]) or "every callback arrived, one effect each")


def faults(promise: Promise, arrivals: Sequence[Arrival], told: dict[str, str]) -> list[str]:
    """What is wrong, given what was acknowledged, what came, and each callback's state by the service's own account."""
    found = [f"callback {each.id} has no right signature" for each in arrivals if not each.genuine]
    bodies: dict[str, bytes] = {}
    ids: dict[str, set[str]] = {}
    seen: set[str] = set()
    for each in arrivals:
        review_id, answer = each.notice["ReviewId"], each.notice["ReviewerResultTags"]["r"]
        if bodies.setdefault(each.id, each.body) != each.body:
            found.append(f"callback {each.id} came with two bodies")
        ids.setdefault(review_id, set()).add(each.id)
        if (review_id, answer) in promise.taken_back:
            found.append(f"review {review_id}: what was taken back was told")
        elif review_id not in promise.decided or promise.decided[review_id][0] != answer:
            found.append(f"review {review_id}: nobody decided {answer}")
        elif each.at < promise.decided[review_id][1]:
            found.append(f"review {review_id} was told before its undo window had ended")
        elif each.taken:
            seen.add(review_id)
    found += [f"review {id} was never told" for id in sorted(set(promise.decided) - seen)]
    found += [f"review {id} was told under {len(names)} ids" for id, names in ids.items() if len(names) > 1]
    left = set(told.values()) - {"delivered", "cancelled"}
    return found + [f"callbacks are left {state}" for state in sorted(left)]


class Senders:
    """Service processes on one database, each at its own port, that are killed and started again."""

    def __init__(self, database: str, count: int, folder: Path, key: str) -> None:
        self.urls = [f"http://127.0.0.1:{free_port()}" for _ in range(count)]
        self.kills = 0
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")},
            "CMTOOLS_DATABASE": database,
            "CMTOOLS_KEY": key,
            "CMTOOLS_MEDIA": str(folder / "media"),
            "CMTOOLS_ALLOW_LOOPBACK": "true",
            "CMTOOLS_CALLBACK_TIMEOUT_SECONDS": "1",
            "CMTOOLS_CALLBACK_THREADS_PER_RECEIVER": "8",
            "CMTOOLS_UNDO_SECONDS": str(UNDO_SECONDS),
            "CMTOOLS_LEASE_SECONDS": "86400",
        }
        self._processes = [self._started(url) for url in self.urls]
        for url in self.urls:
            _wait_until_answering(url)

    def _started(self, url: str) -> subprocess.Popen[bytes]:
        environment = {**self._environment, "CMTOOLS_PORT": url.rpartition(":")[2]}
        command = [sys.executable, "-m", "tests.proofs.sender"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, number: int) -> None:
        """End one where it stands, and start it again."""
        self._processes[number].send_signal(signal.SIGKILL)
        self._processes[number].wait()
        self.kills += 1
        self._processes[number] = self._started(self.urls[number])
        _wait_until_answering(self.urls[number])

    def close(self) -> None:
        """End them all."""
        for process in self._processes:
            process.kill()
            process.wait()


def prove(completions: int, kills: int, kind: str = "sqlite", seed: int = 1) -> Outcome:
    """Decide so many reviews while senders are killed so many times; what came of it."""
    begun = time.monotonic()
    key = secrets.token_urlsafe(24)
    with _database(kind) as (database, folder):
        senders = Senders(database, 1 if kind == "sqlite" else 2, folder, key)
        try:
            client = Client(senders.urls[0], key=key, team="demo", reviewer="ana")
            with receiving(client.callback_secret().secret, seed) as receiver:
                leases = _leases(client, -(-completions * OF_A_ROUND // (OF_A_ROUND - 1)), receiver.url)
                promise = _decide(senders, leases, kills, key, seed)
                told = _settled(client)
        finally:
            senders.close()
        return _outcome(promise, receiver, told, senders.kills, time.monotonic() - begun)


def _outcome(promise: Promise, receiver: Receiver, told: dict[str, str], kills: int, seconds: float) -> Outcome:
    arrivals = receiver.arrivals
    found = faults(promise, arrivals, told)
    if receiver.led_astray:
        found.append(f"{receiver.led_astray} redirects were followed")
    failing = sum(each.behaviour != "good" for each in arrivals) / max(1, len(arrivals))
    repeated = len(arrivals) - len({each.id for each in arrivals})
    return Outcome(len(promise.decided), kills, len(arrivals), failing, repeated, seconds, found)


def _leases(client: Client, completions: int, endpoint: str) -> list[Lease]:
    drafts = [Draft(f"text {n}", str(n), "Text", callback_endpoint=endpoint) for n in range(completions)]
    client.create_reviews(drafts)
    leases = []
    while (lease := client.checkout(OF_A_LEASE, type="Text")).reviews:
        leases.append(lease)
    return leases


def _decide(senders: Senders, leases: Sequence[Lease], kills: int, key: str, seed: int) -> Promise:
    """Submit every lease, evenly over the kills; some are taken back, and some of these decided otherwise."""
    promise = Promise()
    done = threading.Event()
    chance = random.Random(seed)

    def kill() -> None:
        while senders.kills < kills:
            time.sleep(chance.uniform(*LIVES_SECONDS))
            senders.kill(chance.randrange(len(senders.urls)))
        done.set()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    clients = [Client(url, key=key, team="demo", reviewer="ana", timeout=10) for url in senders.urls]
    for number, lease in enumerate(leases):
        while senders.kills < kills * number // len(leases) and killer.is_alive():
            done.wait(0.01)
        client = clients[number % len(clients)]
        if number % OF_A_ROUND in (0, 7, 14):
            _take_back(client, lease, promise, again=number % OF_A_ROUND > 0)
        else:
            _submit(client, lease, promise, "False")
    killer.join(PATIENCE_SECONDS)
    return promise


def _submit(client: Client, lease: Lease, promise: Promise, answer: str) -> None:
    named = {review.id: {"r": answer == "True"} for review in lease.reviews}
    made = _insist(lambda: client.submit(lease, named))
    promise.decided |= dict.fromkeys(named, (answer, made.undo_until))


def _take_back(client: Client, lease: Lease, promise: Promise, *, again: bool) -> None:
    """Submit, take back where that is still possible, and (``again``) decide otherwise."""
    named = {review.id: {"r": True} for review in lease.reviews}
    made = _insist(lambda: client.submit(lease, named))
    try:
        back = _insist(lambda: client.undo(made))
    except UndoWindowClosed:
        promise.decided |= dict.fromkeys(named, ("True", made.undo_until))
        return
    promise.taken_back |= {(id, "True") for id in named}
    if again:
        _submit(client, back, promise, "False")


def _settled(client: Client) -> dict[str, str]:
    """Each callback's state when none waits any more, or when patience is at its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and _insist(lambda: client.callbacks("waiting")):
        time.sleep(0.2)
    return {each.id: each.state for each in _insist(client.callbacks)}


def _insist(call: Callable[[], Result]) -> Result:
    """Call until there is an answer: whoever was cut off sends the same again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except (TransportError, StoreError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _wait_until_answering(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), opener.open(f"{url}/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"no service answers at {url}")


@contextmanager
def _database(kind: str) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="cmtools-proof-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield str(folder / "reviews.db"), folder
            return
        database = postgres.fresh_database()
        try:
            yield database, folder
        finally:
            postgres.drop_database(database)


def main(completions: str = "10000", kills: str = "50", *kinds: str) -> int:
    """Prove it on each kind of database that is named; 0 when nothing is wrong."""
    code = 0
    for kind in kinds or ("sqlite", "postgresql"):
        outcome = prove(int(completions), int(kills), kind)
        print(f"deliveries on {kind}: {outcome}", flush=True)
        code |= bool(outcome.faults)
    return code
