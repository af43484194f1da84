"""Two teams, two thresholds, one service with one tagger: each gets its own answer about the same picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cmtools as cm
from cmtools.errors import BadTag, Forbidden, NotFound
from cmtools.model import Condition, Job, Logic
from cmtools.testing import RunningService, running_service
from tests.sdk.pictures import jpeg
from tests.sdk.taggers import RedPictures, RudeWords
from tests.tools import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningService]:
    url = str(tmp_path / "reviews.db") if request.param == "sqlite" else postgres.fresh_database()
    taggers = {"Image": RedPictures(), "Text": RudeWords()}
    with running_service(url, taggers=taggers, media=str(tmp_path / "media")) as running:
        yield running
    if request.param == "postgresql":
        postgres.drop_database(url)


@pytest.fixture
def strict(service: RunningService) -> cm.Client:
    """A team that takes less than the tagger itself, which begins at 0.5."""
    client = service.client("ana", team="strict", key=service.add_team("strict"))
    client.set_threshold("A", 0.3)
    client.add_tag("r", threshold=0.2)
    return client


@pytest.fixture
def lenient(service: RunningService) -> cm.Client:
    """Another team, that has set nothing yet."""
    return service.client("ben", team="lenient", key=service.add_team("lenient"))


PINK = jpeg("#dc6e6e")
"""The score of this picture is 0.43, half of it for racy."""


def job(service: RunningService, client: cm.Client) -> Job:
    id = client.create_job(PINK, content_id="pink")
    service.advance(0)
    (found,) = client.wait_jobs([id], progress=False)
    return found


def test_the_same_picture_is_adult_to_one_team_and_not_to_the_other(
    service: RunningService, strict: cm.Client, lenient: cm.Client
) -> None:
    said, other = strict.evaluate(PINK), lenient.evaluate(PINK)
    assert said.adult_score == other.adult_score == pytest.approx(0.43, abs=0.01)
    assert [(each.is_adult, each.is_racy, each.flagged) for each in (said, other)] == [
        (True, True, True),
        (False, False, False),
    ]

    mine, theirs = job(service, strict), job(service, lenient)
    assert (bool(mine.review_id), theirs.review_id) == (True, None), "the default workflow asks whether it is adult"
    found = dict(mine.metadata)
    assert (found["isAdult"], found["a"], found["a.threshold"]) == ("True", "True", "0.3")
    assert (found["isRacy"], found["r"], found["r.threshold"]) == ("True", "True", "0.2")
    assert dict(theirs.metadata)["isAdult"] == "False"
    assert not [key for key, _ in theirs.metadata if key.endswith(".threshold")]


def test_threshold_holds_from_now_on_until_it_is_taken_back(service: RunningService, lenient: cm.Client) -> None:
    answers = []
    for threshold in (0.4, 0.44, None, 0.0):
        lenient.set_threshold("a", threshold)
        answers.append((lenient.tags()["a"].threshold, lenient.evaluate(PINK).is_adult))
    assert answers == [(0.4, True), (0.44, False), (None, False), (0.0, True)]


def test_decisions_tell_the_threshold_that_held_at_the_time(service: RunningService, strict: cm.Client) -> None:
    first = job(service, strict).review_id
    strict.set_threshold("a", 0.4)
    second = job(service, strict).review_id
    assert {first, second} - {None}
    lease = strict.checkout(2)
    assert [review.auto_tags["a"] for review in lease.reviews] == [True, True]
    strict.submit(lease, {review.id: {"a": False} for review in lease.reviews})
    service.advance(5)
    table = strict.decisions(metadata=True).query("tag == 'a'").set_index("review_id")
    assert table["metadata_a.threshold"].to_dict() == {first: "0.3", second: "0.4"}
    assert list(table["auto"]) == [True, True]
    assert "metadata_a.score" not in table


def test_workflow_of_texts_is_left_alone_where_there_is_no_score(service: RunningService, strict: cm.Client) -> None:
    strict.put_workflow("rude", Logic(Condition("text.HasProfanity")), type="Text")
    ids = [strict.create_job(text, content_id=text, type="Text", workflow="rude") for text in ("oh crap", "oh dear")]
    service.advance(0)
    found = strict.wait_jobs(ids, progress=False)
    assert [(dict(each.metadata)["a"], bool(each.review_id)) for each in found] == [("True", True), ("False", False)]


def test_drafts_are_made_with_the_teams_thresholds(strict: cm.Client, lenient: cm.Client, tmp_path: Path) -> None:
    (tmp_path / "pink.jpg").write_bytes(PINK)
    found = [
        dict(cm.make_drafts(tmp_path, tagger=RedPictures(), threshold=client.tags().thresholds)[0].metadata)["a"]
        for client in (strict, lenient)
    ]
    assert found == ["True", "False"]


def test_tag_that_is_added_anew_keeps_what_is_not_said(strict: cm.Client) -> None:
    strict.add_tag("sc", "isscreenshot", "A picture of a screen", threshold=0.6)
    strict.add_tag("sc", "screenshot")
    strict.add_tag("sc", threshold=0.7)
    tag = strict.add_tag("sc")["sc"]
    assert (tag.name, tag.description, tag.threshold) == ("screenshot", "A picture of a screen", 0.7)
    assert strict.set_threshold("SC", None)["sc"].threshold is None
    assert strict.tags()["a"].name == "isadult"
    assert strict.tags().thresholds == {"a": 0.3, "r": 0.2}


def test_threshold_is_set_by_whoever_may_change_tags_and_by_nobody_else(
    service: RunningService, strict: cm.Client
) -> None:
    for role in ("lead", "reviewer", "submitter", "auditor"):
        key = strict.create_key(role, role, role).secret
        with service.client(team="strict", key=key) as client:
            for change in (lambda c: c.set_threshold("a", 0.9), lambda c: c.add_tag("a", threshold=0.9)):
                with pytest.raises(Forbidden):
                    change(client)
    assert strict.tags().thresholds == {"a": 0.3, "r": 0.2}


def test_what_cannot_be_is_refused(strict: cm.Client) -> None:
    with pytest.raises(BadTag, match="the threshold of 'a' is 70"):
        strict.set_threshold("a", 70)
    with pytest.raises(NotFound, match="no tag 'zz'; it has a, r"):
        strict.set_threshold("zz", 0.5)


def test_each_change_is_in_the_trail_with_what_was_before(strict: cm.Client) -> None:
    strict.set_threshold("a", None)
    strict.set_threshold("a", None)
    told = [(event.subject, event.before, event.after) for event in strict.events() if event.action == "put_tag"]
    thresholds = [(subject, before["threshold"], after["threshold"]) for subject, before, after in told]
    assert thresholds == [("a", None, 0.3), ("r", None, 0.2), ("a", 0.3, None)]
