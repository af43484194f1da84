"""Part 8 of a transparency report: written as the template has it, and anybody's read and tested."""

from __future__ import annotations

import csv
import io
import math
import re
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cmtools.analysis import dsa
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.dsa.template import ACCURACY, COLUMNS, COUNTS, LANGUAGES, SCOPES
from cmtools.errors import BadRequest

NAMES = list(ACCURACY.values())
SERVICE: dict[str, Any] = {"service": "Fotos", "period": "2026-01-01/2026-06-30"}
COUNTED = {
    "Total number": {"measures_automated": 812, "measures_other": 95},
    "Own-initiative": {"measures_automated": 700, "measures_other": 12},
    "NAM Total": {"notices_automated": 30, "notices_other": 2},
    "NAM Trusted Flagger": {"notices_automated": 0, "notices_other": 2},
}


def estimates(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"low": 0.8, "high": 0.95, "n": 1234, "method": "wilson", "flag": ""}
    return pd.DataFrame([usual | row for row in rows])


def three(scope: str, *values: float) -> list[dict[str, Any]]:
    metrics = ("percent_agreement", "precision", "recall")
    return [
        {"scope": scope, "metric": metric, "estimate": value} for metric, value in zip(metrics, values, strict=True)
    ]


def records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def filed(path: Path, *rows: tuple[str, str, str, str], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A sheet of indicator, scope, value and context, as somebody might have made it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["Section", "Indicator", "Scope", "Value", "Contextual information"])
    writer.writerows([("Use of automated means", *row) for row in rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def triple(scope: str, *values: str, context: str = "n = 1000") -> list[tuple[str, str, str, str]]:
    return [(name, scope, value, context) for name, value in zip(NAMES, values, strict=True)]


def found_in(path: Path, finding: str, **options: Any) -> pd.DataFrame:
    table = dsa.check(path, **options).table
    return table[table["finding"] == finding].reset_index(drop=True)


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_sheet_has_the_rows_of_the_template_in_its_order(tmp_path: Path) -> None:
    path = dsa.write_sheet8(tmp_path / "8.csv", **SERVICE, counts=COUNTED)
    rows = records(path)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 20
    assert [row["Scope"] for row in rows[::5]] == list(SCOPES)
    assert [row["Indicator"] for row in rows[:5]] == [*list(COUNTS.values())[:2], *NAMES]
    assert [row["Indicator"] for row in rows[10:12]] == list(COUNTS.values())[2:]
    values = [row["Value"] for row in rows if row["Indicator"] not in NAMES]
    assert values == ["812", "95", "700", "12", "30", "2", "0", "2"]
    assert {row["Section"] for row in rows} == {"Use of automated means for content moderation"}


def test_a_very_large_platform_has_a_row_for_every_language_by_indicator(tmp_path: Path) -> None:
    sheet = dsa.sheet8(**SERVICE, provider="vlop")
    assert len(sheet) == 20 + 5 * 24
    assert sheet["Scope"].iloc[20:44].tolist() == list(LANGUAGES)
    assert sheet["Indicator"].iloc[20:44].nunique() == 1
    assert set(sheet["Applicability"].iloc[20:]) == {"Only for VLOPs"}
    assert (sheet["Value"] == "").all()
    assert sheet["Contextual Information"].str.startswith("not available").all()


def test_shares_say_n_interval_and_method_and_what_they_do_not_tell() -> None:
    rows = [
        *three("Total number", 0.98765, 0.9, 0.8),
        {"scope": "de", "metric": "recall", "estimate": np.nan, "flag": "no_positives", "low": np.nan, "n": 40},
        {"scope": "de", "metric": "precision", "estimate": 0.5, "flag": "sparse"},
        {"scope": "de", "metric": "cohen_kappa", "estimate": 0.1},
    ]
    sheet = dsa.sheet8(**SERVICE, estimates=estimates(*rows)).set_index(["Scope", "Indicator"])
    value, context = (sheet.loc[("Total number", NAMES[0]), name] for name in ("Value", "Contextual Information"))
    assert value == "0.9877"  # rounded, not cut off
    assert context == "n = 1,234; 95 % interval 0.8000 to 0.9500; method: Wilson score interval"
    assert sheet.loc[("de", NAMES[2]), "Value"] == ""
    assert sheet.loc[("de", NAMES[2]), "Contextual Information"] == "not available: no human tag is on; n = 40"
    assert "note: rests on fewer than 20" in sheet.loc[("de", NAMES[1]), "Contextual Information"]


def test_what_does_not_apply_to_a_provider_is_blank_with_the_reason() -> None:
    given_all = estimates(*three("NAM Total", 0.9, 0.9, 0.9))
    sheet = dsa.sheet8(**SERVICE, counts=COUNTED, estimates=given_all, provider="intermediary")
    notices = sheet[sheet["Scope"].str.startswith("NAM")]
    assert (notices["Value"] == "").all()
    assert notices["Contextual Information"].iloc[0] == (
        "does not apply: only for providers of hosting services, including online platforms"
    )


def test_an_agreement_goes_in_as_it_is_with_a_row_for_each_tag() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"auto": rng.random(900) < 0.4, "language": rng.choice(["de", "fr"], 900)})
    frame = frame.assign(human=frame["auto"] ^ (rng.random(900) < 0.1), tag=rng.choice(["a", "r"], 900))
    agreement = Agreement(frame, by="language")
    sheet = dsa.sheet8(**SERVICE, estimates=agreement.table(), scope="language")
    cells = sheet[(sheet["Scope"] == "fr") & (sheet["Indicator"] == NAMES[2])]
    table = agreement.table("recall").query("language == 'fr'")
    assert cells["Value"].tolist() == [f"{value:.4f}" for value in table["estimate"]]
    assert [context.split(";")[0] for context in cells["Contextual Information"]] == ["tag a", "tag r"]


