"""`cmtools status`: what it says of a service, and how it ends where there is none."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from cmtools import cli
from cmtools.cli.status import STATES
from cmtools.model import QueueCounts
from cmtools.testing import RunningService


def status(*options: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.main, ["status", *options], env=environment)


def test_it_says_who_asks_what_waits_and_where(service: RunningService) -> None:
    lines = status().output.splitlines()
    assert lines[0].startswith(f"Service   {service.url}, ready, version ")
    assert lines[1] == f"Team      {service.team}"
    assert "role administrator" in lines[2]
    assert lines[3:] == [
        "Reviews   26",
        "   2  pending      wait for a reviewer",
        "  24  complete     are decided",
        "Of these",
        "  Text, night   8 complete",
        "  Text, public  2 pending, 16 complete",
    ]


def test_json_is_one_object_with_every_state(service: RunningService) -> None:
    told = json.loads(status("--json").output)
    assert (told["ready"], told["team"], told["key"]["role"]) == ("ready", service.team, "administrator")
    assert (told["reviews"]["complete"], told["reviews"]["total"], told["reviews"]["leased"]) == (24, 26, 0)
    assert [queue["subteam"] for queue in told["queues"]] == ["night", "public"]
    assert service.key not in json.dumps(told)


@pytest.mark.parametrize("role", ["reviewer", "auditor", "submitter", "lead"])
def test_any_key_may_ask(service: RunningService, role: str) -> None:
    key = service.client("ana").create_key("nora's own", role, "nora" if role in ("reviewer", "lead") else None)
    outcome = status(CMTOOLS_KEY=key.secret)
    assert outcome.exit_code == 0, outcome.output
    assert f"nora's own{', for nora' if role in ('reviewer', 'lead') else ''}, role {role}" in outcome.output


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CMTOOLS_URL": "http://127.0.0.1:9"}, "no service answers at http://127.0.0.1:9"),
        ({"CMTOOLS_KEY": "wrong"}, "does not know this key"),
        ({"CMTOOLS_TEAM": "other"}, "opens no team 'other'"),
        ({"CMTOOLS_URL": ""}, "there is no address"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_one(
    service: RunningService, environment: dict[str, str], said: str
) -> None:
    outcome = status(**environment)
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert said in outcome.output


def test_every_state_has_its_words() -> None:
    assert sorted(STATES) == sorted(QueueCounts.__dataclass_fields__)


def test_a_submitter_is_told_no_figures(service: RunningService) -> None:
    key = service.client("ana").create_key("robot", "submitter").secret
    assert "Reviews   a key of this role is not told" in status(CMTOOLS_KEY=key).output
    assert json.loads(status("--json", CMTOOLS_KEY=key).output)["reviews"] is None
