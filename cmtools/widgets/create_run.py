"""What a create form is told for all its entries, and one pass of creating them. It asks nobody."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..client.creation import Lot
from ..content.base import check_address
from ..errors import BadDraft, CmtoolsError
from .create_items import Entries, Entry


@dataclass(slots=True)
class Options:
    """What holds for all entries: the type of what is added, where it goes, who is told, which tags it gets."""

    type: str = "Image"
    subteam: str | None = None
    callback: str = ""
    batch: str = ""
    new_tags: bool = False
    tags: dict[str, bool | None] = field(default_factory=dict)


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
