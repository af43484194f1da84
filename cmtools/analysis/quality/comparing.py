"""Each answer beside what it should have been: known, what the others say, or the reviewer's own from before.

It counts how often they are the same; intervals and tables are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..ratings.patterns import Codes
from .consensus import count_of_others, of_the_others
from .measuring import counted
from .mistakes import KINDS, RIGHT, kinds_of
from .opinions import REVIEW, REVIEWER, TAG, TRUTH, Opinions, Truths, opinions_of, truths
from .repeats import repeats_of

NO_GOLD = "there are no golden items; give ReviewerQuality(decisions, golden=client.decisions(answers='golden'))"

_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """The answers on daily work and on golden items, and how they are to be compared. `ReviewerQuality` documents it.

    ``code`` is the technical short code, ``broken`` are the ids of reviews that went wrong technically.
    """

    given: Opinions
    golden: Opinions | None
    by: tuple[str, ...]
    tags: tuple[str, ...] | None
    consensus: str
    sure: float
    code: str | None
    broken: frozenset[str]

    @property
    def by_review(self) -> tuple[str, ...]:
        """The columns that keep reviews apart, which those that keep tags apart do not."""
        return tuple(name for name in self.by if name != TAG)

    @property
    def usual(self) -> str:
        """What answers are compared with unless somebody says otherwise."""
        return "gold" if self.golden else "consensus"

    def over(self, by: tuple[str, ...]) -> Compared:
        """The same over other columns."""
        return replace(self, by=by)

    @cached_property
    def counts(self) -> dict[str, pd.DataFrame]:
        """Successes and trials of every measure, by what answers are compared with."""
        names = ("gold", "consensus") if self.golden else ("consensus",)
        return {**{name: self._against(*self.judged(name)) for name in names}, "self": self._same_again}

    def errors(self, against: Any) -> list[pd.DataFrame]:
        """Reviews without an error and with one of each kind; none but technical ones where two answers is all."""
        opinions, truth, name = self.judged(against)
        technical, place = self._technical(opinions), self._place(opinions)
        kept = self._asked(opinions) | (opinions.tag == place)
        truth = np.where(opinions.tag == place, np.nan, truth)
        pair = self._pairs if name == "consensus" else np.zeros(len(opinions), dtype=bool)
        known = ~np.isnan(truth) & ~pair
        truth = np.where(pair, np.nan, truth)
        opinions, truth, technical = opinions.only(kept), truth[kept], technical[kept]
        pair, known = pair[kept], known[kept]
        keys = self._keys(opinions, self.by_review)
        groups = keys.assign(_item=opinions.item).groupby([*keys.columns, "_item"], observed=True, dropna=False)
        code = np.asarray(groups.ngroup(), dtype=np.intp)
        kind, judged = kinds_of(code, opinions.on, truth, technical)
        first = np.unique(code, return_index=True)[1]
        rows, units = keys.iloc[first].reset_index(drop=True), opinions.review[first]
        left = (np.bincount(code, weights=pair) > 0) & (np.bincount(code, weights=known) == 0)
        asked = self.code is not None or bool(self.broken)
        names = [each for each in (RIGHT, *KINDS) if each != "technical" or asked]
        parts = []
        for each in names:  # what went wrong technically is no matter of a consensus
            trial, out = (judged | left, left & False) if each == "technical" else (judged & ~left, left)
            parts.append(counted(rows.assign(against=name, measure=each), units, trial, kind == each, out))
        return parts

    @cached_property
    def clean(self) -> Opinions:
        """The answers on daily work that count."""
        return self.given.only(self._counting(self.given))

    def judged(self, against: Any) -> tuple[Opinions, Truths, str]:
        """The answers, what they should have been, and what that is called."""
        name = self.usual if against is None else against
        if not isinstance(name, str):
            return self.given, _looked_up(self.given, name), "final"
        if name == "gold":
            if self.golden is None:
                raise BadRequest(NO_GOLD)
            return self.golden, truths(self.golden.rows[TRUTH], TRUTH), name
        if name != "consensus":
            raise BadRequest(f"against is {name!r}; take 'gold', 'consensus', or a table of final tags")
        return self.given, self._consensus, name

    @cached_property
    def _consensus(self) -> Truths:
        found = np.full(len(self.given), np.nan)
        kept = ~self._technical(self.given)
        found[kept] = of_the_others(self.given.only(kept), self.consensus, self.sure)
        return found

    @cached_property
    def _pairs(self) -> _Bools:
        """Which answers on daily work have one other answer beside them: who of the two errs then nobody can tell.

        Of what went wrong technically all answers are counted, of the rest those alone that count.
        """
        technical = self._technical(self.given)
        own = self.given.tag != self._place(self.given)
        found = count_of_others(self.given) == 1
        found[~technical] = count_of_others(self.given.only(~technical)) == 1
        return np.asarray(found & own)

    def _against(self, opinions: Opinions, truth: Truths, name: str) -> pd.DataFrame:
        kept = self._counting(opinions)
        pair = self._pairs[kept] if name == "consensus" else np.zeros(int(kept.sum()), dtype=bool)
        opinions, truth = opinions.only(kept), truth[kept]
        keys, said = self._keys(opinions, self.by).assign(against=name), opinions.on
        out = pair & ~np.isnan(truth)
        parts = (
            ("accuracy", ~np.isnan(truth), said == (truth == 1), np.zeros(len(pair))),
            ("false_positive_rate", (truth == 0) & ~pair, said, out),
            ("false_negative_rate", (truth == 1) & ~pair, ~said, out),
        )
        return pd.concat(
            [counted(keys.assign(measure=measure), opinions.review, *rest) for measure, *rest in parts],
            ignore_index=True,
        )

    @property
    def _same_again(self) -> pd.DataFrame:
        again = repeats_of(self.clean)
        later = self.clean.only(again["row"].to_numpy())
        keys = self._keys(later, self.by).assign(against="self", measure="same_again")
        same = (again["first"] == again["again"]).to_numpy()
        return counted(keys, later.review, np.ones(len(same)), same)

    def _asked(self, opinions: Opinions) -> _Bools:
        """Which answers are on tags that were asked for."""
        wanted = [place for place, tag in enumerate(opinions.tags) if self.tags is None or tag in self.tags]
        return np.isin(opinions.tag, wanted)

    def _counting(self, opinions: Opinions) -> _Bools:
        """Which answers are on tags that were asked for, and not on what went wrong technically."""
        own = opinions.tag != self._place(opinions)
        return np.asarray(self._asked(opinions) & own & ~self._technical(opinions))

    def _place(self, opinions: Opinions) -> int:
        """The code of the technical tag; -1 where there is none."""
        return opinions.tags.index(self.code) if self.code in opinions.tags else -1

    def _technical(self, opinions: Opinions) -> _Bools:
        """Whether an answer's reviewer said that its item went wrong technically, or it is among such reviews."""
        said = opinions.on & (opinions.tag == self._place(opinions))
        who: Codes = opinions.item * max(len(opinions.reviewers), 1) + opinions.reviewer
        found = np.isin(who, who[said]) if said.any() else np.zeros(len(opinions), dtype=bool)
        if self.broken:
            found |= opinions.rows[REVIEW].astype("str").isin(self.broken).to_numpy()
        return found

    def _keys(self, opinions: Opinions, by: Iterable[str]) -> pd.DataFrame:
        rows = opinions.rows.reset_index(drop=True)
        keys = {name: opinions.names(TAG, opinions.tag) if name == TAG else rows[name] for name in by}
        return pd.DataFrame({**keys, REVIEWER: opinions.names(REVIEWER, opinions.reviewer)})


def _looked_up(opinions: Opinions, final: Any) -> Truths:
    """What a table of final tags says of each answer's review and tag; NaN where nothing."""
    table = opinions_of(final, called="the table of final tags")
    keys = [REVIEW, TAG, *(["frame"] if "frame" in table.rows and "frame" in opinions.rows else [])]
    words = table.rows[keys].astype({TAG: "str"}).assign(_final=table.on.astype(float))
    if words.duplicated(keys).any():
        raise BadRequest("the table of final tags has several rows for a review and tag; take resolve(decisions)")
    found = opinions.rows[keys].astype({TAG: "str"}).merge(words, on=keys, how="left")
    return np.asarray(found["_final"], dtype=float)
