"""Evaluate and Screen over HTTP with a plain client: what is said, what is refused, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO

import numpy as np
import pytest
import requests
from PIL import Image

from cmtools.taggers import Tagging
from cmtools.testing import RunningService, running_service
from tests.sdk.pictures import RED, PictureServer, jpeg

from .bench import ADULT, RUDE, Fixed, Words

TRACKING_ID = re.compile(r"CMT_[0-9a-f]{32}_ContentModerator\.Preview_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EVALUATE = "/contentmoderator/moderate/v1.0/ProcessImage/Evaluate"
SCREEN = "/contentmoderator/moderate/v1.0/ProcessText/Screen"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningService]:
    with running_service(taggers={"Image": Fixed(ADULT), "Text": Words()}) as service:
        yield service


def post(
    service: RunningService, path: str, data: object = None, *, status: int = 200, **options: object
) -> dict[str, object]:
    headers = {"Ocp-Apim-Subscription-Key": service.key, **options.pop("headers", {})}
    answer = requests.post(service.url + path, data=data, headers=headers, timeout=30, **options)
    assert answer.status_code == status, answer.text
    return answer.json()


def sized(width: int, height: int) -> bytes:
    buffer = BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


# Evaluate -------------------------------------------------------------------------------------------------------------


def test_evaluation_is_as_the_live_service_gave_it(running: RunningService) -> None:
    said = post(running, EVALUATE, jpeg())
    tracking_id = said.pop("TrackingId")
    assert TRACKING_ID.fullmatch(str(tracking_id))
    assert said == {
        "AdultClassificationScore": 0.98765,
        "IsImageAdultClassified": True,
        "RacyClassificationScore": 0.4,
        "IsImageRacyClassified": False,
        "AdvancedInfo": [{"Key": "ImageSizeInBytes", "Value": str(len(jpeg()))}],
        "Result": True,
        "Status": {"Code": 3000, "Description": "OK", "Exception": None},
    }


def test_classification_is_by_the_thresholds_of_the_keys_team() -> None:
    with running_service(taggers={"Image": Fixed(ADULT)}) as service, service.client() as client:
        client.set_threshold("a", 0.99)
        client.set_threshold("r", 0.4)
        mine = post(service, EVALUATE, jpeg())
        key = service.add_team("other")
        theirs = post(service, EVALUATE, jpeg(), headers={"Ocp-Apim-Subscription-Key": key})
    names = ("AdultClassificationScore", "IsImageAdultClassified", "RacyClassificationScore", "IsImageRacyClassified")
    assert [mine[name] for name in names] == [0.98765, False, 0.4, True]
    assert [theirs[name] for name in names] == [0.98765, True, 0.4, False]
    assert mine["AdvancedInfo"] == theirs["AdvancedInfo"]


def test_picture_is_known_by_its_bytes_and_not_by_the_header(running: RunningService) -> None:
    headers = {"Content-Type": "image/gif"}
    assert post(running, EVALUATE, sized(200, 200), headers=headers)["Result"] is True


def test_address_is_fetched_and_its_time_told(running: RunningService) -> None:
    with PictureServer() as site:
        said = post(running, EVALUATE, json={"dataRepresentation": "URL", "value": site.address(RED)})
    info = {pair["Key"]: pair["Value"] for pair in said["AdvancedInfo"]}
    assert info["ImageSizeInBytes"] == str(len(jpeg("red")))
    assert info["ImageDownloadTimeInMs"].isdecimal()


def test_cache_id_names_the_bytes_and_comes_only_when_asked_for(running: RunningService) -> None:
    ids = [post(running, f"{EVALUATE}?{query}", jpeg(color)).get("CacheID") for query, color in QUERIES]
    assert ids[0] is ids[1] is None
    assert ids[2] == ids[3] != ids[4]
    assert len(str(ids[2])) == 32


QUERIES = [
    ("", "red"),
    ("CacheImage=false", "red"),
    ("CacheImage=true", "red"),
    ("cacheimage=True", "red"),
    ("CacheImage=true", "blue"),
]


def test_tagger_without_scores_gives_flags_alone() -> None:
    with running_service(taggers={"Image": Fixed(Tagging(tags={"A": True}))}) as service:
        said = post(service, EVALUATE, jpeg())
    assert (said["AdultClassificationScore"], said["IsImageAdultClassified"]) == (None, True)
    assert (said["RacyClassificationScore"], said["IsImageRacyClassified"]) == (None, False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the body is empty"),
        (b"hello", "not a picture"),
        (sized(127, 400), "127 x 400 pixels; the least is 128 a side"),
        (sized(400, 127), "400 x 127 pixels"),
        (b"\x89PNG" + bytes(4 * 2**20), "the most is 4 MB"),
        (b"{}", "Value: it is missing"),
        (b"[1]", "not a picture"),
        (b'{"DataRepresentation": "Base64", "Value": "abc"}', "DataRepresentation: there is no 'Base64'"),
        (b'{"Value": "file:///etc/passwd"}', "Value: 'file:///etc/passwd' is no address"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_evaluated_is_a_clean_400(running: RunningService, data: bytes, message: str) -> None:
    assert message in post(running, EVALUATE, data, status=400)["Error"]["Message"]


def test_picture_of_exactly_the_least_size_is_evaluated(running: RunningService) -> None:
    assert post(running, EVALUATE, sized(128, 128))["Result"] is True


def test_strange_cache_image_is_refused(running: RunningService) -> None:
    assert "CacheImage" in post(running, f"{EVALUATE}?CacheImage=perhaps", jpeg(), status=400)["Error"]["Message"]


def test_picture_that_the_tagger_refuses_is_refused_with_its_reason() -> None:
    with running_service(taggers={"Image": Fixed(Tagging(error="too strange"))}) as service:
        assert "too strange" in post(service, EVALUATE, jpeg(), status=400)["Error"]["Message"]


def test_numbers_of_numpy_are_numbers() -> None:
    said = Tagging(tags={"a": np.bool_(True)}, scores={"a": np.float32(0.5)})
    with running_service(taggers={"Image": Fixed(said)}) as service:
        answer = post(service, EVALUATE, jpeg())
    assert (answer["AdultClassificationScore"], answer["IsImageAdultClassified"]) == (0.5, True)


@pytest.mark.parametrize("score", [float("nan"), 1.5, -0.1])
def test_score_that_is_none_is_refused(score: float) -> None:
    with running_service(taggers={"Image": Fixed(Tagging(scores={"a": score}))}) as service:
        error = post(service, EVALUATE, jpeg(), status=400)["Error"]
    assert error["Message"] == f"the tagger 'fixed' gave 'a' the score {score}, which is not from 0 to 1"


def test_inner_address_is_not_called() -> None:
    with running_service(taggers={"Image": Fixed(ADULT)}, allow_loopback=False) as service, PictureServer() as site:
        error = post(service, EVALUATE, json={"Value": site.address(RED)}, status=400)["Error"]
    assert "is not an address that this service calls" in error["Message"]


# Screen ---------------------------------------------------------------------------------------------------------------


def test_screening_is_as_the_vendors_model_reads_it(running: RunningService) -> None:
    said = post(running, f"{SCREEN}/?language=eng&autocorrect=True&PII=True&classify=True", f"What {RUDE}!".encode())
    assert TRACKING_ID.fullmatch(str(said.pop("TrackingId")))
    assert said == {
        "OriginalText": "What crap!",
        "NormalizedText": "What crap!",
        "AutoCorrectedText": None,
        "Misrepresentation": None,
        "PII": None,
        "Classification": None,
        "Language": "eng",
        "Terms": [{"Index": 5, "OriginalIndex": 5, "ListId": 0, "Term": "crap"}],
        "Status": {"Code": 3000, "Description": "OK", "Exception": None},
    }


def test_screen_is_there_with_and_without_the_slash(running: RunningService) -> None:
    for path in (SCREEN, f"{SCREEN}/"):
        assert post(running, path, b"fine", allow_redirects=False)["OriginalText"] == "fine"


@pytest.mark.parametrize("kind", ["text/plain", "text/html; charset=utf-8", "application/json", ""])
def test_text_is_read_whatever_the_header_calls_it(running: RunningService, kind: str) -> None:
    said = post(running, SCREEN, "{ä} 日本".encode(), headers={"Content-Type": kind})
    assert (said["OriginalText"], said["Language"]) == ("{ä} 日本", None)


def test_chunked_text_is_read(running: RunningService) -> None:
    assert post(running, SCREEN, iter([b"one ", b"two"]))["OriginalText"] == "one two"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the text is empty"),
        (b" \n", "the text is empty"),
        (b"\xff", "no UTF-8 (byte 0)"),
        (b"x" * 1025, "1,025 characters; the most is 1,024"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_screened_is_a_clean_400(running: RunningService, data: bytes, message: str) -> None:
    assert message in post(running, SCREEN, data, status=400)["Error"]["Message"]


def test_limit_counts_characters_and_not_bytes(running: RunningService) -> None:
    assert post(running, SCREEN, ("ä" * 1024).encode())["Status"]["Code"] == 3000


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [EVALUATE, SCREEN])
def test_key_is_asked_for_before_anything_else(running: RunningService, path: str) -> None:
    headers = {"Ocp-Apim-Subscription-Key": "wrong"}
    assert post(running, path, b"", status=401, headers=headers)["Error"]["Code"] == "NotAuthorized"


@pytest.mark.parametrize("path", [EVALUATE, SCREEN])
def test_key_that_may_not_create_may_not_ask_the_taggers(running: RunningService, path: str) -> None:
    with running.client() as client:
        secret = client.create_key("auditor of " + path[-8:], "auditor").secret
    headers = {"Ocp-Apim-Subscription-Key": secret}
    assert post(running, path, b"x", status=403, headers=headers)["Error"]["Code"] == "Forbidden"


@pytest.mark.parametrize(("path", "how"), [(EVALUATE, "opennsfw"), (SCREEN, "words:FILE")])
def test_without_a_tagger_the_refusal_says_how_to_set_one_up(path: str, how: str) -> None:
    with running_service() as service:
        error = post(service, path, jpeg() if path == EVALUATE else b"text", status=409)["Error"]
    assert error["Code"] == "NoTagger"
    assert f"CMTOOLS_TAGGER={how}" in error["Message"]


def test_tagger_that_breaks_off_is_named_and_its_words_are_not_passed_on() -> None:
    class Broken(Fixed):
        def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
            raise RuntimeError("s3cret")

    with running_service(taggers={"Image": Broken(ADULT)}) as service:
        key = {"Ocp-Apim-Subscription-Key": service.key}
        answer = requests.post(service.url + EVALUATE, data=jpeg(), headers=key, timeout=30)
    assert answer.status_code == 500
    assert answer.json()["Error"] == {
        "Code": "TaggerFailed",
        "Message": "the tagger 'fixed' failed (RuntimeError); the service's log has more",
    }
