"""Generated requests: every operation of the document, in all ways that Schemathesis has, against a real service."""

from __future__ import annotations

import pytest

from .campaign import Outcome, campaign
from .world import world

LEAST = 2_000
EXAMPLES = 6
"""Random requests for each operation; with the enumerated ones they are well above `LEAST`."""


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    with world() as service:
        return campaign(service, EXAMPLES, quick=True)


def test_no_generated_request_is_answered_otherwise_than_documented(outcome: Outcome) -> None:
    assert outcome.report["errors"] == [], outcome.said
    assert outcome.report["failures"] == [], outcome.said
    assert outcome.code == 0, outcome.said


def test_at_least_two_thousand_requests_were_judged(outcome: Outcome) -> None:
    assert outcome.generated >= LEAST, outcome.said


def test_every_operation_took_part_in_every_phase(outcome: Outcome) -> None:
    operations = outcome.report["operations"]
    assert (operations["selected"], operations["tested"]) == (operations["total"], operations["total"])
    assert {phase["status"] for phase in outcome.report["phases"].values()} == {"success"}
