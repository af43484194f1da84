"""Nobody sends this program into the network that it stands in: by no spelling, no name, no redirect.

The canary listens on this machine and counts who connects.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import pytest

from cmtools.errors import CmtoolsError
from cmtools.outgoing import guard, hurry
from cmtools.outgoing.outbound import Outbound, Refused
from cmtools.outgoing.policy import Policy
from cmtools.testing import CallbackSink
from tests.tools.pictures import PictureSite, png

from .canary import OUTSIDE, SPELLINGS, Canary, a_canary, know_names


@pytest.fixture
def canary() -> Iterator[Canary]:
    with a_canary() as canary:
        yield canary


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the names of these tests stand for."""
    return know_names(monkeypatch)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[PictureSite], list[str]]:
    """Lets a site of this machine stand in for `OUTSIDE`; gives the addresses that were really connected to."""
    really = hurry.create_connection

    def prepare(site: PictureSite) -> list[str]:
        called: list[str] = []
        port = int(site.url.rpartition(":")[2].strip("/"))

        def connect(place: tuple[str, int], *rest: float, **named: object) -> socket.socket:
            called.append(place[0])
            return really(("127.0.0.1", port) if place[0] == OUTSIDE else place, *rest, **named)

        monkeypatch.setattr(hurry, "create_connection", connect)
        return called

    return prepare


def outbound(**policy: object) -> Outbound:
    return Outbound(Policy(**{"answer_seconds": 0.2, **policy}))


def test_there_are_enough_spellings() -> None:
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 60


# --- the canary can be reached, so that its silence says something ----------------------------------------------------


@pytest.mark.parametrize(
    "spelling", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://inner.test:{port}/"]
)
def test_canary_is_reached_without_the_guard(spelling: str, canary: Canary) -> None:
    address = spelling.replace("{port}", str(canary.port))
    for call in (
        lambda: outbound(allow_loopback=True).post_json(address, b"{}", {}),
        lambda: outbound(allow_loopback=True).fetch_picture(address),
    ):
        with pytest.raises(Refused, match=r"in time|reached"):
            call()
        assert canary.visits() == 1


def test_most_spellings_lead_to_the_canary_when_nothing_is_refused(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "INNER", ())
    monkeypatch.setattr(guard, "plain", lambda host: host.strip("[]"))
    monkeypatch.setattr(hurry, "create_connection", _only_here(hurry.create_connection))
    reached = 0
    for address in canary.addresses():
        with contextlib.suppress(Refused):
            outbound(answer_seconds=0.02).post_json(address, b"{}", {})
        reached += canary.visits() > 0
    assert reached >= 20


def _only_here(really: Callable[..., socket.socket]) -> Callable[..., socket.socket]:
    """Connect, but to nothing else than this machine: a test calls nobody."""

    def connect(place: tuple[str, int], *_rest: object, **_named: object) -> socket.socket:
        if place[0] not in ("127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"):
            raise OSError(f"{place[0]} is not this machine")
        return really(place, 0.05)

    return connect


# --- no address, no path ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_reaches_nothing(spelling: str, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []
    monkeypatch.setattr(hurry, "create_connection", lambda place, *_rest, **_named: connected.append(place))
    address = spelling.replace("{port}", str(canary.port))
    for call in (
        lambda: outbound().post_json(address, b"{}", {}),
        lambda: outbound().fetch_picture(address),
        lambda: outbound(allowed_hosts="receiver.test:443, 127.0.0.1:1").fetch_picture(address),
    ):
        with pytest.raises(Refused):
            call()
    assert (connected, canary.visits()) == ([], 0)


# --- redirects and names that change ----------------------------------------------------------------------------------


def test_no_redirect_from_outside_leads_to_the_canary(
    canary: Canary, stand_in: Callable[[PictureSite], list[str]]
) -> None:
    with PictureSite() as site:
        called = stand_in(site)
        inside = f"127.0.0.1:{canary.port}"
        for number, address in enumerate(canary.addresses()):
            if not address.isascii():
                continue  # no header carries it
            site.pages[str(number)] = address
            for policy in ({}, {"allow_loopback": True}, {"allowed_hosts": inside}):
                with pytest.raises(Refused):
                    outbound(**policy).fetch_picture(f"http://outside.test/{number}")
        assert len(site.asked) > 150
        assert set(called) == {OUTSIDE}
        assert canary.visits() == 0


