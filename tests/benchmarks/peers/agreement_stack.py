"""The same table by statsmodels and irrCAC, cell by cell: ``python agreement_stack.py decisions.parquet``.

It runs in the peers' environment, imports nothing of ours, and prints JSON: seconds, and the values of every cell.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from irrCAC.table import CAC
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

SHARES = {
    "percent_agreement": ("tp+tn", "n"),
    "precision": ("tp", "tp+fp"),
    "recall": ("tp", "tp+fn"),
    "specificity": ("tn", "tn+fp"),
    "npv": ("tn", "tn+fn"),
    "prevalence_auto": ("tp+fp", "n"),
    "prevalence_human": ("tp+fn", "n"),
}


def measure(table: pd.DataFrame) -> dict[str, list[float]]:
    """Estimate, low and high (or standard error) of each metric of one square table."""
    (tp, fp), (fn, tn) = table.to_numpy()
    counts = {"tp": tp, "fp": fp, "fn": fn, "tn": tn, "n": tp + fp + fn + tn}
    found = {}
    for name, parts in SHARES.items():
        k, n = (sum(counts[part] for part in sum_.split("+")) for sum_ in parts)
        found[name] = [k / n, *proportion_confint(k, n, method="wilson")]
    found["f1"] = [2 * tp / (2 * tp + fp + fn)]
    kappa = cohens_kappa(table.to_numpy())
    found["cohen_kappa"] = [kappa.kappa, kappa.kappa_low, kappa.kappa_upp]
    rated = CAC(table, digits=15)
    for name, ask in (
        ("gwet_ac1", rated.gwet),
        ("krippendorff_alpha", rated.krippendorff),
        ("brennan_prediger", rated.bp),
    ):
        said = ask()["est"]
        found[name] = [said["coefficient_value"], said["se"]]
    return {name: [float(np.squeeze(value)) for value in values] for name, values in found.items()}


def main() -> None:
    """Read, measure each cell, print."""
    warnings.simplefilter("ignore")
    frame = pd.read_parquet(sys.argv[1]).astype({"tag": "category", "subteam": "category"})
    cells = {}
    start = time.perf_counter()
    for (tag, subteam), group in frame.groupby(["tag", "subteam"], observed=True):
        table = pd.crosstab(group["auto"], group["human"]).reindex(index=[True, False], columns=[True, False])
        cells[f"{subteam} {tag}"] = measure(table.fillna(0).astype(int))
    print(json.dumps({"seconds": time.perf_counter() - start, "cells": cells}))


if __name__ == "__main__":
    main()
