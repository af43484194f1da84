"""What is asked of Azure AI Content Safety, and what its severities become."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from cmtools.taggers import open_taggers
from cmtools.taggers.content_safety import AzureContentSafety
from tests.tools.pictures import png

from .stand_in import KEY, StandIn, said


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


def tagger(site: StandIn, type: str, **options: object) -> AzureContentSafety:
    return AzureContentSafety(type=type, key=KEY, endpoint=site.url, **options)


def test_picture_is_asked_about_as_documented(site: StandIn) -> None:
    tagger(site, "Image").tag([png()])
    (asked,) = site.asked
    assert asked.path == "/contentsafety/image:analyze?api-version=2024-09-01"
    assert asked.headers["ocp-apim-subscription-key"] == KEY
    assert asked.headers["content-type"] == "application/json"
    assert base64.b64decode(asked.json["image"]["content"]) == png()
    assert sorted(asked.json["categories"]) == ["Hate", "SelfHarm", "Sexual", "Violence"]
    assert asked.json["outputType"] == "FourSeverityLevels"


def test_text_is_asked_about_as_documented(site: StandIn) -> None:
    tagger(site, "Text").tag(["Grüße"])
    (asked,) = site.asked
    assert asked.path == "/contentsafety/text:analyze?api-version=2024-09-01"
    assert (asked.json["text"], asked.json["outputType"]) == ("Grüße", "FourSeverityLevels")


def test_severity_becomes_a_score_and_from_medium_on_a_tag(site: StandIn) -> None:
    rows = [("Hate", 2), ("SelfHarm", 0), ("Sexual", 4), ("Violence", 6)]
    site.replies.append(said({"categoriesAnalysis": [{"category": name, "severity": value} for name, value in rows]}))
    (answer,) = tagger(site, "Image").tag([png()])
    assert answer.tags == {"ha": False, "sh": False, "a": True, "vi": True}
    assert answer.scores == pytest.approx({"ha": 1 / 3, "sh": 0, "a": 2 / 3, "vi": 1})
    assert answer.metadata == (
        ("tagger", "azure-content-safety 2024-09-01"),
        ("azure-content-safety.Hate", "2"),
        ("azure-content-safety.SelfHarm", "0"),
        ("azure-content-safety.Sexual", "4"),
        ("azure-content-safety.Violence", "6"),
    )


def test_category_that_is_left_out_leaves_its_tag_silent(site: StandIn) -> None:
    rows = [{"category": "Hate", "severity": 6}, {"category": "Violence"}, {"category": "Novelty", "severity": 2}]
    site.replies.append(said({"categoriesAnalysis": rows}))
    (answer,) = tagger(site, "Text").tag(["text"])
    assert (answer.tags, answer.scores) == ({"ha": True}, {"ha": 1.0})
    assert ("azure-content-safety.Novelty", "2") in answer.metadata


def test_threshold_of_the_user_holds(site: StandIn) -> None:
    site.replies.append(said({"categoriesAnalysis": [{"category": "Hate", "severity": 2}]}))
    assert tagger(site, "Text", thresholds={"ha": 0.3}).tag(["text"])[0].tags == {"ha": True}


def test_setting_opens_one_for_each_type_from_the_environment(site: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTENT_SAFETY_KEY", f" {KEY}\n")
    monkeypatch.setenv("CONTENT_SAFETY_ENDPOINT", site.url + "/")
    opened = open_taggers("azure-content-safety, azure-content-safety:text")
    assert opened["Image"]([png()])[0].error is None
    assert opened["Text"](["text"])[0].error is None
    assert [asked.path.partition(":")[0] for asked in site.asked] == ["/contentsafety/image", "/contentsafety/text"]


def test_of_a_category_that_comes_twice_the_highest_counts(site: StandIn) -> None:
    rows = [{"category": "Sexual", "severity": severity} for severity in (2, 6, 0)]
    site.replies.append(said({"categoriesAnalysis": [*rows, {"category": "Sexual"}]}))
    (answer,) = tagger(site, "Text").tag(["text"])
    assert (answer.tags, answer.scores) == ({"a": True}, {"a": 1.0})
    assert ("azure-content-safety.Sexual", "6") in answer.metadata
