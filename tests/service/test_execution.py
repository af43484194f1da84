"""What a job comes to: outputs, tags, reviews, the report; and the reason, where it cannot be run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmtools.model import Combine, Condition, CreateReview, Logic, TagRule
from cmtools.service import pictures, reviews, tagging, teams
from cmtools.store import Store, open_store
from cmtools.taggers import Tagging
from cmtools.tags import Tag
from tests.sdk.pictures import RED, PictureServer, jpeg

from .bench import ADULT, RUDE, Bench, Fixed, Words, messages
from .conftest import BASE, Desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """SQLite alone: nothing here depends on the database; `test_jobs` is run on each."""
    opened = open_store(tmp_path / "reviews.db")
    yield opened
    opened.close()


@pytest.fixture
def bench(desk: Desk) -> Bench:
    """Everything that is there is found adult."""
    made = Bench(desk, {"Image": Fixed(ADULT), "Text": Words()})
    made.put_workflow(Logic(Condition("isAdult")))
    return made


# What a job comes to --------------------------------------------------------------------------------------------------


def test_job_shows_the_outputs_then_what_the_tagger_adds_then_the_tags(bench: Bench) -> None:
    job = bench.run()
    assert job.metadata == (
        ("adultScore", "0.988"),
        ("isAdult", "True"),
        ("racyScore", "0.400"),
        ("isRacy", "False"),
        ("sc.score", "0.750"),
        ("tagger", "fixed 1"),
        ("hasText", "True"),
        ("ocrText", f"oh {RUDE}"),
        ("a", "True"),
        ("r", "False"),
        ("sc", "True"),
    )


def test_teams_thresholds_hold_for_outputs_tags_and_the_workflow(bench: Bench) -> None:
    for code, threshold in {"a": 0.99, "r": 0.4, "sc": 0.7}.items():
        said = {"threshold": threshold}
        bench.desk.run(lambda ctx, code=code, said=said: teams.add_tag(ctx, code, said))
    job = bench.run()
    found = dict(job.metadata)
    assert (found["isAdult"], found["isRacy"], job.review_id) == ("False", "True", None)
    assert job.metadata[5:8] == (("a.threshold", "0.99"), ("r.threshold", "0.4"), ("sc.threshold", "0.7"))
    assert job.metadata[-3:] == (("a", "False"), ("r", "True"), ("sc", "True"))
    bench.put_workflow(Logic(Combine(Condition("isRacy"), Condition("SC"), "AND")))
    review = bench.review(bench.run())
    assert review.auto_tags == {"a": False, "r": True, "sc": True}


def test_tag_with_a_score_alone_is_an_output_once_the_team_has_a_threshold(desk: Desk) -> None:
    bench = Bench(desk, {"Image": Fixed(Tagging(scores={"a": 0.8}))})
    job = bench.run(workflow="default")
    assert (job.status, "the tagger gives no 'isAdult'" in messages(job)[1]) == ("Error", True)
    bench.desk.run(lambda ctx: teams.set_threshold(ctx, "a", 0.8))
    job = bench.run(workflow="default")
    assert dict(job.metadata) == {"adultScore": "0.800", "isAdult": "True", "a.threshold": "0.8", "a": "True"}
    assert job.review_id


def test_report_tells_the_run_newest_first(bench: Bench) -> None:
    job = bench.run()
    assert messages(job) == [
        "Job marked completed and job content has been removed",
        "Execution Complete",
        f"Created review {job.review_id}",
        "Successfully got isAdult response from Moderator",
        "Getting isAdult from Moderator",
        "Starting Execution - Try 1",
    ]


def test_review_of_a_job_has_its_metadata_tags_and_scores(bench: Bench) -> None:
    bench.desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", "screenshot")))
    job = bench.run(content_id="cat.jpg")
    review = bench.review(job)
    assert (review.type, review.content_id, review.subteam, review.status) == ("Image", "cat.jpg", "public", "Pending")
    assert review.metadata == job.metadata
    assert review.auto_tags == {"a": True, "r": False, "sc": True}
    assert review.scores == {"a": 0.988, "r": 0.4, "sc": 0.75}
    assert review.created_by == "administrator"


def test_picture_that_came_as_bytes_is_the_teams_once_there_is_a_review(bench: Bench) -> None:
    job = bench.run()
    stored = bench.desk.run(lambda ctx: reviews.stored(ctx, job.review_id or ""))
    id = stored.content.removeprefix("media:")
    bench.desk.run(lambda ctx: pictures.demand(ctx, id))
    assert bench.media.load("demo", id) == jpeg("red")


def test_content_is_gone_when_the_job_has_ended(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("isRacy")))
    id = bench.create()
    assert len(bench.kept()) == 1
    bench.worker.work_off()
    job = bench.get(id)
    assert (job.status, job.review_id, job.content, bench.kept()) == ("Complete", None, "", [])


def test_address_is_fetched_and_stays_the_reviews_content(bench: Bench) -> None:
    with PictureServer() as site:
        job = bench.run(site.address(RED))
        assert bench.review(job).content == site.address(RED)


def test_uploaded_picture_may_be_named_by_its_address(bench: Bench) -> None:
    id, facts = pictures.upload(bench.media, bench.desk.actor, jpeg("red"))
    content = bench.desk.run(lambda ctx: pictures.note(ctx, id, facts, BASE)).content
    assert bench.review(bench.run(content)).content == content


def test_text_job_tells_the_terms_and_makes_a_text_review(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("text.HasProfanity")), type="Text", name="texts")
    job = bench.run(f"What {RUDE}!", type="Text", workflow="texts")
    found = dict(job.metadata)
    assert found["text.HasProfanity"] == "True"
    assert json.loads(found["matchTerms"]) == [{"Index": 5, "OriginalIndex": 5, "ListId": 0, "Term": RUDE}]
    assert (bench.review(job).type, bench.review(job).content) == ("Text", f"What {RUDE}!")


def test_text_may_come_as_the_body_itself(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("text.HasProfanity")), type="Text", name="texts")
    assert bench.review(bench.run(b"\xef\xbb\xbfcrap \xc3\xa4", type="Text", workflow="texts")).content == "crap ä"


# Workflows ------------------------------------------------------------------------------------------------------------


def test_workflow_name_is_found_in_any_case_and_shown_as_it_is_kept(bench: Bench) -> None:
    assert bench.run(workflow="MINE").workflow == "mine"


def test_workflow_says_subteam_and_tags_of_the_review(bench: Bench) -> None:
    bench.desk.run(lambda ctx: teams.add_subteam(ctx, "night"))
    rules = (TagRule("a", Condition("adultScore", "gt", "0.99")), TagRule("r", Condition("racyScore", "ge", "0.4")))
    bench.put_workflow(Logic(Condition("isAdult"), (CreateReview("night", tags=rules),)))
    job = bench.run()
    review = bench.review(job)
    assert (review.subteam, review.auto_tags) == ("night", {"a": False, "r": True})
    assert job.metadata[-2:] == (("a", "False"), ("r", "True"))


def test_tag_goes_by_its_short_code_and_by_the_teams_name_for_it(bench: Bench) -> None:
    bench.desk.run(lambda ctx: teams.put_tag(ctx, Tag("sc", "screenshot")))
    both = Combine(Condition("SC"), Combine(Condition("Screenshot"), Condition("SC.Score", "ge", "0.75"), "AND"), "AND")
    bench.put_workflow(Logic(both))
    assert bench.run().review_id


def test_alternate_input_has_the_text_of_a_picture_tagged(bench: Bench) -> None:
    condition = Condition("text.HasProfanity", alternate_input="moderator.ocrText")
    bench.put_workflow(Logic(condition))
    job = bench.run()
    assert job.review_id
    assert dict(job.metadata)["text.HasProfanity"] == "True"
    assert "Getting ocrText from Moderator" in messages(job)
    assert "Successfully got text.HasProfanity response from Moderator" in messages(job)


def test_each_createreview_makes_a_review_and_the_job_names_the_first(bench: Bench) -> None:
    bench.desk.run(lambda ctx: teams.add_subteam(ctx, "night"))
    bench.put_workflow(Logic(Condition("isAdult"), (CreateReview(), CreateReview("night"))))
    job = bench.run()
    counts = [
        bench.desk.run(lambda ctx, name=name: reviews.counts(ctx, None, name)).total for name in ("public", "night")
    ]
    assert counts == [1, 1]
    assert bench.review(job).subteam == "public"


def test_else_is_done_when_the_condition_fails(bench: Bench) -> None:
    bench.put_workflow(Logic(Condition("isRacy"), (), (Logic(Condition("isAdult")),)))
    assert bench.run().review_id


# Faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logic", "reason"),
    [
        (Logic(Condition("isFunny")), "the tagger gives no 'isFunny'; it gives a, adultscore, hastext, isadult"),
        (Logic(Condition("tagger", "gt", "1")), "the output is 'fixed 1', which is no number"),
        (Logic(Condition("text.HasProfanity", alternate_input="moderator.caption")), "the tagger gives no 'caption'"),
    ],
    ids=["no such output", "no number", "no such input"],
)
def test_workflow_that_cannot_be_worked_out_ends_the_job_as_error(bench: Bench, logic: Logic, reason: str) -> None:
    bench.put_workflow(logic)
    job = bench.run()
    assert (job.status, job.review_id) == ("Error", None)
    assert messages(job)[0] == "Job marked failed and job content has been removed"
    assert reason in messages(job)[1]
    assert bench.desk.run(lambda ctx: reviews.counts(ctx, None, None)).total == 0


def test_without_a_tagger_the_job_says_how_to_set_one_up(desk: Desk) -> None:
    job = Bench(desk, {}).run(workflow="default")
    assert job.status == "Error"
    assert 'no tagger for images: start it with cm.serve(tagger="opennsfw")' in messages(job)[1].replace("'", '"')


def test_picture_that_the_tagger_refuses_ends_the_job_as_error(desk: Desk) -> None:
    job = Bench(desk, {"Image": Fixed(Tagging(error="too strange"))}).run(workflow="default")
    assert messages(job)[1] == "Execution failed: the tagger 'fixed' cannot tag this: too strange"


@pytest.mark.parametrize(
    ("name", "reason"), [("gone.jpg", "answered 404"), ("gone.jpg?key=s3cret", "answered 404")], ids=["plain", "query"]
)
def test_address_without_a_picture_ends_the_job_as_error(bench: Bench, name: str, reason: str) -> None:
    with PictureServer() as site:
        job = bench.run(site.address(name))
    assert job.status == "Error"
    assert reason in messages(job)[1]
    assert "s3cret" not in str(job.report)


def test_workflow_that_is_of_another_type_by_now_ends_the_job_as_error(bench: Bench) -> None:
    id = bench.create()
    bench.put_workflow(Logic(Condition("text.HasProfanity")), type="Text")
    bench.worker.work_off()
    assert "of type Text by now" in messages(bench.get(id))[1]


def test_picture_beyond_the_vendors_limit_is_not_fetched_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "MOST_BYTES", 100)
    with PictureServer() as site:
        assert "the picture has more than" in messages(bench.run(site.address(RED)))[1]
