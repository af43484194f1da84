"""Limits of control charts, dispersion and signals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cmtools.analysis import drift
from cmtools.errors import BadRequest

CHIPS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
"""NIST/SEMATECH e-Handbook, section 6.3.3.2: defective chips on 30 wafers of 50."""


def test_a_p_chart_is_as_the_handbook_prints_it() -> None:
    assert [round(float(value), 4) for value in drift.p_chart(CHIPS, 50)] == [0.2313, 0.0524, 0.4102]


def test_p_and_np_charts_of_equal_sizes_say_the_same() -> None:
    shares, numbers = drift.p_chart(CHIPS, 50), drift.np_chart(CHIPS, 50)
    assert [50 * value for value in shares] == pytest.approx(list(numbers))


def test_limits_narrow_as_periods_grow() -> None:
    limits = drift.p_chart([5, 50, 500], [100, 1000, 10000])
    assert np.all(np.diff(limits.high) < 0)
    assert np.all(np.diff(limits.low) >= 0)


def test_a_u_chart_of_one_unit_each_is_a_c_chart() -> None:
    assert list(drift.u_chart(CHIPS, 1)) == pytest.approx(list(drift.c_chart(CHIPS)))


def test_limits_stay_within_what_a_share_can_be() -> None:
    limits = drift.p_chart([0, 1, 1], [1, 1, 1])
    assert limits.low.tolist() == [0, 0, 0]
    assert limits.high.tolist() == [1, 1, 1]


def test_laney_limits_are_sigma_z_times_as_wide() -> None:
    plain, laney = drift.p_chart(CHIPS, 50), drift.laney_p_chart(CHIPS, 50)
    ratio = (laney.high - laney.centre) / (plain.high - plain.centre)
    assert ratio == pytest.approx(drift.laney_sigma(CHIPS, 50))


def test_chance_alone_is_rarely_called_overdispersed() -> None:
    rng = np.random.default_rng(1)
    called = [drift.dispersion(rng.binomial(400, 0.1, 20), 400)[1] < 0.05 for _ in range(800)]
    assert 0.02 < np.mean(called) < 0.09


def test_periods_that_jump_about_are_called_overdispersed() -> None:
    ratio, p = drift.dispersion([40, 80, 35, 90, 42, 77], 400)
    assert ratio > 3
    assert p < 0.01


def test_one_lasting_change_of_level_is_not_taken_for_overdispersion() -> None:
    rng = np.random.default_rng(2)
    counts = np.append(rng.binomial(1000, 0.1, 15), rng.binomial(1000, 0.2, 15))
    assert drift.dispersion(counts, 1000)[1] > 0.01
    signals = drift.signals(counts / 1000, drift.laney_p_chart(counts, 1000))
    assert {"below", "above"} <= set(signals)


@pytest.mark.parametrize("sizes", [[], [0, 0]])
def test_periods_without_items_give_nan(sizes: list[int]) -> None:
    limits = drift.p_chart(sizes, sizes)
    assert math.isnan(limits.centre)
    assert np.isnan(limits.low).all()
    assert math.isnan(drift.laney_sigma(sizes, sizes))
    assert math.isnan(drift.dispersion(sizes, sizes)[1])


def test_an_empty_period_says_nothing_and_the_others_are_compared() -> None:
    counts, sizes = [5, 0, 6, 4], [50, 0, 50, 50]
    assert drift.laney_sigma(counts, sizes) == pytest.approx(drift.laney_sigma([5, 6, 4], 50))
    assert drift.signals([0.1, math.nan, 0.12, 0.08], drift.p_chart(counts, sizes))[1] == ""


def test_a_run_is_told_from_the_point_that_completes_it() -> None:
    limits = drift.Limits(0.0, -3.0, 3.0)
    assert drift.signals([1] * 9, limits) == [""] * 7 + ["run", "run"]
    assert drift.signals([1] * 7 + [-1] + [1] * 7, limits) == [""] * 15
    assert drift.signals([0] * 20, limits) == [""] * 20


@pytest.mark.parametrize(
    ("counts", "sizes"), [([3], [2]), ([-1], [2]), ([1, 1], [2]), ([1], [-2]), ([math.nan], [2]), ([[1]], [[2]])]
)
def test_counts_that_cannot_be_are_refused(counts: list[float], sizes: list[float]) -> None:
    with pytest.raises(BadRequest):
        drift.p_chart(counts, sizes)


def test_an_np_chart_with_several_sizes_is_refused() -> None:
    with pytest.raises(BadRequest, match="p_chart"):
        drift.np_chart([1, 2], [3, 4])  # type: ignore[arg-type]
