"""Hints of the library at those who write Python are told as options; each is made to appear here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cmtools.cli.hints import HINTS, of_the_shell
from cmtools.drafts import make_drafts
from cmtools.errors import BadTag, CmtoolsError
from cmtools.taggers import open_taggers
from tests.cli.test_create import create

TABLE = "id,text,sp,a b\n1,Hi,0.5,0.5\n1,Ho,0.7,0.5\n"
CASES = [
    ("t.csv", TABLE, ("--tags", "sp"), {"tags": ["sp"]}, "such as --threshold sp=0.5"),
    ("t.csv", TABLE, ("--threshold", "zz=0.5"), {"threshold": {"zz": 0.5}}, "Error: --threshold names 'zz'"),
    ("t.csv", TABLE, ("--id", "zz"), {"id": "zz"}, "Error: --id names the column 'zz'"),
    ("t.csv", TABLE, ("--content", "zz"), {"content": "zz"}, "Error: --content names the column 'zz'"),
    ("t.csv", TABLE, ("--tags", "zz"), {"tags": ["zz"]}, "Error: --tags names the column 'zz'"),
    ("t.csv", "id,said\n1,Hi\n", (), {}, "Name it with --content COLUMN"),
    ("t.csv", TABLE, (), {}, "name a column of ids with --id COLUMN"),
    ("t.csv", TABLE, ("--tags", "a b"), {"tags": ["a b"]}, "Give it one: --tags 'xy=a b'"),
    ("t.xlsx", "", (), {"type": "Image"}, "save 'FILE' as CSV, TSV or JSONL"),
    ("t.csv", "id,text\n1,\udcff\n", (), {}, "is not UTF-8; save it as UTF-8"),
    (
        "t.jpg",
        "",
        ("--id", "zz"),
        {"id": "zz", "type": "Image"},
        "Error: --id names columns, but the source is no table",
    ),
]
OF_SCORES = re.compile("thresholds=|'nsfw'")
"""The patterns that are not of `make_drafts`, but of scores as a tagger."""


@pytest.mark.parametrize(("name", "text", "words", "arguments", "told"), CASES)
def test_hint_of_the_library_names_the_option(
    tmp_path: Path, name: str, text: str, words: tuple[str, ...], arguments: dict[str, str], told: str
) -> None:
    (path := tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    given = {"type": "Text", **arguments}
    with pytest.raises(CmtoolsError) as caught:
        make_drafts(str(path), **given)  # type: ignore[arg-type]
    assert any(re.search(pattern, caught.value.message) for pattern in HINTS)
    outcome = create(None, path, "--type", given["type"], "--dry-run", *words)
    assert outcome.exit_code == 1
    assert told.replace("FILE", str(path)) in outcome.stderr
    assert not re.search(r"=\{|='|=\[|DataFrame|pandas", outcome.stderr)


def test_every_hint_is_still_in_the_library(tmp_path: Path) -> None:
    told = []
    for name, text, _, arguments, _ in CASES:
        (path := tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(CmtoolsError) as caught:
            make_drafts(str(path), **{"type": "Text", **arguments})  # type: ignore[arg-type]
        told.append(caught.value.message)
    unseen = [pattern for pattern in HINTS if not any(re.search(pattern, message) for message in told)]
    assert [pattern for pattern in unseen if not OF_SCORES.search(pattern)] == []


def test_scores_without_a_threshold(tmp_path: Path) -> None:
    (path := tmp_path / "scores.csv").write_text("text,a\nHi,0.5\n")
    with pytest.raises(CmtoolsError, match=r"such as thresholds=\{'a': 0.5\}"):
        open_taggers(f"scores:{path}")
    outcome = create(None, "-", "--type", "Text", "--dry-run", "--tagger", f"scores:{path}", input="Hi\n")
    assert "such as --tagger 'scores:FILE?a=0.5'" in outcome.stderr


def test_scores_without_a_tag(tmp_path: Path) -> None:
    (path := tmp_path / "scores.csv").write_text("text,nsfw\nHi,0.5\n")
    with pytest.raises(CmtoolsError, match=r"Say which column is of which tag, such as tags=\{'a': 'nsfw'\}"):
        open_taggers(f"scores:{path}")
    outcome = create(None, "-", "--type", "Text", "--dry-run", "--tagger", f"scores:{path}", input="Hi\n")
    assert "Name the columns that are tags, such as --tagger 'scores:FILE?nsfw=0.5'" in outcome.stderr


def test_hint_of_a_tagger_stays_where_no_option_helps() -> None:
    error = BadTag("0.7 is a score; such as threshold={'a': 0.5}", where="tagger 'mine', item 1")
    assert of_the_shell(error) is error
