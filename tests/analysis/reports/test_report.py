"""The report: one file that needs nothing, says everything, and is the same for the same input."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cmtools as cm
from cmtools.analysis.agreement import Agreement
from cmtools.analysis.measure import FLAGS, METRICS
from cmtools.analysis.reports.writing import write_report
from cmtools.errors import BadRequest

JPEG = b"\xff\xd8\xff\xe0 rest of a picture"
NASTY = "<script>alert('x')</script>\"><img src=http://evil.example/x onerror=alert(1)>"


def decisions(n: int = 300, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    score = rng.random(n).round(3)
    return pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in range(n)],
            "content_id": [f"photo-{i}.jpg" for i in range(n)],
            "subteam": rng.choice(["night", "public"], n),
            "tag": rng.choice(["a", "r"], n),
            "auto": score > 0.5,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": rng.choice(["ana", "bo"], n),
            "decided_at": pd.Timestamp("2025-03-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="h"),
        }
    ).assign(**columns)


class Page(HTMLParser):
    """What a browser would make of it: tags with attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img", "col", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "br", "img", "col", "line", "circle"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data + " "


def page_of(tmp_path: Path, agreement: Agreement, **choices: Any) -> str:
    return write_report(agreement, tmp_path / "agreement.html", **choices).read_text(encoding="utf-8")


def words_of(source: str) -> str:
    return " ".join(Page(source).text.split())


def test_report_is_reached_from_the_front_door(tmp_path: Path) -> None:
    assert cm.write_report(Agreement(decisions()), str(tmp_path / "x.html")) == tmp_path / "x.html"


def test_report_needs_nothing_from_outside(tmp_path: Path) -> None:
    source = page_of(tmp_path, Agreement(decisions(), by="subteam"), pictures=lambda ids: dict.fromkeys(ids, JPEG))
    page = Page(source)
    assert "://" not in source
    assert "url(" not in source
    assert "@import" not in source
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "srcset", "action"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_page_is_well_formed(tmp_path: Path) -> None:
    page = Page(page_of(tmp_path, Agreement(decisions(), by="subteam")))
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("h1") == 1


@pytest.mark.parametrize("pictures", [None, {}])
def test_what_people_wrote_is_shown_as_text(tmp_path: Path, pictures: Any) -> None:
    frame = decisions(content_id=NASTY, subteam=NASTY, reviewer=NASTY, tag=NASTY, review_id=NASTY)
    source = page_of(tmp_path, Agreement(frame, by="subteam"), title=NASTY, pictures=pictures)
    page = Page(source)
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name == "onerror"]
    assert NASTY in page.text


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = decisions()
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    write_report(Agreement(frame, by="subteam"), first, pictures={"0001": JPEG})
    write_report(Agreement(frame.sample(frac=1, random_state=1), by=["subteam"]), second, pictures={"0001": JPEG})
    assert first.read_bytes() == second.read_bytes()


def test_report_says_what_was_compared_and_which_choices_were_made(tmp_path: Path) -> None:
    frame = decisions()
    frame.attrs["left_out"] = 7
    agreement = Agreement(frame, by="subteam", absent="missing", threshold={"r": 0.65}, level=0.9)
    words = words_of(page_of(tmp_path, agreement, title="March audit"))
    for part in (
        "March audit",
        "Decisions 300 Reviews 300 Reviewers 2 Tags 2 Slices by subteam 2",
        "2025-03-01 to 2025-03-13",
        "Each with its 90 % interval",
        "Silent auto tags left out of every estimate",
        "auto on by score: r from 0.65",
        "Confidence level 90 %",
        "7 reviews not complete",
        f"cmtools {cm.__version__}",
        agreement.facts.fingerprint,
    ):
        assert part in words


def test_every_estimate_and_count_is_on_the_page(tmp_path: Path) -> None:
    agreement = Agreement(decisions(), by="subteam")
    words = words_of(page_of(tmp_path, agreement))
    for row in pd.concat([agreement.table(), agreement.overall]).itertuples():
        if not np.isnan(row.low):
            shown = f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]".replace("-0.00", "0.00").replace("-", "−")
            assert shown in words
    for row in agreement.counts.itertuples():
        assert f"{row.subteam} {row.n} {row.tp} {row.fp} {row.fn} {row.tn} {row.missing}" in words
    for metric in METRICS.values():
        assert metric.title in words


