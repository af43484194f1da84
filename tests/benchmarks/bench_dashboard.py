"""How soon the dashboard answers: a choice in a million decisions, from the message to the answer as JSON.

BENCH_SIZES says for how many decisions ("1e6" unless given).
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.widgets.dashboard import AgreementDashboard

SIZES = [int(float(size)) for size in (os.environ.get("BENCH_SIZES") or "1e6").split()]
ROUNDS = 15
MOST_MILLISECONDS = 100


def decisions(n: int, tags: int) -> pd.DataFrame:
    """Decisions in 20 slices by 12 reviewers."""
    rng = np.random.default_rng(0)
    score = rng.random(n).round(4)
    return pd.DataFrame(
        {
            "review_id": [f"{i:08d}" for i in range(n)],
            "content_id": [f"photo-{i}" for i in range(n)],
            "subteam": pd.Categorical.from_codes(rng.integers(0, 20, n), [f"team{i}" for i in range(20)]),
            "tag": pd.Categorical.from_codes(rng.integers(0, tags, n), [f"t{i}" for i in range(tags)]),
            "auto": score > 0.5,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": pd.Categorical.from_codes(rng.integers(0, 12, n), [f"r{i}" for i in range(12)]),
        }
    )


CHOICES: dict[str, list[dict[str, Any]]] = {
    "threshold": [{"threshold": step / 100} for step in range(30, 71, 7)],
    "measure": [{"measure": name} for name in ("recall", "mcc", "gwet_ac1")],
    "slice": [{"slice": place} for place in (1, 5, 9)],
    "column": [{"by": None}, {"by": "reviewer"}, {"by": "subteam"}],
}


@pytest.mark.parametrize("tags", [10, 1])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size:.0e}")
def test_answers(size: int, tags: int) -> None:
    start = time.perf_counter()
    dashboard = AgreementDashboard(decisions(size, tags), by=["subteam", "reviewer"])
    made = time.perf_counter() - start
    sent: list[str] = []
    dashboard.send = lambda content, buffers=None: sent.append(json.dumps(content))  # type: ignore[method-assign]
    print(f"\n{size:,} decisions, {tags} tags; made (with the table) in {made:.1f} s; load {os.getloadavg()[0]:.1f}")
    for name, choices in CHOICES.items():
        times, busy = [], []
        for choice in itertools.islice(itertools.cycle(choices), ROUNDS):
            began, worked = time.perf_counter(), time.process_time()
            dashboard._handle_custom_msg({"type": "choose", "page": "p", "n": 1, **choice}, [])
            times.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - worked))
        bytes_ = len(sent[-1])
        middle = statistics.median(times)
        print(f"  {name:10s} {middle:6.0f} ms (CPU {statistics.median(busy):4.0f} ms), {bytes_:,} bytes")
        assert statistics.median(busy) < MOST_MILLISECONDS
    assert '"error"' not in "".join(sent)
