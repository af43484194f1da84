"""What a tagger says becomes the tags, scores and metadata of drafts. It finds no item and looks at none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..content import ContentType
from ..errors import BadDraft, BadTag
from ..model import Draft
from ..taggers import Tagger, Tagging
from ..taggers.answers import read_answer
from ..taggers.asking import Raised, ask, in_a_list
from ..tags import SCORE_SUFFIX, Tag, write_bool
from .base import bar_over, printable
from .columns import Threshold, threshold_of

BATCH = 64
"""How many items a tagger is given at a time."""

Content = str | Path
TagValues = Mapping[str, bool | float | None]
TaggerFunction = Callable[[list[Content]], Sequence[TagValues | Exception | None]]


def check_tagger(tagger: object, kind: ContentType) -> None:
    """Raise `BadDraft` unless the tagger can be called, and tags that kind of content."""
    if tagger is not None and not callable(tagger):
        raise BadDraft(f"the tagger must be callable; {tagger!r} is not")
    if isinstance(tagger, Tagger) and tagger.type != kind.name:
        raise BadDraft(f"the tagger {tagger.name!r} tags {tagger.type.lower()}s, but these are {kind.name.lower()}s")


def tag_all(
    drafts: list[Draft], sources: Mapping[str, str], tagger: Tagger | TaggerFunction, threshold: Threshold, bar: bool
) -> tuple[list[Draft], list[tuple[str, str]], set[str]]:
    """The drafts with what the tagger says of them, (source, reason) of those it failed on, and the codes it used.

    ``sources`` says by id where a draft is from, ``bar`` whether there is one on long work.
    """
    tagged: list[Draft] = []
    refused: list[tuple[str, str]] = []
    codes: set[str] = set()
    results = _tagged_in_turn(drafts, tagger, threshold, codes)
    results = bar_over(results, "Tagging", len(drafts), bar)
    for draft, result in zip(drafts, results, strict=True):
        if isinstance(result, Draft):
            tagged.append(result)
        else:
            refused.append((printable(sources[draft.content_id]), result))
    return tagged, refused, codes


def _tagged_in_turn(
    drafts: list[Draft], tagger: Tagger | TaggerFunction, threshold: Threshold, codes: set[str]
) -> Iterable[Draft | str]:
    """As `tag_batch`, one after the other; a function is given a batch at a time."""
    if isinstance(tagger, Tagger):
        said = tagger.stream([draft.path or draft.content for draft in drafts])
        return (_tagged(draft, each, threshold, codes) for draft, each in zip(drafts, said, strict=True))
    batches = (drafts[start : start + BATCH] for start in range(0, len(drafts), BATCH))
    return (result for batch in batches for result in tag_batch(batch, tagger, threshold, codes))


def tag_batch(
    batch: Sequence[Draft], tagger: Tagger | TaggerFunction, threshold: Threshold, codes: set[str]
) -> list[Draft | str]:
    """Each draft with what the tagger says of it, or the reason why it could not; its codes are added to ``codes``.

    Raises
    ------
    BadTag
        When the tagger keeps to no contract: an answer too few, a value that is no tag's, a score without a threshold.

    Examples
    --------
    >>> codes = set()
    >>> drafts = [Draft("Hi!", "1", "Text"), Draft("Buy!", "2", "Text")]
    >>> found = tag_batch(drafts, lambda texts: [{"spam": "Buy" in text} for text in texts], None, codes)
    >>> [draft.metadata for draft in found], codes
    ([(('spam', 'False'),), (('spam', 'True'),)], {'spam'})
    """
    results = _asked(tagger, [draft.path or draft.content for draft in batch])
    if len(results) != len(batch):
        raise BadTag(f"the tagger was given {len(batch)} items and returned {len(results)}")
    return [_tagged(draft, result, threshold, codes) for draft, result in zip(batch, results, strict=True)]


def _tagged(draft: Draft, result: object, threshold: Threshold, codes: set[str]) -> Draft | str:
    """The draft with what was answered of it, or why nothing was."""
    said = read_answer(result, lambda code: threshold_of(code, threshold), f"tagger on {draft.content_id!r}")
    if said.error is not None:
        return said.error
    codes.update(result if isinstance(result, Mapping) else ())  # also those of which it said nothing this time
    return replace(draft, metadata=(*draft.metadata, *_said(said, threshold, codes)))


def _asked(tagger: Tagger | TaggerFunction, items: list[Content]) -> Sequence[TagValues | Tagging | Exception | None]:
    """The answers; an item that a function raises for costs itself, unless it raises for each of them."""
    if isinstance(tagger, Tagger):
        return tagger(items, progress=False)
    must = "the tagger must return a list with one answer per item"
    answers = ask(lambda given: cast(list[TagValues | Exception | None], in_a_list(tagger(given), must)), items)
    raised = [answer for answer in answers if isinstance(answer, Raised)]
    if raised and len(raised) == len(answers):
        raise raised[0].error
    return [Tagging(error=answer.reason) if isinstance(answer, Raised) else answer for answer in answers]


def _said(said: Tagging, threshold: Threshold, codes: set[str]) -> list[tuple[str, str]]:
    """The pairs of one answer; its tags are added to ``codes``. The caller's thresholds go before a `Tagger`'s own."""
    pairs: list[tuple[str, str]] = []
    for code in {**said.tags, **said.scores}:
        score, limit, on = said.scores.get(code), threshold_of(code, threshold), said.tags.get(code)
        if score is not None and limit is not None:
            on = score >= limit
        if on is not None:
            codes.add(Tag(code).short_code)
            pairs.append((code, write_bool(on)))
        if score is not None:
            pairs.append((code + SCORE_SUFFIX, f"{score:.6g}"))
    return [*pairs, *said.metadata]
