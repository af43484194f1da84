"""Audits whose items several raters of different skill answered: their intervals cover the truth all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.analysis.plans.strata import Stratum
from cmtools.analysis.quality.resolving import resolve
from cmtools.analysis.words import FLAGS, METHODS
from cmtools.errors import BadRequest

from .audits import audits, coverage, decided, population, truth_of
from .raters import adjudicated, rated

ITEMS = population()
TRUTH = truth_of(ITEMS)
PLAN = SamplingPlan.stratified(
    ITEMS,
    score="score",
    cuts=[0.05, 0.2, 0.5],
    expected="score",
    flagged="a",
    n=1_500,
    aim="recall",
    allocation="neyman",
)
AUDITS = 500
METRICS = ["prevalence", "precision", "recall"]


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    """What 500 audits drew, with the truth of it."""
    return audits(ITEMS, PLAN, AUDITS, seed=101)


@pytest.fixture(scope="module")
def answers(drawn: pd.DataFrame) -> pd.DataFrame:
    """What three of ten raters say of each of these items."""
    return rated(drawn, 3, seed=1)


def test_intervals_of_what_raters_say_cover_the_truth_by_dawid_and_skene(answers: pd.DataFrame) -> None:
    table = PLAN.estimates(answers, raters="dawid_skene").table(METRICS)
    held = coverage(table, TRUTH)
    assert held.between(0.93, 0.97).all(), held.to_dict()
    for metric, mean in table.groupby("metric")["estimate"].mean().items():
        assert mean == pytest.approx(TRUTH[str(metric)], rel=0.02)


def test_intervals_cover_the_truth_when_a_better_person_settles_what_is_disputed(
    drawn: pd.DataFrame, answers: pd.DataFrame
) -> None:
    # Each audit is a tag of its own, so the same item may be in many of them.
    said = adjudicated(drawn, seed=2)
    final = resolve(answers, "adjudication", adjudicated=said)
    assert 0.08 < final["reviewer"].eq("dee").mean() < 0.12
    table = PLAN.estimates(final).table(METRICS)
    held = coverage(table, TRUTH)
    assert held.between(0.93, 0.97).all(), held.to_dict()
    for metric, mean in table.groupby("metric")["estimate"].mean().items():
        assert mean == pytest.approx(TRUTH[str(metric)], rel=0.03)


def test_one_rater_or_a_plain_majority_is_visibly_off(answers: pd.DataFrame) -> None:
    alone = answers.drop_duplicates(["tag", "review_id"])
    one = PLAN.estimates(alone).table(METRICS)
    means, held = one.groupby("metric")["estimate"].mean(), coverage(one, TRUTH)
    assert means["prevalence_human"] > 1.2 * TRUTH["prevalence_human"]
    assert means["recall"] < TRUTH["recall"] - 0.1
    assert (held < 0.75).all(), held.to_dict()
    unweighted = resolve(answers).groupby("tag", observed=True)["human"].mean()
    assert unweighted.mean() > 2 * TRUTH["prevalence_human"]
    majority = PLAN.estimates(resolve(answers)).table(METRICS)
    assert majority.groupby("metric")["estimate"].mean()["precision"] < 0.95 * TRUTH["precision"]
    assert coverage(majority, TRUTH)["precision"] < 0.91


def test_labels_of_the_model_taken_as_known_are_off(answers: pd.DataFrame) -> None:
    part = answers[answers["tag"] < "t0100"]
    final = resolve(part, "dawid_skene", sure=0.5 + 1e-9)
    assert final["settled"].all()
    means = PLAN.estimates(final).table(METRICS).groupby("metric")["estimate"].mean()
    assert means["precision"] < 0.97 * TRUTH["precision"]


def test_intervals_of_slices_count_the_doubt_about_raters_too(answers: pd.DataFrame) -> None:
    part = answers[answers["tag"] < "t0200"]
    table = PLAN.estimates(part, by="language", raters="dawid_skene").table(METRICS)
    for language, rows in table.groupby("language"):
        held = coverage(rows, truth_of(ITEMS[ITEMS["language"] == language]))
        assert held.between(0.90, 0.985).all(), (language, held.to_dict())


def test_doubt_about_raters_widens_intervals(drawn: pd.DataFrame, answers: pd.DataFrame) -> None:
    few = [frame[frame["tag"] < "t0020"] for frame in (drawn, answers)]
    widths = []
    for frame, choices in zip(few, ({}, {"raters": "dawid_skene"}), strict=True):
        table = PLAN.estimates(frame, **choices).table("prevalence")
        widths.append((table["high"] - table["low"]).mean())
    assert widths[1] > 1.1 * widths[0]


def test_flawless_raters_change_nothing() -> None:
    frame = decided(PLAN.draw(ITEMS))
    several = pd.concat([frame.assign(reviewer=name) for name in ("ana", "bo", "cy")])
    found = PLAN.estimates(several, raters="dawid_skene").table()
    alone = PLAN.estimates(frame).table()
    for column, off in (("estimate", 1e-3), ("low", 0.01), ("high", 0.01)):
        assert found[column].to_numpy() == pytest.approx(alone[column].to_numpy(), abs=off)


def test_an_all_reviewed_stratum_keeps_the_doubt_about_answers() -> None:
    items = population(1_200)
    made = SamplingPlan.simple(items, n=len(items))
    frame = made.estimates(rated(decided(made.draw(items)), 3, seed=4), raters="dawid_skene").table("prevalence")
    row = frame.iloc[0]
    assert 0 < row["high"] - row["low"] < 0.05
    assert row["method"] == "dawid_skene_score"


def test_answers_of_a_part_are_enough_to_correct_those_of_one_rater(drawn: pd.DataFrame) -> None:
    part = drawn[drawn["tag"] < "t0100"]
    both = rated(part, 3, seed=7)
    twice = both.groupby(["tag", "review_id"]).cumcount()
    mixed = both[(twice == 0) | (both["review_id"].str[-1].isin(list("01234")))]
    table = PLAN.estimates(mixed, raters="dawid_skene").table(METRICS)
    assert coverage(table, TRUTH).between(0.88, 1).all()
    assert table.groupby("metric")["estimate"].mean()["recall"] == pytest.approx(TRUTH["recall"], rel=0.05)


def test_two_raters_of_one_stratum_tell_nothing_of_their_errors() -> None:
    plan = SamplingPlan((Stratum("all", 1.0, 10_000, n=400),), "simple")
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"review_id": np.repeat(np.arange(400), 2), "tag": "a", "auto": False})
    frame = frame.assign(human=rng.random(800) < 0.1, reviewer=["ana", "bo"] * 400)
    row = plan.estimates(frame, raters="dawid_skene").table("prevalence").iloc[0]
    assert np.isnan(row["estimate"])
    assert row["flag"] == "unidentified"


def test_few_positives_to_learn_from_are_said_to_be_few() -> None:
    made = SamplingPlan.by_size(ITEMS.head(2_000), "views", n=300)
    drawn = decided(made.draw(ITEMS.head(2_000)))
    assert set(made.estimates(rated(drawn, 3, seed=5), raters="dawid_skene").table(METRICS)["flag"]) == {"sparse"}
    assert made.estimates(drawn).table("prevalence")["flag"].item() == ""


def test_its_words_are_known(answers: pd.DataFrame) -> None:
    estimates = PLAN.estimates(answers[answers["tag"] < "t0002"], raters="dawid_skene")
    table = estimates.table()
    assert set(table["method"]) <= set(METHODS)
    assert "unidentified" in FLAGS
    assert "corrected for mistakes of reviewers" in repr(estimates)


@pytest.mark.parametrize(
    ("change", "choices", "message"),
    [
        ({}, {}, "1,500 items have answers of several reviewers, such as .* on tag 't0000'"),
        ({}, {"raters": "majority"}, "raters is 'majority'"),
        ({}, {"raters": "dawid_skene", "sensitivity": 0.9, "specificity": 0.9}, "corrects for mistakes already"),
        ({}, {"raters": "dawid_skene", "by": "reviewer"}, "differs between the reviewers of one item"),
        ({"reviewer": None}, {"raters": "dawid_skene"}, "name no reviewer"),
    ],
)
def test_answers_that_do_not_fit_are_refused(
    answers: pd.DataFrame, change: dict[str, Any], choices: dict[str, Any], message: str
) -> None:
    frame = answers[answers["tag"] == "t0000"].assign(**change)
    with pytest.raises(BadRequest, match=message):
        PLAN.estimates(frame, **choices)


@pytest.mark.parametrize("column", ["reviewer", "review_id"])
def test_raters_need_to_be_told_apart(answers: pd.DataFrame, column: str) -> None:
    frame = answers[answers["tag"] == "t0000"].drop(columns=column)
    with pytest.raises(BadRequest, match=f"raters need a column '{column}'"):
        PLAN.estimates(frame, raters="dawid_skene")
