"""`cmtools backup` makes a copy that a service runs on, while the service that it copies goes on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmtools import cli
from cmtools.client.client import Client
from cmtools.model import Draft
from cmtools.service.embedded import serve
from tests.sdk.pictures import jpeg


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(cli.main, ["backup", *arguments])
    return outcome.exit_code, outcome.output


def test_copy_made_under_writers_is_whole_and_a_service_runs_on_it(tmp_path: Path) -> None:
    source, copy = tmp_path / "reviews.db", tmp_path / "copy.db"
    with serve(source) as service, Client(service.url, key=service.key, team=service.team) as client:
        shown = client.upload(jpeg("red")).content
        before = client.create_reviews([Draft(shown, str(n)) for n in range(50)])
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                client.create_reviews([Draft("Hello", "more", "Text")], progress=False)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            code, said = run(str(copy), "--database", str(source))
        finally:
            stop.set()
            writer.join()
        assert code == 0, said
        assert "looked through and whole" in said
    with serve(copy) as service, Client(service.url, key=service.key, team=service.team) as client:
        found = list(client.reviews(type="Image"))
        assert [review.id for review in found] == before
        assert client.picture(before[0])


def test_copy_over_a_file_that_is_there_is_refused(tmp_path: Path) -> None:
    from cmtools.store import open_store

    open_store(tmp_path / "reviews.db").close()
    (tmp_path / "copy.db").write_text("precious")
    code, said = run(str(tmp_path / "copy.db"), "--database", str(tmp_path / "reviews.db"))
    assert (code, "is there already" in said) == (1, True)
    assert (tmp_path / "copy.db").read_text() == "precious"


@pytest.mark.parametrize(
    ("database", "reason"),
    [("none.db", "there is no database"), ("postgresql://ana:geheim@db/reviews", "pg_dump --format=custom")],
)
def test_what_cannot_be_copied_is_said_in_one_line(tmp_path: Path, database: str, reason: str) -> None:
    code, said = run(str(tmp_path / "copy.db"), "--database", database)
    assert code == 1
    assert reason in said
    assert "geheim" not in said
    assert not (tmp_path / "copy.db").exists()


def test_damaged_database_gives_no_copy(tmp_path: Path) -> None:
    (tmp_path / "reviews.db").write_text("this is not a database at all, however long it may be" * 100)
    code, said = run(str(tmp_path / "copy.db"), "--database", str(tmp_path / "reviews.db"))
    assert (code, "cannot be copied" in said) == (1, True)
    assert [each.name for each in tmp_path.iterdir()] == ["reviews.db"]
