"""`cmtools agreement`: what it prints, to read and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import cmtools as cm
from cmtools import cli
from cmtools.analysis.metrics import HEADLINE
from cmtools.testing import RunningService


def agreement(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["agreement", *map(str, arguments)])


def test_table_says_slices_figures_and_what_flags_mean(service: RunningService) -> None:
    outcome = agreement("--by", "subteam", "--tags", "a", "--metrics", "recall,f1")
    assert outcome.exit_code == 0
    head, empty, columns, *rows, blank, flag = outcome.output.splitlines()
    assert head.startswith("Agreement of auto and human tags: 24 decisions, tag a, 2 slices by subteam")
    assert (empty, blank) == ("", "")
    assert columns.split() == ["subteam", "tag", "n", "measure", "estimate", "interval", "note"]
    assert [row.split()[:3] for row in rows[::2]] == [["night", "a", "8"], ["public", "a", "16"]]
    assert [row.split()[0] for row in rows[1::2]] == ["f1", "f1"]  # what it shares is said once
    assert flag.startswith("sparse: rests on fewer than 20 decisions")


def test_figures_are_those_of_python(service: RunningService) -> None:
    told = json.loads(agreement("--by", "subteam", "--json").output)
    known = cm.Agreement(service.client("ana").decisions(), by=["subteam"])
    assert told["fingerprint"] == known.facts.fingerprint
    assert (told["decisions"], told["reviews"], told["level"]) == (48, 24, 0.95)
    expected = known.table(HEADLINE)
    assert list(told["figures"][0]) == list(expected.columns)
    figures = pd.DataFrame(told["figures"])
    for name in ("subteam", "tag", "metric", "n", "method", "flag"):
        assert list(figures[name]) == list(expected[name])
    for name in ("estimate", "low", "high"):
        assert list(figures[name].fillna(9.0)) == pytest.approx(list(expected[name].fillna(9.0)))


def test_what_is_undefined_is_null_in_json_and_a_dash_to_read(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("tag,auto,human\na,False,False\n", encoding="utf-8")
    (row,) = json.loads(agreement(tmp_path / "d.csv", "--metrics", "recall", "--json").output)["figures"]
    assert (row["estimate"], row["low"], row["flag"]) == (None, None, "no_positives")
    assert "recall          –  –         no_positives" in agreement(tmp_path / "d.csv", "--metrics", "recall").output


def test_no_decisions_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("tag,auto,human\n", encoding="utf-8")
    outcome = agreement(tmp_path / "d.csv")
    assert outcome.exit_code == 0
    assert "no_decisions: there is no decision to measure" in outcome.output


@pytest.mark.parametrize("options", [["--interval", "exact"], ["--level", "0.9"]])
def test_intervals_are_as_asked(service: RunningService, options: list[str]) -> None:
    plain, other = (json.loads(agreement("--json", *more).output)["figures"] for more in ([], options))
    assert [row["estimate"] for row in plain] == [row["estimate"] for row in other]
    assert [row["low"] for row in plain] != [row["low"] for row in other]
