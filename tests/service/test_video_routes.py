"""Videos over HTTP with a plain client: forms, zips, queries in any case, pieces, refusals in their order."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from cmtools.testing import RunningService, running_service
from tests.tools.pictures import png

OWN = "/cmtools/v1/teams/demo/reviews"
REVIEWS = "/contentmoderator/review/v1.0/teams/demo/reviews"
SDK = "python/3.11 msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1"
SHOT = {"Timestamp": "500", "FrameImage": "https://example.org/1.jpg"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def running(media: Path) -> Iterator[RunningService]:
    with running_service(max_body_bytes=2_000_000, media=str(media), copy_content=False) as service:
        yield service


class Caller:
    """Calls with the team's key and asserts the status."""

    def __init__(self, service: RunningService) -> None:
        self.service = service

    def __call__(self, method: str, path: str, *, status: int = 200, **options: object) -> requests.Response:
        headers = {"Ocp-Apim-Subscription-Key": self.service.key, **options.pop("headers", {})}
        answer = requests.request(method, self.service.url + path, headers=headers, timeout=30, **options)
        assert answer.status_code == status, answer.text
        return answer

    def refusal(self, method: str, path: str, status: int = 400, **options: object) -> str:
        error = self(method, path, status=status, **options).json()["Error"]
        return f"{error['Code']}: {error['Message']}"


@pytest.fixture
def call(running: RunningService) -> Caller:
    return Caller(running)


@pytest.fixture
def video(call: Caller) -> str:
    """The path of an unpublished video."""
    item = {"type": "video", "content": "https://example.org/v", "contentId": "1", "status": "UnPublished"}
    return f"{REVIEWS}/{call('POST', REVIEWS, json=[item]).json()[0]}"


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return buffer.getvalue()


def form(data: bytes, *names: str, **parts: str) -> dict[str, object]:
    """The two parts of a form, as `requests` takes them."""
    listed = [{"Timestamp": n * 500, "FrameImage": name, "FrameImageBytes": []} for n, name in enumerate(names)]
    named = {"frameImageZip": "frameImageZip", "frameMetadata": "frameMetadata", **parts}
    return {named["frameImageZip"]: ("z.zip", data), named["frameMetadata"]: (None, json.dumps(listed))}


def moments(call: Caller, video: str, **query: object) -> list[str]:
    found = call("GET", f"{video}/frames", params=query).json()["videoFrames"]
    return [frame["timestamp"] for frame in found]


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


# Frames in ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["timescale", "timeScale", "TIMESCALE"])
def test_ticks_are_made_milliseconds_however_the_query_is_spelt(call: Caller, video: str, name: str) -> None:
    ticks = [{**SHOT, "timestamp": tick} for tick in (0, 15, 25)]
    for tick in ticks:
        del tick["Timestamp"]
    assert call("POST", f"{video}/frames", params={name: 30}, json=ticks, status=204).content == b""
    assert moments(call, video) == ["0", "500", "833"]


@pytest.mark.parametrize("scale", ["0", "-30", "1.5", "x", "1e3"])
def test_timescale_that_is_none_is_refused(call: Caller, video: str, scale: str) -> None:
    assert "timescale" in call.refusal("POST", f"{video}/frames", params={"timescale": scale}, json=[SHOT])


def test_frames_are_read_without_a_content_type(call: Caller, video: str) -> None:
    call("POST", f"{video}/frames", data=json.dumps([SHOT]).encode(), status=204)
    assert moments(call, video) == ["500"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no frames were sent"),
        (b"[]", "no frames were sent"),
        (b"{}", "must be a JSON array"),
        (b"nonsense", "cannot be read as JSON"),
        (b"\xff\xfe", "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (json.dumps([SHOT, {**SHOT, "Timestamp": "x"}]).encode(), "[1].Timestamp"),
        (json.dumps([SHOT, SHOT]).encode(), "[1].Timestamp"),
        (json.dumps([{**SHOT, "FrameImage": "1.jpg"}]).encode(), "[0].FrameImage"),
        (json.dumps([{**SHOT, "Metadata": [{"Value": "x"}]}]).encode(), "[0].Metadata[0].Key"),
    ],
)
def test_bad_frames_are_refused_with_their_place_and_none_is_kept(
    call: Caller, video: str, body: bytes, said: str
) -> None:
    assert said in call.refusal("POST", f"{video}/frames", data=body, headers=JSON)
    assert moments(call, video) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/mixed; boundary=x"])
def test_other_content_type_is_refused(call: Caller, video: str, kind: str) -> None:
    told = call.refusal("POST", f"{video}/frames", 415, data=json.dumps([SHOT]), headers={"Content-Type": kind})
    assert told.startswith("UnsupportedType")


