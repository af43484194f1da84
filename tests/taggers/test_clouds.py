"""What all taggers of clouds do alike, each against a stand-in: patience, errors item by item, keys that never show."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest

from cmtools import make_drafts
from cmtools.errors import BadTagger
from cmtools.taggers import TAGGERS, Tagging, rest
from cmtools.taggers.cloud import CALLS_AT_ONCE, Cloud
from cmtools.taggers.codes import CLOUD_TAGS
from cmtools.taggers.patience import FAILURES_IN_A_ROW, MOST_TRIES, SHUT_SECONDS, Patience
from cmtools.tags import TagSet
from cmtools.testing import ManualClock, running_service
from tests.tools.pictures import png

from .clouds import MAKE, Make
from .stand_in import KEY, Asked, Reply, StandIn, said

PICTURES = [png(color, (200, 150)) for color in ("red", "green", "blue", "white", "black")]
TEXTS = ["one", "two", "three", "four", "five"]
WRONG = "wrong-key-9876543210"


class Slept:
    """Sleeps by moving the clock, and keeps for how long."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.waits = clock, []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


@pytest.fixture
def slept() -> Slept:
    return Slept(ManualClock())


@pytest.fixture
def patience(slept: Slept) -> Patience:
    return Patience(now=slept.clock, sleep=slept)


@pytest.fixture(params=MAKE)
def make(request: pytest.FixtureRequest) -> Make:
    return MAKE[request.param]


@pytest.fixture
def tagger(make: Make, site: StandIn, patience: Patience) -> Cloud:
    return make(site, patience=patience)


def items_for(tagger: Cloud) -> list[bytes | str]:
    return [*PICTURES] if tagger.type == "Image" else [*TEXTS]


def test_every_cloud_of_the_table_is_tested_here() -> None:
    clouds = {name for name, kind in TAGGERS.items() if issubclass(kind, Cloud)}
    assert {name.partition(":")[0] for name in MAKE} == clouds
    assert {f"{name}:text" for name in clouds if "Text" in TAGGERS[name].of_type} == {n for n in MAKE if ":" in n}


def test_tags_are_those_that_all_clouds_share(tagger: Cloud) -> None:
    shared = {tag.short_code for tag in CLOUD_TAGS}
    for answer in tagger.tag(items_for(tagger)):
        assert answer.error is None
        assert set(answer.tags) <= shared


# --- patience ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_answer_that_is_worth_another_try_gets_one(tagger: Cloud, site: StandIn, slept: Slept, status: int) -> None:
    item = items_for(tagger)[0]
    expected = tagger.tag([item])
    site.replies.extend([Reply(status), Reply(status)])
    assert tagger.tag([item]) == expected
    assert (len(site.asked), slept.waits) == (4, [1.0, 2.0])


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(tagger: Cloud, site: StandIn, slept: Slept, form: str) -> None:
    later = copy.deepcopy(slept.clock)
    later.advance(17)
    site.replies.append(
        Reply(429, {"Retry-After": "17" if form == "seconds" else format_datetime(later(), usegmt=True)})
    )
    assert tagger.tag(items_for(tagger)[:1])[0].error is None
    assert slept.waits == [17.0]


def test_rest_that_is_too_long_is_told_and_nothing_is_sent_until_it_is_over(
    tagger: Cloud, site: StandIn, slept: Slept
) -> None:
    site.replies.append(Reply(429, {"Retry-After": "3600"}))
    item = items_for(tagger)[0]
    assert "it answered 429; the next try would have to wait 3600 seconds" in str(tagger.tag([item])[0].error)
    assert tagger.tag([item])[0].error
    assert (len(site.asked), slept.waits) == (1, [])
    slept.clock.advance(3600)
    assert tagger.tag([item])[0].error is None


def test_tries_end(tagger: Cloud, site: StandIn, slept: Slept) -> None:
    site.judge = lambda asked: Reply(503)
    answer = tagger.tag(items_for(tagger)[:1])[0]
    assert answer == Tagging(error=answer.error)
    assert f"{tagger.name}: it answered 503, {MOST_TRIES} times" in str(answer.error)
    assert len(site.asked) == MOST_TRIES
    assert sum(slept.waits) <= 60


