"""`serve()`: its own process, shared by those who use it, gone with the last of them; a kill loses nothing."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

import cmtools as cm
from cmtools.errors import BadRequest, Conflict, NotAuthorized, StoreError, Unreachable
from cmtools.service.embedded import Service


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


def client(service: Service) -> cm.Client:
    return cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")


def alive(pid: int) -> bool:
    """Whether any thread of it still runs: the first may be gone while another holds its files and its port."""
    try:
        states = [task.joinpath("stat").read_text().rpartition(")")[2].split()[0] for task in tasks(pid)]
    except (FileNotFoundError, ProcessLookupError):
        return bool(tasks(pid))
    return any(state not in "ZX" for state in states)


def tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").glob("*"))


def becomes_true(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_service_answers_and_stops_leaving_nothing(runtime_folder: Path) -> None:
    with cm.serve() as service:
        assert client(service).health()["status"] == "ok"
        pid = service.pid
    assert not alive(pid)
    assert list((runtime_folder / "cmtools").iterdir()) == []
    with pytest.raises(Unreachable):
        client(service).health()


def test_key_is_in_no_repr_and_in_no_argument_of_the_process(tmp_path: Path) -> None:
    with cm.serve(tmp_path / "reviews.db") as service:
        assert service.key not in repr(service)
        assert service.key not in Path(f"/proc/{service.pid}/cmdline").read_text()


def test_files_of_a_running_service_are_readable_by_its_user_alone(tmp_path: Path, runtime_folder: Path) -> None:
    with cm.serve(tmp_path / "reviews.db"):
        assert (runtime_folder / "cmtools").stat().st_mode & 0o077 == 0
        (told,) = (runtime_folder / "cmtools").glob("*.json")
        assert told.stat().st_mode & 0o077 == 0


def test_second_use_of_the_same_file_joins_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with cm.serve("reviews.db") as first:
        second = cm.serve(tmp_path / "reviews.db")
        assert (second.url, second.key, second.pid) == (first.url, first.key, first.pid)
        second.stop()
        assert client(first).health()["status"] == "ok", "the first still uses it"
    assert not alive(first.pid)


def test_joining_for_another_team_or_with_other_settings_is_refused(tmp_path: Path) -> None:
    with cm.serve(tmp_path / "reviews.db"):
        with pytest.raises(Conflict, match="for team 'demo' runs"):
            cm.serve(tmp_path / "reviews.db", team="other")
        with pytest.raises(Conflict):
            cm.serve(tmp_path / "reviews.db", undo_seconds=1)


def test_same_cell_run_again_joins_the_service_that_it_started_with_its_settings(tmp_path: Path) -> None:
    with cm.serve(tmp_path / "reviews.db", undo_seconds=1, lease_seconds=60) as first:
        again = cm.serve(tmp_path / "reviews.db", undo_seconds=1, lease_seconds=60)
        with cm.serve(tmp_path / "reviews.db", lease_seconds=60) as third:
            assert first.pid == again.pid == third.pid
        again.stop()
        with pytest.raises(Conflict, match="without other settings"):
            cm.serve(tmp_path / "reviews.db", undo_seconds=2)


def test_file_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    first = cm.serve(tmp_path / "reviews.db")
    client(first).add_tag("old")
    for path in tmp_path.glob("reviews.db*"):
        if path.is_file():
            path.unlink()
    with cm.serve(tmp_path / "reviews.db") as second:
        assert second.pid != first.pid
        assert not alive(first.pid)
        assert "old" not in client(second).team().tags
    first.stop()


def test_service_ends_with_the_last_process_that_uses_it(tmp_path: Path, runtime_folder: Path) -> None:
    code = "import sys, cmtools as cm; s = cm.serve(sys.argv[1]); print(s.pid, flush=True); sys.stdin.read()"

    def user() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "reviews.db")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with user() as first, user() as second:
        assert first.stdout is not None
        assert second.stdout is not None
        pid = int(first.stdout.readline())
        assert int(second.stdout.readline()) == pid
        first.kill()  # as a kernel that is killed: nothing of ours runs any more
        first.wait()
        (users,) = (runtime_folder / "cmtools").glob("*.users")
        with users.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # what the service tries, to see whether it is unused
        assert alive(pid)
        second.kill()
        second.wait()
        assert becomes_true(lambda: not alive(pid))


def test_temporary_service_of_a_killed_process_cleans_up_after_itself(tmp_path: Path, runtime_folder: Path) -> None:
    code = "import sys, cmtools as cm; s = cm.serve(); print(s.pid, flush=True); sys.stdin.read()"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    assert becomes_true(lambda: not alive(pid))
    assert not list(tmp_path.glob("cmtools-*"))
    assert list((runtime_folder / "cmtools").iterdir()) == []


def test_killed_service_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    first = cm.serve(tmp_path / "reviews.db")
    before = client(first)
    ids = before.create_reviews([cm.Draft("https://x.org/1.jpg", "1"), cm.Draft("https://x.org/2.jpg", "2")])
    lease = before.checkout(1)
    before.save(lease, {lease.reviews[0].id: {"r": True}})
    os.kill(first.pid, signal.SIGKILL)
    assert becomes_true(lambda: not alive(first.pid))

    with cm.serve(tmp_path / "reviews.db") as second:
        after = client(second)
        (held,) = after.leases()
        assert (held.reviews[0].id, held.reviews[0].toggles) == (ids[0], {"r": True})
        assert after.submit(lease, {ids[0]: {}}).review_ids == (ids[0],), "the token from before still counts"
        assert [review.id for review in after.reviews()] == ids
        assert (second.url, second.key) == (first.url, first.key)
        assert before.counts().submitted == 1, "a client from before goes on with the new service"
    first.stop()


def test_service_that_ended_in_order_leaves_its_key_to_nobody(tmp_path: Path) -> None:
    with cm.serve(tmp_path / "reviews.db") as first:
        pass
    with cm.serve(tmp_path / "reviews.db") as second, pytest.raises(NotAuthorized):
        cm.Client(second.url, key=first.key, team=first.team).team()


def test_killed_service_whose_port_was_taken_starts_at_another(tmp_path: Path) -> None:
    first = cm.serve(tmp_path / "reviews.db")
    os.kill(first.pid, signal.SIGKILL)
    assert becomes_true(lambda: not alive(first.pid))
    with ExitStack() as stack:
        stack.enter_context(socket.create_server(("127.0.0.1", int(first.url.rpartition(":")[2]))))
        second = stack.enter_context(cm.serve(tmp_path / "reviews.db"))
        assert second.url != first.url
        assert client(second).health()["status"] == "ok"
    first.stop()


def test_file_that_another_service_serves_is_refused_and_its_keys_live_on(tmp_path: Path) -> None:
    """`cmtools serve`, say: two services on one SQLite file would each make the other's administrator's key void."""
    from cmtools.service import lockfile
    from cmtools.service.settings import Settings

    database = tmp_path / "reviews.db"
    with lockfile.held(Settings(database=str(database))):
        with pytest.raises(StoreError, match=rf"process {os.getpid()} serves .*reviews.db' already.* make a Client"):
            cm.serve(database)
        assert not database.exists()
    with cm.serve(database) as service:
        with (
            pytest.raises(StoreError, match=f"process {service.pid} serves"),
            lockfile.held(Settings(database=str(database))),
        ):
            pass
        assert client(service).health()["status"] == "ok"
    assert sorted(path.name for path in tmp_path.glob("*.lock")) == []


def test_a_service_that_is_still_ending_is_waited_for_before_its_file_is_served_again(tmp_path: Path) -> None:
    """After a kernel's restart, say: the service has nobody left and finishes what it accepted."""
    from cmtools.service import embedded
    from cmtools.service.runfile import Announcement, Place, file_mark

    database = tmp_path / "reviews.db"
    ending = (
        "import sys, time\nfrom cmtools.service import lockfile\nfrom cmtools.service.settings import Settings\n"
        "with lockfile.held(Settings(database=sys.argv[1])):\n    print('held', flush=True); time.sleep(4)"
    )
    with subprocess.Popen([sys.executable, "-c", ending, str(database)], stdout=subprocess.PIPE) as process:
        threading.Thread(target=process.wait, daemon=True).start()  # so that its number is nobody's once it has ended
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        place = Place.of(str(database))
        told = Announcement(process.pid, "http://127.0.0.1:9", "demo", file_mark(str(database)), "k" * 16)
        place.stem.with_suffix(".json").write_text(json.dumps(asdict(told)))
        assert embedded._running(place, str(database)) is None
        with cm.serve(database) as service:
            assert not alive(process.pid)
            assert client(service).health()["status"] == "ok"


def test_start_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("no database at all, but long enough to look at. " * 100)
    with pytest.raises(StoreError, match=r"did not start.*cannot be opened"):
        cm.serve(tmp_path / "broken.db")
    with pytest.raises(StoreError, match="is a folder"):
        cm.serve(tmp_path)
    with pytest.raises(StoreError, match="there is no folder"):
        cm.serve(tmp_path / "none" / "reviews.db")
    with pytest.raises(BadRequest):
        cm.serve(tmp_path / "x.db", team=" ")


def test_tagger_that_there_is_not_is_told_when_the_service_starts(runtime_folder: Path) -> None:
    with pytest.raises(StoreError, match=r"did not start: there is no tagger 'opensfw'; there are .*opennsfw"):
        cm.serve(tagger="opensfw")
    assert list((runtime_folder / "cmtools").iterdir()) == []
