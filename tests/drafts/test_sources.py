"""Folders, globs, lists, addresses: what becomes a draft, what is left out and why."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmtools.drafts import Drafts, base, make, make_drafts
from cmtools.errors import BadDraft
from cmtools.model import Draft

from ..content.pictures import SVG, encoded, huge_png, noise

PICTURE = encoded(noise(40, 30), "JPEG")


def write(folder: Path, *names: str, data: bytes = PICTURE) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def ids(drafts: Drafts) -> list[str]:
    return [draft.content_id for draft in drafts]


def reasons(drafts: Drafts) -> dict[str, str]:
    return dict(zip(drafts.refused["source"], drafts.refused["reason"], strict=True))


# --- a folder ---------------------------------------------------------------------------------------------------------


def test_folder_gives_sorted_drafts_with_files_and_relative_ids(tmp_path: Path) -> None:
    write(tmp_path, "b.jpg", "a/2.jpg", "a/1.jpg", "ü ü.jpg")
    drafts = make_drafts(tmp_path)
    assert ids(drafts) == ["a/1.jpg", "a/2.jpg", "b.jpg", "ü ü.jpg"]
    assert drafts[0] == Draft(content="1.jpg", content_id="a/1.jpg", type="Image", path=tmp_path / "a" / "1.jpg")
    assert drafts.refused.empty
    assert drafts.tag_codes == frozenset()


def test_folder_with_bad_files_gives_the_good_ones_and_a_reason_for_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "good.jpg", "also good.png")
    write(tmp_path, "notes.txt", data=b"Remember the milk\n")
    write(tmp_path, "cut.jpg", data=encoded(noise(), "JPEG")[:5000])
    write(tmp_path, "drawing.svg", data=SVG)
    write(tmp_path, "empty.png", data=b"")
    write(tmp_path, "huge.png", data=huge_png())
    drafts = make_drafts(tmp_path)
    assert ids(drafts) == ["also good.png", "good.jpg"]
    assert list(drafts.refused.columns) == ["source", "reason"]
    assert reasons(drafts) == {
        "cut.jpg": "the picture is cut off: the file ends too early",
        "drawing.svg": "SVG is not taken because it can carry script; convert it to PNG",
        "empty.png": "the file is empty",
        "huge.png": "it has 200 megapixels; the most, over all frames, is 100",
        "notes.txt": "it is not a picture (PNG, JPEG, GIF, WEBP, BMP and TIFF are)",
    }
    assert capsys.readouterr().out == "2 drafts, 5 left out: see .refused\n"


def test_hidden_files_and_checkpoints_are_passed_over_in_silence(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", ".DS_Store", ".ipynb_checkpoints/a-checkpoint.jpg", "b/.c/d.jpg")
    drafts = make_drafts(tmp_path)
    assert ids(drafts) == ["a.jpg"]
    assert drafts.refused.empty


def test_recursive_false_stays_in_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", "b/c.jpg")
    assert ids(make_drafts(tmp_path, recursive=False)) == ["a.jpg"]


def test_links_that_go_in_circles_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "a/b.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert ids(make_drafts(tmp_path)) == ["a/b.jpg"]


def test_folder_of_bad_files_alone_gives_no_draft_and_the_reasons(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", data=b"a")
    drafts = make_drafts(str(tmp_path))
    assert (len(drafts), len(drafts.refused)) == (0, 1)


def test_file_name_that_is_not_utf8_is_left_out(tmp_path: Path) -> None:
    try:
        write(tmp_path, os.fsdecode(b"caf\xe9.jpg"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    drafts = make_drafts(tmp_path)
    assert reasons(drafts) == {"caf?.jpg": "the file name: it has half a character (a lone surrogate) at place 3"}
    drafts._repr_html_().encode()


@pytest.mark.parametrize("name", ["nothing", "nothing/*.jpg"])
def test_what_is_not_there_is_named_with_the_place_looked_at(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadDraft, match="nothing") as caught:
        make_drafts(name)
    assert str(tmp_path) in str(caught.value)


def test_empty_folder_says_what_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, "deep/a.jpg", ".hidden.jpg")
    with pytest.raises(BadDraft, match="recursive=False"):
        make_drafts(tmp_path, recursive=False)
    (tmp_path / "deep" / "a.jpg").unlink()
    with pytest.raises(BadDraft, match="is empty: looked for pictures"):
        make_drafts(tmp_path)


# --- other sources ----------------------------------------------------------------------------------------------------


def test_glob_gives_ids_below_its_fixed_part(tmp_path: Path) -> None:
    write(tmp_path, "x/a.jpg", "x/y/b.jpg", "x/y/c.png", "x/.h.jpg")
    (tmp_path / "x" / "folder.jpg").mkdir()
    assert ids(make_drafts(str(tmp_path / "x" / "**" / "*.jpg"))) == ["a.jpg", "y/b.jpg"]
    assert ids(make_drafts(tmp_path / "x" / "*" / "[bc].*")) == ["y/b.jpg", "y/c.png"]


def test_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    write(tmp_path, "photo[1].jpg")
    assert ids(make_drafts(tmp_path / "photo[1].jpg")) == ["photo[1].jpg"]


def test_single_file_and_single_address(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    assert make_drafts(str(tmp_path / "a.jpg")) == [Draft(content="a.jpg", content_id="a.jpg", path=tmp_path / "a.jpg")]
    address = "https://example.org/a.jpg"
    assert make_drafts(address) == [Draft(content=address, content_id=address)]


def test_list_mixes_paths_and_addresses_and_keeps_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "b.jpg", "sub/a.jpg")
    monkeypatch.chdir(tmp_path)
    drafts = make_drafts(["https://example.org/z.jpg", "b.jpg", Path("sub/a.jpg")])
    assert ids(drafts) == ["https://example.org/z.jpg", "b.jpg", "sub/a.jpg"]
    assert [draft.path for draft in drafts] == [None, Path("b.jpg"), Path("sub/a.jpg")]


def test_bad_members_of_a_list_are_left_out_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    members = [tmp_path / "a.jpg", tmp_path, tmp_path / "no.jpg", "ftp://example.org/a.jpg", "data:image/png;base64,AA"]
    drafts = make_drafts([*members, "x" * 5000], progress=False)
    assert len(drafts) == 1
    assert [reason.split(";")[0][:40] for reason in drafts.refused["reason"]] == [
        "it is a folder",
        f"there is no file '{tmp_path}/no.jpg'"[:40],
        "content: 'ftp://example.org/a.jpg' is no address"[:40],
        "content: 'data:image/png",
        "the file cannot be read: File name too long"[:40],
    ]


def test_series_tuple_and_generator_are_lists_too(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", "b.jpg")
    paths = [str(tmp_path / name) for name in ("a.jpg", "b.jpg")]
    for source in (pd.Series(paths), tuple(paths), (path for path in paths), tmp_path.glob("*.jpg")):
        assert len(make_drafts(source)) == 2


@pytest.mark.parametrize("source", [[], (), pd.Series([], dtype=str), [None], [""], [3], 3, None, b"a.jpg", {"a": 1}])
def test_what_is_no_source_is_refused(source: object) -> None:
    with pytest.raises(BadDraft, match=r"list|source"):
        make_drafts(source)


def test_same_file_twice_is_refused_and_named(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    with pytest.raises(BadDraft, match=r"1 id used more than once: '.*a.jpg'"):
        make_drafts([tmp_path / "a.jpg", tmp_path / "a.jpg"])


def test_column_names_need_a_table(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    for argument in ({"content": "x"}, {"id": "x"}, {"tags": ["a"]}, {"metadata": ["x"]}):
        with pytest.raises(BadDraft, match="is no table"):
            make_drafts(tmp_path, **argument)


def test_metadata_and_callback_are_given_to_every_draft(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg", "b.jpg")
    drafts = make_drafts(tmp_path, metadata={"batch": 7, "trusted": True}, callback="https://example.org/hook")
    assert {draft.metadata for draft in drafts} == {(("batch", "7"), ("trusted", "True"))}
    assert {draft.callback_endpoint for draft in drafts} == {"https://example.org/hook"}


def test_callback_that_is_no_address_is_an_error_and_not_a_left_out_item(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    with pytest.raises(BadDraft, match="callback_endpoint"):
        make_drafts(tmp_path, callback="example.org")


def test_unknown_type_names_those_there_are() -> None:
    with pytest.raises(BadDraft, match="Image, Text, Video"):
        make_drafts(["x"], type="Audio")


# --- texts ------------------------------------------------------------------------------------------------------------


def test_texts_come_as_a_list_and_are_counted() -> None:
    drafts = make_drafts(["Hello", "  ", "https://example.org is a text here"], type="text", progress=False)
    assert drafts[0] == Draft(content="Hello", content_id="text-0001", type="Text")
    assert ids(drafts) == ["text-0001", "text-0003"]
    assert reasons(drafts) == {"text 2": "content: it is empty"}


def test_one_string_is_one_text() -> None:
    assert [draft.content for draft in make_drafts("Look at *.jpg", type="Text")] == ["Look at *.jpg"]


def test_table_that_is_not_there_is_not_taken_for_a_text(tmp_path: Path) -> None:
    with pytest.raises(BadDraft, match="there is no file"):
        make_drafts(str(tmp_path / "comments.csv"), type="Text")


def test_folder_of_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDraft, match="list of strings or a table"):
        make_drafts(tmp_path, type="Text")


def test_list_of_texts_takes_strings_only() -> None:
    with pytest.raises(BadDraft, match="item 2 of the list is 3"):
        make_drafts(["a", 3], type="Text")


# --- the result -------------------------------------------------------------------------------------------------------


def test_slice_of_drafts_keeps_the_tag_codes() -> None:
    drafts = make_drafts(pd.DataFrame({"text": ["x", "y"], "sc": [True, False]}), type="Text")
    assert isinstance(drafts[:1], Drafts)
    assert drafts[:1].tag_codes == {"sc"}
    assert drafts[1].content == "y"


def test_repr_and_html_tell_the_numbers_and_escape_what_users_wrote() -> None:
    drafts = make_drafts(["<script>alert(1)</script>", *"abcdefg", " "], type="Text", progress=False)
    assert repr(drafts) == "8 drafts, 1 left out: see .refused"
    shown = drafts._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "and 3 more" in shown
    assert "content: it is empty" in shown


def test_html_shows_reasons_in_full() -> None:
    drafts = make_drafts(["fine", "x" * 100_001], type="Text", progress=False)
    assert drafts.refused["reason"][0] in drafts._repr_html_()
    assert len(drafts.refused["reason"][0]) > 50


def test_quiet_means_no_line_and_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    make_drafts([" ", *map(str, range(300))], type="Text", progress=False)
    assert capfd.readouterr() == ("", "")


def test_bar_is_shown_on_long_work_only(capfd: pytest.CaptureFixture[str]) -> None:
    make_drafts(map(str, range(base.LONG_WORK - 1)), type="Text")
    assert capfd.readouterr().err == ""
    make_drafts(map(str, range(base.LONG_WORK)), type="Text")
    assert "Looking" in capfd.readouterr().err


def test_interrupt_leaves_at_once_and_no_thread_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(f"{number:03}.jpg" for number in range(100)))
    looked: list[str] = []
    told_to_stop = threading.Event()

    class Pool(make.ThreadPoolExecutor):
        def shutdown(self, **options: object) -> None:
            super().shutdown(**{**options, "wait": False})
            told_to_stop.set()
            super().shutdown()

    def interrupted(path: Path) -> tuple[None, None]:
        looked.append(path.name)
        if path.name == "010.jpg":
            raise KeyboardInterrupt
        if path.name > "010.jpg":
            assert told_to_stop.wait(30)
        return None, None

    monkeypatch.setattr(make, "look_over", interrupted)
    monkeypatch.setattr(make, "ThreadPoolExecutor", Pool)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        make_drafts(tmp_path)
    assert len(looked) <= 11 + 4
    assert threading.active_count() == before


names = st.lists(
    st.from_regex(r"[a-c]{1,2}(/[a-c]{1,2}){0,2}\.(jpg|txt)", fullmatch=True), min_size=1, max_size=8, unique=True
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=names)
def test_every_file_is_either_a_draft_or_left_out(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in names:
        write(folder, name, data=PICTURE if name.endswith("jpg") else b"text")
    drafts = make_drafts(folder, progress=False)
    assert ids(drafts) == sorted(name for name in names if name.endswith("jpg"))
    assert sorted(reasons(drafts)) == sorted(name for name in names if name.endswith("txt"))


def test_videos_are_drafts_of_addresses_and_files_are_left_out_with_the_reason() -> None:
    drafts = make_drafts(["https://example.org/talk.ism/manifest", "talk.mp4"], type="Video", progress=False)
    assert [(draft.type, draft.content, draft.path) for draft in drafts] == [
        ("Video", "https://example.org/talk.ism/manifest", None)
    ]
    assert "give its address" in drafts.refused["reason"][0]


def test_column_of_videos_is_found_by_its_name() -> None:
    table = pd.DataFrame({"video": ["https://example.org/talk"], "video_id": ["talk"], "a": [True]})
    (draft,) = make_drafts(table, type="Video")
    assert (draft.content, draft.content_id, draft.metadata) == ("https://example.org/talk", "talk", (("a", "True"),))
