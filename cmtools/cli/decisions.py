"""The decisions that a command measures, a file's or the service's, and how they are measured. It measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadRequest

if TYPE_CHECKING:
    from ..client.client import Client

INTERVALS = ("auto", "wilson", "exact", "linearised", "bootstrap")
ANSWERS = ("each", "final")


def names(given: Iterable[str]) -> tuple[str, ...] | None:
    """What an option that can be repeated says, commas between names too; None where it says nothing.

    Examples
    --------
    >>> names(["subteam, type", "reviewer"]), names([])
    (('subteam', 'type', 'reviewer'), None)
    """
    found = [name.strip() for text in given for name in text.split(",")]
    return tuple(dict.fromkeys(filter(None, found))) or None


@dataclass(frozen=True)
class Asked:
    """Which decisions to measure, and how."""

    table: Path | None
    by: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    answers: str | None = None
    interval: str = "auto"
    level: float = 0.95

    @classmethod
    def of(cls, given: dict[str, Any]) -> Asked:
        """Take the options of `measuring` out of what a command was given, checked."""
        table, answers = given.pop("table"), given.pop("answers")
        if table is not None and answers is not None:
            raise click.UsageError("--answers is for the service's decisions; a TABLE has what was written to it")
        several = {name: names(given.pop(name)) for name in ("by", "tags")}
        return cls(table, **several, answers=answers, interval=given.pop("interval"), level=given.pop("level"))

    @property
    def choices(self) -> dict[str, Any]:
        """As `cmtools.Agreement` and `cmtools.AgreementDashboard` take them."""
        return {"by": self.by, "tags": self.tags, "interval": self.interval, "level": self.level}

    @property
    def fetching(self) -> dict[str, Any]:
        """What `cmtools.Client.decisions` is told."""
        metadata = any(name.startswith("metadata_") for name in self.by or ())
        return {"metadata": metadata, "answers": self.answers or "each"}

    def decisions(self) -> Any:
        """The table, as `cmtools.Agreement` takes it."""
        if self.table is not None:
            if not self.table.is_file():
                raise BadRequest(f"there is no file {str(self.table)!r}; `cmtools results --output FILE` writes one")
            return str(self.table)
        return service().decisions(**self.fetching)


def service() -> Client:
    """The service of the environment."""
    from ..client.client import Client

    return Client.from_env()


def measuring(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and the options of a command that measures decisions; `Asked.of` takes them."""
    options = (
        click.argument("table", required=False, type=click.Path(dir_okay=False, path_type=Path)),
        click.option(
            "--by", multiple=True, metavar="COLUMN", help="Slice by it; repeat it, or write by commas: subteam,type."
        ),
        click.option("--tags", multiple=True, metavar="TAG", help="Only these tags, in this order: a,r."),
        click.option(
            "--answers",
            type=click.Choice(ANSWERS),
            help="Without TABLE: what each reviewer said, or the final tags.  [default: each]",
        ),
        click.option(
            "--interval", type=click.Choice(INTERVALS), default="auto", show_default=True, help="The kind of intervals."
        ),
        click.option(
            "--level",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.95,
            show_default=True,
            help="The confidence level of the intervals.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
