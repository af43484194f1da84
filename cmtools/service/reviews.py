"""Rules of reviews: how a draft becomes one, how it is read and listed."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from ..content import content_type
from ..errors import BadDraft, BadRequest, NotFound
from ..model import PUBLIC, Draft, QueueCounts, Review
from ..store import pictures, reviews
from ..store.reviews import NewReview
from ..wire.creation import Incoming
from . import audit, teams
from .context import Context

MEDIA = "media:"
"""How an uploaded picture is named in a stored review: the service's own address may change, its pictures stay."""
PICTURE_PATH = re.compile(r"/cmtools/v1/teams/([^/?#]+)/pictures/([0-9a-f]+)")
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
    drafts = [_with_own_picture(ctx, item.draft, base_url) for item in incoming]
    _check_pictures(ctx, drafts)
    _check_keys(incoming)
    month = ctx.now.strftime("%Y%m")
    new = [
        NewReview(f"{month}{content_type(draft.type).letter}{uuid.uuid4().hex}", draft, into, item.idempotency_key)
        for draft, item in zip(drafts, incoming, strict=True)
    ]
    ids = reviews.insert(ctx.connection, ctx.team, ctx.actor.label, new, ctx.now)
    fresh = [item for item, id in zip(new, ids, strict=True) if item.id == id]
    audit.record(
        ctx, "create", [(item.id, {}, {"content_id": item.draft.content_id, "subteam": into}) for item in fresh]
    )
    return ids, len(fresh)


def get(ctx: Context, id: str, base_url: str) -> Review:
    """One review.

    Raises
    ------
    NotFound
        The team has no such review.
    """
    return shown(ctx, [stored(ctx, id)], base_url)[0]


def stored(ctx: Context, id: str) -> Review:
    """One review with its content as stored."""
    found = reviews.fetch(ctx.connection, ctx.team, ctx.tags(), [id])
    if not found:
        raise NotFound(f"the team has no review {id!r}")
    return found[0]


def lookup(ctx: Context, ids: Sequence[str], base_url: str) -> list[Review]:
    """Those of the named reviews that the team has, in order."""
    return shown(ctx, reviews.fetch(ctx.connection, ctx.team, ctx.tags(), ids), base_url)


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
    return reviews.counts(ctx.connection, ctx.team, None if type is None else content_type(type).name, subteam)


def shown(ctx: Context, found: Iterable[Review], base_url: str) -> list[Review]:
    """Reviews as callers see them: uploaded pictures by an address at which the service answers now."""
    prefix = picture_address(base_url, ctx.team, "")
    return [
        replace(review, content=prefix + review.content.removeprefix(MEDIA))
        if review.content.startswith(MEDIA)
        else review
        for review in found
    ]


def picture_address(base_url: str, team: str, id: str) -> str:
    """Where the service shows an uploaded picture."""
    return f"{base_url}/cmtools/v1/teams/{quote(team, safe='')}/pictures/{id}"


def _status(status: str) -> str:
    for known in STATUSES:
        if status.lower() == known.lower():
            return known
    raise BadRequest(f"there is no status {status!r}; there are {', '.join(STATUSES)}", where="status")


def _with_own_picture(ctx: Context, draft: Draft, base_url: str) -> Draft:
    """The draft, its picture named by its id where it is one that the service itself shows."""
    if not draft.content.startswith(f"{base_url}/"):
        return draft
    match = PICTURE_PATH.fullmatch(draft.content.removeprefix(base_url))
    mine = match is not None and unquote(match[1]).lower() == ctx.team
    return replace(draft, content=MEDIA + match[2]) if match and mine else draft


def _check_pictures(ctx: Context, drafts: Sequence[Draft]) -> None:
    wanted = {draft.content.removeprefix(MEDIA) for draft in drafts if draft.content.startswith(MEDIA)}
    missing = wanted - pictures.known(ctx.connection, ctx.team, wanted)
    for index, draft in enumerate(drafts):
        if draft.content.removeprefix(MEDIA) in missing:
            raise BadDraft("the team has no such picture: upload it first", where=f"[{index}].Content")


def _check_keys(incoming: Sequence[Incoming]) -> None:
    seen = Counter(item.idempotency_key for item in incoming if item.idempotency_key is not None)
    for index, item in enumerate(incoming):
        if item.idempotency_key is not None and seen[item.idempotency_key] > 1:
            raise BadDraft("two items have this idempotency key", where=f"[{index}].IdempotencyKey")
