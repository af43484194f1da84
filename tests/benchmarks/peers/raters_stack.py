"""Several raters by krippendorff, irrCAC and crowd-kit: ``python raters_stack.py ratings.parquet``.

It runs in the peers' environment, imports nothing of ours, and prints JSON: seconds of the processor, and what they
found.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene
from irrCAC.raw import CAC

METHODS = {
    "gwet_ac1": "gwet",
    "fleiss_kappa": "fleiss",
    "conger_kappa": "conger",
    "brennan_prediger": "bp",
    "krippendorff_alpha": "krippendorff",
}


def timed(work: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """The median of the processor's seconds that it takes, and what it gives."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        found = work()
        taken.append(time.process_time() - start)
    return statistics.median(taken), found


def every_coefficient(wide: pd.DataFrame) -> dict[str, list[float]]:
    """Estimate and standard error of each coefficient; irrCAC is told the values, for it counts "missing" as one."""
    values = sorted(set(wide.to_numpy()[wide.notna().to_numpy()].tolist()))
    rated = CAC(wide, categories=values, digits=15)
    said = {name: getattr(rated, method)()["est"] for name, method in METHODS.items()}
    return {name: [float(one["coefficient_value"]), float(one["se"])] for name, one in said.items()}


def main() -> None:
    """Read, measure, print."""
    warnings.simplefilter("ignore")
    frame = pd.read_parquet(sys.argv[1])
    pivot, wide = timed(lambda: frame.pivot(index="task", columns="worker", values="label"), 3)
    array = wide.to_numpy(dtype=float).T.copy()
    alpha, value = timed(lambda: krippendorff.alpha(array, level_of_measurement="nominal"), 9)
    irrcac, coefficients = timed(lambda: every_coefficient(wide), 3)
    alone, _ = timed(lambda: CAC(wide, categories=[1.0, 2.0, 3.0, 4.0, 5.0], digits=15).gwet(), 5)
    labels = frame[["task", "worker", "label"]]
    skene, found = timed(lambda: DawidSkene(n_iter=1000).fit(labels), 1)
    true = frame.groupby("task")["true"].first()
    seconds = {"pivot": pivot, "krippendorff": alpha, "irrcac": irrcac, "irrcac_ac1": alone, "crowdkit": skene}
    answer = {
        "seconds": seconds,
        "alpha": float(value),
        "coefficients": coefficients,
        "accuracy": float(np.mean(found.labels_.reindex(true.index) == true)),
        "rounds": len(found.loss_history_),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
