"""A report as Markdown, with charts drawn in letters. It measures nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ..estimates import number
from ..measure import Measured
from ..metrics import HEADLINE, METRICS
from .content import LEAD, NOTHING, SCORES, Content, Row, plain

WIDTH = 45
"""How many letters wide a chart is."""

_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]()#+-.!|<>~&"})
_COUNTS = ("n", "both on (tp)", "auto on, human off (fp)", "auto off, human on (fn)", "both off (tn)", "auto missing")


def markdown(content: Content) -> str:
    """The whole report; what people wrote shows as it is, whatever signs it has."""
    others = [name for name in METRICS if name not in HEADLINE]
    facts = _table(("", ""), [(_text(name), _text(value)) for name, value in content.facts])
    parts = [f"# {_text(content.title)}", LEAD, facts, *([] if content.decisions else [NOTHING])]
    parts += [
        "## Estimates",
        f"Each with its {content.level} interval; what is flagged says why.",
        _estimates(content, HEADLINE),
    ]
    parts += ["## Charts", _LEGEND, *(chart(content.rows, content.measured[name], name) for name in HEADLINE)]
    parts += ["## Counts", "How often auto and human tag were on or off. Every figure here comes from these."]
    parts += [_counts(content), *_scores(content), "## Disagreements", content.disagreements, *_disagreements(content)]
    parts += ["## Further estimates", _estimates(content, others), "## What the words mean", *_meanings(content)]
    choices = [*content.choices, ("Fingerprint", content.agreement.facts.fingerprint)]
    parts += ["## Choices made", "Whoever makes the same choices on the same decisions gets this report again."]
    parts += [_table(("choice", "what was chosen"), [(_text(term), _text(value)) for term, value in choices])]
    return "\n\n".join(parts) + "\n"


_LEGEND = (
    "`●` is an estimate, `○` one that is flagged, `├───┤` its interval. The line under a chart says where its scale "
    "begins and ends."
)


def chart(rows: Sequence[Row], measured: Measured, name: str) -> str:
    """One metric's estimates with their intervals, in letters.

    Examples
    --------
    >>> one = [np.array([value]) for value in (0.5, 0.25, 0.75)]
    >>> print(chart([Row("a", None, 9)], Measured(*one, np.array([""]), np.array([""])), "recall"))
    ```text
    Recall
    a            ├──────────●──────────┤            0.50 [0.25, 0.75]
      0                                           1
    ```
    """
    ends = np.concatenate([measured.estimate, measured.low])
    floor = min(0.0, math.floor(np.nanmin(ends) * 5) / 5) if not np.isnan(ends).all() else 0.0
    names = [_plain_name(row) for row in rows]
    wide = max([len(name) for name in names], default=0)
    lines = [METRICS[name].title]
    for place, label in enumerate(names):
        estimate, low, high, _, flag = (part[place] for part in measured)
        reach = "" if np.isnan(low) else f" [{number(low)}, {number(high)}]"
        words = " ".join(part for part in (number(estimate) + reach, plain(flag)) if part)
        lines.append(f"{label.ljust(wide)} {_line(estimate, low, high, floor, bool(flag))} {words}".rstrip())
    start = number(floor, 1) if floor else "0"
    lines.append(f"{' ' * wide} {start}{'1'.rjust(WIDTH - len(start))}")
    return "```text\n" + "\n".join(lines).replace("`", "'") + "\n```"


def _line(estimate: float, low: float, high: float, floor: float, doubtful: bool) -> str:
    letters = [" "] * WIDTH

    def at(value: float) -> int:
        return min(WIDTH - 1, max(0, round((value - floor) / (1 - floor) * (WIDTH - 1))))

    if not np.isnan(low):
        letters[at(low) : at(high) + 1] = "─" * (at(high) - at(low) + 1)
        letters[at(low)], letters[at(high)] = "├", "┤"
    if not np.isnan(estimate):
        letters[at(estimate)] = "○" if doubtful else "●"
    return "".join(letters)


def _plain_name(row: Row) -> str:
    """A row's name on one line, for text that knows no escapes."""
    name = row.tag if row.slice is None else f"  {row.slice}"
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _text(words: str) -> str:
    """What somebody wrote, as Markdown that shows it."""
    return " ".join(words.split()).translate(_SPECIAL)


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _name(row: Row) -> str:
    return f"**{_text(row.tag)}**" if row.slice is None else f"{_text(row.tag)} · {_text(row.slice)}"


def _estimates(content: Content, metrics: Sequence[str]) -> str:
    heads = ["tag", "n", *(METRICS[name].title for name in metrics)]
    rows = [
        [_name(row), f"{row.n:,}", *(_cell(content.measured[name], place) for name in metrics)]
        for place, row in enumerate(content.rows)
    ]
    return _table(heads, rows)


def _cell(measured: Measured, place: int) -> str:
    estimate, low, high, _, flag = (part[place] for part in measured)
    reach = "" if np.isnan(low) else f" \\[{number(low)}, {number(high)}\\]"
    return number(estimate) + reach + (f" *{plain(flag)}*" if flag else "")


def _counts(content: Content) -> str:
    values = content.counts.to_numpy()
    rows = [[_name(row), *(f"{int(value):,}" for value in values[place])] for place, row in enumerate(content.rows)]
    return _table(("tag", *_COUNTS), rows)


def _scores(content: Content) -> list[str]:
    if not content.scores:
        return []
    names = list(dict.fromkeys(name for each in content.scores for name in each.figures))
    rows = [
        [_text(each.tag), *(number(each.figures.get(name, float("nan")), 3) for name in names)]
        for each in content.scores
    ]
    return ["## Scores", SCORES, _table(["tag", *names], rows)]


def _disagreements(content: Content) -> list[str]:
    if not len(content.found):
        return []
    listed = content.listed
    names = [name for name in listed if name != "score"]
    rows = [[*(_text(row[name]) for name in names), number(row["score"])] for row in listed.to_dict("records")]
    return [_table([*map(plain, names), "score"], rows)]


def _meanings(content: Content) -> list[str]:
    parts: list[str] = []
    for heading, entries in content.meanings.items():
        if not entries:
            continue
        rows = [(_text(term), _text(words), _text(small)) for term, words, small in entries]
        third = {"Estimates": "source", "Intervals": "used for", "Flags": ""}[heading]
        parts += [f"### {heading}", _table(("word", "meaning", third), rows)]
        parts += content.notes if heading == "Intervals" else []
    return parts
