"""JSON lines as a table: each line an object, what is nested stays JSON, and a broken line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.drafts import make_drafts
from cmtools.errors import BadDraft


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_fields_are_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"text": "Hi!", "id": 7, "a": false, "sp": 0.25, "classes": ["x", "é"]}',
        "",
        '{"id": "eight", "text": "Buy", "a": true, "sp": 0.75, "source": "shop"}',
    )
    drafts = make_drafts(path, type="Text", threshold={"sp": 0.5})
    assert [(draft.content_id, draft.content) for draft in drafts] == [("7", "Hi!"), ("eight", "Buy")]
    assert drafts[0].metadata == (("a", "False"), ("sp", "False"), ("sp.score", "0.25"), ("classes", '["x", "é"]'))
    assert dict(drafts[1].metadata) == {"a": "True", "sp": "True", "sp.score": "0.75", "source": "shop"}
    assert drafts.tag_codes == {"a", "sp"}


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    path = write(tmp_path, '{"text": "x", "id": 9007199254740993, "n": 1}', '{"text": "y", "id": 2}')
    drafts = make_drafts(path, type="Text")
    assert [draft.content_id for draft in drafts] == ["9007199254740993", "2"]
    assert [draft.metadata for draft in drafts] == [(("n", "1"),), ()]


def test_relative_paths_start_from_its_folder(tmp_path: Path) -> None:
    from ..content.pictures import encoded, noise

    (tmp_path / "a.png").write_bytes(encoded(noise(), "PNG"))
    (draft,) = make_drafts(write(tmp_path, '{"path": "a.png", "id": "a"}'))
    assert draft.path == tmp_path / "a.png"


@pytest.mark.parametrize(("line", "why"), [("[1]", "no JSON object"), ("{", "no JSON: "), ("[" * 100_000, "no JSON: ")])
def test_broken_line_is_named(tmp_path: Path, line: str, why: str) -> None:
    path = write(tmp_path, '{"text": "x", "id": 1}', "", line)
    with pytest.raises(BadDraft, match=rf"row 2 \(line 3\): it is {why}"):
        make_drafts(path, type="Text")


def test_file_of_broken_lines_says_what_is_wrong_with_the_first(tmp_path: Path) -> None:
    with pytest.raises(BadDraft, match=r"row 1 \(line 1\): it is no JSON"):
        make_drafts(write(tmp_path, "id,text", "1,x"), type="Text")


def test_file_that_is_empty_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDraft, match="no rows"):
        make_drafts(write(tmp_path, ""), type="Text")
    (tmp_path / "texts.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(BadDraft, match="cannot be read as JSON lines in UTF-8"):
        make_drafts(tmp_path / "texts.jsonl", type="Text")
