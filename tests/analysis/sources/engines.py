"""Decisions of every kind of trouble, and the counts that every engine must give for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cmtools.analysis.agreement import Agreement

READINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "sliced": {"by": ["subteam", "week"]},
    "silent left out": {"by": "subteam", "absent": "missing"},
    "threshold": {"by": "subteam", "threshold": {"r": 0.7}, "absent": "missing"},
    "some tags": {"tags": ["r", "a"]},
    "weighted": {"by": "subteam", "weights": "weight", "strata": "stratum"},
    "no cluster": {"cluster": None},
    "blind only": {"blind": "only"},
}


def troubled_decisions(n: int = 600) -> pd.DataFrame:
    """Decisions with gaps, spellings, weights, strata, NaN scores and reviews that are not complete."""
    rng = np.random.default_rng(11)
    score = np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 1000, n) / 1000)
    words = np.array(["True", " yes", "1", "off", "FALSE", "", None], dtype=object)
    return pd.DataFrame(
        {
            "review_id": [f"{i // 3:04d}" for i in range(n)],
            "tag": rng.choice(["a", "r", "o'hara"], n),
            "subteam": rng.choice(np.array(["public", "night", None], dtype=object), n),
            "week": rng.integers(1, 4, n),
            "auto": words[rng.integers(0, len(words), n)],
            "auto_given": rng.random(n) < 0.9,
            "score": score,
            "human": words[rng.choice(len(words), n, p=[0.2, 0.2, 0.1, 0.2, 0.2, 0.05, 0.05])],
            "reviewer": rng.choice(["ana", "bo", "cem", "dee", "eve", "fay"], n),
            "status": rng.choice(["Complete", "complete", "Pending"], n, p=[0.5, 0.4, 0.1]),
            "blind": rng.random(n) < 0.5,
            "weight": rng.choice([1.0, 2.5, 20.0], n),
            "stratum": rng.choice(["flagged", "rest"], n),
        }
    )


def assert_same(local: Any, remote: Any, reading: dict[str, Any]) -> None:
    """Both sources give the same integers, and with them the same table."""
    here, there = Agreement(local, **reading), Agreement(remote, **reading)
    pd.testing.assert_frame_equal(pd.DataFrame(here.counts), pd.DataFrame(there.counts))
    pd.testing.assert_frame_equal(here.table(), there.table())
    assert (here.left_out, here.undecided) == (there.left_out, there.undecided)
