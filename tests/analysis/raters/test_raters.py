"""Agreement of several raters: tables in any shape, edge cases, pairs of raters, each rater against the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.metrics import cohen_kappa
from cmtools.analysis.raters.agreement import RaterAgreement
from cmtools.analysis.ratings.tables import krippendorff_alpha_of_ratings
from cmtools.analysis.sources.source import write_parquet
from cmtools.errors import BadRequest, BadTag

COLUMNS = {"item": "photo", "rater": "who", "value": "kind"}
RATERS = ("ana", "bo", "cy")


def made(items: int = 60, seed: int = 0, missing: float = 0.2, raters: tuple[str, ...] = RATERS) -> pd.DataFrame:
    """A long table of ratings by raters who are right four times in five, in two rooms."""
    random = np.random.default_rng(seed)
    true = random.choice(["cat", "dog", "owl"], items)
    rows = [
        (photo, who, true[photo] if random.random() < 0.8 else random.choice(["cat", "dog", "owl"]), "AB"[photo % 2])
        for photo in range(items)
        for who in raters
        if random.random() >= missing
    ]
    return pd.DataFrame(rows, columns=["photo", "who", "kind", "room"]).sample(frac=1, random_state=seed)


def decisions(reviews: int = 40) -> pd.DataFrame:
    """Decisions of three reviewers on two tags, some about frames."""
    random = np.random.default_rng(3)
    rows = [
        (f"review {review}", frame, tag, bool(random.random() < 0.3), reviewer)
        for review in range(reviews)
        for frame in ([None, "500"] if review % 10 == 0 else [None])
        for tag in ("a", "r")
        for reviewer in RATERS
        if random.random() < 0.8
    ]
    frame = pd.DataFrame(rows, columns=["review_id", "frame", "tag", "human", "reviewer"])
    return frame.astype({"tag": "category", "reviewer": "category", "frame": "str"})


def as_array(frame: pd.DataFrame) -> list[list[Any]]:
    """The same ratings with a row per rater."""
    wide = frame.pivot(index="who", columns="photo", values="kind").astype(object)
    return wide.where(wide.notna(), None).to_numpy().tolist()


def flags_of(agreement: RaterAgreement) -> dict[str, str]:
    return dict(zip(*(agreement.table()[name] for name in ("metric", "flag")), strict=True))


def test_a_long_table_a_wide_one_and_an_array_say_the_same() -> None:
    long = made()
    wide = long.pivot(index="photo", columns="who", values="kind")
    found = [
        RaterAgreement(long, **COLUMNS).table(),
        RaterAgreement(wide.reset_index(), rater=list(RATERS), item="photo").table(),
        RaterAgreement(wide.reset_index(drop=True), rater=list(RATERS)).table(),
        RaterAgreement(as_array(long)).table(),
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], rtol=1e-12)


def test_a_wide_table_of_numbers_says_what_the_long_one_says() -> None:
    long = made().assign(kind=lambda table: table["kind"].map({"cat": 1, "dog": 2, "owl": 30}))
    wide = long.pivot(index="photo", columns="who", values="kind").reset_index()
    one, two = RaterAgreement(long, **COLUMNS), RaterAgreement(wide, rater=list(RATERS), item="photo")
    pd.testing.assert_frame_equal(one.table(), two.table(), rtol=1e-12)
    pd.testing.assert_frame_equal(one.counts, two.counts)
    pd.testing.assert_frame_equal(one.dawid_skene().posterior, two.dawid_skene().posterior, rtol=1e-9)
    assert two.left_out == wide.isna().sum().sum()


def test_arrow_and_parquet_say_what_pandas_says(tmp_path: Path) -> None:
    frame = made()
    write_parquet(frame, tmp_path / "ratings.parquet", "")
    arrow = pytest.importorskip("pyarrow").Table.from_pandas(frame)
    expected = RaterAgreement(frame, **COLUMNS).table()
    for table in (arrow, tmp_path / "ratings.parquet"):
        pd.testing.assert_frame_equal(RaterAgreement(table, **COLUMNS).table(), expected)


def test_decisions_need_no_more_words() -> None:
    agreement = RaterAgreement(decisions())
    assert list(agreement.table().columns[:2]) == ["tag", "metric"]
    assert agreement.raters == list(RATERS)
    assert agreement.values == [False, True]
    assert agreement.counts["items"].tolist() == [44, 44]  # 40 reviews, and a frame in each of four


def test_human_tags_may_be_spelled_in_any_way() -> None:
    frame = decisions()
    words = frame.assign(human=frame["human"].map({True: "Yes", False: "0"}))
    pd.testing.assert_frame_equal(RaterAgreement(words).table(), RaterAgreement(frame).table())


def test_a_human_tag_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(BadTag, match="'perhaps', which is neither true nor false"):
        RaterAgreement(decisions().assign(human="perhaps"))


def test_reviews_that_are_not_complete_do_not_count() -> None:
    frame = decisions()
    frame["status"] = np.where(frame["review_id"] == "review 1", "Pending", "Complete")
    kept = frame[frame["review_id"] != "review 1"].drop(columns="status")
    pd.testing.assert_frame_equal(RaterAgreement(frame).table(), RaterAgreement(kept).table())


def test_blind_and_suggested_decisions_are_kept_apart() -> None:
    frame = decisions()
    some = frame.assign(blind=frame["review_id"] < "review 2")
    assert list(RaterAgreement(some).table().columns[:3]) == ["blind", "tag", "metric"]
    assert "blind" not in RaterAgreement(frame.assign(blind=True)).table()


def test_tags_chooses_tags_and_knows_those_there_are() -> None:
    assert set(RaterAgreement(decisions(), tags="r").table()["tag"]) == {"r"}
    with pytest.raises(BadTag, match="no tag 'x' in these ratings; there are a"):
        RaterAgreement(decisions(), tags=["a", "x"])


def test_each_slice_is_measured_as_if_it_were_alone() -> None:
    frame = made(200)
    together = RaterAgreement(frame, **COLUMNS, by="room").table()
    for room, alone in frame.groupby("room"):
        expected = RaterAgreement(alone, **COLUMNS).table()
        found = together[together["room"] == room].drop(columns="room").reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_slices_with_ordinal_alpha_have_distances_of_their_own() -> None:
    frame = made(200).assign(kind=lambda table: table["kind"].map({"cat": 1, "dog": 2, "owl": 9}))
    found = RaterAgreement(frame, **COLUMNS, by="room", scale="ordinal").table("krippendorff_alpha")
    for room, alone in frame.groupby("room"):
        expected = krippendorff_alpha_of_ratings(as_array(alone), "ordinal")
        assert found.set_index("room")["estimate"][room] == pytest.approx(expected, abs=1e-12)


def test_a_slice_without_a_value_is_a_slice() -> None:
    frame = made().assign(room=lambda table: table["room"].where(table["room"] == "A"))
    assert RaterAgreement(frame, **COLUMNS, by="room").counts["room"].isna().tolist() == [False, True]


def test_many_raters_fit_though_no_word_of_bits_holds_them() -> None:
    names = tuple(f"rater {number:03}" for number in range(90))
    frame = made(50, missing=0.9, raters=names)
    pd.testing.assert_frame_equal(
        RaterAgreement(frame, **COLUMNS).table(), RaterAgreement(as_array(frame)).table(), rtol=1e-12
    )


def test_ratings_without_item_rater_or_value_are_left_out_and_counted() -> None:
    frame = made()
    lost = pd.DataFrame({"photo": [1.0, 1.0, None], "who": ["di", None, "ana"], "kind": [None, "cat", "cat"]})
    agreement = RaterAgreement(pd.concat([frame, lost]), **COLUMNS)
    assert agreement.left_out == 3
    assert "3 left out" in repr(agreement)
    pd.testing.assert_frame_equal(agreement.table(), RaterAgreement(frame, **COLUMNS).table())


@pytest.mark.parametrize("again", ["cat", "dog", "owl"])
def test_a_rater_who_rates_an_item_twice_is_an_error_that_names_both(again: str) -> None:
    frame = made(10, missing=0)
    twice = pd.DataFrame({"photo": [7], "who": ["bo"], "kind": [again], "room": ["B"]})
    with pytest.raises(BadRequest, match=r"bo rated the same item 2 times \(photo 7\)"):
        RaterAgreement(pd.concat([frame, twice]), **COLUMNS)


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        (lambda frame: frame.iloc[:0], "no_ratings"),
        (lambda frame: frame.assign(kind=None), "no_ratings"),
        (lambda frame: frame[frame["who"] == "ana"], "one_rater"),
        (lambda frame: frame.drop_duplicates("photo"), "no_pairs"),
    ],
    ids=["no row", "nothing but missing values", "one rater", "every item rated once"],
)
def test_nothing_to_compare_gives_a_reason_and_no_number(change: Any, flag: str) -> None:
    agreement = RaterAgreement(change(made()), **COLUMNS)
    table = agreement.table()
    assert set(table["flag"]) == {flag}
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    assert agreement.dawid_skene().posterior is not None
    assert agreement.each_rater() is not None
    assert "Agreement of" in agreement._repr_html_()


def test_no_decision_at_all_has_a_row_for_every_tag_of_a_team() -> None:
    table = RaterAgreement(decisions().iloc[:0]).table("gwet_ac1")
    assert table[["tag", "flag"]].values.tolist() == [["a", "no_ratings"], ["r", "no_ratings"]]


def test_one_value_only_is_told_from_agreement() -> None:
    agreement = RaterAgreement(made().assign(kind="cat"), **COLUMNS)
    flags = flags_of(agreement)
    assert flags.pop("percent_agreement") == ""
    assert set(flags.values()) == {"single_class"}
    assert agreement.table("percent_agreement")["estimate"].tolist() == [1.0]


def test_a_tag_that_is_never_on_has_two_values_still() -> None:
    table = RaterAgreement(decisions().assign(human=False), tags="a").table("gwet_ac1")
    assert table[["estimate", "flag"]].values.tolist() == [[1.0, "single_class"]]


def test_one_item_with_several_ratings_says_so() -> None:
    frame = made(30, missing=0)
    alone = pd.concat([frame[frame["photo"] == 0], frame[(frame["photo"] > 0) & (frame["who"] == "ana")]])
    flags = flags_of(RaterAgreement(alone, **COLUMNS))
    assert flags["percent_agreement"] == flags["gwet_ac1"] == "one_item"


def test_kappa_of_two_raters_one_of_whom_never_varies_is_flagged() -> None:
    frame = made(60, missing=0, raters=("ana", "bo"))
    frame.loc[frame["who"] == "bo", "kind"] = "cat"
    row = RaterAgreement(frame, **COLUMNS).table("conger_kappa").iloc[0]
    assert (row["estimate"], row["flag"], np.isnan(row["low"])) == (0, "single_class", True)


def test_perfect_agreement_has_an_interval_that_shrinks_with_the_items() -> None:
    widths = []
    for items in (30, 300):
        frame = made(items, missing=0).assign(kind=lambda table: np.where(table["photo"] % 2, "cat", "dog"))
        row = RaterAgreement(frame, **COLUMNS).table("fleiss_kappa").iloc[0]
        assert (row["estimate"], row["high"], row["method"]) == (1, 1, "wilson_chance_held")
        widths.append(row["high"] - row["low"])
    assert 0 < widths[1] < widths[0] / 5


def test_few_items_are_flagged_sparse_and_many_are_not() -> None:
    assert set(flags_of(RaterAgreement(made(15, missing=0), **COLUMNS)).values()) == {"sparse"}
    assert set(flags_of(RaterAgreement(made(150), **COLUMNS)).values()) == {""}


def test_where_most_items_are_rated_once_auto_goes_by_the_ratio() -> None:
    frame = made(300, missing=0)
    rare = frame[(frame["who"] == "ana") | (frame["photo"] % 5 == 0)]
    found = {
        kind: RaterAgreement(rare, **COLUMNS, interval=kind).table("gwet_ac1").iloc[0] for kind in ("auto", "gwet")
    }
    assert (found["auto"]["method"], found["gwet"]["method"]) == ("linearised", "gwet")
    assert found["auto"]["estimate"] == found["gwet"]["estimate"]
    width = {kind: row["high"] - row["low"] for kind, row in found.items()}
    assert width["auto"] < 0.8 * width["gwet"]


def test_bootstrap_comes_close_to_the_errors_and_is_the_same_again() -> None:
    frame = made(300)
    analytic = RaterAgreement(frame, **COLUMNS).table()
    first, second = (RaterAgreement(frame, **COLUMNS, interval="bootstrap", seed=5).table() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert set(first["method"]) == {"bootstrap"}
    widths = ((first["high"] - first["low"]) / (analytic["high"] - analytic["low"])).to_numpy()
    assert widths == pytest.approx(1, abs=0.12)


def test_bootstrap_by_blocks_comes_close_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmtools.analysis.raters.spread.MOST_BLOCKS", 40)
    frame = made(300)
    analytic = RaterAgreement(frame, **COLUMNS).table()
    drawn = RaterAgreement(frame, **COLUMNS, interval="bootstrap").table()
    widths = ((drawn["high"] - drawn["low"]) / (analytic["high"] - analytic["low"])).to_numpy()
    assert widths == pytest.approx(1, abs=0.4)


def test_each_pair_of_raters_has_the_kappa_of_its_square_table() -> None:
    frame = made(100)
    found = RaterAgreement(frame, **COLUMNS).pairwise("cohen_kappa").set_index(["rater", "other"])
    wide = frame.pivot(index="photo", columns="who", values="kind")
    assert len(found) == 3
    for (one, two), row in found.iterrows():
        both = wide[[one, two]].dropna()
        square = pd.crosstab(both[one], both[two]).reindex(["cat", "dog", "owl"]).to_numpy()
        assert row["estimate"] == pytest.approx(float(cohen_kappa(square)), abs=1e-12)
        assert row["n"] == len(both)


def test_pairs_who_share_no_item_are_left_out() -> None:
    frame = made(40, missing=0)
    apart = frame[((frame["photo"] < 20) & (frame["who"] != "cy")) | ((frame["photo"] >= 20) & (frame["who"] != "ana"))]
    found = RaterAgreement(apart, **COLUMNS).pairwise("percent_agreement")
    assert found[["rater", "other", "n"]].values.tolist() == [["ana", "bo", 20], ["bo", "cy", 20]]


def with_a_stranger(items: int = 200) -> pd.DataFrame:
    """Four raters who know, and one who guesses."""
    frame = made(items, missing=0.3, raters=("ana", "bo", "cy", "di", "ed"))
    guesses = np.random.default_rng(9).choice(["cat", "dog", "owl"], len(frame))
    return frame.assign(kind=np.where(frame["who"] == "di", guesses, frame["kind"]))


def test_who_guesses_stands_first_among_those_who_disagree() -> None:
    found = RaterAgreement(with_a_stranger(), **COLUMNS).each_rater()
    first = found.iloc[0]
    assert first["rater"] == "di"
    assert first["difference"] < -0.2
    assert first["p_adjusted"] < 0.001
    assert (found["difference"].diff().dropna() >= 0).all()


def test_a_rater_is_compared_with_the_pairs_without_him() -> None:
    frame = with_a_stranger(40)
    wide = frame.pivot(index="photo", columns="who", values="kind")
    same = {True: [0, 0], False: [0, 0]}
    for _, row in wide.iterrows():
        there = row.dropna()
        for place, (one, first) in enumerate(there.items()):
            for two, second in list(there.items())[place + 1 :]:
                same["di" in (one, two)][0] += first == second
                same["di" in (one, two)][1] += 1
    found = RaterAgreement(frame, **COLUMNS).each_rater().set_index("rater").loc["di"]
    assert found["estimate"] == pytest.approx(same[True][0] / same[True][1])
    assert found["rest"] == pytest.approx(same[False][0] / same[False][1])


def test_raters_alike_are_rarely_called_different() -> None:
    called = [
        (
            RaterAgreement(made(80, seed=seed, raters=("ana", "bo", "cy", "di")), **COLUMNS).each_rater()["p"] < 0.05
        ).mean()
        for seed in range(60)
    ]
    assert np.mean(called) < 0.1


def test_with_two_raters_nobody_is_the_rest() -> None:
    found = RaterAgreement(made(raters=("ana", "bo")), **COLUMNS).each_rater()
    assert set(found["flag"]) == {"no_rest"}
    assert found[["rest", "difference", "p"]].isna().all(axis=None)


def test_leaning_tells_who_switches_tags_on_too_often() -> None:
    frame = decisions(300)
    generous = frame["reviewer"] == "cy"
    frame.loc[generous, "human"] |= np.random.default_rng(0).random(generous.sum()) < 0.4
    found = RaterAgreement(frame, tags="a").each_rater().set_index("rater")["leaning"]
    assert found["cy"] > 0.15
    assert max(found["ana"], found["bo"]) < 0


def test_numbers_may_be_compared_as_words_and_weights_change_the_name() -> None:
    frame = made().assign(kind=lambda table: table["kind"].map({"cat": 1, "dog": 2, "owl": 3}))
    plain, weighted = RaterAgreement(frame, **COLUMNS), RaterAgreement(frame, **COLUMNS, scale="interval")
    assert plain.values == [1, 2, 3]
    assert "gwet_ac1" in plain.metrics
    assert "gwet_ac2" in weighted.metrics
    assert "quadratic weights" in repr(weighted)


def test_values_that_nobody_used_change_what_chance_is() -> None:
    frame = made()
    wider = RaterAgreement(frame, **COLUMNS, values=["cat", "dog", "owl", "yak"]).table("brennan_prediger")
    assert wider["estimate"][0] > RaterAgreement(frame, **COLUMNS).table("brennan_prediger")["estimate"][0]
    with pytest.raises(BadRequest, match="none of the values"):
        RaterAgreement(frame, **COLUMNS, values=["cat", "dog"])


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"scale": "metric"}, "scale is 'metric'"),
        ({"interval": "exact"}, "interval is 'exact'"),
        ({"seed": -1}, "seed is -1"),
        ({"level": 95}, "level is 95"),
        ({"weights": "cubic"}, "no weights 'cubic'"),
        ({"weights": [[1, 2], [2, 1]]}, "shape"),
        ({"scale": "interval"}, "is of numbers"),
        ({"by": "colour"}, "no column 'colour'"),
        ({"by": "kind"}, "for two things"),
        ({"item": "picture"}, "'picture' is not there"),
        ({"tags": "a"}, "no column 'tag'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_what_can(choices: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        RaterAgreement(made(), **{**COLUMNS, **choices}).table()


def test_an_unknown_metric_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadRequest, match="no metric 'recall' of raters; there are percent_agreement"):
        RaterAgreement(made(), **COLUMNS).table("recall")


def test_the_summary_has_every_flag_beside_the_estimates() -> None:
    summary = RaterAgreement(made(12, missing=0), **COLUMNS).summary(["gwet_ac1", "krippendorff_alpha"])
    assert list(summary.columns) == ["items", "ratings", "raters", "Gwet's AC1", "Krippendorff's alpha", "notes"]
    assert summary["notes"].tolist() == ["sparse"]
