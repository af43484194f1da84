"""`cmtools audit` and `cmtools results`: what they print, write and exit with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import cmtools as cm
from cmtools import cli
from cmtools.analysis.sources.source import read_parquet
from cmtools.model import Draft
from cmtools.store import open_store
from cmtools.store.tables import events
from cmtools.testing import RunningService, running_service


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(each) for each in arguments])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "reviews.db"


@pytest.fixture
def service(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningService]:
    """With three complete texts, and the environment naming it."""
    with running_service(database) as running:
        client = running.client()
        client.create_reviews([Draft(f"text {n}", f"t{n}", "Text") for n in range(3)], progress=False)
        lease = client.checkout(3, type="Text")
        client.submit(lease, {review.id: {"a": True} for review in lease.reviews})
        running.advance(10)
        named = {"CMTOOLS_URL": running.url, "CMTOOLS_KEY": running.key, "CMTOOLS_TEAM": running.team}
        for name, value in named.items():
            monkeypatch.setenv(name, value)
        yield running


def test_whole_trail_is_said_to_be_whole_by_service_and_database(service: RunningService, database: Path) -> None:
    digest = run("audit", "head").output.split()[0]
    assert len(digest) == 64
    assert run("audit", "head", "--database", database).output.startswith(digest)
    for where in ((), ("--database", database)):
        outcome = run("audit", "verify", "--head", digest, *where)
        assert (outcome.exit_code, outcome.output.count("whole")) == (0, 1), outcome.output


def test_changed_event_is_named_and_the_exit_code_is_one(service: RunningService, database: Path) -> None:
    store = open_store(database)
    store.write(lambda at: at.execute(sa.update(events).where(events.c.sequence == 3).values(actor="mallory")))
    store.close()
    for where in ((), ("--database", database)):
        outcome = run("audit", "verify", *where)
        assert outcome.exit_code == 1
        assert "changed: event 3 (" in outcome.output


def test_team_that_there_is_not_is_an_error_and_not_whole(service: RunningService, database: Path) -> None:
    outcome = run("audit", "verify", "--database", database, "--team", "typo")
    assert (outcome.exit_code, "whole" in outcome.output) == (1, False)
    assert "the database has no team 'typo'; it has demo" in outcome.output
    assert run("audit", "verify", "--database", database, "--team", "DEMO").exit_code == 0


def test_results_of_a_subteam_that_there_is_not_are_an_error(service: RunningService, tmp_path: Path) -> None:
    outcome = run("results", "--output", tmp_path / "out.csv", "--subteam", "typo")
    assert outcome.exit_code == 1
    assert "the team has no subteam 'typo'; it has public" in outcome.output
    assert not (tmp_path / "out.csv").exists()
    assert run("results", "--output", tmp_path / "out.csv", "--subteam", "PUBLIC").exit_code == 0
    assert len(pd.read_csv(tmp_path / "out.csv")) > 0


def test_head_that_is_in_no_chain_is_a_fault(service: RunningService, database: Path) -> None:
    for where in ((), ("--database", database)):
        outcome = run("audit", "verify", "--head", "0" * 64, *where)
        assert (outcome.exit_code, "made anew" in outcome.output) == (1, True)


def test_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    outcome = run("audit", "verify", "--database", tmp_path / "nothing.db")
    assert (outcome.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "there is no database" in outcome.output


def test_whole_trail_is_exported_a_line_an_event(service: RunningService, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    assert run("audit", "export", file).exit_code == 0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    trail = list(service.client().events())
    assert [line["sequence"] for line in lines] == [event.sequence for event in trail]
    assert {"action", "actor", "after", "at", "before", "reviewer", "sequence", "subject"} == set(lines[0])


def test_trail_is_exported_from_a_database_as_from_its_service(
    service: RunningService, database: Path, tmp_path: Path
) -> None:
    for name, more in (("service", ()), ("database", ("--database", database)), ("team", ("--team", "demo"))):
        more = (*more, "--database", database) if name == "team" else more
        assert run("audit", "export", tmp_path / name, *more).exit_code == 0
    exported = {(tmp_path / name).read_text() for name in ("service", "database", "team")}
    assert len(exported) == 1
    assert exported.pop().count("\n") > 3
    outcome = run("audit", "export", tmp_path / "none", "--database", database, "--team", "typo")
    assert (outcome.exit_code, "has no team 'typo'; it has demo" in outcome.output) == (1, True)


def test_results_are_written_as_csv_and_json_lines(service: RunningService, tmp_path: Path) -> None:
    expected = service.client().decisions()
    for name, read in (("d.csv", pd.read_csv), ("d.jsonl", lambda file: pd.read_json(file, lines=True))):
        outcome = run("results", "--output", tmp_path / name)
        assert (outcome.exit_code, outcome.output) == (0, f"6 decisions in {tmp_path / name}\n")
        table = read(tmp_path / name)
        assert list(table.columns) == list(expected.columns)
        assert list(table["human"]) == list(expected["human"])
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith((".", "d."))) == ["d.csv", "d.jsonl"]


def test_results_are_written_as_parquet_and_read_back_as_they_are(service: RunningService, tmp_path: Path) -> None:
    expected = service.client().decisions(exposure=True)
    outcome = run("results", "--exposure", "--output", tmp_path / "d.parquet")
    assert (outcome.exit_code, outcome.output) == (0, f"6 decisions in {tmp_path / 'd.parquet'}\n")
    table = read_parquet(tmp_path / "d.parquet")[0]
    assert list(table.columns) == list(expected.columns)
    for name, column in expected.items():
        assert list(table[name].dropna()) == list(column.dropna()), name
    assert cm.Agreement(tmp_path / "d.parquet").counts.equals(cm.Agreement(expected).counts)
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith((".part", ".parquet"))] == ["d.parquet"]


def test_results_are_what_each_said_unless_the_final_tags_are_asked_for(
    service: RunningService, tmp_path: Path
) -> None:
    for answers, count in (("final", 6), ("golden", 0)):
        outcome = run("results", "--answers", answers, "--output", tmp_path / "d.csv")
        assert (outcome.exit_code, outcome.output) == (0, f"{count} decisions in {tmp_path / 'd.csv'}\n")
    assert "truth" in (tmp_path / "d.csv").read_text()


def test_results_go_to_a_file_of_a_known_kind_in_a_folder_that_is_there(tmp_path: Path) -> None:
    for name in ("decisions.xls", "nowhere/decisions.csv"):
        outcome = run("results", "--output", tmp_path / name)
        assert outcome.exit_code == 1
        assert "Error: " in outcome.output
