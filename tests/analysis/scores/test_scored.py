"""Curves, calibration and drift as an agreement tells them, against the same thing done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis import drift, scores
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.measure import METRICS
from cmtools.errors import BadRequest, BadTag


def decisions(n: int = 600, seed: int = 3, digits: int = 2) -> pd.DataFrame:
    """Decisions with scores that are worth something, by five reviewers, over eight weeks."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.random(n), digits)
    return pd.DataFrame(
        {
            "tag": "r",
            "auto": score >= 0.5,
            "human": rng.random(n) < score**2,
            "score": score,
            "reviewer": rng.choice(list("abcde"), n),
            "week": np.sort(rng.integers(1, 9, n)),
            "weight": 1.0,
        }
    )


def with_columns(**columns: Any) -> pd.DataFrame:
    return decisions().assign(**columns)


@pytest.mark.parametrize("threshold", [0.21, 0.5, 0.83])
@pytest.mark.parametrize("options", [{}, {"cluster": False}, {"interval": "exact"}, {"interval": "bootstrap"}])
def test_each_threshold_of_a_curve_is_the_agreement_with_that_threshold(
    threshold: float, options: dict[str, Any]
) -> None:
    names = ["precision", "recall", "cohen_kappa"]
    curve = Agreement(decisions(), **options).curve("r", names, steps=1000).table
    direct = Agreement(decisions(), threshold={"r": threshold}, **options).table(names)
    found = curve[curve["threshold"] == threshold].drop(columns="threshold").reset_index(drop=True)
    exact = "bootstrap" not in options.values()
    columns = list(direct.columns) if exact else ["tag", "metric", "estimate", "n", "method", "flag"]
    pd.testing.assert_frame_equal(found[columns], direct[columns])


def test_weights_strata_and_populations_go_into_a_curve() -> None:
    weighted = with_columns(weight=np.where(decisions()["score"] > 0.5, 1.0, 4.0))
    strata = with_columns(stratum=np.where(decisions()["score"] > 0.5, "high", "low"))
    for frame, options in ((weighted, {}), (strata, {"population": {"high": 400, "low": 9000}})):
        found = Agreement(frame, **options).curve("r").table
        direct = Agreement(frame, threshold={"r": 0.5}, **options).table(["precision", "recall"])
        at = found.iloc[(found["threshold"] - 0.5).abs().argsort(kind="stable")[:2]].sort_values("metric")
        if at["threshold"].iloc[0] == 0.5:
            assert at["estimate"].to_numpy() == pytest.approx(direct["estimate"].to_numpy())
            assert at["low"].to_numpy() == pytest.approx(direct["low"].to_numpy())
        assert set(found["method"]) - {""} == set(direct["method"])


def test_figures_of_a_curve_are_those_of_the_plain_functions() -> None:
    frame = decisions()
    curve = Agreement(frame).curve("r")
    labels, given = frame["human"].astype(int), frame["score"]
    assert curve.average_precision == pytest.approx(scores.average_precision(labels, given))
    assert curve.roc_auc == pytest.approx(scores.roc_auc(labels, given))


def test_a_curve_keeps_to_so_many_steps_and_to_scores_that_occur() -> None:
    frame = decisions(digits=7)
    curve = Agreement(frame).curve("r", steps=20)
    assert 15 <= len(curve.counts) <= 20
    assert set(curve.counts["threshold"]) <= set(frame["score"])
    assert curve.counts["threshold"].is_monotonic_increasing
    first = curve.counts.iloc[0]
    assert (first["fn"], first["tn"]) == (0, 0)


def test_recall_at_the_lowest_threshold_is_one() -> None:
    table = Agreement(decisions()).curve("r").table
    assert table.query("metric == 'recall'")["estimate"].iloc[0] == 1
    assert "not_estimable" not in set(table["flag"])


