"""Dawid and Skene's model: what is likely true of each item, and how each rater errs. It measures no agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..chance import Array, divide
from .patterns import Patterns, summed

LEAST = 1e-10
"""No error counts as less likely than this, so that one surprise does not rule a value out for good."""


class Fitted(NamedTuple):
    """What the model says of one cell."""

    marginals: Array
    """How common each value is in truth, shape (n_values,)."""
    confusion: Array
    """How likely a rater says a value where another is true, shape (n_raters, n_true_values, n_said_values)."""
    posterior: Array
    """How likely each value is true of the items of a pattern, shape (n_patterns, n_values)."""
    log_likelihood: float
    rounds: int
    converged: bool


def fit(patterns: Patterns, tolerance: float = 1e-8, most_rounds: int = 1_000) -> Fitted:
    """The most likely marginals and confusions of one cell's raters, by expectation and maximisation.

    It starts from the shares of the raters who gave each value, so the same ratings give the same answer always.

    Notes
    -----
    Dawid and Skene (1979), Journal of the Royal Statistical Society C 28:20-28.

    Examples
    --------
    >>> from .patterns import of_ratings
    >>> patterns, _ = of_ratings([[0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 0, 1]])
    >>> fitted = fit(patterns)
    >>> fitted.marginals.round(2).tolist(), fitted.confusion[2].round(2).tolist()
    ([0.5, 0.5], [[0.67, 0.33], [0.33, 0.67]])
    """
    counts = patterns.counts
    posterior = counts / counts.sum(axis=1, keepdims=True)
    starts = np.searchsorted(patterns.at, np.arange(len(patterns.times)))
    ratings = float(patterns.times[patterns.at].sum())
    marginals, confusion = _maximised(patterns, posterior)
    before, reached, rounds, converged = -np.inf, -np.inf, 0, not len(starts)
    while rounds < most_rounds and not converged:
        likelihood = np.log(confusion).transpose(0, 2, 1)[patterns.rater, patterns.value]
        joint = np.add.reduceat(likelihood, starts, axis=0) + np.log(np.maximum(marginals, LEAST))
        top = joint.max(axis=1, keepdims=True)
        raised = np.exp(joint - top)
        whole = raised.sum(axis=1, keepdims=True)
        posterior = raised / whole
        reached = float(patterns.times @ (np.log(whole) + top)[:, 0])
        marginals, confusion = _maximised(patterns, posterior)
        rounds += 1
        converged = reached - before < tolerance * ratings
        before = reached
    return Fitted(marginals, confusion, posterior, reached, rounds, converged)


def _maximised(patterns: Patterns, posterior: Array) -> tuple[Array, Array]:
    """The marginals and confusions that fit the posterior best."""
    weighted = posterior * patterns.times[:, None]
    marginals = divide(weighted.sum(axis=0), patterns.times.sum())
    size = (patterns.n_raters, patterns.n_values)
    code = patterns.rater * patterns.n_values + patterns.value
    said = np.full((size[0], size[1], size[1]), LEAST)
    for true in range(patterns.n_values):
        of_true = summed(code, weighted[patterns.at, true], size[0] * size[1]).reshape(size)
        np.maximum(of_true, LEAST, out=said[:, true])
    return marginals, said / said.sum(axis=2, keepdims=True)


class Labelled(NamedTuple):
    """Dawid and Skene's answer in plain numbers; `dawid_skene` makes it."""

    class_marginals: list[float]
    """How common each class is in truth, in the order of ``classes``."""
    classes: list[Any]
    tasks: list[Any]
    labels: list[Any]
    """The likeliest class of each task."""
    probabilities: list[list[float]]
    """Of each task the probability of each class."""
    workers: list[Any]
    confusion: list[list[list[float]]]
    """Of each worker a row per true class: how often the worker gives each class."""


def dawid_skene(
    labels: pd.DataFrame | Iterable[Sequence[Any] | Mapping[str, Any]],
    tolerance: float = 1e-8,
    most_rounds: int = 1_000,
) -> Labelled:
    """Dawid and Skene's model of labels given as ``(task, worker, label)``.

    Parameters
    ----------
    labels : DataFrame or iterable of tuple or dict
        A task, who labelled it, and how; in any order. Tables and dicts have these as ``task, worker, label``. A worker
        who labels a task several times gives so many labels, as in the paper of 1979.
    tolerance : float
        It stops when a round betters the log-likelihood by less than this per label.
    most_rounds : int
        It stops after so many rounds.

    Raises
    ------
    BadRequest
        When it is no such table, or a task, a worker or a label is missing.

    Examples
    --------
    >>> triples = [(1, "ana", "x"), (1, "bo", "x"), (1, "cy", "y"), (2, "ana", "y"), (2, "bo", "y"), (2, "cy", "y")]
    >>> answer = dawid_skene(triples)
    >>> answer.labels, [round(share, 2) for share in answer.class_marginals]
    (['x', 'y'], [0.5, 0.5])
    """
    rows = _triples(labels)
    tasks, workers, classes = ([*dict.fromkeys(row[place] for row in rows)] for place in range(3))
    try:
        workers, classes = sorted(workers, key=str), sorted(classes)
    except TypeError:
        raise BadRequest("the labels are of several kinds, so they have no order; make all of them words") from None
    codes = [{name: place for place, name in enumerate(names)} for names in (tasks, workers, classes)]
    triples = np.array([[code[part] for code, part in zip(codes, row, strict=True)] for row in rows], dtype=np.int64)
    at, rater, value = triples.reshape(-1, 3).T
    order = np.lexsort([rater, at])
    cell, times = np.zeros(len(tasks), dtype=np.int64), np.ones(len(tasks))
    patterns = Patterns(cell, times, at[order], rater[order], value[order], 1, len(workers), len(classes))
    found = fit(patterns, tolerance, most_rounds)
    likeliest = found.posterior.argmax(axis=1) if len(classes) else []
    return Labelled(
        found.marginals.tolist(),
        classes,
        tasks,
        [classes[place] for place in likeliest],
        found.posterior.tolist(),
        workers,
        found.confusion.tolist(),
    )


_PARTS = ("task", "worker", "label")


def _triples(labels: Any) -> list[tuple[Any, ...]]:
    """The labels as tuples, whatever they came as."""
    if isinstance(labels, pd.DataFrame):
        _refuse_lack(labels.columns)
        labels = zip(*(labels[part].tolist() for part in _PARTS), strict=True)
    if isinstance(labels, str | bytes | Mapping) or not isinstance(labels, Iterable):
        raise BadRequest(f"labels are tuples of task, worker and label, not one {type(labels).__name__}")
    rows = [_triple(row) for row in labels]
    for row in rows:
        missing = [part for part, said in zip(_PARTS, row, strict=True) if pd.isna(said) is True]
        if missing:
            raise BadRequest(f"a {missing[0]} is missing in {row}; leave such labels out")
    return rows


def _triple(row: Any) -> tuple[Any, ...]:
    if isinstance(row, Mapping):
        _refuse_lack(row)
        return tuple(row[part] for part in _PARTS)
    if isinstance(row, str | bytes) or not isinstance(row, Iterable) or len(triple := tuple(row)) != len(_PARTS):
        raise BadRequest(f"{row!r} is no label; give each as (task, worker, label)")
    return triple


def _refuse_lack(names: Iterable[Any]) -> None:
    there = list(names)
    lacking = [part for part in _PARTS if part not in there]
    if lacking:
        named = ", ".join(map(str, there)) or "none"
        raise BadRequest(f"there is no {lacking[0]!r} among {named}; labels have task, worker and label: rename them")
