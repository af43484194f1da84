"""A job through the front door: a workflow of the team's own, a tagger, a review, a person, and both callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cmtools as cm
from cmtools.errors import BadPicture, NoTagger, NotFound, Timeout
from cmtools.model import Condition, CreateReview, Logic, TagRule
from cmtools.testing import CallbackSink, RunningService, running_service
from tests.sdk.pictures import GREY, RED, PictureServer, jpeg
from tests.sdk.taggers import RedPictures, RudeWords

NIGHT = Logic(
    Condition("adultScore", "gt", "0.4"),
    (
        CreateReview(
            "night", tags=(TagRule("a", Condition("isAdult")), TagRule("r", Condition("racyScore", "ge", "0.4")))
        ),
    ),
)


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(taggers={"Image": RedPictures(), "Text": RudeWords()}) as service:
        yield service


@pytest.fixture
def client(service: RunningService) -> Iterator[cm.Client]:
    with service.client("ana") as client:
        yield client


def test_job_becomes_a_review_that_a_person_decides_and_the_caller_hears_of_both(
    service: RunningService, client: cm.Client
) -> None:
    client.add_subteam("night")
    client.put_workflow("Nights", NIGHT, description="Reddish pictures at night")
    with CallbackSink() as sink, PictureServer() as site:
        address = f"{sink.url}?route=7"
        ids = [
            client.create_job(site.address(name), content_id=name, workflow="nights", callback=address)
            for name in (RED, GREY)
        ]
        service.advance(0)
        red, grey = client.wait_jobs(ids, timeout=60, progress=False)

        assert (red.status, red.content_id, red.workflow, grey.review_id) == ("Complete", RED, "Nights", None)
        assert dict(red.metadata)["adultScore"] == "0.996"
        lease = client.checkout(subteam="night")
        assert [(review.id, review.auto_tags) for review in lease.reviews] == [(red.review_id, {"a": True, "r": True})]
        client.submit(lease, {red.review_id: {"a": False}})
        service.advance(5)

        first, second, last = sink.received
        assert {first["JobId"], second["JobId"]} == set(ids)
        assert {first["ReviewId"], second["ReviewId"]} == {red.review_id, ""}
        assert (last["CallBackType"], last["ReviewId"]) == ("Review", red.review_id)
        assert last["ReviewerResultTags"] == {"a": "False", "r": "True"}
        assert sink.paths == ["/callback?route=7"] * 3
    assert {attempt.job_id for attempt in client.callbacks()} >= {*ids, None}
    assert [event.action for event in client.events(red.id)] == ["create_job", "end_job", "callback"]


def test_workflows_are_kept_and_listed(client: cm.Client) -> None:
    rule = {"Type": "Condition", "OutputName": "text.HasProfanity", "Operator": "eq", "Value": "true"}
    client.put_workflow("texts", rule, type="Text")
    assert client.workflow("TEXTS").expression == Logic(Condition("text.HasProfanity"))
    assert {"default", "texts"} <= {workflow.name for workflow in client.workflows()}


def test_text_and_files_and_bytes_are_dealt_with(service: RunningService, client: cm.Client, tmp_path: Path) -> None:
    client.put_workflow("rude", Logic(Condition("text.HasProfanity")), type="Text")
    (tmp_path / "red.jpg").write_bytes(jpeg("red"))
    ids = [
        client.create_job("What crap!", content_id="t", type="Text", workflow="rude"),
        client.create_job(tmp_path / "red.jpg", content_id="file"),
        client.create_job(jpeg("red"), content_id="bytes"),
        client.create_job(client.upload(jpeg("red")).content, content_id="uploaded"),
    ]
    service.advance(0)
    found = client.wait_jobs(ids, progress=False)
    assert [job.status for job in found] == ["Complete"] * 4
    assert all(job.review_id for job in found)
    assert client.get_review(found[0].review_id or "").content == "What crap!"
    assert len({client.picture(job.review_id or "") for job in found[1:]}) == 1


def test_waiting_for_jobs_that_do_not_end_is_given_up(client: cm.Client) -> None:
    id = client.create_job(jpeg(), content_id="waits")
    with pytest.raises(Timeout, match="1 of 1 jobs are not ended after 0 s"):
        client.wait_jobs([id], timeout=0, progress=False)
    assert client.wait_jobs([], progress=False) == []


def test_job_that_is_not_there_is_not_found(client: cm.Client) -> None:
    with pytest.raises(NotFound, match="no job"):
        client.job("2026010")


def test_taggers_can_be_asked_at_once(client: cm.Client, tmp_path: Path) -> None:
    (tmp_path / "red.jpg").write_bytes(jpeg("red"))
    said = client.evaluate(tmp_path / "red.jpg")
    assert (said.is_adult, said.is_racy, said.flagged) == (True, False, True)
    assert said.adult_score == pytest.approx(0.996, abs=0.001)
    assert client.screen("oh crap").terms == ((3, "crap"),)
    assert client.screen("oh dear").terms == ()


def test_refusals_reach_the_caller_as_errors(client: cm.Client, tmp_path: Path) -> None:
    with pytest.raises(BadPicture, match="cannot be read"):
        client.evaluate(tmp_path / "gone.jpg")
    with pytest.raises(BadPicture, match="not a picture"):
        client.create_job(b"hello", content_id="1")
    with running_service() as bare, bare.client() as other, pytest.raises(NoTagger, match="CMTOOLS_TAGGER"):
        other.screen("text")


def test_embedded_service_runs_jobs_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with cm.serve(tagger="tests.sdk.taggers:RedPictures") as service:
        client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
        (job,) = client.wait_jobs([client.create_job(jpeg("red"), content_id="1")], timeout=60, progress=False)
        assert (job.status, client.counts().pending) == ("Complete", 1)
