"""Decisions of any container become the same counts, and counts add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.counts.facts import facts
from cmtools.analysis.counts.table import COUNTS, Counts, rollup
from cmtools.analysis.counts.tally import Tally, count, take
from cmtools.analysis.sources.reading import Reading
from cmtools.analysis.sources.source import Source
from cmtools.errors import BadRequest, BadTag

ROW = st.tuples(
    st.sampled_from(["a", "r"]),
    st.sampled_from(["public", "night"]),
    st.sampled_from([True, False, None]),
    st.sampled_from([True, False, None]),
)


def frame_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["tag", "subteam", "auto", "human"])
    return frame.astype({"auto": "boolean", "human": "boolean", "tag": "str", "subteam": "str"})


def some_decisions(n: int = 500, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.random(n).round(3)
    return pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in range(n)],
            "tag": rng.choice(["a", "r", "sc"], n),
            "subteam": rng.choice(["public", "night"], n),
            "auto": score > 0.5,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": rng.choice(["ana", "bo"], n),
            "decided_at": pd.Timestamp("2025-03-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="min"),
        }
    )


class Stream:
    """A table that offers nothing but Arrow's stream."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


@settings(max_examples=40)
@given(st.lists(ROW, max_size=40))
def test_counts_are_those_of_counting_by_hand(rows: list[tuple[Any, ...]]) -> None:
    for absent in ("false", "missing"):
        found = count(Source(frame_of(rows)), Reading(("subteam",), absent=absent))
        by_hand: dict[tuple[str, str], list[int]] = {}
        for tag, subteam, auto, human in rows:
            cell = by_hand.setdefault((subteam, tag), [0] * 7)
            said = False if auto is None and absent == "false" else auto
            place = (
                6 if human is None else 5 if said is None else {(1, 1): 1, (1, 0): 2, (0, 1): 3, (0, 0): 4}[said, human]
            )
            cell[place] += 1
            cell[0] += 1 <= place <= 4
        columns = ["subteam", "tag", *COUNTS, "undecided"]
        expected = [(*key, *cell) for key, cell in sorted(by_hand.items())]
        assert [tuple(row) for row in found[columns].values.tolist()] == expected


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: list[tuple[Any, ...]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    reading = Reading(("subteam",), absent="missing")
    pd.testing.assert_frame_equal(count(Source(frame_of(rows)), reading), count(Source(frame_of(shuffled)), reading))


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=40), st.integers(0, 40))
def test_counts_of_two_shards_add_up_to_the_whole(rows: list[tuple[Any, ...]], cut: int) -> None:
    reading = Reading(("subteam",))
    shards = [count(Source(frame_of(part)), reading) for part in (rows[:cut], rows[cut:]) if part]
    whole = count(Source(frame_of(rows)), reading)
    pd.testing.assert_frame_equal(rollup(pd.concat(shards), ["subteam"]), whole[["subteam", "tag", *COUNTS]])


def test_rollup_equals_counting_without_the_column() -> None:
    source = Source(some_decisions())
    pd.testing.assert_frame_equal(
        rollup(count(source, Reading(("subteam", "reviewer"))), ["reviewer"]),
        count(source, Reading(("reviewer",)))[["reviewer", "tag", *COUNTS]],
    )


def test_rollup_keeps_slices_without_a_name() -> None:
    frame = some_decisions(50).assign(subteam=None)
    counts = count(Source(frame), Reading(("subteam", "reviewer")))
    assert rollup(counts, ["subteam"])["n"].sum() == 50


