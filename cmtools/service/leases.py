"""Rules of leases: who may review what, for how long, and what becomes of it when the time is over."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from types import MappingProxyType

from ..content import content_type
from ..errors import AlreadyComplete, BadRequest, Conflict, LeaseLost, NotFound
from ..model import Lease, Review
from ..store import frames, leases, opinions, reviews
from ..store.leases import LeaseRow
from ..store.places import SHUFFLE_BITS
from ..tags import TagSet
from . import audit, auth, teams
from .blind import unprompted
from .context import Context, new_id, system_actor
from .opinions import leaning
from .reviews import get, shown

Named = Mapping[str, Mapping[str, bool]]
"""Review id -> short code -> on or off."""
NamedFrames = Mapping[str, Mapping[str, Mapping[str, bool]]]
"""Review id -> a frame's milliseconds as text -> short code -> on or off."""
MAX_COUNT = 10_000
MOST_LISTED = 1000
"""The most leases of a team in one listing."""
SWEPT_AT_ONCE = 50
REVIEWS_SWEPT_AT_ONCE = 1000
"""The most leases and reviews (but one lease always) that one transaction gives back: writers do not wait long."""
WHY = {
    "expired": "the lease has expired and its reviews are back in the queue; nothing was changed. Check out again",
    "released": "the lease was given back; nothing was changed. Check out again",
    "held": "everything in this lease was put on hold; nothing was changed. Take it up again, or check out others",
    "taken_away": "a lead took this lease away, and its reviews are back in the queue; nothing was changed",
    "submitted": "everything in this lease was submitted already; nothing was changed. Check out again",
    None: "the reviews of this lease were resumed elsewhere, and this token is dead; nothing was changed",
}


def checkout(
    ctx: Context,
    count: int,
    type: str,
    subteam: str | None,
    base_url: str,
    *,
    order: str = "oldest",
    seed: int | None = None,
    blind: bool = False,
    adjudicate: bool = False,
) -> Lease:
    """Take the first waiting reviews in an order; nobody else is given them until the lease ends.

    They are fewer than ``count`` when fewer wait, and when they are videos that have very many frames. A blind lease
    does not show what the auto tags are.

    The random order draws as ``seed`` says, or anew: the same ones, in the same order, out of an unchanged queue. Where
    at most 2,000 wait (or 50 for each that is wanted), each of them is as likely as any other, and so is each pair. Of
    a longer queue the draw is from that many that are neighbours on a ring, on which reviews have random places from
    their creation, beginning anywhere: over all seeds each is as likely as any other but for a few percent, and
    neighbours on the ring come together more often than others do. Nothing in it goes by content, age or score.

    To adjudicate is to take reviews on which others differ, the oldest first, with what they said, and begins with what
    most of them said.

    Returns
    -------
    Lease
        With its token, this once. Without an id and reviews when nothing waits.
    """
    if not 1 <= count <= MAX_COUNT:
        raise BadRequest(f"count is {count}; it must be 1 to {MAX_COUNT:,}", where="count")
    if order not in leases.ORDERS:
        raise BadRequest(f"there is no order {order!r}; there are {', '.join(leases.ORDERS)}", where="order")
    kind = content_type(type).name
    if subteam is not None:
        subteam = teams.check_subteam(ctx, subteam)
    expire(ctx)
    row, token = new_row(ctx, kind, subteam, blind=blind)
    if adjudicate:
        auth.require(ctx.actor, "oversee")
        ids = opinions.take_disputed(ctx.connection, ctx.team, kind, subteam, ctx.reviewer, row.id, count)
    else:
        row = replace(row, in_order=order, from_place=_start(seed) if order == "random" else 0)
        ids = leases.take(ctx.connection, row, count)
    if not ids:
        return Lease("", ctx.reviewer, kind, ctx.now, subteam=subteam, created_at=ctx.now, blind=blind)
    leases.insert(ctx.connection, row)
    most = reviews.bounded(ctx.connection, ids) if kind == frames.FRAMED else len(ids)
    if most < len(ids):
        leases.give_back(ctx.connection, row.id, ids[most:])
        ids = ids[:most]
    if adjudicate:
        given = opinions.given(ctx.connection, ids)
        leases.save_toggles(ctx.connection, {id: leaning(given.get(id, ())) for id in ids})
    how = {} if not blind else {"blind": True}
    audit.record(ctx, "checkout", [(id, {}, {"lease": row.id, **how}) for id in ids])
    return shown_lease(ctx, row, base_url, token)


