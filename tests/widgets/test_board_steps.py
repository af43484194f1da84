"""Orders, blind work, looking ahead, parking: what `BoardState` does beyond checkout, submit and undo."""

from __future__ import annotations

import pytest

from cmtools.errors import BadRequest, LeaseLost, NotFound, Unreachable
from cmtools.model import Draft
from cmtools.testing import running_service
from cmtools.widgets.board import ReviewBoard
from cmtools.widgets.board_state import BoardState
from tests.widgets.conftest import open_state
from tests.widgets.fake_client import FakeClient, FakeService


@pytest.fixture
def attended(fake: FakeService, ana: FakeClient) -> BoardState:
    """A state of 20 with somebody at work and plenty waiting."""
    fake.fill(136)
    state = open_state(ana, count=20)
    state.attend(True)
    return state


def scores(state: BoardState) -> list[float]:
    return [review.scores["a"] for review in state.reviews]


# Orders and blind work ------------------------------------------------------------------------------------------------


def test_the_highest_come_first_when_asked_for(ana: FakeClient) -> None:
    found = scores(open_state(ana, count=10, order="highest"))
    assert found == sorted(found, reverse=True)
    assert min(found) >= 0.85


def test_the_most_uncertain_come_first_when_asked_for(ana: FakeClient) -> None:
    assert all(abs(score - 0.5) < 0.1 for score in scores(open_state(ana, count=10, order="uncertain")))


def test_another_order_holds_from_the_next_screen_on(ana: FakeClient) -> None:
    state = open_state(ana, count=10)
    before = state.reviews
    state.set_order("highest")
    assert state.reviews == before
    state.next()
    assert scores(state) == sorted(scores(state), reverse=True)
    with pytest.raises(BadRequest):
        state.set_order("newest")


def test_a_blind_board_shows_nothing_of_the_automatic_side(ana: FakeClient) -> None:
    state = open_state(ana, count=20, blind=True)
    assert all(not review.auto_tags and not review.scores for review in state.reviews)
    assert not any(on for item in state.screen.held for on in item.tags.values())
    assert {lease.blind for lease in state.screen.leases.values()} == {True}


def test_a_blind_board_in_an_order_works_on_a_real_service() -> None:
    with running_service() as service, service.client("ana") as client:
        scores_given = ("0.20", "0.90", "0.55")
        drafts = [Draft("text", score, "Text", (("a", "True"), ("a.score", score))) for score in scores_given]
        client.create_reviews(drafts, progress=False)
        board = ReviewBoard(client, "Text", count=2, blind=True, order="uncertain")
        assert [review.content_id for review in board.reviews] == ["0.55", "0.20"]
        assert set(next(iter(board.tags.values())).values()) == {False}
        first = board.reviews[0].id
        board.toggle(first, "r", True)
        assert board.next() == 2
        service.advance(6)
        assert [review.content_id for review in board.reviews] == ["0.90"]
        assert dict(client.get_review(first).human_tags) == {"a": False, "r": True}
        assert set(client.decisions()["blind"].dropna()) == {True}


# Looking ahead --------------------------------------------------------------------------------------------------------


def test_the_next_screen_is_there_before_next(attended: BoardState, fake: FakeService) -> None:
    ahead = [review.id for review in attended.ahead]
    assert len(ahead) == 20
    before = fake.calls.count("checkout")
    attended.next()
    assert [review.id for review in attended.reviews] == ahead
    assert fake.calls.index("submit") < len(fake.calls)
    assert fake.calls.count("checkout") == before + 1  # the one after it


def test_a_short_queue_is_left_to_colleagues(fake: FakeService, ana: FakeClient) -> None:
    state = open_state(ana, count=20)
    state.attend(True)
    assert state.ahead == ()
    assert ana.counts().pending == 44


def test_nothing_is_taken_ahead_while_nobody_is_at_work(fake: FakeService, ana: FakeClient) -> None:
    fake.fill(136)
    assert open_state(ana, count=20).ahead == ()


def test_what_was_taken_ahead_goes_back_when_nobody_is_at_work(attended: BoardState, ana: FakeClient) -> None:
    attended.attend(False)
    assert attended.ahead == ()
    assert ana.counts().leased == 20


def test_what_was_taken_ahead_goes_back_with_the_rest(attended: BoardState, ana: FakeClient) -> None:
    attended.give_back()
    assert ana.counts().leased == 0


def test_another_order_takes_ahead_anew(attended: BoardState) -> None:
    attended.set_order("highest")
    ahead = [review.scores["a"] for review in attended.ahead]
    assert ahead == sorted(ahead, reverse=True)


