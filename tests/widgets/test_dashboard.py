"""The dashboard without a browser: what Python says to which message, and what can be set in code."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cmtools as cm
from cmtools.errors import BadRequest, BadTag, Unreachable
from cmtools.widgets.dashboard import AgreementDashboard

JPEG = b"\xff\xd8\xff\xe0 rest of a picture"


def decisions(n: int = 300, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    score = rng.random(n).round(3)
    frame = pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in range(n)],
            "content_id": [f"photo-{i}.jpg" for i in range(n)],
            "subteam": rng.choice(["night", "public"], n),
            "week": rng.integers(1, 4, n),
            "tag": rng.choice(["a", "r"], n),
            "auto": score > 0.5,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": rng.choice(list("abcdef"), n),
        }
    )
    return frame.assign(**columns)


class Page:
    """What a browser would hear of a dashboard, and say to it."""

    def __init__(self, dashboard: AgreementDashboard) -> None:
        self.dashboard = dashboard
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        dashboard.send = lambda content, buffers=None: self.heard.append((content, buffers or []))  # type: ignore[method-assign]

    def say(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        before = len(self.heard)
        self.dashboard._handle_custom_msg(dict(message), [])
        return [content for content, _ in self.heard[before:]]

    def choose(self, **changes: Any) -> dict[str, Any]:
        (answer,) = self.say({"type": "choose", "page": "p", "n": 1, **changes})
        assert (answer["type"], answer["page"], answer["n"]) == ("view", "p", 1)
        return answer

    def thumbs(self, *ids: str) -> list[tuple[dict[str, Any], list[bytes]]]:
        before = len(self.heard)
        self.say({"type": "thumbs", "ids": list(ids)})
        assert self.dashboard._fetching.wait(60)
        return self.heard[before:]


@pytest.fixture
def dashboard() -> AgreementDashboard:
    return AgreementDashboard(decisions(), by=["subteam", "week"])


@pytest.fixture
def page(dashboard: AgreementDashboard) -> Page:
    return Page(dashboard)


# In code --------------------------------------------------------------------------------------------------------------


def test_dashboard_is_reached_from_the_front_door() -> None:
    assert cm.AgreementDashboard is AgreementDashboard


def test_repr_says_what_is_shown_and_is_the_same_every_time(dashboard: AgreementDashboard) -> None:
    assert repr(dashboard) == "AgreementDashboard(tag='a', measure='cohen_kappa', by='subteam', 300 decisions)"
    dashboard.tag, dashboard.by, dashboard.slice, dashboard.threshold = "r", "week", 2, 0.0
    shown = "tag='r', measure='cohen_kappa', by='week', slice=2, threshold=0.0"
    assert repr(dashboard) == f"AgreementDashboard({shown}, 300 decisions)"


def test_what_is_set_in_code_is_what_the_agreement_is_of(dashboard: AgreementDashboard) -> None:
    dashboard.tag, dashboard.by, dashboard.threshold = "r", "week", 0.7
    agreement = dashboard.agreement
    expected = cm.Agreement(decisions(), by="week", tags="r", threshold={"r": 0.7})
    pd.testing.assert_frame_equal(agreement.table(), expected.table())
    assert len(agreement.disagreements()) == agreement.counts[["fp", "fn"]].to_numpy().sum()


def test_disagreements_are_of_the_slice_that_is_shown(dashboard: AgreementDashboard) -> None:
    dashboard.slice = "night"
    assert set(dashboard.disagreements["subteam"]) == {"night"}


def test_a_report_can_be_written_of_what_is_shown(dashboard: AgreementDashboard, tmp_path: Any) -> None:
    assert cm.write_report(dashboard.agreement, tmp_path / "x.html").stat().st_size > 5_000


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("tag", "nothing", BadTag),
        ("by", "reviewer", BadRequest),
        ("slice", "dawn", BadRequest),
        ("measure", "luck", BadRequest),
        ("measure", None, BadRequest),
        ("threshold", "high", BadRequest),
        ("threshold", float("nan"), BadRequest),
        ("blind", "perhaps", BadRequest),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_changes(
    dashboard: AgreementDashboard, name: str, value: Any, error: type[Exception]
) -> None:
    before = repr(dashboard)
    with pytest.raises(error):
        setattr(dashboard, name, value)
    assert repr(dashboard) == before


def test_another_column_shows_all_its_slices(dashboard: AgreementDashboard) -> None:
    dashboard.slice = "night"
    dashboard.by = "week"
    assert dashboard.slice is None


def test_another_tag_takes_its_tags_as_they_were_given(dashboard: AgreementDashboard) -> None:
    dashboard.threshold = 0.8
    dashboard.tag = "r"
    assert dashboard.threshold is None


def test_without_columns_named_the_first_that_has_few_values_slices() -> None:
    assert AgreementDashboard(decisions()).by == "subteam"
    assert AgreementDashboard(decisions().drop(columns=["subteam", "week", "reviewer"])).by is None


def test_blind_reviews_come_first_where_there_are_both() -> None:
    dashboard = AgreementDashboard(decisions(blind=np.arange(300) % 2 == 0))
    assert dashboard.blind == "only"
    assert "blind='only'" in repr(dashboard)
    assert 0 < int(dashboard.agreement.counts["n"].sum()) < len(decisions().query("tag == 'a'"))


def test_bad_decisions_are_refused_as_the_agreement_refuses_them() -> None:
    with pytest.raises(BadRequest, match="no column 'human'"):
        AgreementDashboard(decisions().drop(columns="human"))


def test_no_decisions_make_an_empty_dashboard() -> None:
    page = Page(AgreementDashboard(cm.tidy([])))
    _, view = page.say({"type": "ready"})
    assert view["counts"]["n"] == 0
    assert repr(page.dashboard) == "AgreementDashboard(tag='a', measure='cohen_kappa', 0 decisions)"


def test_no_trait_that_is_saved_carries_data(dashboard: AgreementDashboard) -> None:
    state = {name: value for name, value in dashboard.get_state().items() if name not in ("_esm", "_css")}
    assert len(str(state)) < 600
    assert "photo-1" not in str(state)


# What the browser asks ------------------------------------------------------------------------------------------------


def test_a_page_that_opens_gets_the_choices_and_the_view(page: Page) -> None:
    choices, view = page.say({"type": "ready"})
    assert (choices["type"], view["type"]) == ("choices", "view")
    assert choices["tags"] == ["a", "r"]
    assert view["chosen"]["tag"] == "a"


def test_a_choice_in_the_browser_is_readable_in_python(page: Page) -> None:
    view = page.choose(tag="r", by="week", slice=1, measure="recall", threshold=0.25)
    shown = page.dashboard
    assert (shown.tag, shown.by, shown.slice, shown.measure, shown.threshold) == ("r", "week", 2, "recall", 0.25)
    assert view["chosen"]["slice"] == 1
    assert [row["name"] for row in view["rows"]] == ["1", "2", "3"]


def test_a_choice_in_python_is_told_to_the_browser(page: Page) -> None:
    page.dashboard.measure = "recall"
    ((view, _),) = page.heard
    assert view["chosen"]["measure"] == "recall"


def test_false_positives_alone_can_be_shown(page: Page) -> None:
    view = page.choose(kind="false positive")
    assert {item["kind"] for item in view["disagreements"]["items"]} == {0}
    assert view["disagreements"]["total"] == view["counts"]["fp"]


@pytest.mark.parametrize(
    "changes",
    [
        {"tag": "nothing"},
        {"tag": None},
        {"by": ["week"]},
        {"slice": 99},
        {"slice": "night"},
        {"by": "reviewer", "slice": 0},
        {"measure": "luck"},
        {"measure": 7},
        {"measure": None},
        {"threshold": "high"},
        {"threshold": True},
        {"kind": "both"},
        {"blind": 3},
    ],
)
def test_a_bad_choice_is_answered_with_what_is_wrong_and_changes_nothing(page: Page, changes: dict[str, Any]) -> None:
    before = repr(page.dashboard)
    answer = page.choose(**changes)
    assert answer["error"]
    assert repr(page.dashboard) == before
    assert "error" not in page.choose(tag="r")


def test_messages_that_nobody_knows_are_left_alone(page: Page) -> None:
    assert page.say({"type": "dance"}) == []
    assert page.say({}) == []


# Pictures -------------------------------------------------------------------------------------------------------------


def test_pictures_come_a_few_at_a_time_and_those_without_are_named() -> None:
    asked: list[list[str]] = []

    def pictures(ids: list[str]) -> dict[str, bytes | None]:
        asked.append(ids)
        return {key: JPEG if key != "0003" else None for key in ids}

    page = Page(AgreementDashboard(decisions(), pictures))
    heard = page.thumbs(*(f"{i:04d}" for i in range(10)))
    assert [len(ids) for ids in asked] == [8, 2]
    first, buffers = heard[0]
    assert (first["none"], len(first["ids"]), len(buffers)) == (["0003"], 7, 7)


def test_pictures_can_be_a_mapping() -> None:
    page = Page(AgreementDashboard(decisions(), {"0001": JPEG}))
    ((message, buffers),) = page.thumbs("0001", "0002")
    assert (message["ids"], message["none"], buffers) == (["0001"], ["0002"], [JPEG])


def test_pictures_that_cannot_be_fetched_are_said_to_have_failed() -> None:
    def pictures(_ids: list[str]) -> dict[str, bytes | None]:
        raise Unreachable("Nothing answers")

    ((message, _),) = Page(AgreementDashboard(decisions(), pictures)).thumbs("0001")
    assert (message["failed"], message["error"]) == (["0001"], "Nothing answers")


def test_choices_from_several_threads_do_not_mix(dashboard: AgreementDashboard) -> None:
    page = Page(dashboard)
    wishes = [("a", "subteam"), ("r", "week")]

    def wish(tag: str, by: str) -> None:
        for _ in range(10):
            dashboard._handle_custom_msg({"type": "choose", "tag": tag, "by": by, "page": tag, "n": 1}, [])

    threads = [threading.Thread(target=wish, args=one) for one in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    seen = {(view["page"], view["chosen"]["tag"], view["chosen"]["by"]) for view, _ in page.heard}
    assert seen == {("a", "a", "subteam"), ("r", "r", "week")}
