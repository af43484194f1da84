"""The nouns of the house as frozen records. They carry no rules, no JSON names and no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .tags import TagSet

Pairs = tuple[tuple[str, str], ...]
"""Metadata: key-value pairs, in order; keys may repeat."""

PUBLIC = "public"
"""The subteam that every team has."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a video, with its own metadata and tags.

    ``timestamp`` is in milliseconds from the video's start; a video has one frame at a moment. ``image`` is the
    picture's address; for a local file it is the file's name and ``path`` the file, which `Client.add_frames` uploads.
    ``result_tags`` are pairs that came with the frame and are given back until a reviewer has decided. ``auto_tags``
    to ``toggles`` are as of a `Review`.
    """

    timestamp: int
    image: str
    metadata: Pairs = ()
    result_tags: Pairs = ()
    name: str | None = None
    path: Path | None = None
    auto_tags: Mapping[str, bool] = field(default_factory=dict)
    human_tags: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    toggles: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a caller asks to have reviewed.

    ``content`` is an address, or the text itself; for a local picture it is the file's name and ``path`` is the file,
    which `Client.create_reviews` uploads. ``weight`` is how many items of the population this one stands for.
    ``status`` is ``Pending``, or ``Unpublished`` for a video that is still to be given frames and a transcript.
    """

    content: str
    content_id: str
    type: str = "Image"
    metadata: Pairs = ()
    callback_endpoint: str | None = None
    path: Path | None = None
    weight: float = 1.0
    stratum: str | None = None
    status: str = "Pending"
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reviewer said of one tag of one review, or of the frame of a video at that many milliseconds."""

    reviewer: str
    tag: str
    value: bool
    decided_at: datetime
    frame: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A stored draft with an id and a status.

    ``auto_tags`` holds only the tags that metadata names; ``human_tags`` is empty until the review is complete;
    ``toggles`` is what a reviewer has switched so far in a lease that is still open; ``answers`` is what each reviewer
    said. ``frames`` are a video's, in the order of time.
    """

    id: str
    status: str
    type: str
    content: str
    content_id: str
    subteam: str = PUBLIC
    metadata: Pairs = ()
    auto_tags: Mapping[str, bool] = field(default_factory=dict)
    human_tags: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    toggles: Mapping[str, bool] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    callback_endpoint: str | None = None
    created_by: str = ""
    created_at: datetime | None = None
    decided_at: datetime | None = None
    weight: float = 1.0
    stratum: str | None = None
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A word that a classifier found in a transcript. ``index`` is its place in the text, as the classifier counts."""

    timestamp: str
    index: int
    term: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a video: WebVTT text, and the words that a classifier found in it."""

    text: str = ""
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one output of a tagger, such as ``Condition("adultScore", "gt", "0.4")``.

    ``operator`` is eq, gt, lt, ge or le. ``alternate_input`` names another output (``moderator.ocrText``) that is
    looked at instead of the job's content.
    """

    output: str
    operator: str = "eq"
    value: str = "true"
    connector: str = "moderator"
    alternate_input: str | None = None


@dataclass(frozen=True, slots=True)
class Combine:
    """Two conditions joined by ``AND`` or ``OR``."""

    left: Condition | Combine
    right: Condition | Combine
    combine: str = "AND"


@dataclass(frozen=True, slots=True)
class TagRule:
    """A tag that a new review is given: on where the condition holds, else off."""

    tag: str
    condition: Condition | Combine


@dataclass(frozen=True, slots=True)
class CreateReview:
    """What a workflow does: create a review of the job's content."""

    subteam: str | None = None
    callback_endpoint: str | None = None
    tags: tuple[TagRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Logic:
    """If the condition holds do ``then``, else ``otherwise``; either may hold further logic."""

    condition: Condition | Combine
    then: tuple[CreateReview | Logic, ...] = (CreateReview(),)
    otherwise: tuple[CreateReview | Logic, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """What becomes of a job: a rule over the outputs of the team's tagger."""

    name: str
    expression: Logic
    type: str = "Image"
    description: str = ""


@dataclass(frozen=True, slots=True)
class JobStep:
    """One line of a job's execution report."""

    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """A picture or text that a workflow deals with. ``status`` is InProgress, Complete or Error.

    ``metadata`` are the outputs of the tagger; ``review_id`` is None unless the workflow made a review. ``report`` is
    newest first.
    """

    id: str
    status: str
    workflow: str
    type: str
    content_id: str
    content: str = ""
    callback_endpoint: str | None = None
    review_id: str | None = None
    metadata: Pairs = ()
    report: tuple[JobStep, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a service's tagger says of a picture. A score is in [0, 1], or None where the tagger gives none."""

    adult_score: float | None
    is_adult: bool
    racy_score: float | None
    is_racy: bool

    @property
    def flagged(self) -> bool:
        """Whether it is any of these."""
        return self.is_adult or self.is_racy


@dataclass(frozen=True, slots=True)
class Screening:
    """What a service's tagger says of a text: the listed terms that it has, each with its place (from 0)."""

    text: str
    terms: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """The time-limited right of one reviewer to some reviews, with the token that `submit` must show."""

    id: str
    reviewer: str
    type: str
    expires_at: datetime
    reviews: tuple[Review, ...] = ()
    subteam: str | None = None
    created_at: datetime | None = None
    token: str = field(default="", repr=False)

    def __repr__(self) -> str:
        """Short, for it is what a notebook shows of a checkout; the token is a secret."""
        return f"Lease({len(self.reviews)} reviews of {self.reviewer!r} until {self.expires_at:%Y-%m-%d %H:%M:%S} UTC)"


@dataclass(frozen=True, slots=True)
class Submission:
    """A reviewer's answers for leased reviews; it can be taken back until ``undo_until``."""

    id: str
    reviewer: str
    review_ids: tuple[str, ...]
    created_at: datetime
    undo_until: datetime
    lease: Lease | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Short, for it is what a notebook shows of a submission."""
        count, until = len(self.review_ids), f"{self.undo_until:%H:%M:%S}"
        return f"Submission({count} reviews by {self.reviewer!r}, undo until {until} UTC)"


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its tags, subteams and the times that its service keeps."""

    name: str
    tags: TagSet
    subteams: tuple[str, ...] = (PUBLIC,)
    lease_seconds: float = 900.0
    undo_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many reviews of a team (of one type and subteam, where asked) stand in which state."""

    pending: int = 0
    leased: int = 0
    submitted: int = 0
    complete: int = 0
    unpublished: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.pending + self.leased + self.submitted + self.complete + self.unpublished


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the service keeps."""

    id: str
    content: str
    media_type: str
    width: int
    height: int
    size_bytes: int


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
