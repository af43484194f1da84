"""Decisions out of CSV, TSV and JSON lines are the same decisions; what is no such file is said so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cmtools import Agreement
from cmtools.analysis.sources.files import read_text_file
from cmtools.errors import BadRequest

ROWS = pd.DataFrame(
    {
        "review_id": ["007", "008", "1e5"],
        "tag": ["na", "na", "a"],
        "auto": [True, False, True],
        "human": [True, True, None],
        "score": [0.5, None, 0.25],
        "subteam": ["01", "02", "02"],
        "reviewer": ["None", "ben", "ben"],
        "decided_at": pd.to_datetime(["2026-01-01T00:00:00.25Z", "2026-01-02T00:00:00.5Z", None], utc=True),
        "metadata_page": ["010", "11", "12"],
        "week": [9, 10, 11],
    }
)


def written(folder: Path, suffix: str) -> Path:
    path = folder / f"decisions{suffix}"
    if suffix == ".jsonl":
        ROWS.to_json(path, orient="records", lines=True, date_format="iso", date_unit="us")
    else:
        ROWS.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_file_is_the_same_decisions_as_the_table(tmp_path: Path, suffix: str) -> None:
    by = ["subteam", "metadata_page", "week"]
    told, known = Agreement(written(tmp_path, suffix), by=by), Agreement(ROWS, by=by)
    pd.testing.assert_frame_equal(told.table(), known.table(), check_dtype=False, check_categorical=False)
    assert told.facts == known.facts
    assert told.undecided == 1


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_ids_tags_and_metadata_stay_as_they_stand(tmp_path: Path, suffix: str) -> None:
    read = read_text_file(written(tmp_path, suffix))
    for name in ("review_id", "tag", "subteam", "reviewer", "metadata_page"):
        assert list(read[name]) == list(ROWS[name])
    assert read["week"].max() == 11


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", None, "there is no file"),
        ("empty.csv", b"", "cannot be read as CSV"),
        ("other.csv", "naïve".encode("utf-16"), "is not UTF-8"),
        ("broken.jsonl", b'{"tag":', "cannot be read as JSONL"),
        ("columns.csv", b"a,b\n1,2\n", "no column 'tag', 'auto', 'human'"),
    ],
)
def test_what_is_no_table_of_decisions_is_said_with_its_name(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRequest, match=said):
        Agreement(tmp_path / name)


def test_moments_that_are_none_stay_words(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("tag,auto,human,decided_at\na,1,0,yesterday\n", encoding="utf-8")
    assert list(read_text_file(tmp_path / "d.csv")["decided_at"]) == ["yesterday"]
