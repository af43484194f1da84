"""Shares corrected for mistakes of reviewers: Rogan and Gladen's, its interval, and where it ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cmtools.analysis.metrics import METRICS
from cmtools.analysis.plans.label_error import LabelError, Rate
from cmtools.analysis.proportions import wilson
from cmtools.errors import BadRequest


def test_the_correction_undoes_what_mistakes_do() -> None:
    error = LabelError(Rate(0.85), Rate(0.97))
    true = np.array([0.0, 0.02, 0.4, 1.0])
    seen = true * 0.85 + (1 - true) * 0.03
    assert error.corrected(seen) == pytest.approx(true)


def test_counts_are_corrected_among_flagged_and_unflagged_alike() -> None:
    error = LabelError(Rate(0.9), Rate(0.8))
    true = np.array([60.0, 40, 30, 870])
    seen = np.array([60 * 0.9 + 40 * 0.2, 60 * 0.1 + 40 * 0.8, 30 * 0.9 + 870 * 0.2, 30 * 0.1 + 870 * 0.8])
    assert error.cells(seen) == pytest.approx(true)


def test_flawless_reviewers_change_nothing() -> None:
    error = LabelError(Rate(1.0), Rate(1.0))
    share, bounds = np.array([0.2]), (np.array([0.1]), np.array([0.35]))
    assert error.corrected(share) == pytest.approx(share)
    assert np.concatenate(error.interval(share, bounds, 0.95)) == pytest.approx([0.1, 0.35])


def test_rates_that_are_less_well_known_widen() -> None:
    share, bounds = np.array([0.2]), (np.array([0.15]), np.array([0.26]))
    widths = []
    for trials in (np.inf, 1_000, 50):
        low, high = LabelError(Rate(0.9, trials), Rate(0.95, trials)).interval(share, bounds, 0.95)
        widths.append(float((high - low)[0]))
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(0.11 / 0.85)


@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.5])
def test_the_interval_keeps_its_level_with_rates_from_golden_items(prevalence: float) -> None:
    rng, times, held = np.random.default_rng(4), 600, 0
    seen = prevalence * 0.9 + (1 - prevalence) * 0.04
    for _ in range(times):
        k = rng.binomial(1_000, seen)
        found = LabelError(Rate(rng.binomial(100, 0.9) / 100, 100), Rate(rng.binomial(300, 0.96) / 300, 300))
        low, high = found.interval(np.array([k / 1_000]), wilson([k], 1_000), 0.95)
        held += bool(low[0] <= prevalence <= high[0])
    assert 0.93 <= held / times <= 0.985


def test_the_slopes_of_a_corrected_metric_are_those_of_the_sample() -> None:
    # Known rates and multinomial counts: the linearised error is that of many samples.
    rng, error = np.random.default_rng(2), LabelError(Rate(0.9), Rate(0.97))
    shares = np.array([0.09, 0.03, 0.05, 0.83])
    samples = rng.multinomial(3_000, shares, size=2_000).astype(float)
    recall = METRICS["recall"].function
    values = recall(*np.moveaxis(error.cells(samples), -1, 0))

    def variance(slopes: Any) -> Any:
        return 3_000 * ((slopes**2 * shares).sum(axis=-1) - (slopes * shares).sum(axis=-1) ** 2)

    middle, low, high = error.delta(recall, 3_000 * shares[None, :], variance, 0.95)
    error_of_logit = (np.log(high / (1 - high)) - np.log(low / (1 - low))) / (2 * 1.959964)
    assert (error_of_logit * middle * (1 - middle))[0] == pytest.approx(values.std(), rel=0.06)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "message"),
    [
        (0.4, 0.5, "no better than chance"),
        (0.9, None, "give both"),
        (None, (9, 10), "give both"),
        ((11, 10), 0.9, "no share between 0 and 1"),
        ((1, 0), 0.9, "no share between 0 and 1"),
        ("high", 0.9, "give successes and trials"),
        (True, 0.9, "give successes and trials"),
        ((1, 2, 3), 0.9, "give successes and trials"),
    ],
)
def test_rates_that_cannot_correct_are_refused(sensitivity: Any, specificity: Any, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        LabelError.of(sensitivity, specificity)


def test_nothing_given_corrects_nothing() -> None:
    assert LabelError.of(None, None) is None
