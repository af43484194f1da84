"""The tables of an audit in one canonical form, and as CSV that gives every bit back. It knows neither file nor plan.

CSV is what anybody can read in twenty years. Numbers are written at the shortest that gives the same number back,
moments as ISO 8601 in UTC, on and off as ``true`` and ``false``; an empty cell is a missing value. A text that a
spreadsheet would take for a formula, or that begins with an apostrophe, has an apostrophe put before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ...tags import FALSE_SPELLINGS, TRUE_SPELLINGS
from ..decisions import COLUMNS

TEXT, FLAG, NUMBER, MOMENT = "text", "flag", "number", "moment"
TRUTH = "truth"
KINDS = {
    **dict.fromkeys(COLUMNS, TEXT),
    **dict.fromkeys(("auto", "auto_given", "human", "blind", TRUTH), FLAG),
    **dict.fromkeys(("score", "weight"), NUMBER),
    **dict.fromkeys(("created_at", "decided_at"), MOMENT),
}
"""What the columns of decisions hold."""
NEEDED = ("review_id", "tag", "auto", "human")
WHO = ("review_id", "frame", "tag", "reviewer")
"""What tells one decision from another."""

_ABSENT = {"auto_given": True, "blind": False}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_SPECIAL = re.compile(r'[",\r\n]')
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_USER = re.compile(r"(://)[^/?#\s@]*@")
_SECRET = re.compile(r"([?&#][^=&#\s]*(?:sig|token|secret|passw|credential|key|auth)[^=&#\s]*=)[^&#\s]*", re.IGNORECASE)


def without_credentials(text: str) -> str:
    """The text with the passwords and signatures of addresses left out.

    Examples
    --------
    >>> without_credentials("https://ana:geheim@pics.example/1.jpg?size=2&sig=ab%2Fc")
    'https://***@pics.example/1.jpg?size=2&sig=***'
    """
    return _SECRET.sub(r"\1***", _USER.sub(r"\1***@", text)) if "://" in text else text


def canonical(table: Any, name: str, keep: Iterable[str] = ()) -> pd.DataFrame:
    """Decisions in one form, whatever the order of their rows: the columns of decisions, ``truth``, and ``keep``.

    Other columns are left out: an audit holds what its figures come from and no more.

    Raises
    ------
    BadRequest
        When it is no table of decisions, or two rows are the same reviewer's on the same thing.
    """
    if not isinstance(table, pd.DataFrame):
        raise BadRequest(f"{name} is a {type(table).__name__}; give a table as client.decisions() gives it")
    lacking = [column for column in NEEDED if column not in table.columns]
    if lacking:
        raise BadRequest(f"{name} has no column {lacking[0]!r}; take client.decisions()")
    own = [*COLUMNS, *([TRUTH] if TRUTH in table.columns else [])]
    more = [column for column in dict.fromkeys(keep) if column not in own and column in table.columns]
    made = pd.DataFrame({column: _column(table, column, name) for column in [*own, *more]})
    for column in ("review_id", "tag"):
        if made[column].isna().any():
            raise BadRequest(f"{int(made[column].isna().sum()):,} rows of {name} have no {column}")
    made = made.assign(_moment=pd.to_numeric(made["frame"], errors="coerce").fillna(-1.0))
    made = made.sort_values(["review_id", "_moment", "tag", "reviewer"], kind="stable", ignore_index=True)
    repeated = made.duplicated(list(WHO))
    if repeated.any():
        at = made[repeated].iloc[0]
        raise BadRequest(
            f"{name} has two rows of {at['reviewer']!r} on tag {at['tag']!r} of review {at['review_id']!r}"
        )
    return made.drop(columns="_moment")


def _column(table: pd.DataFrame, column: str, name: str) -> pd.Series:
    """A column in its canonical type."""
    if column not in table.columns:
        fill = _ABSENT.get(column)
        given = pd.Series([fill] * len(table), index=table.index, dtype=object if fill is None else bool)
    else:
        given = table[column]
    kind = KINDS.get(column) or kind_of(given)
    try:
        values = {TEXT: _texts, FLAG: _flags, NUMBER: _numbers, MOMENT: _moments}[kind](given)
    except (TypeError, ValueError) as error:
        raise BadRequest(f"the column {column!r} of {name} cannot be read: {error}") from None
    return pd.Series(values)


def kind_of(values: pd.Series) -> str:
    """What a column holds, by its type."""
    if pd.api.types.is_bool_dtype(values.dtype) and not values.isna().any():
        return FLAG
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return NUMBER
    return MOMENT if isinstance(values.dtype, pd.DatetimeTZDtype) else TEXT


def _texts(values: pd.Series) -> Any:
    codes, different = pd.factorize(values)
    texts = pd.array([without_credentials(str(each)) or None for each in different], dtype="str")
    return texts.take(codes, allow_fill=True)


def _flags(values: pd.Series) -> Any:
    if values.dtype == bool:
        return values.to_numpy()
    said = {**dict.fromkeys(TRUE_SPELLINGS, True), **dict.fromkeys(FALSE_SPELLINGS, False)}
    codes, different = pd.factorize(values)
    read = [said.get(str(each).strip().lower()) for each in different]
    if None in read or (codes < 0).any():
        odd = "nothing" if None not in read else repr(different[read.index(None)])
        raise ValueError(f"{odd} is neither true nor false")
    return np.array(read, dtype=bool)[codes] if len(codes) else np.array([], dtype=bool)


def _numbers(values: pd.Series) -> Any:
    return pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)


def _moments(values: pd.Series) -> Any:
    return pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("us")


# As CSV --------------------------------------------------------------------------------------------------------------


def kinds_of(table: pd.DataFrame) -> dict[str, str]:
    """What each column of a canonical table holds."""
    return {str(name): KINDS.get(str(name)) or kind_of(table[name]) for name in table}


def written(table: pd.DataFrame) -> bytes:
    """The table as CSV in UTF-8, the same bytes for the same values on every machine.

    Raises
    ------
    BadRequest
        When a text has characters that UTF-8 has not.

    Examples
    --------
    >>> written(pd.DataFrame({"tag": pd.Series(["a", "=1+1"], dtype="str"), "score": [0.1, float("nan")]}))
    b"tag,score\\na,0.1\\n'=1+1,\\n"
    """
    columns = [_cells(table[name], kind) for name, kind in kinds_of(table).items()]
    lines = [",".join(_quoted(str(name)) for name in table), *map(",".join, zip(*columns, strict=True))]
    try:
        return ("\n".join(lines) + "\n").encode()
    except UnicodeEncodeError as error:
        raise BadRequest(f"a text cannot be written as UTF-8: {error.object[error.start - 20 : error.end]!r}") from None


def _cells(values: pd.Series, kind: str) -> list[str]:
    if kind == FLAG:
        return ["true" if value else "false" for value in values.tolist()]
    if kind == NUMBER:
        return ["" if value != value else repr(value) for value in map(float, values.tolist())]
    if kind == MOMENT:
        moments = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
        return ["" if text == "NaT" else f"{text}Z" for text in np.datetime_as_string(moments).tolist()]
    codes, different = pd.factorize(values)
    cells = [*(_quoted(f"'{text}" if text.startswith(_FORMULA) else text) for text in map(str, different)), ""]
    return [cells[code] for code in codes.tolist()]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def read(data: bytes, kinds: Mapping[str, str], name: str) -> pd.DataFrame:
    """The table that `written` wrote.

    Raises
    ------
    BadRequest
        When it is no such table.
    """
    try:
        header, *rows = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
        if header != list(kinds):
            raise ValueError("its columns are not those that the file says")
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
        made = {column: _read(values, kinds[column]) for column, values in zip(header, columns, strict=True)}
        return pd.DataFrame(made)
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise BadRequest(f"{name} cannot be read: {error}") from None


def _read(cells: Sequence[str], kind: str) -> Any:
    if kind == FLAG:
        said = {"true": True, "false": False}
        return np.array([said[cell] for cell in cells], dtype=bool)
    if kind == NUMBER:
        return np.array([float(cell) if cell else np.nan for cell in cells], dtype=float)
    if kind == MOMENT:
        odd = [cell for cell in cells if cell and not _MOMENT.fullmatch(cell)]
        if odd:
            raise ValueError(f"{odd[0]!r} is no moment")
        moments = np.array([cell.removesuffix("Z") or "NaT" for cell in cells], dtype="datetime64[us]")
        return pd.DatetimeIndex(moments).tz_localize("UTC")
    if kind != TEXT:
        raise ValueError(f"there is no kind of column {kind!r}")
    return pd.array([(cell[1:] if cell.startswith("'") else cell) or None for cell in cells], dtype="str")