def new_row(ctx: Context, kind: str, subteam: str | None, *, blind: bool = False) -> tuple[LeaseRow, str]:
    """A lease from now on, not stored yet, and its token."""
    token = secrets.token_urlsafe(24)
    row = LeaseRow(new_id(), ctx.team, ctx.reviewer, kind, subteam, _digest(token), ctx.now, _expiry(ctx), None, blind)
    return row, token


def held(ctx: Context, base_url: str) -> list[Lease]:
    """The reviewer's live leases with their reviews and the toggles made so far, without tokens."""
    rows = leases.live_of(ctx.connection, ctx.team, ctx.reviewer, ctx.now)
    found = [shown_lease(ctx, row, base_url) for row in rows]
    return [lease for lease in found if lease.reviews]


def everyones(ctx: Context) -> list[Lease]:
    """The team's live leases, those that end first being the first; how many reviews each has, but not which."""
    rows = leases.live_of_team(ctx.connection, ctx.team, ctx.now, MOST_LISTED)
    return [replace(_bare(row), review_count=count) for row, count in rows if count]


def take_away(ctx: Context, id: str) -> None:
    """End somebody's lease and put its reviews back into the queue; one that has ended already is left alone.

    What was submitted under it stands.
    """
    row = leases.get(ctx.connection, ctx.team, id)
    if row is None:
        raise NotFound(f"the team has no lease {id!r}")
    if row.ended_as is not None:
        return
    back = leases.give_back(ctx.connection, id)
    leases.end(ctx.connection, id, "taken_away")
    audit.record(ctx, "take_away", [(each, {"lease": id, "reviewer": row.reviewer}, {}) for each in back])


def resume(ctx: Context, id: str, base_url: str) -> Lease:
    """Go on with a lease of one's own under a new token; the old token is dead from here on."""
    row = _alive(ctx, own(ctx, id))
    token = secrets.token_urlsafe(24)
    audit.record(ctx, "resume", [(id, {}, {})])
    return shown_lease(ctx, _extended(ctx, row, _digest(token)), base_url, token)


def renew(ctx: Context, id: str, token: str | None, base_url: str) -> Lease:
    """Let a lease last its full time from now."""
    return shown_lease(ctx, _extended(ctx, demand(ctx, id, token)), base_url)


def release(ctx: Context, id: str, token: str | None, review_ids: Sequence[str] | None) -> None:
    """Give reviews back to the queue, at their old places; all of the lease's unless some are named.

    A lease that ended already is left alone. No token is needed; one that is shown must be the lease's.
    """
    row = own(ctx, id)
    if row.ended_as is not None:
        return
    row = _alive(ctx, row) if token is None else demand_live(ctx, row, token)
    back = leases.give_back(ctx.connection, id, review_ids)
    if not leases.held(ctx.connection, id):
        leases.end(ctx.connection, id, "released")
    audit.record(ctx, "release", [(review_id, {"lease": row.id}, {}) for review_id in back])


def save_toggles(
    ctx: Context, id: str, token: str | None, switched: Named, framed: NamedFrames = MappingProxyType({})
) -> None:
    """Keep what the reviewer has switched so far, of the whole and of frames, so that a resumed lease shows it."""
    demand(ctx, id, token)
    check_held(ctx, id, {**switched, **framed})
    check_frames(ctx, framed)
    wanted = canonical(ctx.tags(), switched, framed)
    before = reviews.switched(ctx.connection, list(wanted))
    leases.save_toggles(ctx.connection, wanted)
    audit.record(ctx, "change", audit.switches(before, wanted))


