"""Published worked examples: values as their authors printed them, or as the named library gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cmtools.analysis import drift, intervals, metrics, sampling, scores
from cmtools.analysis.multiplicity import benjamini_hochberg

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "agreement_examples.json"


def error_of(coefficient: str) -> Callable[[Any], float]:
    return lambda ratings: metrics.error_of_ratings(coefficient, ratings)


FUNCTIONS: dict[tuple[str, str], Callable[..., Any]] = {
    ("square_table", "cohen_kappa"): metrics.cohen_kappa,
    ("square_table", "cohen_kappa_var"): intervals.cohen_kappa_variance,
    ("square_table", "cohen_kappa_se_asymptotic"): lambda table: np.sqrt(intervals.cohen_kappa_variance(table)),
    ("square_table", "gwet_ac1"): metrics.gwet_ac1,
    ("square_table", "percent"): metrics.percent_agreement,
    ("confusion_TP_FP_FN_TN", "recall"): metrics.recall,
    ("confusion_TP_FP_FN_TN", "precision"): metrics.precision,
    ("confusion_TP_FP_FN_TN", "specificity"): metrics.specificity,
    ("confusion_TP_FP_FN_TN", "f1"): metrics.f1,
    ("subject_category_counts", "fleiss_kappa"): metrics.fleiss_kappa,
    ("raters_x_units_null_missing", "krippendorff_nominal"): metrics.krippendorff_alpha_of_ratings,
    ("raters_x_units_null_missing", "krippendorff_interval"): lambda ratings: metrics.krippendorff_alpha_of_ratings(
        ratings, "interval"
    ),
    ("raters_x_units_null_missing", "gwet_ac1"): metrics.gwet_ac1_of_ratings,
    ("raters_x_units_null_missing", "gwet_ac1_se"): error_of("gwet_ac1"),
    ("raters_x_units_null_missing", "fleiss_kappa"): metrics.fleiss_kappa_of_ratings,
    ("raters_x_units_null_missing", "fleiss_se"): error_of("fleiss_kappa"),
    ("raters_x_units_null_missing", "conger_kappa"): metrics.conger_kappa,
    ("raters_x_units_null_missing", "brennan_prediger"): metrics.brennan_prediger_of_ratings,
    ("proportion_x_n", "wilson95"): intervals.wilson,
    ("proportion_x_n", "clopper_pearson95"): intervals.clopper_pearson,
    ("strata_N_n_mean_var", "stratified_proportion"): sampling.stratified_proportion,
    ("strata_N_n_mean_var", "variance"): sampling.stratified_variance,
    ("p_y_ndraws", "hansen_hurwitz_total"): sampling.hansen_hurwitz_total,
    ("p_y_ndraws", "hansen_hurwitz_var"): sampling.hansen_hurwitz_variance,
    ("p_y_ndraws", "HT_total"): sampling.horvitz_thompson_total,
    ("sample_size", "n0"): lambda population: sampling.sample_size(),
    ("sample_size", "n_fpc"): sampling.sample_size,
    ("labels_scores", "brier_two_category"): scores.brier_two_category,
    ("labels_scores", "average_precision_system1"): lambda first, ranking, second: scores.average_precision(
        first, ranking
    ),
    ("labels_scores", "average_precision_system2"): lambda first, ranking, second: scores.average_precision(
        second, ranking
    ),
    ("labels_scores", "ece_2bins"): lambda labels, given: scores.expected_calibration_error(labels, given, 2),
    ("p_values", "n_reject_bh_q25"): lambda p: intervals.rejections(p, 0.25),
    ("p_values", "n_reject_bonferroni_05"): lambda p: intervals.rejections(p, 0.05, "bonferroni"),
    ("c_chart_counts", "cbar"): lambda counts: drift.c_chart(counts).centre,
    ("c_chart_counts", "UCL"): lambda counts: drift.c_chart(counts).high,
    ("c_chart_counts", "LCL"): lambda counts: drift.c_chart(counts).low,
    ("long_task_worker_label", "class_marginals"): lambda triples: metrics.dawid_skene(triples).class_marginals,
}
"""The function behind each figure that an example may ask for, by the kind of its data."""

SPREAD = {
    "confusion_TP_FP_FN_TN",
    "proportion_x_n",
    "strata_N_n_mean_var",
    "p_y_ndraws",
    "sample_size",
    "labels_scores",
}
"""The kinds whose data are several arguments; of the others they are one."""


def value_of(example: dict[str, Any], stat: str) -> Any:
    """What we compute for a check."""
    function, data = FUNCTIONS[example["kind"], stat], example["data"]
    return np.asarray(function(*data) if example["kind"] in SPREAD else function(data), dtype=float).ravel()


def printed_to(value: Any) -> float:
    """Half a unit of the last digit that a figure was noted with."""
    digits = [len(repr(part).partition(".")[2]) for part in np.ravel(value).tolist() if "e" not in repr(part)]
    return 0.5 * 10.0 ** -max(digits, default=0)


def checks() -> Iterator[Any]:
    """Every check of the shared file."""
    if not SHARED.exists():
        yield pytest.param(None, None, marks=pytest.mark.skip(reason=f"{SHARED.name} is not beside the repository"))
        return
    for example in json.loads(SHARED.read_text(encoding="utf-8"))["examples"]:
        for check in example["checks"]:
            yield pytest.param(example, check, id=f"{example['id']}-{check['stat']}")


@pytest.mark.parametrize(("example", "check"), list(checks()))
def test_shared_example_gives_its_published_value(example: dict[str, Any], check: dict[str, Any]) -> None:
    value = value_of(example, check["stat"])
    assert value == pytest.approx(np.ravel(check["published"]), abs=check["tol"] + 1e-12)


@pytest.mark.parametrize(("example", "check"), list(checks()))
def test_shared_example_gives_the_value_of_the_library_that_confirms_it(
    example: dict[str, Any], check: dict[str, Any]
) -> None:
    value, peer = value_of(example, check["stat"]), np.ravel(check["peer_value"])
    if example["kind"] == "sample_size":
        peer = np.ceil(peer)  # nobody draws part of an item
    noise = 5e-4 if example["kind"] == "long_task_worker_label" else 1e-9  # iterated to a limit of its own
    assert value == pytest.approx(peer, abs=max(printed_to(check["peer_value"]), noise) * 1.02)


@pytest.mark.parametrize(
    ("function", "data", "printed", "digits"),
    [
        # Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72:323-327: kappa .429, variance .002885, n = 200.
        (metrics.cohen_kappa, [[106, 10, 4], [22, 28, 10], [2, 12, 6]], 0.429, 3),
        (intervals.cohen_kappa_variance, [[106, 10, 4], [22, 28, 10], [2, 12, 6]], 0.002885, 6),
        # Gwet (2008), BJMSP 61:29-48, the epilepsy example of n = 125.
        (metrics.cohen_kappa, [[118, 5], [2, 0]], -0.0234, 4),
        (metrics.gwet_ac1, [[118, 5], [2, 0]], 0.9408, 4),
        # Gwet, Handbook of Inter-Rater Reliability, the abstractors' table.
        (metrics.cohen_kappa, [[13, 0, 0], [0, 20, 7], [0, 4, 56]], 0.7964, 4),
        (metrics.gwet_ac1, [[13, 0, 0], [0, 20, 7], [0, 4, 56]], 0.8493, 4),
        (metrics.percent_agreement, [[13, 0, 0], [0, 20, 7], [0, 4, 56]], 0.89, 2),
        # Landis & Koch (1977), Biometrics 33:159-174, the New Orleans patients.
        (metrics.cohen_kappa, [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]], 0.297, 3),
        # Krippendorff (2011), section B, Ben and Gerry.
        (
            metrics.krippendorff_alpha,
            [[1, 1, 0, 1, 0], [0, 2, 0, 0, 0], [0, 0, 3, 0, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 1]],
            0.692,
            3,
        ),
    ],
)
def test_coefficient_of_a_square_table_is_as_printed(
    function: Callable[[Any], Any], data: list[list[int]], printed: float, digits: int
) -> None:
    assert round(float(function(data)), digits) == printed


@pytest.mark.parametrize(
    ("table", "expected"),
    # Estimates and standard errors of irrCAC 0.4.4 (table.CAC), kappa's also of statsmodels 0.15.0.
    [
        (
            [[118, 5], [2, 0]],
            [
                (-0.023391812865, 0.012286756673),
                (0.940776337609, 0.022964551248),
                (-0.024691358025, 0.01088334706),
                (0.888, 0.041129648673),
            ],
        ),
        (
            [[22, 2], [4, 11]],
            [
                (0.666666666667, 0.12383607455),
                (0.714981729598, 0.111831330807),
                (0.67, 0.124874399939),
                (0.692307692308, 0.115548864031),
            ],
        ),
        (
            [[40, 4, 4, 17], [6, 25, 2, 13], [4, 1, 21, 12], [15, 5, 9, 45]],
            [
                (0.431500775881, 0.045969181562),
                (0.456157635468, 0.043449874431),
                (0.4316178206, 0.046231544426),
                (0.449925261584, 0.043955275206),
            ],
        ),
        (
            [[20, 180], [10, 1820]],
            [
                (0.152121345351, 0.032141031931),
                (0.895203032238, 0.007909368584),
                (0.124520376887, 0.034998125474),
                (0.812807881773, 0.012929199917),
            ],
        ),
    ],
)
def test_chance_corrected_coefficients_and_errors_equal_the_libraries(
    table: list[list[int]], expected: list[tuple[float, float]]
) -> None:
    pairs = [
        (metrics.cohen_kappa, intervals.cohen_kappa_variance),
        (metrics.gwet_ac1, intervals.gwet_ac1_variance),
        (metrics.krippendorff_alpha, intervals.krippendorff_alpha_variance),
        (metrics.brennan_prediger, intervals.brennan_prediger_variance),
    ]
    found = [(float(estimate(table)), float(variance(table)) ** 0.5) for estimate, variance in pairs]
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-9)


def test_screening_example_gives_its_printed_shares() -> None:
    # Wikipedia, Sensitivity and specificity: faecal occult blood screen, prevalence 1.48 %.
    counts = (20, 180, 10, 1820)
    found = [round(float(getattr(metrics, name)(*counts)), 3) for name in ("recall", "precision", "specificity", "f1")]
    assert found == [0.667, 0.1, 0.91, 0.174]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 25, 0.0, 0.1331922509),  # Agresti & Coull (1998) print 0 to .133
        (7, 100, 0.0343192611, 0.1374951474),  # statsmodels 0.15.0
        (23, 60, 0.2708827237, 0.5098240418),
        (3, 2000, 0.0005102636, 0.0044010326),
    ],
)
def test_wilson_interval_is_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert [float(end) for end in intervals.wilson(successes, trials)] == pytest.approx([low, high], abs=1e-9)


def test_benjamini_hochberg_finds_what_the_handbook_finds() -> None:
    # McDonald, Handbook of Biological Statistics: 25 diet variables, false discovery rate .25.
    # The sixth lies exactly on its bound: 6 with "at most", the book's 5 with "below".
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269]
    p += [0.275, 0.34, 0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986]
    adjusted = benjamini_hochberg(p)
    assert (adjusted <= 0.25 + 1e-12).sum() == 6
    assert (adjusted < 0.25 - 1e-12).sum() == 5


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_interval_of_a_difference_is_as_printed(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    gap, below, above = intervals.difference(
        first[0] / first[1], intervals.wilson(*first), second[0] / second[1], intervals.wilson(*second)
    )
    assert [round(float(below), 4), round(float(above), 4)] == [low, high]
    assert float(gap) == pytest.approx(first[0] / first[1] - second[0] / second[1])
