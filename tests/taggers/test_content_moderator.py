"""What is asked of Content Moderator, the vendor's in a stand-in and our own service, and what its scores become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from cmtools.taggers import FoundTerm, Tagger, Tagging
from cmtools.taggers.content_moderator import ContentModerator
from cmtools.taggers.words import Words
from cmtools.testing import running_service
from tests.tools.pictures import png

from .stand_in import KEY, StandIn, said

NOTHING = {
    "AdultClassificationScore": None,
    "IsImageAdultClassified": False,
    "RacyClassificationScore": None,
    "IsImageRacyClassified": False,
}


class Fixed(Tagger):
    """Answers the same of every picture."""

    name, type = "fixed", "Image"

    def __init__(self, said: Tagging) -> None:
        super().__init__()
        self.said = said

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        return [self.said for _ in items]


@pytest.fixture
def site() -> Iterator[StandIn]:
    with StandIn() as site:
        yield site


def tagger(site: StandIn, type: str) -> ContentModerator:
    return ContentModerator(type=type, key=KEY, endpoint=site.url)


def test_picture_and_text_are_sent_as_documented(site: StandIn) -> None:
    tagger(site, "Image").tag([png()])
    tagger(site, "Text").tag(["Grüße"])
    picture, text = site.asked
    assert picture.path == "/contentmoderator/moderate/v1.0/ProcessImage/Evaluate"
    assert (picture.headers["content-type"], picture.body) == ("image/png", png())
    assert picture.headers["ocp-apim-subscription-key"] == KEY
    assert text.path == "/contentmoderator/moderate/v1.0/ProcessText/Screen/?classify=True"
    assert (text.headers["content-type"], text.body.decode()) == ("text/plain", "Grüße")


def test_scores_of_a_picture_become_tags_and_the_clouds_own_verdict_is_kept(site: StandIn) -> None:
    given = {"AdultClassificationScore": 0.6, "RacyClassificationScore": 0.4, "IsImageRacyClassified": True}
    site.replies.append(said({**NOTHING, **given}))
    (answer,) = tagger(site, "Image").tag([png()])
    assert (answer.tags, answer.scores) == ({"a": True, "r": False}, {"a": 0.6, "r": 0.4})
    assert dict(answer.metadata)["content-moderator.IsImageAdultClassified"] == "False"
    assert dict(answer.metadata)["content-moderator.IsImageRacyClassified"] == "True"


def test_classes_of_a_text_become_tags_and_terms_are_found(site: StandIn) -> None:
    site.replies.append(
        said(
            {
                "Classification": {
                    "ReviewRecommended": True,
                    "Category1": {"Score": 0.9},
                    "Category2": {"Score": 0.2},
                    "Category3": None,
                },
                "Terms": [{"Index": 2, "OriginalIndex": 3, "ListId": 0, "Term": "crap"}],
            }
        )
    )
    (answer,) = tagger(site, "Text").tag(["oh, crap"])
    assert (answer.tags, answer.scores) == ({"a": True, "r": False, "p": True}, {"a": 0.9, "r": 0.2})
    assert answer.terms == (FoundTerm(2, 3, "crap"),)
    assert dict(answer.metadata)["content-moderator.ReviewRecommended"] == "True"


def test_text_without_classes_is_silent_of_them(site: StandIn) -> None:
    site.replies.append(said({"Classification": None, "Terms": None}))
    (answer,) = tagger(site, "Text").tag(["fine"])
    assert (answer.tags, answer.scores, answer.error) == ({"p": False}, {}, None)


@pytest.mark.parametrize(
    ("of_the_service", "tags", "scores"),
    [
        (Tagging({"a": True, "r": False}, {"a": 0.9, "r": 0.125}), {"a": True, "r": False}, {"a": 0.9, "r": 0.125}),
        (Tagging({"a": True, "r": False}), {"a": True}, {}),
        (Tagging({"sc": True}), {}, {}),
    ],
    ids=["scores", "verdicts", "neither"],
)
def test_our_own_service_answers_of_a_picture(
    of_the_service: Tagging, tags: dict[str, bool], scores: dict[str, float]
) -> None:
    with running_service(taggers={"Image": Fixed(of_the_service)}) as service:
        own = ContentModerator(key=service.key, endpoint=service.url)
        good, small = own.tag([png(), png(size=(100, 200))])
    nothing = None if tags else "content-moderator: its answer said nothing of it"
    assert (good.tags, good.scores, good.error) == (tags, scores, nothing)
    assert small.error == "it has 100 x 200 pixels; the least is 128 a side"


def test_our_own_service_answers_of_a_text() -> None:
    with running_service(taggers={"Text": Words(["crap"])}) as service:
        own = ContentModerator(type="Text", key=service.key, endpoint=service.url)
        good, bad = own.tag(["oh, crap!", "fine"])
    assert (good.tags, good.terms) == ({"p": True}, (FoundTerm(4, 4, "crap"),))
    assert (bad.tags, bad.terms) == ({"p": False}, ())


def test_our_own_service_tells_what_is_wrong() -> None:
    with running_service(taggers={}) as service:
        no_tagger = ContentModerator(key=service.key, endpoint=service.url).tag([png()])[0].error or ""
        no_key = ContentModerator(key="not-a-key-of-it", endpoint=service.url).tag([png()])[0].error or ""
    assert no_tagger.startswith("content-moderator: it answered 409 (NoTagger: this service has no tagger for images")
    assert no_key == "content-moderator: the key was refused with 401 (NotAuthorized); set one that may do this"