def test_the_same_figures_give_the_same_bytes_after_rfc_4180(tmp_path: Path) -> None:
    table = estimates(*three("Total number", 0.9, 0.8, 0.7), *three("fr", 0.9, 0.8, 0.7), *three("de", 0.9, 0.8, 0.7))
    one = dsa.write_sheet8(tmp_path / "1.csv", **SERVICE, counts=COUNTED, estimates=table).read_bytes()
    turned = dict(reversed(COUNTED.items()))
    other = dsa.write_sheet8(tmp_path / "2.csv", **SERVICE, counts=turned, estimates=table[::-1]).read_bytes()
    assert one == other
    assert not one.startswith(b"\xef\xbb\xbf")
    assert one.count(b"\r\n") == one.count(b"\n") == 1 + 20 + 10


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", " ="])
def test_no_cell_begins_as_a_formula(tmp_path: Path, begin: str) -> None:
    evil = f'{begin}HYPERLINK("https://example.org","x")'
    rows = [row | {"tag": evil} for row in three(evil, 0.9, 0.8, 0.7)]
    path = dsa.write_sheet8(tmp_path / "8.csv", service=evil, period=evil, estimates=estimates(*rows), scopes=[evil])
    cells = [cell for row in records(path) for cell in row.values()]
    assert any(evil in cell for cell in cells)
    assert not [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"provider": "shop"}, "provider is 'shop'"),
        ({"places": 0}, "places is 0"),
        ({"counts": {"NAM Total": {"measures_automated": 1}}}, "has no count 'measures_automated'"),
        ({"counts": {"de": {"measures_automated": -1}}}, "a count is a whole number"),
        ({"counts": {"de": {"measures_automated": 1.5}}}, "a count is a whole number"),
        ({"estimates": pd.DataFrame({"metric": ["recall"]})}, "no column 'estimate'"),
        ({"estimates": estimates({"metric": "recall", "estimate": 86})}, "'recall' is 86"),
        ({"estimates": estimates(*three("de", 0.9, 0.9, 0.9) * 2)}, "accuracy of 'de' twice; give the rows of one"),
        ({"counts": {"Total": {"measures_automated": 1}}}, "no scope 'Total'; did you mean 'Total number'?"),
        ({"counts": {"NAM total": {"notices_automated": 1}}}, "no scope 'NAM total'; did you mean 'NAM Total'?"),
        ({"counts": {"Krypton": {"measures_automated": 1}}}, "no scope 'Krypton'; there are 'Total number', "),
        ({"estimates": estimates(*three("Own initiative", 0.9, 0.9, 0.9))}, "did you mean 'Own-initiative'?"),
    ],
)
def test_what_does_not_belong_into_the_sheet_is_refused(figures: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(message)):
        dsa.sheet8(**SERVICE, **figures)


