"""Keys: who may do what, and as whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmtools.errors import BadRequest, Forbidden, NotAuthorized, NotFound, UnknownTeam
from cmtools.model import Actor
from cmtools.service import auth
from cmtools.store.tables import keys

from .conftest import Desk


def authenticate(desk: Desk, key: str | None, *, team: str = "demo", reviewer: str | None = None) -> Actor:
    return desk.store.read(lambda connection: auth.authenticate(connection, team, key, reviewer))


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
        ("administrator", {"create", "read", "review", "move", "settings"}),
        ("lead", {"create", "read", "review", "move"}),
        ("reviewer", {"read", "review", "move"}),
        ("submitter", {"create", "read"}),
        ("auditor", {"read"}),
    ],
)
def test_role_may_do_this_and_no_more(desk: Desk, role: str, may: set[str]) -> None:
    actor = replace(desk.actor, role=role)
    for permission in ("create", "read", "review", "move", "settings"):
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
