"""Shares drawn towards what people have in common: nearer to the truth, with intervals that hold it."""

from __future__ import annotations

import numpy as np
import pytest

from cmtools.analysis.quality.shrinkage import all_alike, shrunk


@pytest.mark.parametrize("people", [3, 10, 40])
@pytest.mark.parametrize(("a", "b"), [(18, 2), (180, 20), (57, 3)])
def test_intervals_hold_the_truth_and_estimates_are_nearer_to_it(people: int, a: float, b: float) -> None:
    rng, held, apart, plain = np.random.default_rng(1), [], [], []
    for _ in range(150):
        trials, true = rng.integers(5, 200, people), rng.beta(a, b, people)
        successes = rng.binomial(trials, true)
        found = shrunk(successes, trials)
        held.append(((found.low <= true) & (true <= found.high)).mean())
        apart.append(((found.estimate - true) ** 2).mean())
        plain.append(((successes / trials - true) ** 2).mean())
    assert 0.91 <= np.mean(held) <= 0.99
    assert np.mean(apart) < 0.85 * np.mean(plain)


def test_few_answers_are_drawn_further_than_many() -> None:
    found = shrunk([40, 45, 95, 90, 100, 2], [50, 50, 100, 100, 110, 4])
    assert abs(found.estimate[5] - 0.9) < 0.1
    assert abs(found.estimate[2] - 0.95) < 0.04


def test_many_answers_stay_where_they_are() -> None:
    found = shrunk([9_000, 5_000], [10_000, 10_000])
    assert found.estimate == pytest.approx([0.9, 0.5], abs=2e-3)


@pytest.mark.parametrize(
    ("successes", "trials"), [([10] * 4, [10] * 4), ([0] * 4, [10] * 4), ([1, 0], [1, 1]), ([3, 0, 0], [9, 0, 4])]
)
def test_edges_have_finite_intervals_within_zero_and_one(successes: list[int], trials: list[int]) -> None:
    found = shrunk(successes, trials)
    for low, mid, high in zip(found.low, found.estimate, found.high, strict=True):
        assert 0 <= low <= mid <= high <= 1
        assert low < high


def test_one_person_has_nobody_to_be_drawn_to() -> None:
    assert np.isnan(shrunk([8], [10]).estimate).all()
    assert np.isnan(shrunk([8, 0], [10, 0]).estimate).all()


@pytest.mark.parametrize(("people", "trials"), [(10, 20), (10, 200), (4, 8)])
def test_people_who_are_the_same_are_seldom_told_apart(people: int, trials: int) -> None:
    rng = np.random.default_rng(2)
    found = [all_alike(rng.binomial(trials, 0.93, people), [trials] * people, seed=seed).p for seed in range(200)]
    assert np.mean(np.array(found) < 0.05) < 0.09


def test_people_who_differ_are_told_apart() -> None:
    assert all_alike([95, 60], [100, 100]).p < 1e-6
    assert all_alike([12, 3], [12, 12]).p < 0.01


def test_alike_answers_count_for_fewer() -> None:
    assert all_alike([95, 85], [100, 100], effect=3).p > all_alike([95, 85], [100, 100]).p


@pytest.mark.parametrize(("successes", "trials"), [([5], [9]), ([], []), ([3, 0], [9, 0])])
def test_fewer_than_two_cannot_differ(successes: list[int], trials: list[int]) -> None:
    assert np.isnan(all_alike(successes, trials).p)


def test_all_right_is_no_difference() -> None:
    assert all_alike([5, 9], [5, 9]).p == 1
