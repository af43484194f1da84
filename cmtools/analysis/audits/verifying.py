"""An audit held against the service's trail: one pass over the events, then every check. It knows no HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pandas as pd
from tqdm.auto import tqdm

from ...errors import BadRequest, Forbidden
from ...model import AuditEvent, Review, TrailCheck, TrailHead
from . import comparing
from .checks import QUESTIONS, Check, Verification
from .comparing import Filed
from .kept import Kept
from .planned import Draw, check_draw, check_plan, check_sealed, draw_of
from .stories import Trail

Table = pd.DataFrame
BY_TRAIL = ("answers", "final", "complete", "together", "added", "golden", "auto")
"""What only the trail can tell."""


@runtime_checkable
class Service(Protocol):
    """What `Client` has of all that, and whatever else tells the same."""

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        """Who did what to what, the oldest first."""

    def trail_head(self) -> TrailHead:
        """The last seal of the team's trail."""

    def verify_trail(self, head: str | None = None) -> TrailCheck:
        """Whether the whole trail is as it was sealed."""


class Deciding(Protocol):
    """What `Client` has to give decisions."""

    def decisions(self, *, metadata: bool = False, answers: str = "each") -> Table:
        """Decisions as a table."""

    def reviews(self, *, ids: Iterable[str] | None = None) -> Iterable[Review]:
        """Reviews by id; those that there are not are left out."""


class Telling(Service, Deciding, Protocol):
    """Both, as `Client` is."""


def verify(
    audit: Kept,
    service: Service | Iterable[AuditEvent],
    *,
    check: TrailCheck | None = None,
    frame: Table | None = None,
    seal: str | None = None,
    plan_seal: str | None = None,
    progress: bool = True,
) -> Verification:
    """Hold the audit against the trail; `Audit.verify` says how."""
    checks = {name: Check(name) for name in QUESTIONS}
    _check_file(checks["file"], audit, seal)
    told = service if isinstance(service, Service) else None
    head = _check_chain(checks, audit, told, check)
    drawn = draw_of(checks["draw"], audit.plan, audit.drawn, frame)
    trail = Trail(audit.reviews, {*(drawn or ()), *_contents(audit.decisions)}, audit.plan.seal)
    total = head.events if head is not None else None
    events = told.events() if told is not None else service
    if not isinstance(events, Iterable):
        raise BadRequest(f"{service!r} is no client and no events; give cm.Client(...), or the events of the trail")
    with tqdm(events, total=total or None, desc="Reading the trail", unit=" events", disable=not progress) as bar:
        trail.read(bar)
    if trail.unordered:
        checks["trail"].fault(f"{trail.unordered:,} events do not come after the one before", trail.unordered)
    check_sealed(checks["sealed"], audit.plan, audit.sealed_at, trail, plan_seal)
    check_plan(checks["plan"], audit.plan, audit.decisions, trail)
    if trail.events and audit.reviews and not trail.own():
        _refuse_trail(checks, audit)
    else:
        _compare(checks, audit, trail, drawn)
        _check_service(checks["service"], audit, told)
    for each in checks.values():
        each.close()
    return Verification(tuple(checks.values()), audit.seal, head, trail.events)


def _compare(checks: Mapping[str, Check], audit: Kept, trail: Trail, drawn: Draw | None) -> None:
    """Everything that takes the audit's reviews as the trail tells them."""
    if not trail.events:
        for name in BY_TRAIL:
            checks[name].why = "the trail has no event"
    else:
        filed = Filed.of(audit.decisions, audit.opinions, audit.golden, audit.choices.tags)
        comparing.compare(checks, filed, audit.reviews, trail, _horizon(audit))
    check_draw(checks["draw"], drawn, audit.decisions, audit.reviews, trail)


def _refuse_trail(checks: Mapping[str, Check], audit: Kept) -> None:
    """Of a trail that has none of the audit's reviews, say that once; nothing else can be asked of it."""
    many = len(audit.reviews)
    checks["added"].checked = many
    checks["added"].fault(f"none of this audit's {many:,} reviews is known here: is this the right service and team?")
    for name in (*BY_TRAIL, "draw", "service"):
        if name != "added":
            checks[name].why = "none of this audit's reviews is known here"
            checks[name].notes.clear()


def _contents(decisions: Table) -> set[str]:
    """What was decided; not what several reviews have in common once the secrets of addresses are left out."""
    once = decisions.drop_duplicates("review_id")["content_id"].dropna()
    hidden = once.duplicated(keep=False) & once.str.contains("***", regex=False)
    return set(once[~hidden]) - {""}


def read_frame(path: Path) -> Table:
    """A table of items out of a file: Parquet, or CSV.

    Raises
    ------
    BadRequest
        When it cannot be read.
    """
    try:
        return pd.read_parquet(path) if path.suffix.lower() == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError, ImportError) as error:
        raise BadRequest(f"the table {os.fspath(path)!r} cannot be read: {error}") from None


def _check_file(check: Check, audit: Kept, seal: str | None) -> None:
    check.checked = 1
    for words in audit.faults:
        check.fault(words)
    if seal is not None:
        check.look(
            len(seal) >= 8 and audit.seal.startswith(seal.lower()),
            f"the audit's seal is {audit.seal[:12]}..., not {seal[:12]}... as it was noted",
        )


def _check_chain(
    checks: Mapping[str, Check], audit: Kept, told: Service | None, given: TrailCheck | None
) -> TrailHead | None:
    """Ask whether the chain is whole, and whether the head that was noted is still in it."""
    chain, noted = checks["trail"], checks["head"]
    digest = audit.trail.digest if audit.trail is not None else ""
    if not digest:
        noted.why = "the file notes no head of the trail: a chain that was made anew would look right"
    found = given if told is None else told.verify_trail(digest or None)
    if found is None:
        chain.why = "events were given without a check of their chain"
        noted.why = noted.why or chain.why
        return None
    chain.checked, noted.checked = found.events, int(bool(digest))
    others = [each for each in found.faults if not (digest and digest[:16] in each.message)]
    gone = len(found.faults) - len(others)
    if gone:
        noted.fault(
            f"the head {digest[:16]}..., noted with {audit.trail.events if audit.trail else 0:,} events, is gone"
        )
    for each in others:
        chain.fault(f"{each.kind}: {each.message}")
    chain.found = found.fault_count - gone
    if found.unsealed:
        chain.notes.append(f"{found.unsealed:,} events are not sealed yet")
    return found.head


def _horizon(audit: Kept) -> datetime | None:
    """Up to when everything that was finished must be in the file."""
    if audit.trail is not None and audit.trail.sealed_at is not None:
        return audit.trail.sealed_at
    last = audit.decisions["decided_at"].max()
    return None if pd.isna(last) else last.to_pydatetime()


def _check_service(check: Check, audit: Kept, told: Service | None) -> None:
    """Compare all other columns with what the service holds now."""
    ask = getattr(told, "decisions", None)
    if ask is None:
        check.why = "there was no service to ask; the trail does not tell scores and weights"
        return
    kept: dict[str, Any] = {"final": audit.decisions, "each": audit.opinions, "golden": audit.golden}
    try:
        for answers, table in kept.items():
            if table is not None and len(table):
                comparing.compare_columns(check, answers, table, ask(answers=answers))
    except Forbidden as error:
        check.why = f"the service does not tell this key: {error}"
