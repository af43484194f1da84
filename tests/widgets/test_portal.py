"""The portal without a browser: who is let in, which tabs they have, what the settings do, and where a key never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cmtools import Client, CreateReviews, Draft, Portal, ReviewBoard
from cmtools.errors import BadRequest, Forbidden, NotAuthorized, UnknownTeam
from cmtools.model import Activity, QueueActivity, QueueCounts, ReviewerActivity, TagActivity
from cmtools.testing import RunningService, running_service
from cmtools.widgets import portal_figures

WAIT = 30.0


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as running:
        client = running.client("ana")
        client.create_reviews([Draft(f"Text {number}", str(number), "Text") for number in range(6)], progress=False)
        yield running


@pytest.fixture
def portal(service: RunningService) -> Iterator[Portal]:
    """A portal of the service that nobody has signed in to; `told` is what its pages hear."""
    portal = Portal(url=service.url, team=service.team)
    yield portal
    portal.close()


def listen(portal: Portal) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    portal.send = lambda content, buffers=None: heard.append(json.loads(json.dumps(content)))
    return heard


def ask(portal: Portal, **message: Any) -> None:
    portal._handle_custom_msg(message, [])
    assert portal._work.wait(WAIT)


def key_of(service: RunningService, role: str) -> str:
    return service.client("ana").create_key(f"{role}'s", role, role).secret


def test_nobody_is_signed_in_at_first(portal: Portal) -> None:
    assert (portal.client, portal.tabs, portal.tab, portal.shown) == (None, (), "", None)


def test_administrator_has_all_tabs_and_begins_with_reviews(portal: Portal, service: RunningService) -> None:
    portal.sign_in(service.key)
    assert portal.tabs == ("try", "review", "dashboard", "settings")
    assert isinstance(portal.shown, ReviewBoard)


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        ("reviewer", ("review", "dashboard")),
        ("lead", ("try", "review", "dashboard")),
        ("submitter", ("try",)),
        ("auditor", ("dashboard",)),
    ],
)
def test_other_roles_have_the_tabs_that_the_service_allows_them(
    portal: Portal, service: RunningService, role: str, tabs: tuple[str, ...]
) -> None:
    portal.sign_in(key_of(service, role))
    assert portal.tabs == tabs
    assert portal.tab in tabs


def test_wrong_key_is_refused_and_nobody_is_signed_in(portal: Portal) -> None:
    with pytest.raises(NotAuthorized):
        portal.sign_in("wrong")
    assert portal.client is None


def test_another_teams_key_is_refused(portal: Portal, service: RunningService) -> None:
    with pytest.raises(UnknownTeam):
        portal.sign_in(service.key, team="other")


def test_empty_key_does_not_fall_back_to_the_environments(portal: Portal, service: RunningService, monkeypatch) -> None:
    monkeypatch.setenv("CMTOOLS_KEY", service.key)
    with pytest.raises(BadRequest, match="no key"):
        portal.sign_in(" ")


def test_page_cannot_choose_another_service(portal: Portal, service: RunningService) -> None:
    heard = listen(portal)
    ask(portal, type="sign_in", url="http://169.254.169.254", team=service.team, key=service.key, page="p")
    assert portal.client is not None
    assert portal.client.url == service.url
    with pytest.raises(Forbidden, match="one service only"):
        portal.sign_in(service.key, url="http://169.254.169.254")
    assert "169.254" not in json.dumps(heard)


def test_refusal_is_told_to_the_page_that_asked_in_plain_words(portal: Portal, service: RunningService) -> None:
    heard = listen(portal)
    ask(portal, type="sign_in", team=service.team, key="wrong", page="p7")
    refused = next(message for message in heard if message["type"] == "refused")
    assert refused["page"] == "p7"
    assert refused["text"].startswith("The service does not know this key.")


def test_key_is_in_no_message_no_trait_and_no_repr(portal: Portal, service: RunningService) -> None:
    heard = listen(portal)
    ask(portal, type="sign_in", team=service.team, key=service.key, page="p")
    ask(portal, type="open", tab="settings")
    ask(portal, type="look", what="settings")
    assert portal.tab == "settings"
    everything = json.dumps(heard) + json.dumps(portal.get_state(), default=repr) + repr(portal) + repr(vars(portal))
    assert service.key not in everything


def test_sign_out_forgets_everything(portal: Portal, service: RunningService) -> None:
    portal.sign_in(service.key)
    portal.sign_out()
    assert (portal.client, portal.tabs, portal.shown) == (None, (), None)
    with pytest.raises(Forbidden, match="sign in first"):
        portal.go_to("review")


def test_each_tab_keeps_its_widget(portal: Portal, service: RunningService) -> None:
    portal.sign_in(service.key)
    board = portal.shown
    portal.go_to("try")
    assert isinstance(portal.shown, CreateReviews)
    portal.go_to("review")
    assert portal.shown is board


def test_each_type_has_a_board_of_its_own(portal: Portal, service: RunningService) -> None:
    portal.sign_in(service.key)
    images = portal.shown
    portal.go_to("review", kind="Text")
    assert portal.shown is not images
    assert isinstance(portal.shown, ReviewBoard)
    assert len(portal.shown.reviews) == 6


def test_another_subteam_gives_the_reviews_on_screen_back(portal: Portal, service: RunningService) -> None:
    service.client("ana").add_subteam("legal")
    portal.sign_in(service.key)
    portal.go_to("review", kind="Text")
    portal.go_to("review", subteam="legal")
    assert service.client("ben").counts("Text").pending == 6


def test_tab_that_a_role_lacks_is_refused(portal: Portal, service: RunningService) -> None:
    heard = listen(portal)
    ask(portal, type="sign_in", team=service.team, key=key_of(service, "reviewer"), page="p")
    ask(portal, type="open", tab="settings")
    assert portal.tab == "review"
    assert "there is no tab 'settings'" in heard[-1]["error"]


def test_service_refuses_a_reviewer_who_asks_for_settings_all_the_same(portal: Portal, service: RunningService) -> None:
    heard = listen(portal)
    ask(portal, type="sign_in", team=service.team, key=key_of(service, "reviewer"), page="p")
    ask(portal, type="do", action="add_tag", values={"code": "x"}, page="p", n=1)
    done = next(message for message in heard if message["type"] == "done")
    assert "may not do this" in done["error"]
    assert "x" not in service.client("ana").team().tags


def settings_do(portal: Portal, service: RunningService, action: str, **values: Any) -> dict[str, Any]:
    portal.sign_in(service.key)
    heard = listen(portal)
    ask(portal, type="do", action=action, values=values, page="p", n=3)
    done = next(message for message in heard if message["type"] == "done")
    assert (done["page"], done["n"]) == ("p", 3)
    return done


def test_settings_add_a_tag(portal: Portal, service: RunningService) -> None:
    settings_do(portal, service, "add_tag", code="sc", name="isscreenshot", about="")
    assert service.client("ana").team().tags["sc"].name == "isscreenshot"


def test_field_left_empty_leaves_the_tag_as_it_is(portal: Portal, service: RunningService) -> None:
    service.client("ana").add_tag("sc", "isscreenshot", "A picture of a screen", threshold=0.7)
    settings_do(portal, service, "add_tag", code="sc", name="", about="A screen")
    tag = service.client("ana").tags()["sc"]
    assert (tag.name, tag.description, tag.threshold) == ("isscreenshot", "A screen", 0.7)


@pytest.mark.parametrize(("typed", "kept"), [("0.7", 0.7), (" 0,65 ", 0.65), ("1", 1.0), ("0", 0.0), (".5", 0.5)])
def test_settings_keep_a_threshold_and_show_it(
    portal: Portal, service: RunningService, typed: str, kept: float
) -> None:
    done = settings_do(portal, service, "set_threshold", code="a", threshold=typed)
    assert done["told"] == f"The threshold of a is {kept}"
    assert service.client("ana").tags().thresholds == {"a": kept}
    heard = listen(portal)
    ask(portal, type="look", what="settings")
    assert {tag["code"]: tag["threshold"] for tag in heard[-1]["tags"]} == {"a": kept, "r": None}


def test_emptied_threshold_is_the_taggers_own(portal: Portal, service: RunningService) -> None:
    service.client("ana").set_threshold("a", 0.7)
    assert "as the tagger has it" in settings_do(portal, service, "set_threshold", code="a", threshold=" ")["told"]
    assert service.client("ana").tags().thresholds == {}


@pytest.mark.parametrize("typed", ["1.5", "-0.1", "70 %", "high", "nan", "inf", "0.7.1"])
def test_threshold_that_is_none_is_refused_in_plain_words(portal: Portal, service: RunningService, typed: str) -> None:
    service.client("ana").set_threshold("a", 0.7)
    done = settings_do(portal, service, "set_threshold", code="a", threshold=typed)
    assert done["error"].startswith(f"{typed!r} is no threshold for a: give a number from 0 to 1")
    assert service.client("ana").tags().thresholds == {"a": 0.7}


def test_settings_remove_a_tag(portal: Portal, service: RunningService) -> None:
    service.client("ana").add_tag("sc")
    settings_do(portal, service, "remove_tag", code="sc")
    assert "sc" not in service.client("ana").team().tags


def test_settings_add_a_subteam(portal: Portal, service: RunningService) -> None:
    settings_do(portal, service, "add_subteam", name="legal")
    assert "legal" in service.client("ana").team().subteams


def test_new_key_is_told_once_and_works(portal: Portal, service: RunningService) -> None:
    done = settings_do(portal, service, "create_key", label="laptop", role="reviewer", reviewer="nora")
    assert Client(service.url, key=done["secret"], team=service.team).whoami().reviewer == "nora"
    heard = listen(portal)
    ask(portal, type="look", what="settings")
    assert done["secret"] not in json.dumps(heard)


def test_rotated_key_replaces_the_old_one(portal: Portal, service: RunningService) -> None:
    old = service.client("ana").create_key("laptop", "reviewer", "nora")
    done = settings_do(portal, service, "rotate_key", id=old.id)
    assert Client(service.url, key=done["secret"], team=service.team).whoami().reviewer == "nora"
    with pytest.raises(NotAuthorized):
        Client(service.url, key=old.secret, team=service.team).whoami()


def test_revoked_key_ends(portal: Portal, service: RunningService) -> None:
    old = service.client("ana").create_key("laptop", "reviewer", "nora")
    settings_do(portal, service, "revoke_key", id=old.id)
    with pytest.raises(NotAuthorized):
        Client(service.url, key=old.secret, team=service.team).whoami()


def test_settings_keep_a_workflow_and_show_it_again(portal: Portal, service: RunningService) -> None:
    portal.sign_in(service.key)
    heard = listen(portal)
    ask(portal, type="look", what="settings")
    default = next(flow for flow in heard[-1]["workflows"] if flow["name"] == "default")
    settings_do(portal, service, "put_workflow", name="mine", kind="Image", about="same", rule=default["rule"])
    assert service.client("ana").workflow("mine").expression == service.client("ana").workflow("default").expression


def test_rule_that_is_no_json_is_refused_with_its_place(portal: Portal, service: RunningService) -> None:
    done = settings_do(portal, service, "put_workflow", name="mine", rule='{"If": \n oops}')
    assert "no JSON" in done["error"]
    assert "line 2" in done["error"]


def test_settings_keep_breaks_and_the_cap(portal: Portal, service: RunningService) -> None:
    settings_do(portal, service, "set_wellness", break_minutes=45, most_reveals=200)
    team = service.client("ana").team()
    assert (team.break_after_seconds, team.most_reveals_per_day) == (2700.0, 200)


def test_emptied_breaks_and_cap_are_none(portal: Portal, service: RunningService) -> None:
    service.client("ana").set_wellness(60.0, 5)
    settings_do(portal, service, "set_wellness", break_minutes=None, most_reveals=None)
    team = service.client("ana").team()
    assert (team.break_after_seconds, team.most_reveals_per_day) == (None, None)


def test_signing_secret_is_told_on_request_only(portal: Portal, service: RunningService) -> None:
    done = settings_do(portal, service, "signing_secret")
    assert done["secret"] == service.client("ana").callback_secret().secret
    heard = listen(portal)
    ask(portal, type="look", what="settings")
    assert done["secret"] not in json.dumps(heard)


def test_callbacks_are_sent_anew(portal: Portal, service: RunningService) -> None:
    assert settings_do(portal, service, "redeliver")["told"] == "0 callbacks are sent anew"


def test_unknown_action_is_refused(portal: Portal, service: RunningService) -> None:
    assert "know no 'nonsense'" in settings_do(portal, service, "nonsense")["error"]


def test_figures_add_up_over_types_and_subteams() -> None:
    queues = (
        QueueActivity("Image", "legal", QueueCounts(pending=1, leased=2, complete=3, unpublished=9)),
        QueueActivity("Image", "public", QueueCounts(held=4, submitted=5)),
        QueueActivity("Text", "public", QueueCounts(pending=6, disputed=2)),
    )
    people = (ReviewerActivity("ana", 1, 2, 3), ReviewerActivity("ben", 0, 9, 1))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = portal_figures.told(Activity(now, "ana", 3, queues, people, (TagActivity("a", 1, 2, 1),)))
    assert told["types"] == [
        {"name": "Image", "pending": 12, "complete": 3},
        {"name": "Text", "pending": 8, "complete": 0},
    ]
    states = {"waiting": 7, "in_hand": 6, "submitted": 5, "disputed": 2, "complete": 3, "unpublished": 9}
    assert told["states"] == states
    assert (told["waiting"], told["disputes"]) == ({"Image": 1, "Text": 6}, {"Image": 0, "Text": 2})
    assert [row["name"] for row in told["reviewers"]] == ["ben", "ana"]
    assert (told["today"], told["team_today"], told["waiting"]) == (3, 4, {"Image": 1, "Text": 6})


def test_many_reviewers_are_added_up_in_a_last_row() -> None:
    people = tuple(ReviewerActivity(f"r{number:03}", 1, 2, 3) for number in range(130))
    told = portal_figures.told(Activity(datetime(2026, 3, 1, tzinfo=UTC), "ana", 0, (), people))
    assert told["reviewers"][-1] == {"name": "30 others", "pending": 30, "complete": 60, "today": 90}


def test_portal_in_a_notebook_may_choose_its_service(service: RunningService) -> None:
    portal = Portal()
    heard = listen(portal)
    ask(portal, type="sign_in", url=service.url, team=service.team, key=service.key, page="p")
    assert heard[-1]["signed"] is True
    portal.close()


def test_saved_notebook_keeps_little_of_a_portal(portal: Portal) -> None:
    assert len(json.dumps(portal.get_state(), default=repr)) < 60_000
