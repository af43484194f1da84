"""Rules of pictures: uploaded ones, and those behind a review's address."""

from __future__ import annotations

import hashlib

from ..content import image
from ..errors import BadPicture, NotFound
from ..model import Actor, Picture, Review
from ..store import pictures
from . import audit, auth
from .context import Context
from .media import Media
from .outbound import Outbound, Refused
from .reviews import MEDIA, picture_address


def upload(media: Media, actor: Actor, data: bytes) -> tuple[str, image.PictureFacts]:
    """Check and keep a picture's bytes, outside of any transaction; `note` makes them the team's."""
    auth.require(actor, "create")
    return media.save(actor.team, data)


def note(ctx: Context, id: str, facts: image.PictureFacts, base_url: str) -> Picture:
    """Make an uploaded picture known to the team."""
    if pictures.insert(
        ctx.connection, ctx.team, id, facts.media_type, facts.width, facts.height, facts.size_bytes, ctx.now
    ):
        audit.record(ctx, "upload", [(MEDIA + id, {}, {"size_bytes": facts.size_bytes})])
    content = picture_address(base_url, ctx.team, id)
    return Picture(id, content, facts.media_type, facts.width, facts.height, facts.size_bytes)


def demand(ctx: Context, id: str) -> None:
    """Raise `NotFound` unless the team has the picture."""
    if pictures.media_type(ctx.connection, ctx.team, id) is None:
        raise NotFound(f"the team has no picture {id!r}")


def thumbnail(media: Media, outbound: Outbound, team: str, review: Review, size: int) -> bytes:
    """A small JPEG of a review's picture, made once.

    Raises
    ------
    NotFound
        There is no picture to show; the message says why.
    """
    name = f"{_source_id(review)}-{size}"
    made = media.cached(team, "thumbnails", name)
    if made is None:
        try:
            made = image.thumbnail(_bytes(media, outbound, team, review), size)
        except BadPicture as error:
            raise NotFound(f"no picture to show: {error.message}") from None
        media.cache(team, "thumbnails", name, made)
    return made


def display(media: Media, outbound: Outbound, team: str, review: Review) -> tuple[bytes, str]:
    """A review's picture in full and its media type."""
    try:
        return image.display(_bytes(media, outbound, team, review))
    except BadPicture as error:
        raise NotFound(f"no picture to show: {error.message}") from None


def display_upload(media: Media, team: str, id: str) -> tuple[bytes, str]:
    """An uploaded picture in full and its media type."""
    return image.display(media.load(team, id))


def _source_id(review: Review) -> str:
    if review.content.startswith(MEDIA):
        return review.content.removeprefix(MEDIA)
    return hashlib.sha256(review.content.encode()).hexdigest()[:40]


def _bytes(media: Media, outbound: Outbound, team: str, review: Review) -> bytes:
    """The picture as it came: from our own storage, or fetched from its address once and kept."""
    if review.content.startswith(MEDIA):
        return media.load(team, _source_id(review))
    kept = media.cached(team, "fetched", _source_id(review))
    if kept is not None:
        return kept
    try:
        data = outbound.fetch_picture(review.content)
    except Refused as error:
        raise NotFound(f"no picture to show: {error.message}") from None
    image.inspect_picture(data)
    media.cache(team, "fetched", _source_id(review), data)
    return data
