"""What decisions are as a whole: how many, whose, from when, and their fingerprint. It measures no agreement."""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from ..sources.reading import Reading
from ..sources.source import Source, quoted
from .tally import CELLS, SUMS, Tally, take

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Facts:
    """What a report says of the decisions as a whole; None where the table has no column that tells."""

    rows: int
    reviews: int | None
    reviewers: int | None
    repeated: int | None
    first_decided_at: datetime | None
    last_decided_at: datetime | None
    fingerprint: str


def facts(source: Source, reading: Reading) -> Facts:
    """Reviews, reviewers, period and fingerprint of the decisions that are measured.

    The fingerprint is the same whatever the order of the rows and whatever holds them: a SHA-256 over the number of
    rows and the sums of the MD5 halves of each row's review, frame, reviewer, tag, auto value, human value, score and
    slices, and where they are used weight and stratum. Of decisions on another engine it is that of their counts.
    """
    if not source.is_local:
        return _elsewhere(source, reading)
    types = source.types
    moments = _has_moments(types.get("decided_at", ""))
    identity = [name for name in ("review_id", "frame", "reviewer") if name in types]
    design = [name for name in (reading.weights, reading.strata) if name is not None]
    words = [*identity, "_tag", "_auto", "_human", "_score", *(quoted(f"by {name}") for name in reading.by)]
    words += [quoted(name) for name in design]
    columns = dict.fromkeys([*identity, *(["decided_at"] if moments else []), *design])
    row = "concat_ws(chr(31), " + ", ".join(f"coalesce(CAST({word} AS VARCHAR), chr(30))" for word in words) + ")"
    answer = source.ask(
        "SELECT count(*) AS rows, "
        f"{'count(DISTINCT review_id)' if 'review_id' in types else 'NULL'} AS reviews, "
        f"{'count(DISTINCT reviewer)' if 'reviewer' in types else 'NULL'} AS reviewers, "
        f"{_distinct(identity) if 'review_id' in types else 'NULL'} AS distinct_rows, "
        f"{'epoch_us(min(decided_at))' if moments else 'NULL'} AS first, "
        f"{'epoch_us(max(decided_at))' if moments else 'NULL'} AS last, "
        f"CAST(sum(md5_number_upper({row})::HUGEINT) AS VARCHAR) AS upper, "
        f"CAST(sum(md5_number_lower({row})::HUGEINT) AS VARCHAR) AS lower "
        f"FROM ({reading.rows(source, list(columns))}) WHERE _human IS NOT NULL"
    ).iloc[0]
    rows, distinct = int(answer["rows"]), _integer(answer["distinct_rows"])
    sums = f"{rows} {answer['upper']} {answer['lower']}" if rows else "0"
    return Facts(
        rows=rows,
        reviews=_integer(answer["reviews"]),
        reviewers=_integer(answer["reviewers"]),
        repeated=None if distinct is None else rows - distinct,
        first_decided_at=_moment(answer["first"]),
        last_decided_at=_moment(answer["last"]),
        fingerprint=hashlib.sha256(sums.encode()).hexdigest(),
    )


def several_of(source: Source, reading: Reading) -> int:
    """How often several reviewers answered one review (or frame) and tag: every answer is a decision of its own.

    0 where no column tells reviews or reviewers, or another engine would have to be asked.

    Examples
    --------
    >>> frame = pd.DataFrame({"review_id": [1, 1, 2], "tag": "a", "auto": True, "human": True, "reviewer": list("xyx")})
    >>> several_of(Source(frame), Reading())
    1
    """
    types = source.types
    if not source.is_local or "review_id" not in types or "reviewer" not in types:
        return 0
    item = [name for name in ("review_id", "frame") if name in types]
    who = "CAST(reviewer AS VARCHAR)"
    answer = source.ask(
        f"SELECT count(*) AS n FROM (SELECT 1 FROM ({reading.rows(source, [*item, 'reviewer'])}) "
        f"WHERE _human IS NOT NULL GROUP BY {', '.join([*item, '_tag'])} HAVING min({who}) <> max({who}))"
    )
    return int(answer["n"].iloc[0])


def facts_of_counts(tally: Tally) -> Facts:
    """What counts alone tell: how many decisions, how many clusters, and a fingerprint of the counts.

    Examples
    --------
    >>> frame = pd.DataFrame({"tag": "a", "auto": [True, False], "human": [True, True]})
    >>> facts_of_counts(take(Source(frame), Reading())).rows
    2
    """
    rows = int(tally.parts[[*CELLS, "missing"]].to_numpy().sum())
    ours = tally.columns.get("cluster") == "reviewer"
    reviewers = int(tally.parts["_cluster"].nunique()) if ours else None
    said = [tally.by, tally.absent, sorted(tally.threshold.items()), sorted(tally.columns.items())]
    table = tally.parts.sort_values(tally.kept)[[*tally.kept, *SUMS]].to_csv(index=False, float_format="%.12g")
    return Facts(rows, None, reviewers, None, None, None, hashlib.sha256(f"{said}\n{table}".encode()).hexdigest())


def _elsewhere(source: Source, reading: Reading) -> Facts:
    """Facts that any engine can tell."""
    types = source.types
    asked = {"reviews": "count(DISTINCT review_id)"} if "review_id" in types else {}
    asked |= {"reviewers": "count(DISTINCT reviewer)"} if "reviewer" in types else {}
    if _has_moments(types.get("decided_at", "")):
        asked |= {"first": "min(decided_at)", "last": "max(decided_at)"}
    found = facts_of_counts(take(source, reading))
    if not asked:
        return found
    columns = [name for name in ("review_id", "reviewer", "decided_at") if name in types]
    answers = ", ".join(f"{sql} AS {name}" for name, sql in asked.items())
    answer = source.ask(f"SELECT {answers} FROM ({reading.rows(source, columns)}) AS read WHERE _human IS NOT NULL")
    told = answer.iloc[0].to_dict()
    return replace(
        found,
        reviews=_integer(told.get("reviews")),
        reviewers=_integer(told.get("reviewers")),
        first_decided_at=_aware(told.get("first")),
        last_decided_at=_aware(told.get("last")),
    )


def _has_moments(kind: str) -> bool:
    return "TIMESTAMP" in kind or kind == "DATE"


def _distinct(identity: Sequence[str]) -> str:
    return f"count(DISTINCT ({', '.join([*identity, '_tag'])}))"


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) or not math.isfinite(value) else _EPOCH + timedelta(microseconds=int(value))


def _aware(value: Any) -> datetime | None:
    if pd.isna(value):
        return None
    moment = pd.Timestamp(value)
    utc = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    return utc.to_pydatetime()
