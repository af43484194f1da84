"""Each metric on its own, and what holds for all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.analysis import metrics
from cmtools.analysis.measure import FLAGS, METHODS, METRICS, Cells, Share, metric
from cmtools.errors import BadRequest

NAMES = [
    "percent_agreement",
    "precision",
    "recall",
    "specificity",
    "npv",
    "f1",
    "prevalence_auto",
    "prevalence_human",
    "cohen_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "brennan_prediger",
    "mcc",
]
COUNT = st.integers(0, 60)
COUNTS = st.tuples(COUNT, COUNT, COUNT, COUNT)
SHARES = [name for name in NAMES if isinstance(METRICS[name].recipe, Share)]


def one(name: str, *counts: float, missing: float = 0, level: float = 0.95) -> tuple[float, float, float, str, str]:
    """Estimate, low, high, method and flag of one metric of one cell."""
    measured = METRICS[name].measure(Cells.of(*counts, missing), level)
    estimate, low, high = (float(part) for part in measured[:3])
    return estimate, low, high, str(measured.method), str(measured.flag)


def test_table_of_metrics_has_the_agreed_names_in_order() -> None:
    assert list(METRICS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_function_is_public_under_its_name(name: str) -> None:
    assert getattr(metrics, name) is METRICS[name].function


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(counts=COUNTS)
def test_interval_holds_the_estimate_and_stays_in_range(name: str, counts: tuple[int, ...]) -> None:
    estimate, low, high, method, flag = one(name, *counts)
    lowest = 0 if name in SHARES and name != "brennan_prediger" else -1
    if np.isnan(estimate):
        assert np.isnan(low)
        assert np.isnan(high)
        assert flag in FLAGS
    else:
        assert lowest - 1e-12 <= estimate <= 1 + 1e-12
    if np.isnan(low) or np.isnan(high):
        assert method == ""
        assert flag in FLAGS
    else:
        assert method in METHODS
        assert lowest <= low <= estimate + 1e-12
        assert estimate - 1e-12 <= high <= 1


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(counts=COUNTS)
def test_interval_is_never_a_point(name: str, counts: tuple[int, ...]) -> None:
    _, low, high, _, _ = one(name, *counts)
    assert low != high


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(cells=st.lists(COUNTS, min_size=1, max_size=5))
def test_arrays_give_what_numbers_give_one_by_one(name: str, cells: list[tuple[int, ...]]) -> None:
    together = METRICS[name].measure(Cells.of(*np.array(cells, dtype=float).T))
    for place, counts in enumerate(cells):
        estimate, low, high, method, flag = one(name, *counts)
        found = [together.estimate[place], together.low[place], together.high[place]]
        assert np.array_equal(found, [estimate, low, high], equal_nan=True)
        assert (together.method[place], together.flag[place]) == (method, flag)


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("prevalence")])
@settings(max_examples=40)
@given(on=st.integers(1, 500), off=st.integers(1, 500))
def test_perfect_agreement_is_one_with_some_doubt_left(name: str, on: int, off: int) -> None:
    estimate, low, high, _, _ = one(name, on, 0, 0, off)
    assert estimate == 1
    assert low < 1
    assert high == 1


@pytest.mark.parametrize("name", ["cohen_kappa", "gwet_ac1", "krippendorff_alpha", "brennan_prediger", "mcc"])
def test_complete_disagreement_is_minus_one(name: str) -> None:
    estimate, low, high, _, _ = one(name, 0, 50, 50, 0)
    assert estimate == pytest.approx(-1, abs=0.011)  # alpha's correction for small samples leaves 1 / n
    assert low <= estimate < high


@pytest.mark.parametrize("name", ["cohen_kappa", "gwet_ac1", "krippendorff_alpha", "brennan_prediger", "mcc"])
@settings(max_examples=40)
@given(counts=COUNTS)
def test_coefficient_does_not_care_which_side_is_which(name: str, counts: tuple[int, ...]) -> None:
    tp, fp, fn, tn = counts
    here = METRICS[name].function(tp, fp, fn, tn)
    for other in (METRICS[name].function(tp, fn, fp, tn), METRICS[name].function(tn, fp, fn, tp)):
        assert here == pytest.approx(float(other), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(counts=st.tuples(*[st.integers(1, 60)] * 4))
def test_more_of_the_same_narrows_the_interval(name: str, counts: tuple[int, ...]) -> None:
    _, low, high, _, _ = one(name, *counts)
    estimate, nearer_low, nearer_high, _, _ = one(name, *(100 * count for count in counts))
    assert nearer_high - nearer_low < high - low
    assert estimate == pytest.approx(float(METRICS[name].function(*counts)), abs=1 / sum(counts))


@pytest.mark.parametrize("name", SHARES)
@settings(max_examples=40)
@given(counts=COUNTS)
def test_share_and_function_tell_the_same(name: str, counts: tuple[int, ...]) -> None:
    recipe = METRICS[name].recipe
    assert isinstance(recipe, Share)
    successes, trials = recipe.parts(Cells.of(*counts))
    if trials:
        share = recipe.transform(np.asarray(successes / trials))
        assert float(METRICS[name].function(*counts)) == pytest.approx(float(share), abs=1e-12)
    else:
        assert np.isnan(METRICS[name].function(*counts))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_at_all_is_nan_with_its_reason(name: str) -> None:
    assert one(name, 0, 0, 0, 0)[3:] == ("", "no_decisions")
    assert one(name, 0, 0, 0, 0, missing=3)[3:] == ("", "all_missing")
    assert np.isnan(one(name, 0, 0, 0, 0)[0])


@pytest.mark.parametrize(
    ("name", "counts", "flag"),
    [
        ("recall", (0, 5, 0, 50), "no_positives"),
        ("precision", (0, 0, 5, 50), "no_predicted_positives"),
        ("specificity", (50, 0, 5, 0), "no_negatives"),
        ("npv", (50, 5, 0, 0), "no_predicted_negatives"),
        ("f1", (0, 0, 0, 50), "no_positives"),
        ("cohen_kappa", (0, 0, 0, 50), "single_class"),
        ("cohen_kappa", (50, 0, 0, 0), "single_class"),
        ("krippendorff_alpha", (0, 0, 0, 50), "single_class"),
        ("mcc", (0, 0, 0, 50), "single_class"),
        ("mcc", (0, 25, 0, 25), "single_class"),
    ],
)
def test_undefined_metric_is_nan_with_its_reason(name: str, counts: tuple[int, ...], flag: str) -> None:
    estimate, low, high, method, found = one(name, *counts)
    assert np.isnan([estimate, low, high]).all()
    assert (method, found) == ("", flag)


def test_kappa_is_zero_and_flagged_where_one_side_never_varies() -> None:
    estimate, low, high, method, flag = one("cohen_kappa", 0, 0, 30, 70)
    assert estimate == 0
    assert np.isnan([low, high]).all()
    assert (method, flag) == ("", "single_class")


def test_ac1_is_one_and_flagged_where_all_is_one_class() -> None:
    estimate, low, high, method, flag = one("gwet_ac1", 0, 0, 0, 100)
    assert (estimate, high, method, flag) == (1, 1, "wilson_chance_held", "single_class")
    assert low == pytest.approx(0.963, abs=0.001)


@pytest.mark.parametrize(
    ("name", "few", "enough"),
    [
        ("recall", (19, 0, 0, 500), (20, 0, 0, 500)),
        ("precision", (19, 0, 30, 500), (20, 0, 30, 500)),
        ("specificity", (500, 5, 0, 14), (500, 5, 0, 15)),
        ("npv", (500, 0, 5, 14), (500, 0, 5, 15)),
        ("f1", (10, 500, 9, 500), (10, 500, 10, 500)),
        ("cohen_kappa", (10, 30, 9, 500), (10, 30, 10, 500)),
        ("cohen_kappa", (500, 9, 30, 10), (500, 10, 30, 10)),
        ("krippendorff_alpha", (10, 30, 9, 500), (10, 30, 10, 500)),
        ("mcc", (10, 30, 9, 500), (10, 30, 10, 500)),
        ("gwet_ac1", (5, 5, 5, 4), (5, 5, 5, 5)),
        ("percent_agreement", (5, 5, 5, 4), (5, 5, 5, 5)),
        ("brennan_prediger", (5, 5, 5, 4), (5, 5, 5, 5)),
        ("prevalence_human", (5, 5, 5, 4), (5, 5, 5, 5)),
        ("prevalence_auto", (5, 5, 5, 4), (5, 5, 5, 5)),
    ],
)
def test_estimate_is_sparse_below_twenty_of_its_kind(name: str, few: tuple[int, ...], enough: tuple[int, ...]) -> None:
    assert one(name, *few)[4] == "sparse"
    assert one(name, *enough)[4] == ""


def test_f1_interval_is_the_image_of_its_proportions_interval() -> None:
    _, low, high, method, _ = one("f1", 40, 9, 6, 45)
    _, below, above, _, _ = one("recall", 40, 0, 15, 0)
    assert method == "wilson_transformed"
    assert (low, high) == pytest.approx((2 * below / (1 + below), 2 * above / (1 + above)))


def test_wider_level_gives_a_wider_interval() -> None:
    for name in NAMES:
        narrow, wide = one(name, 40, 9, 6, 45, level=0.8), one(name, 40, 9, 6, 45, level=0.99)
        assert wide[1] < narrow[1] <= narrow[2] < wide[2]


@pytest.mark.parametrize("table", [[1, 2], [[1, 2, 3], [4, 5, 6]], [[1]], [[1, -1], [0, 2]]])
def test_table_that_is_not_square_counts_is_refused(table: object) -> None:
    with pytest.raises(BadRequest):
        metrics.cohen_kappa(table)


def test_two_counts_are_refused() -> None:
    with pytest.raises(BadRequest, match="tp, fp, fn, tn or one square table"):
        metrics.gwet_ac1(1, 2)


def test_new_metric_is_one_function_and_shows_in_every_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmtools.analysis.measure.METRICS", {})

    @metric("False alarm rate", Share(lambda c: (c.fp, c.negatives), "no_negatives"), meaning="…", source="…")
    def false_alarm_rate(tp: float, fp: float, fn: float, tn: float) -> float:
        return fp / (fp + tn)

    from cmtools.analysis import measure

    found = measure.METRICS["false_alarm_rate"].measure(Cells.of(1, 5, 1, 45))
    assert float(found.estimate) == 0.1
    assert float(found.low) < 0.1 < float(found.high)


@pytest.mark.parametrize("name", NAMES)
def test_a_negative_count_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="a count is negative"):
        METRICS[name].function(-1, 2, 3, 4)


@pytest.mark.parametrize("name", NAMES)
def test_counts_may_be_lists(name: str) -> None:
    found = METRICS[name].function([3, 40], [2, 9], [1, 6], [4, 45])
    assert found[1] == pytest.approx(float(METRICS[name].function(40, 9, 6, 45)))


@pytest.mark.parametrize("name", NAMES)
def test_counts_that_are_not_known_give_nan(name: str) -> None:
    assert np.isnan(METRICS[name].function(np.nan, np.nan, np.nan, np.nan))


RATINGS_OF = {
    "percent_agreement": "percent_agreement_of_ratings",
    "cohen_kappa": "conger_kappa",
    "gwet_ac1": "gwet_ac1_of_ratings",
    "krippendorff_alpha": "krippendorff_alpha_of_ratings",
    "brennan_prediger": "brennan_prediger_of_ratings",
}
"""What takes ratings, by the coefficient of a square table."""


@pytest.mark.parametrize("name", RATINGS_OF)
@pytest.mark.parametrize(
    "ratings",
    [[[1, 2, 3, 1], [1, 2, 3, None]], [[1, None], [1, 2]], [["a", "b"], ["b", "b"]], [[1, 2], [1]], "abc", [], None],
)
def test_ratings_in_the_place_of_a_square_table_are_refused_with_what_to_take(name: str, ratings: object) -> None:
    with pytest.raises(BadRequest, match=f"take {RATINGS_OF[name]}$"):
        METRICS[name].function(ratings)


def test_two_lists_of_labels_are_refused_with_what_to_take() -> None:
    with pytest.raises(BadRequest, match="got 2 arguments; of ratings, a row per rater, take conger_kappa"):
        metrics.cohen_kappa([1, 2, 1], [1, 2, 2])


def test_a_stack_of_tables_may_hold_one_that_is_not_known() -> None:
    found = metrics.cohen_kappa([[[40, 9], [6, 45]], [[np.nan, np.nan], [np.nan, np.nan]]])
    assert np.isnan(found).tolist() == [False, True]


def test_counts_that_are_words_are_refused() -> None:
    with pytest.raises(BadRequest, match="no numbers; give tp, fp, fn, tn"):
        metrics.recall("a", "b", "c", "d")


@settings(max_examples=40)
@given(counts=COUNTS)
def test_kappa_is_lowered_by_prevalence_and_raised_by_bias_as_byrt_and_others_have_it(counts: tuple[int, ...]) -> None:
    # Byrt, Bishop & Carlin (1993): kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2).
    prevalence, bias = float(metrics.prevalence_index(*counts)), float(metrics.bias_index(*counts))
    room = 1 - prevalence**2 + bias**2
    kappa = float(metrics.cohen_kappa(*counts))
    if not np.isnan(kappa):
        adjusted = float(metrics.brennan_prediger(*counts))
        assert kappa == pytest.approx((adjusted - prevalence**2 + bias**2) / room, abs=1e-9)


def test_agreement_on_positives_is_f1_and_on_negatives_that_of_the_turned_table() -> None:
    assert float(metrics.positive_agreement(40, 9, 6, 45)) == pytest.approx(float(metrics.f1(40, 9, 6, 45)))
    assert float(metrics.negative_agreement(40, 9, 6, 45)) == pytest.approx(float(metrics.f1(45, 6, 9, 40)))
    assert np.isnan(metrics.negative_agreement(5, 0, 0, 0))
