"""Reviews and what surrounds them: drafts, frames, answers, leases, submissions. No rules, no JSON names, no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

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

    ``overlap`` is how many different people review it, and ``final`` how the final tags come of what they say:
    ``majority`` (a tie goes to an adjudicator), ``unanimity`` (on is what all of them set) or ``adjudication`` (where
    they differ, an adjudicator decides). Of a ``blind`` one no reviewer is shown the auto tags. With ``truth``, the
    known answers, it is a golden item, which is mixed in with the others and counted in no result.
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
    overlap: int = 1
    final: str = "majority"
    blind: bool = False
    truth: Mapping[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reviewer said of one tag of one review, or of the frame of a video at that many milliseconds."""

    reviewer: str
    tag: str
    value: bool
    decided_at: datetime
    frame: str | None = None
    blind: bool = False
    """Whether the reviewer was not shown the auto tags."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one of several reviewers of a review says: the tags of the whole, and of frames by their milliseconds.

    ``review_id`` is the id under which the reviewer had it. An adjudicator is told neither that nor who nor when.
    """

    tags: Mapping[str, bool]
    frames: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    reviewer: str = ""
    decided_at: datetime | None = None
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A stored draft with an id and a status.

    ``auto_tags`` holds only the tags that metadata names; ``human_tags`` is empty until the review is complete;
    ``toggles`` is what a reviewer has switched so far in a lease that is still open; ``answers`` is what each reviewer
    said. ``frames`` are a video's, in the order of time. ``picture_hash`` is the difference hash of a picture, 16
    hexadecimal digits; ``held_until`` and ``held_by`` are there while somebody has parked the review. Of a ``blind``
    one no reviewer is shown the auto tags. ``opinions`` is what was said before, in the lease of an adjudicator.

    Examples
    --------
    >>> Review("202611i1", "Pending", "Image", "https://x.org/1.jpg", "coffee-01.jpg", auto_tags={"bw": False})
    Review(id='202611i1', status='Pending', type='Image', content_id='coffee-01.jpg', auto_tags={'bw': False})
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
    picture_hash: str | None = None
    held_until: datetime | None = None
    held_by: str | None = None
    blind: bool = False
    opinions: tuple[Opinion, ...] = ()

    def __repr__(self) -> str:
        """One line of the many that a list of them makes; without the content's address, which works without a key."""
        names = ("id", "status", "type", "content_id", "subteam", "auto_tags", "human_tags")
        said = ", ".join(f"{name}={value!r}" for name in names if (value := getattr(self, name)) not in ({}, PUBLIC))
        return f"Review({said})"


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote down about a review, for colleagues; it is no part of any decision."""

    review_id: str
    reviewer: str
    text: str
    at: datetime


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
class Lease:
    """The time-limited right of one reviewer to some reviews, with the token that `submit` must show.

    ``review_count`` is how many they are, also in a listing of everybody's leases, which leaves the reviews out. In a
    ``blind`` one they come without auto tags and scores.
    """

    id: str
    reviewer: str
    type: str
    expires_at: datetime
    reviews: tuple[Review, ...] = ()
    subteam: str | None = None
    created_at: datetime | None = None
    blind: bool = False
    review_count: int = 0
    token: str = field(default="", repr=False)

    def __repr__(self) -> str:
        """Short, for it is what a notebook shows of a checkout; the token is a secret."""
        count = max(len(self.reviews), self.review_count)
        return f"Lease({count} reviews of {self.reviewer!r} until {self.expires_at:%Y-%m-%d %H:%M:%S} UTC)"


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
class GoldenItem:
    """A review whose answers are known: ``overlap`` people are to be given it, and ``answered`` have decided it."""

    review_id: str
    content_id: str
    type: str
    truth: Mapping[str, bool]
    overlap: int
    answered: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reviewer said of a golden item, and the known answers."""

    review_id: str
    content_id: str
    type: str
    tags: Mapping[str, bool]
    truth: Mapping[str, bool]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many reviews of a team (of one type and subteam, where asked) stand in which state.

    Of a review that several people decide, what each of them is asked counts as one. ``disputed`` wait for an
    adjudicator.
    """

    pending: int = 0
    leased: int = 0
    submitted: int = 0
    complete: int = 0
    unpublished: int = 0
    held: int = 0
    disputed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        waiting = self.pending + self.unpublished + self.disputed
        return waiting + self.leased + self.submitted + self.held + self.complete


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the service keeps."""

    id: str
    content: str
    media_type: str
    width: int
    height: int
    size_bytes: int
