"""A threshold per tag that was chosen: its figures, and as a workflow of the Review API. It chooses none itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ...model import Combine, Condition, CreateReview, Logic, TagRule
from ..agreement import Agreement
from ..estimates import estimate
from ..words import FLAGS as HOUSE_FLAGS
from .items import Items

METRICS = ("precision", "recall", "npv", "prevalence_auto")
COLUMNS = ("tag", "threshold", "metric", "estimate", "low", "high", "n", "method", "flag")
OF_UNFLAGGED = ("recall", "npv")
ERROR_SHARE = "error_share"
SMALL = 100
"""With fewer reviews than this, or fewer than `FEW` of them on, a half is too small to choose or to report by."""
FEW = 20

FLAGS = {
    **HOUSE_FLAGS,
    "too_few": "too few reviews to show it, even if none of them were an error",
    "not_shown": "the reviews of the reporting half do not show it at any threshold that was tried",
    "small_half": f"a half has fewer than {SMALL} reviews, or fewer than {FEW} that people flagged: "
    "another seed may choose otherwise",
}
"""Every flag of a choice with its meaning in words."""

OUTPUTS = {"a": "adultScore", "r": "racyScore"}
"""What workflows call the scores of the two tags that every team has, of a picture; others are ``<code>.score``."""
SHOWN_DIGITS = 3
"""With how many decimals workflows see scores."""


@dataclass(frozen=True, repr=False)
class Choice:
    """A threshold per tag, chosen by one half of the reviews, with what the other half says of it.

    ``table`` is tidy: ``tag, threshold, metric, estimate, low, high, n, method, flag``, all from the reporting half:
    ``precision``, ``recall`` and ``npv`` as in `Agreement`, ``prevalence_auto`` (the share that goes to people) and,
    where something was promised, ``error_share`` (its ``high`` is the one-sided bound at the level of the promise).
    ``tests`` has the candidates that a promise was tested at, the safest first; it is empty where nothing was promised.

    Where a promise was made, the threshold is the last one that the reporting half let pass. The promise counts for
    that; the other figures do not, and are a crumb too good.
    """

    rule: str
    table: pd.DataFrame
    tests: pd.DataFrame
    level: float
    n_choosing: int
    n_reporting: int
    notes: tuple[str, ...] = field(default=())

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which on each tag is on; tags for which none was found are left out.

        It goes as it is into ``make_drafts(threshold=...)`` and ``Agreement(threshold=...)``, and tag by tag into
        ``client.set_threshold``.

        A threshold just above every score that occurred says that nothing is worth a review. Where scores go up to 1
        it is above 1, which ``client.set_threshold`` does not take.
        """
        found = self.table.drop_duplicates("tag").dropna(subset="threshold")
        return {str(tag): float(least) for tag, least in zip(found["tag"], found["threshold"], strict=True)}

    def workflow(
        self,
        *,
        subteam: str | None = None,
        callback: str | None = None,
        outputs: Mapping[str, str] | None = None,
        type: str = "Image",
    ) -> Logic:
        """The rule as ``client.put_workflow`` takes it: what reaches a threshold becomes a review, the rest is closed.

        Parameters
        ----------
        subteam, callback : str, optional
            Who reviews, and who is told, as in `CreateReview`.
        outputs : mapping, optional
            What the tagger calls the score of a tag. Without it ``adultScore`` and ``racyScore`` for ``a`` and ``r`` of
            a picture, and ``<short code>.score`` for all others.
        type : {"Image", "Text"}
            What its jobs are about.

        Returns
        -------
        Logic
            Each tag of a new review is on where its own score reaches the threshold.

        Raises
        ------
        BadRequest
            When there is no threshold at all.

        Notes
        -----
        Workflows see scores rounded to three decimals, and thresholds are rounded alike: nothing that reaches a
        threshold is closed, and what is less than 0.001 below it may go to people too. With ``Thresholds(digits=3)``
        there is no difference.

        Examples
        --------
        >>> rows = [("a", 0.4127, "precision", 0.9, 0.8, 0.95, 50, "wilson", "")]
        >>> choice = Choice("by hand", pd.DataFrame(rows, columns=COLUMNS), pd.DataFrame(), 0.95, 50, 50)
        >>> choice.workflow().condition
        Condition(output='adultScore', operator='ge', value='0.413', connector='moderator', alternate_input=None)
        """
        if not self.thresholds:
            raise BadRequest("no threshold was found, so there is no workflow; `table` says why in its column flag")
        named = dict(OUTPUTS if type == "Image" else {}) | dict(outputs or {})
        rules = [
            TagRule(
                tag,
                Condition(named.get(tag, f"{tag}.score"), "ge", f"{least:.{SHOWN_DIGITS}f}"),
            )
            for tag, least in self.thresholds.items()
        ]
        condition = rules[0].condition
        for rule in rules[1:]:
            condition = Combine(condition, rule.condition, "OR")
        return Logic(condition, (CreateReview(subteam, callback, tuple(rules)),))

    def __repr__(self) -> str:
        said = ", ".join(f"{tag} {least:.4g}" for tag, least in self.thresholds.items())
        lacking = [str(tag) for tag in self.table["tag"].unique() if tag not in self.thresholds]
        said = ", ".join([*([said] if said else []), *(f"{tag} none" for tag in lacking)])
        halves = f"chosen by {self.n_choosing:,} reviews, reported by {self.n_reporting:,}"
        return f"Thresholds {self.rule}: {said} ({'; '.join((halves, *self.notes))})"

    def _repr_html_(self) -> str:
        used = [flag for flag in dict.fromkeys(self.table["flag"]) if flag]
        notes = "".join(f"<br><em>{escape(flag)}</em>: {escape(FLAGS.get(flag, flag))}" for flag in used)
        return f"<p>{escape(repr(self))}</p>{self.table.to_html(index=False)}<p><small>{notes[4:]}</small></p>"


