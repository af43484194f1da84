"""Slices against the rest, and p values adjusted for how many there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.analysis import differences
from cmtools.analysis.choices import Choices
from cmtools.analysis.counts.tally import Tally
from cmtools.analysis.differences import COMPARISON
from cmtools.analysis.metrics import METRICS
from cmtools.analysis.multiplicity import benjamini_hochberg


def cells(*rows: tuple[str, int, int, int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["week", "tp", "fp", "fn", "tn"]).assign(tag="r", missing=0)
    return frame.assign(n=frame[["tp", "fp", "fn", "tn"]].sum(axis=1))


def compare(counts: pd.DataFrame, columns: list[str], metrics: list[str], level: float) -> pd.DataFrame:
    return differences.compare(Tally.of(counts, columns), columns, metrics, Choices(level=level))


def row(table: pd.DataFrame, metric: str, week: str = "1") -> pd.Series:
    return table[(table["metric"] == metric) & (table["week"] == week)].iloc[0]


def test_comparison_has_the_agreed_columns() -> None:
    assert list(compare(cells(("1", 1, 1, 1, 1)), ["week"], ["recall"], 0.95).columns) == ["week", *COMPARISON]


def test_rest_is_all_other_slices_together() -> None:
    table = compare(cells(("1", 10, 5, 5, 80), ("2", 20, 0, 10, 70), ("3", 30, 1, 9, 60)), ["week"], ["recall"], 0.95)
    found = row(table, "recall", "2")
    assert (found["estimate"], found["rest"]) == pytest.approx((20 / 30, 40 / 54))
    assert found["difference"] == pytest.approx(20 / 30 - 40 / 54)
    assert (found["n"], found["n_rest"]) == (100, 200)


def test_p_value_of_a_share_is_that_of_the_chi_square_test() -> None:
    # 56 of 70 against 48 of 80: chi-square without correction 7.0330 on 1 degree of freedom, p = .0080 (R prop.test).
    table = compare(cells(("1", 56, 0, 14, 0), ("2", 48, 0, 32, 0)), ["week"], ["recall"], 0.95)
    pooled = 104 / 150
    chi_square = 0.2**2 / (pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    assert chi_square == pytest.approx(7.033, abs=0.01)
    assert row(table, "recall")["p"] == pytest.approx(0.0080, abs=0.0001)


@pytest.mark.parametrize("metric", list(METRICS))
def test_equal_slices_do_not_differ(metric: str) -> None:
    table = compare(cells(("1", 40, 9, 6, 45), ("2", 40, 9, 6, 45)), ["week"], [metric], 0.95)
    found = row(table, metric)
    assert (found["difference"], found["p"]) == (0, 1)
    assert found["low"] < 0 < found["high"]


@pytest.mark.parametrize("metric", list(METRICS))
def test_very_unequal_slices_differ(metric: str) -> None:
    table = compare(cells(("1", 400, 10, 100, 1500), ("2", 350, 300, 1, 300)), ["week"], [metric], 0.95)
    found = row(table, metric)
    assert found["p"] < 0.001
    assert found["low"] * found["high"] > 0
    assert found["low"] < found["difference"] < found["high"]


@pytest.mark.parametrize("metric", list(METRICS))
def test_two_slices_mirror_each_other(metric: str) -> None:
    table = compare(cells(("1", 40, 9, 6, 45), ("2", 10, 9, 6, 90)), ["week"], [metric], 0.95)
    first, second = row(table, metric, "1"), row(table, metric, "2")
    assert first["difference"] == pytest.approx(-second["difference"])
    assert (first["low"], first["high"]) == pytest.approx((-second["high"], -second["low"]))
    assert first["p"] == pytest.approx(second["p"])


def test_only_slice_has_no_rest_and_says_so() -> None:
    found = row(compare(cells(("1", 40, 9, 60, 45)), ["week"], ["recall"], 0.95), "recall")
    assert found["flag"] == "no_rest"
    assert np.isnan([found["difference"], found["low"], found["high"], found["p"], found["p_adjusted"]]).all()


def test_flag_of_the_rest_is_passed_on() -> None:
    table = compare(cells(("1", 40, 9, 60, 45), ("2", 0, 9, 0, 45)), ["week"], ["recall"], 0.95)
    assert row(table, "recall", "1")["flag"] == "no_positives"
    assert row(table, "recall", "2")["flag"] == "no_positives"


def test_nothing_gone_wrong_on_either_side_is_no_difference() -> None:
    found = row(compare(cells(("1", 40, 0, 0, 45), ("2", 30, 0, 0, 20)), ["week"], ["recall"], 0.95), "recall")
    assert (found["difference"], found["p"]) == (0, 1)


@pytest.mark.parametrize("metric", ["cohen_kappa", "gwet_ac1", "krippendorff_alpha", "mcc"])
def test_perfect_slice_has_a_p_value_that_agrees_with_its_interval(metric: str) -> None:
    near = row(compare(cells(("1", 10, 0, 0, 10), ("2", 40, 2, 2, 40)), ["week"], [metric], 0.95), metric)
    far = row(compare(cells(("1", 100, 0, 0, 100), ("2", 40, 20, 20, 40)), ["week"], [metric], 0.95), metric)
    assert near["low"] < 0 < near["high"]
    assert near["p"] > 0.05
    assert far["low"] > 0
    assert far["p"] < 0.05


def test_adjustment_counts_every_row_of_the_table() -> None:
    table = compare(
        cells(("1", 40, 9, 6, 45), ("2", 20, 9, 26, 45), ("3", 30, 9, 16, 45)), ["week"], list(METRICS), 0.95
    )
    assert table["p_adjusted"].tolist() == pytest.approx(benjamini_hochberg(table["p"]).tolist(), nan_ok=True)
    assert (table["p_adjusted"] >= table["p"]).sum() == table["p"].notna().sum()


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_values_keep_order_and_are_never_smaller(p: list[float]) -> None:
    adjusted = benjamini_hochberg(p)
    assert (adjusted >= np.array(p)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_missing_p_value_is_no_test() -> None:
    assert benjamini_hochberg([0.02, np.nan, 0.04]).tolist() == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)
