"""How long the figures of a dashboard take in a database of a million reviews, next to counting them one by one.

Run it with ``pytest -s tests/benchmarks/bench_activity.py``; CMTOOLS_BENCH_REVIEWS sets how many.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from cmtools.store import activity, open_store
from cmtools.store.submissions import SubmissionRow

REVIEWS = int(os.environ.get("CMTOOLS_BENCH_REVIEWS", "1000000"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = int(NOW.timestamp() * 1_000_000)
PER_SUBMISSION = 20
FILL = (
    f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {REVIEWS - 1}) "
    "INSERT INTO reviews (id, team, subteam, type, status, content, content_id, metadata, weight, created_by, "
    "created_at, auto_on, submission_id) SELECT 'r' || i, 't', CASE i % 3 WHEN 0 THEN 'legal' ELSE 'public' END, "
    "CASE i % 5 WHEN 0 THEN 'Text' ELSE 'Image' END, CASE WHEN i % 2 THEN 'Complete' ELSE 'Pending' END, 'x', i, '[]', "
    f"1.0, 'me', {MOMENT}, CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'a r' ELSE '' END, "
    f"CASE WHEN i % 2 THEN 's' || (i / {PER_SUBMISSION}) END FROM n"
)
SUBMISSIONS = (
    f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {REVIEWS // PER_SUBMISSION - 1}) "
    "INSERT INTO submissions (id, team, lease_id, reviewer, digest, created_at, final_at, state) "
    f"SELECT 's' || i, 't', 'l', 'reviewer' || (i % 50), '', {MOMENT} - i * 60000000, {MOMENT}, 'final' FROM n"
)
TALLIES = (
    "INSERT INTO tallies SELECT s.team, '', s.reviewer, date(s.created_at / 1000000, 'unixepoch'), count(*), 0 "
    "FROM submissions s JOIN reviews r ON r.submission_id = s.id GROUP BY 1, 2, 3, 4"
)
BY_HAND = (
    "SELECT s.reviewer, count(*) FROM submissions s JOIN reviews r ON r.submission_id = s.id "
    "WHERE s.team = 't' AND s.state = 'final' GROUP BY 1"
)


def took(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times)


def test_figures_of_a_million_reviews(tmp_path: Path) -> None:
    store = open_store(tmp_path / "reviews.db")
    for statement in (FILL, SUBMISSIONS, TALLIES, "ANALYZE"):
        store.write(lambda connection, statement=statement: connection.execute(sa.text(statement)))
    parts: dict[str, Callable[[], object]] = {
        "by queue": lambda: store.read(lambda at: activity.queues(at, "t")),
        "by reviewer": lambda: store.read(lambda at: activity.reviewers(at, "t", NOW)),
        "by tag": lambda: store.read(lambda at: activity.tags(at, "t", ["a", "r"])),
        "by reviewer, counted by hand": lambda: store.read(lambda at: at.execute(sa.text(BY_HAND)).all()),
    }
    print(f"\n{REVIEWS:,} reviews, median of 3")
    for name, work in parts.items():
        print(f"  {name:30} {took(work) * 1000:8.1f} ms")
    row = SubmissionRow("s1", "t", "l", "reviewer1", "", NOW, NOW, "final")
    cost = took(lambda: store.write(lambda at: activity.tally(at, [(row, PER_SUBMISSION)])))
    print(f"  {'tally of one submission':30} {cost * 1000:8.1f} ms")
    store.close()
