"""The object that people ask: its choices, its tables, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmtools as cm
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.estimates import TABLE
from cmtools.analysis.measure import METRICS
from cmtools.analysis.metrics import HEADLINE
from cmtools.errors import BadRequest, BadTag
from cmtools.model import Answer, Review

COUNTS = ["n", "tp", "fp", "fn", "tn", "missing"]


def decisions(n: int = 400, seed: int = 5, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.random(n).round(3)
    frame = pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in range(n)],
            "content_id": [f"photo-{i}" for i in range(n)],
            "subteam": rng.choice(["night", "public"], n),
            "tag": rng.choice(["a", "r"], n),
            "auto": score > 0.5,
            "auto_given": rng.random(n) < 0.9,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": rng.choice(["ana", "bo"], n),
        }
    )
    return frame.assign(**columns)


def of_counts(tp: int, fp: int, fn: int, tn: int, tag: str = "r", **columns: Any) -> pd.DataFrame:
    auto = [True] * (tp + fp) + [False] * (fn + tn)
    human = [True] * tp + [False] * fp + [True] * fn + [False] * tn
    return pd.DataFrame({"tag": tag, "auto": auto, "human": human}).assign(**columns)


def cell(agreement: Agreement, metric: str, **where: Any) -> pd.Series:
    table = agreement.table(metric)
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_public_names_lead_here() -> None:
    assert cm.Agreement is Agreement


def test_table_has_the_agreed_columns_and_every_metric() -> None:
    table = Agreement(decisions(), by=["subteam"]).table()
    assert list(table.columns) == ["subteam", *TABLE]
    assert list(TABLE) == ["tag", "metric", "estimate", "low", "high", "n", "method", "flag"]
    assert len(table) == 2 * 2 * 13
    assert table["metric"].tolist()[:13] == list(METRICS)


def test_counts_have_the_agreed_columns_and_add_up() -> None:
    agreement = Agreement(decisions(), by=["subteam"], absent="missing")
    counts = agreement.counts
    assert list(counts.columns) == ["subteam", "tag", *COUNTS]
    assert (counts[["tp", "fp", "fn", "tn"]].sum(axis=1) == counts["n"]).all()
    assert counts["n"].sum() + counts["missing"].sum() == 400
    assert counts["missing"].sum() > 0


def test_counts_cannot_be_spoilt_from_outside() -> None:
    agreement = Agreement(decisions())
    taken = agreement.counts
    taken["tp"] = 0
    assert agreement.counts["tp"].sum() > 0


def test_reviews_go_straight_into_agreement() -> None:
    noon = datetime(2025, 3, 1, 12, tzinfo=UTC)
    answers = (Answer("ana", "a", True, noon), Answer("ana", "r", False, noon))
    reviews = [
        Review(str(i), "Complete", "Image", "x", f"x{i}", auto_tags={"a": True}, answers=answers) for i in range(30)
    ]
    agreement = Agreement(cm.tidy([*reviews, Review("p", "Pending", "Image", "x", "p")]))
    assert cell(agreement, "precision", tag="a")["estimate"] == 1
    assert agreement.counts[["tag", "n", "tp", "tn"]].values.tolist() == [["a", 30, 30, 0], ["r", 30, 0, 30]]
    assert agreement.left_out == 1


def test_estimates_are_those_of_the_counts() -> None:
    agreement = Agreement(of_counts(40, 9, 6, 45))
    table = agreement.table().set_index("metric")["estimate"]
    for name, metric in METRICS.items():
        assert table[name] == pytest.approx(float(metric.function(40, 9, 6, 45)))


def test_silent_auto_tag_is_off_unless_said_otherwise() -> None:
    frame = decisions(auto=True, auto_given=False, human=True, tag="a")
    assert Agreement(frame).counts[COUNTS].values.tolist() == [[400, 0, 0, 400, 0, 0]]
    assert Agreement(frame).absent == "false"
    assert Agreement(frame, absent="missing").counts[COUNTS].values.tolist() == [[0, 0, 0, 0, 0, 400]]


def test_all_silent_and_left_out_says_all_missing() -> None:
    agreement = Agreement(decisions(auto_given=False), absent="missing")
    assert set(agreement.table()["flag"]) == {"all_missing"}
    assert agreement.table()["estimate"].isna().all()


def test_rows_without_a_human_value_are_counted_apart() -> None:
    agreement = Agreement(pd.DataFrame({"tag": "a", "auto": True, "human": [True, None, "", "false"]}))
    assert (agreement.undecided, agreement.counts["n"].tolist()) == (2, [2])


def test_threshold_moves_the_counts_of_its_tag_alone() -> None:
    frame = decisions(auto_given=True)
    plain, moved = Agreement(frame), Agreement(frame, threshold={"r": 0.9})
    expected = int(((frame["tag"] == "r") & (frame["score"] >= 0.9)).sum())
    predicted = moved.counts.set_index("tag")[["tp", "fp"]].sum(axis=1)
    assert predicted["r"] == expected
    assert predicted["a"] == plain.counts.set_index("tag")[["tp", "fp"]].sum(axis=1)["a"]
    assert moved.threshold == {"r": 0.9}


def test_score_on_the_threshold_is_on() -> None:
    frame = pd.DataFrame({"tag": "r", "auto": False, "human": True, "score": [0.7, 0.7000001, 0.6999999]})
    assert Agreement(frame, threshold={"r": 0.7}).counts["tp"].tolist() == [2]


def test_tags_are_chosen_and_ordered_by_the_caller() -> None:
    agreement = Agreement(decisions(), tags=["r", "a"], by="subteam")
    assert agreement.tags == ("r", "a")
    assert agreement.counts["tag"].tolist() == ["r", "a", "r", "a"]
    assert agreement.overall["tag"].unique().tolist() == ["r", "a"]
    assert Agreement(decisions(), tags="r").counts["tag"].tolist() == ["r"]


def test_overall_is_the_agreement_without_slices() -> None:
    frame = decisions()
    pd.testing.assert_frame_equal(Agreement(frame, by=["subteam"]).overall, Agreement(frame).table())


def test_several_columns_slice_together() -> None:
    agreement = Agreement(decisions(), by=["reviewer", "subteam"])
    assert len(agreement.counts) == 8
    assert list(agreement.table().columns[:2]) == ["reviewer", "subteam"]


def test_slice_without_a_name_is_a_slice() -> None:
    agreement = Agreement(decisions(subteam=[None] * 100 + ["public"] * 300), by="subteam")
    assert agreement.counts["n"].sum() == 400
    assert agreement.counts["subteam"].isna().sum() == 2
    assert "none" in agreement.chart().to_json()


@settings(max_examples=30)
@given(st.permutations(list(range(60))))
def test_order_of_rows_changes_nothing(order: list[int]) -> None:
    frame = decisions(60)
    here, there = Agreement(frame, by="subteam"), Agreement(frame.iloc[order], by="subteam")
    pd.testing.assert_frame_equal(here.table(), there.table())
    pd.testing.assert_frame_equal(here.disagreements(), there.disagreements())
    assert here.facts == there.facts


@settings(max_examples=30)
@given(st.permutations(["x", "y", "z"]))
def test_names_of_slices_carry_no_meaning(names: list[str]) -> None:
    frame = decisions(200, week=lambda f: f.index % 3)
    renamed = frame.assign(week=frame["week"].map(dict(enumerate(names))))
    back = Agreement(renamed, by="week").table()
    back["week"] = back["week"].map({name: place for place, name in enumerate(names)})
    back = back.sort_values(["week", "tag"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(back, Agreement(frame, by="week").table(), check_dtype=False)


@pytest.mark.parametrize("by", [None, "subteam", ["subteam", "reviewer"]])
def test_agreement_of_nothing_is_a_table_of_nan_with_the_reason(by: Any) -> None:
    agreement = Agreement(cm.tidy([]), by=by)
    table = agreement.table()
    assert table["tag"].unique().tolist() == ["a", "r"]
    assert len(table) == 26
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    assert set(table["flag"]) == {"no_decisions"}
    assert agreement.counts[COUNTS].to_numpy().sum() == 0
    assert len(agreement.overall) == 26
    assert len(agreement.disagreements()) == 0
    assert "no_decisions" in agreement.summary()["notes"].iloc[0]
    assert "0 decisions" in repr(agreement)


def test_agreement_of_nothing_takes_the_tags_asked_for() -> None:
    assert Agreement(cm.tidy([]), tags=["sc"], threshold={"sc": 0.5}).table()["tag"].unique().tolist() == ["sc"]


def test_agreement_of_nothing_can_be_asked_everything() -> None:
    agreement = Agreement(cm.tidy([]), by="subteam")
    assert agreement.compare()["difference"].isna().all()
    assert agreement.gallery({})._repr_html_()
    assert agreement.chart().to_dict()
    assert agreement._repr_html_()


@pytest.mark.parametrize("value", [True, False])
def test_one_class_only_has_reasons_and_no_silent_numbers(value: bool) -> None:
    table = Agreement(of_counts(50, 0, 0, 0) if value else of_counts(0, 0, 0, 50)).table().set_index("metric")
    for metric in ("cohen_kappa", "krippendorff_alpha", "mcc"):
        assert np.isnan(table.loc[metric, "estimate"])
        assert table.loc[metric, "flag"] == "single_class"
    assert table.loc["gwet_ac1", "flag"] == "single_class"
    assert table.loc["percent_agreement", ["estimate", "flag"]].tolist() == [1, ""]
    undefined = table[table["estimate"].isna()]
    assert (undefined["flag"] != "").all()
    assert (undefined["method"] == "").all()


def test_summary_reads_well() -> None:
    summary = Agreement(of_counts(40, 9, 6, 45, subteam="public"), by="subteam").summary()
    assert summary.index.names == ["subteam", "tag"]
    assert summary.columns.tolist() == [
        "decisions",
        "auto on",
        "human on",
        *(METRICS[name].title for name in HEADLINE),
        "notes",
    ]
    row = summary.loc[("public", "r")]
    assert row[["decisions", "auto on", "human on"]].tolist() == [100, 49, 46]
    assert row["Cohen's kappa"] == "0.70 [0.56,\N{NO-BREAK SPACE}0.84]"
    assert row["notes"] == ""


def test_summary_notes_what_is_flagged() -> None:
    summary = Agreement(of_counts(3, 40, 2, 55)).summary(["recall", "precision"], digits=3)
    assert summary.loc["r", "Recall"] == "0.600 [0.231,\N{NO-BREAK SPACE}0.882]"
    assert summary.loc["r", "notes"] == "sparse: Recall"


def test_level_is_kept_and_widens() -> None:
    wide, narrow = (cell(Agreement(of_counts(40, 9, 6, 45), level=level), "recall") for level in (0.99, 0.8))
    assert wide["low"] < narrow["low"]
    assert wide["high"] > narrow["high"]


def test_compare_takes_the_slicing_column_or_all_of_them() -> None:
    agreement = Agreement(decisions(), by=["reviewer", "subteam"])
    assert len(agreement.compare()) == 8 * len(HEADLINE)
    one = agreement.compare("subteam", metrics="recall")
    assert one[["subteam", "tag"]].values.tolist() == [["night", "a"], ["night", "r"], ["public", "a"], ["public", "r"]]
    assert one["n"].tolist() == Agreement(decisions(), by="subteam").counts["n"].tolist()


def test_disagreements_stand_worst_first() -> None:
    frame = pd.DataFrame(
        {
            "review_id": list("12345678"),
            "tag": ["a", "a", "a", "r", "a", "a", "a", "a"],
            "auto": [True, True, False, True, True, True, False, True],
            "human": [False, False, True, False, True, False, False, False],
            "score": [0.9, 0.6, 0.02, 0.97, 0.99, np.nan, 0.01, 0.6],
        }
    )
    found = Agreement(frame).disagreements()
    assert found["review_id"].tolist() == ["3", "4", "1", "2", "8", "6"]
    assert found["wrong_by"].tolist() == pytest.approx([0.98, 0.97, 0.9, 0.6, 0.6, np.nan], nan_ok=True)
    assert found["kind"].tolist()[:2] == ["false negative", "false positive"]
    assert Agreement(frame).disagreements("r")["review_id"].tolist() == ["4"]
    assert Agreement(frame).disagreements(limit=2)["review_id"].tolist() == ["3", "4"]


def test_disagreements_are_as_many_as_the_counts_say() -> None:
    agreement = Agreement(decisions(), by=["subteam"], absent="missing", threshold={"a": 0.3})
    assert len(agreement.disagreements()) == agreement.counts[["fp", "fn"]].to_numpy().sum()
    assert len(agreement.disagreements("a")) == agreement.counts.query("tag == 'a'")[["fp", "fn"]].to_numpy().sum()


def test_disagreements_show_auto_as_it_was_counted() -> None:
    frame = pd.DataFrame({"review_id": ["1"], "tag": "r", "auto": [True], "human": [True], "score": [0.6]})
    found = Agreement(frame, threshold={"r": 0.7}).disagreements()
    assert found[["auto", "human", "kind"]].values.tolist() == [[False, True, "false negative"]]


def test_disagreements_carry_the_slices() -> None:
    found = Agreement(decisions(week=3), by="week").disagreements(limit=1)
    assert found["week"].tolist() == [3]
    assert {"review_id", "content_id", "subteam", "reviewer", "score"} <= set(found.columns)


def test_repr_is_stable_and_short() -> None:
    agreement = Agreement(decisions(), by=["subteam"])
    assert repr(agreement) == (
        "Agreement of auto and human tags: 400 decisions, tags a, r, 2 slices by subteam, 95 % intervals"
    )


def test_html_shows_the_summary_and_escapes_what_people_wrote() -> None:
    html = Agreement(of_counts(4, 9, 6, 45, subteam="<script>alert(1)</script>"), by="subteam")._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "fewer than 20" in html


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"by": ["team"]}, "by names 'team', but decisions has the columns review_id"),
        ({"by": ["tag"]}, "by names 'tag', which the tables of results use themselves"),
        ({"by": "n"}, "by names 'n'"),
        ({"by": [1]}, "1 is no name; give names as text"),
        ({"tags": [1]}, "1 is no name; give names as text"),
        ({"tags": ["a", None]}, "None is no name"),
        ({"tags": 5}, "5 is no name"),
        ({"absent": "ignore"}, "absent is 'ignore'; take 'false'"),
        ({"absent": False}, "absent is False"),
        ({"level": 95}, "level is 95; give a share between 0 and 1"),
        ({"threshold": 0.7}, "threshold is 0.7; give a score per tag"),
        ({"threshold": {"r": "high"}}, "threshold of 'r' is 'high'; give a number"),
        ({"threshold": {"r": True}}, "threshold of 'r' is True"),
        ({"threshold": {"r": float("nan")}}, "threshold of 'r' is nan"),
    ],
)
def test_wrong_choice_is_refused_with_what_to_do(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        Agreement(decisions(), **arguments)


@pytest.mark.parametrize("arguments", [{"tags": ["a", "zz"]}, {"threshold": {"zz": 0.5}}, {"tags": ["zz"]}])
def test_unknown_tag_is_named_with_those_there_are(arguments: dict[str, Any]) -> None:
    with pytest.raises(BadTag, match="no tag 'zz' in these decisions; there are a, r"):
        Agreement(decisions(), **arguments)


def test_threshold_of_a_tag_that_is_not_chosen_is_no_fault() -> None:
    assert Agreement(decisions(), tags=["a"], threshold={"r": 0.5}).tags == ("a",)


@pytest.mark.parametrize("missing", ["tag", "auto", "human"])
def test_missing_column_is_named_with_what_to_do(missing: str) -> None:
    with pytest.raises(BadRequest, match=rf"no column '{missing}'; it has .*cm\.tidy\(reviews\)"):
        Agreement(decisions().drop(columns=missing))


@pytest.mark.parametrize(
    "nothing", [pd.DataFrame(), pd.DataFrame(index=range(3)), pyarrow.table({}), polars.DataFrame()]
)
def test_table_without_any_column_is_told_which_it_needs(nothing: Any) -> None:
    with pytest.raises(BadRequest, match="no column 'tag', 'auto', 'human'; it has none at all"):
        Agreement(nothing)


def test_threshold_without_scores_is_refused() -> None:
    with pytest.raises(BadRequest, match="a threshold needs a column 'score'"):
        Agreement(decisions().drop(columns="score"), threshold={"r": 0.5})
    with pytest.raises(BadRequest, match="'r' has a threshold but no scores"):
        Agreement(decisions(score=np.nan), threshold={"r": 0.5})


def test_wrong_question_is_refused_with_what_to_do() -> None:
    plain, sliced = Agreement(decisions()), Agreement(decisions(), by="subteam")
    for ask, message in [
        (lambda: plain.table("accuracy"), "no metric 'accuracy'; there are percent_agreement"),
        (lambda: plain.summary(["recall", "x"]), "no metric 'x'"),
        (lambda: plain.compare(), "no slices to compare"),
        (lambda: sliced.compare("reviewer"), "'reviewer' does not slice this agreement; it is sliced by subteam"),
        (lambda: plain.disagreements("zz"), "no tag 'zz'"),
        (lambda: plain.disagreements(limit=-1), "limit is -1"),
        (lambda: plain.disagreements(limit=1.5), "limit is 1.5"),  # type: ignore[arg-type]
        (lambda: plain.chart("recall", tag="zz"), "no tag 'zz'"),
    ]:
        with pytest.raises(BadRequest, match=message):
            ask()


def test_fingerprint_is_that_of_the_first_release() -> None:
    frame = decisions(weight=1.0, stratum=None)
    assert Agreement(frame).facts.fingerprint == Agreement(decisions()).facts.fingerprint
    assert Agreement(decisions()).facts.fingerprint[:12] == "9a2ed4c1bd13"


def test_fingerprint_takes_in_the_weights_that_are_used() -> None:
    frame = decisions(weight=lambda f: 1.0 + f.index % 2)
    assert Agreement(frame).facts.fingerprint != Agreement(frame, weights=False).facts.fingerprint
    assert Agreement(frame, weights=False).facts.fingerprint == Agreement(decisions()).facts.fingerprint
