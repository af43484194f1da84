"""How often intervals from designed samples cover the truth, beside those of weights alone and of no weights.

Each audit is a tag, so that one call estimates them all.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.plans.plan import SamplingPlan
from tests.analysis.plans.audits import audits, coverage, population, truth_of

AUDITS = 2_000
FIGURES = ("prevalence_human", "percent_agreement", "precision", "recall")
PLANS: dict[str, dict[str, Any]] = {
    "proportional, 1,500 of 20,000": {"n": 1_500},
    "neyman for recall, 1,500": {"n": 1_500, "aim": "recall", "allocation": "neyman"},
    "neyman for recall, 300": {"n": 300, "aim": "recall", "allocation": "neyman"},
    "neyman for precision, 300": {"n": 300, "aim": "precision", "allocation": "neyman"},
    "flagged whole, 1,800": {"n": 1_800, "certainty": ("0.2 ≤ score < 0.5", "score ≥ 0.5")},
}


@pytest.mark.parametrize("name", PLANS)
def test_intervals_cover_the_truth_under_every_plan(name: str) -> None:
    items = population()
    truth = truth_of(items)
    bands: dict[str, Any] = {"score": "score", "cuts": [0.05, 0.2, 0.5], "expected": "score", "flagged": "a"}
    plan = SamplingPlan.stratified(items, **bands, **PLANS[name])
    frame = audits(items, plan, AUDITS, seed=11)
    start = time.perf_counter()
    own = coverage(plan.estimates(frame).table(FIGURES), truth)
    spent = time.perf_counter() - start
    sizes = {stratum.name: stratum.population for stratum in plan.strata}
    linear = coverage(Agreement(frame, cluster=False, population=sizes).table(FIGURES), truth)
    naive = coverage(Agreement(frame, cluster=False, weights=False, strata=False).table(FIGURES), truth)
    print(f"\n{name}: {AUDITS:,} audits in {spent:.1f} s; covered by score | effective sample size | no weights")
    for metric in FIGURES:
        print(f"  {metric:18} {own[metric]:.3f} | {linear[metric]:.3f} | {naive[metric]:.3f}")
    assert own.between(0.93, 1).all()
