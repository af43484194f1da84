"""The vendor's Python SDK starts jobs over the team's workflows and reads how they went, down to what people decide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient, models
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException

import cmtools as cm
from cmtools.testing import CallbackSink, running_service
from tests.sdk.desk import Desk, connect, pairs, refusal
from tests.sdk.pictures import GREY, RED, PictureServer, jpeg

JSON = "application/json"
TEXTS = {
    "Type": "Text",
    "Description": "Rude words go to people",
    "Expression": {
        "Type": "Logic",
        "If": {
            "Type": "Condition",
            "ConnectorName": "moderator",
            "OutputName": "text.HasProfanity",
            "Operator": "eq",
            "Value": "true",
            "AlternateInput": None,
        },
        "Then": {
            "Type": "Actions",
            "Perform": [{"Name": "createreview", "Subteam": None, "CallbackEndpoint": None, "Tags": []}],
        },
        "Else": None,
    },
}


def run(desk: Desk, sdk: ContentModeratorClient, content: str, **given: str | None) -> models.Job:
    """A job from its start to its end."""
    values = {"type": "Image", "content_id": "photo", "workflow": "default", "sent_as": JSON, **given}
    made = sdk.reviews.create_job(
        desk.team,
        values["type"],
        values["content_id"],
        values["workflow"],
        values["sent_as"],
        content,
        call_back_endpoint=values.get("callback"),
    )
    desk.wait_for_jobs()
    return sdk.reviews.get_job_details(desk.team, made.job_id)


def put_workflow(desk: Desk, name: str, workflow: dict[str, object]) -> None:
    """The SDK has no call for workflows: its samples send them as they are."""
    answer = requests.put(
        f"{desk.service.url}/contentmoderator/review/v1.0/teams/{desk.team}/workflows/{name}",
        json=workflow,
        headers={"Ocp-Apim-Subscription-Key": desk.key},
        timeout=30,
    )
    assert (answer.status_code, answer.json()) == (200, True)


# Pictures -------------------------------------------------------------------------------------------------------------


def test_job_id_looks_like_the_vendors(desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer) -> None:
    made = sdk.reviews.create_job(desk.team, "Image", "1", "default", JSON, pictures.address(RED))
    assert re.fullmatch(r"\d{6}[0-9a-f]{32}", made.job_id)


def test_job_that_waits_is_in_progress_and_has_made_no_review(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    made = sdk.reviews.create_job(desk.team, "Image", "1", "default", JSON, pictures.address(RED))
    job = sdk.reviews.get_job_details(desk.team, made.job_id)
    assert (job.status, job.review_id, job.result_meta_data) == ("InProgress", "", [])


def test_finished_job_is_read_with_every_field_set(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    with CallbackSink() as sink:
        job = run(desk, sdk, pictures.address(RED), callback=sink.url)
    assert (job.status, job.team_name, job.workflow_id, job.type) == ("Complete", desk.team, "default", "Image")
    assert job.call_back_endpoint == sink.url
    assert job.review_id[6] == "i"
    assert job.id
    outputs = dict(pairs(job.result_meta_data))
    assert {name: outputs[name] for name in ("adultScore", "isAdult", "racyScore", "isRacy")} == {
        "adultScore": "0.996",
        "isAdult": "True",
        "racyScore": "0.498",
        "isRacy": "False",
    }


def test_report_tells_the_steps_newest_first_in_utc(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    job = run(desk, sdk, pictures.address(RED))
    messages = [step.msg for step in job.job_execution_report]
    assert messages[-1] == "Starting Execution - Try 1"
    assert messages.index("Execution Complete") < messages.index("Getting isAdult from Moderator")
    assert "Successfully got isAdult response from Moderator" in messages
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", step.ts) for step in job.job_execution_report)


def test_picture_that_the_workflow_finds_harmless_makes_no_review(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    job = run(desk, sdk, pictures.address(GREY))
    assert (job.status, job.review_id) == ("Complete", "")
    assert desk.client().counts().total == 0


def test_review_of_a_job_is_decided_by_people(desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer) -> None:
    job = run(desk, sdk, pictures.address(RED), content_id="photo 7")
    desk.complete({job.review_id: {"a": False}})
    review = sdk.reviews.get_review(desk.team, job.review_id)
    assert (review.status, review.type, review.content_id) == ("Complete", "Image", "photo 7")
    assert pairs(review.reviewer_result_tags) == [("a", "False"), ("r", "False")]
    assert dict(pairs(review.metadata))["a"] == "True"


def test_job_is_told_to_its_callback_and_later_the_decision_too(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    with CallbackSink() as sink:
        job = run(desk, sdk, pictures.address(RED), callback=f"{sink.url}?route=7")
        desk.service.advance(0)
        desk.complete({job.review_id: {"r": True}})
        of_job, of_review = sink.received
        assert sink.paths == ["/callback?route=7"] * 2
    assert (of_job["CallBackType"], of_job["JobId"], of_job["Status"]) == ("Job", job.id, "Complete")
    assert (of_job["WorkFlowId"], of_job["ReviewId"]) == ("default", job.review_id)
    assert of_job["Metadata"]["adultscore"] == "0.996"
    assert (of_review["CallBackType"], of_review["ReviewerResultTags"]) == ("Review", {"a": "True", "r": "True"})


def test_address_in_a_body_that_is_called_a_picture_is_understood(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    job = run(desk, sdk, pictures.address(RED), sent_as="image/jpeg")
    assert (job.status, bool(job.review_id)) == ("Complete", True)


def test_type_in_small_letters_is_understood(desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer) -> None:
    assert run(desk, sdk, pictures.address(GREY), type="image").type == "Image"


def test_picture_that_cannot_be_had_ends_the_job_as_error(
    desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer
) -> None:
    job = run(desk, sdk, pictures.address("gone.jpg"))
    assert (job.status, job.review_id) == ("Error", "")
    assert "404" in " ".join(step.msg for step in job.job_execution_report)


def test_picture_itself_may_be_the_body_as_the_oldest_client_sends_it(desk: Desk, sdk: ContentModeratorClient) -> None:
    answer = requests.post(
        f"{desk.service.url}/contentmoderator/review/v1.0/teams/{desk.team}/jobs",
        params={"ContentType": "Image", "ContentId": "1", "WorkflowName": "default", "subscription-key": desk.key},
        data=jpeg("red"),
        headers={"Content-Type": "image/jpeg"},
        timeout=30,
    )
    desk.wait_for_jobs()
    job = sdk.reviews.get_job_details(desk.team, answer.json()["JobId"])
    assert (job.status, bool(job.review_id)) == ("Complete", True)


def test_whole_story_runs_against_the_embedded_service(
    pictures: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with (
        cm.serve(undo_seconds=0, tagger="tests.sdk.taggers:RedPictures") as embedded,
        connect(embedded.url, embedded.key) as sdk,
        cm.Client(embedded.url, key=embedded.key, team=embedded.team, reviewer="ana") as client,
    ):
        made = sdk.reviews.create_job(embedded.team, "Image", "1", "default", JSON, pictures.address(RED))
        client.wait_jobs([made.job_id], timeout=60)
        job = sdk.reviews.get_job_details(embedded.team, made.job_id)
        client.submit(client.checkout(), {job.review_id: {"r": True}})
        client.wait([job.review_id], timeout=60, progress=False)
        review = sdk.reviews.get_review(embedded.team, job.review_id)
    assert (job.status, review.status) == ("Complete", "Complete")
    assert pairs(review.reviewer_result_tags) == [("a", "True"), ("r", "True")]


# Texts ----------------------------------------------------------------------------------------------------------------


def test_rude_text_becomes_a_review(desk: Desk, sdk: ContentModeratorClient) -> None:
    put_workflow(desk, "texts", TEXTS)
    job = run(desk, sdk, "What crap.", type="Text", workflow="texts")
    outputs = {key.lower(): value for key, value in pairs(job.result_meta_data)}
    assert (job.status, job.workflow_id, outputs["text.hasprofanity"]) == ("Complete", "texts", "True")
    assert "crap" in outputs["matchterms"]
    review = sdk.reviews.get_review(desk.team, job.review_id)
    assert (review.type, review.content) == ("Text", "What crap.")


def test_polite_text_makes_no_review(desk: Desk, sdk: ContentModeratorClient) -> None:
    put_workflow(desk, "texts", TEXTS)
    job = run(desk, sdk, "How kind.", type="Text", workflow="texts")
    assert (job.status, job.review_id) == ("Complete", "")


# Refusals -------------------------------------------------------------------------------------------------------------


def test_without_a_tagger_a_job_ends_as_error_that_says_how_to_set_one_up(pictures: PictureServer) -> None:
    with running_service() as bare:
        desk = Desk(bare, bare.team, bare.key)
        with connect(bare.url, bare.key) as sdk:
            job = run(desk, sdk, pictures.address(RED))
    assert (job.status, job.review_id) == ("Error", "")
    assert "CMTOOLS_TAGGER" in " ".join(step.msg for step in job.job_execution_report)


def test_job_that_is_not_there_is_404(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match="no job") as caught:
        sdk.reviews.get_job_details(desk.team, "2026010")
    assert refusal(caught.value) == (404, "NotFound")


def test_job_of_another_team_is_404(desk: Desk, sdk: ContentModeratorClient, pictures: PictureServer) -> None:
    made = sdk.reviews.create_job(desk.team, "Image", "1", "default", JSON, pictures.address(RED))
    other = Desk.of_new_team(desk.service)
    with connect(other.service.url, other.key) as stranger, pytest.raises(APIErrorException) as caught:
        stranger.reviews.get_job_details(other.team, made.job_id)
    assert refusal(caught.value) == (404, "NotFound")


def test_workflow_that_is_not_there_is_404(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match="nowhere") as caught:
        sdk.reviews.create_job(desk.team, "Image", "1", "nowhere", JSON, "https://example.org/1.jpg")
    assert refusal(caught.value) == (404, "NotFound")


@pytest.mark.parametrize(
    ("content_type", "content"),
    [("Sound", "https://example.org/1.mp3"), ("Image", "no address"), ("Text", "of another type than the workflow")],
)
def test_job_that_makes_no_sense_is_refused(
    desk: Desk, sdk: ContentModeratorClient, content_type: str, content: str
) -> None:
    with pytest.raises(APIErrorException) as caught:
        sdk.reviews.create_job(desk.team, content_type, "1", "default", JSON, content)
    assert caught.value.response.status_code == 400
    assert caught.value.error.error.message


def test_wrong_key_is_401(desk: Desk) -> None:
    with connect(desk.service.url, "wrong") as stranger, pytest.raises(APIErrorException) as caught:
        stranger.reviews.create_job(desk.team, "Image", "1", "default", JSON, "https://example.org/1.jpg")
    assert refusal(caught.value) == (401, "NotAuthorized")
