"""Teams, their people and keys, and what is kept of who did what. No rules, no JSON names, no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..tags import TagSet
from .reviews import PUBLIC


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its tags, subteams and the times that its service keeps.

    ``break_after_seconds`` is after how much reviewing the board reminds of a break, ``most_reveals_per_day`` how many
    pictures a reviewer may reveal in a day (UTC); None: never, and as many as they like. With ``golden_feedback``
    reviewers are told how what they said of golden items compares with the known answers.
    """

    name: str
    tags: TagSet
    subteams: tuple[str, ...] = (PUBLIC,)
    lease_seconds: float = 900.0
    undo_seconds: float = 5.0
    break_after_seconds: float | None = None
    most_reveals_per_day: int | None = None
    golden_feedback: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: never the secret, except once, when it is made."""

    id: str
    label: str
    role: str
    reviewer: str | None
    created_at: datetime
    revoked_at: datetime | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever a key stands for, and the reviewer it acts for."""

    team: str
    key_id: str
    label: str
    role: str
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often, and for how many seconds in all, a reviewer looked at a picture that was neither blurred nor grey."""

    review_id: str
    reviewer: str
    reveals: int
    seconds: float
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ExposureToday:
    """What one reviewer has been exposed to since midnight UTC, and what the team allows in a day (None: no cap)."""

    reviewer: str
    pictures: int
    reveals: int
    seconds: float
    most_reveals: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackAttempt:
    """One notice to a caller and how its last try went. ``state`` is waiting, delivered, failed or cancelled.

    It is of a review, or of a job (then ``review_id`` is empty).
    """

    id: str
    review_id: str
    endpoint: str
    state: str
    tries: int
    due_at: datetime
    tried_at: datetime | None = None
    answer: str = ""
    job_id: str | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallbackSecret:
    """What a team's callbacks are signed with, as the library standardwebhooks takes it (``whsec_...``).

    After a rotation ``previous`` signs too, until ``previous_until``.
    """

    created_at: datetime
    previous_until: datetime | None = None
    secret: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to what, when. Events are only ever added."""

    sequence: int
    at: datetime
    actor: str
    reviewer: str | None
    action: str
    subject: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrailHead:
    """The last seal of a team's trail. Whoever notes its digest elsewhere can prove later that the chain is the same.

    ``events`` is how many are sealed; without any seal the number is 0 and the digest empty.
    """

    team: str
    number: int = 0
    events: int = 0
    digest: str = ""
    sealed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailFault:
    """Something in a trail that is not as it was sealed. ``kind`` is changed, removed or inserted.

    ``sequence`` is the event's; None: it is a seal.
    """

    kind: str
    sequence: int | None
    message: str


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """What a check of a team's trail found: how many events and seals it went over, and the first faults.

    ``unsealed`` is how many events wait for the sealer; ``following`` is where the check goes on, None at the end.
    """

    events: int
    seals: int
    unsealed: int
    faults: tuple[TrailFault, ...] = ()
    fault_count: int = 0
    head: TrailHead | None = None
    following: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.fault_count == 0
