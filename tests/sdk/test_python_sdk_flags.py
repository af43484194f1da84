"""A job of the default workflow makes a review exactly when the tagger flags the picture: counted in both directions.

Once with the real model on real photographs, its threshold put in their middle, for none of them is adult; once with a
tagger whose answers can be worked out by hand, on both sides of its threshold and right at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median

import pytest
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient, models
from PIL import Image

from cmtools import samples
from cmtools.taggers import Tagger
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.testing import running_service
from tests.sdk.desk import Desk, connect, pairs
from tests.sdk.pictures import PictureServer
from tests.sdk.taggers import RedPictures

JSON = "application/json"


@contextmanager
def jobs_of(pictures: Mapping[str, bytes], tagger: Tagger) -> Iterator[tuple[Desk, dict[str, models.Job]]]:
    """A job for each picture, at its end, as the vendor's SDK starts and reads them."""
    with running_service(taggers={"Image": tagger}) as service, PictureServer(pictures) as site:
        desk = Desk(service, service.team, service.key)
        with connect(service.url, service.key) as sdk:
            made = {name: started(sdk, desk, name, site.address(name)) for name in pictures}
            desk.wait_for_jobs()
            yield desk, {name: sdk.reviews.get_job_details(desk.team, id) for name, id in made.items()}


def started(sdk: ContentModeratorClient, desk: Desk, name: str, address: str) -> str:
    return str(sdk.reviews.create_job(desk.team, "Image", name, "default", JSON, address).job_id)


def reviewed(desk: Desk) -> dict[str, dict[str, bool]]:
    """The reviews that the team has, by the caller's own id, with their auto tags."""
    return {review.content_id: dict(review.auto_tags) for review in desk.client().reviews()}


def test_real_model_on_real_photographs(tmp_path: Path) -> None:
    photographs = {path.name: path.read_bytes() for path in samples.crops(tmp_path, 12)}
    scores = dict(zip(photographs, (said.scores["a"] for said in Opennsfw().tag([*photographs.values()])), strict=True))
    middle = median(scores.values())
    flagged = {name for name, score in scores.items() if score >= middle}
    assert len(flagged) == 6

    with jobs_of(photographs, Opennsfw(thresholds={"a": middle})) as (desk, jobs):
        assert {job.status for job in jobs.values()} == {"Complete"}
        assert {name for name, job in jobs.items() if job.review_id} == flagged
        found = reviewed(desk)
        assert set(found) == flagged
        assert all(tags["a"] for tags in found.values())
        assert {job.review_id for job in jobs.values() if job.review_id} == {r.id for r in desk.client().reviews()}
        for name, job in jobs.items():
            outputs = dict(pairs(job.result_meta_data))
            assert float(outputs["adultScore"]) == pytest.approx(scores[name], abs=0.0006), "three decimals are shown"
            assert outputs["isAdult"] == str(name in flagged)


def test_real_model_at_its_own_threshold_flags_none_of_them(tmp_path: Path) -> None:
    photographs = {path.name: path.read_bytes() for path in samples.crops(tmp_path, 12)}
    with jobs_of(photographs, Opennsfw()) as (desk, jobs):
        assert [(job.status, job.review_id) for job in jobs.values()] == [("Complete", "")] * 12
        assert desk.client().counts().total == 0


def test_picture_is_reviewed_from_the_very_score_on_that_is_the_threshold() -> None:
    def of_red(red: int) -> bytes:
        buffer = BytesIO()
        Image.new("RGB", (160, 160), (red, 0, 0)).save(buffer, "PNG")
        return buffer.getvalue()

    reds = (0, 60, 101, 102, 103, 180, 255)
    shown = {f"{red}.png": of_red(red) for red in reds}
    with jobs_of(shown, RedPictures(thresholds={"a": 102 / 255})) as (desk, jobs):
        assert [bool(jobs[f"{red}.png"].review_id) for red in reds] == [red >= 102 for red in reds]
        assert set(reviewed(desk)) == {f"{red}.png" for red in reds if red >= 102}
        desk.complete({jobs["255.png"].review_id: {"a": False}})
        with connect(desk.service.url, desk.key) as sdk:
            review = sdk.reviews.get_review(desk.team, jobs["255.png"].review_id)
        assert (review.status, dict(pairs(review.reviewer_result_tags))["a"]) == ("Complete", "False")
