"""An agreement as one file that a person can read, print and pass on: which kinds there are, and how they are written.

What a report says is in `content`, each format in a file of its own. Nothing is estimated here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from ...errors import BadRequest
from ..agreement import Agreement
from ..gallery import Pictures
from .content import DIGITS, TITLE, Content
from .html import page
from .markdown import markdown

SHOWN = 48
"""How many disagreements a report lists unless told otherwise."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_report(
    agreement: Agreement,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    pictures: Pictures = None,
    limit: int = SHOWN,
) -> Path:
    """Write an agreement as one self-contained file: a page, Markdown, a table or a workbook, by the suffix.

    Each says the figures with their intervals, methods and flags, the counts behind them, the disagreements, what the
    words mean and every choice that was made (a ``.csv`` has the tidy table alone, with the choices in each row). The
    page has no script and asks nothing of the network; it reads on light and dark screens, on a telephone and on paper.
    The same agreement and pictures always give the same bytes.

    Parameters
    ----------
    agreement : Agreement
        What to report.
    path : str or path
        Where to; ends in ``.html``, ``.md``, ``.csv`` or ``.xlsx``. A file that is there is replaced at once or not at
        all.
    title : str, optional
        The heading.
    pictures : mapping or callable, optional
        Review id to picture bytes (or None), or a function of a list of ids such as ``client.thumbnails``. With them
        a page shows the disagreements as pictures; the other formats list them by name.
    limit : int
        How many disagreements to list, worst first.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BadRequest
        When the directory does not exist, cannot be written to, or the suffix is another.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"tag": ["a", "a"], "auto": [True, False], "human": [True, True]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write_report(Agreement(frame), f"{folder}/agreement.md").read_text().splitlines()[0])
    # Agreement between auto tags and human tags
    """
    target = Path(path)
    write = FORMATS.get(target.suffix.lower())
    if write is None:
        raise BadRequest(f"{target.name!r} does not end in one of {', '.join(FORMATS)}, the kinds of report there are")
    if not target.parent.is_dir():
        raise BadRequest(f"there is no directory {str(target.parent)!r}; make it first")
    _write(target, write(Content(agreement, title or TITLE, limit), pictures))
    return target


def _write(target: Path, report: bytes) -> None:
    """All of the report or nothing: written beside the target, then moved into its place."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(report)
        os.replace(draft, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise BadRequest(f"cannot write {str(target)!r}: {error.strerror}") from error


def _html(content: Content, pictures: Pictures) -> bytes:
    return page(content, pictures).encode()


def _markdown(content: Content, pictures: Pictures) -> bytes:  # noqa: ARG001 - the formats' common shape
    return markdown(content).encode()


def _csv(content: Content, pictures: Pictures) -> bytes:  # noqa: ARG001 - the formats' common shape
    """The tidy table. A word that a spreadsheet would take for a formula gets an apostrophe before it."""
    table = content.tidy
    choices = "; ".join(f"{name}: {value}" for name, value in content.choices)
    table = table.assign(
        level=content.agreement.level, choices=choices, fingerprint=content.agreement.facts.fingerprint
    )
    for name in (*content.agreement.by, "tag"):
        table[name] = [
            f"'{word}" if isinstance(word, str) and word.startswith(_FORMULA) else word for word in table[name]
        ]
    return table.to_csv(index=False, lineterminator="\n", float_format=f"%.{DIGITS}g").encode()


def _excel(content: Content, pictures: Pictures) -> bytes:  # noqa: ARG001 - the formats' common shape
    # The writer of workbooks is loaded for those who want one.
    from .excel import workbook

    return workbook(content)


FORMATS: dict[str, Callable[[Content, Pictures], bytes]] = {
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".csv": _csv,
    ".xlsx": _excel,
}
"""What writes each kind of report, by suffix."""
