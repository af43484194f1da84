"""Weights, strata, clusters and finite populations, against the textbook's sums over single decisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.counts.table import Counts
from cmtools.analysis.measure import METHODS
from cmtools.analysis.metrics import METRICS
from cmtools.errors import BadRequest

CELLS = ["tp", "fp", "fn", "tn"]


def decisions(n: int = 1200, reviewers: int = 12, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    auto = rng.random(n) < 0.3
    stratum = np.where(auto, "flagged", "rest")
    reviewer = rng.integers(0, reviewers, n)
    return pd.DataFrame(
        {
            "tag": "a",
            "subteam": rng.choice(["night", "public"], n),
            "auto": auto,
            "human": np.where(rng.random(n) < 0.75 + 0.2 * (reviewer / reviewers), auto, ~auto),
            "reviewer": [f"r{i:02d}" for i in reviewer],
            "weight": np.where(auto, 1.0, 9.0) * rng.choice([0.5, 1.5], n),
            "stratum": stratum,
        }
    )


def influence(frame: pd.DataFrame, metric: str) -> pd.Series:
    """How much each decision of a slice moves a metric of its weighted counts, by nudging its weight."""
    kinds = {"tp": (1, 1), "fp": (1, 0), "fn": (0, 1), "tn": (0, 0)}
    of = {name: (frame["auto"] == bool(a)) & (frame["human"] == bool(h)) for name, (a, h) in kinds.items()}
    totals = np.array([frame.loc[of[name], "weight"].sum() for name in CELLS])
    step = totals.sum() * 1e-6
    moved = pd.Series(0.0, index=frame.index)
    for place, name in enumerate(CELLS):
        nudge = np.eye(4)[place] * step
        up, down = (float(METRICS[metric].function(*(totals + sign * nudge))) for sign in (1, -1))
        moved[of[name]] = (up - down) / (2 * step)
    return moved * frame["weight"]


def variance_of(agreement: Agreement, metric: str, place: int = 0) -> float:
    design = agreement.design
    return float(design.spread(METRICS[metric].recipe.gradient(design.totals))[place])


@pytest.mark.parametrize("metric", list(METRICS))
def test_variance_by_cluster_is_that_of_the_cluster_sums_of_the_influence(metric: str) -> None:
    frame = decisions()
    agreement = Agreement(frame, by="subteam", strata=False)
    moved = influence(frame[frame["subteam"] == "night"], metric)
    sums = moved.groupby(frame["reviewer"]).sum()
    assert variance_of(agreement, metric) == pytest.approx(12 / 11 * (sums**2).sum(), rel=1e-3)


@pytest.mark.parametrize("metric", ["recall", "precision", "cohen_kappa", "f1"])
def test_variance_within_strata_is_that_of_the_influence_around_each_stratum_s_mean(metric: str) -> None:
    frame = decisions()
    population = {"flagged": 500, "rest": 9000}
    agreement = Agreement(frame, by="subteam", cluster=False, population=population)
    moved = pd.Series(0.0, index=frame.index)  # of the other slice nothing moves, but it was drawn too
    moved.update(influence(frame[frame["subteam"] == "night"], metric))
    expected = 0.0
    for stratum, part in moved.groupby(frame["stratum"]):
        n = len(part)
        expected += (1 - n / population[str(stratum)]) * n * part.var()
    assert variance_of(agreement, metric) == pytest.approx(expected, rel=1e-3)


def test_estimates_are_those_of_weighted_counts() -> None:
    frame = decisions()
    table = Agreement(frame).table().set_index("metric")
    both = frame.loc[frame["auto"] & frame["human"], "weight"].sum()
    assert table.loc["recall", "estimate"] == pytest.approx(both / frame.loc[frame["human"], "weight"].sum())
    assert table.loc["recall", "n"] == len(frame)


def test_sizes_of_strata_are_weights_where_there_are_no_others() -> None:
    frame = decisions().drop(columns="weight")
    population = {"flagged": 700, "rest": 20_000}
    found = Agreement(frame, population=population, cluster=False).table("prevalence_human").iloc[0]
    on = frame.groupby("stratum")["human"].mean()
    expected = (700 * on["flagged"] + 20_000 * on["rest"]) / 20_700
    assert found["estimate"] == pytest.approx(expected)
    assert found["method"] == "hajek_wilson"


def test_constant_weights_are_no_weights() -> None:
    frame = decisions()
    plain = Agreement(frame.drop(columns=["weight", "stratum"])).table()
    pd.testing.assert_frame_equal(Agreement(frame.assign(weight=0.1, stratum=None)).table(), plain)


def test_weights_and_strata_can_be_left_away() -> None:
    frame = decisions()
    plain = Agreement(frame.drop(columns=["weight", "stratum"])).table()
    pd.testing.assert_frame_equal(Agreement(frame, weights=False, strata=False).table(), plain)


def test_whole_population_leaves_no_doubt() -> None:
    frame = decisions().drop(columns=["weight", "stratum"])
    row = Agreement(frame, population=len(frame) + 1e-3, cluster=False).table("percent_agreement").iloc[0]
    assert row["high"] - row["low"] < 1e-3


def test_finite_population_narrows() -> None:
    frame = decisions().drop(columns=["weight", "stratum"])
    drawn, endless = (Agreement(frame, population=size, cluster=False).table("precision") for size in (2400, 1e12))
    ratio = (drawn["high"] - drawn["low"]) / (endless["high"] - endless["low"])
    assert ratio.iloc[0] == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_reviewers_widen_where_they_differ() -> None:
    frame = decisions().drop(columns=["weight", "stratum"])
    by_reviewer, by_row = (Agreement(frame, interval=way).table("percent_agreement") for way in ("auto", "wilson"))
    assert by_reviewer.loc[0, "method"] == "cluster_wilson"
    assert by_row.loc[0, "method"] == "wilson"
    assert by_reviewer.loc[0, "low"] < by_row.loc[0, "low"]
    assert by_reviewer.loc[0, "estimate"] == by_row.loc[0, "estimate"]


@pytest.mark.parametrize(
    ("frame", "choices", "method"),
    [
        (decisions(reviewers=12), {}, "cluster_linearised"),
        (decisions(reviewers=4), {}, "large_sample"),
        (decisions(reviewers=4), {"interval": "linearised"}, "cluster_linearised"),
        (decisions(reviewers=1), {"interval": "linearised"}, "large_sample"),
        (decisions(), {"interval": "wilson"}, "large_sample"),
        (decisions(), {"cluster": None}, "large_sample"),
        (decisions(), {"cluster": False}, "large_sample"),
        (decisions().assign(reviewer=lambda f: f.index.astype(str)), {}, "large_sample"),
        (decisions().drop(columns="reviewer"), {}, "large_sample"),
        (decisions().assign(shift=lambda f: f.index % 7), {"cluster": "shift"}, "cluster_linearised"),
        (decisions(), {"interval": "bootstrap"}, "cluster_bootstrap"),
        (decisions(), {"interval": "bootstrap", "cluster": None}, "bootstrap"),
    ],
)
def test_auto_says_which_interval_it_chose(frame: pd.DataFrame, choices: dict[str, Any], method: str) -> None:
    found = Agreement(frame, weights=False, strata=False, **choices).table("cohen_kappa")
    assert found["method"].tolist() == [method]
    assert method in METHODS


def test_few_reviewers_in_one_slice_do_not_stop_the_others() -> None:
    frame = decisions().drop(columns=["weight", "stratum"])
    frame.loc[frame["subteam"] == "night", "reviewer"] = "r00"
    assert Agreement(frame, by="subteam").table("recall")["method"].tolist() == ["wilson", "cluster_wilson"]


def test_every_method_that_is_used_has_its_words() -> None:
    frame = decisions()
    for interval in ("auto", "wilson", "exact", "linearised", "bootstrap"):
        for kept in (["weight", "stratum"], ["stratum"], ["weight"], []):
            part = frame.drop(columns=[name for name in ("weight", "stratum") if name not in kept])
            for cluster in ("reviewer", False):
                table = Agreement(part, interval=interval, cluster=cluster).table()
                assert set(table["method"]) <= set(METHODS)
                assert (table["low"] <= table["estimate"] + 1e-12).all()
                assert (table["estimate"] <= table["high"] + 1e-12).all()


def test_few_reviewers_who_are_alike_by_chance_do_not_narrow_intervals() -> None:
    frame = decisions(n=660, reviewers=6).drop(columns=["weight", "stratum"])
    frame = frame.sort_values(["auto", "human"], ignore_index=True)
    frame["reviewer"] = [f"r{i % 6}" for i in frame.index]  # each has as many of every kind as the others
    by_reviewer, by_row = (Agreement(frame, interval=way).table() for way in ("auto", "wilson"))
    assert by_reviewer["method"].str.startswith("cluster").all()
    assert (by_reviewer["low"] < by_row["low"]).all()
    assert (by_reviewer["high"] > by_row["high"]).all()


def test_repr_says_how_intervals_are_made() -> None:
    frame = decisions()
    assert repr(Agreement(frame)).endswith("95 % intervals by reviewer, weighted by weight, stratified by stratum")
    assert repr(Agreement(frame, weights=False, strata=False, interval="bootstrap")).endswith("by reviewer (bootstrap)")


def test_perfect_agreement_by_reviewer_still_leaves_doubt() -> None:
    frame = decisions().assign(human=lambda f: f["auto"]).drop(columns=["weight", "stratum"])
    for interval in ("auto", "bootstrap"):
        table = Agreement(frame, interval=interval).table(["recall", "cohen_kappa", "gwet_ac1", "mcc"])
        assert (table["estimate"] == 1).all()
        assert (table["low"] < 1).all()
        assert table["low"].notna().all()


def test_recall_is_not_estimable_where_only_flagged_content_was_reviewed() -> None:
    frame = decisions().query("auto").drop(columns="stratum")
    plain = Agreement(frame, weights=False, cluster=False).table().set_index("metric")
    for metric in ("recall", "cohen_kappa", "gwet_ac1", "krippendorff_alpha", "f1", "specificity", "mcc"):
        assert np.isnan(plain.loc[metric, "estimate"])
        assert plain.loc[metric, ["flag", "method"]].tolist() == ["not_estimable", ""]
    assert plain.loc["precision", "flag"] == ""
    assert plain.loc["percent_agreement", "estimate"] == plain.loc["precision", "estimate"]


def test_weights_say_nothing_of_content_that_nobody_looked_at() -> None:
    frame = decisions().query("auto").drop(columns="stratum")
    table = Agreement(frame, cluster=False).table(["recall", "mcc", "precision"])
    assert table["flag"].tolist() == ["not_estimable", "not_estimable", ""]
    assert table["estimate"].isna().tolist() == [True, True, False]


def test_weights_count_for_recall_as_soon_as_some_unflagged_content_was_reviewed() -> None:
    frame = decisions().drop(columns="stratum")
    frame = pd.concat([frame.query("auto"), frame.query("not auto").head(40)])
    row = Agreement(frame, cluster=False).table("recall").iloc[0]
    assert row["flag"] == ""
    assert 0 < row["low"] < row["estimate"] < row["high"] < 1


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"weights": "mass"}, "weights names 'mass', but decisions has the columns"),
        ({"strata": "layer"}, "strata names 'layer'"),
        ({"cluster": "team"}, "cluster names 'team'"),
        ({"weights": "reviewer"}, "the weights in 'reviewer' are no numbers"),
        ({"weights": True}, "weights is True; give the name of a column"),
        ({"population": -3}, "population is -3; give the number of items"),
        ({"population": {"flagged": "many"}}, "population is 'many'"),
        ({"population": {"flagged": 5000}}, "no number for the stratum 'rest'"),
        ({"population": 100}, "the population is 100, but 1,200 decisions were drawn from it"),
        ({"population": {"x": 5}, "strata": False}, "the decisions have no strata"),
        ({"interval": "wald"}, "interval is 'wald'; take one of 'auto', 'wilson'"),
        ({"blind": "yes"}, "blind is 'yes'; take one of 'apart'"),
        ({"blind": "only"}, "decisions has no column 'blind'"),
        ({"seed": -1}, "seed is -1; give a whole number"),
    ],
)
def test_wrong_design_is_refused_with_what_to_do(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        Agreement(decisions(), **choices).table()


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_weight_that_is_no_number_above_zero_is_refused(weight: float) -> None:
    frame = decisions()
    frame.loc[3, "weight"] = weight
    with pytest.raises(BadRequest, match="1 decisions have a weight in 'weight' that is no number above 0"):
        Agreement(frame)


def test_slice_is_compared_with_the_rest_over_the_reviewers_they_share() -> None:
    frame = decisions(3000).drop(columns=["weight", "stratum"])
    row = Agreement(frame, by="subteam").compare(metrics="recall").iloc[0]
    night, public = (frame.assign(weight=1.0)[frame["subteam"] == name] for name in ("night", "public"))
    both = pd.concat([influence(night, "recall"), -influence(public, "recall")])
    sums = both.groupby(frame["reviewer"]).sum()
    error = np.sqrt(12 / 11 * (sums**2).sum())
    assert row["high"] - row["difference"] == pytest.approx(2.200985 * error, rel=1e-3)  # t with 11 degrees of freedom


def test_blind_and_suggested_reviews_are_kept_apart() -> None:
    frame = decisions().drop(columns=["weight", "stratum"]).assign(blind=lambda f: f.index % 3 == 0)
    agreement = Agreement(frame, by="subteam")
    assert agreement.by == ("subteam", "blind")
    assert agreement.counts["blind"].tolist() == [False, True, False, True]
    assert agreement.overall["blind"].unique().tolist() == [False, True]
    compared = agreement.compare("subteam", metrics="precision")
    assert compared["n"].tolist() == compared["n_rest"].tolist()[2:] + compared["n_rest"].tolist()[:2]
    alone = Agreement(frame[frame["blind"]], by="subteam")
    assert alone.by == ("subteam",)
    pd.testing.assert_frame_equal(Agreement(frame, by="subteam", blind="only").table(), alone.table())
    assert Agreement(frame, blind="never").counts["n"].tolist() == [800]
    assert Agreement(frame, blind="together").counts["n"].tolist() == [1200]


def test_merged_shards_give_the_table_of_the_whole() -> None:
    frame = decisions()
    whole = Agreement(frame, by="subteam")
    merged = sum((Agreement(frame.iloc[i::3], by="subteam") for i in (1, 2)), Agreement(frame.iloc[::3], by="subteam"))
    pd.testing.assert_frame_equal(merged.table(), whole.table(), rtol=1e-12)
    pd.testing.assert_frame_equal(merged.counts, whole.counts)
    pd.testing.assert_frame_equal(merged.compare(), whole.compare(), rtol=1e-9)


def test_sum_adds_agreements_and_counts() -> None:
    days = [Agreement(decisions(200, seed=seed), by="subteam") for seed in (1, 2, 3)]
    whole = (days[0] + days[1] + days[2]).counts
    pd.testing.assert_frame_equal(sum(days).counts, whole)
    total = sum(day.counts for day in days)
    assert isinstance(total, Counts)
    pd.testing.assert_frame_equal(total, whole)


def test_rolled_up_counts_give_the_table_that_counting_again_gives() -> None:
    frame = decisions()
    rolled = Agreement(frame, by=["subteam", "stratum"]).rollup("subteam")
    pd.testing.assert_frame_equal(rolled.table(), Agreement(frame, by="subteam").table(), rtol=1e-12)


def test_saved_counts_give_the_same_table(tmp_path: Any) -> None:
    agreement = Agreement(decisions(), by="subteam", absent="missing")
    agreement.counts.save(tmp_path / "counts.parquet")
    again = Agreement(Counts.read(tmp_path / "counts.parquet"))
    pd.testing.assert_frame_equal(again.table(), agreement.table(), rtol=1e-12)
    assert (again.by, again.absent, again.tags) == (agreement.by, "missing", ("a",))
