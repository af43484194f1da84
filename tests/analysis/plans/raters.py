"""Raters of different skill for the audits of `audits`: what each would say, and who adjudicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

SENSITIVITY = np.array([0.95, 0.92, 0.90, 0.88, 0.86, 0.84, 0.82, 0.80, 0.75, 0.70])
SPECIFICITY = np.array([0.99, 0.985, 0.98, 0.995, 0.97, 0.96, 0.985, 0.975, 0.95, 0.99])
"""Ten raters, as far apart as those of real pictures: 0.75 to 0.95 and 0.95 to 0.99 in Adversarial Nibbler."""

ADJUDICATOR = (0.97, 0.995)


def rated(drawn: pd.DataFrame, each: int, seed: int) -> pd.DataFrame:
    """Decisions with what so many of ten raters, drawn for every item, say of it: a row for each answer."""
    rng = np.random.default_rng(seed)
    who = rng.random((len(drawn), len(SENSITIVITY))).argsort(axis=1)[:, :each]
    on = drawn["human"].to_numpy()[:, None]
    said = np.where(on, rng.random(who.shape) < SENSITIVITY[who], rng.random(who.shape) >= SPECIFICITY[who])
    rows = drawn.loc[drawn.index.repeat(each)].reset_index(drop=True)
    names = np.array([f"rater {place}" for place in range(len(SENSITIVITY))])
    return rows.assign(human=said.ravel(), reviewer=names[who.ravel()])


def adjudicated(drawn: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What the adjudicator would say of each item."""
    rng, on = np.random.default_rng(seed), drawn["human"].to_numpy()
    said = np.where(on, rng.random(len(drawn)) < ADJUDICATOR[0], rng.random(len(drawn)) >= ADJUDICATOR[1])
    return drawn.assign(human=said, reviewer="dee")
