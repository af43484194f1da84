"""The vendor's Python SDK creates and reads image and text reviews, and reads our refusals."""

from __future__ import annotations

import pytest
import requests
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient, models
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException
from msrest.exceptions import ValidationError

import cmtools as cm
from cmtools.testing import CallbackSink, running_service
from tests.sdk.desk import Desk, connect, pairs, refusal
from tests.sdk.pictures import RED, PictureServer

JSON = "application/json"
PHOTO = "https://example.org/photo.jpg"


def item(content_id: str = "1", **fields: object) -> models.CreateReviewBodyItem:
    return models.CreateReviewBodyItem(**{"type": "Image", "content": PHOTO, "content_id": content_id, **fields})


def metadata(**values: str) -> list[models.CreateReviewBodyItemMetadataItem]:
    return [models.CreateReviewBodyItemMetadataItem(key=key, value=value) for key, value in values.items()]


# Create and get -------------------------------------------------------------------------------------------------------


def test_models_make_reviews_whose_ids_come_in_order(desk: Desk, sdk: ContentModeratorClient) -> None:
    ids = sdk.reviews.create_reviews(JSON, desk.team, [item("first"), item("second"), item("third")])
    read = [sdk.reviews.get_review(desk.team, review_id).content_id for review_id in ids]
    assert read == ["first", "second", "third"]


def test_review_id_looks_like_the_vendors(desk: Desk, sdk: ContentModeratorClient) -> None:
    (image,) = sdk.reviews.create_reviews(JSON, desk.team, [item()])
    (text,) = sdk.reviews.create_reviews(JSON, desk.team, [item(type="Text", content="some words")])
    assert (len(image), image[6], text[6]) == (39, "i", "t")
    assert f"{image[:6]}{text[:6]}".isdecimal()
    assert not set(image[7:] + text[7:]) - set("0123456789abcdef")


def test_pending_review_is_read_with_every_field_set(desk: Desk, sdk: ContentModeratorClient) -> None:
    callback = "https://example.org/callback?route=7&x=%20"
    sent = item("photo 1/ä", callback_endpoint=callback, metadata=metadata(a="true", sc="0.5"))
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [sent])
    review = sdk.reviews.get_review(desk.team, review_id)
    assert review.as_dict() == {
        "review_id": review_id,
        "sub_team": "public",
        "status": "Pending",
        "reviewer_result_tags": [],
        "created_by": desk.team,
        "metadata": [{"key": "a", "value": "true"}, {"key": "sc", "value": "0.5"}],
        "type": "Image",
        "content": review.content,
        "content_id": "photo 1/ä",
        "callback_endpoint": callback,
    }
    assert review.content


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Image", "content": PHOTO, "content_id": "7", "metadata": [{"key": "a", "value": "True"}]},
        {"Type": "Image", "Content": PHOTO, "ContentId": "7", "Metadata": [{"Key": "a", "Value": "True"}]},
    ],
    ids=["snake_case", "PascalCase"],
)
def test_dictionaries_do_as_well_as_models(desk: Desk, sdk: ContentModeratorClient, body: dict[str, object]) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [body])
    review = sdk.reviews.get_review(desk.team, review_id)
    assert (review.type, review.content_id, pairs(review.metadata)) == ("Image", "7", [("a", "True")])


def test_values_that_are_no_strings_come_back_as_the_sdk_wrote_them(desk: Desk, sdk: ContentModeratorClient) -> None:
    values = {"a": True, "adultScore": 0.5, "count": 3}
    body = {
        "type": "Image",
        "content": PHOTO,
        "content_id": 8,
        "metadata": [{"key": k, "value": v} for k, v in values.items()],
    }
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [body])
    review = sdk.reviews.get_review(desk.team, review_id)
    assert review.content_id == "8"
    assert pairs(review.metadata) == [("a", "True"), ("adultScore", "0.5"), ("count", "3")]


def test_metadata_keeps_its_order_its_repeats_and_its_script(desk: Desk, sdk: ContentModeratorClient) -> None:
    sent = [("z", "1"), ("a", "False"), ("z", "2"), ("язык", "日本語 🙂"), ("empty", "")]
    body = [models.CreateReviewBodyItemMetadataItem(key=key, value=value) for key, value in sent]
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(metadata=body)])
    assert pairs(sdk.reviews.get_review(desk.team, review_id).metadata) == sent


