"""Decisions as an audit has them beside those that the trail tells: every difference a fault with its ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from .checks import Check
from .figures import SETTLED
from .stories import Answer, Said, Story, Trail, settled_by
from .tables import KINDS, TRUTH, WHO, canonical

Table = pd.DataFrame
Checks = Mapping[str, Check]
Key = tuple[str, str]
"""Review and reviewer."""

COLUMNS = ("content_id", "type", "subteam", "auto", "auto_given", "score", "weight", "stratum", "blind", TRUTH)
"""What the service holds of a decision besides who said what, and when."""
_CLOSE = timedelta(milliseconds=1)


@dataclass(slots=True)
class Rows:
    """What a file says of one review by one reviewer."""

    said: Said = field(default_factory=dict)
    auto: dict[tuple[str, str], tuple[bool, bool]] = field(default_factory=dict)
    content_id: str = ""
    decided_at: datetime | None = None
    blind: bool = False


@dataclass(frozen=True)
class Filed:
    """The tables of an audit by review and reviewer. ``tags`` are those that it is about, None for all."""

    decisions: Mapping[Key, Rows]
    opinions: Mapping[str, Mapping[Key, Rows]] | None
    golden: Mapping[Key, Rows]
    tags: Collection[str] | None

    @classmethod
    def of(cls, decisions: Table, opinions: Table | None, golden: Table | None, tags: Collection[str] | None) -> Filed:
        """The tables, read once."""
        asked: dict[str, dict[Key, Rows]] = {}
        for key, rows in ({} if opinions is None else _rows(opinions)).items():
            asked.setdefault(key[0], {})[key] = rows
        return cls(_rows(decisions), None if opinions is None else asked, {} if golden is None else _rows(golden), tags)

    @property
    def reviews(self) -> dict[str, list[Key]]:
        """The keys of each decided review."""
        found: dict[str, list[Key]] = {}
        for key in self.decisions:
            found.setdefault(key[0], []).append(key)
        return found

    def wanted(self, said: Said) -> Said:
        """Those of the tags that the audit is about."""
        return said if self.tags is None else {key: on for key, on in said.items() if key[1] in self.tags}


def _rows(table: Table) -> dict[Key, Rows]:
    names = ["review_id", "reviewer", "frame", "tag", "human", "auto", "auto_given", "content_id", "blind"]
    lists = [_plain(table[name]) for name in names]
    moments = [None if pd.isna(each) else each.to_pydatetime() for each in table["decided_at"]]
    found: dict[Key, Rows] = {}
    for review, reviewer, frame, tag, human, auto, given, content, blind, moment in zip(*lists, moments, strict=True):
        rows = found.setdefault((review, reviewer), Rows(content_id=content, decided_at=moment, blind=blind))
        rows.said[frame, tag] = human
        rows.auto[frame, tag] = (auto, given)
    return found


def _plain(values: pd.Series) -> list[Any]:
    if values.dtype == bool:
        return list(values.tolist())
    return ["" if each is None or each != each else each for each in values.tolist()]


def compare(checks: Checks, filed: Filed, reviews: Iterable[str], trail: Trail, horizon: datetime | None) -> None:
    """Hold every review of the file against its story, and every finished story against the file."""
    decided, seen = filed.reviews, set(reviews)
    for id in sorted(seen | set(decided)):
        story = trail.story(id)
        if story is None:
            checks["added"].look(False, f"the trail knows no review {id}")
        elif story.golden:
            _golden(checks["golden"], filed, trail, story, id in decided, horizon)
        else:
            _review(checks, filed, trail, story, decided.get(id, []), horizon)
    _outsiders(checks["together"], trail, horizon)
    _strangers(checks["golden"], filed, trail, seen)


def _review(
    checks: Checks, filed: Filed, trail: Trail, story: Story, keys: list[Key], horizon: datetime | None
) -> None:
    """One review that is no golden item."""
    settled = trail.settled(story)
    answers = {answer.reviewer: answer for answer in trail.answers_of(story)}
    if filed.opinions is not None:
        own = filed.opinions.get(story.id, {})
        _compare_answers(checks, filed, story, answers, own, trail)
        if keys or own:
            _left_out(checks["complete"], trail, story, own, horizon)
    is_due = settled is not None and (horizon is None or settled[2] <= horizon)
    complete = checks["complete"]
    complete.look(bool(keys) or not is_due, f"review {story.id} was finished and is not in the file")
    if settled is not None and not is_due and not keys:
        complete.notes[:] = ["some were finished after the file was made"]
    if not keys:
        return
    checks["added"].look(settled is not None, f"review {story.id} is in the file and was never finished")
    if settled is None:
        return
    _final(checks["final"], filed, trail, story, keys, settled)
    if filed.opinions is None:
        single = {key: filed.decisions[key] for key in keys if key[1] not in SETTLED}
        _compare_answers(checks, filed, story, answers, single, trail)
        if story.opinions:
            checks["answers"].why = "the file has no table of each reviewer's answers"
    else:
        for key in keys:
            _auto(checks["auto"], story, filed.decisions[key], None, trail)


def _final(
    check: Check, filed: Filed, trail: Trail, story: Story, keys: list[Key], settled: tuple[Said, str, datetime]
) -> None:
    """The final tags of one review, and who settled them."""
    said, who, _ = settled
    if len(keys) > 1:
        check.look(False, f"review {story.id} has final tags twice: {', '.join(key[1] for key in keys)}")
        return
    name, rows = keys[0][1], filed.decisions[keys[0]]
    if who:
        check.look(name == who, f"review {story.id} was settled by {who!r}, the file says {name!r}")
    else:
        by = f"({story.resolved_by})"
        check.look(name == by, f"review {story.id} was settled by {by}, the file says {name!r}")
    given = [answer.said for id in story.opinions if (opinion := trail.story(id)) for answer in opinion.final]
    if story.rule and len(given) == len(story.opinions):
        due = settled_by(story.rule, given)
        follows = due == said if not who else due is None
        check.look(follows, f"the trail settles review {story.id} otherwise than its answers do by {story.rule}")
    for where, words in _differences(filed.wanted(said), filed.wanted(rows.said)):
        check.look(False, f"review {story.id}, {where}: {words}")


def _compare_answers(
    checks: Checks,
    filed: Filed,
    story: Story,
    answers: Mapping[str, Answer],
    own: Mapping[Key, Rows],
    trail: Trail,
) -> None:
    """What each reviewer is said to have said of one review, beside what they submitted."""
    check = checks["answers"]
    for (_, who), rows in own.items():
        answer = answers.get(who)
        check.look(
            answer is not None,
            f"review {story.id}: the trail has no final answer of {who!r}",
        )
        if answer is None:
            continue
        for where, words in _differences(filed.wanted(answer.said), filed.wanted(rows.said)):
            check.fault(f"review {story.id}, {where}, by {who!r}: {words}")
        if rows.decided_at is None or abs(rows.decided_at - answer.at) > _CLOSE:
            check.fault(f"review {story.id} by {who!r} was decided at {answer.at}, the file says {rows.decided_at}")
        if rows.blind != answer.blind:
            check.fault(f"review {story.id} by {who!r}: the file says {'' if rows.blind else 'not '}blind")
        _auto(checks["auto"], story, rows, answer, trail)


def _differences(told: Said, filed: Said) -> Iterator[tuple[str, str]]:
    """Where two answers differ, and how."""
    if told == filed:
        return
    for key in sorted(told.keys() | filed.keys()):
        if told.get(key) is not filed.get(key):
            frame, tag = key
            where = f"tag {tag!r}" + (f" at {frame} ms" if frame else "")
            yield where, f"the trail says {_word(told.get(key))}, the file {_word(filed.get(key))}"


def _word(value: bool | None) -> str:
    return "nothing" if value is None else "on" if value else "off"


def _auto(check: Check, story: Story, rows: Rows, answer: Answer | None, trail: Trail) -> None:
    """The auto tags of the whole, beside those at creation and those that the answer began with."""
    check.checked += 1
    if rows.content_id and story.content_id and rows.content_id != story.content_id:
        check.fault(f"review {story.id} is of {story.content_id!r}, the file says {rows.content_id!r}")
    for (frame, tag), (auto, given) in rows.auto.items():
        if frame:
            if not check.notes:
                check.notes.append("the trail does not tell the auto tags of single frames")
            continue
        if auto is not (tag in story.auto) and trail.added.get(tag, 0) < story.sequence:
            check.fault(f"review {story.id}: {tag!r} was created {_word(not auto)}, the file says {_word(auto)}")
        elif answer is not None and answer.suggested and (given is not (tag in answer.suggested)):
            check.fault(
                f"review {story.id}: that {tag!r} was {'' if given else 'not '}named is not what the trail says"
            )


def _left_out(check: Check, trail: Trail, story: Story, own: Mapping[Key, Rows], horizon: datetime | None) -> None:
    """Answers that are final and that the file has not; of several people the adjudicator's may be left out."""
    there = {key[1] for key in own}
    for id in story.opinions or (story.id,):
        opinion = trail.story(id)
        for answer in [] if opinion is None else opinion.final:
            late = horizon is not None and answer.final_at is not None and answer.final_at > horizon
            check.look(
                late or answer.reviewer in there,
                f"the answer of {answer.reviewer!r} to review {story.id} is not in the file",
            )


