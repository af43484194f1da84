"""Curves, calibration and Brier's score, against scikit-learn and from first principles."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.analysis import scores
from cmtools.errors import BadRequest

CASES = json.loads((Path(__file__).parents[1] / "oracles" / "plain_functions.json").read_text())["scores"]
"""Values of scikit-learn, with many and with few equal scores."""

LABELS_SCORES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20)), max_size=40).map(
    lambda pairs: ([label for label, _ in pairs], [score / 20 for _, score in pairs])
)


@pytest.mark.parametrize("case", CASES)
def test_single_figures_equal_scikit_learn(case: dict[str, Any]) -> None:
    arguments = case["labels"], case["scores"]
    found = [scores.brier_score(*arguments), scores.average_precision(*arguments), scores.roc_auc(*arguments)]
    assert found == pytest.approx([case["brier"], case["average_precision"], case["roc_auc"]], abs=1e-12)
    clipped = np.clip(case["scores"], 0.001, 0.999)
    assert scores.log_loss(case["labels"], clipped) == pytest.approx(case["log_loss"], abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_the_precision_recall_curve_equals_scikit_learn(case: dict[str, Any]) -> None:
    curve = scores.precision_recall_curve(case["labels"], case["scores"])
    assert curve.threshold.tolist() == case["thresholds"]
    assert curve.precision.tolist() == pytest.approx(case["precision"], abs=1e-12)
    assert curve.recall.tolist() == pytest.approx(case["recall"], abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_the_roc_curve_equals_scikit_learn(case: dict[str, Any]) -> None:
    curve = scores.roc_curve(case["labels"], case["scores"])
    assert curve.false_positive_rate.tolist() == pytest.approx(case["fpr"], abs=1e-12)
    assert curve.true_positive_rate.tolist() == pytest.approx(case["tpr"], abs=1e-12)


@given(LABELS_SCORES)
def test_the_area_is_the_share_of_pairs_in_the_right_order(case: tuple[list[int], list[float]]) -> None:
    labels, given_scores = case
    pairs = [
        (one > other) + (one == other) / 2
        for one, is_on in zip(given_scores, labels, strict=True)
        if is_on
        for other, other_on in zip(given_scores, labels, strict=True)
        if not other_on
    ]
    assert scores.roc_auc(labels, given_scores) == pytest.approx(np.mean(pairs) if pairs else math.nan, nan_ok=True)


@given(LABELS_SCORES)
def test_the_parts_of_brier_add_up(case: tuple[list[int], list[float]]) -> None:
    reliability, resolution, uncertainty = scores.brier_decomposition(*case)
    assert reliability - resolution + uncertainty == pytest.approx(scores.brier_score(*case), nan_ok=True)


@given(LABELS_SCORES, st.integers(1, 12), st.sampled_from(["width", "count"]))
def test_calibration_bins_hold_everything_once(case: tuple[list[int], list[float]], bins: int, by: str) -> None:
    found = scores.calibration_bins(*case, bins, by)
    assert found.n.sum() == len(case[0])
    assert len(found.n) <= bins
    assert np.dot(found.n, found.score) == pytest.approx(sum(case[1]))
    assert np.dot(found.n, found.share) == pytest.approx(sum(case[0]))


@given(LABELS_SCORES)
def test_the_variance_of_the_area_is_that_of_delong(case: tuple[list[int], list[float]]) -> None:
    labels, given_scores = np.array(case[0], dtype=bool), np.array(case[1])
    on, off = given_scores[labels], given_scores[~labels]
    if len(on) < 2 or len(off) < 2:
        assert math.isnan(scores.roc_auc_variance(*case))
        return
    wins = (on[:, None] > off) + (on[:, None] == off) / 2
    expected = np.var(wins.mean(axis=1), ddof=1) / len(on) + np.var(wins.mean(axis=0), ddof=1) / len(off)
    assert scores.roc_auc_variance(*case) == pytest.approx(expected, abs=1e-12)


def test_equal_count_bins_hold_as_many_items_where_no_scores_are_equal() -> None:
    found = scores.calibration_bins([0, 1] * 50, np.linspace(0.3, 0.4, 100), 10, "count")
    assert found.n.tolist() == [10] * 10


def test_a_score_on_an_edge_belongs_to_the_bin_above_it() -> None:
    assert scores.calibration_bins([0, 1, 1], [0.49, 0.5, 1.0], 2).n.tolist() == [1, 2]


def test_calibration_errors_stand_in_order() -> None:
    mean, root, most = (
        function(CASES[0]["labels"], CASES[0]["scores"], 5)
        for function in (
            scores.expected_calibration_error,
            scores.root_mean_square_calibration_error,
            scores.maximum_calibration_error,
        )
    )
    assert 0 < mean < root < most


def test_a_ranking_is_read_from_the_top() -> None:
    # Manning, Raghavan & Schuetze, Introduction to Information Retrieval, exercise 8.4, the first system.
    labels, ranking = [1, 0, 1, 0, 0, 0, 0, 0, 1, 1], [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert scores.r_precision(labels, ranking) == 0.5
    assert scores.precision_at(labels, ranking, 3) == pytest.approx(2 / 3)
    eleven = scores.interpolated_precision(labels, ranking)
    assert eleven == pytest.approx([1, 1, 1, 2 / 3, 2 / 3, 2 / 3, 0.4, 0.4, 0.4, 0.4, 0.4])


def test_nothing_gives_nan_and_no_error() -> None:
    single = [scores.brier_score, scores.average_precision, scores.roc_auc, scores.log_loss, scores.r_precision]
    single += [scores.expected_calibration_error, scores.maximum_calibration_error, scores.roc_auc_variance]
    assert all(math.isnan(function([], [])) for function in single)
    assert len(scores.precision_recall_curve([], []).threshold) == 0


@pytest.mark.parametrize("label", [0, 1])
def test_a_single_class_has_no_area(label: int) -> None:
    assert math.isnan(scores.roc_auc([label] * 3, [0.1, 0.2, 0.3]))
    assert math.isnan(scores.average_precision([0] * 3, [0.1, 0.2, 0.3]))


@pytest.mark.parametrize(
    ("labels", "given_scores"), [([2], [0.1]), ([1, 0], [0.1]), ([1], [math.nan]), ([[1]], [[0.1]]), ([1], [1.1])]
)
def test_what_is_no_label_or_probability_is_refused(labels: list[Any], given_scores: list[Any]) -> None:
    with pytest.raises(BadRequest):
        scores.brier_score(labels, given_scores)


def test_scores_need_be_no_probabilities_where_only_their_order_counts() -> None:
    assert scores.roc_auc([0, 1], [-3, 8]) == 1


@pytest.mark.parametrize(("bins", "by"), [(0, "width"), (5, "size"), (True, "count")])
def test_bins_that_cannot_be_are_refused(bins: int, by: str) -> None:
    with pytest.raises(BadRequest):
        scores.calibration_bins([1], [0.5], bins, by)


def test_the_error_of_an_area_by_hanley_and_mcneil_is_near_that_of_the_scores_behind_it() -> None:
    # Hanley & McNeil (1982), Radiology 143:29-36, table I: images by rating 1 to 5, normal and abnormal.
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    labels = [0] * sum(normal) + [1] * sum(abnormal)
    given = [rating for counts in (normal, abnormal) for rating, n in enumerate(counts) for _ in range(n)]
    area = scores.roc_auc(labels, given)
    assert round(area, 3) == 0.893
    assert round(scores.hanley_mcneil_variance(area, 51, 58) ** 0.5, 3) == 0.032
    assert scores.roc_auc_variance(labels, given) ** 0.5 == pytest.approx(0.032, abs=0.002)


@pytest.mark.parametrize("numbers", [(1.2, 5, 5), (-0.1, 5, 5), (0.5, 0, 5), (0.5, 5, 0), (float("nan"), 5, 5)])
def test_an_area_that_cannot_be_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(BadRequest, match="within 0 and 1"):
        scores.hanley_mcneil_variance(*numbers)