@pytest.mark.parametrize(
    "container",
    [
        "categories",
        "objects",
        "parquet",
        "glob",
        "paths",
        "reader",
        "relation",
        "stream",
        "words",
        "numbers",
        "polars",
        "arrow",
    ],
)
def test_every_container_gives_the_same_counts_and_fingerprint(container: str, tmp_path: Path) -> None:
    frame = some_decisions()
    reading = Reading(("subteam",), threshold={"r": 0.7})
    expected = count(Source(frame), reading)
    with duckdb.connect() as connection:
        relation = connection.from_df(frame)
        relation.write_parquet(str(tmp_path / "all.parquet"))
        for place, half in enumerate((frame.iloc[:200], frame.iloc[200:])):
            connection.from_df(half).write_parquet(str(tmp_path / f"part-{place}.parquet"))
        decisions: Any = {
            "categories": lambda: frame.astype({"tag": "category", "subteam": "category", "reviewer": "category"}),
            "objects": lambda: frame.astype(
                {name: object for name in frame.columns if name not in ("score", "decided_at")}
            ),
            "parquet": lambda: tmp_path / "all.parquet",
            "glob": lambda: str(tmp_path / "part-*.parquet"),
            "paths": lambda: [tmp_path / "part-0.parquet", str(tmp_path / "part-1.parquet")],
            "reader": lambda: pyarrow.Table.from_pandas(frame).to_reader(),
            "relation": lambda: relation,
            "stream": lambda: Stream(relation),
            "polars": lambda: polars.from_pandas(frame),
            "arrow": lambda: pyarrow.Table.from_pandas(frame),
            "words": lambda: frame.assign(
                auto=frame["auto"].map({True: "Yes", False: "off"}), human=frame["human"].astype(str)
            ),
            "numbers": lambda: frame.assign(auto=frame["auto"].astype(float), human=frame["human"].astype("int8")),
        }[container]()
        source = Source(decisions)
        pd.testing.assert_frame_equal(count(source, reading), expected)
        assert facts(source, reading) == facts(Source(frame), reading)


def test_slices_of_any_type_keep_their_type() -> None:
    frame = some_decisions(60).assign(week=np.arange(60) % 3, day=pd.Timestamp("2025-03-01", tz="UTC"))
    counts = count(Source(frame), Reading(("week", "day")))
    assert counts["week"].unique().tolist() == [0, 1, 2]
    assert counts["day"].unique().tolist() == [pd.Timestamp("2025-03-01", tz="UTC")]


def test_names_with_quotes_and_blanks_are_only_names() -> None:
    column, tag = 'x"; DROP TABLE decisions; --', "a' OR '1'='1"
    frame = pd.DataFrame({"tag": [tag, "b"], "auto": True, "human": True, "score": 0.5, column: ["it's", 'a "b"']})
    counts = count(Source(frame), Reading((column,), tags=(tag,), threshold={tag: 0.9}))
    assert counts[[column, "tag", "fn"]].values.tolist() == [["it's", tag, 1]]


def test_frame_that_is_changed_later_is_counted_as_it_was() -> None:
    frame = some_decisions(50)
    source = Source(frame)
    before = count(source, Reading())
    frame["human"] = True
    pd.testing.assert_frame_equal(count(source, Reading()), before)


def test_threshold_replaces_auto_and_a_missing_score_is_silent() -> None:
    frame = pd.DataFrame({"tag": "r", "auto": True, "auto_given": True, "human": True, "score": [0.7, 0.69, np.nan]})
    asked = Reading(threshold={"r": 0.7}, absent="missing")
    assert count(Source(frame), asked)[["tp", "fn", "missing"]].values.tolist() == [[1, 1, 1]]
    asked = Reading(threshold={"r": 0.7}, absent="false")
    assert count(Source(frame), asked)[["tp", "fn", "missing"]].values.tolist() == [[1, 2, 0]]


def test_auto_that_was_not_given_is_silent_whatever_it_holds() -> None:
    frame = pd.DataFrame({"tag": "r", "auto": [True, False], "auto_given": [False, "no"], "human": True})
    assert count(Source(frame), Reading(absent="missing"))["missing"].tolist() == [2]