def test_languages_and_member_states_and_what_is_named_are_scopes() -> None:
    names = ["de", "DE", "Germany", "Maltese", "el", "CY"]
    counts = {name: {"measures_automated": 1} for name in names}
    sheet = dsa.sheet8(**SERVICE, counts=counts | {"Norway": {"measures_other": 2}}, scopes=["Norway"])
    assert {*names, "Norway"} <= set(sheet["Scope"])


def sliced_estimates() -> pd.DataFrame:
    """As `Audit.estimates` gives them, by two columns."""
    parts = [("", ""), ("language", "de"), ("language", "fr"), ("subteam", "public")]
    made = [
        estimates(*three("", 0.9 - place / 100, 0.9, 0.85)).drop(columns="scope").assign(by=by, slice=name, tag="r")
        for place, (by, name) in enumerate(parts)
    ]
    return pd.concat(made, ignore_index=True)


def test_estimates_of_an_audit_go_in_as_they_are_and_by_a_column_of_theirs() -> None:
    table = sliced_estimates()
    for scope, expected in (
        ("scope", {"Total number": "0.9000"}),
        ("language", {"Total number": "0.9000", "de": "0.8900", "fr": "0.8800"}),
    ):
        sheet = dsa.sheet8(**SERVICE, estimates=table, scope=scope)
        accuracy = sheet[(sheet["Indicator"] == NAMES[0]) & (sheet["Value"] != "")]
        assert dict(zip(accuracy["Scope"], accuracy["Value"], strict=True)) == expected
    with pytest.raises(BadRequest, match="no slices by 'lang', which is to be the scope; they have 'language', 'subt"):
        dsa.sheet8(**SERVICE, estimates=table, scope="lang")


def test_two_tags_of_a_scope_are_no_fault(tmp_path: Path) -> None:
    rows = [row | {"tag": tag} for tag in ("a", "r") for row in three("Total number", 0.94, 0.9, 0.85)]
    path = dsa.write_sheet8(tmp_path / "8.csv", **SERVICE, counts=COUNTED, estimates=estimates(*rows))
    found = dsa.check(path)
    assert found.ok
    assert len(found_in(path, "implied_positives").query("scope == 'Total number'")) == 2
    assert not (found.table["scope"] == "Total number").sum() - 2


def test_a_figure_outside_the_interval_beside_it_is_an_error(tmp_path: Path) -> None:
    context = "n = 60; 95 % interval 0.4591 to 0.6547; method: Wilson score interval"
    for value, expected in (
        ("0.5600", 0),
        ("0.4591", 0),
        ("0.7", 0),
        ("0.6548", 1),
        ("0.9", 1),
        ("56 %", 0),
        ("5e-90", 1),
    ):
        found = found_in(filed(tmp_path / "8.csv", (NAMES[0], "de", value, context)), "outside_interval")
        assert len(found) == expected, value
        if expected:
            assert found.loc[0, ["severity", "low", "high"]].tolist() == ["error", 0.4591, 0.6547]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026-07-01/2026-12-31", 0),
        ("01.07.2026 - 31.12.2026", 0),
        ("2026-07-01 to 2026-12-31", 0),
        ("H2 2026", 1),
        ("2026", 1),
        ("2026-12-31/2026-07-01", 1),
        ("2026-02-30/2026-07-01", 1),
    ],
)
def test_a_period_that_is_no_range_of_dates_is_noted(tmp_path: Path, period: str, expected: int) -> None:
    path = dsa.write_sheet8(tmp_path / "8.csv", service="Fotos", period=period, counts=COUNTED)
    found = found_in(path, "no_period")
    assert len(found) == expected
    if expected:
        assert found.loc[0, "severity"] == "note"
        assert found.loc[0, "what_to_do"].startswith(f"{period!r} is no range of dates")


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot write"):
        dsa.write_sheet8(tmp_path / "nowhere" / "8.csv", **SERVICE)


