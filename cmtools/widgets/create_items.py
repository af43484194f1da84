"""What a create form holds: an entry per thing to be reviewed, and which tags it gets. It asks nobody.

An entry is ``arriving`` (its file is on the way from the browser), ``waiting`` (to be looked at and tagged), ``ready``,
``refused`` (it cannot become a review), ``created``, or ``failed`` (the service refused it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..errors import BadRequest, NotFound
from ..model import Draft, Pairs
from ..tags import TagSet, write_bool
from .create_reading import OF_CONTENT

MOST_ENTRIES = 10_000
"""As many as the Review API takes in one request."""
STATES = ("arriving", "waiting", "ready", "refused", "created", "failed")
FILTERS: Mapping[str, tuple[str, ...]] = {
    "all": STATES,
    "open": ("arriving", "waiting", "ready"),
    "problems": ("refused", "failed"),
    "created": ("created",),
}
"""What a form can show, by the name of the filter."""

SHOWN_CHARACTERS = 200
"""How many characters of a text stand for it in the list."""

Said = Mapping[str, bool | None]
"""Short code to on, off, or None: say nothing of the tag."""


@dataclass(slots=True)
class Entry:
    """One thing to be reviewed.

    ``name`` is what the person knows it by, ``place`` where it stood, ``draft`` what it came as, ``faults`` what could
    not be read of it (see `Found`), ``auto`` what the tagger said once it is ``tagged``, ``hand`` the tags set for this
    one. ``size`` and ``received`` are in bytes; ``page`` is the browser page that its file comes from.
    """

    key: str
    name: str
    draft: Draft
    state: str = "waiting"
    reason: str = ""
    place: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    tagged: bool = False
    auto: Pairs = ()
    hand: dict[str, bool | None] = field(default_factory=dict)
    size: int = 0
    received: int = 0
    page: str = ""
    review_id: str | None = None

    @property
    def left(self) -> dict[str, str]:
        """The faults that nothing has mended: a tag set by hand mends its own."""
        mended = {code.lower() for code in self.hand}
        return {code: told for code, told in self.faults.items() if code.lower() not in mended}


class Entries:
    """The entries of one form, in order. Whoever uses it from several threads holds a lock.

    Examples
    --------
    >>> entries = Entries()
    >>> for draft in (Draft("Hi!", "1", "Text"), Draft("Buy!", "1", "Text")):
    ...     entries.add(draft.content, draft, state="ready").key
    'e1'
    'e2'
    >>> [entries.state_of(entry) for entry in entries]
    ['ready', 'refused']
    """

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._made = 0
        self._first: dict[str, str] | None = None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, key: str) -> Entry:
        """The entry of that key, or `NotFound`: it was removed meanwhile."""
        if key not in self._entries:
            raise NotFound(f"there is no entry {key!r} any more")
        return self._entries[key]

    def get(self, key: object) -> Entry | None:
        """The entry of that key, if there is one."""
        return self._entries.get(key) if isinstance(key, str) else None

    def named(self, content_id: str) -> Entry:
        """The first entry of that id, a refused one where there is no other; or `NotFound`."""
        key = self._firsts().get(content_id)
        entry = next((one for one in self if one.draft.content_id == content_id), None) if key is None else self[key]
        if entry is None:
            raise NotFound(f"there is no entry with the id {content_id!r}")
        return entry

    def room(self, more: int) -> None:
        """Raise `BadRequest` unless so many more can be held."""
        if len(self) + more > MOST_ENTRIES:
            raise BadRequest(
                f"{len(self) + more:,} entries; the most is {MOST_ENTRIES:,}: create these first, then clear the form"
            )

    def add(
        self,
        name: str,
        draft: Draft,
        *,
        state: str = "waiting",
        place: str = "",
        faults: Mapping[str, str] | None = None,
        size: int = 0,
        page: str = "",
    ) -> Entry:
        """Add one at the end."""
        self.room(1)
        self._made += 1
        entry = Entry(
            f"e{self._made}", name, draft, state, place=place, faults=dict(faults or {}), size=size, page=page
        )
        self._entries[entry.key] = entry
        self._first = None
        return entry

    def remove(self, keys: Iterable[str]) -> list[Entry]:
        """Take these out; gives those that were there."""
        gone = [entry for key in keys if (entry := self._entries.pop(key, None)) is not None]
        self._first = None
        return gone

    def rename(self, entry: Entry, content_id: str) -> None:
        """Give an entry another id; a created one keeps its own."""
        if entry.state == "created":
            raise BadRequest(f"the review of {entry.draft.content_id!r} exists: its id stays")
        entry.draft = replace(entry.draft, content_id=content_id)
        self._first = None

    def rewrite(self, entry: Entry, content: str) -> None:
        """Give an entry another text or address; an id that was the address follows it, as it did when it came."""
        if entry.draft.path is not None:
            raise BadRequest(f"{entry.name!r} is a file: remove it, and add another one")
        old = entry.draft.content
        content_id = content if entry.draft.content_id == old else entry.draft.content_id
        entry.draft = replace(entry.draft, content=content, content_id=content_id)
        entry.name, entry.tagged, entry.auto = short_line(content) or entry.place, False, ()
        entry.faults.pop(OF_CONTENT, None)
        self._first = None

    def free_number(self, prefix: str) -> Iterator[str]:
        """Ids such as ``text-0001`` that no entry has."""
        number = len(self) + 1
        while True:
            if (name := f"{prefix}-{number:04}") not in self._firsts():
                yield name
            number += 1

    def _firsts(self) -> dict[str, str]:
        """Each id, and the key of the first entry that has it; refused ones stand in nobody's way."""
        if self._first is None:
            self._first = {}
            for entry in self._entries.values():
                if entry.state != "refused":
                    self._first.setdefault(entry.draft.content_id, entry.key)
        return self._first

    def mark(self, entry: Entry, state: str, reason: str = "") -> None:
        """Say where an entry stands, and why."""
        if "refused" in (state, entry.state):
            self._first = None
        entry.state, entry.reason = state, reason

    def is_double(self, entry: Entry) -> bool:
        """Whether an earlier entry has its id."""
        if entry.state in ("refused", "created"):
            return False
        return self._firsts().get(entry.draft.content_id, entry.key) != entry.key

    def state_of(self, entry: Entry) -> str:
        """Where it stands; one whose id is taken counts as refused until its id is another."""
        return "refused" if entry.state in ("ready", "failed") and self.is_double(entry) else entry.state

    def reason_of(self, entry: Entry) -> str:
        """Why it is refused or failed; empty when it is not."""
        if self.state_of(entry) == "refused" and entry.state != "refused":
            return at_place(entry, f"the id {entry.draft.content_id!r} is taken by an earlier one: give it another")
        return at_place(entry, entry.reason)

    def to_send(self) -> list[Entry]:
        """Those that can be created now, the failed ones again."""
        return [entry for entry in self if self.state_of(entry) in ("ready", "failed")]

    def counts(self) -> dict[str, int]:
        """How many there are in each state."""
        found = Counter(self.state_of(entry) for entry in self)
        return {state: found[state] for state in STATES}

    def problems(self) -> list[Entry]:
        """Those that were refused or failed."""
        return [entry for entry in self if self.state_of(entry) in FILTERS["problems"]]

    def left_out(self) -> str:
        """How many have problems and what the first one is, in one line; empty when none has.

        Examples
        --------
        >>> entries = Entries()
        >>> entries.mark(entries.add("x", Draft("x", "x"), place="line 2"), "refused", "'x' is no address")
        >>> entries.left_out()
        "1 left out: line 2: 'x' is no address"
        """
        found = self.problems()
        if not found:
            return ""
        more = f" - and {len(found) - 1:,} more" if len(found) > 1 else ""
        first = found[0]
        return f"{len(found):,} left out: {'' if first.place else f'{first.name}: '}{self.reason_of(first)}{more}"

    def select(self, show: str = "all", find: str = "") -> list[Entry]:
        """Those that a filter lets through, and whose name or id has the words in it."""
        states, words = FILTERS.get(show, STATES), find.strip().lower()
        return [
            entry
            for entry in self
            if (states is STATES or self.state_of(entry) in states)
            and (not words or words in entry.name.lower() or words in entry.draft.content_id.lower())
        ]


