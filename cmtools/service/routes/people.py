"""The people of a team: their notes, what they were exposed to, how their screens look."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ...model import Exposure, ExposureToday, Note, Team
from ...wire import bodies, own, people
from .. import exposures, notes, preferences, teams
from ..door import BodyDep, DoorDep, MayLook, MayLookThere, MayReview, MaySet, answer
from ..openapi import page_of, says
from .reviews import Limit, read_cursor

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["People"])


@router.post("/reviews/{review_id}/notes", **says("add_note", Note, takes=people.NoteBody))
def add_note(door: DoorDep, actor: MayReview, body: BodyDep, review_id: str) -> Response:
    """Write a note about a review, for colleagues; it stays."""
    asked = bodies.read_body(people.NoteBody, body)
    return answer(door.write(actor, "review", lambda ctx: notes.add(ctx, review_id, asked.text)))


@router.get("/notes", **says("list_notes", page_of("notes", Note), what="A page of notes."))
def list_notes(
    door: DoorDep, actor: MayLookThere, review_id: str | None = None, after: str | None = None, limit: Limit = 500
) -> Response:
    """A page of notes, of one review where it is named, the oldest first; and the cursor of the next.

    A reviewer's key has to name it.
    """
    cursor = read_cursor(after)
    found, following = door.read(actor, "look", lambda ctx: notes.page(ctx, review_id, cursor, limit))
    return answer({"notes": found, "next": None if following is None else str(following)})


@router.post("/exposures", **says("record_reveals", ExposureToday, takes=people.RevealsBody, refuses=(409,)))
def record_reveals(door: DoorDep, actor: MayReview, body: BodyDep) -> Response:
    """Count reveals that have ended; over the day's cap they are counted too, and the answer is a refusal."""
    asked = bodies.read_body(people.RevealsBody, body)
    exposed = door.write(actor, "review", lambda ctx: exposures.record(ctx, asked.reveals))
    return answer(exposures.check_cap(exposed))  # after the commit: what was told stays counted


@router.get("/exposures", **says("list_exposures", page_of("exposures", Exposure), what="A page of exposures."))
def list_exposures(door: DoorDep, actor: MayLook, after: str | None = None, limit: Limit = 500) -> Response:
    """A page of exposures by review and reviewer, all days together; a reviewer's key sees the reviewer's own."""
    cursor = read_cursor(after)
    found, following = door.read(actor, "look", lambda ctx: exposures.page(ctx, cursor, limit))
    return answer({"exposures": found, "next": None if following is None else str(following)})


@router.get("/exposures/today", **says("read_exposure_of_today", ExposureToday))
def exposure_today(door: DoorDep, actor: MayLook) -> Response:
    """What the acting reviewer has been exposed to since midnight UTC."""
    return answer(door.read(actor, "look", exposures.today))


@router.get("/preferences", **says("read_preferences", people.PREFERENCES, what="The preferences."))
def read_preferences(door: DoorDep, actor: MayLook) -> Response:
    """How the acting reviewer's screens look."""
    return answer({"values": door.read(actor, "look", preferences.get)})


@router.patch(
    "/preferences",
    **says(
        "set_preferences", people.PREFERENCES, what="The preferences as they are now.", takes=people.PreferencesBody
    ),
)
def set_preferences(door: DoorDep, actor: MayReview, body: BodyDep) -> Response:
    """Set some of the acting reviewer's preferences and leave the others; null takes one out."""
    asked = bodies.read_body(people.PreferencesBody, body)
    return answer({"values": door.write(actor, "review", lambda ctx: preferences.change(ctx, asked.values))})


@router.put("/wellness", **says("set_wellness", Team, takes=people.WellnessBody))
def set_wellness(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """After how long boards remind of a break, and how many pictures a reviewer may reveal in a day; null is never."""
    asked = bodies.read_body(people.WellnessBody, body)
    return answer(
        door.write(
            actor,
            "settings",
            lambda ctx: teams.set_wellness(ctx, asked.break_after_seconds, asked.most_reveals_per_day),
        )
    )