def test_answer_that_does_not_come_is_asked_for_again(
    make: Make, site: StandIn, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger = _impatient(make, site, patience, monkeypatch)
    site.replies.append(Reply(hang=True))
    assert tagger.tag(items_for(tagger)[:1])[0].error is None
    assert len(site.asked) == 2


def test_answer_that_breaks_off_is_asked_for_again(tagger: Cloud, site: StandIn) -> None:
    site.replies.append(Reply(body=b'{"responses": []}', short=5))
    assert tagger.tag(items_for(tagger)[:1])[0].error is None
    assert len(site.asked) == 2


def test_nobody_at_home_is_told_and_soon_nobody_is_called(make: Make, patience: Patience, slept: Slept) -> None:
    with StandIn() as site:
        tagger = make(site, patience=patience)
    item = items_for(tagger)[0]
    errors = [tagger.tag([item])[0].error or "" for _ in range(FAILURES_IN_A_ROW + 1)]
    assert all("cannot be reached" in error for error in errors)
    waits = len(slept.waits)
    assert "nothing is sent for 60 seconds" in errors[-1]
    assert tagger.tag([item])[0].error == errors[-1]
    assert len(slept.waits) == waits


def test_success_in_between_starts_the_count_of_failures_afresh(tagger: Cloud, site: StandIn) -> None:
    item = items_for(tagger)[0]
    for _ in range(FAILURES_IN_A_ROW):
        site.replies.extend([Reply(500)] * MOST_TRIES)
        assert tagger.tag([item])[0].error
        assert tagger.tag([item])[0].error is None


# --- errors -----------------------------------------------------------------------------------------------------------


def test_one_bad_item_costs_itself_also_where_many_go_in_one_call(tagger: Cloud, site: StandIn) -> None:
    items = items_for(tagger)
    alone = tagger.tag(items)
    bad = _sent_as(tagger, items[2])

    def judge(asked: Asked) -> Reply | None:
        found = bad in asked.body
        code = {"__type": "prefix#InvalidContent"} if tagger.name == "aws-rekognition" else {"code": "InvalidContent"}
        told = {**code, "message": "this one  is bad"}
        return said(told if "__type" in told else {"error": told}, 400) if found else None

    site.judge = judge
    answers = tagger.tag(items)
    assert [answers[place] for place in (0, 1, 3, 4)] == [alone[place] for place in (0, 1, 3, 4)]
    error = str(answers[2].error)
    assert answers[2] == Tagging(error=error)
    assert error.startswith(f"{tagger.name}: it answered 400 (InvalidContent: this one is bad")


BROKEN = {
    "half": b'{"responses": [{"safeSearchAnno',
    "html": b"<html>Please sign in</html>",
    "empty": b"",
    "list": b"[]",
    "null": b"null",
    "number": b"7",
    "deep": b"[" * 100_000,
    "nothing in it": b"{}",
    "nulls": json.dumps(
        dict.fromkeys(["categoriesAnalysis", "responses", "results", "model", "ModerationLabels"])
    ).encode(),
    "not a number": b'{"categoriesAnalysis": [{"category": "Sexual", "severity": "6"}], "model": "m", "Terms": [7],'
    b'"results": [{"category_scores": {"sexual": "1"}}], "responses": [{"safeSearchAnnotation": 7}],'
    b'"ModerationLabels": [{"Name": "Explicit", "Confidence": "high"}]}',
    "too much": b'{"categoriesAnalysis": [{"category": "Sexual", "severity": 8}], "model": "m",'
    b'"Terms": [{"Index": "x"}], "results": [{"category_scores": {"sexual": NaN}}], "responses": [7],'
    b'"AdultClassificationScore": 2, "IsImageAdultClassified": true, "RacyClassificationScore": 0,'
    b'"IsImageRacyClassified": false, "ModerationLabels": [{"Name": "Explicit", "Confidence": 101}]}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_answer_of_another_shape_is_an_error_and_no_tag(tagger: Cloud, site: StandIn, body: bytes) -> None:
    site.judge = lambda asked: Reply(200, {"Content-Type": "text/html"}, body)
    answers = tagger.tag(items_for(tagger)[:2])
    assert [answer == Tagging(error=answer.error) for answer in answers] == [True, True]
    assert all(str(answer.error).startswith(f"{tagger.name}: ") for answer in answers)


def test_answer_without_end_is_cut_off(tagger: Cloud, site: StandIn) -> None:
    site.judge = lambda asked: Reply(body=b" " * 5_000_000)
    assert tagger.tag(items_for(tagger)[:1]) == [Tagging(error=f"{tagger.name}: the answer has more than 4 MB")]


def test_redirect_and_wrong_endpoint_are_told_once_and_not_followed(tagger: Cloud, site: StandIn) -> None:
    for status in (302, 404):
        site.asked.clear()
        site.replies.append(Reply(status, {"Location": site.url + "/elsewhere"}, b""))
        answers = tagger.tag(items_for(tagger)[:1]) + tagger.tag(items_for(tagger))
        assert len({answer.error for answer in answers}) == 1
        assert f"its endpoint answered {status}" in str(answers[0].error)
        assert len(site.asked) == 1
        tagger.patience._now.advance(SHUT_SECONDS)


def test_refused_key_ends_the_calling_and_all_get_the_same_error(
    make: Make, site: StandIn, patience: Patience, slept: Slept
) -> None:
    tagger = make(site, key=WRONG, patience=patience)
    items = items_for(tagger)
    answers = tagger.tag(items) + tagger.tag(items)
    assert len({answer.error for answer in answers}) == 1
    assert "the key was refused with 40" in str(answers[0].error)
    assert len(site.asked) <= CALLS_AT_ONCE
    slept.clock.advance(SHUT_SECONDS)
    before = len(site.asked)
    tagger.tag(items[:1])
    assert len(site.asked) == before + 1, "after a while it is asked again"


@pytest.mark.parametrize("status", [401, 403])
def test_key_is_refused_by_status_too(tagger: Cloud, site: StandIn, status: int) -> None:
    site.replies.append(Reply(status, body=b""))
    errors = {tagger.tag(items_for(tagger)[:1])[0].error for _ in range(2)}
    assert errors == {f"{tagger.name}: the key was refused with {status}; set one that may do this"}
    assert len(site.asked) == 1


def test_items_that_cannot_be_sent_are_answered_without_a_call(tagger: Cloud, site: StandIn) -> None:
    if tagger.type == "Image":
        bad: list[bytes | str] = [b"", b"no picture", PICTURES[0][:30], "https://example.org/a.jpg"]
    else:
        bad = ["", " \n", "x" * (tagger.most_characters + 1), b"bytes"]
    assert all(answer.error for answer in tagger.tag(bad))
    assert site.asked == []


def test_answers_come_in_the_order_of_the_items(tagger: Cloud) -> None:
    items = items_for(tagger)
    answers = tagger.tag(items * 7)
    assert answers == tagger.tag(items) * 7
    assert len({repr(answer) for answer in answers}) == len(items)


def test_few_calls_are_under_way_at_once(tagger: Cloud, site: StandIn) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def judge(asked: Asked) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1

    site.judge = judge
    tagger.tag(items_for(tagger) * 4)
    assert most <= CALLS_AT_ONCE
    assert tagger.per_call.get(tagger.type) or most > 1


# --- keys -------------------------------------------------------------------------------------------------------------


def test_key_shows_nowhere(make: Make, site: StandIn, patience: Patience, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    for key in (KEY, WRONG):
        tagger = make(site, key=key, patience=patience)
        items = items_for(tagger)
        if tagger.name != "aws-rekognition":  # to that cloud a secret is not sent, so it cannot say it
            site.replies.append(said({"error": {"code": "Odd", "message": f"your key {key} is odd"}}, 400))
        shown += [repr(tagger.tag(items)), repr(tagger), str(tagger), repr(vars(tagger)), repr(tagger.__reduce__())]
        shown += [pickle.dumps(tagger.__reduce__()[1]).decode("latin-1")]
    shown += [record.getMessage() + str(record.args) for record in caplog.records]
    text = "\n".join(shown)
    assert KEY not in text
    assert WRONG not in text
    assert all(KEY not in asked.path and WRONG not in asked.path for asked in site.asked)


def test_key_is_in_no_trace_of_an_error(make: Make, site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = make(site)
    monkeypatch.setattr(tagger, "read_answer", lambda data: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        tagger.tag(items_for(tagger)[:1])
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_tagger_is_made_again_with_the_key_of_the_environment_there(
    make: Make, site: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger = make(site, thresholds={"a": 0.9})
    packed = pickle.dumps(tagger)
    assert KEY.encode() not in packed
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY[:16])
    monkeypatch.setenv(getattr(tagger, "key_variable", "AWS_SECRET_ACCESS_KEY"), KEY)
    again = pickle.loads(packed)
    assert (again.type, again.thresholds) == (tagger.type, tagger.thresholds)
    assert again.tag(items_for(tagger)[:1]) == tagger.tag(items_for(tagger)[:1])


@pytest.mark.parametrize("name", sorted({name.partition(":")[0] for name in MAKE}))
def test_missing_key_says_which_variable_to_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = getattr(TAGGERS[name], "key_variable", "AWS_ACCESS_KEY_ID")
    for variable in (own, "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/no/such/file")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/no/such/file")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(BadTagger, match=own):
        TAGGERS[name].from_setting("")


def test_setting_names_the_type(make: Make, site: StandIn) -> None:
    kind = type(make(site))
    with pytest.raises(BadTagger, match="not 'sound'"):
        kind.from_setting("sound")


# --- in use -----------------------------------------------------------------------------------------------------------


def test_drafts_get_the_tags_and_what_cannot_be_tagged_is_refused(make: Make, site: StandIn, tmp_path: Path) -> None:
    tagger = make(site)
    if tagger.type == "Image":
        for place, data in enumerate([*PICTURES, b"no picture"]):
            (tmp_path / f"{place}.png").write_bytes(data)
        drafts = make_drafts(tmp_path, tagger=tagger, progress=False)
    else:
        texts = [*TEXTS, "x" * (tagger.most_characters + 1)]
        drafts = make_drafts(texts, type="Text", tagger=tagger, progress=False)
    assert (len(drafts), len(drafts.refused)) == (5, 1)
    expected = tagger.tag(items_for(tagger))
    for draft, answer in zip(drafts, expected, strict=True):
        found = TagSet(CLOUD_TAGS).auto_tags(draft.metadata)
        assert found == answer.tags
        assert dict(draft.metadata)["tagger"].startswith(tagger.name)


def test_service_that_is_started_with_a_cloud_evaluates_by_it(site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_VISION", site.url)
    words = {"adult": "VERY_LIKELY", "racy": "POSSIBLE"}
    site.replies.append(said({"responses": [{"safeSearchAnnotation": words}]}))
    with running_service(tagger="google-vision") as service, service.client() as client:
        found = client.evaluate(PICTURES[0])
    assert (found.adult_score, found.is_adult, found.racy_score, found.is_racy) == (1.0, True, 0.5, False)


# --- an interrupt -----------------------------------------------------------------------------------------------------

INTERRUPTED = """
import signal
from cmtools.taggers.content_safety import AzureContentSafety
tagger = AzureContentSafety(type="Text", key="k", endpoint={url!r})
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
try:
    tagger([str(number) for number in range(50)])
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise SystemExit(7)
"""


@pytest.mark.parametrize(
    ("reply", "calls"),
    [
        pytest.param(Reply(hang=True), CALLS_AT_ONCE, id="calling"),
        pytest.param(Reply(429, {"Retry-After": "50"}), 1, id="waiting"),  # who starts late waits with the first
    ],
)
def test_interrupt_ends_at_once_whatever_is_under_way(site: StandIn, reply: Reply, calls: int) -> None:
    site.judge = lambda asked: reply
    code = textwrap.dedent(INTERRUPTED).format(url=site.url)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        while len(site.asked) < calls and child.poll() is None:
            time.sleep(0.01)
        time.sleep(0.2)
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate()
    assert (out.strip(), child.returncode) == ("interrupted", 7)
    assert time.monotonic() - began < 20, "less than any wait that was under way"
    assert len(site.asked) <= CALLS_AT_ONCE


# --- helpers ----------------------------------------------------------------------------------------------------------


def _impatient(make: Make, site: StandIn, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A tagger that waits a moment for an answer."""
    monkeypatch.setattr(rest, "ANSWER_SECONDS", 0.3)
    return make(site, patience=patience)


def _sent_as(tagger: Cloud, item: bytes | str) -> bytes:
    """What a body has in it that asks about an item."""
    if isinstance(item, str):
        return item.encode()
    return item if tagger.name == "content-moderator" else base64.b64encode(item)