def test_text_comes_back_as_it_was(desk: Desk, sdk: ContentModeratorClient) -> None:
    words = 'Is this "abuse"?\n\tNo & <b>yes</b> …'
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(type="Text", content=words)])
    review = sdk.reviews.get_review(desk.team, review_id)
    assert (review.type, review.content) == ("Text", words)


def test_type_in_small_letters_is_understood(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(type="image")])
    assert sdk.reviews.get_review(desk.team, review_id).type == "Image"


def test_callback_may_be_left_out_or_empty(desk: Desk, sdk: ContentModeratorClient) -> None:
    ids = sdk.reviews.create_reviews(JSON, desk.team, [item(), item(callback_endpoint="")])
    assert not any(sdk.reviews.get_review(desk.team, review_id).callback_endpoint for review_id in ids)


def test_review_goes_to_the_subteam_that_is_named(desk: Desk, sdk: ContentModeratorClient) -> None:
    desk.client().add_subteam("night")
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item()], sub_team="night")
    assert sdk.reviews.get_review(desk.team, review_id).sub_team == "night"


def test_team_is_known_whatever_the_case_of_its_name(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team.upper(), [item()])
    assert sdk.reviews.get_review(desk.team.title(), review_id).created_by == desk.team


def test_thousand_reviews_in_one_call_are_all_there(desk: Desk, sdk: ContentModeratorClient) -> None:
    ids = sdk.reviews.create_reviews(JSON, desk.team, [item(str(number)) for number in range(1_000)])
    assert len(set(ids)) == 1_000
    assert sdk.reviews.get_review(desk.team, ids[-1]).content_id == "999"


def test_raw_answer_has_the_live_services_order_and_content_type(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item()])
    response = sdk.reviews.get_review(desk.team, review_id, raw=True).response
    live = "ReviewId SubTeam CreatedBy Metadata ReviewerResultTags Type Content ContentId CallbackEndpoint Status"
    assert list(response.json()) == live.split()
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


# A person decides -----------------------------------------------------------------------------------------------------


def test_decision_of_a_person_is_read_as_pairs_of_true_and_false(desk: Desk, sdk: ContentModeratorClient) -> None:
    desk.client().add_tag("sc", "isscary")
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(metadata=metadata(sc="true", a="False"))])
    desk.complete({review_id: {"r": True, "sc": False}})
    review = sdk.reviews.get_review(desk.team, review_id)
    assert review.status == "Complete"
    assert pairs(review.reviewer_result_tags) == [("a", "False"), ("r", "True"), ("sc", "False")]
    assert pairs(review.metadata) == [("sc", "true"), ("a", "False")]


def test_suggestion_that_nobody_touched_becomes_the_decision(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(metadata=metadata(a="true"))])
    desk.complete({review_id: {}})
    tags = sdk.reviews.get_review(desk.team, review_id).reviewer_result_tags
    assert pairs(tags) == [("a", "True"), ("r", "False")]


def test_review_that_somebody_holds_or_may_take_back_is_pending(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item()])
    reviewer = desk.client()
    lease = reviewer.checkout()
    held = sdk.reviews.get_review(desk.team, review_id)
    reviewer.submit(lease, {review_id: {"a": True}})
    submitted = sdk.reviews.get_review(desk.team, review_id)
    assert [(review.status, review.reviewer_result_tags) for review in (held, submitted)] == [("Pending", [])] * 2


def test_texts_are_decided_too(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item(type="Text", content="some words")])
    desk.complete({review_id: {"a": True}}, type="Text")
    review = sdk.reviews.get_review(desk.team, review_id)
    assert (review.status, pairs(review.reviewer_result_tags)[0]) == ("Complete", ("a", "True"))


