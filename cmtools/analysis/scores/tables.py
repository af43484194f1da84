"""What is told of scores and of drift: tables with figures beside them, which show themselves. It computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..estimates import number
from ..metrics import METRICS

if TYPE_CHECKING:
    from ..charts.estimates import Chart


@dataclass(frozen=True, repr=False)
class Curve:
    """Metrics of one tag by the score from which on auto counts as on, with intervals.

    ``table`` has a row per threshold and metric: ``threshold, tag, metric, estimate, low, high, n, method, flag``, the
    lowest threshold first; ``counts`` the ``threshold, tag, n, tp, fp, fn, tn, missing`` behind it.
    """

    tag: str
    table: pd.DataFrame
    counts: pd.DataFrame
    average_precision: float
    roc_auc: float
    unscored: int
    level: float
    blind_only: bool
    binned: bool = False
    """Whether there were too many scores to tell each apart, so that figures go by a thousand bins of them."""

    def __repr__(self) -> str:
        told = f"average precision {number(self.average_precision, 3)}, area under ROC {number(self.roc_auc, 3)}"
        notes = _notes(self.unscored, self.blind_only, self.binned)
        return f"Curve of tag {self.tag}: {len(self.counts)} thresholds, {told}{notes}"

    def chart(self) -> Chart:
        """An altair chart of the metrics over the threshold, their intervals as bands."""
        from ..charts.scores import draw_curve

        return draw_curve(self.table, self.tag, self.level, _said(self))

    def _repr_html_(self) -> str:
        return _html(self, self.table)


@dataclass(frozen=True, repr=False)
class Calibration:
    """How often the tag was on, for decisions with scores alike, with intervals.

    ``table`` has a row per bin of scores: ``tag, bin, score`` (their mean), ``score_low, score_high`` (the lowest and
    the highest), ``estimate, low, high`` (the share that is on), ``n, method, flag``.
    """

    tag: str
    table: pd.DataFrame
    brier: float
    expected_error: float
    maximum_error: float
    by: str
    unscored: int
    level: float
    blind_only: bool
    binned: bool = False
    """Whether there were too many scores to tell each apart, so that figures go by a thousand bins of them."""

    def __repr__(self) -> str:
        told = f"Brier {number(self.brier, 3)}, expected calibration error {number(self.expected_error, 3)}"
        bins = f"{len(self.table)} bins of equal {self.by}"
        return f"Calibration of tag {self.tag}: {bins}, {told}{_notes(self.unscored, self.blind_only, self.binned)}"

    def chart(self) -> Chart:
        """An altair chart of the share that is on over the score, beside the line where scores come true."""
        from ..charts.scores import draw_calibration

        return draw_calibration(self.table, self.tag, self.level, _said(self))

    def _repr_html_(self) -> str:
        return _html(self, self.table)


@dataclass(frozen=True, repr=False)
class Drift:
    """A share by period, with the limits that chance leaves it within.

    ``table`` has a row per period: its column, then ``tag, metric, estimate, centre, low, high, n`` (decisions that the
    share is of, as many as they are worth where there are weights), ``signal`` ("above", "below", "run" or nothing) and
    ``flag``. What names no period is left out.
    """

    tag: str
    metric: str
    column: str
    table: pd.DataFrame
    method: str
    centre: float
    dispersion: float
    p: float
    blind_only: bool

    def __repr__(self) -> str:
        signals = int((self.table["signal"] != "").sum())
        title = METRICS[self.metric].title.lower()
        said = f"{signals} signal{'s' * (signals != 1)}, limits by {self.method}"
        many = len(self.table)
        periods = f"{many} period{'s' * (many != 1)} of {self.column}"
        return f"Drift of {title}, tag {self.tag}, over {periods}: {said}{_notes(0, self.blind_only)}"

    def chart(self) -> Chart:
        """An altair chart of the share by period, with its limits; signals are marked."""
        from ..charts.scores import draw_drift

        return draw_drift(self.table, self.column, self.tag, self.metric, _said(self))

    def _repr_html_(self) -> str:
        return _html(self, self.table)


def _notes(unscored: int, blind_only: bool, binned: bool = False) -> str:
    notes = [f"{unscored:,} without a score"] if unscored else []
    notes += ["scores in 1,000 bins"] if binned else []
    notes += ["blind decisions only"] if blind_only else []
    return f" ({', '.join(notes)})" if notes else ""


def _said(shown: Any) -> str:
    """What stands after the name of what is shown."""
    words = repr(shown).partition(": ")[2]
    return words[:1].upper() + words[1:]


def _html(shown: Any, table: pd.DataFrame) -> str:
    return f"<p>{escape(repr(shown))}</p>{table.to_html(index=False)}"
