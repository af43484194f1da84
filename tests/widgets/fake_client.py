"""A review service in memory and clients on it, with the semantics that boards rely on; faults can be switched on.

It stands in for `cmtools.Client` where a test wants to move the clock, break the service or look at what was asked.
"""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from PIL import Image, ImageDraw

from cmtools.errors import (
    CmtoolsError,
    Conflict,
    Forbidden,
    LeaseLost,
    NotFound,
    RevealCapReached,
    UndoWindowClosed,
)
from cmtools.model import (
    AuditEvent,
    ExposureToday,
    Feedback,
    Frame,
    Lease,
    Note,
    Opinion,
    QueueCounts,
    Review,
    Submission,
    Team,
    Transcript,
)
from cmtools.tags import Tag, TagSet

Answers = Mapping[str, Mapping[str, bool]]
FrameAnswers = Mapping[str, Mapping[int, Mapping[str, bool]]]


class Clock:
    """A clock that only moves when told; as moments for the service and as seconds for a board."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()


@dataclass
class _Held:
    lease: Lease
    token: str
    ids: list[str]


@dataclass
class _Sent:
    submission: Submission
    token: str
    answers: dict[str, dict[str, bool]]
    taken_back: bool = False


@dataclass
class FakeService:
    """Reviews, leases and submissions of one team.

    ``broken`` is raised by every call while it is set, or by those named in ``breaks``; with ``breaks_after`` the call
    takes effect first, as when only the answer is lost; after ``mends_after`` errors it mends itself. ``calls`` lists
    the names of the calls that came in; ``gates`` can hold calls of one name until the test lets them go.
    """

    clock: Clock = field(default_factory=Clock)
    team: Team = field(
        default_factory=lambda: Team("demo", TagSet([Tag("sc", "isscreenshot")]), ("public", "experts"), 900.0, 5.0)
    )
    reviews: dict[str, Review] = field(default_factory=dict)
    pictures: dict[str, bytes | None] = field(default_factory=dict)
    broken: CmtoolsError | None = None
    breaks: str = ""
    breaks_after: bool = False
    mends_after: int = 0
    calls: list[str] = field(default_factory=list)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    events: list[AuditEvent] = field(default_factory=list)
    opinions: dict[str, tuple[Opinion, ...]] = field(default_factory=dict)
    truth: dict[str, dict[str, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.leases: dict[str, _Held] = {}
        self.sent: dict[str, _Sent] = {}
        self.notes: list[Note] = []
        self.reveals: dict[str, list[tuple[str, float]]] = {}
        self.preferences: dict[str, dict[str, object]] = {}
        self._numbers = itertools.count(1)

    def fill(self, count: int, type: str = "Image", subteam: str = "public", **tags: bool) -> list[str]:
        """Add pending reviews; every third has the auto tag ``a`` unless tags are given."""
        ids = []
        for _ in range(count):
            number = next(self._numbers)
            auto = dict(tags) or {"a": number % 3 == 0, "r": False}
            metadata = (
                *((code, str(on)) for code, on in auto.items()),
                ("a.score", f"{(number * 37 % 100) / 100:.2f}"),
            )
            content = f"Text number {number}, with <b>marks</b>" if type == "Text" else f"photo-{number}.jpg"
            review_id = f"202601{type[0].lower()}{number:06d}"
            self.reviews[review_id] = Review(
                id=review_id,
                status="Pending",
                type=type,
                content=content,
                content_id=f"{type.lower()}-{number}",
                subteam=subteam,
                metadata=metadata,
                auto_tags=auto,
                scores=self.team.tags.scores(metadata),
                created_at=self.clock.now,
            )
            ids.append(review_id)
        return ids

    def dispute(self, ids: Iterable[str], *said: Opinion) -> None:
        """Make reviews disputes: these opinions were given, with names, and wait for an adjudicator."""
        for review_id in ids:
            self.opinions[review_id] = said
            self.set(review_id, status="Disputed")

    def waits(self, review_id: str) -> str:
        """The status of a review that waits for somebody."""
        return "Disputed" if review_id in self.opinions else "Pending"

    def enter(self, name: str) -> None:
        if gate := self.gates.get(name):
            gate.wait(10)
        with self.lock:
            self.calls.append(name)
            self.fail(name, after=False)
            self._tick()

    def fail(self, name: str, *, after: bool) -> None:
        if self.broken is None or self.breaks not in ("", name) or self.breaks_after != after:
            return
        error = self.broken
        if self.mends_after:
            self.mends_after -= 1
            self.broken = error if self.mends_after else None
        raise error

    def number(self) -> int:
        return next(self._numbers)

    def set(self, review_id: str, **changes: object) -> None:
        self.reviews[review_id] = replace(self.reviews[review_id], **changes)  # type: ignore[arg-type]

    def switch_frames(self, review_id: str, moments: Mapping[int, Mapping[str, bool]]) -> None:
        """Keep what was switched of a video's frames."""
        frames = self.reviews[review_id].frames
        if missing := set(moments) - {frame.timestamp for frame in frames}:
            raise NotFound(f"review {review_id} has no frame at {min(missing)} milliseconds; nothing was changed")
        kept = [replace(frame, toggles={**frame.toggles, **moments.get(frame.timestamp, {})}) for frame in frames]
        self.set(review_id, frames=tuple(kept))

    def add_frames(self, review_id: str, count: int, *, every: int = 1500) -> None:
        """Give a video frames; every fourth has the auto tag ``r``."""
        frames = [
            Frame(
                number * every,
                f"frame-{number}.jpg",
                auto_tags={"a": False, "r": number % 4 == 3},
                scores={"r": (number * 29 % 100) / 100},
            )
            for number in range(count)
        ]
        self.set(review_id, frames=tuple(frames), content="https://example.org/talk.webm")

    def drop(self, lease_id: str) -> None:
        """End a lease; its reviews go back to the queue without their toggles."""
        for review_id in self.leases.pop(lease_id).ids:
            self.set(review_id, status=self.waits(review_id), toggles={})

    def _tick(self) -> None:
        for lease_id, held in list(self.leases.items()):
            if held.lease.expires_at <= self.clock.now:
                self.drop(lease_id)
        for review in list(self.reviews.values()):
            if review.held_until is not None and review.held_until <= self.clock.now:
                self.set(review.id, status=self.waits(review.id), toggles={}, held_until=None, held_by=None)
        for sent in self.sent.values():
            if sent.taken_back or sent.submission.undo_until > self.clock.now:
                continue
            for review_id, tags in sent.answers.items():
                if self.reviews[review_id].status == "Submitted":
                    now, by = self.clock.now, sent.submission.reviewer
                    self.set(review_id, status="Complete", human_tags=dict(tags), decided_at=now, held_by=by)


