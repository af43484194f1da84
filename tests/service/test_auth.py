"""Keys: who may do what, and as whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmtools.errors import BadRequest, Forbidden, NotAuthorized, NotFound, StoreError, UnknownTeam
from cmtools.model import Actor
from cmtools.service import audit, auth
from cmtools.store.tables import keys

from .conftest import Desk


def authenticate(desk: Desk, key: str | None, *, team: str = "demo", reviewer: str | None = None) -> Actor:
    return desk.store.read(lambda at: auth.authenticate(at, team, key, reviewer, now=desk.clock()))


def test_key_is_checked_before_the_team(desk: Desk) -> None:
    for key in (None, "", "wrong"):
        with pytest.raises(NotAuthorized):
            authenticate(desk, key, team="no such team")


def test_key_of_another_team_opens_no_door_and_tells_nothing(desk: Desk) -> None:
    for team in ("no-such-team", "Demo2"):
        with pytest.raises(UnknownTeam, match="opens no team"):
            authenticate(desk, "secret-key", team=team)


def test_teams_name_is_read_in_any_case(desk: Desk) -> None:
    assert authenticate(desk, "secret-key", team="DEMO").team == "demo"


def test_administrators_key_acts_for_the_reviewer_it_names(desk: Desk) -> None:
    assert authenticate(desk, "secret-key", reviewer="李").reviewer == "李"
    assert authenticate(desk, "secret-key").reviewer == "administrator"


def test_reviewers_own_key_acts_for_nobody_else(desk: Desk) -> None:
    key = desk.run(lambda ctx: auth.create_key(ctx, "Ben's laptop", "reviewer", "ben"))
    assert authenticate(desk, key.secret).reviewer == "ben"
    assert authenticate(desk, key.secret, reviewer="ben").role == "reviewer"
    with pytest.raises(Forbidden, match="own and cannot act for 'ana'"):
        authenticate(desk, key.secret, reviewer="ana")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("administrator", {"create", "get", "look", "read", "review", "move", "inspect", "oversee", "settings"}),
        ("lead", {"create", "get", "look", "read", "review", "move", "inspect", "oversee"}),
        ("reviewer", {"get", "look", "review", "move"}),
        ("submitter", {"create", "get"}),
        ("auditor", {"get", "look", "read", "inspect"}),
    ],
)
def test_role_may_do_this_and_no_more(desk: Desk, role: str, may: set[str]) -> None:
    actor = replace(desk.actor, role=role)
    for permission in ("create", "get", "look", "read", "review", "move", "inspect", "oversee", "settings"):
        if permission in may:
            auth.require(actor, permission)
        else:
            with pytest.raises(Forbidden, match="administrator"):
                auth.require(actor, permission)


def test_secret_is_shown_once_and_stored_nowhere(desk: Desk) -> None:
    key = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    assert key.secret not in repr(key)
    assert len(key.secret) >= 32
    assert all(shown.secret == "" for shown in desk.run(auth.list_keys))
    stored = desk.store.read(lambda connection: connection.execute(keys.select()).all())
    assert key.secret not in str(stored)


def test_revoked_key_is_unknown_from_then_on(desk: Desk) -> None:
    key = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    desk.run(lambda ctx: auth.revoke_key(ctx, key.id))
    with pytest.raises(NotAuthorized):
        authenticate(desk, key.secret)
    with pytest.raises(NotFound):
        desk.run(lambda ctx: auth.revoke_key(ctx, key.id))


def test_trail_tells_whose_key_was_revoked(desk: Desk) -> None:
    key = desk.run(lambda ctx: auth.create_key(ctx, "Ben's laptop", "reviewer", "ben"))
    desk.run(lambda ctx: auth.revoke_key(ctx, key.id))
    (event,) = [each for each in desk.run(lambda ctx: audit.trail(ctx, key.id, 0, 9))[0] if each.action == "revoke_key"]
    assert event.before == {"label": "Ben's laptop", "role": "reviewer", "reviewer": "ben"}
    assert event.after == {"ends_at": desk.clock().isoformat()}


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\x7fb", "a\x9bb", "a\u2028b"])
def test_control_character_in_a_name_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(BadRequest, match="control character"):
        authenticate(desk, "secret-key", reviewer=name)
    with pytest.raises(BadRequest, match=r"label: .*control character"):
        desk.run(lambda ctx: auth.create_key(ctx, name, "reviewer", "ben"))
    with pytest.raises(BadRequest, match=r"reviewer: .*control character"):
        desk.run(lambda ctx: auth.create_key(ctx, "laptop", "reviewer", name))


def test_rotated_key_ends_at_once_and_the_new_one_stands_for_the_same(desk: Desk) -> None:
    old = desk.run(lambda ctx: auth.create_key(ctx, "Ben's laptop", "reviewer", "ben"))
    new = desk.run(lambda ctx: auth.rotate_key(ctx, old.id, 0))
    assert (new.label, new.role, new.reviewer) == ("Ben's laptop", "reviewer", "ben")
    assert new.id != old.id
    assert authenticate(desk, new.secret).reviewer == "ben"
    with pytest.raises(NotAuthorized):
        authenticate(desk, old.secret)


def test_rotated_key_works_through_its_time_of_grace_and_not_at_its_end(desk: Desk) -> None:
    old = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    desk.run(lambda ctx: auth.rotate_key(ctx, old.id, 60))
    desk.clock.advance(59)
    assert authenticate(desk, old.secret).label == "ci"
    desk.clock.advance(1)
    with pytest.raises(NotAuthorized):
        authenticate(desk, old.secret)


def test_key_in_its_time_of_grace_can_be_revoked_now(desk: Desk) -> None:
    old = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    desk.run(lambda ctx: auth.rotate_key(ctx, old.id, 60))
    desk.run(lambda ctx: auth.revoke_key(ctx, old.id))
    with pytest.raises(NotAuthorized):
        authenticate(desk, old.secret)


def test_rotation_of_a_key_that_has_ended_is_refused(desk: Desk) -> None:
    key = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    desk.run(lambda ctx: auth.revoke_key(ctx, key.id))
    for id in (key.id, "nobody's"):
        with pytest.raises(NotFound, match="no live key"):
            desk.run(lambda ctx, id=id: auth.rotate_key(ctx, id, 0))


def test_trail_tells_which_key_replaced_which(desk: Desk) -> None:
    old = desk.run(lambda ctx: auth.create_key(ctx, "ci", "submitter", None))
    new = desk.run(lambda ctx: auth.rotate_key(ctx, old.id, 60))
    assert desk.actions(old.id) == ["create_key", "rotate_key"]
    assert desk.actions(new.id) == ["rotate_key"]


def peppered(desk: Desk, key: str, pepper: str | None) -> Actor:
    return desk.store.read(
        lambda at: auth.authenticate(at, "demo", key, None, now=desk.clock(), pepper=pepper),
    )


def test_keys_of_before_a_pepper_from_outside_go_on_working_with_it(desk: Desk) -> None:
    desk.store.write(lambda connection: auth.prepare(connection, "from outside"))
    desk.store.write(lambda connection: auth.prepare(connection, "from outside"))
    assert peppered(desk, "secret-key", "from outside").role == "administrator"


def test_database_alone_tests_no_key_once_there_is_a_pepper_from_outside(desk: Desk) -> None:
    before = desk.store.read(lambda connection: connection.execute(keys.select()).one().digest)
    desk.store.write(lambda connection: auth.prepare(connection, "from outside"))
    row = desk.store.read(lambda connection: connection.execute(keys.select()).one())
    assert row.digest != before
    with pytest.raises(NotAuthorized):
        peppered(desk, "secret-key", "another")
    with pytest.raises(StoreError, match="same CMTOOLS_PEPPER"):
        peppered(desk, "secret-key", None)


@pytest.mark.parametrize("pepper", ["another", None])
def test_service_with_another_pepper_does_not_start_on_the_database(desk: Desk, pepper: str | None) -> None:
    desk.store.write(lambda connection: auth.prepare(connection, "from outside"))
    for look in (auth.needs_preparing, auth.prepare):
        with pytest.raises(StoreError, match="another CMTOOLS_PEPPER"):
            desk.store.write(lambda connection, look=look: look(connection, pepper))


def test_installed_key_that_was_ended_is_refused_and_not_revived(desk: Desk) -> None:
    installer = auth.installer("demo")
    desk.run(lambda ctx: auth.install_key(replace(ctx, actor=installer), "next-key"))
    with pytest.raises(BadRequest, match="revoked or replaced"):
        desk.run(lambda ctx: auth.install_key(replace(ctx, actor=installer), "secret-key"))


def test_nobody_locks_themselves_out(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="the key you are using"):
        desk.run(lambda ctx: auth.revoke_key(ctx, "k1"))


def test_new_administrators_key_of_an_operator_replaces_the_earlier(desk: Desk) -> None:
    desk.run(lambda ctx: auth.install_key(replace(ctx, actor=auth.installer("demo")), "next-key"))
    assert authenticate(desk, "next-key").role == "administrator"
    with pytest.raises(NotAuthorized):
        authenticate(desk, "secret-key")


def test_unknown_role_is_refused_with_those_there_are(desk: Desk) -> None:
    with pytest.raises(BadRequest, match=r"no role 'king'; there are administrator"):
        desk.run(lambda ctx: auth.create_key(ctx, "x", "king", None))
