"""The documented and recorded requests and answers, read and written back: same keys, same order, same values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from cmtools.errors import BadDraft
from cmtools.model import Combine, Condition, CreateReview, Frame, Job, Logic, Review, TagRule, Team, Workflow
from cmtools.taggers import FoundTerm
from cmtools.tags import Tag, TagSet
from cmtools.wire import callbacks, creation, failures, frames, jobs, moderation, reviews, transcripts, workflows

GOLDEN = Path(__file__).parent / "golden"
TEAM = Team("NightShift", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))
MOMENT = datetime(2018, 1, 6, 5, 4, 40, 552586, tzinfo=UTC)
PLAIN_WORKFLOW = (CreateReview(),)

Spelling = Literal["camel", "pascal"]
SPELLINGS: list[Spelling] = ["camel", "pascal"]


def raw(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def golden(name: str) -> Any:
    return json.loads(raw(name))


def exactly(data: object) -> str:
    """JSON text in which the order of the keys counts."""
    return json.dumps(data, indent=1)


def video(status: str, **changes: Any) -> Review:
    """The review of ``get_unpublished``, made of a draft with frames."""
    found = {
        "id": "201801v3212a8e4f2a64a2cb6c1d5ba1f4a2f3e8",
        "status": status,
        "type": "Video",
        "content": "https://streams.example/sunset/manifest(format=smooth)",
        "content_id": "sunset",
        "metadata": (("protectedType", "AES"),),
        "callback_endpoint": "",
        "frames": frames.read_video_frames(golden("frames.pascal.json")),
        **changes,
    }
    return Review(**found)


# Reviews --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("get_*.json")))
def test_review_is_read_and_written_back_to_the_same_text(name: str) -> None:
    spelling: Spelling = "pascal" if name.endswith(".pascal.json") else "camel"
    documented = golden(name)
    assert exactly(reviews.write_review(reviews.read_review(documented), TEAM, spelling)) == exactly(documented)


def test_complete_review_reads_the_same_in_both_spellings() -> None:
    camel = reviews.read_review(golden("get_complete.camel.json"))
    written = reviews.write_review(camel, TEAM, "pascal")
    assert reviews.read_review(written) == camel
    assert camel.human_tags == {"a": False, "r": True, "sc": True}
    assert camel.auto_tags == {"sc": True}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_video_is_written_as_recorded_with_its_frame_count(spelling: Spelling) -> None:
    written = reviews.write_review(video("Unpublished"), TEAM, spelling)
    assert exactly(written) == exactly(golden(f"get_unpublished.{spelling}.json"))


def test_callback_is_written_as_documented() -> None:
    review = Review(
        "201801i28fc0f7cbf424447846e509af853ea54",
        "Complete",
        "Image",
        "https://x/1.jpg",
        "0",
        metadata=(("sc", "true"),),
        human_tags={"a": False, "r": False},
    )
    assert exactly(callbacks.write_callback(review, "Ana", MOMENT)) == exactly(golden("callback.json"))


def test_callback_of_a_video_is_that_of_any_review_and_tells_its_frame_count() -> None:
    written = callbacks.write_callback(video("Complete", human_tags={"a": True}), "Ana", MOMENT, TEAM)
    assert exactly(written) == exactly(golden("callback_video.json"))


# Creation -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["create_image", "create_text", "create_ours", "create_video"])
def test_create_request_is_read_and_written_back_to_the_same_text(name: str) -> None:
    drafts = creation.read_drafts(raw(f"{name}.request.json"))
    assert exactly(creation.write_drafts(drafts)) == exactly(golden(f"{name}.request.json"))


def test_create_request_is_read_in_any_case() -> None:
    (item,) = creation.read_drafts(raw("create_any_case.request.json"))
    assert (item.draft.type, item.draft.content_id, item.draft.callback_endpoint) == ("Image", "1", None)
    assert item.draft.metadata == (("a", "True"), ("a.score", "0.5"), ("pages", "3"))


def test_documented_video_is_published_at_once_and_keeps_the_keys_of_its_encryption() -> None:
    (item,) = creation.read_drafts(raw("create_video_documented.request.json"))
    assert (item.draft.type, item.draft.status) == ("Video", "Pending")
    assert [key for key, _ in item.draft.metadata] == ["protectedType", "authenticationToken", "certificateUrl"]
    assert item.draft.frames == (
        Frame(833, "https://pictures.example/sunset/25.png", metadata=(("a", "True"),), name="frame-1"),
    )


def test_recorded_video_comes_with_ticks_and_in_no_order() -> None:
    (item,) = creation.read_drafts(raw("create_video_recorded.request.json"))
    assert (item.draft.status, item.draft.callback_endpoint) == ("Unpublished", "")
    assert [(frame.timestamp, frame.name) for frame in item.draft.frames] == [(0, "1"), (500, "2"), (833, "3")]


# Frames and transcripts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_frames_are_read_and_written_back_to_the_same_text(spelling: Spelling) -> None:
    documented = golden(f"frames.{spelling}.json")
    review = video("Unpublished", frames=frames.read_video_frames(documented))
    assert exactly(frames.write_frames(review, TEAM, spelling)) == exactly(documented)


def test_frames_request_is_read_and_written_back_to_the_same_text() -> None:
    found = frames.read_frames(raw("frames.request.json"))
    assert exactly(frames.write_new_frames(found)) == exactly(golden("frames.request.json"))


def test_frames_of_a_zip_name_their_files_and_may_spell_everything_otherwise() -> None:
    assert frames.read_frames(raw("frames_of_zip.request.json"), 30, named=True) == (
        Frame(0, "0.png"),
        Frame(833, "25.png", metadata=(("A", "true"), ("AdultScore", "0.92")), result_tags=(("a", "true"),)),
    )


def test_terms_are_read_and_written_back_to_the_same_text() -> None:
    found = transcripts.read_terms(raw("terms.request.json"))
    assert exactly(transcripts.write_terms(found)) == exactly(golden("terms.request.json"))


# Workflows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["workflow_default.json", "workflow_whole_language.json"])
def test_workflow_is_read_and_written_back_to_the_same_text(name: str) -> None:
    found = workflows.read_stored_workflow(golden(name))
    expression = workflows.write_expression(found.expression)
    written = workflows.write_workflow(found.name, found.description, found.type, expression)
    assert exactly(written) == exactly(golden(name))


@pytest.mark.parametrize("name", ["workflow_documented", "workflow_oldest"])
def test_expression_that_was_put_is_given_back_as_it_came(name: str) -> None:
    documented = golden(f"{name}.request.json")
    workflow, expression = workflows.read_workflow(raw(f"{name}.request.json"), "mine")
    written = workflows.write_workflow(workflow.name, workflow.description, workflow.type, expression)
    assert exactly(written["Expression"]) == exactly(documented["Expression"])
    assert list(written) == ["Name", "Description", "Type", "Expression"]
    assert written["Description"] == documented["Description"]


def test_documented_workflow_says_what_it_shows() -> None:
    workflow, _ = workflows.read_workflow(raw("workflow_documented.request.json"), "mine")
    rule = Logic(Condition("isAdult"), PLAIN_WORKFLOW)
    assert workflow == Workflow("mine", rule, "Text", "What a text is looked at for")


def test_oldest_workflow_is_of_pictures_and_creates_a_review() -> None:
    workflow, _ = workflows.read_workflow(raw("workflow_oldest.request.json"), "mine")
    flag = Condition("isadult", "eq", "true", "imagemoderator")
    adult = Condition("adultscore", "ge", "0.4", "imagemoderator")
    racy = Condition("racyscore", "le", "0.5", "imagemoderator")
    assert workflow.type == "Image"
    assert workflow.expression == Logic(Combine(Combine(flag, adult, "AND"), racy, "OR"), PLAIN_WORKFLOW)


def test_whole_language_of_workflows_is_understood() -> None:
    found = workflows.read_stored_workflow(golden("workflow_whole_language.json")).expression
    swears = Condition("text.HasProfanity", alternate_input="moderator.ocrText")
    tag = TagRule("a", Condition("adultScore", "gt", "0.4"))
    assert found == Logic(
        Combine(Condition("hasText"), swears, "AND"),
        then=(CreateReview("night", "http://caller.example/done?route=7", (tag,)),),
        otherwise=(Logic(Condition("racyScore", "ge", "0.5"), PLAIN_WORKFLOW),),
    )


# Jobs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["job_in_progress.json", "job_complete.json"])
def test_job_is_read_and_written_back_to_the_same_text(name: str) -> None:
    assert exactly(jobs.write_job(jobs.read_job(golden(name)), TEAM)) == exactly(golden(name))


def test_new_job_is_told_by_its_id() -> None:
    id = jobs.read_job_id(golden("job_created.json"))
    assert exactly(jobs.write_job_id(id)) == exactly(golden("job_created.json"))


def test_content_of_a_job_is_read_and_written_back() -> None:
    content = jobs.read_job_content(raw("job_content.request.json"), "image/jpeg")
    assert content == "https://pictures.example/cat.jpg"
    assert jobs.write_job_content(content) == golden("job_content.request.json")


def test_callback_of_a_job_is_written_as_documented() -> None:
    job = Job(
        "2018014caceddebfe9446fab29056fd8d31ffe",
        "Complete",
        "OCR",
        "Image",
        "cat.jpg",
        review_id="201801i28fc0f7cbf424447846e509af853ea54",
        metadata=(("hasText", "True"), ("ocrText", "TWO \r\nLINES \r\n"), ("adultScore", "0.016")),
    )
    assert exactly(callbacks.write_job_callback(job)) == exactly(golden("callback_job.json"))


# Moderation and refusals ----------------------------------------------------------------------------------------------


def test_evaluation_is_written_as_recorded() -> None:
    written = moderation.write_evaluation(
        adult=(0.0156, False),
        racy=(0.0199, False),
        tracking_id="c5b5f3b2",
        advanced_info=(("ImageDownloadTimeInMs", "130"), ("ImageSizeInBytes", "136521")),
    )
    assert exactly(written) == exactly(golden("evaluation.json"))


def test_picture_to_evaluate_is_read_and_written_back() -> None:
    address = moderation.read_image_input(raw("image_input.request.json"))
    assert exactly(moderation.write_image_input(address)) == exactly(golden("image_input.request.json"))


def test_screening_is_written_as_documented_with_null_for_what_nobody_looks_for() -> None:
    written = moderation.write_screening(
        "Is this a crap email?", [FoundTerm(10, 10, "crap")], tracking_id="c5b5f3b2", language="eng"
    )
    assert exactly(written) == exactly(golden("screening.json"))


def test_error_is_written_as_documented() -> None:
    error = BadDraft("it is missing", where="[3].Metadata[0].Key")
    assert exactly(failures.write_error(error)) == exactly(golden("error.json"))


def test_every_golden_file_is_used() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    stems = {path.name.split(".")[0] for path in GOLDEN.glob("*.json")}
    assert {stem for stem in stems if stem not in source and not stem.startswith("get_")} == set()
