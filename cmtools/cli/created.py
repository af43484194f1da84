"""What `cmtools create` says of a run: lines, a summary, a file, a preview. It creates nothing and asks no service."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ..client.asking import Asking
from ..errors import BadRequest
from ..tags import SCORE_SUFFIX, read_bool

if TYPE_CHECKING:
    from ..client.creation import Lot
    from ..drafts import Drafts

KINDS = (".csv", ".jsonl")
FIELDS = ("source", "content_id", "review_id", "copy_of", "weight", "error")
Row = dict[str, object]


def things(kind: str) -> str:
    """What items of a type are called.

    Examples
    --------
    >>> things("Image")
    'pictures'
    """
    return {"Image": "pictures", "Text": "texts", "Video": "videos"}[kind]


def check_file(path: Path) -> None:
    """Raise `BadRequest` unless such a file can be written."""
    if path.suffix.lower() not in KINDS:
        raise BadRequest(f"{str(path)!r} is none of the files that can be written: {', '.join(KINDS)}")
    if not path.parent.is_dir():
        raise BadRequest(f"there is no folder {str(path.parent)!r} for the file; make it first")


def check_subteam(name: str | None, known: Iterable[str]) -> None:
    """Raise `BadRequest` unless the team has that subteam, in any case."""
    if name is not None and name.lower() not in map(str.lower, known):
        raise BadRequest(f"the team has no subteam {name!r}; it has {', '.join(known)}. Add it under Settings first")


@dataclass
class Created:
    """What became of each draft so far, by its place; ``problem`` is what broke the run off."""

    drafts: Drafts
    ids: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    existed: int = 0
    problem: str | None = None
    exit_code: int | None = None

    @property
    def missed(self) -> int:
        """How many items were left out."""
        return len(self.drafts.refused) + len(self.errors)

    def left_out(self) -> Iterator[str]:
        """A line for each item that never became a draft."""
        for source, reason in self.drafts.refused.itertuples(index=False):
            yield f"left out: {source}: {reason}"

    def take(self, lot: Lot) -> Iterator[str]:
        """Note a lot; a line for each draft that the service refused."""
        self.ids.update(lot.ids)
        self.existed += lot.existed
        for place, error in lot.errors.items():
            draft = self.drafts[place]
            self.errors[place] = str(error).removeprefix(f"{draft.path}: ") if draft.path else str(error)
        return (f"left out: {self._source(place)}: {self.errors[place]}" for place in lot.errors)

    def standing(self) -> str:
        """How far a run came that broke off."""
        if not self.ids:
            return "no new review was created"
        total = len(self.drafts)
        return f"{len(self.ids):,} of {total:,} reviews exist; the same command goes on from there and doubles none"

    def summary(self) -> str:
        """One line on the whole run."""
        told = [f"{len(self.ids):,} review{'' if len(self.ids) == 1 else 's'}"]
        told += [f"{self.existed:,} of them there already"] if self.existed else []
        told += [f"{len(self.drafts.copies):,} near-duplicates set aside"] if len(self.drafts.copies) else []
        told += [f"{self.missed:,} left out"] if self.missed else []
        return ", ".join(told)

    def rows(self) -> Iterator[Row]:
        """One row per item: the drafts in their order, then what stands behind one of them, then what was left out."""
        for place, draft in enumerate(self.drafts):
            named = {"source": self._source(place), "content_id": draft.content_id, "weight": draft.weight}
            yield named | {"review_id": self.ids.get(place), "error": self.errors.get(place)}
        for content_id, copy_of, _, weight in self.drafts.copies.itertuples(index=False):
            source = self.drafts.sources.get(content_id)
            yield {"source": source, "content_id": content_id, "copy_of": copy_of, "weight": weight}
        for source, reason in self.drafts.refused.itertuples(index=False):
            yield {"source": source, "error": reason}

    def place_for(self, path: Path) -> Path:
        """Where the rows go: to the path, unless an earlier run's are there and this one broke off or made nothing.

        Those stay then, and these go beside them: ``made.csv`` and ``made.unfinished.csv``.
        """
        if path.exists() and (self.problem is not None or not self.ids):
            return path.with_name(f"{path.stem}.unfinished{path.suffix}")
        return path

    def write(self, path: Path) -> None:
        """Write the rows as CSV or JSON lines; beside its place first: what was there stays until the new is whole."""
        unfinished = path.with_name(f".{path.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                if path.suffix.lower() == ".csv":
                    writer = csv.DictWriter(file, FIELDS)
                    writer.writeheader()
                    writer.writerows(self.rows())
                else:
                    file.writelines(
                        json.dumps({name: row.get(name) for name in FIELDS}, ensure_ascii=False) + "\n"
                        for row in self.rows()
                    )
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _source(self, place: int) -> str:
        draft = self.drafts[place]
        return self.drafts.sources.get(draft.content_id) or str(draft.path or draft.content)


def preview(drafts: Drafts, kind: str, subteam: str | None) -> str:
    """What a dry run shows: how many reviews there would be, and of each tag the counts and the range of scores.

    Examples
    --------
    >>> from cmtools.drafts import make_drafts
    >>> table = [{"text": "Hi", "sp": 0.25}, {"text": "Buy", "sp": 0.5}]
    >>> print(preview(make_drafts(table, type="Text", threshold={"sp": 0.5}), "Text", None))
    2 texts would become reviews of the subteam public.
    tag   true  false  silent  scores
    sp       1      1       0  0.25 to 0.5, median 0.375
    """
    count = f"1 {things(kind)[:-1]} would become a review" if len(drafts) == 1 else ""
    would = count or f"{len(drafts):,} {things(kind)} would become reviews"
    would += f" of the subteam {subteam or 'public'}"
    would += f", {len(drafts.copies):,} near-duplicates set aside" if len(drafts.copies) else ""
    would += f", {len(drafts.refused):,} left out" if len(drafts.refused) else ""
    lines = [f"{would}."]
    codes = sorted(drafts.tag_codes)
    width = max([4, *map(len, codes)])
    if codes:
        lines.append(f"{'tag':{width}}  true  false  silent  scores")
    for code in codes:
        said = [read_bool(value) for draft in drafts for key, value in draft.metadata if key.lower() == code.lower()]
        on, off = said.count(True), said.count(False)
        lines.append(f"{code:{width}} {on:5,} {off:6,} {len(drafts) - on - off:7,}  {_range(drafts, code)}")
    return "\n".join(lines)


def told_of_several(drafts: Drafts, asking: Asking) -> str:
    """What a dry run says of several reviewers, blind ones and golden items; empty where there are none.

    Examples
    --------
    >>> from cmtools.drafts import make_drafts
    >>> drafts = make_drafts(["Hi", "Buy", "Now"], type="Text")
    >>> print(told_of_several(drafts, Asking(overlap=2, final="unanimity", blind=True)))
    2 people would review each of 3; final tags by unanimity. Auto tags would be hidden from reviewers.
    """
    asked = [asking.of(draft) for draft in drafts]
    golden = [draft for draft in asked if draft.truth is not None]
    several = Counter((draft.overlap, draft.final) for draft in asked if draft.truth is None and draft.overlap > 1)
    parts = [
        f"{people} people would review each of {count:,}; final tags by {final}."
        for (people, final), count in sorted(several.items())
    ]
    parts += ["Auto tags would be hidden from reviewers."] if any(draft.blind for draft in asked) else []
    if golden:
        people = " or ".join(map(str, sorted({draft.overlap for draft in golden})))
        known = "1 is a golden item" if len(golden) == 1 else f"{len(golden):,} are golden items"
        parts.append(f"{known}, for {people} {'person' if people == '1' else 'people'} each.")
    return " ".join(parts)


def _range(drafts: Drafts, code: str) -> str:
    named = (code + SCORE_SUFFIX).lower()
    scores = [float(value) for draft in drafts for key, value in draft.metadata if key.lower() == named]
    if not scores:
        return "none"
    return f"{min(scores):.3g} to {max(scores):.3g}, median {median(scores):.3g}"
