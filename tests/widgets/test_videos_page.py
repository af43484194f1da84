"""Videos on a board's page: frames with tags of their own, transcript, player; by mouse and by keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cmtools.errors import Unreachable
from cmtools.model import Term, Transcript
from cmtools.widgets.board import ReviewBoard
from tests.tools import axe
from tests.tools.film import film
from tests.widgets.conftest import Show, until
from tests.widgets.fake_client import FakeClient, FakeService

SAID = """WEBVTT

00:00.000 --> 00:02.900
<v Ana>Welcome & <b>hello</b>

00:03.000 --> 00:05.900
What a crap day

00:06.000 --> 00:09.000
שלום עולם"""

PLAYER = "document.querySelector('.cm-player iframe').contentDocument.querySelector('video')"


@pytest.fixture
def videos() -> FakeService:
    """Two videos; the first with twelve frames, every fourth of which auto says is ``r``, and a transcript."""
    service = FakeService()
    first, second = service.fill(2, type="Video", a=True, r=False)
    service.add_frames(first, 12)
    service.add_frames(second, 3)
    service.transcripts[first] = Transcript(SAID, (Term("1", 7, "crap"),))
    return service


@pytest.fixture
def board(videos: FakeService) -> ReviewBoard:
    return ReviewBoard(FakeClient(videos), type="Video")  # type: ignore[arg-type]


class Station:
    """A server with one small film; it writes down with which headers it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        data = film([Image.new("RGB", (64, 48), colour) for colour in ("navy", "teal", "maroon", "olive")] * 3)
        station = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None: ...

            def do_GET(self) -> None:
                station.asked.append(dict(self.headers))
                start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
                self.send_response(206)
                self.send_header("Content-Type", "video/webm")
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                self.wfile.write(data[start:])

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/film.webm"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def station(videos: FakeService) -> Iterator[Station]:
    """The first video plays from there."""
    made = Station()
    videos.set(next(iter(videos.reviews)), content=made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


def card(page: Page, number: int = 0) -> Locator:
    return page.locator(f'.cm-tile[data-index="{number}"]')


def frame(page: Page, moment: int) -> Locator:
    return card(page).locator(f'.cm-frame[data-frame="{moment}"]')


def chip(page: Page, moment: int, tag: str) -> Locator:
    return frame(page, moment).locator(f'[data-tag="{tag}"]')


def on(yes: bool) -> str:
    return "true" if yes else "false"


# Looking --------------------------------------------------------------------------------------------------------------


def test_a_video_is_a_card_with_frames_transcript_and_tags(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(card(page).locator(".cm-video-bar")).to_contain_text("12 frames · 3 tagged")
    expect(chip(page, 4500, "r")).to_have_attribute("aria-pressed", "true")
    expect(frame(page, 4500)).to_contain_text("0:04.5")
    expect(frame(page, 0).locator("img.cm-loaded")).to_be_visible()
    expect(card(page).locator(".cm-line")).to_have_count(3)
    expect(card(page).locator(".cm-line").first).to_have_text("0:00Ana: Welcome & hello")
    expect(card(page).locator(".cm-line mark")).to_have_text("crap")
    expect(card(page).locator('.cm-tag[data-tag="a"]')).to_have_attribute("aria-pressed", "true")


def test_a_line_of_the_transcript_jumps_to_its_frame(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    card(page).locator(".cm-line").nth(1).click()
    expect(frame(page, 3000)).to_have_attribute("aria-current", "true")
    expect(card(page).locator(".cm-line").nth(1)).to_have_attribute("aria-selected", "true")
    card(page).locator(".cm-lines").focus()
    page.keyboard.press("ArrowDown")
    expect(frame(page, 6000)).to_have_attribute("aria-current", "true")


def test_ten_thousand_frames_are_a_strip_of_a_few(page: Page, show: Show, videos: FakeService) -> None:
    first = next(iter(videos.reviews))
    videos.add_frames(first, 10_000)
    show(ReviewBoard(FakeClient(videos), type="Video"))
    expect(card(page).locator(".cm-video-bar")).to_contain_text("10,000 frames · 2,500 tagged")
    frame(page, 0).click()
    page.keyboard.press("End")
    expect(frame(page, 14_998_500)).to_be_focused()
    expect(frame(page, 14_998_500).locator("img.cm-loaded")).to_be_visible()
    assert card(page).locator(".cm-frame").count() < 30
    page.keyboard.press("r")
    expect(chip(page, 14_998_500, "r")).to_have_attribute("aria-pressed", "false")


def test_only_tagged_frames_are_shown_when_that_is_chosen(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    only = card(page).locator('[data-action="only-tagged"]')
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(card(page).locator(".cm-frame")).to_have_count(3)
    only.click()
    expect(frame(page, 0)).to_be_visible()


def test_a_video_without_frames_and_transcript_says_so(page: Page, show: Show) -> None:
    bare = FakeService()
    bare.fill(1, type="Video")
    show(ReviewBoard(FakeClient(bare), type="Video"))
    expect(card(page)).to_contain_text("This video has no frames")
    expect(card(page)).to_contain_text("No transcript")


def test_a_transcript_that_cannot_be_had_says_why(page: Page, show: Show, board: ReviewBoard) -> None:
    board._client.service.broken, board._client.service.breaks = Unreachable("The service is away"), "transcript"
    show(board)
    expect(card(page).locator(".cm-lines")).to_have_text("The service is away")


def test_frames_are_veiled_until_one_is_held(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    expect(frame(page, 0).locator("img.cm-loaded")).to_be_visible()
    expect(frame(page, 0).locator(".cm-clear")).to_have_count(0)
    frame(page, 1500).locator(".cm-picture").hover()
    page.mouse.down()
    expect(frame(page, 1500).locator(".cm-clear")).to_be_visible()
    expect(frame(page, 0).locator(".cm-clear")).to_have_count(0)
    page.mouse.up()
    expect(frame(page, 1500).locator(".cm-clear")).to_have_count(0)
    frame(page, 1500).focus()
    page.keyboard.down(" ")
    expect(frame(page, 1500).locator(".cm-clear")).to_be_visible()
    page.keyboard.up(" ")
    expect(page.locator(".cm-board")).to_contain_text("2 revealed")


def test_details_tell_of_the_frame_that_is_looked_at(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    frame(page, 1500).click()
    page.keyboard.press("Enter")
    told = page.locator(".cm-details").get_by_role("region", name="Frame")
    expect(told).to_contain_text("Milliseconds1500")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("Milliseconds3000")


# Switching ------------------------------------------------------------------------------------------------------------


def test_a_person_with_a_mouse_reviews_a_video(page: Page, show: Show, board: ReviewBoard, videos: FakeService) -> None:
    show(board)
    first = board.reviews[0].id
    chip(page, 0, "a").click()
    chip(page, 4500, "r").click()
    card(page).locator('.cm-tag[data-tag="sc"]').click()
    expect(chip(page, 0, "a")).to_have_attribute("aria-pressed", "true")
    expect(chip(page, 4500, "r")).to_have_attribute("data-changed", "")
    page.locator('[data-action="next"]').click()
    expect(page.locator(".cm-panel")).to_contain_text("All reviewed")
    assert videos.sent[max(videos.sent)].answers[first] == {"a": True, "r": False, "sc": True}
    assert videos.reviews[first].frames[0].toggles == {"a": True}
    assert videos.reviews[first].frames[3].toggles == {"r": False}


def test_a_person_with_a_keyboard_alone_reviews_a_video(
    page: Page, show: Show, board: ReviewBoard, videos: FakeService
) -> None:
    show(board)
    first = board.reviews[0].id
    expect(frame(page, 0)).to_be_visible()
    card(page).focus()
    page.keyboard.press("s")
    for key in ("ArrowRight", "ArrowRight", "a", "ArrowRight", "r", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(card(page)).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    expect(card(page, 1)).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator(".cm-panel")).to_contain_text("All reviewed")
    assert videos.sent[max(videos.sent)].answers[first] == {"a": False, "r": False, "sc": True}
    frames = videos.reviews[first].frames
    assert (frames[1].toggles, frames[2].toggles) == ({"a": True}, {"r": True})


@pytest.mark.usefixtures("page_clock")
def test_a_frames_toggle_is_painted_before_the_kernel_answers_and_said_again_when_it_is_back(
    page: Page, show: Show, board: ReviewBoard
) -> None:
    bridge = show(board)
    expect(chip(page, 1500, "a")).to_be_visible()
    with bridge.deaf(page):
        chip(page, 1500, "a").click()
        expect(chip(page, 1500, "a")).to_have_attribute("aria-pressed", "true")
        page.clock.run_for(8_000)
    page.clock.run_for(8_000)
    page.wait_for_function("window.sent.filter((message) => message.type === 'frame_toggle').length > 1")
    expect(page.locator(".cm-notice")).to_be_hidden()
    until(page, lambda: board._state.screen.items[board.reviews[0].id].frame_tags(1500)["a"] is True)


def test_a_frame_is_looked_at_whichever_way_it_got_the_focus(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    frame(page, 1500).click()
    frame(page, 4500).evaluate("(frame) => frame.focus()")  # as assistive technology does
    expect(frame(page, 4500)).to_have_attribute("aria-current", "true")
    expect(frame(page, 1500)).not_to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(chip(page, 4500, "a")).to_have_attribute("aria-pressed", "true")
    chip(page, 0, "r").evaluate("(chip) => chip.focus()")
    expect(frame(page, 0)).to_have_attribute("aria-current", "true")


def test_what_was_switched_last_is_taken_back(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board)
    chip(page, 1500, "a").click()
    frame(page, 1500).focus()
    page.keyboard.press("Control+z")
    expect(chip(page, 1500, "a")).to_have_attribute("aria-pressed", "false")
    page.wait_for_function("window.sent.filter((message) => message.type === 'frame_toggle').length === 2")
    page.evaluate("window.last")
    assert board._state.screen.items[board.reviews[0].id].frame_tags(1500)["a"] is False


def test_two_views_show_the_same_frames(page: Page, show: Show, board: ReviewBoard) -> None:
    show(board, "views=2")
    chips = page.locator('.cm-tile[data-index="0"] .cm-frame[data-frame="0"] [data-tag="a"]')
    chips.first.click()
    expect(chips.last).to_have_attribute("aria-pressed", "true")


# Playing --------------------------------------------------------------------------------------------------------------


def test_nothing_plays_before_a_person_says_so(page: Page, show: Show, videos: FakeService, station: Station) -> None:
    show(ReviewBoard(FakeClient(videos), type="Video"))
    expect(card(page)).to_contain_text("your browser fetches it from 127.0.0.1")
    expect(frame(page, 0).locator("img.cm-loaded")).to_be_visible()
    expect(page.locator("video, iframe")).to_have_count(0)
    assert station.asked == []


@pytest.fixture
def playing(page: Page, show: Show, videos: FakeService, station: Station) -> Station:
    """The first video plays on the page."""
    show(ReviewBoard(FakeClient(videos), type="Video"))
    expect(frame(page, 0)).to_be_visible()
    card(page).locator('[data-action="play"]').click()
    page.wait_for_function(f"{PLAYER}?.currentTime > 0")
    return station


def test_it_plays_without_sound_and_says_nothing_of_where(page: Page, playing: Station) -> None:
    assert page.evaluate(f"{PLAYER}.muted") is True
    assert "Referer" not in playing.asked[0]
    expect(card(page).locator('[data-action="play"]')).to_have_text("Pause")
    card(page).locator('[data-action="play"]').click()
    page.wait_for_function(f"{PLAYER}.paused")
    card(page).focus()
    page.keyboard.press(".")
    page.wait_for_function(f"!{PLAYER}.paused")


def test_lines_and_frames_move_the_player_and_follow_it(page: Page, playing: Station) -> None:
    card(page).locator('[data-action="play"]').click()
    card(page).locator(".cm-line").nth(2).click()
    page.wait_for_function(f"{PLAYER}.currentTime >= 6")
    frame(page, 3000).click()
    page.wait_for_function(f"{PLAYER}.currentTime < 4")
    page.evaluate(f"{PLAYER}.currentTime = 6.2")
    expect(frame(page, 6000)).to_have_attribute("aria-current", "true")
    expect(card(page).locator(".cm-line").nth(2)).to_have_attribute("aria-selected", "true")


def test_what_plays_is_veiled_until_it_is_held(page: Page, playing: Station) -> None:
    shown = card(page).locator(".cm-player iframe")
    veiled = "(frame) => getComputedStyle(frame).filter"
    assert "blur" in shown.evaluate(veiled)
    card(page).locator(".cm-cover").hover()
    page.mouse.down()
    expect(card(page).locator(".cm-player")).to_contain_class("cm-shown")
    assert shown.evaluate(veiled) == "none"
    page.mouse.up()
    expect(card(page).locator(".cm-player")).not_to_contain_class("cm-shown")


def test_an_address_that_does_not_play_says_so(page: Page, show: Show, videos: FakeService) -> None:
    first, second = list(videos.reviews)
    videos.set(first, content="http://127.0.0.1:1/none.mp4")
    videos.set(second, content="rtmp://example.org/stream")
    show(ReviewBoard(FakeClient(videos), type="Video"))
    card(page).locator('[data-action="play"]').click()
    expect(card(page)).to_contain_text("This browser cannot play the address")
    expect(card(page, 1).locator('[data-action="play"]')).to_have_attribute("aria-disabled", "true")


# Looks ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["", "dark"])
def test_axe_finds_nothing_grave_on_videos(page: Page, show: Show, board: ReviewBoard, theme: str) -> None:
    show(board, theme)
    frame(page, 1500).click()
    page.keyboard.press("Enter")
    expect(page.locator(".cm-details")).to_contain_text("Milliseconds1500")
    assert axe.violations(page, ".cm-board") == []