def report(tag: str, threshold: float, items: Items, level: float, *, flagged_only: bool, flag: str) -> pd.DataFrame:
    """What the items of the reporting half say of a threshold: the rows of ``table`` for one tag.

    A ``flag`` that is given stands where there is none of the house. NaN as threshold gives NaN everywhere.

    Examples
    --------
    >>> items = Items.of([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1])
    >>> report("r", 0.5, items, 0.95, flagged_only=False, flag="")["estimate"].tolist()
    [1.0, 1.0, 1.0, 0.5]
    """
    if np.isnan(threshold) or not len(items):
        rows = [(tag, threshold, name, np.nan, np.nan, np.nan, len(items), "", flag) for name in METRICS]
        return pd.DataFrame(rows, columns=list(COLUMNS))
    columns = {"tag": tag, "auto": items.score >= threshold, "human": items.positive > 0, "score": items.score}
    if items.is_weighted:
        columns |= {"weight": items.weight, "stratum": items.stratum.astype(str)}
    agreement = Agreement(pd.DataFrame(columns), cluster=False, level=level)
    # That all is above a threshold is the threshold's own doing: it is no reason for recall not to be estimable.
    table = estimate(agreement.counts, (), METRICS, level, replace(agreement.design, is_looked_at=True))
    if flagged_only:
        hidden = table["metric"].isin(OF_UNFLAGGED)
        table.loc[hidden, ["estimate", "low", "high"]] = np.nan
        table.loc[hidden, ["method", "flag"]] = "", "not_estimable"
    table["flag"] = [own or flag for own in table["flag"]]
    table.insert(1, "threshold", threshold)
    return table[list(COLUMNS)]


def in_words(most: float) -> str:
    """A share as people say it.

    Examples
    --------
    >>> in_words(0.01), in_words(0.125)
    ('1 %', '12.5 %')
    """
    return f"{most * 100:g} %"
