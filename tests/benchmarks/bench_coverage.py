"""How often intervals cover the truth, by simulation: for rare positives, and for decisions that go by reviewer.

Each run of a simulation is a slice, so that one agreement measures them all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.counts.table import Counts
from cmtools.analysis.counts.tally import CELLS, SUMS, Tally
from cmtools.analysis.metrics import METRICS
from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.analysis.quality.resolving import resolve
from tests.analysis.plans.audits import audits, population, truth_of
from tests.analysis.plans.audits import coverage as of_audits
from tests.analysis.plans.raters import adjudicated, rated

RUNS = 1000
PLAIN = ("percent_agreement", "precision", "recall", "cohen_kappa", "gwet_ac1")


def agreement_of(cells: np.ndarray, **choices: object) -> Agreement:
    """The agreement of simulated counts of shape (runs, reviewers, 4)."""
    runs, reviewers, _ = cells.shape
    keys = pd.MultiIndex.from_product([range(runs), [f"{i:03d}" for i in range(reviewers)]], names=["run", "_cluster"])
    parts = pd.DataFrame(cells.reshape(-1, 4), columns=list(CELLS), index=keys).reset_index().assign(tag="a")
    parts = parts.reindex(columns=["run", "_cluster", "tag", *SUMS], fill_value=0)
    tally = Tally(parts, ("run",), columns={"cluster": "reviewer"})
    return Agreement(Counts.of(tally, ["a"]), **choices)  # type: ignore[arg-type]


def coverage(table: pd.DataFrame, truth: float) -> float:
    """The share of the intervals there are that hold the truth."""
    found = table.dropna(subset=["low"])
    return float(((found["low"] <= truth) & (truth <= found["high"])).mean())


def of_reviewers(shares: np.ndarray, reviewers: int, each: int, alike: float, seed: int) -> np.ndarray:
    """Counts of reviewers who differ: Dirichlet around these shares, ``alike`` being the correlation within one."""
    generator = np.random.default_rng(seed)
    own = generator.dirichlet(shares * (1 / alike - 1), size=(RUNS, reviewers))
    sizes = generator.poisson(each, size=(RUNS, reviewers)) + 1
    return generator.multinomial(sizes, own)


@pytest.mark.parametrize("positives", [4, 5])
@pytest.mark.parametrize("recall", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("interval", ["auto", "exact"])
def test_recall_of_few_positives_is_covered(positives: int, recall: float, interval: str) -> None:
    prevalence = positives / 500
    shares = [prevalence * recall, 0.02, prevalence * (1 - recall), 0.98 - prevalence]
    cells = np.random.default_rng(3).multinomial(500, shares, size=(RUNS, 1))
    found = coverage(agreement_of(cells, interval=interval).table("recall"), recall)
    print(f"recall {recall} on {positives} expected positives, {interval}: covered {found:.3f}")
    assert found >= 0.92


@pytest.mark.parametrize("reviewers", [10, 20, 40])
@pytest.mark.parametrize("metric", PLAIN)
def test_decisions_by_reviewer_are_covered_where_rows_are_not(reviewers: int, metric: str) -> None:
    shares = np.array([0.2, 0.06, 0.08, 0.66])
    cells = of_reviewers(shares, reviewers, each=40, alike=0.025, seed=5)
    truth = float(METRICS[metric].function(*shares))
    found = {
        interval: coverage(agreement_of(cells, interval=interval).table(metric), truth)
        for interval in ("wilson", "auto", "exact", "bootstrap")
    }
    words = ", ".join(f"{interval} {share:.3f}" for interval, share in found.items())
    print(f"{metric}, {reviewers} reviewers: {words}")
    assert 0.92 <= found["auto"] <= 0.97
    assert found["wilson"] < found["auto"]


@pytest.mark.parametrize("reviewers", [5, 10, 25])
@pytest.mark.parametrize("positives", [4, 5, 12])
def test_recall_of_few_positives_is_covered_where_there_are_reviewers(positives: int, reviewers: int) -> None:
    prevalence, recall = positives / 500, 0.7
    shares = [prevalence * recall, 0.02, prevalence * (1 - recall), 0.98 - prevalence]
    cells = np.random.default_rng(4).multinomial(500 // reviewers, shares, size=(RUNS, reviewers))
    table = agreement_of(cells).table("recall")
    found, width = coverage(table, recall), (table["high"] - table["low"]).mean()
    rows = agreement_of(cells, interval="wilson").table("recall")
    alone = (rows["high"] - rows["low"]).mean()
    wider = f"{width / alone:.2f} times as wide as by rows"
    print(f"recall on {positives} positives, {reviewers} reviewers: covered {found:.3f}, {wider}")
    assert found >= 0.92


SIZES = {"flagged": 2000, "rest": 20_000}


def of_strata(drawn: int, on: dict[str, float], seed: int) -> Counts:
    """Samples of as many from flagged content as from the rest, in which the human tag is on for these shares."""
    generator = np.random.default_rng(seed)
    rows = []
    for stratum, size in SIZES.items():
        positives = generator.hypergeometric(round(size * on[stratum]), size - round(size * on[stratum]), drawn, RUNS)
        named = ("tp", "fp") if stratum == "flagged" else ("fn", "tn")
        counts = pd.DataFrame({named[0]: positives, named[1]: drawn - positives})
        rows.append(counts.assign(run=range(RUNS), _stratum=stratum, tag="a"))
    parts = pd.concat(rows, ignore_index=True).reindex(columns=["run", "_stratum", "tag", *SUMS]).fillna(0)
    return Counts.of(Tally(parts, ("run",), columns={"stratum": "stratum"}), ["a"])


@pytest.mark.parametrize("drawn", [200, 500, 1000])
@pytest.mark.parametrize("missed", [0.02, 0.05])
def test_recall_of_a_stratified_sample_is_covered(drawn: int, missed: float) -> None:
    on = {"flagged": 0.6, "rest": missed}
    positives = {name: SIZES[name] * share for name, share in on.items()}
    recall = positives["flagged"] / sum(positives.values())
    counts = of_strata(drawn, on, seed=6)
    shares = []
    for _, parts in list(counts.tally.parts.groupby("run"))[:200]:  # a sample each: none may lend the others its strata
        alone = Tally(parts, ("run",), columns={"stratum": "stratum"})
        table = Agreement(Counts.of(alone, ["a"]), population=SIZES).table("recall")
        shares.append(coverage(table, recall))
    print(f"recall, {drawn} of each stratum, {missed:.0%} missed: covered {np.mean(shares):.3f}")
    assert np.mean(shares) >= 0.9


@pytest.mark.parametrize("seed", [101, 102, 103, 104])
@pytest.mark.parametrize(("each", "least"), [(2, 0.9), (3, 0.925), (5, 0.925)])
def test_audits_of_several_raters_are_covered(each: int, least: float, seed: int) -> None:
    items = population()
    plan = SamplingPlan.stratified(
        items, score="score", cuts=[0.05, 0.2, 0.5], expected="score", flagged="a", n=1_500, aim="recall",
        allocation="neyman",
    )  # fmt: skip
    truth, names = truth_of(items), ["prevalence", "precision", "recall"]
    drawn = audits(items, plan, 500, seed=seed)
    answers = rated(drawn, each, seed=seed)
    settled = resolve(answers, "adjudication", adjudicated=adjudicated(drawn, seed=seed))
    found = {
        "dawid_skene": plan.estimates(answers, raters="dawid_skene"),
        "adjudication": plan.estimates(settled),
        "majority": plan.estimates(resolve(answers, "majority")),
        "one rater": plan.estimates(answers.drop_duplicates(["tag", "review_id"])),
    }
    for name, estimates in found.items():
        table = estimates.table(names)
        held, means = of_audits(table, truth), table.groupby("metric")["estimate"].mean()
        told = ", ".join(f"{m} {held[m]:.3f} (mean {means[m]:.4f}, truth {truth[m]:.4f})" for m in held.index)
        print(f"{each} of ten raters, {name}: covered {told}")
        assert name in ("majority", "one rater") or (name, each) == ("adjudication", 2) or held.min() >= least
