"""Items with two answers: how often the two agree can be told, which of them errs cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.quality.measuring import FLAGS
from cmtools.analysis.quality.reviewers import ReviewerQuality

from .crews import crew

RATES = ["false_positive_rate", "false_negative_rate"]
WAYS = pytest.mark.parametrize("consensus", ["dawid_skene", "majority"])


def two(items: int = 3_000, seed: int = 1) -> pd.DataFrame:
    """Ana is always right; Ben errs on one of twenty; 11 % are on."""
    rng = np.random.default_rng(seed)
    on = rng.random(items) < 0.11
    said = {"ana": on, "ben": on ^ (rng.random(items) < 0.05)}
    ids = [f"p{place}" for place in range(items)]
    return pd.concat(
        [pd.DataFrame({"review_id": ids, "tag": "a", "reviewer": name, "human": human}) for name, human in said.items()]
    )


@WAYS
def test_of_two_people_per_item_nobody_is_said_to_miss_what_the_other_set(consensus: str) -> None:
    quality = ReviewerQuality(two(), consensus=consensus)
    table = quality.table("consensus")
    rates = table[table["measure"].isin(RATES)]
    assert rates[["estimate", "low", "high", "shrunk", "shrunk_low", "shrunk_high"]].isna().all(axis=None)
    assert (rates["n"] == 0).all()
    assert set(rates["flag"]) == {"pair"}
    accuracy = table[table["measure"] == "accuracy"]
    assert accuracy["estimate"].nunique() == 1
    assert accuracy["n"].tolist() == [3_000, 3_000]
    assert set(accuracy["flag"]) == {"alike"}
    assert FLAGS["pair"] in quality._repr_html_()


@WAYS
def test_two_people_per_item_are_not_told_apart_and_the_reason_is_said(consensus: str) -> None:
    found = ReviewerQuality(two(), consensus=consensus).differences().query("against == 'consensus'")
    assert not found["differ"].any()
    found = found.set_index("measure")
    assert found.loc[RATES, ["chi2", "p", "p_adjusted"]].isna().all(axis=None)
    assert found["flag"].to_dict() == {"accuracy": "", **dict.fromkeys(RATES, "pair")}


@WAYS
def test_errors_of_two_people_per_item_are_not_kinds_but_unknown(consensus: str) -> None:
    table = ReviewerQuality(two(), consensus=consensus).errors("consensus")
    assert table["estimate"].isna().all()
    assert set(table["flag"]) == {"pair"}


@WAYS
def test_items_with_two_answers_are_left_out_among_others_and_they_alone(consensus: str) -> None:
    three = crew(400, (0.9, 0.9, 0.9), (0.97, 0.97, 0.97), seed=2)
    mixed = pd.concat([three, two().replace({"reviewer": {"ben": "bo"}})])
    one_way = "majority"  # the model learns from pairs too, so its word on the others may shift
    for ask in (lambda q: q.table("consensus", RATES), lambda q: q.errors("consensus")):
        both = (ask(ReviewerQuality(frame, consensus=one_way, tags="a")) for frame in (mixed, three))
        whole, alone = (found.drop(columns=["flag"]) for found in both)
        pd.testing.assert_frame_equal(whole, alone)
    quality = ReviewerQuality(mixed, consensus=consensus, tags="a")
    n = quality.table("consensus").set_index(["measure", "reviewer"])["n"]
    assert n["false_positive_rate"]["ana"] + n["false_negative_rate"]["ana"] <= 400
    assert n["accuracy"]["ana"] > 3_000
    assert quality.errors("consensus")["n"].max() <= 400


def test_technical_errors_of_pairs_are_shares_of_all_reviews() -> None:
    frame = two(200)
    odd = [f"p{place}" for place in range(10)]
    table = ReviewerQuality(frame, technical=odd).errors("consensus")
    assert table.query("measure == 'technical'")["estimate"].tolist() == pytest.approx([0.05, 0.05])
    assert table.query("measure == 'right'")["estimate"].isna().all()


def test_pairs_have_their_rates_against_golden_items() -> None:
    frame = two()
    truth = frame["review_id"].map(frame[frame["reviewer"] == "ana"].set_index("review_id")["human"])
    table = ReviewerQuality(frame, frame.assign(truth=truth)).table("gold").set_index(["measure", "reviewer"])
    assert table.loc[("false_negative_rate", "ana"), "estimate"] == 0
    assert table.loc[("false_negative_rate", "ben"), "estimate"] == pytest.approx(0.05, abs=0.03)
    assert "pair" not in set(table["flag"])
