"""The explorer's quick answers are the agreement's own, whatever is asked and however the decisions are spelled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmtools as cm
from cmtools.analysis.explorer.base import KINDS, MOST_SLICES, Ask, Explorer
from cmtools.errors import BadRequest, BadTag


def decisions(n: int = 400, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    score = rng.random(n).round(2)
    frame = pd.DataFrame(
        {
            "review_id": [f"{i:04d}" for i in rng.permutation(n)],
            "content_id": [f"photo-{i}.jpg" for i in range(n)],
            "subteam": rng.choice(["night", "public", None], n),
            "week": rng.integers(1, 5, n),
            "tag": rng.choice(["a", "r"], n),
            "auto": score > 0.5,
            "score": np.where(rng.random(n) < 0.1, np.nan, score),
            "human": rng.choice(["True", "False", ""], n, p=[0.4, 0.5, 0.1]),
            "reviewer": rng.choice(list("abcdefg"), n),
        }
    )
    return frame.assign(**columns)


def same(explorer: Explorer, ask: Ask) -> None:
    quick, full = explorer.agreement(ask), explorer.full(ask)
    # Where nothing is decided there are no values to tell a column's type from.
    typed = bool(full.counts["n"].sum())
    pd.testing.assert_frame_equal(pd.DataFrame(quick.counts), pd.DataFrame(full.counts), check_dtype=typed)
    pd.testing.assert_frame_equal(quick.table(), full.table(), check_dtype=typed)
    figures = explorer.figures(ask, ("recall", "cohen_kappa"))
    pd.testing.assert_frame_equal(figures.slices, full.table(["recall", "cohen_kappa"]), check_dtype=typed)
    whole = full.overall[full.overall["metric"].isin(["recall", "cohen_kappa"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(figures.whole, whole)


# The same figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", ["false", "missing"])
@pytest.mark.parametrize("by", [None, "subteam", "week", "reviewer"])
@pytest.mark.parametrize("threshold", [None, 0.37])
def test_quick_figures_are_those_of_the_agreement(absent: str, by: str | None, threshold: float | None) -> None:
    given = np.random.default_rng(1).random(400) < 0.8
    explorer = Explorer(decisions(auto_given=given), absent=absent)
    same(explorer, Ask("r", by=by, threshold=threshold))


def test_weights_and_strata_count_as_in_the_agreement() -> None:
    frame = decisions(weight=np.where(np.arange(400) % 3, 1.0, 2.5), stratum=np.where(np.arange(400) % 3, "x", "y"))
    same(Explorer(frame), Ask("a", by="week"))


def test_population_and_interval_are_passed_on() -> None:
    explorer = Explorer(decisions(), population=5_000, interval="exact", cluster=False, level=0.9)
    same(explorer, Ask("a", by="week"))


def test_bootstrap_is_the_same_with_the_same_seed() -> None:
    same(Explorer(decisions(), interval="bootstrap", seed=3), Ask("a", by="week", threshold=0.6))


def test_scores_beyond_one_are_thresholds_too() -> None:
    frame = decisions()
    score = frame["score"] * 40 - 10
    explorer = Explorer(frame.assign(score=score))
    steps, own = explorer.steps["r"], score[frame["tag"] == "r"]
    assert steps is not None
    assert (len(steps), steps[0], steps[-1]) == (101, own.min(), own.max())
    same(explorer, Ask("r", threshold=11.2))


def test_blind_and_suggested_decisions_are_told_apart() -> None:
    explorer = Explorer(decisions(blind=np.arange(400) % 2 == 0))
    assert explorer.has_both
    for blind in ("only", "never", "together"):
        same(explorer, Ask("r", by="week", blind=blind))
    n = [int(explorer.agreement(Ask("r", blind=blind)).counts["n"].sum()) for blind in ("only", "never", "together")]
    assert n[0] + n[1] == n[2]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "r"]),
            st.sampled_from(["True", "false", None]),
            st.sampled_from([1, 0, None]),
            st.sampled_from([0.0, 0.5, 1.0, None]),
            st.sampled_from(["x", "y"]),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([None, 0.0, 0.5]),
)
def test_any_small_table_gives_the_agreements_counts(rows: list[tuple[Any, ...]], threshold: float | None) -> None:
    frame = pd.DataFrame(rows, columns=["tag", "auto", "human", "score", "team"]).astype({"score": float})
    explorer = Explorer(frame, by="team")
    for tag in explorer.tags:
        scored = frame.loc[(frame["tag"] == tag) & frame["human"].notna(), "score"].notna().any()
        same(explorer, Ask(tag, by="team", threshold=threshold if scored else None))


# Disagreements --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 1, 7, 1_000])
@pytest.mark.parametrize("threshold", [None, 0.37])
def test_disagreements_are_those_of_the_agreement_in_its_order(limit: int, threshold: float | None) -> None:
    explorer = Explorer(decisions())
    ask = Ask("r", by="week", threshold=threshold)
    found, total = explorer.disagreements(ask, limit=limit)
    expected = explorer.full(ask).disagreements("r", limit)
    assert total == len(explorer.full(ask).disagreements("r"))
    assert {"review_id", "content_id", "reviewer", "week", "score", "kind", "wrong_by"} <= set(found)
    pd.testing.assert_frame_equal(
        found[[*expected.drop(columns="subteam")]], expected.drop(columns="subteam"), check_dtype=False
    )


def test_disagreements_without_scores_stand_in_the_order_of_their_ids() -> None:
    found, _ = Explorer(decisions().drop(columns="score")).disagreements(Ask("r"), limit=50)
    assert found["review_id"].tolist() == sorted(found["review_id"])


def test_disagreements_of_one_slice_and_one_kind() -> None:
    explorer = Explorer(decisions())
    every, total = explorer.disagreements(Ask("r", by="subteam", slice="night"), limit=1_000)
    assert set(every["subteam"]) == {"night"}
    parts = [explorer.disagreements(Ask("r", by="subteam", slice="night"), kind, 1_000) for kind in KINDS]
    assert [set(part["kind"]) for part, _ in parts] == [{kind} for kind in KINDS]
    assert sum(n for _, n in parts) == total == len(every)


# Curve ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", ["false", "missing"])
def test_curve_has_at_each_step_what_the_agreement_has_at_that_threshold(absent: str) -> None:
    explorer = Explorer(decisions(), absent=absent)
    curve = explorer.curve(Ask("r"))
    assert curve is not None
    assert len(curve) == 101
    for place in (37, 50, 98):  # from the lowest score on everything is on, and recall not estimable
        table = explorer.full(Ask("r", threshold=float(curve["threshold"][place]))).table(["precision", "recall"])
        np.testing.assert_allclose(table["estimate"], curve.loc[place, ["precision", "recall"]].astype(float))


def test_curve_of_one_slice_alone() -> None:
    frame = decisions()
    part = Explorer(frame[frame["subteam"] == "night"]).curve(Ask("r"))
    pd.testing.assert_frame_equal(Explorer(frame).curve(Ask("r", by="subteam", slice="night")), part)


def test_tag_without_scores_has_no_curve() -> None:
    assert Explorer(decisions().drop(columns="score")).curve(Ask("r")) is None


# What there is to ask -------------------------------------------------------------------------------------------------


def test_columns_with_few_values_are_offered() -> None:
    frame = decisions(constant=1, many=np.arange(400) % (MOST_SLICES + 1), share=0.5, metadata_kind=list("ab") * 200)
    assert Explorer(frame).columns == ("subteam", "week", "reviewer", "metadata_kind")


def test_columns_that_were_named_are_offered_however_many_values_they_have() -> None:
    explorer = Explorer(decisions(many=np.arange(400) % (MOST_SLICES + 1)), by=["many"])
    assert explorer.columns == ("many",)
    same(explorer, Ask("a", by="many"))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (Ask("bw"), "no tag 'bw'"),
        (Ask("r", by="nothing"), "'nothing' is no column to slice by here; there are subteam, week, reviewer"),
        (Ask("r", by="week", slice=9), "no slice 9 by 'week'"),
        (Ask("r", slice=1), "no slice 1"),
        (Ask("r", threshold=float("nan")), "threshold of 'r'"),
        (Ask("r", blind="sometimes"), "'only', 'never' or 'together'"),
    ],
)
def test_what_is_not_there_is_refused(ask: Ask, words: str) -> None:
    with pytest.raises((BadRequest, BadTag), match=words):
        Explorer(decisions()).check(ask)


def test_a_threshold_for_a_tag_without_scores_is_refused() -> None:
    with pytest.raises(BadRequest, match="a threshold but no scores"):
        Explorer(decisions().drop(columns="score")).check(Ask("r", threshold=0.5))


def test_what_the_agreement_refuses_the_explorer_refuses() -> None:
    with pytest.raises(BadTag, match="perhaps"):
        Explorer(decisions(human="perhaps"))
    with pytest.raises(BadRequest, match="by names 'nothing'"):
        Explorer(decisions(), by="nothing")
    with pytest.raises(TypeError):
        Explorer(decisions(), sizes=3)


def test_no_decisions_are_nothing_and_no_error() -> None:
    explorer = Explorer(cm.tidy([]))
    assert (len(explorer), explorer.columns) == (0, ())
    assert explorer.tags == ("a", "r")
    assert explorer.disagreements(Ask("a"))[1] == 0
    assert set(explorer.figures(Ask("a"), ["recall"]).whole["flag"]) == {"no_decisions"}


def test_what_the_caller_does_to_the_table_later_changes_nothing() -> None:
    frame = decisions()
    explorer = Explorer(frame)
    before = explorer.agreement(Ask("r", by="week")).table()
    frame["human"] = True
    same(explorer, Ask("r", by="week"))
    pd.testing.assert_frame_equal(explorer.agreement(Ask("r", by="week")).table(), before)
