"""Callbacks: what is told of reviews and of jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from cmtools.model import Job, Review, Team
from cmtools.tags import Tag, TagSet
from cmtools.wire import callbacks

TEAM = Team("Night", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))


def complete(**human_tags: bool) -> Review:
    return Review("1", "Complete", "Image", "https://x.example/1.jpg", "1", human_tags=human_tags)


def test_callback_keeps_the_last_of_a_repeated_metadata_key() -> None:
    review = Review("1", "Complete", "Image", "c", "1", metadata=(("k", "1"), ("k", "2")))
    assert callbacks.write_callback(review, "ana", datetime.now(UTC))["Metadata"] == {"k": "2"}


def test_callback_with_a_team_names_its_visible_tags_only() -> None:
    notice = callbacks.write_callback(complete(hid=True, sc=True), "ana", datetime.now(UTC), TEAM)
    assert notice["ReviewerResultTags"] == {"a": "False", "r": "False", "sc": "True"}


def test_callback_moment_is_in_utc_wherever_the_clock_stands() -> None:
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert callbacks.write_callback(complete(), "ana", moment)["ModifiedOn"] == "2026-02-28T23:30:00.0000000Z"


def test_job_that_made_no_review_tells_an_empty_id() -> None:
    assert callbacks.write_job_callback(Job("1", "Error", "default", "Text", "t"))["ReviewId"] == ""


def test_job_of_a_text_tells_its_outputs_in_lower_case_and_no_picture() -> None:
    job = Job("1", "Complete", "default", "Text", "t", metadata=(("text.HasProfanity", "True"), ("A", "True")))
    assert callbacks.write_job_callback(job)["Metadata"] == {"text.hasprofanity": "True", "a": "True"}


def test_output_that_is_called_imagename_is_left_as_it_is() -> None:
    job = Job("1", "Complete", "default", "Image", "cat", metadata=(("imageName", "dog"),))
    assert callbacks.write_job_callback(job)["Metadata"] == {"imagename": "dog"}
