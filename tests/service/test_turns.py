"""Whose turn it is: receivers that answer never wait for those that do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cmtools.service.turns import SLOW_SECONDS, Turns
from cmtools.store.callbacks import Queue

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def queue(name: str, in_hand: int = 0, waits: float = 0) -> Queue:
    return Queue(name, NOW - timedelta(seconds=waits), in_hand)


def quick(turns: Turns, *names: str) -> None:
    for name in names:
        turns.answered(name, 0.01)


def test_receiver_of_which_nothing_is_known_is_sent_one() -> None:
    assert Turns(8, 4).shares([queue("a")], {}) == {"a": 1}


def test_quick_receiver_is_sent_as_many_as_one_may_have() -> None:
    turns = Turns(8, 4)
    quick(turns, "a")
    assert turns.shares([queue("a")], {}) == {"a": 4}
    assert turns.shares([queue("a", in_hand=3)], {"a": 3}) == {"a": 1}
    assert turns.shares([queue("a", in_hand=4)], {"a": 4}) == {}


def test_what_other_processes_have_under_way_counts() -> None:
    turns = Turns(8, 4)
    quick(turns, "a")
    assert turns.shares([queue("a", in_hand=4)], {}) == {}


def test_threads_are_shared_evenly_and_never_more_than_there_are() -> None:
    turns = Turns(4, 4)
    quick(turns, "a", "b", "c")
    assert sum(turns.shares([queue("a"), queue("b"), queue("c")], {}).values()) == 4
    assert sorted(turns.shares([queue("a"), queue("b")], {}).values()) == [2, 2]


def test_slow_receivers_hold_half_of_the_threads_at_most() -> None:
    turns = Turns(8, 4)
    slow = [f"s{n}" for n in range(20)]
    for name in slow:
        turns.answered(name, 10)
    quick(turns, "a")
    shares = turns.shares([*(queue(name, waits=99) for name in slow), queue("a")], {})
    assert sum(shares[name] for name in slow if name in shares) == 4
    assert shares["a"] == 4
    assert turns.shares([queue(name) for name in slow], dict.fromkeys(slow[:4], 1)) == {}


def test_slow_receivers_come_in_turn() -> None:
    turns = Turns(2, 2)
    queues = [queue("s1", waits=9), queue("s2", waits=5), queue("s3")]
    served = [next(iter(turns.shares(queues, {}))) for _ in range(4)]
    assert served == ["s1", "s2", "s3", "s1"]


def test_receiver_that_has_become_quick_again_is_known_for_it() -> None:
    turns = Turns(8, 4)
    turns.answered("a", 4 * SLOW_SECONDS)
    assert turns.shares([queue("a")], {}) == {"a": 1}
    for _ in range(10):
        turns.answered("a", 0.01)
    assert turns.shares([queue("a")], {}) == {"a": 4}


def test_one_late_answer_among_many_does_not_make_a_receiver_slow() -> None:
    turns = Turns(8, 4)
    for _ in range(10):
        turns.answered("a", 0.01)
    turns.answered("a", 2 * SLOW_SECONDS)
    assert turns.shares([queue("a")], {}) == {"a": 4}


def test_single_thread_serves_everybody_in_turn() -> None:
    turns = Turns(1, 1)
    quick(turns, "a")
    assert turns.shares([queue("a"), queue("s")], {}) in ({"a": 1}, {"s": 1})
    assert turns.shares([queue("a"), queue("s")], {"s": 1}) == {}
