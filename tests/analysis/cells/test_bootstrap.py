"""Resamples vary as the formulas say, cost the same at any size, and are the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.cells.bootstrap import MOST_CLUSTERS, REPLICATES
from tests.analysis.cells.test_design import decisions

METRICS = ["percent_agreement", "precision", "recall", "cohen_kappa", "gwet_ac1", "f1"]


@pytest.mark.parametrize(
    "choices",
    [
        {"weights": False, "strata": False},
        {"weights": False, "strata": False, "cluster": False},
        {"strata": False},
        {"cluster": False},
        {"cluster": False, "population": {"flagged": 400, "rest": 2000}},
    ],
    ids=["clusters", "decisions", "weighted clusters", "weighted strata", "finite population"],
)
def test_bootstrap_is_about_as_wide_as_the_formula(choices: dict[str, object]) -> None:
    frame = decisions(4000, reviewers=30)
    if "population" in choices:
        frame = frame.groupby("stratum").head(300).drop(columns="weight")
    formula, resampled = (
        Agreement(frame, by="subteam", interval=interval, **choices).table(METRICS)  # type: ignore[arg-type]
        for interval in ("auto", "bootstrap")
    )
    ratio = (resampled["high"] - resampled["low"]) / (formula["high"] - formula["low"])
    assert ratio.median() == pytest.approx(1, abs=0.08)
    assert ratio.between(0.8, 1.25).all()
    assert resampled["method"].str.endswith("bootstrap").all()
    np.testing.assert_array_equal(resampled["estimate"], formula["estimate"])


def test_same_seed_gives_the_same_bounds_and_another_gives_others() -> None:
    first, again, other = (Agreement(decisions(), interval="bootstrap", seed=seed).table() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["low"] != other["low"]).any()


def test_clusters_beyond_the_most_are_dealt_into_groups() -> None:
    n = 3 * MOST_CLUSTERS
    frame = decisions(n).drop(columns=["weight", "stratum"]).assign(review=np.arange(n) // 2)
    formula, resampled = (
        Agreement(frame, cluster="review", interval=interval).table("cohen_kappa").iloc[0]
        for interval in ("auto", "bootstrap")
    )
    assert resampled["method"] == "cluster_bootstrap"
    ratio = (resampled["high"] - resampled["low"]) / (formula["high"] - formula["low"])
    assert ratio == pytest.approx(1, abs=0.1)


def test_cell_without_decisions_has_its_reason() -> None:
    frame = pd.DataFrame({"tag": ["a"] * 40, "auto": [True, False] * 20, "human": [None] * 40})
    table = Agreement(frame.astype({"human": "boolean"}), interval="bootstrap").table()
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    assert set(table["flag"]) == {"no_decisions"}


def test_replicates_are_a_thousand() -> None:
    design = Agreement(decisions(), by="subteam", interval="bootstrap").design
    assert design.replicates is not None
    assert design.replicates.shape == (REPLICATES, 2, 4) == (1000, 2, 4)
