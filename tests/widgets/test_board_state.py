"""The board's steps without a browser, on a service in memory whose clock and faults the test sets."""

from __future__ import annotations

import threading

import pytest

from cmtools.errors import (
    BadRequest,
    BadTag,
    Conflict,
    LeaseLost,
    NotAuthorized,
    NotFound,
    Timeout,
    UndoWindowClosed,
    Unreachable,
)
from cmtools.widgets.board_state import BoardState
from tests.widgets.conftest import open_state
from tests.widgets.fake_client import FakeClient, FakeService

DOWN = Unreachable("nothing answers at http://127.0.0.1:1; start it with: cmtools serve")


def ids_of(state: BoardState) -> list[str]:
    return [review.id for review in state.reviews]


def statuses(fake: FakeService, ids: list[str]) -> set[str]:
    return {fake.reviews[review_id].status for review_id in ids}


# Fetching -------------------------------------------------------------------------------------------------------------


def test_a_new_board_takes_as_many_reviews_as_asked(state: BoardState, fake: FakeService) -> None:
    assert len(state.reviews) == 20
    assert statuses(fake, ids_of(state)) == {"Leased"}
    assert state.phase == "reviewing"


def test_auto_tags_are_preset_and_silent_tags_are_off(state: BoardState) -> None:
    items = list(state.screen.items.values())
    assert [item.tags["a"] for item in items[:6]] == [False, False, True, False, False, True]
    assert {item.tags["sc"] for item in items} == {False}


def test_an_empty_queue_is_no_error(fake: FakeService, ana: FakeClient) -> None:
    fake.reviews.clear()
    state = open_state(ana)
    assert (state.phase, state.reviews, state.notice) == ("empty", (), None)


def test_looking_again_finds_reviews_created_since(fake: FakeService, ana: FakeClient) -> None:
    fake.reviews.clear()
    state = open_state(ana, count=5)
    fake.fill(3)
    state.look_again()
    assert len(state.reviews) == 3


def test_a_board_shows_only_its_type_and_subteam(fake: FakeService, ana: FakeClient) -> None:
    fake.fill(4, type="Text")
    fake.fill(2, subteam="experts")
    assert {review.type for review in open_state(ana, type="Text").reviews} == {"Text"}
    assert len(open_state(FakeClient(fake, "eve"), subteam="experts").reviews) == 2


@pytest.mark.parametrize("count", [0, -1, 10_001, 2.5, True, "20"])
def test_a_count_out_of_range_is_refused(ana: FakeClient, count: object) -> None:
    with pytest.raises(BadRequest, match="count is a whole number from 1 to 10,000"):
        BoardState(ana, count=count)  # type: ignore[arg-type]


def test_a_type_that_boards_do_not_show_is_refused(ana: FakeClient) -> None:
    with pytest.raises(BadRequest, match="the board shows Image and Text and Video reviews, not 'Audio'"):
        BoardState(ana, type="Audio")  # type: ignore[arg-type]


def test_an_order_that_does_not_exist_is_refused(ana: FakeClient) -> None:
    with pytest.raises(BadRequest, match="order is one of oldest, uncertain, highest, random, not 'newest'"):
        BoardState(ana, order="newest")  # type: ignore[arg-type]


# Offers ---------------------------------------------------------------------------------------------------------------


def test_a_second_board_is_offered_what_the_first_holds(state: BoardState, ana: FakeClient) -> None:
    second = open_state(ana, count=20)
    assert second.phase == "offer"
    assert [review.id for lease in second.offer for review in lease.reviews] == ids_of(state)
    assert second.reviews == ()


def test_resuming_brings_the_toggles_back_and_kills_the_old_token(state: BoardState, ana: FakeClient) -> None:
    first = ids_of(state)[0]
    state.toggle(first, "r", True)
    state.save()
    second = open_state(ana)
    second.resume()
    assert second.screen.items[first].tags["r"] is True
    assert ids_of(second) == ids_of(state)
    with pytest.raises(LeaseLost):
        state.next()
    assert statuses(ana.service, ids_of(second)) == {"Leased"}


