"""What a create costs on PostgreSQL beside a bare INSERT and COMMIT of the same row, by one and by 8 at a time.

Printed for the rules (a review with its places, its audit event, its idempotency, in one transaction) and through HTTP.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import psycopg
import pytest
import requests

from cmtools.model import Actor, Draft
from cmtools.service import auth, reviews, teams
from cmtools.service.context import Context
from cmtools.service.settings import Settings
from cmtools.store import open_store
from cmtools.testing import running_service
from cmtools.wire import own
from cmtools.wire.creation import Incoming
from tests.tools import postgres

SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
CLIENTS = (1, 8)
METADATA = (("a", "True"), ("r", "False"))
BODY = [
    {
        "Type": "Image",
        "Content": "https://example.org/1.jpg",
        "ContentId": "1",
        "Metadata": [{"Key": key, "Value": value} for key, value in METADATA],
    }
]
Work = Callable[[], None]


def rate(made: Callable[[], Work], clients: int) -> float:
    """How often a second so many threads, each with work of its own, do it."""
    works = [made() for _ in range(clients)]
    for work in works:
        work()
    ready, counts, end = threading.Barrier(clients + 1), [0] * clients, [0.0]

    def go(n: int) -> None:
        ready.wait()
        while time.perf_counter() < end[0]:
            works[n]()
            counts[n] += 1

    threads = [threading.Thread(target=go, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    end[0] = start + SECONDS
    ready.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


@pytest.fixture
def url() -> Iterator[str]:
    made = postgres.fresh_database()
    yield made
    postgres.drop_database(made)


def bare(url: str, stack: ExitStack) -> Callable[[], Work]:
    """Insert the newest review of the table again, under another id, into a table like it with its indexes."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (LIKE reviews INCLUDING ALL)")
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'reviews'"
        names = [row[0] for row in connection.execute(columns) if row[0] not in ("sequence", "id")]
        row = connection.execute(f"SELECT {', '.join(names)} FROM reviews ORDER BY sequence DESC LIMIT 1").fetchone()
    assert row is not None
    values = [psycopg.types.json.Jsonb(value) if isinstance(value, list) else value for value in row]
    statement = f"INSERT INTO bare (id, {', '.join(names)}) VALUES ({', '.join(['%s'] * (len(names) + 1))})"

    def made() -> Work:
        connection = stack.enter_context(psycopg.connect(plain))

        def work() -> None:
            connection.execute(statement, [os.urandom(16).hex(), *values])
            connection.commit()

        return work

    return made


def test_create_beside_insert_and_commit(url: str) -> None:
    store = open_store(url)
    settings = Settings(database="unused", copy_content=False)
    actor = Actor("demo", "k1", "administrator", "administrator", "ana")

    def run(rule: Callable[[Context], object]) -> None:
        store.write(lambda connection: rule(Context(connection, actor, datetime.now(UTC), settings)))

    run(teams.ensure)
    run(lambda ctx: auth.prepare(ctx.connection, None))
    draft = [Incoming(Draft("https://example.org/1.jpg", "1", metadata=METADATA))]

    def rules() -> Work:
        return lambda: run(lambda ctx: reviews.create(ctx, draft, None, ""))

    with running_service(url, team="http") as service, ExitStack() as stack:
        posting = posts(service.url, service.team, service.key, stack)
        rules()()
        kinds = {"bare": bare(url, stack), "rules": rules, "HTTP": posting}
        for clients in CLIENTS:
            found: dict[str, list[float]] = {name: [] for name in kinds}
            for _ in range(ROUNDS):
                for name, made in kinds.items():
                    found[name].append(rate(made, clients))
            median = {name: statistics.median(rates) for name, rates in found.items()}
            told = ", ".join(f"{name} {each:,.0f}/s = {each / median['bare']:.2f}" for name, each in median.items())
            print(f"\ncreate on PostgreSQL, {clients} clients: {told} of bare insert and commit")
    store.close()


def posts(base: str, team: str, key: str, stack: ExitStack) -> Callable[[], Work]:
    url = f"{base}{own.REVIEW_PREFIX}/{team}/reviews"

    def made() -> Work:
        session = stack.enter_context(requests.Session())
        session.headers[own.KEY_HEADER] = key

        def work() -> None:
            answer = session.post(url, json=BODY, timeout=30)
            assert answer.ok, answer.text

        return work

    return made
