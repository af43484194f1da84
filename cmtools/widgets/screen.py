"""What is shown together on a board: items with their tags, their leases, notices. It asks no service."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import NotFound
from ..model import Frame, Lease, Review, Submission
from ..tags import Tag
from .frames import frame_key
from .kinds import KINDS
from .opinions import preset_of

_serials = itertools.count(1)


@dataclass(slots=True)
class Notice:
    """One line for the reviewer.

    ``kind`` is error, warning or info; ``action`` is the button beside it, if any; ``advice`` says what to do next.
    """

    kind: str
    text: str
    action: str = ""
    advice: str = ""

    @property
    def whole(self) -> str:
        """The text with the advice."""
        return f"{self.text}. {self.advice}" if self.advice else self.text


@dataclass(slots=True)
class Item:
    """A review on the screen with its tags as they stand now (every tag that reviewers see).

    ``frames`` holds what was switched of a video's frames, by `frame_key`.
    """

    review: Review
    lease_id: str
    tags: dict[str, bool]
    lost: bool = False
    frames: dict[str, bool] = field(default_factory=dict)

    @property
    def touched(self) -> bool:
        """Whether any tag differs from what it was before anybody switched it here."""
        if self.review.opinions:
            return self.tags != preset_of(self.review, self.tags)
        differs = any(on != self.review.auto_tags.get(code, False) for code, on in self.tags.items())
        return differs or bool(self.frames)

    def frame_tags(self, moment: int, frame: Frame | None = None) -> dict[str, bool]:
        """Every tag of a frame as it stands now; `NotFound` when there is none at that moment."""
        frame = frame or next((each for each in self.review.frames if each.timestamp == moment), None)
        if frame is None:
            raise NotFound(f"review {self.review.id} has no frame at {moment} milliseconds")
        auto = frame.auto_tags
        return {code: self.frames.get(frame_key(moment, code), auto.get(code, False)) for code in self.tags}


@dataclass(slots=True)
class Screen:
    """Items that are shown and submitted together.

    They may stand under several leases: after a resume, or when more were taken. ``serial`` is new whenever the set of
    items is, so that a second click on Next cannot submit a screen that nobody saw. ``uncertain`` says that answers
    were sent and no reply came.
    """

    items: dict[str, Item] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    serial: int = field(default_factory=lambda: next(_serials))
    uncertain: bool = False

    @classmethod
    def of(cls, leases: Iterable[Lease], tags: Iterable[Tag]) -> Screen:
        """The screen of all reviews of these leases, each with its auto tags and the toggles saved so far."""
        screen = cls()
        for lease in leases:
            screen.add(lease, tags)
        return screen

    def add(self, lease: Lease, tags: Iterable[Tag]) -> None:
        """Put a lease's reviews behind those that are here: another screen."""
        if lease.reviews:
            self.append(lease, tags)
            self.renumber()

    def append(self, lease: Lease, tags: Iterable[Tag]) -> None:
        """Put a lease's reviews behind those that are here, on the same screen: it is still being filled."""
        if not lease.reviews:
            return
        codes = [tag.short_code for tag in tags]
        self.leases[lease.id] = lease
        for review in lease.reviews:
            shown = {code: review.toggles.get(code, review.auto_tags.get(code, False)) for code in codes}
            self.items[review.id] = item = Item(review, lease.id, shown)
            for frame in review.frames:
                item.frames.update({frame_key(frame.timestamp, code): on for code, on in frame.toggles.items()})

    def put_before(self, other: Screen) -> None:
        """Put the items of another screen before those that are here."""
        if other.items:
            self.items = {**other.items, **self.items}
            self.leases = {**other.leases, **self.leases}
            self.renumber()

    def remove(self, review_ids: Iterable[str]) -> None:
        """Take items off, and leases that have none left."""
        for review_id in review_ids:
            self.items.pop(review_id, None)
        used = {item.lease_id for item in self.items.values()}
        self.leases = {key: lease for key, lease in self.leases.items() if key in used}
        self.renumber()

    def split(self, count: int) -> tuple[Screen, Screen]:
        """The leases, whole, that hold the first ``count`` reviews, and those behind them."""
        first, behind = Screen(), Screen()
        for key, lease in self.leases.items():
            part = behind if behind.items or len(first.items) >= count else first
            part.leases[key] = lease
            part.items.update({each: item for each, item in self.items.items() if item.lease_id == key})
        return first, behind

    def renumber(self) -> None:
        """Mark the set of items as another one."""
        self.serial = next(_serials)

    def lose(self, lease_id: str) -> int:
        """Mark the items of a lease as lost; how many."""
        gone = [item for item in self.items.values() if item.lease_id == lease_id and not item.lost]
        for item in gone:
            item.lost = True
        self.leases.pop(lease_id, None)
        return len(gone)

    @property
    def held(self) -> list[Item]:
        """The items that are still this reviewer's, in order."""
        return [item for item in self.items.values() if not item.lost]

    def groups(self) -> Iterator[tuple[Lease, list[Item]]]:
        """Each live lease with its items."""
        for key, lease in list(self.leases.items()):
            if items := [item for item in self.held if item.lease_id == key]:
                yield lease, items


@dataclass(slots=True)
class Batch:
    """What one Next submitted: it can be taken back until ``closes_at`` (on the board's own clock, in seconds)."""

    screen: Screen
    submissions: list[Submission]
    closes_at: float
    window_seconds: float


def answers_of(items: Iterable[Item]) -> dict[str, dict[str, bool]]:
    """What is said of each item: every tag that the reviewer saw, and what was switched of frames."""
    return {item.review.id: item.tags | item.frames for item in items}


def counted(number: int, review_type: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "Image"), counted(20, "Text")
    ('1 picture', '20 texts')
    """
    kind = KINDS.get(review_type)
    one, several = (kind.one, kind.several) if kind else ("review", "reviews")
    return f"{number:,} {one if number == 1 else several}"
