"""How long an export of decisions takes, from the service to a DataFrame, and how much memory both sides take for it.

``EXPORT_SIZES="1e5 1e6"`` names how many decisions. The rows are put into an SQLite file directly; the service then is
the embedded one, and the client a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import cmtools as cm
from cmtools.store import Connection, open_store
from cmtools.store.dialect import insert_columns
from cmtools.store.tables import answers, leases, reviews, submissions
from cmtools.testing import ManualClock

SIZES = [int(float(size)) for size in os.environ.get("EXPORT_SIZES", "1e5").split()]
TAGS = ("a", "r", "sc", "mm")
OF_A_SUBMISSION = 50
CLIENT = """
import json, resource, sys, time
import cmtools as cm
import cmtools.analysis.sources.chunks
url, key, team = sys.argv[1:]
client = cm.Client(url, key=key, team=team)
client.health()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, spent = time.perf_counter(), time.process_time()
table = client.decisions()
seconds, spent = time.perf_counter() - start, time.process_time() - spent
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = table.memory_usage(deep=True).sum() / 2**20
print(json.dumps([len(table), seconds, spent, before / 1024, after / 1024, size]))
"""


def insert(connection: Connection, numbers: range, judged: list[list[tuple[str, float]]]) -> None:
    """Put complete reviews into the tables, with all that belongs to them."""
    now, of_team = ManualClock()(), {"team": "demo", "type": "Image"}
    ids = [f"202601i{number:032x}" for number in numbers]
    given = [f"s{number // OF_A_SUBMISSION:031d}" for number in numbers]
    made = sorted(set(given))
    reviewer = [f"r{int(each[1:]) % 10}" for each in made]
    tagged = ([(tag, str(score > 0.5)) for tag, score in each] for each in judged)
    scored = ([(f"{tag}.score", f"{score:.3f}") for tag, score in each] for each in judged)
    columns = {
        "id": ids,
        "content": [f"https://example.org/{number}.jpg" for number in numbers],
        "content_id": [f"photo-{number}" for number in numbers],
        "metadata": [[*one, *other] for one, other in zip(tagged, scored, strict=True)],
        "submission_id": given,
    }
    shared = {**of_team, "subteam": "public", "status": "Complete", "weight": 1.0, "created_by": "bench"}
    insert_columns(connection, reviews, {**shared, "created_at": now, "decided_at": now}, columns)
    ended = {**of_team, "token_digest": "-", "created_at": now, "expires_at": now, "ended_as": "submitted"}
    insert_columns(connection, leases, ended, {"id": made, "reviewer": reviewer})
    final = {"team": "demo", "digest": "-", "created_at": now, "final_at": now, "state": "final"}
    insert_columns(connection, submissions, final, {"id": made, "lease_id": made, "reviewer": reviewer})
    rows = [(*pair, at, tag) for pair in zip(ids, given, strict=True) for at, tag in enumerate(TAGS)]
    of_answers = dict(zip(("review_id", "submission_id", "position", "tag"), zip(*rows, strict=True), strict=True))
    chance = random.Random(numbers.start)
    said = [chance.random() > 0.5 for _ in rows]
    insert_columns(connection, answers, {"frame": ""}, {**of_answers, "value": said})


def fill(path: Path, count: int) -> None:
    """Complete reviews with so many decisions in all, by four tags and ten reviewers."""
    chance = random.Random(1)
    store = open_store(path)
    for start in range(0, count // len(TAGS), 10_000):
        numbers = range(start, min(start + 10_000, count // len(TAGS)))
        judged = [[(tag, chance.random()) for tag in ("a", "r")] for _ in numbers]
        store.write(partial(insert, numbers=numbers, judged=judged))
    store.close()


def peak_mb(pid: int) -> float:
    """The most memory that a process ever had."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """What a process has spent so far; on a busy machine it says more than the clock."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("count", SIZES)
def test_export_of_decisions(tmp_path: Path, count: int) -> None:
    path = tmp_path / "reviews.db"
    with cm.serve(path) as service:
        client = cm.Client(service.url, key=service.key, team=service.team)
        for tag in TAGS[2:]:
            client.add_tag(tag)
    fill(path, count)
    with cm.serve(path) as service:
        client = cm.Client(service.url, key=service.key, team=service.team)
        client.counts()
        before, spent = peak_mb(service.pid), cpu_seconds(service.pid)
        arguments = [sys.executable, "-c", CLIENT, service.url, service.key, service.team]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        rows, seconds, theirs, idle, peak, table = json.loads(done.stdout)
        ours = cpu_seconds(service.pid) - spent
        print(
            f"\n{rows:,} decisions to a DataFrame: {seconds:.2f} s "
            f"(processor: client {theirs:.2f} s, service {ours:.2f} s); "
            f"peaks: client {peak:.0f} MB ({idle:.0f} before; the table is {table:.0f}), "
            f"service {peak_mb(service.pid):.0f} MB ({before:.0f} before)"
        )
        assert rows == count
