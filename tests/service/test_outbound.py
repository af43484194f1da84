"""What the service calls by itself, and what it refuses to call."""

from __future__ import annotations

import gzip

import pytest

from cmtools.service import outbound
from cmtools.service.outbound import Outbound, Refused
from cmtools.service.settings import Settings
from cmtools.testing import CallbackSink
from tests.tools.pictures import PictureSite

GUARDED = Outbound(Settings(database="unused"))
EMBEDDED = Outbound(Settings(database="unused", allow_loopback=True))
INNER = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
]
NEVER = [
    "http://169.254.169.254/latest",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://[fe80::1]/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "http://[fd00::1]/",
]


@pytest.mark.parametrize("address", INNER)
def test_no_spelling_of_this_machine_is_called(address: str) -> None:
    with CallbackSink() as sink:
        port = sink.url.split(":")[2].split("/")[0]
        with pytest.raises(Refused):
            GUARDED.post_json(address.format(port=port), b"{}", {})
        with pytest.raises(Refused):
            GUARDED.fetch_picture(address.format(port=port))
        assert sink.received == []


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("outbound", [GUARDED, EMBEDDED], ids=["guarded", "embedded"])
def test_inner_networks_and_other_schemes_are_never_called(outbound: Outbound, address: str) -> None:
    with pytest.raises(Refused, match=r"not an address|cannot be reached"):
        outbound.post_json(address, b"{}", {})


def test_embedded_service_may_call_this_machine() -> None:
    with CallbackSink() as sink:
        assert EMBEDDED.post_json(sink.url, b'{"a": 1}', {}).status == 200
        assert sink.received == [{"a": 1}]


def test_redirect_is_an_answer_and_not_followed() -> None:
    with CallbackSink() as sink:
        sink.status = 307
        assert EMBEDDED.post_json(sink.url, b"{}", {}).status == 307
        assert len(sink.received) == 1


def test_secrets_in_an_addresss_query_are_in_no_message() -> None:
    with pytest.raises(Refused) as caught:
        EMBEDDED.post_json("http://127.0.0.1:9/hook?sig=geheim", b"{}", {})
    assert "geheim" not in str(caught.value)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with CallbackSink() as sink:
        assert EMBEDDED.post_json(sink.url, b"{}", {}).status == 200


@pytest.mark.parametrize(
    "drip", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["status", "header", "body"]
)
def test_answer_that_drips_for_ever_ends_in_time(drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(outbound, "FETCH_SECONDS", 0.4)
    impatient = Outbound(Settings(database="unused", allow_loopback=True, callback_timeout_seconds=0.2))
    with PictureSite() as site:
        site.drip = drip
        with pytest.raises(Refused, match="did not answer in time"):
            impatient.fetch_picture(site.url)


def test_picture_is_asked_for_unpacked_and_not_unpacked() -> None:
    packed = gzip.compress(bytes(1_000_000))
    with PictureSite(**{"1.png": packed}) as site:
        assert EMBEDDED.fetch_picture(site.url + "1.png") == packed
        assert site.headers[0]["Accept-Encoding"] == "identity"


def test_picture_that_ends_too_early_is_not_taken() -> None:
    with PictureSite(**{"1.png": b"x" * 1000}) as site:
        site.short = 10
        with pytest.raises(Refused, match="cannot be reached"):
            EMBEDDED.fetch_picture(site.url + "1.png")


def test_picture_is_followed_to_where_its_address_leads() -> None:
    with PictureSite(**{"1.png": b"picture", "old": "/older", "older": "1.png"}) as site:
        assert EMBEDDED.fetch_picture(site.url + "old") == b"picture"
        assert site.asked == ["old", "older", "1.png"]


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd"])
def test_picture_is_not_followed_to_where_the_service_may_not_go(target: str) -> None:
    with PictureSite(old=target) as site, pytest.raises(Refused, match=r"not an address|cannot be reached"):
        EMBEDDED.fetch_picture(site.url + "old")


def test_picture_is_not_followed_for_ever() -> None:
    with PictureSite(old="old") as site:
        with pytest.raises(Refused, match="leads on more than 3 times"):
            EMBEDDED.fetch_picture(site.url + "old")
        assert len(site.asked) == 4
