"""Looks at an entry of a create form, and has a tagger say its tags. It keeps nothing and changes no entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..content import content_type
from ..drafts.base import Item
from ..drafts.make import TaggerFunction, check_tagger, look_at, tag_batch
from ..errors import CmtoolsError
from ..model import Draft, Pairs
from ..taggers import Tagger
from .create_items import Entry


class Looker:
    """A tagger and what it tags.

    Parameters
    ----------
    tagger : Tagger or callable
        As of `make_drafts`.
    threshold : float or dict, optional
        As of `make_drafts`.
    type : str
        What a function tags; a `Tagger` says so itself.

    Raises
    ------
    BadDraft
        When the tagger cannot be called.
    """

    def __init__(
        self, tagger: Tagger | TaggerFunction, threshold: float | Mapping[str, float] | None, type: str
    ) -> None:
        self.type = content_type(getattr(tagger, "type", type)).name
        self.name = str(getattr(tagger, "name", "") or getattr(tagger, "__name__", "tagger"))
        check_tagger(tagger, content_type(self.type))
        self._tagger, self._threshold = tagger, threshold

    def tag(self, entries: Sequence[Entry], codes: set[str]) -> list[Pairs | str]:
        """What the tagger says of each, or why it could not; the codes that it used are added to ``codes``."""
        bare = [replace(entry.draft, metadata=()) for entry in entries]
        try:
            found = tag_batch(bare, self._tagger, self._threshold, codes)
        except Exception as error:  # noqa: BLE001 - a user's tagger may raise anything: it costs these, not the form
            return [f"the tagger failed: {error or type(error).__name__}" for _ in entries]
        return [said.metadata if isinstance(said, Draft) else said for said in found]


def problem_of(entry: Entry) -> str:
    """Why an entry cannot become a review, by its looks; empty when nothing is wrong."""
    draft = entry.draft
    try:
        kind = content_type(draft.type)
        kind.check(draft)
        if draft.path is None:
            return ""
        found = look_at(Item(entry.name, draft.path, draft.content_id, draft.metadata), kind)
    except CmtoolsError as error:
        return str(error)
    return found if isinstance(found, str) else ""
