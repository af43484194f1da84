"""Looks at an entry of a create form, and has a tagger say its tags. It keeps nothing and changes no entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..content import content_type
from ..drafts.base import Item
from ..drafts.make import look_at
from ..drafts.tagging import TaggerFunction, check_tagger, tag_batch
from ..errors import CmtoolsError
from ..model import Draft, Pairs
from ..taggers import Tagger
from .create_items import Entry
from .create_reading import OF_CONTENT


class Looker:
    """A tagger and what it tags.

    Parameters
    ----------
    tagger : Tagger or callable
        As of `make_drafts`.
    type : str
        What a function tags; a `Tagger` says so itself.

    Raises
    ------
    BadDraft
        When the tagger cannot be called.
    """

    def __init__(self, tagger: Tagger | TaggerFunction, type: str) -> None:
        self.type = content_type(getattr(tagger, "type", type)).name
        self.name = str(getattr(tagger, "name", "") or getattr(tagger, "__name__", "tagger"))
        check_tagger(tagger, content_type(self.type))
        self._tagger = tagger

    def takes(self, type: str) -> bool:
        """Whether it tags content of that type."""
        return type == self.type

    def tag(
        self, entries: Sequence[Entry], threshold: float | Mapping[str, float] | None, codes: set[str]
    ) -> list[Pairs | str]:
        """What the tagger says of each, or why it could not; the codes that it used are added to ``codes``.

        ``threshold`` is as of `make_drafts`.
        """
        bare = [replace(entry.draft, metadata=()) for entry in entries]
        try:
            found = tag_batch(bare, self._tagger, threshold, codes)
        except Exception as error:  # noqa: BLE001 - a user's tagger may raise anything: it costs these, not the form
            return [f"the tagger failed: {error or type(error).__name__}" for _ in entries]
        return [said.metadata if isinstance(said, Draft) else said for said in found]


def fault_of(entry: Entry) -> str:
    """Why an entry cannot become a review, by what it says of itself; empty when nothing is wrong."""
    if told := next(iter(entry.left.values()), ""):
        return told
    try:
        content_type(entry.draft.type).check(entry.draft)
    except CmtoolsError as error:
        return _told(error, entry.draft)
    return ""


def problem_of(entry: Entry) -> str:
    """The same, its file looked at too."""
    draft = entry.draft
    if (told := fault_of(entry)) or draft.path is None:
        return told
    try:
        item = Item(entry.name, draft.path, draft.content_id, draft.metadata)
        found = look_at(item, content_type(draft.type))
    except CmtoolsError as error:
        return str(error)
    return found if isinstance(found, str) else ""


def _told(error: CmtoolsError, draft: Draft) -> str:
    """The error in the form's words: its content is what is looked at, and its id has a field of that name."""
    if error.where == "content":
        return error.message
    if error.where == "content_id" and not draft.content_id.strip():
        return "it has no id: give it one"
    return f"the id: {error.message}" if error.where == "content_id" else str(error)


def next_step(entry: Entry, state: str) -> str:
    """What a person can do about an entry that is refused or failed; empty for the others.

    Examples
    --------
    >>> next_step(Entry("e1", "x", Draft("x", "x")), "refused")
    'Correct it here, or remove it.'
    """
    if state == "failed":
        return "It is tried again with the next Create; correct it here before, or remove it."
    if state != "refused":
        return ""
    if "" in entry.left:
        return "Remove it, correct it where it comes from, and add it again."
    if any(code != OF_CONTENT for code in entry.left):
        return "Set the tag here, or remove it."
    if entry.draft.path is not None or entry.size:
        return "Remove it, and add another file."
    return "Correct it here, or remove it."
