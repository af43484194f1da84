"""What the service's trail tells of an audit's reviews: a pass over the events that keeps only what it needs.

It compares nothing. What it keeps grows with the reviews of the audit, not with the trail.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...model import AuditEvent
from .tables import without_credentials

OPEN_REQUESTS = 64
"""Requests whose neighbours are remembered: so many are never written at once."""
OFTEN = frozenset(
    ("checkout", "release", "expire", "change", "hold", "unhold", "take_held", "resume", "take_away", "move", "reveal")
)
"""Events of daily work, which name no seal."""

Request = tuple[datetime, str]
"""When, and by whom: what is created at one moment by one actor was asked for in one request."""
Said = dict[tuple[str, str], bool]
"""Frame (its milliseconds as text; empty for the whole) and short code -> on or off."""


@dataclass(slots=True)
class Answer:
    """What one reviewer submitted, whether it is final, and what was suggested to begin with."""

    submission: str
    reviewer: str
    at: datetime
    said: Said
    suggested: Mapping[str, Any]
    blind: bool = False
    final_at: datetime | None = None
    undone: bool = False


@dataclass(slots=True)
class Story:
    """A review, or one opinion on it, as the trail tells it."""

    id: str
    sequence: int
    at: datetime
    content_id: str
    auto: frozenset[str]
    opinions: tuple[str, ...] = ()
    golden: bool = False
    weight: float | None = None
    stratum: str | None = None
    outside: bool = False
    rule: str = ""
    always_blind: bool = False
    leased_blind: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    resolved: Said | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    disputed: bool = False

    @property
    def final(self) -> list[Answer]:
        """The answers that count: those that were made final."""
        return [answer for answer in self.answers.values() if answer.final_at is not None and not answer.undone]


class Trail:
    """What one pass over the events keeps.

    Parameters
    ----------
    reviews : set of str
        The ids of the audit's reviews.
    contents : set of str
        What was drawn, or else what the audit decided: a review of it that the audit does not name is kept as well.
    seal : str
        The plan's; events that name it are proof that it was sealed by then.
    """

    def __init__(self, reviews: Iterable[str], contents: Iterable[str] = (), seal: str = "") -> None:
        self.events = 0
        self.unordered = 0
        self.first_created_at: datetime | None = None
        self.seal_named: AuditEvent | None = None
        self.added: dict[str, int] = {}
        self._wanted, self._contents, self._seal = frozenset(reviews), frozenset(contents), seal
        self._stories: dict[str, Story] = {}
        self._parents: dict[str, str] = {}
        self._requests: OrderedDict[Request, list[str]] = OrderedDict()
        self._ours: set[Request] = set()
        self._last = 0
        self._ways: dict[str, Callable[[AuditEvent], None]] = {
            "create": self._create,
            "checkout": self._checkout,
            "take_held": self._checkout,
            "submit": self._submit,
            "undo": self._undo,
            "finalise": self._finalise,
            "resolve": self._resolve,
            "dispute": self._dispute,
            "put_tag": self._put_tag,
        }

    def read(self, events: Iterable[AuditEvent]) -> Trail:
        """Go over all events once, the oldest first."""
        for event in events:
            self.events += 1
            self.unordered += event.sequence <= self._last
            self._last = event.sequence
            way = self._ways.get(event.action)
            if way is not None:
                way(event)
            if self._seal and self.seal_named is None and event.action not in OFTEN:
                self._look_for_seal(event)
        while self._requests:
            self._close(*self._requests.popitem(last=False))
        return self

    def story(self, review_id: str) -> Story | None:
        """The review of this id; None where the trail has no such."""
        return self._stories.get(review_id)

    def own(self) -> list[Story]:
        """The audit's reviews, as far as the trail has them."""
        return [story for story in map(self.story, sorted(self._wanted)) if story is not None]

    def outsiders(self) -> Iterator[Story]:
        """Reviews that the audit does not name, and that were created in one request with its own, or of its items."""
        return (story for story in self._stories.values() if story.outside and story.id not in self._parents)

    def answers_of(self, story: Story) -> list[Answer]:
        """All answers that are final: to its opinions, and its own."""
        opinions = [self._stories[id] for id in story.opinions if id in self._stories]
        return [answer for each in (*opinions, story) for answer in each.final]

    def settled(self, story: Story) -> tuple[Said, str, datetime] | None:
        """The final tags, who settled them (empty: they came of several), and when; None while it is not finished."""
        own = story.final
        if own:
            last = own[-1]
            return last.said, last.reviewer, last.final_at or last.at
        if story.resolved is not None and story.resolved_at is not None:
            return story.resolved, "", story.resolved_at
        return None

    # -- events --------------------------------------------------------------------------------------------------------

    def _create(self, event: AuditEvent) -> None:
        story = _story(event)
        if story.id in self._stories:  # nothing is created twice
            self.unordered += 1
            return
        if story.id in self._parents:  # an opinion: its parent came before it
            self._stories[story.id] = story
            return
        key = (event.at, event.actor)
        if story.id in self._wanted:
            self._ours.add(key)
            if self.first_created_at is None or event.at < self.first_created_at:
                self.first_created_at = event.at
        else:
            story.outside = True
            if story.content_id not in self._contents:
                self._requests.setdefault(key, []).append(story.id)
        self._stories[story.id] = story
        for id in story.opinions:
            self._parents[id] = story.id
            if id in self._stories:  # it came first
                self._stories[id].outside = False
        while len(self._requests) > OPEN_REQUESTS:
            self._close(*self._requests.popitem(last=False))

    def _close(self, request: Request, ids: list[str]) -> None:
        """A request is over: its reviews are none of the audit's business, unless one of ours is among them."""
        if request in self._ours:
            return
        for id in ids:
            story = self._stories.get(id)
            if story is not None and id not in self._parents:
                for opinion in story.opinions:
                    self._stories.pop(opinion, None)
                    self._parents.pop(opinion, None)
                del self._stories[id]

    def _checkout(self, event: AuditEvent) -> None:
        story = self._stories.get(event.subject)
        if story is not None:
            story.leased_blind = event.after.get("blind") is True

    def _submit(self, event: AuditEvent) -> None:
        story = self._stories.get(event.subject)
        if story is not None:
            submission = str(event.after.get("submission", event.sequence))
            blind = story.leased_blind or story.always_blind
            made = Answer(submission, event.reviewer or "", event.at, said_of(event.after), event.before, blind)
            story.answers[submission] = made

    def _undo(self, event: AuditEvent) -> None:
        answer = self._answer(event, event.before)
        if answer is not None:
            answer.undone = True

    def _finalise(self, event: AuditEvent) -> None:
        answer = self._answer(event, event.after)
        if answer is not None:
            answer.final_at = event.at

    def _answer(self, event: AuditEvent, named: Mapping[str, Any]) -> Answer | None:
        story = self._stories.get(event.subject)
        return None if story is None else story.answers.get(str(named.get("submission")))

    def _resolve(self, event: AuditEvent) -> None:
        story = self._stories.get(event.subject)
        if story is not None:
            story.resolved, story.resolved_at = said_of(event.after), event.at
            story.resolved_by = str(event.after.get("by", ""))

    def _dispute(self, event: AuditEvent) -> None:
        story = self._stories.get(event.subject)
        if story is not None:
            story.disputed = True

    def _put_tag(self, event: AuditEvent) -> None:
        if not event.before:
            self.added[event.subject] = event.sequence

    def _look_for_seal(self, event: AuditEvent) -> None:
        if self._seal in repr((event.subject, event.after)):
            self.seal_named = event