class FakeClient:
    """What a board uses of `cmtools.Client`, on a `FakeService`; only a ``lead`` settles disputes."""

    def __init__(self, service: FakeService, reviewer: str = "ana", *, lead: bool = False) -> None:
        self.service = service
        self.lead = lead
        self.reviewer = reviewer
        self.team_name = service.team.name
        self.url = "http://127.0.0.1:1"

    def _enter(self, name: str) -> None:
        self.service.enter(name)

    def team(self) -> Team:
        self._enter("team")
        return self.service.team

    def counts(self, type: str | None = None, subteam: str | None = None) -> QueueCounts:
        self._enter("counts")
        found = {"pending": 0, "leased": 0, "submitted": 0, "complete": 0, "held": 0, "disputed": 0}
        with self.service.lock:
            for review in self.service.reviews.values():
                if type in (None, review.type) and subteam in (None, review.subteam):
                    found[review.status.lower()] += 1
        return QueueCounts(**found)

    def _lease(self, held: _Held, token: str = "") -> Lease:
        reviews = tuple(self._shown(self.service.reviews[review_id]) for review_id in held.ids)
        if held.lease.blind:
            reviews = tuple(replace(review, auto_tags={}, scores={}, metadata=()) for review in reviews)
        return replace(held.lease, reviews=reviews, token=token)

    def _shown(self, review: Review) -> Review:
        """A dispute with what was said of it, without names, and what most said of each tag as its toggles."""
        said = self.service.opinions.get(review.id)
        if not said:
            return review
        codes = {code for opinion in said for code in opinion.tags}
        most = {code: sum(opinion.tags.get(code, False) for opinion in said) * 2 > len(said) for code in codes}
        nameless = tuple(Opinion(opinion.tags, opinion.frames) for opinion in said)
        return replace(review, opinions=nameless, toggles={**most, **review.toggles})

    def _expiry(self) -> datetime:
        return self.service.clock.now + timedelta(seconds=self.service.team.lease_seconds)

    def checkout(
        self,
        count: int = 20,
        type: str = "Image",
        subteam: str | None = None,
        *,
        order: str = "oldest",
        seed: int | None = None,
        blind: bool = False,
        adjudicate: bool = False,
    ) -> Lease:
        self._enter("checkout")
        if adjudicate and not self.lead:
            raise Forbidden("a key of the role 'reviewer' may not adjudicate.")
        with self.service.lock:
            wanted = "Disputed" if adjudicate else "Pending"
            waiting = [
                review
                for review in self.service.reviews.values()
                if review.status == wanted
                and not self._gave_opinion(review.id)
                and review.type == type
                and subteam in (None, review.subteam)
            ]
            ids = [review.id for review in _ordered(waiting, order)][:count]
            if not ids:
                return Lease("", self.reviewer, type, self.service.clock.now)
            return self._take(ids, type, subteam, blind)

    def _gave_opinion(self, review_id: str) -> bool:
        return any(opinion.reviewer == self.reviewer for opinion in self.service.opinions.get(review_id, ()))

    def opinions(self, review_id: str) -> list[Opinion]:
        self._enter("opinions")
        if not self.lead:
            raise Forbidden("a key of the role 'reviewer' may not read opinions")
        return list(self.service.opinions.get(review_id, ()))

    def feedback(self, after: datetime | None = None) -> list[Feedback]:
        self._enter("feedback")
        with self.service.lock:
            if not self.service.team.golden_feedback:
                return []
            return [
                Feedback(review.id, review.content_id, review.type, review.human_tags, truth, review.decided_at)
                for review_id, truth in self.service.truth.items()
                if (review := self.service.reviews[review_id]).status == "Complete" and review.decided_at is not None
                if review.held_by == self.reviewer and (after is None or review.decided_at > after)
            ]

    def _take(self, ids: list[str], type: str, subteam: str | None = None, blind: bool = False) -> Lease:
        number = self.service.number()
        lease = Lease(
            f"lease-{number}", self.reviewer, type, self._expiry(), (), subteam, self.service.clock.now, blind
        )
        held = _Held(lease, f"token-{number}", ids)
        self.service.leases[lease.id] = held
        for review_id in ids:
            self.service.set(review_id, status="Leased")
        return self._lease(held, held.token)

    def hold(self, lease: Lease, review_ids: Iterable[str], *, seconds: float = 3600.0, note: str = "") -> list[Review]:
        self._enter("hold")
        with self.service.lock:
            ids = list(review_ids)
            until = self.service.clock.now + timedelta(seconds=seconds)
            self._part(self._own(lease), ids, status="Held", held_until=until, held_by=self.reviewer)
            return [self.service.reviews[review_id] for review_id in ids]

    def held_reviews(self, *, everyone: bool = False) -> list[Review]:
        self._enter("held_reviews")
        with self.service.lock:
            held = [review for review in self.service.reviews.values() if review.status == "Held"]
            return [self._shown(review) for review in held if everyone or review.held_by == self.reviewer]

    def take_held(self, review_ids: Iterable[str] | None = None) -> Lease:
        self._enter("take_held")
        with self.service.lock:
            mine = {review.id: review for review in self.held_reviews()}
            ids = [each for each in mine if review_ids is None or each in set(review_ids)]
            for review_id in ids:
                self.service.set(review_id, held_until=None, held_by=None)
            return self._take(ids, mine[ids[0]].type if ids else "Image")

    def leases(self) -> list[Lease]:
        self._enter("leases")
        with self.service.lock:
            mine = [held for held in self.service.leases.values() if held.lease.reviewer == self.reviewer]
            return [self._lease(held) for held in mine]

    def _own(self, lease: Lease) -> _Held:
        held = self.service.leases.get(lease.id)
        if held is None or held.token != lease.token:
            raise LeaseLost("the lease has expired, was released or was resumed elsewhere; nothing was changed")
        return held

    def resume(self, lease: Lease) -> Lease:
        self._enter("resume")
        with self.service.lock:
            held = self.service.leases.get(lease.id)
            if held is None:
                raise LeaseLost("the lease has expired and its reviews are back in the queue; nothing was changed")
            if held.lease.reviewer != self.reviewer:
                raise NotFound(f"{self.reviewer} has no lease {lease.id!r}")
            held.token = f"token-{self.service.number()}"
            held.lease = replace(held.lease, expires_at=self._expiry())
            return self._lease(held, held.token)

    def renew(self, lease: Lease) -> Lease:
        self._enter("renew")
        with self.service.lock:
            held = self._own(lease)
            held.lease = replace(held.lease, expires_at=self._expiry())
            return self._lease(held, held.token)

    def release(self, lease: Lease, review_ids: Iterable[str] | None = None) -> None:
        self._enter("release")
        with self.service.lock:
            held = self.service.leases.get(lease.id)
            if held is None:
                return
            if (lease.token and held.token != lease.token) or held.lease.reviewer != self.reviewer:
                raise LeaseLost("the reviews of this lease were resumed elsewhere, and this token is dead")
            for review_id in list(held.ids if review_ids is None else review_ids):
                self._part(held, [review_id], status=self.service.waits(review_id), toggles={})

    def _part(self, held: _Held, ids: list[str], **changes: object) -> None:
        """Reviews leave a lease; a lease without any ends."""
        for review_id in ids:
            held.ids.remove(review_id)
            self.service.set(review_id, **changes)
        if not held.ids:
            self.service.leases.pop(held.lease.id)

    def save(self, lease: Lease, toggles: Answers, frames: FrameAnswers | None = None) -> None:
        self._enter("save")
        with self.service.lock:
            held = self._own(lease)
            for review_id, tags in toggles.items():
                if review_id not in held.ids:
                    raise LeaseLost(f"review {review_id} is not in this lease")
                self.service.set(review_id, toggles={**self.service.reviews[review_id].toggles, **tags})
            for review_id, moments in (frames or {}).items():
                self.service.switch_frames(review_id, moments)

    def submit(self, lease: Lease, answers: Answers, frames: FrameAnswers | None = None) -> Submission:
        self._enter("submit")
        said = {review_id: dict(tags) for review_id, tags in answers.items()}
        with self.service.lock:
            for sent in self.service.sent.values():
                if (sent.submission.lease, sent.answers, sent.taken_back) == (lease, said, False):
                    return sent.submission
            held = self._own(lease)
            if any(review_id not in held.ids for review_id in answers):
                raise LeaseLost("a review is not in this lease")
            now = self.service.clock.now
            until = now + timedelta(seconds=self.service.team.undo_seconds)
            submission = Submission(f"sub-{self.service.number()}", self.reviewer, tuple(answers), now, until, lease)
            self.service.sent[submission.id] = _Sent(submission, held.token, said)
            for review_id, moments in (frames or {}).items():
                self.service.switch_frames(review_id, moments)
            self._part(held, list(answers), status="Submitted", toggles={})
            self.service.fail("submit", after=True)
            return submission

    def undo(self, submission: Submission) -> Lease:
        self._enter("undo")
        with self.service.lock:
            sent = self.service.sent[submission.id]
            if self.service.clock.now >= sent.submission.undo_until:
                raise UndoWindowClosed("the time to take this back is over")
            lease = sent.submission.lease
            if lease is None or sent.taken_back:
                raise Conflict("this was taken back already")
            sent.taken_back = True
            lease = replace(lease, expires_at=self._expiry())
            held = self.service.leases.setdefault(lease.id, _Held(lease, sent.token, []))
            for review_id, tags in sent.answers.items():
                held.ids.append(review_id)
                self.service.set(review_id, status="Leased", toggles=dict(tags))
            return self._lease(held, held.token)

    def move(self, review_id: str, subteam: str, lease: Lease | None = None) -> None:
        self._enter("move")
        with self.service.lock:
            if lease is not None:
                self._part(self._own(lease), [review_id], status=self.service.waits(review_id), toggles={})
            elif self.service.reviews[review_id].status == "Leased":
                raise LeaseLost(f"review {review_id} is being reviewed; move it with its lease, or when that has ended")
            self.service.set(review_id, subteam=subteam)

    def get_review(self, review_id: str) -> Review:
        self._enter("get_review")
        if review_id not in self.service.reviews:
            raise NotFound(f"no review {review_id}")
        return self.service.reviews[review_id]

    def add_note(self, review_id: str, text: str) -> Note:
        self._enter("add_note")
        self._known([review_id])
        note = Note(review_id, self.reviewer, text.strip(), self.service.clock.now)
        self.service.notes.append(note)
        return note

    def notes(self, review_id: str | None = None) -> list[Note]:
        self._enter("notes")
        return [note for note in self.service.notes if review_id in (None, note.review_id)]

    def record_reveals(self, reveals: Mapping[str, float]) -> ExposureToday:
        """All days are one here."""
        self._enter("record_reveals")
        self._known(reveals)
        self.service.reveals.setdefault(self.reviewer, []).extend((id, float(each)) for id, each in reveals.items())
        today = self._today()
        if today.most_reveals is not None and today.reveals > today.most_reveals:
            raise RevealCapReached(f"{self.reviewer} has revealed {today.reveals} pictures today; they were counted")
        return today

    def exposure_today(self) -> ExposureToday:
        self._enter("exposure_today")
        return self._today()

    def _today(self) -> ExposureToday:
        mine = self.service.reveals.get(self.reviewer, [])
        pictures, seconds = len({id for id, _ in mine}), sum(each for _, each in mine)
        return ExposureToday(self.reviewer, pictures, len(mine), seconds, self.service.team.most_reveals_per_day)

    def preferences(self) -> dict[str, object]:
        self._enter("preferences")
        return dict(self.service.preferences.get(self.reviewer, {}))

    def set_preferences(self, **values: object) -> dict[str, object]:
        self._enter("set_preferences")
        merged = {**self.service.preferences.get(self.reviewer, {}), **values}
        kept = {name: value for name, value in merged.items() if value is not None}
        self.service.preferences[self.reviewer] = kept
        return dict(kept)

    def _known(self, ids: Iterable[str]) -> None:
        for review_id in ids:
            if review_id not in self.service.reviews:
                raise NotFound(f"the team has no review {review_id!r}")

    def thumbnails(self, ids: Iterable[str], size: int = 320) -> dict[str, bytes | None]:
        self._enter("thumbnails")
        return {review_id: self._picture(review_id, size) for review_id in ids}

    def picture(self, review_id: str) -> bytes:
        self._enter("picture")
        if (data := self._picture(review_id, 1024)) is None:
            raise NotFound(f"review {review_id} has no picture that can be shown")
        return data

    def frame_thumbnails(self, review_id: str, timestamps: Iterable[int], size: int = 320) -> dict[int, bytes | None]:
        self._enter("frame_thumbnails")
        return {moment: plain_picture(moment // 100, size) for moment in timestamps}

    def frame_picture(self, review_id: str, timestamp: int) -> bytes:
        self._enter("frame_picture")
        return plain_picture(timestamp // 100, 1024)

    def transcript(self, review_id: str) -> Transcript:
        self._enter("transcript")
        return self.service.transcripts.get(review_id, Transcript())

    def events(self, review_id: str | None = None) -> Iterator[AuditEvent]:
        self._enter("events")
        yield from [event for event in self.service.events if review_id in (None, event.subject)]

    def _picture(self, review_id: str, size: int) -> bytes | None:
        if review_id in self.service.pictures:
            return self.service.pictures[review_id]
        if self.service.reviews[review_id].type != "Image":
            return None
        return plain_picture(int(review_id[-6:]), size)


def _ordered(reviews: list[Review], order: str) -> list[Review]:
    """As the service gives them: those without a score come last."""
    if order in ("oldest", "random"):
        return reviews

    def place(review: Review) -> float:
        scores = review.scores.values()
        if not scores:
            return 2.0
        return -max(scores) if order == "highest" else min(abs(score - 0.5) for score in scores)

    return sorted(reviews, key=place)


def plain_picture(number: int, size: int) -> bytes:
    """A JPEG with its number on it, in a colour of its own."""
    colour = ((number * 67) % 200 + 30, (number * 131) % 200 + 30, (number * 29) % 200 + 30)
    picture = Image.new("RGB", (size, size * 3 // 4), colour)
    ImageDraw.Draw(picture).text((10, 10), str(number), fill="white")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()