def move(ctx: Context, id: str, subteam: str, token: str | None, base_url: str) -> Review:
    """Put a waiting review, or one of the lease whose token is shown, into another subteam's queue."""
    into = teams.check_subteam(ctx, subteam)
    seen = reviews.standings(ctx.connection, ctx.team, [id], locked=False).get(id)
    lease: LeaseRow | None = None
    if seen is not None and seen.lease_id is not None:
        lease = leases.get(ctx.connection, ctx.team, seen.lease_id)  # locks are taken in one order: lease, then reviews
    standing = reviews.standings(ctx.connection, ctx.team, [id]).get(id)
    if standing is None or seen is None:
        raise NotFound(f"the team has no review {id!r}")
    if standing.status in reviews.DECIDED:
        raise AlreadyComplete(f"review {id} is complete; it waits in no queue")
    if standing.status == "Submitted":
        raise Conflict(f"review {id} was just submitted; take the submission back first")
    if standing.status == "Held" and standing.held_by != ctx.reviewer:
        auth.require(ctx.actor, "oversee")
    if standing.status == "Leased":
        if token is None or lease is None or lease.id != standing.lease_id or lease.reviewer != ctx.reviewer:
            raise LeaseLost(f"review {id} is being reviewed; move it with its lease, or when that has ended")
        demand_live(ctx, lease, token)
    if standing.subteam != into:
        reviews.move(ctx.connection, ctx.team, id, into)
        audit.record(ctx, "move", [(id, {"subteam": standing.subteam}, {"subteam": into})])
    return get(ctx, id, base_url)


def expire(ctx: Context) -> int:
    """Give back the reviews of leases whose time is over, in all teams, some leases at a time; how many there were."""
    rows = leases.overdue(ctx.connection, ctx.now, SWEPT_AT_ONCE)
    if not rows:
        return 0
    sizes = leases.sizes(ctx.connection, [row.id for row in rows])
    totals = accumulate(sizes.get(row.id, 0) for row in rows)
    rows = rows[: max(1, sum(1 for total in totals if total <= REVIEWS_SWEPT_AT_ONCE))]
    back = leases.give_back_all(ctx.connection, [row.id for row in rows])
    leases.end(ctx.connection, [row.id for row in rows], "expired")
    for (team, reviewer), theirs in groupby(sorted(rows, key=_whose), key=_whose):
        told: list[audit.Change] = [(id, {"lease": row.id}, {}) for row in theirs for id in back[row.id]]
        audit.record(replace(ctx, actor=system_actor(team, reviewer)), "expire", told)
    return len(rows)


def _whose(row: LeaseRow) -> tuple[str, str]:
    return row.team, row.reviewer


def own(ctx: Context, id: str) -> LeaseRow:
    """The acting reviewer's lease, live or ended; every rule that works a lease comes through here.

    A token alone opens nothing: it may have been seen over a shoulder, and what is done would stand under a wrong name.

    Raises
    ------
    NotFound
        There is no such lease, or it is somebody else's; the answer does not tell which.
    """
    row = leases.get(ctx.connection, ctx.team, id)
    if row is None or row.reviewer != ctx.reviewer:
        raise NotFound(f"{ctx.reviewer} has no lease {id!r}")
    return row


def demand(ctx: Context, id: str, token: str | None) -> LeaseRow:
    """The acting reviewer's live lease that the token belongs to.

    Raises
    ------
    LeaseLost
        It has ended, or the token is not (any more) its own.
    """
    return demand_live(ctx, own(ctx, id), token)


def demand_live(ctx: Context, row: LeaseRow, token: str | None) -> LeaseRow:
    """The same, where the lease was looked up already."""
    if token is None:
        raise BadRequest("the lease's token is missing: send it in the header Cmtools-Lease-Token")
    if not matches(row, token):
        raise LeaseLost(WHY[None])
    return _alive(ctx, row)


