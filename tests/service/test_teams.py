"""Teams, their subteams and tags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cmtools.errors import BadRequest, BadTag, NotFound
from cmtools.service import teams
from cmtools.tags import Tag

from .conftest import Desk


def test_new_team_has_the_built_in_tags_and_the_public_subteam(desk: Desk) -> None:
    team = desk.run(teams.describe)
    assert (list(team.tags), team.subteams, team.undo_seconds) == (["a", "r"], ("public",), 5.0)


def test_added_tags_keep_their_order(desk: Desk) -> None:
    for code in ("zz", "b", "mm"):
        desk.run(lambda ctx, code=code: teams.put_tag(ctx, Tag(code)))
    assert list(desk.run(teams.describe).tags) == ["a", "r", "zz", "b", "mm"]


def test_tag_added_in_another_case_changes_the_first(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", "isscreenshot")))
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("SC", "isscam")))
    tags = desk.run(teams.describe).tags
    assert [(tag.short_code, tag.name) for tag in tags.visible][2:] == [("SC", "isscam")]


def test_built_in_tag_can_be_renamed_but_not_removed(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("a", "explicit")))
    assert desk.run(teams.describe).tags["a"].name == "explicit"
    with pytest.raises(BadTag, match="built in"):
        desk.run(lambda ctx: teams.remove_tag(ctx, "A"))


def test_built_in_tag_gets_a_threshold_and_keeps_its_spelling_and_its_place(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc")))
    tags = desk.run(lambda ctx: teams.set_threshold(ctx, "R", 0.6)).tags
    assert (list(tags), tags["r"].name, tags.thresholds) == (["a", "r", "sc"], "isracy", {"r": 0.6})
    assert list(desk.run(lambda ctx: teams.add_tag(ctx, "A", {"threshold": 0.7})).tags) == ["a", "r", "sc"]
    for code in ("a", "A"):
        with pytest.raises(BadTag, match="built in"):
            desk.run(lambda ctx, code=code: teams.remove_tag(ctx, code))


def test_tag_changes_in_what_is_said_of_it_and_stays_in_the_rest(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", "isscam", "Tricks", visible=False, threshold=0.25)))
    said = {"name": "scam", "threshold": None}
    assert desk.run(lambda ctx: teams.add_tag(ctx, "SC", said)).tags["sc"] == Tag("SC", "scam", "Tricks", visible=False)
    assert desk.run(lambda ctx: teams.add_tag(ctx, "new", {})).tags["new"] == Tag("new")


def test_threshold_is_of_one_team(desk: Desk) -> None:
    desk.run(lambda ctx: teams.set_threshold(ctx, "a", 1 / 3))
    assert desk.run(teams.describe).tags.thresholds == {"a": 1 / 3}, "to the last digit"
    desk.actor = replace(desk.actor, team="other")
    desk.run(teams.ensure)
    assert desk.run(teams.describe).tags.thresholds == {}


def test_threshold_of_a_tag_that_there_is_not_adds_none(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no tag 'zz'"):
        desk.run(lambda ctx: teams.set_threshold(ctx, "zz", 0.5))
    assert list(desk.run(teams.describe).tags) == ["a", "r"]


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_changes_of_one_tag_at_the_same_time_are_all_kept(desk: Desk) -> None:
    changes = [{"name": "scam"}, {"description": "Tricks"}, {"threshold": 0.25}, {"visible": False}]
    for _ in range(10):
        desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc")))
        with ThreadPoolExecutor(len(changes)) as pool:
            list(pool.map(lambda said: desk.run(lambda ctx: teams.add_tag(ctx, "sc", said)), changes))
        assert desk.run(teams.describe).tags["sc"] == Tag("sc", "scam", "Tricks", visible=False, threshold=0.25)


def test_removed_tag_is_gone_and_its_answers_stay(desk: Desk) -> None:
    desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc")))
    (id,) = desk.create(1, metadata=(("sc", "true"),))
    desk.submit(desk.checkout())
    desk.pass_time(5)
    assert "sc" not in desk.run(lambda ctx: teams.remove_tag(ctx, "sc")).tags
    assert desk.get(id).human_tags["sc"] is True
    with pytest.raises(NotFound, match="no tag 'sc'"):
        desk.run(lambda ctx: teams.remove_tag(ctx, "sc"))


def test_subteam_added_twice_is_there_once(desk: Desk) -> None:
    for _ in range(2):
        desk.run(lambda ctx: teams.add_subteam(ctx, "experts"))
    assert desk.run(teams.describe).subteams == ("public", "experts")


@pytest.mark.parametrize("name", ["", " ", "a/b", "x" * 65, " edge", "line\nbreak"])
def test_senseless_name_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(BadRequest, match="is no name"):
        desk.run(lambda ctx: teams.add_subteam(ctx, name))


def test_subteam_is_found_in_any_case_and_not_made_twice(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "Night"))
    assert desk.run(lambda ctx: teams.add_subteam(ctx, "NIGHT")).subteams == ("public", "Night")
    assert desk.run(lambda ctx: teams.check_subteam(ctx, "night")) == "Night"
