"""Writes raters.json: what irrCAC and krippendorff say of several raters. Run it in an environment that has the two.

Neither is installed with the project, which only reads what they said.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC

WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")
METHODS = {
    "gwet_ac1": "gwet",
    "fleiss_kappa": "fleiss",
    "conger_kappa": "conger",
    "brennan_prediger": "bp",
    "krippendorff_alpha": "krippendorff",
}
FOUR_RATERS = [  # Gwet's table of four raters and twelve units
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, None],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def made(seed: int, raters: int, items: int, values: int, skill: float, missing: float) -> list[list[Any]]:
    """Ratings of raters who know the true value with probability ``skill``, else guess."""
    random = np.random.default_rng(seed)
    true = random.integers(1, values + 1, items)
    said = np.where(random.random((raters, items)) < skill, true, random.integers(1, values + 1, (raters, items)))
    gone = random.random((raters, items)) < missing
    rows = zip(said.tolist(), gone.tolist(), strict=True)
    return [[None if lost else value for value, lost in zip(*row, strict=True)] for row in rows]


TABLES = {
    "four raters": FOUR_RATERS,
    "two raters, none missing": made(1, 2, 40, 3, 0.7, 0.0),
    "three raters, two values": made(2, 3, 50, 2, 0.6, 0.1),
    "five raters, many missing": made(3, 5, 60, 4, 0.8, 0.5),
    "six raters who guess": made(4, 6, 30, 5, 0.0, 0.2),
    "eight raters, most units rated once": made(5, 8, 80, 3, 0.9, 0.85),
}


def of_table(rows: list[list[Any]]) -> dict[str, Any]:
    """Every coefficient and its error by weights, and alpha by scale."""
    array = np.array(rows, dtype=float)
    categories = sorted(set(array[~np.isnan(array)].tolist()))
    found: dict[str, Any] = {"ratings": rows, "weights": {}, "alpha": {}}
    for weights in WEIGHTS:
        cac = CAC(pd.DataFrame(array.T), weights=weights, categories=categories, digits=15)
        found["weights"][weights] = {}
        for name, method in METHODS.items():
            said = getattr(cac, method)()["est"]
            numbers = [said["coefficient_value"], said["se"], *said["confidence_interval"]]
            found["weights"][weights][name] = [float(number) for number in numbers]
    for scale in ("nominal", "ordinal", "interval", "ratio"):
        found["alpha"][scale] = float(krippendorff.alpha(array, level_of_measurement=scale))
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    versions = {name: version(name) for name in ("irrCAC", "krippendorff", "numpy", "pandas")}
    document = {"made_with": versions, "tables": {name: of_table(rows) for name, rows in TABLES.items()}}
    target = Path(__file__).parent / "raters.json"
    target.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
