"""From which score on a tag counts: chosen by cost, by a promise or by what people can review. It sets nothing itself.

The reviews are put into two halves by a seeded number of each review's id. One half chooses, the other reports, so that
the figures of a choice are not flattered by having been chosen. A promise ("at most 1 % of what is closed is wrong") is
tested in the reporting half, and `evidence` proves what such a promise is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest, BadTag
from ..chance import divide
from ..choices import Choices, Column, as_names, check_share
from .choice import ERROR_SHARE, FEW, SMALL, Choice, in_words, report
from .evidence import Promise, Verdicts, check_kind, judge, upper_bound
from .items import Items, scored_items
from .sweep import Prices, Sweep

Rule = Callable[[str, Items], float]
"""A tag and its items of the choosing half to a threshold; NaN for none."""


class Thresholds:
    """From which score on a tag should be on, by what that costs, what it promises, or what people can review.

    Parameters
    ----------
    decisions : table
        As `Agreement` takes it: ``tag, auto, human``, and ``score``. What has no score is left out, and counted.
    tags : str or list of str, optional
        The tags to choose for; unless given, all that have scores.
    unit : str
        The column of what goes to people or is closed as a whole: ``review_id``. Of a video the highest score of its
        frames counts, and it is on where one of them is on; of several reviewers the majority counts, a tie being on.
        Without such a column each row stands for itself.
    weights : str or False, optional
        The column of sampling weights, as in `Agreement`: ``weight`` where there is one. They stand for how many items
        each review is worth.
    strata : str or False, optional
        The column of sampling strata, as in `Agreement`.
    digits : int, optional
        Round scores to so many decimals first: 3 is what workflows see.
    seed : int
        Which reviews go to which half; frames and tags of a review stay together.
    level : float
        The confidence level: of intervals two-sided, of promises one-sided.

    Raises
    ------
    BadRequest
        When a column is not there, or a tag has no scores.
    BadTag
        When a value is neither true nor false.

    Notes
    -----
    Where blind and suggested decisions are there, blind ones count alone: who sees the auto tag agrees with it more.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> score = rng.random(8000).round(3)
    >>> frame = pd.DataFrame({"review_id": np.arange(8000).astype(str), "tag": "r", "auto": score >= 0.5})
    >>> frame = frame.assign(score=score, human=rng.random(8000) < score**4)
    >>> thresholds = Thresholds(frame)
    >>> thresholds
    Thresholds of tag r: 8,000 scored reviews, half of them to choose, half to report
    >>> choice = thresholds.auto_close(0.01)
    >>> choice
    Thresholds closing with at most 1 % errors (of what is closed), 95 % confidence: r 0.385 (chosen by 4,000 ...)
    >>> print(choice.table[["metric", "estimate", "high", "n"]].tail(1).round(4).to_string(index=False, header=False))
    error_share 0.0051 0.0092 1559
    >>> choice.workflow().condition.value
    '0.385'
    """

    def __init__(
        self,
        decisions: Any,
        *,
        tags: str | Iterable[str] | None = None,
        unit: str = "review_id",
        weights: Column = None,
        strata: Column = None,
        digits: int | None = None,
        seed: int = 0,
        level: float = 0.95,
    ) -> None:
        choices = Choices((), as_names(tags), weights=weights, strata=strata, cluster=False, level=level, seed=seed)
        self._scored = scored_items(decisions, choices, unit, seed, digits)
        self.tags = tuple(self._scored.both)
        self.level = level
        self.seed = seed

    @property
    def unscored(self) -> dict[str, int]:
        """How many reviews of each tag have no score, and so no say."""
        return dict(self._scored.unscored)

    def by_cost(self, false_positive: float = 1, false_negative: float = 1, *, review: float = 0) -> Choice:
        """The thresholds that cost least in the choosing half.

        Parameters
        ----------
        false_positive : float
            What it costs that something reaches the threshold which people would not flag.
        false_negative : float
            What it costs that something stays below which people would flag.
        review : float
            What it costs that something reaches the threshold at all: a person's time.
        """
        prices = Prices(false_positive, false_negative, review)

        def cheapest(_: str, items: Items) -> float:
            thresholds = items.thresholds
            return float(thresholds[np.argmin(Sweep(items, thresholds).cost(prices))]) if len(items) else np.nan

        said = f"of least cost ({prices})"
        return self._chosen(said, cheapest, needs_below=True)

    def by_floor(self, *, precision: float | None = None, recall: float | None = None) -> Choice:
        """The thresholds that keep precision, or recall, above a floor, said with confidence.

        Parameters
        ----------
        precision : float, optional
            The lowest threshold from which on at least this share of what goes to people is flagged by them.
        recall : float, optional
            The highest threshold that at least this share of what people would flag reaches.
        """
        if (precision is None) == (recall is None):
            raise BadRequest("give one floor, precision=0.9 or recall=0.9, and look at what becomes of the other")
        name, floor, kind = ("precision", precision, "flagged") if recall is None else ("recall", recall, "positives")
        check_share(name, floor)
        promise = Promise(kind, 1 - float(floor or 0), self.level)
        return self._promised(f"with {name} of at least {in_words(1 - promise.most)}", promise)

    def by_capacity(self, reviews: float, *, population: float | None = None) -> Choice:
        """The lowest thresholds that send people no more than they can review.

        Parameters
        ----------
        reviews : float
            How many they can review.
        population : float, optional
            Out of how many items. Without it ``reviews`` is a share of all, between 0 and 1.

        Notes
        -----
        Several tags share the capacity: each sends the same share of its highest scores, and a review that reaches
        several thresholds is one review.
        """
        share = reviews if population is None else reviews / population if population > 0 else np.nan
        if isinstance(reviews, bool) or not 0 <= share <= 1:
            raise BadRequest(f"reviews is {reviews!r}; give a share, or how many out of a larger population=...")
        of_tag = self._share_of_each(share)

        def fitting(tag: str, items: Items) -> float:
            thresholds = items.thresholds
            fits = Sweep(items, thresholds).share_above <= of_tag[tag] + 1e-12
            return float(thresholds[np.argmax(fits)]) if len(items) else np.nan

        return self._chosen(f"that send people at most {in_words(share)}", fitting)

    def auto_close(self, errors: float = 0.01, *, of: str = "closed") -> Choice:
        """The highest thresholds below which everything can be closed with at most this share of errors.

        Parameters
        ----------
        errors : float
            The share that may be wrong, such as 0.01.
        of : {"closed", "positives", "all"}
            Of what: of what is closed; of what people would flag (1 - recall); or of everything.

        Returns
        -------
        Choice
            With confidence ``level``, for each tag by itself: over all samples that could have been drawn, and all
            halves, a threshold whose true share is larger is chosen with a chance of at most 1 - ``level``. That the
            threshold was looked for is part of the promise (`evidence` has the proof). Without weights it is exact for
            reviews that were drawn at random, each by itself; with weights it holds for random samples of strata and
            for unequal chances, at the price of up to twice the reviews. It says nothing of content that is unlike
            what was drawn from, nor of mistakes of the reviewers. NaN where the reviews do not show it.

        Raises
        ------
        BadRequest
            When ``errors`` is no share between 0 and 1.
        """
        check_share("errors", errors)
        promise = Promise(check_kind(of), float(errors), self.level)
        what = {"closed": "what is closed", "positives": "what people would flag", "all": "everything"}[of]
        return self._promised(f"closing with at most {in_words(errors)} errors (of {what})", promise)

    def what_if(
        self,
        tag: str | None = None,
        *,
        half: str = "choosing",
        population: float | None = None,
        false_positive: float = 1,
        false_negative: float = 1,
        review: float = 0,
        steps: int | None = None,
    ) -> pd.DataFrame:
        """What each threshold would do: a row for every different score, the lowest first, and one above them all.

        Parameters
        ----------
        tag : str, optional
            One tag; all unless given.
        half : {"choosing", "reporting", "both"}
            Whose reviews. By default the reporting half stays unseen, so that it can judge what you choose here.
        population : float, optional
            Out of how many items ``people`` and ``cost`` are counted; as many as were reviewed (or as they weigh)
            unless given.
        false_positive, false_negative, review : float
            As in `by_cost`.
        steps : int, optional
            At most so many thresholds, about evenly far apart in reviews.

        Returns
        -------
        DataFrame
            ``tag, threshold, n_above, people, cost, method, flag``, and ``precision`` and ``recall`` with their
            ``_low`` and ``_high``. ``n_above`` is how many of the reviews reach the threshold, ``people`` how many of
            the population would go to people. Intervals are Wilson's; with weights of Kish's effective number.
        """
        if tag is not None and tag not in self.tags:
            raise BadTag(f"there is no tag {tag!r} with scores; there are {', '.join(self.tags)}")
        prices = Prices(false_positive, false_negative, review)
        tables = []
        for name in self.tags if tag is None else (tag,):
            items = self._scored.half(half)[name]
            thresholds = items.thresholds
            if steps is not None and len(thresholds) > steps:
                thresholds = thresholds[np.unique(np.linspace(0, len(thresholds) - 1, max(1, steps)).astype(int))]
            scale = 1.0 if population is None or not len(items) else population / float(items.weight.sum())
            hidden = name in self._scored.flagged_only
            tables.append(Sweep(items, thresholds).table(name, prices, scale, self.level, hidden))
        return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)

    def __repr__(self) -> str:
        many = max(len(items) for items in self._scored.both.values())
        tags = f"tag{'s' * (len(self.tags) != 1)} {', '.join(self.tags)}"
        said = f"Thresholds of {tags}: {many:,} scored reviews, half of them to choose, half to report"
        return "; ".join((said, *self._notes()))

    def _notes(self) -> tuple[str, ...]:
        unscored = sum(self._scored.unscored[tag] for tag in self.tags)
        notes = [f"{unscored:,} without a score left out"] if unscored else []
        return (*notes, *(["blind decisions only"] if self._scored.blind_only else []))

    def _share_of_each(self, share: float) -> dict[str, float]:
        """Which share of each tag's highest scores may go to people, so that no more reviews than ``share`` do."""
        ranks, units, weights = [], [], []
        for tag in self.tags:
            items = self._scored.choosing[tag]
            above = np.cumsum(items.weight[::-1])[::-1]
            ranks.append(divide(above[items.below(items.score)], items.weight.sum()))
            units.append(self._scored.reviews[tag])
            weights.append(items.weight)
        frame = pd.DataFrame({"unit": np.concatenate(units), "rank": np.concatenate(ranks)})
        frame["weight"] = np.concatenate(weights)
        best = frame.groupby("unit").agg({"rank": "min", "weight": "max"}).sort_values("rank")
        used = best["weight"].groupby(best["rank"]).sum().cumsum() / best["weight"].sum()
        fits = used.index[used <= share + 1e-12]
        return dict.fromkeys(self.tags, float(fits[-1]) if len(fits) else 0.0)

    def _chosen(self, said: str, rule: Rule, needs_below: bool = False) -> Choice:
        """The choice of a rule that promises nothing."""
        tables = []
        for tag in self.tags:
            hidden = needs_below and tag in self._scored.flagged_only
            least = np.nan if hidden else rule(tag, self._scored.choosing[tag])
            flag = "not_estimable" if hidden else self._small(tag)
            tables.append(self._report(tag, least, flag))
        small = [tag for tag in self.tags if self._small(tag)]
        return self._choice(said, tables, [], *([f"halves too small for {', '.join(small)}"] if small else []))

    def _promised(self, said: str, promise: Promise) -> Choice:
        """The choice of a promise, tested in the reporting half."""
        tables, tests = [], []
        for tag in self.tags:
            first, second = self._scored.choosing[tag], self._scored.reporting[tag]
            if promise.kind != "flagged" and tag in self._scored.flagged_only:
                tables.append(self._report(tag, np.nan, "not_estimable"))
                continue
            found = judge(first, second, promise)
            least = np.nan if found.chosen is None else float(found.threshold[found.chosen])
            flag = _why_not(found, promise) if found.chosen is None else ""
            tables += [self._report(tag, least, flag), self._error_row(tag, found, promise, flag)]
            tests.append(found.table(tag))
        return self._choice(f"{said}, {in_words(self.level)} confidence", tables, tests)

    def _error_row(self, tag: str, found: Verdicts, promise: Promise, flag: str) -> pd.DataFrame:
        first, second = self._scored.choosing[tag], self._scored.reporting[tag]
        row: dict[str, Any] = {"tag": tag, "threshold": np.nan, "metric": ERROR_SHARE, "estimate": np.nan}
        row |= {"low": np.nan, "high": np.nan, "n": 0, "method": "", "flag": flag}
        if found.chosen is not None:
            weighted = first.is_weighted or second.is_weighted
            heaviest = float(max(first.weight.max(), second.weight.max()))
            least = float(found.threshold[found.chosen])
            high = upper_bound(second, least, promise, weighted, heaviest)
            row |= {"threshold": least, "estimate": found.share[found.chosen], "low": 0.0, "high": high}
            row |= {"n": int(found.trials[found.chosen]), "method": "betting" if weighted else "exact_one_sided"}
        return pd.DataFrame([row])

    def _report(self, tag: str, least: float, flag: str) -> pd.DataFrame:
        hidden = tag in self._scored.flagged_only
        return report(tag, least, self._scored.reporting[tag], self.level, flagged_only=hidden, flag=flag)

    def _small(self, tag: str) -> str:
        halves = self._scored.choosing[tag], self._scored.reporting[tag]
        return "small_half" if any(len(half) < SMALL or half.positive.sum() < FEW for half in halves) else ""

    def _choice(self, said: str, tables: list[pd.DataFrame], tests: list[pd.DataFrame], *notes: str) -> Choice:
        first, second = (max(map(len, half.values())) for half in (self._scored.choosing, self._scored.reporting))
        together = pd.concat(tests, ignore_index=True) if tests else pd.DataFrame()
        notes = (*self._notes(), *notes)
        return Choice(said, pd.concat(tables, ignore_index=True), together, self.level, first, second, notes)


def _why_not(found: Verdicts, promise: Promise) -> str:
    """Why no threshold keeps the promise: there were too few trials for any result to show it, or it is not so."""
    most = float(found.trials.max()) if len(found.trials) else 0.0
    return "too_few" if most < promise.fewest else "not_shown"
