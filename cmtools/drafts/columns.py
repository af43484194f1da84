"""Tells what each column of a table is (content, id, tag, metadata) and reads its cells. It opens no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pandas as pd
from pandas.api.types import is_bool, is_bool_dtype, is_float, is_scalar

from ..errors import BadDraft, BadTag, CmtoolsError
from ..model import Pairs
from ..taggers.answers import SILENT_WORDS, finite
from ..tags import BUILT_IN, SCORE_SUFFIX, SHORT_CODE, Tag, read_bool, write_bool
from .base import Faults, Item
from .sources import Table, is_address

CONTENT_COLUMNS = {
    "Image": ("content", "image", "image_url", "picture", "photo", "url", "path", "image_path", "file", "filename"),
    "Text": ("content", "text", "body", "message", "comment", "post"),
    "Video": ("content", "video", "video_url", "stream", "stream_url", "url"),
}
"""Names of the content column; the first that the table has is taken. Case, ``_``, ``-`` and spaces do not count."""
TRUTH = "truth_"
"""What the name of a column of known answers begins with; a short code follows."""
ID_COLUMNS = ("id", "content_id", "image_id", "text_id", "video_id", "item_id")
"""Names of the id column, likewise."""

Tags = str | Sequence[str] | Mapping[str, str] | None
Threshold = float | Mapping[str, float] | None
Metadata = Mapping[str, object] | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are for; ``passed`` becomes metadata as it is.

    ``tags`` is short code -> column, and so is ``truths``, of known answers.
    """

    content: str
    id: str | None
    weight: str | None
    stratum: str | None
    callback: str | None
    tags: Mapping[str, str]
    passed: Sequence[str]
    truths: Mapping[str, str]


def choose_columns(
    table: pd.DataFrame,
    type_name: str,
    content: str | None = None,
    id: str | None = None,
    *,
    tags: Tags = None,
    threshold: Threshold = None,
    metadata: Metadata = None,
    callback: str | None = None,
) -> Columns:
    """Decide by name, spelling and the user's word what each column is; `make_drafts` states the rule.

    Raises
    ------
    BadDraft
        When a column that is named, or the one with the content, is not there.
    BadTag
        When a tag that is named cannot be a short code, or is named twice.
    """
    content_column = _find(table, content or CONTENT_COLUMNS[type_name], "content")
    if content_column is None:
        looked_for = ", ".join(CONTENT_COLUMNS[type_name])
        raise BadDraft(
            f"no column holds the content: looked for {looked_for}; {_has(table)}. Name it with content='...'"
        )
    id_column = _find(table, id or ID_COLUMNS, "id")
    weight, stratum = (_find(table, (name,), name) for name in ("weight", "stratum"))
    back = callback if callback in table.columns else None
    taken = {content_column, id_column, weight, stratum, back}
    truths = {name[len(TRUTH) :]: name for name in table.columns if _tells_truth(name) and name not in taken}
    _check_truths(table, truths)
    taken.update(truths.values())
    free = [name for name in table.columns if name not in taken]
    coded = _tag_columns(table, free, tags, threshold)
    if metadata is None or isinstance(metadata, Mapping):
        passed = [name for name in free if name not in coded.values()]
    else:
        named = [_named(table, name, "metadata") for name in metadata]
        passed = [name for name in named if name not in coded]  # a tag is in the metadata as it is
    return Columns(content_column, id_column, weight, stratum, back, coded, passed, truths)


def read_rows(
    source: Table, columns: Columns, type_name: str, threshold: Threshold = None, faults: Faults | None = None
) -> list[Item]:
    """The items of a table, in its order; relative paths are looked for in its folder.

    Parameters
    ----------
    source : Table
        What was found.
    columns : Columns
        What its columns are for.
    type_name : str
        Of the content.
    threshold : float or dict, optional
        As of `make_drafts`.
    faults : dict, optional
        If it is given, what cannot be read is put down in it and raised no more; an id that is missing is empty.

    Raises
    ------
    BadDraft
        When an id is missing, a weight is no number above 0, or a row is broken.
    BadTag
        When a cell of a tag column is neither true, false nor silent.
    """
    table, folder, broken = source
    for row, error in broken.items():
        _note(faults, row, "", error)

    def cells(column: str | None) -> list[object]:
        return list(table[column]) if column is not None else [None] * len(table)

    ids = _ids(table, columns, type_name, may_miss=faults is not None)
    told = [f" (id {key!r})" if columns.id and key else "" for key in ids]
    where = [f"row {label}{extra}" for label, extra in zip(table.index, told, strict=True)]
    truths = _truths(table, columns, where, faults)
    weights = [1.0] * len(table)
    for row, cell in enumerate(cells(columns.weight)) if columns.weight else ():
        if not (truths[row] and is_silent(cell)):  # a golden item stands for nothing
            weights[row] = _weight(cell, where[row], row, faults)
    pairs = _pairs(table, columns, where, threshold, faults)
    rows = zip(cells(columns.content), cells(columns.stratum), cells(columns.callback), strict=True)
    return [
        Item(
            source=where[place] if is_silent(content) else plain(content),
            content=_content(content, type_name, folder),
            content_id=ids[place],
            pairs=tuple(pairs[place]),
            callback=_optional(callback),
            weight=weights[place],
            stratum=_optional(stratum),
            truth=truths[place] or None,
            place=f"row {table.index[place]}",
            faults=(faults or {}).get(place, {}),
        )
        for place, (content, stratum, callback) in enumerate(rows)
    ]