def said_of(told: Mapping[str, Any]) -> Said:
    """The tags that an event tells, those of frames as well.

    Examples
    --------
    >>> said_of({"tags": {"a": True}, "frames": {"40": {"a": False}}})
    {('', 'a'): True, ('40', 'a'): False}
    """
    found = {("", str(tag)): value is True for tag, value in _mapping(told.get("tags")).items()}
    for frame, tags in _mapping(told.get("frames")).items():
        found |= {(str(frame), str(tag)): value is True for tag, value in _mapping(tags).items()}
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _story(event: AuditEvent) -> Story:
    after = event.after
    told: Any = after.get("auto_tags", ())
    opinions: Any = after.get("opinions", ())
    weight, stratum = after.get("weight"), after.get("stratum")
    return Story(
        event.subject,
        event.sequence,
        event.at,
        without_credentials(str(after.get("content_id", ""))),
        frozenset(map(str, told)),
        tuple(map(str, opinions)),
        golden=after.get("golden") is True,
        weight=float(weight) if isinstance(weight, int | float) else None,
        stratum=str(stratum) if stratum is not None else None,
        rule=str(after.get("final", "")),
        always_blind=after.get("blind") is True,
    )


def settled_by(rule: str, given: Sequence[Said]) -> Said | None:
    """What several answers come to by a rule, of each tag those that name it; None where an adjudicator has to decide.

    Examples
    --------
    >>> one, other = {("", "r"): True}, {("", "r"): False}
    >>> settled_by("majority", [one, one, other]), settled_by("unanimity", [one, other])
    ({('', 'r'): True}, {('', 'r'): False})
    >>> settled_by("majority", [one, other]), settled_by("adjudication", [one, one, other])
    (None, None)
    >>> settled_by("adjudication", [one, {("", "r"): True, ("", "v"): True}])  # v was added after the first of them
    {('', 'r'): True, ('', 'v'): True}
    """
    found: Said = {}
    for key in dict.fromkeys(key for said in given for key in said):
        votes = [said[key] for said in given if key in said]
        on, asked = sum(votes), len(votes)
        if (rule == "majority" and 2 * on == asked) or (rule == "adjudication" and 0 < on < asked):
            return None
        found[key] = on == asked if rule == "unanimity" else 2 * on > asked
    return found
