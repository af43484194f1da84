"""Tags texts by lists of terms that the user gives: whole words and their simple disguises. It ships no list itself.

What counts as the same word
----------------------------
A term is found where it stands as a whole word (or words), and also where it is written

* in any case, in full-width or styled letters, with zero-width characters or strokes put in;
* with digits and signs for letters (``5pam``, ``$p@m``; see `letters.STANDS_FOR`) while one letter is still itself;
* with a letter three times or more (``spaaam``); twice is another word (``god`` is not ``good``);
* with points between its letters (``s.p-a_m``), or with white space between all of them (``s p a m``): from three
  letters on, two of them themselves, and never across the end of a line.

Left alone are: parts of longer words, apostrophes (``he'll``), other accents (``e`` is not ``é``), letters of other
alphabets that look alike, letters behind a star (``s*am``), and misspellings. In scripts that are written without
spaces (Han, Hiragana, Thai ...) a term is found inside longer words too.

What a list looks like
----------------------
UTF-8, one term a line. ``#`` starts a comment where a line or a blank stands before it. ``[code]`` on a line of its own
says which tag the terms below it stand for::

    # shop spam
    buy now
    [a]
    some explicit word
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..errors import BadTag, BadTagger
from ..model import FoundTerm
from ..tags import Tag
from .base import Tagger, Tagging
from .letters import GAP, Run, runs

MAX_CHARACTERS = 100_000
"""Of a text; a longer one is answered with an error."""
MAX_TERM_CHARACTERS = 100
MAX_LIST_BYTES = 20_000_000
LEAST_SPELT_OUT = 3
"""Letters that a term needs before it is looked for with something between them."""
LONGEST_GAP = 3
"""Characters that may stand between two letters or two words of a term."""
SHOWN = 20
"""How many different terms are named in metadata."""

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_SECTION = re.compile(r"\[([^\[\]]*)\]")

# What is known of a way through the trie: letters stood side by side; white space was passed over; anything was passed
# over; a letter stood for itself; so did a second one; the last thing was a gap.
_JOINED, _SPACED, _SKIPPED, _ITSELF, _TWICE, _AFTER_GAP = 1, 2, 4, 8, 16, 32


@dataclass(slots=True, eq=False)
class _Node:
    """A place in the trie of all terms; ``term`` where one ends."""

    next: dict[str, _Node] = field(default_factory=dict)
    term: str | None = None
    letters: int = 0
    codes: set[str] = field(default_factory=set)


Way = tuple[_Node, int]


class Words(Tagger):
    """Tags texts in which a term of your own lists stands.

    Parameters
    ----------
    *lists : Path, str or iterable of str
        Files, one list per language say; a folder stands for all its ``.txt`` files. A list in Python is the terms
        themselves. A string is a path, never a term.
    code : str
        The short code of the tag that terms stand for where their list names none. It is ``p`` (profane) unless you
        say otherwise, and not ``a``, for most lists hold more than sexual words, and a wrong ``a`` would spoil its
        agreement with people. A team must be given this tag: ``client.add_tag("p", "isprofane")``.

    Raises
    ------
    BadTagger
        When a list is not there, is empty or not UTF-8, or a line is no term; the line is named.

    Notes
    -----
    There is no score: a listed word is there or not. The time is linear in the length of the text.

    Examples
    --------
    >>> said = Words(["spam", "buy now"], code="sp").tag(["Sp@m! BUY-NOW", "Spamalot"])
    >>> [dict(answer.tags) for answer in said]
    [{'sp': True}, {'sp': False}]
    >>> said[0].terms[1]
    FoundTerm(index=6, original_index=6, term='buy now', spelling='BUY-NOW')
    """

    name = "words"
    type = "Text"

    def __init__(self, *lists: str | Path | Iterable[str], code: str = "p") -> None:
        super().__init__()
        self._root = _Node()
        self._seen = hashlib.sha256()
        self._codes: dict[str, None] = {}
        for given in lists:
            for where, lines in _opened(given):
                self._add_list(where, lines, _code(code, "code"))
        if not self._root.next:
            raise BadTagger("there is no term to look for; give a list: Words('words.txt'), or words:words.txt")
        self.version = self._seen.hexdigest()[:8]

    @classmethod
    def from_setting(cls, argument: str) -> Self:
        """From ``words:PATH``, a file or a folder of ``.txt`` files."""
        if not argument:
            raise BadTagger("the tagger 'words' needs a list of yours: words:PATH, a file or a folder of .txt files")
        return cls(argument)

    @property
    def codes(self) -> tuple[str, ...]:
        """The tags that its terms stand for."""
        return tuple(self._codes)

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per text, in order; see `Tagger.tag`."""
        return [self._tagged(item) for item in items]

    def _tagged(self, text: bytes | str) -> Tagging:
        if not isinstance(text, str):
            return Tagging(error="it is no text")
        if len(text) > MAX_CHARACTERS:
            return Tagging(error=f"it has {len(text):,} characters; the most is {MAX_CHARACTERS:,}")
        terms, said = [], set()
        for node, start, end in _found(self._root, runs(text)):
            terms.append(FoundTerm(start, start, node.term or "", text[start:end]))
            said |= node.codes
        metadata = [("tagger", f"{self.name} {self.version}")]
        if terms:
            different = list(dict.fromkeys(found.term for found in terms))
            more = f" and {len(different) - SHOWN} more" if len(different) > SHOWN else ""
            metadata.append(("words.found", ", ".join(different[:SHOWN]) + more))
        return Tagging({code: code in said for code in self._codes}, {}, tuple(metadata), tuple(terms))

    def _add_list(self, where: str, lines: Iterable[str], code: str) -> None:
        for number, line in enumerate(lines, start=1):
            at = f"{where}, line {number}"
            if not isinstance(line, str):
                raise BadTagger(f"{line!r} is no term; a list in Python holds texts, such as ['spam']", where=at)
            text = _COMMENT.sub("", line).strip()
            if section := _SECTION.fullmatch(text):
                code = _code(section[1].strip(), at)
            elif text:
                self._add(text, code, at)

    def _add(self, term: str, code: str, where: str) -> None:
        """Put a term into the trie."""
        if len(term) > MAX_TERM_CHARACTERS:
            raise BadTagger(f"a term has at most {MAX_TERM_CHARACTERS} characters, this one {len(term)}", where=where)
        parts = runs(term)
        while parts and parts[0].is_gap:
            parts.pop(0)
        while parts and parts[-1].is_gap:
            parts.pop()
        if all(run.kind == "sign" for run in parts):
            raise BadTagger(f"{term!r} has no letter to look for", where=where)
        if len(parts) == parts[0].length == 1 and parts[0].kind == "word":
            raise BadTagger(f"{term!r} is one letter; it would be found in nearly every text", where=where)
        node = self._root
        for run in parts:
            for _ in range(1 if run.is_gap else run.length):
                node = node.next.setdefault(run.sign, _Node())
        node.term = node.term or term
        node.letters = sum(run.length for run in parts if not run.is_gap)
        node.codes.add(code)
        self._codes[code] = None
        self._seen.update(f"{code}\t{term}\n".encode("utf-8", "replace"))