def test_decision_reaches_the_callback_with_the_query_that_was_given(desk: Desk, sdk: ContentModeratorClient) -> None:
    with CallbackSink() as sink:
        sent = item("photo", callback_endpoint=f"{sink.url}?route=7", metadata=metadata(sc="true"))
        (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [sent])
        desk.complete({review_id: {"a": True}})
        (notice,) = sink.received
        assert sink.paths == ["/callback?route=7"]
    assert notice["ReviewId"] == review_id
    assert (notice["CallBackType"], notice["ContentId"], notice["ModifiedBy"]) == ("Review", "photo", "ana")
    assert (notice["Metadata"], notice["ReviewerResultTags"]) == ({"sc": "true"}, {"a": "True", "r": "False"})


def test_picture_is_kept_and_shown_when_its_source_is_gone() -> None:
    with running_service() as copying, connect(copying.url, copying.key) as sdk:
        with PictureServer() as pictures:
            (review_id,) = sdk.reviews.create_reviews(JSON, copying.team, [item(content=pictures.address(RED))])
            copying.advance(0)
        content = sdk.reviews.get_review(copying.team, review_id).content
        answer = requests.get(content, timeout=30)
    assert content.startswith(copying.url)
    assert f"IMG_{review_id}" in content
    assert (answer.status_code, answer.headers["Content-Type"].split("/")[0]) == (200, "image")


def test_whole_story_runs_against_the_embedded_service(pictures: PictureServer) -> None:
    with cm.serve(undo_seconds=0) as embedded, connect(embedded.url, embedded.key) as sdk:
        (review_id,) = sdk.reviews.create_reviews(
            JSON, embedded.team, [item(content=pictures.address(RED), metadata=metadata(a="true"))]
        )
        with cm.Client(embedded.url, key=embedded.key, team=embedded.team, reviewer="ana") as client:
            client.submit(client.checkout(), {review_id: {"r": True}})
            client.wait([review_id], timeout=30, progress=False)
        review = sdk.reviews.get_review(embedded.team, review_id)
    assert (review.status, pairs(review.reviewer_result_tags)) == ("Complete", [("a", "True"), ("r", "True")])


# Refusals -------------------------------------------------------------------------------------------------------------


def test_wrong_key_is_told_with_its_code(desk: Desk) -> None:
    with connect(desk.service.url, "wrong") as sdk, pytest.raises(APIErrorException) as caught:
        sdk.reviews.create_reviews(JSON, desk.team, [item()])
    assert refusal(caught.value) == (401, "NotAuthorized")
    assert str(caught.value).startswith("(NotAuthorized) ")


def test_key_of_another_team_opens_nothing(desk: Desk, sdk: ContentModeratorClient) -> None:
    (review_id,) = sdk.reviews.create_reviews(JSON, desk.team, [item()])
    other = Desk.of_new_team(desk.service)
    with connect(other.service.url, other.key) as stranger, pytest.raises(APIErrorException) as caught:
        stranger.reviews.get_review(desk.team, review_id)
    assert caught.value.response.status_code == 404


def test_team_that_is_not_there_is_404(sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException) as caught:
        sdk.reviews.create_reviews(JSON, "no such team", [item()])
    assert refusal(caught.value) == (404, "UnknownTeam")


def test_review_that_is_not_there_is_404_and_the_message_names_it(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match="no review '202601i0'") as caught:
        sdk.reviews.get_review(desk.team, "202601i0")
    assert refusal(caught.value) == (404, "NotFound")


def test_empty_list_is_refused(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match="empty") as caught:
        sdk.reviews.create_reviews(JSON, desk.team, [])
    assert refusal(caught.value) == (400, "BadRequest")


def test_unknown_type_is_refused_and_nothing_of_its_batch_is_made(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match=r"\[1\]\.Type") as caught:
        sdk.reviews.create_reviews(JSON, desk.team, [item(), item(type="Audio")])
    assert refusal(caught.value) == (400, "BadDraft")
    assert desk.client().counts().total == 0


def test_subteam_that_is_not_there_is_refused(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(APIErrorException, match="nobody") as caught:
        sdk.reviews.create_reviews(JSON, desk.team, [item()], sub_team="nobody")
    assert caught.value.response.status_code == 400


def test_missing_content_is_refused_by_the_sdk_itself(desk: Desk, sdk: ContentModeratorClient) -> None:
    with pytest.raises(ValidationError, match="content"):
        sdk.reviews.create_reviews(JSON, desk.team, [item(content=None)])
