"""Sampling plans: how many, which ones, with what weight, and whether anybody changed the plan since."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmtools.analysis.plans import seals
from cmtools.analysis.plans.draws import inclusion
from cmtools.analysis.plans.plan import SamplingPlan
from cmtools.drafts import make_drafts
from cmtools.errors import BadRequest

from .audits import population

ITEMS = population(3_000)
BANDS: dict[str, Any] = {"score": "score", "cuts": [0.05, 0.2], "expected": "score", "flagged": "a"}
BARNETT = pd.DataFrame({"share": [0.80, 0.10, 0.05, 0.01, 0.04], "p": [0.0005, 0.005, 0.01, 0.05, 0.0025]})


def plan(**choices: Any) -> SamplingPlan:
    return SamplingPlan.stratified(ITEMS, **{**BANDS, "n": 300, **choices})


def test_barnett_s_example_is_reproduced() -> None:
    found = SamplingPlan.stratified(BARNETT, share="share", expected="p", n=4000, allocation="neyman")
    assert found.table()["n"].tolist() == [2098, 828, 584, 256, 234]
    assert 100 * found.expected_sd == pytest.approx(0.0539, abs=5e-5)


def test_neyman_beats_proportional_in_barnett_s_example() -> None:
    ways = {
        rule: SamplingPlan.stratified(BARNETT, share="share", expected="p", n=4000, allocation=rule).expected_sd
        for rule in ("proportional", "neyman")
    }
    assert ways["neyman"] < 0.95 * ways["proportional"]


def test_a_finite_population_is_known_better() -> None:
    endless, finite = (
        SamplingPlan.stratified(BARNETT, share="share", expected="p", n=4000, population=size) for size in (None, 8_000)
    )
    assert finite.table()["population"].sum() == 8_000
    assert finite.expected_sd == pytest.approx(endless.expected_sd * np.sqrt(0.5), rel=0.01)


def test_expected_sd_is_that_of_many_draws() -> None:
    items = ITEMS.assign(
        p=lambda f: f.groupby(pd.cut(f["score"], [-1, 0.05, 0.2, 2], right=False))["human"].transform("mean")
    )
    made = SamplingPlan.stratified(items, **{**BANDS, "expected": "p"}, n=400)
    rates = [
        (drawn["human"] * drawn["weight"]).sum() / len(items)
        for drawn in (replace(made, seed=seed).draw(items) for seed in range(150))
    ]
    assert np.std(rates) == pytest.approx(made.expected_sd, rel=0.2)
    assert np.mean(rates) == pytest.approx(items["human"].mean(), abs=3 * made.expected_sd / np.sqrt(150))


def test_a_margin_gives_the_least_number_that_reaches_it() -> None:
    found = plan(n=None, margin=0.02)
    assert found.expected_margin <= 0.02
    assert plan(n=found.n - 1).expected_margin > 0.02


def test_recall_is_planned_within_a_budget_or_refused_with_what_it_costs() -> None:
    items = population(50_000)
    aim: dict[str, Any] = {**BANDS, "aim": "recall", "allocation": "neyman", "margin": 0.03}
    with pytest.raises(BadRequest, match=r"a margin of 3 points cannot be had: that takes [\d,]+ reviews; 500 reach"):
        SamplingPlan.stratified(items, **aim, most=500)
    cost = SamplingPlan.stratified(items, **aim).n
    assert SamplingPlan.stratified(items, **aim, most=cost).n == cost
    with pytest.raises(BadRequest, match=f"that takes {cost:,} reviews"):
        SamplingPlan.stratified(items, **aim, most=cost - 1)


def test_a_plan_for_recall_looks_where_misses_are_not_where_flags_are() -> None:
    for_recall, for_precision = (
        plan(n=150, aim=aim, allocation="neyman").table()["n"].tolist() for aim in ("recall", "precision")
    )
    assert for_precision[:2] == [2, 2]
    assert min(for_recall) > 20


@pytest.mark.parametrize(("cuts", "bands"), [([0.05, 0.2], None), (None, 4)])
def test_bands_hold_what_their_names_say(cuts: list[float] | None, bands: int | None) -> None:
    found = SamplingPlan.stratified(ITEMS, score="score", cuts=cuts, bands=bands, n=100)
    drawn = found.draw(ITEMS)
    lows = drawn.groupby("stratum")["score"].min()
    for name, low in lows.items():
        place = [stratum.name for stratum in found.strata].index(str(name))
        assert place == np.searchsorted(found.cuts, low, side="right")
    if bands:
        assert found.table()["population"].tolist() == [750] * 4


def test_missing_scores_are_a_stratum_of_their_own() -> None:
    items = ITEMS.assign(score=ITEMS["score"].where(ITEMS.index > 9))
    table = SamplingPlan.stratified(items, score="score", cuts=[0.5], n=100).table().set_index("stratum")
    assert table.loc["score missing", "population"] == 10


def test_columns_and_bands_together_make_strata() -> None:
    found = SamplingPlan.stratified(ITEMS, by=["language", "a"], score="score", cuts=[0.1], n=100)
    assert [stratum.name for stratum in found.strata][:2] == [
        "de · a False · score < 0.1",
        "de · a False · score ≥ 0.1",
    ]
    assert dict(found.strata[0].values) == {"language": "de", "a": "a False", "score": "score < 0.1"}


def test_certain_strata_are_drawn_whole_with_weight_one() -> None:
    found = plan(certainty="score ≥ 0.2", n=400)
    drawn = found.draw(ITEMS)
    whole = drawn[drawn["stratum"] == "score ≥ 0.2"]
    assert len(whole) == (ITEMS["score"] >= 0.2).sum()
    assert (whole["weight"] == 1).all()
    assert found.n == len(drawn) == 400


def test_numbers_can_be_given() -> None:
    wanted = {"score < 0.05": 50, "0.05 ≤ score < 0.2": 60, "score ≥ 0.2": 70}
    assert plan(n=None, allocation=wanted).table()["n"].tolist() == [50, 60, 70]


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=6),
    data=st.data(),
    rule=st.sampled_from(["proportional", "neyman"]),
)
def test_allocation_adds_up_and_weights_add_up_to_the_population(
    sizes: list[int], data: st.DataObject, rule: str
) -> None:
    least = sum(min(2, size) for size in sizes)
    n = data.draw(st.integers(least, sum(sizes)))
    rates = data.draw(st.lists(st.sampled_from([0.0, 0.01, 0.5]), min_size=len(sizes), max_size=len(sizes)))
    items = pd.DataFrame(
        {"id": range(sum(sizes)), "kind": np.repeat([f"k{place}" for place in range(len(sizes))], sizes)}
    )
    items["p"] = np.repeat(rates, sizes)
    found = SamplingPlan.stratified(items, by="kind", expected="p", n=n, allocation=rule)
    drawn = found.draw(items)
    assert sum(found.table()["n"]) == n == len(drawn)
    assert drawn["weight"].sum() == pytest.approx(len(items))
    assert (found.table()["n"] >= np.minimum(2, sizes)).all()


def test_the_draw_does_not_depend_on_the_order_of_the_rows_and_does_on_the_seed() -> None:
    shuffled = ITEMS.sample(frac=1, random_state=1)
    assert set(plan().draw(ITEMS)["id"]) == set(plan().draw(shuffled)["id"])
    assert set(plan(seed=1).draw(ITEMS)["id"]) != set(plan().draw(ITEMS)["id"])


def test_the_draw_is_what_a_few_lines_of_hashing_give() -> None:
    from hashlib import sha256

    flagged = ITEMS.loc[ITEMS["score"] >= 0.2, "id"]
    stratum = plan().strata[-1]
    order = sorted(flagged, key=lambda each: sha256(f"0\x1f{stratum.name}\x1f{each}".encode()).hexdigest())
    drawn = plan().draw(ITEMS)
    assert set(drawn.loc[drawn["stratum"] == stratum.name, "id"]) == set(order[: stratum.n])


def test_every_item_is_drawn_as_often_as_its_chance_says() -> None:
    items = ITEMS.head(60).assign(views=np.arange(1, 61))
    made = SamplingPlan.by_size(items, "views", n=20)
    counts = sum(
        items["id"].isin(replace(made, seed=seed).draw(items)["id"]).to_numpy(dtype=int) for seed in range(400)
    )
    chance = inclusion(items["views"].to_numpy(dtype=float), 20)
    deviation = (counts - 400 * chance) / np.sqrt(400 * chance * (1 - chance) + 1e-9)
    assert (np.abs(deviation[chance < 1]) < 4.5).all()
    assert (counts[chance == 1] == 400).all()
    assert np.abs(deviation[chance < 1]).mean() < 1.2


def test_the_largest_are_certain_and_the_rest_in_proportion() -> None:
    items = ITEMS.assign(views=[100_000.0, 50_000.0, *[10.0] * 2_998])
    drawn = SamplingPlan.by_size(items, "views", n=100).draw(items)
    assert drawn.groupby("stratum")["weight"].agg(["size", "max"]).values.tolist() == [
        [98, pytest.approx(2998 / 98)],
        [2, 1],
    ]
    assert (drawn["weight"] * drawn["views"]).sum() == pytest.approx(items["views"].sum())


def test_drawn_rows_become_drafts_that_keep_weight_and_stratum() -> None:
    texts = ITEMS.assign(content="some text")[["id", "content", "score"]]
    found = SamplingPlan.stratified(texts, score="score", cuts=[0.05], n=40)
    drawn = found.draw(texts)
    drafts = make_drafts(drawn, type="Text")
    assert [(draft.content_id, draft.weight, draft.stratum) for draft in drafts] == list(
        zip(drawn["id"], drawn["weight"], drawn["stratum"], strict=True)
    )


def test_a_saved_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    for made in (plan(seed=3), SamplingPlan.by_size(ITEMS, "views", n=50), SamplingPlan.simple(1000, n=10)):
        made.save(tmp_path / "plan.json")
        again = SamplingPlan.load(tmp_path / "plan.json", seal=made.seal[:12])
        assert again == made
        assert again.seal == made.seal


def test_a_plan_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan().save(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    with pytest.raises(BadRequest, match="was changed after it was sealed"):
        SamplingPlan.load(path)


def test_a_plan_that_was_sealed_anew_is_refused_by_the_seal_that_was_noted(tmp_path: Path) -> None:
    noted = plan().seal
    plan(seed=1).save(tmp_path / "plan.json")
    with pytest.raises(BadRequest, match="is not the plan that was noted"):
        SamplingPlan.load(tmp_path / "plan.json", seal=noted)
    with pytest.raises(BadRequest, match="at least eight"):
        SamplingPlan.load(tmp_path / "plan.json", seal="")


def test_every_part_of_a_plan_is_under_its_seal(tmp_path: Path) -> None:
    made = plan()
    changed = [
        replace(made, aim="recall"),
        replace(made, seed=9),
        replace(made, level=0.9),
        replace(made, frame_hash="0" * 64),
        replace(made, strata=made.strata[::-1]),
        replace(made, strata=(replace(made.strata[0], n=made.strata[0].n + 1), *made.strata[1:])),
    ]
    assert len({made.seal, *(each.seal for each in changed)}) == 1 + len(changed)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "cmtools sampling plan"}', json.dumps({"plan": {}})])
def test_a_file_that_holds_no_plan_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(BadRequest, match="holds no plan"):
        SamplingPlan.load(tmp_path / "plan.json")
    with pytest.raises(BadRequest, match="cannot be read"):
        SamplingPlan.load(tmp_path / "absent.json")


def test_a_file_that_says_something_else_than_a_plan_is_refused(tmp_path: Path) -> None:
    content = {**asdict(plan()), "motto": "trust me"}
    seals.write(tmp_path / "plan.json", content)
    with pytest.raises(BadRequest, match="lacks or adds to what a plan says"):
        SamplingPlan.load(tmp_path / "plan.json")


def test_what_a_share_is_expected_to_be_is_checked_for_draws_by_size_too() -> None:
    with pytest.raises(BadRequest, match="is 7; give a share between 0 and 1"):
        SamplingPlan.by_size(ITEMS, "views", n=10, expected=7)


def test_another_frame_is_refused() -> None:
    made = plan()
    moved = ITEMS.assign(score=ITEMS["score"].where(ITEMS.index != 5, 0.9))
    for other in (ITEMS.head(2_999), moved, ITEMS.assign(id=ITEMS["id"] + "x")):
        with pytest.raises(BadRequest, match="not the frame that the plan was made from"):
            made.draw(other)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"n": None}, "say either how many to review, n=2000, or how sure to be"),
        ({"margin": 0.1}, "say either how many"),
        ({"n": 5}, "5 are too few"),
        ({"n": 3_001}, "more than the 3,000 items"),
        ({"n": None, "margin": 3}, "margin is 3; give a share"),
        ({"most": 200}, "n is 300, more than the 200"),
        ({"minimum": 0}, "minimum is 0"),
        ({"n": None, "margin": 0.05, "expected": 0.0}, "nothing is expected to vary"),
        ({"aim": "kappa"}, "aim is 'kappa'; take one of 'prevalence'"),
        ({"allocation": "best"}, "allocation is 'best'"),
        ({"allocation": {"x": 300}}, "allocation must have a number for each stratum"),
        ({"allocation": "neyman", "expected": None}, "say expected="),
        ({"aim": "recall", "flagged": None}, "which strata are flagged"),
        ({"cuts": [0.5]}, "holds content that is flagged and content that is not"),
        ({"score": None}, "cuts and bands are of a score"),
        ({"score": None, "cuts": None}, "say what makes strata"),
        ({"cuts": None}, "say either where the score is cut"),
        ({"score": "mark"}, "the frame has no column 'mark'"),
        ({"score": "language"}, "something that is no number"),
        ({"expected": 2.0}, "is 2; give a share between 0 and 1"),
        ({"expected": {"x": 0.1}}, "expected has no share for the stratum 'score < 0.05'"),
        ({"certainty": "x"}, "no stratum 'x' to be drawn for certain"),
        ({"id": "name"}, "the frame has no column 'name'"),
        ({"id": "language"}, "ids of the column 'language' repeat"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_what_to_do(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        plan(**choices)


def test_shares_alone_cannot_be_drawn_from() -> None:
    made = SamplingPlan.stratified(BARNETT, share="share", expected="p", n=4000)
    with pytest.raises(BadRequest, match="made from shares alone"):
        made.draw(ITEMS)


def test_columns_that_the_draw_adds_must_be_free() -> None:
    with pytest.raises(BadRequest, match="has a column 'weight' already"):
        SamplingPlan.simple(ITEMS.assign(weight=1), n=10)


@pytest.mark.parametrize("views", [0, -1, np.nan, np.inf])
def test_sizes_must_be_above_zero(views: float) -> None:
    with pytest.raises(BadRequest, match="no size above 0"):
        SamplingPlan.by_size(ITEMS.assign(views=ITEMS["views"].where(ITEMS.index > 0, views)), "views", n=10)
