"""`make` does what the README says, and says what to type where it cannot. Nothing is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NO_VENV = """#!/bin/sh
case "$2" in
    *ensurepip*) exit 1 ;;
    *print*) echo 3.12 ;;
esac
"""
"""A Python as Debian installs it: new enough, but without the means to make a virtual environment."""

OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NO_BROWSER", "PORT"}
"""Variables that would change what make says here."""


def make(*arguments: str) -> str:
    """What make prints, started as by a person although the tests themselves run under `make test`."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def make_venv(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("sh") or "/bin/sh", str(ROOT / "tools" / "make_venv.sh"), str(folder / "venv")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder of programs that has what the script uses and no apt-get."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "id").symlink_to(shutil.which("id") or "/usr/bin/id")
    return folder


def test_make_alone_says_what_there_is() -> None:
    assert {"make lab", "make test"} <= {" ".join(line.split()[:2]) for line in make().splitlines()}


def test_lab_takes_a_port_and_no_browser() -> None:
    plain, told = make("-n", "lab"), make("-n", "lab", "PORT=8890", "NO_BROWSER=1")
    assert plain.splitlines()[-1].split()[-4:] == ["-m", "cmtools", "lab", "notebooks"]
    assert told.splitlines()[-1].split()[-4:] == ["notebooks", "--port", "8890", "--no-browser"]


def test_ci_runs_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "make" in line and not line.startswith("#")] == ["exec make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_no_python_is_one_line_that_says_what_to_type(bare_path: Path, tmp_path: Path) -> None:
    outcome = make_venv(tmp_path, PATH=str(bare_path))
    assert outcome.returncode == 1
    assert outcome.stderr.splitlines() == [
        "cmtools needs Python 3.11 or newer and found none. On Debian or Ubuntu: sudo apt install python3 python3-venv"
    ]


def test_python_without_venv_is_one_line_that_names_the_package(bare_path: Path, tmp_path: Path) -> None:
    (bare_path / "python3").write_text(NO_VENV)
    (bare_path / "python3").chmod(0o755)
    outcome = make_venv(tmp_path, PATH=str(bare_path))
    assert outcome.returncode == 1
    assert outcome.stderr.splitlines() == [
        "python3 cannot make a virtual environment yet. Type: sudo apt install python3.12-venv"
    ]
