"""How many requests a second, each for one review or task: ours, Label Studio's, and ours without shared commits.

Label Studio runs as it comes (``label-studio start``: SQLite, its own server, access tokens) in an environment of its
own, which the Makefile makes; our service as ``cmtools serve`` starts it: keys, trail, outbox and a sync at every
commit. Both answer the same clients in turn, in one run; a client is a process with one connection.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from cmtools.client.client import Client
from cmtools.model import Draft
from cmtools.wire.own import KEY_HEADER, LEASE_HEADER, REVIEWER_HEADER

LABEL_STUDIO = os.environ.get("BENCH_LABEL_STUDIO", "")
"""The program ``label-studio`` of its own environment."""
LOAD = Path(__file__).parent / "peers" / "load.py"
ROUNDS = 3
WANTED = 20
STARTING_SECONDS = 300
"""Label Studio makes its database first."""
NOBODY = "http://127.0.0.1:9/"
"""Where callbacks go: nobody listens there, so they are tried once and wait."""
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="tags" toName="text" choice="multiple">'
    '<Choice value="a"/><Choice value="r"/></Choices></View>'
)
ANSWER = [{"from_name": "tags", "to_name": "text", "type": "choices", "value": {"choices": ["a"]}}]
OWN_TRANSACTION = """
from cmtools.store import sqlite
made = sqlite.SQLiteStore.__init__
def init(self, url):
    made(self, url)
    self._each = sqlite._engine(url, "BEGIN IMMEDIATE", size=40)
def write(self, work):
    with self._each.begin() as connection:
        return work(connection)
