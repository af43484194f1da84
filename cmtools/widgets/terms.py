"""Where the words that a classifier flagged stand in a text, as a browser counts. It judges no text itself.

Flagged words are read from metadata: ``words.found`` of the tagger `Words`, ``matchTerms`` of a workflow's job and
``Terms`` of a screening. They are looked for in all the disguises that `Words` knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate

from ..errors import BadTagger
from ..model import Pairs
from ..taggers.words import MAX_CHARACTERS, Words

LISTS = frozenset({"words.found"})
"""Metadata keys whose values are words with commas between."""
FOUND = frozenset({"matchterms", "terms"})
"""Metadata keys, in any case, whose values are JSON arrays of what was found, or of words."""
MORE = re.compile(r" and \d+ more$")
MOST_TERMS = 200


def terms_of(metadata: Pairs) -> tuple[str, ...]:
    """The flagged words that metadata names, each once.

    Examples
    --------
    >>> terms_of((("words.found", "spam, buy now and 3 more"), ("matchTerms", '[{"Index": 3, "Term": "crap"}]')))
    ('spam', 'buy now', 'crap')
    """
    found: dict[str, None] = {}
    for key, value in metadata:
        if key in LISTS:
            found.update(dict.fromkeys(MORE.sub("", value).split(", ")))
        elif key.lower() in FOUND:
            found.update(dict.fromkeys(_named(value)))
    return tuple(term for term in found if term.strip())[:MOST_TERMS]


def _named(value: str) -> Iterator[str]:
    """The words in a JSON array; nothing where it is none."""
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        return
    for item in items if isinstance(items, list) else ():
        term = item.get("Term", item.get("term")) if isinstance(item, dict) else item
        if isinstance(term, str):
            yield term


def marks_of(text: str, metadata: Pairs) -> list[tuple[int, int]]:
    """Start and end of every flagged word in a text, in UTF-16 units as JavaScript counts, from left to right.

    Examples
    --------
    >>> marks_of("Sp4m \\N{GRINNING FACE} spam", (("words.found", "spam"),))
    [(0, 4), (8, 12)]
    """
    return find(text, terms_of(metadata))


def plain_marks_of(text: str, metadata: Pairs) -> list[tuple[int, int]]:
    """Only those that stand in a text as they are spelt in the list, in any case: a hundred times as quick.

    Examples
    --------
    >>> plain_marks_of("Spam, SPAM, sp4m", (("words.found", "spam"),))
    [(0, 4), (6, 10)]
    """
    terms = terms_of(metadata)
    if not terms:
        return []
    whole = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    found = re.finditer(rf"(?<!\w)(?:{whole})(?!\w)", text, re.IGNORECASE)
    return list(_in_utf16(text, [match.span() for match in found]))


def find(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Start and end of every one of these words in a text, as `marks_of`."""
    if not terms or (tagger := _tagger(tuple(terms))) is None:
        return []
    (said,) = tagger.tag([text[:MAX_CHARACTERS]])
    spans = [(term.original_index, term.original_index + len(term.spelling)) for term in said.terms]
    return list(_in_utf16(text, spans)) if spans else []


def _in_utf16(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if text.isascii():
        yield from spans
        return
    places = [0, *accumulate(2 if ord(letter) > 0xFFFF else 1 for letter in text)]
    for start, end in spans:
        yield places[start], places[end]


@lru_cache(maxsize=256)
def _tagger(terms: tuple[str, ...]) -> Words | None:
    """What looks for these words; a word that cannot be looked for is left out."""
    good = []
    for term in terms:
        with suppress(BadTagger):
            Words([term])
            good.append(term)
    return Words(good) if good else None
