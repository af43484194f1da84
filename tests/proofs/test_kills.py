"""The proof of kills, small; and that it finds the faults that are planted for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from .kills import prove
from .ledger import Ledger, Records, Sent, faults
from .nursery import Nursery

TRAIL = [
    ("create", "r1", ""),
    ("checkout", "r1", "l1"),
    ("change", "r1", ""),
    ("submit", "r1", "s1"),
]
GOOD = Records(
    {"r1": ("0-0", "Submitted", "l1", "s1")},
    {"l1": "submitted"},
    {},
    {"s1": "open"},
    {("s1", "r1"): {"a": True, "r": False}},
    {("s1", "r1"): ["waiting"]},
    TRAIL,
    [],
)
UNDONE = replace(
    GOOD,
    reviews={"r1": ("0-0", "Leased", "l1", None)},
    leases={"l1": None},
    submissions={"s1": "undone"},
    outbox={("s1", "r1"): ["cancelled"]},
    events=[*TRAIL, ("undo", "r1", "s1")],
)


def promised(undone: str = "no", switched: bool = False) -> Ledger:
    told = [*TRAIL, ("undo", "r1", "s1")] if undone == "yes" else TRAIL
    toggles = {"l1": {"r1": True}} if switched else {}
    return Ledger({"r1": "0-0"}, {"0-0"}, {"s1": Sent("l1", {"r1": {"a": True}}, undone)}, toggles, Counter(told))


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_a_killed_service_acknowledged_is_there_once(nursery: Nursery, kind: str) -> None:
    outcome = prove(nursery, 2, kind)
    assert outcome.faults == []
    assert (outcome.kills >= 2, outcome.acknowledged > 0) == (True, True)


@pytest.mark.parametrize(
    ("kind", "mutant", "said"),
    [
        ("sqlite", "answer_before_commit", "was acknowledged"),
        ("sqlite", "no_lease", "two l"),
        ("postgresql", "lost_outbox_row", "the outbox has"),  # nothing, or what should have been cancelled by an undo
    ],
)
def test_planted_mutant_is_noticed(nursery: Nursery, kind: str, mutant: str, said: str) -> None:
    found = prove(nursery, 30, kind, mutant).faults
    assert [fault for fault in found if said in fault], found


def test_nothing_is_wrong_with_what_is_as_it_should_be() -> None:
    assert faults(promised(), GOOD) == []
    assert faults(promised("asked"), GOOD) == []
    assert faults(promised("asked"), UNDONE) == []
    assert faults(promised("yes", switched=True), replace(UNDONE, toggles={"r1": True})) == []


@pytest.mark.parametrize(
    ("ledger", "records", "changes", "said"),
    [
        (promised(), GOOD, {"reviews": {}}, "review r1 was acknowledged and is lost"),
        (promised(), GOOD, {"reviews": {**GOOD.reviews, "r2": GOOD.reviews["r1"]}}, "created 2 times"),
        (promised(), GOOD, {"events": TRAIL[:3]}, "'submit', 'r1', 's1') was acknowledged and is lost"),
        (promised(), GOOD, {"events": [*TRAIL, TRAIL[2]]}, "'change', 'r1', '') is there 2 times"),
        (promised(), GOOD, {"events": TRAIL[1:]}, "has no event"),
        (promised(), GOOD, {"submissions": {}}, "submission s1 was acknowledged (taken back: no) and is lost"),
        (promised(), UNDONE, {}, "(taken back: no) and is undone"),
        (promised("yes"), GOOD, {}, "(taken back: yes) and is open"),
        (promised("yes", switched=True), UNDONE, {}, "the toggle of review r1"),
        (promised(), GOOD, {"answers": {}}, "the answers of submission s1"),
        (promised(), GOOD, {"answers": {**GOOD.answers, ("s2", "r1"): {}}}, "decided 2 times"),
        (promised(), GOOD, {"outbox": {}}, "the outbox has []"),
        (promised(), GOOD, {"outbox": {("s1", "r1"): ["waiting", "waiting"]}}, "'waiting', 'waiting'"),
        (promised("yes"), UNDONE, {"outbox": {("s1", "r1"): ["waiting"]}}, "the outbox has ['waiting']"),
        (promised(), GOOD, {"outbox": {**GOOD.outbox, ("s9", "r1"): ["waiting"]}}, "which nobody decided"),
        (promised("yes"), UNDONE, {"leases": {"l1": "expired"}}, "which has ended"),
        (promised(), GOOD, {"events": [*TRAIL[:2], ("checkout", "r1", "l2"), *TRAIL[2:]]}, "given to two leases"),
        (promised(), GOOD, {"damage": ["row 3 missing from index"]}, "integrity check: row 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_planted_fault_is_found(ledger: Ledger, records: Records, changes: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(ledger, replace(records, **changes)))


def test_two_who_see_one_review_at_one_moment_are_noticed() -> None:
    ledger = promised()
    ledger.spans["r1"] = [(1.0, 3.0, "l1"), (2.0, 4.0, "l2"), (4.5, 5.0, "l1")]
    assert faults(ledger, GOOD) == ["review r1 was in two live leases, l1 and l2"]
