"""How often and how long a call is tried, and when none is sent. No cloud and no network is needed for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest

from cmtools.outgoing.outbound import Answer, NotCalled, Refused, Unanswered
from cmtools.taggers.patience import FAILURES_IN_A_ROW, MOST_TRIES, SHUT_SECONDS, CallError, Patience
from cmtools.testing import ManualClock

GOOD = Answer(200, {}, b"")


class Line:
    """Answers with what it is given, in order, then well; keeps when it was called and for how long was slept."""

    def __init__(self, *replies: Answer | Exception) -> None:
        self.clock = ManualClock()
        self.start = self.clock()
        self.replies = list(replies)
        self.calls: list[float] = []
        self.patience = Patience(now=self.clock, sleep=self.clock.advance)

    def __call__(self) -> Answer:
        self.calls.append((self.clock() - self.start).total_seconds())
        reply = self.replies.pop(0) if self.replies else GOOD
        if isinstance(reply, Exception):
            raise reply
        return reply

    def answer(self) -> Answer:
        return self.patience.answer(self, _never)


def _never(seconds: float) -> None:
    raise AssertionError("the sleep that was given is the one to use")


def asks_to_wait(seconds: str) -> Answer:
    return Answer(429, {"retry-after": seconds}, b"")


def test_waits_double() -> None:
    line = Line(*[Answer(500, {}, b"")] * 4)
    assert line.answer() is GOOD
    assert line.calls == [0, 1, 3, 7, 15]


def test_rest_that_is_asked_for_is_kept_when_it_is_longer() -> None:
    line = Line(asks_to_wait("9"), Unanswered("away"))
    assert line.answer() is GOOD
    assert line.calls == [0, 9, 11]


def test_rest_may_be_a_date() -> None:
    line = Line()
    line.replies.append(asks_to_wait(format_datetime(line.clock() + timedelta(seconds=30), usegmt=True)))
    assert line.answer() is GOOD
    assert line.calls == [0, 30]


@pytest.mark.parametrize("said", ["", "soon", "-1", "Mon, 99 Foo"])
def test_rest_that_cannot_be_read_is_as_none(said: str) -> None:
    line = Line(asks_to_wait(said))
    assert line.answer() is GOOD
    assert line.calls == [0, 1]


def test_waits_are_bounded_in_all() -> None:
    line = Line(*[asks_to_wait("25")] * 9)
    with pytest.raises(CallError, match="it answered 429; the next try would have to wait 25 seconds"):
        line.answer()
    assert line.calls == [0, 25, 50]


def test_rest_that_one_call_is_asked_for_is_kept_by_the_next() -> None:
    line = Line(asks_to_wait("3600"))
    for _ in range(2):
        with pytest.raises(CallError, match="wait 3600 seconds"):
            line.answer()
    line.clock.advance(3590)
    assert line.answer() is GOOD
    assert line.calls == [0, 3600]


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 413, 415, 422, 501])
def test_other_answers_are_final(status: int) -> None:
    line = Line(Answer(status, {}, b""))
    assert line.answer().status == status
    assert line.calls == [0]


def test_tries_end_and_the_error_says_what_came_last() -> None:
    line = Line(*[Answer(500, {}, b"")] * (MOST_TRIES - 1), Unanswered("https://x.test did not answer in time"))
    with pytest.raises(CallError, match=rf"^https://x\.test did not answer in time, {MOST_TRIES} times$"):
        line.answer()
    assert len(line.calls) == MOST_TRIES


@pytest.mark.parametrize(
    ("last", "each_alone"), [(Answer(500, {}, b""), True), (Answer(429, {}, b""), False), (Unanswered("x"), False)]
)
def test_items_are_asked_about_alone_only_where_one_may_be_at_fault(last: Answer | Exception, each_alone: bool) -> None:
    with pytest.raises(CallError) as caught:
        Line(*[last] * MOST_TRIES).answer()
    assert caught.value.each_alone is each_alone


def test_answer_that_is_refused_here_is_not_asked_for_again() -> None:
    line = Line(Refused("the answer has more than 4 MB"))
    with pytest.raises(CallError, match="more than 4 MB"):
        line.answer()
    assert line.answer() is GOOD
    assert line.calls == [0, 0]


def _shut_by_hand(line: Line) -> None:
    line.patience.shut("no key")


def _shut_by_address(line: Line) -> None:
    line.replies.append(NotCalled("x"))
    with pytest.raises(CallError):
        line.answer()


def _shut_by_failures(line: Line) -> None:
    line.replies += [Unanswered("away")] * (MOST_TRIES * FAILURES_IN_A_ROW)
    for _ in range(FAILURES_IN_A_ROW):
        with pytest.raises(CallError, match="away"):
            line.answer()


@pytest.mark.parametrize("shut", [_shut_by_hand, _shut_by_address, _shut_by_failures])
def test_nothing_is_sent_for_a_while_when_it_is_shut(shut: Callable[[Line], None]) -> None:
    line = Line()
    shut(line)
    calls = len(line.calls)
    line.clock.advance(SHUT_SECONDS - 1)
    with pytest.raises(CallError) as caught:
        line.answer()
    assert not caught.value.each_alone
    assert len(line.calls) == calls
    line.clock.advance(1)
    assert line.answer() is GOOD


def test_answer_of_any_kind_ends_a_row_of_failures() -> None:
    line = Line()
    for _ in range(FAILURES_IN_A_ROW + 1):
        line.replies += [Unanswered("away")] * MOST_TRIES + [Answer(400, {}, b"")]
        with pytest.raises(CallError, match="away"):
            line.answer()
        assert line.answer().status == 400


def test_sleep_is_the_callers_unless_one_is_given() -> None:
    clock = ManualClock()
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds)

    replies = iter([Answer(503, {}, b""), GOOD])
    assert Patience(now=clock).answer(lambda: next(replies), pause) is GOOD
    assert waits == [1.0]
