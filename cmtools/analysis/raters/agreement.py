"""How far several raters agree with one another: the one object that people ask. Its neighbours make the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..choices import as_names
from ..estimates import GLUE, number
from ..intervals import z_value
from ..ratings.patterns import of_ratings
from ..ratings.scales import SCALES, WEIGHTS_OF_SCALE
from ..sources.source import Source
from .panel import Panel, Reader, columns_of
from .spread import FLAGS, INTERVALS
from .tables import Measuring, against_the_rest, coefficient_table, counted, pairs_of
from .truth import DawidSkene

COEFFICIENT_TITLES = {
    "percent_agreement": "Percent agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "conger_kappa": "Conger's kappa",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2": "Gwet's AC2",
    "brennan_prediger": "Brennan-Prediger kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "cohen_kappa": "Cohen's kappa",
}
"""The metrics of several raters and what they are called; `cohen_kappa` is of two."""

_MEASURED_AS = {"gwet_ac2": "gwet_ac1", "cohen_kappa": "conger_kappa"}


class RaterAgreement:
    """Agreement of any number of raters with one another, per slice and tag, with intervals. Nobody is the truth.

    Parameters
    ----------
    ratings : DataFrame, Arrow table, path, duckdb relation, ibis table or array
        Decisions (`Client.decisions`, `cm.tidy`), or any long table with a row for each rating, or a wide table with a
        row for each item and a column for each rater, or an array with a row for each rater and a column for each
        item. Ratings that are missing (None or NaN) are left out.
    item, rater, value : str or list of str, optional
        Which columns say what was rated (several together, if one does not tell items apart), by whom, and how.
        In decisions that is ``["review_id", "frame"]``, ``"reviewer"`` and ``"human"``. Of a wide table give the
        raters' columns: ``rater=["ana", "bo", "cy"]``.
    by : str or list of str, optional
        Columns whose values make the slices. A column ``tag`` slices by itself, and so does ``blind`` of decisions of
        which some were blind: reviewers who see the auto tags agree more.
    tags : str or list of str, optional
        Only these tags.
    scale : {"nominal", "ordinal", "interval", "ratio"}
        What may be said of the values; it gives alpha its distances, and the other coefficients their weights.
    weights : str or array_like, optional
        Other weights for near values: ``identity, linear, quadratic, ordinal, radical, ratio, circular, bipolar``, or a
        table of them.
    values : list, optional
        All values there can be, in order; those that occur, sorted, unless given. True and false are both there always.
    interval : {"auto", "gwet", "linearised", "bootstrap"}
        How intervals are made; ``spread.METHODS`` says what each is. ``auto`` takes Gwet's errors, and linearised ones
        where most items have one rating only: there Gwet's intervals are wider than they promise (99 % for 95 %).
    level : float
        The confidence level of the intervals, between 0 and 1.
    seed : int
        For the bootstrap.

    Raises
    ------
    BadRequest
        When a column is not there, a choice is none of those above, or a rater rated an item twice.
    BadTag
        When a human tag of decisions is neither true nor false.

    Notes
    -----
    Items are taken as independent draws, whatever the number of ratings of each. Frames of one video are not.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "photo": [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5],
    ...     "who": ["ana", "bo", "cy", "ana", "bo", "ana", "bo", "cy", "ana", "bo", "cy", "ana", "cy"],
    ...     "kind": ["cat", "cat", "cat", "dog", "dog", "cat", "dog", "dog", "dog", "dog", "dog", "cat", "cat"],
    ... })
    >>> agreement = RaterAgreement(frame, item="photo", rater="who", value="kind")
    >>> agreement
    Agreement of 3 raters: 13 ratings of 5 items, values cat, dog, 95 % intervals
    >>> table = agreement.table(["fleiss_kappa", "krippendorff_alpha"])
    >>> print(table[["metric", "estimate", "low", "n", "flag"]].round(3).to_string(index=False))
                metric  estimate    low  n   flag
          fleiss_kappa     0.732 -0.020  5 sparse
    krippendorff_alpha     0.714 -0.129  5 sparse
    """

    def __init__(
        self,
        ratings: Any,
        item: str | Iterable[str] | None = None,
        rater: str | Iterable[str] | None = None,
        value: str | None = None,
        by: str | Iterable[str] | None = None,
        *,
        tags: str | Iterable[str] | None = None,
        scale: str = "nominal",
        weights: str | npt.ArrayLike | None = None,
        values: Sequence[Any] | None = None,
        interval: str = "auto",
        level: float = 0.95,
        seed: int = 0,
    ) -> None:
        if scale not in SCALES:
            raise BadRequest(f"scale is {scale!r}; take one of {', '.join(SCALES)}")
        if interval not in INTERVALS:
            raise BadRequest(f"interval is {interval!r}; take one of {', '.join(INTERVALS)}")
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise BadRequest(f"seed is {seed!r}; give a whole number, 0 or more")
        z_value(level)
        self._reader: Reader | None = None
        if isinstance(ratings, list | tuple | np.ndarray):
            self._panel = _of_array(ratings, values)
        else:
            source = Source(ratings)
            columns = columns_of(source.types, as_names(by) or (), as_names(item), as_names(rater), value)
            every = None if values is None else tuple(values)
            frame = ratings if isinstance(ratings, pd.DataFrame) else None
            self._reader = Reader(source, replace(columns, tags=as_names(tags), values=every), frame)
            self._panel = self._reader.panel()
        self._measuring = Measuring(weights, scale, level, interval, seed, WEIGHTS_OF_SCALE[scale])
        self._is_weighted = not np.array_equal(self._measuring.table(self._panel.values), np.eye(len(self.values)))

    @property
    def raters(self) -> list[Any]:
        """Who rated, in order."""
        return list(self._panel.raters)

    @property
    def values(self) -> list[Any]:
        """The values there can be, in order."""
        return list(self._panel.values)

    @property
    def left_out(self) -> int:
        """How many ratings were left out, for they name no item, no rater or no value."""
        return self._panel.left_out

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Per slice and tag: ``items, rated_by_one, ratings, raters`` and, for each value, how often it was given."""
        return counted(self._panel)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics that `table` shows."""
        second = "gwet_ac2" if self._is_weighted else "gwet_ac1"
        return ("percent_agreement", "fleiss_kappa", "conger_kappa", second, "brennan_prediger", "krippendorff_alpha")

    def table(self, metrics: str | Iterable[str] | None = None) -> pd.DataFrame:
        """The tidy table: slices, tag, ``metric, estimate, low, high, n, n_ratings, method, flag``.

        ``n`` is the number of items with two ratings or more, ``n_ratings`` that of their ratings. An undefined
        estimate is NaN, and ``flag`` says why (`spread.FLAGS` has the words).
        """
        return coefficient_table(self._panel, self._chosen(metrics, self.metrics), self._measuring)

    def summary(self, metrics: str | Iterable[str] | None = None, *, digits: int = 2) -> pd.DataFrame:
        """A wide table to read: one row per slice and tag, ``estimate [low, high]`` per metric, flags in ``notes``."""
        chosen = self._chosen(metrics, self.metrics)
        table = self.table([name for name, _ in chosen])
        found, size = self.counts[[*self._panel.cells.columns, "items", "ratings", "raters"]].copy(), len(chosen)
        for place, (name, _) in enumerate(chosen):
            rows = table.iloc[place::size]
            found[COEFFICIENT_TITLES[name]] = [
                number(mid, digits)
                if np.isnan(low)
                else f"{number(mid, digits)} [{number(low, digits)},{GLUE}{number(high, digits)}]"
                for mid, low, high in zip(rows["estimate"], rows["low"], rows["high"], strict=True)
            ]
        flags = [table["flag"].iloc[start : start + size] for start in range(0, len(table), size)]
        found["notes"] = ["; ".join(dict.fromkeys(flag for flag in row if flag)) for row in flags]
        return found.set_index(list(self._panel.cells.columns)) if len(self._panel.cells.columns) else found

    def pairwise(self, metrics: str | Iterable[str] | None = None) -> pd.DataFrame:
        """Every two raters who rated some of the same items: the columns of `table`, with ``rater`` and ``other``.

        Parameters
        ----------
        metrics : str or list of str, optional
            ``percent_agreement, cohen_kappa`` and AC1 (AC2 with weights) unless given.
        """
        default = ("percent_agreement", "cohen_kappa", "gwet_ac2" if self._is_weighted else "gwet_ac1")
        return coefficient_table(pairs_of(self._panel), self._chosen(metrics, default), self._measuring)

    def each_rater(self) -> pd.DataFrame:
        """Each rater against the rest, whoever lies furthest below it first: who disagrees with the others?

        Returns
        -------
        DataFrame
            Per slice, tag and ``rater``: ``estimate``, the share of pairs with another rater in which the two agree
            (with interval); ``rest``, that share among the others; ``difference`` with its ``p`` value and that
            adjusted for the number of rows; ``leaning``, how far the rater's values lie above those of others of the
            same items (truth counts as 1 or 0; NaN for words); ``n`` items that somebody else rated too, ``n_ratings``
            in all, ``method`` and ``flag``.

        Notes
        -----
        Where raters were given different items, one who had the hard ones disagrees more. Compare like with like: slice
        by what makes items hard.
        """
        return against_the_rest(self._panel, self._measuring)

    def dawid_skene(self, *, tolerance: float = 1e-8, most_rounds: int = 1_000) -> DawidSkene:
        """What is likely true of each item, and how each rater errs: the model of Dawid and Skene (1979).

        Parameters
        ----------
        tolerance : float
            It stops when a round betters the log-likelihood by less than this per rating.
        most_rounds : int
            It stops after so many rounds.
        """
        return DawidSkene(self._panel, self._reader, tolerance=tolerance, most_rounds=most_rounds)

    def _chosen(self, metrics: str | Iterable[str] | None, default: tuple[str, ...]) -> list[tuple[str, str]]:
        names = as_names(metrics) or default
        unknown = [name for name in names if name not in COEFFICIENT_TITLES]
        if unknown:
            raise BadRequest(f"there is no metric {unknown[0]!r} of raters; there are {', '.join(COEFFICIENT_TITLES)}")
        return [(name, _MEASURED_AS.get(name, name)) for name in names]

    def __repr__(self) -> str:
        counts, columns = self.counts, self._panel.cells.columns
        told = f"{int(counts['ratings'].sum()):,} ratings of {int(counts['items'].sum()):,} items"
        parts = [told]
        if self.values:
            parts.append(f"values {', '.join(map(str, self.values[:6]))}{', ...' * (len(self.values) > 6)}")
        if len(columns):
            parts.append(f"{len(self._panel.cells)} slices by {', '.join(columns)}")
        if self._is_weighted:
            named = self._measuring.weights if isinstance(self._measuring.weights, str) else None
            parts.append(f"{named or (self._measuring.of_scale if self._measuring.weights is None else 'own')} weights")
        if self.left_out:
            parts.append(f"{self.left_out:,} left out")
        interval = "" if self._measuring.interval == "auto" else f" {self._measuring.interval}"
        return (
            f"Agreement of {len(self.raters)} rater{'s' * (len(self.raters) != 1)}: {', '.join(parts)}, "
            f"{self._measuring.level * 100:g} %{interval} intervals"
        )

    def _repr_html_(self) -> str:
        used = sorted({flag for flag in self.table()["flag"] if flag})
        notes = "".join(f"<br><em>{escape(flag)}</em>: {escape(FLAGS[flag])}" for flag in used)
        table = f'<div style="overflow-x:auto;white-space:nowrap">{self.summary().to_html()}</div>'
        return f"<p>{escape(repr(self))}</p>{table}<p><small>{notes.removeprefix('<br>')}</small></p>"


def _of_array(ratings: Any, values: Sequence[Any] | None) -> Panel:
    patterns, known = of_ratings(ratings, values)
    names = [f"rater {place + 1}" for place in range(patterns.n_raters)]
    return Panel(patterns, pd.DataFrame(index=range(1)), names, known, 0)
