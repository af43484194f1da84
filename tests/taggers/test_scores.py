"""Scores out of a file or a table: which row is of which item, and what its columns say."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from cmtools.drafts import make_drafts
from cmtools.errors import BadTagger
from cmtools.taggers import Scores, Tagging, open_taggers

from ..content.pictures import encoded, noise

ROWS = [{"file": "a.jpg", "nsfw": 0.91}, {"file": "b.jpg", "nsfw": 0.2}]


def scores(rows: list[Mapping[str, object]], **options: object) -> Scores:
    return Scores(rows, **{"tags": {"a": "nsfw"}, "thresholds": {"a": 0.5}, **options})


def tags_of(tagger: Scores, *names: str) -> list[dict[str, bool] | str]:
    """What is said of files of those names, or why nothing."""
    return [said.error or dict(said.tags) for said in tagger([Path(name) for name in names])]


def written(path: Path, rows: list[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# --- where rows come from ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "csv", "tsv", "pandas", "polars", "list"])
def test_rows_come_from_files_tables_and_lists_alike(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"scores.{ending}"
    frame = pd.DataFrame(ROWS)
    if ending in ("jsonl", "ndjson"):
        written(path, ROWS)
    elif ending in ("csv", "tsv"):
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    source = {"pandas": frame, "polars": pl.DataFrame(ROWS), "list": ROWS}.get(ending, path)
    said = Scores(source, {"a": "nsfw"}, thresholds={"a": 0.5})([Path("x/a.jpg"), Path("x/b.jpg")])
    assert [(dict(answer.tags), dict(answer.scores)) for answer in said] == [
        ({"a": True}, {"a": 0.91}),
        ({"a": False}, {"a": 0.2}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("s.jsonl", '{"file": "a", "nsfw": 1}\n\n{"file": "b"\n', r"^s\.jsonl, line 3: it is no JSON object"),
        ("s.jsonl", '["a", 1]\n', r"^s\.jsonl, line 1: it is .*not an object"),
        ("s.jsonl", "[" * 100_000, r"^s\.jsonl, line 1: it is no JSON object"),
        ("s.csv", "file,nsfw\na,0.1,7\n", r"^s\.csv, line 2: it has more cells than the first line"),
        ("s.csv", 'file,nsfw\n"a,0.1\n', r"^s\.csv, line 2: it cannot be read as a table's row"),
        ("s.csv", "file,nsfw\n", "there is no row in the scores"),
        ("s.jsonl", "", "there is no row in the scores"),
        ("s.parquet", "x", "not from .*s.parquet'; give another as a DataFrame"),
        ("s.jsonl", None, "cannot be read: No such file"),
    ],
)
def test_broken_file_is_an_error_that_names_the_line(tmp_path: Path, name: str, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadTagger, match=says):
        Scores(tmp_path / name, {"a": "nsfw"}, thresholds={"a": 0.5})


def test_file_that_is_no_utf8_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(b"file,nsfw\n\xff,1\n")
    with pytest.raises(BadTagger, match="not UTF-8"):
        Scores(tmp_path / "s.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(BadTagger, match="is no file"):
        Scores(tmp_path / "pipe.csv")


@pytest.mark.parametrize("source", [7, {"file": "a.jpg"}, ["a.jpg"]])
def test_what_is_no_table_is_refused(source: object) -> None:
    with pytest.raises(BadTagger, match=r"no table of scores|not an object"):
        Scores(source)


# --- which row is of which item ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", ["photos/cats/a.jpg", "cats/a.jpg", "a.jpg", "./cats/a.jpg", "../cats/a.jpg", "cats\\a.jpg"]
)
def test_file_is_found_by_its_path_or_the_end_of_it(row: str, tmp_path: Path) -> None:
    tagger = scores([{"file": row, "nsfw": 0.9}])
    assert tags_of(tagger, str(tmp_path / "photos/cats/a.jpg")) == [{"a": True}]
    absolute = scores([{"path": str(tmp_path / "photos/cats/a.jpg"), "nsfw": 0.9}])
    assert tags_of(absolute, str(tmp_path / "photos/x/../cats/a.jpg")) == [{"a": True}]


def test_half_a_file_name_is_no_match() -> None:
    (said,) = tags_of(scores([{"file": "a.jpg", "nsfw": 0.9}]), "photos/aa.jpg")
    assert said == "it has no score: no row of the scores is of it"


def test_longest_end_of_a_path_counts() -> None:
    tagger = scores([{"file": "a.jpg", "nsfw": 0.9}, {"file": "dogs/a.jpg", "nsfw": 0.1}])
    assert tags_of(tagger, "cats/a.jpg", "dogs/a.jpg") == [{"a": True}, {"a": False}]


def test_second_file_that_a_row_would_fit_gets_no_score_and_is_told_why(tmp_path: Path) -> None:
    tagger = scores(ROWS)
    first, again, second = tags_of(
        tagger, f"{tmp_path}/cats/a.jpg", f"{tmp_path}/x/../cats/a.jpg", f"{tmp_path}/dogs/a.jpg"
    )
    assert first == again == {"a": True}
    assert second == f"the score of 'a.jpg' was that of {tmp_path}/cats/a.jpg; say longer paths, or sha256"


def test_address_is_found_to_the_letter() -> None:
    tagger = scores([{"url": "https://example.org/a.jpg?x=1", "nsfw": 0.9}])
    found, other = tagger(["https://example.org/a.jpg?x=1", "https://example.org/a.jpg"])
    assert dict(found.tags) == {"a": True}
    assert "no row" in (other.error or "")


def test_picture_is_found_by_the_digest_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"picture")
    tagger = scores([{"sha256": hashlib.sha256(b"picture").hexdigest().upper(), "nsfw": 0.9}])
    by_path, by_bytes, other = tagger([tmp_path / "a", b"picture", b"another"])
    assert by_path == by_bytes
    assert dict(by_path.tags) == {"a": True}
    assert "no row" in (other.error or "")


def test_text_is_found_to_the_letter() -> None:
    tagger = scores([{"text": "Buy now!", "nsfw": 0.9}])
    assert tagger.type == "Text"
    found, other = tagger(["Buy now!", "buy now!"])
    assert dict(found.tags) == {"a": True}
    assert other.error


def test_key_of_another_name_needs_a_word_on_what_it_holds() -> None:
    rows = [{"ref": "a.jpg", "nsfw": 0.9}]
    with pytest.raises(BadTagger, match="say what the column 'ref' holds: by='file'"):
        scores(rows, key="ref")
    assert tags_of(scores(rows, key="ref", by="file"), "a.jpg") == [{"a": True}]
    with pytest.raises(BadTagger, match=r"no column names the item: looked for sha256, file, .*; there are ref, nsfw"):
        scores(rows)


def test_named_key_goes_before_the_usual_ones() -> None:
    rows = [{"sha256": "0" * 64, "path": "a.jpg", "nsfw": 0.9}]
    assert tags_of(scores(rows, key="path"), "a.jpg") == [{"a": True}]
    assert tags_of(scores(rows, by="file"), "a.jpg") == [{"a": True}]


def test_keys_that_repeat_are_an_error_that_names_them() -> None:
    rows = [{"file": name, "nsfw": 0.1} for name in ("a.jpg", "b.jpg", "./a.jpg", "a.jpg", "c.jpg", "b.jpg")]
    with pytest.raises(BadTagger, match=r"^column 'file': 2 keys are in more than one row: a\.jpg, b\.jpg$"):
        scores(rows)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"file": "  "}, "row 2: the column 'file' is empty"),
        ({"nsfw": 0.3}, "row 2: the column 'file' is empty"),
        ({"file": float("nan"), "nsfw": 0.3}, "row 2: the column 'file' is empty"),
    ],
)
def test_row_without_a_key_is_an_error(row: dict[str, object], says: str) -> None:
    with pytest.raises(BadTagger, match=says):
        scores([ROWS[0], row])


def test_digest_that_is_none_is_an_error() -> None:
    with pytest.raises(BadTagger, match="row 1: 'abc' is no SHA-256"):
        scores([{"sha256": "abc", "nsfw": 0.3}])


def test_item_without_a_row_can_be_left_silent() -> None:
    (said,) = scores(ROWS, missing="silent", version="7")([Path("c.jpg")])
    assert said == Tagging(metadata=(("tagger", "scores 7"),))


# --- what columns say -------------------------------------------------------------------------------------------------


def test_nested_objects_are_reached_with_points() -> None:
    tagger = scores([{"file": "a", "out": {"scores": {"nsfw": 0.7}}}], tags={"a": "out.scores.nsfw"})
    assert tags_of(tagger, "a") == [{"a": True}]


def test_column_whose_name_has_a_point_goes_before_a_nested_one() -> None:
    tagger = scores([{"file": "a", "scores.nsfw": 0.9, "scores": {"nsfw": 0.1}}], tags={"a": "scores.nsfw"})
    assert tags_of(tagger, "a") == [{"a": True}]


def test_list_of_labels_with_scores_is_read_as_hugging_face_writes_it() -> None:
    row = {"file": "a", "top": [{"label": "nsfw", "score": 0.97}, {"label": "normal", "score": 0.03}]}
    assert tags_of(scores([row], tags={"a": "top.nsfw"}), "a") == [{"a": True}]


def test_label_is_true_where_it_is_said_and_false_where_another_is() -> None:
    rows = [{"file": "a", "label": "NSFW "}, {"file": "b", "label": "safe"}, {"file": "c", "label": None}]
    tagger = Scores(rows, {"a": "label=nsfw"})
    assert tags_of(tagger, "a", "b", "c") == [{"a": True}, {"a": False}, {}]


def test_of_several_columns_the_highest_counts() -> None:
    rows = [
        {"file": "a", "porn": 0.2, "hentai": 0.8, "sexy": 0.1},
        {"file": "b", "porn": 0.3, "hentai": None, "sexy": 0.7},
    ]
    tagger = Scores(rows, {"a": ["porn", "hentai"], "r": "sexy"}, thresholds={"a": 0.5, "r": 0.5})
    first, second = tagger([Path("a"), Path("b")])
    assert (dict(first.tags), dict(first.scores)) == ({"a": True, "r": False}, {"a": 0.8, "r": 0.1})
    assert (dict(second.tags), dict(second.scores)) == ({"a": False, "r": True}, {"a": 0.3, "r": 0.7})
    labels = Scores([{"file": "a", "label": "hentai"}], {"a": ["label=porn", "label=hentai"]})
    assert tags_of(labels, "a") == [{"a": True}]


def test_columns_named_as_tags_are_taken_unless_others_are_named() -> None:
    rows = [{"file": "x", "a": 0.9, "r": "true", "sp": 0.1}]
    assert tags_of(Scores(rows, thresholds={"a": 0.5, "sp": 0.5}), "x") == [{"a": True, "sp": False}]
    assert tags_of(Scores([{"file": "x", "a": True, "r": "no"}]), "x") == [{"a": True, "r": False}]


def test_metadata_tell_the_classifier_and_the_raw_values() -> None:
    tagger = scores(ROWS, name="shop-net", version="4")
    assert tagger([Path("a.jpg")])[0].metadata == (("tagger", "shop-net 4"), ("shop-net.nsfw", "0.91"))


def test_version_follows_what_the_rows_say() -> None:
    assert scores(ROWS).version == scores(list(ROWS)).version
    assert scores(ROWS).version != scores([ROWS[0], {"file": "b.jpg", "nsfw": 0.21}]).version


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        (ROWS, {"tags": {"a": "nfsw"}}, "no row says anything in nfsw for the tag 'a'; there are file, nsfw"),
        (ROWS, {"thresholds": {}}, r"row 1: 0.91 is a score.*thresholds=\{'a': 0.5\}"),
        (ROWS, {"thresholds": {"a": 0.5, "zz": 0.5}}, "thresholds names 'zz', which is no tag here; there are a"),
        (ROWS, {"tags": {"no code!": "nsfw"}, "thresholds": {}}, "tags: 'no code!' is no short code"),
        ([{"file": "a", "nsfw": 91}], {}, "row 1: the score 91 in 'nsfw' is not from 0 to 1"),
        ([{"file": "a", "nsfw": "high"}], {}, "row 1: 'high' is neither true nor false"),
        (ROWS, {"missing": "skip"}, "missing is 'skip'; it must be 'error' or 'silent'"),
        (ROWS, {"by": "id"}, "by is 'id'; it must be 'sha256' or 'file' or 'text'"),
    ],
)
def test_what_cannot_be_meant_is_an_error(rows: list[dict[str, object]], options: dict[str, object], says: str) -> None:
    with pytest.raises(BadTagger, match=says):
        scores(rows, **options)


# --- at work ----------------------------------------------------------------------------------------------------------


def test_folder_gets_its_scores_and_what_has_none_is_listed(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "sub/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(encoded(noise(), "PNG"))
    table = written(
        tmp_path.parent / "scores.jsonl", [{"file": "a.png", "nsfw": 0.9}, {"file": "sub/c.png", "nsfw": 0.1}]
    )
    drafts = make_drafts(tmp_path, tagger=Scores(table, {"a": "nsfw"}, thresholds={"a": 0.5}), progress=False)
    assert [(draft.content_id, dict(draft.metadata)["a"]) for draft in drafts] == [
        ("a.png", "True"),
        ("sub/c.png", "False"),
    ]
    assert [(Path(row.source).name, row.reason) for row in drafts.refused.itertuples()] == [
        ("b.png", "it has no score: no row of the scores is of it")
    ]


def test_setting_of_a_service_names_file_tags_and_thresholds(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"picture").hexdigest()
    path = written(tmp_path / "known.jsonl", [{"sha256": digest, "a": 0.7, "r": 0.7}])
    opened = open_taggers(f"scores:{path}?a=0.8&r=0.4")
    assert dict(opened["Image"]([b"picture"])[0].tags) == {"a": False, "r": True}


@pytest.mark.parametrize(
    ("rows", "query", "says"),
    [
        ([{"text": "x", "a": 0.7}], "", "is a score, not true or false"),
        ([{"text": "x", "a": 0.7}], "?a=high", "does not say thresholds; write a=0.8&r=0.4"),
        ([{"text": "x", "a": 0.7}], "?a", "does not say thresholds"),
        ([{"text": "x", "a": 0.7}], "?a=8", "must be a number from 0 to 1, not 8.0"),
    ],
)
def test_setting_that_a_service_cannot_work_with_is_refused(
    tmp_path: Path, rows: list[dict[str, object]], query: str, says: str
) -> None:
    with pytest.raises(BadTagger, match=says):
        open_taggers(f"scores:{written(tmp_path / 's.jsonl', rows)}{query}")
    with pytest.raises(BadTagger, match="needs a file of yours"):
        open_taggers("scores")


def test_label_of_a_list_is_true_where_it_is_in_it() -> None:
    rows = [{"file": "a", "label": ["NSFW ", "x"]}, {"file": "b", "label": []}, {"file": "c", "label": np.array(["x"])}]
    answers = Scores(rows, {"a": "label=nsfw"})([Path("a"), Path("b"), Path("c")])
    assert [dict(said.tags) for said in answers] == [{"a": True}, {"a": False}, {"a": False}]
    assert ("scores.label", "NSFW, x") in answers[0].metadata


def test_label_that_no_row_has_is_told_with_those_that_there_are() -> None:
    rows = [{"file": "a", "label": "nsfw"}, {"file": "b", "label": ["sfw", "drawing"]}]
    with pytest.raises(BadTagger, match="no row has label=nfsw for the tag 'a'; of 'label' there are nsfw, sfw, dr"):
        Scores(rows, {"a": "label=nfsw"})
    many = [{"file": str(place), "label": f"kind {place}"} for place in range(100)]
    with pytest.raises(BadTagger, match=r"kind 19, \.\.\.$"):
        Scores(many, {"a": "label=nfsw"})


def test_labels_with_scores_are_to_be_named_as_columns() -> None:
    rows = [{"file": "a", "top": [{"label": "nsfw", "score": 0.9}]}]
    with pytest.raises(BadTagger, match=r"row 1: the labels in 'top' have scores: name one as 'top\.nsfw'"):
        Scores(rows, {"a": "top=nsfw"})


def test_without_tags_those_that_are_there_of_a_and_r_are_taken() -> None:
    (said,) = Scores([{"file": "a.jpg", "a": True}])([Path("a.jpg")])
    assert (dict(said.tags), said.error) == ({"a": True}, None)
    with pytest.raises(BadTagger, match=r"no row says anything in a or r; there are file, nsfw\. Say which column"):
        Scores([{"file": "a.jpg", "nsfw": True}])
    with pytest.raises(BadTagger, match="no row says anything in r for the tag 'r'"):
        Scores([{"file": "a.jpg", "a": 0.5}], thresholds={"a": 0.5, "r": 0.5})
