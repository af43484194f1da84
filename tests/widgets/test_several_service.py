"""Boards on a real service where several people decide: golden items among others, disputes, feedback, the portal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cmtools import Client, Draft, Portal, ReviewBoard
from cmtools.errors import Forbidden
from cmtools.model import Frame
from cmtools.testing import RunningService, running_service
from cmtools.widgets import board_feedback, details
from tests.widgets.test_golden import Heard


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


def person(service: RunningService, name: str, role: str = "reviewer") -> Client:
    """A client with a key of that role alone."""
    secret = service.client("owner").create_key(f"{name}'s", role, name).secret
    return service.client(name, key=secret)


def texts(count: int, **more: Any) -> list[Draft]:
    metadata = (("a", "True"), ("a.score", "0.7"), ("album", "cats"))
    return [Draft(f"Text number {n}", f"text-{n}", "Text", metadata, **more) for n in range(count)]


def disagree(service: RunningService, overlap: int = 2) -> list[str]:
    """Three texts on which people differ; the ids of the reviews."""
    drafts = texts(3)
    ids = service.client("owner").create_reviews(drafts, overlap=overlap, final="adjudication", progress=False)
    for number in range(overlap):
        client = service.client(f"reviewer number {number}")
        lease = client.checkout(9, "Text")
        client.submit(lease, {review.id: {"a": number == 0} for review in lease.reviews})
    service.advance(10)
    return ids


def test_golden_items_look_like_the_others_in_every_message(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details, "LOOK_SECONDS", 0.0)
    ordinary = texts(6, callback_endpoint="https://example.org/hook", stratum="night", weight=7.5)
    golden = [
        Draft(f"Known {n}", f"known-{n}", "Text", ordinary[0].metadata, truth={"a": n == 0, "r": True})
        for n in range(2)
    ]
    service.client("owner").create_reviews([*ordinary, *golden], progress=False, overlap=2, golden_overlap=2)
    board = ReviewBoard(person(service, "ben"), type="Text", count=20)
    assert len(board.reviews) == 8
    heard = Heard(board)
    heard.ask("ready")
    shapes: dict[str, set[str]] = {"text": set(), "know": set()}
    for review in board.reviews:
        for asked in ("details", "raw", "frames", "transcript", "full"):
            heard.ask(asked, id=review.id)
        heard.ask("toggle", id=review.id, tag="r", on=True, page="p", seq=1)
    for review in board.reviews:
        shape = heard.of(review.id, [review.id, review.content_id, review.content])
        moments = {each["at"] for message in heard.messages for each in message.get("items", ()) if "at" in each}
        for moment in moments:
            shape = shape.replace(str(moment), "now")
        shapes[review.content_id[:4]].add(shape)
    assert len(shapes["text"]) == 1
    assert shapes["text"] == shapes["know"]
    told = json.dumps(heard.messages)
    assert [word for word in ("golden", "truth", "stratum", "7.5", "hook", "administrator") if word in told] == []


def test_disputes_are_settled_on_the_board(service: RunningService) -> None:
    ids = disagree(service)
    lea = person(service, "lea", "lead")
    board = ReviewBoard(lea, type="Text", adjudicate=True)
    assert {review.id for review in board.reviews} == set(ids)
    heard = Heard(board)
    heard.ask("ready")
    row = next(each for each in heard.messages if each["type"] == "screen")["items"][0]
    assert row["said"] == {"of": 2, "on": {"a": 1, "r": 0}, "frames": 0}
    for key in ids:
        heard.ask("details", id=key)
        board.toggle(key, "a", True)
    assert board.next() == 3
    assert "reviewer number" not in json.dumps(heard.messages)
    service.advance(10)
    assert {lea.get_review(key).human_tags["a"] for key in ids} == {True}
    board.look_again()
    assert repr(board).endswith("all reviewed, 3 submitted here)")


def test_a_dispute_over_frames_is_settled_frame_by_frame(service: RunningService) -> None:
    owner = service.client("owner")
    frames = tuple(Frame(at, f"https://example.org/{at}.jpg", (("a", "False"), ("r", "True"))) for at in (0, 1500))
    film = Draft("https://example.org/talk.mp4", "film", "Video", frames=frames)
    (key,) = owner.create_reviews([film], overlap=2, final="adjudication", progress=False)
    for name, on in (("ben", True), ("cho", False)):
        client = person(service, name)
        lease = client.checkout(1, "Video")
        own = lease.reviews[0].id
        client.submit(lease, {own: {"a": False}}, {own: {1500: {"a": on}}})
    service.advance(10)
    board = ReviewBoard(person(service, "lea", "lead"), type="Video", adjudicate=True)
    heard = Heard(board)
    heard.ask("ready")
    heard.ask("details", id=key)
    row = next(each for each in heard.messages if each["type"] == "screen")["items"][0]
    assert row["said"] == {"of": 2, "on": {"a": 0, "r": 0}, "frames": 1}
    answers = next(each for each in heard.messages if each["type"] == "details")["answers"]
    assert [(at, name, sorted(said)) for at, name, said in answers["frames"]] == [(1500, "isadult", [False, True])]
    board.toggle(key, "a", True, frame=1500)
    board.next()
    service.advance(10)
    settled = owner.get_review(key)
    assert [dict(frame.human_tags) for frame in settled.frames] == [{"a": False, "r": True}, {"a": True, "r": True}]


def test_disputes_come_back_by_undo_by_resume_and_from_being_parked(service: RunningService) -> None:
    ids = disagree(service)
    lea = person(service, "lea", "lead")
    board = ReviewBoard(lea, type="Text", adjudicate=True)
    board.toggle(ids[0], "r", True)
    board.next()
    assert board.prev() == 3
    assert board.tags[ids[0]]["r"]
    assert all(review.opinions for review in board.reviews)
    assert board.hold([ids[0]]) == 1
    assert ReviewBoard(lea, type="Text").held == ()
    board.give_back()
    again = ReviewBoard(lea, type="Text", adjudicate=True)
    assert again._quiet.wait(10)
    assert [review.id for review in again.held] == [ids[0]]
    assert again.take_held() == 1
    assert len(again.reviews) == 3
    assert all(review.opinions for review in again.reviews)
    third = ReviewBoard(lea, type="Text", adjudicate=True)
    third.resume()
    assert third.tags[ids[0]]["r"]
    assert [len(review.opinions) for review in third.reviews] == [2, 2, 2]
    third.give_back()
    assert lea.counts("Text").disputed == 3


def test_reviewers_keys_and_those_who_gave_an_answer_settle_nothing(service: RunningService) -> None:
    disagree(service)
    board = ReviewBoard(person(service, "ben"), type="Text", adjudicate=True)
    assert "key of a lead or an administrator" in repr(board)
    own = ReviewBoard(person(service, "reviewer number 1", "lead"), type="Text", adjudicate=True)
    assert repr(own).endswith("no disputes wait: look_again())")
    assert own._state.waiting == 3


def test_what_was_known_is_told_once_it_is_final(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_feedback, "ASK_SECONDS", ())
    owner = service.client("owner")
    owner.set_golden_feedback(True)
    owner.create_reviews(
        [
            *texts(4),
            *(Draft(f"Known {n}", f"known-{n}", "Text", texts(1)[0].metadata, truth={"a": n == 0}) for n in (0, 1)),
        ],
        progress=False,
        golden_overlap=1,
    )
    board = ReviewBoard(person(service, "ben"), type="Text", count=20)
    heard = Heard(board)
    heard.ask("ready")
    asked: list[Any] = []
    monkeypatch.setattr(board._state, "_on_submitted", asked.append)
    board.next()
    since = asked[0].submissions[0].created_at - board_feedback.A_LITTLE
    board._ask_feedback(since)
    assert "known" not in {each["type"] for each in heard.messages}
    service.advance(10)
    board._ask_feedback(since)
    known = heard.messages[-1]
    assert (known["type"], known["right"], known["of"]) == ("known", 1, 2)
    assert [(each["name"], each["known"], each["had"]) for each in known["items"]] == [
        ("known-1", "not isadult", "isadult")
    ]


def test_the_portal_opens_the_disputes_for_leads_and_nobody_else(service: RunningService) -> None:
    disagree(service)
    portal = Portal(person(service, "lea", "lead"))
    portal.go_to("review", "Text", disputes=True)
    assert isinstance(portal.shown, ReviewBoard)
    assert len(portal.shown.reviews) == 3
    portal.go_to("review", "Text", disputes=False)
    assert portal.shown.reviews == ()
    portal.close()
    other = Portal(person(service, "ben"))
    with pytest.raises(Forbidden, match="lead or an administrator"):
        other.go_to("review", "Text", disputes=True)
    other.close()


def test_the_portal_switches_feedback_and_counts_disputes(service: RunningService) -> None:
    disagree(service)
    portal = Portal(service.client("owner"))
    heard: list[dict[str, Any]] = []
    portal.send = lambda content, buffers=None: heard.append(json.loads(json.dumps(content)))
    for message in (
        {"type": "look", "what": "figures"},
        {"type": "do", "action": "set_golden_feedback", "values": {"on": True}, "page": "p", "n": 1},
    ):
        portal._handle_custom_msg(message, [])
        assert portal._work.wait(30)
    figures = next(each for each in heard if each["type"] == "figures")
    assert (figures["states"]["disputed"], figures["disputes"]["Text"]) == (3, 3)
    assert heard[-1]["golden_feedback"] is True
    assert service.client("owner").team().golden_feedback
    portal.close()
