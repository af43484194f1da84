"""`cmtools report`: an agreement as a file to pass on. What it says and how it looks is decided in `analysis`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import BadRequest
from .decisions import Asked, measuring, service

EXAMPLES = """
\b
Examples:
  cmtools report --output agreement.html --by subteam
  cmtools report --output agreement.md --answers final --title "Night shift, week 12"
  cmtools report decisions.parquet --output agreement.xlsx
  cmtools report decisions.csv --output agreement.html --pictures

\b
What comes out:
  .html: one page with figures, charts, disagreements and how it was measured; no script, nothing from elsewhere.
  .md: the same as text.  .xlsx: a workbook.  .csv: the figures alone, one row for each slice, tag and measure.
  The same decisions and choices give the same bytes. A file that is there is replaced at once or not at all.
  Exit code 0: written.  1: an error, and nothing was written.  2: a wrong option.
"""


@click.command(epilog=EXAMPLES)
@measuring
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.html, .md, .xlsx or .csv."
)
@click.option("--title", help="The heading.")
@click.option(
    "--pictures/--no-pictures",
    default=None,
    help="Show disagreements in a page as pictures, from the service.  [default: without TABLE]",
)
def report(output: Path, title: str | None, pictures: bool | None, **given: Any) -> None:
    """Write how far auto and human tags agree to a file.

    TABLE is a file of decisions (.csv, .jsonl, .parquet), as `cmtools results` writes it. Without it they are those of
    the service, team and key of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY; the key is an administrator's, a lead's or
    an auditor's.
    """
    asked = Asked.of(given)
    from ..analysis.agreement import Agreement
    from ..analysis.reports.writing import FORMATS, write_report

    if output.suffix.lower() not in FORMATS:
        raise BadRequest(f"{str(output)!r} is none of the reports that can be written: {', '.join(FORMATS)}")
    if not output.parent.is_dir():
        raise BadRequest(f"there is no folder {str(output.parent)!r} for the file; make it first")
    shown = asked.table is None if pictures is None else pictures
    measured = Agreement(asked.decisions(), **asked.choices)
    write_report(measured, output, title=title, pictures=service().thumbnails if shown else None)
    click.echo(f"{measured.facts.rows:,} decisions reported in {output}")
