"""`cmtools dashboard` before it serves: what its page runs, and what is refused at once. The page: tests/widgets."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmtools import cli
from cmtools.cli.dashboard import page_of
from cmtools.cli.decisions import Asked
from cmtools.cli.pages import Page, Place
from cmtools.testing import RunningService


class Served:
    """Stands in for the server: it only remembers what it was to serve."""

    def __init__(self) -> None:
        self.page: Page
        self.place: Place
        self.keeps_key: bool

    def __call__(self, page: Page, place: Place, told: object, *, keep_key: bool) -> None:
        self.page, self.place, self.keeps_key = page, place, keep_key
        assert callable(told)
        told()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    stand_in = Served()
    monkeypatch.setattr("cmtools.cli.dashboard.serve_page", stand_in)
    return stand_in


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    path.write_text("tag,auto,human\na,True,False\n", encoding="utf-8")
    return path


def dashboard(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["dashboard", *map(str, arguments)])


def test_decisions_of_the_service_are_read_by_the_page_with_its_pictures(
    service: RunningService, served: Served
) -> None:
    outcome = dashboard("--by", "subteam", "--answers", "final")
    assert outcome.exit_code == 0, outcome.output
    assert "client.decisions(metadata=False, answers='final'), client.thumbnails" in served.page.source
    assert service.key not in served.page.source + outcome.output
    assert served.keeps_key


def test_a_file_needs_neither_service_nor_key(table: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    outcome = dashboard("d.csv")
    assert outcome.exit_code == 0, outcome.output
    assert f"Decisions:  1 of {table}" in outcome.output
    assert "client" not in served.page.source
    assert not served.keeps_key


def test_each_start_has_a_token_of_its_own_that_the_address_carries(table: Path, served: Served) -> None:
    first = dashboard(table).output
    assert served.place.address in first
    token = served.place.token
    assert len(token) >= 24
    dashboard(table)
    assert served.place.token != token


def test_the_operator_may_say_the_token(table: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "s3cret")
    dashboard(table)
    assert served.place.token == "s3cret"


@pytest.mark.parametrize(
    ("arguments", "said"), [(["none.csv"], "there is no file"), (["d.csv", "--by", "week"], "by names 'week'")]
)
def test_what_is_wrong_is_said_before_anybody_comes(
    table: Path, served: Served, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(table.parent)
    outcome = dashboard(*arguments)
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert said in outcome.output
    assert not hasattr(served, "page")


def test_pictures_of_a_file_ask_for_a_service_at_once(table: Path, served: Served) -> None:
    outcome = dashboard(table, "--pictures")
    assert outcome.exit_code == 1
    assert "CMTOOLS_URL" in outcome.output


def test_page_holds_what_was_said_as_text_whatever_is_in_it() -> None:
    source = page_of(Asked(Path("x'); import os #"), by=("a'), os",)), pictures=True).source
    assert "os" not in compile(source, "cell", "exec").co_names
