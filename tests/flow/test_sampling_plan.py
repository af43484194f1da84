"""From a sealed plan over reviews to an estimate for all: weight and stratum travel with each review and come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cmtools as cm
from cmtools.testing import running_service


def test_what_a_plan_draws_is_reviewed_and_tells_of_all_items(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    items = pd.DataFrame(
        {"id": [f"post-{place}" for place in range(600)], "content": "some words", "views": range(1, 601)}
    )
    items["r"] = rng.random(600) < 0.1
    truth = dict(zip(items["id"], np.where(items["r"], rng.random(600) < 0.8, rng.random(600) < 0.05), strict=True))
    made = cm.SamplingPlan.stratified(items, by="r", flagged="r", allocation={"r False": 60, "r True": 30}, seed=2)
    made.save(tmp_path / "plan.json")

    with running_service() as service:
        client: cm.Client = service.client("ana")
        client.create_reviews(cm.make_drafts(made.draw(items), type="Text"))
        lease = client.checkout(count=90, type="Text")
        assert len(lease.reviews) == 90
        client.submit(lease, {review.id: {"r": bool(truth[review.content_id])} for review in lease.reviews})
        service.advance(60)
        decisions = client.decisions(metadata=True)
        client.close()

    plan = cm.SamplingPlan.load(tmp_path / "plan.json", seal=made.seal)
    table = plan.estimates(decisions, tags="r", size="views").table().set_index("metric")
    human = items["id"].map(truth).to_numpy(dtype=bool)
    drawn = plan.draw(items)
    expected = drawn["weight"] @ drawn["id"].map(truth) / 600
    assert table.loc["prevalence_human", "estimate"] == pytest.approx(expected)
    assert set(table["flag"]) == {""}
    for metric, true in (
        ("prevalence_human", human.mean()),
        ("precision", human[items["r"]].mean()),
        ("recall", items["r"][human].mean()),
        ("prevalence_by_size", human @ items["views"] / items["views"].sum()),
    ):
        assert table.loc[metric, "low"] <= true <= table.loc[metric, "high"]
