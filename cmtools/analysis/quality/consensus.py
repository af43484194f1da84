"""What the reviewers of an item say together, and what the others say but for one of them. Nobody is measured here."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...errors import BadRequest
from ..chance import Array, divide
from ..ratings.patterns import Codes, summed
from ..ratings.two_classes import Answers, Fit, fit
from .opinions import Opinions, Truths

WAYS = ("dawid_skene", "majority")
SURE = 0.8
"""From this probability on a model's word counts as settled, and up to one less it."""


def together(opinions: Opinions, way: str) -> Array:
    """How likely the tag of each answer's item is on: the share of reviewers who said so, or the model's posterior."""
    found = np.full(len(opinions), np.nan)
    for rows, model in _of_tags(opinions, way):
        answers = model.answers if isinstance(model, Fit) else model
        found[rows] = (model.posterior if isinstance(model, Fit) else _share(answers))[answers.at]
    return found


def of_the_others(opinions: Opinions, way: str, sure: float = SURE) -> Truths:
    """What the others say of each answer's item and tag; NaN where nobody else answered, or they do not settle it.

    The answer itself is left out. By majority a tie settles nothing. By the model of Dawid and Skene the others count
    by how often each of them errs, and less than ``sure`` settles nothing.
    """
    found = np.full(len(opinions), np.nan)
    for rows, model in _of_tags(opinions, way):
        answers = model.answers if isinstance(model, Fit) else model
        others = np.bincount(answers.at, minlength=answers.n_items)[answers.at] - 1
        if isinstance(model, Fit):
            likely, least = model.without_own(), sure
        else:
            on = summed(answers.at, answers.on.astype(float), answers.n_items)[answers.at] - answers.on
            likely, least = divide(on, others), 0.5 + 1e-9
        said = np.where(likely >= least, 1.0, np.where(likely <= 1 - least, 0.0, np.nan))
        found[rows] = np.where(others > 0, said, np.nan)
    return found


def count_of_others(opinions: Opinions) -> Codes:
    """How many other answers each answer's item has on its tag."""
    found = np.zeros(len(opinions), dtype=np.intp)
    if len(opinions):
        key = opinions.item * max(len(opinions.tags), 1) + opinions.tag
        _, at = np.unique(key, return_inverse=True)
        found += np.bincount(at)[at] - 1
    return found


def _of_tags(opinions: Opinions, way: str) -> list[tuple[np.ndarray, Fit | Answers]]:
    """For each tag the places of its answers, and the model of them, or only the answers where there is to be none.

    Nor is there one where nobody's errors can be told, as with two reviewers of each item: who of them is right when
    they differ would be a guess, said with confidence. The majority counts then.
    """
    if way not in WAYS:
        raise BadRequest(f"consensus is {way!r}; take one of {', '.join(map(repr, WAYS))}")
    order = np.argsort(opinions.tag, kind="stable")
    ends = np.searchsorted(opinions.tag[order], np.arange(len(opinions.tags) + 1))
    found: list[tuple[np.ndarray, Fit | Answers]] = []
    for start, end in pairwise(ends):
        rows = order[start:end]
        known, at = np.unique(opinions.item[rows], return_inverse=True)
        group = np.zeros(len(known), dtype=np.intp)
        on = opinions.on[rows].astype(np.intp)
        answers = Answers(at, opinions.reviewer[rows], on, group, len(opinions.reviewers), 1)
        is_told = way == "dawid_skene" and answers.is_identified
        found.append((rows, fit(answers) if is_told else answers))
    return found


def _share(answers: Answers) -> Array:
    on = summed(answers.at, answers.on.astype(float), answers.n_items)
    return divide(on, np.bincount(answers.at, minlength=answers.n_items))
