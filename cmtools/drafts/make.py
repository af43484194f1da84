"""`make_drafts`: find, look at, tag. Where things are found and what a column means is decided beside it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

import pandas as pd
from tqdm.auto import tqdm

from ..content import ContentType, content_type
from ..content.image import look_over
from ..content.near import Look
from ..errors import BadDraft, BadPicture, BadTag
from ..model import Draft
from ..taggers import Tagger
from .base import Drafts, Faults, Item, bar_over, printable, refused_table
from .columns import (
    Metadata,
    Tags,
    Threshold,
    choose_columns,
    plain,
    read_rows,
)
from .sources import Table, find
from .tagging import TaggerFunction, check_tagger, tag_all

T = TypeVar("T")
Source = str | Path | pd.DataFrame | Iterable[str | Path | Mapping[str, object]]


def make_drafts(
    source: Source,
    *,
    type: str = "Image",
    content: str | None = None,
    id: str | None = None,
    tags: Tags = None,
    threshold: Threshold = None,
    metadata: Metadata = None,
    callback: str | None = None,
    tagger: Tagger | TaggerFunction | None = None,
    recursive: bool = True,
    progress: bool | Literal["bars"] = True,
) -> Drafts:
    """Turn a folder, glob, list or table into drafts, ready for ``client.create_reviews``.

    Pictures on this machine are looked at (decoded once): those that cannot be shown are left out and listed in
    ``.refused`` with the reason; the good ones are kept. Nothing is uploaded yet.

    Parameters
    ----------
    source : str, Path, DataFrame or list
        A folder, a glob such as ``"photos/**/*.jpg"``, one file or address, a list of files and addresses (for texts:
        of strings), a DataFrame, a list of dicts, or the path of a CSV, TSV or JSONL file. Hidden files are left aside.
    type : str
        ``"Image"``, ``"Text"`` or ``"Video"``, whose drafts are of addresses: a video is not uploaded.
    content, id : str, optional
        The columns of a table with the content and with the id. Not given, they are found by name: ``content``,
        ``image``, ``url``, ``path``, ``file`` ... (``text``, ``body`` ... for texts) and ``id``, ``content_id`` ...
        Relative paths start from the CSV's folder, in a DataFrame from the working directory. Without an id column the
        content is the id, in a folder the path inside it, and texts are counted.
    tags : list of str, or dict of short code to column, optional
        The tag columns. Not given, these are: columns named ``a`` or ``r``; columns that ``threshold`` names; and
        columns that hold booleans or only the words true and false, when their name can be a short code. A column of 0
        and 1 under another name is not guessed to be a tag: name it. An empty cell says nothing of the tag.
    threshold : float or dict of short code to float, optional
        Scores at or above it make the tag true; the score is kept as ``<short code>.score``. Without a threshold,
        scores in a tag column are an error.
    metadata : dict or list of str, optional
        A dict is added to every draft. A list names the columns to pass on; not given, every column that has no other
        use is passed on as metadata (columns ``weight`` and ``stratum`` become the draft's own). Columns such as
        ``truth_a`` hold known answers: a row with any of them is a golden item, a row with none an ordinary one.
    callback : str, optional
        The address to tell of each decision, or the column that holds it.
    tagger : Tagger or callable, optional
        One of ``cmtools.taggers``, such as ``Opennsfw()``: its own thresholds hold unless ``threshold`` is given, and
        what it says besides becomes metadata. Or a function that takes a list of paths, addresses or texts and returns
        one dict per item: short code to True, False, a score (which needs a threshold) or None to say nothing; an
        exception in place of a dict leaves that item out.
    recursive : bool
        Whether the folders in a folder are searched too.
    progress : bool or "bars"
        Show a bar on long work, and one line when something was left out; or the bars without the line.

    Returns
    -------
    Drafts
        In the order of the list or table, or sorted by path; empty when all was left out.

    Raises
    ------
    BadDraft
        When nothing is found, a column is missing, or ids repeat.
    BadTag
        When a tag's value is neither true nor false; the row, column and value are named.

    Examples
    --------
    >>> table = pd.DataFrame({"text": ["Hi!", "Buy now"], "id": [7, 8], "a": [False, True], "spam": [0.1, 0.93]})
    >>> drafts = make_drafts(table, type="Text", threshold={"spam": 0.5})
    >>> drafts[1].metadata
    (('a', 'True'), ('spam', 'True'), ('spam.score', '0.93'))
    >>> sorted(drafts.tag_codes)
    ['a', 'spam']
    """
    kind = content_type(type)
    items, codes = read_items(
        source,
        kind,
        content,
        id,
        tags=tags,
        threshold=threshold,
        metadata=metadata,
        callback=callback,
        recursive=recursive,
    )
    _check_thresholds(threshold, codes, tagger)
    check_tagger(tagger, kind)
    _check_ids(items)
    looks: dict[Path, Look] = {}
    drafts, refused = _look_at_all(items, kind, looks, bool(progress))
    sources = {item.content_id: printable(item.source) for item in items}
    if tagger is not None:
        drafts, failed, said = tag_all(drafts, sources, tagger, threshold, bool(progress))
        refused += failed
        codes = _joined(codes, said)
    made = Drafts(drafts, refused=refused_table(refused), tag_codes=codes, looks=looks, sources=sources)
    if progress and progress != "bars" and refused:
        tqdm.write(repr(made))  # a plain line: a warning would stop runs in which warnings are errors
    return made


def read_items(
    source: Source,
    kind: ContentType,
    content: str | None = None,
    id: str | None = None,
    *,
    tags: Tags = None,
    threshold: Threshold = None,
    metadata: Metadata = None,
    callback: str | None = None,
    recursive: bool = True,
    faults: Faults | None = None,
) -> tuple[list[Item], set[str]]:
    """What a source holds, not looked at yet, and the short codes of its tag columns; arguments as of `make_drafts`.

    With ``faults`` a row of a table that cannot be read in full is no error: its item says what was passed over.

    Examples
    --------
    >>> items, codes = read_items(pd.DataFrame({"text": ["Hi!"], "a": [True]}), content_type("Text"))
    >>> items[0].content_id, items[0].pairs, codes
    ('text-0001', (('a', 'True'),), {'a'})
    """
    found = find(source, kind.name, recursive)
    codes: set[str] = set()
    if isinstance(found, Table):
        columns = choose_columns(
            found.frame, kind.name, content, id, tags=tags, threshold=threshold, metadata=metadata, callback=callback
        )
        items = read_rows(found, columns, kind.name, threshold, faults)
        codes.update(columns.tags, columns.truths)
        callback = None if columns.callback else callback
    else:
        _refuse_columns(content=content, id=id, tags=tags, metadata=metadata)
        items = found
    return _with_constants(items, metadata, callback), codes


def _with_constants(items: list[Item], metadata: Metadata, callback: str | None) -> list[Item]:
    """The items with what was said once for all of them."""
    pairs = [(str(key), plain(value)) for key, value in metadata.items()] if isinstance(metadata, Mapping) else []
    if not pairs and callback is None:
        return items
    return [replace(item, pairs=(*item.pairs, *pairs), callback=callback or item.callback) for item in items]


def _joined(of_table: set[str], of_tagger: set[str]) -> set[str]:
    """The codes of both; one tag from two sources is an error."""
    if both := {code.lower() for code in of_table} & {code.lower() for code in of_tagger}:
        raise BadTag(f"the tag {min(both)!r} comes from the table and from the tagger")
    return of_table | of_tagger


def _look_at_all(
    items: list[Item], kind: ContentType, looks: dict[Path, Look], progress: bool
) -> tuple[list[Draft], list[tuple[str, str]]]:
    """The drafts of the items that can be shown, and (source, reason) of the others; pictures' ``looks`` are added."""
    local = any(isinstance(item.content, Path) for item in items)
    pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1)) if local else None  # Pillow decodes outside Python's lock
    results = pool.map(lambda item: look_at(item, kind, looks), items) if pool else (look_at(i, kind) for i in items)
    drafts: list[Draft] = []
    refused: list[tuple[str, str]] = []
    try:
        bar = bar_over(results, "Looking", len(items), progress)
        for item, result in zip(items, bar, strict=True):
            if isinstance(result, Draft):
                drafts.append(result)
            else:
                refused.append((printable(item.source), result))
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)  # an interrupt leaves at once and no thread behind
    return drafts, refused


