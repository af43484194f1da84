"""Several raters beside krippendorff, irrCAC and crowd-kit: 100,000 items, 5 raters, 20 % missing; and coverage.

The peers run in an environment of their own, which `make bench` makes; without it those lines are left out. All times
are the processor's (of all threads), so that other work on the machine does not count.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.raters.agreement import RaterAgreement
from cmtools.analysis.raters.spread import measure
from cmtools.analysis.ratings.coefficients import Items
from cmtools.analysis.ratings.patterns import of_ratings
from cmtools.analysis.ratings.scales import weights_of
from cmtools.analysis.ratings.tables import gwet_ac1_of_ratings, krippendorff_alpha_of_ratings
from cmtools.analysis.sources.source import write_parquet

ITEMS = int(float(os.environ.get("BENCH_ITEMS", "1e5")))
PEERS = Path(os.environ.get("BENCH_PEERS", ".venv-peers/bin/python"))
STACK = Path(__file__).parent / "peers" / "raters_stack.py"
SKILLS = (0.9, 0.85, 0.8, 0.7, 0.4)


def rated(items: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Ratings, a row per rater and NaN for missing, and the true values: raters who know it or else guess."""
    random = np.random.default_rng(seed)
    true = random.choice([1, 2, 3, 4, 5], items, p=[0.4, 0.25, 0.15, 0.12, 0.08])
    shape = (len(SKILLS), items)
    known = random.random(shape) < np.array(SKILLS)[:, None]
    ratings = np.where(known, true, random.integers(1, 6, shape)).astype(float)
    ratings[random.random(shape) < 0.2] = np.nan
    return ratings, true


def as_frame(ratings: np.ndarray, true: np.ndarray) -> pd.DataFrame:
    """The same as a long table in no order, tasks and workers by name."""
    rater, item = np.nonzero(~np.isnan(ratings))
    order = np.random.default_rng(1).permutation(len(item))
    rater, item = rater[order], item[order]
    names = np.array(["ana", "bo", "cy", "di", "ed"], dtype=object)[rater]
    tasks = pd.array([f"task {number}" for number in item], dtype="str")
    frame = {"task": tasks, "worker": pd.array(names, dtype="str"), "label": ratings[rater, item].astype(int)}
    return pd.DataFrame({**frame, "true": true[item]})


def median_seconds(work: Callable[[], object], rounds: int = 9) -> float:
    work()  # and everything is loaded
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, pd.DataFrame, dict[str, Any]]:
    """The ratings as an array, as a long table, and what the peers say of them."""
    if not PEERS.exists():
        pytest.skip("make bench makes the peers' environment")
    ratings, true = rated(ITEMS)
    frame = as_frame(ratings, true)
    path = tmp_path_factory.mktemp("ratings") / "ratings.parquet"
    write_parquet(frame, path, "")
    answer = subprocess.run([PEERS, STACK, path], capture_output=True, text=True, check=True)
    return ratings, frame, json.loads(answer.stdout)


def test_one_coefficient_beside_krippendorff_and_irrcac(world: tuple[np.ndarray, pd.DataFrame, dict[str, Any]]) -> None:
    ratings, _, peers = world
    alpha = median_seconds(lambda: krippendorff_alpha_of_ratings(ratings), 25)
    ac1 = median_seconds(lambda: gwet_ac1_of_ratings(ratings), 25)
    theirs = peers["seconds"]
    print(f"\nalpha {alpha * 1e3:.1f} ms, krippendorff {theirs['krippendorff'] * 1e3:.0f} ms: ", end="")
    print(
        f"{theirs['krippendorff'] / alpha:.0f}x; AC1 {ac1 * 1e3:.1f} ms, irrCAC {theirs['irrcac_ac1'] * 1e3:.0f} ms: "
    )
    print(f"{theirs['irrcac_ac1'] / ac1:.0f}x")
    assert krippendorff_alpha_of_ratings(ratings) == pytest.approx(peers["alpha"], abs=1e-12)


