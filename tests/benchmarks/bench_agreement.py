"""Agreement of 10 tags in 20 slices beside statsmodels with irrCAC, and beside duckdb's own scan of the columns.

BENCH_SIZES says for how many decisions ("1e6 1e7 1e8" for the whole, which takes some minutes).
The peers run in an environment of their own, which `make bench` makes; without it those lines are left out.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.intervals import gwet_ac1_variance, krippendorff_alpha_variance

SIZES = [int(float(size)) for size in (os.environ.get("BENCH_SIZES") or "1e6").split()]
PEERS = Path(os.environ.get("BENCH_PEERS", ".venv-peers/bin/python"))
STACK = Path(__file__).parent / "peers" / "agreement_stack.py"
MOST_FOR_A_FRAME = 10_000_000
ROUNDS = 9
MOST_MEGABYTES = 400


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size:.0e}")
def decisions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """How many decisions, and the Parquet file that holds them."""
    size: int = request.param
    path = str(tmp_path_factory.mktemp("decisions") / "decisions.parquet")
    row = (
        "'t' || (hash(i) % 10) AS tag, 's' || (hash(i + 7) % 20) AS subteam, 'r' || (hash(i // 5) % 50) AS reviewer, "
        "hash(i + 1) % 10 < 2 AS auto, (hash(i + 1) % 10 < 2) <> (hash(i + 5) % 10 = 0) AS human"
    )
    duckdb.sql(f"COPY (SELECT {row} FROM range({size}) t(i)) TO '{path}' (FORMAT parquet)")
    return size, path


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def as_frame(path: str) -> pd.DataFrame:
    """The decisions as `Client.decisions` gives them: tags and slices are categories."""
    frame = duckdb.sql(f"SELECT tag, subteam, auto, human FROM '{path}'").df()
    return frame.astype({"tag": "category", "subteam": "category"})


def table_of(source: Any, **choices: Any) -> pd.DataFrame:
    return Agreement(source, by="subteam", **choices).table()


def test_beside_statsmodels_and_irrcac(decisions: tuple[int, str]) -> None:
    size, path = decisions
    if size > MOST_FOR_A_FRAME or not PEERS.exists():
        pytest.skip(
            "the peers hold all of it in memory" if PEERS.exists() else "make bench makes the peers' environment"
        )
    frame = as_frame(path)
    found = table_of(frame, cluster=None)  # and duckdb is warm
    ours = median_seconds(lambda: table_of(frame, cluster=None))
    answer = subprocess.run([PEERS, STACK, path], capture_output=True, text=True, check=True)
    theirs = json.loads(answer.stdout)
    print(f"\n{size:,} decisions: {ours:.3f} s, the peers {theirs['seconds']:.2f} s: {theirs['seconds'] / ours:.0f}x")
    assert_equal(found, theirs["cells"], Agreement(frame, by="subteam", cluster=None).counts)


def assert_equal(found: pd.DataFrame, cells: dict[str, dict[str, list[float]]], counts: pd.DataFrame) -> None:
    """Every estimate, every interval and error that the peers have, within 1e-9."""
    rows = found.set_index(["subteam", "tag", "metric"])
    spreads = {"gwet_ac1": gwet_ac1_variance, "krippendorff_alpha": krippendorff_alpha_variance}
    tables = counts.set_index(["subteam", "tag"])[["tp", "fp", "fn", "tn"]]
    for cell, measures in cells.items():
        subteam, tag = cell.split()
        for name, (estimate, *rest) in measures.items():
            row = rows.loc[(subteam, tag, name)]
            assert row["estimate"] == pytest.approx(estimate, abs=1e-9), (cell, name)
            if len(rest) == 2:
                assert [row["low"], row["high"]] == pytest.approx(rest, abs=1e-9), (cell, name)
            if name in spreads:
                error = float(np.sqrt(spreads[name](*tables.loc[(subteam, tag)])))
                assert error == pytest.approx(rest[0], abs=1e-9), (cell, name)


@pytest.mark.parametrize("container", ["parquet", "pandas"])
def test_beside_a_scan_by_duckdb(decisions: tuple[int, str], container: str) -> None:
    size, path = decisions
    if container == "pandas" and size > MOST_FOR_A_FRAME:
        pytest.skip("too many for a frame")
    source: Any = path if container == "parquet" else as_frame(path)
    connection = duckdb.connect()
    connection.register("decisions", source) if container == "pandas" else connection.execute(
        f"CREATE VIEW decisions AS FROM '{path}'"
    )
    scans = {
        "scan (min of each column)": "SELECT min(tag), min(subteam), min(auto), min(human) FROM decisions",
        "bare GROUP BY": "SELECT tag, subteam, auto, human, count(*) FROM decisions GROUP BY ALL",
    }
    table_of(source, cluster=None)
    ours = median_seconds(lambda: table_of(source, cluster=None))
    for name, query in scans.items():
        bare = median_seconds(lambda query=query: connection.execute(query).fetchall())
        print(f"\n{size:,} decisions, {container}: {ours:.3f} s, {ours / bare:.2f}x of duckdb's {name} ({bare:.3f} s)")
    if container == "parquet":
        by_reviewer = median_seconds(lambda: table_of(source), 3)
        print(f"\n{size:,} decisions, {container}, by reviewer: {by_reviewer:.3f} s")


def test_bootstrap_costs_the_same_at_any_size(decisions: tuple[int, str]) -> None:
    size, path = decisions
    agreements = {interval: Agreement(path, by="subteam", interval=interval) for interval in ("auto", "bootstrap")}

    def table(interval: str) -> None:
        agreements[interval].__dict__.pop("design", None)  # or it would be made but once
        agreements[interval].table()

    taken = {interval: median_seconds(lambda interval=interval: table(interval)) for interval in agreements}
    print(f"\n{size:,} decisions: 1,000 replicates of 200 cells take {taken['bootstrap'] - taken['auto']:.3f} s more")


def test_memory_is_flat(decisions: tuple[int, str]) -> None:
    """The peak of a fresh process that does nothing else."""
    size, path = decisions
    code = (
        "import re, time\n"
        "from pathlib import Path\n"
        "from cmtools.analysis.agreement import Agreement\n"
        "start = time.perf_counter()\n"
        f"Agreement({path!r}, by='subteam', cluster=None).table()\n"
        "taken = time.perf_counter() - start\n"
        "print(taken, int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    seconds, megabytes = (float(word) for word in said)
    print(f"\n{size:,} decisions from Parquet: {seconds:.2f} s in a fresh process, {megabytes:.0f} MB at most")
    assert megabytes < MOST_MEGABYTES
