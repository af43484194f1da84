"""Rules of videos: what comes in while one is unpublished, and how its frames are decided."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from cmtools.content.image import PictureFacts
from cmtools.errors import BadDraft, BadPicture, BadRequest, Forbidden, NotFound
from cmtools.model import Actor, Draft, Frame, Lease, Term
from cmtools.service import audit, leases, reviews, submissions, teams, videos
from cmtools.service.media import Media
from cmtools.store import Store
from cmtools.store import reviews as reviews_store
from cmtools.tags import Tag
from cmtools.testing import ManualClock
from cmtools.wire.creation import Incoming
from tests.tools.pictures import png

from .conftest import BASE, Desk

STREAM = "https://x.org/talk"
ACTOR = Actor("demo", "k1", "administrator", "administrator")


def shots(*moments: int) -> list[Frame]:
    return [Frame(moment, f"https://x.org/{moment}.jpg") for moment in moments]


class VideoDesk(Desk):
    """A desk with a video to work on."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        super().__init__(store, clock)
        self.video = self.make()

    def make(self, status: str = "Unpublished", **draft: object) -> str:
        made = Incoming(Draft(STREAM, "talk", "Video", status=status, **draft))
        return self.run(lambda ctx: reviews.create(ctx, [made], None, BASE))[0][0]

    def add(self, *new: Frame, to: str | None = None, kept: videos.Kept | None = None) -> None:
        self.run(lambda ctx: videos.add_frames(ctx, to or self.video, new, BASE, kept or {}))

    def publish(self) -> None:
        self.run(lambda ctx: videos.publish(ctx, self.video))

    def frames(self, *window: object) -> list[Frame]:
        return list(self.run(lambda ctx: videos.with_frames(ctx, self.video, *window)).frames)

    def take(self) -> Lease:
        return self.run(lambda ctx: leases.checkout(ctx, 5, "Video", None, BASE))


@pytest.fixture
def videos_desk(store: Store, clock: ManualClock) -> VideoDesk:
    return VideoDesk(store, clock)


def test_video_is_in_no_queue_before_it_is_published(videos_desk: VideoDesk) -> None:
    assert videos_desk.take().reviews == ()
    videos_desk.publish()
    assert [review.id for review in videos_desk.take().reviews] == [videos_desk.video]


def test_publishing_again_changes_nothing_in_any_state(videos_desk: VideoDesk) -> None:
    videos_desk.publish()
    videos_desk.publish()
    lease = videos_desk.take()
    videos_desk.publish()
    assert videos_desk.held()[0].id == lease.id
    videos_desk.submit(lease)
    videos_desk.pass_time(5)
    videos_desk.publish()
    assert videos_desk.get(videos_desk.video).status == "Complete"
    assert videos_desk.actions(videos_desk.video).count("publish") == 1


def test_published_video_takes_nothing_more(videos_desk: VideoDesk) -> None:
    videos_desk.publish()
    for rule in (
        lambda ctx: videos.add_frames(ctx, videos_desk.video, shots(0), BASE),
        lambda ctx: videos.put_transcript(ctx, videos_desk.video, "WEBVTT"),
        lambda ctx: videos.put_terms(ctx, videos_desk.video, [Term("0", 0, "x")]),
    ):
        with pytest.raises(BadRequest, match="is published"):
            videos_desk.run(rule)
    assert videos_desk.frames() == []


def test_other_types_and_other_teams_have_no_frames(videos_desk: VideoDesk) -> None:
    (image,) = videos_desk.create()
    for id, error in ((image, BadRequest), ("no such review", NotFound)):
        with pytest.raises(error):
            videos_desk.add(*shots(0), to=id)
        with pytest.raises(error):
            videos_desk.run(lambda ctx, id=id: videos.publish(ctx, id))
        with pytest.raises(error):
            videos_desk.run(lambda ctx, id=id: videos.with_frames(ctx, id))
        with pytest.raises(error):
            videos_desk.run(lambda ctx, id=id: videos.transcript(ctx, id))


def test_frames_come_with_the_draft_too(videos_desk: VideoDesk) -> None:
    video = videos_desk.make("Pending", frames=tuple(shots(500, 0)))
    assert [frame.timestamp for frame in videos_desk.get(video).frames] == [0, 500]


def test_frame_whose_picture_the_team_does_not_have_keeps_all_out(videos_desk: VideoDesk) -> None:
    with pytest.raises(BadDraft, match="FrameImage at 1 milliseconds: the team has no such picture"):
        videos_desk.add(*shots(0), Frame(1, "media:abc"))
    assert videos_desk.frames() == []


