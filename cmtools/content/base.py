"""The contract of a content type and the checks that every draft shares. It reads no files and knows no wire names."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from ..errors import BadDraft
from ..model import Draft, Pairs

MAX_ID_CHARACTERS = 1024
MAX_ADDRESS_CHARACTERS = 8192
MAX_METADATA_PAIRS = 1000
MAX_OVERLAP = 100
"""The most people that one draft is given to."""
FINAL_RULES = ("majority", "unanimity", "adjudication")
MAX_METADATA_CHARACTERS = 100_000


class ContentType(ABC):
    """One kind of content: its API name, the letter in its review ids, and what makes a draft of it acceptable.

    A kind is a subclass in a file of its own and one line in the table of ``cmtools.content``.

    Examples
    --------
    >>> from cmtools.content import content_type
    >>> content_type("image").name, content_type("Text").letter
    ('Image', 't')
    """

    name: ClassVar[str]
    letter: ClassVar[str]
    statuses: ClassVar[tuple[str, ...]] = ("Pending",)
    framed: ClassVar[bool] = False
    """Whether it has frames: pictures at moments, each with tags of its own."""

    def check(self, draft: Draft) -> None:
        """Raise `BadDraft`, with the field at fault in ``where``, unless the draft can become a review."""
        check_common(draft)
        if draft.status not in self.statuses:
            can = " or ".join(self.statuses)
            raise BadDraft(f"a draft of type {self.name} can be {can}, not {draft.status!r}", where="status")
        if draft.frames and not self.framed:
            raise BadDraft(f"a draft of type {self.name} has no frames: only a video has", where="frames")
        self.check_content(draft)

    @abstractmethod
    def check_content(self, draft: Draft) -> None:
        """The checks of ``content`` and ``path`` that only this kind has."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} {self.letter!r}>"


def check_common(draft: Draft) -> None:
    """The checks that do not depend on the kind: an id, storable text, sane metadata and numbers."""
    check_string(draft.content_id, "content_id", most=MAX_ID_CHARACTERS)
    check_pairs(draft.metadata, "metadata")
    if draft.callback_endpoint:  # the service's own samples also send it empty
        check_address(draft.callback_endpoint, "callback_endpoint")
    if draft.stratum is not None:
        check_string(draft.stratum, "stratum", most=MAX_ID_CHARACTERS, may_be_empty=True)
    try:
        good = math.isfinite(draft.weight) and draft.weight > 0
    except TypeError:
        good = False
    if not good:
        raise BadDraft(f"the weight is {draft.weight}; it must be a number above 0", where="weight")
    if draft.overlap != 1 or draft.truth is not None or draft.final != FINAL_RULES[0]:
        check_several(draft)


def check_several(draft: Draft) -> None:
    """The checks of what is for several people, or golden."""
    whole = isinstance(draft.overlap, int) and not isinstance(draft.overlap, bool)
    if not whole or not 1 <= draft.overlap <= MAX_OVERLAP:
        message = f"the overlap is {draft.overlap!r}; it is how many people review it: 1 to {MAX_OVERLAP}"
        raise BadDraft(message, where="overlap")
    if draft.final not in FINAL_RULES:
        raise BadDraft(f"there is no rule {draft.final!r}; there are {', '.join(FINAL_RULES)}", where="final")
    if draft.truth is None:
        return
    if not draft.truth:
        raise BadDraft("it names no tag: a golden item needs at least one known answer", where="truth")
    for code, value in draft.truth.items():
        check_string(code, "truth", most=MAX_ID_CHARACTERS)
        if not isinstance(value, bool):
            raise BadDraft(f"of {code!r} it says {value!r}, which is neither true nor false", where="truth")


def check_pairs(pairs: Pairs, where: str) -> None:
    """Raise `BadDraft` unless these are key-value pairs that can be kept, and not absurdly many."""
    if not isinstance(pairs, (tuple, list)):
        raise BadDraft("it must be pairs such as (('a', 'True'),)", where=where)
    if len(pairs) > MAX_METADATA_PAIRS:
        raise BadDraft(f"{len(pairs)} metadata pairs; the most is {MAX_METADATA_PAIRS}", where=where)
    try:
        for index, (key, value) in enumerate(pairs):
            if problem := _problem(key, MAX_ID_CHARACTERS, may_be_empty=False):
                raise BadDraft(problem, where=f"{where}[{index}].key")
            if problem := _problem(value, MAX_METADATA_CHARACTERS, may_be_empty=True):
                raise BadDraft(problem, where=f"{where}[{index}].value")
    except (TypeError, ValueError):  # one of them is no pair; to look at each beforehand would cost every good one
        raise BadDraft("it must be pairs such as (('a', 'True'),)", where=where) from None


def check_string(value: object, where: str, *, most: int, may_be_empty: bool = False) -> None:
    """Raise `BadDraft` unless the value is text that every database can keep, of at most that many characters."""
    if problem := _problem(value, most, may_be_empty):
        raise BadDraft(problem, where=where)


def _problem(value: object, most: int, may_be_empty: bool) -> str | None:
    """What is wrong with a text, or nothing."""
    if not isinstance(value, str):
        return f"{value!r} is not text"
    if not may_be_empty and not value.strip():
        return "it is empty"
    if len(value) > most:
        return f"it has {len(value):,} characters; the most is {most:,}"
    if "\x00" in value:
        return "it has a NUL character, which databases refuse"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"it has half a character (a lone surrogate) at place {error.start}"
    return None


def check_file(value: object, where: str) -> None:
    """Raise `BadDraft` unless the value is the path of a file that is there."""
    if not isinstance(value, Path):
        raise BadDraft(f"{value!r} is no Path: write Path({value!r})", where=where)
    if not value.is_file():
        raise BadDraft(f"there is no file {str(value)!r}", where=where)


def check_address(value: object, where: str) -> None:
    """Raise `BadDraft` unless the value looks like an address that a browser can fetch."""
    check_string(value, where, most=MAX_ADDRESS_CHARACTERS)
    text = str(value)
    scheme, mark, rest = text.partition("://")
    if not mark or scheme.lower() not in ("http", "https") or not rest.strip("/"):
        shown = text if len(text) <= 80 else f"{text[:77]}..."
        raise BadDraft(f"{shown!r} is no address: it must start with http:// or https://", where=where)
    if len(text.split()) > 1:
        raise BadDraft(f"the address {text[:80]!r} has a space in it; write it as %20", where=where)
    if not _names_a_host(text):
        raise BadDraft(f"the address {text[:80]!r} names no host and port that can be read", where=where)


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.port != -1 and parts.hostname != ""  # they are read only now; what cannot be is an error
    except ValueError:
        return False
