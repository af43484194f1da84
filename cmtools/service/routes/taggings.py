"""All that the service's tagger says of a picture or a text, at once, and not only what the vendor's answers hold."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from ...content import content_type as kind_of
from ...errors import BadRequest
from ...model import Verdict
from ...taggers.base import TYPES
from ...wire import moderation as wire
from ...wire import own
from .. import moderation
from ..context import Context
from ..door import BodyDep, DoorDep, MayCreate, answer
from ..openapi import says
from .moderation import TAKES_PICTURE, TAKES_TEXT

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/taggings", tags=["Taggers"])
TAKES_CONTENT: dict[str, Any] = {
    "required": True,
    "description": f"{TAKES_PICTURE['description']} With `content_type=Text` the text, in UTF-8, of at most 1,024 "
    "characters.",
    "content": {**TAKES_PICTURE["content"], **TAKES_TEXT["content"]},
}


@router.post("", **says("show_to_tagger", Verdict, takes=TAKES_CONTENT, refuses=(409, 500)))
def show_to_tagger(
    door: DoorDep, actor: MayCreate, body: BodyDep, content_type: str = "Image", thresholds: str = "team"
) -> Response:
    """The tags, scores, metadata and listed terms that the service's tagger gives a picture or a text.

    Where the team has a threshold of its own for a tag with a score, the tag is by it, as in jobs. Nothing is kept.
    """
    kind = kind_of(content_type).name
    if kind not in TYPES:
        raise BadRequest(f"a tagger is shown an {' or a '.join(TYPES)}, and no {kind}", where="content_type")
    if thresholds not in own.THRESHOLDS:
        raise BadRequest(f"it is {thresholds!r}; there are {', '.join(own.THRESHOLDS)}", where="thresholds")
    limits = door.read(actor, "create", _thresholds if thresholds == own.THRESHOLDS[0] else _none)
    if kind == "Text":
        _, said = moderation.screen(door.taggers, body, limits)
    else:
        said = moderation.evaluate(door.taggers, door.outbound, wire.read_picture(body), limits).said
    return answer(Verdict(said.tags, said.scores, said.metadata, said.terms))


def _thresholds(ctx: Context) -> dict[str, float]:
    return ctx.tags().thresholds


def _none(_ctx: Context) -> dict[str, float]:
    return {}
