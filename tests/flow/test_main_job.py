"""The main job through the front door: a folder of pictures becomes a report, with people and processes in between."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import cmtools as cm
from cmtools.errors import BadTag, LeaseLost, NotAuthorized, UndoWindowClosed, UnknownTeam, Unreachable
from cmtools.testing import CallbackSink, RunningService, running_service

COLORS = ("red", "green", "blue", "black", "white", "orange", "purple", "teal")


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service(copy_content=False) as service:  # the addresses here are made up
        yield service


@pytest.fixture
def client(service: RunningService) -> cm.Client:
    return service.client("ana")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight good pictures in two folders, and five things that are none."""
    (tmp_path / "more").mkdir()
    for index, color in enumerate(COLORS):
        place = tmp_path if index % 2 else tmp_path / "more"
        Image.new("RGB", (320, 240), color).save(place / f"{color}.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "green.jpg").read_bytes()[:600])
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (tmp_path / "empty.png").touch()
    (tmp_path / "huge.png").write_bytes(huge_png(20_000, 10_000))
    return tmp_path


def huge_png(width: int, height: int) -> bytes:
    """A PNG of so many pixels that is small on disk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def quiet_drafts(*args: object, **options: object) -> cm.drafts.Drafts:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return cm.make_drafts(*args, **options)


def test_folder_becomes_a_report(service: RunningService, client: cm.Client, folder: Path, tmp_path: Path) -> None:
    def tagger(pictures: list[object]) -> list[dict[str, bool]]:
        return [{"dark": Path(str(picture)).stem in ("black", "blue", "purple")} for picture in pictures]

    with CallbackSink() as sink:
        drafts = quiet_drafts(folder, tagger=tagger, callback=sink.url)
        assert len(drafts) == 8
        assert len(drafts.refused) == 5
        assert drafts.refused["reason"].str.len().min() > 5

        ids = client.create_reviews(drafts, new_tags=True, progress=False)
        assert len(set(ids)) == 8
        lease = client.checkout(5)
        answers = {review.id: {"dark": review.content_id in ("black.jpg", "more/teal.jpg")} for review in lease.reviews}
        client.submit(lease, answers)
        rest = client.checkout()
        client.submit(rest, {review.id: {} for review in rest.reviews})
        service.advance(5)
        assert len(sink.received) == 8

    decisions = client.decisions()
    agreement = cm.Agreement(decisions, tags=["dark"])
    assert len(decisions) == 8 * 3
    (counts,) = agreement.counts.to_dict("records")
    assert counts["n"] == counts["tp"] + counts["fp"] + counts["fn"] + counts["tn"] == 8
    report = cm.write_report(agreement, tmp_path / "agreement.html", pictures=client.thumbnails)
    page = Path(report).read_text()
    assert "dark" in page
    assert "data:image/jpeg" in page


def test_interrupted_creation_goes_on_where_it_was_and_doubles_nothing(
    client: cm.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = quiet_drafts(folder)
    monkeypatch.setattr("cmtools.client.creation.BATCH_DRAFTS", 3)
    upload = cm.Client.upload
    calls = 0

    def interrupted(self: cm.Client, source: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise KeyboardInterrupt
        return upload(self, source)

    monkeypatch.setattr(cm.Client, "upload", interrupted)
    with pytest.raises(KeyboardInterrupt):
        client.create_reviews(drafts, progress=False)
    monkeypatch.setattr(cm.Client, "upload", upload)
    made = client.counts().total
    assert made < 8

    ids = client.create_reviews(drafts, progress=False)
    assert client.counts().total == 8
    assert client.create_reviews(drafts, progress=False) == ids
    assert client.create_reviews(drafts, batch="once more", progress=False) != ids
    assert client.counts().total == 16


def test_tag_that_the_team_does_not_have_is_named_with_the_way_to_add_it(client: cm.Client, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("url,gore\nhttps://x.org/1.jpg,True\n")
    drafts = cm.make_drafts(table)
    with pytest.raises(BadTag, match=r"no tag 'gore'; it has a, r\. Add it with .*new_tags=True"):
        client.create_reviews(drafts)
    assert client.counts().total == 0
    (id,) = client.create_reviews(drafts, new_tags=True)
    assert client.get_review(id).auto_tags == {"gore": True}


def test_three_ways_of_not_getting_in_are_three_errors_of_one_line(service: RunningService) -> None:
    nobody = cm.Client("http://127.0.0.1:9", key="k", team="demo")
    with pytest.raises(Unreachable) as not_running:
        nobody.team()
    with pytest.raises(NotAuthorized) as wrong_key:
        service.client(key="wrong").team()
    with pytest.raises(UnknownTeam) as wrong_team:
        service.client(team="other").team()
    for caught in (not_running, wrong_key, wrong_team):
        assert len(caught.value._render_traceback_()) == 1
        assert "\n" not in str(caught.value)


def test_resume_after_a_restart_brings_the_toggles_and_kills_the_old_token(
    service: RunningService, client: cm.Client
) -> None:
    client.create_reviews(cm.make_drafts(["https://x.org/1.jpg", "https://x.org/2.jpg"]), progress=False)
    before = client.checkout()
    first = before.reviews[0].id
    client.save(before, {first: {"r": True}})

    after = service.client("ana")
    (offered,) = after.leases()
    resumed = after.resume(offered)

    assert resumed.reviews[0].toggles == {"r": True}
    with pytest.raises(LeaseLost):
        client.submit(before, {first: {}})
    after.submit(resumed, {first: {}})
    service.advance(5)
    assert client.get_review(first).human_tags["r"] is True


def test_no_review_is_live_in_two_places(service: RunningService, client: cm.Client) -> None:
    client.create_reviews(cm.make_drafts([f"https://x.org/{n}.jpg" for n in range(10)]), progress=False)
    leases = [service.client(name).checkout(4) for name in ("ana", "ana", "ben")]
    taken = [review.id for lease in leases for review in lease.reviews]
    assert len(taken) == len(set(taken)) == 10
    service.advance(900)
    assert service.client("eve").checkout(20).reviews.__len__() == 10


def test_undo_works_inside_the_window_and_says_so_after_it(service: RunningService, client: cm.Client) -> None:
    (id,) = client.create_reviews(cm.make_drafts(["https://x.org/1.jpg"]), progress=False)
    lease = client.checkout()
    submission = client.submit(lease, {id: {"a": True}})
    back = client.undo(submission)
    assert back.reviews[0].toggles["a"] is True
    again = client.submit(back, {id: {"a": False}})
    service.advance(5)
    with pytest.raises(UndoWindowClosed):
        client.undo(again)
    assert client.get_review(id).human_tags["a"] is False


def test_reviewers_name_of_any_script_arrives_whole(service: RunningService) -> None:
    client = service.client("Zoë 李 / α")
    (id,) = client.create_reviews(cm.make_drafts(["https://x.org/1.jpg"]), progress=False)
    client.submit(client.checkout(), {id: {}})
    service.advance(5)
    assert {answer.reviewer for answer in client.get_review(id).answers} == {"Zoë 李 / α"}


def test_trail_and_keys_are_read_through_the_client(service: RunningService, client: cm.Client) -> None:
    (id,) = client.create_reviews(cm.make_drafts(["https://x.org/1.jpg"]), progress=False)
    key = client.create_key("ben", "reviewer", reviewer="ben")
    ben = service.client(None, key=key.secret)
    ben.submit(ben.checkout(), {id: {"a": True}})
    service.advance(5)
    assert [event.action for event in client.events(id)] == ["create", "checkout", "submit", "finalise"]
    client.revoke_key(key.id)
    with pytest.raises(NotAuthorized):
        ben.team()
    assert [known.label for known in client.keys() if known.revoked_at]  # noqa: SIM118 - no dictionary == ["ben"]


def test_texts_are_reviewed_too(service: RunningService, client: cm.Client) -> None:
    (id,) = client.create_reviews(cm.make_drafts(["some words"], type="Text"), progress=False)
    assert client.checkout().reviews == ()
    lease = client.checkout(type="Text")
    assert lease.reviews[0].content == "some words"
    client.submit(lease, {id: {"r": True}})
    service.advance(5)
    assert client.decisions()["type"].unique().tolist() == ["Text"]
