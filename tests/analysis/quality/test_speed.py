"""Seconds per review from the moments of submissions, and speed beside agreement."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.quality.reviewers import ReviewerQuality
from cmtools.errors import BadRequest

from .crews import NOON, crew


def submitted(gaps: list[float], sizes: list[int], reviewer: str = "ana") -> pd.DataFrame:
    """Submissions of so many reviews, each so long after the one before; two tags in each review."""
    moments = NOON + pd.to_timedelta(np.cumsum(gaps), unit="s")
    rows = [(place, moment) for place, moment in enumerate(np.repeat(moments, sizes))]
    frame = pd.DataFrame([(f"{reviewer}{place}", moment, tag) for place, moment in rows for tag in "ar"])
    frame.columns = pd.Index(["review_id", "decided_at", "tag"])
    return frame.assign(reviewer=reviewer, human=True)


def test_the_time_of_a_submission_is_shared_among_its_reviews() -> None:
    row = ReviewerQuality(submitted([0, 40, 90], [2, 4, 3])).speed().iloc[0]
    assert (row["reviews"], row["submissions"], row["timed"], row["breaks"]) == (9, 3, 7, 0)
    assert (row["seconds_q1"], row["seconds"], row["seconds_q3"]) == (10, 10, 30)


def test_breaks_are_left_out_and_counted() -> None:
    quality = ReviewerQuality(submitted([0, 10, 301, 300, 20], [1] * 5))
    row = quality.speed().iloc[0]
    assert (row["timed"], row["breaks"], row["seconds"]) == (3, 1, 20)
    assert quality.speed(break_seconds=400).iloc[0]["breaks"] == 0


def test_reviewers_who_work_at_one_time_are_timed_apart() -> None:
    both = pd.concat([submitted([0, 10, 10], [1] * 3), submitted([5, 30, 30], [1] * 3, "bo")])
    assert ReviewerQuality(both).speed()["seconds"].tolist() == [10, 30]


def test_golden_items_take_time_too() -> None:
    frame = submitted([0, 40], [1, 4])
    golden = frame[frame["review_id"] == "ana4"].assign(truth=True)
    apart = ReviewerQuality(frame[frame["review_id"] != "ana4"], golden).speed().iloc[0]
    assert (apart["reviews"], apart["seconds"]) == (5, 10)


def test_one_submission_tells_no_time() -> None:
    row = ReviewerQuality(submitted([0], [3])).speed().iloc[0]
    assert np.isnan(row["seconds"])
    assert (row["timed"], row["flag"]) == (0, "no_answers")


def test_speed_stands_beside_the_accuracy_that_is_best_believed() -> None:
    golden = crew(200, seed=3)
    quality = ReviewerQuality(golden.head(0), golden)
    table = quality.speed()
    drawn = quality.table("gold", "accuracy")
    assert table["accuracy"].tolist() == drawn["shrunk"].tolist()
    assert table["n"].tolist() == drawn["n"].tolist()
    assert ReviewerQuality(golden, golden, by=["tag", "blind"]).speed().columns[0] == "blind"


@pytest.mark.parametrize("by", [None, "blind"])
def test_the_chart_shows_each_reviewer_in_the_house_style(by: str | None) -> None:
    golden = crew(60, seed=4)
    chart = ReviewerQuality(golden.head(0), golden, by=by).chart()
    spec = json.dumps(chart.to_dict())
    assert "Speed and agreement of reviewers" in spec
    assert all(f'"{name}"' in spec for name in ("ana", "bo", "cy", "dee", "eva"))
    assert "known answers" in spec
    assert "text/html" not in chart._repr_mimebundle_()


def test_times_that_cannot_be_told_are_refused() -> None:
    with pytest.raises(BadRequest, match="no column 'decided_at'"):
        ReviewerQuality(crew(4).drop(columns="decided_at")).speed()
    with pytest.raises(BadRequest, match="break_seconds is 0"):
        ReviewerQuality(crew(4)).speed(break_seconds=0)
