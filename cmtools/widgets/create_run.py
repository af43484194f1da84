"""What a create form is told for all its entries, and one pass of creating them. It asks nobody."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..client.asking import Asking
from ..client.creation import Lot
from ..content.base import MAX_OVERLAP, check_address
from ..errors import BadDraft, BadRequest, CmtoolsError
from .create_items import Entries, Entry


@dataclass(slots=True)
class Options:
    """What holds for all entries: their type, where they go, who is told, which tags they get, who is asked."""

    type: str = "Image"
    subteam: str | None = None
    callback: str = ""
    batch: str = ""
    new_tags: bool = False
    tags: dict[str, bool | None] = field(default_factory=dict)
    overlap: int | None = None
    overlap_share: float | None = None
    final: str | None = None
    blind: bool | None = None

    @property
    def asking(self) -> Asking:
        """Who is asked about the entries; of no more than one person there is no share."""
        several = self.overlap is not None and self.overlap > 1
        return Asking(self.overlap, self.overlap_share if several else None, self.final, self.blind)

    def asked(self, **values: Any) -> dict[str, Any]:
        """These options of who is asked, or `BadRequest` where they cannot be meant.

        Examples
        --------
        >>> Options(overlap=2).asked(overlap_share=0.1)
        {'overlap_share': 0.1}
        """
        Asking(**{"overlap": self.overlap if (self.overlap or 0) > 1 else 2, **values})
        overlap = values.get("overlap")
        if overlap is not None and overlap > MAX_OVERLAP:
            raise BadRequest(f"overlap is {overlap}; it is how many people review it: 1 to {MAX_OVERLAP}")
        return values

    def ask(self, **values: Any) -> None:
        """Set these options of who is asked; what is None is left out."""
        for name, value in self.asked(**{name: value for name, value in values.items() if value is not None}).items():
            setattr(self, name, value)


@dataclass(slots=True)
class Run:
    """One pass of creating: how far it is, and what stopped it."""

    total: int
    done: int = 0
    created: int = 0
    existed: int = 0
    failed: int = 0
    stopping: bool = False
    error: CmtoolsError | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self, entries: Entries, chosen: Sequence[Entry], lot: Lot) -> None:
        """Note what became of a lot of the chosen entries."""
        for place, review_id in lot.ids.items():
            chosen[place].review_id = review_id
            entries.mark(chosen[place], "created")
        for place, error in lot.errors.items():
            entry = chosen[place]
            text = str(error).removeprefix(f"{entry.draft.path}: ") if entry.draft.path else str(error)
            entries.mark(entry, "failed", text)
        self.done += len(lot.ids) + len(lot.errors)
        self.created += len(lot.ids)
        self.existed += lot.existed
        self.failed += len(lot.errors)


def error_of(callback: str) -> str:
    """Why a callback is no address; empty when it is one, or none is given."""
    try:
        if callback:
            check_address(callback, "callback")
    except BadDraft as error:
        return error.message
    return ""
