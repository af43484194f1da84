"""How long reviews take, from the moments of submissions. It judges nobody: fast is neither good nor bad."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..words import SPARSE_BELOW
from .opinions import DECIDED, REVIEW, REVIEWER
from .repeats import seconds_of

BREAK_SECONDS = 300.0
_QUARTILES = {"seconds": 0.5, "seconds_q1": 0.25, "seconds_q3": 0.75}


def submissions_of(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """A reviewer's submissions: what was decided at one moment, and how long after the submission before.

    Returns
    -------
    DataFrame
        The ``by`` columns, ``reviewer, decided_at`` (seconds since the epoch), ``reviews, gap`` (seconds; NaN for a
        reviewer's first).
    """
    if DECIDED not in rows.columns:
        raise BadRequest(f"speed goes by the moments of answers, but decisions has no column {DECIDED!r}")
    keys = rows[[*by, REVIEWER, REVIEW]].assign(**{DECIDED: seconds_of(rows[DECIDED])}).dropna(subset=DECIDED)
    keys = keys.drop_duplicates([REVIEWER, REVIEW, DECIDED])
    found = keys.groupby([REVIEWER, DECIDED], observed=True).agg(
        **{name: (name, "first") for name in by}, reviews=(REVIEW, "size")
    )
    found = found.reset_index().sort_values([REVIEWER, DECIDED], ignore_index=True)
    found["gap"] = found.groupby(REVIEWER, observed=True)[DECIDED].diff()
    return found[[*by, REVIEWER, DECIDED, "reviews", "gap"]]


def speed_of(submissions: pd.DataFrame, by: Sequence[str], break_seconds: float) -> pd.DataFrame:
    """Seconds per review of each reviewer.

    Parameters
    ----------
    submissions : DataFrame
        What `submissions_of` gives.
    by : list of str
        Columns to keep apart.
    break_seconds : float
        A longer gap is a break: it is left out, and counted in ``breaks``.

    Returns
    -------
    DataFrame
        The ``by`` columns, ``reviewer, reviews, submissions, timed`` (reviews whose time is known), ``breaks,
        seconds`` (the median over timed reviews), ``seconds_q1, seconds_q3, flag``.
    """
    keys = [*by, REVIEWER]
    told = submissions["gap"] <= break_seconds
    table = submissions.assign(
        each=(submissions["gap"] / submissions["reviews"]).where(told),
        timed=submissions["reviews"].where(told, 0),
        breaks=submissions["gap"] > break_seconds,
        submissions=1,
    )
    found = table.groupby(keys, observed=True)[["reviews", "submissions", "timed", "breaks"]].sum().reset_index()
    quartiles = [_quartiles(part) for _, part in table.groupby(keys, observed=True)]
    for place, name in enumerate(_QUARTILES):
        found[name] = [each[place] for each in quartiles]
    flag = np.select([found["timed"] == 0, found["timed"] < SPARSE_BELOW], ["no_answers", "few"], "")
    return found.assign(flag=pd.Series(flag, dtype="str"))


def _quartiles(part: pd.DataFrame) -> list[float]:
    """The median and quartiles of seconds over reviews, each as often as its submission has reviews."""
    part = part[part["timed"] > 0].sort_values("each")
    if not len(part):
        return [np.nan] * len(_QUARTILES)
    reached = part["timed"].cumsum().to_numpy() / part["timed"].sum()
    places = np.searchsorted(reached, np.array(list(_QUARTILES.values())) - 1e-12)
    return [float(part["each"].iloc[place]) for place in places]
