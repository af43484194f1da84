"""An audit that never saw a service: a plan, what people said of its draw, and the trail that a service would keep.

Every event has the shape that the service gives it. Tests change one thing and look which check notices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cmtools.analysis.audits.audit import Audit
from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.model import AuditEvent, TrailCheck, TrailFault, TrailHead

START = datetime(2026, 11, 3, 9, tzinfo=UTC)
PEOPLE = ("ana", "ben", "cem", "dana")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@dataclass
class Story:
    """A world of one audit: its plan and tables, and the events behind them."""

    items: pd.DataFrame
    plan: SamplingPlan
    drawn: pd.DataFrame
    ids: list[str] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
    final: list[dict[str, Any]] = field(default_factory=list)
    each: list[dict[str, Any]] = field(default_factory=list)
    golden: list[dict[str, Any]] = field(default_factory=list)
    clock: datetime = START

    def say(self, action: str, subject: str, *, reviewer: str | None = None, before: Any = (), after: Any = ()) -> None:
        """Add an event, a tenth of a second after the last one."""
        made = AuditEvent(len(self.events) + 1, self.clock, "key", reviewer, action, subject, dict(before), dict(after))
        self.events.append(made)

    def tick(self, seconds: float = 0.1) -> None:
        self.clock += timedelta(seconds=seconds)

    def answer(self, id: str, who: str, said: Mapping[str, bool], suggested: Mapping[str, bool]) -> datetime:
        """One submission that becomes final; when it was made."""
        self.tick()
        submission = f"s{len(self.events)}"
        self.say("checkout", id, reviewer=who, after={"lease": f"l{len(self.events)}", "blind": True})
        self.tick()
        at = self.clock
        self.say("submit", id, reviewer=who, before=suggested, after={"tags": dict(said), "submission": submission})
        self.tick(5)
        self.say("finalise", id, reviewer=who, after={"submission": submission})
        return at

    def head(self) -> TrailHead:
        return TrailHead("demo", 7, len(self.events), DIGEST, self.clock + timedelta(seconds=1))

    def audit(self, **changed: Any) -> Audit:
        """The audit of this world."""
        given: dict[str, Any] = {
            "plan": self.plan,
            "decisions": pd.DataFrame(self.final),
            "opinions": pd.DataFrame(self.each),
            "golden": pd.DataFrame(self.golden) if self.golden else None,
            "reviews": self.ids,
            "choices": {"tags": ["r"], "audience": "the regulator"},
            "trail": self.head(),
            "sealed_at": START - timedelta(hours=1),
        }
        given |= changed
        return Audit(given.pop("plan"), given.pop("decisions"), **given)

    def service(self, **changed: Any) -> Service:
        return Service(self, **changed)


@dataclass
class Service:
    """Tells what a client would."""

    world: Story
    faults: tuple[TrailFault, ...] = ()
    final: pd.DataFrame | None = None

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        return iter(self.world.events)

    def trail_head(self) -> TrailHead:
        return self.world.head()

    def verify_trail(self, head: str | None = None) -> TrailCheck:
        count = len(self.world.events)
        return TrailCheck(count, 7, 0, self.faults, len(self.faults), self.world.head())

    def decisions(self, *, metadata: bool = False, answers: str = "each") -> pd.DataFrame:
        kept = {"each": self.world.each, "final": self.world.final, "golden": self.world.golden}[answers]
        columns = list(self.world.final[0]) + ["truth"] * (answers == "golden")
        made = pd.DataFrame(kept, columns=columns)
        return self.final if answers == "final" and self.final is not None else made


def plan_of(items: int = 400, n: int = 60) -> tuple[pd.DataFrame, SamplingPlan]:
    """Items of which a tenth is flagged, and a plan over them."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"id": [f"post-{place}" for place in range(items)], "content": "some words"})
    frame["r"] = np.arange(items) % 10 == 0
    frame["score"] = np.where(frame["r"], 0.5, 0.0) + rng.random(items).round(3) / 2
    take = {"r False": n * 2 // 3, "r True": n - n * 2 // 3}
    return frame, SamplingPlan.stratified(frame, by="r", flagged="r", allocation=take, seed=2)


def story(items: int = 400, n: int = 60, *, overlap: int = 2, golden: int = 3, undecided: int = 0) -> Story:
    """A world in which each review is answered by so many, disputes go to an adjudicator, golden items are mixed in."""
    rng = np.random.default_rng(5)
    frame, plan = plan_of(items, n)
    world = Story(frame, plan, plan.draw(frame))
    rows = world.drawn.to_dict("records")
    for place, row in enumerate(rows):
        create(world, f"202611i{place:05}", row, overlap)
    for place in range(golden):
        create(world, f"202611i9{place:04}", {"id": f"gold-{place}", "r": place % 2 == 0}, overlap, golden=True)
    for place, row in enumerate(rows[: n - undecided] if undecided else rows):
        truth = bool(rng.random() < (0.8 if row["r"] else 0.06))
        decide(world, f"202611i{place:05}", row, truth, overlap, rng)
    for place in range(golden):
        id, auto = f"202611i9{place:04}", place % 2 == 0
        for number, who in enumerate(PEOPLE[: max(overlap, 1)]):
            said = bool(auto) if rng.random() < 0.9 else not auto
            opinion = f"{id}-{number}" if overlap > 1 else id
            at = world.answer(opinion, who, {"a": False, "r": said}, {"r": auto})
            row = {"id": f"gold-{place}", "r": auto, "score": 0.5, "weight": 1.0, "stratum": None}
            world.golden += _rows(world, id, row, {"a": False, "r": said}, who, at, truth={"a": False, "r": auto})
    return world


def create(world: Story, id: str, row: Mapping[str, Any], overlap: int, *, golden: bool = False) -> None:
    opinions = [f"{id}-{number}" for number in range(overlap)] if overlap > 1 else []
    after: dict[str, Any] = {"content_id": row["id"], "subteam": "public"}
    after |= {"auto_tags": ["r"]} if row["r"] else {}
    after |= {"opinions": opinions, "final": "adjudication"} if opinions else {}
    after |= {"golden": True} if golden else {}
    world.say("create", id, after=after)
    for each in opinions:
        world.say(
            "create",
            each,
            after={"content_id": row["id"], "subteam": "public", **({"auto_tags": ["r"]} if row["r"] else {})},
        )
    world.ids.append(id)


def decide(world: Story, id: str, row: Mapping[str, Any], truth: bool, overlap: int, rng: Any) -> None:
    people = [PEOPLE[place] for place in rng.permutation(len(PEOPLE) - 1)[:overlap]]
    suggested = {"r": bool(row["r"])}
    given = []
    for number, who in enumerate(people):
        said = {"a": False, "r": truth if rng.random() < 0.9 else not truth}
        at = world.answer(f"{id}-{number}" if overlap > 1 else id, who, said, suggested)
        world.each += _rows(world, id, row, said, who, at)
        given.append((said, who, at))
    if overlap == 1:
        world.final += _rows(world, id, row, *given[0])
    elif all(each[0] == given[0][0] for each in given):
        world.say("resolve", id, after={"tags": given[0][0], "by": "agreed", "submission": "s"})
        world.final += _rows(world, id, row, given[0][0], "(agreed)", given[-1][2])
    else:
        world.say("dispute", id)
        said = {"a": False, "r": truth}
        at = world.answer(id, "dana", said, suggested)
        world.final += _rows(world, id, row, said, "dana", at)


def _rows(
    world: Story,
    id: str,
    row: Mapping[str, Any],
    said: Mapping[str, bool],
    who: str,
    at: datetime,
    truth: Mapping[str, bool] | None = None,
) -> list[dict[str, Any]]:
    return [
        {
            "review_id": id,
            "content_id": row["id"],
            "type": "Text",
            "subteam": "public",
            "frame": None,
            "tag": tag,
            "auto": tag == "r" and bool(row["r"]),
            "auto_given": tag == "r",
            "score": row["score"] if tag == "r" else np.nan,
            "human": human,
            "reviewer": who,
            "created_at": START,
            "decided_at": at,
            "weight": row["weight"],
            "stratum": row["stratum"],
            "blind": True,
            **({"truth": truth[tag]} if truth is not None else {}),
        }
        for tag, human in said.items()
    ]