def test_taking_new_ones_leaves_no_picture_on_two_boards(state: BoardState, ana: FakeClient) -> None:
    second = open_state(ana, count=20)
    second.take_new()
    assert len(second.reviews) == 20
    assert not set(ids_of(second)) & set(ids_of(state))
    assert state.next() == 20


def test_giving_back_puts_the_offered_reviews_into_the_queue_again(state: BoardState, ana: FakeClient) -> None:
    second = open_state(ana, count=30)
    second.give_back()
    assert ids_of(second)[:20] == ids_of(state)
    assert second.offer == ()


def test_two_leases_from_before_are_resumed_together(fake: FakeService, ana: FakeClient) -> None:
    ana.checkout(3)
    ana.checkout(4)
    state = open_state(ana)
    state.resume()
    assert len(state.reviews) == 7
    assert state.next() == 7
    assert state.prev() == 7


def test_an_offer_that_ran_out_meanwhile_is_said_and_new_reviews_are_taken(state: BoardState, ana: FakeClient) -> None:
    second = open_state(ana, count=5)
    ana.service.clock.advance(901)
    second.resume()
    assert second.notice is not None
    assert "20 pictures went back to the queue" in second.notice.text
    assert len(second.reviews) == 5


def test_next_while_a_choice_is_due_says_so(state: BoardState, ana: FakeClient) -> None:
    second = open_state(ana)
    with pytest.raises(BadRequest, match="choose first"):
        second.next()


def test_another_type_is_not_offered(state: BoardState, ana: FakeClient) -> None:
    ana.service.fill(2, type="Text")
    assert open_state(ana, type="Text").offer == ()


def test_without_an_offer_giving_back_releases_the_screen(state: BoardState, fake: FakeService) -> None:
    ids = ids_of(state)
    state.give_back()
    assert statuses(fake, ids) == {"Pending"}
    assert (state.reviews, state.phase) == ((), "empty")


# Toggles --------------------------------------------------------------------------------------------------------------


def test_a_toggle_switches_and_switches_back(state: BoardState) -> None:
    first = ids_of(state)[0]
    assert state.toggle(first, "r") is True
    assert state.toggle(first, "R") is False
    assert state.toggle(first, "r", True) is True
    assert state.toggle(first, "r", True) is True


def test_saved_toggles_are_kept_by_the_service(state: BoardState, fake: FakeService) -> None:
    first, second = ids_of(state)[:2]
    state.toggle(first, "r")
    state.toggle(second, "sc")
    assert state.save()
    assert fake.reviews[first].toggles == {"r": True}
    assert fake.reviews[second].toggles == {"sc": True}
    assert state.unsaved == []


def test_many_toggles_are_saved_in_one_call(state: BoardState, fake: FakeService) -> None:
    for review_id in ids_of(state):
        state.toggle(review_id, "r")
    state.save()
    assert fake.calls.count("save") == 1


def test_a_toggle_of_what_is_not_there_says_what(state: BoardState) -> None:
    with pytest.raises(NotFound, match="'nope' is not on the screen"):
        state.toggle("nope", "a")
    with pytest.raises(BadTag, match="no tag 'zz'"):
        state.toggle(ids_of(state)[0], "zz")


