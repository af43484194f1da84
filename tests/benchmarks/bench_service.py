"""How long the embedded service takes to start, and what a create costs beside a bare insert of the same rows."""

from __future__ import annotations

import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import requests

import cmtools as cm

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
    """One POST of 1,000 reviews, and the rows that it made put into a bare file: the table alone, and with indexes."""
    items = [
        {
            "Type": "Image",
            "Content": f"https://example.org/{n}.jpg",
            "ContentId": str(n),
            "Metadata": [{"Key": "a", "Value": "True"}, {"Key": "r", "Value": "False"}],
        }
        for n in range(1000)
    ]
    body = json.dumps(items).encode()
    with cm.serve(tmp_path / "reviews.db") as service, requests.Session() as session:
        session.headers.update({"Ocp-Apim-Subscription-Key": service.key, "Content-Type": "application/json"})
        url = f"{service.url}/contentmoderator/review/v1.0/teams/{service.team}/reviews"

        def post(_: int) -> float:
            start = time.perf_counter()
            assert session.post(url, data=body).ok
            return time.perf_counter() - start

        post(0)
        created = median_of(post)
    for indexed in (False, True):
        inserted = median_of(bare_insert(tmp_path, indexed))
        most = 1.5 * inserted + 0.030
        name = "with its indexes" if indexed else "the table alone"
        print(
            f"\n1,000 reviews: POST {created * 1000:.0f} ms; bare insert, {name}, {inserted * 1000:.1f} ms: "
            f"{created / inserted:.1f}x; 1.5x and 30 ms are {most * 1000:.0f} ms"
        )


def bare_insert(folder: Path, indexed: bool) -> Callable[[int], float]:
    """Insert the newest 1,000 reviews of the service's file into an empty one, in one transaction."""
    source = sqlite3.connect(folder / "reviews.db")
    names = [row[1] for row in source.execute("PRAGMA table_info(reviews)") if row[1] != "sequence"]
    rows = source.execute(f"SELECT {', '.join(names)} FROM reviews ORDER BY sequence DESC LIMIT 1000").fetchall()
    schema = source.execute("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'reviews' AND sql IS NOT NULL")
    definitions = sorted(schema, reverse=True)  # the table before its indexes
    source.close()

    def insert(n: int) -> float:
        bare = sqlite3.connect(folder / f"bare-{indexed}-{n}.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        for kind, sql in definitions:
            if indexed or kind == "table":
                bare.execute(sql)
        statement = f"INSERT INTO reviews ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        start = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany(statement, rows)
        bare.execute("COMMIT")
        took = time.perf_counter() - start
        bare.close()
        return took

    return insert
