"""Reviewers whose skill is known: what they answer on golden items and on daily work."""

from __future__ import annotations

import numpy as np
import pandas as pd

NOON = pd.Timestamp("2026-03-02 12:00", tz="UTC")


def crew(
    items: int = 400,
    sensitivity: tuple[float, ...] = (0.9, 0.9, 0.9, 0.9, 0.9),
    specificity: tuple[float, ...] = (0.97, 0.97, 0.97, 0.97, 0.97),
    each: int = 3,
    seed: int = 0,
    tags: tuple[str, ...] = ("a", "r"),
    common: float = 0.3,
) -> pd.DataFrame:
    """What so many of a crew say of each item, with the truth: decisions with a column ``truth``."""
    rng = np.random.default_rng(seed)
    truth = rng.random((items, len(tags))) < common
    who = rng.random((items, len(sensitivity))).argsort(axis=1)[:, :each]
    rows = np.repeat(np.arange(items), each * len(tags))
    reviewer, tag = np.repeat(who.ravel(), len(tags)), np.tile(np.arange(len(tags)), items * each)
    on = truth[rows, tag]
    right = np.where(on, np.array(sensitivity)[reviewer], np.array(specificity)[reviewer])
    human = np.where(rng.random(len(rows)) < right, on, ~on)
    return pd.DataFrame(
        {
            "review_id": [f"r{row}" for row in rows],
            "content_id": [f"c{row}" for row in rows],
            "tag": np.array(tags)[tag],
            "auto": on,
            "human": human,
            "reviewer": np.array(["ana", "bo", "cy", "dee", "eva", "fay", "gus", "hal", "ida", "jo"])[reviewer],
            "blind": rows % 2 == 0,
            "decided_at": NOON + pd.to_timedelta(rows * 10, unit="s"),
            "truth": on,
        }
    )
