"""A create call written out: what is shown is what is sent, and what is copied does what the form would have done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cmtools.client import console
from cmtools.client.client import Client
from cmtools.model import Draft, Frame
from cmtools.testing import RunningService, running_service
from cmtools.wire.creation import write_drafts
from tests.widgets.fake_client import plain_picture

NASTY = "It's $HOME `id` \"quoted\" \\ ü\nJSON\n'; rm -rf x #"
"""A text that would end a careless quotation in a shell, in Python or in JSON."""


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        running.client().add_subteam("night shift")
        yield running


@pytest.fixture
def client(service: RunningService) -> Client:
    return service.client("ana ü")


@pytest.fixture
def drafts(tmp_path: Path) -> list[Draft]:
    path = tmp_path / "it's a cat.jpg"
    path.write_bytes(plain_picture(1, 40))
    return [
        Draft(NASTY, "text", "Text", (("a", "True"), ("note", NASTY))),
        Draft(path.name, "cat", path=path, callback_endpoint="https://x.org/hook?a=1&b='2'"),
        Draft("Ho!", "two", "Text", overlap=2, final="adjudication", blind=True),
        Draft("https://x.org/v.mp4", "video", "Video", frames=(Frame(0, "https://x.org/0.jpg", (("r", "False"),)),)),
    ]


def run_shell(text: str, service: RunningService, folder: Path) -> Any:
    environment = {"PATH": os.environ["PATH"], "CMTOOLS_KEY": service.key, "HOME": str(folder), "NO_PROXY": "*"}
    shell = shutil.which("sh") or "sh"
    outcome = subprocess.run(
        [shell, "-c", text], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return json.loads("[" + outcome.stdout.split("[", 1)[1]) if "[" in outcome.stdout else None


def test_the_body_is_what_create_reviews_sends(
    client: Client, drafts: list[Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    call = client._vendor
    monkeypatch.setattr(client, "_vendor", lambda *args, **kwargs: sent.append(kwargs["data"]) or call(*args, **kwargs))
    body = console.as_body(drafts, subteam="night shift", batch="monday")
    client.create_reviews(drafts, subteam="night shift", batch="monday", progress=False)
    assert json.loads(body) == sent[0]
    assert sent[0] == write_drafts(console.written(drafts, subteam="night shift", batch="monday"))


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_the_lines_for_a_shell_make_the_same_reviews(
    service: RunningService, client: Client, drafts: list[Draft], tmp_path: Path
) -> None:
    text = console.as_curl(client, drafts, subteam="night shift", batch="shell")
    made = run_shell(text, service, tmp_path)
    assert made == client.create_reviews(drafts, subteam="night shift", batch="shell", progress=False)
    review = client.get_review(made[0])
    assert (review.content, review.subteam, dict(review.metadata)["note"]) == (NASTY, "night shift", NASTY)
    assert client.thumbnails([made[1]])[made[1]]


def test_the_python_makes_the_same_reviews(
    service: RunningService, client: Client, drafts: list[Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMTOOLS_KEY", service.key)
    scope: dict[str, Any] = {}
    drafts.append(replace(drafts[0], content_id="known", overlap=3, blind=True, truth={"a": True, "r": False}))
    exec(console.as_python(client, drafts, subteam="night shift", batch="python"), scope)
    assert scope["ids"] == client.create_reviews(drafts, subteam="night shift", batch="python", progress=False)
    assert scope["drafts"] == drafts


def test_no_key_stands_in_what_is_copied(service: RunningService, client: Client, drafts: list[Draft]) -> None:
    for write in (console.as_curl, console.as_python):
        text = write(client, drafts)
        assert service.key not in text
        assert "CMTOOLS_KEY" in text


def test_a_file_is_named_as_its_owner_knows_it(client: Client, drafts: list[Draft], tmp_path: Path) -> None:
    names = {drafts[1].path: "holiday/it's a cat.jpg"}
    for write in (console.as_curl, console.as_python):
        text = write(client, drafts, names=names)
        assert str(tmp_path) not in text
        assert "holiday/it" in text


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"one")
    draft = Draft(path.name, "cat", path=path)
    before = console.as_body([draft])
    path.write_bytes(b"other")
    assert console.as_body([draft]) != before
