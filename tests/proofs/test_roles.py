"""Which role may use which operation: the whole table, tried on every operation of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmtools.model import Condition, Draft, Logic
from cmtools.testing import RunningService, running_service
from tests.fuzz.world import Calm
from tests.tools.operations import Ask, document_of, every
from tests.tools.pictures import png

EVERYBODY = frozenset({"administrator", "lead", "reviewer", "submitter", "auditor"})
SEES = EVERYBODY - {"submitter"}
LISTS = SEES - {"reviewer"}
CREATES = frozenset({"administrator", "lead", "submitter"})
REVIEWS = frozenset({"administrator", "lead", "reviewer"})
OVERSEES = frozenset({"administrator", "lead"})
INSPECTS = OVERSEES | {"auditor"}
RULES = frozenset({"administrator"})

MAY = {
    # what creates, and what whoever created it needs
    "create_reviews": CREATES,
    "add_frames": CREATES,
    "publish_video": CREATES,
    "publish_video_by_patch": CREATES,
    "put_transcript": CREATES,
    "put_transcript_terms": CREATES,
    "create_job": CREATES,
    "upload_picture": CREATES,
    "note_seal": CREATES,
    "evaluate_image": CREATES,
    "screen_text": CREATES,
    "show_to_tagger": CREATES,
    # one thing whose id is known
    "get_review": EVERYBODY,
    "read_review": EVERYBODY,
    "look_up_reviews": EVERYBODY,
    "get_frames": EVERYBODY,
    "list_frames": EVERYBODY,
    "get_transcript": EVERYBODY,
    "show_thumbnail": EVERYBODY,
    "show_thumbnails": EVERYBODY,
    "show_picture": EVERYBODY,
    "show_frame_thumbnail": EVERYBODY,
    "show_frame": EVERYBODY,
    "show_upload": EVERYBODY,
    "show_media": EVERYBODY,
    "get_job": EVERYBODY,
    "read_job": EVERYBODY,
    "get_workflow": EVERYBODY,
    "get_team": EVERYBODY,
    "read_actor": EVERYBODY,
    # what lists everybody's; a reviewer's key has to name the review whose events or notes it asks for
    "list_reviews": LISTS,
    "count_reviews": SEES,
    "list_workflows": SEES,
    "list_events": LISTS,
    "list_callbacks": LISTS,
    "list_notes": LISTS,
    "list_exposures": SEES,
    "stream_decisions": LISTS,
    "look_at_activity": SEES,
    "read_trail_head": LISTS,
    "check_trail": LISTS,
    # reviewing
    "check_out_reviews": REVIEWS,
    "list_leases": REVIEWS,
    "resume_lease": REVIEWS,
    "renew_lease": REVIEWS,
    "release_lease": REVIEWS,
    "save_toggles": REVIEWS,
    "submit_answers": REVIEWS,
    "undo_submission": REVIEWS,
    "hold_reviews": REVIEWS,
    "list_held_reviews": REVIEWS,
    "take_held_reviews": REVIEWS,
    "release_held_reviews": REVIEWS,
    "move_review": REVIEWS,
    "add_note": REVIEWS,
    "record_reveals": REVIEWS,
    "read_exposure_of_today": SEES,
    "read_feedback": SEES,
    "read_preferences": SEES,
    "set_preferences": REVIEWS,
    # others' work
    "settle_reviews": OVERSEES,
    "list_opinions": INSPECTS,
    "list_golden_items": INSPECTS,
    "take_lease_away": OVERSEES,
    # rules of the team
    "put_tag": RULES,
    "set_threshold": RULES,
    "remove_tag": RULES,
    "add_subteam": RULES,
    "put_workflow": RULES,
    "set_wellness": RULES,
    "set_golden_feedback": RULES,
    "redeliver_callbacks": OVERSEES,
    "show_callback_secret": RULES,
    "rotate_callback_secret": RULES,
    "list_keys": INSPECTS,
    "create_key": RULES,
    "revoke_key": RULES,
    "rotate_key": RULES,
}
"""Every operation that takes a key, and the roles that may use it. A new operation gets a line here."""

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ONLY_LOOKS = {"look_up_reviews", "show_thumbnails"}
"""Operations that change nothing, whatever their method."""


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(taggers={type: Calm(type) for type in ("Image", "Text")}) as running:
        yield running


@pytest.fixture(scope="module")
def asks(service: RunningService) -> dict[str, Ask]:
    """A sensible request to each operation that takes a key."""
    client = service.client()
    picture = client.upload(png())
    ids = client.create_reviews([Draft(picture.content, f"{n}", "Image") for n in range(4)], progress=False)
    client.put_workflow("mine", Logic(Condition("text.HasProfanity")), type="Text")
    job = client.create_job("a text", content_id="t", type="Text", workflow="mine")
    submission = client.submit(done := client.checkout(1), {review.id: {} for review in done.reviews})
    lease = client.checkout(1)
    known = {
        "team": service.team,
        "review_id": ids[-1],
        "lease_id": lease.id,
        "submission_id": submission.id,
        "picture_id": picture.id,
        "job_id": job,
        "workflow_name": "mine",
        "name": f"IMG_{ids[-1]}",
        "key_id": "0",
        "short_code": "zz",
        "timestamp": "0",
    }
    return {ask.name: ask for ask in every(document_of(service.url), known, "no such token") if ask.keyed}


def test_every_operation_has_a_line_in_the_table(asks: dict[str, Ask]) -> None:
    assert set(asks) == set(MAY)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_role_may_use_its_operations_and_is_told_403_at_all_others(
    service: RunningService, asks: dict[str, Ask], role: str
) -> None:
    key = service.client().create_key(f"{role}'s", role, None).secret
    refused = {name for name, ask in asks.items() if ask.send(service.url, key).status_code in (401, 403)}
    assert refused == {name for name, roles in MAY.items() if role not in roles}


SENSELESS = (b"", b"{", b"[]", b'{"nonsense": 1}', b"\xff")


@pytest.mark.parametrize("role", sorted(EVERYBODY - {"administrator"}))
def test_whoever_may_not_is_told_so_before_the_body_and_the_query_are_looked_at(
    service: RunningService, asks: dict[str, Ask], role: str
) -> None:
    key = service.client().create_key(f"{role}'s", role, None).secret
    refused = [ask for name, ask in asks.items() if role not in MAY[name]]
    told = {
        (ask.name, body): replace(ask, body=body, query={**ask.query, "limit": "0", "after": "x"})
        .send(service.url, key)
        .status_code
        for ask in refused
        for body in (SENSELESS if ask.method in CHANGES else (None,))
    }
    assert {where: status for where, status in told.items() if status != 403} == {}
    assert len(told) > 10


def test_auditor_changes_nothing_at_all(asks: dict[str, Ask]) -> None:
    changing = {name for name, ask in asks.items() if ask.method in CHANGES} - ONLY_LOOKS
    assert {name for name in changing if "auditor" in MAY[name]} == set()


def test_administrator_may_everything(asks: dict[str, Ask]) -> None:
    assert {name for name in asks if "administrator" not in MAY[name]} == set()


def test_auditor_sees_who_holds_what(service: RunningService) -> None:
    service.client().create_reviews([Draft("https://x.org/2.jpg", "taken", "Image")], progress=False)
    held = service.client("eve").checkout(1)
    auditor = service.client(None, key=service.client().create_key("audit", "auditor").secret)
    assert held.id in {lease.id for lease in auditor.leases(everyone=True)}
    assert {review.id for review in auditor.held_reviews(everyone=True)} == set()


def test_trail_names_the_key_and_the_reviewer_that_it_acted_for(service: RunningService) -> None:
    robot = service.client().create_key("night robot", "administrator", None).secret
    client = service.client("李", key=robot)
    (id,) = client.create_reviews([Draft("https://x.org/1.jpg", "acted", "Image")], progress=False)
    assert [(event.actor, event.reviewer) for event in client.events(id)] == [("night robot", "李")]


def test_reviewers_key_acts_for_nobody_else(service: RunningService, asks: dict[str, Ask]) -> None:
    key = service.client().create_key("Ben's", "reviewer", "ben").secret
    for name in ("list_reviews", "check_out_reviews", "get_team"):
        ask = asks[name]
        other = replace(ask, headers={**ask.headers, "Cmtools-Reviewer": "ana"})
        assert other.send(service.url, key).status_code == 403
