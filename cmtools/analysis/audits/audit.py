"""`Audit`: an audit as one thing that is kept, reported and checked. Figures, file, page and checks are beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ...model import AuditEvent, TrailCheck, TrailHead
from ..plans.plan import SamplingPlan
from . import figures, files
from .checks import Verification
from .kept import TITLE, Kept, Loaded, ids_of, made_with, moment
from .page import page
from .settled import AuditChoices
from .verifying import Service, Telling, verify

Table = pd.DataFrame


class Audit(Kept):
    """An audit as one thing: the sealed plan, the reviews, the decisions, the choices, and where the trail ended.

    `save` keeps it in one file that can be read for decades, `report` writes the page that a person files, and `verify`
    holds it against the service's trail.

    Parameters
    ----------
    plan : SamplingPlan
        What was to be reviewed, sealed beforehand.
    decisions : DataFrame
        The final tags: ``client.decisions(answers="final")``. Those of other reviews are left out.
    opinions : DataFrame, optional
        What each reviewer said: ``client.decisions()``.
    golden : DataFrame, optional
        Their answers to golden items: ``client.decisions(answers="golden")``.
    reviews : list of str, optional
        The ids that `Client.create_reviews` gave; without them those that are decided.
    choices : mapping or AuditChoices, optional
        ``tags``, ``by`` (slices, each on its own), ``metrics``, ``level``, ``absent``, ``threshold``, ``size``,
        ``label_error`` (``golden``: corrected by their answers to golden items; ``given``, with ``sensitivity`` and
        ``specificity``; ``dawid_skene``: by what several reviewers answered), ``audience``, and ``notes`` by date.
        `AuditChoices` documents them.
    trail : TrailHead, optional
        ``client.trail_head()``, taken before the decisions: up to there everything must be in the file.
    sealed_at : datetime or str, optional
        When the plan was sealed, as it was noted.
    drawn : DataFrame, optional
        What ``plan.draw(items)`` gave, so that the file says what should have been reviewed.
    title : str, optional
        The report's heading.

    Raises
    ------
    BadRequest
        When a table is none of decisions, a choice cannot be, or decisions are on what this plan did not draw.

    Notes
    -----
    Only what figures come from is kept: of metadata the columns that choices name, of addresses no passwords and no
    signatures. Reviewers' names are in the file, for `verify` needs them; they are not in the report.

    Examples
    --------
    >>> items = pd.DataFrame({"id": [f"post-{n}" for n in range(200)], "r": [n % 4 == 0 for n in range(200)]})
    >>> plan = SamplingPlan.stratified(items, by="r", flagged="r", n=40)
    >>> decisions = plan.draw(items).rename(columns={"id": "content_id", "r": "auto"})
    >>> decisions = decisions.assign(review_id=decisions["content_id"], tag="r", human=decisions["auto"])
    >>> audit = Audit(plan, decisions, choices={"tags": "r"})
    >>> audit
    Audit of 40 of 40 drawn items, 1 tag, plan 7f7c...
    >>> table = audit.estimates().set_index("metric")
    >>> float(table.loc["prevalence_human", "estimate"])
    0.25
    """

    @classmethod
    def fetch(
        cls,
        client: Telling,
        plan: SamplingPlan,
        reviews: Iterable[str],
        *,
        choices: AuditChoices | Mapping[str, Any] | None = None,
        sealed_at: datetime | str | None = None,
        drawn: Table | None = None,
        title: str = TITLE,
    ) -> Audit:
        """The audit of these reviews, with all that the client tells of them: decisions of all kinds, the trail's head.

        Parameters
        ----------
        client : Client
            With a key that may see everybody's decisions: of an administrator, a lead or an auditor.
        plan, reviews, choices, sealed_at, drawn, title
            As of `Audit`. Where it is not said when the plan was sealed, that is when its seal was put on the trail
            (`Client.note_seal`).

        Raises
        ------
        BadRequest
            As `Audit`; and when the team has no review of some id. One that is not decided yet is no error.
        """
        head, ids = client.trail_head(), ids_of(reviews)  # the head first: what is finished then is in the decisions
        named = AuditChoices.of(choices)
        metadata = bool(named.by or named.size)
        told = {each: client.decisions(answers=each, metadata=metadata) for each in ("final", "each")}
        golden = client.decisions(answers="golden")
        _refuse_unknown(ids, [*told.values(), golden], client)
        return cls(
            plan,
            told["final"],
            opinions=told["each"],
            golden=golden,
            reviews=ids,
            choices=named,
            trail=head if head.digest else None,
            sealed_at=sealed_at or next((event.at for event in client.events(plan.seal)), None),
            drawn=drawn,
            title=title,
        )

    # -- file, report, check -------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all of it as one file, a zip of CSV and JSON. The same audit always gives the same bytes.

        Raises
        ------
        BadRequest
            When the file cannot be written.
        """
        if self.faults:
            raise BadRequest("this audit was changed after it was written; keep the file as it was")
        return files.write(path, *self.content())

    @classmethod
    def load(cls, path: str | os.PathLike[str], seal: str | None = None, *, changed: bool = False) -> Audit:
        """The audit that `save` wrote.

        Parameters
        ----------
        path : str or path
            The file. It may come from anybody: nothing in it is run, and what `save` would not write is refused.
        seal : str, optional
            The audit's seal as it was noted elsewhere (at least its first eight characters), which is then checked.
        changed : bool
            Whether to load a file that was changed; `faults`, `report` and `verify` then say what is wrong in it.

        Raises
        ------
        BadRequest
            When there is no such file, it is no audit, was changed, or was written by a newer cmtools.
        """
        name = os.fspath(path)
        try:
            read = files.read(path)
            said = read.said
            audit = cls(
                read.plan,
                read.tables["decisions"],
                **{part: read.tables.get(part) for part in ("opinions", "golden", "drawn")},
                reviews=read.reviews,
                choices=said["choices"],
                trail=_head(said["trail"]),
                sealed_at=said["sealed_at"],
                title=said["title"],
            )
            versions = {str(each): str(version) for each, version in said["made_with"].items()}
        except (KeyError, TypeError, AttributeError, ValueError):
            raise BadRequest(f"{name!r} lacks or adds to what an audit says; take the file as it was") from None
        faults = [*read.faults, *_odd_figures(audit, read.tables.get("estimates"), versions)]
        if seal is not None and (len(seal) < 8 or not read.seal.startswith(seal.lower())):
            faults.append(f"its seal is {read.seal[:12]}..., not {seal[:12]}... as it was noted")
        if faults and not changed:
            raise BadRequest(
                f"{name!r} was changed after it was written: {faults[0]}; changed=True loads it all the same"
            )
        audit._loaded = Loaded(versions, read.tables.get("estimates"), read.seal, tuple(faults))
        return audit

    def report(self, path: str | os.PathLike[str], verification: Verification | None = None) -> Path:
        """Write the report: one page that reads on screens and on paper, has no script and asks nothing of the network.

        The same audit, and the same verification, always give the same bytes: every date in it comes from the data.

        Parameters
        ----------
        path : str or path
            Where to; ends in ``.html``.
        verification : Verification, optional
            What `verify` found, to be shown with it.
        """
        return files.put(path, page(self, verification).encode(), (".html", ".htm"))

    def verify(
        self,
        service: Service | Iterable[AuditEvent],
        *,
        check: TrailCheck | None = None,
        frame: Table | None = None,
        seal: str | None = None,
        plan_seal: str | None = None,
        progress: bool = True,
    ) -> Verification:
        """Hold the audit against the service's trail, in one pass over its events.

        Parameters
        ----------
        service : Client, or iterable of AuditEvent
            A client whose key sees the team's whole trail (of an administrator, a lead or an auditor); or the events
            alone, as they were exported.
        check : TrailCheck, optional
            With events alone, what a check of their chain found.
        frame : DataFrame, optional
            The table that the plan was made from: the draw is made anew, so that every review that should be there is
            known by its content.
        seal, plan_seal : str, optional
            The audit's and the plan's seal as they were noted elsewhere, or their first characters, at least eight.
        progress : bool
            Whether to show how far it is.

        Returns
        -------
        Verification
            A table of checks with what each looked at and found. It changes nothing, and can be interrupted.

        Raises
        ------
        BadRequest
            When ``service`` is none, or the frame cannot be the table that the plan was made from.

        Notes
        -----
        Everything that was finished when the noted head was sealed must be in the file. A trail shows what its service
        recorded: somebody who holds the whole database could make it anew, which only a head that was noted elsewhere
        shows.
        """
        return verify(self, service, check=check, frame=frame, seal=seal, plan_seal=plan_seal, progress=progress)


