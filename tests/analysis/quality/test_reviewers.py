"""Reviewers' answers compared: with what is known, with the others, with themselves; never a ranking from nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.quality.measuring import FLAGS, METHODS
from cmtools.analysis.quality.resolving import resolve
from cmtools.analysis.quality.reviewers import ReviewerQuality
from cmtools.errors import BadRequest, BadTag

from .crews import crew

COLUMNS = ["reviewer", "against", "measure", "estimate", "low", "high", "n"]
COLUMNS += ["shrunk", "shrunk_low", "shrunk_high", "method", "flag"]


def cell(table: pd.DataFrame, **wanted: Any) -> pd.Series:
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_agreement_with_gold_is_that_of_the_counts() -> None:
    golden = crew(200)
    table = ReviewerQuality(crew(50, seed=1), golden).table("gold")
    assert table.columns.tolist() == COLUMNS
    for name, own in golden.groupby("reviewer"):
        on, off = own[own["truth"]], own[~own["truth"]]
        expected = {
            "accuracy": (own["human"] == own["truth"]).mean(),
            "false_positive_rate": off["human"].mean(),
            "false_negative_rate": 1 - on["human"].mean(),
        }
        for measure, share in expected.items():
            row = cell(table, reviewer=name, measure=measure)
            assert row["estimate"] == pytest.approx(share)
            assert row["low"] <= share <= row["high"]
        assert cell(table, reviewer=name, measure="false_negative_rate")["n"] == len(on)


def test_intervals_of_golden_items_hold_each_reviewers_skill() -> None:
    sensitivity, specificity = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7), (0.99, 0.98, 0.97, 0.96, 0.95, 0.9)
    held, drawn = [], []
    for seed in range(60):
        golden = crew(150, sensitivity, specificity, each=2, seed=seed)
        table = ReviewerQuality(golden.head(0), golden).table("gold", "false_negative_rate")
        true = 1 - np.array(sensitivity)
        held.append((table["low"] <= true) & (true <= table["high"]))
        drawn.append((table["shrunk_low"] <= true) & (true <= table["shrunk_high"]))
    assert 0.925 <= np.mean(held) <= 0.98
    assert 0.90 <= np.mean(drawn) <= 0.985


def test_reviewers_who_are_the_same_are_called_alike_and_stand_by_name() -> None:
    golden = crew(300, seed=3)
    quality = ReviewerQuality(golden.head(0), golden)
    table = quality.table("gold", "accuracy")
    assert table["reviewer"].tolist() == sorted(table["reviewer"])
    assert set(table["flag"]) == {"alike"}
    assert not quality.differences()["differ"].any()


def test_reviewers_who_differ_are_told_apart() -> None:
    golden = crew(400, (0.95, 0.95, 0.95, 0.95, 0.6), seed=4)
    quality = ReviewerQuality(golden.head(0), golden)
    found = cell(quality.differences(), against="gold", measure="false_negative_rate")
    assert found["differ"]
    assert found["reviewers"] == 5
    assert set(quality.table("gold", "false_negative_rate")["flag"]) == {""}


def test_a_seldom_wrong_call_whatever_the_number_of_measures() -> None:
    wrong = 0
    for seed in range(40):
        golden = crew(60, seed=seed)
        wrong += ReviewerQuality(golden, golden, by="tag", consensus="majority").differences()["differ"].any()
    assert wrong <= 5


def test_few_answers_are_said_to_be_few() -> None:
    golden = crew(8, seed=5)
    table = ReviewerQuality(golden.head(0), golden).table("gold")
    assert set(table["flag"]) <= {"few", "no_answers"}


def test_who_has_no_such_answer_has_no_figure() -> None:
    golden = crew(60, seed=6).query("not truth or reviewer != 'ana'")
    row = cell(ReviewerQuality(golden.head(0), golden).table("gold", "false_negative_rate"), reviewer="ana")
    assert np.isnan(row["estimate"])
    assert (row["n"], row["flag"], row["method"]) == (0, "no_answers", "")


def test_one_reviewer_alone_keeps_the_own_estimate() -> None:
    golden = crew(60, seed=6).query("reviewer == 'ana'")
    row = cell(ReviewerQuality(golden.head(0), golden).table("gold", "accuracy"), reviewer="ana")
    assert row["flag"] == "one_reviewer"
    assert (row["shrunk"], row["shrunk_low"]) == (row["estimate"], row["low"])


@pytest.mark.parametrize("consensus", ["dawid_skene", "majority"])
def test_agreement_with_the_others_is_near_the_skill(consensus: str) -> None:
    frame = crew(3_000, (0.95, 0.95, 0.95, 0.95, 0.7), each=4, seed=7)
    table = ReviewerQuality(frame, consensus=consensus).table("consensus")
    assert cell(table, reviewer="eva", measure="false_negative_rate")["estimate"] == pytest.approx(0.3, abs=0.05)
    assert cell(table, reviewer="ana", measure="false_negative_rate")["estimate"] == pytest.approx(0.05, abs=0.04)
    assert cell(table, reviewer="ana", measure="false_positive_rate")["estimate"] == pytest.approx(0.03, abs=0.02)


def test_the_own_answer_is_no_part_of_the_consensus() -> None:
    frame = pd.DataFrame({"review_id": ["1", "1", "2", "2"], "tag": "a", "reviewer": ["ana", "bo"] * 2})
    frame["human"] = [True, False, True, True]
    table = ReviewerQuality(frame, consensus="majority").table("consensus", "accuracy")
    assert table[["estimate", "n"]].values.tolist() == [[0.5, 2], [0.5, 2]]


def test_items_that_nobody_else_answered_do_not_count() -> None:
    frame = crew(100, each=1)
    table = ReviewerQuality(frame).table("consensus", "accuracy")
    assert set(table["n"]) == {0}


def test_answers_given_again_are_compared_with_the_one_before() -> None:
    frame = pd.DataFrame(
        {
            "review_id": ["1", "2", "3", "4"],
            "content_id": ["c", "c", "c", "c"],
            "tag": "a",
            "reviewer": ["ana", "ana", "ana", "bo"],
            "human": [True, True, False, False],
            "decided_at": pd.to_datetime(["2026-01-01", "2026-01-03", "2026-01-10", "2026-01-11"], utc=True),
        }
    )
    quality = ReviewerQuality(frame)
    found = quality.repeats()
    assert found[["review_id", "first", "again", "days"]].values.tolist() == [
        ["2", True, True, 2],
        ["3", True, False, 7],
    ]
    row = cell(quality.table("self"), reviewer="ana")
    assert (row["measure"], row["estimate"], row["n"]) == ("same_again", 0.5, 2)


def test_the_same_tag_in_one_review_is_no_answer_given_again() -> None:
    frame = crew(20).assign(content_id="same")
    frame = pd.concat([frame, frame])
    assert (ReviewerQuality(frame).repeats().eval("review_id != first_review_id")).all()


def test_blind_and_sighted_answers_are_kept_apart() -> None:
    golden = crew(300, seed=8)
    golden.loc[~golden["blind"], "human"] = golden["truth"]  # who saw the auto tag repeats it, and it is right here
    table = ReviewerQuality(golden.head(0), golden, by="blind").table("gold", "accuracy")
    sighted = table[~table["blind"].astype(bool)]
    assert (sighted["estimate"] == 1).all()
    assert (table[table["blind"].astype(bool)]["estimate"] < 1).all()


def test_tags_are_kept_apart_on_request() -> None:
    golden = crew(100, seed=9)
    table = ReviewerQuality(golden.head(0), golden, by="tag").table("gold", "accuracy")
    assert table.groupby("reviewer")["tag"].agg(list).iloc[0] == ["a", "r"]
    only = ReviewerQuality(golden.head(0), golden, tags="a").table("gold", "accuracy")
    assert only["estimate"].tolist() == pytest.approx(table[table["tag"] == "a"]["estimate"].tolist())


def test_answers_on_one_review_count_for_fewer_where_they_are_alike() -> None:
    golden = crew(200, seed=10)
    whole = pd.concat([golden.assign(tag=f"{place}" + golden["tag"]) for place in range(5)])
    row = ReviewerQuality(whole.head(0), whole).table("gold", "accuracy").iloc[0]
    alone = ReviewerQuality(golden.head(0), golden).table("gold", "accuracy").iloc[0]
    assert row["n"] == 5 * alone["n"]
    assert row["method"] == "wilson_effective"
    assert row["high"] - row["low"] == pytest.approx(alone["high"] - alone["low"], rel=0.2)


def test_what_went_wrong_technically_counts_nowhere_but_in_errors() -> None:
    golden = crew(100, seed=11)
    broken = golden["review_id"].isin([f"r{place}" for place in range(10)]) & (golden["reviewer"] == "ana")
    said = golden[broken].drop_duplicates(["review_id"]).assign(tag="x", human=True, truth=None)
    both = pd.concat([golden.assign(human=golden["human"] ^ broken), said])
    clean = ReviewerQuality(golden.head(0), golden[~broken]).table("gold")
    by_code, by_id = (
        ReviewerQuality(frame.head(0), frame, technical=technical)
        for frame, technical in (
            (both, "x"),
            (both[both["tag"] != "x"].query("reviewer == 'ana'"), set(said["review_id"])),
        )
    )
    pd.testing.assert_frame_equal(by_code.table("gold"), clean)
    for quality in (by_code, by_id):
        row = cell(quality.errors(), reviewer="ana", measure="technical")
        assert row["estimate"] * row["n"] == pytest.approx(len(said))


def test_kinds_of_errors_add_up_to_all_reviews() -> None:
    frame = crew(200, seed=12)
    quality = ReviewerQuality(frame, frame)
    for against in (None, "consensus", resolve(frame)):
        table = quality.errors(against)
        assert table.groupby("reviewer")["estimate"].sum().tolist() == pytest.approx([1] * 5)
    assert set(quality.errors()["measure"]) == {"right", "false_positive", "false_negative", "wrong_selection"}


def test_errors_against_final_tags_are_those_of_the_tags() -> None:
    final = pd.DataFrame({"review_id": ["1", "1", "2", "2"], "tag": ["a", "r"] * 2, "reviewer": "(agreed)"})
    final["human"] = [True, False, False, False]
    given = final.assign(reviewer="ana", human=[False, True, False, True])
    table = ReviewerQuality(given).errors(final).set_index("measure")["estimate"]
    assert table.to_dict() == {"right": 0, "false_positive": 0.5, "false_negative": 0, "wrong_selection": 0.5}


def test_rows_without_an_answer_are_left_out_and_counted() -> None:
    golden = crew(40).astype({"human": object})
    golden.loc[golden.index[:3], "human"] = None
    golden.loc[golden.index[3], "reviewer"] = None
    assert ReviewerQuality(golden.head(0), golden).left_out == 4


def test_words_numbers_and_other_tables_are_read_alike() -> None:
    golden = crew(60)
    expected = ReviewerQuality(golden, golden).table()
    for frame in (
        golden.assign(human=golden["human"].map({True: "yes", False: "no"}), truth=golden["truth"].astype(float)),
        golden.assign(human=golden["human"].astype(int), reviewer=golden["reviewer"].astype("category")),
    ):
        pd.testing.assert_frame_equal(ReviewerQuality(frame, frame).table(), expected)


def test_the_order_of_rows_changes_nothing() -> None:
    golden = crew(60, seed=13)
    shuffled = golden.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        ReviewerQuality(shuffled, shuffled).table(), ReviewerQuality(golden, golden).table(), rtol=1e-5
    )


def test_no_answers_give_an_empty_table() -> None:
    nothing = crew(4).head(0)
    quality = ReviewerQuality(nothing, nothing)
    assert quality.table().columns.tolist() == COLUMNS
    assert len(quality.table()) == len(quality.errors()) == len(quality.differences()) == len(quality.speed()) == 0


def test_every_flag_and_method_has_its_words_and_the_notebook_shows_them() -> None:
    golden = crew(30, seed=2)
    quality = ReviewerQuality(golden, golden)
    table = quality.table()
    assert set(table["flag"]) - {""} <= set(FLAGS)
    assert set(table["method"]) - {""} <= set(METHODS)
    assert FLAGS["alike"] in quality._repr_html_()
    assert repr(quality) == "Quality of 5 reviewers' answers: 180 on golden items, 180 on others, 95 % intervals"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"consensus": "loudest"}, "consensus is 'loudest'"),
        ({"sure": 0.3}, "sure is 0.3"),
        ({"by": "team"}, "no column 'team'"),
        ({"level": 2}, "level"),
    ],
)
def test_choices_that_there_are_not_are_refused(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        ReviewerQuality(crew(4), **choices)


def test_questions_that_cannot_be_answered_are_refused() -> None:
    quality = ReviewerQuality(crew(4))
    for ask in (lambda: quality.table("gold"), lambda: quality.errors("gold"), lambda: quality.speed(against="gold")):
        with pytest.raises(BadRequest, match="there are no golden items"):
            ask()
    for ask in (lambda: quality.table("fame"), lambda: quality.errors("fame"), lambda: quality.speed(against="self")):
        with pytest.raises(BadRequest, match="against is"):
            ask()
    with pytest.raises(BadRequest, match="measures is 'charm'"):
        quality.table(measures="charm")
    with pytest.raises(BadRequest, match="has several rows"):
        quality.errors(crew(4))


def test_answers_that_are_no_answers_are_refused() -> None:
    with pytest.raises(BadTag, match="'maybe', which is neither"):
        ReviewerQuality(crew(4).assign(human="maybe"))
    with pytest.raises(BadRequest, match=r"golden has no column 'truth'.*decisions\(answers='golden'\)"):
        ReviewerQuality(crew(4), crew(4).drop(columns="truth"))


@pytest.mark.parametrize("how", ["majority", "unanimity", "adjudication", "dawid_skene"])
def test_final_tags_are_refused_with_the_answers_to_take_instead(how: str) -> None:
    frame = crew(20)
    final = resolve(frame, how)
    with pytest.raises(BadRequest, match=rf"decisions has final tags.*'\({how}\)'.*answers='each'"):
        ReviewerQuality(final)
    with pytest.raises(BadRequest, match=r"golden has final tags.*answers='golden'"):
        ReviewerQuality(frame, final)


def test_final_tags_on_which_all_agreed_at_the_service_are_refused_too() -> None:
    final = resolve(crew(20)).assign(reviewer=["(agreed)"] * 30 + ["ana"] * 10)
    with pytest.raises(BadRequest, match=r"final tags.*'\(agreed\)'"):
        ReviewerQuality(final)
