"""Notes, exposure, preferences and the care of a team: rules on each store, and the whole way by a client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmtools.errors import BadRequest, Forbidden, NotFound, RevealCapReached
from cmtools.model import Draft, Exposure, ExposureToday
from cmtools.service import audit, exposures, notes, preferences, teams
from cmtools.testing import RunningService, running_service

from .conftest import Desk


def reveal(desk: Desk, reviewer: str = "ana", **seconds: float) -> ExposureToday:
    return desk.run(lambda ctx: exposures.record(ctx, seconds), reviewer)


# Notes


def test_notes_are_read_by_review_or_all_the_oldest_first(desk: Desk) -> None:
    first, second = desk.create(2)
    for id, text in ((first, "one"), (second, "two"), (first, " three ")):
        desk.run(lambda ctx, id=id, text=text: notes.add(ctx, id, text))
    page, following = desk.run(lambda ctx: notes.page(ctx, first, 0, 10))
    assert [(note.text, note.reviewer) for note in page] == [("one", "ana"), ("three", "ana")]
    assert following is None
    page, following = desk.run(lambda ctx: notes.page(ctx, None, 0, 2))
    rest, end = desk.run(lambda ctx: notes.page(ctx, None, following, 2))
    assert [note.text for note in (*page, *rest)] == ["one", "two", "three"]
    assert end is None


def test_note_is_in_the_trail_with_its_text(desk: Desk) -> None:
    (id,) = desk.create()
    desk.run(lambda ctx: notes.add(ctx, id, "a still"))
    event = desk.run(lambda ctx: audit.trail(ctx, id, 0, 10))[0][-1]
    assert (event.action, event.reviewer, event.after) == ("note", "ana", {"text": "a still"})


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001])
def test_note_that_is_empty_or_too_long_is_refused(desk: Desk, text: str) -> None:
    (id,) = desk.create()
    with pytest.raises(BadRequest, match=r"1 to 10,000 characters"):
        desk.run(lambda ctx: notes.add(ctx, id, text))


def test_note_on_no_review_of_the_team_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no review 'nope'"):
        desk.run(lambda ctx: notes.add(ctx, "nope", "hello"))


# Exposure


def test_reveals_add_up_by_review_and_reviewer(desk: Desk) -> None:
    first, second = desk.create(2)
    reveal(desk, **{first: 1.5, second: 2.0})
    today = reveal(desk, **{first: 0.5})
    assert today == ExposureToday("ana", 2, 3, 4.0, None)
    assert reveal(desk, "ben", **{first: 9.0}) == ExposureToday("ben", 1, 1, 9.0, None)
    now = desk.clock()
    found, following = desk.run(lambda ctx: exposures.page(ctx, 0, 10))
    assert found == [
        Exposure(first, "ana", 2, 2.0, now),
        Exposure(first, "ben", 1, 9.0, now),
        Exposure(second, "ana", 1, 2.0, now),
    ]
    assert following is None


def test_a_new_day_begins_at_midnight_utc_and_the_total_goes_on(desk: Desk) -> None:
    (id,) = desk.create()
    reveal(desk, **{id: 1.0})
    desk.clock.advance(12 * 3600)  # from noon
    assert desk.run(exposures.today).reveals == 0
    assert reveal(desk, **{id: 2.0}).seconds == 2.0
    ((total,), _) = desk.run(lambda ctx: exposures.page(ctx, 0, 10))
    assert (total.reveals, total.seconds, total.last_at) == (2, 3.0, desk.clock())


def test_pages_of_exposures_hold_whole_reviews(desk: Desk) -> None:
    ids = desk.create(3)
    for reviewer in ("ana", "ben", "cleo"):
        reveal(desk, reviewer, **dict.fromkeys(ids, 1.0))
    cursor: int | None = 0
    pages = []
    while cursor is not None:  # the last one may be empty
        found, cursor = desk.run(lambda ctx, cursor=cursor: exposures.page(ctx, cursor, 2))
        pages.append([(each.review_id, each.reviewer) for each in found])
    assert [page for page in pages if page] == [[(id, name) for name in ("ana", "ben", "cleo")] for id in ids]


def test_each_reveal_is_in_the_trail(desk: Desk) -> None:
    first, second = desk.create(2)
    reveal(desk, **{first: 1.5, second: 2.0})
    assert desk.actions(first) == ["create", "reveal"]
    assert desk.actions(second) == ["create", "reveal"]


def test_nobody_is_exposed_to_a_review_that_the_team_does_not_have(desk: Desk) -> None:
    (id,) = desk.create()
    with pytest.raises(NotFound, match="no review 'nope'"):
        reveal(desk, **{id: 1.0, "nope": 1.0})
    assert desk.run(exposures.today).reveals == 0


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 90_000.0])
def test_senseless_time_is_refused(desk: Desk, seconds: float) -> None:
    (id,) = desk.create()
    with pytest.raises(BadRequest, match="lasts 0 to 86,400 seconds"):
        reveal(desk, **{id: seconds})


# Care


def test_wellness_is_part_of_the_team_and_of_the_trail(desk: Desk) -> None:
    for _ in range(2):  # the second changes nothing
        team = desk.run(lambda ctx: teams.set_wellness(ctx, 3000.0, 40))
    assert (team.break_after_seconds, team.most_reveals_per_day) == (3000.0, 40)
    trail = desk.run(lambda ctx: audit.trail(ctx, "demo", 0, 100))[0]
    (event,) = [event for event in trail if event.action == "set_wellness"]
    assert event.before == {"break_after_seconds": None, "most_reveals_per_day": None}
    assert event.after == {"break_after_seconds": 3000.0, "most_reveals_per_day": 40}
    assert desk.run(exposures.today).most_reveals == 40


# Preferences


def test_preferences_are_merged_and_none_takes_one_out(desk: Desk) -> None:
    desk.run(lambda ctx: preferences.change(ctx, {"blur": True, "columns": 5}))
    assert desk.run(lambda ctx: preferences.change(ctx, {"columns": None, "size": 1.5})) == {"blur": True, "size": 1.5}
    assert desk.run(preferences.get) == {"blur": True, "size": 1.5}
    assert desk.run(preferences.get, "ben") == {}


def test_too_many_or_too_long_preferences_are_refused_and_the_old_ones_stay(desk: Desk) -> None:
    desk.run(lambda ctx: preferences.change(ctx, {"blur": True}))
    for values in ({str(n): n for n in range(50)}, {"text": "ä" * 2100}):
        with pytest.raises(BadRequest, match="at most 50"):
            desk.run(lambda ctx, values=values: preferences.change(ctx, values))
    assert desk.run(preferences.get) == {"blur": True}


# By a client


@pytest.fixture
def running() -> Iterator[RunningService]:
    with running_service() as service:
        yield service


def test_client_writes_and_reads_notes(running: RunningService) -> None:
    client = running.client()
    ids = client.create_reviews([Draft("text", str(n), "Text") for n in range(2)], progress=False)
    note = client.add_note(ids[0], "Look at the corner")
    assert client.notes(ids[0]) == [note]
    assert client.notes() == [note]
    assert client.notes(ids[1]) == []


def test_reveals_over_the_cap_are_refused_and_counted(running: RunningService) -> None:
    client = running.client()
    ids = client.create_reviews([Draft("text", str(n), "Text") for n in range(3)], progress=False)
    assert client.set_wellness(most_reveals_per_day=2).most_reveals_per_day == 2
    assert client.record_reveals(dict.fromkeys(ids[:2], 1)).reveals == 2
    with pytest.raises(RevealCapReached, match=r"revealed 3 pictures today, and the team allows 2"):
        client.record_reveals({ids[2]: 2.5})
    assert client.exposure_today() == ExposureToday("ana", 3, 3, 4.5, 2)
    assert [each.seconds for each in client.exposures()] == [1.0, 1.0, 2.5]


def test_reviewers_key_sees_its_own_exposure_only(running: RunningService) -> None:
    client = running.client()
    (id,) = client.create_reviews([Draft("text", "1", "Text")], progress=False)
    client.record_reveals({id: 1.0})
    ben = running.client("ben", key=client.create_key("ben", "reviewer", "ben").secret)
    ben.record_reveals({id: 2.0})
    assert [each.reviewer for each in ben.exposures()] == ["ben"]
    auditor = running.client(None, key=client.create_key("eve", "auditor").secret)
    assert [each.reviewer for each in auditor.exposures()] == ["ana", "ben"]
    for forbidden in (lambda: ben.set_wellness(60.0), lambda: auditor.record_reveals({id: 1.0})):
        with pytest.raises(Forbidden):
            forbidden()


def test_preferences_are_each_reviewers_own(running: RunningService) -> None:
    ana, ben = running.client("ana"), running.client("ben")
    assert ana.set_preferences(blur=True, grey=None, columns=4) == {"blur": True, "columns": 4}
    assert (ana.preferences(), ben.preferences()) == ({"blur": True, "columns": 4}, {})
    with pytest.raises(BadRequest, match=r"values\.a"):
        ana.set_preferences(a=[1])


def test_team_shows_its_wellness_to_everybody(running: RunningService) -> None:
    client = running.client()
    client.set_wellness(break_after_seconds=1800)
    key = client.create_key("ben", "reviewer", "ben").secret
    team = running.client("ben", key=key).team()
    assert (team.break_after_seconds, team.most_reveals_per_day) == (1800.0, None)
    assert replace(team, break_after_seconds=None) == replace(client.set_wellness(), tags=team.tags)
