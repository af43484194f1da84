"""Scores that you already have as a tagger: a file or table of any classifier's. It runs no model.

How a row finds its item
------------------------
A tagger sees pictures and texts, not ids, so a row names its item by one column:

========== ===================================================================================================
``file``   a path, or the end of one (``a.jpg``, ``cats/a.jpg``; the longest that fits counts), or an address
``text``   the text itself, to the letter
``sha256`` of a picture's bytes, in hexadecimal digits; it works in a service too, where no file has a name
========== ===================================================================================================

One row is for one item: two rows with the same key are an error, and when the end of a path fits a second file, that
one is answered with an error, for the score can be of one of them only. Where your rows have *ids*, no tagger is
needed: join them to the table that you give `make_drafts`, whose columns may be scores.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import parse_qsl

from ..errors import BadTag, BadTagger
from ..tags import Tag
from .answers import is_silent, read_value
from .base import Item, Tagger
from .labels import Labels, spelt_alike
from .score_rows import Row, Source, columns_of, find_value, read_rows
from .tagging import Tagging

KEYS = {
    "sha256": ("sha256",),
    "file": (
        "file",
        "path",
        "filename",
        "file_name",
        "file_path",
        "image",
        "image_path",
        "url",
        "image_url",
        "address",
    ),
    "text": ("text", "body", "comment", "message"),
}
"""What a row may name its item by, and the columns that are taken for it; the first that the first row has."""

Value = tuple[bool | None, float | None, tuple[tuple[str, str], ...]]


class Scores(Tagger):
    """Tags items by the scores, labels or true and false of a file or a table.

    Parameters
    ----------
    source : path, DataFrame or iterable of dict
        A JSONL, CSV or TSV file, or rows in Python.
    tags : dict of short code to column or list of columns, optional
        Where a tag's value stands. ``"scores.nsfw"`` leads into nested JSON; ``"label=nsfw"`` is true where the column
        ``label`` says so or, being a list, has it in it, false where it says something else. Of several columns the
        highest score counts, and the tag is true when one of them is: ``{"a": ["porn", "hentai"]}``. Not given, columns
        with the short codes of ``thresholds`` are taken or, without those, which there are of ``a`` and ``r``.
    thresholds : dict of short code to float, optional
        From which score on a tag is true; every tag with scores needs one, for only you know that classifier.
    key : str, optional
        The column that names the item, found by its name (see `KEYS`) unless given.
    by : str, optional
        How it does: ``"file"``, ``"text"`` or ``"sha256"``; to be said with a ``key`` of another name.
    missing : str
        What to answer for an item without a row: ``"error"`` leaves it out of `make_drafts` and lists it in
        ``.refused``, ``"silent"`` says nothing of its tags.
    name, version : str, optional
        Of the classifier; the version is taken from what the rows say unless given.

    Raises
    ------
    BadTagger
        When a row is broken, keys repeat, a column or a label is in no row, a score has no threshold or is not from 0
        to 1.

    Examples
    --------
    >>> rows = [{"file": "a.jpg", "nsfw": 0.91, "label": "photo"}, {"file": "b.jpg", "nsfw": 0.2, "label": "drawing"}]
    >>> tagger = Scores(rows, tags={"a": "nsfw", "drawn": "label=drawing"}, thresholds={"a": 0.8})
    >>> for said in tagger([Path("photos/a.jpg"), Path("photos/c.jpg"), Path("photos/b.jpg")]):
    ...     print(said.error or dict(said.tags))
    {'a': True, 'drawn': False}
    it has no score: no row of the scores is of it
    {'a': False, 'drawn': True}
    """

    name = "scores"
    type = "Image"
    batch_size = 64

    def __init__(
        self,
        source: Source,
        tags: Mapping[str, str | Sequence[str]] | None = None,
        *,
        thresholds: Mapping[str, float] | None = None,
        key: str | None = None,
        by: str | None = None,
        missing: str = "error",
        name: str = "scores",
        version: str | None = None,
    ) -> None:
        if missing not in ("error", "silent"):
            raise BadTagger(f"missing is {missing!r}; it must be 'error' or 'silent'")
        self._tags = _tags_checked(tags if tags is not None else {code: code for code in thresholds or ("a", "r")})
        self.default_thresholds = MappingProxyType(_of_tags(thresholds or {}, self._tags))
        super().__init__(thresholds=self.default_thresholds)
        self.name, self._missing = name, missing
        self._said: dict[str, dict[str, Value]] = {}
        self._labels = Labels(self._tags)
        self._used: dict[str, str] = {}
        first = self._take(source, key, by)
        self._see_that_all_is_there(first, any_will_do=tags is None and not thresholds)
        self.type = "Text" if self._by == "text" else "Image"
        self.version = version or self._fingerprint()

    @classmethod
    def from_setting(cls, argument: str) -> Self:
        """From ``scores:FILE?a=0.8&r=0.4``: a column per short code, and its threshold."""
        path, _, query = argument.partition("?")
        if not path:
            raise BadTagger("the tagger 'scores' needs a file of yours: scores:FILE?a=0.8, where a is a column and tag")
        try:
            thresholds = {code: float(value) for code, value in parse_qsl(query, strict_parsing=bool(query))}
        except ValueError:
            raise BadTagger(f"{query!r} does not say thresholds; write a=0.8&r=0.4") from None
        return cls(path, thresholds=thresholds or None)

    @property
    def by_file(self) -> bool:
        """Whether its rows are of files by name: then it is of no use where names are not known, as in a service."""
        return self._by == "file"

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per item, in order; see `Tagger.tag`."""
        return [self._of_content(item) for item in items]

    def read(self, item: Item) -> bytes | str | Tagging:
        """The answer itself where rows are by file: nothing is read then."""
        if self._by != "file":
            return super().read(item)
        return Tagging(error=_NAMELESS) if isinstance(item, bytes) else self._of_file(item)

    def _of_content(self, item: bytes | str) -> Tagging:
        if isinstance(item, str) is not (self.type == "Text"):
            return Tagging(error=f"it is no {'text' if self.type == 'Text' else 'picture'}")
        if self._by == "file":
            return Tagging(error=_NAMELESS)
        return self._answer(item if isinstance(item, str) else hashlib.sha256(item).hexdigest())

    def _of_file(self, item: str | Path) -> Tagging:
        if isinstance(item, str):
            return self._answer(item)
        path = os.path.abspath(item).replace(os.sep, "/")
        parts = path.split("/")
        ends = (path, *("/".join(parts[start:]) for start in range(1, len(parts))))
        found = next((end for end in ends if end in self._said), "")
        other = self._used.setdefault(found, path) if found else path
        if other != path:
            return Tagging(error=f"the score of {found!r} was that of {other}; say longer paths, or sha256")
        return self._answer(found)

    def _answer(self, key: str) -> Tagging:
        own = (("tagger", f"{self.name} {self.version}"),)
        if key not in self._said:
            silent = self._missing == "silent"
            return Tagging(metadata=own) if silent else Tagging(error="it has no score: no row of the scores is of it")
        said = self._said[key]
        raw = dict.fromkeys((f"{self.name}.{column}", text) for _, _, pairs in said.values() for column, text in pairs)
        return Tagging(
            {code: on for code, (on, _, _) in said.items() if on is not None},
            {code: score for code, (_, score, _) in said.items() if score is not None},
            (*own, *raw),
        )

    def _take(self, source: Source, key: str | None, by: str | None) -> Row:
        """Read all rows, see that each is for an item of its own, and give the first."""
        repeated: dict[str, None] = {}
        first: Row = {}
        for where, row in read_rows(source):
            if not self._said:
                first = row
                key, self._by = _key_of(row, key, by)
            name = _key_checked(find_value(row, key or ""), key, self._by, where)
            if name in self._said:
                repeated[name] = None
            self._said[name] = {code: self._value(row, code, columns, where) for code, columns in self._tags.items()}
        if repeated:
            shown = ", ".join(name[:80] for name in list(repeated)[:5]) + (", ..." if len(repeated) > 5 else "")
            raise BadTagger(f"{len(repeated)} keys are in more than one row: {shown}", where=f"column {key!r}")
        if not self._said:
            raise BadTagger("there is no row in the scores")
        return first

    def _see_that_all_is_there(self, first: Row, *, any_will_do: bool) -> None:
        """Raise `BadTagger` for a tag of which no row says anything; where any will do, only if that is so of all."""
        has = ", ".join(columns_of(first))
        missing = [code for code in self._tags if not any(said[code][2] for said in self._said.values())]
        if any_will_do and len(missing) == len(self._tags):
            raise BadTagger(
                f"no row says anything in {' or '.join(missing)}; there are {has}. Say which column is of which tag, "
                "such as tags={'a': 'nsfw'}"
            )
        if any_will_do:
            self._tags = {code: columns for code, columns in self._tags.items() if code not in missing}
        elif missing:
            columns = " or ".join(self._tags[missing[0]])
            raise BadTagger(f"no row says anything in {columns} for the tag {missing[0]!r}; there are {has}")
        self._labels.check()

    def _value(self, row: Row, code: str, columns: Sequence[str], where: str) -> Value:
        """Whether the tag is on, its score, and what stands in its columns."""
        said: list[tuple[bool | None, float | None]] = []
        raw: list[tuple[str, str]] = []
        for column in columns:
            name, is_label, label = column.partition("=")
            value = find_value(row, name)
            if is_silent(value):
                continue
            if is_label:
                labels = self._labels.read(name, value, where)
                raw.append((name, ", ".join(labels)))
                said.append((spelt_alike(label) in map(spelt_alike, labels), None))
                continue
            raw.append((name, str(value).strip()))
            try:
                on, score = read_value(value, code, self.thresholds.get(code), where)
            except BadTag as error:
                raise BadTagger(error.message.replace("threshold=", "thresholds="), where=where) from None
            if score is not None and not 0 <= score <= 1:
                raise BadTagger(f"the score {score:g} in {name!r} is not from 0 to 1", where=where)
            said.append((on, score))
        on = any(on for on, _ in said) if said else None
        return on, max((score for _, score in said if score is not None), default=None), tuple(raw)

    def _fingerprint(self) -> str:
        """The same for the same rows."""
        seen = hashlib.sha256()
        for key, said in self._said.items():
            seen.update(repr((key, said)).encode("utf-8", "replace"))
        return seen.hexdigest()[:8]


