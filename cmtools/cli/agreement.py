"""`cmtools agreement`: how far auto and human tags agree, as a table to read or JSON. It measures nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from .decisions import Asked, measuring, names

if TYPE_CHECKING:
    from ..analysis.agreement import Agreement

EXAMPLES = """
\b
Examples:
  cmtools agreement
  cmtools agreement --by subteam --tags a,r --metrics recall,cohen_kappa
  cmtools agreement decisions.csv --by subteam,type
  cmtools agreement --answers final --json > agreement.json

\b
What comes out:
  A table on standard output: estimate, interval and number of decisions n for each slice, tag and measure. A word in
  the last column warns of an estimate, and is explained below the table: `sparse`, for instance. --json gives the
  same in full figures, with the method of each interval, as one object whose "figures" are the rows.
  For a file to pass on: cmtools report.
  Exit code 0: measured, also where there is no decision yet.  1: an error.  2: a wrong option.
"""
NOTHING = "–"


@click.command(epilog=EXAMPLES)
@measuring
@click.option(
    "--metrics",
    multiple=True,
    metavar="NAME",
    help="Only these measures: recall,gwet_ac1.  [default: percent_agreement, precision, recall, f1, cohen_kappa, "
    "gwet_ac1]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def agreement(metrics: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Show how far auto and human tags agree, with intervals.

    TABLE is a file of decisions (.csv, .jsonl, .parquet), as `cmtools results` writes it. Without it they are those of
    the service, team and key of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY; the key is an administrator's, a lead's or
    an auditor's.
    """
    asked = Asked.of(given)
    from ..analysis.agreement import Agreement
    from ..analysis.metrics import HEADLINE

    measured = Agreement(asked.decisions(), **asked.choices)
    chosen = names(metrics) or HEADLINE
    if as_json:
        click.echo(json.dumps(object_of(measured, chosen), ensure_ascii=False, indent=2))
    else:
        for line in lines_of(measured, chosen):
            click.echo(line)


def object_of(measured: Agreement, metrics: Sequence[str]) -> dict[str, Any]:
    """What --json writes: the figures, and what they are of."""
    facts = measured.facts
    rows = json.loads(measured.table(metrics).to_json(orient="records", double_precision=10, date_format="iso"))
    return {
        "decisions": facts.rows,
        "reviews": facts.reviews,
        "left_out": measured.left_out,
        "level": measured.level,
        "fingerprint": facts.fingerprint,
        "figures": rows,
    }


def lines_of(measured: Agreement, metrics: Sequence[str]) -> Iterator[str]:
    """The table as lines of text: what a row shares with the one before is not said again.

    Examples
    --------
    >>> import pandas as pd
    >>> from cmtools import Agreement
    >>> frame = pd.DataFrame({"tag": "r", "auto": [True] * 20 + [False] * 30, "human": [True] * 25 + [False] * 25})
    >>> for line in lines_of(Agreement(frame), ["recall", "cohen_kappa"]):
    ...     print(line)
    Agreement of auto and human tags: 50 decisions, tag r, 95 % intervals
    <BLANKLINE>
    tag  n   measure      estimate  interval
    r    50  recall          0.800  0.609 to 0.911
             cohen_kappa     0.800  0.637 to 0.963
    """
    from ..analysis.words import FLAGS

    yield repr(measured)
    if measured.left_out:
        yield f"{measured.left_out:,} reviews are not decided yet."
    yield ""
    records = measured.table(metrics).to_dict("records")
    shared = (*measured.by, "tag", "n")
    rows = [[*shared, "measure", "estimate", "interval", "note"]]
    rows += [[*(_word(record[name]) for name in shared), *_figures(record)] for record in records]
    flags = sorted({record["flag"] for record in records if record["flag"]})
    if not flags:
        rows = [row[:-1] for row in rows]
    yield from _aligned(_without_repeats(rows, len(shared)), right=len(shared) + 1)
    if flags:
        yield ""
        yield from (f"{flag}: {FLAGS[flag]}" for flag in flags)


def _word(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return NOTHING if value is None or value != value else str(value)


def _figures(record: dict[Any, Any]) -> list[str]:
    estimate, low, high = (_number(record[name]) for name in ("estimate", "low", "high"))
    return [record["metric"], estimate, NOTHING if low == NOTHING else f"{low} to {high}", record["flag"]]


def _number(value: float) -> str:
    return NOTHING if value != value else f"{value:.3f}"


def _without_repeats(rows: list[list[str]], shared: int) -> list[list[str]]:
    same = [False, *(before[:shared] == row[:shared] for before, row in pairwise(rows))]
    return [[""] * shared + row[shared:] if again else row for again, row in zip(same, rows, strict=True)]


def _aligned(rows: list[list[str]], right: int) -> Iterator[str]:
    """Columns two spaces apart; the one at ``right`` is of numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if place == right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
