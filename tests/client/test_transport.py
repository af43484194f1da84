"""One call: what goes out, what is tried again and what is not, and which error each failure ends in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cmtools import __version__
from cmtools.client.client import Client
from cmtools.client.transport import LONGEST_WAIT_SECONDS, WAITS, retry_after
from cmtools.client.urls import clean_url, is_loopback
from cmtools.errors import (
    BadRequest,
    CmtoolsError,
    LeaseLost,
    NotAuthorized,
    RateLimited,
    ServiceError,
    StoreError,
    Timeout,
    TransportError,
    UnknownTeam,
    Unreachable,
)
from cmtools.model import Lease
from tests.tools.ports import free_port

from .conftest import DROPPED, Reply, StandIn, refusal

COUNTS = {"pending": 1}
LEASE = {"id": "l1", "reviewer": "ana", "type": "Image", "expires_at": "2026-03-01T12:00:00Z", "token": "t0k"}
SUBMISSION = {
    "id": "s1",
    "reviewer": "ana",
    "review_ids": ["r1"],
    "created_at": "2026-03-01T12:00:00Z",
    "undo_until": "2026-03-01T12:00:05Z",
}


def held(client: Client, stand_in: StandIn) -> Lease:
    stand_in.script.append(Reply(body=LEASE))
    lease = client.checkout(1)
    stand_in.asked.clear()
    return lease


# What goes out


def test_call_carries_key_reviewer_and_the_name_of_the_program(caller: Client, stand_in: StandIn) -> None:
    stand_in.script.append(Reply(body=COUNTS))
    caller.counts()
    sent = stand_in.asked[0].headers
    assert sent["Ocp-Apim-Subscription-Key"] == "s3cret-key"
    assert sent["Cmtools-Reviewer"] == "ana"
    assert sent["User-Agent"] == f"cmtools/{__version__}"


def test_reviewer_of_any_alphabet_fits_into_the_header(connect: Callable[..., Client], stand_in: StandIn) -> None:
    stand_in.script.append(Reply(body=COUNTS))
    connect(stand_in.url, reviewer="Zoë 李").counts()
    assert stand_in.asked[0].headers["Cmtools-Reviewer"] == "Zo%C3%AB %E6%9D%8E"


def test_team_and_ids_are_percent_encoded(connect: Callable[..., Client], stand_in: StandIn) -> None:
    stand_in.script.append(refusal(404, "NotFound"))
    with pytest.raises(CmtoolsError):
        connect(stand_in.url, team="my team/x").get_review("../keys?")
    assert stand_in.asked[0].path == "/cmtools/v1/teams/my%20team%2Fx/reviews/..%2Fkeys%3F"


def test_cookies_are_not_kept(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body=COUNTS, headers={"Set-Cookie": "a=1"})
    caller.counts()
    caller.counts()
    assert "Cookie" not in stand_in.asked[1].headers


def test_proxy_of_the_environment_is_not_asked_for_this_machine(
    connect: Callable[..., Client], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    stand_in.script.append(Reply(body=COUNTS))
    assert connect(stand_in.url).counts().pending == 1


def test_proxy_that_is_not_there_is_named_as_the_trouble(
    connect: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:pass@127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unreachable, match="HTTP_PROXY") as caught:
        connect("http://service.example").counts()
    assert "pass" not in str(caught.value)


def test_threads_share_a_client(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: Reply(body={"pending": int(asked.path.rsplit("=", 1)[1])})
    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(lambda number: caller.counts(subteam=str(number)).pending, range(200)))
    assert numbers == list(range(200))


# What is tried again


def test_reading_call_is_tried_again_after_a_broken_connection(
    caller: Client, stand_in: StandIn, waits: list[float]
) -> None:
    stand_in.script += [DROPPED, DROPPED, DROPPED, Reply(body=COUNTS)]
    assert caller.counts().pending == 1
    assert waits == list(WAITS)


def test_trouble_that_lasts_is_raised_after_the_last_try(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: DROPPED
    with pytest.raises(TransportError, match="broke before") as caught:
        caller.counts()
    assert type(caught.value) is TransportError
    assert len(stand_in.asked) == len(WAITS) + 1


@pytest.mark.parametrize("call", [lambda c, lease: c.checkout(1), lambda c, lease: c.resume(lease)])
def test_checkout_and_resume_are_not_repeated_once_they_were_sent(
    caller: Client, stand_in: StandIn, call: Callable[[Client, Lease], object], waits: list[float]
) -> None:
    lease = held(caller, stand_in)
    stand_in.script += [DROPPED, Reply(body=LEASE)]
    with pytest.raises(TransportError):
        call(caller, lease)
    assert len(stand_in.asked) == 1
    assert waits == []


def test_checkout_is_tried_again_when_the_connection_was_refused(connect: Callable[..., Client]) -> None:
    port = free_port()
    client = connect(f"http://127.0.0.1:{port}")
    started: list[StandIn] = []

    def start(_: float) -> None:
        started.append(StandIn(port))
        started[0].script.append(Reply(body=LEASE))

    client._transport._sleep = start
    try:
        assert client.checkout(1).id == "l1"
        assert len(started[0].asked) == 1
    finally:
        started[0].close()


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda c, lease: c.renew(lease), LEASE),
        (lambda c, lease: c.release(lease), b""),
        (lambda c, lease: c.save(lease, {"r1": {"a": True}}), b""),
        (lambda c, lease: c.submit(lease, {"r1": {"a": True}}), SUBMISSION),
        (lambda c, lease: c.move("r1", "mail", lease), {}),
        (lambda c, lease: c.add_tag("sc"), {"name": "demo", "tags": []}),
        (lambda c, lease: c.set_threshold("sc", 0.5), {"name": "demo", "tags": []}),
        (lambda c, lease: c.remove_tag("sc"), {"name": "demo", "tags": []}),
    ],
    ids=["renew", "release", "save", "submit", "move", "add_tag", "set_threshold", "remove_tag"],
)
def test_call_that_may_be_repeated_is_repeated_unchanged(
    caller: Client, stand_in: StandIn, call: Callable[[Client, Lease], object], answer: object
) -> None:
    lease = held(caller, stand_in)
    stand_in.script += [DROPPED, Reply(body=answer)]
    call(caller, lease)
    first, second = stand_in.asked
    assert (first.method, first.path, first.body) == (second.method, second.path, second.body)
    assert first.headers.get("Cmtools-Lease-Token") == second.headers.get("Cmtools-Lease-Token")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_busy_service_is_asked_again_only_where_repeating_does_no_harm(
    caller: Client, stand_in: StandIn, status: int
) -> None:
    stand_in.script += [refusal(status), Reply(body=COUNTS)]
    assert caller.counts().pending == 1
    stand_in.script += [refusal(status), Reply(body=LEASE)]
    with pytest.raises(CmtoolsError):
        caller.checkout(1)


@pytest.mark.parametrize("status", [400, 401, 404, 409, 413, 500])
def test_refusal_is_not_argued_with(caller: Client, stand_in: StandIn, status: int) -> None:
    stand_in.script += [refusal(status), Reply(body=COUNTS)]
    with pytest.raises(CmtoolsError):
        caller.counts()
    assert len(stand_in.asked) == 1


def test_too_many_requests_are_waited_out_even_for_a_checkout(
    caller: Client, stand_in: StandIn, waits: list[float]
) -> None:
    stand_in.script += [refusal(429, "RateLimited", Retry_After="7"), Reply(body=LEASE)]
    assert caller.checkout(1).id == "l1"
    assert waits == [7.0]


def test_wait_asked_for_as_a_moment_is_counted_from_the_clock_of_the_service() -> None:
    headers = {"Retry-After": "Sun, 01 Mar 2026 12:00:09 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}
    assert retry_after(headers) == 9.0
    assert retry_after({**headers, "Date": "Sun, 01 Mar 2026 13:00:00 GMT"}) == 0.0


@pytest.mark.parametrize("asked", ["", "soon", "-5", "1.5", "٣"])
def test_wait_that_makes_no_sense_is_passed_over(asked: str) -> None:
    assert retry_after({"Retry-After": asked}) is None


def test_service_that_asks_for_a_very_long_wait_is_not_waited_for(
    caller: Client, stand_in: StandIn, waits: list[float]
) -> None:
    asked = f"{LONGEST_WAIT_SECONDS + 1:.0f}"
    stand_in.script.append(refusal(503, "StoreError", "the database is away", Retry_After=asked))
    with pytest.raises(StoreError, match=f"asks to wait {asked} s"):
        caller.counts()
    assert waits == []


# What each failure ends in


def test_service_that_is_not_running_is_one_line_that_says_how_to_start_it(connect: Callable[..., Client]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as caught:
        connect(url).team()
    assert str(caught.value) == (
        f'no service answers at {url} - start one with cm.serve("reviews.db") or "cmtools serve", or check CMTOOLS_URL'
    )


def test_host_that_does_not_exist_is_named(connect: Callable[..., Client], waits: list[float]) -> None:
    with pytest.raises(Unreachable, match=r"no host 'nowhere\.invalid'"):
        connect("http://nowhere.invalid").team()
    assert waits == []


def test_plain_server_behind_https_is_an_insecure_connection(connect: Callable[..., Client], stand_in: StandIn) -> None:
    with pytest.raises(Unreachable, match="no secure connection"):
        connect(stand_in.url.replace("http:", "https:")).team()


def test_late_answer_is_a_timeout_after_one_more_try(connect: Callable[..., Client], stand_in: StandIn) -> None:
    gate = threading.Event()
    stand_in.always = lambda _: Reply(before=gate.wait)
    try:
        with pytest.raises(Timeout, match=r"within 0\.05 s"):
            connect(stand_in.url, timeout=0.05).counts()
        while len(stand_in.asked) < 2:
            time.sleep(0.01)  # the stand-in may be slow to read what it was sent
    finally:
        gate.set()
    assert len(stand_in.asked) == 2


def test_half_an_answer_is_asked_for_again(caller: Client, stand_in: StandIn) -> None:
    stand_in.script += [Reply(body=COUNTS, cut=5), Reply(body=COUNTS)]
    assert caller.counts().pending == 1


def test_half_an_answer_to_a_checkout_is_an_error_that_says_to_look(caller: Client, stand_in: StandIn) -> None:
    stand_in.script.append(Reply(body=LEASE, cut=5))
    with pytest.raises(TransportError, match="not known - look"):
        caller.checkout(1)


@pytest.mark.parametrize("body", [b"", b"<html>Welcome to the hotel</html>", b'{"pending": ', b"[" * 100_000])
def test_answer_that_is_no_json_comes_from_another_program(caller: Client, stand_in: StandIn, body: bytes) -> None:
    stand_in.script.append(Reply(body=body))
    with pytest.raises(ServiceError, match="no review service"):
        caller.counts()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_key_is_not_sent_after_a_redirect(connect: Callable[..., Client], stand_in: StandIn, status: int) -> None:
    elsewhere = StandIn()
    try:
        stand_in.script.append(Reply(status, headers={"Location": elsewhere.url + "/login?next=x"}))
        with pytest.raises(Unreachable, match=r"sends calls on to http://127\.0\.0\.1"):
            connect(stand_in.url).counts()
        assert elsewhere.asked == []
    finally:
        elsewhere.close()


@pytest.mark.parametrize("location", ["", "http://[", "/login", "javascript:x"])
def test_redirect_to_nowhere_is_refused_too(caller: Client, stand_in: StandIn, location: str) -> None:
    stand_in.script.append(Reply(302, headers={"Location": location}))
    with pytest.raises(Unreachable, match="another address"):
        caller.counts()


def test_refusal_comes_back_as_the_class_that_the_service_raised(caller: Client, stand_in: StandIn) -> None:
    stand_in.script.append(refusal(409, "LeaseLost", "the lease has expired"))
    with pytest.raises(LeaseLost, match=r"^the lease has expired$"):
        caller.counts()


@pytest.mark.parametrize(
    ("reply", "kind", "advice"),
    [
        (refusal(401, "NotAuthorized", "Access denied"), NotAuthorized, "CMTOOLS_KEY"),
        (refusal(404, "UnknownTeam", "no such team"), UnknownTeam, "CMTOOLS_TEAM"),
        (refusal(429, "RateLimited", "too many"), RateLimited, "wait"),
        (Reply(401, b"<html><h1>Sign in</h1></html>"), NotAuthorized, "CMTOOLS_KEY"),
        (Reply(401, b""), NotAuthorized, "CMTOOLS_KEY"),
    ],
)
def test_refusal_in_few_words_is_told_with_what_to_do(
    caller: Client, stand_in: StandIn, reply: Reply, kind: type[CmtoolsError], advice: str
) -> None:
    stand_in.always = lambda _: reply
    with pytest.raises(kind) as caught:
        caller.counts()
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_advice_of_the_service_itself_is_left_as_it_is(caller: Client, stand_in: StandIn) -> None:
    said = "the service does not know this key: check CMTOOLS_KEY"
    stand_in.script.append(refusal(401, "NotAuthorized", said))
    with pytest.raises(NotAuthorized) as caught:
        caller.counts()
    assert str(caught.value) == said


def test_anything_else_that_requests_raises_is_an_error_of_ours(
    caller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.ContentDecodingError("bad gzip")

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises(TransportError, match="ContentDecodingError"):
        caller.counts()


def test_text_that_cannot_be_sent_is_refused_before_it_is(caller: Client, stand_in: StandIn) -> None:
    with pytest.raises(BadRequest, match="half a character"):
        caller.add_tag("sc", "caf\udce9")
    assert stand_in.asked == []


# Addresses


@pytest.mark.parametrize(
    "url",
    ["", "   ", "127.0.0.1:8080", "ftp://x", "http://", "http://x:port", "http://a b", "http://[::1", "http://x\n.y"],
)
def test_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadRequest, match="CMTOOLS_URL"):
        clean_url(url)


@pytest.mark.parametrize("url", ["http://ana:pw@x", "http://x?subscription-key=pw", "http://x/#pw"])
def test_address_with_a_secret_in_it_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(BadRequest, match="key=") as caught:
        clean_url(url)
    assert "pw" not in str(caught.value)


def test_address_keeps_its_path_and_port() -> None:
    assert clean_url("HTTPS://Hub.Example:8443/user/Ana/proxy/8765//") == "https://hub.example:8443/user/Ana/proxy/8765"


@pytest.mark.parametrize("host", ["localhost", "me.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known_by_each_of_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "example.org", "10.0.0.1", "localhost.example.org"])
def test_other_machines_are_not_taken_for_this_one(host: str) -> None:
    assert not is_loopback(host)
