"""What goes on in a team, in figures: each is checked against a story that was just told to the service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cmtools import Client, Draft
from cmtools.errors import Forbidden
from cmtools.model import Activity, Lease, ReviewerActivity, Submission, TagActivity
from cmtools.testing import RunningService, running_service

DRAFTS = [
    Draft("one", "1", "Text", (("a", "True"), ("r", "False"))),
    Draft("two", "2", "Text", (("a", "true"), ("R", "yes"))),
    Draft("three", "3", "Text"),
]


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as service:
        yield service


@pytest.fixture
def ana(service: RunningService) -> Iterator[Client]:
    with service.client("ana") as client:
        client.create_reviews(DRAFTS, progress=False)
        yield client


def decide(client: Client, lease: Lease, last: dict[str, bool] | None = None) -> Submission:
    answers: dict[str, dict[str, bool]] = {review.id: {} for review in lease.reviews}
    return client.submit(lease, {**answers, lease.reviews[-1].id: last or {}})


def of(figures: Activity, reviewer: str) -> ReviewerActivity:
    return next(each for each in figures.reviewers if each.reviewer == reviewer)


def used(figures: Activity, tag: str) -> TagActivity:
    return next(each for each in figures.tags if each.tag == tag)


def test_queue_is_counted_by_type_subteam_and_state(ana: Client) -> None:
    ana.checkout(count=1, type="Text")
    (queue,) = ana.activity().queues
    assert (queue.type, queue.subteam, queue.counts.pending, queue.counts.leased) == ("Text", "public", 2, 1)


def test_auto_tags_of_waiting_reviews_are_counted(ana: Client) -> None:
    figures = ana.activity()
    assert (used(figures, "a").pending, used(figures, "r").pending) == (2, 1)


def test_leased_and_parked_reviews_are_in_hand(ana: Client) -> None:
    lease = ana.checkout(count=2, type="Text")
    ana.hold(lease, [lease.reviews[0].id])
    assert of(ana.activity(), "ana") == ReviewerActivity("ana", pending=2)


def test_open_submission_counts_today_but_is_not_complete(ana: Client) -> None:
    decide(ana, ana.checkout(count=2, type="Text"))
    figures = ana.activity()
    assert of(figures, "ana") == ReviewerActivity("ana", pending=2, today=2)
    assert (figures.reviewer, figures.today) == ("ana", 2)


def test_undone_submission_does_not_count(ana: Client) -> None:
    ana.undo(decide(ana, ana.checkout(count=3, type="Text")))
    figures = ana.activity()
    assert (figures.today, of(figures, "ana").complete) == (0, 0)


def test_final_submission_is_complete_with_its_tags(service: RunningService, ana: Client) -> None:
    decide(ana, ana.checkout(count=3, type="Text"), {"r": True})
    service.advance(10)
    figures = ana.activity()
    assert of(figures, "ana") == ReviewerActivity("ana", complete=3, today=3)
    assert used(figures, "a") == TagActivity("a", 0, 3, 2)
    assert used(figures, "r") == TagActivity("r", 0, 3, 2)


def test_yesterday_is_not_today(service: RunningService, ana: Client) -> None:
    decide(ana, ana.checkout(count=3, type="Text"))
    service.advance(24 * 3600)
    assert of(ana.activity(), "ana") == ReviewerActivity("ana", complete=3)


def test_tag_that_was_taken_out_keeps_its_decisions(service: RunningService, ana: Client) -> None:
    ana.add_tag("sc")
    decide(ana, ana.checkout(count=3, type="Text"))
    service.advance(10)
    ana.remove_tag("sc")
    assert used(ana.activity(), "sc") == TagActivity("sc", 0, 3, 0)


def test_other_teams_do_not_count(service: RunningService, ana: Client) -> None:
    with running_service() as other, other.client("ben") as ben:
        assert not ben.activity().queues


def test_submitter_sees_no_figures_of_others(service: RunningService, ana: Client) -> None:
    key = ana.create_key("machine", "submitter").secret
    with Client(service.url, key=key, team=ana.team_name) as machine, pytest.raises(Forbidden):
        machine.activity()