def _code(code: str, where: str) -> str:
    try:
        return Tag(code).short_code
    except BadTag as error:
        raise BadTagger(error.message, where=where) from None


def _opened(given: str | Path | Iterable[str]) -> Iterator[tuple[str, Iterable[str]]]:
    """Every list that was given, with its name."""
    if not isinstance(given, str | Path | Iterable):
        raise BadTagger(f"{given!r} is no list; give a file, a folder, or the terms themselves: Words(['spam'])")
    if not isinstance(given, str | Path):
        yield "the list", given
        return
    path = Path(given).expanduser()
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files:
        raise BadTagger(f"the folder {str(path)!r} has no .txt file in it")
    for file in files:
        try:
            if file.exists() and not file.is_file():  # a pipe would wait for ever
                raise BadTagger(f"the list {str(file)!r} is no file")
            if file.exists() and file.stat().st_size > MAX_LIST_BYTES:
                raise BadTagger(f"the list {str(file)!r} has more than {MAX_LIST_BYTES // 1_000_000} MB")
            yield file.name, file.read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise BadTagger(f"the list {str(file)!r} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise BadTagger("it is not UTF-8; save it as UTF-8", where=f"{file.name}, line {line}") from None


def _found(root: _Node, parts: list[Run]) -> Iterator[tuple[_Node, int, int]]:
    """Every term with its place, from left to right, the longest of those that start at one place."""
    place = 0
    while place < len(parts):
        if parts[place].is_gap or not _is_border(parts, place):
            place += 1
            continue
        node, after = _longest(root, parts, place)
        if node is None:
            place += 1
            continue
        yield node, parts[place].start, parts[after - 1].end
        place = after


def _longest(root: _Node, parts: list[Run], place: int) -> tuple[_Node | None, int]:
    """The longest term that starts at a run, and the run after it. No way is longer than the longest term."""
    ways: list[Way] = [(root, _AFTER_GAP)]
    best, after = None, place
    while ways and place < len(parts):
        run = parts[place]
        place += 1
        if run.is_gap:
            ways = _different(_over_gap(ways, run))
            continue
        ways = _different([*_along(ways, run), *(_over_gap(ways, run) if run.kind == "sign" else ())])
        if _is_border(parts, place):
            for node, known in reversed(ways):  # the first counts: letters that stand for themselves
                if node.term is not None and _counts(node, known):
                    best, after = node, place
    return best, after


def _different(ways: Iterable[Way]) -> list[Way]:
    return list(dict.fromkeys(ways))  # in order, so that the same text gives the same answer every time


def _counts(node: _Node, known: int) -> bool:
    if known & _AFTER_GAP or not known & _ITSELF:
        return False
    return not known & _SKIPPED or (bool(known & _TWICE) and node.letters >= LEAST_SPELT_OUT)


def _is_border(parts: list[Run], place: int) -> bool:
    """Whether a word may start or end before this run."""
    if place in (0, len(parts)):
        return True
    return parts[place - 1].kind != "word" or parts[place].kind != "word"


def _along(ways: Iterable[Way], run: Run) -> Iterator[Way]:
    """The ways that go on with the letter of a run: as often as it is there or, from three on, less often too."""
    for node, known in ways:
        joined = known if known & _AFTER_GAP else known | _JOINED
        for sign in (run.sign, *run.letters):
            here = node
            reached = joined & ~_AFTER_GAP
            if sign == run.sign:
                reached |= _TWICE if reached & _ITSELF else _ITSELF
            for count in range(1, run.length + 1):
                step = here.next.get(sign)
                if step is None:
                    break
                here = step
                if count == 2:
                    reached |= _JOINED
                half_spaced = reached & _JOINED and reached & _SPACED
                if not half_spaced and (count == run.length or run.length >= 3):
                    yield here, reached


def _over_gap(ways: Iterable[Way], run: Run) -> Iterator[Way]:
    """The ways that go on behind a gap: between two words of a term, or between letters that are spelt out."""
    if run.length > LONGEST_GAP:
        return
    for node, known in ways:
        if known & _AFTER_GAP:
            continue
        if (step := node.next.get(GAP)) is not None:
            yield step, known | _AFTER_GAP
        if run.kind == "space":
            yield node, known | _SPACED | _SKIPPED | _AFTER_GAP
        elif run.kind in ("point", "sign") and run.sign != "'":
            yield node, known | _SKIPPED | _AFTER_GAP
