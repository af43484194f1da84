"""Decisions stream to the table that `tidy` makes of the same reviews, whatever they are."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy.dialects import sqlite

import cmtools as cm
from cmtools.client.client import Client
from cmtools.errors import BadRequest, Forbidden, ServiceError, TransportError
from cmtools.model import Draft, Frame
from cmtools.service import decisions as rules
from cmtools.store import decisions as statements
from cmtools.store import open_store
from cmtools.store.decisions import STATUSES, Wanted
from cmtools.store.tables import reviews
from cmtools.testing import RunningService, running_service
from tests.tools import postgres

SCORED = (("A", "true"), ("a.score", "0.91"), ("r", "no"), ("racyScore", "0.2"), ("model", "v2"), ("source", "mail"))
ODD = (("a", "maybe"), ("a.score", "many"), ("sc.score", "inf"), ("r.score", "nan"), ("model", "v1"), ("model", "v3"))


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest) -> Iterator[RunningService]:
    url = None if request.param == "sqlite" else postgres.fresh_database()
    try:
        with running_service(url) as running:
            yield running
    finally:
        if url is not None:
            postgres.drop_database(url)


def mixed(service: RunningService) -> Client:
    """Something of every kind: types, subteams, strata, silent tags, odd values, frames, blind ones, undone work."""
    client = service.client("ana")
    client.add_tag("sc", "isscreenshot")
    client.add_subteam("experts")
    drafts = [
        Draft("https://x.org/1.jpg", "one", metadata=SCORED, weight=2.5, stratum="b"),
        Draft("https://x.org/2.jpg", "two", metadata=ODD, stratum="a"),
        Draft("https://x.org/3.jpg", "three"),
        Draft("Ärger & <b>\u2028</b> 🙂", "four", "Text", (("sc", "1"), ("Quelle", "Zeitung"))),
    ]
    client.create_reviews(drafts, progress=False)
    client.create_reviews([Draft("https://x.org/5.jpg", "five", metadata=SCORED)], subteam="experts", progress=False)
    frames = [
        Frame(0, "https://x.org/f0.jpg", metadata=(("a", "true"), ("a.score", "0.5"))),
        Frame(12000, "https://x.org/f1.jpg"),
        Frame(900, "https://x.org/f2.jpg", metadata=(("r", "false"),)),
    ]
    video = client.create_video_review("https://x.org/v.mp4", frames=frames, content_id="film")
    client.publish(video)
    for reviewer, type, blind in (("ana", "Text", False), ("ben", "Video", False), ("cleo", "Image", True)):
        theirs = service.client(reviewer)
        lease = theirs.checkout(2, type=type, blind=blind)
        theirs.undo(theirs.submit(lease, {review.id: {"a": True} for review in lease.reviews}))
        (lease,) = theirs.leases()
        theirs.submit(theirs.resume(lease), {review.id: {"r": True} for review in lease.reviews})
        service.advance(1)
    lease = client.checkout(1, subteam="experts")
    client.submit(lease, {review.id: {} for review in lease.reviews})
    service.advance(10)
    client.remove_tag("sc")
    return client


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", 1)


def by_reviews(client: Client, metadata: bool = False, subteam: str | None = None) -> pd.DataFrame:
    return cm.tidy(client.reviews(status="Complete", subteam=subteam), metadata=metadata)


def test_stream_is_equal_to_tidy_of_the_same_reviews(service: RunningService) -> None:
    client = mixed(service)
    streamed = client.decisions(metadata=True)
    assert_frame_equal(streamed, by_reviews(client, metadata=True))
    assert streamed.attrs == by_reviews(client).attrs
    assert sorted(set(streamed["type"])) == ["Image", "Text", "Video"]
    assert set(streamed["blind"]) == {True, False}
    assert set(streamed["frame"].dropna()) == {"0", "900", "12000"}
    experts = client.decisions(subteam="experts")
    assert_frame_equal(experts, by_reviews(client, subteam="experts"))
    assert set(experts["content_id"]) == {"five"}
    assert set(client.decisions(type="text")["type"]) == {"Text"}


def test_batches_join_without_a_seam(service: RunningService, one_at_a_time: None) -> None:
    client = mixed(service)
    assert_frame_equal(client.decisions(metadata=True), by_reviews(client, metadata=True))


def test_nothing_complete_is_a_table_of_the_same_types(service: RunningService) -> None:
    client = service.client()
    assert_frame_equal(client.decisions(metadata=True), by_reviews(client, metadata=True))
    assert list(client.decisions(exposure=True).columns[-2:]) == ["reveals", "revealed_seconds"]


def test_exposure_is_of_this_reviewer_and_this_review(service: RunningService) -> None:
    client = mixed(service)
    table = client.decisions()
    pairs = table[["review_id", "reviewer"]].drop_duplicates().itertuples(index=False)
    seen = {(id, reviewer): 1.5 * at for at, (id, reviewer) in enumerate(pairs)}
    for (id, reviewer), seconds in list(seen.items())[1:]:
        service.client(reviewer).record_reveals({id: seconds})
        service.client("somebody").record_reveals({id: 100})
        service.advance(86_400)
        service.client(reviewer).record_reveals({id: 1})
    exposed = client.decisions(exposure=True)
    assert_frame_equal(exposed[table.columns], table)
    for (id, reviewer), rows in exposed.groupby(["review_id", "reviewer"], observed=True):
        first = (id, reviewer) == next(iter(seen))
        assert set(rows["reveals"]) == {0 if first else 2}
        assert set(rows["revealed_seconds"]) == {0.0 if first else seen[id, reviewer] + 1}


def test_reviewers_do_not_see_what_others_decided_nor_what_they_were_exposed_to() -> None:
    with running_service() as service:
        key = service.client().create_key("ben", "reviewer", "ben").secret
        for exposure in (False, True):
            with pytest.raises(Forbidden, match="takes one of administrator, lead, auditor"):
                service.client("ben", key=key).decisions(exposure=exposure)


def test_type_and_answers_that_there_are_not_are_refused() -> None:
    with running_service() as service:
        with pytest.raises(BadRequest, match="Sound"):
            service.client().decisions(type="Sound")
        with pytest.raises(BadRequest, match="answers"):
            service.client().decisions(answers="best")


# A stream that breaks


class Broken:
    """In the place of a client's stream: gives so many lines of each, then breaks off or simply ends."""

    def __init__(self, client: Client, lines: int, error: Exception | None) -> None:
        self.whole, self.lines, self.error = client._lines, lines, error
        self.begun = 0

    def __call__(self, path: str, params: dict[str, Any]) -> Iterator[bytes]:
        self.begun += 1
        for number, line in enumerate(self.whole(path, params)):
            if number == self.lines:
                if self.error:
                    raise self.error
                return
            yield line


