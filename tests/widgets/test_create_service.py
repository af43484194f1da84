"""The create form with the service's own tagger: what it says, where it cannot be asked, and when it is away."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cmtools.client.client import Client
from cmtools.errors import BadDraft, BadTagger, RateLimited, TaggerFailed, Unreachable
from cmtools.taggers import FromFunction, Words
from cmtools.testing import RunningService, running_service
from cmtools.widgets.create import CreateReviews
from cmtools.widgets.create_service import MOST_BYTES
from cmtools.widgets.portal import Portal
from tests.sdk.pictures import GREY, RED, PictureServer, jpeg
from tests.sdk.taggers import RedPictures, RudeWords

TEXTS = ["That damn cat.", "An explicit word."]


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(taggers={"Image": RedPictures(), "Text": RudeWords()}) as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """A client of a team of the test's own."""
    team = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60]
    return service.client("ana", team=team, key=service.add_team(team))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / RED).write_bytes(jpeg("red"))
    (tmp_path / GREY).write_bytes(jpeg("grey"))
    return tmp_path


def filled(client: Client, source: Any, **options: Any) -> CreateReviews:
    """A form with something in it, looked at."""
    form = CreateReviews(client, **{"tagger": "service", **options})
    form.add_table(source)
    form.wait()
    return form


def tags_of(form: CreateReviews) -> dict[str, dict[str, str]]:
    return {draft.content_id: dict(draft.metadata) for draft in form.drafts}


def test_pictures_get_what_the_service_says_of_them(client: Client, folder: Path) -> None:
    form = filled(client, folder)
    assert tags_of(form) == {
        GREY: {"a": "False", "a.score": "0", "r": "False", "r.score": "0"},
        RED: {"a": "True", "a.score": "0.996078", "r": "False", "r.score": "0.498039"},
    }
    assert form._seen()["tagger"] == "the service's tagger"
    reviews = list(client.reviews(ids=form.submit()))
    assert [review.auto_tags["a"] for review in reviews] == [False, True]


def test_pictures_at_an_address_too(client: Client) -> None:
    with PictureServer() as site:
        form = filled(client, [site.address(RED), site.address("gone.jpg")])
        assert [values.get("a") for values in tags_of(form).values()] == ["True", None]


def test_words_that_are_found_in_texts_are_told_as_a_job_tells_them(client: Client) -> None:
    form = filled(client, ["What crap.", "How kind."], type="Text")
    rude, kind = tags_of(form).values()
    assert rude["a"] == "True"
    assert [(found["Index"], found["Term"]) for found in json.loads(rude["matchTerms"])] == [(5, "crap")]
    assert kind == {"a": "False"}


@pytest.mark.parametrize("threshold", [None, {}, {"p": 0.7}, 0.2])
def test_text_tagger_says_the_same_to_the_form_of_its_service_and_to_a_form_of_its_own(
    threshold: dict[str, float] | float | None,
) -> None:
    tagger = FromFunction(
        lambda texts: [{"p": 0.6 if "damn" in text else 0.1} for text in texts], type="Text", thresholds={"p": 0.5}
    )
    with running_service(taggers={"Text": tagger}) as service, service.client() as client:
        client.add_tag("p")
        forms = [filled(client, TEXTS, type="Text", tagger=by, threshold=threshold) for by in ("service", tagger)]
        asked, local = map(tags_of, forms)
        assert asked == local
        assert all("p" in values and "p.score" in values for values in asked.values())
        assert not any("HasProfanity" in key for values in asked.values() for key in values)


def test_words_of_lists_give_their_tags_and_the_tagger_says_who_it_is() -> None:
    with running_service(taggers={"Text": Words(["damn", "[a]", "explicit"])}) as service, service.client() as client:
        client.add_tag("p")
        first, second = tags_of(filled(client, TEXTS, type="Text")).values()
        assert (first["p"], first["a"], second["p"], second["a"]) == ("True", "False", "False", "True")
        assert first["tagger"] == second["tagger"]


def test_threshold_of_the_team_that_held_is_told(client: Client, folder: Path) -> None:
    client.set_threshold("r", 0.4)
    assert tags_of(filled(client, folder))[RED]["r.threshold"] == "0.4"
    own = tags_of(filled(client, folder, threshold={}))[RED]
    assert (own["r"], "r.threshold" in own) == ("False", False)


