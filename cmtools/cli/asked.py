"""What is asked of `cmtools create`, and what is wrong with the asking itself: exit code 2. It opens no source."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from ..content.base import check_address
from ..errors import BadDraft, BadRequest
from .created import check_file

STDIN = "-"
TABLES = (".csv", ".tsv", ".jsonl")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line as it was given."""

    sources: tuple[str, ...]
    kind: str
    tagger: str
    threshold: tuple[str, ...]
    tags: str | None
    content: str | None
    id: str | None
    new_tags: bool
    subteam: str | None
    callback: str | None
    batch: str
    overlap: int | None
    overlap_share: float | None
    final: str | None
    blind: bool
    golden_overlap: int | None
    skip_near_duplicates: bool
    dry_run: bool
    output: Path | None

    @property
    def is_table(self) -> bool:
        """Whether the source is one table."""
        return len(self.sources) == 1 and self.sources[0].lower().endswith(TABLES)


def check(wanted: Wanted) -> None:
    """Raise click's `UsageError` where the command line cannot be meant."""
    thresholds(wanted.threshold)
    _check_several(wanted)
    _check_sources(wanted.sources)
    if wanted.dry_run and wanted.output is not None:
        refuse("--output", "a dry run makes nothing that could be written; leave out one of --dry-run and --output")
    if wanted.output is not None:
        try:
            check_file(wanted.output)
        except BadRequest as error:
            refuse("--output", str(error))
    if wanted.callback is not None and not wanted.is_table:
        try:
            check_address(wanted.callback, "callback")
        except BadDraft as error:
            refuse("--callback", error.message)


def _check_several(wanted: Wanted) -> None:
    """A share and a rule are of what several people review."""
    if wanted.overlap is not None and wanted.overlap > 1:
        return
    if wanted.overlap_share is not None:
        refuse("--overlap-share", "say also how many people review that share, as in --overlap 2")
    if wanted.final is not None:
        refuse("--final", "it settles what several people say; say also how many they are, as in --overlap 2")


def _check_sources(sources: tuple[str, ...]) -> None:
    """One folder, table or - at a time. Among files that a shell named, a folder is left out as what it is."""
    if len(sources) < 2:
        return
    if STDIN in sources:
        refuse("the source", "- is standard input, and is given alone")
    if all(map(os.path.isdir, sources)):
        refuse("the source", "one folder at a time: give the folder that they are in, or call it for each")
    if all(source.lower().endswith(TABLES) for source in sources):
        refuse("the source", "one table at a time: call it for each")


def refuse(option: str, problem: str) -> NoReturn:
    """End with click's exit code of a wrong option, which is named."""
    raise click.BadParameter(problem, ctx=click.get_current_context(silent=True), param_hint=option)


def thresholds(given: tuple[str, ...]) -> dict[str, float]:
    """Short code -> score, from ``a=0.7``.

    Examples
    --------
    >>> thresholds(("a=0.7", "r = 0.5"))
    {'a': 0.7, 'r': 0.5}
    """
    found: dict[str, float] = {}
    for text in given:
        code, equals, value = (part.strip() for part in text.partition("="))
        try:
            score = float(value)
        except ValueError:
            score = -1.0
        if not (code and equals and 0 <= score <= 1):
            refuse("--threshold", f"it is {text!r}; it must look like a=0.7, the score from 0 to 1")
        if code.lower() in map(str.lower, found):
            refuse("--threshold", f"{code!r} is given more than once; a tag has one threshold")
        found[code] = score
    return found


def tag_columns(given: str | None) -> dict[str, str] | None:
    """Short code -> column, from ``a,sp=is_spam``; None where nothing is given.

    Examples
    --------
    >>> tag_columns("a, sp=is_spam")
    {'a': 'a', 'sp': 'is_spam'}
    """
    if given is None:
        return None
    pairs = [part.partition("=") for part in given.split(",") if part.strip()]
    return {code.strip(): (column if equals else code).strip() for code, equals, column in pairs}
