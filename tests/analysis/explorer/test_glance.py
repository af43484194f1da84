"""One look is plain values, and they are the agreement's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cmtools as cm
from cmtools.analysis.explorer.base import Ask, Explorer
from cmtools.analysis.explorer.glance import SHOWN, choices_of, glance
from cmtools.analysis.metrics import HEADLINE, METRICS


def explorer(n: int = 600, **columns: Any) -> Explorer:
    rng = np.random.default_rng(5)
    score = rng.random(n).round(3)
    frame = pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in range(n)],
            "content_id": [f"photo-{i}.jpg" for i in range(n)],
            "subteam": rng.choice(["night", "public", None], n, p=[0.6, 0.38, 0.02]),
            "tag": "r",
            "auto": score > 0.5,
            "score": score,
            "human": rng.random(n) < score,
            "reviewer": rng.choice(list("abcdef"), n),
        }
    )
    return Explorer(frame.assign(**columns))


def plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return value is None or type(value) in (str, int, float, bool)


def test_a_look_is_plain_values_that_json_can_say() -> None:
    seen = glance(explorer(), Ask("r", by="subteam", slice="night", threshold=0.4), "mcc", "false positive")
    assert plain(seen)
    assert plain(choices_of(explorer()))
    json.dumps(seen, allow_nan=False)


def test_figures_are_the_headline_metrics_and_the_measure() -> None:
    assert [figure["metric"] for figure in glance(explorer(), Ask("r"), "f1")["figures"]] == list(HEADLINE)
    assert [figure["metric"] for figure in glance(explorer(), Ask("r"), "mcc")["figures"]] == [*HEADLINE, "mcc"]


def test_figures_of_one_slice_are_that_slices() -> None:
    look = explorer()
    ask = Ask("r", by="subteam", slice="public")
    table = look.full(ask).table().query("subteam == 'public'").set_index("metric")
    seen = glance(look, ask, "recall")
    for figure in seen["figures"]:
        assert figure["estimate"] == pytest.approx(table.loc[figure["metric"], "estimate"], abs=1e-6)
        assert figure["low"] == pytest.approx(table.loc[figure["metric"], "low"], abs=1e-6)
    assert seen["counts"]["n"] == int(table["n"].iloc[0])


def test_rows_are_every_slice_and_a_missing_one_cannot_be_looked_at_alone() -> None:
    seen = glance(explorer(), Ask("r", by="subteam"), "recall")
    assert [(row["name"], row["place"]) for row in seen["rows"]] == [("night", 0), ("public", 1), ("none", None)]
    assert sum(row["n"] for row in seen["rows"]) == seen["counts"]["n"] == 600


def test_without_slices_there_are_no_rows_but_all_together() -> None:
    seen = glance(explorer(), Ask("r"), "recall")
    assert seen["rows"] == []
    assert seen["every"]["metric"] == "recall"


def test_flags_and_methods_that_are_seen_are_explained() -> None:
    seen = glance(explorer(human=False), Ask("r", by="subteam"), "recall")
    flags = {figure["flag"] for figure in seen["figures"] + seen["rows"]} - {""}
    assert set(seen["words"]["flags"]) == flags
    assert {"no_positives", "single_class"} <= flags
    assert seen["every"]["estimate"] is None


def test_disagreements_are_few_and_counted() -> None:
    seen = glance(explorer(), Ask("r"), "recall")["disagreements"]
    assert len(seen["items"]) == SHOWN < seen["total"]
    assert {item["kind"] for item in seen["items"]} == {0, 1}
    assert seen["items"][0]["name"].startswith("photo-")


def test_a_tag_without_scores_has_neither_steps_nor_curve() -> None:
    seen = glance(explorer(score=np.nan), Ask("r"), "recall")
    assert (seen["steps"], seen["curve"]) == (None, None)
    assert {item["score"] for item in seen["disagreements"]["items"]} == {""}


def test_one_look_is_small_however_many_decisions_there_are() -> None:
    ask = Ask("r", by="subteam", threshold=0.5)
    sizes = [len(json.dumps(glance(explorer(n), ask, "recall"))) for n in (600, 6_000)]
    assert max(sizes) < 12_000


def test_no_decisions_give_figures_with_the_reason() -> None:
    look = Explorer(cm.tidy([]))
    seen = glance(look, Ask("a"), "recall")
    assert {figure["flag"] for figure in seen["figures"]} == {"no_decisions"}
    assert seen["counts"]["n"] == seen["disagreements"]["total"] == 0


def test_choices_are_the_tags_the_columns_and_every_measure() -> None:
    found = choices_of(explorer())
    assert found["tags"] == ["r"]
    assert [column["name"] for column in found["columns"]] == ["subteam", "reviewer"]
    assert found["columns"][0]["slices"] == ["night", "public", "none"]
    assert [measure["name"] for measure in found["measures"]] == list(METRICS)
