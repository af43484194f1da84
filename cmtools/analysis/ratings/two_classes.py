"""Dawid and Skene's model of answers that are on or off, its errors, and what others say of an item. It reads no table.

How common "on" is may differ between groups of items, such as strata; how raters err may not. That makes sums over the
posterior honest: with one share for all, items of a group where "on" is rare are pulled towards the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse, special

from ..chance import Array, divide
from .patterns import Codes, summed

PRIOR = 2.0
"""So many answers of raters in general are added to each rater's own, so that few answers make nobody flawless."""

_EDGE = 1e-9
_SETTLED = 1e-6
_MOST_ROUNDS = 1_000
_SINGULAR = 1e-9


@dataclass(frozen=True)
class Answers:
    """Who said on or off of which item. ``at``, ``rater`` and ``on`` go by answer, ``group`` by item."""

    at: Codes
    rater: Codes
    on: Codes
    group: Codes
    n_raters: int
    n_groups: int

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.group)

    @cached_property
    def code(self) -> Codes:
        """The place of each answer among all that raters can say: twice the rater, and one more for on."""
        return 2 * self.rater + self.on

    @cached_property
    def is_identified(self) -> bool:
        """Whether answers can tell how often raters err.

        Three raters of one item can; two can where groups of items differ in how common "on" is (Hui and Walter 1980,
        Biometrics 36:167-171).
        """
        size = np.bincount(self.at, minlength=self.n_items)
        return bool(size.max(initial=0) >= 3 or (size.max(initial=0) == 2 and self.n_groups > 1))


@dataclass(frozen=True)
class Fit:
    """What the model says. ``share`` goes by group, ``sensitivity`` and ``specificity`` by rater, the others by item.

    ``odds`` are log-odds of on, ``weight`` (n_raters, 2) is what an off and an on of a rater adds to them.
    """

    answers: Answers
    share: Array
    sensitivity: Array
    specificity: Array
    odds: Array
    weight: Array
    trials: Array
    """How many answers of each rater fell on items that are on and off: shape (n_raters, 2), on first."""
    converged: bool

    @property
    def posterior(self) -> Array:
        """How likely each item is on."""
        return np.asarray(special.expit(self.odds))

    def without_own(self) -> Array:
        """How likely an answer's item is on, going by the answers of the others alone; the prior where there is none.

        The others' errors are those of the fit, to which the answer itself contributed one of many.
        """
        found = self.odds[self.answers.at] - self.weight.ravel()[self.answers.code]
        return np.asarray(special.expit(found))

    @cached_property
    def _parts(self) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array, sparse.csr_array]:
        """By item and parameter: estimating functions, their slopes in the posterior, and those of the odds.

        The last says for each parameter what it is divided by.
        """
        answers, on, q = self.answers, self.answers.on, self.posterior
        n, of = answers.n_items, answers.n_raters
        se, sp = self.sensitivity[answers.rater], self.specificity[answers.rater]
        rows = np.concatenate([np.arange(n), answers.at, answers.at])
        first = answers.n_groups + answers.rater
        columns = np.concatenate([answers.group, first, first + of])
        shape = n, answers.n_groups + 2 * of
        own, share = q[answers.at], self.share[answers.group]
        values = (
            (q - share, own * (on - se), (1 - own) * (1 - on - sp)),
            (np.ones(n), on - se, -(1 - on - sp)),
            (1 / (share * (1 - share)), np.where(on, 1 / se, -1 / (1 - se)), np.where(on, 1 / (1 - sp), -1 / sp)),
        )
        made = [sparse.csr_array((np.concatenate(part), (rows, columns)), shape=shape) for part in values]
        scale = np.concatenate([np.bincount(answers.group, minlength=answers.n_groups), *(self.trials + PRIOR).T])
        return made[0], made[1], made[2], sparse.csr_array(scale[None, :])

    @cached_property
    def _bread(self) -> Array | None:
        """How the estimating functions change with the parameters; None where that tells nothing of some of them."""
        _, slopes, odds, scale = self._parts
        spread = self.posterior * (1 - self.posterior)
        scales = np.asarray(scale.todense()).ravel()
        kept = scales > 0
        bread = np.diag(scales) - (slopes.T @ (odds * spread[:, None]).tocsr()).toarray()
        bread[~kept, ~kept] = 1.0
        scaled = bread / np.sqrt(np.outer(np.where(kept, scales, 1), np.where(kept, scales, 1)))
        least = np.abs(np.linalg.eigvals(scaled)).min(initial=1.0)
        return bread if least > _SINGULAR and self.answers.is_identified else None

    def influence(self, slopes: Array) -> Array:
        """What each item adds, through the raters' errors and the groups' shares, to sums over the posterior.

        Parameters
        ----------
        slopes : ndarray, shape (n_items, n_sums)
            How much each sum changes with the posterior of each item.

        Returns
        -------
        ndarray, shape (n_items, n_sums)
            To be added to an item's own part of a sum: the variance of the whole is that of the sum with what had to
            be learnt counted in. NaN where answers do not tell how raters err.

        Notes
        -----
        The usual linearisation of an estimate by estimating equations (Stefanski and Boos 2002, The American
        Statistician 56:29-38).
        """
        if self._bread is None:
            return np.full(slopes.shape, np.nan)
        functions, _, odds, _ = self._parts
        spread = (self.posterior * (1 - self.posterior))[:, None]
        pull = np.linalg.solve(self._bread.T, odds.T @ (spread * slopes))
        return np.asarray(functions @ pull)