def test_threshold_of_the_form_holds(client: Client, folder: Path) -> None:
    assert tags_of(filled(client, folder, threshold={"r": 0.4}))[RED]["r"] == "True"
    assert tags_of(filled(client, folder, threshold={"a": 1.0}))[RED]["a"] == "False"


def test_threshold_of_the_team_holds(client: Client, folder: Path) -> None:
    client.set_threshold("r", 0.4)
    assert tags_of(filled(client, folder))[RED]["r"] == "True"


def test_service_without_a_tagger_leaves_the_tags_to_people(folder: Path) -> None:
    with running_service() as bare, bare.client() as client:
        form = filled(client, folder)
        assert tags_of(form) == {GREY: {}, RED: {}}
        assert form._seen()["tagger"] == ""
        assert form._seen()["notice"] == ""
        assert len(form.submit()) == 2


def test_what_the_service_cannot_be_asked_about_becomes_a_review_all_the_same(client: Client, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "small.png")
    form = filled(client, tmp_path)
    assert tags_of(form) == {"small.png": {"untagged": "the picture has 64 x 64 pixels; the least is 128 a side"}}
    assert len(form.submit()) == 1
    long = filled(client, ["crap " * 300], type="Text")
    assert [*tags_of(long).values()] == [{"untagged": "the text has 1,500 characters; the most is 1,024"}]


def test_of_a_large_picture_a_smaller_copy_is_looked_at(client: Client, tmp_path: Path) -> None:
    noisy = np.random.default_rng(7).integers(0, 60, (1400, 1400, 3), dtype=np.uint8)
    noisy[:, :, 0] = 250
    buffer = BytesIO()
    Image.fromarray(noisy).save(buffer, "TIFF")
    assert len(buffer.getvalue()) > MOST_BYTES
    (tmp_path / "large.tiff").write_bytes(buffer.getvalue())
    assert tags_of(filled(client, tmp_path))["large.tiff"]["a"] == "True"


def test_videos_are_left_alone(client: Client) -> None:
    assert [*tags_of(filled(client, ["https://example.org/1.mp4"], type="Video")).values()] == [{}]


@pytest.mark.parametrize("problem", [Unreachable("no service answers"), RateLimited("too many calls")])
def test_while_the_service_is_away_entries_wait_and_are_asked_about_later(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def away(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(client, "tag", away)
    form = CreateReviews(client, folder, tagger="service")
    with pytest.raises(type(problem), match=f"2 still wait to be looked at: {problem}"):
        form.wait()
    assert form._seen()["notice"] == str(problem)
    with pytest.raises(BadDraft, match="nothing is ready"):
        form.submit()
    with pytest.raises(type(problem)):
        form.wait(60)
    monkeypatch.undo()
    form.wait()
    assert len(form.submit()) == 2
    assert [review.auto_tags["a"] for review in client.reviews()] == [False, True]


@pytest.mark.parametrize("tagger", ["opennsfw", 5])
def test_tagger_that_is_none_is_refused_before_anything_begins(
    client: Client, tagger: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = set(threading.enumerate())
    with pytest.raises(BadTagger, match=f"{tagger!r}; give a Tagger"):
        CreateReviews(client, tagger=tagger)
    gc.collect()
    begun = [thread.name for thread in set(threading.enumerate()) - before]
    assert [name for name in begun if name.startswith("cmtools create")] == []
    assert capfd.readouterr().err == ""
    assert caplog.records == []


def test_tagger_that_fails_stops_nobody(client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise TaggerFailed("the tagger 'red' failed")

    monkeypatch.setattr(client, "tag", failing)
    form = filled(client, folder)
    assert [values["untagged"] for values in tags_of(form).values()] == ["the tagger 'red' failed"] * 2
    assert len(form.submit()) == 2


def test_try_tab_of_the_portal_asks_the_service(client: Client, folder: Path) -> None:
    portal = Portal(client)
    portal.go_to("try")
    form = portal.shown
    assert isinstance(form, CreateReviews)
    form.add_files(folder)
    form.wait()
    assert tags_of(form)[RED]["a"] == "True"
    portal.close()
