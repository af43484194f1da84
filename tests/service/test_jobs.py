"""Jobs are taken in, run once whatever happens to a worker, and told of; on each database."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from cmtools.errors import BadPicture, BadRequest, NotFound
from cmtools.model import Condition, CreateReview, Logic
from cmtools.service import callbacks, execution, jobs, reviews
from cmtools.service.retries import SPREAD, WAITS_SECONDS
from cmtools.store import tables
from cmtools.taggers import Tagging
from cmtools.testing import CallbackSink

from .bench import ADULT, Bench, Fixed, Words, messages
from .conftest import Desk


@pytest.fixture
def bench(desk: Desk) -> Bench:
    """Everything that is there is found adult."""
    made = Bench(desk, {"Image": Fixed(ADULT), "Text": Words()})
    made.put_workflow(Logic(Condition("isAdult")))
    return made


# Faults that nobody foresaw ------------------------------------------------------------------------------------------


class Falling(Fixed):
    """Falls over so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(ADULT)
        self.times = times

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        self.times -= 1
        if self.times >= 0:
            raise RuntimeError("s3cret")
        return super().tag(items)


def test_unforeseen_fault_is_tried_again_later(desk: Desk) -> None:
    bench = Bench(desk, {"Image": Falling(2)})
    job = bench.run(workflow="default")
    assert (job.status, len(bench.kept())) == ("InProgress", 1)
    bench.worker.work_off()
    assert messages(bench.get(job.id)).count("Starting Execution - Try 1") == 1
    for wait in jobs.WAITS_SECONDS:
        desk.clock.advance(wait)
        bench.worker.work_off()
    job = bench.get(job.id)
    assert (job.status, bool(job.review_id)) == ("Complete", True)
    assert [message for message in messages(job) if "Try" in message] == [
        "Starting Execution - Try 3",
        "Starting Execution - Try 2",
        "Starting Execution - Try 1",
    ]


def test_unforeseen_fault_at_every_try_ends_the_job_without_telling_secrets(desk: Desk) -> None:
    bench = Bench(desk, {"Image": Falling(99)})
    job = bench.run(workflow="default")
    for wait in (*jobs.WAITS_SECONDS, 1000):
        desk.clock.advance(wait)
        bench.worker.work_off()
    job = bench.get(job.id)
    assert (job.status, bench.kept()) == ("Error", [])
    assert messages(job)[1] == "Execution failed: the tagger 'fixed' failed (RuntimeError); the service's log has more"
    assert "s3cret" not in str(job)


# Workers --------------------------------------------------------------------------------------------------------------


def claim(bench: Bench) -> execution.Task:
    task = bench.desk.run(jobs.claim)
    assert task is not None
    return task


def test_job_whose_worker_died_is_taken_again_as_the_second_try(bench: Bench) -> None:
    id = bench.create()
    claim(bench)
    bench.worker.work_off()
    assert bench.get(id).status == "InProgress", "it is left to its worker for a while"
    bench.desk.clock.advance(jobs.CLAIM_SECONDS)
    bench.worker.work_off()
    assert bench.get(id).status == "Complete"
    assert "Starting Execution - Try 2" in messages(bench.get(id))


def test_slow_worker_changes_nothing_once_another_has_the_job(bench: Bench) -> None:
    id = bench.create()
    slow = claim(bench)
    outcome = execution.run(bench.worker._tools, slow)
    bench.desk.clock.advance(jobs.CLAIM_SECONDS)
    bench.worker.work_off()
    done = bench.get(id)
    assert bench.desk.run(lambda ctx: jobs.finish(ctx, slow, outcome)) is False
    assert bench.desk.run(lambda ctx: jobs.give_up(ctx, slow, "late")) is False
    assert bench.get(id) == done
    assert bench.desk.run(lambda ctx: reviews.counts(ctx, None, None)).total == 1


def test_picture_goes_even_when_the_worker_died_before_it_could_remove_it(bench: Bench) -> None:
    id = bench.create()
    task = claim(bench)
    outcome = execution.run(bench.worker._tools, task)
    bench.desk.run(lambda ctx: jobs.finish(ctx, task, outcome))
    assert (bench.get(id).status, len(bench.kept())) == ("Complete", 1)
    bench.worker.work_off()
    assert bench.kept() == []
    assert bench.desk.store.read(jobs.left_over) == []


def test_job_that_ended_the_service_at_every_try_is_not_begun_again(bench: Bench) -> None:
    id = bench.create()
    for _ in range(jobs.TRIES):
        claim(bench)
        bench.desk.clock.advance(jobs.CLAIM_SECONDS)
    bench.worker.work_off()
    job = bench.get(id)
    assert (job.status, bench.kept()) == ("Error", [])
    assert "each time it was begun" in messages(job)[1]
    assert "Starting Execution - Try 4" not in messages(job)


