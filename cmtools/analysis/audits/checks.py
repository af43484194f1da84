"""What a check of an audit found: rows of questions with their answers. It checks nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd

from ...model import TrailHead

OK, FAULT, OPEN = "ok", "fault", "open"
"""The question was answered well; not so; it could not be asked, and ``why`` says why."""
SHOWN = 20
"""Faults that a check names; it counts them all."""

QUESTIONS = {
    "file": "Is the file as it was written, and do its figures follow from its decisions?",
    "trail": "Is the chain of the trail whole?",
    "head": "Is the head that the file notes still in the chain?",
    "answers": "Is every answer what the trail says that this reviewer submitted, and final?",
    "final": "Are the final tags what came of the answers, or of the adjudicator?",
    "complete": "Is every finished review of the audit in the file?",
    "together": "Is what was created together with the audit's reviews, or again, in the file?",
    "added": "Was every review of the file created, as the trail says, and finished?",
    "golden": "Are golden items apart, and their answers what the trail says?",
    "sealed": "Was the plan sealed before the first of its reviews was created?",
    "plan": "Are strata, weights and numbers those of the plan?",
    "draw": "Are the reviews those that the plan draws?",
    "auto": "Are the auto tags those that the reviews were created with?",
    "service": "Is everything else what the service still holds?",
}
"""Every check with its question, in the order in which they are shown."""
NOTHING = {
    "answers": "the file has no answers",
    "final": "the file has no final tags",
    "complete": "the audit names no review",
    "together": "the trail has none of the audit's reviews",
    "added": "the file has no decisions",
    "golden": "there are no golden items",
    "auto": "the file has no decisions",
    "draw": "nothing was drawn",
    "service": "the file has no decisions",
}
"""Why a check looked at nothing, where there was nothing to look at."""


@dataclass
class Check:
    """One question: how much was looked at, and what was found.

    ``faults`` names the first of them with their ids; ``found`` counts all.
    """

    name: str
    checked: int = 0
    found: int = 0
    faults: list[str] = field(default_factory=list)
    why: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        """The question in words."""
        return QUESTIONS[self.name]

    @property
    def status(self) -> str:
        """``ok``, ``fault`` or ``open``."""
        return FAULT if self.found else OPEN if self.why else OK

    def look(self, well: bool, words: str) -> None:
        """Count one thing that was looked at; where it is not well, keep the words for it."""
        self.checked += 1
        if not well:
            self.fault(words)

    def fault(self, words: str, count: int = 1) -> None:
        """Count a fault, or several that the words name together."""
        self.found += count
        if len(self.faults) < SHOWN:
            self.faults.append(words)

    def close(self) -> None:
        """Say so where nothing was looked at: that is not well, but not checked."""
        if not (self.checked or self.found or self.why):
            self.why = NOTHING.get(self.name, "there was nothing to look at")

    @property
    def said(self) -> str:
        """What was found, in a line."""
        if self.found:
            more = f" and {self.found - len(self.faults):,} more" if self.found > len(self.faults) else ""
            return "; ".join(self.faults[:3]) + ("; ..." if len(self.faults) > 3 else "") + more
        return "; ".join([*([self.why] if self.why else []), *self.notes])


@dataclass(frozen=True, repr=False)
class Verification:
    """What `Audit.verify` found.

    Attributes
    ----------
    checks : tuple of Check
        In the order of `QUESTIONS`.
    seal : str
        That of the audit file.
    head : TrailHead or None
        The trail's end when it was checked: note it.
    events : int
        How many events were read.
    """

    checks: tuple[Check, ...]
    seal: str
    head: TrailHead | None = None
    events: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was found. What could not be checked says so in `table`, and is no fault."""
        return all(check.status != FAULT for check in self.checks)

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    def table(self) -> pd.DataFrame:
        """A row for each check: ``check, question, status, checked, found, said``."""
        rows = [(each.name, each.question, each.status, each.checked, each.found, each.said) for each in self.checks]
        return pd.DataFrame(rows, columns=["check", "question", "status", "checked", "found", "said"])

    def __repr__(self) -> str:
        open_ = [check.name for check in self.checks if check.status == OPEN]
        faults = [f"{check.name} {check.found:,}" for check in self.checks if check.status == FAULT]
        verdict = f"faults: {', '.join(faults)}" if faults else "nothing found"
        unasked = f"; not checked: {', '.join(open_)}" if open_ else ""
        return f"Verification of audit {self.seal[:6]}...: {verdict}{unasked} ({self.events:,} events)"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table().to_html(index=False, border=0)}"
