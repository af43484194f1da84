"""Streams decisions: complete reviews as columns of JSON, a batch a line. It keeps no reading open between batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

from ..content import content_type
from ..errors import Forbidden
from ..store import decisions
from ..store.decisions import Batch, Wanted
from ..tags import TagSet, other_metadata
from .context import Context
from .exposures import SEE_ALL

AT_ONCE = 2000
"""Reviews of one batch: some hundred kilobytes, read in some tens of milliseconds."""
REVIEW_COLUMNS = ("id", "content_id", "type", "subteam", "created_at", "weight", "stratum")
COLUMNS = ("review", "frame", "tag", "auto", "score", "human", "reviewer", "decided_at", "blind")
EXPOSURE_COLUMNS = ("reveals", "revealed_seconds")
Judged = tuple[dict[str, bool], dict[str, float]]
Read = Callable[[Callable[[Context], Any]], Any]
"""Runs a rule in a reading of its own."""


def stream(
    read: Read, *, subteam: str | None, type: str | None, metadata: bool, exposure: bool, after: int
) -> Iterator[bytes]:
    """Lines of JSON, each with the decisions of some reviews; the last one has ``next`` null.

    The first is made before this returns, so that what cannot be answered is refused and not broken off.

    Raises
    ------
    Forbidden
        Exposure is asked for by somebody who sees their own alone.
    """
    kind = None if type is None else content_type(type).name

    def line(after: int) -> tuple[bytes, int | None]:
        made: tuple[bytes, int | None] = read(lambda ctx: _line(ctx, subteam, kind, metadata, exposure, after))
        return made

    first, following = line(after)
    return _lines(first, following, line)


def _lines(first: bytes, following: int | None, line: Callable[[int], tuple[bytes, int | None]]) -> Iterator[bytes]:
    yield first
    while following is not None:
        made, following = line(following)
        yield made


def _line(
    ctx: Context, subteam: str | None, type: str | None, metadata: bool, exposure: bool, after: int
) -> tuple[bytes, int | None]:
    if exposure and ctx.actor.role not in SEE_ALL:
        raise Forbidden(f"a key of role {ctx.actor.role!r} does not see what others were exposed to: leave it out")
    wanted = Wanted(ctx.team, subteam, type)
    found = decisions.batch(ctx.connection, wanted, after, AT_ONCE, exposure=exposure)
    said = {"next": None if found.following is None else str(found.following)}
    said |= columns(found, ctx.tags(), metadata=metadata, exposure=exposure)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n", found.following


def columns(found: Batch, tags: TagSet, *, metadata: bool, exposure: bool) -> dict[str, Any]:
    """A batch as columns: of its reviews, and of their decisions, which name their review by its place there."""
    judged = {(row[0], ""): tags.judged(decisions.pairs_of(row[8])) for row in found.reviews}
    if found.frames:
        sequences = {row[1]: row[0] for row in found.reviews}
        for review_id, moment, theirs in found.frames:
            judged[sequences[review_id], str(moment)] = tags.judged(decisions.pairs_of(theirs))
    of_reviews = zip(*[row[1:8] for row in found.reviews], strict=True) if found.reviews else [()] * len(REVIEW_COLUMNS)
    said: dict[str, Any] = {
        "reviews": dict(zip(REVIEW_COLUMNS, of_reviews, strict=True)),
        "decisions": _decided(found, judged),
    }
    if metadata:
        said["reviews"]["metadata"] = _others(found, judged, said["decisions"])
    if exposure:
        said["decisions"] |= _exposed(found, said["decisions"])
    return said


def _decided(found: Batch, judged: dict[tuple[int, str], Judged]) -> dict[str, list[Any]]:
    """The decisions column by column: by review, moment, frame and place.

    It makes no object for a row: the collector of garbage would pass over them all, several times a batch.
    """
    places = {row[0]: place for place, row in enumerate(found.reviews)}
    nothing: Judged = ({}, {})
    made: tuple[list[Any], ...] = tuple([] for _ in COLUMNS)
    review, frames, tags, autos, scores, humans, reviewers, moments, blinds = (each.append for each in made)
    positions: list[int] = []
    for sequence, submission, frame, tag, human, position in found.answers:
        of = found.submissions.get(submission)
        if of is None or sequence not in places:
            continue
        auto, score = judged.get((sequence, frame), nothing)
        review(places[sequence])
        frames(frame or None)
        tags(tag)
        autos(auto.get(tag))
        scores(score.get(tag))
        humans(bool(human))
        reviewers(of[0])
        moments(of[1])
        blinds(bool(of[2]))
        positions.append(position)
    said = dict(zip(COLUMNS, made, strict=True))
    if found.frames or _out_of_order(said["review"], said["decided_at"]):
        said = _sorted(said, positions)
    if not all(each is None or isfinite(each) for each in said["score"]):
        said["score"] = [None if each is None or each != each else _written(each) for each in said["score"]]
    return said


def _out_of_order(review: list[int], decided_at: list[int]) -> bool:
    """Whether some review was decided more than once."""
    pairs = zip(review, decided_at, review[1:], decided_at[1:], strict=False)
    return any(one == other and at != later for one, at, other, later in pairs)


def _sorted(said: dict[str, list[Any]], positions: list[int]) -> dict[str, list[Any]]:
    frames = [int(frame or -1) for frame in said["frame"]]  # by time, not by text
    keys = list(zip(said["review"], said["decided_at"], frames, positions, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [values[at] for at in order] for name, values in said.items()}


def _written(score: float) -> float | str:
    """A score as JSON can have it, which knows no infinity."""
    return score if isfinite(score) else str(score)


def _others(found: Batch, judged: dict[tuple[int, str], Judged], said: dict[str, list[Any]]) -> list[dict[str, str]]:
    """Of each review, the metadata that is not about its tags."""
    codes = [set(judged[row[0], ""][0]) for row in found.reviews]
    for place, tag in zip(said["review"], said["tag"], strict=True):
        codes[place].add(tag)
    pairs = (decisions.pairs_of(row[8]) for row in found.reviews)
    return [other_metadata(each, mine) for each, mine in zip(pairs, codes, strict=True)]


def _exposed(found: Batch, said: dict[str, list[Any]]) -> dict[str, list[Any]]:
    who = zip(said["review"], said["reviewer"], strict=True)
    seen = [found.exposures.get((found.reviews[place][1], reviewer), (0, 0.0)) for place, reviewer in who]
    return {name: [each[at] for each in seen] for at, name in enumerate(EXPOSURE_COLUMNS)}