def test_fingerprint_changes_with_one_value_and_not_with_the_order() -> None:
    frame = some_decisions()
    reading = Reading()
    same = facts(Source(frame.sample(frac=1, random_state=3)), reading).fingerprint
    other = facts(
        Source(frame.assign(human=frame["human"].where(frame.index != 7, ~frame["human"]))), reading
    ).fingerprint
    assert facts(Source(frame), reading).fingerprint == same
    assert other != same


def test_facts_tell_reviews_reviewers_period_and_repeats() -> None:
    frame = some_decisions(100)
    found = facts(Source(pd.concat([frame, frame.iloc[:7]])), Reading())
    assert (found.rows, found.reviews, found.reviewers, found.repeated) == (107, 100, 2, 7)
    assert str(found.first_decided_at) == "2025-03-01 00:00:00+00:00"
    assert str(found.last_decided_at) == "2025-03-01 01:39:00+00:00"


def test_facts_of_a_table_that_does_not_tell_are_none() -> None:
    found = facts(Source(some_decisions()[["tag", "auto", "human"]]), Reading())
    assert (found.reviews, found.reviewers, found.repeated, found.first_decided_at) == (None, None, None, None)


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        (3, "is of type int; give a DataFrame"),
        (None, "is of type NoneType"),
        ([], "is of type list; give a DataFrame"),
        (polars.LazyFrame({"tag": ["a"]}), r"is a LazyFrame, which holds no rows yet; give decisions.collect\(\)"),
        (["nowhere.parquet", "elsewhere.parquet"], "no Parquet file at one of 'nowhere.parquet', 'elsewhere.parquet'"),
        ("nowhere.parquet", "no Parquet file at 'nowhere.parquet'"),
        ("decisions.csv", "there is no file 'decisions.csv'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(decisions: Any, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        Source(decisions)


def test_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("not at all")
    with pytest.raises(BadRequest, match="cannot be read as Parquet"):
        Source(tmp_path / "a.parquet")


def test_decision_without_a_tag_is_refused() -> None:
    with pytest.raises(BadTag, match="name no tag"):
        count(Source(pd.DataFrame({"tag": ["a", None], "auto": True, "human": True})), Reading())


WEIGHED = st.tuples(ROW, st.sampled_from(["ana", "bo", None]), st.sampled_from([1.0, 2.5, 0.125]))


@settings(max_examples=40)
@given(st.lists(WEIGHED, min_size=1, max_size=40), st.integers(0, 40))
def test_tallies_of_two_shards_add_up_to_the_whole_exactly(rows: list[tuple[Any, ...]], cut: int) -> None:
    def tally(part: list[tuple[Any, ...]]) -> Tally:
        frame = frame_of([row for row, _, _ in part])
        frame = frame.assign(reviewer=[who for _, who, _ in part], weight=[weight for _, _, weight in part])
        return take(Source(frame.astype({"reviewer": "str"})), reading)

    reading = Reading(("subteam",), weights="weight", cluster="reviewer", absent="missing")
    merged = tally(rows[:cut]) + tally(rows[cut:])
    whole = tally(rows).rollup(["subteam"])  # the same rows, in order
    pd.testing.assert_frame_equal(merged.parts, whole.parts, check_exact=True)


def test_counts_add_up_and_roll_up_as_tables() -> None:
    frame = some_decisions()
    by = ["subteam", "reviewer"]
    days = [Agreement(part, by=by).counts for part in (frame.iloc[:200], frame.iloc[200:])]
    both = days[0] + days[1]
    pd.testing.assert_frame_equal(pd.DataFrame(both), pd.DataFrame(Agreement(frame, by=by).counts))
    pd.testing.assert_frame_equal(
        pd.DataFrame(both.rollup("reviewer")), pd.DataFrame(Agreement(frame, by="reviewer").counts)
    )
    assert both.rollup([]).columns.tolist() == ["tag", *COUNTS]


def test_part_of_the_counts_is_an_ordinary_table() -> None:
    counts = Agreement(some_decisions()).counts
    assert type(counts[counts["tag"] == "a"]) is pd.DataFrame
    assert type(counts.copy()) is pd.DataFrame
    assert (counts["n"] + 1).tolist() == [n + 1 for n in counts["n"]]


def test_counts_that_were_read_otherwise_do_not_add_up() -> None:
    frame = some_decisions()
    plain = Agreement(frame, by="subteam").counts
    with pytest.raises(BadRequest, match="do not add up: by is"):
        plain + Agreement(frame).counts
    with pytest.raises(BadRequest, match="absent is 'false' in the one, 'missing' in the other"):
        plain + Agreement(frame, by="subteam", absent="missing").counts
    with pytest.raises(BadRequest, match="not sliced by 'week'; they are by 'subteam'"):
        plain.rollup("week")


def test_counts_are_saved_and_read_with_all_that_stands_behind_them(tmp_path: Path) -> None:
    frame = some_decisions().assign(day=pd.Timestamp("2025-03-01"), week=lambda f: f.index % 3)
    counts = Agreement(frame, by=["day", "week"], threshold={"r": 0.7}).counts
    counts.save(tmp_path / "counts.parquet")
    again = Counts.read(tmp_path / "counts.parquet")
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(counts), check_dtype=False)
    assert again.tally.threshold == {"r": 0.7}
    pd.testing.assert_frame_equal(pd.DataFrame(again + counts)[["n"]], pd.DataFrame(counts)[["n"]] * 2)