sqlite.SQLiteStore.__init__, sqlite.SQLiteStore.write = init, write
"""
"""As services commonly do it: the thread of each request has a connection and a transaction of its own."""
ONE_BY_ONE = "from cmtools.store import sqlite\nsqlite.GROUP = 1"
Request = tuple[str, str, object, dict[str, str]]


@dataclass
class Peer:
    """A service under load: where it is, what every request carries, how many requests a round has."""

    url: str
    headers: dict[str, str]
    each: int
    prepare: Callable[[str, int], list[Request]] = field(repr=False)

    def rate(self, operation: str, clients: int) -> float:
        """Requests a second with so many clients."""
        asked = self.prepare(operation, self.each)
        parts = [asked[number::clients] for number in range(clients)]
        return len(asked) / max(each["seconds"] for each in self._load(parts))

    def _load(self, parts: Sequence[Sequence[Request]]) -> list[dict[str, Any]]:
        address = urlsplit(self.url)
        running = [
            subprocess.Popen([sys.executable, str(LOAD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in parts
        ]
        told = {"host": address.hostname, "port": address.port, "headers": self.headers}
        for process, part in zip(running, parts, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps({**told, "requests": part}) + "\n")
            process.stdin.flush()
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        found = [json.loads(process.communicate()[0]) for process in running]
        refused = [each for one in found for each in one["refused"]]
        assert not refused, refused
        return found


@contextmanager
def cmtools(folder: Path, *, patched: str = "", each: int = 600) -> Iterator[Peer]:
    """Our service, in a process of its own; ``patched`` is run in it first."""
    key, port = secrets.token_urlsafe(24), free_port()
    given = {
        "CMTOOLS_DATABASE": str(folder / f"reviews-{port}.db"),
        "CMTOOLS_KEY": key,
        "CMTOOLS_PORT": str(port),
        "CMTOOLS_ALLOW_LOOPBACK": "true",  # so that callbacks may be meant for nobody, here
    }
    url = f"http://127.0.0.1:{port}"
    headers = {KEY_HEADER: key, REVIEWER_HEADER: "ana", "Content-Type": "application/json"}
    command = [sys.executable, "-c", f"{patched}\nfrom cmtools.cli import main\nmain(['serve'])"]
    with served(command, given, f"{url}/health", folder / f"cmtools-{port}.log"):
        client = Client(url, key=key, team="demo", reviewer="ana")
        yield Peer(url, headers, each, lambda operation, count: ours(client, operation, count))


def ours(client: Client, operation: str, count: int) -> list[Request]:
    """So many requests of one kind, and before them what they need."""
    path = "/contentmoderator/review/v1.0/teams/demo/reviews"
    if operation == "create":
        return [("POST", path, [item(number)], {}) for number in range(count)]
    drafts = [Draft(f"text {n}", str(n), "Text", callback_endpoint=NOBODY) for n in range(count)]
    ids = client.create_reviews(drafts, batch=secrets.token_hex(8), progress=False)
    if operation == "get":
        return [("GET", f"{path}/{id}", None, {}) for id in ids]
    leases = [client.checkout(1, type="Text") for _ in range(count)]
    return [
        (
            "POST",
            f"/cmtools/v1/teams/demo/leases/{lease.id}/submissions",
            {"answers": {review.id: {"a": True} for review in lease.reviews}},
            {LEASE_HEADER: lease.token},
        )
        for lease in leases
    ]


def item(number: int) -> dict[str, object]:
    """A review as the Review API takes it, with a key so that it is made once, and somebody to tell."""
    return {
        "Type": "Text",
        "Content": f"text {number}",
        "ContentId": str(number),
        "CallbackEndpoint": NOBODY,
        "Metadata": [{"Key": "a", "Value": "True"}, {"Key": "r", "Value": "False"}],
        "IdempotencyKey": secrets.token_hex(16),
    }


class LabelStudio:
    """Its API, with a personal access token, as a script would use it."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url
        session = requests.Session()
        session.get(f"{url}/user/login/").raise_for_status()
        login = {"email": email, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        session.post(f"{url}/user/login/", data=login).raise_for_status()
        made = session.post(f"{url}/api/token/", headers={"X-CSRFToken": session.cookies["csrftoken"]})
        made.raise_for_status()
        self._refresh = made.json()["token"]
        self.headers: dict[str, str] = {}
        self.renew()
        project = {"title": "bench", "label_config": CONFIG}
        self.project = self.post("/api/projects/", project)["id"]

    def renew(self) -> None:
        """An access token lives for some minutes."""
        answer = requests.post(f"{self.url}/api/token/refresh/", json={"refresh": self._refresh}, timeout=60)
        answer.raise_for_status()
        self.headers |= {"Authorization": f"Bearer {answer.json()['access']}", "Content-Type": "application/json"}

    def post(self, path: str, data: object) -> Any:
        """What it answers."""
        answer = requests.post(f"{self.url}{path}", json=data, headers=self.headers, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def prepare(self, operation: str, count: int) -> list[Request]:
        """So many requests of one kind, and before them what they need."""
        self.renew()
        if operation == "create":
            return [("POST", "/api/tasks/", self.task(number), {}) for number in range(count)]
        ids = [self.post("/api/tasks/", self.task(number))["id"] for number in range(count)]
        if operation == "get":
            return [("GET", f"/api/tasks/{id}/", None, {}) for id in ids]
        return [("POST", f"/api/tasks/{id}/annotations/", {"result": ANSWER}, {}) for id in ids]

    def task(self, number: int) -> dict[str, object]:
        """A text to label."""
        return {"data": {"text": f"text {number}"}, "project": self.project}


@contextmanager
def label_studio(folder: Path, *, each: int = 40) -> Iterator[Peer]:
    """Label Studio, new and with its default settings."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    email, password = "ana@example.org", secrets.token_urlsafe(16)
    home = folder / "label-studio"
    home.mkdir()
    given = {"LABEL_STUDIO_BASE_DATA_DIR": str(home), "HOME": str(home), "COLLECT_ANALYTICS": "false"}
    account = ["--username", email, "--password", password]
    command = [LABEL_STUDIO, "start", "--no-browser", "--port", str(port), *account]
    with served(command, given, f"{url}/health", folder / "label-studio.log"):
        there = LabelStudio(url, email, password)
        yield Peer(url, there.headers, each, there.prepare)


@contextmanager
def served(command: Sequence[str], given: Mapping[str, str], health: str, log: Path) -> Iterator[None]:
    """A service's process while it is needed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")}
    with log.open("wb") as written:
        process = subprocess.Popen(command, env={**environment, **given}, stdout=written, stderr=written)
    try:
        deadline = time.monotonic() + STARTING_SECONDS
        while not answers(health):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Whether a service is there."""
    with suppress(requests.RequestException):
        return requests.get(url, timeout=5).ok
    return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def side_by_side(peers: Mapping[str, Peer], operation: str, clients: int) -> dict[str, float]:
    """The median rate of each, measured in turn."""
    found: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, peer in peers.items():
            found[name].append(peer.rate(operation, clients))
    return {name: statistics.median(rates) for name, rates in found.items()}


@pytest.mark.skipif(not LABEL_STUDIO, reason="label-studio has an environment of its own: make bench")
def test_create_get_and_submit_beside_label_studio(tmp_path: Path) -> None:
    with cmtools(tmp_path) as here, label_studio(tmp_path) as there:
        print()
        for operation in ("create", "get", "submit"):
            for clients in (1, 8):
                rates = side_by_side({"cmtools": here, "label-studio": there}, operation, clients)
                times = rates["cmtools"] / rates["label-studio"]
                print(
                    f"{operation}, {clients} client(s): cmtools {rates['cmtools']:,.0f}/s, "
                    f"label-studio {rates['label-studio']:,.1f}/s: {times:.1f}x (at least {WANTED}x is wanted)"
                )


def test_create_by_many_clients_beside_a_transaction_per_request(tmp_path: Path) -> None:
    with (
        cmtools(tmp_path) as together,
        cmtools(tmp_path, patched=OWN_TRANSACTION) as own,
        cmtools(tmp_path, patched=ONE_BY_ONE) as one_by_one,
    ):
        rates = side_by_side({"together": together, "own": own, "one by one": one_by_one}, "create", 32)
        own, alone = rates["together"] / rates["own"], rates["together"] / rates["one by one"]
        print(
            f"\ncreate, 32 clients: {rates['together']:,.0f}/s; with a transaction for each request "
            f"{rates['own']:,.0f}/s: {own:.1f}x (at least 3x is wanted); with one writer that commits for each "
            f"{rates['one by one']:,.0f}/s: {alone:.1f}x"
        )
