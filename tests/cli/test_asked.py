"""What `cmtools create` is asked wrongly ends with exit code 2, before anything is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.test_create import create


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def usage_error(outcome: Result) -> str:
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("Usage: ")
    return outcome.stderr.splitlines()[-1]


@pytest.mark.parametrize("threshold", ["0.5", "a=", "a=high", "a=70", "r=1.5", "=0.5", "a=nan"])
def test_threshold_that_is_none(folder: Path, threshold: str) -> None:
    error = usage_error(create(None, folder, "--dry-run", "--threshold", threshold))
    assert error == f"Error: Invalid value for --threshold: it is {threshold!r}; it must look like a=0.7, " + (
        "the score from 0 to 1"
    )


def test_threshold_that_is_given_twice(folder: Path) -> None:
    error = usage_error(create(None, folder, "--threshold", "r=0.5", "--threshold", "R=0.6"))
    assert "'R' is given more than once" in error


@pytest.mark.parametrize(("file", "told"), [("made.xyz", "none of the files"), ("nowhere/made.csv", "make it first")])
def test_output_that_cannot_be_written(folder: Path, tmp_path: Path, file: str, told: str) -> None:
    assert told in usage_error(create(None, folder, "--output", tmp_path / file))


def test_dry_run_writes_no_output(folder: Path, tmp_path: Path) -> None:
    (made := tmp_path / "made.csv").write_text("an earlier result")
    assert "a dry run makes nothing" in usage_error(create(None, folder, "--dry-run", "--output", made))
    assert made.read_text() == "an earlier result"


def test_callback_that_is_no_address(folder: Path, tmp_path: Path) -> None:
    assert "--callback: 'notaurl' is no address" in usage_error(create(None, folder, "--callback", "notaurl"))
    (table := tmp_path / "urls.csv").write_text("id,url,back\n1,https://x.org/1.jpg,bad\n", encoding="utf-8")
    error = usage_error(create(None, table, "--dry-run", "--callback", "notaurl"))
    assert error.endswith("'notaurl' is no column of the table, and no address")
    assert create(None, table, "--dry-run", "--callback", "back").exit_code == 1  # a cell is at fault, no option


def test_sources_of_which_there_is_one(folder: Path, tmp_path: Path) -> None:
    assert "- is standard input" in usage_error(create(None, "-", folder, "--dry-run", input="x"))
    assert "one folder at a time" in usage_error(create(None, folder, folder, "--dry-run"))
    assert "one table at a time" in usage_error(create(None, tmp_path / "a.csv", tmp_path / "b.csv", "--dry-run"))


def test_option_that_there_is_not(folder: Path) -> None:
    assert create(None, folder, "--type", "Sound").exit_code == 2
    assert create(None).exit_code == 2


def test_help_says_what_is_true() -> None:
    told = " ".join(create(None, "--help").stdout.split())
    for words in (
        "{FOLDER|GLOB|TABLE|-|FILE...}",
        "hidden files and links to other folders are passed over",
        "the one that CMTOOLS_URL names is asked",
        "begins anew",
        "FILE.unfinished.csv",
        "Ctrl-C or SIGTERM",
        "else the team's, else the tagger's own",
    ):
        assert words in told


def test_a_share_and_a_rule_are_of_what_several_people_review(folder: Path) -> None:
    assert "as in --overlap 2" in usage_error(create(None, folder, "--overlap-share", "0.1", "--dry-run"))
    assert "as in --overlap 2" in usage_error(
        create(None, folder, "--overlap", "1", "--final", "majority", "--dry-run")
    )
    assert "--overlap-share" in usage_error(create(None, folder, "--overlap", "2", "--overlap-share", "0", "--dry-run"))
    assert "--overlap" in usage_error(create(None, folder, "--overlap", "0", "--dry-run"))
    assert "--final" in usage_error(create(None, folder, "--overlap", "2", "--final", "dice", "--dry-run"))


def test_golden_overlap_wants_a_golden_item(tmp_path: Path) -> None:
    (table := tmp_path / "urls.csv").write_text("id,url\n1,https://x.org/1.jpg\n", encoding="utf-8")
    assert "there is no golden item" in usage_error(create(None, table, "--dry-run", "--golden-overlap", "3"))
