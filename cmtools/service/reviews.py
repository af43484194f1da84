"""Rules of reviews: how a draft becomes one, how it is read and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..content import content_type
from ..errors import BadDraft, BadRequest, Conflict, NotFound
from ..model import PUBLIC, Draft, QueueCounts, Review
from ..store import arrivals, frames, reviews
from ..store.arrivals import NewReview
from ..wire.creation import Incoming
from . import addresses, arriving, audit, teams
from .blind import AUTO, masked
from .context import Context, guids

STATUSES = ("Pending", "Complete", "Unpublished")


def create(ctx: Context, incoming: Sequence[Incoming], subteam: str | None, base_url: str) -> tuple[list[str], int]:
    """Make reviews of drafts that `wire` has checked, all or none.

    Returns
    -------
    ids : list of str
        In the order of the drafts; an earlier review's where its idempotency key is known.
    created : int
        How many of them are new.
    """
    into = teams.check_subteam(ctx, subteam or PUBLIC)
    drafts = [addresses.draft_inward(ctx, item.draft, base_url) for item in incoming]
    addresses.demand(ctx, _named(drafts))
    _check_keys(incoming)
    new = list(_new(ctx, arriving.disguised(ctx, drafts), into, incoming))
    ids, raised = arrivals.insert(ctx.connection, ctx.team, ctx.actor.label, new, ctx.now)
    fresh = [(item, codes) for item, id, codes in zip(new, ids, raised, strict=True) if item.id == id]
    if len(fresh) < len(new):
        _check_same(ctx, {id: item for item, id in zip(new, ids, strict=True) if item.id != id})
    framed = {item.id: item.draft.frames for item, _ in fresh if item.draft.frames}
    frames.insert(ctx.connection, ctx.team, framed, copy_next_at(ctx))
    audit.record(ctx, "create", [change for item, codes in fresh for change in _told(item, codes)])
    return ids, len(fresh)


def get(ctx: Context, id: str, base_url: str) -> Review:
    """One review.

    Raises
    ------
    NotFound
        The team has no such review.
    """
    return shown(ctx, [stored(ctx, id)], base_url)[0]


def linked(ctx: Context, id: str, base_url: str) -> Review:
    """One review as the Review API shows it: each picture that the service has by a link that works without a key."""
    return addresses.linked(ctx, masked(ctx, [stored(ctx, id)])[0], base_url)


def stored(ctx: Context, id: str) -> Review:
    """One review with its content as stored."""
    found = reviews.fetch(ctx.connection, ctx.team, ctx.tags(), [id])
    if not found:
        raise NotFound(f"the team has no review {id!r}")
    return found[0]


def lookup(ctx: Context, ids: Sequence[str], framed: bool, base_url: str) -> tuple[list[Review], list[str]]:
    """Those of the named reviews that the team has, in order; and the ids, from some on, that were too much for once.

    Only the frames of videos can be too much; with ``framed`` false they are left out.
    """
    most = reviews.bounded(ctx.connection, ids) if framed else len(ids)
    found = reviews.fetch(ctx.connection, ctx.team, ctx.tags(), ids[:most], framed=framed)
    return shown(ctx, found, base_url), list(ids[most:])


def page(
    ctx: Context, status: str | None, type: str | None, subteam: str | None, after: int, limit: int, base_url: str
) -> tuple[list[Review], int | None]:
    """A page of the team's reviews, the oldest first, and the cursor of the next."""
    kind = None if type is None else content_type(type).name
    wanted = None if status is None else _status(status)
    found, cursor = reviews.page(
        ctx.connection, ctx.team, ctx.tags(), status=wanted, type=kind, subteam=subteam, after=after, limit=limit
    )
    return shown(ctx, found, base_url), cursor


def counts(ctx: Context, type: str | None, subteam: str | None) -> QueueCounts:
    """How many reviews stand in which state."""
    kind = None if type is None else content_type(type).name
    return undisputed(ctx, reviews.counts(ctx.connection, ctx.team, kind, subteam))


def undisputed(ctx: Context, found: QueueCounts) -> QueueCounts:
    """The counts as the actor may see them: a dispute that comes up would tell a reviewer that a colleague differs."""
    return replace(found, disputed=0) if ctx.actor.role == "reviewer" else found