def test_body_beyond_the_limit_is_refused(call: Caller, video: str) -> None:
    assert "TooLarge" in call.refusal("POST", f"{video}/frames", 413, data=b"[" + b" " * 2_000_001, headers=JSON)


def test_zip_of_pictures_becomes_frames_that_can_be_seen(call: Caller, video: str) -> None:
    data = packed({"Frames/a.png": png("red"), "Frames/b.png": png("blue"), "notes.txt": b"x"})
    parts = form(data, "a.png", "b.png", frameImageZip="FrameImageZip", frameMetadata="FRAMEMETADATA")
    call("POST", f"{video}/frames", params={"timescale": 1000}, files=parts, status=204)
    found = call("GET", f"{video}/frames").json()["videoFrames"]
    assert [frame["timestamp"] for frame in found] == ["0", "500"]
    for frame in found:
        assert requests.get(frame["frameImage"], timeout=30).headers["Content-Type"].startswith("image/")


def test_a_frame_is_shown_small_and_in_full_to_those_with_a_key(call: Caller, video: str) -> None:
    call("POST", f"{video}/frames", files=form(packed({"a.png": png("red")}), "a.png"), status=204)
    own = f"{OWN}/{video.rpartition('/')[2]}/frames"
    small = call("GET", f"{own}/0/thumbnail", params={"size": 16})
    assert small.headers["Content-Type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(small.content)).size) <= 16
    assert call("GET", f"{own}/0/picture").headers["Content-Type"] == "image/jpeg"
    assert "NotFound" in call.refusal("GET", f"{own}/7/thumbnail", 404)


GOOD = png("green")


@pytest.mark.parametrize(
    ("data", "names", "said"),
    [
        (b"no zip", ["a.png"], "the zip cannot be read"),
        (packed({"a.png": GOOD}), ["b.png"], "no file 'b.png'"),
        (packed({"a.png": GOOD, "b.png": b"no picture"}), ["a.png", "b.png"], "FrameImage: 'b.png' in the zip"),
        (packed({"a.png": GOOD, "../b.png": GOOD}), ["a.png"], "leads out of it"),
        (packed({"a.png": GOOD, "/b.png": GOOD}), ["a.png"], "leads out of it"),
        (packed({"x/a.png": GOOD, "y/a.png": GOOD}), ["a.png"], "2 files 'a.png'"),
    ],
    ids=["no zip", "missing", "no picture", "climbing", "absolute", "twice"],
)
def test_bad_zip_is_refused_and_nothing_of_it_is_kept(
    call: Caller, video: str, media: Path, data: bytes, names: list[str], said: str
) -> None:
    before = files(media)
    assert said in call.refusal("POST", f"{video}/frames", files=form(data, *names))
    assert moments(call, video) == []
    assert files(media) == before


def test_form_without_its_parts_is_refused_by_their_names(call: Caller, video: str) -> None:
    parts = form(packed({"a.png": GOOD}), "a.png")
    for name in ("frameImageZip", "frameMetadata"):
        rest = {key: value for key, value in parts.items() if key != name}
        assert f"no part {name}" in call.refusal("POST", f"{video}/frames", files=rest)


# Frames out -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(call: Caller, video: str) -> str:
    shots = [{**SHOT, "Timestamp": n * 500, "Metadata": [{"Key": "a", "Value": str(n == 1)}]} for n in range(4)]
    call("POST", f"{video}/frames", json=shots, status=204)
    return video


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["0", "500", "1000", "1500"]),
        ({"startSeed": 500, "noOfRecords": 2}, ["500", "1000"]),
        ({"STARTSEED": 501, "noofrecords": "2147483647"}, ["1000", "1500"]),
        ({"startSeed": "", "noOfRecords": "", "filter": ""}, ["0", "500", "1000", "1500"]),
        ({"noOfRecords": 0}, []),
        ({"startSeed": 10**18 - 1}, []),
        ({"Filter": "A"}, ["500"]),
    ],
)
def test_part_of_the_frames_is_read(call: Caller, shown: str, query: dict[str, object], found: list[str]) -> None:
    assert moments(call, shown, **query) == found


@pytest.mark.parametrize("name", ["startSeed", "noOfRecords"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 30, "\u0663"])
def test_window_that_is_no_number_is_refused(call: Caller, shown: str, name: str, value: str) -> None:
    assert f"{name}: " in call.refusal("GET", f"{shown}/frames", params={name: value})


def test_frames_are_spelt_as_the_review_is(call: Caller, shown: str) -> None:
    camel = call("GET", f"{shown}/frames")
    pascal = call("GET", f"{shown}/frames", headers={"User-Agent": SDK})
    assert list(camel.json()) == ["reviewId", "videoFrames"]
    keys = ["Timestamp", "FrameImage", "Metadata", "ReviewerResultTags", "FrameImageBytes"]
    assert list(pascal.json()["VideoFrames"][0]) == keys
    assert camel.headers["Vary"] == "User-Agent, x-ms-command-name"


