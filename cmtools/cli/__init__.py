"""The command line: which sub-command lives in which file. It holds none itself, and loads one when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from .. import __version__
from ..errors import CmtoolsError

COMMANDS = {
    "agreement": ("agreement", "Show how far auto and human tags agree, with intervals."),
    "audit": ("audit", "Check, note or export the trail of who did what; check and report audit files."),
    "backup": ("backup", "Copy the database and its pictures while the service runs."),
    "create": ("create", "Create reviews of files, addresses or texts."),
    "dashboard": ("dashboard", "Serve the agreement dashboard as a web page."),
    "lab": ("lab", "Start the review service and JupyterLab together."),
    "portal": ("portal", "Serve the portal: reviews for people who never see a notebook."),
    "report": ("report", "Write how far auto and human tags agree to a file."),
    "results": ("results", "Write all decisions to a file: CSV, JSON lines or Parquet."),
    "serve": ("service", "Start a review service and keep it running until Ctrl-C."),
    "status": ("status", "Show whether the service is ready, and what waits."),
}
"""Each sub-command's file in this folder and the line that `cmtools --help` shows; the file's function has its name."""


class LazyGroup(click.Group):
    """A group that imports a sub-command's file when that sub-command is asked for.

    Examples
    --------
    >>> LazyGroup("cmtools").list_commands(click.Context(LazyGroup("cmtools")))
    ['agreement', 'audit', 'backup', 'create', 'dashboard', 'lab', 'portal', 'report', 'results', 'serve', 'status']
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        """The names in `COMMANDS`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, loaded now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name][0]}", __name__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of sub-commands, written without loading one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except CmtoolsError as error:
            raise click.ClickException(str(error)) from error


EXAMPLES = """
\b
Examples:
  cmtools lab                                         start: service, JupyterLab and tutorials
  cmtools create photos --tagger opennsfw --dry-run   create: see first what would be reviewed
  cmtools portal --service http://127.0.0.1:8765      review: a page for people without a notebook
  cmtools status                                      what waits, and whether the service is well
  cmtools results --output decisions.csv              results: all decisions as a file
  cmtools agreement --by subteam                      agreement: how often the auto tags are right
  cmtools report --output agreement.html              the same as a page to pass on
  cmtools audit verify audit.zip                      audit: does a file agree with the trail?

\b
Commands that ask a service find it by CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY in the environment.
`cmtools COMMAND --help` has the options, examples and exit codes of each.
"""

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.command(cls=LazyGroup, epilog=EXAMPLES, context_settings=HELP)
@click.version_option(__version__, prog_name="cmtools")
def main() -> None:
    """Human content reviews in Jupyter, and how far auto tags and human tags agree."""
