"""`python -m tests.tools.reference` writes the reference pages of commands and errors anew (`make reference`).

What the code says comes from the code: commands and their options from click, messages from `tests.tools.messages`.
On the page of errors sentences under a message and under a heading are written by hand, and stay; so does what stands
before the first class. Where a message is worded anew, the sentence under it goes along; where it is gone, the sentence
is printed.
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from cmtools import cli, errors

from .messages import OF_PYTHON, OF_THE_SHELL, REASON, Message, package

FOLDER = Path(__file__).parents[2] / "notebooks" / "reference"
COMMANDS = FOLDER / "commands.md"
ERRORS = FOLDER / "errors.md"

AREAS = {
    "drafts": "Making drafts",
    "content": "Making drafts",
    "client/transport": "Reaching the service",
    "client/connection": "Reaching the service",
    "client/urls": "Reaching the service",
    "client": "Calling the service from Python",
    "widgets/create": "Create form, portal and dashboard",
    "widgets/portal": "Create form, portal and dashboard",
    "widgets/dashboard": "Create form, portal and dashboard",
    "widgets": "Reviewing on the board",
    "analysis/plans": "Sampling plans",
    "analysis/sampling": "Sampling plans",
    "analysis/audits": "Audits",
    "analysis/thresholds": "Scores and thresholds",
    "analysis/scores": "Scores and thresholds",
    "analysis/dsa": "The DSA's sheet",
    "analysis/quality": "Reviewers",
    "analysis/raters": "Reviewers",
    "analysis/ratings": "Reviewers",
    "analysis": "Agreement and its tables",
    "taggers": "Taggers",
    "wire": "Bodies of requests",
    "service": "The service and its settings",
    "store": "The service and its settings",
    "outgoing": "Calls that the service makes",
    "cli": "The command line",
    "samples": "Samples and testing",
    "testing": "Samples and testing",
    "tags": "Making drafts",
    "model": "Making drafts",
}
"""Folder or file of the package -> where a user meets its messages; the longest name that fits counts."""

SPLIT_FROM = 50
"""A class with so many messages is split by where they are met."""

SHELL = {
    "Usage": "Usage of commands",
    "Command": "Commands that stop",
    REASON: "Left out",
    "Python": "Python's own errors",
}
SHELL_LINES = {
    "Usage": "Printed after `Usage: ...` when options do not go together; the exit code is 2.",
    "Python": "`ImportError`, where a package is missing, and `TypeError`, where a program hands on what it must not.",
    REASON: "Reasons in `.refused` of what `cm.make_drafts` gives, and on standard error of `cmtools create`. Nothing "
    "is raised. Messages of BadDraft, BadTag, BadPicture and TaggerFailed stand there too.",
    "Command": "Printed as `Error: ...`; the exit code is 1. Any other message of this page is printed so too.",
}
BEGIN = "<!-- From here on `make reference` writes headings and messages; sentences under them are written by hand. -->"


@dataclass
class Written:
    """What was written by hand on a page of errors."""

    head: str = ""
    under_headings: dict[str, str] = field(default_factory=dict)
    under_messages: dict[tuple[str, str], str] = field(default_factory=dict)


def read_errors(page: str) -> Written:
    """The sentences of a page that are kept.

    Examples
    --------
    >>> page = f"# Errors\\n\\n{BEGIN}\\n\\n## Timeout\\n\\n*0.* Made.\\n\\nLook first.\\n\\n- `no answer`\\n  Wait.\\n"
    >>> written = read_errors(page)
    >>> written.under_headings, written.under_messages
    ({'Timeout': 'Look first.'}, {('Timeout', 'no answer'): 'Wait.'})
    """
    head, _, rest = page.partition(BEGIN)
    written = Written(head.rstrip())
    for section in re.split(r"^## ", rest, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        intro, *_ = re.split(r"^(?:### |- )", body, flags=re.MULTILINE)
        kept = "\n\n".join(part for part in intro.strip().split("\n\n")[1:])
        if kept:
            written.under_headings[title] = kept
        for words, told in re.findall(r"^- (`+.*`+)\n((?:  .*\n?)+)", body, flags=re.MULTILINE):
            written.under_messages[title, unquoted(words)] = " ".join(line.strip() for line in told.splitlines())
    return written


def quoted(words: str) -> str:
    """A message as code.

    Examples
    --------
    >>> quoted("give it"), quoted("see `table`")
    ('`give it`', '`` see `table` ``')
    """
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def unquoted(code: str) -> str:
    """The message that code shows; the reverse of `quoted`."""
    return code[3:-3] if code.startswith("`` ") else code[1:-1]


def area_of(file: str) -> str:
    """Where a user meets the messages of a file."""
    return AREAS[max((name for name in AREAS if file.startswith(name)), key=len)]


def write_errors(messages: list[Message], written: Written) -> str:
    """The page: a heading for each class, its messages in order, and what was written by hand."""
    parts = [written.head, BEGIN]
    for kind, line in kinds():
        mine = {message.words: message for message in reversed(messages) if message.kind == kind}
        title = SHELL.get(kind, kind)
        if not mine and title not in written.under_headings:
            continue
        parts += [f"## {title}", line]
        if title in written.under_headings:
            parts.append(written.under_headings[title])
        areas = sorted({area_of(message.file) for message in mine.values()}, key=list(AREAS.values()).index)
        for area in areas if len(mine) >= SPLIT_FROM else [""]:
            if area:
                parts.append(f"### {title}: {area[0].lower()}{area[1:]}")
            chosen = sorted(
                (words for words, each in mine.items() if not area or area_of(each.file) == area), key=_order
            )
            parts.append("\n".join(_item(words, written.under_messages.get((title, words))) for words in chosen))
    return "\n\n".join(part for part in parts if part) + "\n"


def kinds() -> Iterator[tuple[str, str]]:
    """Each class with the line under its heading, in the order of the tree; then what the terminal shows."""
    for cls in _tree(errors.CmtoolsError):
        if cls.__module__ == errors.__name__:
            said = (inspect.getdoc(cls) or "").splitlines()[0]
            status = f"HTTP {cls.status}, " if cls.status else ""
            parent = "" if cls is errors.CmtoolsError else f"; a kind of `{cls.__mro__[1].__name__}`"
            yield cls.__name__, f"*{status}code `{cls.code}`{parent}.* {said}"
    for kind in dict.fromkeys([REASON, *OF_PYTHON.values(), *OF_THE_SHELL.values()]):
        yield kind, SHELL_LINES[kind]


def _tree(cls: type[errors.CmtoolsError]) -> Iterator[type[errors.CmtoolsError]]:
    """A class and those that descend from it, each before its own."""
    yield cls
    for below in cls.__subclasses__():
        yield from _tree(below)


def _order(words: str) -> tuple[str, str]:
    """By the first letters that are the message's own."""
    return re.sub(r"[^a-z0-9 ]", "", words.lower()).strip(), words