def test_own_list_of_frames_tells_auto_tags(call: Caller, shown: str) -> None:
    own = f"{OWN}/{shown.rpartition('/')[2]}/frames"
    found = call("GET", own, params={"start": 500, "count": 1}).json()["frames"]
    assert [(frame["timestamp"], frame["auto_tags"]) for frame in found] == [(500, {"a": True})]
    for query in ({"start": -1}, {"count": 10**30}, {"start": 2**60}):
        call.refusal("GET", own, params=query)


# Publish and transcript -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_video_is_published_by_either_method(call: Caller, video: str, method: str) -> None:
    assert call("GET", video).json()["status"] == "UnPublished"
    assert call(method, f"{video}/publish", data=b"", headers=JSON, status=204).content == b""
    call(method, f"{video}/publish", status=204)
    assert call("GET", video).json()["status"] == "Pending"


def pieces() -> Iterator[bytes]:
    yield b"WEBVTT\n\n"
    yield "00:01.000 --> 00:02.000\nça".encode()


def test_transcript_in_pieces_is_read_whole(call: Caller, video: str) -> None:
    call("PUT", f"{video}/transcript", data=pieces(), headers={"Content-Type": "text/plain"}, status=204)
    kept = call("GET", f"{OWN}/{video.rpartition('/')[2]}/transcript").json()
    assert kept == {"text": "WEBVTT\n\n00:01.000 --> 00:02.000\nça", "terms": []}


@pytest.mark.parametrize("body", [b"", b"WEB", b"WEBVTTX", b"\xff\xfeWEBVTT", b"WEBVTT\n\0"])
def test_what_is_no_transcript_does_not_replace_one(call: Caller, video: str, body: bytes) -> None:
    call("PUT", f"{video}/transcript", data=b"WEBVTT", status=204)
    assert "BadRequest" in call.refusal("PUT", f"{video}/transcript", data=body)
    assert call("GET", f"{OWN}/{video.rpartition('/')[2]}/transcript").json()["text"] == "WEBVTT"


def test_terms_are_kept_as_they_are_given(call: Caller, video: str) -> None:
    body = [{"timestamp": "101", "terms": [{"index": 3, "term": "crap"}]}, {"Timestamp": "", "Terms": []}]
    call("PUT", f"{video}/transcriptmoderationresult", json=body, status=204)
    kept = call("GET", f"{OWN}/{video.rpartition('/')[2]}/transcript").json()
    assert kept["terms"] == [{"timestamp": "101", "index": 3, "term": "crap"}]
    told = call.refusal("PUT", f"{video}/transcriptmoderationresult", json=[{"Terms": [{"Index": "3", "Term": "x"}]}])
    assert "[0].Terms[0].Index" in told


# The order of refusals ------------------------------------------------------------------------------------------------

CALLS: dict[str, Callable[[str], tuple[str, str]]] = {
    "add frames": lambda video: ("POST", f"{video}/frames"),
    "publish": lambda video: ("POST", f"{video}/publish"),
    "transcript": lambda video: ("PUT", f"{video}/transcript"),
    "terms": lambda video: ("PUT", f"{video}/transcriptmoderationresult"),
    "get frames": lambda video: ("GET", f"{video}/frames"),
}


@pytest.mark.parametrize("which", CALLS)
def test_key_comes_before_the_team_the_review_and_the_body(call: Caller, which: str) -> None:
    method, path = CALLS[which](f"{REVIEWS}/nothing".replace("/demo/", "/nobody/"))
    wrong = {"Ocp-Apim-Subscription-Key": "wrong"}
    assert "NotAuthorized" in call.refusal(method, path, 401, data=b"nonsense", headers=wrong)
    assert "UnknownTeam" in call.refusal(method, path, 404, data=b"nonsense")
    method, path = CALLS[which](f"{REVIEWS}/nothing")
    assert "NotFound: the team has no review 'nothing'" in call.refusal(method, path, 404, data=b"nonsense")


@pytest.mark.parametrize("which", ["add frames", "transcript", "terms"])
def test_published_video_is_closed_whatever_the_body_is(call: Caller, video: str, which: str) -> None:
    call("POST", f"{video}/publish", status=204)
    method, path = CALLS[which](video)
    assert "is published" in call.refusal(method, path, data=b"nonsense")


def test_zip_is_not_looked_at_for_a_key_that_may_not_create(call: Caller, video: str) -> None:
    key = call("POST", "/cmtools/v1/teams/demo/keys", json={"label": "x", "role": "reviewer", "reviewer": "x"}).json()
    headers = {"Ocp-Apim-Subscription-Key": key["secret"]}
    told = call.refusal("POST", f"{video}/frames", 403, files=form(b"no zip", "a.png"), headers=headers)
    assert told.startswith("Forbidden")
