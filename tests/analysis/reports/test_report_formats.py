"""Markdown, tables and workbooks say the same as the page, and are the same bytes for the same input."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cmtools as cm
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.metrics import METRICS
from cmtools.analysis.reports.writing import write_report
from tests.analysis.reports.test_report import NASTY, decisions

KINDS = ("html", "md", "csv", "xlsx")


def written(tmp_path: Path, agreement: Agreement, kind: str, **choices: Any) -> Path:
    return write_report(agreement, tmp_path / f"agreement.{kind}", **choices)


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path)
    return {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}


def words_of(path: Path) -> str:
    """Every word in the file, whatever its kind."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8").replace("\\", "")
    return "\n".join(str(cell) for rows in sheets(path).values() for row in rows for cell in row if cell is not None)


# Every kind -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("choices", [{}, {"interval": "bootstrap", "seed": 4}, {"weights": "weight"}], ids=str)
def test_same_decisions_and_seed_give_the_same_bytes(tmp_path: Path, kind: str, choices: dict[str, Any]) -> None:
    frame = decisions(weight=np.linspace(1, 3, 300), reviewer=list("abcdef") * 50)
    mixed = frame.sample(frac=1, random_state=1)
    first = written(tmp_path, Agreement(frame, by="subteam", **choices), kind).read_bytes()
    assert first == written(tmp_path, Agreement(mixed, by="subteam", **choices), kind).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_is_listed(tmp_path: Path, kind: str) -> None:
    frame = decisions(reviewer=list("abcdef") * 50, source=["new", "old"] * 150)
    frame.attrs["left_out"] = 7
    choices: dict[str, Any] = {"absent": "missing", "threshold": {"r": 0.65}, "level": 0.9, "interval": "bootstrap"}
    agreement = Agreement(frame, by="subteam", strata="source", population=5_000, seed=11, **choices)
    words = words_of(written(tmp_path, agreement, kind))
    for part in (
        "by subteam",
        "left out of every estimate",
        "r from 0.65",
        "90 %",
        "1,000 resamples",
        "by reviewer",
        "by source",
        "5,000",
        "11",
        "7 reviews not complete",
        cm.__version__,
        agreement.facts.fingerprint,
    ):
        assert part in words, part


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_are_those_of_the_design_that_the_agreement_has(tmp_path: Path, kind: str) -> None:
    agreement = Agreement(decisions(reviewer=list("abcdef") * 50), by="subteam")
    row = agreement.table("recall").iloc[0]
    assert row["method"] == "cluster_wilson"
    shown = f"{row['low']:.12g}" if kind in ("csv", "xlsx") else f"[{row['low']:.2f}, {row['high']:.2f}]"
    assert shown in words_of(written(tmp_path, agreement, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_that_take_decisions_as_independent_say_so(tmp_path: Path, kind: str) -> None:
    frame = decisions(reviewer=list("abcdef") * 50)
    clustered = words_of(written(tmp_path, Agreement(frame), kind))
    alone = words_of(written(tmp_path, Agreement(frame, cluster=False), kind))
    if kind == "csv":
        assert ("cluster_wilson" in clustered, "cluster_wilson" in alone) == (True, False)
    else:
        assert ("independent draw" in clustered, "independent draw" in alone) == (False, True)


@pytest.mark.parametrize("kind", KINDS)
def test_report_of_nothing_is_no_error(tmp_path: Path, kind: str) -> None:
    assert "no_decisions" in words_of(written(tmp_path, Agreement(cm.tidy([])), kind)).replace(" ", "_")


@pytest.mark.parametrize("kind", ["html", "md", "xlsx"])
def test_report_of_counts_alone_says_that_it_cannot_list_decisions(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, Agreement(Agreement(decisions(), by="subteam").counts), kind)
    assert "made from counts alone" in words_of(path)


def test_table_of_counts_alone_is_that_of_the_decisions_but_for_the_fingerprint(tmp_path: Path) -> None:
    agreement = Agreement(decisions(), by="subteam")
    first = pd.read_csv(written(tmp_path, agreement, "csv"))
    again = pd.read_csv(written(tmp_path, Agreement(agreement.counts), "csv"))
    pd.testing.assert_frame_equal(first.drop(columns="fingerprint"), again.drop(columns="fingerprint"))


@pytest.mark.parametrize("kind", KINDS)
def test_blind_and_suggested_decisions_are_never_added_up(tmp_path: Path, kind: str) -> None:
    agreement = Agreement(decisions(blind=[True, False] * 150), by="subteam")
    words = words_of(written(tmp_path, agreement, kind))
    n = agreement.counts.groupby("tag")["n"].sum()
    assert "kept apart" in words
    assert not {f" {each} " for each in n} & {f" {word} " for word in words.split("\n\n## Disagreements")[0].split()}


@pytest.mark.parametrize("kind", KINDS)
def test_names_may_hold_any_sign(tmp_path: Path, kind: str) -> None:
    frame = decisions(content_id=NASTY, subteam=NASTY, reviewer=NASTY, tag="=1+1")
    path = written(tmp_path, Agreement(frame, by="subteam"), kind, title=NASTY)
    assert "script" in words_of(path)
    if kind in ("html", "md"):  # text in a fence is shown as it is, and a backslash takes a sign's meaning away
        text = re.sub(r"```text\n.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"(?<!\\)<script", text)


# Markdown -------------------------------------------------------------------------------------------------------------


def test_markdown_has_every_estimate_and_count(tmp_path: Path) -> None:
    agreement = Agreement(decisions(), by="subteam")
    words = words_of(written(tmp_path, agreement, "md"))
    for row in pd.concat([agreement.table(), agreement.overall]).itertuples():
        if not np.isnan(row.low):
            shown = f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]".replace("-0.00", "0.00").replace("-", "−")
            assert shown in words
    for row in agreement.counts.itertuples():
        assert f"{row.tag} · {row.subteam} | {row.n} | {row.tp} | {row.fp} | {row.fn} | {row.tn} |" in words


def test_markdown_has_a_chart_for_each_headline_metric(tmp_path: Path) -> None:
    text = written(tmp_path, Agreement(decisions(), by="subteam"), "md").read_text(encoding="utf-8")
    charts = text.split("```text\n")[1:]
    assert [chart.splitlines()[0] for chart in charts][:3] == ["Percent agreement", "Precision", "Recall"]
    lines = charts[0].splitlines()
    assert all("●" in line or "○" in line for line in lines[1:-3])
    places = {line.index("●") for line in lines[1:4] if "●" in line}
    assert len(places) > 1


def test_markdown_shows_what_people_wrote_as_text(tmp_path: Path) -> None:
    frame = decisions(content_id="a|b\n# c <b>d</b>", subteam="[x](http://evil.example) ```")
    text = written(tmp_path, Agreement(frame, by="subteam"), "md", title="*May*").read_text(encoding="utf-8")
    assert text.startswith("# \\*May\\*\n")
    assert "a\\|b \\# c \\<b\\>d\\</b\\>" in text
    assert "\\[x\\]\\(http://evil\\.example\\)" in text
    assert text.count("```") == 12


# Tables ---------------------------------------------------------------------------------------------------------------


def test_csv_is_the_tidy_table_with_the_counts_behind_it(tmp_path: Path) -> None:
    agreement = Agreement(decisions(), by="subteam")
    found = pd.read_csv(written(tmp_path, agreement, "csv"), keep_default_na=True)
    assert list(found)[:9] == ["subteam", "tag", "metric", "estimate", "low", "high", "n", "method", "flag"]
    whole, slices = found[found["subteam"] == "all"], found[found["subteam"] != "all"]
    assert (len(whole), len(slices)) == (2 * len(METRICS), len(agreement.table()))
    expected = agreement.table().sort_values(["subteam", "tag", "metric"])
    ours = slices.sort_values(["subteam", "tag", "metric"])
    np.testing.assert_allclose(ours[["estimate", "low", "high"]], expected[["estimate", "low", "high"]], rtol=1e-11)
    assert (found["tp"] + found["fp"] + found["fn"] + found["tn"]).tolist() == found["n"].tolist()
    assert set(found["fingerprint"]) == {agreement.facts.fingerprint}


def test_csv_has_no_word_that_a_spreadsheet_takes_for_a_formula(tmp_path: Path) -> None:
    frame = decisions(subteam=["=cmd|' /C calc'!A0", "@x"] * 150, tag="-1")
    found = pd.read_csv(written(tmp_path, Agreement(frame, by="subteam"), "csv"), dtype=str)
    assert set(found["subteam"]) == {"'=cmd|' /C calc'!A0", "'@x", "all"}
    assert set(found["tag"]) == {"'-1"}


# Workbooks ------------------------------------------------------------------------------------------------------------


def test_workbook_has_a_sheet_for_each_part(tmp_path: Path) -> None:
    found = sheets(written(tmp_path, Agreement(decisions(), by="subteam"), "xlsx", title="March audit"))
    assert list(found) == [
        "Summary",
        "Estimates",
        "Charts",
        "Chart data",
        "Counts",
        "Scores",
        "Curves",
        "Calibration",
        "Disagreements",
        "Choices",
        "Words",
    ]
    assert found["Summary"][0][0] == "March audit"


def test_workbook_has_numbers_where_there_are_numbers(tmp_path: Path) -> None:
    agreement = Agreement(decisions(), by="subteam")
    head, *rows = sheets(written(tmp_path, agreement, "xlsx"))["Estimates"]
    table = pd.DataFrame(rows, columns=head)
    slices = table[table["subteam"] != "all"].reset_index(drop=True)
    expected = agreement.table()
    np.testing.assert_allclose(slices["estimate"].astype(float), expected["estimate"], rtol=1e-11)
    assert slices["n"].tolist() == expected["n"].tolist()
    assert (slices["flag"].fillna("") == expected["flag"]).all()


def test_workbook_has_a_chart_with_intervals_for_each_headline_metric(tmp_path: Path) -> None:
    path = written(tmp_path, Agreement(decisions(), by="subteam"), "xlsx")
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 6
    assert all("errBars" in chart and "95 % intervals" in chart for chart in charts)


def test_workbook_has_no_formula_and_no_link(tmp_path: Path) -> None:
    frame = decisions(content_id="http://evil.example", subteam="=1+1", reviewer="=HYPERLINK(1)")
    path = written(tmp_path, Agreement(frame, by="subteam"), "xlsx", title="=2+2")
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert "=1+1" in words_of(path)


def test_workbook_holds_no_moment_of_its_making(tmp_path: Path) -> None:
    path = written(tmp_path, Agreement(decisions()), "xlsx")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
        assert {info.date_time[0] for info in parts.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


# Scores ---------------------------------------------------------------------------------------------------------------


def test_page_draws_a_curve_and_a_calibration_for_each_tag_with_scores(tmp_path: Path) -> None:
    source = written(tmp_path, Agreement(decisions()), "html").read_text(encoding="utf-8")
    assert source.count('class="plot"') == 4
    for words in ("Average precision", "Precision and recall by threshold", "on the dashed line scores come true"):
        assert words in source


def test_curve_is_drawn_where_it_lies(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tag": "a", "auto": [0, 1] * 50, "human": [0, 1] * 50, "score": [0.0, 1.0] * 50})
    source = written(tmp_path, Agreement(frame), "html").read_text(encoding="utf-8")
    # Recall is 1 from the first score (left) to the last (right), precision rises from a half to 1.
    assert '<polyline class="first" points="30.0,105.0 330.0,10.0"/>' in source
    assert '<polyline class="second" points="30.0,10.0 330.0,10.0"/>' in source


@pytest.mark.parametrize("kind", ["html", "md", "xlsx"])
def test_figures_of_scores_are_those_of_the_agreement(tmp_path: Path, kind: str) -> None:
    agreement = Agreement(decisions())
    words = words_of(written(tmp_path, agreement, kind))
    for value in (agreement.curve("a").average_precision, agreement.calibration("r").brier):
        assert (f"{value:.12g}" if kind == "xlsx" else f"{value:.3f}") in words


@pytest.mark.parametrize("kind", ["html", "md", "xlsx"])
def test_without_scores_nothing_is_said_of_them(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, Agreement(decisions(score=np.nan)), kind)
    assert "average precision" not in words_of(path).lower()


def test_scores_that_are_no_probabilities_have_a_curve_alone(tmp_path: Path) -> None:
    frame = decisions()
    source = written(tmp_path, Agreement(frame.assign(score=frame["score"] * 9)), "html").read_text(encoding="utf-8")
    assert source.count('class="plot"') == 2
    assert "Brier" not in source


def test_a_score_that_is_alone_is_no_error(tmp_path: Path) -> None:
    frame = decisions(score=[0.5] + [np.nan] * 299)
    assert 'class="plot"' in written(tmp_path, Agreement(frame), "html").read_text(encoding="utf-8")
