"""What a create form does: takes things in, looks at them, tags them, creates reviews. It draws nothing.

Looking and creating happen on threads of their own; `on_change` is told after each step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..client.creation import unknown_codes
from ..content import content_type
from ..drafts import Drafts
from ..drafts.tagging import TaggerFunction
from ..errors import BadDraft, BadRequest, CmtoolsError, Conflict, Timeout
from ..model import PUBLIC, Draft
from ..taggers import Tagger
from ..tags import TagSet
from .base import Worker
from .create_intake import Intake
from .create_items import Entries, Entry, Said, short_line, with_tags
from .create_looking import fault_of, problem_of
from .create_reading import Found, is_body, lines_of, read_body, read_drafts, read_lines, read_table, read_texts
from .create_run import Options, Run, error_of
from .create_service import ServiceLooker, looker_of

if TYPE_CHECKING:
    from ..client.client import Client

LOOKED_AT_ONCE, TAGGED_AT_ONCE = 200, 8
"""How many entries are looked at between two views: few where there are files to open or tags to find."""


class CreateState:
    """The form without its looks; every method may be called from any thread.

    Parameters
    ----------
    client : Client
        Whose reviews they become.
    tagger : Tagger, callable or "service", optional
        As of `make_drafts`, or as of `looker_of`; it tags what is of its type.
    threshold : float or dict, optional
        As of `make_drafts`; left out, what the tagger says is held to the thresholds of the team's tags.
    on_change : callable
        Called, from any thread, when there is something else to show.
    """

    def __init__(
        self,
        client: Client,
        options: Options,
        *,
        tagger: Tagger | TaggerFunction | str | None = None,
        threshold: float | Mapping[str, float] | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._looker = looker_of(tagger, client, options.type)
        self.client, self.options = client, options
        self.lock = threading.RLock()
        self.entries = Entries()
        self.intake = Intake()
        self.tags = TagSet()
        self.subteams: tuple[str, ...] = (PUBLIC,)
        self.notice = ""
        self.callback_error = ""
        self.codes: set[str] = set()
        self.run: Run | None = None
        self.closed = False
        self._threshold = threshold
        self._knows_team = False
        self._held_up: Exception | None = None
        self._changed = on_change
        self._looking = Worker("cmtools create", self._on_held_up)
        self._creating = Worker("cmtools create reviews", self._on_failure)
        options.type = content_type(options.type).name

    def start(self) -> None:
        """Ask for the team's tags and subteams; `on_change` must be ready to be called."""
        self._looking.do(self.look_up_team)

    def _on_failure(self, error: Exception) -> None:
        with self.lock:
            self.notice = str(error) or type(error).__name__
        self._changed()

    def _on_held_up(self, error: Exception) -> None:
        self._held_up = error
        self._on_failure(error)

    @property
    def tagger_name(self) -> str:
        """What the tagger is called; empty without one."""
        return "" if self._looker is None else self._looker.name

    def choose(self, **values: Any) -> None:
        """Set options that hold for all entries; a callback that is no address is kept, and not sent."""
        with self.lock:
            self._demand_rest()
            for name, value in values.items():
                setattr(self.options, name, value)
            self.callback_error = error_of(self.options.callback)
        self._changed()

    @property
    def callback(self) -> str:
        """The address to tell of each decision; empty for none, and while what is given is no address."""
        return "" if self.callback_error else self.options.callback

    def look_up_team(self) -> None:
        """Learn the team's tags and subteams."""
        team = self.client.team()
        with self.lock:
            self.tags, self.subteams, self._knows_team = team.tags, team.subteams, True
        self._changed()

    # Taking in --------------------------------------------------------------------------------------------------------

    def add_lines(self, text: str, *, whole: bool = False) -> int:
        """Add what a person wrote: addresses or texts, one a line, one text (``whole``), or a request body as JSON."""
        kind = self.options.type
        if is_body(text, kind):
            return self.add_body(text)
        lines = lines_of(text, whole=whole)
        return self.add_texts(lines) if kind == "Text" else self._add(read_lines(text, kind))

    def add_texts(self, texts: Sequence[str]) -> int:
        """Add texts, counted as ``text-0001`` and so on."""
        with self.lock:
            return self._add(read_texts(texts, self.entries.free_number("text")))

    def add_body(self, text: str) -> int:
        """Add the items of a request body, each with its own type."""
        return self._add(read_body(text))

    def add_table(self, table: Any, *, trusted: bool = True, **reading: Any) -> int:
        """Add what a table, folder, glob or list holds; arguments as of `make_drafts`, and of `read_table`."""
        reading = {"threshold": self._threshold} | {name: said for name, said in reading.items() if said is not None}
        return self._add(*read_table(table, content_type(self.options.type), trusted=trusted, **reading))

    def add_drafts(self, drafts: Sequence[Draft]) -> int:
        """Add drafts that are made already, such as those of `make_drafts`."""
        return self._add(read_drafts(drafts), getattr(drafts, "tag_codes", frozenset()))

    def _add(self, found: Sequence[Found], codes: Iterable[str] = ()) -> int:
        """Add all of it, also what is wrong: that is told when it is looked at."""
        with self.lock:
            self.demand_open()
            self.entries.room(len(found))
            self.codes.update(codes)
            for one in found:
                self.entries.add(short_line(one.name), one.draft, place=one.place, faults=one.faults)
        self._go_on()
        return len(found)

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
            self._held_up = None
            some = [entry for entry in self.entries if entry.state == "waiting"][:LOOKED_AT_ONCE]
            if self._looker is not None or any(entry.draft.path for entry in some):
                some = some[:TAGGED_AT_ONCE]
        if not some:
            return
        good = []
        for entry in some:
            reason = problem_of(entry)
            if reason:
                self._settle(entry, reason)
            elif self._looker is not None and self._looker.takes(entry.draft.type) and not entry.tagged:
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
        found = self._looker.tag(entries, self._thresholds(), codes)
        with self.lock:
            self.codes |= codes
            for entry, said in zip(entries, found, strict=True):
                entry.tagged = not isinstance(said, str)
                entry.auto = () if isinstance(said, str) else said
        for entry, said in zip(entries, found, strict=True):
            self._settle(entry, said if isinstance(said, str) else "")

    def _thresholds(self) -> float | Mapping[str, float] | None:
        """What was given, else what the team has set. Whoever cannot be asked for it raises: the entries wait then.

        None leaves them to the service, which knows its team's.
        """
        if self._threshold is not None or isinstance(self._looker, ServiceLooker):
            return self._threshold
        if not self._knows_team:
            self.look_up_team()
        return self.tags.thresholds

    def wait(self, timeout: float) -> bool:
        """Wait until everything that can be looked at was; False when the time was too short."""
        return self._looking.wait(timeout)

    def look_until_done(self, timeout: float) -> None:
        """The same, with `Timeout` when the time was too short."""
        if not self.wait(timeout):
            raise Timeout(f"not everything was looked at within {timeout:g} s: wait again")

    def look_again(self) -> None:
        """Go on with what waits although nothing is at work, because nobody answered when it was looked at."""
        if self._waiting() and self.wait(0):
            self._go_on()

    def demand_looked_at(self) -> None:
        """Raise what keeps entries waiting, if any do."""
        if (problem := self._held_up) is None or not (count := self._waiting()):
            return
        if isinstance(problem, CmtoolsError):
            raise type(problem)(f"{count:,} still wait to be looked at: {problem}")
        raise CmtoolsError(f"{count:,} still wait to be looked at: {type(problem).__name__}: {problem}") from problem

    def _waiting(self) -> int:
        with self.lock:
            return sum(entry.state == "waiting" for entry in self.entries)

    # Changing ---------------------------------------------------------------------------------------------------------

    def change(
        self, entry: Entry, *, content_id: str | None = None, content: str | None = None, tags: Said | None = None
    ) -> None:
        """Give one entry another id or content, or tags by hand; None as a tag's value says nothing of it."""
        with self.lock:
            self._demand_rest()
            if entry.state == "created":
                raise BadRequest(f"the review of {entry.draft.content_id!r} exists: change it on the board")
            if content is not None:
                self.entries.rewrite(entry, content.strip())
            if content_id is not None:
                self.entries.rename(entry, content_id.strip())
            for code, on in (tags or {}).items():
                entry.hand[self.tags.require(code).short_code] = on
            self._look_again(entry, anew=content is not None)
        self._go_on()

    def _look_again(self, entry: Entry, *, anew: bool = False) -> None:
        """See whether a change mends an entry, or spoils it; what is ready and of the same content needs no tagger."""
        if entry.state == "ready" and not anew:
            if reason := fault_of(entry):
                self.entries.mark(entry, "refused", reason)
        elif entry.state != "arriving" and (entry.draft.path is None or entry.draft.path.is_file()):
            self.entries.mark(entry, "waiting")

    def forget_tag(self, entry: Entry, code: str) -> None:
        """Take back what was set by hand: what holds for all, or came with it, holds again."""
        with self.lock:
            self._demand_rest()
            entry.hand.pop(code, None)
            self._look_again(entry)
        self._go_on()

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

    def close(self) -> None:
        """Stop creating, and delete the files that came from browsers; nothing can be added or created any more."""
        self.closed = True
        self.cancel()
        self.intake.close()

    def demand_open(self) -> None:
        """Raise `Conflict` once the form is closed."""
        if self.closed:
            raise Conflict("the form is closed: open another with cm.CreateReviews(client)")

    def _demand_rest(self) -> None:
        self.demand_open()
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
        callback = told if told is not None else self.callback or None
        return self.options.asking.of(replace(entry.draft, metadata=pairs, callback_endpoint=callback))

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
        """Begin to create what is ready; what failed before is tried again, and what is refused is left out."""
        with self.lock:
            self._demand_rest()
            chosen = self.entries.to_send()
            if not chosen:
                self._go_on()  # some may wait because nobody answered when the team was asked for its thresholds
                left_out = self.entries.left_out()
                raise BadDraft(f"nothing is ready to be created: {left_out or 'add something first'}")
            if self.callback_error:
                raise BadRequest(f"{self.callback_error}. Correct it or empty its field, then create", where="callback")
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
                with self.lock:
                    run.take(self.entries, chosen, lot)
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
