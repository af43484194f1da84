"""A reviewer's key works that reviewer's leases alone, whatever token it shows, over HTTP and at every address."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

import cmtools as cm
from cmtools.errors import LeaseLost, NotFound
from cmtools.model import Draft, Lease
from cmtools.testing import RunningService, running_service
from cmtools.wire import own
from tests.tools.operations import Ask, document_of, every

OF_LEADS = {"take_lease_away"}


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        running.client().create_reviews(
            [Draft(f"https://x.org/{n}.jpg", f"{n}", "Image") for n in range(40)], progress=False
        )
        running.client().add_subteam("other")
        yield running


def key_of(service: RunningService, reviewer: str, role: str = "reviewer") -> str:
    return service.client().create_key(f"{reviewer}'s", role, reviewer).secret


def state(service: RunningService) -> str:
    """What ana and the team have, as the administrator sees it."""
    headers = {own.KEY_HEADER: service.key, own.REVIEWER_HEADER: "ana"}
    paths = ("/reviews", "/leases", "/events", "/notes", "/held?everyone=true", "/counts")
    base = f"{service.url}{own.OWN_PREFIX}/{service.team}"
    answers = [requests.get(base + path, headers=headers, timeout=30) for path in paths]
    assert all(answer.ok for answer in answers), [answer.text for answer in answers]
    return json.dumps([answer.json() for answer in answers], sort_keys=True)


def asks(service: RunningService, lease: Lease, submission_id: str) -> dict[str, Ask]:
    """Every operation on this lease, its first review and this submission, with the lease's own token."""
    nothing = ("picture_id", "job_id", "workflow_name", "name", "key_id", "short_code", "timestamp", "callback_id")
    known = dict.fromkeys(nothing, "0") | {
        "team": service.team,
        "lease_id": lease.id,
        "review_id": lease.reviews[0].id,
        "submission_id": submission_id,
    }
    found = every(document_of(service.url), known, lease.token)
    wanted = {"lease_id", "submission_id"}
    return {ask.name: ask for ask in found if wanted & set(ask.named) or ask.name == "move_review"}


@pytest.mark.parametrize("role", ["reviewer", "lead", "administrator"])
def test_token_opens_nothing_to_the_key_of_somebody_else(service: RunningService, role: str) -> None:
    ana = service.client(key=key_of(service, "ana"))
    lease = ana.checkout(3)
    submission = ana.submit(lease, {lease.reviews[-1].id: {}})
    ben = key_of(service, "ben", role)
    before = state(service)

    answers = {
        name: ask.send(service.url, ben)
        for name, ask in asks(service, lease, submission.id).items()
        if name not in OF_LEADS
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 404) | {
        "move_review": 409  # everybody in the team may know that there is this review
    }
    assert len(answers) == 8
    assert not any(lease.id in answers["move_review"].text for _ in answers)
    assert state(service) == before
    ana.release(lease)


def test_answer_does_not_tell_whether_there_is_such_a_lease(service: RunningService) -> None:
    lease = service.client(key=key_of(service, "ana")).checkout(1)
    ben = service.client("ben", key=key_of(service, "ben"))
    for id in (lease.id, lease.id[::-1]):
        with pytest.raises(NotFound, match=f"ben has no lease '{id}'"):
            ben.submit(cm.model.Lease(id, "ben", "Image", lease.expires_at, token=lease.token), {"x": {}})


def test_another_reviewer_cannot_ask_again_for_a_submission_s_answer(service: RunningService) -> None:
    ana, ben = (service.client(name, key=key_of(service, name)) for name in ("ana", "ben"))
    lease = ana.checkout(1)
    answers = {lease.reviews[0].id: {"a": True}}
    made = ana.submit(lease, answers)
    assert ana.submit(lease, answers).id == made.id
    with pytest.raises(NotFound):
        ben.submit(lease, answers)


def test_administrator_works_the_lease_of_the_reviewer_that_is_named_and_of_nobody_else(
    service: RunningService,
) -> None:
    lease = service.client("ana", key=key_of(service, "ana")).checkout(1)
    named, other = service.client("ana"), service.client("eve")
    with pytest.raises(NotFound):
        other.renew(lease)
    named.renew(lease)
    made = named.submit(lease, {lease.reviews[0].id: {}})
    with pytest.raises(NotFound, match="eve has no submission"):
        other.undo(made)
    assert named.undo(made).id == lease.id


def test_review_is_moved_out_of_a_lease_by_its_holder_alone(service: RunningService) -> None:
    ana = service.client("ana", key=key_of(service, "ana"))
    lease = ana.checkout(1)
    with pytest.raises(LeaseLost, match="being reviewed"):
        service.client("ben", key=key_of(service, "ben")).move(lease.reviews[0].id, "other", lease=lease)
    ana.move(lease.reviews[0].id, "other", lease=lease)
