"""Reviews as they are answered: tags, frame count, and answers that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmtools.errors import ServiceError
from cmtools.model import Frame, Review, Team
from cmtools.tags import Tag, TagSet
from cmtools.wire import reviews

TEAM = Team("Night", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))
VIDEO = Review("1", "Pending", "Video", "https://x.example/v", "1", frames=(Frame(0, "https://x.example/0.png"),))


def complete(**human_tags: bool) -> Review:
    return Review("1", "Complete", "Image", "https://x.example/1.jpg", "1", human_tags=human_tags)


def test_result_tags_are_the_visible_tags_of_the_team_in_its_order() -> None:
    written = reviews.write_review(complete(sc=True, hid=True), TEAM, "camel")
    assert [(pair["key"], pair["value"]) for pair in written["reviewerResultTags"]] == [
        ("a", "False"),
        ("r", "False"),
        ("sc", "True"),
    ]


def test_result_tags_stay_empty_until_the_review_is_complete() -> None:
    submitted = Review("1", "Submitted", "Image", "https://x.example/1.jpg", "1", human_tags={"a": True})
    written = reviews.write_review(submitted, TEAM, "pascal")
    assert (written["ReviewerResultTags"], written["Status"]) == ([], "Pending")


def test_frame_count_stands_behind_the_metadata_of_a_video() -> None:
    written = reviews.write_review(replace(VIDEO, metadata=(("a", "True"),)), TEAM, "camel")
    assert [tuple(pair.values()) for pair in written["metadata"]] == [("a", "True"), ("FrameCount", "1")]


def test_frame_count_of_the_caller_is_left_as_it_is() -> None:
    written = reviews.write_review(replace(VIDEO, metadata=(("framecount", "7"),)), TEAM, "camel")
    assert [tuple(pair.values()) for pair in written["metadata"]] == [("framecount", "7")]


def test_video_without_frames_has_no_frame_count() -> None:
    assert reviews.write_review(replace(VIDEO, frames=()), TEAM, "camel")["metadata"] == []


@pytest.mark.parametrize("data", [None, [], {}, {"reviewId": "1"}, {"reviewId": 1, "status": "Pending"}])
def test_answer_that_is_no_review_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no review"):
        reviews.read_review(data)
