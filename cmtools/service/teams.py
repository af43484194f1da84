"""Rules of teams, subteams and tags."""

from __future__ import annotations

import re

from ..errors import BadRequest, BadTag, NotFound
from ..model import PUBLIC, Team
from ..store import teams
from ..tags import BUILT_IN, Tag
from . import audit
from .context import Context

NAME = re.compile(r"[^\x00-\x1f/\\]{1,64}")


def describe(ctx: Context) -> Team:
    """The team with its tags, subteams and times."""
    return Team(
        ctx.team,
        ctx.tags(),
        teams.subteam_names(ctx.connection, ctx.team),
        ctx.settings.lease_seconds,
        ctx.settings.undo_seconds,
        *teams.wellness(ctx.connection, ctx.team),
    )


def ensure(ctx: Context) -> None:
    """Make the actor's team unless there is one."""
    _check_name(ctx.team, "team")
    if teams.insert(ctx.connection, ctx.team, PUBLIC, ctx.now):
        audit.record(ctx, "create_team", [(ctx.team, {}, {})])


def add_subteam(ctx: Context, name: str) -> Team:
    """Add a subteam; one that is there already stays as it is."""
    _check_name(name, "subteam")
    there = {known.lower() for known in teams.subteam_names(ctx.connection, ctx.team)}
    if name.lower() not in there and teams.insert_subteam(ctx.connection, ctx.team, name, ctx.now):
        audit.record(ctx, "add_subteam", [(name, {}, {})])
    return describe(ctx)


def check_subteam(ctx: Context, name: str) -> str:
    """The subteam of that name, in any case, as it is spelt; or `BadRequest` naming those there are."""
    if name == PUBLIC:  # every team has it
        return name
    names = teams.subteam_names(ctx.connection, ctx.team)
    if name in names:
        return name
    for known in names:
        if known.lower() == name.lower():
            return known
    raise BadRequest(
        f"the team has no subteam {name!r}; it has {', '.join(names)}. Add it with client.add_subteam({name!r})",
        where="subteam",
    )


def put_tag(ctx: Context, tag: Tag) -> Team:
    """Add a tag, or change the one with its short code."""
    before = ctx.tags()
    old = before.get(tag.short_code)
    if tag == old:
        return describe(ctx)
    teams.put_tag(ctx.connection, ctx.team, tag)
    audit.record(ctx, "put_tag", [(tag.short_code, _shown(old), _shown(tag))])
    return describe(ctx)


def remove_tag(ctx: Context, short_code: str) -> Team:
    """Take a tag out of the set; what was answered under it stays on record."""
    tags = ctx.tags()
    if short_code not in tags:
        raise NotFound(f"the team has no tag {short_code!r}; it has {', '.join(tags)}")
    tag = tags[short_code]
    if tag.short_code in {built_in.short_code for built_in in BUILT_IN}:
        raise BadTag(f"{tag.short_code!r} is built in and cannot be removed; it can be made invisible")
    teams.delete_tag(ctx.connection, ctx.team, tag.short_code)
    audit.record(ctx, "remove_tag", [(tag.short_code, _shown(tag), {})])
    return describe(ctx)


def set_wellness(ctx: Context, break_after_seconds: float | None, most_reveals_per_day: int | None) -> Team:
    """After how long boards remind of a break, and how many reveals a reviewer has in a day; None: never, no end."""
    before = teams.wellness(ctx.connection, ctx.team)
    after = (break_after_seconds, most_reveals_per_day)
    if after != before:
        teams.set_wellness(ctx.connection, ctx.team, *after)
        names = ("break_after_seconds", "most_reveals_per_day")
        was, is_now = (dict(zip(names, each, strict=True)) for each in (before, after))
        audit.record(ctx, "set_wellness", [(ctx.team, was, is_now)])
    return describe(ctx)


def _check_name(name: str, where: str) -> None:
    if not NAME.fullmatch(name) or name != name.strip() or name in (".", ".."):
        raise BadRequest(
            f"{name!r} is no name: it takes 1 to 64 characters without slashes, and no space at its ends", where=where
        )


def _shown(tag: Tag | None) -> dict[str, object]:
    if tag is None:
        return {}
    return {"name": tag.name, "description": tag.description, "visible": tag.visible}