def read_tag(value: object, code: str, threshold: float | None, where: str) -> Pairs:
    """The metadata pairs that one tag value makes: none when it is silent, and the score too when it is one.

    Examples
    --------
    >>> read_tag("True", "a", None, "row 1"), read_tag(0.8132, "a", 0.5, "row 1"), read_tag(None, "a", None, "row 1")
    ((('a', 'True'),), (('a', 'True'), ('a.score', '0.8132')), ())
    """
    if is_silent(value) or (isinstance(value, str) and value.strip().lower() in SILENT_WORDS):
        return ()
    score = None if _is_bool(value) else finite(value)
    if threshold is not None and score is not None:
        return (code, write_bool(score >= threshold)), (code + SCORE_SUFFIX, f"{score:.6g}")
    on = score == 1 if score in (0, 1) else read_bool(value)
    if on is None and score is not None:
        raise score_without_threshold(value, code, where)
    if on is None:
        raise BadTag(f"{value!r} is neither true nor false (true, false, yes, no, 1, 0, or nothing)", where=where)
    return ((code, write_bool(on)),)


def score_without_threshold(value: object, code: str, where: str) -> BadTag:
    """The error that tells how to turn a score into a tag."""
    return BadTag(
        f"{plain(value)} is a score, not true or false; say from which score on the tag is true, "
        f"such as threshold={{{code!r}: 0.5}}",
        where=where,
    )


def threshold_of(code: str, threshold: Threshold) -> float | None:
    """The threshold that applies to a tag; None when there is none."""
    if not isinstance(threshold, Mapping):
        return threshold
    return next((value for key, value in threshold.items() if key.lower() == code.lower()), None)


