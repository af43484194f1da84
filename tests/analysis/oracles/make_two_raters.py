"""Writes two_raters.json: what irrCAC and statsmodels say of tables of two raters, in the environment of `make bench`.

.venv-peers/bin/python tests/analysis/oracles/make_two_raters.py
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from irrCAC.table import CAC
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

TABLES = 40
LEVELS = (0.9, 0.95, 0.99)


def tables() -> list[list[int]]:
    """Counts tp, fp, fn, tn: common and rare tags, few decisions and many."""
    random = np.random.default_rng(8)
    shares = random.dirichlet([1, 0.3, 0.3, 4], TABLES)
    sizes = random.choice([30, 300, 5000, 400_000], TABLES)
    drawn = [random.multinomial(n, share) for n, share in zip(sizes, shares, strict=True)]
    return [[int(count) for count in table] for table in drawn if (table > 0).all()]


def said(counts: list[int]) -> dict[str, Any]:
    """Estimates and errors of the coefficients, and intervals of the share that agrees."""
    tp, fp, fn, tn = counts
    kappa = cohens_kappa(np.array([[tp, fp], [fn, tn]]))
    rated = CAC(pd.DataFrame([[tp, fp], [fn, tn]]), digits=15)
    found: dict[str, Any] = {"counts": counts, "cohen_kappa": [float(kappa.kappa), float(kappa.std_kappa)]}
    asked = {"gwet_ac1": rated.gwet, "krippendorff_alpha": rated.krippendorff, "brennan_prediger": rated.bp}
    for name, ask in asked.items():
        answer = ask()["est"]
        found[name] = [float(np.squeeze(answer[part])) for part in ("coefficient_value", "se")]
    for name, method in (("wilson", "wilson"), ("clopper_pearson", "beta")):
        bounds = [proportion_confint(tp, tp + fn, alpha=1 - level, method=method) for level in LEVELS]
        found[name] = [[float(end) for end in pair] for pair in bounds]
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    document = {
        "made_with": {name: version(name) for name in ("irrCAC", "statsmodels", "scipy", "numpy", "pandas")},
        "levels": LEVELS,
        "tables": [said(counts) for counts in tables()],
    }
    Path(__file__).with_name("two_raters.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
