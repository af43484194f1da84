"""A run over many drafts: what is sent in which order, what stops it, and that a second run doubles nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cmtools.client import creation
from cmtools.client.creation import BATCH_CHARACTERS, BATCH_DRAFTS, Creation
from cmtools.client.uploads import UPLOADS_AT_ONCE
from cmtools.errors import BadDraft, BadPicture, CmtoolsError, Unreachable
from cmtools.model import Draft, Picture
from cmtools.wire.creation import Incoming


class Service:
    """Keeps what a run sends, as a service would; ``before_upload`` and ``before_create`` may raise."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.pictures: list[bytes] = []
        self.items: dict[str, Incoming] = {}
        self.before_upload: Callable[[bytes], object] = lambda data: None
        self.before_create: Callable[[list[Incoming]], object] = lambda items: None
        self.after_create: Callable[[list[Incoming]], object] = lambda items: None

    def upload(self, data: bytes) -> Picture:
        self.before_upload(data)
        self.pictures.append(data)
        self.log.append("upload")
        return Picture(data.decode(), "https://x/1", "image/png", 1, 1, len(data))

    def create(self, items: list[Incoming]) -> tuple[list[str], int]:
        self.before_create(items)
        before = len(self.items)
        for item in items:
            assert item.idempotency_key
            self.items.setdefault(item.idempotency_key, item)
        self.log.append(f"create {len(items)}")
        places = list(self.items)
        self.after_create(items)
        return [f"id{places.index(item.idempotency_key or '')}" for item in items], len(self.items) - before


class Bar:
    """A progress bar that remembers."""

    def __init__(self) -> None:
        self.steps = 0.0
        self.words = ""

    def update(self, n: float = 1, /) -> None:
        self.steps += n

    def set_postfix_str(self, s: str, /) -> None:
        self.words = s


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def bar() -> Bar:
    return Bar()


@pytest.fixture
def run(service: Service, bar: Bar) -> Callable[..., list[str]]:
    def start(drafts: list[Draft], subteam: str | None = None, batch: str = "") -> list[str]:
        return Creation(service.upload, service.create, subteam=subteam, batch=batch, bar=bar).run(drafts)

    return start


def texts(count: int) -> list[Draft]:
    return [Draft(f"text {number}", str(number), "Text") for number in range(count)]


def pictures(folder: Path, count: int) -> list[Draft]:
    paths = [folder / f"{number:04}.png" for number in range(count)]
    for path in paths:
        path.write_bytes(path.stem.encode())
    return [Draft(path.name, path.stem, path=path) for path in paths]


def test_ids_come_in_the_order_of_the_drafts_over_all_batches(run: Callable[..., list[str]], service: Service) -> None:
    drafts = texts(BATCH_DRAFTS + 2)
    assert run(drafts) == [f"id{number}" for number in range(len(drafts))]
    assert service.log == [f"create {BATCH_DRAFTS}", "create 2"]


