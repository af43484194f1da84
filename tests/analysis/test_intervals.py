"""Variances against a numeric delta method, and intervals against simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.analysis import chance, intervals, metrics
from cmtools.analysis.ratings.tables import error_of_counts
from cmtools.errors import BadRequest

COUNTS = st.tuples(*[st.integers(1, 80)] * 4)


def delta_variance(function: Callable[..., Any], counts: tuple[int, ...]) -> float:
    """The variance of a function of multinomial shares, its slopes taken numerically."""
    n, step = sum(counts), 1e-6
    share = np.array(counts) / n
    slopes = np.array([(function(*(share + step * e)) - function(*(share - step * e))) / (2 * step) for e in np.eye(4)])
    return float((share @ slopes**2 - (share @ slopes) ** 2) / n)


@pytest.mark.parametrize(
    ("function", "variance"),
    [
        (metrics.cohen_kappa, intervals.cohen_kappa_variance),
        (metrics.gwet_ac1, intervals.gwet_ac1_variance),
        (metrics.brennan_prediger, intervals.brennan_prediger_variance),
        (metrics.mcc, intervals.mcc_variance),
    ],
)
@settings(max_examples=40)
@given(counts=COUNTS)
def test_variance_is_that_of_the_delta_method(
    function: Callable[..., Any], variance: Callable[..., Any], counts: tuple[int, ...]
) -> None:
    assert float(variance(*counts)) == pytest.approx(delta_variance(function, counts), rel=1e-5, abs=1e-11)


@settings(max_examples=40)
@given(counts=COUNTS)
def test_alpha_variance_is_that_of_alpha_without_its_small_sample_correction(counts: tuple[int, ...]) -> None:
    def uncorrected(*shares: float) -> float:
        return float(chance.corrected(large := chance.square_tables(*shares) * 1e12, chance.observed(large), rule))

    rule = chance.krippendorff
    expected = delta_variance(uncorrected, counts)
    assert float(intervals.krippendorff_alpha_variance(*counts)) == pytest.approx(expected, rel=1e-4, abs=1e-10)


@settings(max_examples=40)
@given(k=st.integers(0, 300), extra=st.integers(0, 300), level=st.floats(0.5, 0.999))
def test_wilson_inverts_the_score_test(k: int, extra: int, level: float) -> None:
    n = k + extra
    low, high = (float(end) for end in intervals.wilson(k, n, level))
    if n == 0:
        assert np.isnan([low, high]).all()
        return
    z = intervals.z_value(level)
    for end in (low, high):
        if 0 < end < 1:
            assert abs(k / n - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n), abs=1e-9)
    assert low <= k / n <= high


def test_wilson_is_exact_at_the_ends() -> None:
    assert intervals.wilson(0, 7)[0] == 0
    assert intervals.wilson(7, 7)[1] == 1


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, True, "0.95", float("nan")])
def test_level_that_is_no_share_is_refused(level: Any) -> None:
    with pytest.raises(BadRequest, match="share between 0 and 1"):
        intervals.z_value(level)


@pytest.mark.parametrize("shares", [(0.3, 0.1, 0.1, 0.5), (0.06, 0.04, 0.03, 0.87)])
@pytest.mark.parametrize("name", list(metrics.METRICS))
def test_interval_covers_the_truth_about_as_often_as_it_says(name: str, shares: tuple[float, ...]) -> None:
    from cmtools.analysis.measure import METRICS, Cells

    truth = float(METRICS[name].function(*(1e9 * share for share in shares)))
    samples = np.random.default_rng(7).multinomial(600, shares, size=4000).astype(float)
    _, low, high, _, _ = METRICS[name].measure(Cells.of(*samples.T))
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=0.02)


PROPORTIONS = json.loads((Path(__file__).parent / "oracles" / "plain_functions.json").read_text())["proportions"]
"""Values of statsmodels; the version stands in the file."""


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("wilson", intervals.wilson),
        ("beta", intervals.clopper_pearson),
        ("jeffreys", intervals.jeffreys),
        ("agresti_coull", intervals.agresti_coull),
        ("normal", intervals.wald),
    ],
)
@pytest.mark.parametrize("case", PROPORTIONS, ids=lambda case: f"{case['x']}/{case['n']}-{case['level']}")
def test_interval_of_a_proportion_equals_statsmodels(
    case: dict[str, Any], name: str, function: Callable[..., Any]
) -> None:
    expected = list(case[name])
    if name == "jeffreys":  # Brown, Cai & DasGupta set the ends to 0 and 1 for none and all; statsmodels does not
        expected = [0.0 if case["x"] == 0 else expected[0], 1.0 if case["x"] == case["n"] else expected[1]]
    found = function(case["x"], case["n"], case["level"])
    assert [float(end) for end in found] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 4.
    [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0.0, 0.2005), (1, 29, 0.0018, 0.1963)],
)
def test_wilson_with_continuity_is_as_printed(successes: int, trials: int, low: float, high: float) -> None:
    found = intervals.wilson_continuity(successes, trials)
    assert [round(float(end), 4) for end in found] == [low, high]


@pytest.mark.parametrize(
    "function", [intervals.wilson_continuity, intervals.jeffreys, intervals.agresti_coull, intervals.wald]
)
def test_no_trials_give_no_interval(function: Callable[..., Any]) -> None:
    assert all(np.isnan(end) for end in function(0, 0))


@pytest.mark.parametrize(
    "name", ["wilson", "wilson_continuity", "clopper_pearson", "jeffreys", "agresti_coull", "wald"]
)
@pytest.mark.parametrize(("successes", "trials"), [(5, 3), (-1, 3), ([1, 4], 3), (0, -1), (-2, -1)])
def test_counts_that_cannot_be_are_refused(name: str, successes: Any, trials: Any) -> None:
    with pytest.raises(BadRequest, match="successes out of"):
        getattr(intervals, name)(successes, trials)


@pytest.mark.parametrize(
    "name", ["wilson", "wilson_continuity", "clopper_pearson", "jeffreys", "agresti_coull", "wald"]
)
def test_a_count_that_is_nan_has_no_interval(name: str) -> None:
    low, high = getattr(intervals, name)([np.nan, 1], [3, 3])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] < 1 / 3 < high[1]


def test_weighted_successes_may_be_a_crumb_of_rounding_over_their_trials() -> None:
    assert intervals.wilson(3 * (1 + 1e-15), 3)[1] == pytest.approx(1)


def test_all_that_intervals_offers_is_there_and_nothing_public_is_left_out() -> None:
    public = {name for name, one in vars(intervals).items() if callable(one) and not name.startswith("_")}
    own = {name for name in public if getattr(intervals, name).__module__ == intervals.__name__}
    assert own <= set(intervals.__all__) <= {*public, "Bounds"}


@pytest.mark.parametrize("name", ["cohen_kappa", "gwet_ac1", "krippendorff_alpha"])
def test_a_standard_error_is_the_root_of_the_variance(name: str) -> None:
    tables = [[[106, 10], [22, 28]], [[40, 9], [6, 45]]]
    found = getattr(intervals, f"{name}_se")(tables)
    assert found**2 == pytest.approx(getattr(intervals, f"{name}_variance")(tables))


def test_the_standard_error_of_fleiss_is_that_of_the_counts() -> None:
    counts = [[3, 0], [2, 1], [0, 3]]
    assert intervals.fleiss_kappa_se(counts) == error_of_counts("fleiss_kappa", counts)
