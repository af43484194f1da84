"""Tests of what a threshold promises: error shares at many thresholds, with a chance of any false promise that is held.

A promise is a share of errors out of trials, at most ``most``. `KINDS` says what errors and trials are. Nothing here
reads a table.

**Each threshold by itself.** Without weights, trials are independent draws and errors are binomial: the p value is
P(Bin(trials, most) <= errors), which is at most alpha exactly where the one-sided Clopper-Pearson bound is at most
``most``. With weights no binomial law holds. Let Z = w (error - most trial), with w the item's weight: the promise is
broken where the Z of the population add up to more than 0. For a number 0 < b <= 1 / ((1 - most) max w) no factor
1 - b Z is negative, and draws i that are independent, with means m_i, have E prod (1 - b Z_i) = prod (1 - b m_i)
<= exp(-b sum m_i) <= 1 where the promise is broken, for sum m_i is then at least 0. So the product, or the mean of
several with different b, is at least 1 / alpha with a chance of at most alpha (Markov's inequality), and one over it is
a p value. It holds for any sample size and for any weights whose largest is known: for random samples of strata with
weights N / n, for draws with chances proportional to 1 / w, and (by Maclaurin's inequality, within each stratum)
without replacement too. Its price: up to twice the items that the binomial needs.

**Many thresholds.** Candidates and their order come from one half of the reviews, tests from the other. They are
tested one after the other, each at alpha, up to the first that fails. That keeps the chance of *any* false promise at
alpha: let t be the first candidate in the order whose promise is false. A false promise is made only if t was reached
and passed, and t passes with a chance of at most alpha, for its order was fixed before its data were seen. No
candidate before t is false, and none after it matters. Whether error shares rise with the threshold plays no role.

Sources: Clopper and Pearson (1934), Biometrika 26:404-413. Fixed sequences: Maurer, Hothorn and Lehmacher (1995), in
Biometrie in der chemisch-pharmazeutischen Industrie 6:3-18. For thresholds, and with the order learned from other data
("split fixed sequence testing"): Angelopoulos, Bates, Candes, Jordan and Lei (2021), Learn then Test, arXiv 2110.01052.
Products of bets: Waudby-Smith and Ramdas (2024), Journal of the Royal Statistical Society B 86:1-27.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ...errors import BadRequest
from ..chance import Array, divide
from .items import Items

KINDS = {
    "closed": "of what is closed, the share that a person would have flagged",
    "positives": "of what people would flag, the share that is closed unseen (1 - recall)",
    "all": "of everything, the share that is closed although a person would have flagged it",
    "flagged": "of what goes to people, the share that they do not flag (1 - precision)",
}
"""Every kind of error share, in words."""

CANDIDATES = 100
BETS = 2.0 ** -np.arange(8)
"""The bets that are mixed, as shares of the largest that is allowed."""
_BEYOND = 1.5
_STEPS = 60


@dataclass(frozen=True)
class Promise:
    """A share of errors of a kind, at most ``most``, said with confidence ``level``.

    Examples
    --------
    >>> Promise("closed", 0.01, 0.95).fewest
    299
    """

    kind: str
    most: float
    level: float

    @property
    def safe_is_low(self) -> bool:
        """Whether a low threshold is the careful one."""
        return self.kind != "flagged"

    @property
    def fewest(self) -> int:
        """How many trials without a single error it takes at the least, without weights."""
        return int(np.ceil(np.log(1 - self.level) / np.log1p(-self.most)))


@dataclass(frozen=True)
class Verdicts:
    """What the sequence of tests found: arrays with an entry per candidate that was in it, the safest first."""

    threshold: Array
    trials: Array
    errors: Array
    share: Array
    p: Array
    passed: npt.NDArray[np.bool_]

    @property
    def chosen(self) -> int | None:
        """Which one is furthest from the safe end and keeps the promise; None where none does."""
        return int(self.passed.sum()) - 1 if self.passed.any() else None

    def table(self, tag: str) -> pd.DataFrame:
        """The same as a table: ``tag, threshold, n, errors, share, p, passed``."""
        counted = {"n": self.trials.astype(int), "errors": self.errors.astype(int)}
        told = {"share": self.share, "p": self.p, "passed": self.passed}
        return pd.DataFrame({"tag": tag, "threshold": self.threshold, **counted, **told})


def judge(choosing: Items, reporting: Items, promise: Promise) -> Verdicts:
    """The fixed sequence of tests: candidates and their order from one half, evidence from the other.

    Parameters
    ----------
    choosing, reporting : Items
        The two halves, of different reviews.
    promise : Promise

    Returns
    -------
    Verdicts
        The sequence begins where the choosing half speaks most clearly for the promise, and goes on away from the safe
        end.

    Examples
    --------
    >>> scores = np.linspace(0, 1, 2000, endpoint=False)
    >>> half = Items.of(scores, scores >= 0.6)
    >>> found = judge(half, half, Promise("closed", 0.02, 0.95))
    >>> round(float(found.threshold[found.chosen]), 3)
    0.608
    """
    weighted = choosing.is_weighted or reporting.is_weighted
    heaviest = max((float(half.weight.max()) for half in (choosing, reporting) if len(half)), default=1.0)
    sequence = _sequence(choosing, promise, weighted, heaviest)
    p = p_values(reporting, sequence, promise, weighted, heaviest)
    errors, trials = _counts(reporting, sequence, promise.kind, np.ones(len(reporting)))
    share = divide(*_counts(reporting, sequence, promise.kind, reporting.weight))
    passed = np.logical_and.accumulate(p <= 1 - promise.level + 1e-12)
    return Verdicts(sequence, trials, errors, share, p, np.asarray(passed, dtype=bool))


def p_values(items: Items, thresholds: Array, promise: Promise, weighted: bool, heaviest: float = 1.0) -> Array:
    """How likely evidence this good is at each threshold, were the promise broken there.

    Parameters
    ----------
    items : Items
    thresholds : ndarray
    promise : Promise
    weighted : bool
        Whether to go by weights; else by binomial counts.
    heaviest : float
        The largest weight that an item can have.

    Examples
    --------
    >>> half = Items.of(np.arange(299), np.zeros(299))
    >>> p_values(half, np.array([100, 298.5]), Promise("closed", 0.01, 0.95), weighted=False).round(4).tolist()
    [0.366, 0.0495]
    """
    if not weighted:
        errors, trials = _counts(items, thresholds, promise.kind, np.ones(len(items)))
        return _binomial(errors, trials, promise.most)
    logs = np.stack([_log_product(items, thresholds, promise, bet / heaviest) for bet in BETS])
    return np.asarray(np.minimum(1.0, np.exp(np.log(len(BETS)) - np.logaddexp.reduce(logs, axis=0))))


def upper_bound(items: Items, threshold: float, promise: Promise, weighted: bool, heaviest: float = 1.0) -> float:
    """The one-sided bound of the error share at a threshold by itself: the smallest share that its test rejects.

    Without weights it is Clopper and Pearson's. NaN where there is no trial.

    Examples
    --------
    >>> half = Items.of(np.arange(400), np.zeros(400))
    >>> round(upper_bound(half, 400, Promise("closed", 0.01, 0.95), weighted=False), 5)
    0.00746
    """
    at = np.array([threshold])
    errors, trials = (float(part[0]) for part in _counts(items, at, promise.kind, np.ones(len(items))))
    if trials == 0:
        return float("nan")
    if not weighted:
        return 1.0 if errors == trials else float(special.betaincinv(errors + 1, trials - errors, promise.level))
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        asked = Promise(promise.kind, middle, promise.level)
        p = p_values(items, at, asked, weighted, heaviest)[0]
        low, high = (low, middle) if p <= 1 - promise.level else (middle, high)
    return high


def check_kind(kind: str) -> str:
    """The kind of errors of what is closed, checked."""
    known = [name for name in KINDS if name != "flagged"]
    if kind not in known:
        raise BadRequest(f"of is {kind!r}; take {', '.join(map(repr, known))}")
    return kind


def _sequence(items: Items, promise: Promise, weighted: bool, heaviest: float) -> Array:
    """The candidates in their order, by the choosing half alone.

    They begin where it speaks most clearly for the promise and end where it speaks against it for good; the last
    candidate of all has everything below it. In between they are about evenly far apart in items.
    """
    rough = _spread(items.thresholds, items, 0, len(items))
    if not promise.safe_is_low:
        rough = rough[::-1]
    if not len(rough):
        return rough
    start = int(np.argmin(p_values(items, rough, promise, weighted, heaviest)))
    share = divide(*_counts(items, rough, promise.kind, items.weight))
    likely = np.flatnonzero(share[start:] <= _BEYOND * promise.most)
    end = min(start + (int(likely[-1]) if len(likely) else 0) + 1, len(rough) - 1)
    low, high = sorted((float(rough[start]), float(rough[end])))
    places = items.below(np.array([low, np.nextafter(high, np.inf)]))
    within = items.thresholds[(items.thresholds >= low) & (items.thresholds <= high)]
    fine = _spread(within, items, int(places[0]), int(places[1]))
    return fine if promise.safe_is_low else fine[::-1]


def _spread(thresholds: Array, items: Items, first: int, end: int) -> Array:
    """No more than `CANDIDATES` of some thresholds and the last, rising, out of the items from ``first`` to ``end``."""
    if len(thresholds) <= CANDIDATES:
        return thresholds
    places = np.linspace(first, end - 1, CANDIDATES).round().astype(int)
    return np.unique(np.append(items.score[places], thresholds[-1]))


def _parts(items: Items, kind: str) -> tuple[Array, Array, Array, Array]:
    """For each item whether it is an error and a trial where it is below the threshold, and the same above."""
    on, none, every = items.positive, np.zeros(len(items)), np.ones(len(items))
    return {
        "closed": (on, every, none, none),
        "positives": (on, on, none, on),
        "all": (on, every, none, every),
        "flagged": (none, none, 1 - on, every),
    }[kind]


def _summed(items: Items, thresholds: Array, below: Array, above: Array) -> Array:
    """What items add up to at each threshold, with one value for those below it and another for those above."""
    low = np.concatenate([[0.0], np.cumsum(below)])
    high = np.concatenate([[0.0], np.cumsum(above[::-1])])[::-1]
    place = items.below(thresholds)
    return np.asarray(low[place] + high[place])


def _counts(items: Items, thresholds: Array, kind: str, weight: Array) -> tuple[Array, Array]:
    error_below, trial_below, error_above, trial_above = (part * weight for part in _parts(items, kind))
    errors = _summed(items, thresholds, error_below, error_above)
    return errors, _summed(items, thresholds, trial_below, trial_above)


def _binomial(errors: Array, trials: Array, most: float) -> Array:
    """P(Bin(trials, most) <= errors)."""
    some = errors < trials
    left = np.where(some, trials - errors, 1.0)
    return np.where(some, special.betainc(left, errors + 1, 1 - most), 1.0)


def _log_product(items: Items, thresholds: Array, promise: Promise, bet: float) -> Array:
    """The logarithm of the product of 1 - b Z, with ``bet`` times 1 - most being b."""
    error_below, trial_below, error_above, trial_above = _parts(items, promise.kind)
    b = bet * (1 - 1e-9) / (1 - promise.most)  # the crumb keeps an error of the heaviest item off a factor of 0
    below = np.log1p(-b * items.weight * (error_below - promise.most * trial_below))
    above = np.log1p(-b * items.weight * (error_above - promise.most * trial_above))
    return _summed(items, thresholds, below, above)
