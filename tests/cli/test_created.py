"""What `cmtools create` writes and keeps, by whose thresholds it goes, and how it ends when it is told to."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cmtools import make_drafts
from cmtools.client.client import Client
from cmtools.errors import BadTagger
from cmtools.service.app import create_app
from cmtools.service.settings import Settings
from cmtools.taggers import Tagger, Tagging
from tests.cli import test_create as creating
from tests.cli.test_create import create, environment, said, table
from tests.content.pictures import encoded, noise

service, client, folder = creating.service, creating.client, creating.folder


class Halves(Tagger):
    """Gives each text 0.5 for both tags."""

    name, type, default_thresholds = "halves", "Text", {"a": 0.6, "r": 0.6}

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [Tagging({"a": False, "r": False}, {"a": 0.5, "r": 0.5}) for _ in items]


class Terminated(Tagger):
    """A scheduler ends the process while it works."""

    name, type = "terminated", "Text"

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        os.kill(os.getpid(), signal.SIGTERM)
        return [Tagging() for _ in items]


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


# What an earlier run made stays ---------------------------------------------------------------------------------------


def test_run_that_breaks_off_leaves_the_earlier_result(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made.csv"
    create(client, table(tmp_path), "--type", "Text", "--output", made)
    whole = made.read_bytes()
    sent = Client._create_batch

    def breaking(self: Client, items: list[Any], subteam: str | None) -> tuple[list[str], int]:
        if any(item.draft.content_id == "200" for item in items):
            raise KeyboardInterrupt
        return sent(self, items, subteam)

    monkeypatch.setattr(Client, "_create_batch", breaking)
    broken = create(client, table(tmp_path), "--type", "Text", "--output", made)
    beside = tmp_path / "made.unfinished.csv"
    assert (broken.exit_code, made.read_bytes()) == (130, whole)
    assert said(broken)[0] == f"{made} stays as an earlier run made it; what became of each item now is in {beside}"
    assert [bool(row["review_id"]) for row in rows(beside)] == [True] * 200 + [False] * 50


def test_run_that_makes_nothing_leaves_the_earlier_result(client: Client, folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.csv"
    create(client, folder, "--output", made)
    whole = made.read_bytes()
    (tmp_path / "a.txt").write_text("no picture")
    nothing = create(client, tmp_path / "a.txt", "--output", made)
    assert (nothing.exit_code, made.read_bytes()) == (1, whole)
    assert [row["review_id"] for row in rows(tmp_path / "made.unfinished.csv")] == [""]


def test_run_that_ends_writes_over_the_earlier_result(client: Client, folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.csv"
    create(client, folder, "--output", made)
    create(client, next(folder.iterdir()), "--output", made)
    assert len(rows(made)) == 1


def test_source_is_spelt_in_one_way_in_every_row(client: Client, folder: Path, tmp_path: Path) -> None:
    (odd := tmp_path / "odd").mkdir()
    first = sorted(folder.iterdir())[0]
    for name in ("a.jpg", "b.jpg"):
        (odd / name).write_bytes(first.read_bytes())
    (odd / "x.jpg").write_bytes(b"x")
    create(client, odd, "--skip-near-duplicates", "--output", made := tmp_path / "made.csv")
    assert [(row["source"], row["copy_of"]) for row in rows(made)] == [("a.jpg", ""), ("b.jpg", "a.jpg"), ("x.jpg", "")]
    listed = "id,file\n1,odd/a.jpg\n2,odd/b.jpg\n3,odd/x.jpg\n"
    (tmp_path / "listed.csv").write_text(listed, encoding="utf-8")
    create(client, tmp_path / "listed.csv", "--skip-near-duplicates", "--output", made)
    assert [row["source"] for row in rows(made)] == ["odd/a.jpg", "odd/b.jpg", "odd/x.jpg"]


def test_drafts_know_where_each_item_stood(folder: Path) -> None:
    first = sorted(folder.iterdir())[0]
    drafts = make_drafts([first, first.parent / "nowhere.jpg"], progress=False)
    known = {first.as_posix(): str(first), (first.parent / "nowhere.jpg").as_posix(): str(first.parent / "nowhere.jpg")}
    assert drafts.sources == drafts[:1].sources == known


# By whose thresholds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ((), {"a": False, "r": True}),  # the team's r, the tagger's a
        (("--threshold", "a=0.5"), {"a": True, "r": True}),
        (("--threshold", "R=0.9"), {"a": False, "r": False}),
    ],
)
def test_threshold_of_one_tag_leaves_the_others_theirs(
    client: Client, given: tuple[str, ...], tags: dict[str, bool]
) -> None:
    client.set_threshold("r", 0.4)
    tagger = ("--tagger", "tests.cli.test_created:Halves")
    outcome = create(client, "-", "--type", "Text", *tagger, *given, input="Hi\n")
    assert [review.auto_tags for review in client.reviews(ids=outcome.stdout.split())] == [tags]


def test_threshold_of_one_column_leaves_the_others_theirs(client: Client, tmp_path: Path) -> None:
    client.set_threshold("r", 0.4)
    (tmp_path / "texts.csv").write_text("id,text,a,r\n1,Hi,0.5,0.5\n", encoding="utf-8")
    outcome = create(client, tmp_path / "texts.csv", "--type", "Text", "--threshold", "a=0.6")
    assert [review.auto_tags for review in client.reviews(ids=outcome.stdout.split())] == [{"a": False, "r": True}]


def test_scores_of_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "photos" / name).write_bytes(encoded(noise(), "PNG"))
    (scores := tmp_path / "sc.csv").write_text("file,a\na.png,0.9\nb.png,0.1\n", encoding="utf-8")
    outcome = create(None, tmp_path / "photos", "--dry-run", "--tagger", f"scores:{scores}?a=0.8")
    assert (outcome.exit_code, outcome.stdout.splitlines()[2].split()[:4]) == (0, ["a", "1", "1", "0"])
    with pytest.raises(BadTagger, match="a service knows no file names"):
        create_app(Settings(database=str(tmp_path / "r.db"), tagger=f"scores:{scores}?a=0.8"))
    assert not (tmp_path / "r.db").exists()


# How it ends ----------------------------------------------------------------------------------------------------------


def test_sigterm_is_ctrl_c(client: Client) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")}
    asked = ["create", "-", "--type", "Text", "--tagger", "tests.cli.test_created:Terminated"]
    outcome = subprocess.run(
        [sys.executable, "-m", "cmtools", *asked],
        env={**kept, **environment(client)},
        input="Hi\n",
        capture_output=True,
        text=True,
        check=False,
    )
    told = "Error: interrupted - no new review was created\n"
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, "", told)
    assert client.counts().total == 0


def test_signals_are_as_before_when_it_has_ended(folder: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    create(None, folder, "--dry-run")
    assert signal.getsignal(signal.SIGTERM) is before
