"""Frames and transcripts of videos, on each store: what was written is read, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from cmtools.model import Draft, Frame, Review, Term, Transcript
from cmtools.store import Connection, Store, arrivals, frames, leases, reviews, submissions, transcripts
from cmtools.store.arrivals import NewReview
from cmtools.store.leases import LeaseRow
from cmtools.store.submissions import SubmissionRow
from cmtools.tags import TagSet

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
STREAM = "https://x.org/talk"


def fill(store: Store, count: int = 1, status: str = "Pending") -> list[str]:
    new = [
        NewReview(f"v{n}", Draft(STREAM, str(n), "Video", status=status), "public", None, None) for n in range(count)
    ]
    return store.write(lambda connection: arrivals.insert(connection, "t", "me", new, NOW))[0]


def put(store: Store, review_id: str, *new: Frame, copy_next_at: datetime | None = None) -> None:
    store.write(lambda connection: frames.insert(connection, "t", {review_id: new}, copy_next_at))


def read(store: Store, review_id: str) -> Review:
    return store.read(lambda connection: reviews.fetch(connection, "t", TagSet(), [review_id])[0])


def shots(*moments: int) -> list[Frame]:
    return [Frame(moment, f"https://x.org/{moment}.jpg") for moment in moments]


def test_frame_that_was_written_is_read(store: Store) -> None:
    fill(store)
    pairs = (("ExternalId", "ü"), ("A", "True"), ("adultScore", "0.5"), ("ExternalId", ""))
    put(store, "v0", Frame(500, "media:7", metadata=pairs, result_tags=(("r", "true"),), name="cut"))

    (found,) = read(store, "v0").frames
    assert (found.metadata, found.result_tags, found.name) == (pairs, (("r", "true"),), "cut")
    assert (found.auto_tags, found.scores, found.human_tags, found.toggles) == ({"a": True}, {"a": 0.5}, {}, {})


def test_frames_come_in_the_order_of_time(store: Store) -> None:
    fill(store, 2)
    put(store, "v1", *shots(7))
    put(store, "v0", *shots(10_000, 500, 9))
    put(store, "v0", *shots(1000, 0))
    assert [frame.timestamp for frame in read(store, "v0").frames] == [0, 9, 500, 1000, 10_000]


def test_latest_moment_there_is_can_be_kept(store: Store) -> None:
    fill(store)
    put(store, "v0", *shots(2**53 - 1))
    assert read(store, "v0").frames[0].timestamp == 2**53 - 1


def test_frame_at_the_same_moment_takes_the_place_of_the_first_and_its_copy(store: Store) -> None:
    fill(store)
    put(store, "v0", Frame(5, "https://x.org/old.jpg", name="old"))
    store.write(lambda connection: connection.execute(sa.text("UPDATE frames SET picture_id = 'p', copy_tries = 3")))
    put(store, "v0", Frame(5, "https://x.org/new.jpg"), copy_next_at=NOW)

    (found,) = read(store, "v0").frames
    assert (found.image, found.name) == ("https://x.org/new.jpg", None)
    row = store.read(
        lambda connection: connection.execute(
            sa.text("SELECT picture_id, copy_tries, copy_next_at IS NULL FROM frames")
        ).one()
    )
    assert (row[0], row[1], bool(row[2])) == (None, 0, False)


def test_only_pictures_at_addresses_are_to_be_copied(store: Store) -> None:
    fill(store)
    put(store, "v0", Frame(0, "media:7"), Frame(1, "https://x.org/1.jpg"), copy_next_at=NOW)
    due = store.read(
        lambda connection: (
            connection.execute(sa.text("SELECT timestamp FROM frames WHERE copy_next_at IS NOT NULL")).scalars().all()
        )
    )
    assert due == [1]


def test_part_of_the_frames_is_read_from_a_moment_on(store: Store) -> None:
    fill(store)
    put(store, "v0", *shots(0, 500, 1000, 1500))

    def part(start: int, count: int | None) -> list[int]:
        found = store.read(lambda connection: reviews.fetch_from(connection, "t", TagSet(), "v0", start, count))
        return [frame.timestamp for frame in found.frames]

    assert part(500, 2) == [500, 1000]
    assert part(501, None) == [1000, 1500]
    assert part(0, 2_147_483_647) == [0, 500, 1000, 1500]
    assert part(0, 0) == []
    assert part(2**53 - 1, None) == []


def test_frames_are_counted_by_review(store: Store) -> None:
    ids = fill(store, 3)
    put(store, "v0", *shots(0, 1))
    put(store, "v2", *shots(0))
    assert store.read(lambda connection: frames.count(connection, ids)) == {"v0": 2, "v2": 1}
    assert store.read(lambda connection: frames.moments(connection, ids)) == {"v0": {0, 1}, "v2": {0}}


def test_page_ends_before_it_holds_too_many_frames(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "FRAMES_OF_A_PAGE", 5)
    fill(store, 5)
    for review_id, count in (("v0", 3), ("v1", 2), ("v2", 1), ("v3", 9)):
        put(store, review_id, *shots(*range(count)))
    pages: list[list[str]] = []
    after: int | None = 0
    while after is not None:
        found, after = store.read(
            lambda connection, after=after: reviews.page(
                connection, "t", TagSet(), status=None, type="Video", subteam=None, after=after, limit=10
            )
        )
        pages.append([review.id for review in found])
    assert pages == [["v0", "v1"], ["v2"], ["v3"], ["v4"]]


def test_listing_videos_takes_as_many_statements_for_many_as_for_one(store: Store) -> None:
    def statements(count: int) -> int:
        seen: list[str] = []

        def work(connection: Connection) -> None:
            def note(*args: object) -> None:
                seen.append(str(args[2]))

            sa.event.listen(connection, "before_cursor_execute", note)
            reviews.page(connection, "t", TagSet(), status=None, type=None, subteam=None, after=0, limit=count)

        store.read(work)
        return len(seen)

    for review_id in fill(store, 50):
        put(store, review_id, *shots(0, 1))
    assert 0 < statements(50) == statements(1)


def test_answers_and_toggles_of_frames_are_told_from_those_of_the_whole(store: Store) -> None:
    fill(store)
    put(store, "v0", *shots(9, 10))
    lease = LeaseRow("l", "t", "ana", "Video", None, "", NOW, NOW + timedelta(minutes=15), None)
    store.write(lambda connection: (leases.insert(connection, lease), leases.take(connection, lease, 1)))
    switched = {"v0": {"": {"a": True}, "10": {"a": False, "r": True}}}
    store.write(lambda connection: leases.save_toggles(connection, switched))

    held = read(store, "v0")
    assert (held.toggles, [frame.toggles for frame in held.frames]) == ({"a": True}, [{}, {"a": False, "r": True}])

    row = SubmissionRow("s", "t", "l", "ana", "", NOW, NOW, "open")
    given = {"v0": {"": {"a": True, "r": False}, "9": {"a": False, "r": True}, "10": {"a": True, "r": True}}}
    store.write(lambda connection: submissions.insert(connection, row, given))
    assert store.read(lambda connection: submissions.answers_of(connection, "s")) == given
    store.write(lambda connection: submissions.finalise(connection, row))

    done = read(store, "v0")
    assert done.human_tags == {"a": True, "r": False}
    assert [frame.human_tags for frame in done.frames] == [{"a": False, "r": True}, {"a": True, "r": True}]
    assert [(answer.frame, answer.tag) for answer in done.answers] == [
        *((None, "a"), (None, "r")),
        *(("9", "a"), ("9", "r")),
        *(("10", "a"), ("10", "r")),
    ]


def test_unpublished_review_is_in_no_queue_until_it_is_published_once(store: Store) -> None:
    fill(store, status="Unpublished")
    lease = LeaseRow("l", "t", "ana", "Video", None, "", NOW, NOW + timedelta(minutes=15), None)
    assert store.write(lambda connection: leases.take(connection, lease, 1)) == []
    assert store.write(lambda connection: reviews.publish(connection, "v0"))
    assert not store.write(lambda connection: reviews.publish(connection, "v0"))
    assert store.write(lambda connection: leases.take(connection, lease, 1)) == ["v0"]
    assert not store.write(lambda connection: reviews.publish(connection, "v0"))
    assert (
        store.read(lambda connection: reviews.standings(connection, "t", ["v0"], locked=False))["v0"].status == "Leased"
    )


def test_unpublished_review_stays_so_when_it_is_moved(store: Store) -> None:
    fill(store, status="Unpublished")
    store.write(lambda connection: reviews.move(connection, "t", "v0", "legal"))
    moved = read(store, "v0")
    assert (moved.status, moved.subteam) == ("Unpublished", "legal")


def test_text_and_terms_of_a_transcript_are_kept_apart(store: Store) -> None:
    terms = [Term("101", 3, "crap"), Term("", 0, "ü")]

    def kept() -> Transcript:
        return store.read(lambda connection: transcripts.get(connection, "v0"))

    assert kept() == Transcript()
    store.write(lambda connection: transcripts.put_terms(connection, "t", "v0", terms))
    assert kept() == Transcript("", tuple(terms))
    for text in ("WEBVTT", "WEBVTT\n\nça"):
        store.write(lambda connection, text=text: transcripts.put_text(connection, "t", "v0", text))
    assert kept() == Transcript("WEBVTT\n\nça", tuple(terms))
    store.write(lambda connection: transcripts.put_terms(connection, "t", "v0", []))
    assert kept() == Transcript("WEBVTT\n\nça", ())
