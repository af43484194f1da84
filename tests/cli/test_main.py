"""The command line as a whole: quick to ask for help, every command found, shown and with an example."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cmtools import __version__, cli
from cmtools.errors import Conflict

COMMANDS = sorted(cli.COMMANDS)


def load(name: str) -> click.Command:
    command = cli.main.get_command(click.Context(cli.main), name)
    assert command is not None
    return command


def test_help_loads_no_command_and_no_heavy_library() -> None:
    code = (
        "import sys; from cmtools.cli import main; main(['--help'], standalone_mode=False);"
        "heavy = {'pandas', 'numpy', 'sqlalchemy', 'fastapi', 'requests', 'anywidget', 'cmtools.cli.lab'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert all(name in outcome.stdout for name in COMMANDS)


def test_python_m_cmtools_is_the_same_command_line() -> None:
    outcome = subprocess.run([sys.executable, "-m", "cmtools", "--version"], capture_output=True, text=True, check=True)
    assert outcome.stdout == f"cmtools, version {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example(name: str) -> None:
    outcome = CliRunner().invoke(cli.main, [name, "--help"])
    assert outcome.exit_code == 0, outcome.output
    assert f"cmtools {name}" in outcome.output.split("Example")[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_itself_says(name: str) -> None:
    assert load(name).get_short_help_str(limit=200) == cli.COMMANDS[name][1]


def everything(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, those of groups in groups too."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from everything(found, (*path, name))


def examples(path: tuple[str, ...]) -> list[list[str]]:
    """The examples in a command's help as words, without `cmtools` itself and what a shell makes of the rest."""
    shown = CliRunner().invoke(cli.main, [*path, "--help"]).output
    block = re.split(r"Examples?:", shown, maxsplit=1)[1].strip().split("\n\n")[0]
    calls = re.findall(r"\bcmtools (.*?)(?: {3,}.*| [|>] .*)?$", block, re.MULTILINE)
    return [shlex.split(call) for call in calls]


@pytest.mark.parametrize("path", list(everything(cli.main)), ids=lambda path: " ".join(path) or "cmtools")
def test_the_examples_in_the_help_are_taken_as_they_stand(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "items.csv").touch()
    found = [words for words in examples(path) if tuple(words[: len(path)]) == path]
    assert found, f"cmtools {' '.join(path)} has no example"
    for words in found:
        command: click.Command = cli.main
        context = click.Context(cli.main)
        while isinstance(command, click.Group) and words:
            name, *words = words
            chosen = command.get_command(context, name)
            assert chosen is not None, name
            command = chosen
        command.make_context("cmtools", list(words))


def test_an_unknown_command_is_refused_with_its_name() -> None:
    outcome = CliRunner().invoke(cli.main, ["dance"])
    assert outcome.exit_code == 2
    assert "No such command 'dance'" in outcome.output


def test_an_error_of_ours_becomes_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def failing() -> None:
        raise Conflict("the database belongs to another service")

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: failing)
    outcome = CliRunner().invoke(cli.main, ["failing"])
    assert outcome.exit_code == 1
    assert outcome.output == "Error: the database belongs to another service\n"
