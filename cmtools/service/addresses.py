"""Between the addresses that callers use for the service's own pictures and the names that reviews keep of them.

A review keeps ``media:<picture id>``: the service's own address may change, its pictures stay. It fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from ..content.image import MEDIA_PREFIX
from ..errors import BadDraft
from ..model import Draft, Frame, Review
from ..store import copies, pictures
from ..wire.own import OWN_PREFIX
from . import links
from .context import Context

MEDIA = MEDIA_PREFIX
"""How an uploaded picture is named in a stored review."""
OWN_PATH = re.compile(OWN_PREFIX + r"/([^/?#]+)/(?:pictures/([0-9a-f]+)|media/([0-9A-Za-z_.]+)(?:\?[^#]*)?)")
"""What follows the service's address in the address of an uploaded picture, or in a link to a review's or frame's."""
Named = Iterable[tuple[str, str]]
"""Where a picture is named in a request, and how: ``media:<id>`` or an address."""


def picture_address(base_url: str, team: str, id: str) -> str:
    """Where the service shows an uploaded picture."""
    return f"{base_url}{OWN_PREFIX}/{quote(team, safe='')}/pictures/{id}"


def draft_inward(ctx: Context, draft: Draft, base_url: str) -> Draft:
    """The draft, its pictures named by their ids where they are ones that the service itself shows."""
    content = inward(ctx, draft.content, base_url) if draft.type == "Image" else draft.content
    frames = frames_inward(ctx, draft.frames, base_url) if draft.frames else draft.frames
    if content == draft.content and frames == draft.frames:
        return draft
    return replace(draft, content=content, frames=frames)


def frames_inward(ctx: Context, frames: Sequence[Frame], base_url: str) -> tuple[Frame, ...]:
    """The frames, their pictures named by their ids where they are ones that the service itself shows."""
    images = [inward(ctx, frame.image, base_url) for frame in frames]
    return tuple(
        frame if image == frame.image else replace(frame, image=image)
        for frame, image in zip(frames, images, strict=True)
    )


def demand(ctx: Context, named: Named) -> None:
    """Raise `BadDraft` unless the team has every picture that is named by its id."""
    wanted = [(where, name.removeprefix(MEDIA)) for where, name in named if name.startswith(MEDIA)]
    have = pictures.known(ctx.connection, ctx.team, {id for _, id in wanted})
    for where, id in wanted:
        if id not in have:
            raise BadDraft("the team has no such picture: upload it first", where=where)


def outward(ctx: Context, review: Review, base_url: str) -> Review:
    """The review as our own API shows it: uploaded pictures by an address at which the service answers now."""
    if review.content.startswith(MEDIA):
        return replace(review, content=picture_address(base_url, ctx.team, review.content.removeprefix(MEDIA)))
    if any(frame.image.startswith(MEDIA) for frame in review.frames):
        prefix = picture_address(base_url, ctx.team, "")
        shown = (
            replace(frame, image=prefix + frame.image.removeprefix(MEDIA)) if frame.image.startswith(MEDIA) else frame
            for frame in review.frames
        )
        return replace(review, frames=tuple(shown))
    return review


def linked(ctx: Context, review: Review, base_url: str) -> Review:
    """The review as the Review API shows it: each picture that the service has by a link that works without a key."""
    if review.type == "Image":
        source = copies.find(ctx.connection, ctx.team, review.id, None)
        kept = review.content.startswith(MEDIA) or (source is not None and source.picture_id is not None)
        return replace(review, content=links.open_links(ctx, base_url).of_review(review.id)) if kept else review
    if review.frames:
        made = links.open_links(ctx, base_url)
        copied = copies.copied_frames(ctx.connection, review.id)
        shown = (
            replace(frame, image=made.of_frame(review.id, frame.timestamp))
            if frame.timestamp in copied or frame.image.startswith(MEDIA)
            else frame
            for frame in review.frames
        )
        return replace(review, frames=tuple(shown))
    return review


def inward(ctx: Context, address: str, base_url: str) -> str:
    """A picture's name as a review keeps it: by its id, where the address is one of the service's own."""
    if not address.startswith(f"{base_url}/"):
        return address
    match = OWN_PATH.fullmatch(address.removeprefix(base_url))
    if match is None or unquote(match[1]).lower() != ctx.team:
        return address
    if match[2]:
        return MEDIA + match[2]
    named = links.NAME.fullmatch(match[3])
    source = named and copies.find(ctx.connection, ctx.team, *links.read_name(match[3]))
    if not source:
        return address
    return MEDIA + source.picture_id if source.picture_id else source.address
