"""Reviews become tidy decisions, and every spelling of true and false is read."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.counts.tally import count
from cmtools.analysis.decisions import COLUMNS, MISSING_SPELLINGS, tidy
from cmtools.analysis.sources.reading import Reading
from cmtools.analysis.sources.source import Source
from cmtools.errors import BadTag
from cmtools.model import Answer, Frame, Review
from cmtools.tags import FALSE_SPELLINGS, TRUE_SPELLINGS

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def review(
    id: str = "1", *, status: str = "Complete", reviewers: tuple[str, ...] = ("ana",), **fields: object
) -> Review:
    answers = tuple(Answer(name, tag, tag == "r", NOON) for name in reviewers for tag in ("a", "r"))
    return Review(id, status, "Image", "cat.jpg", f"cat-{id}", **{"answers": answers, **fields})  # type: ignore[arg-type]


def test_table_has_exactly_the_agreed_columns() -> None:
    assert tuple(tidy([review()]).columns) == COLUMNS


def test_table_has_one_row_per_review_tag_and_reviewer() -> None:
    frame = tidy([review("1", reviewers=("ana", "bo")), review("2")])
    assert frame[["review_id", "tag", "reviewer"]].values.tolist() == [
        ["1", "a", "ana"],
        ["1", "r", "ana"],
        ["1", "a", "bo"],
        ["1", "r", "bo"],
        ["2", "a", "ana"],
        ["2", "r", "ana"],
    ]


def test_frames_of_a_video_have_rows_with_their_own_auto_tags() -> None:
    answers = tuple(Answer("ana", "a", value, NOON, frame) for frame, value in ((None, True), ("500", False)))
    shown = (Frame(500, "https://x/1.jpg", auto_tags={"a": True}, scores={"a": 0.75}), Frame(9, "https://x/2.jpg"))
    table = tidy([Review("1", "Complete", "Video", "https://x/v", "v", answers=answers, frames=shown)])
    rows = table[["frame", "tag", "auto", "auto_given", "score", "human"]].astype(object)
    assert rows.where(rows.notna(), None).values.tolist() == [
        [None, "a", False, False, None, True],
        ["500", "a", True, True, 0.75, False],
    ]


def test_frames_that_did_not_come_with_their_review_are_silent() -> None:
    table = tidy([review(auto_tags={"a": True}, answers=(Answer("ana", "a", True, NOON, "500"),))])
    assert table[["frame", "auto", "auto_given"]].values.tolist() == [["500", False, False]]


def test_plain_api_tells_the_human_tags_of_frames_without_a_reviewer() -> None:
    shown = (Frame(500, "https://x/1.jpg", human_tags={"a": True}),)
    table = tidy([Review("1", "Complete", "Video", "https://x/v", "v", human_tags={"a": False}, frames=shown)])
    assert table[["frame", "human"]].astype(object).fillna("").values.tolist() == [["", False], ["500", True]]
    assert table["reviewer"].isna().all()


def test_silent_auto_tag_is_false_and_not_given() -> None:
    frame = tidy([review(auto_tags={"r": True}, scores={"r": 0.75})]).set_index("tag")
    assert frame.loc["a", ["auto", "auto_given"]].tolist() == [False, False]
    assert frame.loc["r", ["auto", "auto_given", "score"]].tolist() == [True, True, 0.75]
    assert np.isnan(frame.loc["a", "score"])


@pytest.mark.parametrize("status", ["Pending", "Submitted", "UnPublished"])
def test_review_that_is_not_complete_is_left_out_and_counted(status: str) -> None:
    frame = tidy([review("1", status=status), review("2")])
    assert set(frame["review_id"]) == {"2"}
    assert frame.attrs["left_out"] == 1


def test_no_reviews_give_a_table_of_the_same_types() -> None:
    empty, full = tidy([]), tidy([review(created_at=NOON, decided_at=NOON)])
    assert len(empty) == 0
    assert [kind.kind for kind in empty.dtypes] == [kind.kind for kind in full.dtypes]
    assert str(empty["decided_at"].dtype) == str(full["decided_at"].dtype) == "datetime64[us, UTC]"


def test_moments_of_other_zones_become_utc() -> None:
    frame = tidy([review(created_at=datetime.fromisoformat("2025-03-01T14:00:00+02:00"))])
    assert frame["created_at"].iloc[0] == pd.Timestamp(NOON)


def test_metadata_becomes_columns_without_tags_and_scores() -> None:
    pairs = (("a", "True"), ("A.score", "0.9"), ("racyScore", "0.1"), ("model", "v1"), ("model", "v2"), ("r", "maybe"))
    frame = tidy([review(metadata=pairs, auto_tags={"a": True})], metadata=True)
    assert [name for name in frame.columns if name.startswith("metadata_")] == ["metadata_model"]
    assert frame["metadata_model"].tolist() == ["v2", "v2"]


def test_metadata_that_some_reviews_lack_is_missing_there() -> None:
    frame = tidy([review("1", metadata=(("model", "v1"),)), review("2")], metadata=True)
    assert frame["metadata_model"].isna().tolist() == [False, False, True, True]


def test_complete_review_without_answers_gives_its_human_tags() -> None:
    frame = tidy([review(answers=(), human_tags={"a": True, "r": False}, decided_at=NOON)])
    assert frame[["tag", "human"]].values.tolist() == [["a", True], ["r", False]]
    assert frame["reviewer"].isna().all()


def spellings() -> list[tuple[object, bool]]:
    words = [
        (form(word), on)
        for on, known in ((True, TRUE_SPELLINGS), (False, FALSE_SPELLINGS))
        for word in sorted(known)
        for form in (str, str.upper, str.title, lambda w: f" {w} ")
    ]
    return [*words, (True, True), (False, False), (1, True), (0, False), (1.0, True), (0.0, False), (np.True_, True)]


@pytest.mark.parametrize(("spelling", "expected"), spellings())
def test_every_spelling_of_true_and_false_is_read(spelling: object, expected: bool) -> None:
    frame = pd.DataFrame({"tag": "a", "auto": pd.Series([spelling], dtype=object), "human": [True]})
    assert count(Source(frame), Reading())["tp"].tolist() == [int(expected)]


@pytest.mark.parametrize("spelling", [*sorted(MISSING_SPELLINGS), None, np.nan, pd.NA])
def test_every_spelling_of_nothing_is_missing(spelling: object) -> None:
    frame = pd.DataFrame({"tag": "a", "auto": pd.Series([spelling, True], dtype=object), "human": [True, True]})
    counted = count(Source(frame), Reading(absent="missing"))
    assert counted[["n", "tp", "missing"]].values.tolist() == [[1, 1, 1]]


def test_mixed_spellings_in_one_column_are_read() -> None:
    auto = pd.Series(["True", 0, None, True, "no"], dtype=object)
    counted = count(Source(pd.DataFrame({"tag": "a", "auto": auto, "human": True})), Reading(absent="missing"))
    assert counted[["tp", "fn", "missing"]].values.tolist() == [[2, 2, 1]]


@pytest.mark.parametrize("dtype", ["bool", "boolean", "Int64", "float64", "object", "category", "str"])
def test_column_of_any_type_is_read(dtype: str) -> None:
    column = pd.Series(["1", "0", "1"]).astype(dtype) if dtype == "str" else pd.Series([1, 0, 1]).astype(dtype)
    frame = pd.DataFrame({"tag": "a", "auto": column, "human": column})
    assert count(Source(frame), Reading())[["tp", "tn"]].values.tolist() == [[2, 1]]


@pytest.mark.parametrize("odd", ["maybe", 2, 0.7, "0.7", -1])
def test_value_that_is_neither_is_named_in_the_error(odd: object) -> None:
    for column in (pd.Series([odd]), pd.Series([True, odd], dtype=object)):
        frame = pd.DataFrame({"tag": "a", "auto": column, "human": True})
        with pytest.raises(BadTag, match=rf"'auto' holds '{odd}'.*neither true nor false.*threshold"):
            count(Source(frame), Reading())
