"""How long the embedded service takes to start, and what a create costs beside a bare insert of the same rows."""

from __future__ import annotations

import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cmtools as cm
from cmtools.model import Draft
from cmtools.testing import running_service

ROUNDS = 7


def median_of(work: Callable[[int], float]) -> float:
    return statistics.median(work(n) for n in range(ROUNDS))


def test_time_from_serve_to_the_first_answer() -> None:
    def once(_: int) -> float:
        start = time.perf_counter()
        with cm.serve() as service:
            cm.Client(service.url, key=service.key, team=service.team).health()
            return time.perf_counter() - start

    print(f"\ncm.serve() to the first answer: median {median_of(once):.2f} s of {ROUNDS}")


def test_create_beside_a_bare_insert(tmp_path: Path) -> None:
    drafts = [
        Draft(f"https://example.org/{n}.jpg", str(n), metadata=(("a", "True"), ("r", "False"))) for n in range(1000)
    ]
    with running_service(tmp_path / "reviews.db") as service:
        client = service.client()

        def ours(n: int) -> float:
            start = time.perf_counter()
            client.create_reviews(drafts, batch=str(n), progress=False)
            return time.perf_counter() - start

        created = median_of(ours)

    bare = sqlite3.connect(tmp_path / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE reviews (id TEXT PRIMARY KEY, content TEXT, content_id TEXT, metadata TEXT)")

    def insert(n: int) -> float:
        start = time.perf_counter()
        rows = [
            (f"{n}-{draft.content_id}", draft.content, draft.content_id, json.dumps(draft.metadata)) for draft in drafts
        ]
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO reviews VALUES (?, ?, ?, ?)", rows)
        bare.execute("COMMIT")
        return time.perf_counter() - start

    inserted = median_of(insert)
    bare.close()
    ratio = f"{created / inserted:.1f}x"
    print(f"\n1,000 reviews created in {created * 1000:.0f} ms, bare insert {inserted * 1000:.0f} ms: {ratio}")
