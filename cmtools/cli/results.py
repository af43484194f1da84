"""`cmtools results`: all decisions of a team into a file. It measures nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadRequest

if TYPE_CHECKING:
    from ..analysis.decisions import Frame

EXAMPLES = """
\b
Examples:
  cmtools results --output decisions.csv
  cmtools results --output decisions.parquet --subteam experts --metadata
  cmtools results --output final.jsonl --answers final

\b
What comes out:
  Exit code 0: written.  1: an error; a file that was there is as it was.  2: a wrong option.
"""
KINDS = (".csv", ".jsonl", ".parquet")


@click.command(epilog=EXAMPLES)
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.csv, .jsonl or .parquet."
)
@click.option("--subteam", help="Only this subteam's.")
@click.option("--type", "kind", help="Only Image, Text or Video.")
@click.option("--metadata", is_flag=True, help="Add a column for every other metadata key.")
@click.option(
    "--answers",
    type=click.Choice(["each", "final", "golden"]),
    default="each",
    show_default=True,
    help="What each reviewer said, the final tags, or what each said of golden items.",
)
@click.option("--exposure", is_flag=True, help="Add how often, and how long, the reviewer saw the picture uncovered.")
def results(output: Path, subteam: str | None, kind: str | None, metadata: bool, answers: str, exposure: bool) -> None:
    """Write all decisions to a file: CSV, JSON lines or Parquet.

    It has one row per review, tag and reviewer.

    The service, team and key are those of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY; the key is an administrator's, a
    lead's or an auditor's.
    """
    if output.suffix.lower() not in KINDS:
        raise BadRequest(f"{str(output)!r} is none of the files that can be written: {', '.join(KINDS)}")
    if not output.parent.is_dir():
        raise BadRequest(f"there is no folder {str(output.parent)!r} for the file; make it first")
    from ..client.client import Client

    decisions = Client.from_env().decisions(subteam, metadata, exposure, type=kind, answers=answers)
    _write(decisions, output)
    click.echo(f"{len(decisions):,} decisions in {output}")


def _write(decisions: Frame, output: Path) -> None:
    """Write it beside its place first, so that what was there stays until the new file is whole."""
    if output.suffix.lower() == ".parquet":
        from ..analysis.sources.source import write_parquet

        write_parquet(decisions, output)
        return
    unfinished = output.with_name(f".{output.name}.part")
    try:
        if output.suffix.lower() == ".csv":
            decisions.to_csv(unfinished, index=False)
        else:
            decisions.to_json(unfinished, orient="records", lines=True, date_format="iso", date_unit="us")
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
