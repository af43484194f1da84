"""Threads that send callbacks: slow receivers delay nobody else, several processes share, a stop loses nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from cmtools.errors import StoreError
from cmtools.outgoing.outbound import Outbound, Receipt
from cmtools.service import callbacks, submissions
from cmtools.service.delivery import Delivery

from .conftest import Desk

PATIENCE = 30


class Receivers(Outbound):
    """Stands in for the world: answers at once, but for hosts that hang until they are let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.calls: list[str] = []
        self.under_way: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.fault: Callable[[str], None] = lambda url: None
        self._door = threading.Lock()
        self.news = threading.Condition(self._door)

    def post_json(self, url: str, body: bytes, headers: dict[str, str]) -> Receipt:
        host = url.split("/")[2]
        with self._door:
            self.under_way[host] = self.under_way.get(host, 0) + 1
            self.most[host] = max(self.most.get(host, 0), self.under_way[host])
            self.calls.append(host)
            self.news.notify_all()
        try:
            self.fault(url)
            if host.startswith("hangs"):
                self.let_go.wait(PATIENCE)
            return Receipt(200)
        finally:
            with self._door:
                self.under_way[host] -= 1

    def wait_for(self, done: Callable[[], bool]) -> bool:
        with self.news:
            return self.news.wait_for(done, PATIENCE)


@pytest.fixture
def world() -> Iterator[Receivers]:
    receivers = Receivers()
    yield receivers
    receivers.let_go.set()


@pytest.fixture
def start(desk: Desk, world: Receivers) -> Iterator[Callable[[], Delivery]]:
    started: list[Delivery] = []

    def begin(threads: int = 8) -> Delivery:
        settings = desk.settings.model_copy(update={"callback_threads": threads})
        started.append(Delivery(desk.store, world, settings, desk.clock))
        started[-1].start()
        return started[-1]

    yield begin
    world.let_go.set()
    for each in started:
        each.stop(PATIENCE)


def decide(desk: Desk, *hosts: str, each: int = 1) -> None:
    """Let the reviews of these hosts be decided for good, the first host's first."""
    for host in hosts:
        desk.create(each, callback_endpoint=f"http://{host}/x")
        desk.submit(desk.checkout(1000))
        desk.pass_time(5)


def states(desk: Desk) -> list[str]:
    return [row.state for row in desk.run(callbacks.listing)[0]]


def settled(desk: Desk, world: Receivers, delivery: Delivery, count: int) -> list[str]:
    """The states once so many calls were made and recorded."""
    assert world.wait_for(lambda: len(world.calls) >= count)
    world.let_go.set()
    delivery.stop(PATIENCE)
    return states(desk)


def test_receivers_that_hang_delay_no_other(desk: Desk, world: Receivers, start: Callable[..., Delivery]) -> None:
    decide(desk, "quick.org", *(f"hangs{n}.org" for n in range(10)))
    delivery = start(8)
    delivery.call()
    assert world.wait_for(lambda: "quick.org" in world.calls), "it waited longest"
    assert world.wait_for(lambda: sum(host.startswith("hangs") for host in world.calls) == 4), "half of the threads"
    decide(desk, "quick.org", each=20)
    delivery.call()
    assert world.wait_for(lambda: world.calls.count("quick.org") == 21)
    assert sum(host.startswith("hangs") for host in world.calls) == 4


def test_one_receiver_has_no_more_under_way_than_is_set(
    desk: Desk, world: Receivers, start: Callable[..., Delivery]
) -> None:
    decide(desk, "quick.org", each=60)
    delivery = start(8)
    delivery.call()
    assert settled(desk, world, delivery, 60) == ["delivered"] * 60
    assert 1 <= world.most["quick.org"] <= desk.settings.callback_threads_per_receiver


def test_several_senders_send_each_callback_once(desk: Desk, world: Receivers, start: Callable[..., Delivery]) -> None:
    decide(desk, "quick.org", "b.org", each=50)
    deliveries = [start(4), start(4)]
    for delivery in deliveries:
        delivery.call()
    assert world.wait_for(lambda: len(world.calls) >= 100)
    for delivery in deliveries:
        delivery.stop(PATIENCE)
    assert states(desk) == ["delivered"] * 100
    assert len(world.calls) == 100
    assert max(world.most.values()) <= desk.settings.callback_threads_per_receiver


def test_stop_waits_for_what_is_under_way_and_records_it(
    desk: Desk, world: Receivers, start: Callable[..., Delivery]
) -> None:
    decide(desk, "hangs.org", each=2)
    delivery = start()
    delivery.call()
    assert world.wait_for(lambda: len(world.calls) == 1)
    stopping = threading.Thread(target=delivery.stop, args=(PATIENCE,))
    stopping.start()
    world.let_go.set()
    stopping.join(PATIENCE)
    assert sorted(states(desk)) == ["delivered", "waiting"], "nothing more was taken"


def test_unforeseen_fault_of_one_callback_leaves_the_others_alone(
    desk: Desk, world: Receivers, start: Callable[..., Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    def fault(url: str) -> None:
        if "odd" in url:
            raise RuntimeError("nobody thought of this")

    world.fault = fault
    decide(desk, "odd.org", "quick.org")
    delivery = start()
    with caplog.at_level(logging.CRITICAL):
        delivery.call()
        assert sorted(settled(desk, world, delivery, 2)) == ["delivered", "waiting"]
    (odd,) = desk.run(lambda ctx: callbacks.listing(ctx, "waiting"))[0]
    assert odd.answer == "unforeseen (RuntimeError); the service's log has more"


def test_outcome_that_the_database_refused_is_recorded_later(
    desk: Desk, world: Receivers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide(desk, "quick.org")
    delivery = Delivery(desk.store, world, desk.settings, desk.clock)
    delivery._send(delivery._exchange()[0])
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "write", _refused)
        with pytest.raises(StoreError):
            delivery.deliver_all()
    desk.clock.advance(1000)
    delivery.deliver_all()
    assert states(desk) == ["delivered"]
    assert len(world.calls) == 1


def _refused(work: object) -> object:
    raise StoreError("no database")


def test_nothing_is_sent_for_a_submission_that_nobody_has_finalised(desk: Desk, world: Receivers) -> None:
    desk.create(1, callback_endpoint="http://quick.org/x")
    desk.submit(desk.checkout())
    desk.clock.advance(60)
    delivery = Delivery(desk.store, world, desk.settings, desk.clock)
    delivery.deliver_all()
    assert world.calls == []
    desk.run(submissions.finalise)
    delivery.deliver_all()
    assert world.calls == ["quick.org"]
