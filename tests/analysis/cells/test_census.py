"""Where all there is was reviewed: an estimate without doubt, and what is still in doubt beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.measure import METHODS
from cmtools.analysis.metrics import METRICS


def decisions(n: int = 600, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    auto = rng.random(n) < 0.4
    human = np.where(rng.random(n) < 0.85, auto, ~auto)
    return pd.DataFrame({"tag": "a", "auto": auto, "human": human, "team": rng.choice(["night", "public"], n)})


def audit(missed: bool = True) -> pd.DataFrame:
    """All 100 flagged items, and 150 of those that were not flagged."""
    human = [True] * 85 + [False] * 15 + [missed] * 6 + [False] * 144
    return pd.DataFrame({"tag": "a", "auto": [True] * 100 + [False] * 150, "human": human}).assign(
        stratum=lambda frame: np.where(frame["auto"], "flagged", "rest")
    )


@pytest.mark.parametrize("interval", ["auto", "exact", "bootstrap"])
def test_a_census_leaves_no_doubt_in_any_metric(interval: str) -> None:
    frame = decisions()
    table = Agreement(frame, population=len(frame), interval=interval).table()
    assert len(table) == len(METRICS)
    assert set(table["method"]) == {"census"} <= set(METHODS)
    assert (table["low"] == table["estimate"]).all()
    assert (table["high"] == table["estimate"]).all()


def test_perfect_agreement_in_a_census_is_known_to_be_perfect() -> None:
    frame = decisions().assign(human=lambda f: f["auto"])
    table = Agreement(frame, population=len(frame)).table(["recall", "cohen_kappa"])
    assert table["low"].tolist() == [1, 1]
    assert table["method"].tolist() == ["census"] * 2


def test_one_item_more_than_was_reviewed_leaves_next_to_no_doubt() -> None:
    frame = decisions()
    table = Agreement(frame, population=len(frame) + 1).table()
    assert "census" not in set(table["method"])
    assert (table["high"] - table["low"]).between(1e-5, 0.02).all()


@pytest.mark.parametrize("interval", ["auto", "exact", "bootstrap"])
def test_precision_is_known_where_all_flagged_content_was_reviewed_and_recall_is_not(interval: str) -> None:
    sizes = {"flagged": 100, "rest": 20_000}
    table = Agreement(audit(), population=sizes, interval=interval).table().set_index("metric")
    assert table.loc["precision", ["estimate", "low", "high", "method"]].tolist() == [0.85, 0.85, 0.85, "census"]
    for metric in ("recall", "npv", "percent_agreement", "cohen_kappa", "mcc"):
        assert table.loc[metric, "high"] - table.loc[metric, "low"] > 0.01
        assert table.loc[metric, "method"] != "census"


def test_no_miss_in_a_sample_of_the_unflagged_is_no_proof_of_full_recall() -> None:
    sizes = {"flagged": 100, "rest": 20_000}
    table = Agreement(audit(missed=False), population=sizes).table().set_index("metric")
    assert table.loc["recall", "estimate"] == 1
    assert table.loc["recall", "low"] < 1
    coefficients = table.loc[["cohen_kappa", "gwet_ac1", "krippendorff_alpha", "mcc"]]
    assert (coefficients["low"] < coefficients["estimate"]).all()
    assert set(coefficients["method"]) == {"hajek_linearised"}


def test_slices_of_a_census_differ_by_exactly_their_difference() -> None:
    frame = decisions()
    table = Agreement(frame, by="team", population=len(frame)).compare(metrics=["recall", "cohen_kappa"])
    assert (table["low"] == table["difference"]).all()
    assert (table["high"] == table["difference"]).all()
    assert (table["difference"] != 0).all()
    assert (table["p"] == 0).all()


def test_reviewers_who_may_differ_leave_doubt_in_a_census_too() -> None:
    frame = decisions().assign(reviewer=lambda f: f.index % 10)
    table = Agreement(frame, population=len(frame)).table("recall")
    assert table["method"].tolist() == ["cluster_wilson"]
    assert table.loc[0, "low"] < table.loc[0, "high"]
