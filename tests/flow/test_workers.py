"""`cmtools serve --workers 2` on PostgreSQL: one port, several processes, of which some die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

import cmtools as cm
from cmtools.model import Draft
from tests.tools import postgres

KEY = "k" * 32
PATIENCE_SECONDS = 60


@dataclass
class Crew:
    """A running `cmtools serve`, and where it is."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def client(self, reviewer: str = "ana") -> cm.Client:
        return cm.Client(self.url, key=KEY, team="demo", reviewer=reviewer)

    def members(self) -> set[int]:
        """The processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()}


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    url = postgres.fresh_database()
    environment = {**os.environ, "CMTOOLS_KEY": KEY, "CMTOOLS_MEDIA": str(tmp_path / "media"), "CMTOOLS_DATABASE": url}
    command = [sys.executable, "-m", "cmtools", "serve", "--workers", "2", "--port", "0", "--log-format", "json"]
    log = tmp_path / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stream, text=True)
    try:
        assert process.stdout
        first = process.stdout.readline()
        assert " at http://127.0.0.1:" in first, log.read_text()
        yield Crew(process, first.split(" at ")[1].split()[0], log)
    finally:
        process.kill()
        process.communicate()
        postgres.drop_database(url)


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_processes_share_one_queue_replace_their_dead_and_stop_in_order(crew: Crew) -> None:
    members = crew.members()
    assert len(members) == 2
    ids = crew.client().create_reviews([Draft(f"https://x.org/{n}", f"{n}") for n in range(40)], progress=False)

    def review(name: str) -> list[str]:
        client, done = crew.client(name), []
        while (lease := client.checkout(4)).reviews:
            client.submit(lease, {each.id: {"r": True} for each in lease.reviews})
            done += [each.id for each in lease.reviews]
        return done

    with ThreadPoolExecutor(4) as pool:
        taken = [id for part in pool.map(review, ["ana", "ben", "eve", "li"]) for id in part]
    assert sorted(taken) == sorted(ids)

    victim = min(members)
    os.kill(victim, signal.SIGKILL)
    assert becomes_true(lambda: len(crew.members()) == 2 and victim not in crew.members())
    assert crew.client().counts().total == 40

    before = counted(crew)
    for _ in range(20):
        assert requests.get(f"{crew.url}/health", timeout=30).ok
    assert counted(crew) == before + 20  # whichever process is asked

    members = crew.members()
    crew.process.send_signal(signal.SIGTERM)
    assert crew.process.wait(PATIENCE_SECONDS) == 0
    assert not any(alive(pid) for pid in members)
    assert KEY not in crew.log.read_text()


def counted(crew: Crew) -> float:
    """How many requests for /health the figures tell of."""
    lines = requests.get(f"{crew.url}/metrics", timeout=30).text.splitlines()
    found = [line for line in lines if line.startswith("cmtools_request_seconds_count") and 'route="/health"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_processes_end_with_a_parent_that_was_killed(crew: Crew) -> None:
    members = crew.members()
    crew.process.kill()
    assert becomes_true(lambda: not any(alive(pid) for pid in members))
