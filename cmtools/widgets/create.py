"""The create form: pictures, texts and addresses become reviews. It decides nothing: `CreateState` and the service do.

Everything a person does in the browser is also a method here, on the same entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client import console
from ..content import content_type
from ..content.base import check_address
from ..drafts import Drafts
from ..drafts.base import results_table
from ..drafts.columns import Metadata, Tags, Threshold
from ..drafts.tagging import TaggerFunction
from ..errors import BadRequest
from ..model import Draft
from ..taggers import Tagger
from .base import joined, styles
from .create_options import Chosen
from .create_run import Options
from .create_state import CreateState
from .create_tables import tables_of_notebook
from .create_talk import FORMS

if TYPE_CHECKING:
    from ..analysis.decisions import Frame
    from ..client.client import Client

MODULES = (
    "shared",
    "thumbs",
    "create_upload",
    "create_store",
    "create_list",
    "create_parts",
    "create_pane",
    "create_intake",
    "create_foot",
    "create_several",
    "create",
)
STYLES = ("shared.css", "chips.css", "create.css", "create_list.css", "create_pane.css")
MOST_TABLES = 50
LOOKING_SECONDS = 600.0


class CreateReviews(Chosen):
    """A form that creates reviews: drop files, paste addresses or texts or a request body, or give it a table.

    Each entry is looked at and, where there is a tagger, tagged; its tags can be set by hand. The form shows what will
    be sent as the Review API takes it, as curl and as Python. What is refused is said with the reason and stops nothing
    else; what broke off goes on at the next `submit`, and doubles nothing. Nothing is uploaded before `submit`.

    Parameters
    ----------
    client : Client
        Whose team the reviews are for.
    table : DataFrame, folder, list or file, optional
        What to begin with, as `make_drafts` takes it.
    type : {"Image", "Text", "Video"}
        What is added from now on; a request body or drafts bring their own.
    subteam : str, optional
        Whose queue the reviews go to; left out, everybody's.
    callback : str
        The address to tell of each decision.
    tags : mapping of short code to bool, optional
        Tags that all entries get, whatever they came with.
    tagger : Tagger, callable or "service", optional
        Sets the auto tags, as in `make_drafts`. ``"service"`` asks the tagger that the service runs, if it has one, for
        all that it says of a picture (also at an address) or a text.
    threshold : float or dict of short code to float, optional
        From which score on a tag is true, as in `make_drafts`. Left out, the thresholds that the team's tags have when
        the form is opened (for ``"service"``, when it is asked) hold for what the tagger says; with ``{}`` the tagger's
        own do.
    batch : str
        A name for this lot: the same drafts under another name become other reviews.
    new_tags : bool
        Whether tags in use that the team does not have are added to the team.
    overlap, overlap_share, final, blind : optional
        How many people review each entry, which share of them, how the final tags come of what they say, and whether
        the auto tags are hidden from them: as of `Client.create_reviews`. Left out, as the drafts say.

    Raises
    ------
    BadTagger
        When the tagger is none.
    BadRequest, BadDraft
        When another argument is wrong, or the table cannot be read. That a service cannot be reached is shown.

    Examples
    --------
    >>> import cmtools as cm
    >>> with cm.testing.running_service() as service:
    ...     form = cm.CreateReviews(service.client("ana"), type="Text", tags={"r": True})
    ...     form.add_texts(["Lovely weather", "Buy now!"])
    ...     ids = form.submit()
    ...     print(form)
    ...     form.close()
    2
    CreateReviews(team='demo', reviewer='ana', 2 created)
    >>> len(ids), list(form.results["content_id"])
    (2, ['text-0001', 'text-0002'])
    """

    _esm = joined(*(f"{name}.js" for name in MODULES))
    _css = styles(*STYLES)

    def __init__(
        self,
        client: Client,
        table: Any = None,
        *,
        type: str = "Image",
        subteam: str | None = None,
        callback: str = "",
        tags: Mapping[str, bool] | None = None,
        tagger: Tagger | TaggerFunction | str | None = None,
        threshold: float | Mapping[str, float] | None = None,
        batch: str = "",
        new_tags: bool = False,
        overlap: int | None = None,
        overlap_share: float | None = None,
        final: str | None = None,
        blind: bool | None = None,
    ) -> None:
        if callback:
            check_address(callback, "callback")
        options = Options(content_type(type).name, subteam or None, callback, batch, new_tags, dict(tags or {}))
        options.ask(overlap=overlap, overlap_share=overlap_share, final=final, blind=blind)
        self._state = CreateState(client, options, tagger=tagger, threshold=threshold, on_change=self._show)
        super().__init__()
        self._begin(client)
        self._state.start()
        if table is not None:
            self.add_table(table)

    def close(self) -> None:
        """Stop creating, and delete the files that came from browsers; what was created stays in `results`.

        Whoever adds or creates something afterwards gets a `Conflict`.
        """
        state = getattr(self, "_state", None)
        if state is not None:
            state.close()
        super().close()

    # Taking in --------------------------------------------------------------------------------------------------------

    def add_files(self, source: str | Path | Iterable[str | Path]) -> int:
        """Add pictures of the kernel's machine: a folder, a glob, or a list of paths; gives how many."""
        if isinstance(source, str | Path):
            return self.add_table(source)
        return self.add_table([Path(path) for path in source])

    def add_urls(self, urls: str | Iterable[str]) -> int:
        """Add addresses: a list, or text with one a line."""
        return self._state.add_lines(urls if isinstance(urls, str) else "\n".join(urls))

    def add_texts(self, texts: str | Iterable[str]) -> int:
        """Add texts: a list, or a single one."""
        return self._state.add_texts([texts] if isinstance(texts, str) else list(texts))

    def add_table(
        self,
        table: Any,
        *,
        content: str | None = None,
        id: str | None = None,
        tags: Tags = None,
        threshold: Threshold = None,
        metadata: Metadata = None,
        callback: str | None = None,
        recursive: bool = True,
    ) -> int:
        """Add the rows of a table, or whatever else `make_drafts` takes; gives how many.

        The arguments are as of `make_drafts`. Left out, ``threshold`` is the form's; given, it decides of the scores in
        this table. Type and tagger are always the form's.
        """
        return self._state.add_table(
            table,
            content=content,
            id=id,
            tags=tags,
            threshold=threshold,
            metadata=metadata,
            callback=callback,
            recursive=recursive,
        )

    def add_drafts(self, drafts: Iterable[Draft]) -> int:
        """Add drafts that are made already."""
        return self._state.add_drafts(drafts if isinstance(drafts, Drafts) else Drafts(drafts))

    def add_body(self, body: str | list[Any]) -> int:
        """Add the items of a request body as the Review API takes it, as JSON text or as its list."""
        return self._state.add_body(body if isinstance(body, str) else json.dumps(body))

    # One entry --------------------------------------------------------------------------------------------------------

    def set_tag(self, content_id: str, code: str, on: bool | None = True) -> None:
        """Set a tag of one entry by hand: on, off, or None to say nothing of it."""
        self._state.change(self._state.entries.named(content_id), tags={code: on})

    def set_id(self, content_id: str, new: str) -> None:
        """Give an entry another id."""
        self._state.change(self._state.entries.named(content_id), content_id=new)

    def set_content(self, content_id: str, new: str) -> None:
        """Give an entry another address or text; an id that was the address follows it."""
        self._state.change(self._state.entries.named(content_id), content=new)

    def remove(self, *content_ids: str) -> None:
        """Take entries out of the form."""
        self._state.remove([self._state.entries.named(content_id).key for content_id in content_ids])

    def clear(self) -> None:
        """Take everything out of the form; reviews that were created stay with the service."""
        self._state.clear()

    # Creating ---------------------------------------------------------------------------------------------------------

    def wait(self, timeout: float = LOOKING_SECONDS) -> None:
        """Wait until everything that is in the form was looked at and tagged.

        Raises
        ------
        Timeout
            When that many seconds were too short.
        Unreachable, CmtoolsError
            When something cannot be looked at, because the service is away or refuses. It waits in the form, and the
            next `wait` asks again.
        """
        self._state.look_again()
        self._state.look_until_done(timeout)
        self._state.demand_looked_at()

    def submit(self, wait: bool = True) -> list[str]:
        """Create what is ready, and what failed before; gives the ids of all reviews of this form, in order.

        What is refused is left out: a line says how many and why, `results` says it of each.
        An interrupt stops it; what was created is in `ids`, and the next `submit` goes on with the rest.

        Parameters
        ----------
        wait : bool
            Whether to wait for the end. If not, `ids` and `results` tell later.

        Raises
        ------
        CmtoolsError
            When the service could not be reached or refused all; what it says of single entries is in `results`.
        """
        if wait:
            self._state.look_until_done(LOOKING_SECONDS)
        run = self._state.submit()
        try:
            while wait and not run.ended.wait(0.5):
                pass
        except KeyboardInterrupt:
            self.cancel()
            raise
        if wait and run.error is not None:
            raise run.error
        if wait and (left_out := self._state.entries.left_out()):
            print(left_out)  # noqa: T201 - `make_drafts` says so too; a warning would stop runs in which those are errors
        return self.ids

    def cancel(self) -> None:
        """Create no more; what was created stays, and the rest is still in the form."""
        self._state.cancel()

    @property
    def drafts(self) -> Drafts:
        """What `submit` would create now, for `Client.create_reviews`."""
        return self._state.drafts()

    @property
    def ids(self) -> list[str]:
        """The ids of the reviews that were created, in the order of the entries."""
        with self._state.lock:
            return [entry.review_id for entry in self._state.entries if entry.review_id is not None]

    @property
    def results(self) -> Frame:
        """One row per entry: ``content_id``, ``review_id`` and ``error``, the last two missing where there is none."""
        with self._state.lock:
            entries = self._state.entries
            return results_table(
                [(entry.draft.content_id, entry.review_id, entries.reason_of(entry) or None) for entry in entries]
            )

    def body(self) -> str:
        """The request body that `submit` would send now, as JSON (of more than 100 drafts, in parts)."""
        return self._written("body", list(self.drafts))

    def curl(self) -> str:
        """The same as lines for a shell; the key is read from ``CMTOOLS_KEY``."""
        return self._written("curl", list(self.drafts))

    def python(self) -> str:
        """The same as Python."""
        return self._written("python", list(self.drafts))

    def _written(self, form: str, drafts: list[Draft]) -> str:
        if form not in FORMS:
            raise BadRequest(f"there is no form {form!r}; there are {', '.join(FORMS)}")
        if form == "answer":
            return json.dumps(self.ids, indent=2)
        options, state = self._state.options, self._state
        if form == "body":
            return console.as_body(drafts, subteam=options.subteam, batch=options.batch)
        with state.lock:
            own = ((entry.draft.path, entry.name) for entry in state.entries)
            names = {path: name for path, name in own if path is not None and state.intake.has(path)}
        write = console.as_curl if form == "curl" else console.as_python
        return write(state.client, drafts, subteam=options.subteam, batch=options.batch, names=names)

    def __len__(self) -> int:
        return len(self._state.entries)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        state = self._state
        with state.lock:
            counts = {name: number for name, number in state.entries.counts().items() if number}
        told = [f"{number:,} {name}" for name, number in counts.items()] or ["empty"]
        client = state.client
        return f"CreateReviews(team={client.team_name!r}, reviewer={client.reviewer!r}, {', '.join(told)})"

    # The notebook's tables --------------------------------------------------------------------------------------------

    def _table_names(self) -> list[str]:
        return sorted(tables_of_notebook())[:MOST_TABLES]

    def _table(self, name: str) -> Any:
        if name not in (tables := tables_of_notebook()):
            raise BadRequest(f"the notebook has no table {name!r} any more")
        return tables[name]