def test_interval_is_drawn_where_it_lies(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tag": "a", "auto": [True] * 50 + [False] * 50, "human": [True] * 40 + [False] * 60})
    agreement = Agreement(frame)
    recall = agreement.table("precision").iloc[0]
    source = page_of(tmp_path, agreement)
    assert f'x1="{100 * recall["low"]:.1f}%" x2="{100 * recall["high"]:.1f}%"' in source
    assert f'cx="{100 * recall["estimate"]:.1f}%"' in source


def test_flags_on_the_page_are_explained(tmp_path: Path) -> None:
    frame = pd.concat([decisions(30), decisions(30).assign(tag="ot", human=False)])
    agreement = Agreement(frame)
    words = words_of(page_of(tmp_path, agreement))
    used = {flag for flag in agreement.table()["flag"] if flag}
    assert {"sparse", "no_positives", "single_class"} <= used
    for flag, meaning in FLAGS.items():
        assert (meaning[1:] in words) == (flag in used)


def test_disagreements_are_listed_worst_first(tmp_path: Path) -> None:
    agreement = Agreement(decisions())
    total = len(agreement.disagreements())
    words = words_of(page_of(tmp_path, agreement, limit=5))
    assert f"5 of {total}, the most confident wrong scores first" in words
    worst = agreement.disagreements(limit=6)["content_id"].tolist()
    places = [words.index(name + " ") for name in worst[:5]]
    assert places == sorted(places)
    assert worst[5] + " " not in words


def test_pictures_are_shown_when_given(tmp_path: Path) -> None:
    page = Page(page_of(tmp_path, Agreement(decisions()), pictures=lambda ids: dict.fromkeys(ids, JPEG), limit=3))
    assert [tag for tag, _ in page.tags].count("img") == 3


def test_report_of_nothing_says_so(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, Agreement(cm.tidy([]))))
    assert "There is no decision to measure yet" in words
    assert "agree on every decision" not in words


def test_report_of_full_agreement_says_so(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, Agreement(decisions(human=lambda f: f["auto"]))))
    assert "Auto and human tags agree on every decision." in words


def test_repeated_rows_are_told(tmp_path: Path) -> None:
    frame = decisions(50)
    assert "Repeated rows" not in words_of(page_of(tmp_path, Agreement(frame)))
    assert "4 rows repeat" in words_of(page_of(tmp_path, Agreement(pd.concat([frame, frame.iloc[:4]]))))


def test_answers_of_several_reviewers_are_told(tmp_path: Path) -> None:
    frame = decisions(50)
    assert "Several reviewers" not in words_of(page_of(tmp_path, Agreement(frame)))
    again = frame.iloc[:4].assign(reviewer="somebody else")
    words = words_of(page_of(tmp_path, Agreement(pd.concat([frame, again]))))
    assert "4 reviews and tags have answers of several; each was counted" in words


@pytest.mark.parametrize("name", ["agreement", "agreement.pdf", "agreement.html.txt"])
def test_other_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest, match=r"does not end in one of \.html, \.htm, \.md, \.csv, \.xlsx"):
        write_report(Agreement(decisions(10)), tmp_path / name)


def test_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=re.escape(f"no directory '{tmp_path / 'missing'}'; make it first")):
        write_report(Agreement(decisions(10)), tmp_path / "missing" / "agreement.html")


def test_failed_write_leaves_the_old_report_and_no_crumbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "agreement.html"
    target.write_text("old", encoding="utf-8")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(BadRequest, match="No space left on device"):
        write_report(Agreement(decisions(10)), target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_report_replaces_an_older_one(tmp_path: Path) -> None:
    target = tmp_path / "agreement.html"
    target.write_text("old", encoding="utf-8")
    assert write_report(Agreement(decisions(10)), target).read_text(encoding="utf-8") != "old"
    assert list(tmp_path.iterdir()) == [target]
