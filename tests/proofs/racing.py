"""Many reviewers race for few reviews while services and reviewers are killed: no review is ever in two live leases.

It is read twice: in the trail, where a checkout of what is taken already would stand, and in what reviewers saw, where
two would have had one review at one moment.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import sqlalchemy as sa

from cmtools.client.client import Client
from cmtools.errors import CmtoolsError
from cmtools.model import Draft
from cmtools.store import open_store
from cmtools.store.tables import events
from tests.tools import postgres
from tests.tools.ports import free_port

LEASE_SECONDS = 1.5
BYTES_OF_A_LEASE = 400
"""Of a reviewer's file: two lines with about three reviews."""
ENDS = {"release", "expire", "submit", "hold", "move", "take_away"}
BEGINS = {"checkout", "undo", "take_held"}


@dataclass
class Race:
    """The services, the reviewers, and what was killed."""

    database: str
    folder: Path
    services: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0

    def start(self, port: int) -> None:
        """One service process, at a port that it has again when it is started anew."""
        given = {
            "CMTOOLS_DATABASE": self.database,
            "CMTOOLS_KEY": self.key,
            "CMTOOLS_PORT": str(port),
            "CMTOOLS_LEASE_SECONDS": str(LEASE_SECONDS),
            "CMTOOLS_MEDIA": str(self.folder / "media"),
            "CMTOOLS_COPY_CONTENT": "false",
        }
        command = [sys.executable, "-m", "cmtools", "serve"]
        with (self.folder / f"service-{port}.log").open("ab") as log:
            self.running[port] = subprocess.Popen(command, env={**os.environ, **given}, stdout=log, stderr=log)

    def client(self, port: int) -> Client:
        return Client(f"http://127.0.0.1:{port}", key=self.key, team="demo", reviewer="administrator")

    def wait(self, port: int) -> None:
        """Until the service answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client(port).team()
            except CmtoolsError:
                assert time.monotonic() < deadline, (self.folder / f"service-{port}.log").read_text()[-2000:]
                assert self.running[port].poll() is None, (self.folder / f"service-{port}.log").read_text()[-2000:]
            else:
                return

    def kill_service(self, chance: random.Random) -> None:
        port = chance.choice(list(self.running))
        self.running[port].kill()
        self.running[port].wait()
        self.start(port)
        self.kills += 1

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


def run(kind: str, checkouts: int, reviewers: int, services: int, *, every: int, reviews: int = 200) -> dict[str, int]:
    """One race; what happened in it. After every so many leases a service or, in turn, a reviewer is killed."""
    database = postgres.fresh_database() if kind == "postgresql" else ""
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            race = Race(database or str(folder / "reviews.db"), folder, services)
            try:
                return _run(race, checkouts, reviewers, every, reviews)
            finally:
                race.stop()
    finally:
        if database:
            postgres.drop_database(database)


def _run(race: Race, checkouts: int, reviewers: int, every: int, reviews: int) -> dict[str, int]:
    ports = [free_port() for _ in range(race.services)]
    race.start(ports[0])
    race.wait(ports[0])
    for port in ports[1:]:
        race.start(port)
    race.client(ports[0]).create_reviews([Draft("https://x.org/1.jpg", str(n)) for n in range(reviews)], progress=False)
    racers = Racers(race, checkouts // reviewers)
    for number in range(reviewers):
        racers.send(number)
    chance, next_kill, turn = random.Random(7), every, 0
    while racers.watch():
        time.sleep(0.05)
        if racers.noted() > next_kill:
            turn += 1
            if turn % 2:
                race.kill_service(chance)
            else:
                racers.kill(chance)
            next_kill = racers.noted() + every
    for port in ports:
        race.wait(port)
    seen = [json.loads(line) for path in race.folder.glob("racer-*") for line in _lines(path)]
    taken, twice = in_trail(race.database)
    return {
        "checkouts": racers.done(),
        "leases in the trail": taken,
        "services killed": race.kills,
        "reviewers killed": racers.kills,
        "twice in the trail": twice,
        "twice in what reviewers saw": in_sight(seen),
    }


class Racers:
    """The reviewers' processes; one that was killed is sent again for what it had not done."""

    def __init__(self, race: Race, each: int) -> None:
        self.race, self.each = race, each
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.sent, self.kills = 0, 0

    def path(self, number: int) -> Path:
        return self.race.folder / f"racer-{number}"

    def done(self) -> int:
        return sum(len({json.loads(line)[0] for line in _lines(self.path(number))}) for number in self.processes)

    def noted(self) -> int:
        """About how many leases reviewers have noted so far: by what the files have grown."""
        return sum(path.stat().st_size for path in self.race.folder.glob("racer-*")) // BYTES_OF_A_LEASE

    def send(self, number: int) -> None:
        self.sent += 1
        ports = list(self.race.running)
        left = self.each - len({json.loads(line)[0] for line in _lines(self.path(number))})
        url = f"http://127.0.0.1:{ports[number % len(ports)]}"
        words = [url, f"reviewer-{number}", str(max(left, 0)), str(self.sent), str(self.path(number))]
        command = [sys.executable, "-m", "tests.proofs.racer", *words]
        given = {**os.environ, "CMTOOLS_KEY": self.race.key}
        self.processes[number] = subprocess.Popen(command, env=given, cwd=Path(__file__).parents[2])

    def watch(self) -> bool:
        """Whether anybody is still running; one that broke off by itself is an error."""
        codes = {process.poll() for process in self.processes.values()}
        assert codes <= {None, 0}, f"a reviewer ended with {codes}"
        return None in codes

    def kill(self, chance: random.Random) -> None:
        alive = [number for number, process in self.processes.items() if process.poll() is None]
        if alive:
            number = chance.choice(alive)
            self.processes[number].kill()
            self.processes[number].wait()
            self.kills += 1
            self.send(number)