def fit(answers: Answers) -> Fit:
    """The likeliest shares and errors, by expectation and maximisation from the shares of raters who said on.

    Notes
    -----
    Dawid and Skene (1979), Journal of the Royal Statistical Society C 28:20-28, for two classes, with a share of its
    own for each group. Each rater's answers are joined by `PRIOR` answers of raters in general.

    Examples
    --------
    Two raters who agree on six items, and one who says on of what they call off:

    >>> at, rater = np.repeat(np.arange(6), 3), np.tile(np.arange(3), 6)
    >>> on = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1])
    >>> found = fit(Answers(at, rater, on, np.zeros(6, dtype=int), 3, 1))
    >>> found.posterior.round(2).tolist(), found.specificity.round(2).tolist()
    ([1.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.93, 0.93, 0.6])
    """
    at, code, group = answers.at, answers.code, answers.group
    size = np.bincount(group, minlength=answers.n_groups)
    posterior = divide(summed(at, answers.on.astype(float), answers.n_items), np.bincount(at, minlength=len(group)))
    posterior = np.nan_to_num(posterior)
    known, rounds, converged = np.zeros(0), 0, False
    while not converged and rounds < _MOST_ROUNDS:
        share = np.clip(divide(summed(group, posterior, answers.n_groups), size), _EDGE, 1 - _EDGE)
        of_on = summed(code, posterior[at], 2 * answers.n_raters).reshape(-1, 2)
        of_off = np.bincount(code, minlength=2 * answers.n_raters).reshape(-1, 2) - of_on
        sensitivity, specificity = _rate(of_on, 1), _rate(of_off, 0)
        weight = np.stack([np.log((1 - sensitivity) / specificity), np.log(sensitivity / (1 - specificity))], axis=-1)
        odds = special.logit(np.nan_to_num(share, nan=0.5))[group] + summed(at, weight.ravel()[code], len(group))
        posterior = special.expit(odds)
        found = np.concatenate([np.nan_to_num(share), sensitivity, specificity])
        converged = len(known) > 0 and bool(np.abs(found - known).max() < _SETTLED)
        known, rounds = found, rounds + 1
    trials = np.stack([of_on.sum(axis=1), of_off.sum(axis=1)], axis=-1)
    share = np.nan_to_num(share, nan=0.5)
    return Fit(answers, share, sensitivity, specificity, odds, weight, trials, converged)


def _rate(said: Array, right: int) -> Array:
    """How often raters give the right one of two answers, each joined by those of raters in general."""
    whole = (said[:, right].sum() + 0.5) / (said.sum() + 1)
    found = (said[:, right] + PRIOR * whole) / (said.sum(axis=1) + PRIOR)
    return np.asarray(np.clip(found, _EDGE, 1 - _EDGE))
