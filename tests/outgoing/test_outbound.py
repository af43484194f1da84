"""What is called from here, and what is refused."""

from __future__ import annotations

import gzip
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cmtools.outgoing.outbound import Outbound, Refused, Unanswered
from cmtools.outgoing.policy import Policy
from cmtools.testing import CallbackSink
from tests.tools.pictures import PictureSite

GUARDED = Outbound(Policy())
EMBEDDED = Outbound(Policy(allow_loopback=True))
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
def test_answer_that_drips_for_ever_ends_in_time(drip: bytes) -> None:
    impatient = Outbound(Policy(allow_loopback=True, connect_seconds=0.2, answer_seconds=0.2, fetch_seconds=0.4))
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


# --- calls of an API --------------------------------------------------------------------------------------------------


class Api:
    """Takes any method and answers with what stands in ``reply``; keeps what it was asked."""

    def __init__(self) -> None:
        self.reply: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Api:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                api.asked.append((self.command, self.path, dict(self.headers.items()), body))
                status, headers, answer = api.reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_PUT(self) -> None:
                self.do_POST()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        yield api


def test_call_sends_method_headers_and_body_and_gives_the_whole_answer(api: Api) -> None:
    api.reply = (418, {"Retry-After": "7", "Content-Type": "text/plain"}, b"short and stout")
    answer = EMBEDDED.call("PUT", api.url + "tea?pot=1", {"X-Key": "geheim"}, b"leaves")
    assert (answer.status, answer.headers["retry-after"], answer.body) == (418, "7", b"short and stout")
    ((method, path, headers, body),) = api.asked
    assert (method, path, headers["X-Key"], body) == ("PUT", "/tea?pot=1", "geheim", b"leaves")
    assert headers["Accept-Encoding"] == "identity"


def test_body_of_an_answer_is_in_no_repr(api: Api) -> None:
    api.reply = (200, {}, b"geheim")
    assert "geheim" not in repr(EMBEDDED.call("POST", api.url, {}, b""))


def test_call_follows_no_redirect(api: Api) -> None:
    api.reply = (307, {"Location": "/elsewhere"}, b"")
    assert EMBEDDED.call("POST", api.url, {"X-Key": "geheim"}, b"").status == 307
    assert len(api.asked) == 1


def test_answer_of_too_many_bytes_is_cut_off(api: Api) -> None:
    api.reply = (200, {}, b"x" * 2_000_001)
    with pytest.raises(Refused, match="the answer has more than 2 MB"):
        EMBEDDED.call("POST", api.url, {}, b"", most_bytes=2_000_000)
    assert len(EMBEDDED.call("POST", api.url, {}, b"", most_bytes=2_000_001).body) == 2_000_001


def test_packed_answer_is_not_unpacked(api: Api) -> None:
    api.reply = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(10_000_000)))
    assert EMBEDDED.call("POST", api.url, {}, b"").body == api.reply[2]


@pytest.mark.parametrize("address", [*INNER, *NEVER])
def test_call_is_guarded_like_everything(address: str, api: Api) -> None:
    port = api.url.rpartition(":")[2].strip("/")
    with pytest.raises(Refused):
        GUARDED.call("POST", address.format(port=port), {}, b"")
    assert api.asked == []


def test_call_that_nobody_answers_is_told_without_query_or_headers() -> None:
    secret = "-".join(["ge", "heim"])  # not as the trace shows this very line
    with pytest.raises(Unanswered) as caught:
        EMBEDDED.call("POST", f"http://127.0.0.1:9/analyze?sig={secret}", {"X-Key": secret}, secret.encode())
    assert "http://127.0.0.1:9/analyze cannot be reached" in str(caught.value)
    assert secret not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "drip", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["status", "header", "body"]
)
def test_answer_to_a_call_that_drips_for_ever_ends_in_time(drip: bytes) -> None:
    impatient = Outbound(Policy(allow_loopback=True, connect_seconds=0.2, answer_seconds=0.2))
    with PictureSite() as site:
        site.drip = drip
        with pytest.raises(Unanswered, match="did not answer in time"):
            impatient.call("GET", site.url, {}, b"")
