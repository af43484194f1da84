"""The score interval of a share from strata: Wilson's in one stratum, and what it must be in several."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.analysis.plans.stratified import Strata, null_variance, score_interval
from cmtools.analysis.proportions import wilson


def strata(size: Any, drawn: Any, one: Any, other: Any, may_one: Any = None, may_other: Any = None) -> Strata:
    """One share of several strata; what can be is what there is a word for, else everything."""
    parts = [np.array([part], dtype=float) for part in (size, drawn, one, other)]
    may = [np.ones(parts[0].shape, dtype=bool) if part is None else np.array([part]) for part in (may_one, may_other)]
    return Strata(*parts, *may, np.ones(1))


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 3_000), data=st.data(), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_of_one_stratum_it_is_wilson_s(n: int, data: st.DataObject, level: float) -> None:
    k = data.draw(st.integers(0, n))
    found = score_interval(strata([50.0], [n], [k / n], [1 - k / n]), level)
    for end, expected in zip(found, wilson(k, n, level), strict=True):
        assert end[0] == pytest.approx(float(expected), abs=1e-6)


def test_of_strata_alike_drawn_in_proportion_it_is_nearly_wilson_s_of_all() -> None:
    low, high = score_interval(strata([1e6] * 4, [100] * 4, [0.1] * 4, [0.9] * 4))
    expected = wilson(40, 400)
    assert low[0] == pytest.approx(float(expected[0]), abs=0.002)
    assert high[0] == pytest.approx(float(expected[1]), abs=0.002)


def test_a_stratum_without_finds_leaves_the_doubt_that_its_size_gives() -> None:
    low, high = score_interval(strata([1e3, 99e3], [np.inf, 500], [1.0, 0], [0.0, 0], [True, False], [False, True]))
    # All 1,000 flagged are right. Missed are at most so many as none in 500 allows, by Wilson's.
    most = float(wilson(0, 500)[1]) * 99e3
    assert low[0] == pytest.approx(1000 / (1000 + most), rel=0.01)
    assert high[0] == 1


def test_what_cannot_be_missed_is_no_doubt() -> None:
    low, high = score_interval(strata([1e3, 99e3], [np.inf, 500], [1.0, 0], [0.0, 0], [True, False], [False, False]))
    assert (low[0], high[0]) == (1, 1)


def test_a_census_is_a_point_and_nothing_found_is_nothing_known() -> None:
    assert [float(end[0]) for end in score_interval(strata([10, 20], [np.inf] * 2, [0.2, 0.1], [0.8, 0.9]))] == [
        pytest.approx(4 / 30)
    ] * 2
    assert np.isnan(score_interval(strata([10, 20], [5, 5], [0, 0], [0, 0]))).all()


@settings(max_examples=25, deadline=None)
@given(data=st.data(), h=st.integers(1, 5))
def test_bounds_stand_around_the_share_and_turn_with_it(data: st.DataObject, h: int) -> None:
    sizes = data.draw(st.lists(st.integers(10, 10_000), min_size=h, max_size=h))
    drawn = data.draw(st.lists(st.sampled_from([1, 2, 20, 500, np.inf]), min_size=h, max_size=h))
    rates = data.draw(st.lists(st.sampled_from([0.0, 0.01, 0.5, 1.0]), min_size=h, max_size=h))
    found = strata(sizes, drawn, rates, [1 - rate for rate in rates])
    low, high = score_interval(found)
    assert 0 <= low[0] <= found.share[0] + 1e-9
    assert found.share[0] - 1e-9 <= high[0] <= 1
    turned = score_interval(found.turned)
    assert turned[0][0] == pytest.approx(1 - high[0], abs=1e-9)
    assert turned[1][0] == pytest.approx(1 - low[0], abs=1e-9)


def test_at_a_bound_the_estimate_lies_z_errors_away() -> None:
    found = strata([1e3, 9e3, 9e4], [50, 100, 400], [0.6, 0.05, 0.005], [0.4, 0.95, 0.995])
    low, _ = score_interval(found)
    distance = (found.size * (found.one - low[:, None])).sum()
    assert distance / np.sqrt(null_variance(found, low)[0]) == pytest.approx(1.959964, rel=1e-5)


def test_a_higher_level_and_fewer_draws_are_wider() -> None:
    wide = [
        score_interval(strata([1e3, 9e4], [n, n], [0.6, 0.01], [0.4, 0.99]), level)
        for n, level in ((400, 0.9), (400, 0.99), (100, 0.99))
    ]
    widths = [float((high - low)[0]) for low, high in wide]
    assert widths == sorted(widths)
