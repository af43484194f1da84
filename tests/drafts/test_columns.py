"""Tables: which column is what, and what the cells of a tag column may say."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.drafts import Drafts, make_drafts
from cmtools.drafts.columns import CONTENT_COLUMNS, ID_COLUMNS
from cmtools.errors import BadDraft, BadTag
from cmtools.tags import TagSet

from ..content.pictures import encoded, noise

PICTURE = encoded(noise(40, 30), "PNG")
SITE = "https://example.org/"


def table(rows: int = 2, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"url": [f"{SITE}{n}.jpg" for n in range(rows)], "id": [f"p{n}" for n in range(rows)], **columns}
    )


def said(drafts: Drafts) -> list[dict[str, str]]:
    return [dict(draft.metadata) for draft in drafts]


# --- which column is the content and the id ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*CONTENT_COLUMNS["Image"], "URL", "Image URL", "image-path", "FileName"])
def test_content_column_of_pictures_is_found_by_name(name: str) -> None:
    drafts = make_drafts(pd.DataFrame({"about": ["x"], name: [f"{SITE}a.jpg"]}))
    assert drafts[0].content == f"{SITE}a.jpg"


@pytest.mark.parametrize("name", [*CONTENT_COLUMNS["Text"], "Comment"])
def test_content_column_of_texts_is_found_by_name(name: str) -> None:
    assert make_drafts(pd.DataFrame({"about": ["x"], name: ["words"]}), type="Text")[0].content == "words"


def test_first_of_the_usual_names_wins_and_the_others_are_metadata() -> None:
    drafts = make_drafts(pd.DataFrame({"path": ["/nowhere.jpg"], "content": [f"{SITE}a.jpg"], "id": ["1"]}))
    assert drafts[0].content == f"{SITE}a.jpg"
    assert said(drafts) == [{"path": "/nowhere.jpg"}]


def test_user_names_the_columns() -> None:
    frame = pd.DataFrame({"link": [f"{SITE}a.jpg"], "url": ["page"], "Key": ["k1"], "id": ["other"]})
    drafts = make_drafts(frame, content="link", id="key")
    assert (drafts[0].content, drafts[0].content_id) == (f"{SITE}a.jpg", "k1")
    assert said(drafts) == [{"url": "page", "id": "other"}]


@pytest.mark.parametrize("argument", [{"content": "link"}, {"id": "key"}, {"tags": ["a"]}, {"tags": {"a": "adult"}}])
def test_missing_column_is_named_with_those_there_are(argument: dict[str, object]) -> None:
    with pytest.raises(BadDraft, match="which is not there; the table has 'url', 'id'"):
        make_drafts(table(), **argument)


def test_table_without_content_says_what_was_looked_for() -> None:
    with pytest.raises(BadDraft, match=r"looked for content, image, .* the table has 'x'.*content='...'"):
        make_drafts(pd.DataFrame({"x": [1]}))


@pytest.mark.parametrize("name", [*ID_COLUMNS, "ID", "ContentId", "content id"])
def test_id_column_is_found_by_name(name: str) -> None:
    assert make_drafts(pd.DataFrame({"url": [f"{SITE}a.jpg"], name: ["k"]}))[0].content_id == "k"


def test_without_ids_the_content_is_the_id() -> None:
    assert make_drafts(table().drop(columns="id"))[1].content_id == f"{SITE}1.jpg"


def test_without_ids_texts_are_counted() -> None:
    drafts = make_drafts(pd.DataFrame({"text": ["x", "y"]}, index=[7, 9]), type="Text")
    assert [draft.content_id for draft in drafts] == ["text-0001", "text-0002"]


@pytest.mark.parametrize("keys", [[7, 8], [7.0, 8.0], np.array([7, 8], dtype="int8"), ["7", "8"], [np.float32(7), 8.0]])
def test_numbers_as_ids_are_written_without_a_point(keys: object) -> None:
    assert [draft.content_id for draft in make_drafts(table(id=keys))] == ["7", "8"]


@pytest.mark.parametrize("gap", [None, math.nan, "", "  ", pd.NA])
def test_missing_id_is_an_error_that_names_the_rows(gap: object) -> None:
    with pytest.raises(BadDraft, match=r"column 'id': 1 of 2 rows have no id \(row 1\)"):
        make_drafts(table(id=["x", gap]))


def test_repeated_ids_are_named() -> None:
    with pytest.raises(BadDraft, match=r"2 ids used more than once: 'x', 'y'"):
        make_drafts(table(5, id=["x", "y", "x", "z", "y"]))


def test_columns_of_one_name_are_refused() -> None:
    with pytest.raises(BadDraft, match="two columns of the table are named '1'"):
        make_drafts(pd.DataFrame([[SITE, 1, 2]], columns=["url", "1", 1]))


def test_table_without_rows_is_refused() -> None:
    with pytest.raises(BadDraft, match="no rows"):
        make_drafts(table(0))


def test_list_of_dicts_is_a_table() -> None:
    drafts = make_drafts([{"url": f"{SITE}a.jpg", "a": True}, {"url": f"{SITE}b.jpg"}])
    assert said(drafts) == [{"a": "True"}, {}]


# --- which columns are tags -------------------------------------------------------------------------------------------


def test_a_and_r_are_tags_whatever_the_spelling() -> None:
    drafts = make_drafts(table(a=["True", "no"], R=[0, 1]))
    assert said(drafts) == [{"a": "True", "R": "False"}, {"a": "False", "R": "True"}]
    assert drafts.tag_codes == {"a", "R"}
    assert TagSet().auto_tags(drafts[0].metadata) == {"a": True, "r": False}


@pytest.mark.parametrize(
    "column",
    [
        [True, False],
        np.array([True, False]),
        pd.array([True, None], dtype="boolean"),
        [True, None],
        ["true", "False"],
        ["TRUE", " false "],
        ["true", ""],
        [True, "false"],
    ],
)
def test_true_false_column_is_a_tag(column: object) -> None:
    drafts = make_drafts(table(sc=column))
    assert drafts.tag_codes == {"sc"}
    assert said(drafts)[0] == {"sc": "True"}
    assert said(drafts)[1] in ({"sc": "False"}, {})


@pytest.mark.parametrize(
    "column", [[0, 1], ["0", "1"], ["yes", "no"], [0.0, 1.0], ["true", "maybe"], [None, None], [0.1, 0.9]]
)
def test_column_that_might_mean_something_else_is_metadata(column: list[object]) -> None:
    drafts = make_drafts(table(clicks=column))
    assert drafts.tag_codes == frozenset()
    assert said(drafts) == [{} if value is None else {"clicks": str(value)} for value in column]


def test_true_false_column_whose_name_cannot_be_a_short_code_is_metadata() -> None:
    drafts = make_drafts(table(**{"is it nice": [True, False]}))
    assert drafts.tag_codes == frozenset()
    assert said(drafts) == [{"is it nice": "True"}, {"is it nice": "False"}]


def test_named_tags_are_the_only_ones() -> None:
    drafts = make_drafts(table(a=[True, False], sc=[1, 0], other=[True, True]), tags=["sc"])
    assert drafts.tag_codes == {"sc"}
    assert said(drafts)[0] == {"a": "True", "sc": "True", "other": "True"}


def test_tags_can_be_renamed_and_one_column_can_feed_two() -> None:
    frame = table(adult_score=[0.2, 0.9])
    drafts = make_drafts(frame, tags={"a": "adult_score", "r": "adult_score"}, threshold={"a": 0.8, "r": 0.1})
    assert said(drafts) == [
        {"a": "False", "a.score": "0.2", "r": "True", "r.score": "0.2"},
        {"a": "True", "a.score": "0.9", "r": "True", "r.score": "0.9"},
    ]
    assert drafts.tag_codes == {"a", "r"}


def test_one_tag_can_be_named_as_a_string() -> None:
    assert make_drafts(table(sc=["yes", "no"]), tags="sc").tag_codes == {"sc"}


def test_tag_that_cannot_be_a_short_code_says_how_to_name_it() -> None:
    with pytest.raises(BadTag, match=r"no short code.*tags=\{'xy': 'is it nice'\}"):
        make_drafts(table(**{"is it nice": [True, False]}), tags=["is it nice"])


def test_two_columns_for_one_tag_are_refused() -> None:
    with pytest.raises(BadTag, match="comes from two columns"):
        make_drafts(table(a=[True, False], A=[True, False]))


# --- what a tag cell may say ------------------------------------------------------------------------------------------

TRUE = ["True", "true", " TRUE ", "1", "1.0", "yes", "Y", "on", "t", 1, 1.0, True, np.True_, np.int8(1), np.float32(1)]
FALSE = ["False", "false", "FALSE", "0", "0.0", "no", "n", "off", "f", 0, 0.0, -0.0, False, np.False_, np.int64(0)]
SILENT = [None, math.nan, pd.NA, pd.NaT, "", "   ", "NA", "n/a", "NaN", "None", "null", "<NA>", np.float64("nan")]


@pytest.mark.parametrize(
    ("value", "pairs"), [(v, {"sc": "True"}) for v in TRUE] + [(v, {"sc": "False"}) for v in FALSE]
)
def test_every_spelling_of_true_and_false_is_read(value: object, pairs: dict[str, str]) -> None:
    frame = table(sc=pd.Series([value, None], dtype=object))
    assert said(make_drafts(frame, tags=["sc"]))[0] == pairs


@pytest.mark.parametrize("value", SILENT, ids=repr)
def test_silent_cell_leaves_the_tag_out(value: object) -> None:
    frame = table(sc=pd.Series([value, True], dtype=object))
    drafts = make_drafts(frame, tags=["sc"])
    assert said(drafts) == [{}, {"sc": "True"}]
    assert drafts.tag_codes == {"sc"}
    assert said(make_drafts(table(sc=pd.Series([value, 0.7], dtype=object)), threshold={"sc": 0.5}))[0] == {}


@pytest.mark.parametrize("value", ["maybe", "2x", [1], {"x": 1}, math.inf, "inf"])
def test_cell_that_is_neither_is_named_by_row_id_column_and_value(value: object) -> None:
    frame = table(sc=pd.Series([True, value], dtype=object)).set_index(pd.Index(["first", "second"]))
    with pytest.raises(BadTag) as caught:
        make_drafts(frame, tags=["sc"])
    assert str(caught.value).startswith("row second (id 'p1'), column 'sc': ")
    assert repr(value) in caught.value.message
    assert "neither true nor false" in caught.value.message


@pytest.mark.parametrize("value", [0.93, "0.93", 2, -1])
def test_score_without_threshold_says_how_to_give_one(value: object) -> None:
    with pytest.raises(BadTag, match=r"row 1 .*column 'a': .* is a score.*threshold=\{'a': 0.5\}"):
        make_drafts(table(a=[0, value]))


# --- scores -----------------------------------------------------------------------------------------------------------


def test_scores_become_tags_at_or_above_the_threshold_and_are_kept() -> None:
    drafts = make_drafts(table(4, a=[0.5, 0.4999, 0.81321234567, "1e-9"]), threshold={"a": 0.5})
    assert said(drafts) == [
        {"a": "True", "a.score": "0.5"},
        {"a": "False", "a.score": "0.4999"},
        {"a": "True", "a.score": "0.813212"},
        {"a": "False", "a.score": "1e-09"},
    ]
    assert TagSet().scores(drafts[2].metadata) == {"a": 0.813212}


def test_threshold_makes_a_tag_of_the_column_it_names() -> None:
    drafts = make_drafts(table(gore=[0.9, 0.1], nsfw=[0.9, 0.1]), threshold={"gore": 0.5})
    assert drafts.tag_codes == {"gore"}
    assert said(drafts)[0] == {"gore": "True", "gore.score": "0.9", "nsfw": "0.9"}


def test_one_threshold_holds_for_all_tag_columns_and_makes_none() -> None:
    drafts = make_drafts(table(a=[0.9, 0.1], other=[0.9, 0.1], sure=[True, False]), threshold=0.5)
    assert drafts.tag_codes == {"a", "sure"}
    assert said(drafts)[0] == {"a": "True", "a.score": "0.9", "other": "0.9", "sure": "True"}


def test_scores_on_another_scale_are_fine() -> None:
    assert said(make_drafts(table(a=[0, 4]), threshold={"A": 4}))[1] == {"a": "True", "a.score": "4"}


def test_threshold_for_a_tag_that_is_not_there_is_an_error() -> None:
    with pytest.raises(BadTag, match="threshold names 'gore', which is no tag here; the tags are a"):
        make_drafts(table(a=[True, False]), threshold={"gore": 0.5})


@given(scores=st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=20), limit=st.floats(-1e6, 1e6))
def test_threshold_splits_any_scores(scores: list[float | None], limit: float) -> None:
    drafts = make_drafts(table(len(scores), sc=pd.Series(scores, dtype="float64")), threshold={"sc": limit})
    for score, pairs in zip(scores, said(drafts), strict=True):
        if score is None:
            assert pairs == {}
        else:
            assert pairs["sc"] == str(score >= limit)
            assert float(pairs["sc.score"]) == pytest.approx(score, rel=1e-5)


# --- everything else --------------------------------------------------------------------------------------------------


def test_other_columns_are_metadata_in_their_order_without_gaps() -> None:
    frame = table(
        lang=["en", None],
        a=[True, False],
        n=[3, 4],
        x=[0.25, math.nan],
        at=pd.to_datetime(["2026-01-02T03:04:05Z", None]),
        kind=pd.Categorical(["k", None]),
    )
    drafts = make_drafts(frame)
    assert drafts[0].metadata == (
        ("lang", "en"),
        ("a", "True"),
        ("n", "3"),
        ("x", "0.25"),
        ("at", "2026-01-02T03:04:05+00:00"),
        ("kind", "k"),
    )
    assert drafts[1].metadata == (("a", "False"), ("n", "4"))


def test_metadata_list_chooses_the_columns_that_pass() -> None:
    drafts = make_drafts(table(secret=["s", "t"], lang=["en", "de"], a=[True, False]), metadata=["lang"])
    assert said(drafts)[0] == {"lang": "en", "a": "True"}


def test_metadata_dict_comes_after_the_columns() -> None:
    drafts = make_drafts(table(lang=["en", "de"]), metadata={"batch": "7"})
    assert drafts[0].metadata == (("lang", "en"), ("batch", "7"))


def test_weight_and_stratum_become_the_drafts_own() -> None:
    drafts = make_drafts(table(weight=[2.5, "4"], Stratum=["high", None]))
    assert [(draft.weight, draft.stratum) for draft in drafts] == [(2.5, "high"), (4.0, None)]
    assert said(drafts) == [{}, {}]


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, "heavy", None])
def test_bad_weight_is_an_error_that_names_the_row(weight: object) -> None:
    with pytest.raises(BadDraft, match=r"row 1 \(id 'p1'\): the weight"):
        make_drafts(table(weight=[1, weight]))


def test_callback_can_be_a_column() -> None:
    drafts = make_drafts(table(hook=["https://example.org/h", None]), callback="hook")
    assert [draft.callback_endpoint for draft in drafts] == ["https://example.org/h", None]


def test_bad_metadata_is_an_error_that_names_the_item() -> None:
    with pytest.raises(BadDraft, match=r"1.jpg, metadata\[0\].value: .*NUL"):
        make_drafts(table(lang=["en", "\x00"]))


def test_bad_content_is_left_out_with_its_row_or_text(tmp_path: Path) -> None:
    frame = table(4, url=[f"{SITE}a.jpg", None, "ftp://x/y.jpg", str(tmp_path / "none.jpg")])
    drafts = make_drafts(frame, progress=False)
    assert len(drafts) == 1
    assert list(drafts.refused["source"]) == ["row 1 (id 'p1')", "ftp://x/y.jpg", str(tmp_path / "none.jpg")]
    assert drafts.refused["reason"][0] == "content: it is empty"


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_keeps_ids_and_values_as_written_and_finds_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(PICTURE)
    (tmp_path / "in" / "b.png").write_bytes(PICTURE)
    csv = tmp_path / "table.csv"
    csv.write_text('id,path,a,big,country,note\n007,in/a.png,TRUE,1e5,NA,"x, y"\n8,in/b.png,,2,DE,\n', "utf-8-sig")
    drafts = make_drafts(csv)
    assert [draft.content_id for draft in drafts] == ["007", "8"]
    assert [draft.path for draft in drafts] == [tmp_path / "in" / "a.png", tmp_path / "in" / "b.png"]
    assert [draft.content for draft in drafts] == ["a.png", "b.png"]
    assert said(drafts) == [{"a": "True", "big": "1e5", "country": "NA", "note": "x, y"}, {"big": "2", "country": "DE"}]


def test_relative_path_in_a_frame_starts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(PICTURE)
    monkeypatch.chdir(tmp_path)
    assert make_drafts(pd.DataFrame({"path": ["a.png"]}))[0].content_id == "a.png"
    assert make_drafts(pd.DataFrame({"path": [Path("a.png")]}))[0].path == Path("a.png")


@pytest.mark.parametrize(("name", "mark"), [("t.csv", ","), ("t.csv", ";"), ("t.CSV", "\t"), ("t.tsv", "\t")])
def test_usual_separators_are_told_by_the_first_line(tmp_path: Path, name: str, mark: str) -> None:
    path = tmp_path / name
    path.write_text(mark.join(["text", "id", "a"]) + "\n" + mark.join(["hello", "1", "false"]) + "\n")
    drafts = make_drafts(str(path), type="Text")
    assert (drafts[0].content, drafts[0].metadata) == ("hello", (("a", "False"),))


def test_row_of_a_csv_is_counted_as_a_person_does(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,a\nhello,true\nbye,dunno\n")
    with pytest.raises(BadTag, match="row 2, column 'a': 'dunno'"):
        make_drafts(path, type="Text")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("t.csv", b"text\n\xff\xfe\xe9\n", "not UTF-8"),
        ("t.csv", b"", "cannot be read as a table"),
        ("t.csv", b"text,a\n", "no rows"),
        ("t.csv", b'url,a\n"x,1\n', r"row 1 \(line 2\): it cannot be read as a table.s row"),
        ("t.parquet", b"PAR1", "read the .parquet table"),
        ("t.xlsx", b"PK", "with pandas and give the DataFrame"),
    ],
)
def test_file_that_is_no_readable_table_says_what_to_do(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadDraft, match=says):
        make_drafts(tmp_path / name)


def test_row_with_more_cells_than_the_header_is_an_error_and_shifts_no_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\n1,Buy, now\n2,Hi, you\n")
    with pytest.raises(BadDraft, match=r"row 1 \(line 2\): .* it has 3 cells, the first line 2"):
        make_drafts(tmp_path / "t.csv", type="Text")


def test_separator_at_the_end_of_each_row_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,text\n1,Hi!,\n\n2,"two\nlines",\n')
    drafts = make_drafts(tmp_path / "t.csv", type="Text")
    assert [(draft.content_id, draft.content) for draft in drafts] == [("1", "Hi!"), ("2", "two\nlines")]


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1), min_size=1)
)
def test_texts_come_out_as_they_went_in(texts: list[str]) -> None:
    drafts = make_drafts(pd.DataFrame({"text": texts}), type="Text", progress=False)
    assert [draft.content for draft in drafts] == [text for text in texts if text.strip()]
    assert len(drafts) + len(drafts.refused) == len(texts)


# --- known answers ----------------------------------------------------------------------------------------------------


def test_row_with_a_known_answer_is_golden_and_its_columns_are_no_metadata() -> None:
    frame = table(3, a=[True, False, True], truth_a=[None, "no", None], TRUTH_sc=[None, 1.0, float("nan")])
    drafts = make_drafts(frame)
    assert [draft.truth for draft in drafts] == [None, {"a": False, "sc": True}, None]
    assert said(drafts) == [{"a": "True"}, {"a": "False"}, {"a": "True"}]
    assert drafts.tag_codes == {"a", "sc"}


def test_golden_row_needs_no_weight() -> None:
    drafts = make_drafts(table(2, weight=[2.5, None], truth_a=[None, True]))
    assert [draft.weight for draft in drafts] == [2.5, 1.0]


def test_known_answer_that_is_neither_true_nor_false_is_named() -> None:
    with pytest.raises(BadTag, match=r"row 1 \(id 'p1'\), column 'truth_a': 'perhaps' is neither true nor false"):
        make_drafts(table(2, truth_a=[None, "perhaps"]))


def test_column_whose_name_only_begins_alike_is_metadata() -> None:
    assert said(make_drafts(table(1, truthful=["yes"], truth_=["x"]))) == [{"truthful": "yes", "truth_": "x"}]


@pytest.mark.parametrize(
    ("columns", "said"),
    [({"truth_a": [None, None]}, "no row has a known answer"), ({"truth": [True, None]}, "truth_a")],
)
def test_table_that_means_golden_items_and_has_none_is_refused(columns: dict[str, object], said: str) -> None:
    with pytest.raises(BadDraft, match=said):
        make_drafts(table(2, **columns))
