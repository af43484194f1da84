"""Keys and roles: who a key stands for and what it may do. Keys are kept as keyed digests and shown once."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from ..errors import BadRequest, Forbidden, NotAuthorized, NotFound, UnknownTeam
from ..model import Actor, ApiKey
from ..store import Connection, keys, teams
from . import audit
from .context import Context, new_id

PERMISSIONS = {
    "administrator": frozenset({"create", "read", "review", "move", "settings"}),
    "lead": frozenset({"create", "read", "review", "move"}),
    "reviewer": frozenset({"read", "review", "move"}),
    "submitter": frozenset({"create", "read"}),
    "auditor": frozenset({"read"}),
}
MAY_ACT_FOR_OTHERS = frozenset({"administrator"})
PEPPER = "key-pepper"
REVIEWER_MAX_CHARACTERS = 200


def authenticate(connection: Connection, team: str | None, key: str | None, reviewer: str | None) -> Actor:
    """Who asks, checked in this order: the key, then the team, then the reviewer named.

    Where no team is named it is the key's own.

    Raises
    ------
    NotAuthorized
        No key, or one that is not known (any more).
    UnknownTeam
        The key is another team's, whether or not this team exists.
    Forbidden
        A reviewer's own key that names somebody else.
    """
    if not key:
        raise NotAuthorized(
            "no key was sent: put it into the header Ocp-Apim-Subscription-Key, or Client(..., key=...)"
        )
    found = keys.by_digest(connection, digest(connection, key))
    if found is None:
        raise NotAuthorized(
            "the service does not know this key: check CMTOOLS_KEY, or take service.key from cm.serve()"
        )
    of_team, known = found
    if team is not None and of_team != team.lower():
        raise UnknownTeam(
            f"this key opens no team {team!r}: check the team's name (CMTOOLS_TEAM), or use that team's key"
        )
    own = known.reviewer or known.label
    wanted = (reviewer or "").strip() or own
    if len(wanted) > REVIEWER_MAX_CHARACTERS:
        raise BadRequest(f"the reviewer's name is longer than {REVIEWER_MAX_CHARACTERS} characters")
    if wanted != own and known.role not in MAY_ACT_FOR_OTHERS:
        raise Forbidden(f"this key is {own}'s own and cannot act for {wanted!r}")
    return Actor(of_team, known.id, known.label, known.role, wanted)


def require(actor: Actor, permission: str) -> None:
    """Raise `Forbidden` unless the actor's role allows it."""
    if permission not in PERMISSIONS[actor.role]:
        may = ", ".join(role for role, allowed in PERMISSIONS.items() if permission in allowed)
        raise Forbidden(f"a key of role {actor.role!r} may not do this; it takes one of {may}")


def digest(connection: Connection, key: str) -> str:
    """What is stored of a key."""
    pepper = teams.get_setting(connection, PEPPER)
    if pepper is None:
        raise NotAuthorized("the service has no keys yet")
    return hmac.new(bytes.fromhex(pepper), key.encode(), hashlib.sha256).hexdigest()


def create_key(ctx: Context, label: str, role: str, reviewer: str | None) -> ApiKey:
    """Make a key; the answer is the only one that ever holds its secret."""
    if role not in PERMISSIONS:
        raise BadRequest(f"there is no role {role!r}; there are {', '.join(PERMISSIONS)}", where="role")
    if not label.strip():
        raise BadRequest("a key needs a label, to be told from the others", where="label")
    secret = secrets.token_urlsafe(24)
    key = ApiKey(new_id(), label.strip(), role, reviewer, ctx.now, secret=secret)
    keys.insert(ctx.connection, ctx.team, key, digest(ctx.connection, secret))
    audit.record(ctx, "create_key", [(key.id, {}, {"label": label, "role": role, "reviewer": reviewer})])
    return key


def list_keys(ctx: Context) -> list[ApiKey]:
    """The team's keys, without their secrets."""
    return keys.of_team(ctx.connection, ctx.team)


def revoke_key(ctx: Context, id: str) -> None:
    """End a key now."""
    if id == ctx.actor.key_id:
        raise BadRequest("this is the key you are using: revoke it with another administrator's key")
    if not keys.revoke(ctx.connection, ctx.team, ctx.now, id=id):
        raise NotFound(f"the team has no live key with the id {id!r}")
    audit.record(ctx, "revoke_key", [(id, {}, {})])


def install_key(ctx: Context, secret: str) -> None:
    """Make ``secret`` a key of the actor's label and role, in place of the earlier ones of that label."""
    teams.set_setting_once(ctx.connection, PEPPER, secrets.token_hex(32))
    stored = digest(ctx.connection, secret)
    found = keys.by_digest(ctx.connection, stored)
    if found is not None:
        if found[0] != ctx.team:
            raise BadRequest("this key is another team's already: give each team a key of its own")
        return
    keys.revoke(ctx.connection, ctx.team, ctx.now, label=ctx.actor.label)
    key = ApiKey(new_id(), ctx.actor.label, ctx.actor.role, None, ctx.now)
    keys.insert(ctx.connection, ctx.team, key, stored)
    audit.record(ctx, "install_key", [(key.id, {}, {"label": key.label, "role": key.role})])


def has_key(connection: Connection, team: str) -> bool:
    """Whether a team has a live administrator's key."""
    return any(key.role == "administrator" and key.revoked_at is None for key in keys.of_team(connection, team))


def installer(team: str, label: str = "administrator") -> Actor:
    """Who installs the administrator's key: the operator who starts the service."""
    return Actor(team, "", label, "administrator")
