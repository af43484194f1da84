"""Nothing is left out: commands, options, settings, public names, extras, flags, taggers and roles are documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

import cmtools
from cmtools import cli
from cmtools.analysis.quality import measuring
from cmtools.analysis.raters import spread
from cmtools.analysis.thresholds import choice
from cmtools.analysis.words import FLAGS
from cmtools.service.auth import PERMISSIONS
from cmtools.taggers import TAGGERS
from tests.docs.pages import NOTEBOOKS, PAGES, README, REFERENCE, ROOT, text_of
from tests.tools.messages import package
from tests.tools.reference import COMMANDS, ERRORS, commands, read_errors, write_commands, write_errors

VARIABLE = re.compile(r"\bCMTOOLS_[A-Z_]*[A-Z]\b")
INTERNAL = "CMTOOLS_EMBEDDED_"
"""What the embedded service is told by the process that starts it; no person sets these."""

MOST_LINES_OF_THE_README = 120


@pytest.fixture(scope="module")
def documented() -> str:
    return "\n".join(text_of(document) for document in [README, *PAGES])


def table(page: str, heading: str) -> dict[str, str]:
    """The first column of the table under a heading, without its head, and the rest of each row."""
    section = re.split(r"^##+ ", text_of(REFERENCE / page), flags=re.MULTILINE)
    (body,) = [part for part in section if part.startswith(f"{heading}\n")]
    return dict(re.findall(r"^\| (.+?) \| (.+) \|$", body, flags=re.MULTILINE)[1:])


def rows(page: str, heading: str) -> list[str]:
    """The first column of that table."""
    return list(table(page, heading))


def settings() -> set[str]:
    """The variables that the service's settings read, and those that other files name."""
    from cmtools.service.settings import Settings

    prefix = str(Settings.model_config.get("env_prefix", ""))
    read = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    package = Path(cmtools.__file__).parent
    named = {name for path in package.rglob("*.py") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    return {name for name in read | named if not name.startswith(INTERNAL)}


def test_readme_is_a_page() -> None:
    assert len(text_of(README).splitlines()) <= MOST_LINES_OF_THE_README


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_each_command_and_option_is_documented(name: str, documented: str) -> None:
    assert f"cmtools {name}" in documented
    for typed, command in commands():
        if typed.startswith(f"cmtools {name}"):
            options = [each.opts[0] for each in command.params if isinstance(each, click.Option)]
            assert [option for option in options if option not in documented] == []


def test_page_of_commands_says_what_their_help_says() -> None:
    assert COMMANDS.read_text(encoding="utf-8") == write_commands(), "make reference writes it anew"


def test_page_of_errors_has_every_message_of_the_code_and_no_other() -> None:
    page = ERRORS.read_text(encoding="utf-8")
    assert page == write_errors(package().messages(), read_errors(page)), "make reference writes it anew"


def test_each_setting_is_in_the_table_of_settings() -> None:
    named = {name for row in rows("team.md", "Settings") for name in VARIABLE.findall(row)}
    assert named == settings()


@pytest.mark.parametrize("name", cmtools.__all__)
def test_each_public_name_is_in_the_table_of_names(name: str) -> None:
    assert any(f"`cm.{name}`" in row for row in rows("names.md", "Public names"))


def test_each_extra_is_in_the_table_of_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {row.strip("`") for row in rows("names.md", "Extras and size")} == set(extras)


OF_THRESHOLDS = {flag: meaning for flag, meaning in choice.FLAGS.items() if flag not in FLAGS}


@pytest.mark.parametrize(
    ("heading", "flags"),
    [
        ("Flags", FLAGS),
        ("Flags of reviewers", measuring.FLAGS),
        ("Flags of thresholds", OF_THRESHOLDS),
        ("Flags of several raters", spread.FLAGS),
    ],
)
def test_each_flag_of_an_estimate_is_explained_as_the_code_does(heading: str, flags: dict[str, str]) -> None:
    shown = [(flag.strip("`"), meaning) for flag, meaning in table("analysis.md", heading).items()]
    assert shown == list(flags.items())


def test_each_tagger_and_each_role_has_a_row() -> None:
    assert {re.split(r"[:?`]", row.strip("`"))[0] for row in rows("reviews.md", "Taggers")} - {"package.module"} == set(
        TAGGERS
    )
    assert {row.strip("`") for row in rows("team.md", "Keys and roles")} == set(PERMISSIONS)


def test_roles_are_told_in_the_same_words_in_the_notebook_of_the_team() -> None:
    (notebook,) = [path for path in NOTEBOOKS if path.stem.startswith("09_")]
    there = {line for line in text_of(notebook).splitlines() if line.startswith("| `")}
    assert {f"| {role} | {may} |" for role, may in table("team.md", "Keys and roles").items()} <= there
