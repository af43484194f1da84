"""Keys and roles: who a key stands for and what it may do. It keeps no key, only a keyed digest of each."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ..errors import BadRequest, Forbidden, NotAuthorized, NotFound, StoreError, UnknownTeam
from ..model import Actor, ApiKey
from ..store import Connection, keys, teams
from . import audit
from .context import Context, new_id

PERMISSIONS = {
    "administrator": frozenset({"create", "get", "look", "read", "review", "move", "inspect", "oversee", "settings"}),
    "lead": frozenset({"create", "get", "look", "read", "review", "move", "inspect", "oversee"}),
    "reviewer": frozenset({"get", "look", "review", "move"}),
    "submitter": frozenset({"create", "get"}),
    "auditor": frozenset({"get", "look", "read", "inspect"}),
}
"""``get`` is one thing whose id the caller knows, ``look`` counts and what is one's own, ``read`` what lists
everybody's, ``inspect`` who holds keys and leases, ``oversee`` what ends others' work or decides between them.

A reviewer lists nothing of others': what colleagues said would prompt, and what never comes up in results is golden.
"""
MAY_ACT_FOR_OTHERS = frozenset({"administrator"})
PEPPER = "key-pepper"
"""The setting that holds the database's own half of the secret behind the digests, in hexadecimal; behind a colon, a
mark of the half from outside (`Settings.pepper`), once there is one."""
REVIEWER_MAX_CHARACTERS = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What breaks lines of logs and hides parts of names."""


def authenticate(
    connection: Connection,
    team: str | None,
    key: str | None,
    reviewer: str | None,
    *,
    now: datetime,
    pepper: str | None = None,
) -> Actor:
    """Who asks, checked in this order: the key, then the team, then the reviewer named.

    Where no team is named it is the key's own. The key is looked up by its digest, which nobody without the pepper can
    steer, so how long that takes tells nothing of the keys that there are.

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
    found = keys.by_digest(connection, digest(connection, key, pepper))
    if found is None or _has_ended(found[1], now):
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
    if wanted != own and CONTROL.search(wanted):
        raise BadRequest("the reviewer's name holds a control character: take it out")
    if wanted != own and known.role not in MAY_ACT_FOR_OTHERS:
        raise Forbidden(f"this key is {own}'s own and cannot act for {wanted!r}")
    return Actor(of_team, known.id, known.label, known.role, wanted)


def require(actor: Actor, permission: str) -> None:
    """Raise `Forbidden` unless the actor's role allows it."""
    if permission not in PERMISSIONS[actor.role]:
        may = ", ".join(role for role, allowed in PERMISSIONS.items() if permission in allowed)
        raise Forbidden(f"a key of role {actor.role!r} may not do this; it takes one of {may}")


def digest(connection: Connection, key: str, pepper: str | None) -> str:
    """What is stored of a key, with the half of the pepper that comes from outside, if there is one."""
    kept = teams.get_setting(connection, PEPPER)
    if kept is None:
        raise NotAuthorized("the service has no keys yet")
    inside, _, mark = kept.partition(":")
    made = hmac.new(bytes.fromhex(inside), key.encode(), hashlib.sha256).hexdigest()
    if not mark:
        return made
    if pepper is None:
        raise StoreError("this database's keys are kept with a pepper: start the service with the same CMTOOLS_PEPPER")
    return _peppered(pepper, made)


def needs_preparing(connection: Connection, pepper: str | None) -> bool:
    """Whether `prepare` has something to do; raises as it does."""
    kept = teams.get_setting(connection, PEPPER)
    return kept is None or _mark_needed(kept, pepper) is not None


def prepare(connection: Connection, pepper: str | None) -> None:
    """Make the database's half of the pepper, and put the half from outside over every digest, each once.

    So keys that were made before the service had a pepper from outside go on working.

    Raises
    ------
    StoreError
        There was a pepper from outside before, and this is another one, or none.
    """
    teams.set_setting_once(connection, PEPPER, secrets.token_hex(32))
    kept = teams.get_setting(connection, PEPPER, lock=True) or ""
    mark = _mark_needed(kept, pepper)
    if mark is not None and pepper is not None:
        keys.replace_digests(connection, partial(_peppered, pepper))
        teams.set_setting(connection, PEPPER, f"{kept}:{mark}")


