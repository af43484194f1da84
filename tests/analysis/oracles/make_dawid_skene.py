"""Writes dawid_skene.json: what crowd-kit says of made labels. Run it in an environment that has crowd-kit."""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene

SKILLS = {"ana": 0.9, "bo": 0.8, "cy": 0.75, "di": 0.6, "ed": 0.4}

ROUNDS = 12
"""It is held to these: what it watches is not the likelihood, and may fall before it has settled."""


def labels(tasks: int = 80, seed: int = 2) -> list[tuple[int, str, str]]:
    """Labels by workers who know the true class with the probability above, else guess; a fifth is missing."""
    random = np.random.default_rng(seed)
    classes = ["cat", "dog", "owl"]
    true = random.choice(classes, tasks, p=[0.5, 0.3, 0.2])
    return [
        (task, worker, str(true[task] if random.random() < skill else random.choice(classes)))
        for task in range(tasks)
        for worker, skill in SKILLS.items()
        if random.random() < 0.8
    ]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = labels()
    model = DawidSkene(n_iter=ROUNDS, tol=-1.0).fit(pd.DataFrame(given, columns=["task", "worker", "label"]))
    order = ["cat", "dog", "owl"]
    document = {
        "made_with": {name: version(name) for name in ("crowd-kit", "numpy", "pandas")},
        "rounds": len(model.loss_history_),
        "labels": given,
        "marginals": model.priors_[order].tolist(),
        "confusion": {
            worker: [[float(model.errors_.loc[(worker, said), true]) for said in order] for true in order]
            for worker in SKILLS
        },
        "probabilities": model.probas_.sort_index()[order].to_numpy().round(12).tolist(),
    }
    target = Path(__file__).parent / "dawid_skene.json"
    target.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
