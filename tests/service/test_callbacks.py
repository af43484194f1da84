"""Callers are told of decisions: after the undo window, never of undone ones, again until it arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools.model import CallbackAttempt
from cmtools.service import callbacks
from cmtools.service.callbacks import Parcel
from cmtools.service.media import Media
from cmtools.service.outbound import Outbound
from cmtools.service.retries import SPREAD, WAITS_SECONDS
from cmtools.service.worker import Worker
from cmtools.testing import CallbackSink

from .conftest import Desk


@pytest.fixture
def sink() -> Iterator[CallbackSink]:
    with CallbackSink() as sink:
        yield sink


def tick(desk: Desk, seconds: float = 0) -> None:
    desk.clock.advance(seconds)
    settings = desk.settings.model_copy(update={"allow_loopback": True})
    Worker(desk.store, Media("memory://callbacks"), Outbound(settings), settings, desk.clock).tick()


def attempts(desk: Desk) -> list[CallbackAttempt]:
    return desk.run(callbacks.listing)[0]


def take(desk: Desk, count: int = 10) -> list[Parcel]:
    """What a sender would have in hand."""
    return desk.run(lambda ctx: callbacks.claim(ctx, lambda queues: dict.fromkeys([q.receiver for q in queues], count)))


def test_caller_is_told_when_the_undo_window_closes_and_not_before(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=f"{sink.url}?kind=cat&x=1", metadata=(("sc", "true"), ("sc", "false")))
    desk.submit(desk.checkout(), {id: {"r": True}})
    decided = desk.clock()
    tick(desk, 4.999)
    assert sink.received == []

    tick(desk, 0.001)
    tick(desk, 100)

    assert sink.received == [
        {
            "ReviewId": id,
            "ModifiedOn": decided.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "ModifiedBy": "ana",
            "CallBackType": "Review",
            "ContentId": "0",
            "ContentType": "Image",
            "Metadata": {"sc": "false"},
            "ReviewerResultTags": {"a": "False", "r": "True"},
        }
    ]
    assert sink.paths == ["/callback?kind=cat&x=1"]
    assert [(row.state, row.tries) for row in attempts(desk)] == [("delivered", 1)]


def test_nobody_is_told_of_what_was_taken_back(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=sink.url)
    lease = desk.checkout()
    desk.undo(desk.submit(lease, {id: {"a": True}}))
    tick(desk, 10)
    assert sink.received == []

    desk.submit(lease, {id: {"a": False}})
    tick(desk, 5)
    assert [body["ReviewerResultTags"]["a"] for body in sink.received] == ["False"]
    assert sorted(row.state for row in attempts(desk)) == ["cancelled", "delivered"]


def test_failed_delivery_is_tried_again_later_under_the_same_id(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = 500
    tick(desk, 5)
    tick(desk, 4.9)
    assert len(sink.received) == 1, "the second try comes at least five seconds after the first"
    sink.status = 204
    tick(desk, 5 * SPREAD)
    tick(desk, 1000)
    assert len(sink.received) == 2
    assert len({headers["webhook-id"] for headers in sink.headers}) == 1
    assert [(row.state, row.tries, row.answer) for row in attempts(desk)] == [("delivered", 2, "status 204")]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_nothing_but_2xx_is_success(desk: Desk, sink: CallbackSink, status: int) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = status
    tick(desk, 5)
    assert [(row.state, row.answer) for row in attempts(desk)] == [("waiting", f"status {status}")]


def test_receiver_that_never_answers_well_is_given_up_in_the_end(desk: Desk) -> None:
    desk.create(1, callback_endpoint="http://127.0.0.1:9/closed")
    desk.submit(desk.checkout())
    tick(desk, 5)
    for wait in WAITS_SECONDS:
        assert attempts(desk)[0].state == "waiting"
        tick(desk, wait * (1 + SPREAD))
    (last,) = attempts(desk)
    assert (last.state, last.tries) == ("failed", len(WAITS_SECONDS) + 1)
    assert "cannot be reached" in last.answer


def test_a_worker_that_dies_after_claiming_loses_nothing(desk: Desk, sink: CallbackSink) -> None:
    desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    desk.pass_time(5)
    assert len(take(desk)) == 1  # and then this worker is gone
    tick(desk)
    assert sink.received == []
    tick(desk, callbacks.claim_seconds(desk.settings))
    assert len(sink.received) == 1


def test_failing_receiver_is_on_the_trail(desk: Desk, sink: CallbackSink) -> None:
    (id,) = desk.create(1, callback_endpoint=sink.url)
    desk.submit(desk.checkout())
    sink.status = 503
    tick(desk, 5)
    assert desk.actions(id)[-1] == "callback"
    assert attempts(desk)[0].tried_at == desk.clock()
    assert attempts(desk)[0].due_at == desk.clock()
