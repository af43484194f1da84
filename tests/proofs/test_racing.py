"""Reviewers who race for the same reviews never share one, whoever is killed; and the race would notice."""

from __future__ import annotations

import pytest

from . import racing


@pytest.mark.parametrize(("kind", "services"), [("sqlite", 1), ("postgresql", 2)])
def test_no_review_is_in_two_leases_whoever_is_killed(kind: str, services: int) -> None:
    told = racing.run(kind, checkouts=160, reviewers=2, services=services, every=60, reviews=15)
    assert told["checkouts"] > 100
    assert (told["twice in the trail"], told["twice in what reviewers saw"]) == (0, 0)


def test_two_who_see_one_review_at_one_moment_are_noticed() -> None:
    first, second = ["l1", 1.0, 3.0, 9.0, ["r1"]], ["l2", 2.0, None, 9.0, ["r1", "r2"]]
    assert racing.in_sight([first, second]) == 1
    assert racing.in_sight([["l1", 1.0, None, 9.0, ["r1"]], ["l1", 1.0, 2.0, 9.0, ["r1"]], second]) == 0