# What three figures imply ---------------------------------------------------------------------------------------------

CELLS = st.integers(0, 50) | st.integers(0, 10**7)
ROUNDINGS = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_HALF_DOWN)


def rounded(part: int, whole: int, places: int, how: str) -> Decimal:
    """The share as somebody would file it, from the exact fraction."""
    exact = Fraction(part, whole) * 10**places
    down = exact.numerator // exact.denominator
    rest = exact - down
    up = rest > Fraction(1, 2) or (
        rest == Fraction(1, 2) and (how == ROUND_HALF_UP or (how[-4:] == "EVEN" and down % 2))
    )
    return Decimal(down + bool(up)).scaleb(-places)


@settings(max_examples=400, deadline=None)
@given(CELLS, CELLS, CELLS, CELLS, st.integers(0, 5), st.sampled_from(ROUNDINGS))
@example(1, 0, 0, 0, 2, ROUND_HALF_UP)
@example(0, 1, 1, 0, 2, ROUND_HALF_UP)
@example(1, 1, 1, 0, 0, ROUND_HALF_EVEN)
@example(10**7, 0, 1, 3, 2, ROUND_HALF_EVEN)
def test_figures_of_any_counts_are_never_impossible_and_their_share_of_positives_is_in_the_range(
    tp: int, fp: int, fn: int, tn: int, places: int, how: str
) -> None:
    assume(tp + fp > 0 and tp + fn > 0)
    n = tp + fp + fn + tn
    figures = [rounded(*share, places, how) for share in ((tp + tn, n), (tp, tp + fp), (tp, tp + fn))]
    found = dsa.implied_positives(*figures)
    assert not found.impossible
    assert found.low - 1e-12 <= (tp + fn) / n <= found.high + 1e-12


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**4), CELLS, CELLS, CELLS)
def test_figures_with_many_decimals_give_the_share_of_positives_itself(tp: int, fp: int, fn: int, tn: int) -> None:
    assume(fp + fn > 0)
    n = tp + fp + fn + tn
    figures = [rounded(*share, 25, ROUND_HALF_EVEN) for share in ((tp + tn, n), (tp, tp + fp), (tp, tp + fn))]
    assert dsa.implied_positives(*figures).share == pytest.approx((tp + fn) / n, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(*[st.integers(0, 100)] * 3)
def test_figures_are_impossible_exactly_where_a_search_finds_no_counts(a: int, p: int, r: int) -> None:
    """The search goes through corners and inner points of what rounding allows, for true negatives of 0 or more."""
    figures = [Decimal(value).scaleb(-2) for value in (a, p, r)]
    found = dsa.implied_positives(*figures)
    half = Fraction(1, 200)
    grids = [[min(max(Fraction(x) + half * k, Fraction(0)), Fraction(1)) for k in (-1, 0, 1)] for x in figures]
    feasible = [
        (1 - a_) / room
        for a_ in grids[0]
        for p_ in grids[1]
        for r_ in grids[2]
        if p_ > 0
        and (room := (1 - r_) + r_ * (1 - p_) / p_) > 0
        and (1 - a_) / room <= 1
        and a_ - (1 - a_) / room * r_ >= 0
    ]
    assert found.impossible == (not feasible)
    for share in feasible:
        assert found.low - 1e-12 <= float(share) <= found.high + 1e-12


def test_the_range_ends_where_rounding_does() -> None:
    found = dsa.implied_positives("0.99", "0.50", "0.67")
    ends = [
        (1 - Fraction(a)) / ((1 - Fraction(r)) + Fraction(r) * (1 - Fraction(p)) / Fraction(p))
        for a, p, r in (("0.995", "0.495", "0.675"), ("0.985", "0.505", "0.665"))
    ]
    assert (found.low, found.high) == pytest.approx([float(end) for end in ends], rel=0.01)
    assert found.share == pytest.approx(0.01)


def test_the_range_leaves_room_for_the_false_alarms() -> None:
    found = dsa.implied_positives("0.90", "0.95", "0.95")
    assert found.high == pytest.approx(1 / (1 + 0.945 * 0.045 / 0.955))


def test_figures_that_do_not_tell_say_so() -> None:
    found = dsa.implied_positives("1.00", "1.00", "1.00")
    assert math.isnan(found.share)
    assert (found.low, found.high, found.impossible) == (0, 1, False)


# Checking -------------------------------------------------------------------------------------------------------------


def test_a_sheet_of_ours_has_nothing_to_complain_of(tmp_path: Path) -> None:
    rows = [row for scope in SCOPES for row in three(scope, 0.94, 0.9, 0.8)]
    counts = COUNTED | {"NAM Trusted Flagger": {"notices_automated": 1, "notices_other": 2}}
    found = dsa.check(dsa.write_sheet8(tmp_path / "8.csv", **SERVICE, counts=counts, estimates=estimates(*rows)))
    assert found.ok
    assert set(found.table["finding"]) == {"implied_positives"}
    assert len(found.table) == 4
    assert repr(found) == "Sheet 8, 20 rows: 0 errors, 0 warnings, 4 notes"
    row = found.table.iloc[0]
    assert row["low"] <= row["value"] <= row["high"]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-16", "\t"), ("cp1252", ";")]
)
def test_any_csv_with_any_way_to_write_a_share_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = triple("own-initiative", "0,86", "86 %", "86.0%", context="n = 900, Größe")
    path = filed(tmp_path / "8.csv", *rows, encoding=encoding, delimiter=delimiter)
    found = dsa.check(path).table
    (row,) = found[found["finding"] == "implied_positives"].to_dict("records")
    assert (row["scope"], row["indicator"]) == ("Own-initiative", "accuracy 0.86, precision 0.86, recall 0.860")
    assert found["finding"].tolist().count("percent") == 2


