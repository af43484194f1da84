"""Thresholds: what they promise holds, what they cost is right, and they come out as a workflow that does the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.intervals import clopper_pearson
from cmtools.analysis.thresholds.choice import COLUMNS, FLAGS, Choice
from cmtools.analysis.thresholds.choosing import Thresholds
from cmtools.analysis.thresholds.evidence import Promise, judge, p_values, upper_bound
from cmtools.analysis.thresholds.items import Items
from cmtools.analysis.thresholds.sweep import Prices, Sweep
from cmtools.drafts import make_drafts
from cmtools.errors import BadRequest, BadTag
from cmtools.service.expressions import actions
from cmtools.wire.workflows import read_expression, write_expression

RUNS = 300
MOST_WRONG = int(stats.binom.ppf(0.999, RUNS, 0.05))
"""A promise that holds in 95 % of all runs fails in more of them than this once in a thousand times."""

GRID = np.linspace(0, 1, 4001)


def chance_of_on(score: np.ndarray) -> np.ndarray:
    """How likely people flag an item with this score: it does not rise everywhere."""
    return 0.002 + 0.9 * score**4 + 0.03 * np.exp(-(((score - 0.1) / 0.03) ** 2))


BELOW = np.concatenate([[0], np.cumsum((chance_of_on(GRID)[1:] + chance_of_on(GRID)[:-1]) / 2) * (GRID[1] - GRID[0])])
TRUE = {
    "closed": lambda t: np.interp(t, GRID, BELOW) / t,
    "positives": lambda t: np.interp(t, GRID, BELOW) / BELOW[-1],
    "all": lambda t: np.interp(t, GRID, BELOW),
    "flagged": lambda t: 1 - (BELOW[-1] - np.interp(t, GRID, BELOW)) / (1 - t),
}
"""The error share of every kind at a threshold, for scores that are spread evenly over [0, 1]."""


def drawn(rng: np.random.Generator, n: int, weighted: bool) -> tuple[Items, Items, Items]:
    """Two halves of a random sample and both; weighted: of strata, the high one drawn twice as densely."""
    low = n // 3 if weighted else 0
    score = np.concatenate([rng.uniform(0, 0.5, low), rng.uniform(0.5, 1, n - low)]) if weighted else rng.random(n)
    weight = np.where(np.arange(n) < low, n / 2 / max(low, 1), n / 2 / (n - low)) if weighted else np.ones(n)
    on, first = rng.random(n) < chance_of_on(score), np.arange(n) % 2 == 0
    return (
        Items.of(score[first], on[first], weight[first]),
        Items.of(score[~first], on[~first], weight[~first]),
        Items.of(score, on, weight),
    )


def naive(items: Items, kind: str, most: float) -> float:
    """The furthest threshold at which the share of errors in the very same data is small enough."""
    thresholds = items.thresholds
    sweep = Sweep(items, thresholds)
    missed = sweep.found[0] - sweep.found
    share = {
        "closed": missed / np.maximum(sweep.above[0] - sweep.above, 1e-9),
        "positives": missed / sweep.found[0],
        "all": missed / sweep.above[0],
        "flagged": 1 - np.nan_to_num(sweep.precision(0.95)[0], nan=1.0),
    }[kind]
    fits = np.flatnonzero(share <= most)
    return float(thresholds[fits[0] if kind == "flagged" else fits[-1]])


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize(("kind", "most"), [("closed", 0.03), ("positives", 0.1), ("all", 0.02), ("flagged", 0.5)])
def test_a_promise_is_broken_in_at_most_5_percent_of_runs_where_the_naive_choice_is_in_many(
    kind: str, most: float, weighted: bool
) -> None:
    rng = np.random.default_rng(17)
    broken = broken_naively = found = 0
    for _ in range(RUNS):
        choosing, reporting, both = drawn(rng, 6000 if weighted else 1500, weighted)
        verdicts = judge(choosing, reporting, Promise(kind, most, 0.95))
        if verdicts.chosen is not None:
            found += 1
            broken += bool(TRUE[kind](min(verdicts.threshold[verdicts.chosen], 1 - 1e-9)) > most)
        broken_naively += bool(TRUE[kind](min(naive(both, kind, most), 1 - 1e-9)) > most)
    assert found > RUNS / 4  # a rule that never promises would keep all its promises
    assert broken <= MOST_WRONG
    assert broken_naively > 4 * MOST_WRONG


def test_without_weights_a_test_passes_exactly_where_the_one_sided_clopper_pearson_bound_is_small_enough() -> None:
    rng = np.random.default_rng(3)
    items = Items.of(rng.random(900), rng.random(900) < 0.01)
    promise = Promise("closed", 0.02, 0.95)
    thresholds = items.thresholds[1::7]
    p = p_values(items, thresholds, promise, weighted=False)
    below = items.below(thresholds)
    errors = np.array([items.positive[:end].sum() for end in below])
    assert p == pytest.approx(stats.binom.cdf(errors, below, 0.02))
    bounds = clopper_pearson(errors, below, level=0.9)[1]
    assert (p <= 0.05).tolist() == (bounds <= 0.02).tolist()
    assert upper_bound(items, float(thresholds[-1]), promise, weighted=False) == pytest.approx(bounds[-1])


def test_a_weighted_test_multiplies_one_factor_per_item_and_its_bound_is_where_it_just_rejects() -> None:
    items = Items.of(np.arange(60), np.arange(60) == 7, np.where(np.arange(60) < 30, 1.0, 3.0))
    promise = Promise("closed", 0.1, 0.95)
    z = items.weight * (items.positive - 0.1)
    products = [np.prod(1 - bet * (1 - 1e-9) / 0.9 / 3 * z) for bet in 2.0 ** -np.arange(8)]
    p = p_values(items, np.array([60.0]), promise, weighted=True, heaviest=3.0)
    assert p[0] == pytest.approx(min(1, 1 / np.mean(products)))
    bound = upper_bound(items, 60.0, promise, weighted=True, heaviest=3.0)
    at = p_values(items, np.array([60.0]), Promise("closed", bound, 0.95), weighted=True, heaviest=3.0)
    assert at[0] == pytest.approx(0.05, rel=1e-3)


def test_tests_stop_at_the_first_failure_even_where_later_ones_would_pass() -> None:
    score = np.arange(4000) / 4000
    clean = Items.of(score, score >= 0.9)
    bumpy = Items.of(score, (score >= 0.9) | ((score >= 0.25) & (score < 0.26)))
    promise = Promise("closed", 0.03, 0.95)
    candidates = judge(clean, bumpy, promise)
    early = judge(Items.of(score, (score >= 0.9) | (score >= 0.3) & (np.arange(4000) % 25 == 0)), bumpy, promise)
    assert early.threshold[0] < 0.32
    assert (~early.passed & (early.p <= 0.05)).any()
    assert not (np.diff(early.passed.astype(int)) > 0).any()
    assert candidates.chosen is not None
    assert candidates.threshold[candidates.chosen] > 0.85


def test_the_reporting_half_alone_decides_what_is_promised() -> None:
    score = np.arange(2000) / 2000
    clean, spoilt = Items.of(score, score >= 0.8), Items.of(score, np.arange(2000) % 10 == 0)
    promise = Promise("closed", 0.05, 0.95)
    verdicts = judge(clean, spoilt, promise)
    assert verdicts.chosen is None
    assert verdicts.p.tolist() == p_values(spoilt, verdicts.threshold, promise, weighted=False).tolist()
    assert judge(clean, clean, promise).chosen is not None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from([1.0, 2.5])), min_size=1, max_size=40),
    st.sampled_from(["closed", "positives", "all", "flagged"]),
)
def test_counts_behind_every_test_are_those_of_going_through_the_items_one_by_one(
    rows: list[tuple[int, bool, float]], kind: str
) -> None:
    items = Items.of(*(np.array(column) for column in zip(*rows, strict=True)))
    promise = Promise(kind, 0.3, 0.8)
    verdicts = judge(items, items, promise)
    for at, threshold in enumerate(verdicts.threshold):
        errors = trials = 0
        for score, on, _ in rows:
            below = score < threshold
            error = (below and on) if kind != "flagged" else (not below and not on)
            trial = {"closed": below, "positives": on, "all": True, "flagged": not below}[kind]
            errors, trials = errors + error, trials + trial
        assert (verdicts.errors[at], verdicts.trials[at]) == (errors, trials)
    assert (np.diff(verdicts.threshold) * (1 if promise.safe_is_low else -1) > 0).all()


def decisions(n: int = 4000, seed: int = 1, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.random(n).round(3)
    frame = pd.DataFrame({"review_id": [f"r{i}" for i in range(n)], "tag": "r", "auto": score >= 0.5, "score": score})
    return frame.assign(human=rng.random(n) < chance_of_on(score), **columns)


def test_a_choice_is_reported_by_the_other_half_as_an_agreement_with_that_threshold() -> None:
    frame = decisions()
    thresholds = Thresholds(frame)
    choice = thresholds.by_cost(1, 10)
    items = thresholds._scored.reporting["r"]
    half = pd.DataFrame({"tag": "r", "auto": False, "human": items.positive > 0, "score": items.score})
    direct = Agreement(half, threshold=choice.thresholds, cluster=False).table(["precision", "recall", "npv"])
    found = choice.table[choice.table["metric"] != "prevalence_auto"].drop(columns="threshold")
    pd.testing.assert_frame_equal(found.reset_index(drop=True), direct, check_dtype=False)
    assert choice.n_choosing == choice.n_reporting == 2000


def test_the_cheapest_threshold_is_the_cheapest_of_all_that_can_be_tried_by_hand() -> None:
    thresholds = Thresholds(decisions(600))
    items = thresholds._scored.choosing["r"]
    costs = {}
    for t in (*np.unique(items.score), np.inf):
        above = items.score >= t
        wrong, missed = (above & (items.positive == 0)).sum(), (~above & (items.positive == 1)).sum()
        costs[t] = 2 * wrong + 7 * missed + 0.5 * above.sum()
    (found,) = thresholds.by_cost(2, 7, review=0.5).thresholds.values()
    assert costs[found if found <= items.score.max() else np.inf] == min(costs.values())


@pytest.mark.parametrize("weighted", [False, True])
def test_the_what_if_table_is_what_agreement_says_at_each_threshold(weighted: bool) -> None:
    frame = decisions(500).assign(weight=lambda frame: np.where(weighted & (frame["score"] > 0.6), 0.2, 1.0))
    table = Thresholds(frame).what_if(half="both", population=100_000, false_positive=3, false_negative=4)
    assert len(table) == frame["score"].nunique() + 1
    row = table.iloc[300]
    direct = Agreement(frame, threshold={"r": row["threshold"]}, cluster=False).table(["precision", "recall"])
    assert row[["precision", "recall"]].tolist() == pytest.approx(direct["estimate"].tolist())
    if not weighted:
        assert row[["precision_low", "recall_high"]].tolist() == pytest.approx(
            [direct["low"].iloc[0], direct["high"].iloc[1]]
        )
    above = frame["score"] >= row["threshold"]
    share = frame.loc[above, "weight"].sum() / frame["weight"].sum()
    assert (row["n_above"], row["people"]) == (above.sum(), pytest.approx(share * 100_000))
    wrong, missed = (frame.loc[which, "weight"].sum() for which in (above & ~frame["human"], ~above & frame["human"]))
    assert row["cost"] == pytest.approx((3 * wrong + 4 * missed) * 100_000 / frame["weight"].sum())
    assert table.iloc[-1][["n_above", "flag"]].tolist() == [0, "no_predicted_positives"]


def test_the_what_if_table_leaves_the_reporting_half_unseen_unless_asked() -> None:
    frame = decisions(400)
    thresholds = Thresholds(frame)
    seen = thresholds.what_if()["n_above"].max()
    assert (seen, thresholds.what_if(half="reporting")["n_above"].max()) == (200, 200)
    assert len(thresholds.what_if(steps=10)) == 10
    with pytest.raises(BadRequest, match="half is 'test'"):
        thresholds.what_if(half="test")


def test_capacity_is_kept_by_all_tags_together_and_used() -> None:
    r, other = decisions(3000, 1), decisions(3000, 2).assign(tag="v")
    thresholds = Thresholds(pd.concat([r, other]))
    chosen = thresholds.by_capacity(500, population=5000).thresholds
    first = set(thresholds._scored.reviews["r"])
    wide = {
        tag: pd.Series(thresholds._scored.choosing[tag].score, thresholds._scored.reviews[tag]) for tag in ("r", "v")
    }
    above = pd.DataFrame({tag: wide[tag] >= chosen[tag] for tag in wide}).any(axis=1)
    assert len(above) == len(first) == 1500
    assert 0.09 < above.mean() <= 0.1


def test_all_rows_of_a_review_go_to_one_half_whatever_the_order_of_rows() -> None:
    both = pd.concat([decisions(300), decisions(300, 2).assign(tag="v")])
    one, other = Thresholds(both), Thresholds(both.sample(frac=1, random_state=4))
    for half in ("choosing", "reporting"):
        for tag in ("r", "v"):
            assert one._scored.half(half)[tag].score.tolist() == other._scored.half(half)[tag].score.tolist()
    assert set(one._scored.reviews["r"]) == set(one._scored.reviews["v"])
    assert one.what_if("r")["precision"].tolist() != Thresholds(both, seed=9).what_if("r")["precision"].tolist()


def test_a_video_is_one_item_with_its_highest_frame_and_reviewers_vote_on_each_frame() -> None:
    rows = [
        ("1", "0", "ana", 0.2, False),
        ("1", "0", "bo", 0.2, False),
        ("1", "500", "ana", 0.9, True),
        ("1", "500", "bo", 0.9, False),  # one against one counts as on
        ("2", "0", "ana", 0.4, True),
        ("2", "0", "bo", 0.4, False),
        ("2", "0", "cy", 0.4, False),
    ]
    frame = pd.DataFrame(rows, columns=["review_id", "frame", "reviewer", "score", "human"])
    items = Thresholds(frame.assign(tag="r", auto=False))._scored.both["r"]
    assert items.score.tolist() == [0.4, 0.9]
    assert items.positive.tolist() == [0, 1]


def test_strata_are_halved_each_and_weigh_as_much_in_either_half() -> None:
    frame = decisions(999).assign(stratum=lambda f: np.where(f["score"] > 0.8, "high", "low"))
    frame["weight"] = np.where(frame["stratum"] == "high", 1.0, 4.0)
    scored = Thresholds(frame)._scored
    for half in (scored.choosing["r"], scored.reporting["r"]):
        for stratum, name in enumerate(("high", "low")):
            part = frame[frame["stratum"] == name]
            mine = half.stratum == stratum
            assert abs(mine.sum() - len(part) / 2) <= 0.5
            assert half.weight[mine].sum() == pytest.approx(part["weight"].sum())


def test_blind_decisions_alone_count_where_there_are_both() -> None:
    frame = decisions(400).assign(blind=lambda f: f.index % 4 == 0)
    thresholds = Thresholds(frame)
    assert len(thresholds._scored.both["r"]) == 100
    assert repr(thresholds).endswith("blind decisions only")


def test_what_has_no_score_is_left_out_and_counted() -> None:
    thresholds = Thresholds(decisions(400).assign(score=lambda f: f["score"].where(f.index % 5 > 0)))
    assert thresholds.unscored == {"r": 80}
    assert "80 without a score left out" in repr(thresholds)


def test_too_few_reviews_promise_nothing_and_say_so() -> None:
    choice = Thresholds(decisions(200)).auto_close(0.01)
    assert choice.thresholds == {}
    assert set(choice.table["flag"]) == {"too_few"}
    assert choice.table["estimate"].isna().all()
    assert "at most 1 % errors (of what is closed), 95 % confidence: r none (chosen by 100 reviews" in repr(choice)
    with pytest.raises(BadRequest, match="no threshold was found"):
        choice.workflow()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_reviews_give_tables_and_no_promise(n: int) -> None:
    thresholds = Thresholds(decisions(n, auto=False))
    for choice in (thresholds.by_cost(), thresholds.by_capacity(0.5)):
        assert choice.table["flag"].all()
        assert "; halves too small for r)" in repr(choice)
        assert "<em>" in choice._repr_html_()
    for choice in (thresholds.auto_close(0.5), thresholds.by_floor(recall=0.5)):
        assert choice.thresholds == {}
        assert set(choice.table["flag"]) == {"too_few"}
    assert len(thresholds.what_if(half="both")) == n + 1


def test_where_nothing_is_worth_a_review_the_threshold_is_above_every_score() -> None:
    frame = decisions(1000)
    (least,) = Thresholds(frame).by_cost(1, 0, review=1).thresholds.values()
    assert least > Thresholds(frame)._scored.choosing["r"].score.max()


def test_what_is_not_so_is_not_shown_however_many_reviews_there_are() -> None:
    rng = np.random.default_rng(2)
    choice = Thresholds(decisions(6000).assign(human=rng.random(6000) < 0.2)).auto_close(0.05)
    assert set(choice.table["flag"]) == {"not_shown"}


def test_small_halves_are_flagged() -> None:
    table = Thresholds(decisions(150)).by_cost().table
    assert {"small_half"} <= set(table["flag"])
    assert set(table["flag"]) <= {"", *FLAGS}


def test_where_only_flagged_content_was_reviewed_what_was_missed_cannot_be_told() -> None:
    thresholds = Thresholds(decisions(2000).assign(auto=True))
    closing, precise = thresholds.auto_close(0.2), thresholds.by_floor(precision=0.3)
    assert set(closing.table["flag"]) == {"not_estimable"}
    flags = precise.table.set_index("metric")["flag"]
    assert flags[["precision", "recall", "npv", "error_share"]].tolist() == ["", "not_estimable", "not_estimable", ""]
    assert thresholds.what_if()["recall"].isna().all()
    assert thresholds.by_cost().thresholds == {}


def test_floors_choose_the_end_that_is_worth_most() -> None:
    thresholds = Thresholds(decisions(8000))
    precise, complete = thresholds.by_floor(precision=0.5), thresholds.by_floor(recall=0.9)
    low, high = complete.thresholds["r"], precise.thresholds["r"]
    assert TRUE["flagged"](high) <= 0.5
    assert TRUE["flagged"](high - 0.1) > 0.5
    assert TRUE["positives"](low) <= 0.1
    assert TRUE["positives"](low + 0.1) > 0.1
    row = complete.table[complete.table["metric"] == "error_share"].iloc[0]
    assert row["high"] <= 0.1
    assert row["method"] == "exact_one_sided"
    assert complete.tests.loc[complete.tests["passed"], "threshold"].max() == low


def test_a_workflow_goes_over_the_wire_and_does_what_the_thresholds_do() -> None:
    tables = pd.concat([decisions(3000), decisions(3000, 5).assign(tag="a"), decisions(3000, 6).assign(tag="spam")])
    choice = Thresholds(tables, digits=3).by_capacity(0.1)
    logic = read_expression(write_expression(choice.workflow(subteam="night")))
    for scores in ((0.1, 0.1, 0.1), (0.999, 0.1, 0.1), (0.1, 0.1, 0.999), (0.999, 0.999, 0.999)):
        said = dict(zip(("adultScore", "racyScore", "spam.score"), (f"{score:.3f}" for score in scores), strict=True))
        found = actions(logic, lambda condition, said=said: said[condition.output])
        assert bool(found) == any(
            score >= choice.thresholds[tag] for tag, score in zip(["a", "r", "spam"], scores, strict=True)
        )
    (step,) = logic.then
    assert (step.subteam, [rule.tag for rule in step.tags]) == ("night", ["a", "r", "spam"])
    text = Thresholds(decisions(2000), digits=3).by_capacity(0.1).workflow(type="Text")
    assert text.condition.output == "r.score"


@settings(max_examples=80, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_a_workflow_never_closes_what_reaches_the_threshold(threshold: float, score: float) -> None:
    table = pd.DataFrame([("r", threshold, "precision", 1, 1, 1, 9, "wilson", "")], columns=list(COLUMNS))
    choice = Choice("by hand", table, pd.DataFrame(), 0.95, 9, 9)
    logic = choice.workflow()
    shown = f"{score:.3f}"  # as the service shows it
    if score >= choice.thresholds["r"]:
        assert actions(logic, lambda condition: shown)
    elif score < choice.thresholds["r"] - 0.001:
        assert not actions(logic, lambda condition: shown)


def test_thresholds_go_into_drafts_and_agreements_as_they_are() -> None:
    choice = Thresholds(decisions(2000)).by_capacity(0.2)
    least = choice.thresholds["r"]
    table = pd.DataFrame({"content": ["one", "two"], "id": ["1", "2"], "r": [least, least - 0.001]})
    drafts = make_drafts(table, type="Text", threshold=choice.thresholds)
    assert [draft.metadata[0] for draft in drafts] == [("r", "True"), ("r", "False")]


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ({"score": None}, "no tag has scores"),
        ({"weight": 0.0}, "no number above 0"),
        ({"human": "perhaps"}, "neither true nor false"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(spoilt: dict[str, Any], message: str) -> None:
    with pytest.raises((BadRequest, BadTag), match=message):
        Thresholds(decisions(50).assign(**spoilt))


def test_arguments_are_checked() -> None:
    thresholds = Thresholds(decisions(300))
    for call, message in (
        (lambda: thresholds.auto_close(1.5), "errors is 1.5"),
        (lambda: thresholds.auto_close(0.1, of="flagged"), "of is 'flagged'"),
        (lambda: thresholds.by_floor(), "one floor"),
        (lambda: thresholds.by_floor(precision=0.9, recall=0.9), "one floor"),
        (lambda: thresholds.by_capacity(300), "reviews is 300"),
        (lambda: thresholds.by_cost(-1), "false_positive is -1"),
        (lambda: thresholds.what_if("v"), "no tag 'v'"),
        (lambda: Thresholds(decisions(50), tags="v"), "'v'"),
        (lambda: Thresholds(decisions(50).drop(columns="score")), "column 'score'"),
        (lambda: Prices(review=float("nan")), "review is nan"),
    ):
        with pytest.raises((BadRequest, BadTag), match=message):
            call()
