"""Dawid and Skene's model: beside crowd-kit, over slices, and where there is little to learn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cmtools.analysis.raters.agreement import RaterAgreement
from cmtools.analysis.ratings.dawid_skene import dawid_skene
from cmtools.errors import BadRequest

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "dawid_skene.json").read_text(encoding="utf-8"))
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "agreement_examples.json"
COLUMNS = {"item": "task", "rater": "worker", "value": "label"}


def frame() -> pd.DataFrame:
    return pd.DataFrame(ORACLE["labels"], columns=["task", "worker", "label"])


def test_marginals_confusion_and_probabilities_equal_crowdkits_after_as_many_rounds() -> None:
    found = dawid_skene(ORACLE["labels"], tolerance=1e-30, most_rounds=ORACLE["rounds"])
    assert found.class_marginals == pytest.approx(ORACLE["marginals"], abs=1e-9)
    for worker, confusion in zip(found.workers, found.confusion, strict=True):
        assert np.array(confusion) == pytest.approx(np.array(ORACLE["confusion"][worker]), abs=1e-9)
    order = np.argsort(found.tasks)
    assert np.array(found.probabilities)[order] == pytest.approx(np.array(ORACLE["probabilities"]), abs=1e-9)


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED.name} is not beside the repository")
def test_shared_example_has_its_published_marginals() -> None:
    examples = json.loads(SHARED.read_text(encoding="utf-8"))["examples"]
    (example,) = (one for one in examples if one["kind"] == "long_task_worker_label")
    (check,) = example["checks"]
    assert dawid_skene(example["data"]).class_marginals == pytest.approx(check["published"], abs=check["tol"])


def test_no_order_of_labels_matters() -> None:
    first, turned = dawid_skene(ORACLE["labels"]), dawid_skene(ORACLE["labels"][::-1])
    assert turned.class_marginals == pytest.approx(first.class_marginals, abs=1e-12)
    assert dict(zip(turned.tasks, turned.labels, strict=True)) == dict(zip(first.tasks, first.labels, strict=True))


def test_a_table_says_what_the_triples_say() -> None:
    plain, model = dawid_skene(ORACLE["labels"]), RaterAgreement(frame(), **COLUMNS).dawid_skene()
    assert model.converged
    assert model.classes["share"].tolist() == pytest.approx(plain.class_marginals, abs=1e-9)
    assert model.confusion["share"].to_numpy() == pytest.approx(np.ravel(plain.confusion), abs=1e-9)
    labels = model.posterior.set_index("task")["label"].to_dict()
    assert labels == dict(zip(plain.tasks, plain.labels, strict=True))


def test_each_item_has_probabilities_that_sum_to_one_and_the_likeliest_label() -> None:
    posterior = RaterAgreement(frame(), **COLUMNS).dawid_skene().posterior
    chances = posterior[["p cat", "p dog", "p owl"]]
    assert len(posterior) == frame()["task"].nunique()
    assert chances.sum(axis=1).to_numpy() == pytest.approx(1)
    assert (chances.idxmax(axis=1) == "p " + posterior["label"]).all()
    assert (chances.max(axis=1) == posterior["probability"]).all()


def test_raters_stand_from_the_least_to_the_most_often_right() -> None:
    raters = RaterAgreement(frame(), **COLUMNS).dawid_skene().raters
    assert raters["rater"].iloc[0] == "ed"
    assert raters["accuracy"].is_monotonic_increasing
    assert raters.set_index("rater")["n"]["ana"] == (frame()["worker"] == "ana").sum()


def test_each_slice_is_fitted_as_if_it_were_alone() -> None:
    half = frame().assign(half=lambda table: np.where(table["task"] < 40, "first", "second"))
    together = RaterAgreement(half, **COLUMNS, by="half").dawid_skene()
    for name, alone in half.groupby("half"):
        model = RaterAgreement(alone, **COLUMNS).dawid_skene()
        for part in ("classes", "confusion", "raters", "posterior"):
            found = getattr(together, part)
            found = found[found["half"] == name].drop(columns="half").reset_index(drop=True)
            pd.testing.assert_frame_equal(found, getattr(model, part))


def test_a_wide_table_has_its_rows_as_items() -> None:
    wide = frame().pivot(index="task", columns="worker", values="label").reset_index()
    wide = wide.rename_axis(columns=None)
    model = RaterAgreement(wide, rater=["ana", "bo", "cy", "di", "ed"], item="task").dawid_skene()
    expected = RaterAgreement(frame(), **COLUMNS).dawid_skene().posterior
    pd.testing.assert_frame_equal(model.posterior, expected)


@pytest.mark.parametrize("raters", [4, 45], ids=["few", "more than a word of bits holds"])
def test_items_of_a_wide_table_of_numbers_keep_their_own_probabilities(raters: int) -> None:
    random = np.random.default_rng(1)
    true = random.integers(0, 2, 30)
    ratings = np.where(random.random((30, raters)) < 0.9, true[:, None], 1 - true[:, None]).astype(float)
    ratings[random.random((30, raters)) < 0.3] = np.nan
    names = [f"r{number:02}" for number in range(raters)]
    wide = pd.DataFrame(ratings, columns=names).assign(task=np.arange(30))
    long = wide.melt("task", var_name="worker", value_name="label").dropna()
    found = RaterAgreement(wide, rater=names, item="task").dawid_skene().posterior
    expected = RaterAgreement(long, **COLUMNS).dawid_skene().posterior
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)


def test_a_good_rater_outweighs_two_who_guess() -> None:
    random = np.random.default_rng(0)
    true = random.integers(0, 2, 400)
    right = {"ana": 0.95, "bo": 0.9, "cy": 0.55, "di": 0.55}
    triples = [
        (task, name, int(true[task] if random.random() < skill else 1 - true[task]))
        for task in range(400)
        for name, skill in right.items()
    ]
    found = dawid_skene(triples)
    model = np.mean(np.array(found.labels) == true)
    counts = np.array([[label for task, _, label in triples if task == number] for number in range(400)])
    majority = np.mean((counts.mean(axis=1) > 0.5) == true)
    assert model > majority + 0.03


def test_rounds_that_do_not_suffice_are_told() -> None:
    model = RaterAgreement(frame(), **COLUMNS).dawid_skene(most_rounds=2)
    assert not model.converged
    assert "not settled: allow more rounds" in repr(model)


# Dawid and Skene (1979), table 1: of each patient the three answers of the first observer, then those of the others.
PATIENTS = (
    "111111133343341122122222312122232222223322122211133334332222223232222344444442223343111111122232121211111"
    "111211111111111111111222222122213222222222222222122232222212222111111111111112322222111111111111111121121"
    "111111133332331111111222222222232324334343221223223232333333432111111111111111212111232222212111112222222"
)


def test_the_data_of_1979_give_the_shares_that_are_printed() -> None:
    labels = [(number // 7, max(number % 7 - 2, 0), said) for number, said in enumerate(PATIENTS)]
    found = dawid_skene(labels)
    assert np.round(found.class_marginals, 2).tolist() == [0.40, 0.42, 0.11, 0.07]


def test_a_frame_and_dicts_say_what_the_tuples_say() -> None:
    plain = dawid_skene(ORACLE["labels"])
    turned = frame()[["label", "task", "worker"]].assign(note="x")
    assert dawid_skene(turned) == plain
    assert dawid_skene(turned.to_dict("records")) == plain


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (pd.DataFrame({"item": [1], "worker": ["ana"], "label": ["x"]}), "no 'task' among item, worker, label"),
        (pd.DataFrame(), "no 'task' among none"),
        ([{"task": 1, "rater": "ana", "label": "x"}], "no 'worker' among task, rater, label"),
        ([(1, "ana")], "is no label"),
        (["abc"], "is no label"),
        ("abc", "not one str"),
        (5, "not one int"),
        ([(1, "ana", None)], "a label is missing"),
        ([(1, np.nan, "x")], "a worker is missing"),
        ([(1, "ana", "x"), (1, "bo", 2)], "of several kinds"),
    ],
)
def test_labels_that_are_none_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        dawid_skene(labels)


@pytest.mark.parametrize("labels", [[], [(1, "ana", "x")], [(1, "ana", "x"), (1, "bo", "x")]])
def test_little_to_learn_from_is_no_exception(labels: list[tuple[Any, Any, Any]]) -> None:
    assert dawid_skene(labels).labels == ["x"] * len({task for task, _, _ in labels})


def test_an_array_has_no_items_to_tell_about() -> None:
    with pytest.raises(BadRequest, match="an array names no items"):
        _ = RaterAgreement([[1, 2], [1, 1]]).dawid_skene().posterior


@pytest.mark.parametrize("choices", [{"tolerance": 0}, {"most_rounds": 0}])
def test_a_choice_that_cannot_be_is_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="above 0"):
        RaterAgreement(frame(), **COLUMNS).dawid_skene(**choices)