def _item(words: str, told: str | None) -> str:
    return f"- {quoted(words)}" + (f"\n  {told}" if told else "")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and sub-command with what one types for it."""

    def walk(command: click.Command, typed: str) -> Iterator[tuple[str, click.Command]]:
        yield typed, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from walk(inner, f"{typed} {name}")

    found = walk(cli.main, "cmtools")
    next(found)
    yield from found


def write_commands() -> str:
    """The page of commands: what each does, its options, its examples."""
    parts = [COMMANDS_HEAD]
    for typed, command in commands():
        parts.append(f"{'##' if typed.count(' ') == 1 else '###'} {typed}")
        said = re.sub(r"\n(?!\n)", " ", inspect.cleandoc(command.help or "")).replace("\n ", "\n\n").replace("\b", "")
        parts.append(said)
        if not isinstance(command, click.Group):
            context = click.Context(command, info_name=typed, max_content_width=1000)
            parts.append(f"`{' '.join([typed, *command.collect_usage_pieces(context)])}`")
        options = [each for each in command.params if isinstance(each, click.Option)]
        if options:
            rows = [f"| `{_typed(each)}` | {_told(each)} |" for each in options]
            parts.append("\n".join(["| option | what it says |", "|---|---|", *rows]))
        parts += _epilog(command.epilog or "")
    return "\n\n".join(parts) + "\n"


def _typed(option: click.Option) -> str:
    if option.is_flag:
        return option.opts[0]
    kind = option.type
    choices = "|".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""
    return f"{option.opts[0]} {option.metavar or choices or kind.name.upper().replace(' RANGE', '')}".replace(
        "|", "\\|"
    )


def _told(option: click.Option) -> str:
    said = " ".join((option.help or "").split())
    shown = option.default if option.show_default is True else option.show_default
    if isinstance(shown, str | int) and not isinstance(shown, bool) and "[default" not in said:
        said = f"{said} [default: {shown}]"
    if option.required:
        said = f"{said} [required]"
    return said.replace("|", "\\|").replace("<", "&lt;")


def _epilog(epilog: str) -> Iterator[str]:
    """Examples as lines to copy, everything else as it reads."""
    for title, lines in epilog_parts(epilog):
        if title.startswith("Example"):
            yield "\n".join(["```sh", *lines, "```"])
        else:
            yield f"**{title}.** {' '.join(lines)}".replace("<", "&lt;")


def epilog_parts(epilog: str) -> Iterator[tuple[str, list[str]]]:
    """The headed parts of the text that stands at the end of a command's help.

    Examples
    --------
    >>> list(epilog_parts("\\b\\nExamples:\\n  cmtools lab\\n\\n\\b\\nMore:\\n  It is\\n  so."))
    [('Examples', ['cmtools lab']), ('More', ['It is', 'so.'])]
    >>> list(epilog_parts("Example:  cmtools lab"))
    [('Example', ['cmtools lab'])]
    """
    title, lines = "", list[str]()
    for line in epilog.replace("\b", "").splitlines():
        head = re.match(r"(\S[^:]*):(?:\s+(.*))?$", line)
        if head:
            if title:
                yield title, lines
            title, lines = head[1], [head[2]] if head[2] else []
        elif line.strip():
            lines.append(line.strip())
    if title:
        yield title, lines


COMMANDS_HEAD = """# Commands