@pytest.mark.parametrize("weights", [[1.0, 1.0], [2.0, 3.0]])
def test_where_only_flagged_content_was_reviewed_recall_is_not_estimable_at_any_threshold(weights: list[float]) -> None:
    frame = decisions()
    frame["weight"] = np.resize(weights, len(frame))
    other = frame.assign(tag="a")
    table = Agreement(pd.concat([frame[frame["auto"]], other])).curve("r").table
    recall = table[table["metric"] == "recall"]
    assert recall["estimate"].isna().all()
    assert set(recall["flag"]) == {"not_estimable"}
    assert table.query("metric == 'precision'")["estimate"].notna().all()


@pytest.mark.parametrize(("absent", "missing", "missed"), [("false", 0, 10), ("missing", 10, 0)])
def test_decisions_without_a_score_are_silent(absent: str, missing: int, missed: int) -> None:
    frame = decisions()
    silent = frame.head(10).assign(score=np.nan, human=True)
    curve = Agreement(pd.concat([frame, silent]), absent=absent).curve("r")
    assert curve.unscored == 10
    assert curve.counts["missing"].iloc[0] == missing
    assert curve.counts["fn"].iloc[0] == missed
    assert "10 without a score" in repr(curve)


@pytest.mark.parametrize("by", ["count", "width"])
def test_figures_of_scores_are_those_that_the_scores_themselves_give(by: str) -> None:
    rng = np.random.default_rng(8)
    score = rng.beta(0.5, 2, 3000)
    frame = pd.DataFrame({"tag": "r", "auto": score > 0.4, "human": rng.random(3000) < score, "score": score})
    agreement = Agreement(frame)
    found, curve = agreement.calibration("r", by=by), agreement.curve("r")
    assert found.expected_error == pytest.approx(scores.expected_calibration_error(frame["human"], score, by=by))
    assert found.brier == pytest.approx(scores.brier_score(frame["human"], score))
    assert curve.average_precision == pytest.approx(scores.average_precision(frame["human"], score))
    assert not curve.binned
    assert "bins" not in repr(curve)


def test_very_many_scores_are_binned_and_say_so() -> None:
    rng = np.random.default_rng(8)
    score = rng.random(6000)
    frame = pd.DataFrame({"tag": "r", "auto": score > 0.4, "human": rng.random(6000) < score, "score": score})
    agreement = Agreement(frame)
    for shown in (agreement.calibration("r"), agreement.curve("r")):
        assert shown.binned
        assert "(scores in 1,000 bins)" in repr(shown)
    assert not Agreement(frame.assign(score=score.round(3))).curve("r").binned


def test_scores_beyond_probabilities_have_a_curve_but_no_calibration() -> None:
    frame = with_columns(score=decisions()["score"] * 40 - 20)
    agreement = Agreement(frame)
    assert agreement.curve("r").roc_auc == pytest.approx(Agreement(decisions()).curve("r").roc_auc)
    with pytest.raises(BadRequest, match="-20"):
        agreement.calibration("r")


def test_one_score_alone_is_a_curve_of_one_threshold() -> None:
    curve = Agreement(with_columns(score=0.3)).curve("r")
    assert curve.counts["threshold"].tolist() == [0.3]
    assert curve.roc_auc == 0.5


def test_blind_decisions_alone_are_looked_at_where_both_kinds_are_there() -> None:
    frame = with_columns(blind=[True, False] * 300)
    both, blind = Agreement(frame), Agreement(frame[frame["blind"]])
    assert both.curve("r").blind_only
    assert both.calibration("r").brier == pytest.approx(blind.calibration("r").brier)
    together = Agreement(frame, blind="together").calibration("r")
    assert (together.blind_only, int(together.table["n"].sum())) == (False, 600)
    assert Agreement(frame, by="week").drift("week").table["n"].sum() == 300


