"""`Drafts`, the list that `make_drafts` gives, and `Item`, a draft on its way. It reads no source."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import SupportsIndex, overload

import pandas as pd

from ..errors import CmtoolsError
from ..model import Draft, Pairs


class Drafts(list[Draft]):
    """A list of drafts that also knows what was left out and which metadata keys are meant as tags.

    Attributes
    ----------
    refused : DataFrame
        One row per item that was left out: ``source``, ``reason``.
    tag_codes : frozenset of str
        The short codes that the drafts' metadata uses as tags; the team must have them, or be given them.

    Examples
    --------
    >>> Drafts([Draft(content="Hello!", content_id="1", type="Text")])
    1 draft
    """

    def __init__(
        self, drafts: Iterable[Draft] = (), *, refused: pd.DataFrame | None = None, tag_codes: Iterable[str] = ()
    ) -> None:
        super().__init__(drafts)
        self.refused = refused_table(()) if refused is None else refused
        self.tag_codes = frozenset(tag_codes)

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> Draft: ...
    @overload
    def __getitem__(self, place: slice, /) -> Drafts: ...
    def __getitem__(self, place: SupportsIndex | slice, /) -> Draft | Drafts:
        """One draft; a slice is `Drafts` again, with the same tag codes."""
        if isinstance(place, slice):
            return Drafts(super().__getitem__(place), refused=self.refused, tag_codes=self.tag_codes)
        return super().__getitem__(place)

    def __repr__(self) -> str:
        count = f"{len(self):,} draft{'' if len(self) == 1 else 's'}"
        return count if self.refused.empty else f"{count}, {len(self.refused):,} left out: see .refused"

    def _repr_html_(self) -> str:
        """The first few drafts and the first few that were left out, as HTML tables; all text is escaped."""
        rows = [(d.content_id, d.type, d.content, ", ".join(f"{k}={v}" for k, v in d.metadata)) for d in self[:5]]
        shown = pd.DataFrame(rows, columns=["content_id", "type", "content", "metadata"])
        parts = [f"<p>{html.escape(repr(self))}</p>", shown.to_html(index=False, border=0)]
        if len(self) > len(rows):
            parts.append(f"<p>and {len(self) - len(rows):,} more</p>")
        if not self.refused.empty:
            parts += ["<p>Left out:</p>", self.refused.head(10).to_html(index=False, border=0)]
        if len(self.refused) > 10:
            parts.append(f"<p>and {len(self.refused) - 10:,} more</p>")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found in a source: where it stood, and what is known of it so far.

    ``place`` is its row in a table. ``faults`` say what could not be read of it and was passed over: a tag's by its
    short code, the others' under an empty name.
    """

    source: str
    content: str | Path
    content_id: str
    pairs: Pairs = ()
    callback: str | None = None
    weight: float = 1.0
    stratum: str | None = None
    place: str = ""
    faults: Mapping[str, CmtoolsError] = field(default_factory=dict)


Faults = dict[int, dict[str, CmtoolsError]]
"""What could not be read of a table, by the place of the row and, of tags, the short code."""


def refused_table(rows: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """The table of what was left out, one row each."""
    return pd.DataFrame(list(rows), columns=["source", "reason"], dtype=str)


def results_table(rows: Iterable[tuple[str, str | None, str | None]]) -> pd.DataFrame:
    """What became of each draft: ``content_id``, ``review_id`` and ``error``, the last two missing where there is none.

    Examples
    --------
    >>> results_table([("cat.jpg", "202601i1", None)])["review_id"].item()
    '202601i1'
    """
    return pd.DataFrame(list(rows), columns=["content_id", "review_id", "error"], dtype="str")
