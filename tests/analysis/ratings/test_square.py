"""Weighted coefficients of a square table, against irrCAC and statsmodels."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cmtools.analysis import chance, intervals, metrics
from cmtools.analysis.ratings import square

ORACLES = json.loads((Path(__file__).parents[1] / "oracles" / "plain_functions.json").read_text())
"""Values of irrCAC and statsmodels; the versions stand in the file."""

PAIRS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cohen": (metrics.weighted_kappa, intervals.weighted_kappa_variance),
    "gwet": (metrics.gwet_ac2, intervals.gwet_ac2_variance),
    "scott": (metrics.scott_pi, intervals.scott_pi_variance),
    "krippendorff": (metrics.weighted_alpha, intervals.weighted_alpha_variance),
    "bp": (metrics.weighted_brennan_prediger, intervals.weighted_brennan_prediger_variance),
}
TABLE = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    "case", ORACLES["square"], ids=lambda case: f"{case['weights']}-{len(case['table'])}x{len(case['table'])}"
)
def test_coefficient_and_error_equal_irrcac(case: dict[str, Any], name: str) -> None:
    estimate, variance = PAIRS[name]
    found = [
        float(estimate(case["table"], weights=case["weights"])),
        math.sqrt(float(variance(case["table"], weights=case["weights"]))),
    ]
    assert found == pytest.approx(case[name], abs=1e-9)


@pytest.mark.parametrize("case", [case for case in ORACLES["square"] if "statsmodels" in case])
def test_kappa_and_both_its_errors_equal_statsmodels(case: dict[str, Any]) -> None:
    arguments = {"weights": case["weights"]}
    found = [
        float(metrics.cohen_kappa(case["table"], **arguments)),
        math.sqrt(float(intervals.cohen_kappa_variance(case["table"], **arguments))),
        math.sqrt(float(intervals.cohen_kappa_null_variance(case["table"], **arguments))),
    ]
    assert found == pytest.approx(case["statsmodels"], abs=1e-9)


def test_weighted_kappa_of_the_1969_paper_is_as_printed() -> None:
    # Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72:323-327: .507, variance .003248.
    weights = [[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]]
    assert round(float(square.weighted_kappa(TABLE, weights=weights)), 3) == 0.507
    assert round(float(square.weighted_kappa_variance(TABLE, weights=weights)), 6) == 0.003248


@pytest.mark.parametrize("rule", [chance.cohen, chance.gwet, chance.krippendorff, chance.uniform])
def test_identity_weights_give_the_plain_coefficient(rule: chance.Rule) -> None:
    plain = {
        chance.cohen: square.weighted_kappa,
        chance.gwet: square.gwet_ac2,
        chance.krippendorff: square.weighted_alpha,
        chance.uniform: square.weighted_brennan_prediger,
    }[rule]
    tables = np.array([TABLE, np.transpose(TABLE)])
    assert plain(tables, weights="identity") == pytest.approx(chance.coefficient(tables.astype(float), rule))


def test_two_categories_leave_no_near_misses() -> None:
    four = 40, 9, 6, 45
    assert float(metrics.weighted_kappa(*four)) == pytest.approx(float(metrics.cohen_kappa(*four)))


@pytest.mark.parametrize("table", [[[5, 0], [0, 0]], [[0, 0], [0, 0]]])
def test_a_table_with_one_class_or_nothing_gives_nan(table: list[list[int]]) -> None:
    assert math.isnan(float(square.weighted_kappa(table)))
    assert math.isnan(float(square.weighted_kappa_variance(table)))


@pytest.mark.parametrize("case", ORACLES["bowker"])
def test_bowkers_test_equals_statsmodels(case: dict[str, Any]) -> None:
    assert square.bowker(case["table"]) == pytest.approx((case["statistic"], case["p"]), abs=1e-9)


def test_two_who_never_disagree_cannot_be_tested_for_symmetry() -> None:
    assert all(math.isnan(part) for part in square.bowker([[5, 0], [0, 3]]))