@pytest.mark.parametrize("by", ["count", "width"])
def test_calibration_is_that_of_the_plain_functions(by: str) -> None:
    frame = decisions()
    found = Agreement(frame).calibration("r", bins=8, by=by)
    labels, given = frame["human"].astype(int), frame["score"]
    bins = scores.calibration_bins(labels, given, 8, by)
    assert found.table["n"].tolist() == bins.n.tolist()
    assert found.table["score"].tolist() == pytest.approx(bins.score.tolist())
    assert found.table["estimate"].tolist() == pytest.approx(bins.share.tolist())
    assert found.brier == pytest.approx(scores.brier_score(labels, given))
    assert found.expected_error == pytest.approx(scores.expected_calibration_error(labels, given, 8, by))
    assert found.maximum_error == pytest.approx(scores.maximum_calibration_error(labels, given, 8, by))
    assert ((found.table["low"] <= found.table["estimate"]) & (found.table["estimate"] <= found.table["high"])).all()


def test_weights_go_into_calibration() -> None:
    frame = decisions()
    twice = pd.concat([frame, frame[frame["human"]]])
    weighted = Agreement(with_columns(weight=np.where(frame["human"], 2.0, 1.0))).calibration("r", by="width")
    assert weighted.brier == pytest.approx(Agreement(twice).calibration("r", by="width").brier)
    assert weighted.expected_error == pytest.approx(Agreement(twice).calibration("r", by="width").expected_error)


def test_populations_of_strata_go_into_calibration() -> None:
    frame = with_columns(stratum=np.where(decisions()["score"] > 0.5, "high", "low"))
    sizes = frame["stratum"].value_counts()
    found = Agreement(frame, population={"high": 9000, "low": 3000}).calibration("r")
    weight = frame["stratum"].map({"high": 9000 / sizes["high"], "low": 3000 / sizes["low"]})
    assert found.brier == pytest.approx(np.average((frame["score"] - frame["human"]) ** 2, weights=weight))


def test_drift_over_a_slicing_column_is_a_p_chart_of_its_counts() -> None:
    frame = decisions()
    found = Agreement(frame, by=["week", "reviewer"]).drift("week", method="p_chart")
    by_week = frame.groupby("week")["human"]
    limits = drift.p_chart(by_week.sum(), by_week.count())
    assert found.table["estimate"].tolist() == pytest.approx(by_week.mean().tolist())
    assert found.table["high"].tolist() == pytest.approx(limits.high.tolist())
    assert found.centre == pytest.approx(frame["human"].mean())


def test_drift_works_on_counts_that_were_added_up() -> None:
    frame = decisions()
    halves = [Agreement(part, by="week").counts for part in (frame.head(250), frame.tail(350))]
    pd.testing.assert_frame_equal(
        Agreement(halves[0] + halves[1]).drift("week").table, Agreement(frame, by="week").drift("week").table
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", None])
def test_drift_cuts_moments_into_periods_in_utc(zone: str | None) -> None:
    moments = pd.date_range("2026-01-05", periods=600, freq="h", tz="UTC")
    moved = moments.tz_convert(zone) if zone else moments.tz_localize(None)
    found = Agreement(with_columns(decided_at=moved)).drift(every="week").table
    assert found["decided_at"].tolist() == ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]
    assert found["n"].tolist() == [168, 168, 168, 96]


def test_drift_of_recall_counts_human_positives() -> None:
    frame = decisions()
    found = Agreement(frame, by="week").drift("week", metric="recall").table
    on = frame[frame["human"]].groupby("week")["auto"]
    assert found["n"].tolist() == on.count().tolist()
    assert found["estimate"].tolist() == pytest.approx(on.mean().tolist())


def test_a_period_without_positives_has_no_recall_and_says_why() -> None:
    frame = decisions()
    frame["human"] &= frame["week"] > 2
    found = Agreement(frame, by="week").drift("week", metric="recall").table
    assert found["estimate"].isna().tolist() == [True, True] + [False] * 6
    assert found["flag"].tolist()[:2] == ["no_positives", "no_positives"]
    assert found["signal"].tolist()[:2] == ["", ""]


