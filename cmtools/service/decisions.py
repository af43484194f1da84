"""Streams decisions: complete reviews as columns of JSON, a batch a line. It keeps no reading open between batches."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any

from ..content import content_type
from ..errors import Forbidden
from ..store import decisions
from ..store.decisions import Batch, Row, Wanted
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
    pairs = {row[0]: json.loads(row[8]) for row in found.reviews}
    judged: dict[tuple[int, str], Judged] = {(sequence, ""): tags.judged(each) for sequence, each in pairs.items()}
    sequences = {row[1]: row[0] for row in found.reviews}
    for review_id, moment, theirs in found.frames:
        judged[sequences[review_id], str(moment)] = tags.judged(json.loads(theirs))
    rows = _rows(found, judged)
    said: dict[str, Any] = {
        "reviews": _turned(REVIEW_COLUMNS, [row[1:8] for row in found.reviews]),
        "decisions": _turned(COLUMNS, rows),
    }
    if metadata:
        said["reviews"]["metadata"] = _others(found, pairs, judged, rows)
    if exposure:
        ids = said["reviews"]["id"]
        seen = [found.exposures.get((ids[row[0]], row[6]), (0, 0.0)) for row in rows]
        said["decisions"] |= {name: [each[at] for each in seen] for at, name in enumerate(EXPOSURE_COLUMNS)}
    return said


def _rows(found: Batch, judged: dict[tuple[int, str], Judged]) -> list[tuple[Any, ...]]:
    """The decisions as tuples in the order of `COLUMNS`: by review, moment, frame and place."""
    places = {row[0]: place for place, row in enumerate(found.reviews)}
    final = found.submissions
    nothing: Judged = ({}, {})
    rows: list[tuple[Any, ...]] = []
    keys: list[tuple[int, int, int, int]] = []
    for sequence, submission, frame, tag, human, position in found.answers:
        if (of := final.get(submission)) is None or (place := places.get(sequence)) is None:
            continue
        reviewer, decided_at, blind = of
        auto, scores = judged.get((sequence, frame), nothing)
        score: float | str | None = scores.get(tag)
        if isinstance(score, float) and not isfinite(score):
            score = _written(score)
        rows.append((place, frame or None, tag, auto.get(tag), score, bool(human), reviewer, decided_at, bool(blind)))
        keys.append((place, decided_at, int(frame or -1), position))
    if all(map(operator.le, keys, keys[1:])):  # nearly always: one submission, no frames
        return rows
    return [rows[at] for at in sorted(range(len(rows)), key=keys.__getitem__)]


def _written(score: float) -> str | None:
    """A score that JSON has no number for; one that is no number is none."""
    return None if score != score else str(score)


def _others(found: Batch, pairs: dict[int, Any], judged: dict[tuple[int, str], Judged], rows: Sequence[Row]) -> Any:
    """Of each review, the metadata that is not about its tags."""
    codes: list[set[str]] = [set(judged[row[0], ""][0]) for row in found.reviews]
    for row in rows:
        codes[row[0]].add(row[2])
    return [other_metadata(pairs[row[0]], codes[place]) for place, row in enumerate(found.reviews)]


def _turned(names: Sequence[str], rows: Sequence[Row]) -> dict[str, Sequence[Any]]:
    """Rows as columns."""
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, values, strict=True))