def at_place(entry: Entry, reason: str) -> str:
    """The reason with where the entry stood before it.

    Examples
    --------
    >>> at_place(Entry("e1", "x", Draft("x", "x"), place="line 2"), "'x' is no address")
    "line 2: 'x' is no address"
    """
    return reason if not reason or reason.startswith(entry.place) else f"{entry.place}: {reason}"


def with_tags(pairs: Pairs, said: Said) -> Pairs:
    """The pairs with these tags set, or taken out where None is said; the order stays, new ones come last.

    Examples
    --------
    >>> with_tags((("model", "v2"), ("A", "False"), ("r", "True")), {"a": True, "r": None, "sc": True})
    (('model', 'v2'), ('a', 'True'), ('sc', 'True'))
    """
    left = {code.lower(): (code, value) for code, value in said.items()}
    found: list[tuple[str, str]] = []
    done: set[str] = set()
    for key, value in pairs:
        lower = key.lower()
        if lower not in left:
            found.append((key, value))
        elif lower not in done:
            code, on = left[lower]
            found += [(code, write_bool(on))] if on is not None else []
            done.add(lower)
    found += [(code, write_bool(on)) for lower, (code, on) in left.items() if lower not in done and on is not None]
    return tuple(found)


def tag_cells(entry: Entry, all_tags: Said, tags: TagSet) -> list[dict[str, object]]:
    """Each of the team's visible tags as an entry has it: code, on (or None), score, and who said so."""
    given = (*entry.draft.metadata, *entry.auto)
    values = tags.auto_tags(with_tags(with_tags(given, all_tags), entry.hand))
    scores, by_tagger = tags.scores(given), tags.auto_tags(entry.auto)
    cells: list[dict[str, object]] = []
    for tag in tags.visible:
        code = tag.short_code
        by = "hand" if code in entry.hand else "all" if code in all_tags else "auto" if code in by_tagger else "given"
        cells.append({"code": code, "on": values.get(code), "score": scores.get(code), "by": by})
    return cells


def short_line(text: str) -> str:
    """The beginning of a text as one line.

    Examples
    --------
    >>> short_line("Hi!\\nBuy now"), len(short_line("long " * 100))
    ('Hi! Buy now', 200)
    """
    line = " ".join(text[: 2 * SHOWN_CHARACTERS].split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"
