"""Files of decisions that duckdb is not asked for: CSV, TSV and JSON lines, as tables. It counts nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from ...errors import BadRequest
from ..decisions import METADATA_PREFIX

SEPARATORS = {".csv": ",", ".tsv": "\t"}
LINES = ".jsonl"

_TEXTS = frozenset(("review_id", "content_id", "type", "subteam", "frame", "tag", "reviewer", "stratum"))
"""Columns whose words stay as they stand: an id 007 is no number, a tag na is not missing."""
_MOMENTS = ("created_at", "decided_at")


def is_text_file(decisions: object) -> bool:
    """Whether this is the path of a file that `read_text_file` reads.

    Examples
    --------
    >>> is_text_file("decisions.csv"), is_text_file(Path("decisions.parquet")), is_text_file(["a.csv"])
    (True, False, False)
    """
    return isinstance(decisions, str | Path) and Path(decisions).suffix.lower() in (*SEPARATORS, LINES)


def read_text_file(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The decisions in a CSV, TSV or JSONL file, such as ``cmtools results`` writes.

    Ids, tags, names and metadata are text; moments are aware.

    Raises
    ------
    BadRequest
        When there is no such file, or it is no such table.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "decisions.csv")
    ...     _ = file.write_text("review_id,tag,auto,human\\n007,na,True,False\\n", encoding="utf-8")
    ...     read_text_file(file).values.tolist()
    [['007', 'na', True, False]]
    """
    path = Path(path)
    try:
        frame = pd.read_json(path, lines=True, dtype=False) if _has_lines(path) else _split(path)
    except FileNotFoundError:
        raise BadRequest(f"there is no file {str(path)!r}") from None
    except UnicodeDecodeError:
        raise BadRequest(f"{str(path)!r} is not UTF-8; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        kind = path.suffix.lower().removeprefix(".").upper()
        raise BadRequest(f"{str(path)!r} cannot be read as {kind}: {str(error).splitlines()[0]}") from None
    for name in _MOMENTS:
        if name in frame:
            frame[name] = _moments(frame[name])
    return frame


def _has_lines(path: Path) -> bool:
    return path.suffix.lower() == LINES


def _split(path: Path) -> pd.DataFrame:
    separator = SEPARATORS[path.suffix.lower()]
    columns = pd.read_csv(path, nrows=0, sep=separator, encoding="utf-8-sig").columns
    texts = {name: "str" for name in columns if name in _TEXTS or name.startswith(METADATA_PREFIX)}
    return pd.read_csv(
        path,
        sep=separator,
        encoding="utf-8-sig",
        dtype=texts,
        keep_default_na=False,
        na_values=[""],
        low_memory=False,
    )


def _moments(column: pd.Series) -> pd.Series:
    """As moments where all of them are; else as they stand."""
    try:
        return pd.to_datetime(column, utc=True, format="ISO8601")
    except (ValueError, TypeError):
        return column
