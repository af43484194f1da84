"""What stood at an address is kept: the story of pictures whose source goes away, and of the links that show them."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Iterator

import pytest
import requests
from PIL import Image
from playwright.sync_api import sync_playwright

import cmtools as cm
from cmtools.service import copies
from cmtools.testing import RunningService, running_service
from tests.tools.browser import ARGUMENTS, chromium
from tests.tools.pictures import PictureSite, png

REVIEWS = "/contentmoderator/review/v1.0/teams/demo/reviews"
MEDIA = "/cmtools/v1/teams/demo/media"
SDK = "python/3.11 msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1"


@pytest.fixture(params=["folder", "object store"])
def service(request: pytest.FixtureRequest) -> Iterator[RunningService]:
    """A service that keeps pictures in a folder, and one that keeps them where there are no folders."""
    elsewhere = {} if request.param == "folder" else {"media": f"memory://{uuid.uuid4().hex}/pictures"}
    with running_service(content_link_seconds=60, **elsewhere) as service:
        yield service


@pytest.fixture
def site() -> Iterator[PictureSite]:
    with PictureSite(**{"1.png": png(), "2.png": png("blue", (40, 30))}) as site:
        yield site


def headers(service: RunningService) -> dict[str, str]:
    return {"Ocp-Apim-Subscription-Key": service.key}


def create(service: RunningService, content: str, **fields: object) -> str:
    item = {"Type": "Image", "Content": content, "ContentId": "1", **fields}
    answer = requests.post(service.url + REVIEWS, json=[item], headers=headers(service), timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0])


def content_of(service: RunningService, id: str) -> str:
    answer = requests.get(f"{service.url}{REVIEWS}/{id}", headers=headers(service), timeout=30)
    return str(answer.json()["content"])


def size(answer: requests.Response) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).size


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["Error"]["Code"]


def test_picture_outlives_its_source(service: RunningService, site: PictureSite) -> None:
    source = site.url + "1.png"
    id = create(service, source)
    assert content_of(service, id) == source, "as long as there is no copy"
    service.advance(0)
    site.go_away()

    address = content_of(service, id)
    assert address.startswith(f"{service.url}{MEDIA}/IMG_{id}?expires=")
    assert size(requests.get(address, timeout=30)) == (200, 150)
    assert service.client().get_review(id).content == source, "our own API names the source, as ever"
    assert size(
        requests.get(
            f"{service.url}/cmtools/v1/teams/demo/reviews/{id}/thumbnail?size=100", headers=headers(service), timeout=30
        )
    ) == (100, 75)


def test_link_dies_after_its_time_and_the_review_has_a_new_one(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    service.advance(0)
    address = content_of(service, id)
    service.advance(59)
    assert size(requests.get(address, timeout=30)) == (200, 150)
    service.advance(1)
    late = requests.get(address, timeout=30)
    assert refusal(late) == (401, "NotAuthorized")
    assert "GET the review again" in late.json()["Error"]["Message"]
    assert size(requests.get(content_of(service, id), timeout=30)) == (200, 150)


def test_key_shows_the_picture_too_and_a_wrong_one_does_not(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    service.advance(0)
    address = content_of(service, id).partition("?")[0]
    assert size(requests.get(address, headers=headers(service), timeout=30)) == (200, 150)
    assert size(requests.get(f"{address}?subscription-key={service.key}", timeout=30)) == (200, 150)
    assert refusal(requests.get(address, timeout=30)) == (401, "NotAuthorized")
    assert refusal(requests.get(f"{address}?subscription-key=wrong", timeout=30)) == (401, "NotAuthorized")
    other = {"Ocp-Apim-Subscription-Key": service.add_team("other")}
    assert refusal(requests.get(address, headers=other, timeout=30)) == (404, "UnknownTeam")


def test_link_to_one_picture_opens_no_other(
    service: RunningService, site: PictureSite, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = create(service, site.url + "1.png"), create(service, site.url + "2.png")
    service.advance(0)
    address = content_of(service, first)
    query = address.partition("?")[2]
    forged = [address.replace(first, second), address.replace("demo", "other"), f"{address}0", f"{address}&expires=99"]
    answers = [requests.get(each, timeout=30) for each in forged]
    assert [answer.status_code for answer in answers] == [401] * 4
    reviews = requests.get(f"{service.url}{REVIEWS}/{first}?{query}", timeout=30)
    assert refusal(reviews) == (401, "NotAuthorized"), "it shows a picture and nothing else"
    assert query.rpartition("=")[2] not in caplog.text + "".join(answer.text for answer in answers)


def test_head_says_what_get_would(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    service.advance(0)
    address = content_of(service, id)
    answer = requests.head(address, timeout=30)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == requests.get(address, timeout=30).headers["Content-Length"]


def test_picture_may_stand_in_any_page_and_be_nothing_but_a_picture(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    service.advance(0)
    answer = requests.get(content_of(service, id), timeout=30)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"].startswith("private")


def test_page_of_another_site_shows_the_picture(site: PictureSite) -> None:
    with running_service() as service, sync_playwright() as playwright:
        id = create(service, site.url + "1.png")
        service.advance(0)
        site.pages["page"] = f"<!doctype html><img src='{content_of(service, id)}'>".encode()
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(site.url.replace("127.0.0.1", "localhost") + "page")  # to a browser that is another site
        page.wait_for_function("document.images[0].complete")
        assert page.evaluate("document.images[0].naturalWidth") == 200
        browser.close()


def test_uploaded_picture_has_a_link_at_once(service: RunningService) -> None:
    picture = requests.post(
        f"{service.url}/cmtools/v1/teams/demo/pictures", data=png(), headers=headers(service), timeout=30
    ).json()
    id = create(service, picture["content"])
    assert size(requests.get(content_of(service, id), timeout=30)) == (200, 150)
    assert service.client().get_review(id).content == picture["content"]


def test_sdks_are_given_the_link_too(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    service.advance(0)
    answer = requests.get(
        f"{service.url}{REVIEWS}/{id}", headers={**headers(service), "User-Agent": SDK}, timeout=30
    ).json()
    assert size(requests.get(answer["Content"], timeout=30)) == (200, 150)


@pytest.mark.parametrize(("type", "content"), [("Text", "http://words/1.png"), ("Video", "https://x.org/talk.ism")])
def test_texts_and_videos_read_back_as_they_came(service: RunningService, type: str, content: str) -> None:
    id = create(service, content, Type=type)
    service.advance(0)
    assert content_of(service, id) == content
    media = requests.get(f"{service.url}{MEDIA}/IMG_{id}", headers=headers(service), timeout=30)
    assert refusal(media) == (404, "NotFound")


def test_frames_have_links_of_their_own(service: RunningService, site: PictureSite) -> None:
    frames = [{"Timestamp": 30, "FrameImage": site.url + "2.png"}, {"Timestamp": 45, "FrameImage": site.url + "no"}]
    id = create(service, "https://x.org/talk.ism", Type="Video", VideoFrames=frames, Timescale=30)
    service.advance(0)
    site.go_away()
    shown = requests.get(f"{service.url}{REVIEWS}/{id}/frames", headers=headers(service), timeout=30).json()
    first, second = (frame["frameImage"] for frame in shown["videoFrames"])
    assert first.startswith(f"{service.url}{MEDIA}/FRM_{id}_1000.jpg?")
    assert size(requests.get(first, timeout=30)) == (40, 30)
    assert second == site.url + "no", "it could not be copied, so its source stays"


def test_unreachable_source_costs_nobody_anything(service: RunningService, site: PictureSite) -> None:
    gone, good = create(service, "http://127.0.0.1:9/gone.jpg"), create(service, site.url + "1.png")
    for wait in (0, *copies.WAITS_SECONDS, sum(copies.WAITS_SECONDS)):
        service.advance(wait)
    client = service.client()
    assert content_of(service, gone) == "http://127.0.0.1:9/gone.jpg"
    assert "/IMG_" in content_of(service, good)
    assert {review.id for review in client.checkout().reviews} == {gone, good}
    events = [event for event in client.events(gone) if event.action == "copy"]
    assert [event.after["again"] for event in events] == [True] * len(copies.WAITS_SECONDS) + [False]
    assert "cannot be reached" in str(events[0].after["problem"])
    shown = requests.get(f"{service.url}{MEDIA}/IMG_{gone}", headers=headers(service), timeout=30)
    assert refusal(shown) == (404, "NotFound")
    assert "cannot be reached" in shown.json()["Error"]["Message"]


def test_picture_looked_at_before_its_copy_is_copied_by_that(service: RunningService, site: PictureSite) -> None:
    id = create(service, site.url + "1.png")
    thumbnail = f"{service.url}/cmtools/v1/teams/demo/reviews/{id}/thumbnail"
    assert size(requests.get(thumbnail, headers=headers(service), timeout=30)) == (200, 150)
    site.pages["1.png"] = png("green", (10, 10))
    service.advance(0)
    assert site.asked == ["1.png"]
    assert size(requests.get(content_of(service, id), timeout=30)) == (200, 150)


def test_link_may_be_the_content_of_another_review(service: RunningService, site: PictureSite) -> None:
    first = create(service, site.url + "1.png")
    service.advance(0)
    second = create(service, content_of(service, first))
    service.advance(3600)
    assert site.asked == ["1.png"], "the service does not fetch its own pictures"
    assert size(requests.get(content_of(service, second), timeout=30)) == (200, 150)


def test_nothing_is_fetched_where_the_settings_say_so(site: PictureSite) -> None:
    with running_service(copy_content=False) as service:
        id = create(service, site.url + "1.png")
        service.advance(3600)
        assert content_of(service, id) == site.url + "1.png"
        assert site.asked == []


def test_service_of_ones_own_copies_by_itself(site: PictureSite) -> None:
    with cm.serve() as service:
        client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
        (id,) = client.create_reviews(cm.make_drafts([site.url + "1.png"]), progress=False)
        until = time.monotonic() + 30
        while not any(event.action == "copy" for event in client.events(id)):
            assert time.monotonic() < until
    assert site.asked == ["1.png"]
