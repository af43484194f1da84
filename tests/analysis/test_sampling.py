"""Estimates from samples: strata, unequal chances, sizes and allocation."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.analysis import sampling
from cmtools.errors import BadRequest

TOWNS = ([155, 62, 93], [20, 8, 12], [0.8, 0.25, 0.5])


def test_the_stratified_mean_and_its_variance_are_unbiased() -> None:
    strata = [[1.0, 4.0, 9.0], [2.0, 2.0, 7.0, 3.0]]
    found = []
    for drawn in product(*(combinations(stratum, 2) for stratum in strata)):
        means, variances = [np.mean(part) for part in drawn], [np.var(part, ddof=1) for part in drawn]
        arguments = ([3, 4], [2, 2], means, variances)
        found.append((sampling.stratified_mean(*arguments), sampling.stratified_variance(*arguments)))
    estimates, spreads = np.array(found).T
    assert estimates.mean() == pytest.approx(28 / 7)
    assert spreads.mean() == pytest.approx(estimates.var())


def test_strata_drawn_whole_leave_no_doubt() -> None:
    assert sampling.stratified_variance([4, 1], [4, 1], [2.0, 7.0], [1.5, math.nan]) == 0


def test_without_the_finite_population_the_variance_is_larger() -> None:
    assert sampling.stratified_variance(*TOWNS, fpc=False) > sampling.stratified_variance(*TOWNS)


def test_variances_of_proportions_need_not_be_given() -> None:
    spread = [p * (1 - p) * n / (n - 1) for p, n in zip(TOWNS[2], TOWNS[1], strict=True)]
    assert sampling.stratified_variance(*TOWNS) == pytest.approx(sampling.stratified_variance(*TOWNS, spread))


def test_the_total_is_the_mean_times_the_population() -> None:
    assert sampling.stratified_total(*TOWNS) == pytest.approx(310 * sampling.stratified_mean(*TOWNS))
    assert sampling.stratified_total_variance(*TOWNS) == pytest.approx(310**2 * sampling.stratified_variance(*TOWNS))


@pytest.mark.parametrize(
    ("sizes", "samples", "means"), [([], [], []), ([5, 5], [5, 0], [1.0, 1.0]), ([0], [0], [math.nan])]
)
def test_a_mean_that_cannot_be_told_is_nan(sizes: list[int], samples: list[int], means: list[float]) -> None:
    assert math.isnan(sampling.stratified_mean(sizes, samples, means))
    assert math.isnan(sampling.stratified_variance(sizes, samples, means))


def test_an_empty_stratum_counts_for_nothing() -> None:
    assert sampling.stratified_mean([5, 0], [2, 0], [3.0, math.nan]) == 3


def test_one_draw_from_a_stratum_leaves_its_variance_unknown() -> None:
    assert math.isnan(sampling.stratified_variance([5, 5], [1, 3], [1.0, 0.5]))


@pytest.mark.parametrize(
    "strata", [([5], [6], [0.5]), ([5, 5], [2], [0.5]), ([5], [-1], [0.5]), ([[5]], [[1]], [[0.5]])]
)
def test_strata_that_cannot_be_are_refused(strata: tuple[list[int], list[int], list[float]]) -> None:
    with pytest.raises(BadRequest):
        sampling.stratified_mean(*strata)


def test_a_proportion_above_one_is_refused() -> None:
    with pytest.raises(BadRequest):
        sampling.stratified_proportion([5], [2], [1.5])


DRAWN_BY = np.array([0.5, 0.3, 0.2])
WORTH = np.array([4.0, 9.0, 1.0])


def draws_of(times: int) -> list[tuple[list[int], float]]:
    """Every sequence of so many draws from three items, with its chance."""
    return [(list(items), float(np.prod(DRAWN_BY[list(items)]))) for items in product(range(3), repeat=times)]


def test_hansen_hurwitz_and_its_variance_are_unbiased() -> None:
    totals = [(sampling.hansen_hurwitz_total(DRAWN_BY[i], WORTH[i]), chance) for i, chance in draws_of(2)]
    spread = sum(chance * (total - 14) ** 2 for total, chance in totals)
    estimated = sum(chance * sampling.hansen_hurwitz_variance(DRAWN_BY[i], WORTH[i]) for i, chance in draws_of(2))
    assert sum(total * chance for total, chance in totals) == pytest.approx(14)
    assert estimated == pytest.approx(spread)


def test_horvitz_thompson_and_its_variance_are_unbiased() -> None:
    def estimates(items: list[int]) -> tuple[float, float]:
        arguments = (DRAWN_BY[items], WORTH[items], 3)
        return (
            sampling.horvitz_thompson_total(*arguments, units=items),
            sampling.horvitz_thompson_variance(*arguments, units=items),
        )

    found = [(*estimates(items), chance) for items, chance in draws_of(3)]
    spread = sum(chance * (total - 14) ** 2 for total, _, chance in found)
    assert sum(total * chance for total, _, chance in found) == pytest.approx(14)
    assert sum(variance * chance for _, variance, chance in found) == pytest.approx(spread)


def test_an_item_drawn_twice_counts_once_for_horvitz_thompson() -> None:
    # Thompson, Sampling, chapter 6: farms of 60, 60 (the same again), 14 and 1 acres under trees.
    p, y = [0.05, 0.05, 0.02, 0.01], [60, 60, 14, 1]
    once = sampling.horvitz_thompson_total([0.05, 0.02, 0.01], [60, 14, 1], 4)
    assert sampling.horvitz_thompson_total(p, y, 4, units=["a", "a", "b", "c"]) == pytest.approx(once)
    assert sampling.hansen_hurwitz_total(p, y, 4) == pytest.approx(800)


def test_no_draws_give_nan() -> None:
    assert math.isnan(sampling.hansen_hurwitz_total([], []))
    assert math.isnan(sampling.horvitz_thompson_total([], [], 3))
    assert math.isnan(sampling.hansen_hurwitz_variance([0.1], [5]))


@pytest.mark.parametrize(("p", "y", "draws"), [([0.0], [1], 1), ([1.5], [1], 1), ([0.1, 0.2], [1], 2), ([0.1], [1], 2)])
def test_draws_that_cannot_be_are_refused(p: list[float], y: list[float], draws: int) -> None:
    with pytest.raises(BadRequest):
        sampling.hansen_hurwitz_total(p, y, draws)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    # Israel (1992), Determining Sample Size, and Cochran: p = .5 unless said.
    [
        ({}, 385),
        ({"population": 2000}, 323),
        ({"margin": 0.1}, 97),
        ({"margin": 0.03}, 1068),
        ({"level": 0.99}, 664),
        ({"proportion": 0.1, "margin": 0.02}, 865),
        ({"population": 10}, 10),
        ({"population": 1}, 1),
    ],
)
def test_sample_size_is_rounded_up(arguments: dict[str, float], wanted: int) -> None:
    assert sampling.sample_size(**arguments) == wanted


@pytest.mark.parametrize("arguments", [{"margin": 0}, {"proportion": 1}, {"population": 0}, {"level": 95}])
def test_sample_sizes_that_cannot_be_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(BadRequest):
        sampling.sample_size(**arguments)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8), st.data())
def test_allocations_add_up_and_ask_no_stratum_for_more_than_it_has(sizes: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(sizes)))
    deviations = data.draw(st.lists(st.sampled_from([0, 0.1, 1, 50]), min_size=len(sizes), max_size=len(sizes)))
    for found in (
        sampling.proportional_allocation(sizes, total),
        sampling.neyman_allocation(sizes, deviations, total),
    ):
        assert sum(found) == total
        assert all(0 <= part <= size for part, size in zip(found, sizes, strict=True))


def test_neyman_allocation_beats_every_other_that_is_whole() -> None:
    sizes, deviations, total = [30, 50, 20], [1.0, 4.0, 9.0], 12

    def variance(parts: tuple[int, ...]) -> float:
        whole = zip(sizes, deviations, parts, strict=True)
        return sum((size * spread) ** 2 / part - size * spread**2 for size, spread, part in whole)

    others = [parts for parts in product(range(1, 11), repeat=3) if sum(parts) == total]
    found = tuple(sampling.neyman_allocation(sizes, deviations, total))
    assert variance(found) <= min(variance(parts) for parts in others) * 1.02


def test_dear_strata_are_asked_for_less() -> None:
    assert sampling.neyman_allocation([100, 100], [1, 1], 30, costs=[4, 1]) == [10, 20]
