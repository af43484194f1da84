"""Which decisions a command measures, and what its options may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmtools import Draft, cli
from cmtools.analysis.choices import INTERVALS as KNOWN
from cmtools.cli.decisions import INTERVALS, Asked
from cmtools.testing import RunningService, running_service


def agreement(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["agreement", *map(str, arguments)])


def test_every_kind_of_interval_can_be_chosen() -> None:
    assert tuple(KNOWN) == INTERVALS


@pytest.mark.parametrize("name", ["d.csv", "d.jsonl", "d.parquet"])
def test_what_results_wrote_is_measured_as_the_services_own(
    service: RunningService, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CliRunner().invoke(cli.main, ["results", "--output", str(tmp_path / name)]).exit_code == 0
    asked = agreement("--by", "subteam", "--json").output
    monkeypatch.delenv("CMTOOLS_URL")  # a file needs no service
    assert agreement(tmp_path / name, "--by", "subteam", "--json").output == asked


def test_columns_and_tags_are_named_by_commas_or_one_by_one(service: RunningService) -> None:
    outcome = agreement("--by", "subteam,type", "--tags", "r", "--tags", "a")
    assert "4 slices by subteam, type" not in outcome.output
    assert "tags r, a, 2 slices by subteam, type" in outcome.output.splitlines()[0]


def test_metadata_is_fetched_where_it_slices(service: RunningService) -> None:
    with running_service() as other:
        client = other.client("ana")
        client.create_reviews([Draft("x", "1", "Text", metadata=(("country", "GB"),))], progress=False)
        lease = client.checkout(type="Text")
        client.submit(lease, {lease.reviews[0].id: {"a": True}})
        other.advance(10)
        named = {"CMTOOLS_URL": other.url, "CMTOOLS_KEY": other.key, "CMTOOLS_TEAM": other.team}
        asked = ["agreement", "--by", "metadata_country"]
        outcome = CliRunner().invoke(cli.main, asked, env=named)
    assert "GB" in outcome.output
    assert Asked(None, by=("subteam",)).fetching == {"metadata": False, "answers": "each"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["none.csv"], 1, "there is no file 'none.csv'"),
        (["none.csv", "--answers", "final"], 2, "--answers is for the service's decisions"),
        (["--by", "week"], 1, "by names 'week'"),
        (["--tags", "zz"], 1, "no tag 'zz'"),
        (["--metrics", "luck"], 1, "no metric 'luck'"),
        (["--level", "95"], 2, "--level"),
    ],
)
def test_what_is_wrong_is_said_with_its_value(
    service: RunningService, arguments: list[str], code: int, said: str
) -> None:
    outcome = agreement(*arguments)
    assert outcome.exit_code == code
    assert said in outcome.output


def test_a_reviewers_key_is_refused_in_one_line(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMTOOLS_KEY", service.client("ana").create_key("rita", "reviewer", "rita").secret)
    outcome = agreement()
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
