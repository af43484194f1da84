"""What an audit holds: plan, reviews, decisions, choices, the trail's head; with its figures and hashes.

It reads and writes no file, and asks no service.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ... import __version__
from ...errors import BadRequest
from ...model import TrailHead
from ..plans import seals
from ..plans.plan import SamplingPlan
from . import figures, files
from .settled import AuditChoices
from .tables import TRUTH, canonical, without_credentials

TITLE = "Audit of automated content moderation"
Table = pd.DataFrame


def made_with() -> dict[str, str]:
    """The versions of what figures are made with."""
    versions = {"cmtools": __version__, "python": platform.python_version()}
    return {**versions, "pandas": pd.__version__, "numpy": np.__version__}


@dataclass(frozen=True)
class Loaded:
    """What only a file can tell: what it was made with, the estimates that were made then, and what is wrong in it."""

    versions: Mapping[str, str]
    estimates: Table | None = None
    seal: str = ""
    faults: tuple[str, ...] = field(default=())


class Kept:
    """What an audit holds; `Audit` documents it."""

    def __init__(
        self,
        plan: SamplingPlan,
        decisions: Table,
        *,
        opinions: Table | None = None,
        golden: Table | None = None,
        reviews: Iterable[str] | None = None,
        choices: AuditChoices | Mapping[str, Any] | None = None,
        trail: TrailHead | None = None,
        sealed_at: datetime | str | None = None,
        drawn: Table | None = None,
        title: str = TITLE,
    ) -> None:
        if not isinstance(plan, SamplingPlan):
            raise BadRequest(f"plan is a {type(plan).__name__}; give the SamplingPlan that the audit was drawn with")
        self.plan, self.trail = plan, trail
        self.choices = AuditChoices.of(choices).with_level(plan.level)
        self.sealed_at, self.title = moment(sealed_at), without_credentials(str(title))
        named = [*self.choices.by, *([self.choices.size] if self.choices.size else [])]
        keep = (
            [figures.named_column(decisions, name, "choices") for name in named]
            if hasattr(decisions, "columns")
            else []
        )
        found = canonical(decisions, "decisions", keep)
        golden_ = None if golden is None else canonical(golden, "golden")
        if golden_ is not None and TRUTH not in golden_:
            raise BadRequest("golden has no column 'truth'; take client.decisions(answers='golden')")
        self.reviews = ids_of(found["review_id"] if reviews is None else reviews)
        self.decisions = _of(found, self.reviews)
        figures.check_decisions(self.decisions, plan)
        self.opinions = None if opinions is None else _of(canonical(opinions, "opinions", keep), self.reviews)
        self.golden = None if golden_ is None else _of(golden_, self.reviews)
        self.drawn = None if drawn is None else _drawn(drawn, plan)
        figures.check_correction(self.decisions, self.choices)
        self._loaded = Loaded(made_with())

    # -- figures -------------------------------------------------------------------------------------------------------

    @cached_property
    def _estimates(self) -> Table:
        try:
            return figures.estimates(self.plan, self.decisions, self.opinions, self.golden, self.choices)
        except BadRequest:
            if self._loaded.estimates is None:
                raise
            return self._loaded.estimates  # of a file that was changed, what it says

    def estimates(self) -> Table:
        """What holds for all content, and for each slice.

        Returns
        -------
        DataFrame
            ``by, slice, tag, metric, estimate, low, high, n, method, flag``; ``by`` and ``slice`` are empty for all
            content. The rest is as of `SamplingPlan.estimates`.
        """
        return self._estimates.copy()

    def responses(self) -> Table:
        """How much of what was drawn has a decision: ``tag, stratum, drawn, reviewed, answered``."""
        return figures.responses(self.plan, self.decisions, self.choices)

    def bounds(self) -> Table:
        """What the missing could change: ``tag, estimate, none_on, all_on, answered``, shares of all items."""
        return figures.bounds(self.plan, self.decisions, self.choices)

    def golden_accuracy(self) -> Table:
        """How often answers to golden items were right: ``tag, kind, right, answers, estimate, low, high``."""
        tags = figures.tags_of(self.decisions, self.choices)
        return figures.golden_accuracy(self.golden, tags, self.choices.level or self.plan.level)

    @property
    def versions(self) -> dict[str, str]:
        """What it was made with: cmtools, python, pandas, numpy."""
        return {name: self._loaded.versions[name] for name in sorted(self._loaded.versions)}

    @property
    def seal(self) -> str:
        """The SHA-256 of all that the file says: note it elsewhere. Of a file that was changed, as it says."""
        return self._loaded.seal or seals.seal_of(self.content()[0])

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each part of the file."""
        return {name: str(part["sha256"]) for name, part in self.content()[0]["parts"].items()}

    @property
    def faults(self) -> tuple[str, ...]:
        """What was wrong in the file that it was loaded from; nothing unless `load` was told to pass over it."""
        return self._loaded.faults

    def __repr__(self) -> str:
        decided, tags = self.decisions["review_id"].nunique(), len(figures.tags_of(self.decisions, self.choices))
        changed = ", CHANGED after it was written" if self.faults else ""
        return (
            f"Audit of {decided:,} of {self.plan.n:,} drawn items, {tags} tag{'s' * (tags != 1)}, "
            f"plan {self.plan.seal[:4]}...{changed}"
        )

    def content(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        """What the file says of itself, and its parts."""
        tables = {"decisions": self.decisions, "opinions": self.opinions, "golden": self.golden, "drawn": self.drawn}
        estimates = self._loaded.estimates if self._loaded.estimates is not None else self._estimates
        said = {
            "title": self.title,
            "made_with": dict(self._loaded.versions),
            "plan_seal": self.plan.seal,
            "frame_hash": self.plan.frame_hash,
            "sealed_at": _written(self.sealed_at),
            "trail": _trail(self.trail),
            "choices": self.choices.as_json(),
        }
        return files.content(said, self.plan, self.reviews, {**tables, "estimates": estimates})


def moment(given: datetime | str | None) -> datetime | None:
    """A moment in UTC, of a datetime that knows its zone or its ISO 8601 text.

    Examples
    --------
    >>> moment("2026-11-02T10:00+01:00").isoformat()
    '2026-11-02T09:00:00+00:00'
    """
    if given is None:
        return None
    try:
        found = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise BadRequest(f"sealed_at is {given!r}; write it as 2026-11-02T10:00+01:00") from None
    if found.tzinfo is None:
        raise BadRequest(f"sealed_at is {given!r}, without its time zone; write 2026-11-02T10:00+01:00")
    return found.astimezone(UTC)


def _written(given: datetime | None) -> str | None:
    return None if given is None else given.astimezone(UTC).isoformat()


def _trail(head: TrailHead | None) -> dict[str, Any] | None:
    if head is None:
        return None
    said = {"team": head.team, "number": head.number, "events": head.events, "digest": head.digest}
    return {**said, "sealed_at": _written(head.sealed_at)}


def ids_of(given: Iterable[str]) -> tuple[str, ...]:
    """Ids of reviews, each once, in order."""
    if isinstance(given, str):
        raise BadRequest(f"reviews is {given!r}; give the list of ids that create_reviews gave")
    ids = sorted(set(map(str, given)))
    if any(not id or any(sign in id for sign in '",\r\n') for id in ids):
        raise BadRequest("reviews has something that is no id of a review")
    return tuple(ids)


def _of(table: Table, reviews: tuple[str, ...]) -> Table:
    return table[table["review_id"].isin(set(reviews))].reset_index(drop=True)


def _drawn(drawn: Table, plan: SamplingPlan) -> Table:
    """What was drawn: content_id, stratum, weight, in the order of ids."""
    column = "content_id" if "content_id" in drawn.columns else plan.id
    lacking = [name for name in (column, "stratum", "weight") if name not in drawn.columns]
    if column is None or lacking:
        raise BadRequest(f"drawn has no column {(lacking or ['content_id'])[0]!r}; give what plan.draw(items) gave")
    ids = [without_credentials(str(each)) for each in drawn[column]]
    made = pd.DataFrame({"content_id": ids, "stratum": drawn["stratum"].astype("str").to_numpy()})
    made = made.assign(weight=drawn["weight"].to_numpy(dtype=float))
    return made.astype({"content_id": "str", "stratum": "str"}).sort_values("content_id", ignore_index=True)
