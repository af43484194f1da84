"""What an auditor settles besides the plan: tags, slices, level, corrections, audience, notes. It estimates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from ...errors import BadRequest
from ..choices import ABSENT, as_names, thresholds
from ..intervals import z_value
from ..plans.label_error import LabelError
from .tables import without_credentials

LABEL_ERRORS = ("none", "golden", "given", "dawid_skene")
Rate = float | tuple[float, float] | None
Note = tuple[str, str]
PAIR = 2


@dataclass(frozen=True)
class AuditChoices:
    """The choices of an audit. What is not said is as in `SamplingPlan.estimates`.

    Attributes
    ----------
    tags : tuple of str or None
        The short codes it is about; all that were decided unless given.
    by : tuple of str
        Columns whose values make the slices, each on its own; of other metadata the key will do.
    metrics : tuple of str or None
        Which figures: names that `SamplingPlan.estimates` knows.
    level : float or None
        The confidence level; the plan's unless given.
    absent : {"false", "missing"}
        What a silent auto tag counts as.
    threshold : dict of str to float or None
        From which score on the auto tag of a short code counts as on.
    size : str or None
        A column of sizes, such as views.
    label_error : {"none", "golden", "given", "dawid_skene"}
        Whether figures are corrected for mistakes of reviewers: by their answers to golden items, by the
        ``sensitivity`` and ``specificity`` that are given, or by what several reviewers' answers tell of one another
        (then figures come of their answers, and not of the final tags).
    sensitivity, specificity : float, (successes, trials) or None
        How often reviewers are right on what is on, and on what is off.
    audience : str
        Who the report is for.
    notes : tuple of (date, words)
        What was decided on the way, with its date as ``YYYY-MM-DD`` (empty where none was said).

    Examples
    --------
    >>> AuditChoices.of({"tags": "r", "by": ["language"], "notes": {"2026-11-02": "r from 0.6 instead of 0.7"}}).notes
    (('2026-11-02', 'r from 0.6 instead of 0.7'),)
    """

    tags: tuple[str, ...] | None = None
    by: tuple[str, ...] = ()
    metrics: tuple[str, ...] | None = None
    level: float | None = None
    absent: str = "false"
    threshold: Mapping[str, float] | None = None
    size: str | None = None
    label_error: str = "none"
    sensitivity: Rate = None
    specificity: Rate = None
    audience: str = ""
    notes: tuple[Note, ...] = ()

    @classmethod
    def of(cls, given: AuditChoices | Mapping[str, Any] | None) -> AuditChoices:
        """Choices from a mapping, checked; those that are made already stay.

        Raises
        ------
        BadRequest
            When there is no such choice, or one cannot be.
        """
        if isinstance(given, AuditChoices):
            return given
        if given is not None and not isinstance(given, Mapping):
            raise BadRequest(f"choices is {given!r}; give a mapping, such as {{'tags': ['r'], 'by': ['language']}}")
        asked = dict(given or {})
        names = [field.name for field in fields(cls)]
        unknown = [name for name in asked if name not in names]
        if unknown:
            raise BadRequest(f"there is no choice {unknown[0]!r}; there are {', '.join(names)}")
        for name in ("tags", "by", "metrics"):
            if name in asked:
                asked[name] = as_names(asked[name])
        asked["by"] = asked.get("by") or ()
        asked["threshold"] = thresholds(asked.get("threshold"))
        for name in ("sensitivity", "specificity"):
            rate = asked.get(name)
            asked[name] = tuple(rate) if isinstance(rate, list | tuple) else rate
        asked["audience"] = without_credentials(str(asked.get("audience") or ""))
        asked["notes"] = tuple(_notes(asked.get("notes")))
        if "label_error" not in asked:
            asked["label_error"] = "none" if asked["sensitivity"] is asked["specificity"] is None else "given"
        return cls(**asked)._checked()

    def with_level(self, level: float) -> AuditChoices:
        """The same with this level where none was said."""
        return self if self.level is not None else replace(self, level=level)

    def as_json(self) -> dict[str, Any]:
        """The choices as JSON has them; `of` reads it back."""
        return {**asdict(self), "threshold": dict(self.threshold) if self.threshold else None}

    def _checked(self) -> AuditChoices:
        if self.level is not None:
            z_value(self.level)
        if self.absent not in ABSENT:
            raise BadRequest(f"absent is {self.absent!r}; take 'false' (a silent auto tag is off) or 'missing'")
        if self.label_error not in LABEL_ERRORS:
            raise BadRequest(f"label_error is {self.label_error!r}; take one of {', '.join(map(repr, LABEL_ERRORS))}")
        error = LabelError.of(self.sensitivity, self.specificity)
        if (error is not None) != (self.label_error == "given"):
            raise BadRequest("label_error='given' goes with a sensitivity and a specificity, and they with it")
        return self


def _notes(given: Any) -> list[Note]:
    """Notes from a text, texts, pairs, or a mapping of dates to texts; in the order given."""
    if not given:
        return []
    if isinstance(given, str):
        return [("", without_credentials(given))]
    found = []
    for each in given.items() if isinstance(given, Mapping) else given:
        pair = ("", each) if isinstance(each, str) else tuple(each)
        if len(pair) != PAIR:
            raise BadRequest(f"the note {each!r} is neither words nor a date with words")
        day = pair[0].isoformat()[:10] if isinstance(pair[0], date) else str(pair[0])
        found.append((_day(day), without_credentials(str(pair[1]))))
    return found


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadRequest(f"{text!r} is no date; write it as 2026-11-02") from None
