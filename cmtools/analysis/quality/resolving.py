"""Final tags out of what each of several reviewers said. What they leave open is listed, never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..chance import divide
from .consensus import SURE, together
from .opinions import DECIDED, REVIEWER, Opinions, opinions_of

WAYS = {
    "majority": "what more than half of the reviewers said; a tie is open",
    "unanimity": "on only where all said so, else off; nothing is open",
    "adjudication": "what all said; all else is open",
    "dawid_skene": "what is likely true, each reviewer counting by how often they err; what is not sure is open",
}
"""Every way to settle, with its meaning in words."""

_SETTLED, _PROBABILITY, _ANSWERS = "settled", "probability", "answers"


def resolve(decisions: Any, how: str = "majority", *, sure: float = SURE, adjudicated: Any = None) -> pd.DataFrame:
    """Final tags: one row for each review (or frame) and tag, from a table with a row for each reviewer.

    Parameters
    ----------
    decisions : DataFrame or whatever else `Agreement` takes
        ``review_id, tag, reviewer, human`` and what else decisions have: ``client.decisions(answers="each")``.
    how : {"majority", "unanimity", "adjudication", "dawid_skene"}
        How they are settled; `WAYS` says what each does.
    sure : float
        For the model: from this probability on it is on, and up to one less it off.
    adjudicated : DataFrame, optional
        What one further person said of what was open, in the same columns; it settles that, and nothing else.

    Returns
    -------
    DataFrame
        The columns of the decisions with the final ``human``, ``reviewer`` the way in brackets (or who adjudicated),
        ``decided_at`` that of the last answer, ``blind`` where all of them were, then ``answers`` (how many there are),
        ``probability`` (that it is on: the share of reviewers, or the model's) and ``settled``. What is open has no
        ``human``: `Agreement` and the estimates of a plan leave it out and say so. Take
        ``final[~final["settled"]]`` to those who adjudicate.

    Raises
    ------
    BadRequest
        When a column or way is not there, or two people adjudicated the same.

    Notes
    -----
    A model's final tags are its best guess for each item; counted up they are biased where "on" is rare. For estimates
    of a plan give the decisions themselves: ``plan.estimates(decisions, raters="dawid_skene")``.

    Of a tag that never more than two answered the model would guess who errs: there what all said counts, as with
    ``"adjudication"``. It goes by answers alone, never by auto tags or scores: final tags that had looked at them would
    agree with them. Dawid and Skene (1979), Journal of the Royal Statistical Society C 28:20-28.

    Examples
    --------
    >>> frame = pd.DataFrame({"review_id": ["1"] * 3 + ["2"] * 2, "tag": "a", "auto": False,
    ...                       "reviewer": ["ana", "bo", "cy", "ana", "bo"], "human": [True, True, False, True, False]})
    >>> final = resolve(frame)
    >>> final[["review_id", "human", "reviewer", "answers", "settled"]].values.tolist()
    [['1', True, '(majority)', 3, True], ['2', <NA>, '(majority)', 2, False]]
    >>> said = pd.DataFrame({"review_id": ["2"], "tag": "a", "reviewer": "dee", "human": [False]})
    >>> resolve(frame, adjudicated=said)[["review_id", "human", "reviewer"]].values.tolist()
    [['1', True, '(majority)'], ['2', False, 'dee']]
    """
    if how not in WAYS:
        raise BadRequest(f"how is {how!r}; take one of {', '.join(map(repr, WAYS))}")
    if not 0.5 < sure < 1:
        raise BadRequest(f"sure is {sure!r}; give a probability above 0.5 and below 1, such as 0.8")
    opinions = opinions_of(decisions)
    first, place, size = _cells(opinions)
    if how == "dawid_skene":
        likely = together(opinions, how)[first]
    else:
        likely = divide(np.bincount(place, weights=opinions.on, minlength=len(first)), size)
    human = _settled(likely, how, sure)
    final = opinions.rows.iloc[first].copy()
    final[REVIEWER] = pd.Series(f"({how})", index=final.index, dtype="str")
    for column, last in ((DECIDED, "max"), ("blind", "min")):
        if column in final:
            final[column] = (
                opinions.rows[column].groupby(place).agg(last).array
            )  # as an array of numpy it would lose its zone
    final = final.assign(human=human.to_numpy(), **{_ANSWERS: size, _PROBABILITY: likely}).reset_index(drop=True)
    if adjudicated is not None:
        final = _with_word_of(final, opinions_of(adjudicated, called="adjudicated"))
    final[_SETTLED] = final["human"].notna()
    return final.astype({"human": bool}) if final[_SETTLED].all() else final


def _cells(opinions: Opinions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first answer of each item and tag, the place of each answer among these, and how many answers each has."""
    key = opinions.item * max(len(opinions.tags), 1) + opinions.tag
    place, known = pd.factorize(key)
    first = np.full(len(known), len(key))
    np.minimum.at(first, place, np.arange(len(key)))
    return first, place, np.bincount(place, minlength=len(known))


def _settled(likely: np.ndarray, how: str, sure: float) -> pd.Series:
    """On, off, or nothing."""
    least = {"majority": np.nextafter(0.5, 1), "dawid_skene": sure}.get(how, 1.0)
    off = likely < 1 if how == "unanimity" else likely <= 1 - least
    found = pd.array(likely >= least, dtype="boolean")
    found[~(off | (likely >= least))] = pd.NA
    return pd.Series(found)


def _with_word_of(final: pd.DataFrame, said: Opinions) -> pd.DataFrame:
    """What is open as the adjudicator settled it."""
    keys = ["review_id", "tag", *(["frame"] if "frame" in final and "frame" in said.rows else [])]
    words = said.rows[[*keys, REVIEWER]].astype({"tag": "str", REVIEWER: "str"}).assign(_said=said.on)
    if words.duplicated(keys).any():
        twice = words[words.duplicated(keys)].iloc[0]
        raise BadRequest(f"adjudicated says two things of tag {twice['tag']!r} of review {twice['review_id']!r}")
    found = final[keys].astype({"tag": "str"}).merge(words, on=keys, how="left")
    fills = final["human"].isna().to_numpy() & found["_said"].notna().to_numpy()
    human, reviewer = final["human"].astype("boolean"), final[REVIEWER].copy()
    human[fills] = found.loc[fills, "_said"].astype(bool).to_numpy()
    reviewer[fills] = found.loc[fills, REVIEWER].to_numpy()
    return final.assign(human=human, **{REVIEWER: reviewer})
