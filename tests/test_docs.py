"""The README is complete and true: it names every command, setting and public name, and its Python code runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

import cmtools
from cmtools import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\bCMTOOLS_[A-Z_]*[A-Z]\b")
INTERNAL = "CMTOOLS_EMBEDDED_"
"""What the embedded service is told by the process that starts it; no person sets these."""

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def python_blocks(text: str) -> list[str]:
    return CODE.findall(text)


def settings() -> set[str]:
    """The variables that the service's settings read, and those that other files name."""
    from cmtools.service.settings import Settings

    prefix = str(Settings.model_config.get("env_prefix", ""))
    read = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    package = Path(cmtools.__file__).parent
    named = {name for path in package.rglob("*.py") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    return {name for name in read | named if not name.startswith(INTERNAL)}


def options() -> list[tuple[str, str]]:
    """Every command with each of its options."""
    found = []
    for name in cli.COMMANDS:
        command = cli.main.get_command(click.Context(cli.main), name)
        assert command is not None
        found += [(name, parameter.opts[0]) for parameter in command.params if isinstance(parameter, click.Option)]
    return found


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_each_command_is_documented(readme: str, name: str) -> None:
    assert f"cmtools {name}" in readme


def test_each_option_of_a_command_is_documented(readme: str) -> None:
    assert [f"cmtools {name} {option}" for name, option in options() if option not in readme] == []


def test_each_setting_is_documented(readme: str) -> None:
    assert [name for name in sorted(settings()) if name not in readme] == []


@pytest.mark.parametrize("name", cmtools.__all__)
def test_each_public_name_is_documented(readme: str, name: str) -> None:
    assert re.search(rf"\b(cm\.)?{re.escape(name)}\b", readme)


def test_each_extra_is_documented(readme: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [extra for extra in extras if f"`{extra}`" not in readme and f"[{extra}]" not in readme] == []


def test_each_make_target_that_a_user_needs_is_documented(readme: str) -> None:
    assert "make lab" in readme
    assert "make test" in readme
    assert "environment.yml" in readme


def test_links_to_files_lead_somewhere(readme: str) -> None:
    assert [target for target in LINK.findall(readme) if not (ROOT / target).exists()] == []


def test_python_code_in_the_readme_runs_from_top_to_bottom(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = python_blocks(readme)
    assert blocks
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"README.md, python block {number}", "exec"), names)  # one block goes on from the last
