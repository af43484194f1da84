"""Copies of pictures: made once, tried a few times, and nothing at the source can hurt who waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cmtools.errors import NotFound
from cmtools.model import Draft, Frame
from cmtools.outgoing.outbound import Outbound, Unanswered
from cmtools.service import copies, reviews
from cmtools.service.context import Context
from cmtools.service.media import Media
from cmtools.service.worker import Worker
from cmtools.store import Store, tables
from cmtools.store.copies import Source
from cmtools.testing import ManualClock
from cmtools.wire.creation import Incoming
from tests.tools.pictures import PictureSite, png

from .conftest import BASE, Desk

LAST = sum(copies.WAITS_SECONDS)


@dataclass
class Bench:
    """A desk whose service copies pictures, and its worker."""

    desk: Desk
    media: Media
    worker: Worker

    def create(self, *addresses: str) -> list[str]:
        drafts = [Incoming(Draft(address, str(n))) for n, address in enumerate(addresses)]
        return self.desk.run(lambda ctx: reviews.create(ctx, drafts, None, BASE))[0]

    def video(self, *addresses: str) -> str:
        frames = tuple(Frame(n * 500, address) for n, address in enumerate(addresses))
        draft = Incoming(Draft("https://x.org/talk", "v", type="Video", frames=frames))
        return self.desk.run(lambda ctx: reviews.create(ctx, [draft], None, BASE))[0][0]

    def pass_time(self, seconds: float) -> None:
        self.desk.clock.advance(seconds)
        self.worker.copy()

    def source(self, review_id: str, timestamp: int | None = None) -> Source:
        return self.desk.run(lambda ctx: copies.find(ctx, review_id, timestamp))

    def problems(self, review_id: str) -> list[object]:
        from cmtools.service import audit

        events = self.desk.run(lambda ctx: audit.trail(ctx, review_id, 0, 100))[0]
        return [event.after["problem"] for event in events if "problem" in event.after]


@pytest.fixture
def bench(store: Store, clock: ManualClock, request: pytest.FixtureRequest) -> Bench:
    desk = Desk(store, clock, copy_content=True, allow_loopback=True, callback_timeout_seconds=2.0)
    media = Media(f"memory://copies/{request.node.name}")
    return Bench(desk, media, Worker(store, media, Outbound(desk.settings.policy), desk.settings, clock))


@pytest.fixture
def site() -> Iterator[PictureSite]:
    with PictureSite(**{"1.png": png(), "2.png": png("blue")}) as site:
        yield site


def test_picture_is_copied_and_stays_when_its_source_is_gone(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "1.png")
    assert bench.source(id).picture_id is None
    bench.pass_time(0)
    site.go_away()
    kept = bench.source(id).picture_id
    assert kept is not None
    assert bench.media.load("demo", kept) == png()
    assert bench.desk.actions(id) == ["create", "copy"]


def test_same_bytes_from_two_addresses_are_one_picture(bench: Bench, site: PictureSite) -> None:
    site.pages["3.png"] = png()
    first, second, other = bench.create(site.url + "1.png", site.url + "3.png", site.url + "2.png")
    bench.pass_time(0)
    assert bench.source(first).picture_id == bench.source(second).picture_id != bench.source(other).picture_id


def test_picture_that_changes_at_its_address_changes_no_earlier_review(bench: Bench, site: PictureSite) -> None:
    (first,) = bench.create(site.url + "1.png")
    bench.pass_time(0)
    site.pages["1.png"] = png("green")
    (second,) = bench.create(site.url + "1.png")
    bench.pass_time(0)
    assert bench.media.load("demo", bench.source(first).picture_id or "") == png()
    assert bench.media.load("demo", bench.source(second).picture_id or "") == png("green")


def test_pictures_of_frames_are_copied_too(bench: Bench, site: PictureSite) -> None:
    id = bench.video(site.url + "1.png", site.url + "2.png")
    bench.pass_time(0)
    assert bench.media.load("demo", bench.source(id, 500).picture_id or "") == png("blue")
    assert bench.source(id, 0).picture_id is not None


def test_review_that_was_there_already_is_not_copied_again(bench: Bench, site: PictureSite) -> None:
    item = Incoming(Draft(site.url + "1.png", "1"), "key")
    for _ in range(2):
        bench.desk.run(lambda ctx: reviews.create(ctx, [item], None, BASE))
        bench.pass_time(0)
    assert site.asked == ["1.png"]


def test_nothing_is_copied_where_the_settings_say_so(desk: Desk, site: PictureSite, clock: ManualClock) -> None:
    desk.create(1)
    assert not desk.run(lambda ctx: copies.anything_due(ctx.connection, ctx.now + timedelta(days=365)))


def test_texts_videos_and_uploads_are_not_copied(bench: Bench) -> None:
    bench.media.save("demo", png())
    items = [Incoming(Draft("http://words", "t", type="Text")), Incoming(Draft("https://x.org/v", "v", type="Video"))]
    bench.desk.run(lambda ctx: reviews.create(ctx, items, None, BASE))
    assert not bench.desk.run(lambda ctx: copies.anything_due(ctx.connection, ctx.now))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (404, "the picture's address answered 404"),
        (500, "the picture's address answered 500"),
        (304, "the picture's address answered 304"),
        (b"", "the file is empty"),
        (b"<html>no</html>", "it is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG is not taken"),
        (png()[:60], "the picture"),
    ],
)
def test_what_is_wrong_at_the_source_is_on_record_and_tried_a_few_times(
    bench: Bench, site: PictureSite, page: bytes | int, reason: str
) -> None:
    site.pages["1.png"] = page
    (id,) = bench.create(site.url + "1.png")
    for wait in (0, *copies.WAITS_SECONDS, LAST, LAST):
        bench.pass_time(wait)
    assert site.asked == ["1.png"] * (1 + len(copies.WAITS_SECONDS))
    assert [str(problem).startswith(reason) for problem in bench.problems(id)] == [True] * len(site.asked)
    assert bench.source(id).picture_id is None


def test_failing_address_is_asked_once_a_tick(bench: Bench, site: PictureSite) -> None:
    bench.create(site.url + "gone.png")
    bench.pass_time(0)
    bench.pass_time(copies.WAITS_SECONDS[0] - 0.001)
    assert site.asked == ["gone.png"]


def test_source_that_comes_back_is_copied_then(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "late.png")
    bench.pass_time(0)
    site.pages["late.png"] = png()
    bench.pass_time(copies.WAITS_SECONDS[0])
    bench.pass_time(LAST)
    assert bench.source(id).picture_id is not None
    assert site.asked == ["late.png"] * 2


@pytest.mark.parametrize("address", ["http://10.0.0.1/1.png", "http://169.254.169.254/latest", "http://127.0.0.1:9/x"])
def test_address_that_cannot_be_called_is_on_record_without_its_secrets(bench: Bench, address: str) -> None:
    (id, good) = bench.create(f"{address}?sig=geheim", f"{address}?sig=geheim")
    bench.pass_time(0)
    assert address in str(bench.problems(id))
    assert "geheim" not in str(bench.problems(id))
    assert bench.problems(good), "the next one has its turn"


def kept_before(bench: Bench, id: str, address: str) -> None:
    """As a database has it in which such an address was kept before they were refused."""
    change = sa.update(tables.reviews).where(tables.reviews.c.id == id).values(content=address)
    bench.desk.store.write(lambda connection: connection.execute(change))


@pytest.mark.parametrize(
    "address", ["http://[::ffff:127.5]/x.png", "http://[::1", "http://x:abc/", "http://\u2100.com/"]
)
def test_address_that_cannot_be_read_holds_up_no_other_picture(bench: Bench, site: PictureSite, address: str) -> None:
    bad, *good = bench.create(*[f"{site.url}{n}.png" for n in (2, 1, 1, 2, 1, 2)])
    kept_before(bench, bad, address)
    bench.pass_time(0)
    assert len(bench.problems(bad)) == 1
    assert all(bench.source(id).picture_id for id in good)


def test_unforeseen_fault_of_one_picture_holds_up_no_other(
    bench: Bench, site: PictureSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fetch = bench.worker._outbound.fetch_picture

    def falling(url: str) -> bytes:
        if url.endswith("2.png"):
            raise RuntimeError("geheim")
        return fetch(url)

    monkeypatch.setattr(bench.worker._outbound, "fetch_picture", falling)
    good, bad, other = bench.create(site.url + "1.png", site.url + "2.png", site.url + "1.png")
    bench.pass_time(0)
    assert bench.problems(bad) == ["unforeseen (RuntimeError); the service's log has more"]
    assert all(bench.source(id).picture_id for id in (good, other))
    assert "RuntimeError" in caplog.text


def test_picture_that_cannot_be_noted_holds_up_no_other(
    bench: Bench, site: PictureSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = copies.keep
    good, bad, other = bench.create(site.url + "1.png", site.url + "2.png", site.url + "1.png")

    def falling(ctx: Context, source: Source, copied: copies.Copied) -> str:
        if source.review_id == bad:
            raise KeyError(bad)
        return keep(ctx, source, copied)

    monkeypatch.setattr(copies, "keep", falling)
    bench.pass_time(0)
    assert bench.problems(bad) == ["unforeseen (KeyError); the service's log has more"]
    assert all(bench.source(id).picture_id for id in (good, other))


def test_too_large_picture_is_on_record(bench: Bench, site: PictureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbound.fetch_picture, "__defaults__", (100,))
    (id,) = bench.create(site.url + "1.png")
    bench.pass_time(0)
    assert "the picture has more than" in str(bench.problems(id))


def test_storage_that_refuses_is_on_record(bench: Bench, site: PictureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bench.media, "save", full)
    (id,) = bench.create(site.url + "1.png")
    bench.pass_time(0)
    assert bench.problems(id) == ["the service's storage does not keep it (No space left on device)"]


def test_kill_in_the_middle_of_a_copy_means_another_and_no_second_row(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "1.png")
    (source,) = bench.desk.run(lambda ctx: copies.claim(ctx, 5))
    copies.Copier(bench.media, Outbound(bench.desk.settings.policy)).make(source)  # killed here
    bench.pass_time(copies.CLAIM_SECONDS - 0.001)
    assert bench.source(id).picture_id is None, "whoever has it may still be at work"
    bench.pass_time(0.001)
    assert bench.source(id).picture_id is not None
    assert bench.desk.actions(id) == ["create", "copy"]
    assert bench.desk.run(lambda ctx: ctx.connection.exec_driver_sql("SELECT count(*) FROM pictures").scalar()) == 1


def test_picture_that_kills_the_service_each_time_is_given_up(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "1.png")
    for _ in range(1 + len(copies.WAITS_SECONDS)):
        assert bench.desk.run(lambda ctx: copies.claim(ctx, 5))
        bench.desk.clock.advance(copies.CLAIM_SECONDS)
    bench.pass_time(0)
    bench.pass_time(copies.CLAIM_SECONDS)
    assert bench.problems(id) == ["the service was stopped at every try"]
    assert site.asked == []


def test_host_at_which_nobody_answers_is_asked_once_for_all_its_pictures(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def nobody(_: Outbound, url: str) -> bytes:
        asked.append(url)
        raise Unanswered("nobody answered")

    monkeypatch.setattr(Outbound, "fetch_picture", nobody)
    ids = bench.create(*[f"https://ana:geheim@gone.example/{n}.png" for n in range(50)], "https://other.example/1.png")
    bench.pass_time(0)
    assert [url.partition("?")[0].rsplit("/", 1)[0] for url in asked] == [
        "https://ana:geheim@gone.example",
        "https://other.example",
    ]
    assert bench.problems(ids[7]) == ["nobody answered at gone.example a moment ago"]
    bench.pass_time(copies.WAITS_SECONDS[0])
    assert len(asked) == 4, "its silence is not held against it for ever"


def test_what_a_stopping_worker_has_not_come_to_is_given_back(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "1.png")
    claimed = bench.desk.run(lambda ctx: copies.claim(ctx, 5))
    bench.desk.run(lambda ctx: copies.give_back(ctx, claimed))
    bench.pass_time(0)
    assert bench.source(id).picture_id is not None
    assert bench.source(id).tries == 1


def test_two_workers_never_copy_the_same(bench: Bench, site: PictureSite) -> None:
    ids = bench.create(*[f"{site.url}1.png?{n}" for n in range(40)])
    site.pages.update({f"1.png?{n}": png() for n in range(40)})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: bench.worker.copy(), range(4)))
    assert sorted(site.asked) == sorted(f"1.png?{n}" for n in range(40))
    assert all(bench.source(id).picture_id for id in ids)


def test_first_of_two_copies_is_the_one_that_stays(bench: Bench, site: PictureSite) -> None:
    (id,) = bench.create(site.url + "1.png")
    source = bench.source(id)
    made = [copies.Copied(*bench.media.save("demo", png(color))) for color in ("red", "green")]
    shown = [bench.desk.run(lambda ctx, copied=copied: copies.keep(ctx, source, copied)) for copied in made]
    assert shown == [made[0].picture_id] * 2


def test_copy_of_a_frames_earlier_picture_is_not_taken_for_the_later_one(bench: Bench, site: PictureSite) -> None:
    id = bench.video(site.url + "1.png")
    source = bench.source(id, 0)
    earlier = replace(source, address=site.url + "before.png")
    copied = copies.Copied(*bench.media.save("demo", png("green")))
    bench.desk.run(lambda ctx: copies.record(ctx, [(earlier, copied)]))
    assert bench.source(id, 0).picture_id is None


def test_what_has_no_picture_is_not_found(bench: Bench) -> None:
    text = Incoming(Draft("some words", "t", type="Text"))
    ((id,), _) = bench.desk.run(lambda ctx: reviews.create(ctx, [text], None, BASE))
    for subject, timestamp in ((id, None), ("nope", None), (id, 500)):
        with pytest.raises(NotFound, match="no picture to show"):
            bench.source(subject, timestamp)