def test_toggles_that_cannot_be_saved_are_kept_and_said(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    state.toggle(first, "r")
    fake.broken = DOWN
    assert not state.save()
    assert state.unsaved == [(first, "r")]
    assert state.notice is not None
    assert "not saved yet" in state.notice.text
    fake.broken = None
    state.retry()
    assert (state.unsaved, state.notice, fake.reviews[first].toggles) == ([], None, {"r": True})


def test_a_toggle_made_while_another_travels_is_saved_after_it(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    gate = fake.gates["save"] = threading.Event()
    state.toggle(first, "r", True)
    saving = threading.Thread(target=state.save)
    saving.start()
    state.toggle(first, "r", False)
    gate.set()
    saving.join(10)
    state.save()
    assert fake.reviews[first].toggles == {"r": False}


def test_toggles_do_not_wait_for_the_network(state: BoardState, fake: FakeService) -> None:
    first, second = ids_of(state)[:2]
    gate = fake.gates["save"] = threading.Event()
    state.toggle(first, "r")
    saving = threading.Thread(target=state.save)
    saving.start()
    assert state.toggle(second, "r") is True
    gate.set()
    saving.join(10)


def test_toggles_from_many_threads_all_arrive(state: BoardState, fake: FakeService) -> None:
    def work(tag: str) -> None:
        for review_id in ids_of(state):
            state.toggle(review_id, tag, True)
            state.save()

    threads = [threading.Thread(target=work, args=(tag,)) for tag in ("a", "r", "sc")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(fake.reviews[key].toggles == {"a": True, "r": True, "sc": True} for key in ids_of(state))


# Next and Prev --------------------------------------------------------------------------------------------------------


def test_next_submits_every_review_with_every_visible_tag(state: BoardState, fake: FakeService) -> None:
    ids = ids_of(state)
    state.toggle(ids[0], "r", True)
    assert state.next() == 20
    (sent,) = fake.sent.values()
    assert set(sent.answers) == set(ids)
    assert sent.answers[ids[0]] == {"a": False, "r": True, "sc": False}
    assert sent.answers[ids[2]] == {"a": True, "r": False, "sc": False}


def test_next_shows_other_reviews_and_counts(state: BoardState) -> None:
    before = set(ids_of(state))
    state.next()
    assert len(state.reviews) == 20
    assert not before & set(ids_of(state))
    assert (state.done, state.queue.pending, state.queue.submitted) == (20, 24, 20)


def test_next_saves_what_is_not_saved_first(state: BoardState, fake: FakeService) -> None:
    state.toggle(ids_of(state)[0], "r")
    state.next()
    assert fake.calls.index("save") < fake.calls.index("submit")


def test_a_second_next_for_the_same_screen_does_nothing(state: BoardState) -> None:
    serial = state.screen.serial
    assert state.next(serial) == 20
    assert state.next(serial) == 0
    assert state.done == 20


def test_when_nothing_is_left_all_is_reviewed(state: BoardState) -> None:
    submitted = []
    while state.reviews:
        submitted.append(state.next())
    assert submitted == [20, 20, 20, 4]
    assert (state.phase, state.done) == ("finished", 64)


def test_prev_brings_the_screen_back_with_its_toggles(state: BoardState, fake: FakeService) -> None:
    ids = ids_of(state)
    state.toggle(ids[0], "r", True)
    state.next()
    assert state.prev() == 20
    assert ids_of(state) == ids
    assert state.screen.items[ids[0]].tags == {"a": False, "r": True, "sc": False}
    assert (state.done, statuses(fake, ids)) == (0, {"Leased"})


def test_the_screen_that_was_showing_comes_next_after_an_undo(state: BoardState) -> None:
    state.next()
    second = ids_of(state)
    state.toggle(second[0], "sc", True)
    state.prev()
    state.next()
    assert ids_of(state) == second
    assert state.screen.items[second[0]].tags["sc"] is True


def test_undos_stack_while_their_windows_are_open(state: BoardState) -> None:
    screens = [ids_of(state)]
    state.next()
    screens.append(ids_of(state))
    state.next()
    screens.append(ids_of(state))
    state.prev()
    assert ids_of(state) == screens[1]
    state.prev()
    assert ids_of(state) == screens[0]
    state.next()
    state.next()
    assert ids_of(state) == screens[2]
    assert state.next() == 20


def test_the_window_is_the_services_and_closes(state: BoardState, fake: FakeService) -> None:
    assert state.undo_window() == (0.0, 0.0, 0)
    state.next()
    fake.clock.advance(2)
    assert state.undo_window() == (pytest.approx(3.0), 5.0, 20)
    fake.clock.advance(3)
    assert state.undo_window()[0] == 0.0
    with pytest.raises(UndoWindowClosed):
        state.prev()
    assert statuses(fake, list(next(iter(fake.sent.values())).answers)) == {"Submitted"}


def test_an_undo_that_the_service_refuses_as_late_is_said_plainly(fake: FakeService, ana: FakeClient) -> None:
    state = BoardState(ana, count=20, monotonic=lambda: 0.0)
    state.start()
    state.next()
    shown = ids_of(state)
    fake.clock.advance(5)
    with pytest.raises(UndoWindowClosed, match="those decisions stand"):
        state.prev()
    assert state.notice is not None
    assert state.notice.kind == "info"
    assert ids_of(state) == shown
    assert state.undo_window()[0] == 0.0


def test_only_the_last_of_two_windows_is_open(state: BoardState, fake: FakeService) -> None:
    state.next()
    fake.clock.advance(3)
    state.next()
    fake.clock.advance(3)
    state.prev()
    with pytest.raises(UndoWindowClosed):
        state.prev()
    assert state.done == 20


# Things that go wrong -------------------------------------------------------------------------------------------------


def test_a_lease_taken_over_is_lost_nothing_is_submitted_and_it_is_said(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    (lease,) = FakeClient(fake).leases()
    FakeClient(fake).resume(lease)
    state.toggle(first, "r")
    with pytest.raises(LeaseLost):
        state.next()
    assert (state.phase, state.reviews, fake.sent) == ("lost", (), {})
    assert state.notice is not None
    assert "20 pictures are no longer yours" in state.notice.text
    assert "Nothing was submitted" in state.notice.text
    assert "1 of your changes could not be saved" in state.notice.text
    assert state.unsaved == [(first, "r")]


def test_after_an_expired_lease_looking_again_takes_reviews(state: BoardState, fake: FakeService) -> None:
    fake.clock.advance(901)
    with pytest.raises(LeaseLost):
        state.next()
    state.look_again()
    assert (state.phase, len(state.reviews), state.notice) == ("reviewing", 20, None)


def test_toggles_of_lost_reviews_are_refused(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    fake.clock.advance(901)
    state.toggle(first, "r")
    state.save()
    assert state.phase == "lost"
    with pytest.raises(LeaseLost):
        state.toggle(first, "a")


def test_of_two_leases_the_one_that_is_left_is_submitted(fake: FakeService, ana: FakeClient) -> None:
    ana.checkout(3)
    ana.checkout(4)
    state = open_state(ana, count=5)
    state.resume()
    fake.drop(next(iter(fake.leases)))
    assert state.next() == 4
    assert state.notice is not None
    assert "3 pictures are no longer yours" in state.notice.text
    assert "The other 4 were submitted" in state.notice.text
    assert state.phase == "reviewing"


@pytest.mark.parametrize("error", [DOWN, NotAuthorized("the key is not known: check CMTOOLS_KEY")])
def test_a_board_whose_service_refuses_shows_why_and_recovers(
    fake: FakeService, ana: FakeClient, error: Unreachable | NotAuthorized
) -> None:
    fake.broken = error
    state = BoardState(ana, count=20)
    with pytest.raises(type(error)):
        state.start()
    assert state.phase == "error"
    assert state.notice is not None
    assert (state.notice.text, state.notice.action) == (str(error), "retry")
    fake.broken = None
    state.retry()
    assert (state.phase, len(state.reviews), state.notice) == ("reviewing", 20, None)


def test_a_next_that_did_not_arrive_can_be_tried_again(state: BoardState, fake: FakeService) -> None:
    fake.broken = DOWN
    with pytest.raises(Unreachable):
        state.next()
    assert (len(state.reviews), state.done) == (20, 0)
    fake.broken = None
    state.retry()
    assert state.done == 20


def test_a_next_whose_answer_was_lost_is_not_submitted_twice(state: BoardState, fake: FakeService) -> None:
    fake.broken, fake.breaks, fake.breaks_after = Timeout("no answer in 30 s"), "submit", True
    with pytest.raises(Timeout):
        state.next()
    fake.broken = None
    assert state.next() == 20
    assert (len(fake.sent), state.done) == (1, 20)
    assert state.prev() == 20


def test_when_a_lost_answer_is_followed_by_a_change_no_false_word_is_said(state: BoardState, fake: FakeService) -> None:
    fake.broken, fake.breaks, fake.breaks_after = Timeout("no answer in 30 s"), "submit", True
    with pytest.raises(Timeout):
        state.next()
    fake.broken = None
    state.toggle(ids_of(state)[0], "sc", True)
    with pytest.raises(LeaseLost):
        state.next()
    assert state.notice is not None
    assert "Your answers may have arrived" in state.notice.text
    state.look_again()
    assert (len(state.reviews), len(fake.sent)) == (20, 1)


def test_when_the_next_screen_does_not_come_the_submission_stands(state: BoardState, fake: FakeService) -> None:
    fake.broken, fake.breaks = DOWN, "checkout"
    with pytest.raises(Unreachable):
        state.next()
    assert (state.done, state.phase) == (20, "error")
    assert state.notice is not None
    assert state.notice.action == "retry"
    fake.broken = None
    state.retry()
    assert (len(state.reviews), state.done, state.phase) == (20, 20, "reviewing")


def test_a_toggle_during_a_submission_is_refused(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    gate = fake.gates["submit"] = threading.Event()
    working = threading.Thread(target=state.next)
    working.start()
    while state.busy != "submit":
        pass
    with pytest.raises(Conflict, match="is being submitted"):
        state.toggle(first, "r")
    gate.set()
    working.join(10)
    assert state.done == 20


def test_while_the_page_is_open_the_lease_outlives_its_time(state: BoardState, fake: FakeService) -> None:
    for _ in range(6):
        fake.clock.advance(400)
        state.beat()
    assert state.next() == 20


def test_a_beat_comes_to_the_service_only_when_a_third_of_the_time_is_gone(
    state: BoardState, fake: FakeService
) -> None:
    fake.clock.advance(299)
    state.beat()
    assert "renew" not in fake.calls
    fake.clock.advance(1)
    state.beat()
    assert fake.calls.count("renew") == 1


def test_a_screen_that_waits_behind_an_undo_is_kept_alive_too(state: BoardState, fake: FakeService) -> None:
    state.next()
    state.prev()
    for _ in range(3):
        fake.clock.advance(400)
        state.beat()
    assert [state.next(), state.next()] == [20, 20]


def test_a_beat_learns_that_the_lease_is_lost(state: BoardState, fake: FakeService) -> None:
    fake.clock.advance(901)
    state.beat()
    assert state.phase == "lost"


# How many, and where to -----------------------------------------------------------------------------------------------


def test_showing_more_takes_more(state: BoardState) -> None:
    before = ids_of(state)
    state.set_count(30)
    assert ids_of(state)[:20] == before
    assert len(state.reviews) == 30
    assert state.next() == 30


def test_showing_fewer_gives_untouched_ones_back_from_the_end(state: BoardState, fake: FakeService) -> None:
    ids = ids_of(state)
    state.toggle(ids[-1], "r")
    state.set_count(5)
    assert ids_of(state) == [*ids[:4], ids[-1]]
    assert statuses(fake, ids[4:-1]) == {"Pending"}


def test_moving_a_review_takes_it_off_the_screen(state: BoardState, fake: FakeService) -> None:
    first = ids_of(state)[0]
    state.move(first, "experts")
    assert first not in ids_of(state)
    assert (fake.reviews[first].subteam, fake.reviews[first].status) == ("experts", "Pending")
    assert state.next() == 19


def test_progress_that_cannot_be_counted_does_not_fail_a_step(state: BoardState, fake: FakeService) -> None:
    fake.broken, fake.breaks = DOWN, "counts"
    assert state.next() == 20
    assert state.notice is None


def test_every_change_is_announced_once_the_state_holds(fake: FakeService, ana: FakeClient) -> None:
    seen: list[tuple[str, str]] = []
    state = BoardState(ana, count=20, on_change=lambda: seen.append((state.busy, state.phase)))
    state.start()
    assert seen[0] == ("fetch", "loading")
    assert seen[-1] == ("", "reviewing")
