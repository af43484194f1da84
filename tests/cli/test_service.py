"""`cmtools serve` says what is wrong in one line instead of starting without it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from cmtools import cli


def test_tagger_that_there_is_not_ends_the_command_with_one_line(tmp_path: Path) -> None:
    options = ["--database", str(tmp_path / "reviews.db"), "--port", "0", "--tagger", "opensfw"]
    outcome = CliRunner().invoke(cli.main, ["serve", *options])
    assert outcome.exit_code == 1
    assert outcome.output.startswith("Error: there is no tagger 'opensfw'")
    assert len(outcome.output.splitlines()) == 1
    assert not (tmp_path / "reviews.db").exists()