def test_where_only_flagged_content_was_reviewed_recall_has_no_drift() -> None:
    frame = decisions()
    found = Agreement(frame[frame["auto"]], by="week").drift("week", metric="recall").table
    assert found["estimate"].isna().all()
    assert set(found["flag"]) == {"not_estimable"}


def test_decisions_of_no_period_are_left_out_of_drift() -> None:
    frame = decisions()
    found = Agreement(frame.assign(week=frame["week"].where(frame["week"] > 1)), by="week").drift("week").table
    assert found["week"].tolist() == [2, 3, 4, 5, 6, 7, 8]


def test_no_decisions_are_no_periods() -> None:
    assert len(Agreement(decisions().head(0), by="week").drift("week", "r").table) == 0


def test_limits_are_laneys_where_periods_jump_about() -> None:
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(30), 400)
    level = np.clip(rng.normal(0.3, 0.08, 30), 0.05, 0.9)[day]
    frame = pd.DataFrame({"tag": "r", "auto": True, "human": rng.random(len(day)) < level, "day": day})
    agreement = Agreement(frame, by="day")
    found = agreement.drift("day")
    assert found.method == "laney"
    assert found.dispersion > 2
    plain = agreement.drift("day", method="p_chart").table
    assert (plain["signal"] != "").sum() > (found.table["signal"] != "").sum()


def test_weights_go_into_drift() -> None:
    frame = with_columns(weight=np.where(decisions()["human"], 1.0, 3.0))
    found = Agreement(frame, by="week").drift("week").table
    shares = [np.average(part["human"], weights=part["weight"]) for _, part in frame.groupby("week")]
    assert found["estimate"].tolist() == pytest.approx(shares)
    assert (found["n"] < frame.groupby("week").size().to_numpy()).all()


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda agreement: agreement.curve("x"), BadTag),
        (lambda agreement: agreement.curve("r", ["speed"]), BadRequest),
        (lambda agreement: agreement.curve("r", steps=0), BadRequest),
        (lambda agreement: agreement.calibration("r", bins=0), BadRequest),
        (lambda agreement: agreement.calibration("r", by="size"), BadRequest),
        (lambda agreement: agreement.drift("reviewer"), BadRequest),
        (lambda agreement: agreement.drift("nowhere"), BadRequest),
        (lambda agreement: agreement.drift("week", metric="f1"), BadRequest),
        (lambda agreement: agreement.drift("week", metric="cohen_kappa"), BadRequest),
        (lambda agreement: agreement.drift("week", method="best"), BadRequest),
        (lambda agreement: Agreement(agreement.counts).curve("r"), BadRequest),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_reason(ask: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(Agreement(decisions(), by="week"))


def test_a_tag_without_scores_has_no_curve() -> None:
    with pytest.raises(BadRequest, match="score"):
        Agreement(decisions().drop(columns="score")).curve("r")


def test_with_several_tags_one_must_be_named() -> None:
    with pytest.raises(BadRequest, match="which tag"):
        Agreement(pd.concat([decisions(), decisions().assign(tag="a")])).curve()


@pytest.mark.parametrize("ask", ["curve", "calibration"])
def test_what_is_told_shows_itself(ask: str) -> None:
    shown = getattr(Agreement(decisions()), ask)("r")
    assert "tag r" in repr(shown)
    assert "<table" in shown._repr_html_()


@pytest.mark.parametrize("metric", METRICS)
def test_drift_takes_each_metric_that_its_refusal_offers_and_no_other(metric: str) -> None:
    frame = pd.DataFrame({"tag": "r", "auto": [1, 0] * 25, "human": [1] * 30 + [0] * 20, "week": [1] * 25 + [2] * 25})
    agreement = Agreement(frame, by="week")
    with pytest.raises(BadRequest, match="no share of decisions") as refused:
        agreement.drift("week", metric="mcc")
    offered = str(refused.value).split("take one of ")[1].split(", ")
    if metric in offered:
        assert agreement.drift("week", metric=metric).metric == metric
    else:
        with pytest.raises(BadRequest, match="no share of decisions"):
            agreement.drift("week", metric=metric)
