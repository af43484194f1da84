"""Asking about many items: one at fault is found, some batches are in work together, and never more than said."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cmtools.errors import BadPicture, BadTagger
from cmtools.taggers.asking import MOST_OF_A_REASON, Raised, ask, at_once


def test_call_that_raises_is_asked_again_one_by_one() -> None:
    asked: list[list[int]] = []

    def halves(numbers: list[int]) -> list[float]:
        asked.append(numbers)
        return [1 / number for number in numbers]

    answers = ask(halves, [1, 0, 4])
    assert asked == [[1, 0, 4], [1], [0], [4]]
    assert answers[::2] == [1.0, 0.25]
    assert isinstance(answers[1], Raised)
    assert isinstance(answers[1].error, ZeroDivisionError)


def test_call_that_works_is_asked_once() -> None:
    asked: list[list[int]] = []
    assert ask(lambda numbers: asked.append(numbers) or numbers, [1, 2, 3]) == [1, 2, 3]
    assert asked == [[1, 2, 3]]


def test_error_of_cmtools_goes_through_and_one_of_a_picture_does_not() -> None:
    def fail(error: Exception) -> None:
        raise error

    with pytest.raises(BadTagger, match="wrong key"):
        ask(lambda _: fail(BadTagger("wrong key")), [1, 2])
    (answer,) = ask(lambda _: fail(BadPicture("it is damaged")), [1])
    assert isinstance(answer, Raised)
    assert answer.reason == "it is damaged"


def test_interrupt_goes_through() -> None:
    def interrupted(items: list[int]) -> list[int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(interrupted, [1, 2])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no\n  model"), "the tagger failed: ValueError: no model"),
        (ValueError(), "the tagger failed: ValueError"),
        (ValueError("x" * 1000), "the tagger failed: ValueError: " + "x" * MOST_OF_A_REASON + "…"),
    ],
)
def test_reason_is_one_short_line(error: Exception, reason: str) -> None:
    assert Raised(error).reason == reason


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_keep_the_order_of_the_items(workers: int) -> None:
    assert list(at_once(lambda number: number * 2, range(50), workers)) == list(range(0, 100, 2))


def test_as_many_are_in_work_together_as_there_are_workers() -> None:
    together = threading.Barrier(3, timeout=30)  # breaks unless three are in work at the same time
    assert list(at_once(lambda number: (together.wait(), number)[1], range(9), 3)) == list(range(9))


def test_one_worker_is_the_callers_own_thread() -> None:
    assert set(at_once(lambda _: threading.get_ident(), range(5), 1)) == {threading.get_ident()}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_items_are_taken_only_just_ahead_of_the_results(workers: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    for done, _ in enumerate(at_once(abs, items(), workers), start=1):
        assert len(taken) - done <= workers


def test_what_was_not_begun_is_dropped_when_the_caller_stops() -> None:
    worked: list[int] = []
    before = threading.active_count()
    results = at_once(worked.append, iter(range(1000)), 2)
    next(results)
    results.close()
    assert len(worked) <= 3
    assert threading.active_count() == before


def test_error_comes_where_its_item_stands_and_ends_the_work() -> None:
    results = at_once(lambda number: 1 / number, [2, 1, 0, 4], 2)
    assert [next(results), next(results)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)