def test_a_lease_taken_ahead_that_is_lost_is_no_loss(attended: BoardState, fake: FakeService) -> None:
    fake.drop(list(fake.leases)[1])
    attended._renewed_at -= 1000
    attended.beat()
    assert attended.ahead == ()
    assert attended.notice is None
    assert len(attended.reviews) == 20


def test_prev_brings_back_what_was_submitted_though_a_screen_was_taken_ahead(attended: BoardState) -> None:
    before = attended.reviews
    attended.next()
    attended.prev()
    assert [review.id for review in attended.reviews] == [review.id for review in before]


# Parking --------------------------------------------------------------------------------------------------------------


def test_held_reviews_leave_the_screen_and_come_back_with_their_tags(state: BoardState, fake: FakeService) -> None:
    first, second = (review.id for review in state.reviews[:2])
    state.toggle(first, "sc", True)
    assert state.hold([first, second], 900) == 2
    assert len(state.reviews) == 18
    assert [review.id for review in state.parked] == [first, second]
    assert fake.reviews[first].status == "Held"
    assert state.take_held() == 2
    assert [review.id for review in state.reviews[:2]] == [first, second]
    assert state.screen.items[first].tags["sc"] is True
    assert state.parked == ()


def test_one_of_several_held_reviews_can_be_taken_back(state: BoardState) -> None:
    first, second = (review.id for review in state.reviews[:2])
    state.hold([first, second], 900)
    assert state.take_held([second]) == 1
    assert [review.id for review in state.parked] == [first]


def test_only_reviews_of_the_screen_can_be_held_and_for_a_time_that_ends(state: BoardState) -> None:
    with pytest.raises(NotFound):
        state.hold(["nobody"], 900)
    with pytest.raises(BadRequest, match="hold takes seconds between 0 and"):
        state.hold([state.reviews[0].id], 0)


def test_a_hold_that_fails_can_be_tried_again(state: BoardState, fake: FakeService) -> None:
    first = state.reviews[0].id
    fake.broken, fake.breaks = Unreachable("down"), "hold"
    with pytest.raises(Unreachable):
        state.hold([first], 900)
    assert len(state.reviews) == 20
    fake.broken = None
    state.retry()
    assert [review.id for review in state.parked] == [first]


def test_a_hold_of_what_is_lost_says_so(state: BoardState, fake: FakeService) -> None:
    fake.drop(next(iter(fake.leases)))
    with pytest.raises(LeaseLost):
        state.hold([state.reviews[0].id], 900)
    assert state.phase == "lost"


def test_several_are_moved_together(state: BoardState, fake: FakeService) -> None:
    ids = [review.id for review in state.reviews[:3]]
    state.move(ids, "experts")
    assert {fake.reviews[review_id].subteam for review_id in ids} == {"experts"}
    assert len(state.reviews) == 17


def test_when_all_are_held_the_next_ones_come(state: BoardState) -> None:
    state.hold([review.id for review in state.reviews], 900)
    assert len(state.reviews) == 20


# Large screens --------------------------------------------------------------------------------------------------------


def test_a_large_screen_is_taken_in_parts_and_submitted_whole(fake: FakeService) -> None:
    fake.fill(2000)
    waiting: list[object] = []
    state = open_state(FakeClient(fake), count=1500, later=lambda job, _seconds=0.0: waiting.append(job))
    assert (len(state.reviews), state.taking) == (120, 1380)
    serial = state.screen.serial
    state.take_more()
    assert (len(state.reviews), state.taking, state.screen.serial) == (1120, 380, serial)
    assert state.next() == 1500


def test_a_queue_that_runs_out_ends_the_taking(fake: FakeService) -> None:
    fake.fill(136)
    state = open_state(FakeClient(fake), count=1500)
    assert (len(state.reviews), state.taking) == (200, 0)


def test_a_large_screen_that_cannot_be_had_whole_is_said(fake: FakeService) -> None:
    fake.fill(936)
    state = open_state(FakeClient(fake), count=1000, later=lambda job, _seconds=0.0: None)
    fake.broken = Unreachable("down")
    state.take_more()
    assert state.taking == 0
    assert state.notice is not None
    assert "Not all 1,000 could be taken" in state.notice.text


def test_a_resumed_reviewer_gets_one_screen_and_the_others_behind_it(fake: FakeService, ana: FakeClient) -> None:
    fake.fill(136)
    before = open_state(ana, count=20)
    before.attend(True)
    after = open_state(ana, count=20)
    after.resume()
    assert [review.id for review in after.reviews] == [review.id for review in before.reviews]
    assert after.held_count == 40
    after.next()
    assert len(after.reviews) == 20
