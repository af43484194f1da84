"""Rules of videos: until one is published its frames, transcript and terms come in. It reads no bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..content.archive import read_pictures
from ..content.image import PictureFacts
from ..content.video import MAX_FRAMES
from ..errors import BadDraft, BadPicture, BadRequest, NotFound
from ..model import Actor, Frame, Review, Term, Transcript
from ..store import frames, reviews, transcripts
from ..tags import read_bool
from . import addresses, audit, auth, decoding, pictures
from .blind import masked
from .context import Context
from .media import Media
from .reviews import copy_next_at

TYPE = "Video"
MAX_ZIP_PIXELS = 2_000_000_000
"""What the pictures of one zip may come to: each is decoded once, and that takes its time."""
Kept = Mapping[str, PictureFacts]
"""Pictures that the service has taken in for a request, by id."""


def demand_open(ctx: Context, id: str, *, locked: bool = True) -> None:
    """Raise unless the review is a video that is not published yet; ``locked``, it stays so in this transaction.

    Raises
    ------
    NotFound
        The team has no such review.
    BadRequest
        It is no video, or it is published.
    """
    if _standing(ctx, id, locked=locked) != "Unpublished":
        raise BadRequest(
            f"review {id} is published: frames, transcript and terms come before that. Create it with the status "
            "Unpublished, and publish it last"
        )


def unpack(
    media: Media, actor: Actor, packed: bytes, named: Sequence[Frame]
) -> tuple[tuple[Frame, ...], dict[str, PictureFacts]]:
    """Frames whose pictures are files of a zip, with the pictures taken in; outside of any transaction.

    Every file is looked at before the first is kept, so that a zip with one bad file leaves nothing behind.
    """
    auth.require(actor, "create")
    facts = _inspected(packed, [frame.image for frame in named])
    ids = {name: media.keep(actor.team, data) for name, data in read_pictures(packed, list(facts))}
    taken = tuple(replace(frame, image=addresses.MEDIA + ids[frame.image]) for frame in named)
    return taken, {ids[name]: found for name, found in facts.items()}


def _inspected(packed: bytes, names: Sequence[str]) -> dict[str, PictureFacts]:
    """What the pictures of a zip are, by name; `BadPicture` names the first that is none."""
    facts: dict[str, PictureFacts] = {}
    pixels = 0
    for name, data in read_pictures(packed, names):
        try:
            facts[name] = decoding.inspect_picture(data)
        except BadPicture as error:
            raise BadPicture(f"{name[:200]!r} in the zip: {error.message}", where="FrameImage") from None
        pixels += facts[name].width * facts[name].height
        if pixels > MAX_ZIP_PIXELS:
            most = f"{MAX_ZIP_PIXELS // 1_000_000:,} megapixels"
            raise BadPicture(f"the zip's pictures have more than {most} in all: send them in several zips")
    return facts


def add_frames(ctx: Context, id: str, new: Sequence[Frame], base_url: str, kept: Kept = MappingProxyType({})) -> None:
    """Put frames into an unpublished video, all or none; one at a moment that is there already takes its place."""
    demand_open(ctx, id)
    for picture_id, facts in kept.items():
        pictures.insert(ctx, ctx.team, picture_id, facts)
    ready = addresses.frames_inward(ctx, new, base_url)
    addresses.demand(ctx, ((f"FrameImage at {frame.timestamp} milliseconds", frame.image) for frame in ready))
    frames.insert(ctx.connection, ctx.team, {id: ready}, copy_next_at(ctx))
    total = frames.count(ctx.connection, [id]).get(id, 0)
    if total > MAX_FRAMES:
        raise BadDraft(f"with these review {id} would have {total:,} frames; the most is {MAX_FRAMES:,}")
    audit.record(ctx, "add_frames", [(id, {}, {"frames": len(ready)})])


def publish(ctx: Context, id: str) -> None:
    """Put a video into its queue; one that is published already stays as it is."""
    if _standing(ctx, id) == "Unpublished":
        reviews.publish(ctx.connection, id)
        audit.record(ctx, "publish", [(id, {"status": "Unpublished"}, {"status": "Pending"})])


def put_transcript(ctx: Context, id: str, text: str) -> None:
    """Keep what is said in an unpublished video, in place of what was kept before."""
    demand_open(ctx, id)
    transcripts.put_text(ctx.connection, ctx.team, id, text)
    audit.record(ctx, "put_transcript", [(id, {}, {"characters": len(text)})])


def put_terms(ctx: Context, id: str, terms: Sequence[Term]) -> None:
    """Keep the words that a classifier found in the transcript, in place of those kept before."""
    demand_open(ctx, id)
    transcripts.put_terms(ctx.connection, ctx.team, id, terms)
    audit.record(ctx, "put_terms", [(id, {}, {"terms": len(terms)})])


def transcript(ctx: Context, id: str) -> Transcript:
    """A video's transcript; an empty one as long as none was given."""
    _standing(ctx, id, locked=False)
    return transcripts.get(ctx.connection, id)


def with_frames(ctx: Context, id: str, start: int = 0, count: int | None = None, tag: str | None = None) -> Review:
    """A video with its frames from ``start`` milliseconds on, at most ``count`` of them, in the order of time.

    With ``tag`` only those that carry it: a short code, or another key of their metadata, that is true in the metadata
    or among the result tags.
    """
    most = None if tag else count
    found = reviews.fetch_from(ctx.connection, ctx.team, ctx.tags(), id, start, most)
    if found is None:
        raise NotFound(f"the team has no review {id!r}")
    _check_video(found)
    [found] = masked(ctx, [found])  # before it is searched by tag
    if not tag:
        return found
    carrying = [frame for frame in found.frames if _carries(frame, tag, found.status == "Complete")]
    return replace(found, frames=tuple(carrying[:count]))


def _carries(frame: Frame, tag: str, complete: bool) -> bool:
    results = frame.human_tags.items() if complete else frame.result_tags
    return any(key.lower() == tag.lower() and read_bool(value) for key, value in (*frame.metadata, *results))


def _standing(ctx: Context, id: str, *, locked: bool = True) -> str:
    """Where a video stands."""
    standing = reviews.standings(ctx.connection, ctx.team, [id], locked=locked).get(id)
    if standing is None:
        raise NotFound(f"the team has no review {id!r}")
    _check_video(standing)
    return standing.status


def _check_video(found: Review | reviews.Standing) -> None:
    if found.type != TYPE:
        raise BadRequest(f"review {found.id} is of type {found.type}; only a video has frames and a transcript")
