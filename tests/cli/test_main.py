"""The command line as a whole: quick to ask for help, every command found, shown and with an example."""

from __future__ import annotations

import subprocess
import sys

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
