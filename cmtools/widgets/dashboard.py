"""The agreement dashboard: choose, and see figures, chart and disagreeing pictures. It measures nothing itself.

The browser asks and Python answers, in messages that are JSON objects with a ``type``. Asked for by the browser:

=======  ==================================================  ===========================================================
type     fields                                              answer
=======  ==================================================  ===========================================================
ready                                                        ``choices``, then ``view``: a page has opened
choose   any of tag, by, slice (its place or null), measure,  ``view`` with the same page and n
         threshold (null: as given), blind, kind, page, n
thumbs   ids                                                 ``thumbs``, several, each with one buffer per id of ``ids``
=======  ==================================================  ===========================================================

Sent to every page of the dashboard:

=======  ===============================================================================================================
type     fields
=======  ===============================================================================================================
choices  tags, columns with their slices, measures, level, decisions: what there is to choose from
view     chosen, and what `glance` gives for it; or error, with what was chosen before
thumbs   ids (one buffer each), none (ids without a picture), failed (ids that did not come) and error (why)
=======  ===============================================================================================================
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..analysis.estimates import choose_metrics
from ..analysis.explorer.base import KINDS, Ask, Explorer
from ..analysis.explorer.glance import SHOWN, choices_of, glance
from ..analysis.gallery import Pictures, look_up
from ..errors import BadRequest, CmtoolsError
from .base import Widget, Worker, joined, styles

if TYPE_CHECKING:
    from ..analysis.agreement import Agreement
    from ..analysis.decisions import Frame

log = logging.getLogger(__name__)

MODULES = ("shared", "thumbs", "charts", "dashboard_store", "dashboard_parts", "dashboard")
STYLES = ("shared.css", "dashboard.css")

BATCH = 8
"""How many pictures are fetched and sent together: few, so that the first are seen soon."""


class AgreementDashboard(Widget):
    """Look around in decisions: choose tag, slices, measure and threshold; figures, chart and pictures follow at once.

    Everything a person chooses in the browser is also an attribute here, to read and to set.

    Parameters
    ----------
    decisions : table
        As `Agreement` takes them. They are read once, when the dashboard is made.
    pictures : mapping or callable, optional
        Review id to the bytes of a picture (or None), or a function that gives such a mapping for a list of ids:
        ``client.thumbnails``. Without it the disagreements are shown by their names.
    by : str or list of str, optional
        The columns to slice by, the first at first; unless given, all those that have few values.
    tag : str, optional
        What is shown first; the first tag unless given.
    measure : str
        The measure whose slices are drawn first.
    tags, absent, weights, strata, population, cluster, interval, level, seed
        As `Agreement` takes them.

    Raises
    ------
    BadRequest, BadTag
        As `Agreement` raises them.

    Examples
    --------
    Decisions as `Client.decisions` gives them, here made up:

    >>> import duckdb
    >>> decisions = duckdb.sql(
    ...     "SELECT CASE WHEN i % 2 = 0 THEN 'a' ELSE 'r' END AS tag, i % 3 = 0 AS auto, i % 5 = 0 AS human, "
    ...     "i // 50 AS week FROM range(100) AS t(i)"
    ... )
    >>> dashboard = AgreementDashboard(decisions)
    >>> dashboard.tag, dashboard.by = "r", "week"
    >>> dashboard
    AgreementDashboard(tag='r', measure='cohen_kappa', by='week', 100 decisions)
    >>> dashboard.agreement
    Agreement of auto and human tags: 50 decisions, tag r, 2 slices by week, 95 % intervals
    """

    _esm = joined(*(f"{name}.js" for name in MODULES))
    _css = styles(*STYLES)

    def __init__(
        self,
        decisions: Any,
        pictures: Pictures = None,
        *,
        by: str | Iterable[str] | None = None,
        tag: str | None = None,
        measure: str = "cohen_kappa",
        **choices: Any,
    ) -> None:
        self._explorer = Explorer(decisions, by=by, **choices)
        self._pictures = pictures
        self._lock = threading.RLock()
        self._measure = choose_metrics(measure, ())[0]
        self._kind: str | None = None
        first = (self._explorer.columns or (None,))[0]
        blind = "only" if self._explorer.has_both else "together"
        self._ask = self._explorer.check(Ask(tag or self._explorer.tags[0], by=first, blind=blind))
        self._fetching = Worker("cmtools dashboard", self._on_failure)
        super().__init__()

    # -- what is chosen ------------------------------------------------------------------------------------------------

    @property
    def tag(self) -> str:
        """The tag that is shown."""
        return self._ask.tag

    @tag.setter
    def tag(self, tag: str) -> None:
        self._choose(tag=tag)

    @property
    def by(self) -> str | None:
        """The column that slices; None for no slices."""
        return self._ask.by

    @by.setter
    def by(self, by: str | None) -> None:
        self._choose(by=by)

    @property
    def slice(self) -> Any:
        """The one slice that figures and pictures are of; None for all of them."""
        return self._ask.slice

    @slice.setter
    def slice(self, value: Any) -> None:
        self._choose(slice=value)

    @property
    def measure(self) -> str:
        """The name of the measure whose slices are drawn."""
        return self._measure

    @measure.setter
    def measure(self, measure: str) -> None:
        self._choose(measure=measure)

    @property
    def threshold(self) -> float | None:
        """The score from which on auto counts as on; None for the auto tags as they were given."""
        return self._ask.threshold

    @threshold.setter
    def threshold(self, threshold: float | None) -> None:
        self._choose(threshold=threshold)

    @property
    def blind(self) -> str:
        """Which reviews count where some were blind: ``"only"`` those, ``"never"`` those, or all ``"together"``."""
        return self._ask.blind

    @blind.setter
    def blind(self, blind: str) -> None:
        self._choose(blind=blind)

    @property
    def agreement(self) -> Agreement:
        """The agreement that is shown, of all slices: to go on with in code, or for `write_report`."""
        return self._explorer.full(self._ask)

    @property
    def disagreements(self) -> Frame:
        """The disagreements whose pictures are shown, worst first."""
        return self._explorer.disagreements(self._ask, self._kind, SHOWN)[0]

    def __repr__(self) -> str:
        ask = self._ask
        parts = [f"tag={ask.tag!r}", f"measure={self._measure!r}"]
        parts += [
            f"{name}={getattr(ask, name)!r}" for name in ("by", "slice", "threshold") if getattr(ask, name) is not None
        ]
        parts += [f"blind={ask.blind!r}"] if self._explorer.has_both else []
        return f"AgreementDashboard({', '.join(parts)}, {len(self._explorer):,} decisions)"

    # -- choosing ------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        """Take a choice over and show it everywhere; all of it or, with an error, nothing."""
        with self._lock:
            self._take(changes)
            self._show()

    def _take(self, changes: dict[str, Any]) -> None:
        ask, measure, kind = self._ask, self._measure, self._kind
        for name in ("tag", "measure", "by", "kind", "blind"):
            word = changes.get(name, "")
            if not isinstance(word, str) and (word is not None or name in ("tag", "measure", "blind")):
                raise BadRequest(f"{name} is {word!r}; give a word")
        if "measure" in changes:
            measure = choose_metrics(changes.pop("measure"), ())[0]
        if "kind" in changes:
            kind = changes.pop("kind")
            if kind is not None and kind not in KINDS:
                raise BadRequest(f"kind is {kind!r}; take {' or '.join(map(repr, KINDS))}, or None for both")
        if "by" in changes and changes["by"] != ask.by:
            changes.setdefault("slice", None)
        if changes.get("tag", ask.tag) != ask.tag:
            changes.setdefault("threshold", None)  # one tag's scores say nothing about another's
        self._ask = self._explorer.check(replace(ask, **changes))
        self._measure, self._kind = measure, kind

    def _seen(self) -> dict[str, Any]:
        ask = self._ask
        place = None if ask.is_whole else self._explorer.values(str(ask.by)).index(ask.slice)
        chosen = {"tag": ask.tag, "by": ask.by, "slice": place, "threshold": ask.threshold, "blind": ask.blind}
        chosen |= {"measure": self._measure, "kind": self._kind, "pictures": self._pictures is not None}
        return {"type": "view", "chosen": chosen, **glance(self._explorer, ask, self._measure, self._kind)}

    def _show(self, **more: Any) -> None:
        self.tell(self._seen() | more)

    def _on_failure(self, error: Exception) -> None:
        if not isinstance(error, CmtoolsError):
            log.warning("the dashboard met an error of its own", exc_info=error)
        self.tell({"type": "view", "error": str(error) or type(error).__name__})

    # -- what the browser asks -----------------------------------------------------------------------------------------

    def _hear_ready(self, _message: Mapping[str, Any]) -> None:
        with self._lock:
            self.tell({"type": "choices", **choices_of(self._explorer)})
            self._show()

    def _hear_choose(self, message: Mapping[str, Any]) -> None:
        changes = {name: message[name] for name in ("tag", "by", "measure", "threshold", "blind") if name in message}
        changes |= {"kind": message["kind"]} if "kind" in message else {}
        answer = {name: message.get(name) for name in ("page", "n")}
        with self._lock:
            try:
                if "slice" in message:
                    changes["slice"] = self._value(changes.get("by", self.by), message["slice"])
                self._take(changes)
                self._show(**answer)
            except CmtoolsError as error:
                self.tell({"type": "view", "error": str(error), **answer})

    def _value(self, by: str | None, place: object) -> Any:
        if place is None or by is None:
            return None
        values = self._explorer.values(by) if by in (self._explorer.columns or ()) else []
        if not isinstance(place, int) or not 0 <= place < len(values) or values[place] is None:
            raise BadRequest(f"there is no slice {place!r} by {by!r}")
        return values[place]

    def _hear_thumbs(self, message: Mapping[str, Any]) -> None:
        ids = [str(key) for key in message.get("ids", ())][:SHOWN]
        self._fetching.do(lambda: self._send_thumbnails(ids))

    def _send_thumbnails(self, ids: list[str]) -> None:
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            try:
                found = look_up(self._pictures, part)
            except CmtoolsError as error:
                failed = ids[start:]
                self.tell({"type": "thumbs", "ids": [], "none": [], "failed": failed, "error": str(error)})
                return
            there = {key: data for key in part if (data := found.get(key))}
            none = [key for key in part if key not in there]
            self.tell({"type": "thumbs", "ids": list(there), "none": none}, list(there.values()))
