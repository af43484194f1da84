"""Coefficients, errors and intervals of two-by-two tables equal those of irrCAC 0.4.4 and statsmodels 0.15.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cmtools.analysis import intervals, metrics

ORACLES = json.loads(Path(__file__).with_name("oracles").joinpath("two_raters.json").read_text(encoding="utf-8"))
COEFFICIENTS = ("cohen_kappa", "gwet_ac1", "krippendorff_alpha", "brennan_prediger")


@pytest.mark.parametrize("oracle", ORACLES["tables"], ids=lambda oracle: "-".join(map(str, oracle["counts"])))
def test_coefficients_and_their_errors_equal_the_libraries(oracle: dict[str, Any]) -> None:
    counts = oracle["counts"]
    for name in COEFFICIENTS:
        estimate = float(getattr(metrics, name)(*counts))
        error = float(getattr(intervals, f"{name}_variance")(*counts)) ** 0.5
        assert [estimate, error] == pytest.approx(oracle[name], abs=1e-9), name


@pytest.mark.parametrize("name", ["wilson", "clopper_pearson"])
def test_intervals_of_a_share_equal_the_library(name: str) -> None:
    for oracle in ORACLES["tables"]:
        tp, _, fn, _ = oracle["counts"]
        for level, expected in zip(ORACLES["levels"], oracle[name], strict=True):
            found = [float(end) for end in getattr(intervals, name)(tp, tp + fn, level)]
            assert found == pytest.approx(expected, abs=1e-9)