def look_at(item: Item, kind: ContentType, looks: dict[Path, Look] | None = None) -> Draft | str:
    """The item as a draft, or the reason why it cannot be shown. What the caller did wrong is raised.

    What is kept of a picture that is decoded here, to tell its copies, is added to ``looks``.

    Examples
    --------
    >>> look_at(Item("row 1", "nowhere.jpg", "7"), content_type("Image"))
    "content: 'nowhere.jpg' is no address: it must start with http:// or https://"
    """
    path = item.content if isinstance(item.content, Path) else None
    draft = Draft(
        content=path.name if path else str(item.content),
        content_id=item.content_id,
        type=kind.name,
        metadata=item.pairs,
        callback_endpoint=item.callback,
        path=path,
        weight=item.weight,
        stratum=item.stratum,
        truth=item.truth,
    )
    try:
        if path and path.is_dir():
            return "it is a folder; give it as the source by itself"
        kind.check(draft)
        if path:
            _, look = look_over(path)
            if looks is not None:
                looks[path] = look
    except BadPicture as error:
        return error.message
    except OSError as error:
        return f"the file cannot be read: {error.strerror or error}"
    except BadDraft as error:
        if error.where == "path":
            return error.message
        if error.where in ("content", "content_id"):
            return f"the file name: {error.message}" if path else str(error)
        raise BadDraft(error.message, where=f"{item.source}, {error.where}") from None
    return draft


def _refuse_columns(**named: object) -> None:
    for argument, value in named.items():
        if value is not None and not (argument == "metadata" and isinstance(value, Mapping)):
            raise BadDraft(f"{argument}= names columns, but the source is no table; give a DataFrame or a CSV file")


def _check_thresholds(threshold: Threshold, codes: set[str], tagger: object) -> None:
    """Every threshold has a tag; with a tagger only its answers will tell."""
    if tagger is not None:
        return
    have = {code.lower() for code in codes}
    for code in threshold if isinstance(threshold, Mapping) else ():
        if code.lower() not in have:
            raise BadTag(
                f"threshold names {code!r}, which is no tag here; the tags are {', '.join(sorted(codes)) or 'none'}"
            )


def _check_ids(items: list[Item]) -> None:
    counts = Counter(item.content_id for item in items)
    repeated = [key for key, count in counts.items() if count > 1]
    if repeated:
        shown = ", ".join(map(repr, repeated[:5])) + (", ..." if len(repeated) > 5 else "")
        raise BadDraft(
            f"{len(repeated)} id{'s' if len(repeated) > 1 else ''} used more than once: {shown}. Ids must differ; "
            "in a table name a column of ids with id='...'"
        )