def _alive(ctx: Context, row: LeaseRow) -> LeaseRow:
    if row.ended_as is not None:
        raise LeaseLost(WHY[row.ended_as])
    if row.expires_at <= ctx.now:
        raise LeaseLost(WHY["expired"])
    return row


def matches(row: LeaseRow, token: str) -> bool:
    """Whether the token is the lease's own."""
    return hmac.compare_digest(row.token_digest, _digest(token))


def check_held(ctx: Context, id: str, named: Mapping[str, object]) -> set[str]:
    """What the lease holds; raises `LeaseLost` or `NotFound` unless every review that is named is among it."""
    held = leases.held(ctx.connection, id)
    missing = set(named) - held
    if not missing:
        return held
    first = min(missing)
    if first not in reviews.standings(ctx.connection, ctx.team, [first], locked=False):
        raise NotFound(f"the team has no review {first!r}; nothing was changed")
    raise LeaseLost(f"review {first} is not in this lease (any more); nothing was changed")


def check_frames(ctx: Context, named: NamedFrames) -> None:
    """Raise `NotFound` unless every frame that is named is there."""
    there = frames.moments(ctx.connection, [review_id for review_id, theirs in named.items() if theirs])
    for review_id, theirs in named.items():
        for moment in theirs:
            if not moment.isdecimal() or int(moment) not in there.get(review_id, ()):
                raise NotFound(f"review {review_id} has no frame at {moment} milliseconds; nothing was changed")


def canonical(tags: TagSet, named: Named, framed: NamedFrames) -> dict[str, dict[str, dict[str, bool]]]:
    """Review id -> frame (empty for the whole) -> the same values under the team's own spelling of each short code.

    Raises
    ------
    BadTag
        The team has no such tag.
    """
    return {
        review_id: {
            frame: {tags.require(code).short_code: value for code, value in values.items()}
            for frame, values in {
                "": named.get(review_id, {}),
                **{str(int(moment)): values for moment, values in framed.get(review_id, {}).items()},
            }.items()
        }
        for review_id in dict.fromkeys((*named, *framed))
    }


def reopen(ctx: Context, row: LeaseRow, base_url: str) -> Lease:
    """Let a lease live again under its token, as it does when a submission is taken back."""
    return shown_lease(ctx, _extended(ctx, row), base_url)


def _extended(ctx: Context, row: LeaseRow, token_digest: str | None = None) -> LeaseRow:
    """The lease, living its full time from now, under a new token when one is given."""
    longer = replace(row, expires_at=_expiry(ctx), ended_as=None, token_digest=token_digest or row.token_digest)
    leases.extend(ctx.connection, longer)
    return longer


def shown_lease(ctx: Context, row: LeaseRow, base_url: str, token: str = "") -> Lease:
    """A lease with the reviews that it holds now; a blind one without what tells their auto tags."""
    tags = ctx.tags()
    found = reviews.of_lease(ctx.connection, ctx.team, tags, row.id, leases.in_order(row))
    found = [unprompted(tags, review) if row.blind or review.blind else review for review in found]
    return replace(_bare(row), reviews=tuple(shown(ctx, found, base_url)), review_count=len(found), token=token)


def _bare(row: LeaseRow) -> Lease:
    return Lease(
        row.id, row.reviewer, row.type, row.expires_at, (), row.subteam, created_at=row.created_at, blind=row.blind
    )


def _start(seed: int | None) -> int:
    """Where on the ring the random order begins, which also says how it draws."""
    if seed is None:
        return secrets.randbits(SHUFFLE_BITS)
    return int.from_bytes(hashlib.sha256(str(seed).encode()).digest()) >> (256 - SHUFFLE_BITS)


def _expiry(ctx: Context) -> datetime:
    return ctx.now + timedelta(seconds=ctx.settings.lease_seconds)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
