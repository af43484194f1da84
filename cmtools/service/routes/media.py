"""The pictures of reviews and frames under the vendor's names for them, with a key or by a signed address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response, Security

from ...errors import NotAuthorized
from ...model import Actor
from ...wire import own
from .. import links, pictures
from ..door import DoorDep, KeyHeader, KeyQuery, actor_of, door_of
from ..openapi import content, says
from .pictures import DISPLAY_TYPES, SHOWN_SAFELY, picture_answer, picture_of

router = APIRouter(prefix=own.OWN_PREFIX + "/{team}/media", tags=["Pictures"])
Expires = Annotated[str, Query(description="The last second of a signed address, counted since 1970.")]
Signature = Annotated[str, Query(description="The service's signature of the address.")]
FOR_EVERY_PAGE = {**SHOWN_SAFELY, "Cross-Origin-Resource-Policy": "cross-origin"}
"""Whoever has the address may see the picture, on whatever page: there is no cookie that another page could borrow."""


def viewer_of(
    request: Request,
    team: str,
    name: str,
    header: Annotated[str | None, Security(KeyHeader)] = None,
    query: Annotated[str | None, Security(KeyQuery)] = None,
    reviewer: Annotated[str | None, Header(alias=own.REVIEWER_HEADER)] = None,
    expires: Expires = "",
    signature: Signature = "",
) -> Actor:
    """Whoever has a key, in the header or as ``subscription-key``; else whoever comes with a signed address."""
    if header or query:
        return actor_of(request, team, header, query, reviewer)
    if not expires and not signature:
        raise NotAuthorized(
            "no key was sent and the address is not signed: GET the review for an address that works by itself"
        )
    door = door_of(request)
    return door.store.read(lambda connection: links.bearer(connection, team, name, expires, signature, door.clock()))


@router.head("/{name}", include_in_schema=False)
@router.get("/{name}", **says("show_media", content(*DISPLAY_TYPES), what="The picture."))
def show(door: DoorDep, viewer: Annotated[Actor, Depends(viewer_of)], name: str) -> Response:
    """The picture of an image review or of a video's frame, re-encoded for display: what Review - Get names."""
    review_id, timestamp = links.read_name(name)
    id = picture_of(door, viewer, review_id, timestamp)
    return picture_answer(*pictures.display(door.media, viewer.team, id), headers=FOR_EVERY_PAGE)