def _refuse_unknown(ids: Iterable[str], told: Iterable[Table], client: Telling) -> None:
    """Refuse ids that neither the decisions nor the service know."""
    known: set[str] = set().union(*(table["review_id"] for table in told))
    waiting = [id for id in ids if id not in known]
    known |= {review.id for review in client.reviews(ids=waiting)} if waiting else set()
    unknown = [id for id in waiting if id not in known]
    if unknown:
        more = f" and {len(unknown) - 3:,} more" if len(unknown) > 3 else ""
        raise BadRequest(
            f"the team has no review {', '.join(map(repr, unknown[:3]))}{more}; give the ids that create_reviews gave, "
            "to a client of the same service and team"
        )


def _head(said: Mapping[str, Any] | None) -> TrailHead | None:
    if said is None:
        return None
    plain = (str(said["team"]), int(said["number"]), int(said["events"]), str(said["digest"]))
    return TrailHead(*plain, moment(said["sealed_at"]))


def _odd_figures(audit: Kept, kept: Table | None, versions: Mapping[str, str]) -> list[str]:
    """Where the estimates in a file are not those that its decisions give."""
    if kept is None:
        return []
    try:
        made = audit.estimates()
    except BadRequest as error:
        return [f"its decisions give no figures: {error}"]
    numbers = ["estimate", "low", "high", "n"]
    words = [name for name in figures.ESTIMATES if name not in numbers]
    same = len(made) == len(kept) and bool((made[words].fillna("") == kept[words].fillna("")).all(axis=None))
    if same and np.allclose(made[numbers], kept[numbers], rtol=1e-9, atol=1e-12, equal_nan=True):
        return []
    other = "" if dict(versions) == made_with() else f" (it was made with {versions}, this is {made_with()})"
    return [f"the estimates in it are not those that its decisions give{other}"]
