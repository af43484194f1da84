"""Rules of pictures that the service keeps: uploaded ones and copies, shown small or in full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..content.image import PictureFacts
from ..errors import BadPicture, NotFound
from ..model import Actor, Picture
from ..store import pictures
from . import audit, auth, decoding
from .addresses import MEDIA, picture_address
from .context import Context
from .media import THUMBNAILS, Media, thumbnail_name


def upload(media: Media, actor: Actor, data: bytes) -> tuple[str, PictureFacts]:
    """Check and keep a picture's bytes, outside of any transaction; `note` makes them the team's."""
    auth.require(actor, "create")
    return media.save(actor.team, data)


def note(ctx: Context, id: str, facts: PictureFacts, base_url: str) -> Picture:
    """Make an uploaded picture known to the team."""
    if insert(ctx, ctx.team, id, facts):
        audit.record(ctx, "upload", [(MEDIA + id, {}, {"size_bytes": facts.size_bytes})])
    content = picture_address(base_url, ctx.team, id)
    return Picture(id, content, facts.media_type, facts.width, facts.height, facts.size_bytes)


def insert(ctx: Context, team: str, id: str, facts: PictureFacts) -> bool:
    """Keep the facts of a picture; False when the team has it already."""
    return pictures.insert(
        ctx.connection,
        team,
        id,
        facts.media_type,
        facts.width,
        facts.height,
        facts.size_bytes,
        ctx.now,
        facts.difference_hash,
    )


def demand(ctx: Context, id: str) -> None:
    """Raise `NotFound` unless the team has the picture."""
    if pictures.media_type(ctx.connection, ctx.team, id) is None:
        raise NotFound(f"the team has no picture {id!r}")


def thumbnail(media: Media, team: str, id: str, size: int) -> bytes:
    """A small JPEG of one of the team's pictures, made once.

    Raises
    ------
    NotFound
        There is no picture to show; the message says why.
    """
    name = thumbnail_name(id, size)
    made = media.cached(team, THUMBNAILS, name)
    if made is None:
        with _told():
            made = decoding.thumbnail(media.load(team, id), size)
        media.cache(team, THUMBNAILS, name, made)
    return made


def display(media: Media, team: str, id: str) -> tuple[bytes, str]:
    """One of the team's pictures in full, re-encoded, and its media type; `NotFound` as for `thumbnail`."""
    with _told():
        return decoding.display(media.load(team, id))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BadPicture as error:
        raise NotFound(f"no picture to show: {error.message}") from None