def test_picture_that_came_with_the_frames_is_the_teams_from_then_on(videos_desk: VideoDesk) -> None:
    videos_desk.add(Frame(1, "media:abc"), kept={"abc": PictureFacts("image/png", 2, 2, 9)})
    videos_desk.add(Frame(2, "media:abc"))
    assert [frame.image for frame in videos_desk.frames()] == ["media:abc"] * 2


def test_address_of_an_own_picture_is_known_as_such(videos_desk: VideoDesk) -> None:
    videos_desk.add(Frame(1, "media:abc"), kept={"abc": PictureFacts("image/png", 2, 2, 9)})
    shown = videos_desk.get(videos_desk.video).frames[0].image
    assert shown == f"{BASE}/cmtools/v1/teams/demo/pictures/abc"
    videos_desk.add(Frame(2, shown))
    assert videos_desk.frames(2)[0].image == "media:abc"


def test_video_has_so_many_frames_and_no_more(videos_desk: VideoDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "MAX_FRAMES", 3)
    videos_desk.add(*shots(0, 1))
    videos_desk.add(*shots(1, 2))
    with pytest.raises(BadDraft, match="would have 4 frames; the most is 3"):
        videos_desk.add(*shots(2, 3))
    assert [frame.timestamp for frame in videos_desk.frames()] == [0, 1, 2]


def test_frames_of_a_tag_are_those_that_carry_it(videos_desk: VideoDesk) -> None:
    videos_desk.add(
        Frame(0, "https://x.org/0.jpg", metadata=(("A", "true"),)),
        Frame(1, "https://x.org/1.jpg", metadata=(("a", "False"),)),
        Frame(2, "https://x.org/2.jpg", result_tags=(("a", "True"),)),
        Frame(3, "https://x.org/3.jpg", metadata=(("reviewRecommended", "True"),)),
    )

    def carrying(tag: str | None, count: int | None = None) -> list[int]:
        return [frame.timestamp for frame in videos_desk.frames(0, count, tag)]

    assert carrying("a") == carrying("A") == [0, 2]
    assert carrying("a", 1) == [0]
    assert carrying("reviewrecommended") == [3]
    assert carrying("zz") == []
    assert carrying("") == carrying(None) == [0, 1, 2, 3]

    videos_desk.publish()
    lease = videos_desk.take()
    framed = {videos_desk.video: {"1": {"a": True}}}
    videos_desk.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, {videos_desk.video: {}}, framed))
    videos_desk.pass_time(5)
    assert carrying("a") == [0, 1], "a complete review's result tags are the reviewer's"


def test_tags_of_frames_that_are_not_named_take_what_was_shown(videos_desk: VideoDesk) -> None:
    videos_desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", visible=False)))
    videos_desk.add(
        Frame(0, "https://x.org/0.jpg", metadata=(("A", "true"), ("sc", "true"))),
        *shots(9, 10),
    )
    videos_desk.publish()
    lease, video = videos_desk.take(), videos_desk.video
    toggles = {video: {"9": {"r": True}, "10": {"a": True, "r": True}}}
    videos_desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {}, toggles))
    framed = {video: {"0010": {"R": False}}}
    videos_desk.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, {video: {}}, framed))
    videos_desk.pass_time(5)

    done = videos_desk.get(video)
    assert done.human_tags == {"a": False, "r": False}
    assert [frame.human_tags for frame in done.frames] == [
        {"a": True, "r": False},
        {"a": False, "r": True},
        {"a": True, "r": False},
    ]
    assert [answer.frame for answer in done.answers[::2]] == [None, "0", "9", "10"]


def test_undo_brings_back_the_tags_of_frames(videos_desk: VideoDesk) -> None:
    videos_desk.add(*shots(0, 500))
    videos_desk.publish()
    lease, video = videos_desk.take(), videos_desk.video
    framed = {video: {"500": {"a": True}}}
    made = videos_desk.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, {video: {"r": True}}, framed))
    back = videos_desk.undo(made).reviews[0]
    assert back.toggles == {"a": False, "r": True}
    assert [frame.toggles for frame in back.frames] == [{"a": False, "r": False}, {"a": True, "r": False}]


def test_given_back_video_forgets_the_tags_of_its_frames(videos_desk: VideoDesk) -> None:
    videos_desk.add(*shots(0))
    videos_desk.publish()
    lease = videos_desk.take()
    toggles = {videos_desk.video: {"0": {"a": True}}}
    videos_desk.run(lambda ctx: leases.save_toggles(ctx, lease.id, lease.token, {}, toggles))
    videos_desk.run(lambda ctx: leases.release(ctx, lease.id, lease.token, None))
    assert videos_desk.take().reviews[0].frames[0].toggles == {}