def _outsiders(check: Check, trail: Trail, horizon: datetime | None) -> None:
    """Finished reviews that are left out, of what the audit has reviewed or of what came with it."""
    own = {story.content_id: story.id for story in trail.own() if story.content_id and not story.golden}
    check.checked += len(own)
    for story in trail.outsiders():
        settled = None if story.golden else trail.settled(story)
        due = settled is not None and (horizon is None or settled[2] <= horizon)
        first = own.get(story.content_id)
        words = f"review {story.id} of {story.content_id!r} was created with the audit's, or of what it drew"
        if first is not None:
            words = (
                f"{story.content_id!r} was reviewed in {story.id} too, besides the audit's {first} (a second batch?)"
            )
        check.look(not due, f"{words}; it is finished, and is left out")


def _golden(check: Check, filed: Filed, trail: Trail, story: Story, is_counted: bool, horizon: datetime | None) -> None:
    """One golden item: its answers stand apart, and are those of the trail."""
    check.look(not is_counted, f"golden item {story.id} counts as a decision")
    for answer in trail.answers_of(story):
        rows = filed.golden.get((story.id, answer.reviewer))
        late = horizon is not None and answer.final_at is not None and answer.final_at > horizon
        if rows is None:
            words = f"the answer of {answer.reviewer!r} to golden item {story.id} is not in the file"
            check.look(late or not filed.golden, words)
            continue
        known = {key: on for key, on in answer.said.items() if key in rows.said}
        for where, words in _differences(filed.wanted(known), filed.wanted(rows.said)):
            check.fault(f"golden item {story.id}, {where}, by {answer.reviewer!r}: {words}")


