"""Populations whose truth is known, and many audits of them at once: each audit is a tag of one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.analysis.plans.strata import Layering


def population(n: int = 20_000, seed: int = 7) -> pd.DataFrame:
    """Items with a score that tells something of the truth; auto flags from 0.2 on."""
    rng = np.random.default_rng(seed)
    score = rng.beta(0.35, 6, n)
    return pd.DataFrame(
        {
            "id": [f"i{place}" for place in range(n)],
            "score": score,
            "a": score >= 0.2,
            "human": rng.random(n) < score * 0.9,
            "language": rng.choice(["de", "en"], n, p=[0.3, 0.7]),
            "views": np.ceil(rng.lognormal(2, 1, n)),
        }
    )


def truth_of(items: pd.DataFrame) -> dict[str, float]:
    """The figures of all items."""
    auto, human = items["a"].to_numpy(dtype=bool), items["human"].to_numpy(dtype=bool)
    return {
        "prevalence_human": human.mean(),
        "percent_agreement": (auto == human).mean(),
        "precision": human[auto].mean(),
        "recall": auto[human].mean(),
        "specificity": (~auto)[~human].mean(),
        "f1": 2 * (auto & human).sum() / (auto.sum() + human.sum()),
        "prevalence_by_size": (human * items["views"]).sum() / items["views"].sum(),
    }


def audits(items: pd.DataFrame, plan: SamplingPlan, times: int, seed: int) -> pd.DataFrame:
    """The decisions of so many audits under a plan, each with a draw of its own, as tags ``t0000`` and on."""
    rng = np.random.default_rng(seed)
    names = Layering(plan.by, plan.score, plan.cuts).names(items).to_numpy(dtype=object)
    parts = []
    for stratum in plan.strata:
        at = np.flatnonzero(names == stratum.name)
        rows = rng.permuted(np.tile(at, (times, 1)), axis=1)[:, : stratum.n]
        told = {"tag": np.repeat(np.arange(times), stratum.n), "weight": len(at) / stratum.n, "stratum": stratum.name}
        parts.append(pd.DataFrame({"row": rows.ravel(), **told}))
    drawn = pd.concat(parts, ignore_index=True)
    return decided(items.iloc[drawn["row"]].reset_index(drop=True)).assign(
        tag=drawn["tag"].map("t{:04d}".format), weight=drawn["weight"], stratum=drawn["stratum"]
    )


def decided(drawn: pd.DataFrame) -> pd.DataFrame:
    """What a flawless reviewer decides of drawn items, in the columns of decisions."""
    return drawn.rename(columns={"id": "review_id", "a": "auto"}).assign(tag="a")


def coverage(table: pd.DataFrame, truth: dict[str, float]) -> pd.Series:
    """How often the intervals of each metric hold the truth."""
    aimed = table["metric"].map(truth)
    held = (table["low"] <= aimed + 1e-9) & (aimed <= table["high"] + 1e-9)
    return held.groupby(table["metric"]).mean()