def test_job_whose_workflow_cannot_be_read_ends_and_holds_up_no_other(bench: Bench) -> None:
    bad, good = bench.create(workflow="default"), bench.create()
    broken = sa.update(tables.jobs).where(tables.jobs.c.id == bad).values(workflow="gone")
    bench.desk.store.write(lambda connection: connection.execute(broken))
    bench.worker.work_off()
    assert [bench.get(id).status for id in (bad, good)] == ["Error", "Complete"]
    assert "the workflow 'gone' cannot be used" in messages(bench.get(bad))[1]
    assert bench.kept() == []


def test_racing_workers_run_each_job_once(bench: Bench) -> None:
    ids = [bench.create(content_id=str(number)) for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: bench.worker.work_off(), range(4)))
    found = [bench.get(id) for id in ids]
    assert {job.status for job in found} == {"Complete"}
    assert len({job.review_id for job in found}) == 20
    assert bench.desk.run(lambda ctx: reviews.counts(ctx, None, None)).total == 20


# Requests -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"workflow": "nowhere"}, NotFound, "no workflow 'nowhere'"),
        (
            {"type": "Text", "content": "hi"},
            BadRequest,
            "ContentType: the workflow 'mine' is for content of type Image",
        ),
        ({"content": "cat.jpg"}, BadRequest, "ContentValue: 'cat.jpg' is no address"),
        ({"content": "media:0000"}, NotFound, "no picture '0000'"),
        ({"content": b"no picture"}, BadPicture, "not a picture"),
        ({"content_id": " "}, BadRequest, "ContentId: it is empty"),
        ({"callback_endpoint": "nobody"}, BadRequest, "CallBackEndpoint: 'nobody' is no address"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_job_that_cannot_be_run_is_refused(
    bench: Bench, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message.replace("(", r"\(")):
        bench.create(**changes)
    assert bench.kept() == []


def test_text_beyond_the_vendors_limit_is_refused(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("text.HasProfanity")), type="Text", name="texts")
    with pytest.raises(BadRequest, match=r"1,025 characters; the most is 1,024"):
        bench.create("x" * 1025, type="Text", workflow="texts")


def test_another_teams_job_is_not_there(bench: Bench) -> None:
    id = bench.create()
    with pytest.raises(NotFound, match="no job"):
        bench.desk.run(lambda ctx: jobs.get(replace(ctx, actor=replace(ctx.actor, team="other")), id))


def test_job_id_tells_the_month(bench: Bench) -> None:
    id = bench.create()
    assert id.startswith(f"{bench.desk.clock():%Y%m}")
    assert len(id) == 38


# Callbacks ------------------------------------------------------------------------------------------------------------


def test_end_of_a_job_is_told_once_and_noted_in_its_report(bench: Bench) -> None:
    with CallbackSink() as sink:
        id = bench.create(callback_endpoint=f"{sink.url}?route=7", content_id="cat.jpg")
        bench.worker.tick()
        bench.desk.clock.advance(1000)
        bench.worker.tick()
        job = bench.get(id)
        assert messages(job)[0] == f"Posted results to the Callbackendpoint: {sink.url}?route=7"
        assert sink.paths == ["/callback?route=7"]
    (notice,) = sink.received
    assert {key: value for key, value in notice.items() if key != "Metadata"} == {
        "JobId": id,
        "ReviewId": job.review_id,
        "WorkFlowId": "mine",
        "Status": "Complete",
        "ContentType": "Image",
        "CallBackType": "Job",
        "ContentId": "cat.jpg",
    }
    assert notice["Metadata"]["adultscore"] == "0.988"


def test_job_that_ends_as_error_is_told_too(desk: Desk) -> None:
    with CallbackSink() as sink:
        bench = Bench(desk, {})
        bench.create(workflow="default", callback_endpoint=sink.url)
        bench.worker.tick()
    assert [(notice["Status"], notice["ReviewId"]) for notice in sink.received] == [("Error", "")]


def test_callback_of_the_workflow_is_the_reviews_and_the_jobs_own_stays_the_jobs(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("isAdult"), (CreateReview(callback_endpoint="https://x.org/review"),)))
    job = bench.run(callback_endpoint="https://x.org/job")
    assert bench.review(job).callback_endpoint == "https://x.org/review"
    (attempt,) = bench.desk.run(callbacks.listing)[0]
    assert (attempt.endpoint, attempt.job_id, attempt.review_id) == ("https://x.org/job", job.id, "")


def test_callback_that_fails_is_tried_again(bench: Bench) -> None:
    with CallbackSink() as sink:
        sink.status = 500
        id = bench.create(callback_endpoint=sink.url)
        bench.worker.tick()
        sink.status = 200
        assert not any("Posted" in message for message in messages(bench.get(id)))
        bench.desk.clock.advance(WAITS_SECONDS[0] * (1 + SPREAD))
        bench.worker.tick()
        assert messages(bench.get(id))[0].startswith("Posted")
    assert len(sink.received) == 2


def test_trail_tells_who_made_a_job_and_how_it_ended(bench: Bench) -> None:
    job = bench.run()
    assert bench.desk.actions(job.id) == ["create_job", "end_job"]