@pytest.fixture
def done() -> Iterator[Client]:
    with running_service() as service:
        client = service.client()
        client.create_reviews([Draft(f"text {n}", str(n), "Text") for n in range(7)], progress=False)
        lease = client.checkout(7, type="Text")
        client.submit(lease, {review.id: {} for review in lease.reviews})
        service.advance(10)
        yield client


@pytest.mark.parametrize("error", [None, TransportError("broken")])
def test_stream_that_breaks_is_taken_up_where_it_broke(
    done: Client, one_at_a_time: None, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    whole = done.decisions()
    broken = Broken(done, 2, error)
    monkeypatch.setattr(done, "_lines", broken)
    assert_frame_equal(done.decisions(), whole)
    assert broken.begun == 4


def test_stream_that_never_brings_anything_is_given_up(done: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (None, TransportError("broken")):
        monkeypatch.setattr(done, "_lines", Broken(done, 0, error))
        with pytest.raises(TransportError):
            done.decisions()
        monkeypatch.undo()


@pytest.mark.parametrize(
    "line", [b"<html>", b"[]", b'{"next": null}', b'{"next": null, "reviews": {}, "decisions": 3}']
)
def test_stream_of_something_else_is_a_service_error(
    done: Client, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    monkeypatch.setattr(done, "_lines", lambda path, params: iter([line]))
    with pytest.raises(ServiceError):
        done.decisions()


def test_each_line_of_the_stream_is_json_of_its_own(done: Client, one_at_a_time: None) -> None:
    lines = [json.loads(line) for line in done._lines("/decisions", {})]
    assert [line["next"] is None for line in lines] == [False] * (len(lines) - 1) + [True]
    assert sum(len(line["decisions"]["auto"]) for line in lines) == 14


class Endless:
    """In the place of the making of a line: the first batch again and again, long enough to fill what lies between."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.line, self.lines, self.ended = rules._line, rules._lines, threading.Event()
        monkeypatch.setattr(rules, "_line", self.make)
        monkeypatch.setattr(rules, "_lines", self.send)

    def make(self, *asked: Any, **how: Any) -> tuple[bytes, int]:
        line, _ = self.line(*asked, **how)
        return line[:-1] + b" " * 2**20 + b"\n", 0

    def send(self, *given: Any) -> Iterator[bytes]:
        try:
            yield from self.lines(*given)
        finally:
            self.ended.set()


def test_stream_holds_no_reading_open_while_nobody_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless(monkeypatch)
    with running_service(tmp_path / "reviews.db") as service, closing(service.client()._lines("/decisions", {})) as got:
        assert json.loads(next(got))["answers"]["said"] == []
        service.client().add_tag("sc")  # so that there is something in the log
        with closing(sqlite3.connect(tmp_path / "reviews.db", timeout=30)) as other:
            busy, left, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert (busy, left, endless.ended.is_set()) == (0, 0, False)


def test_stream_ends_when_its_reader_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless(monkeypatch)
    with running_service() as service:
        lines = service.client()._lines("/decisions", {})
        next(lines)
        assert not endless.ended.is_set()
        lines.close()
        assert endless.ended.wait(30)


def test_scores_that_json_does_not_know_become_null_or_text() -> None:
    nan, infinity = float("nan"), float("inf")
    assert rules._written([0.5, None]) == [0.5, None]
    assert rules._written([0.5, None, nan, infinity, -infinity]) == [0.5, None, None, "inf", "-inf"]
    assert rules._written([infinity, -infinity]) == ["inf", "-inf"]
    assert rules._written([1e308, 1e308]) == [1e308, 1e308]


@pytest.mark.parametrize("size", [1, 3])
def test_line_with_too_few_decisions_is_a_service_error(
    done: Client, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    (line,) = [json.loads(line) for line in done._lines("/decisions", {})]
    line["decisions"] = {name: values[:size] for name, values in line["decisions"].items()}
    monkeypatch.setattr(done, "_lines", lambda path, params: iter([json.dumps(line).encode()]))
    with pytest.raises(ServiceError, match=f"{size} auto tags and {size} scores of 14 decisions"):
        done.decisions()


# What it costs


@pytest.mark.parametrize("answers", STATUSES)
@pytest.mark.parametrize("wanted", [Wanted("demo"), Wanted("demo", type="Image"), Wanted("demo", "experts", "Image")])
def test_batch_reads_from_its_cursor_on_and_sorts_nothing(tmp_path: Path, wanted: Wanted, answers: str) -> None:
    """Else each batch would pass over all that is complete: twice the decisions would take four times as long."""
    queries: list[Any] = []
    for chosen in statements._filters(replace(wanted, answers=answers)):
        here = reviews.c.sequence.between(1000, 2000) & chosen
        queries += [statements._reading(1000, 10).where(chosen), statements._answers(here)]
    with closing(open_store(tmp_path / "reviews.db")) as store:
        for query in queries:
            text = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            asked = "EXPLAIN QUERY PLAN " + text
            steps = store.read(lambda at, asked=asked: [row[3] for row in at.exec_driver_sql(asked)])
            assert "sequence>?" in steps[0], steps
            assert not any("TEMP" in step for step in steps), steps
