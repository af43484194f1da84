"""Records of a team: decisions, audit events and the seals over them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ...model import AuditEvent, TrailCheck, TrailHead
from ...wire import bodies, own
from .. import audit, decisions, sealing
from ..door import NOSNIFF, BodyDep, DoorDep, MayCreate, MayLookThere, MayRead, answer
from ..openapi import content, page_of, says
from .reviews import Limit, read_cursor

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}", tags=["Records"])
LINES = "application/x-ndjson"
Answers = Literal["each", "final", "golden"]
Seal = Annotated[str, Path(pattern="^[0-9a-fA-F]{64}$")]


class Stream(StreamingResponse):
    """Lines as they are made. Whoever hangs up ends their making at once, not when garbage is next collected."""

    def __init__(self, lines: Generator[bytes]) -> None:
        super().__init__(lines, media_type=LINES, headers=NOSNIFF)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the lines to whoever asked."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._lines.close()


@router.get("/events", **says("list_events", page_of("events", AuditEvent), what="A page of events."))
def events(
    door: DoorDep, actor: MayLookThere, review_id: str | None = None, after: str | None = None, limit: Limit = 500
) -> Response:
    """A page of audit events, the oldest first, and the cursor of the next. A reviewer's key has to name a review."""
    cursor = read_cursor(after)
    found, following = door.read(actor, "look", lambda ctx: audit.trail(ctx, review_id, cursor, limit))
    return answer({"events": found, "next": None if following is None else str(following)})


@router.get(
    "/decisions",
    **says(
        "stream_decisions",
        content(LINES, schema={"type": "string"}),
        what="Lines of JSON, the last with a null `next`.",
    ),
)
def stream_decisions(
    door: DoorDep,
    actor: MayRead,
    subteam: str | None = None,
    type: str | None = None,
    metadata: bool = False,
    exposure: bool = False,
    answers: Answers = "each",
    after: str | None = None,
) -> Response:
    """Decisions, a batch a line, as columns: what each reviewer said, the final tags, or what is said of golden ones.

    An answer is what one reviewer said of one review, or of one of its frames: `reviews.id[answers.review[i]]` is the
    review of answer i, `said.tag[answers.said[i]]` are its tags, and `said.human[answers.said[i]]` how they were set.
    `decisions` has one entry for each tag of each answer, in this order: the auto tag, null where it was silent, and
    the score; of golden items also the known answer, in `truth`. In `frame` null is the whole review; moments are
    microseconds since 1970. A stream that broke off is taken up with the `next` of its last whole line.
    """
    lines = decisions.stream(
        lambda rule: door.read(actor, "read", rule),
        subteam=subteam,
        type=type,
        metadata=metadata,
        exposure=exposure,
        answers=answers,
        after=read_cursor(after),
    )
    return Stream(lines)


@router.put("/trail/noted/{seal}", **says("note_seal", AuditEvent, takes=bodies.NotedBody))
def note_seal(door: DoorDep, actor: MayCreate, body: BodyDep, seal: Seal) -> Response:
    """Put the SHA-256 of something that is kept elsewhere on the trail, as proof that it was there by now; once."""
    about = bodies.read_body(bodies.NotedBody, body).about
    return answer(door.write(actor, "create", lambda ctx: audit.note_seal(ctx, seal.lower(), about)))


@router.get("/trail/head", **says("read_trail_head", TrailHead))
def trail_head(door: DoorDep, actor: MayRead) -> Response:
    """The last seal of the team's trail; note its digest elsewhere."""
    return answer(door.read(actor, "read", sealing.head))


@router.get("/trail/check", **says("check_trail", TrailCheck))
def check_trail(door: DoorDep, actor: MayRead, after: str | None = None, noted: str | None = None) -> Response:
    """Check some seals of the trail and their events; it goes on with `after` at `following`, until that is null.

    The last part looks at what no seal covers, and whether the digest `noted` is still in the chain.
    """
    cursor = read_cursor(after)
    return answer(door.read(actor, "read", lambda ctx: sealing.check(ctx, cursor, noted)))
