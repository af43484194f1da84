"""From decisions to the next job run: a threshold is chosen, becomes the team's workflow, and the jobs go by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import cmtools as cm
from cmtools.analysis.thresholds.choosing import Thresholds
from cmtools.testing import running_service
from tests.sdk.pictures import jpeg
from tests.sdk.taggers import RedPictures

PICTURES = {"white": "#ffffff", "pale": "#f0c8c8", "pink": "#dc6e6e", "red": "#ff0000"}


def test_jobs_make_a_review_exactly_where_a_score_reaches_the_chosen_threshold(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    score = rng.random(4000).round(3)
    frame = pd.DataFrame({"review_id": np.arange(4000).astype(str), "tag": "a", "auto": score >= 0.5, "score": score})
    choice = Thresholds(
        frame.assign(human=rng.random(4000) < np.where(score > 0.3, score, 0.001)), digits=3
    ).auto_close()
    least = choice.thresholds["a"]
    assert 0.2 < least < 0.35

    with running_service(taggers={"Image": RedPictures()}, media=str(tmp_path)) as service:
        client: cm.Client = service.client("ana")
        client.put_workflow("careful", choice.workflow(), description=repr(choice))
        assert client.workflow("careful").expression == choice.workflow()
        assert client.workflow("careful").description.startswith("Thresholds closing with at most 1 % errors")

        ids = [
            client.create_job(jpeg(colour), content_id=name, workflow="careful") for name, colour in PICTURES.items()
        ]
        for _ in ids:
            service.advance(0)
        scores = {}
        for job in client.wait_jobs(ids, progress=False):
            scores[job.content_id] = float(dict(job.metadata)["adultScore"])
            assert bool(job.review_id) == (scores[job.content_id] >= least)
            if job.review_id:
                assert client.get_review(job.review_id).auto_tags["a"]
        assert min(scores.values()) < least < max(scores.values())

        assert client.set_threshold("a", least).thresholds == choice.thresholds
        client.close()