def _lines(path: Path) -> list[str]:
    """The whole lines of a file; a killed process may have left half a one, and the next wrote behind it."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return [line for line in lines if line.startswith("[") and line.endswith("]]")]


def in_trail(database: str) -> tuple[int, int]:
    """How many leases the trail tells of, and how often a review was taken that another lease had."""
    store = open_store(database)
    try:
        query = sa.select(events.c.subject, events.c.action, events.c.after).order_by(events.c.sequence)
        rows = store.read(lambda connection: connection.execute(query).all())
    finally:
        store.close()
    free: dict[str, bool] = defaultdict(lambda: True)
    leases, twice = set(), 0
    for row in rows:
        if row.action in BEGINS:
            twice += not free[row.subject]
            free[row.subject] = False
            leases.add(row.after.get("lease"))
        elif row.action in ENDS:
            free[row.subject] = True
    return len(leases - {None}), twice


def in_sight(seen: list[list[object]]) -> int:
    """How often two reviewers had one review at one moment."""
    last = {str(line[0]): line for line in seen}  # the later line of a lease tells when it was given up
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _, came, given_up, ends, ids in last.values():
        for id in ids:  # type: ignore[attr-defined]
            end = float(ends) if given_up is None else min(float(given_up), float(ends))  # type: ignore[arg-type]
            spans[id].append((float(came), end))  # type: ignore[arg-type]
    twice = 0
    for theirs in spans.values():
        theirs.sort()
        twice += sum(1 for before, after in pairwise(theirs) if after[0] < before[1])
    return twice


def main(checkouts: str = "100000", kind: str = "") -> int:
    """The race on SQLite with one service process and on PostgreSQL with three; 0 when no review was taken twice."""
    failed = False
    for each, services in (("sqlite", 1), ("postgresql", 3)):
        if kind in ("", each):
            begun = time.monotonic()
            told = run(each, int(checkouts), 16, services, every=2000)
            print(f"{each}, {services} process(es), 16 reviewers, {time.monotonic() - begun:.0f} s: {told}")
            failed |= bool(told["twice in the trail"] or told["twice in what reviewers saw"])
    return int(failed)
