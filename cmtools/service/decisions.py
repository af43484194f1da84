"""Streams decisions: complete reviews as columns of JSON, a batch a line. It keeps no reading open between batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from ..content import content_type
from ..errors import BadRequest
from ..store import decisions
from ..store.decisions import Batch, Row, Wanted
from ..tags import TagSet, other_metadata
from . import teams
from .context import Context

AT_ONCE = 2000
"""Reviews of one batch: some hundred kilobytes, read in some tens of milliseconds."""
REVIEW_COLUMNS = ("id", "content_id", "type", "subteam", "created_at", "weight", "stratum")
ANSWER_COLUMNS = ("review", "frame", "reviewer", "decided_at", "blind", "said")
EXPOSURE_COLUMNS = ("reveals", "revealed_seconds")
ENTRY, BLIND = 9, 10
"""Where a row of a review has its own id, and whether it is blind."""
Judged = tuple[dict[str, bool], dict[str, float]]
Read = Callable[[Callable[[Context], Any]], Any]
"""Runs a rule in a reading of its own."""


def stream(
    read: Read,
    *,
    subteam: str | None,
    type: str | None,
    metadata: bool,
    exposure: bool,
    after: int,
    answers: str = decisions.EACH,
) -> Generator[bytes]:
    """Lines of JSON, each with the decisions of some reviews; the last one has ``next`` null.

    The first is made before this returns, so that what cannot be answered is refused and not broken off.

    Raises
    ------
    BadRequest
        The team has no such subteam, or there are no such answers.
    """
    if answers not in decisions.STATUSES:
        known = ", ".join(decisions.STATUSES)
        raise BadRequest(f"there are no answers {answers!r}; there are {known}", where="answers")
    kind = None if type is None else content_type(type).name
    name = subteam
    if name is not None:
        subteam = read(lambda ctx: teams.check_subteam(ctx, name))

    def line(after: int) -> tuple[bytes, int | None]:
        def made(ctx: Context) -> tuple[bytes, int | None]:
            wanted = Wanted(ctx.team, subteam, kind, answers)
            return _line(ctx, wanted, metadata=metadata, exposure=exposure, after=after)

        told: tuple[bytes, int | None] = read(made)
        return told

    first, following = line(after)
    return _lines(first, following, line)


def _lines(first: bytes, following: int | None, line: Callable[[int], tuple[bytes, int | None]]) -> Generator[bytes]:
    yield first
    while following is not None:
        made, following = line(following)
        yield made


def _line(ctx: Context, wanted: Wanted, *, metadata: bool, exposure: bool, after: int) -> tuple[bytes, int | None]:
    found = decisions.batch(ctx.connection, wanted, after, AT_ONCE, exposure=exposure)
    said: dict[str, Any] = {"next": None if found.following is None else str(found.following)}
    said |= columns(found, ctx.tags(), metadata=metadata, exposure=exposure)
    if wanted.answers == decisions.GOLDEN:
        said["decisions"]["truth"] = _truths(found, said)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n", found.following


def _truths(found: Batch, said: dict[str, Any]) -> list[bool | None]:
    """Of each decision the known answer; None where none is known, as of frames."""
    answers, tags = said["answers"], said["said"]["tag"]
    known: list[bool | None] = []
    for place, frame, saying in zip(answers["review"], answers["frame"], answers["said"], strict=True):
        truth = found.truths.get(found.reviews[place][1], {}) if frame is None else {}
        known.extend(map(truth.get, tags[saying]))
    return known


def columns(found: Batch, tags: TagSet, *, metadata: bool, exposure: bool) -> dict[str, Any]:
    """A batch as columns: of its reviews, of the answers to them, of what these say, and of what was suggested.

    An answer is what one reviewer said of one review or frame. It names its review, and what it says, by their places
    in the columns of those: most answers say the same few things.
    """
    judged = {(row[0], ""): tags.judged(decisions.pairs_of(row[8])) for row in found.reviews}
    if found.frames:
        sequences = {row[ENTRY]: row[0] for row in found.reviews}
        for review_id, moment, theirs in found.frames:
            judged[sequences[review_id], str(moment)] = tags.judged(decisions.pairs_of(theirs))
    of_reviews = zip(*[row[1:8] for row in found.reviews], strict=True) if found.reviews else [()] * len(REVIEW_COLUMNS)
    said: dict[str, Any] = {"reviews": dict(zip(REVIEW_COLUMNS, of_reviews, strict=True))}
    said |= _answered(found, judged)
    if metadata:
        said["reviews"]["metadata"] = _others(found, judged, said)
    if exposure:
        said["answers"] |= _exposed(found, said["answers"])
    return said


def _answered(found: Batch, judged: dict[tuple[int, str], Judged]) -> dict[str, Any]:
    """The answers by review, moment and frame, and their decisions by place.

    It makes no object for a decision: the collector of garbage would pass over them all, several times a batch.
    """
    places = {row[0]: place for place, row in enumerate(found.reviews)}
    nothing: Judged = ({}, {})
    made: tuple[list[Any], ...] = tuple([] for _ in ANSWER_COLUMNS)
    of_review, of_frame, of_reviewer, at_moment, blind, saying = (each.append for each in made)
    unseen = {row[0] for row in found.reviews if row[BLIND]}
    different: dict[tuple[tuple[str, ...], tuple[bool, ...]], int] = {}
    autos: list[bool | None] = []
    scores: list[float | None] = []
    for sequence, submission, frame, text in _in_order(found):
        reviewer, moment, unprompted = found.submissions[submission]
        said = _read_said(text)
        auto, score = judged.get((sequence, frame), nothing)
        of_review(places[sequence])
        of_frame(frame or None)
        of_reviewer(reviewer)
        at_moment(moment)
        blind(bool(unprompted) or sequence in unseen)
        saying(different.setdefault(said, len(different)))
        autos.extend(map(auto.get, said[0]))
        scores.extend(map(score.get, said[0]))
    return {
        "answers": dict(zip(ANSWER_COLUMNS, made, strict=True)),
        "said": {"tag": [tags for tags, _ in different], "human": [humans for _, humans in different]},
        "decisions": {"auto": autos, "score": _written(scores)},
    }


def _in_order(found: Batch) -> list[Row]:
    """The final answers to these reviews; those to one review by moment and frame."""
    final, sequences = found.submissions, {row[0] for row in found.reviews}
    rows = [row for row in found.answers if row[1] in final and row[0] in sequences]
    if len({row[0] for row in rows}) < len(rows):
        rows.sort(key=lambda row: (row[0], final[row[1]][1], int(row[2] or -1)))  # frames by time, not by text
    return rows


@lru_cache(maxsize=4096)
def _read_said(said: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    read = decisions.read_said(said)
    return tuple(tag for _, tag, _ in read), tuple(value for _, _, value in read)


def _written(scores: list[float | None]) -> Sequence[float | str | None]:
    """Scores as JSON can have them, which knows neither infinity nor what is no number."""
    if isfinite(sum(filter(None, scores))):  # one odd score is enough for an odd sum
        return scores
    return [None if each is None or each != each else each if isfinite(each) else str(each) for each in scores]


def _others(found: Batch, judged: dict[tuple[int, str], Judged], said: dict[str, Any]) -> list[dict[str, str]]:
    """Of each review, the metadata that is not about its tags."""
    codes = [set(judged[row[0], ""][0]) for row in found.reviews]
    for place, saying in zip(said["answers"]["review"], said["answers"]["said"], strict=True):
        codes[place].update(said["said"]["tag"][saying])
    pairs = (decisions.pairs_of(row[8]) for row in found.reviews)
    return [other_metadata(each, mine) for each, mine in zip(pairs, codes, strict=True)]


def _exposed(found: Batch, answers: dict[str, list[Any]]) -> dict[str, list[Any]]:
    who = zip(answers["review"], answers["reviewer"], strict=True)
    seen = [found.exposures.get((found.reviews[place][ENTRY], reviewer), (0, 0.0)) for place, reviewer in who]
    return {name: [each[at] for each in seen] for at, name in enumerate(EXPOSURE_COLUMNS)}
