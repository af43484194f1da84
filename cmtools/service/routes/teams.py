"""A team: what it is, its tags and subteams."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import Team
from ...wire import bodies, own
from .. import teams
from ..door import ActorDep, BodyDep, DoorDep, MaySet, answer
from ..openapi import says

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Team"])


@router.get("", **says("get_team", Team))
def get_team(door: DoorDep, actor: ActorDep) -> Response:
    """The team with its tags, subteams and times."""
    return answer(door.read(actor, "get", teams.describe))


@router.post("/tags", **says("put_tag", Team, takes=bodies.TagBody))
def put_tag(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """Add a tag, or change of the one with its short code what is said of it; the rest stays as it is."""
    asked = bodies.read_body(bodies.TagBody, body)
    return answer(door.write(actor, "settings", lambda ctx: teams.add_tag(ctx, asked.short_code, asked.said)))


@router.put("/tags/{short_code}/threshold", **says("set_threshold", Team, takes=bodies.ThresholdBody))
def set_threshold(door: DoorDep, actor: MaySet, short_code: str, body: BodyDep) -> Response:
    """From which score on a tag is true for this team, whatever tagger gave the score; null leaves that to the tagger.

    It holds for what the service's taggers are asked from now on; what was tagged before stays as it is.
    """
    asked = bodies.read_body(bodies.ThresholdBody, body)
    return answer(door.write(actor, "settings", lambda ctx: teams.set_threshold(ctx, short_code, asked.threshold)))


@router.delete("/tags/{short_code}", **says("remove_tag", Team))
def remove_tag(door: DoorDep, actor: MaySet, short_code: str) -> Response:
    """Take a tag out of the set; what was answered under it stays."""
    return answer(door.write(actor, "settings", lambda ctx: teams.remove_tag(ctx, short_code)))


@router.post("/subteams", **says("add_subteam", Team, takes=bodies.SubteamBody))
def add_subteam(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """Add a subteam."""
    asked = bodies.read_body(bodies.SubteamBody, body)
    return answer(door.write(actor, "settings", lambda ctx: teams.add_subteam(ctx, asked.name)))
