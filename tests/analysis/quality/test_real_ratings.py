"""Real ratings: Adversarial Nibbler (Quaye et al., FAccT 2024; CC BY 4.0, Google LLC), 12,071 by fifteen raters."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cmtools.analysis.metrics import fleiss_kappa, subject_category_counts
from cmtools.analysis.quality.resolving import resolve
from cmtools.analysis.quality.reviewers import ReviewerQuality
from cmtools.analysis.raters.agreement import RaterAgreement

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "nibbler_image_ratings.csv.gz"
TAGS = ("sexual", "violent", "hate", "bias", "other")

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not there")


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    frame = pd.read_csv(SHARED, dtype={"image_id": str})
    named = frame["image_tags"].fillna("").str.split("|")
    return frame.assign(**{tag: named.map(lambda tags, tag=tag: tag in tags) for tag in TAGS})


@pytest.fixture(scope="module")
def decisions(ratings: pd.DataFrame) -> pd.DataFrame:
    once = ratings.drop_duplicates(["image_id", "rater"])
    return once.melt(["image_id", "rater"], TAGS, "tag", "human").rename(
        columns={"image_id": "review_id", "rater": "reviewer"}
    )


@pytest.mark.parametrize(
    ("value", "kappa"),
    [
        ("image_safety", 0.700),
        ("sexual", 0.912),
        ("violent", 0.738),
        ("hate", 0.717),
        ("bias", 0.569),
    ],
)
def test_kappas_of_the_pictures_with_five_ratings_are_reproduced(
    ratings: pd.DataFrame, value: str, kappa: float
) -> None:
    five = ratings[ratings.groupby("image_id")["rater"].transform("size") == 5]
    assert five["image_id"].nunique() == 2_392
    # Some rows stand twice in the file, and the published figures count them: who said it does not matter to Fleiss.
    seat = five.groupby("image_id").cumcount()
    agreement = RaterAgreement(five.assign(seat=seat), item="image_id", rater="seat", value=value)
    table = agreement.table("fleiss_kappa")
    assert table["estimate"].item() == pytest.approx(kappa, abs=5e-4)
    assert table["low"].item() < kappa < table["high"].item()
    wide = five.assign(seat=seat).pivot(index="seat", columns="image_id", values=value)
    assert float(fleiss_kappa(subject_category_counts(wide.to_numpy()))) == pytest.approx(kappa, abs=5e-4)


def test_ratings_are_all_there(ratings: pd.DataFrame) -> None:
    assert (len(ratings), ratings["image_id"].nunique(), ratings["rater"].nunique()) == (12_071, 2_417, 15)


@pytest.mark.parametrize("consensus", ["dawid_skene", "majority"])
def test_raters_of_pictures_are_told_apart_but_not_by_two_ratings(decisions: pd.DataFrame, consensus: str) -> None:
    quality = ReviewerQuality(decisions, consensus=consensus, tags=["sexual", "violent"])
    table = quality.table("consensus", "accuracy").set_index("reviewer")
    assert table["estimate"].between(0.9, 1).all()
    assert quality.differences().query("against == 'consensus'")["differ"].all()
    # Who rated one picture agrees with the others on all of it; nobody would call that the best.
    assert table.loc["r15", ["estimate", "n", "flag"]].tolist() == [1, 2, "few"]
    assert table.loc["r15", "shrunk"] < table["shrunk"].max()


def test_kinds_of_errors_of_raters_of_pictures_add_up(decisions: pd.DataFrame) -> None:
    table = ReviewerQuality(decisions).errors("consensus")
    assert table.groupby("reviewer")["estimate"].sum().to_numpy() == pytest.approx(1)
    enough = table[(table["measure"] == "right") & (table["n"] > 100)]
    assert enough["estimate"].between(0.75, 0.95).all()


def test_the_model_and_the_majority_settle_most_pictures_alike(decisions: pd.DataFrame) -> None:
    most, likely = (resolve(decisions, how) for how in ("majority", "dawid_skene"))
    both = (most["settled"] & likely["settled"]).to_numpy()
    assert both.mean() > 0.98
    same = most.loc[both, "human"].astype(bool).to_numpy() == likely.loc[both, "human"].astype(bool).to_numpy()
    assert same.mean() > 0.98
