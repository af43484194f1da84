"""`Drafts`, the list that `make_drafts` gives, and `Item`, a draft on its way. It reads no source."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import SupportsIndex, TypeVar, overload

import pandas as pd
from tqdm.auto import tqdm

from ..content.near import MOST_LOOKED_AT, Look
from ..errors import BadRequest, CmtoolsError
from ..model import Draft, Pairs
from . import near

LONG_WORK = 200
"""From this many items on, a progress bar is shown."""

T = TypeVar("T")


class Drafts(list[Draft]):
    """A list of drafts that also knows what was left out and which metadata keys are meant as tags.

    Attributes
    ----------
    refused : DataFrame
        One row per item that was left out: ``source``, ``reason``.
    tag_codes : frozenset of str
        The short codes that the drafts' metadata uses as tags; the team must have them, or be given them.
    copies : DataFrame
        One row per near-duplicate that was set aside: ``content_id``, ``copy_of`` (the id of the draft that stands for
        it), ``distance`` (the bits of their hashes that differ) and ``weight``. See `without_near_duplicates`.
    looks : dict of Path to Look
        What is kept of each picture that was looked at, to tell its copies.
    sources : dict of str to str
        By ``content_id``, where each item stood, spelt as in ``refused``; also of those that were left out since.

    Examples
    --------
    >>> Drafts([Draft(content="Hello!", content_id="1", type="Text")])
    1 draft
    >>> Drafts([Draft("Hello!", "1", "Text")]) + Drafts([Draft("Bye!", "2", "Text")], tag_codes={"sc"})
    2 drafts
    """

    def __init__(
        self,
        drafts: Iterable[Draft] = (),
        *,
        refused: pd.DataFrame | None = None,
        tag_codes: Iterable[str] = (),
        copies: pd.DataFrame | None = None,
        looks: dict[Path, Look] | None = None,
        sources: dict[str, str] | None = None,
    ) -> None:
        super().__init__(drafts)
        self.refused = refused_table(()) if refused is None else refused
        self.tag_codes = frozenset(tag_codes)
        self.copies = near.copies_table() if copies is None else copies
        self.looks = {} if looks is None else looks
        self.sources = {} if sources is None else sources

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> Draft: ...
    @overload
    def __getitem__(self, place: slice, /) -> Drafts: ...
    def __getitem__(self, place: SupportsIndex | slice, /) -> Draft | Drafts:
        """One draft; a slice is `Drafts` again, with the same tag codes."""
        if isinstance(place, slice):
            return self._with(super().__getitem__(place), self.copies)
        return super().__getitem__(place)

    def __add__(self, others: Iterable[Draft], /) -> Drafts:  # type: ignore[override]  # a list's knows lists alone
        """These drafts, then the others: what was left out of them, and which keys are tags, is joined too."""
        known = others if isinstance(others, Drafts) else Drafts(others)
        return Drafts(
            [*self, *known],
            refused=pd.concat([self.refused, known.refused], ignore_index=True),
            tag_codes=self.tag_codes | known.tag_codes,
            copies=pd.concat([self.copies, known.copies], ignore_index=True),
            looks=self.looks | known.looks,
            sources=self.sources | known.sources,
        )

    def _with(self, drafts: Iterable[Draft], copies: pd.DataFrame) -> Drafts:
        made = Drafts(drafts, refused=self.refused, tag_codes=self.tag_codes, copies=copies, looks=self.looks)
        made.sources = self.sources
        return made

    def near_duplicates(self, most_different: int = MOST_LOOKED_AT) -> pd.DataFrame:
        """The pictures that look the same and differ only in size, format, quality, brightness or contrast.

        They are told by their difference hashes and a closer look; `cmtools.content.near` says what that cannot see.
        Only pictures on this machine can be looked at. Only those make a group that have the same ``stratum`` and the
        same auto tags, each on in all, off in all or silent in all, as ``tag_codes`` (and ``a``, ``r``) name them;
        scores may differ. A copy of which the machine said something else is reviewed by itself.

        Parameters
        ----------
        most_different : int
            Bits (of 64) in which a picture may differ from the first of its group, 0 to 12.

        Returns
        -------
        DataFrame
            One row per picture of a group of at least two: ``content_id``, ``group`` (from 1), ``size`` of the group,
            ``distance`` to its first picture in bits, ``path``. No row when no two look the same.

        Raises
        ------
        BadDraft
            When some drafts are addresses or texts.
        """
        return near.table_of(self, near.groups_of(self, self.looks, most_different, self.tag_codes))

    def without_near_duplicates(self, most_different: int = MOST_LOOKED_AT) -> Drafts:
        """The first of each group of near-duplicates and all that has none: a campaign of copies is reviewed once.

        The first stands for its group: its ``weight`` is the sum of the group's, so that shares over items and counts
        of auto tags stay what they are, and ``stands_for`` in its metadata says how many they are. The others are
        listed in ``.copies``; `spread` gives them what was decided of the first. Look at `near_duplicates` before: a
        copy is never seen by a reviewer, and its own callback is never made.

        A copy is the same whole picture, with the same auto tags, saved again, scaled, or made evenly brighter or of
        more contrast; one with other words, a mark, other colours (or none), cropped, turned or mirrored is no copy,
        but letters lower than about a sixtieth of the picture's height, as of small print on a screen, may go unseen.

        Parameters
        ----------
        most_different : int
            As of `near_duplicates`.

        Raises
        ------
        BadDraft
            As of `near_duplicates`.
        BadRequest
            When it was done before.
        """
        if not self.copies.empty:
            raise BadRequest("near-duplicates were set aside already: take the drafts as make_drafts gave them")
        groups = near.groups_of(self, self.looks, most_different, self.tag_codes)
        return self._with(*near.firsts_of(self, groups))

    def spread(self, decisions: pd.DataFrame) -> pd.DataFrame:
        """Decisions with rows for the ``.copies`` too, as decided of those that stand for them.

        The auto tags in these rows are true of the copies, for a group has the same ones; scores are the first's.
        `cmtools.drafts.spread` does the same with a table of copies, and says what is in the rows.
        """
        return near.spread(decisions, self.copies)

    def __repr__(self) -> str:
        told = [f"{len(self):,} draft{'' if len(self) == 1 else 's'}"]
        told += [] if self.refused.empty else [f"{len(self.refused):,} left out: see .refused"]
        told += [] if self.copies.empty else [f"{len(self.copies):,} near-duplicates set aside: see .copies"]
        return ", ".join(told)

    def _repr_html_(self) -> str:
        """The first few drafts and the first few that were left out, as HTML tables; all text is escaped."""
        rows = [(d.content_id, d.type, d.content, ", ".join(f"{k}={v}" for k, v in d.metadata)) for d in self[:5]]
        shown = pd.DataFrame(rows, columns=["content_id", "type", "content", "metadata"])
        parts = [f"<p>{html.escape(repr(self))}</p>", shown.to_html(index=False, border=0)]
        if len(self) > len(rows):
            parts.append(f"<p>and {len(self) - len(rows):,} more</p>")
        if not self.refused.empty:
            with pd.option_context("display.max_colwidth", None):  # a reason that is cut off helps nobody
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
    truth: Mapping[str, bool] | None = None
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


def bar_over(results: Iterable[T], doing: str, total: int, wanted: bool) -> Iterable[T]:
    """The results, with a progress bar on long work."""
    return tqdm(results, desc=doing, total=total, disable=not wanted or total < LONG_WORK, leave=False)


def printable(source: str) -> str:
    """Where something stood, as it can be printed: names of files may be no text.

    Examples
    --------
    >>> printable("cat\\udcff.jpg")
    'cat?.jpg'
    """
    return source.encode("utf-8", "replace").decode()
