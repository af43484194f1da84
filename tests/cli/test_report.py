"""`cmtools report`: which file it writes, with which pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cmtools import Draft, cli
from cmtools.testing import RunningService, running_service
from tests.sdk.pictures import jpeg


def report(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["report", *map(str, arguments)])


@pytest.mark.parametrize("suffix", [".html", ".md", ".csv", ".xlsx"])
def test_each_kind_of_report_is_written(service: RunningService, tmp_path: Path, suffix: str) -> None:
    outcome = report("--output", tmp_path / f"agreement{suffix}", "--by", "subteam")
    assert (outcome.exit_code, outcome.output) == (0, f"48 decisions reported in {tmp_path / 'agreement'}{suffix}\n")
    assert [path.name for path in tmp_path.iterdir()] == [f"agreement{suffix}"]


def test_title_and_slices_are_in_it(service: RunningService, tmp_path: Path) -> None:
    report("--output", tmp_path / "a.md", "--title", "Night shift", "--by", "subteam")
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# Night shift\n")
    report("--output", tmp_path / "a.csv", "--by", "subteam", "--tags", "a")
    assert set(pd.read_csv(tmp_path / "a.csv")["subteam"]) >= {"night", "public"}


@pytest.mark.parametrize(("name", "said"), [("a.pdf", "none of the reports"), ("none/a.html", "there is no folder")])
def test_file_that_cannot_be_written_is_refused_before_anything_is_fetched(
    tmp_path: Path, name: str, said: str
) -> None:
    outcome = report("--output", tmp_path / name)
    assert outcome.exit_code == 1
    assert said in outcome.output


@pytest.fixture
def pictured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A service with a picture on which they disagree, and its decisions in a file."""
    with running_service() as running:
        client = running.client("ana")
        made = client.upload(jpeg("red"))
        client.create_reviews([Draft(f"media:{made.id}", "1", metadata=(("a", "True"),))], progress=False)
        lease = client.checkout()
        client.submit(lease, {lease.reviews[0].id: {"a": False}})
        running.advance(10)
        for name in ("url", "key", "team"):
            monkeypatch.setenv(f"CMTOOLS_{name.upper()}", getattr(running, name))
        assert CliRunner().invoke(cli.main, ["results", "--output", str(tmp_path / "d.csv")]).exit_code == 0
        yield tmp_path / "d.csv"


def test_pictures_are_shown_where_the_service_is_asked(pictured: Path) -> None:
    page = pictured.with_suffix(".html")
    shown = {}
    for options in ((), ("--no-pictures",), (pictured,), (pictured, "--pictures")):
        assert report(*options, "--output", page).exit_code == 0
        shown[options] = "data:image/jpeg" in page.read_text(encoding="utf-8")
    assert list(shown.values()) == [True, False, False, True]
