"""The chart says what it shows, and shows every cell or the reason why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import cmtools as cm
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.charts.estimates import MIME_TYPE
from cmtools.analysis.estimates import number, slice_names


def agreement(**columns: Any) -> Agreement:
    frame = pd.DataFrame({"tag": ["a", "r"] * 50, "auto": [True, False] * 50, "human": [True] * 60 + [False] * 40})
    return Agreement(frame.assign(**columns), by=list(columns))


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows]


def layers_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The drawn layers, those inside layers too."""
    inner = spec.get("spec", spec)
    if "layer" not in inner:
        return [inner]
    return [found for layer in inner["layer"] for found in layers_of(layer)]


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


# Further charts -------------------------------------------------------------------------------------------------------


def scored(n: int = 400, **columns: Any) -> Agreement:
    rng = np.random.default_rng(4)
    score = rng.random(n).round(2)
    human = rng.random(n) < score
    frame = pd.DataFrame({"tag": "r", "auto": score > 0.5, "score": score, "human": human, "week": np.arange(n) // 50})
    return Agreement(frame.assign(**columns), by="week")


def test_flagged_estimates_are_hollow_so_that_paper_without_colours_tells_them() -> None:
    spec = agreement().chart("percent_agreement").to_dict()
    points = [layer for layer in layers_of(spec) if layer["mark"]["type"] == "point"]
    hollow = {layer["transform"][-1]["filter"]: layer["mark"]["filled"] for layer in points}
    assert hollow == {"(datum.flag === '')": True, "(datum.flag !== '')": False} or hollow == {
        "datum.flag == ''": True,
        "datum.flag != ''": False,
    }


def test_confusion_has_each_count_with_its_share() -> None:
    frame = pd.DataFrame({"tag": "a", "auto": [1, 1, 1, 0, 0], "human": [1, 1, 0, 1, 0]})
    spec = Agreement(frame).confusion().to_dict()
    cells = {(row["auto"], row["human"]): (row["decisions"], row["share"]) for row in rows_of(spec)}
    assert cells == {
        ("on", "on"): ("2", "40.0 %"),
        ("on", "off"): ("1", "20.0 %"),
        ("off", "on"): ("1", "20.0 %"),
        ("off", "off"): ("1", "20.0 %"),
    }
    assert spec["title"]["text"] == "Auto tag against human tag, by tag"


def test_confusion_of_one_tag_alone() -> None:
    assert {row["tag"] for row in rows_of(agreement().confusion("r").to_dict())} == {"r"}


def test_confusion_keeps_blind_decisions_apart() -> None:
    spec = agreement(blind=[True, False] * 25 + [False, True] * 25).confusion("a").to_dict()
    assert {row["tag"] for row in rows_of(spec)} == {"a, blind true", "a, blind false"}


def test_confusion_of_nothing_has_no_share() -> None:
    rows = rows_of(Agreement(cm.tidy([])).confusion().to_dict())
    assert {(row["decisions"], row["share"]) for row in rows} == {("0", "")}


def test_curve_says_its_metrics_and_has_lines_that_differ_without_colours() -> None:
    curve = scored().curve("r")
    spec = curve.chart().to_dict()
    assert spec["title"]["text"] == "Precision and recall of tag r, by threshold"
    assert "average precision" in " ".join(spec["title"]["subtitle"]).lower()
    line = layers_of(spec)[-1]
    assert line["encoding"]["strokeDash"]["scale"]["domain"] == ["Precision", "Recall"]
    assert len({tuple(dash) for dash in line["encoding"]["strokeDash"]["scale"]["range"]}) == 2
    assert len(rows_of(spec)) == len(curve.table)


def test_calibration_has_every_bin_and_the_line_where_scores_come_true() -> None:
    found = scored().calibration("r", bins=5)
    spec = found.chart().to_dict()
    assert spec["title"]["text"] == "Calibration of the scores of tag r"
    assert "Brier" in " ".join(spec["title"]["subtitle"])
    rows = rows_of(spec)
    assert {(row["score"], row["estimate"]) for row in rows if "n" not in row} == {(0.0, 0.0), (1.0, 1.0)}
    assert [row["n"] for row in rows if "n" in row] == found.table["n"].tolist()


def test_drift_names_its_signals_and_how_its_limits_were_made() -> None:
    human = [False] * 200 + [True] * 200
    found = scored(human=human).drift("week")
    spec = found.chart().to_dict()
    assert spec["title"]["text"] == "Drift of prevalence, human of tag r"
    assert "limits" in " ".join(spec["title"]["subtitle"])
    assert [row["signal"] for row in rows_of(spec)] == found.table["signal"].tolist()
    assert any(row["signal"] for row in rows_of(spec))


def test_drift_by_moments_shows_days() -> None:
    moments = pd.Timestamp("2025-03-03", tz="UTC") + pd.to_timedelta(np.arange(400), unit="h")
    spec = scored(decided_at=moments).drift().chart().to_dict()
    assert [row["period"] for row in rows_of(spec)][:2] == ["2025-03-03", "2025-03-10"]


@pytest.mark.parametrize("name", ["chart", "confusion", "curve", "calibration", "drift"])
def test_every_chart_is_drawn_without_the_network(name: str) -> None:
    made = getattr(scored(), name)(*(["week"] if name == "drift" else []))
    chart = made if name in ("chart", "confusion") else made.chart()
    bundle = chart._repr_mimebundle_()
    (spec,) = [value for kind, value in bundle.items() if kind == MIME_TYPE]
    assert spec["title"]["text"] in bundle["text/plain"]
    assert "background" not in spec["config"]
