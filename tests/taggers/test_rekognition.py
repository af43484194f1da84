"""What is asked of Amazon Rekognition, signed by boto3, and what its labels become."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from cmtools.errors import BadTagger
from cmtools.taggers import Tagging
from cmtools.taggers.patience import Patience
from cmtools.testing import ManualClock
from tests.tools.pictures import png

from .clouds import aws
from .stand_in import StandIn, said


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


@pytest.fixture
def patience() -> Patience:
    clock = ManualClock()
    return Patience(now=clock, sleep=clock.advance)


def labelled(site: StandIn, *labels: tuple[str, str, float], version: str = "7.0") -> Tagging:
    """What becomes of an answer with labels of a name, a parent and a confidence."""
    rows = [{"Name": name, "ParentName": parent, "Confidence": percent} for name, parent, percent in labels]
    site.replies.append(said({"ModerationLabels": rows, "ModerationModelVersion": version}))
    (answer,) = aws(site).tag([png()])
    return answer


def on(answer: Tagging) -> dict[str, float]:
    assert answer.error is None
    return {code: answer.scores[code] for code, is_on in answer.tags.items() if is_on}


def test_picture_is_asked_about_as_documented(site: StandIn) -> None:
    aws(site).tag([png()])
    (asked,) = site.asked
    assert asked.headers["x-amz-target"] == "RekognitionService.DetectModerationLabels"
    assert "/eu-west-1/rekognition/aws4_request" in asked.headers["authorization"]
    assert base64.b64decode(asked.json["Image"]["Bytes"]) == png()
    assert asked.json["MinConfidence"] == 10


def test_label_counts_for_the_category_at_the_top_of_its_hierarchy(site: StandIn) -> None:
    answer = labelled(
        site,
        ("Exposed Female Nipple", "Explicit Nudity", 90.0),
        ("Explicit Nudity", "Explicit", 80.0),
        ("Explicit", "", 75.0),
        ("Alcohol", "", 30.0),
    )
    assert on(answer) == {"a": 0.9}
    assert answer.scores["al"] == pytest.approx(0.3)
    assert dict(answer.metadata)["tagger"] == "aws-rekognition 7.0"
    assert dict(answer.metadata)["aws-rekognition.Explicit Nudity"] == "80"


def test_labels_of_version_6_count_too(site: StandIn) -> None:
    answer = labelled(
        site,
        ("Female Swimwear Or Underwear", "Suggestive", 99.0),
        ("Suggestive", "", 99.0),
        ("Gambling", "", 60.0),
        ("Gambling", "Gambling", 70.0),
        version="6.1",
    )
    assert on(answer) == {"r": 0.99, "ga": 0.7}


def test_some_labels_count_for_a_tag_of_their_own_as_well(site: StandIn) -> None:
    answer = labelled(
        site,
        ("Self-Harm", "Graphic Violence", 91.0),
        ("Blood & Gore", "Graphic Violence", 71.0),
        ("Graphic Violence", "Violence", 81.0),
        ("Violence", "", 81.0),
    )
    assert on(answer) == {"vi": 0.91, "sh": 0.91, "gr": 0.71}


def test_picture_without_labels_has_no_tag_on_and_scores_of_nothing(site: StandIn) -> None:
    answer = labelled(site)
    assert on(answer) == {}
    assert set(answer.scores.values()) == {0.0}


def test_label_of_an_unknown_category_stands_in_metadata_alone(site: StandIn) -> None:
    answer = labelled(site, ("Novelty", "", 99.0), ("Child", "Novelty", 99.0), ("Lost", "Not There", 99.0))
    assert on(answer) == {}
    assert dict(answer.metadata)["aws-rekognition.Novelty"] == "99"


def test_labels_that_are_each_others_parents_end(site: StandIn) -> None:
    assert on(labelled(site, ("Violence", "Weapons", 90.0), ("Weapons", "Violence", 90.0))) == {"vi": 0.9}


def test_other_formats_are_sent_as_jpeg(site: StandIn) -> None:
    buffer = BytesIO()
    Image.new("RGB", (200, 150), "red").save(buffer, "WEBP")
    aws(site).tag([buffer.getvalue()])
    sent = Image.open(BytesIO(base64.b64decode(site.asked[0].json["Image"]["Bytes"])))
    assert (sent.format, sent.size) == ("JPEG", (200, 150))


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_too_fast_is_tried_again_whatever_its_status(site: StandIn, patience: Patience, code: str) -> None:
    site.replies.append(said({"__type": code, "message": "Slow down"}, 400))
    assert aws(site, patience=patience).tag([png()])[0].error is None
    assert len(site.asked) == 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException"])
def test_access_that_is_denied_ends_the_calling_whatever_its_status(site: StandIn, code: str) -> None:
    site.judge = lambda asked: said({"__type": code, "message": "arn:aws:iam::1234:user/ana may not"}, 400)
    tagger = aws(site)
    errors = {tagger.tag([png()])[0].error for _ in range(3)}
    assert errors == {f"aws-rekognition: the key was refused with 400 ({code}); set one that may do this"}
    assert len(site.asked) == 1


def test_error_about_the_picture_is_told(site: StandIn) -> None:
    site.replies.append(said({"__type": "InvalidImageFormatException", "message": "Request has invalid format"}, 400))
    (answer,) = aws(site).tag([png()])
    assert answer.error == "aws-rekognition: it answered 400 (InvalidImageFormatException: Request has invalid format)"


def test_missing_package_says_what_to_install(site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(BadTagger, match=r"boto3 is not installed: .* -m pip install 'cmtools\[aws\]'"):
        aws(site)


def test_missing_region_is_told(site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from cmtools.taggers.rekognition import AwsRekognition

    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/no/such/file")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(BadTagger, match="region"):
        AwsRekognition()


def test_confidence_that_rounding_put_beyond_100_counts_as_100(site: StandIn) -> None:
    assert on(labelled(site, ("Explicit", "", 100.00001))) == {"a": 1.0}
    assert "not as documented" in str(labelled(site, ("Explicit", "", 100.1)).error)


def test_haste_is_told_with_the_status_that_was_sent(site: StandIn, patience: Patience) -> None:
    site.judge = lambda asked: said({"__type": "x#ThrottlingException", "message": "Slow down"}, 400)
    error = aws(site, patience=patience).tag([png()])[0].error
    assert error == "aws-rekognition: it answered 400 (ThrottlingException: Slow down), 6 times"


def test_credentials_that_are_gone_are_told_and_nothing_is_sent(site: StandIn) -> None:
    tagger = aws(site)
    tagger._sign = lambda address, body: None
    assert tagger.tag([png()])[0].error == "aws-rekognition: boto3 finds no credentials any more; renew them"
    assert site.asked == []
