"""The model of answers that are on or off: it finds what made them, and its linearisation is that of many samples."""

from __future__ import annotations

import numpy as np
import pytest

from cmtools.analysis.ratings.dawid_skene import dawid_skene
from cmtools.analysis.ratings.two_classes import Answers, Fit, fit

SENSITIVITY, SPECIFICITY, SHARE = (
    np.array([0.9, 0.8, 0.7, 0.85]),
    np.array([0.95, 0.97, 0.9, 0.99]),
    np.array([0.4, 0.1]),
)


def simulated(n: int, seed: int, each: int = 3) -> tuple[Answers, np.ndarray]:
    """Answers of so many of four raters on items of two groups, and what is true."""
    rng = np.random.default_rng(seed)
    group = (np.arange(n) >= n // 2).astype(int)
    on = rng.random(n) < SHARE[group]
    who = rng.random((n, 4)).argsort(axis=1)[:, :each]
    said = np.where(on[:, None], rng.random(who.shape) < SENSITIVITY[who], rng.random(who.shape) >= SPECIFICITY[who])
    return Answers(np.repeat(np.arange(n), each), who.ravel(), said.ravel().astype(int), group, 4, 2), on


def test_shares_and_errors_are_found() -> None:
    answers, _ = simulated(40_000, 1)
    found = fit(answers)
    assert found.converged
    assert found.share == pytest.approx(SHARE, abs=0.01)
    assert found.sensitivity == pytest.approx(SENSITIVITY, abs=0.02)
    assert found.specificity == pytest.approx(SPECIFICITY, abs=0.01)


def test_posteriors_come_true() -> None:
    answers, on = simulated(40_000, 2)
    likely = fit(answers).posterior
    for low, high in ((0, 0.1), (0.2, 0.8), (0.9, 1)):
        part = (likely >= low) & (likely <= high)
        assert on[part].mean() == pytest.approx(likely[part].mean(), abs=0.02)


def test_it_is_the_model_for_any_values_where_nobody_is_drawn_to_the_others() -> None:
    answers, _ = simulated(4_000, 3)
    whole = Answers(answers.at, answers.rater, answers.on, np.zeros(4_000, dtype=int), 4, 1)
    triples = list(zip(answers.at.tolist(), answers.rater.tolist(), answers.on.tolist(), strict=True))
    other = dawid_skene(triples, tolerance=1e-12)
    assert fit(whole).share[0] == pytest.approx(other.class_marginals[1], abs=0.004)
    assert fit(whole).posterior == pytest.approx(np.array(other.probabilities)[:, 1], abs=0.05)


def test_the_linearised_error_is_that_of_many_samples() -> None:
    n, found, errors = 2_000, [], []
    for seed in range(300):
        model = fit(simulated(n, seed)[0])
        one = np.ones((n, 1))
        values = model.posterior[:, None] + model.influence(one)
        groups = model.answers.group
        found.append(model.posterior.sum())
        errors.append(sum(((part := values[groups == g]) - part.mean()).var() * len(part) for g in (0, 1)))
    assert np.std(found) == pytest.approx(np.sqrt(np.mean(errors)), rel=0.1)


def test_without_the_own_answer_the_others_decide() -> None:
    answers = Answers(
        np.repeat(np.arange(60), 3), np.tile(np.arange(3), 60), np.repeat([1, 0], 90), np.zeros(60, int), 3, 1
    )
    on = answers.on.copy()
    on[0] = 0
    found = fit(Answers(answers.at, answers.rater, on, answers.group, 3, 1))
    assert found.without_own()[0] > 0.95
    assert found.without_own()[1] < found.without_own()[0]


def test_who_answers_alone_leaves_the_share_of_all() -> None:
    answers, _ = simulated(600, 5)
    alone = Answers(
        np.append(answers.at, 600),
        np.append(answers.rater, 0),
        np.append(answers.on, 1),
        np.append(answers.group, 0),
        4,
        2,
    )
    found = fit(alone)
    assert found.without_own()[-1] == pytest.approx(found.share[0], abs=0.01)


@pytest.mark.parametrize(("each", "groups", "told"), [(3, 1, True), (2, 2, True), (2, 1, False), (1, 2, False)])
def test_it_knows_when_errors_cannot_be_told(each: int, groups: int, told: bool) -> None:
    answers, _ = simulated(400, 6, each)
    group = answers.group if groups == 2 else np.zeros(400, dtype=int)
    found: Fit = fit(Answers(answers.at, answers.rater, answers.on, group, 4, groups))
    assert np.isfinite(found.influence(np.ones((400, 1)))).all() == told
