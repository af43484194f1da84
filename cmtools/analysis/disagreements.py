"""The decisions in which auto and human differ, worst first. It counts nothing."""
# ruff: noqa: S608 - queries are put together from names that `quoted` quotes and values that `literal` quotes

from __future__ import annotations

import pandas as pd

from .decisions import COLUMNS
from .sources.reading import NEEDED, Reading
from .sources.source import Source, literal, quoted


def disagreements(source: Source, reading: Reading, tag: str | None, limit: int | None) -> pd.DataFrame:
    """The decisions in which auto and human differ, the most confidently wrong score first.

    ``wrong_by`` is the distance of the score from what the human said: 0.97 for a score of 0.97 where the tag is off.
    Decisions without a score follow after those with one. Ties stand in the order of their ids.
    """
    own = {*NEEDED, "score", "auto_given", *reading.by}
    kept = [name for name in COLUMNS if name in source.types and name not in own]
    slices = [quoted(f"by {name}") for name in reading.by]
    columns = "".join(f"{quoted(name)}, " for name in kept)
    columns += "".join(f"{column} AS {quoted(name)}, " for column, name in zip(slices, reading.by, strict=True))
    order = [quoted(name) for name in ("review_id", "content_id", "frame", "reviewer") if name in kept] + slices
    only = f" AND _tag = {literal(tag)}" if tag is not None else ""
    last = f" LIMIT {int(limit)}" if limit is not None else ""
    return source.ask(
        f"SELECT {columns}_tag AS tag, _auto AS auto, _human AS human, _score AS score, "
        "CASE WHEN _auto THEN 'false positive' ELSE 'false negative' END AS kind, "
        "abs(_score - CASE WHEN _human THEN 1 ELSE 0 END) AS wrong_by "
        f"FROM ({reading.rows(source, kept)}) AS read WHERE _auto <> _human{only} "
        f"ORDER BY wrong_by DESC NULLS LAST, _tag, {', '.join([*order, '_auto'])}{last}"
    )
