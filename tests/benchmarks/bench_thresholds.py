"""Thresholds of a million decisions: a what-if row for every score, beside scikit-learn's precision and recall.

scikit-learn's curve has no intervals, no cost and no people; without it the peer is a plain NumPy sort with two sums.
It sorts each time; ours are sorted once, when they are read.
BENCH_SIZES says for how many decisions.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.thresholds.choosing import Thresholds

SIZES = [int(float(size)) for size in (os.environ.get("BENCH_SIZES") or "1e6").split() if float(size) <= 1e7]
ROUNDS = 7


def seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def sorted_sums(human: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall at every score, the plain way."""
    order = np.argsort(-score, kind="stable")
    found = np.cumsum(human[order])
    return found / np.arange(1, len(found) + 1), found / found[-1]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size:.0e}")
def test_a_what_if_table_beside_a_curve_without_intervals(size: int) -> None:
    rng = np.random.default_rng(1)
    score = rng.random(size)
    human = rng.random(size) < score**2
    ids = [f"{number:012d}" for number in range(size)]
    frame = pd.DataFrame({"review_id": ids, "tag": "r", "auto": score >= 0.5, "human": human, "score": score})
    thresholds = Thresholds(frame)
    has_peer = find_spec("sklearn") is not None
    peer = import_module("sklearn.metrics").precision_recall_curve if has_peer else sorted_sums
    ours = {
        "what-if table": lambda: thresholds.what_if(half="both"),
        "reading and halving": lambda: Thresholds(frame),
        "auto-close with its promise": lambda: thresholds.auto_close(0.05),
    }
    theirs = seconds(lambda: peer(human, score))
    print(f"\n{size:,} decisions; {'scikit-learn' if has_peer else 'NumPy'} curve {theirs:.2f} s")
    taken = {name: seconds(work) for name, work in ours.items()}
    for name, mine in taken.items():
        print(f"{name}: {mine:.2f} s, {mine / theirs:.1f} times the curve alone")
    table = thresholds.what_if(half="both").set_index("threshold")
    precision = sorted_sums(human, score)[0]
    lowest = np.argsort(-score, kind="stable")[size // 2]
    assert table.loc[score[lowest], "precision"] == pytest.approx(precision[size // 2])
    assert taken["what-if table"] < 3 * size / 1e6 + 1