def test_impossible_figures_are_an_error_and_possible_ones_are_not(tmp_path: Path) -> None:
    path = filed(tmp_path / "8.csv", *triple("de", "0.60", "0.95", "0.95"), *triple("fr", "0.905", "0.950", "0.950"))
    found = dsa.check(path)
    assert found_in(path, "impossible")["scope"].tolist() == ["de"]
    assert not found.ok
    assert "error: de, accuracy 0.60, precision 0.95, recall 0.95: impossible" in str(found)
    assert "fr" in set(found_in(path, "near_one")["scope"])


def test_dropped_zeros_are_given_the_benefit_of_the_doubt_unless_told_otherwise(tmp_path: Path) -> None:
    path = filed(tmp_path / "8.csv", *triple("de", "0.8", "0.9", "0.95"))
    assert found_in(path, "impossible").empty
    assert len(found_in(path, "impossible", decimals=2)) == 1


def test_several_tools_of_a_scope_are_each_taken_by_themselves(tmp_path: Path) -> None:
    tools = triple("Total number", "0.99", "0.9", "0.9") + triple("Total number", "0.60", "0.95", "0.95")
    path = filed(tmp_path / "8.csv", *tools)
    assert len(found_in(path, "implied_positives")) == 1
    assert len(found_in(path, "impossible")) == 1


def test_merged_cells_and_placeholders_of_a_spreadsheet_are_seen_through(tmp_path: Path) -> None:
    rows = [(NAMES[0], "de", "0.99", "n"), ("", "fr", "0.98", "n"), ("", "[...]", "", ""), ("", "", "", "")]
    sheet = dsa.read_sheet8(filed(tmp_path / "8.csv", *rows))
    assert sheet[["indicator", "scope", "line"]].values.tolist() == [["accuracy", "de", 2], ["accuracy", "fr", 3]]