def shown(ctx: Context, found: Sequence[Review], base_url: str) -> list[Review]:
    """Reviews as callers see them: uploaded pictures by an address at which the service answers now.

    What the actor has under a blind lease comes without its auto tags.
    """
    return [addresses.outward(ctx, review, base_url) for review in masked(ctx, found)]


def copy_next_at(ctx: Context) -> datetime | None:
    """From when on pictures that are named by an address now are to be copied; None where the settings say never."""
    return ctx.now if ctx.settings.copy_content else None


def _new(ctx: Context, drafts: Sequence[Draft], subteam: str, incoming: Sequence[Incoming]) -> Iterator[NewReview]:
    month, copied_at = ctx.now.strftime("%Y%m"), copy_next_at(ctx)
    asked = [draft.overlap if draft.overlap > 1 or draft.truth is not None else 0 for draft in drafts]
    made = guids(len(drafts) + sum(asked))
    for draft, item, count in zip(drafts, incoming, asked, strict=True):
        start = f"{month}{content_type(draft.type).letter}"
        at_address = draft.type == "Image" and not draft.content.startswith(addresses.MEDIA)
        due = copied_at if at_address else None
        id, opinions = start + next(made), tuple(start + next(made) for _ in range(count))
        yield NewReview(id, draft, subteam, item.idempotency_key, due, opinions)


def _told(item: NewReview, codes: str) -> Iterator[audit.Change]:
    """A new review as its audit event tells it, with its auto tags that are on; then the opinions asked for on it.

    The event of an opinion is that of any review: what is asked for several times, or golden, only the review's tells.
    """
    draft = item.draft
    told: dict[str, object] = {"content_id": draft.content_id, "subteam": item.subteam}
    told |= {AUTO: codes.split()} if codes else {}
    shared: dict[str, object] = {"opinions": list(item.opinions), "final": draft.final} if item.opinions else {}
    shared |= {"golden": True} if draft.truth is not None else {}
    told |= {"blind": True} if draft.blind else {}
    told |= {"weight": draft.weight} if draft.weight != 1.0 else {}
    told |= {"stratum": draft.stratum} if draft.stratum is not None else {}
    yield item.id, {}, {**told, **shared}
    for opinion in item.opinions:
        yield opinion, {}, told


def _check_same(ctx: Context, again: Mapping[str, NewReview]) -> None:
    """Raise `Conflict` where a review that is there already was asked for otherwise than now."""
    for id, (overlap, final, blind, golden) in arrivals.asked_for(ctx.connection, ctx.team, list(again)).items():
        draft = again[id].draft
        was: list[object] = [overlap, golden]
        now: list[object] = [draft.overlap, draft.truth is not None]
        if not golden:
            was, now = [*was, blind, final or draft.final], [*now, draft.blind, draft.final]
        if was != now:
            said = f"with overlap {overlap}, {'blind' if blind else 'not blind'}{', golden' if golden else ''}"
            raise Conflict(
                f"the draft with id {draft.content_id!r} is review {id} already, {said}; nothing was created. "
                "Ask as before, or give this lot another name: batch='...'"
            )


def _named(drafts: Sequence[Draft]) -> Iterator[tuple[str, str]]:
    """Where pictures that the service is to have already are named in a request, and how."""
    for index, draft in enumerate(drafts):
        if draft.type == "Image" and draft.content.startswith(addresses.MEDIA):
            yield f"[{index}].Content", draft.content
        for frame in draft.frames:  # by its moment: they are in the order of time here, and were not in the request
            yield f"[{index}].VideoFrames: FrameImage at {frame.timestamp} milliseconds", frame.image


def _status(status: str) -> str:
    for known in STATUSES:
        if status.lower() == known.lower():
            return known
    raise BadRequest(f"there is no status {status!r}; there are {', '.join(STATUSES)}", where="status")


def _check_keys(incoming: Sequence[Incoming]) -> None:
    seen = Counter(item.idempotency_key for item in incoming if item.idempotency_key is not None)
    for index, item in enumerate(incoming):
        if item.idempotency_key is not None and seen[item.idempotency_key] > 1:
            raise BadDraft("two items have this idempotency key", where=f"[{index}].IdempotencyKey")
