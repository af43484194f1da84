"""Every line of a shell in the documents and in the commands' help works: `cmtools` runs where there is what it names.

What runs until it is stopped is only parsed, and so is what needs another machine: `ONLY_PARSED` says why. A program
that is in no table here is a fault.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from packaging.requirements import Requirement

import cmtools as cm
from cmtools import cli
from cmtools.testing import RunningService, running_service
from tests.docs.pages import ROOT, Call, calls

ONLY_PARSED = {
    "serve": "runs until it is stopped; tests/cli/test_service.py starts it",
    "lab": "runs until it is stopped; tests/cli/test_lab.py starts it",
    "portal": "runs until it is stopped; tests/widgets/test_portal_site.py starts it",
    "dashboard": "runs until it is stopped; tests/cli starts it",
}
"""Commands whose options and values are read, but which are not run here."""

OTHERS = {
    "conda": "installs; tests/test_environment.py holds its file to pyproject.toml",
    "zcat": "comes with every Linux",
    "jq": "the user's own",
    "git": "comes with a clone",
    "cd": "the shell's own",
    "gh": "the code host's own",
}
"""Programs that are nobody's here, and why they need no test."""

HEAD, AUDIT_SEAL, REVIEW = "9f86d081884c...", "5e3aa0c1", "REVIEW_ID"
STANDING_FOR = {"DIGEST": HEAD, "SEAL": AUDIT_SEAL}
"""Words of examples that stand for something of the user's own, put in as it is in the folder here."""


@dataclass(frozen=True)
class World:
    """A folder in which the lines make sense, and the service that the environment names."""

    folder: Path
    service: RunningService
    values: dict[str, str]
    """What stands for what."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("shell")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with running_service(folder / "reviews.db") as service:
            for name, value in {"URL": service.url, "KEY": service.key, "TEAM": service.team}.items():
                patch.setenv(f"CMTOOLS_{name}", value)
            yield World(folder, service, furnish(service))


def furnish(service: RunningService) -> dict[str, str]:
    """Put what the examples name into the folder: pictures, tables, lists, decisions, an audit."""
    client = service.client()
    for subteam in ("night", "experts"):
        client.add_subteam(subteam)
    pictures = cm.samples.crops("photos", count=4, size=(160, 160))
    for name in ("terms.txt", "words.txt"):
        Path(name).write_text("buy now\n")
    texts = pd.DataFrame({"comment": ["Buy now!", "Good morning"], "key": ["k1", "k2"], "a": [True, False]})
    texts.to_csv("texts.csv", index=False)
    pd.DataFrame({"content": ["Buy now!", "Hello there"], "id": ["c1", "c2"]}).to_csv("comments.csv", index=False)
    pd.DataFrame({"content": list(map(str, pictures)), "a": True, "truth_a": [None, None, None, True]}).to_csv(
        "audit.csv"
    )
    items = pd.DataFrame(
        {"content": list(map(str, pictures)), "id": ["p1", "p2", "p3", "p4"], "a": [True, True, False, False]}
    )
    items.to_csv("items.csv", index=False)
    plan = cm.SamplingPlan.stratified(items, by="a", flagged="a", expected="a", n=4, seed=1)
    plan.save("plan.json")
    client.note_seal(plan.seal)
    ids = client.create_reviews(cm.make_drafts(plan.draw(items), progress=False), progress=False)
    lease = client.checkout(count=4)
    client.submit(lease, {review.id: {"a": True} for review in lease.reviews})
    service.advance(10)
    audit = cm.Audit.fetch(client, plan, ids)
    audit.save("audit.zip")
    for suffix in ("csv", "parquet"):
        assert run("results", "--output", f"decisions.{suffix}").exit_code == 0
    return {HEAD: run("audit", "head").output.split()[0], AUDIT_SEAL: audit.seal, REVIEW: ids[0]}


def run(*arguments: str, written: str | None = None) -> click.testing.Result:
    return CliRunner().invoke(cli.main, arguments, input=written)


def filled(call: Call, world: World) -> list[str]:
    """The arguments with what is in the folder in place of what only stands for something."""
    return [world.values.get(STANDING_FOR.get(word, word), word) for word in call.arguments[1:]]


def parse(arguments: list[str]) -> None:
    """Read a command's options as click does, and run nothing."""
    command: click.Command = cli.main
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, arguments[0])
        assert found is not None, f"there is no command {arguments[0]}"
        command, arguments = found, arguments[1:]
    command.make_context(command.name, list(arguments))


CALLS = calls()
OURS = [call for call in CALLS if call.arguments[0] == "cmtools"]


def called(*names: str) -> list[Call]:
    return [call for call in CALLS if call.arguments[0] in names]


@pytest.mark.parametrize(
    "call", [call for call in OURS if call.arguments[1] not in ONLY_PARSED], ids=lambda call: call.line
)
def test_command_runs(call: Call, world: World) -> None:
    for made in [*world.folder.glob("reviews-monday.db*"), *world.folder.glob("made*")]:
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    written = "\n".join(map(str, sorted(world.folder.glob("photos/*.jpg")))) if call.piped else None
    outcome = run(*filled(call, world), written=written)
    assert outcome.exit_code == 0, f"{call.where}: {call.line}\n{outcome.output}"
    if "--json" in call.arguments:
        json.loads(outcome.stdout)


@pytest.mark.parametrize(
    "call", [call for call in OURS if call.arguments[1] in ONLY_PARSED], ids=lambda call: call.line
)
def test_command_that_runs_on_is_parsed(call: Call, world: World) -> None:
    parse(filled(call, world))


def test_parsing_refuses_what_a_command_does_not_take() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(["serve", "--dance"])
    with pytest.raises(click.BadParameter):
        parse(["serve", "--port", "many"])


def test_make_has_the_targets_and_variables() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for call in called("make"):
        for word in call.arguments[1:]:
            name, _, value = word.partition("=")
            assert (f"$({name})" in makefile) if value else (name in targets), call.line


def test_what_pip_is_to_install_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = {Requirement(each).name for each in chain(project["dependencies"], *extras.values())}
    for call in called("pip"):
        assert call.arguments[1] == "install"
        for word in call.arguments[2:]:
            wanted = Requirement(re.sub(r"^\.(?=\[|$)", "cmtools", word))  # `.` is the clone one stands in
            assert wanted.name in declared, call.line
            assert wanted.extras <= set(extras), call.line


def test_conda_is_told_of_an_environment_that_there_is() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    words = [word for call in called("conda") for word in call.arguments]
    assert {"environment.yml", environment["name"]} <= set(words)


def test_modules_that_python_is_to_run_are_there() -> None:
    for call in called("python", ".venv/bin/python"):
        assert call.arguments[1] == "-m"
        assert importlib.util.find_spec(call.arguments[2]) is not None, call.line
        for word in call.arguments[3:]:
            path = word.partition("::")[0]
            assert word.startswith("-") or "/" not in path or (ROOT / path).exists(), call.line


def test_no_line_calls_what_no_test_knows() -> None:
    known = {"cmtools", "make", "pip", "conda", "python", ".venv/bin/python", *OTHERS}
    assert [call.line for call in CALLS if call.arguments[0] not in known] == []
    assert set(ONLY_PARSED) <= set(cli.COMMANDS)
