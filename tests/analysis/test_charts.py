"""The chart says what it shows, and shows every cell or the reason why not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cmtools.analysis.agreement import Agreement
from cmtools.analysis.estimates import number, slice_names


def agreement(**columns: Any) -> Agreement:
    frame = pd.DataFrame({"tag": ["a", "r"] * 50, "auto": [True, False] * 50, "human": [True] * 60 + [False] * 40})
    return Agreement(frame.assign(**columns), by=list(columns))


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows]


def test_title_says_what_is_shown_and_subtitle_how() -> None:
    title = agreement().chart("recall").to_dict()["title"]
    assert title["text"] == "Recall of auto and human tags, by tag"
    subtitle = " ".join(title["subtitle"])
    for words in ("share that auto had on", "95 % intervals", "Wilson", "100 decisions", "independent"):
        assert words in subtitle


def test_every_cell_is_a_row_of_the_chart() -> None:
    spec = agreement(week=[1, 2] * 50).chart("percent_agreement").to_dict()
    assert sorted((row["tag"], row["slice"]) for row in rows_of(spec)) == [("a", "1"), ("r", "2")]
    assert spec["facet"]["row"]["field"] == "tag"


def test_one_tag_alone_can_be_charted() -> None:
    assert {row["tag"] for row in rows_of(agreement().chart(tag="r").to_dict())} == {"r"}


def test_several_metrics_stand_side_by_side() -> None:
    spec = agreement().chart(["precision", "recall"]).to_dict()
    assert [panel["title"]["text"].split()[0] for panel in spec["hconcat"]] == ["Precision", "Recall"]


def test_undefined_cell_shows_its_reason() -> None:
    rows = rows_of(agreement().chart("cohen_kappa").to_dict())
    assert {row["flag"] for row in rows} == {"single_class", "not_estimable"}
    assert all("told" in row["reason"] for row in rows)


def test_text_takes_the_colours_of_the_theme() -> None:
    config = agreement().chart().to_dict()["config"]
    assert "background" not in config
    assert "labelColor" not in config["axis"]
    assert "color" not in config["title"]


def test_scale_reaches_below_zero_where_an_interval_does() -> None:
    frame = pd.DataFrame({"tag": "a", "auto": [True] * 30 + [False] * 30, "human": [False, True] * 30})
    chart = Agreement(frame).chart("cohen_kappa").to_dict()
    (low, high) = chart["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low <= rows_of(chart)[0]["low"] < 0
    assert high == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.123, "0.12"), (-0.031, "−0.03"), (-0.001, "0.00"), (float("nan"), "–"), (1.0, "1.00")]
)
def test_number_reads_well(value: float, text: str) -> None:
    assert number(value) == text


def test_slices_are_named_by_their_values() -> None:
    table = pd.DataFrame({"subteam": ["night", None], "week": [1, 2]})
    assert slice_names(table, ["subteam", "week"]) == ["night · 1", "none · 2"]
    assert slice_names(table, []) == ["all", "all"]
