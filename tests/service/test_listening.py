"""Where the service listens, with which certificate, and whose word on addresses it takes."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import cmtools as cm
from cmtools.errors import BadRequest, StoreError
from cmtools.model import Team
from cmtools.service import crew, listening, teams
from cmtools.service.context import Context
from cmtools.service.listening import check_tls, listen, uvicorn_config, warn_if_open
from cmtools.service.server import _Server, run
from cmtools.service.settings import Settings
from cmtools.testing import running_service
from cmtools.wire import own
from tests.tools import certificate
from tests.tools.pictures import png


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, threading.Event]]:
    """The address of a service that runs as the command line runs it, and what stops it."""
    told: list[str] = []
    answering, stop = threading.Event(), threading.Event()

    def ready(url: str, _made: str | None) -> None:
        told.append(url)
        answering.set()

    thread = threading.Thread(target=_run, args=(settings, ready, stop))
    thread.start()
    try:
        assert answering.wait(60)
        yield told[0], stop
    finally:
        stop.set()
        thread.join(60)


def _run(settings: Settings, ready: object, stop: threading.Event) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signal.signal", lambda *_: None)  # only the first thread of a process may
        run(settings, ready=ready, stop=stop)


def test_service_speaks_tls_with_the_certificate_it_is_given(tmp_path: Path) -> None:
    chain, key = certificate.write(tmp_path)
    settings = Settings(database=str(tmp_path / "reviews.db"), port=0, tls_certificate=chain, tls_key=key)
    with served(settings) as (url, _):
        assert url.startswith("https://127.0.0.1:")
        assert requests.get(f"{url}/health", verify=str(chain), timeout=30).json()["status"] == "ok"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{url}/health", timeout=30)


def ask_for_ever(url: str) -> None:
    """Ask, each time by a connection of its own, until there is no answer."""
    while True:
        with cm.Client(url, key="k" * 32, team="demo", timeout=5) as client:
            client.whoami()


def test_request_in_hand_is_finished_after_the_service_was_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    add_subteam = teams.add_subteam

    def slow(ctx: Context, name: str) -> Team:
        begun.set()
        assert go_on.wait(60)
        return add_subteam(ctx, name)

    monkeypatch.setattr(teams, "add_subteam", slow)
    monkeypatch.setattr(listening, "STOP_SECONDS", 60)
    database = str(tmp_path / "reviews.db")
    with served(Settings(database=database, port=0, key="k" * 32)) as (url, stop), ThreadPoolExecutor(1) as pool:
        client = cm.Client(url, key="k" * 32, team="demo")
        answer = pool.submit(client.add_subteam, "late")
        assert begun.wait(60)
        stop.set()
        with pytest.raises(cm.errors.TransportError):
            ask_for_ever(url)
        go_on.set()
        assert answer.result(60) == ("public", "late")
    with served(Settings(database=database, port=0, key="k" * 32)) as (url, _):
        assert cm.Client(url, key="k" * 32, team="demo").team().subteams == ("public", "late")


def test_certificate_without_a_key_and_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    chain, key = certificate.write(tmp_path)
    with pytest.raises(BadRequest, match="takes both a certificate"):
        check_tls(Settings(tls_certificate=chain))
    with pytest.raises(BadRequest, match=r"there is no file .*gone\.pem"):
        check_tls(Settings(tls_certificate=chain, tls_key=tmp_path / "gone.pem"))
    check_tls(Settings(tls_certificate=chain, tls_key=key))


def test_files_that_are_no_certificate_are_refused_before_the_service_starts(tmp_path: Path) -> None:
    chain, _ = certificate.write(tmp_path)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(BadRequest, match="cannot be used"):
        check_tls(Settings(tls_certificate=chain, tls_key=tmp_path / "text"))


@pytest.mark.parametrize(
    ("host", "settings", "loud"),
    [
        ("127.0.0.1", {}, False),
        ("::1", {}, False),
        ("0.0.0.0", {}, True),
        ("::", {}, True),
        ("10.0.0.7", {}, True),
        ("0.0.0.0", {"public_url": "https://reviews.example"}, False),
        ("0.0.0.0", {"tls_certificate": "chain.pem"}, False),
    ],
)
def test_listening_to_a_network_in_clear_is_said_loudly(
    host: str, settings: dict[str, str], loud: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        warn_if_open(Settings(**settings), host)
    assert ("WITHOUT TLS" in caplog.text) is loud


def test_several_processes_are_refused_on_sqlite(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="4 workers cannot share an SQLite file: name a PostgreSQL database"):
        run(Settings(database=str(tmp_path / "reviews.db"), port=0, workers=4), ready=lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_settings_are_handed_down_whole_but_for_the_administrators_key() -> None:
    given = Settings(
        database="postgresql://db/x", key="k" * 32, pepper="p1", metrics_key="m1", workers=3, tls_key="k.pem"
    )
    taken = Settings.model_validate_json(crew._written(given))
    assert taken.key is None
    assert taken == given.model_copy(update={"key": None})


def test_nobody_s_word_on_addresses_is_taken_unless_a_proxy_is_trusted() -> None:
    assert not uvicorn_config(Settings(), "x:y").proxy_headers
    trusting = uvicorn_config(Settings(trusted_proxies="10.0.0.0/8, 127.0.0.1"), "x:y")
    assert (trusting.proxy_headers, trusting.forwarded_allow_ips) == (True, "10.0.0.0/8, 127.0.0.1")


def test_addresses_in_answers_are_the_public_ones_behind_a_proxy() -> None:
    with running_service(public_url="https://reviews.example/") as service:
        picture = requests.post(
            f"{service.url}{own.OWN_PREFIX}/demo/pictures",
            data=png(),
            headers={own.KEY_HEADER: service.key, "Host": "evil.example"},
            timeout=30,
        ).json()
    assert picture["content"].startswith("https://reviews.example/cmtools/")


def test_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StoreError, match="name another with --port"):
        listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_second_signal_ends_a_service_at_once(number: signal.Signals) -> None:
    server = _Server(uvicorn_config(Settings(), "x:y"), lambda: None)
    server.handle_exit(number, None)
    assert (server.should_exit, server.force_exit) == (True, False)
    server.handle_exit(number, None)
    assert server.force_exit


class Member:
    """A process that ends when it is killed."""

    def __init__(self) -> None:
        self.process, self.killed = self, False

    def is_alive(self) -> bool:
        return not self.killed

    def kill(self) -> None:
        self.killed = True


def test_second_signal_ends_all_processes_at_once() -> None:
    several = crew._Crew.__new__(crew._Crew)
    several.should_exit, several.processes = threading.Event(), [Member(), Member()]
    several._heard(signal.SIGTERM, None)
    assert several.should_exit.is_set()
    assert [each.killed for each in several.processes] == [False, False]
    several._heard(signal.SIGTERM, None)
    assert [each.killed for each in several.processes] == [True, True]
