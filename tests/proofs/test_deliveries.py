"""The proof of deliveries, small; and that it finds each fault that is planted for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from .deliveries import Promise, faults, prove
from .receiver import Arrival

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = json.dumps({"ReviewId": "r1", "ReviewerResultTags": {"r": "True"}}).encode()
GOOD = Arrival(NOW, "c1", BODY, genuine=True, behaviour="good")
PROMISE = Promise({"r1": ("True", NOW)})
TOLD = {"c1": "delivered"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_callback_arrives_though_its_sender_is_killed(kind: str) -> None:
    outcome = prove(60, 1, kind)
    assert outcome.faults == []
    assert (outcome.kills, outcome.arrivals >= outcome.completions) == (1, True)


def test_nothing_is_wrong_with_what_came_as_it_should() -> None:
    assert faults(PROMISE, [replace(GOOD, behaviour="reset"), GOOD], TOLD) == []


@pytest.mark.parametrize(
    ("arrivals", "told", "said"),
    [
        ([], {}, "never told"),
        ([replace(GOOD, behaviour="busy")], TOLD, "never told"),
        ([GOOD], {"c1": "failed"}, "left failed"),
        ([GOOD, replace(GOOD, body=BODY + b" ")], TOLD, "two bodies"),
        ([GOOD, replace(GOOD, id="c2")], TOLD, "2 ids"),
        ([replace(GOOD, at=NOW - timedelta(microseconds=1)), GOOD], TOLD, "before its undo window"),
        ([GOOD, replace(GOOD, genuine=False)], TOLD, "no right signature"),
        ([GOOD, replace(GOOD, id="c2", body=BODY.replace(b"True", b"False"))], TOLD, "taken back was told"),
        ([GOOD, replace(GOOD, id="c2", body=BODY.replace(b"r1", b"r2"))], TOLD, "nobody decided"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_planted_fault_is_found(arrivals: list[Arrival], told: dict[str, str], said: str) -> None:
    promise = Promise(PROMISE.decided, {("r1", "False")})
    assert any(said in fault for fault in faults(promise, arrivals, told))
