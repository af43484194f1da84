"""Decisions become units: one row for each item that was drawn, tag and slice. Nothing is estimated here."""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..choices import Choices
from ..counts.tally import known, take
from ..decisions import METADATA_PREFIX
from ..sources.reading import Reading
from ..sources.source import Source, quoted
from .strata import Stratum

UNIT = "review_id"
REVIEWER = "reviewer"
_FRAME = "frame"
ONE_ANSWER = (
    "make its answers one: plan.estimates(resolve(decisions.assign(review_id=decisions['content_id']))), with resolve "
    "of cmtools.analysis.quality.resolving; or give the decisions of one batch"
)
"""What to do about an item with several reviews."""


@dataclass(frozen=True)
class Units:
    """What was decided of each item that was drawn.

    ``table`` has the columns ``by``, then ``tag, _unit, _stratum`` (its place in the plan), ``_weight`` (NaN where
    there is none), ``_size`` (NaN likewise), ``_auto`` and ``_human``, 0 or 1. Where several reviewers answered,
    ``_human`` is the share who said so, and ``answers`` has what each said: ``unit`` (the row of the table),
    ``reviewer`` and ``human``.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    tags: tuple[str, ...]
    undecided: int
    left_out: int
    answers: pd.DataFrame | None = None


def units_of(
    decisions: Any,
    strata: Sequence[Stratum],
    choices: Choices,
    unit: str = UNIT,
    size: str | None = None,
    several: bool = False,
) -> Units:
    """The units in a table of decisions, each in its stratum of the plan.

    Rows of single frames of videos are passed over, for it is whole items that were drawn. ``several`` lets there be
    answers of several reviewers on an item.

    Raises
    ------
    BadRequest
        When a column is not there, a decision is in no stratum of the plan, or an item has several answers on a tag
        and that was not said.
    """
    source = Source(decisions)
    reading = replace(choices.reading(source.types), blind=None, cluster=None)
    reading.check(source)
    tally = known(take(source, reading), source, reading)
    if unit != UNIT and unit not in source.types:
        raise BadRequest(f"unit names {unit!r}, but decisions has the columns {', '.join(source.types)}")
    if size is not None:
        size = _found(size, source)
    wanted = (unit, _FRAME, reading.weights, reading.strata, size)
    extra = list(dict.fromkeys(name for name in wanted if name is not None and name in source.types))
    table = source.ask(_query(reading, source, extra, unit, size))
    by = [f"by {name}" for name in reading.by]
    named = ["tag", "_unit", "_stratum", "_last", "_weight", "_size", "_auto", "_human", "_answers"]
    table.columns = pd.Index([*by, *named])
    if not several:
        _refuse_several(table, unit)
    if (table["_stratum"].fillna("") != table["_last"].fillna("")).any():
        raise BadRequest("an item stands in two strata; it was drawn from one")
    table["_stratum"] = _placed(table["_stratum"], strata, reading.strata)
    sizes = pd.to_numeric(table["_size"], errors="coerce").astype(float)
    if size is not None and not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise BadRequest(f"{int((~(sizes >= 0)).sum()):,} items have no number of 0 or more in {size!r}")
    table = table.assign(_size=sizes, **{name: table[name].astype(float) for name in ("_weight", "_auto", "_human")})
    found = choices.tags or tuple(sorted(tally.parts["tag"].unique()))
    answers = _answers(table, source, reading, unit, by) if several else None
    renamed = table.drop(columns=["_last", "_answers"]).rename(columns=dict(zip(by, reading.by, strict=True)))
    return Units(renamed, reading.by, found, int(tally.parts["undecided"].sum()), tally.left_out, answers)


def _refuse_several(table: pd.DataFrame, unit: str) -> None:
    """Refuse several answers on one item and tag: to count them would take reviewers for items."""
    twice = table[table["_answers"] > 1]
    if len(twice):
        such = f"such as {twice['_unit'].iloc[0]!r} on tag {twice['tag'].iloc[0]!r}"
        such = f"{such}; a plan estimates items, one answer each"
        if unit != UNIT:
            lead = ONE_ANSWER.replace("content_id", unit)
            raise BadRequest(f"{twice['_unit'].nunique():,} items have several answers, {such}: {lead}")
        raise BadRequest(
            f"{twice['_unit'].nunique():,} items have answers of several reviewers, {such}. Take "
            "client.decisions(answers='final') or resolve(decisions) of cmtools.analysis.quality.resolving, "
            "or plan.estimates(decisions, raters='dawid_skene'), which learns how often each of them errs"
        )


def _answers(table: pd.DataFrame, source: Source, reading: Reading, unit: str, by: Sequence[str]) -> pd.DataFrame:
    """What each reviewer said, with the row of the table that it belongs to."""
    if REVIEWER not in source.types:
        raise BadRequest(f"raters need a column {REVIEWER!r}; decisions has the columns {', '.join(source.types)}")
    if unit not in source.types:
        raise BadRequest(f"raters need a column {unit!r} that tells which answers are on the same item")
    if table.duplicated(["tag", "_unit"]).any():
        raise BadRequest("by names a column that differs between the reviewers of one item; slice by what items have")
    columns = [unit, REVIEWER, *([_FRAME] if _FRAME in source.types else [])]
    keys = ", ".join([*(quoted(name) for name in by), "_tag", f"CAST({quoted(unit)} AS VARCHAR) AS _unit"])
    found = source.ask(
        f"SELECT {keys}, CAST({REVIEWER} AS VARCHAR) AS reviewer, CASE WHEN _human THEN 1 ELSE 0 END AS human "
        f"FROM ({reading.rows(source, columns)}) AS read "
        f"WHERE _human IS NOT NULL AND _auto IS NOT NULL{_whole(source.types)}"
    )
    found.columns = pd.Index([*by, "tag", "_unit", "reviewer", "human"])
    if found["reviewer"].isna().any():
        raise BadRequest(f"{int(found['reviewer'].isna().sum()):,} answers name no reviewer; leave them out")
    places = table[[*by, "tag", "_unit"]].assign(unit=np.arange(len(table)))
    joined = found.merge(places, on=[*by, "tag", "_unit"], how="inner")
    return joined.sort_values(["unit", "reviewer"], ignore_index=True)[["unit", "reviewer", "human"]]


def _whole(types: Mapping[str, str]) -> str:
    """The condition that a row is about a whole item, not about a frame of a video."""
    return f" AND coalesce(CAST({_FRAME} AS VARCHAR), '') IN ('', 'nan', 'None')" if _FRAME in types else ""


def _query(reading: Reading, source: Source, columns: Sequence[str], unit: str, size: str | None) -> str:
    keys = [quoted(f"by {name}") for name in reading.by] + ["_tag"]
    there = set(source.types)
    one = f"CAST({quoted(unit)} AS VARCHAR)" if unit in there else "_row"
    stratum = f"CAST({quoted(reading.strata)} AS VARCHAR)" if reading.strata else "CAST(NULL AS VARCHAR)"
    weight = f"CAST({quoted(reading.weights)} AS DOUBLE)" if reading.weights else "CAST(NULL AS DOUBLE)"
    amount = f"CAST({quoted(size)} AS VARCHAR)" if size else "CAST(NULL AS VARCHAR)"
    share = "avg(CASE WHEN {0} THEN 1.0 WHEN NOT {0} THEN 0.0 END)"
    return (
        f"SELECT {', '.join(keys)}, {one} AS _unit, min({stratum}), max({stratum}), max({weight}), max({amount}), "
        f"{share.format('_auto')}, {share.format('_human')}, count(*) "
        f"FROM (SELECT *, row_number() OVER () AS _row FROM ({reading.rows(source, columns)}) AS read) AS numbered "
        f"WHERE _human IS NOT NULL AND _auto IS NOT NULL{_whole(source.types)} "
        f"GROUP BY {', '.join(str(place + 1) for place in range(len(keys) + 1))}"
    )


def _found(size: str, source: Source) -> str:
    """The column of sizes, which may have come as metadata."""
    for name in (size, METADATA_PREFIX + size):
        if name in source.types:
            return name
    raise BadRequest(
        f"size names {size!r}, but decisions has the columns {', '.join(source.types)}; "
        "client.decisions(metadata=True) brings what drafts had besides their tags"
    )


def _placed(names: pd.Series, strata: Sequence[Stratum], column: str | None) -> pd.Series:
    """The place in the plan of each stratum."""
    if len(strata) == 1 and (column is None or names.isna().all()):
        return pd.Series(0, index=names.index)
    if column is None:
        raise BadRequest("decisions has no column 'stratum'; make drafts of what plan.draw(frame) gives, which has it")
    places = names.map({stratum.name: place for place, stratum in enumerate(strata)})
    if places.isna().any():
        odd = names[places.isna()]
        shown = "no stratum" if pd.isna(odd.iloc[0]) else f"the stratum {odd.iloc[0]!r}"
        raise BadRequest(
            f"{odd.size:,} decisions have {shown}, which the plan does not know; it has "
            f"{', '.join(repr(stratum.name) for stratum in strata)}. Leave out what this plan did not draw"
        )
    return places.astype(int)