def is_silent(value: object) -> bool:
    """Whether a cell says nothing: None, NaN, NaT, or blank."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (is_scalar(value) and pd.isna(cast(float, value)) is True)


def plain(value: object) -> str:
    """A cell as metadata says it: ``True``, ``3``, ``0.5``, an ISO moment, or the text unchanged."""
    if _is_bool(value):
        return write_bool(bool(value))
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    item = getattr(value, "item", None)  # a NumPy scalar would print its type
    return str(item() if callable(item) and is_scalar(value) else value)


def _find(table: pd.DataFrame, names: str | Sequence[str], argument: str) -> str | None:
    """The column that the user named, or else the first of the usual names that the table has."""
    if isinstance(names, str):
        return _named(table, names, argument)
    squashed = {_squash(column): column for column in reversed(table.columns)}
    return next((squashed[_squash(name)] for name in names if _squash(name) in squashed), None)


def _named(table: pd.DataFrame, name: str, argument: str) -> str:
    if name in table.columns:
        return name
    alike = [column for column in table.columns if column.lower() == str(name).lower()]
    if len(alike) == 1:
        return str(alike[0])
    raise BadDraft(f"{argument} names the column {name!r}, which is not there; {_has(table)}")


def _has(table: pd.DataFrame) -> str:
    return f"the table has {', '.join(map(repr, table.columns))}"


def _squash(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _tag_columns(table: pd.DataFrame, free: list[str], tags: Tags, threshold: Threshold) -> dict[str, str]:
    """Short code -> column: those the user names, or else `a`, `r`, those with a threshold and the true/false ones."""
    if isinstance(tags, Mapping):
        chosen = [(code, _named(table, column, "tags")) for code, column in tags.items()]
    elif tags is not None:
        chosen = [(column, _named(table, column, "tags")) for column in ([tags] if isinstance(tags, str) else tags)]
    else:
        wanted = {tag.short_code for tag in BUILT_IN}
        wanted |= {name.lower() for name in threshold} if isinstance(threshold, Mapping) else set()
        chosen = [
            (name, name)
            for name in free
            if name.lower() in wanted or (SHORT_CODE.fullmatch(name) and says_true_or_false(table[name]))
        ]
    coded: dict[str, str] = {}
    for code, column in chosen:
        try:
            Tag(code)
        except BadTag as error:
            raise BadTag(
                f"{error.message}. Give it one: tags={{'xy': {column!r}}}", where=f"column {column!r}"
            ) from None
        if code.lower() in map(str.lower, coded):
            raise BadTag(f"the tag {code!r} comes from two columns; case does not tell tags apart")
        coded[code] = column
    return coded


def says_true_or_false(column: pd.Series) -> bool:
    """Whether a column holds booleans, or nothing but the words true and false (in any case) and blanks."""
    if is_bool_dtype(column):
        return True
    said = [value for value in column if not is_silent(value)]
    return bool(said) and all(
        value.strip().lower() in ("true", "false") if isinstance(value, str) else _is_bool(value) for value in said
    )


def _content(cell: object, type_name: str, folder: Path) -> str | Path:
    if type_name == "Text" or is_silent(cell) or is_address(cell):
        return "" if is_silent(cell) else str(cell)
    return folder / Path(str(cell)).expanduser()  # an absolute path stays one


def _note(faults: Faults | None, row: int, code: str, error: CmtoolsError) -> None:
    """Put down what cannot be read of a row, or raise it where nobody keeps such."""
    if faults is None:
        raise error
    faults.setdefault(row, {}).setdefault(code, error)


def _ids(table: pd.DataFrame, columns: Columns, type_name: str, may_miss: bool) -> list[str]:
    """From the id column, or else the content as the table has it; texts are counted."""
    if columns.id is None and type_name == "Text":
        width = max(4, len(str(len(table))))
        return [f"text-{place:0{width}}" for place in range(1, len(table) + 1)]
    cells = list(table[columns.id or columns.content])
    if columns.id is None:
        return [
            f"row {label}" if is_silent(cell) else plain(cell) for label, cell in zip(table.index, cells, strict=True)
        ]
    missing = [str(label) for label, cell in zip(table.index, cells, strict=True) if is_silent(cell)]
    if missing and not may_miss:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise BadDraft(f"{len(missing)} of {len(cells)} rows have no id (row {shown})", where=f"column {columns.id!r}")
    return ["" if is_silent(cell) else _id(cell) for cell in cells]


def _id(cell: object) -> str:
    """The id that a cell spells.

    A column of whole numbers that once had a gap holds floats; the id 7 should not turn into 7.0.
    """
    return str(int(cell)) if is_float(cell) and float(cell).is_integer() else plain(cell)


def _pairs(
    table: pd.DataFrame, columns: Columns, where: Sequence[str], threshold: Threshold, faults: Faults | None
) -> list[list[tuple[str, str]]]:
    """Each row's metadata, in the order of the columns."""
    pairs: list[list[tuple[str, str]]] = [[] for _ in where]
    for name in table.columns:
        cells = list(table[name])
        for code in (code for code, column in columns.tags.items() if column == name):
            limit = threshold_of(code, threshold)
            for row, cell in enumerate(cells):
                try:
                    pairs[row].extend(read_tag(cell, code, limit, f"{where[row]}, column {name!r}"))
                except BadTag as error:
                    _note(faults, row, code, error)
        if name in columns.passed:
            for said, cell in zip(pairs, cells, strict=True):
                if not is_silent(cell):
                    said.append((name, plain(cell)))
    return pairs


def _check_truths(table: pd.DataFrame, truths: Mapping[str, str]) -> None:
    """Raise `BadDraft` where somebody meant golden items and there would be none."""
    if truths and all(is_silent(cell) for name in truths.values() for cell in table[name]):
        named = ", ".join(map(repr, truths.values()))
        raise BadDraft(f"no row has a known answer, so none would be golden: fill {named}, or leave it out")
    if not truths and any(name.lower() == TRUTH.rstrip("_") for name in table.columns):
        raise BadDraft("the column 'truth' does not say of which tag: name it after one, such as truth_a")


def _tells_truth(name: str) -> bool:
    return name.lower().startswith(TRUTH) and SHORT_CODE.fullmatch(name[len(TRUTH) :]) is not None


def _truths(
    table: pd.DataFrame, columns: Columns, where: Sequence[str], faults: Faults | None
) -> list[dict[str, bool]]:
    """Each row's known answers; a blank cell is none."""
    found: list[dict[str, bool]] = [{} for _ in where]
    for code, name in columns.truths.items():
        for row, cell in enumerate(table[name]):
            if is_silent(cell):
                continue
            known = read_bool(cell)
            if known is None:
                place = f"{where[row]}, column {name!r}"
                _note(faults, row, code, BadTag(f"{cell!r} is neither true nor false", where=place))
            else:
                found[row][code] = known
    return found


def _weight(cell: object, where: str, row: int, faults: Faults | None) -> float:
    weight = None if is_silent(cell) else finite(cell)
    if weight is None or weight <= 0:
        _note(faults, row, "", BadDraft(f"the weight {cell!r} is no number above 0", where=where))
        return 1.0
    return weight


def _optional(cell: object) -> str | None:
    return None if is_silent(cell) else plain(cell)


def _is_bool(value: object) -> bool:
    return is_bool(value)