@pytest.mark.parametrize(
    ("rows", "finding", "severity"),
    [
        ([(NAMES[0], "de", "1.2e3", "n")], "out_of_range", "error"),
        ([(NAMES[0], "de", "-0.1", "n")], "out_of_range", "error"),
        ([(NAMES[0], "de", "high", "n")], "not_a_number", "error"),
        ([(COUNTS["measures_other"], "de", "12.5", "")], "out_of_range", "error"),
        ([(COUNTS["measures_other"], "de", "many", "")], "not_a_number", "error"),
        ([(NAMES[0], "de", "0.9", "n")], "incomplete", "warning"),
        ([(NAMES[0], "de", "0.9", "")], "no_context", "note"),
        ([(NAMES[0], "de", "N/A", "")], "blank_without_reason", "note"),
        ([(NAMES[0], "de", "86", "n")], "percent", "note"),
        ([("Genauigkeit", "de", "0.9", "n")], "unknown_indicator", "warning"),
        (triple("de", "0.99", "0.9", "0.9"), "no_counts", "warning"),
        (triple("de", "1.00", "1.00", "1"), "all_one", "warning"),
    ],
)
def test_each_fault_is_found_and_a_sound_row_is_not_called_so(
    tmp_path: Path, rows: list[tuple[str, str, str, str]], finding: str, severity: str
) -> None:
    counted = [(COUNTS["measures_automated"], "fr", "1 234", "")]
    sound = [*counted, *triple("fr", "0.99", "0.9", "0.9")]
    faults = found_in(filed(tmp_path / "faulty.csv", *rows, *sound), finding)
    assert faults[["scope", "severity"]].values.tolist()[0] == ["de", severity]
    assert found_in(filed(tmp_path / "sound.csv", *sound), finding).empty


def test_a_part_that_exceeds_its_whole_is_an_error(tmp_path: Path) -> None:
    name = COUNTS["notices_automated"]
    path = filed(tmp_path / "8.csv", (name, "NAM Total", "1.234", ""), (name, "NAM Trusted Flagger", "1,235", ""))
    (row,) = found_in(path, "part_exceeds_whole").to_dict("records")
    assert (row["value"], row["high"]) == (1235, 1234)


def test_scopes_that_lack_are_named_for_the_kind_of_provider(tmp_path: Path) -> None:
    path = filed(tmp_path / "8.csv", *triple("Total number", "0.99", "0.9", "0.9"))
    lacking = found_in(path, "missing_scope")
    assert len(lacking) == 20 - 3
    assert len(found_in(path, "missing_scope", provider="intermediary")) == 10 - 3
    large = filed(
        tmp_path / "9.csv", *triple("Total number", "0.99", "0.9", "0.9"), *triple("DE", "0.99", "0.9", "0.9")
    )
    languages = found_in(large, "missing_scope").tail(5)
    assert languages["scope"].iloc[-1].split(", ") == [code for code in LANGUAGES if code != "de"]
    with pytest.raises(BadRequest, match="provider is 'shop'"):
        dsa.check(path, provider="shop")


def test_a_sheet_with_the_wrong_columns_or_none_is_refused_with_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "8.csv"
    for content, message in (
        (b"", "is empty"),
        (b"Indikator,Wert\r\n", "no column 'Indicator', 'Scope', 'Value'; it begins with 'Indikator', 'Wert'"),
        (b"PK\x03\x04", "is no CSV"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadRequest, match=message):
            dsa.check(path)
    with pytest.raises(BadRequest, match="cannot read"):
        dsa.check(tmp_path / "nowhere.csv")


@settings(max_examples=100, deadline=None)
@given(
    raw=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: ("Indicator,Scope,Value\n" + text).encode())
)
def test_no_bytes_whatever_make_it_stumble(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(raw)
    try:
        found = dsa.check(path)
    except BadRequest:
        return
    assert set(found.table["severity"]) <= {"error", "warning", "note"}
