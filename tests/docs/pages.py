"""What the documents are, and what stands in them: links, headings, fenced blocks, lines of a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tools.reference import commands, epilog_parts

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
REFERENCE = ROOT / "notebooks" / "reference"
PAGES = sorted(REFERENCE.glob("*.md"))
BESIDE = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "THIRD_PARTY_NOTICES.md")]
DOCUMENTS = [README, *BESIDE, *PAGES]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+).+?\1", re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(document: Path) -> str:
    """A document as one writes it from the top folder."""
    return document.relative_to(ROOT).as_posix()


def text_of(document: Path) -> str:
    """A page, or the written cells of a notebook one after the other."""
    text = document.read_text(encoding="utf-8")
    if document.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def blocks(document: Path) -> list[tuple[str, str]]:
    """The fenced blocks: language and content."""
    return BLOCK.findall(text_of(document))


def python_of(document: Path) -> list[str]:
    """The blocks of Python, in their order."""
    return [code for language, code in blocks(document) if language == "python"]


def prose(document: Path) -> str:
    """Without fenced blocks and code in a line, where a bracket is no link."""
    return CODE.sub("", BLOCK.sub("", text_of(document)))


def links(document: Path) -> list[str]:
    """Where the links and pictures lead."""
    return LINK.findall(CODE.sub("code", BLOCK.sub("", text_of(document))))


def anchors(document: Path) -> set[str]:
    """What can stand behind ``#``, as code hosts make it of headings: small letters, hyphens for spaces, no signs."""
    found = HEADING.findall(BLOCK.sub("", text_of(document)))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


@dataclass(frozen=True)
class Call:
    """One program that a line starts: its arguments, the first of them its name."""

    line: str
    where: str
    arguments: tuple[str, ...]
    piped: bool
    """Whether another program writes into it."""


def shell_lines() -> dict[str, str]:
    """Each line of a shell that a document or a command's help shows, and one place where it stands."""
    found: dict[str, str] = {}
    for typed, command in commands():
        for title, lines in epilog_parts(command.epilog or ""):
            if title.startswith("Example"):
                found.update(dict.fromkeys(lines, f"{typed} --help"))
    for document in DOCUMENTS:
        for language, content in blocks(document):
            if language == "sh":
                found.update(dict.fromkeys(filter(None, content.splitlines()), name_of(document)))
    return found


def calls() -> list[Call]:
    """The programs that those lines start; what stands behind ``>`` and assignments before a name are left out."""
    return [call for line, where in shell_lines().items() for call in _calls_of(line, where)]


def _calls_of(line: str, where: str) -> Iterator[Call]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|>")
    lexer.whitespace_split = True
    words: list[str] = []
    piped = False
    for word in [*lexer, "&&"]:
        if word not in ("&&", "|"):
            words.append(word)
            continue
        kept = words[: words.index(">")] if ">" in words else words
        while kept and re.match(r"[A-Z_]+=", kept[0]):
            kept = kept[1:]
        if kept:
            yield Call(line, where, tuple(kept), piped)
        words, piped = [], word == "|"