_NAMELESS = "these scores are of files by name, and this came without one"


def _tags_checked(tags: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    try:
        return {
            Tag(code).short_code: (named,) if isinstance(named, str) else tuple(named) for code, named in tags.items()
        }
    except BadTag as error:
        raise BadTagger(error.message, where="tags") from None


def _of_tags(thresholds: Mapping[str, float], tags: Iterable[str]) -> dict[str, float]:
    """The thresholds under the spelling of the tags, each of which is there."""
    known = {code.lower(): code for code in tags}
    for code in thresholds:
        if code.lower() not in known:
            raise BadTagger(f"thresholds names {code!r}, which is no tag here; there are {', '.join(known.values())}")
    return {known[code.lower()]: limit for code, limit in thresholds.items()}


def _key_of(row: Row, key: str | None, by: str | None) -> tuple[str, str]:
    """The column that names the item, and how it does."""
    if by is not None and by not in KEYS:
        raise BadTagger(f"by is {by!r}; it must be {' or '.join(map(repr, KEYS))}")
    names = {name.lower(): name for name in map(str, row)}
    for kind in KEYS if by is None else (by,):
        for name in KEYS[kind]:
            if name in names and key in (None, names[name]):
                return names[name], kind
    if key is None:
        looked_for = ", ".join(name for kind in (KEYS if by is None else (by,)) for name in KEYS[kind])
        raise BadTagger(f"no column names the item: looked for {looked_for}; there are {', '.join(names.values())}")
    if by is None:
        raise BadTagger(f"say what the column {key!r} holds: by='file', by='text' or by='sha256'")
    return key, by


def _key_checked(value: object, column: str | None, by: str, where: str) -> str:
    """What names the item, in the one spelling that is looked for."""
    if value is None or value != value or not str(value).strip():
        raise BadTagger(f"the column {column!r} is empty", where=where)
    text = str(value)
    if by == "sha256":
        text = text.strip().lower()
        if len(text) != 64 or set(text) - set("0123456789abcdef"):
            raise BadTagger(f"{text[:80]!r} is no SHA-256 in 64 hexadecimal digits", where=where)
    if by == "file" and "://" not in text:
        text = os.path.normpath(text.strip().replace("\\", "/")).replace(os.sep, "/")
        while text.startswith("../"):
            text = text[3:]
    return text