What each command of `cmtools` does, with its options and examples: the same that `cmtools COMMAND --help` shows. Most
take the service, team and key from `CMTOOLS_URL`, `CMTOOLS_TEAM` and `CMTOOLS_KEY`. The notebook
[The command line](../13_command_line.ipynb) shows them at work. [All pages](README.md)"""


def carry_over(messages: list[Message], written: Written) -> None:
    """Put the sentences of messages that were worded anew under the new wording, and print those that have no home.

    Examples
    --------
    >>> written = Written(under_messages={("Timeout", "no answer from … in time"): "Wait."})
    >>> carry_over([Message("Timeout", "no answer from … in time; look first", "client/waiting.py")], written)
    >>> written.under_messages
    {('Timeout', 'no answer from … in time; look first'): 'Wait.'}
    """
    there = {(SHELL.get(message.kind, message.kind), message.words) for message in messages}
    for title, words in [place for place in written.under_messages if place not in there]:
        told = written.under_messages.pop((title, words))
        free = [each for kind, each in there - set(written.under_messages) if kind == title]
        near = difflib.get_close_matches(words, free, n=1, cutoff=0.7)
        if near:
            written.under_messages[title, near[0]] = told
        else:
            print(f"gone from {title}: {words}\n  {told}")


def main() -> int:
    """Write both pages; 0."""
    COMMANDS.write_text(write_commands(), encoding="utf-8")
    written = read_errors(ERRORS.read_text(encoding="utf-8") if ERRORS.exists() else "")
    messages = package().messages()
    carry_over(messages, written)
    page = write_errors(messages, written)
    ERRORS.write_text(page, encoding="utf-8")
    kept = read_errors(page).under_messages
    print(f"{COMMANDS.name}, {ERRORS.name}: {len(messages)} messages, {len(kept)} with a sentence of their own")
    return 0


if __name__ == "__main__":
    sys.exit(main())
