"""The key is sent, and shown nowhere: not in a repr, a pickle, a dictionary or a traceback with local variables."""

from __future__ import annotations

import copy
import http.client
import pickle
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

import pytest
import requests
from IPython.core.ultratb import VerboseTB

from cmtools.client.client import Client
from cmtools.client.transport import Hidden
from cmtools.errors import CmtoolsError
from tests.tools.ports import free_port

from .conftest import DROPPED, Reply, StandIn, refusal

SECRETS = ("s3cret" + "-key", "t0k" + "-en")


def below_this_file(stack: TracebackType | None) -> TracebackType | None:
    """The frames below the test's own, which hold the secrets because the test looks for them."""
    while stack is not None and stack.tb_frame.f_code.co_filename == __file__:
        stack = stack.tb_next
    return stack


def told(error: BaseException) -> str:
    """All that any tool could print of an error: the whole chain, with local variables, and IPython's verbose view."""
    texts = []
    seen: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        todo += [one.__cause__, one.__context__]
        one.with_traceback(below_this_file(one.__traceback__))
        texts += traceback.TracebackException.from_exception(one, capture_locals=True, compact=False).format()
        texts.append(VerboseTB(theme_name="nocolor").text(type(one), one, one.__traceback__))
        texts.append(repr(vars(one)))
    return "".join(texts)


def raised_by(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except BaseException as error:  # noqa: BLE001 (KeyboardInterrupt is one of the cases)
        return error
    raise AssertionError("nothing was raised")


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def prepare(name: str, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the next call go wrong in that way."""
    gone_wrong: dict[str, Reply] = {
        "refused": refusal(401, "NotAuthorized"),
        "server error": Reply(500, b"oops"),
        "dropped": DROPPED,
        "half an answer": Reply(body={"id": "l1"}, cut=3),
        "redirect": Reply(302, headers={"Location": "http://elsewhere.example"}),
        "no JSON": Reply(body=b"<html>"),
        "another shape": Reply(body={"id": 5, "token": SECRETS[1]}),
    }
    if name in gone_wrong:
        stand_in.always = lambda _: gone_wrong[name]
        return
    problem = {"interrupted": KeyboardInterrupt, "surprise": ValueError, "decoding": UnicodeError}[name]

    def fail(*args: object, **kwargs: object) -> None:
        raise problem

    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", fail)


WAYS = [
    "refused",
    "server error",
    "dropped",
    "half an answer",
    "redirect",
    "no JSON",
    "another shape",
    "interrupted",
    "surprise",
    "decoding",
]


@pytest.mark.parametrize("way", WAYS)
def test_no_failure_shows_key_or_token(
    way: str, caller: Client, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = {"id": "l1", "reviewer": "ana", "type": "Image", "expires_at": "2026-03-01T12:00:00Z", "token": SECRETS[1]}
    stand_in.script.append(Reply(body=lease))
    held = caller.checkout(1)
    prepare(way, stand_in, monkeypatch)
    error = raised_by(lambda: caller.renew(held))
    assert leaks(told(error)) == []


def test_no_service_and_a_late_one_show_no_key(connect: Callable[..., Client], stand_in: StandIn) -> None:
    gate = threading.Event()
    stand_in.always = lambda _: Reply(before=gate.wait)
    nobody, late = connect(f"http://127.0.0.1:{free_port()}"), connect(stand_in.url, timeout=0.05)
    try:
        assert leaks(told(raised_by(nobody.team)) + told(raised_by(late.team))) == []
    finally:
        gate.set()


@pytest.mark.parametrize("wrong", [{"url": ""}, {"url": "x"}, {"team": ""}, {"timeout": 0}])
def test_wrong_argument_beside_the_key_does_not_show_it(
    wrong: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CMTOOLS_TEAM", raising=False)
    error = raised_by(lambda: Client(**{"url": "http://x", "key": SECRETS[0], "team": "t", **wrong}))  # type: ignore[arg-type]
    assert leaks(told(error)) == []


@pytest.mark.parametrize("end", ["\u2019", "\nx", "\x00", "ü"])
def test_key_with_impossible_characters_is_refused_without_showing_it(end: str) -> None:
    error = raised_by(lambda: Client("http://x", key=SECRETS[0] + end, team="t"))
    assert isinstance(error, CmtoolsError)
    assert "CMTOOLS_KEY" in str(error)
    assert leaks(told(error)) == []


def test_key_read_from_a_file_may_end_in_a_line_break(stand_in: StandIn) -> None:
    stand_in.script.append(Reply(body={}))
    with Client(stand_in.url, key=SECRETS[0] + "\n", team="t") as client:
        client.counts()
    assert stand_in.asked[0].headers["Ocp-Apim-Subscription-Key"] == SECRETS[0]


def test_this_way_of_looking_does_see_a_key_in_a_frame(caller: Client, stand_in: StandIn) -> None:
    """The control: requests' own frames do hold the headers, so the tests above could fail."""
    stand_in.always = lambda _: DROPPED
    headers = {"Ocp-Apim-Subscription-Key": SECRETS[0]}
    error = raised_by(lambda: requests.get(stand_in.url, headers=headers))
    assert leaks(told(error)) == [SECRETS[0]]


def test_client_shows_address_team_and_reviewer_only(caller: Client, stand_in: StandIn) -> None:
    assert repr(caller) == f"Client(url={stand_in.url!r}, team='demo', reviewer='ana')"


def test_key_is_in_no_dictionary_of_the_client_in_clear(caller: Client) -> None:
    transport = caller._transport
    session = transport._session
    shown = [repr(vars(thing)) for thing in (caller, transport, session, session.auth)]
    assert leaks("".join([*shown, repr(session.headers), str(dict(session.headers))])) == []


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_client_cannot_be_pickled_or_copied(caller: Client, take: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="from_env"):
        take(caller)


def test_secret_text_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps([Hidden("x")])
