"""`ReviewerQuality`: how reviewers' answers compare. It is what people ask; its neighbours make the figures."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..choices import as_names
from ..intervals import z_value
from .comparing import NO_GOLD, Compared
from .consensus import SURE, WAYS
from .measuring import FLAGS, OF, alike_of, table_of
from .mistakes import KINDS, RIGHT
from .opinions import REVIEWER, TRUTH, Opinions, opinions_of
from .repeats import repeats_of
from .resolving import WAYS as SETTLED_BY
from .speed import BREAK_SECONDS, speed_of, submissions_of

if TYPE_CHECKING:
    from ..charts.estimates import Chart

MEASURES = {
    "accuracy": "the share of answers that are as they are known to be, or as the others said",
    "false_positive_rate": "of what is off, the share that the reviewer set on",
    "false_negative_rate": "of what is on, the share that the reviewer left off",
    "same_again": "of answers on content that the reviewer had answered before, the share that stayed the same",
}
"""What is measured, with its meaning in words."""

AGAINST = {
    "gold": "golden items, whose answers are known",
    "consensus": "what the other reviewers of the item say together, the reviewer's own answer left out",
    "self": "the reviewer's own earlier answer on the same content",
}


class ReviewerQuality:
    """How far each reviewer agrees with known answers, with the others, and with themselves; how fast; which errors.

    Parameters
    ----------
    decisions : DataFrame or whatever else `Agreement` takes
        A row for each review, tag and reviewer: ``client.decisions(answers="each")``. Needed are ``review_id, tag,
        reviewer, human``; ``content_id`` and ``decided_at`` for answers given again and for speed.
    golden : DataFrame, optional
        Answers to golden items, with what is known in a column ``truth``: ``client.decisions(answers="golden")``.
        Where it is missing, the answer is left out.
    consensus : {"dawid_skene", "majority"}
        How the others of an item are taken together: each counting by how often they err (where three or more answered
        an item, for two do not tell that), or one like the other.
    technical : str or collection of str, optional
        The short code that a reviewer sets where something went wrong technically; or the ids of such reviews. Their
        answers are left out of every measure, and `errors` counts them.
    by : str or list of str, optional
        Columns whose values keep answers apart, such as ``"tag"``, or ``"blind"``: who saw the auto tag agrees with it
        more.
    tags : str or list of str, optional
        Only these tags.
    sure : float
        What the others settle with less probability than this (by the model) is no consensus, and is left out.
    level : float
        The confidence level of the intervals, between 0 and 1.
    seed : int
        Of the test of small tables.

    Raises
    ------
    BadRequest
        When a column is not there, a choice is none of those above, or the table has final tags instead of answers.
    BadTag
        When an answer is neither true nor false.

    Notes
    -----
    These figures describe answers, not people. Golden items and what is known of them should be like the daily work;
    the others of an item may be wrong together; and where items are not dealt at random, one who got the hard ones
    agrees less. A consensus of few others errs too, which lowers agreement with it for everybody. Where the test of
    `differences` cannot tell the reviewers apart, each row is flagged ``alike``: then there is no first and no last.

    Where an item has two answers, what one of them missed is what the other set wrongly: two such people have the same
    accuracy, but the one who is always right would have the worse false-negative rate. Such items count for accuracy
    alone, which then says how often the two agree; they are left out of ``false_positive_rate``,
    ``false_negative_rate`` and `errors` against the consensus. Rates with nothing else to rest on are NaN, flagged
    ``pair``: three answers per item, or golden items, tell them. Third answers that were asked for only where two
    differed tell nothing either, for on such items alone everybody errs often: leave the answers of whoever settled
    disputes out of ``decisions`` (``client.decisions(answers="each")`` is without them).

    Answers on one review are alike, so intervals count them for fewer where that shows. The columns ``shrunk`` are what
    is best believed of a reviewer: the estimate drawn towards that of all, the more the fewer the answers
    (`shrinkage.shrunk`).

    Examples
    --------
    >>> golden = pd.DataFrame({
    ...     "review_id": [f"g{place}" for place in range(40)] * 2, "tag": "a", "reviewer": ["ana"] * 40 + ["bo"] * 40,
    ...     "human": [True] * 19 + [False] * 21 + [True] * 14 + [False] * 26, "truth": ([True] * 20 + [False] * 20) * 2,
    ... })
    >>> quality = ReviewerQuality(golden.head(0), golden)
    >>> quality
    Quality of 2 reviewers' answers: 80 on golden items, 0 on others, 95 % intervals
    >>> table = quality.table(against="gold", measures="accuracy")
    >>> print(table[["reviewer", "estimate", "low", "high", "shrunk", "n", "flag"]].round(3).to_string(index=False))
    reviewer  estimate   low  high  shrunk  n  flag
         ana     0.975 0.871 0.996   0.943 40 alike
          bo     0.850 0.709 0.929   0.873 40 alike
    """

    def __init__(
        self,
        decisions: Any,
        golden: Any = None,
        *,
        consensus: str = "dawid_skene",
        technical: str | Iterable[str] | None = None,
        by: str | Iterable[str] | None = None,
        tags: str | Iterable[str] | None = None,
        sure: float = SURE,
        level: float = 0.95,
        seed: int = 0,
    ) -> None:
        if consensus not in WAYS:
            raise BadRequest(f"consensus is {consensus!r}; take one of {', '.join(map(repr, WAYS))}")
        if not 0.5 < sure < 1:
            raise BadRequest(f"sure is {sure!r}; give a probability above 0.5 and below 1, such as 0.8")
        z_value(level)
        self.level, self._seed = level, seed
        columns, code = as_names(by) or (), technical if isinstance(technical, str) else None
        broken = frozenset(map(str, technical)) if technical is not None and code is None else frozenset()
        given = opinions_of(decisions, columns)
        gold = None if golden is None else opinions_of(golden, [*columns, TRUTH], "golden", "golden")
        _refuse_final(given, "decisions", "each")
        if gold:
            _refuse_final(gold, "golden", "golden")
        self._compared = Compared(given, gold, columns, as_names(tags), consensus, sure, code, broken)
        self.left_out = given.left_out + (gold.left_out if gold else 0)
        """Answers that name no reviewer or say nothing."""

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that keep answers apart."""
        return self._compared.by

    @property
    def reviewers(self) -> list[str]:
        """Whose answers these are, by name."""
        given, golden = self._compared.given, self._compared.golden
        return sorted({*given.reviewers, *(golden.reviewers if golden else ())})

    def table(
        self, against: str | Iterable[str] | None = None, measures: str | Iterable[str] | None = None
    ) -> pd.DataFrame:
        """The tidy table: a row for each reviewer and measure.

        Parameters
        ----------
        against : str or list of str, optional
            Some of ``gold, consensus, self``; all that there is unless given.
        measures : str or list of str, optional
            Some of ``accuracy, false_positive_rate, false_negative_rate, same_again``; all unless given.

        Returns
        -------
        DataFrame
            The ``by`` columns, ``reviewer, against, measure, estimate, low, high, n, shrunk, shrunk_low, shrunk_high,
            method, flag``, in the order of names. ``n`` is the number of answers; ``measuring.FLAGS`` has the words
            of flags.
        """
        chosen, wanted = _among("against", against, AGAINST), _among("measures", measures, MEASURES)
        counts = self._compared.counts
        if against is None:
            chosen = [name for name in chosen if name in counts]
        if not set(chosen) <= set(counts):
            raise BadRequest(NO_GOLD)
        found = pd.concat([counts[name] for name in chosen], ignore_index=True)
        return self._tidy([found[found["measure"].isin(wanted)]], self.by)

    def differences(self) -> pd.DataFrame:
        """For each measure, whether the reviewers can be told apart at all: look here before comparing any two.

        Returns
        -------
        DataFrame
            The ``by`` columns, ``against, measure, reviewers, n, chi2, df, p, p_adjusted, differ, method, flag``. The p
            value says how often reviewers who are all the same would differ so much; adjusted for all rows (Holm).
            Where it is NaN ``flag`` says why.
        """
        counts = pd.concat(list(self._compared.counts.values()), ignore_index=True)
        return alike_of(counts, self.by, self.level, self._seed)

    def errors(self, against: Any = None) -> pd.DataFrame:
        """What kinds of errors there are in each reviewer's reviews: the columns of `table`, shares of reviews.

        Parameters
        ----------
        against : "gold", "consensus" or DataFrame, optional
            What tags should be: those known of golden items, what the others say, or a table of final tags (`resolve`,
            ``client.decisions(answers="final")``). Golden items where there are any, unless given.

        Returns
        -------
        DataFrame
            ``measure`` is one of ``right, false_positive, false_negative, wrong_selection, technical``
            (`mistakes.KINDS` says what each is), and ``n`` the number of reviews. Technical errors have rows where
            ``technical`` was said.

        Notes
        -----
        The four kinds are those of the Trust & Safety Professional Association: Trust and Safety Curriculum, Content
        Moderation Quality Assurance (tspa.org), with tags in the place of actions. Tags of which is not known what they
        should be do not count, nor, against the consensus, those that one other person answered (flag ``pair``): who of
        the two errs is not known. Technical errors are counted among these reviews too.
        """
        return self._tidy(self._compared.errors(against), self._compared.by_review)

    def repeats(self) -> pd.DataFrame:
        """Each answer on content that the reviewer had answered before: both answers, and the days between.

        ``reviewer, content_id, tag, first_review_id, review_id, first, again, days``.
        """
        return repeats_of(self._compared.clean).drop(columns="row")

    def speed(self, break_seconds: float = BREAK_SECONDS, against: str | None = None) -> pd.DataFrame:
        """Seconds per review of each reviewer, beside how far their answers agree.

        What was submitted together was decided between the reviewer's submission before and this one; that time is
        shared evenly among its reviews. Golden items count, for they were among them.

        Parameters
        ----------
        break_seconds : float
            A longer time since the submission before is a break: it is left out, and counted in ``breaks``.
        against : {"gold", "consensus"}, optional
            Which accuracy stands beside; golden items where there are any, unless given.

        Returns
        -------
        DataFrame
            The ``by`` columns, ``reviewer, reviews, submissions, timed, breaks, seconds, seconds_q1, seconds_q3``
            (median and quartiles over timed reviews), ``accuracy, low, high`` (drawn towards that of all), ``n, flag``
            (that of the accuracy, or ``few`` where less than 20 reviews are timed).
        """
        if not break_seconds > 0:
            raise BadRequest(f"break_seconds is {break_seconds!r}; give seconds above 0, such as 300")
        compared = self._compared.over(self._compared.by_review)
        name, by = against or compared.usual, compared.by
        both = [each.rows for each in (compared.given, compared.golden) if each is not None and len(each)]
        shown = pd.concat(both or [compared.given.rows], ignore_index=True)
        shown[REVIEWER] = shown[REVIEWER].astype("str")
        found = speed_of(submissions_of(shown, by), by, break_seconds)
        if name not in ("gold", "consensus"):
            raise BadRequest(f"against is {name!r}; take 'gold' or 'consensus'")
        if name not in compared.counts:
            raise BadRequest(NO_GOLD)
        counts = compared.counts[name]
        table = self._tidy([counts[counts["measure"] == "accuracy"]], by)
        shrunk = {"accuracy": table["shrunk"], "low": table["shrunk_low"], "high": table["shrunk_high"]}
        table = table.assign(**shrunk, _flag=table["flag"])[[*by, REVIEWER, *shrunk, "n", "_flag"]]
        found = found.merge(table, on=[*by, REVIEWER], how="left")
        flag = found["flag"].where(found["flag"] != "", found["_flag"].fillna("no_answers")).astype("str")
        return found.drop(columns="_flag").assign(n=found["n"].fillna(0).astype(np.int64), flag=flag)

    def chart(self, break_seconds: float = BREAK_SECONDS, against: str | None = None) -> Chart:
        """An altair chart of speed and agreement: a point for each reviewer, with the interval of the accuracy."""
        from ..charts.reviewers import draw_speed  # altair takes a third of a second to import

        name = against or self._compared.usual
        return draw_speed(self.speed(break_seconds, name), self.by, name, self.level)

    def _tidy(self, parts: list[pd.DataFrame], by: tuple[str, ...]) -> pd.DataFrame:
        table = table_of(parts, by, self.level, self._seed)
        order = {name: place for place, name in enumerate((*AGAINST, "final", *MEASURES, RIGHT, *KINDS))}
        ranks = [table[name].map(order) for name in OF]
        table = table.assign(_one=ranks[0], _two=ranks[1]).sort_values(
            [*by, REVIEWER, "_one", "_two"], kind="stable", ignore_index=True
        )
        return table.drop(columns=["_one", "_two"]).astype(dict.fromkeys((REVIEWER, *OF), "str"))

    def __repr__(self) -> str:
        golden = len(self._compared.golden) if self._compared.golden else 0
        names, given = self.reviewers, len(self._compared.given)
        parts = f"{golden:,} on golden items, {given:,} on others, {self.level * 100:g} % intervals"
        return f"Quality of {len(names)} reviewer{'s' * (len(names) != 1)}' answers: {parts}"

    def _repr_html_(self) -> str:
        table = self.table()
        notes = "".join(f"<br><em>{flag}</em>: {escape(FLAGS[flag])}" for flag in FLAGS if flag in set(table["flag"]))
        shown = table.round(3).to_html(index=False, border=0)
        return f"<p>{escape(repr(self))}</p>{shown}<p><small>{notes.removeprefix('<br>')}</small></p>"


def _refuse_final(opinions: Opinions, called: str, answers: str) -> None:
    """Refuse final tags, which nobody in particular gave: a figure of "(majority)" would be nobody's."""
    nobody = sorted({f"({way})" for way in (*SETTLED_BY, "agreed")}.intersection(opinions.reviewers))
    if nobody:
        raise BadRequest(
            f"{called} has final tags, such as those of {nobody[0]!r}, which tell nothing of who said what. "
            f"Take client.decisions(answers={answers!r}); final tags go into errors(against=final)"
        )


def _among(name: str, given: str | Iterable[str] | None, known: Iterable[str]) -> list[str]:
    names = list(as_names(given) or known)
    unknown = [each for each in names if each not in known]
    if unknown:
        raise BadRequest(f"{name} is {unknown[0]!r}; take some of {', '.join(map(repr, known))}")
    return names
