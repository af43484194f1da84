"""Coefficients of several raters out of plain tables, beside what irrCAC and krippendorff said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.analysis import intervals
from cmtools.analysis.metrics import gwet_ac1
from cmtools.analysis.raters.agreement import RaterAgreement
from cmtools.analysis.ratings import tables as plain
from cmtools.errors import BadRequest

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "raters.json").read_text(encoding="utf-8"))
TABLES = ORACLE["tables"]
CASES = [(name, weights) for name, table in TABLES.items() for weights in table["weights"]]
FUNCTIONS = {
    "gwet_ac1": plain.gwet_ac1_of_ratings,
    "fleiss_kappa": plain.fleiss_kappa_of_ratings,
    "conger_kappa": plain.conger_kappa,
    "brennan_prediger": plain.brennan_prediger_of_ratings,
}
RATINGS = st.integers(2, 5).flatmap(
    lambda items: st.lists(
        st.lists(st.sampled_from([1, 2, 3, None]), min_size=items, max_size=items), min_size=2, max_size=4
    )
)


def same(one: float, two: float) -> bool:
    return (np.isnan(one) and np.isnan(two)) or one == pytest.approx(two, abs=1e-12)


@pytest.mark.parametrize(("table", "weights"), CASES)
def test_coefficients_and_errors_equal_irrcac(table: str, weights: str) -> None:
    ratings = TABLES[table]["ratings"]
    for name, (estimate, error, *_) in TABLES[table]["weights"][weights].items():
        if name in FUNCTIONS:
            assert FUNCTIONS[name](ratings, weights) == pytest.approx(estimate, abs=1e-12)
        assert plain.error_of_ratings(name, ratings, weights) == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize(("table", "scale"), [(name, scale) for name in TABLES for scale in TABLES[name]["alpha"]])
def test_alpha_equals_krippendorff_whatever_is_missing(table: str, scale: str) -> None:
    found = plain.krippendorff_alpha_of_ratings(TABLES[table]["ratings"], scale)
    assert found == pytest.approx(TABLES[table]["alpha"][scale], abs=1e-12)


@pytest.mark.parametrize(("table", "weights"), CASES)
def test_the_table_of_an_agreement_has_irrcacs_intervals(table: str, weights: str) -> None:
    agreement = RaterAgreement(TABLES[table]["ratings"], weights=weights, interval="gwet")
    found = agreement.table([*FUNCTIONS, "krippendorff_alpha"]).set_index("metric")
    for name, (estimate, _, low, high) in TABLES[table]["weights"][weights].items():
        row = found.loc[name, ["estimate", "low", "high"]].to_numpy(dtype=float)
        assert row == pytest.approx([estimate, max(low, -1), min(high, 1)], abs=1e-9)


@pytest.mark.parametrize("table", list(TABLES))
def test_counts_give_what_the_ratings_behind_them_give(table: str) -> None:
    ratings = TABLES[table]["ratings"]
    counts = plain.subject_category_counts(ratings)
    pairs = [
        (plain.percent_agreement_of_counts(counts), plain.percent_agreement_of_ratings(ratings)),
        (plain.fleiss_kappa_of_counts(counts), plain.fleiss_kappa_of_ratings(ratings)),
        (plain.gwet_ac1_of_counts(counts, "linear"), plain.gwet_ac1_of_ratings(ratings, "linear")),
        (plain.brennan_prediger_of_counts(counts), plain.brennan_prediger_of_ratings(ratings)),
        (
            plain.krippendorff_alpha_of_counts(counts, "ordinal"),
            plain.krippendorff_alpha_of_ratings(ratings, "ordinal"),
        ),
        (plain.error_of_counts("fleiss_kappa", counts), plain.error_of_ratings("fleiss_kappa", ratings)),
    ]
    for of_counts, of_ratings in pairs:
        assert of_counts == pytest.approx(of_ratings, abs=1e-12)


def test_conger_has_no_error_out_of_counts() -> None:
    with pytest.raises(BadRequest, match="who said what"):
        plain.error_of_counts("conger_kappa", [[2, 0], [1, 1]])


def test_an_unknown_coefficient_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadRequest, match="no coefficient 'kappa'; there are percent_agreement"):
        plain.error_of_ratings("kappa", [[1, 2], [1, 1]])


def test_two_raters_have_the_ac1_of_their_square_table() -> None:
    ratings = TABLES["two raters, none missing"]["ratings"]
    square = [
        [sum(pair == (one, two) for pair in zip(*ratings, strict=True)) for two in (1, 2, 3)] for one in (1, 2, 3)
    ]
    assert plain.gwet_ac1_of_ratings(ratings) == pytest.approx(float(gwet_ac1(square)), abs=1e-12)


@given(RATINGS)
def test_no_order_of_raters_or_items_matters(ratings: list[list[Any]]) -> None:
    turned = [row[::-1] for row in ratings[::-1]]
    for function in (*FUNCTIONS.values(), plain.percent_agreement_of_ratings, plain.krippendorff_alpha_of_ratings):
        assert same(function(ratings), function(turned))


@given(RATINGS)
def test_words_are_measured_as_numbers_are(ratings: list[list[Any]]) -> None:
    words = [[None if value is None else "xyz"[value - 1] for value in row] for row in ratings]
    assert same(plain.krippendorff_alpha_of_ratings(ratings), plain.krippendorff_alpha_of_ratings(words))
    assert same(plain.conger_kappa(ratings), plain.conger_kappa(words))


@given(RATINGS)
def test_numbers_far_apart_are_measured_as_those_close_together_are(ratings: list[list[Any]]) -> None:
    far = [[None if value is None else (0.5, 1e6, -1e9)[value - 1] for value in row] for row in ratings]
    assert same(plain.gwet_ac1_of_ratings(ratings), plain.gwet_ac1_of_ratings(far))


@given(RATINGS)
def test_items_that_nobody_rated_change_nothing(ratings: list[list[Any]]) -> None:
    longer = [[None, *row, None] for row in ratings]
    for function in (*FUNCTIONS.values(), plain.krippendorff_alpha_of_ratings):
        assert same(function(ratings), function(longer))


@given(RATINGS)
def test_alpha_looks_at_no_item_that_was_rated_once(ratings: list[list[Any]]) -> None:
    longer = [[3 if place == 0 else None, *row] for place, row in enumerate(ratings)]
    assert same(plain.krippendorff_alpha_of_ratings(ratings), plain.krippendorff_alpha_of_ratings(longer))


@given(RATINGS)
def test_no_coefficient_is_above_one(ratings: list[list[Any]]) -> None:
    for function in (*FUNCTIONS.values(), plain.krippendorff_alpha_of_ratings):
        assert not function(ratings) > 1 + 1e-12


@pytest.mark.parametrize(
    "ratings", [[[]], [[], []], [[None, None], [None, None]], [[1, 1, 2]], [[1, None], [None, 1]], [[1, 1], [1, 1]]]
)
def test_nothing_to_measure_is_nan_and_no_exception(ratings: list[list[Any]]) -> None:
    assert np.isnan(plain.krippendorff_alpha_of_ratings(ratings))
    assert np.isnan(plain.fleiss_kappa_of_ratings(ratings))
    assert np.isnan(plain.error_of_ratings("conger_kappa", ratings))


def test_no_items_in_counts_is_nan_and_no_exception() -> None:
    assert np.isnan(plain.fleiss_kappa(np.zeros((0, 3))))
    assert np.isnan(plain.krippendorff_alpha_of_counts([[0, 0]]))


@pytest.mark.parametrize("counts", [[[1, -1]], [[0.5, 1]], [1, 2], [[[1]]], [], [["a", "b"]], [[1, 2], [1]]])
def test_counts_that_are_none_are_refused(counts: Any) -> None:
    with pytest.raises(BadRequest, match="count"):
        plain.fleiss_kappa(counts)


@pytest.mark.parametrize("ratings", [[1, 2, 3], [[1, 2], [1]], 5])
def test_ratings_that_are_no_table_are_refused(ratings: Any) -> None:
    with pytest.raises(BadRequest, match="one row per rater"):
        plain.fleiss_kappa_of_ratings(ratings)


def test_more_values_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(BadRequest, match="300 different values"):
        plain.krippendorff_alpha_of_ratings([np.arange(300) * 0.7, np.arange(300) * 0.7], "interval")


def test_ratio_weights_refuse_zero() -> None:
    with pytest.raises(BadRequest, match="values above 0"):
        plain.gwet_ac1_of_ratings([[0, 1], [1, 1]], "ratio")


@pytest.mark.parametrize("table", [[[1, None], [2, 1]], [["a", "b"], ["b", "b"]], [[1, 2, 3, 1], [1, 2, 3, 2]]])
def test_ratings_in_the_place_of_counts_are_refused_with_what_to_take(table: Any) -> None:
    with pytest.raises(BadRequest, match="_of_ratings"):
        plain.fleiss_kappa(table)


def test_counts_of_items_with_different_numbers_of_raters_have_a_function_of_their_own() -> None:
    counts = [[3, 0], [2, 1], [2, 0], [0, 0]]
    with pytest.raises(BadRequest, match=r"sum to 2 up to 3.*fleiss_kappa_of_counts"):
        plain.fleiss_kappa(counts)
    with pytest.raises(BadRequest, match="sum to 2 up to 3"):
        intervals.fleiss_kappa_se(counts)
    assert plain.fleiss_kappa_of_counts(counts) == pytest.approx(-1 / 8)


def test_items_that_nobody_rated_are_no_items_of_fleiss() -> None:
    assert plain.fleiss_kappa([[3, 0], [2, 1], [0, 0]]) == plain.fleiss_kappa([[3, 0], [2, 1]])


def test_nothing_at_all_is_refused_in_words() -> None:
    with pytest.raises(BadRequest, match="there are no ratings"):
        plain.conger_kappa([])
    with pytest.raises(BadRequest, match="there are none"):
        plain.fleiss_kappa([])
    with pytest.raises(BadRequest, match="there are no ratings"):
        RaterAgreement([])
    with pytest.raises(BadRequest, match="has no columns"):
        RaterAgreement(pd.DataFrame())


def test_ratings_of_several_kinds_have_no_order_of_their_own() -> None:
    ratings = [[1, "a"], [1, "b"]]
    with pytest.raises(BadRequest, match="of several kinds"):
        plain.conger_kappa(ratings)
    assert plain.percent_agreement_of_ratings(ratings, values=[1, "a", "b"]) == 0.5
