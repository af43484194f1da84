"""What several people say of one review, and golden items."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from ...errors import BadRequest
from ...model import Feedback, GoldenItem, Opinion, Team
from ...wire import bodies, own
from ...wire.schemas import object_of
from .. import opinions, teams
from ..door import BodyDep, DoorDep, MayInspect, MayLook, MayOversee, MaySet, answer
from ..openapi import listing_of, says

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Opinions"])


@router.get(
    "/reviews/{review_id}/opinions",
    **says("list_opinions", listing_of("opinions", Opinion), what="The opinions that are final."),
)
def of_review(door: DoorDep, actor: MayInspect, review_id: str) -> Response:
    """What each of several reviewers said of a review, the earliest first."""
    return answer({"opinions": door.read(actor, "inspect", lambda ctx: opinions.of_review(ctx, review_id))})


@router.post(
    "/reviews/settle",
    **says("settle_reviews", object_of({"settled": {"type": "integer"}}), takes=bodies.SettleBody, refuses=(409,)),
)
def settle(door: DoorDep, actor: MayOversee, body: BodyDep) -> Response:
    """Ask nobody else about these reviews, and settle them by the opinions that there are."""
    asked = bodies.read_body(bodies.SettleBody, body)
    settled = door.write(actor, "oversee", lambda ctx: opinions.settle_early(ctx, asked.review_ids))
    return answer({"settled": settled})


@router.get("/golden", **says("list_golden_items", listing_of("golden", GoldenItem), what="The golden items."))
def golden(door: DoorDep, actor: MayInspect) -> Response:
    """The team's golden items with their known answers, the oldest first."""
    return answer({"golden": door.read(actor, "inspect", opinions.golden)})


@router.get("/feedback", **says("read_feedback", listing_of("feedback", Feedback), what="What was said and is known."))
def feedback(door: DoorDep, actor: MayLook, since: str | None = None) -> Response:
    """How the acting reviewer did on golden items since a moment; nothing unless the team tells."""
    moment = None if since is None else _moment(since)
    return answer({"feedback": door.read(actor, "look", lambda ctx: opinions.feedback(ctx, moment))})


@router.put("/golden-feedback", **says("set_golden_feedback", Team, takes=bodies.GoldenFeedbackBody))
def set_golden_feedback(door: DoorDep, actor: MaySet, body: BodyDep) -> Response:
    """Whether reviewers are told how what they said of golden items compares with the known answers."""
    asked = bodies.read_body(bodies.GoldenFeedbackBody, body)
    return answer(door.write(actor, "settings", lambda ctx: teams.set_golden_feedback(ctx, asked.told)))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRequest(f"{text[:40]!r} is no moment with a time zone, such as 2026-03-01T12:00:00Z", where="since")