def test_long_texts_make_smaller_batches() -> None:
    drafts = [Draft("x" * (BATCH_CHARACTERS // 2), str(number), "Text") for number in range(5)]
    assert [len(batch) for batch in creation.batches(drafts)] == [2, 2, 1]


def test_one_text_longer_than_a_batch_is_a_batch_of_its_own() -> None:
    drafts = [Draft("x" * (BATCH_CHARACTERS + 1), str(number), "Text") for number in range(2)]
    assert [len(batch) for batch in creation.batches(drafts)] == [1, 1]


def test_files_of_a_batch_are_uploaded_before_it_is_created(
    run: Callable[..., list[str]], service: Service, tmp_path: Path
) -> None:
    run(pictures(tmp_path, 3))
    assert service.log == ["upload"] * 3 + ["create 3"]
    assert {item.draft.content for item in service.items.values()} == {"media:0000", "media:0001", "media:0002"}
    assert all(item.draft.path is None for item in service.items.values())


def test_same_file_is_uploaded_once(run: Callable[..., list[str]], service: Service, tmp_path: Path) -> None:
    (draft,) = pictures(tmp_path, 1)
    run([replace(draft, content_id=str(number)) for number in range(BATCH_DRAFTS + 1)])
    assert len(service.pictures) == 1


def test_second_run_creates_nothing_and_says_so(run: Callable[..., list[str]], service: Service, bar: Bar) -> None:
    first = run(texts(3))
    assert bar.words == ""
    assert run(texts(3)) == first
    assert bar.words == "3 were there already"
    assert len(service.items) == 3


def test_file_is_the_same_wherever_it_lies(run: Callable[..., list[str]], service: Service, tmp_path: Path) -> None:
    (draft,) = pictures(tmp_path, 1)
    run([draft])
    moved = tmp_path / "moved.png"
    moved.write_bytes(b"0000")
    run([replace(draft, path=moved)])
    assert len(service.items) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"content": "other"},
        {"content_id": "other"},
        {"metadata": (("a", "True"),)},
        {"callback_endpoint": ""},
        {"weight": 2.0},
        {"stratum": "night"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_draft_with_another_field_is_another_review(
    run: Callable[..., list[str]], service: Service, change: dict[str, object]
) -> None:
    draft = texts(1)[0]
    run([draft, replace(draft, **change)])  # type: ignore[arg-type]
    run([replace(draft, **change)])  # type: ignore[arg-type]
    assert len(service.items) == 2


def test_other_batch_name_and_other_subteam_make_other_reviews(run: Callable[..., list[str]], service: Service) -> None:
    for options in ({}, {"batch": "monday"}, {"subteam": "mail"}):
        run(texts(1), **options)
    assert len(service.items) == 3


def test_public_is_the_subteam_that_is_not_named(run: Callable[..., list[str]], service: Service) -> None:
    run(texts(1))
    run(texts(1), subteam="public")
    assert len(service.items) == 1


def test_draft_that_stands_twice_in_a_list_is_two_reviews_in_every_run(
    run: Callable[..., list[str]], service: Service
) -> None:
    twice = texts(1) * 2
    assert run(twice) == ["id0", "id1"]
    assert run(twice) == ["id0", "id1"]


def test_refused_picture_is_named_and_its_batch_is_not_created(
    run: Callable[..., list[str]], service: Service, tmp_path: Path
) -> None:
    def refuse(data: bytes) -> None:
        if data == b"0501":
            raise BadPicture("it is cut off")

    service.before_upload = refuse
    with pytest.raises(BadPicture) as caught:
        run(pictures(tmp_path, BATCH_DRAFTS + 5))
    assert str(caught.value) == (
        f"{tmp_path}/0501.png: it is cut off - 500 of 505 reviews exist; the same call again goes on from there and "
        "doubles none"
    )
    assert len(service.items) == BATCH_DRAFTS


def test_refusal_before_the_first_batch_says_that_nothing_was_created(
    run: Callable[..., list[str]], service: Service, tmp_path: Path
) -> None:
    def refuse(data: bytes) -> None:
        raise BadPicture("it is empty")

    service.before_upload = refuse
    with pytest.raises(BadPicture, match="no review was created"):
        run(pictures(tmp_path, 1))
    assert service.log == []


def test_file_that_is_gone_is_named(run: Callable[..., list[str]], tmp_path: Path) -> None:
    (draft,) = pictures(tmp_path, 1)
    (tmp_path / "0000.png").unlink()
    with pytest.raises(BadDraft, match=r"0000\.png: cannot be read \(No such file"):
        run([draft])


def test_trouble_with_the_service_is_not_blamed_on_a_file(
    run: Callable[..., list[str]], service: Service, tmp_path: Path
) -> None:
    def fail(data: bytes) -> None:
        raise Unreachable("no service answers")

    service.before_upload = fail
    with pytest.raises(Unreachable, match=r"^no service answers - no review was created$"):
        run(pictures(tmp_path, 2))


def test_item_that_the_service_refuses_is_counted_from_the_first_draft(
    run: Callable[..., list[str]], service: Service
) -> None:
    def refuse(items: list[Incoming]) -> None:
        if len(items) < BATCH_DRAFTS:
            raise BadDraft("it is empty", where="[3].Content")

    service.before_create = refuse
    with pytest.raises(BadDraft, match=r"^drafts\[503\]\.Content: it is empty - 500 of 510 reviews exist"):
        run(texts(BATCH_DRAFTS + 10))


@pytest.mark.parametrize("moment", ["before_create", "after_create"])
def test_run_that_was_interrupted_goes_on_and_doubles_nothing(
    run: Callable[..., list[str]], service: Service, moment: str
) -> None:
    """Also where the service had done the work and the answer was never read."""
    drafts = texts(BATCH_DRAFTS + 10)

    def interrupt(items: list[Incoming]) -> None:
        if len(items) < BATCH_DRAFTS:
            raise KeyboardInterrupt

    setattr(service, moment, interrupt)
    with pytest.raises(KeyboardInterrupt, match="500 of 510 reviews exist"):
        run(drafts)
    setattr(service, moment, lambda items: None)
    assert len(set(run(drafts))) == len(service.items) == len(drafts)


def test_interrupt_in_the_middle_of_uploads_starts_no_more_of_them(
    run: Callable[..., list[str]], service: Service, bar: Bar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(n: float = 1, /) -> None:
        raise KeyboardInterrupt

    interrupted = threading.Event()
    service.before_upload = lambda data: data == b"0000" or interrupted.wait(60)
    monkeypatch.setattr(bar, "update", interrupt)
    with pytest.raises(KeyboardInterrupt, match="no review was created"):
        run(pictures(tmp_path, 400))
    interrupted.set()
    for thread in threading.enumerate():
        if thread.name.startswith("cmtools-upload"):
            thread.join(60)
    assert len(service.pictures) <= 1 + UPLOADS_AT_ONCE
    assert service.items == {}


def test_bar_counts_every_upload_and_every_review(run: Callable[..., list[str]], bar: Bar, tmp_path: Path) -> None:
    drafts = [*pictures(tmp_path, 3), *texts(2)]
    run(drafts)
    assert bar.steps == creation.count_steps(drafts) == 8


@pytest.mark.parametrize("drafts", ["cat.jpg", Draft("https://x/1", "1"), 5, None])
def test_what_is_no_list_of_drafts_is_refused_with_what_to_do(drafts: object) -> None:
    with pytest.raises(BadDraft, match="make_drafts"):
        creation.check_drafts(drafts)  # type: ignore[arg-type]


def test_member_that_is_no_draft_is_named() -> None:
    with pytest.raises(BadDraft, match=r"drafts\[1\]: it is no Draft but of type dict"):
        creation.check_drafts([Draft("https://x/1", "1"), {"content": "x"}])


@pytest.mark.parametrize(
    ("draft", "where"),
    [
        (Draft("cat.jpg", "1"), "drafts[0].content"),
        (Draft("https://x/1", ""), "drafts[0].content_id"),
        (Draft("https://x/1", "1", metadata=(("", "x"),)), "drafts[0].metadata[0].key"),
        (Draft("x", "1", "Audio"), "drafts[0].type"),
        (Draft("gone.png", "1", path=Path("/nowhere/gone.png")), "drafts[0].path"),
    ],
)
def test_draft_that_cannot_become_a_review_is_named_before_anything_is_sent(draft: Draft, where: str) -> None:
    with pytest.raises(CmtoolsError) as caught:
        creation.check_drafts([draft])
    assert caught.value.where == where