def _strangers(check: Check, filed: Filed, trail: Trail, reviews: set[str]) -> None:
    """Golden answers in the file that the trail does not know."""
    for id, keys in groupby(sorted(filed.golden), key=lambda key: key[0]):
        story = trail.story(id) if id in reviews else None
        told = set() if story is None or not story.golden else {each.reviewer for each in trail.answers_of(story)}
        for _, who in keys:
            check.look(who in told, f"the trail has no answer of {who!r} to golden item {id}")


def compare_columns(check: Check, answers: str, table: Table, held: Table) -> None:
    """Every column of a table of the file, beside the same rows as the service gives them now."""
    keys = list(WHO)
    now = canonical(held[held["review_id"].isin(table["review_id"].unique())], "the service's decisions")
    both = table.merge(now, on=keys, how="left", suffixes=("", " now"), indicator="_where", validate="one_to_one")
    gone = both["_where"] == "left_only"
    check.checked += len(both)
    if gone.any():
        at = both[gone].iloc[0]
        words = f"{int(gone.sum()):,} rows of the file are not what the service gives ({answers}), such as tag"
        check.fault(f"{words} {at['tag']!r} of review {at['review_id']} by {at['reviewer']!r}", int(gone.sum()))
    both = both[~gone]
    for name in COLUMNS:
        if name not in table.columns or f"{name} now" not in both.columns:
            continue
        mine, theirs = both[name], both[f"{name} now"]
        if KINDS[name] == "number":
            same = np.isclose(mine.astype(float), theirs.astype(float), rtol=1e-12, atol=0, equal_nan=True)
        else:
            same = ((mine == theirs) | (mine.isna() & theirs.isna())).to_numpy(dtype=bool)
        for row in both[~same].drop_duplicates("review_id").to_dict("records"):
            check.fault(f"review {row['review_id']}: {name} is {row[name]!r}, the service has {row[f'{name} now']!r}")
