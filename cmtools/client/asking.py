"""Decides how many people each draft is given to, and where golden items stand among the others. It sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import SystemRandom

from ..content.base import FINAL_RULES, MAX_OVERLAP
from ..errors import BadDraft, BadRequest
from ..model import Draft


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked about drafts; what is None stays as each draft has it.

    Attributes
    ----------
    overlap : int, optional
        How many different people review a draft.
    overlap_share : float, optional
        The chance of each draft, above 0 and at most 1, to be given to so many; the others are for one.
    final : str, optional
        How the final tags of those for several come about: ``majority``, ``unanimity`` or ``adjudication``.
    blind : bool, optional
        Whether no reviewer is shown the auto tags.
    golden_overlap : int, optional
        How many people each golden item is given to.
    seed : int
        Which drafts the share falls on: the same ones for the same seed.
    """

    overlap: int | None = None
    overlap_share: float | None = None
    final: str | None = None
    blind: bool | None = None
    golden_overlap: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("overlap", "golden_overlap"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise BadRequest(f"{name} is {value!r}; it is how many people review it: 1 to {MAX_OVERLAP}")
        if self.overlap_share is not None:
            if not 0 < self.overlap_share <= 1:
                raise BadRequest(f"overlap_share is {self.overlap_share!r}; it is a share above 0 and at most 1")
            if self.overlap is None or self.overlap < 2:
                raise BadRequest("overlap_share is given, but not how many people review that share: overlap=2")
        if self.final is not None and self.final not in FINAL_RULES:
            raise BadRequest(f"there is no rule {self.final!r} for final tags; there are {', '.join(FINAL_RULES)}")

    def of(self, draft: Draft) -> Draft:
        """The draft as it is asked for.

        Examples
        --------
        >>> asking = Asking(overlap=2, overlap_share=0.25, blind=True)
        >>> drafts = [asking.of(Draft("Hello!", str(number), "Text")) for number in range(1000)]
        >>> sum(draft.overlap == 2 for draft in drafts), {draft.blind for draft in drafts}
        (262, {True})
        """
        found = draft if self.blind is None else replace(draft, blind=self.blind)
        if draft.truth is not None:
            return replace(found, overlap=self.golden_overlap or self.overlap or draft.overlap)
        if self.overlap is not None:
            found = replace(found, overlap=self.overlap if self._falls_on(draft) else 1)
        return found if self.final is None or found.overlap == 1 else replace(found, final=self.final)

    def _falls_on(self, draft: Draft) -> bool:
        """By the draft alone: so it is the same when the call is made again, with others beside it too."""
        if self.overlap_share is None:
            return True
        drawn = hashlib.sha256(f"{self.seed} {draft.type} {draft.content_id} {draft.content}".encode()).digest()
        return int.from_bytes(drawn[:8]) < self.overlap_share * 2**64


def mixed(drafts: Sequence[Draft]) -> list[int]:
    """The places of the drafts in the order in which they are sent: golden items anywhere among the others, by chance.

    Raises
    ------
    BadDraft
        Naming a golden item that would be known: its id is among the others too, none of the others has just its
        metadata keys, or none is of its type and likewise a file, an address or a text.

    Examples
    --------
    >>> mixed([Draft("Hello!", "1", "Text"), Draft("Bye!", "2", "Text")])
    [0, 1]
    """
    golden = [place for place, draft in enumerate(drafts) if draft.truth is not None]
    if not golden:
        return list(range(len(drafts)))
    order = [place for place, draft in enumerate(drafts) if draft.truth is None]
    looks = {_looks(drafts[place]) for place in order}
    ids = {drafts[place].content_id: place for place in order}
    for place in golden if looks else ():
        if (twice := ids.get(drafts[place].content_id)) is not None:
            message = (
                f"drafts[{twice}] has the same id: reviewers would get it twice and know it. Choose another golden"
            )
            raise BadDraft(f"{message} item, or leave that one out", where=f"drafts[{place}].content_id")
        _check_looks(drafts[place], looks, place)
    chance = SystemRandom()
    size = max(len(order), 1)  # none comes last: of what goes in one request it might be all
    spots = sorted((chance.randrange(size), chance.random(), place) for place in golden)
    for shift, (spot, _, place) in enumerate(spots):
        order.insert(spot + shift, place)
    return order


Looks = tuple[str, bool, frozenset[str]]


def _looks(draft: Draft) -> Looks:
    return draft.type, draft.path is not None, frozenset(key.lower() for key, _ in draft.metadata)


def _check_looks(draft: Draft, others: set[Looks], place: int) -> None:
    type, file, keys = _looks(draft)
    if (type, file, keys) in others:
        return
    if alike := [theirs for of, likewise, theirs in others if (of, likewise) == (type, file)]:
        nearest = min(alike, key=lambda theirs: len(theirs ^ keys))
        lacks, more = sorted(nearest - keys), sorted(keys - nearest)
        said = [f"it lacks {', '.join(lacks)}"] if lacks else []
        said += [f"it alone has {', '.join(more)}"] if more else []
        problem = f"the metadata keys of this golden item would tell it from the others ({'; '.join(said)})"
        raise BadDraft(f"{problem}: give it the same columns", where=f"drafts[{place}].metadata")
    kind = "local file" if file else "address or text"
    message = f"this golden item would be known by its looks: no other draft of type {type} is a {kind}"
    raise BadDraft(message, where=f"drafts[{place}].content")
