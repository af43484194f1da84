"""Counts of answers per reviewer become the tidy table: estimates, intervals, drawn estimates, tests, flags.

It knows nothing of decisions: whatever is a share of a reviewer's answers goes through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..chance import Array, divide
from ..intervals import wilson
from ..multiplicity import holm
from ..words import SPARSE_BELOW
from .opinions import REVIEWER
from .shrinkage import all_alike, shrunk

OF = ("against", "measure")
_RESULTS = ("estimate", "low", "high", "n", "shrunk", "shrunk_low", "shrunk_high", "method", "flag")

FLAGS = {
    "pair": "each such item has one answer beside this one: which of the two errs nobody can tell, for what one missed "
    "and what the other set wrongly are the same answers; look at accuracy (which is how often they agree), take three "
    "answers per item, or golden items",
    "no_answers": "there is no answer of this reviewer to compare",
    "few": f"rests on fewer than {SPARSE_BELOW} answers: read the interval",
    "one_reviewer": "only one reviewer has such answers: there is nobody to compare with",
    "alike": "by this measure the reviewers cannot be told apart: their differences are what chance alone may give",
}
"""Every flag of a table of reviewers with its meaning in words; of several the first."""

METHODS = {
    "wilson": "Wilson score interval",
    "wilson_effective": "Wilson score interval for as many independent answers as these are worth, for answers on one "
    "review are alike",
}


def counted(keys: pd.DataFrame, unit: Any, trial: Any, success: Any, pair: Any = None) -> pd.DataFrame:
    """Successes ``k`` and trials ``n`` for each combination of the keys, and how much answers on one unit are alike.

    Parameters
    ----------
    keys : DataFrame
        A row for each answer.
    unit : ndarray of int
        The review of each answer.
    trial, success : ndarray of bool
        Whether it counts, and whether it succeeded.
    pair : ndarray of bool, optional
        Whether it does not count because there is only one other answer to compare with.

    Returns
    -------
    DataFrame
        The keys, ``k``, ``n``, ``pairs`` (how many are left out as pairs), and ``effect``: the variance of shares over
        that of independent answers, all reviewers together, from 1 to the answers on a unit. A reviewer who is always
        right tells nothing of it.
    """
    names = list(keys.columns)
    if not len(keys):
        return keys.assign(k=0.0, n=0.0, pairs=0.0, effect=1.0)
    groups = keys.groupby(names, observed=True, sort=True, dropna=False)
    code = groups.ngroup().to_numpy()
    found = keys.iloc[np.unique(code, return_index=True)[1]].reset_index(drop=True)
    trial, success = np.asarray(trial, dtype=float), np.asarray(success, dtype=float) * np.asarray(trial, dtype=float)
    left = np.zeros(len(code)) if pair is None else np.asarray(pair, dtype=float)
    n, k, pairs = (np.bincount(code, weights=part, minlength=len(found)) for part in (trial, success, left))
    return found.assign(k=k, n=n, pairs=pairs, effect=_effect(code, np.asarray(unit), trial, success, divide(k, n)))


def _effect(code: Any, unit: Any, trial: Array, success: Array, share: Array) -> float:
    """The design effect of answers in units, of all cells together (Kish 1965, Survey Sampling, section 5.4)."""
    there = trial > 0
    if not there.any():
        return 1.0
    code, unit, trial, success = code[there], unit[there], trial[there], success[there]
    _, at = np.unique(code * (int(unit.max()) + 1) + unit, return_inverse=True)
    size = np.bincount(at)
    if size.max() == 1:
        return 1.0
    apart = np.bincount(at, weights=success - share[code] * trial)
    plain = (share * (1 - share))[code].sum()
    return float(np.clip(divide((apart**2).sum(), plain), 1, size.max())) if plain > 0 else float(size.mean())


def table_of(parts: Sequence[pd.DataFrame], by: Sequence[str], level: float, seed: int) -> pd.DataFrame:
    """The tidy table of counts: the ``by`` columns, ``reviewer, against, measure`` and the results.

    Rows stand in the order of the reviewers' names, never in that of their estimates.
    """
    counts = pd.concat(parts, ignore_index=True)
    tests = alike_of(counts, by, level, seed)
    keys = [*by, *OF]
    counts["_order"] = np.arange(len(counts))
    found = counts.merge(tests[[*keys, "reviewers", "differ"]], on=keys, how="left", validate="many_to_one")
    found = found.sort_values("_order", ignore_index=True)
    k, n = found["k"] / found["effect"], found["n"] / found["effect"]
    found["estimate"] = divide(k.to_numpy(), n.to_numpy())
    found["low"], found["high"] = wilson(k, n, level)
    nobody = (found["reviewers"] < 2).to_numpy()
    for name in ("shrunk", "shrunk_low", "shrunk_high"):
        found[name] = np.nan
    for _, rows in found.groupby(keys, observed=True, sort=False, dropna=False).indices.items():
        for name, values in zip(("shrunk", "shrunk_low", "shrunk_high"), shrunk(k[rows], n[rows], level), strict=True):
            found.loc[rows, name] = values
    for name, own in (("shrunk", "estimate"), ("shrunk_low", "low"), ("shrunk_high", "high")):
        found[name] = np.where(nobody, found[own], found[name])
    nothing = (n == 0).to_numpy()
    found["n"] = found["n"].round().astype(np.int64)
    method = np.where(nothing, "", np.where(found["effect"] > 1, "wilson_effective", "wilson"))
    alike = ~found["differ"].to_numpy(dtype=bool)
    flag = np.select(
        [nothing & (found["pairs"] > 0), nothing, found["n"] < SPARSE_BELOW, nobody, alike],
        ["pair", "no_answers", "few", "one_reviewer", "alike"],
        "",
    )
    found["method"], found["flag"] = pd.Series(method, dtype="str"), pd.Series(flag, dtype="str")
    return found[[*by, REVIEWER, *OF, *_RESULTS]]


def alike_of(counts: pd.DataFrame, by: Sequence[str], level: float, seed: int) -> pd.DataFrame:
    """For each measure, a test of whether all reviewers are the same.

    Returns
    -------
    DataFrame
        The ``by`` columns, ``against, measure, reviewers, n, chi2, df, p, p_adjusted, differ, method, flag``. P values
        are adjusted for the number of rows (Holm), and ``differ`` says which are then below one less the level. Where
        fewer than two have answers there is nothing to test: NaN, and ``flag`` says why.
    """
    rows = []
    for key, part in counts.groupby([*by, *OF], observed=True, sort=False, dropna=False):
        some = part[part["n"] > 0]
        test = all_alike(some["k"], some["n"], float(some["effect"].max() if len(some) else 1), seed)
        untold = "pair" if part["pairs"].sum() > 0 else "one_reviewer" if len(some) else "no_answers"
        rows.append((*key, len(some), int(some["n"].sum()), *test, untold if len(some) < 2 else ""))
    found = pd.DataFrame(rows, columns=[*by, *OF, "reviewers", "n", "chi2", "df", "p", "method", "flag"])
    found["p_adjusted"] = holm(found["p"].to_numpy(dtype=float))
    found["differ"] = (found["p_adjusted"] < 1 - level).to_numpy(dtype=bool)
    found = found.astype({"method": "str", "measure": "str", "against": "str", "flag": "str"})
    return found[[*by, *OF, "reviewers", "n", "chi2", "df", "p", "p_adjusted", "differ", "method", "flag"]]
