"""Statements that put new reviews into the table, and what several people are asked of one into the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Draft
from .dialect import chunks, insert_columns, named
from .places import places
from .tables import reviews


class NewReview(NamedTuple):
    """A draft on its way into the table; from ``copy_next_at`` on its picture is to be copied (None: never).

    ``opinions`` are the ids of the opinions that are asked for, where it is for several people; ``opinion_of`` is the
    review that it is an opinion of.
    """

    id: str
    draft: Draft
    subteam: str
    idempotency_key: str | None
    copy_next_at: datetime | None = None
    opinions: tuple[str, ...] = ()
    opinion_of: str | None = None

    @property
    def status(self) -> str:
        """Where it stands at first."""
        if self.opinions:
            shared = "Shared" if self.draft.truth is None else "Resolved"
            return shared if self.draft.status == "Pending" else self.draft.status
        return "Dormant" if self.opinion_of and self.draft.status != "Pending" else self.draft.status


def insert(
    connection: Connection, team: str, actor: str, new: Sequence[NewReview], at: datetime
) -> tuple[list[str], Sequence[str]]:
    """Store reviews.

    Returns
    -------
    ids : list of str
        In the order of ``new``; an earlier review's where an idempotency key is known already.
    raised : sequence of str
        The short codes of the auto tags of each that are on, with spaces between.
    """
    shared = [item for item in new if item.opinions]
    if not shared:
        return _insert(connection, team, actor, new, at)
    ids, raised = _insert(connection, team, actor, shared, at)
    places_of = {item.id: place for place, item in enumerate(shared)}
    fresh = [item for item, id in zip(shared, ids, strict=True) if item.id == id]
    there = {item.id for item in shared} - {item.id for item in fresh}
    queue = queued([item for item in new if item.id not in there])
    plain, its_raised = _insert(connection, team, actor, queue, at)
    found = {item.id: (id, codes) for item, id, codes in zip(queue, plain, its_raised, strict=True)}
    found |= {item.id: (ids[places_of[item.id]], raised[places_of[item.id]]) for item in shared}
    told = [found[item.id] for item in new]
    return [id for id, _ in told], [codes for _, codes in told]


def asked_for(connection: Connection, team: str, ids: Sequence[str]) -> dict[str, tuple[int, str | None, bool, bool]]:
    """How these reviews were asked for: their overlap, rule of final tags, whether blind, whether golden."""
    found: dict[str, tuple[int, str | None, bool, bool]] = {}
    for part in chunks(ids):
        query = sa.select(reviews.c.id, reviews.c.overlap, reviews.c.final, reviews.c.blind, reviews.c.golden)
        for row in connection.execute(query.where(named(reviews, team, part))):
            found[row.id] = (row.overlap, row.final, row.blind, row.golden)
    return found


def queued(new: Sequence[NewReview]) -> list[NewReview]:
    """What goes into the queue, in its order: reviews for one person, and opinions on those for several.

    First those for one person and the first opinions, as they came; then the second opinions, and so on, so that few of
    those that a reviewer comes to are ones that they have had already. Of each golden item one opinion stands among the
    first of them, one among the second and so on, anywhere by chance, and what is more anywhere: so they come up as
    evenly as the others, where about as many people are there as it is for.
    """
    layers: list[list[NewReview]] = [[]]
    golden: list[list[NewReview]] = []
    for item in new:
        if not item.opinions:
            layers[0].append(item)
            continue
        asked = [
            item._replace(id=id, idempotency_key=None, copy_next_at=None, opinions=(), opinion_of=item.id)
            for id in item.opinions
        ]
        if item.draft.truth is not None:
            golden.append(asked)
            continue
        layers += [[] for _ in range(len(asked) - len(layers))]
        for layer, opinion in zip(layers, asked, strict=False):
            layer.append(opinion)
    chance = SystemRandom()
    among: list[list[NewReview]] = [[] for _ in layers]
    for asked in golden:
        for number, opinion in enumerate(asked):
            among[number if number < len(layers) else chance.randrange(len(layers))].append(opinion)
    return [item for pair in zip(layers, among, strict=True) for item in _scattered(*pair, chance)]


def _scattered(queue: list[NewReview], golden: list[NewReview], chance: SystemRandom) -> list[NewReview]:
    """The queue with golden ones at places drawn by chance, its own order kept."""
    spots = sorted(chance.sample(range(len(queue) + len(golden)), len(golden)))
    chance.shuffle(golden)
    found = list(queue)
    for spot, item in zip(spots, golden, strict=True):
        found.insert(spot, item)
    return found


def _insert(
    connection: Connection, team: str, actor: str, new: Sequence[NewReview], at: datetime
) -> tuple[list[str], Sequence[str]]:
    if not new:
        return [], []
    drafts = [item.draft for item in new]
    ordered = places(connection, team, drafts)
    columns: dict[str, Sequence[Any]] = {
        "id": [item.id for item in new],
        "subteam": [item.subteam for item in new],
        "type": [draft.type for draft in drafts],
        "status": [item.status for item in new],
        "content": [draft.content for draft in drafts],
        "content_id": [draft.content_id for draft in drafts],
        "callback_endpoint": [draft.callback_endpoint for draft in drafts],
        "metadata": [draft.metadata for draft in drafts],
        "weight": [draft.weight for draft in drafts],
        "stratum": [draft.stratum for draft in drafts],
        "idempotency_key": [item.idempotency_key for item in new],
        "copy_next_at": [item.copy_next_at for item in new],
        "score_place": ordered.scores,
        "doubt_place": ordered.doubts,
        "shuffle": ordered.shuffles,
        # of blind ones nobody is to see by a figure that grows or falls what is on
        "auto_on": ["" if draft.blind else codes for draft, codes in zip(drafts, ordered.raised, strict=True)],
    }
    if any(item.opinions or item.opinion_of or item.draft.blind for item in new):
        columns |= _of_several(new)
    shared = {"team": team, "created_by": actor, "created_at": at}
    if insert_columns(connection, reviews, shared, columns, if_absent=True) == len(new):
        return [item.id for item in new], ordered.raised
    known = _ids_by_key(connection, team, [item.idempotency_key for item in new if item.idempotency_key is not None])
    ids = [item.id if item.idempotency_key is None else known[item.idempotency_key] for item in new]
    return ids, ordered.raised


def _of_several(new: Sequence[NewReview]) -> dict[str, Sequence[Any]]:
    """The columns that tell reviews for several people, what each of them is asked, and golden and blind ones."""
    return {
        "opinion_of": [item.opinion_of for item in new],
        "overlap": [len(item.opinions) or 1 for item in new],
        "final": [item.draft.final if item.opinions else None for item in new],
        "blind": [item.draft.blind for item in new],
        "golden": [item.draft.truth is not None for item in new],
        "truth": [dict(item.draft.truth) if item.opinions and item.draft.truth is not None else None for item in new],
    }


def _ids_by_key(connection: Connection, team: str, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(keys):
        query = sa.select(reviews.c.idempotency_key, reviews.c.id)
        query = query.where(reviews.c.team == team, reviews.c.idempotency_key.in_(part))
        found.update({row.idempotency_key: row.id for row in connection.execute(query)})
    return found