def _mark_needed(kept: str, pepper: str | None) -> str | None:
    """The mark that the setting still lacks; None where it has all it should."""
    inside, _, mark = kept.partition(":")
    wanted = None if pepper is None else _peppered(pepper, inside)[:16]
    if not mark:
        return wanted
    if wanted is None or not hmac.compare_digest(mark, wanted):
        raise StoreError(
            "this database's keys are kept with another CMTOOLS_PEPPER: start the service with the one that it had"
        )
    return None


def _peppered(pepper: str, text: str) -> str:
    return hmac.new(pepper.encode(), text.encode(), hashlib.sha256).hexdigest()


def _has_ended(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is not None and key.revoked_at <= now


def create_key(ctx: Context, label: str, role: str, reviewer: str | None) -> ApiKey:
    """Make a key; the answer is the only one that ever holds its secret."""
    if role not in PERMISSIONS:
        raise BadRequest(f"there is no role {role!r}; there are {', '.join(PERMISSIONS)}", where="role")
    if not label.strip():
        raise BadRequest("a key needs a label, to be told from the others", where="label")
    for name, text in (("label", label), ("reviewer", reviewer or "")):
        if CONTROL.search(text):
            raise BadRequest(f"the {name} holds a control character: take it out", where=name)
    key = _keep_new(ctx, ApiKey(new_id(), label.strip(), role, reviewer, ctx.now))
    audit.record(ctx, "create_key", [(key.id, {}, {"label": label, "role": role, "reviewer": reviewer})])
    return key


def rotate_key(ctx: Context, id: str, grace_seconds: float) -> ApiKey:
    """Make a key that stands for the same as a live one, which ends after so many seconds; shown as `create_key`'s."""
    old = keys.get(ctx.connection, ctx.team, id)
    if old is None or _has_ended(old, ctx.now):
        raise _no_live_key(id)
    ends_at = ctx.now + timedelta(seconds=grace_seconds)
    keys.revoke(ctx.connection, ctx.team, ends_at, id=id)
    key = _keep_new(ctx, replace(old, id=new_id(), created_at=ctx.now, revoked_at=None))
    after = {"label": key.label, "role": key.role, "reviewer": key.reviewer, "replaces": id}
    shown = {"ends_at": ends_at.isoformat(), "replaced_by": key.id}
    audit.record(ctx, "rotate_key", [(id, {}, shown), (key.id, {}, after)])
    return key


def _keep_new(ctx: Context, key: ApiKey) -> ApiKey:
    """Give a key a secret of 192 random bits and keep its digest."""
    secret = secrets.token_urlsafe(24)
    keys.insert(ctx.connection, ctx.team, key, digest(ctx.connection, secret, _pepper(ctx)))
    return replace(key, secret=secret)


def _pepper(ctx: Context) -> str | None:
    pepper = ctx.settings.pepper
    return None if pepper is None else pepper.get_secret_value()


def _no_live_key(id: str) -> NotFound:
    return NotFound(f"the team has no live key with the id {id!r}")


def list_keys(ctx: Context) -> list[ApiKey]:
    """The team's keys, without their secrets."""
    return keys.of_team(ctx.connection, ctx.team)


def revoke_key(ctx: Context, id: str) -> None:
    """End a key now."""
    if id == ctx.actor.key_id:
        raise BadRequest("this is the key you are using: revoke it with another administrator's key")
    key = keys.get(ctx.connection, ctx.team, id)
    if key is None or not keys.revoke(ctx.connection, ctx.team, ctx.now, id=id):
        raise _no_live_key(id)
    before = {"label": key.label, "role": key.role, "reviewer": key.reviewer}
    before |= {} if key.revoked_at is None else {"ends_at": key.revoked_at.isoformat()}
    audit.record(ctx, "revoke_key", [(id, before, {"ends_at": ctx.now.isoformat()})])


def install_key(ctx: Context, secret: str) -> None:
    """Make ``secret`` a key of the actor's label and role, in place of the earlier ones of that label."""
    prepare(ctx.connection, _pepper(ctx))
    stored = digest(ctx.connection, secret, _pepper(ctx))
    found = keys.by_digest(ctx.connection, stored)
    if found is not None:
        if found[0] != ctx.team:
            raise BadRequest("this key is another team's already: give each team a key of its own")
        if _has_ended(found[1], ctx.now):
            raise BadRequest("this key was revoked or replaced: set CMTOOLS_KEY to the team's new one, or to none")
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