def test_picture_of_the_outside_is_fetched_by_its_name(stand_in: Callable[[PictureSite], list[str]]) -> None:
    with PictureSite(**{"a.png": "b.png", "b.png": png()}) as site:
        stand_in(site)
        assert outbound().fetch_picture("http://outside.test/a.png") == png()
        assert site.headers[0]["Host"] == "outside.test"


def test_name_is_looked_up_once_and_called_at_what_was_checked(
    canary: Canary, stand_in: Callable[[PictureSite], list[str]]
) -> None:
    lookups: list[str] = []

    def flipping(host: str, _port: int) -> list[str]:
        lookups.append(host)
        return [OUTSIDE] if len(lookups) == 1 else ["127.0.0.1"]

    with PictureSite(**{"1.png": png()}) as site:
        called = stand_in(site)
        guarded = Outbound(Policy(), flipping)
        assert guarded.fetch_picture(f"http://flips.test:{canary.port}/1.png") == png()
        assert (lookups, called) == (["flips.test"], [OUTSIDE])
        with pytest.raises(Refused, match="not an address"):
            guarded.fetch_picture(f"http://flips.test:{canary.port}/1.png")
    assert canary.visits() == 0


def test_next_address_of_a_name_is_called_where_nobody_answers_at_the_first(
    stand_in: Callable[[PictureSite], list[str]], names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with PictureSite(**{"1.png": png()}) as site:
        called = stand_in(site)
        connect = hurry.create_connection

        def partly(place: tuple[str, int], *rest: float, **named: object) -> socket.socket:
            if place[0] == "93.184.216.35":
                raise TimeoutError
            return connect(place, *rest, **named)

        monkeypatch.setattr(hurry, "create_connection", partly)
        names["two.test"] = ["93.184.216.35", OUTSIDE]
        assert outbound().fetch_picture("http://two.test/1.png") == png()
        assert called == [OUTSIDE]


# --- what is allowed all the same -------------------------------------------------------------------------------------


def test_receiver_on_the_list_is_called_at_its_port_and_no_other(names: dict[str, list[str]], canary: Canary) -> None:
    with CallbackSink() as sink:
        port = sink.url.split(":")[2].split("/")[0]
        names["receiver.test"] = ["127.0.0.1"]
        listed = outbound(allowed_hosts=f"Receiver.test.:{port}")
        assert listed.post_json(f"http://receiver.test:{port}/", b"{}", {}).status == 200
        assert sink.headers[0]["Host"] == f"receiver.test:{port}"
        for other in (
            f"http://127.0.0.1:{port}/",
            f"http://receiver.test:{canary.port}/",
            f"http://a.receiver.test:{port}/",
        ):
            with pytest.raises(Refused):
                listed.post_json(other, b"{}", {})
        names["receiver.test"] = ["169.254.169.254"]
        with pytest.raises(Refused, match="not an address"):
            listed.post_json(f"http://receiver.test:{port}/", b"{}", {})
        assert len(sink.received) == 1
    assert canary.visits() == 0


@pytest.mark.parametrize("text", ["receiver.internal", "receiver.internal:", ":80", "a:b", "http://a:80", "a:70000"])
def test_list_of_hosts_is_refused_when_it_names_no_port(text: str) -> None:
    with pytest.raises(CmtoolsError, match=r"host:port|not an address"):
        outbound(allowed_hosts=text)


def test_everything_goes_through_the_proxy_that_is_set(canary: Canary) -> None:
    with PictureSite(**{f"ttp://outside.test:{canary.port}/1.png": png()}) as proxy:
        calls = outbound(proxy=proxy.url)
        assert calls.fetch_picture(f"http://outside.test:{canary.port}/1.png") == png()
        for address in (
            f"http://127.0.0.1:{canary.port}/",
            f"http://localhost:{canary.port}/",
            f"http://0x7f.1:{canary.port}/",
            f"http://[::1]:{canary.port}/",
            "http://169.254.169.254/latest",
            "https://10.0.0.1/",
        ):
            with pytest.raises(Refused, match="not an address"):
                calls.fetch_picture(address)
        assert len(proxy.asked) == 1
    assert canary.visits() == 0


def test_proxys_password_is_in_no_message() -> None:
    with pytest.raises(Refused) as caught:
        outbound(proxy="http://me:geheim@127.0.0.1:9").fetch_picture("http://outside.test/1.png")
    assert "geheim" not in str(caught.value)


def test_password_in_an_address_is_in_no_message() -> None:
    with pytest.raises(Refused) as caught:
        outbound().fetch_picture("http://me:geheim@127.0.0.1/1.png")
    assert "geheim" not in str(caught.value)
