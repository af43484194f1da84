"""What a create form does: takes things in, looks at them, tags them, creates reviews. It draws nothing.

Looking and creating happen on threads of their own; `on_change` is told after each step.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client.creation import Lot, unknown_codes
from ..content import content_type
from ..content.base import check_address
from ..drafts import Drafts
from ..drafts.base import Item
from ..drafts.make import TaggerFunction, read_items
from ..errors import BadDraft, BadRequest, CmtoolsError, Conflict
from ..model import PUBLIC, Draft
from ..taggers import Tagger
from ..tags import TagSet
from ..wire.creation import read_drafts
from .base import Worker
from .create_intake import Intake
from .create_items import Entries, Entry, Said, short_line, with_tags
from .create_looking import Looker, problem_of

if TYPE_CHECKING:
    from ..client.client import Client

TAGGED_AT_ONCE = 8


@dataclass(slots=True)
class Options:
    """What holds for all entries: the type of what is added, where it goes, who is told, which tags it gets."""

    type: str = "Image"
    subteam: str | None = None
    callback: str = ""
    batch: str = ""
    new_tags: bool = False
    tags: dict[str, bool | None] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """One pass of creating: how far it is, and what stopped it."""

    total: int
    done: int = 0
    created: int = 0
    existed: int = 0
    failed: int = 0
    stopping: bool = False
    error: CmtoolsError | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class CreateState:
    """The form without its looks; every method may be called from any thread.

    Parameters
    ----------
    client : Client
        Whose reviews they become.
    tagger : Tagger or callable, optional
        As of `make_drafts`; it tags what is of its type.
    threshold : float or dict, optional
        As of `make_drafts`.
    on_change : callable
        Called, from any thread, when there is something else to show.
    """

    def __init__(
        self,
        client: Client,
        options: Options,
        *,
        tagger: Tagger | TaggerFunction | None = None,
        threshold: float | Mapping[str, float] | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.client, self.options = client, options
        self.lock = threading.RLock()
        self.entries = Entries()
        self.intake = Intake()
        self.tags = TagSet()
        self.subteams: tuple[str, ...] = (PUBLIC,)
        self.notice = ""
        self.codes: set[str] = set()
        self.run: Run | None = None
        self._threshold = threshold
        self._looker = None if tagger is None else Looker(tagger, threshold, options.type)
        self._changed = on_change
        self._looking = Worker("cmtools create", self._on_failure)
        self._creating = Worker("cmtools create reviews", self._on_failure)
        options.type = content_type(options.type).name

    def start(self) -> None:
        """Ask for the team's tags and subteams; `on_change` must be ready to be called."""
        self._looking.do(self.look_up_team)

    def _on_failure(self, error: Exception) -> None:
        with self.lock:
            self.notice = str(error) or type(error).__name__
        self._changed()

    @property
    def tagger_name(self) -> str:
        """What the tagger is called; empty without one."""
        return "" if self._looker is None else self._looker.name

    def choose(self, **values: Any) -> None:
        """Set options that hold for all entries."""
        with self.lock:
            self._demand_rest()
            for name, value in values.items():
                setattr(self.options, name, value)
        self._changed()

    def look_up_team(self) -> None:
        """Learn the team's tags and subteams."""
        team = self.client.team()
        with self.lock:
            self.tags, self.subteams = team.tags, team.subteams
        self._changed()

    # Taking in --------------------------------------------------------------------------------------------------------

    def add_lines(self, text: str, *, whole: bool = False) -> int:
        """Add what a person wrote: addresses or texts, one a line, one text (``whole``), or a request body as JSON."""
        kind = self.options.type
        if text.lstrip().startswith("[") and (kind != "Text" or _is_json(text)):
            return self.add_body(text)
        lines = [text.strip()] if whole else [line.strip() for line in text.splitlines()]
        lines = [line for line in lines if line]
        if not lines:
            raise BadRequest("there is nothing to add: write something first")
        if kind == "Text":
            return self.add_texts(lines)
        for number, line in enumerate(lines, start=1):
            check_address(line, f"line {number}")
        return self.add_drafts([Draft(line, line, kind) for line in lines])

    def add_texts(self, texts: Sequence[str]) -> int:
        """Add texts, counted as ``text-0001`` and so on."""
        with self.lock:
            numbers = self.entries.free_number("text")
            return self.add_drafts([Draft(text, next(numbers), "Text") for text in texts])

    def add_body(self, text: str) -> int:
        """Add the items of a request body, each with its own type; an error names the item and field at fault."""
        return self.add_drafts([item.draft for item in read_drafts(text.encode("utf-8", "surrogatepass"))])

    def add_table(self, table: Any, *, trusted: bool = True, **columns: Any) -> int:
        """Add what a table, folder, glob or list holds; arguments as of `make_drafts`.

        Paths in a table that is not trusted (it came from a browser) are refused: they would name files of the kernel.
        """
        kind = content_type(self.options.type)
        items, codes = read_items(table, kind, threshold=self._threshold, **columns)
        with self.lock:
            self.entries.room(len(items))
            self.codes |= codes
            for item in items:
                self._add_item(item, kind.name, trusted)
        self._go_on()
        return len(items)

    def _add_item(self, item: Item, kind: str, trusted: bool) -> None:
        path = item.content if isinstance(item.content, Path) else None
        draft = Draft(
            content=path.name if path else str(item.content),
            content_id=item.content_id,
            type=kind,
            metadata=item.pairs,
            callback_endpoint=item.callback,
            path=path if trusted else None,
            weight=item.weight,
            stratum=item.stratum,
        )
        entry = self.entries.add(short_line(item.source if path else draft.content), draft)
        if path and not trusted:
            self.entries.mark(
                entry, "refused", "a table from the browser may name addresses only: add the pictures as files"
            )

    def add_drafts(self, drafts: Sequence[Draft]) -> int:
        """Add drafts that are made already, such as those of `make_drafts`."""
        with self.lock:
            self.entries.room(len(drafts))
            self.codes |= getattr(drafts, "tag_codes", frozenset())
            for draft in drafts:
                self.entries.add(short_line(str(draft.path or draft.content)), draft)
        self._go_on()
        return len(drafts)

    def arrived(self, entry: Entry) -> None:
        """Go on with an entry whose file is here in full."""
        with self.lock:
            self.entries.mark(entry, "waiting")
        self._go_on()

    # Looking and tagging ----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self._changed()
        self._looking.do(self._look)

    def _look(self) -> None:
        """Look at a few of those that wait, then see whether there are more."""
        with self.lock:
            some = [entry for entry in self.entries if entry.state == "waiting"][:TAGGED_AT_ONCE]
        if not some:
            return
        good = []
        for entry in some:
            reason = problem_of(entry)
            if reason:
                self._settle(entry, reason)
            elif self._looker is not None and entry.draft.type == self._looker.type:
                good.append(entry)
            else:
                self._settle(entry, "")
        self._tag(good)
        self._changed()
        self._looking.do(self._look)

    def _settle(self, entry: Entry, reason: str) -> None:
        with self.lock:
            if entry.state == "waiting":
                self.entries.mark(entry, "refused" if reason else "ready", reason)

    def _tag(self, entries: list[Entry]) -> None:
        if not entries or self._looker is None:
            return
        codes: set[str] = set()
        found = self._looker.tag(entries, codes)
        with self.lock:
            self.codes |= codes
            for entry, said in zip(entries, found, strict=True):
                entry.auto = () if isinstance(said, str) else said
        for entry, said in zip(entries, found, strict=True):
            self._settle(entry, said if isinstance(said, str) else "")

    def wait(self, timeout: float) -> bool:
        """Wait until everything that is here was looked at; False when the time was too short."""
        return self._looking.wait(timeout)

    # Changing ---------------------------------------------------------------------------------------------------------

    def change(self, entry: Entry, *, content_id: str | None = None, tags: Said | None = None) -> None:
        """Give one entry another id, or tags by hand; None as a tag's value says nothing of it."""
        with self.lock:
            self._demand_rest()
            if entry.state == "created":
                raise BadRequest(f"the review of {entry.draft.content_id!r} exists: change it on the board")
            if content_id is not None:
                self.entries.rename(entry, content_id.strip())
            for code, on in (tags or {}).items():
                entry.hand[self.tags.require(code).short_code] = on
            if entry.state in ("failed", "refused") and (entry.draft.path is None or entry.draft.path.is_file()):
                self.entries.mark(entry, "waiting")
        self._go_on()

    def forget_tag(self, entry: Entry, code: str) -> None:
        """Take back what was set by hand: what holds for all, or came with it, holds again."""
        with self.lock:
            self._demand_rest()
            entry.hand.pop(code, None)
        self._changed()

    def remove(self, keys: Iterable[str]) -> None:
        """Take entries out of the form; reviews that were created stay."""
        with self.lock:
            self._demand_rest()
            for entry in self.entries.remove(keys):
                if entry.draft.path is not None:
                    self.intake.drop(entry.draft.path)
        self._changed()

    def clear(self) -> None:
        """Take everything out, and delete the files that came from browsers."""
        with self.lock:
            self._demand_rest()
            self.entries.remove([entry.key for entry in self.entries])
            self.intake.close()
            self.run, self.notice = None, ""
            self.codes.clear()
        self._changed()

    def _demand_rest(self) -> None:
        if self.running:
            raise Conflict("reviews are being created: wait for the end, or cancel first")

    # Creating ---------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether reviews are being created now."""
        return self.run is not None and not self.run.ended.is_set()

    def draft_of(self, entry: Entry) -> Draft:
        """The entry as it would be sent."""
        pairs = with_tags(with_tags((*entry.draft.metadata, *entry.auto), self.options.tags), entry.hand)
        told = entry.draft.callback_endpoint
        return replace(
            entry.draft, metadata=pairs, callback_endpoint=told if told is not None else self.options.callback or None
        )

    def used_codes(self, entries: Iterable[Entry]) -> set[str]:
        """The short codes that are meant as tags in these."""
        codes = {code for code, on in self.options.tags.items() if on is not None} | self.codes
        return codes | {code for entry in entries for code, on in entry.hand.items() if on is not None}

    def missing_tags(self) -> list[str]:
        """The tags in use that the team does not have."""
        return unknown_codes(self.used_codes(self.entries), self.tags)

    def drafts(self) -> Drafts:
        """What would be sent now."""
        with self.lock:
            sent = self.entries.to_send()
            return Drafts([self.draft_of(entry) for entry in sent], tag_codes=self.used_codes(sent))

    def submit(self) -> Run:
        """Begin to create what is ready; what failed before is tried again."""
        with self.lock:
            self._demand_rest()
            chosen = self.entries.to_send()
            if not chosen:
                raise BadDraft("nothing is ready to be created: add something first")
            if (missing := self.missing_tags()) and not self.options.new_tags:
                self.tags.require(missing[0])
            run = self.run = Run(len(chosen))
            self.notice = ""
            drafts = Drafts([self.draft_of(entry) for entry in chosen], tag_codes=self.used_codes(chosen))
        self._changed()
        self._creating.do(lambda: self._create(run, chosen, drafts))
        return run

    def cancel(self) -> None:
        """Create no more; what was created stays, what was not is still here."""
        with self.lock:
            if self.run is not None:
                self.run.stopping = True
        self._changed()

    def _create(self, run: Run, chosen: list[Entry], drafts: Drafts) -> None:
        options = self.options
        try:
            lots = self.client.create_each(
                drafts, subteam=options.subteam, new_tags=options.new_tags, batch=options.batch
            )
            while not run.stopping and (lot := next(lots, None)) is not None:
                self._take(run, chosen, lot)
                self._changed()
            lots.close()
        except CmtoolsError as error:
            run.error = error
        except Exception as error:
            run.error = CmtoolsError(f"{type(error).__name__}: {error}")
            raise
        finally:
            run.ended.set()
            self._changed()
        if options.new_tags and drafts.tag_codes:
            self.look_up_team()

    def _take(self, run: Run, chosen: list[Entry], lot: Lot) -> None:
        """Note what became of a lot."""
        with self.lock:
            for place, review_id in lot.ids.items():
                chosen[place].review_id = review_id
                self.entries.mark(chosen[place], "created")
            for place, error in lot.errors.items():
                entry = chosen[place]
                text = str(error).removeprefix(f"{entry.draft.path}: ") if entry.draft.path else str(error)
                self.entries.mark(entry, "failed", text)
            run.done += len(lot.ids) + len(lot.errors)
            run.created += len(lot.ids)
            run.existed += lot.existed
            run.failed += len(lot.errors)


def _is_json(text: str) -> bool:
    """Whether a text is a list of objects; one that only begins with a bracket is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and bool(found) and all(isinstance(item, dict) for item in found)