def test_same_submission_with_other_frame_tags_is_another_one(videos_desk: VideoDesk) -> None:
    videos_desk.add(*shots(0))
    videos_desk.publish()
    lease, named = videos_desk.take(), {videos_desk.video: {}}

    def submit(framed: dict[str, dict[str, dict[str, bool]]]) -> str:
        return videos_desk.run(lambda ctx: submissions.submit(ctx, lease.id, lease.token, named, framed)).id

    first = submit({videos_desk.video: {"0": {"a": True}}})
    assert submit({videos_desk.video: {"0": {"a": True}}}) == first
    with pytest.raises(leases.LeaseLost):
        submit({videos_desk.video: {"0": {"a": False}}})


def test_frames_of_a_review_that_is_not_answered_are_refused(videos_desk: VideoDesk) -> None:
    other = videos_desk.make("Pending", frames=tuple(shots(0)))
    videos_desk.publish()
    lease = videos_desk.take()
    with pytest.raises(BadRequest, match="not among the answers"):
        videos_desk.run(
            lambda ctx: submissions.submit(
                ctx, lease.id, lease.token, {videos_desk.video: {}}, {other: {"0": {"a": True}}}
            )
        )


def test_submission_tells_the_record_every_tag_of_every_frame(videos_desk: VideoDesk) -> None:
    videos_desk.add(*shots(0))
    videos_desk.publish()
    videos_desk.submit(videos_desk.take())
    events = videos_desk.run(lambda ctx: audit.trail(ctx, videos_desk.video, 0, 100))[0]
    (told,) = [event.after for event in events if event.action == "submit"]
    assert told["tags"] == {"a": False, "r": False}
    assert told["frames"] == {"0": {"a": False, "r": False}}


# Bounds ---------------------------------------------------------------------------------------------------------------


def test_checkout_takes_fewer_videos_when_they_have_many_frames(
    videos_desk: VideoDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews_store, "FRAMES_OF_A_PAGE", 5)
    made = [videos_desk.make("Pending", frames=tuple(shots(*range(count)))) for count in (9, 3, 2, 1)]
    taken = [[review.id for review in videos_desk.take().reviews] for _ in range(4)]
    assert taken == [made[:1], made[1:3], made[3:], []]


def test_lookup_says_what_was_too_much_for_one_answer(videos_desk: VideoDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews_store, "FRAMES_OF_A_PAGE", 5)
    ids = [videos_desk.make("Pending", frames=tuple(shots(*range(count)))) for count in (3, 2, 1)]

    def look(framed: bool) -> tuple[list[int], list[str]]:
        found, rest = videos_desk.run(lambda ctx: reviews.lookup(ctx, ids, framed, BASE))
        return [len(review.frames) for review in found], rest

    assert look(True) == ([3, 2], ids[2:])
    assert look(False) == ([0, 0, 0], [])


# Zips -----------------------------------------------------------------------------------------------------------------


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(f"Frames/{name}.png", data)
    return buffer.getvalue()


def kept_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_pictures_of_a_zip_are_kept_once_each(tmp_path: Path) -> None:
    data = packed(one=png("red"), two=png("blue"), same=png("red"))
    named = [Frame(n, name) for n, name in enumerate(("two.png", "one.png", "same.png", "one.png"))]
    taken, facts = videos.unpack(Media(str(tmp_path)), ACTOR, data, named)
    images = [frame.image for frame in taken]
    assert images[1] == images[2] == images[3] != images[0]
    assert {f"media:{id}" for id in facts} == set(images)
    assert len(kept_files(tmp_path)) == 2
    assert facts[images[0].removeprefix("media:")].media_type == "image/png"


def test_zip_with_one_bad_picture_leaves_nothing_behind(tmp_path: Path) -> None:
    data = packed(one=png("red"), two=b"no picture")
    with pytest.raises(BadPicture, match=r"FrameImage: 'two\.png' in the zip"):
        videos.unpack(Media(str(tmp_path)), ACTOR, data, [Frame(0, "one.png"), Frame(1, "two.png")])
    assert kept_files(tmp_path) == []


def test_pictures_of_a_zip_are_decoded_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "MAX_ZIP_PIXELS", 2 * 200 * 150)
    data, named = (
        packed(a=png("red"), b=png("blue"), c=png("black")),
        [Frame(n, f"{name}.png") for n, name in enumerate("abc")],
    )
    assert len(videos.unpack(Media(str(tmp_path)), ACTOR, data, named[:2])[1]) == 2
    kept = kept_files(tmp_path)
    with pytest.raises(BadPicture, match="in several zips"):
        videos.unpack(Media(str(tmp_path)), ACTOR, data, named)
    assert kept_files(tmp_path) == kept


def test_key_that_may_not_create_has_no_zip_unpacked(tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        videos.unpack(Media(str(tmp_path)), Actor("demo", "k2", "x", "reviewer"), packed(a=png()), [Frame(0, "a.png")])