def test_file_of_somebody_else_holds_no_counts(tmp_path: Path) -> None:
    duckdb.from_df(some_decisions()).write_parquet(str(tmp_path / "decisions.parquet"))
    with pytest.raises(BadRequest, match="holds no counts"):
        Counts.read(tmp_path / "decisions.parquet")
    with pytest.raises(BadRequest, match="no Parquet file at"):
        Counts.read(tmp_path / "nowhere.parquet")
    with pytest.raises(BadRequest, match="cannot write"):
        Agreement(some_decisions()).counts.save(tmp_path / "nowhere" / "counts.parquet")


def test_agreement_of_counts_answers_all_but_what_needs_decisions() -> None:
    frame = some_decisions()
    counts = Agreement(frame, by=["subteam", "reviewer"]).counts
    agreement = Agreement(counts, by="subteam", tags=["r", "a"], interval="exact")
    assert agreement.counts["tag"].tolist() == ["r", "a", "r", "a"]
    assert agreement.facts.rows == int(counts["n"].sum() - counts.query("tag == 'sc'")["n"].sum())
    assert len(agreement.facts.fingerprint) == 64
    with pytest.raises(BadRequest, match="made from counts, which do not hold the decisions themselves"):
        agreement.disagreements()
    with pytest.raises(BadRequest, match="made with absent='false'; for 'missing' make them anew"):
        Agreement(counts, absent="missing")
    with pytest.raises(BadTag, match="no tag 'zz' in these counts"):
        Agreement(counts, tags="zz")


def test_reviews_that_are_not_complete_are_left_out_and_counted() -> None:
    frame = some_decisions(90).assign(status=["Complete", " complete", "Pending"] * 30)
    agreement = Agreement(pd.concat([frame, frame.assign(tag="a")]))
    assert agreement.left_out == 30
    assert agreement.counts["n"].sum() == 120
    assert len(agreement.disagreements()) == agreement.counts[["fp", "fn"]].to_numpy().sum()
    assert agreement.facts.rows == 120


def test_column_of_words_is_read_as_rows_would_read_it() -> None:
    frame = pd.DataFrame({"tag": "a", "auto": [0.0, 1.0, np.nan, 1.0], "human": ["Yes", "OFF ", "n/a", "t"]})
    assert count(Source(frame), Reading(absent="missing"))[["tp", "fp", "fn", "tn", "undecided"]].values.tolist() == [
        [1, 1, 1, 0, 1]
    ]
    with pytest.raises(BadTag, match=r"column 'auto' holds '0\.5'"):
        count(Source(frame.assign(auto=0.5)), Reading())
