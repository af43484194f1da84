"""Near-duplicates among drafts: which look the same, one kept of each group, its decision given to the rest.

Pictures are looked at where they are decoded anyway. Groups are found in `cmtools.content.near`, which says how, and
what that cannot see.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..content.image import look_over
from ..content.near import Look, alike, near_groups
from ..errors import BadDraft, BadRequest
from ..model import Draft
from ..tags import Tag, TagSet

STANDS_FOR = "stands_for"
"""The metadata key that says how many pictures a draft stands for, itself counted."""
COPIES = ["content_id", "copy_of", "distance", "weight"]

Looks = MutableMapping[Path, Look]
Group = dict[int, int]
"""Places in the list of drafts, each with the bits in which it differs from the first of them."""


def groups_of(drafts: Sequence[Draft], looks: Looks, most_different: int, tag_codes: Iterable[str] = ()) -> list[Group]:
    """Groups of at least two drafts whose pictures look the same, in the order of the list.

    They are of one stratum, and of the same auto tags: each on in all, off in all, or silent in all. Scores may differ.
    Golden items stand for nothing else, and nothing for them: they are in no group.

    Parameters
    ----------
    drafts : sequence of Draft
        Pictures on this machine, every one.
    looks : mapping of Path to Look
        What is known of the pictures; what is missing is looked at and added.
    most_different : int
        As of `near_groups`.
    tag_codes : iterable of str
        Which keys of the metadata are tags, besides ``a`` and ``r``.

    Raises
    ------
    BadDraft
        When a draft is no picture on this machine.
    BadPicture
        When a file that was not looked at cannot be read any more.
    """
    others = [draft for draft in drafts if draft.type != "Image" or draft.path is None]
    if others:
        raise BadDraft(
            f"near-duplicates are found among pictures on this machine, and {len(others):,} of {len(drafts):,} drafts "
            f"are none (the first: {others[0].content[:100]!r}): an address has no picture to look at before the "
            "service has copied it. Download the pictures, or give their drafts alone"
        )
    known = [_look(draft.path or Path(), looks) for draft in drafts]
    tags = TagSet(Tag(code) for code in sorted(tag_codes))
    by_kind: dict[tuple[str | None, frozenset[tuple[str, bool]]], dict[int, str | None]] = {}
    for place, draft in enumerate(drafts):
        if draft.truth is not None:
            continue
        kind = draft.stratum, frozenset(tags.auto_tags(draft.metadata).items())
        by_kind.setdefault(kind, {})[place] = known[place].hash

    def same(first: int, place: int) -> bool:
        return alike(known[first].cells, known[place].cells)

    found = [group for some in by_kind.values() for group in near_groups(some, most_different, same)]
    return sorted(found, key=lambda group: next(iter(group)))


def _look(path: Path, looks: Looks) -> Look:
    if path not in looks:
        looks[path] = look_over(path)[1]
    return looks[path]


def table_of(drafts: Sequence[Draft], groups: Sequence[Group]) -> pd.DataFrame:
    """One row per draft of a group: ``content_id, group, size, distance, path``."""
    rows = [
        (drafts[place].content_id, number, len(group), distance, str(drafts[place].path))
        for number, group in enumerate(groups, start=1)
        for place, distance in group.items()
    ]
    return pd.DataFrame(rows, columns=["content_id", "group", "size", "distance", "path"])


def firsts_of(drafts: Sequence[Draft], groups: Sequence[Group]) -> tuple[list[Draft], pd.DataFrame]:
    """The drafts with only the first of each group, which stands for the others, and the table of the others."""
    kept: dict[int, Draft] = dict(enumerate(drafts))
    rows = []
    for group in groups:
        first, *others = group
        weight = sum(drafts[place].weight for place in group)
        pairs = (*drafts[first].metadata, (STANDS_FOR, str(len(group))))
        kept[first] = replace(drafts[first], weight=weight, metadata=pairs)
        for place in others:
            copy = kept.pop(place)
            rows.append((copy.content_id, drafts[first].content_id, group[place], copy.weight))
    return list(kept.values()), copies_table(rows)


def copies_table(rows: Sequence[tuple[str, str, int, float]] = ()) -> pd.DataFrame:
    """The table of what was set aside: ``content_id, copy_of, distance, weight``."""
    table = pd.DataFrame(list(rows), columns=COPIES)
    return table.astype({"content_id": "str", "copy_of": "str", "distance": "int64", "weight": "float64"})


def spread(decisions: pd.DataFrame, copies: pd.DataFrame) -> pd.DataFrame:
    """Decisions with rows for the copies that were not reviewed: each says what was decided of the one that was.

    Parameters
    ----------
    decisions : DataFrame
        As of ``client.decisions()``.
    copies : DataFrame
        ``content_id`` and ``weight`` of each copy, and in ``copy_of`` the id of the one that was reviewed:
        `Drafts.copies`, or the file that ``cmtools create --output`` wrote. Rows without ``copy_of`` are passed over.

    Returns
    -------
    DataFrame
        The columns of ``decisions``. A copy's rows come after all others; they have its own ``content_id`` and
        ``weight``, and everything else, such as the review's id, of the one that was reviewed, whose weight is its own
        again. So the weights add up to what they were. The auto tags are the copy's own too, for drafts with others
        are never set aside as copies of each other; the scores are not.

    Raises
    ------
    BadRequest
        When a column is missing, or the copies are in the decisions already.

    Notes
    -----
    It is for lists of what is to be done with each picture. For statistics take the decisions as they came: there the
    weight stands for the copies, while rows of copies would count as decisions of their own and make every interval too
    narrow.

    Examples
    --------
    >>> decided = pd.DataFrame({"content_id": ["a.jpg", "z.jpg"], "human": [True, False], "weight": [3.0, 1.0]})
    >>> copies = copies_table([("b.jpg", "a.jpg", 0, 1.0), ("c.jpg", "a.jpg", 2, 1.0)])
    >>> spread(decided, copies)
      content_id  human  weight
    0      a.jpg   True     1.0
    1      z.jpg  False     1.0
    2      b.jpg   True     1.0
    3      c.jpg   True     1.0
    """
    _demand(decisions, "decisions", ("content_id", "weight"))
    _demand(copies, "copies", ("content_id", "copy_of", "weight"))
    copies = copies.loc[copies["copy_of"].notna(), ["content_id", "copy_of", "weight"]]
    own = copies.astype({"content_id": str, "copy_of": str, "weight": float})
    told = decisions["content_id"].astype(str)
    if both := sorted(set(own["content_id"]) & set(told)):
        raise BadRequest(f"{len(both):,} of the copies are in the decisions already, such as {both[0]!r}")
    aside = own.groupby("copy_of")["weight"].sum()
    first = decisions.assign(weight=decisions["weight"] - told.map(aside).fillna(0.0).to_numpy())
    others = own.merge(decisions.drop(columns=["content_id", "weight"]).assign(copy_of=told), on="copy_of", how="inner")
    return pd.concat([first, others[decisions.columns]], ignore_index=True)


def _demand(table: pd.DataFrame, what: str, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise BadRequest(f"{what} have no column {missing[0]!r}; they have {', '.join(map(str, table.columns))}")
