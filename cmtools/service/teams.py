"""Rules of teams, subteams and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import BadRequest, BadTag, NotFound
from ..model import PUBLIC, Team
from ..store import teams
from ..tags import BUILT_IN, Tag, TagSet
from . import audit
from .context import Context

_BUILT_IN_CODES = {tag.short_code.lower(): tag.short_code for tag in BUILT_IN}
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
        teams.golden_feedback(ctx.connection, ctx.team),
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


def add_tag(ctx: Context, short_code: str, said: Mapping[str, Any]) -> Team:
    """Add a tag, or change of the one with its short code what is said of it; the rest stays as it is.

    Parameters
    ----------
    ctx : Context
    short_code : str
        In any case; a tag of the team's own is spelt so from now on.
    said : mapping of str to object
        ``name``, ``description``, ``visible``, ``threshold``: those that are to be changed.
    """
    teams.lock(ctx.connection, ctx.team)
    old = ctx.tags().get(short_code, Tag(short_code))
    return put_tag(ctx, replace(old, short_code=short_code, **said))


def set_threshold(ctx: Context, short_code: str, threshold: float | None) -> Team:
    """From which score on a tag of the team is true; None leaves that to the tagger again."""
    teams.lock(ctx.connection, ctx.team)
    return put_tag(ctx, replace(_existing(ctx.tags(), short_code), threshold=threshold))


def put_tag(ctx: Context, tag: Tag) -> Team:
    """Add a tag, or put it in the place of the one with its short code. A built-in one keeps its spelling."""
    tag = replace(tag, short_code=_BUILT_IN_CODES.get(tag.short_code.lower(), tag.short_code))
    old = ctx.tags().get(tag.short_code)
    if tag == old:
        return describe(ctx)
    teams.put_tag(ctx.connection, ctx.team, tag)
    audit.record(ctx, "put_tag", [(tag.short_code, _shown(old), _shown(tag))])
    return describe(ctx)


def remove_tag(ctx: Context, short_code: str) -> Team:
    """Take a tag out of the set; what was answered under it stays on record."""
    tag = _existing(ctx.tags(), short_code)
    if tag.short_code.lower() in _BUILT_IN_CODES:
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


def set_golden_feedback(ctx: Context, told: bool) -> Team:
    """Whether reviewers are told how what they said of golden items compares with the known answers."""
    before = teams.golden_feedback(ctx.connection, ctx.team)
    if told != before:
        teams.set_golden_feedback(ctx.connection, ctx.team, told)
        audit.record(ctx, "set_golden_feedback", [(ctx.team, {"told": before}, {"told": told})])
    return describe(ctx)


def _existing(tags: TagSet, short_code: str) -> Tag:
    if short_code not in tags:
        raise NotFound(f"the team has no tag {short_code!r}; it has {', '.join(tags)}")
    return tags[short_code]


def _check_name(name: str, where: str) -> None:
    if not NAME.fullmatch(name) or name != name.strip() or name in (".", ".."):
        raise BadRequest(
            f"{name!r} is no name: it takes 1 to 64 characters without slashes, and no space at its ends", where=where
        )


def _shown(tag: Tag | None) -> dict[str, object]:
    if tag is None:
        return {}
    return {"name": tag.name, "description": tag.description, "visible": tag.visible, "threshold": tag.threshold}