def test_all_coefficients_with_intervals_beside_irrcac(
    world: tuple[np.ndarray, pd.DataFrame, dict[str, Any]],
) -> None:
    ratings, frame, peers = world
    columns = {"item": "task", "rater": "worker", "value": "label"}
    of_array = median_seconds(lambda: RaterAgreement(ratings).table())
    of_frame = median_seconds(lambda: RaterAgreement(frame, **columns).table())
    theirs = peers["seconds"]
    print(
        f"\nfive coefficients and errors by irrCAC {theirs['irrcac']:.2f} s (and {theirs['pivot']:.2f} s to make ",
        end="",
    )
    print(
        f"the table wide); six and intervals from an array {of_array * 1e3:.1f} ms: {theirs['irrcac'] / of_array:.0f}x"
    )
    both = theirs["irrcac"] + theirs["pivot"]
    print(f"from the long table {of_frame * 1e3:.0f} ms: {both / of_frame:.0f}x irrCAC, ", end="")
    print(f"{(theirs['krippendorff'] + theirs['pivot']) / of_frame:.1f}x krippendorff's one coefficient")
    table = RaterAgreement(frame, **columns).table().set_index("metric")
    for name, (estimate, error) in peers["coefficients"].items():
        assert table["estimate"][name] == pytest.approx(estimate, abs=1e-9)
        reach = 1.959964 * error * (1 + 1.5 / ITEMS)
        assert table["high"][name] - estimate == pytest.approx(reach, rel=1e-4)


def test_dawid_skene_beside_crowdkit(world: tuple[np.ndarray, pd.DataFrame, dict[str, Any]]) -> None:
    _, frame, peers = world
    agreement = RaterAgreement(frame, item="task", rater="worker", value="label")
    model = median_seconds(lambda: agreement.dawid_skene(), 5)
    whole = median_seconds(
        lambda: RaterAgreement(frame, item="task", rater="worker", value="label").dawid_skene().posterior, 5
    )
    found = agreement.dawid_skene().posterior.set_index("task")["label"]
    true = frame.groupby("task")["true"].first()
    accuracy = float(np.mean(found.reindex(true.index) == true))
    theirs = peers["seconds"]["crowdkit"]
    print(
        f"\nDawid-Skene {model * 1e3:.0f} ms, from the table to every item's posterior {whole * 1e3:.0f} ms; ", end=""
    )
    print(f"crowd-kit {theirs:.2f} s: {theirs / whole:.0f}x; accuracy {accuracy:.4f} and {peers['accuracy']:.4f}")
    assert accuracy == pytest.approx(peers["accuracy"], abs=0.001)


@pytest.mark.parametrize("once", [0.0, 0.8], ids=["all items rated by three", "four in five rated once"])
@pytest.mark.parametrize("interval", ["auto", "gwet", "bootstrap"])
def test_coverage(interval: str, once: float) -> None:
    truth = dict(zip(NAMES, covered(200_000, once, 999, "gwet")[:, 0], strict=True))
    runs = 100 if interval == "bootstrap" else 1000
    bounds = np.stack([covered(150, once, seed, interval) for seed in range(runs)])
    shares = {}
    for place, name in enumerate(NAMES):
        low, high = bounds[:, place, 1], bounds[:, place, 2]
        shares[name] = float(np.mean((low <= truth[name]) & (truth[name] <= high)))
    widths = np.nanmean(bounds[:, :, 2] - bounds[:, :, 1], axis=0)
    told = ", ".join(
        f"{name} {shares[name]:.3f} (width {width:.2f})" for name, width in zip(NAMES, widths, strict=True)
    )
    print(f"\n{interval}, {once:.0%} rated once, 150 items, 95 %: {told}")


NAMES = ("percent_agreement", "fleiss_kappa", "conger_kappa", "gwet_ac1", "brennan_prediger", "krippendorff_alpha")


def covered(items: int, once: float, seed: int, interval: str) -> np.ndarray:
    """Estimate, low and high of each coefficient for three raters of a rare value."""
    random = np.random.default_rng(seed)
    true = random.random(items) < 0.25
    ratings = np.where(random.random((3, items)) < 0.9, true, ~true).astype(float)
    single = random.random(items) < once
    ratings[1:, single] = np.nan
    patterns, known = of_ratings(ratings, [0, 1])
    table = Items.of(patterns, weights_of("identity", known))
    found = measure(NAMES, table, 0.95, interval, seed)
    return np.array([[one.estimate[0], one.low[0], one.high[0]] for one in found])
