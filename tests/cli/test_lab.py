"""`cmtools lab`: one real start and end, and its parts with a stand-in for JupyterLab."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
import requests
from click.testing import CliRunner, Result

from cmtools.cli import lab
from tests.tools.ports import free_port


@dataclass
class Story:
    """What was seen while `cmtools lab` ran and after Ctrl-C."""

    folder: Path
    printed: list[str] = field(default_factory=list)
    lab_status: int = 0
    service_status: int = 0
    after_kill: str = ""
    service_status_after_kill: int = 0
    command_line: str = ""
    key: str = ""
    exit_code: int | None = None
    still_answering: list[str] = field(default_factory=list)
    page: str = ""

    def address(self, label: str) -> str:
        (line,) = [line for line in self.printed if line.startswith(label)]
        return line.split()[-1]


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=60)
    except requests.ConnectionError:
        return False
    return True


def observe(story: Story, process: subprocess.Popen[str]) -> None:
    """Read until both answer, look at both, press Ctrl-C, look again."""
    assert process.stdout
    for line in process.stdout:
        story.printed.append(line.rstrip("\n"))
        if "Ctrl-C" in line:
            break
    addresses = [story.address("JupyterLab:"), story.address("Review service:") + "/health"]
    story.lab_status, story.service_status = [requests.get(url, timeout=60).status_code for url in addresses]
    story.page = requests.get(addresses[0], timeout=60).text
    (child,) = [pid for pid in children(process.pid) if "jupyterlab" in command_line(pid)]
    story.command_line = command_line(child)
    environment = Path(f"/proc/{child}/environ").read_text().split("\0")
    (story.key,) = [entry.split("=", 1)[1] for entry in environment if entry.startswith("CMTOOLS_KEY=")]
    (service,) = [pid for pid in children(process.pid) if "cmtools.service" in command_line(pid)]
    os.kill(service, signal.SIGKILL)
    story.after_kill = process.stdout.readline()
    story.service_status_after_kill = requests.get(addresses[1], timeout=60).status_code
    process.send_signal(signal.SIGINT)
    story.printed += process.communicate(timeout=120)[0].splitlines()
    story.exit_code = process.returncode
    story.still_answering = [url for url in addresses if answers(url)]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("lab")
    command = [sys.executable, "-m", "cmtools", "lab", str(folder), "--no-browser", "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        story = Story(folder)
        try:
            observe(story, process)
        finally:
            process.terminate()
    return story


def test_lab_prints_addresses_that_answer(story: Story) -> None:
    assert (story.lab_status, story.service_status) == (200, 200)
    page = r"/lab/workspaces/cmtools-\w+(/tree/01_quickstart\.ipynb)?"
    assert re.search(rf"{page}\?token=\w+$", story.address("JupyterLab:"))


def test_lab_hands_the_key_on_without_showing_it(story: Story) -> None:
    assert story.key
    assert story.key not in story.command_line
    assert not [line for line in story.printed if story.key in line]


def test_jupyterlab_fetches_no_news_and_asks_nothing_about_them(story: Story) -> None:
    assert "@jupyterlab/apputils-extension:announcements" in story.page


def test_ctrl_c_stops_the_service_and_jupyterlab_cleanly(story: Story) -> None:
    assert story.exit_code == 0
    assert story.still_answering == []
    assert story.printed[-1] == "Both are stopped."


def test_service_that_is_killed_runs_again_at_its_address(story: Story) -> None:
    assert "runs again" in story.after_kill
    assert story.service_status_after_kill == 200


def test_lab_keeps_reviews_in_its_folder(story: Story) -> None:
    assert (story.folder / "reviews.db").exists()


class StandIn:
    """A service that only remembers whether it was stopped."""

    url, key, team = "http://127.0.0.1:1", "secret", "default"
    stopped = False
    running = True

    def __call__(self, database: object) -> StandIn:
        self.database = database
        return self

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped = True


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(lab, "serve", stand_in)
    return stand_in


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(lab.lab, [str(folder), "--no-browser", *arguments])


def play_jupyter(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(lab, "jupyter_arguments", lambda *_, **__: [sys.executable, "-c", code])


def test_when_jupyterlab_dies_the_service_stops_and_its_code_is_returned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn
) -> None:
    play_jupyter(monkeypatch, "raise SystemExit(3)")
    outcome = run(tmp_path)
    assert outcome.exit_code == 3
    assert service.stopped
    assert "JupyterLab has ended by itself" in outcome.output


def test_jupyterlab_ended_by_a_signal_gives_the_shells_code_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn
) -> None:
    play_jupyter(monkeypatch, "import os; os.kill(os.getpid(), 9)")
    assert run(tmp_path).exit_code == 128 + 9


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_for_the_end_stops_both_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn, number: int
) -> None:
    seen: list[subprocess.Popen[bytes]] = []

    def wait_for_address(child: subprocess.Popen[bytes], _page: str) -> None:
        seen.append(child)
        os.kill(os.getpid(), number)

    play_jupyter(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(lab, "wait_for_address", wait_for_address)
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)  # whoever started the tests may have had it ignored, as nohup does
    try:
        outcome = run(tmp_path)
        after = signal.getsignal(number)
    finally:
        signal.signal(number, before)
    assert outcome.exit_code == 0
    assert service.stopped
    assert seen[0].returncode == -signal.SIGTERM
    assert after is usual


def test_a_jupyterlab_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "PATIENCE_SECONDS", 0.01)
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout
        child.stdout.readline()
        lab._end(child)
    assert child.returncode == -signal.SIGKILL


def test_database_stands_in_the_folder_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn
) -> None:
    play_jupyter(monkeypatch, "")
    run(tmp_path)
    assert service.database == tmp_path / "reviews.db"
    run(tmp_path, "--database", "postgresql://db/reviews")
    assert service.database == "postgresql://db/reviews"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_asked_for_that_is_taken_is_an_error(tmp_path: Path, taken_port: int, service: StandIn) -> None:
    outcome = run(tmp_path / "new", "--port", str(taken_port))
    assert outcome.exit_code == 1
    assert f"port {taken_port} is taken" in outcome.output
    assert not (tmp_path / "new").exists()


def test_the_usual_port_taken_means_the_next_one_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "is_free", lambda port: port >= lab.FIRST_PORT + 2)
    assert lab.choose_port(None) == lab.FIRST_PORT + 2
    assert capsys.readouterr().out == "Port 8888 is taken; JupyterLab takes 8890.\n"


def test_no_free_port_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "is_free", lambda port: False)
    with pytest.raises(click.ClickException, match="no port from 8888 to 8937 is free"):
        lab.choose_port(None)


def test_jupyterlab_opens_the_quickstart_where_it_is(tmp_path: Path) -> None:
    launcher = lab.opening_page(tmp_path)
    (tmp_path / "01_quickstart.ipynb").touch()
    assert lab.opening_page(tmp_path) == f"{launcher}/tree/01_quickstart.ipynb"


def test_what_is_open_in_one_folder_is_not_opened_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = lab.opening_page(tmp_path / "one"), lab.opening_page(tmp_path / "other")
    assert "/lab" != one != other != "/lab"
    monkeypatch.chdir(tmp_path)
    assert lab.opening_page(Path("one")) == one


def test_notebooks_find_the_cmtools_that_runs_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cmtools").touch(mode=0o755)
    ours, theirs = str(tmp_path / "ours"), str(tmp_path / "theirs")
    monkeypatch.setattr(lab.sysconfig, "get_path", {"scripts": ours}.__getitem__)
    assert lab.search_path("/usr/bin") == f"{ours}:/usr/bin"
    assert lab.search_path(f"{theirs}:/usr/bin") == f"{ours}:{theirs}:/usr/bin"
    assert lab.search_path(f"/usr/bin:{ours}") == f"/usr/bin:{ours}"
    monkeypatch.setattr(lab.sysconfig, "get_path", {"scripts": str(tmp_path)}.__getitem__)
    assert lab.search_path("/usr/bin") == "/usr/bin"


def test_another_version_of_a_notebook_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn
) -> None:
    play_jupyter(monkeypatch, "")
    assert "another version" not in run(tmp_path / "mine").output
    monkeypatch.setattr(lab, "other_notebooks", lambda folder: [folder / "01_quickstart.ipynb"])
    assert "another version of 01_quickstart.ipynb. Your files stay" in run(tmp_path / "mine").output


def test_missing_jupyterlab_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: StandIn
) -> None:
    monkeypatch.setattr(lab, "find_spec", lambda _: None)
    outcome = run(tmp_path)
    assert outcome.exit_code == 1
    assert "pip install 'cmtools[lab]'" in outcome.output
