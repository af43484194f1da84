"""The dashboard as a web page on the real service: who has the token looks around, who has not sees nothing."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cmtools import Draft
from cmtools.testing import RunningService, running_service
from tests.tools.axe import violations
from tests.widgets.fake_client import plain_picture
from tests.widgets.site import PATIENCE, Site, running_dashboard
from tests.widgets.test_portal_site import REFUSED_CODE

PICTURES = 6


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    """A service with six pictures decided, half of them otherwise than the auto tag, some by night."""
    with running_service() as running:
        client = running.client("ana")
        client.add_subteam("night")
        made = [client.upload(plain_picture(number, 320)) for number in range(PICTURES)]
        drafts = [Draft(f"media:{one.id}", f"photo-{n}", metadata=(("a", "True"),)) for n, one in enumerate(made)]
        client.create_reviews(drafts[:2], subteam="night", progress=False)
        client.create_reviews(drafts[2:], progress=False)
        while (lease := client.checkout()).reviews:
            client.submit(lease, {each.id: {"a": int(each.content_id[-1]) % 2 == 0} for each in lease.reviews})
        running.advance(10)
        yield running


@pytest.fixture(scope="module")
def site(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    given = {"CMTOOLS_URL": service.url, "CMTOOLS_TEAM": service.team, "CMTOOLS_KEY": service.key}
    with running_dashboard(tmp_path_factory.mktemp("dashboard"), given, "--by", "subteam") as running:
        yield running


class Seen:
    """A page that was opened with the token: it, its source, and all that the browser asked for."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.requests: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url + (request.post_data or "")))
        answer = page.goto(f"{site.url}?token={site.token}")
        assert answer is not None
        self.source, self.headers = answer.text(), answer.headers
        expect(page.locator(".cm-dashboard .cm-card").first).to_be_visible(timeout=PATIENCE)

    def kernel(self) -> str:
        found = re.search(r'"kernelId": "([0-9a-f-]+)"', self.source)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site) -> Iterator[Seen]:
    """One visitor for all tests."""
    context = browser.new_context()
    yield Seen(context.new_page(), site)
    context.close()


def fetched(url: str, method: str = "GET") -> int:
    """The status at the end of all redirects, for somebody without token and cookie."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_visitor_sees_figures_and_pictures_and_looks_around(seen: Seen) -> None:
    page = seen.page
    dashboard = page.locator(".cm-dashboard")
    expect(dashboard.locator(".cm-shot img")).to_have_count(PICTURES // 2)
    dashboard.locator('.cm-card[data-measure="recall"]').click()
    dashboard.locator('.cm-slice[data-slice="night"]').click()
    expect(dashboard.locator(".cm-figures h3")).to_have_text("Tag a, subteam night")
    expect(dashboard.locator(".cm-shot img")).to_have_count(1)
    dashboard.get_by_role("button", name="r", exact=True).click()
    expect(dashboard.locator(".cm-figures h3")).to_contain_text("Tag r")
    assert violations(page, ".cm-dashboard") == []
    assert page.title() == "Agreement"


def test_key_is_nowhere_and_the_token_leaves_the_address(seen: Seen, site: Site, service: RunningService) -> None:
    page = seen.page
    stores = page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    for where in (page.content(), seen.source, stores, *seen.requests, str(page.context.cookies())):
        assert service.key not in where
    assert "cmtools as cm" not in seen.source
    assert "https://" not in seen.source
    assert page.url == site.url
    assert [request for request in seen.requests[1:] if site.token in request] == []


def test_a_browser_cannot_run_code_in_its_kernel(seen: Seen, tmp_path: Path) -> None:
    seen.page.evaluate(REFUSED_CODE, [seen.kernel(), str(tmp_path / "written")])
    assert not (tmp_path / "written").exists()


def test_page_cannot_be_made_another_by_its_address(seen: Seen, site: Site) -> None:
    for query in ("?template=lab", "?theme=dark", "?template=../../etc"):
        answer = seen.page.context.request.get(site.url + query)
        assert 'id="loading"' in answer.text()
        assert "cmtools as cm" not in answer.text()


def test_who_has_the_token_gets_no_files(seen: Seen, site: Site) -> None:
    for path in ("voila/files/page.ipynb", "page.ipynb", "voila/tree", "api/contents", "api/kernels"):
        assert seen.page.context.request.get(site.url + path).status in (403, 404)


@pytest.mark.parametrize(
    "path", ["", "?token=wrong", "login", "login?next=/", "voila/render/page.ipynb", "api/kernels"]
)
def test_without_the_token_there_is_only_a_word_about_it(site: Site, path: str) -> None:
    assert fetched(site.url + path) == 401


def test_without_the_token_a_kernel_is_neither_read_nor_ended(seen: Seen, site: Site) -> None:
    kernel = f"api/kernels/{seen.kernel()}"
    assert fetched(site.url + kernel) == 403
    assert fetched(site.url + kernel, "DELETE") == 403
    assert fetched(f"{site.url}{kernel}/channels") == 403
    assert fetched(f"{site.url}voila/api/shutdown/{seen.kernel()}", "POST") == 403
    expect(seen.page.locator(".cm-dashboard")).to_be_visible()


def test_a_visitor_who_leaves_takes_the_kernel_along(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    one = Seen(context.new_page(), site)
    kernel = f"{site.url}api/kernels/{one.kernel()}"
    assert context.request.get(kernel).status == 200
    one.page.goto("about:blank")
    deadline = time.monotonic() + PATIENCE / 1000
    while context.request.get(kernel).status != 404 and time.monotonic() < deadline:
        time.sleep(0.1)  # a kernel that ends can only be asked after
    assert context.request.get(kernel).status == 404
    context.close()


def test_page_says_to_a_newcomer_which_address_to_open(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("h1")).to_have_text("This page needs its token")
    context.close()
