"""A report as one HTML page that a person can read, print and pass on. It measures nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from ..estimates import number
from ..gallery import STYLE, Gallery, Pictures
from ..metrics import HEADLINE, METRICS
from .content import LEAD, NOTHING, SCORES, Content, plain
from .forest import counts_table, estimates_table
from .scores import figures

_SAFE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(content: Content, pictures: Pictures) -> str:
    """The whole page. It has no script and asks nothing of the network."""
    rows, measured = content.rows, content.measured
    others = [name for name in METRICS if name not in HEADLINE]
    sections = [
        _heading(content),
        _section(
            "Estimates",
            f"Each with its {content.level} interval. Hollow points and thin bars are flagged; the reasons are below.",
            estimates_table(rows, measured, HEADLINE),
        ),
        _section(
            "Counts",
            "How often auto and human tag were on or off. Every figure on this page comes from these.",
            counts_table(rows, content.counts),
        ),
        *([_section("Scores", SCORES, figures(content.scores, content.level))] if content.scores else []),
        _section("Disagreements", content.disagreements, _disagreements(content, pictures)),
        _section("Further estimates", "", estimates_table(rows, measured, others)),
        _section("What the words mean", "", _meanings(content)),
        _section(
            "Choices made",
            "Whoever makes the same choices on the same decisions gets this page again.",
            _choices(content),
        ),
    ]
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_SAFE}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(content.title)}</title>\n<style>\n{style}{STYLE.strip()}\n</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(heading: str, lead: str, body: str) -> str:
    words = f'<p class="note">{escape(lead)}</p>' if lead else ""
    return f"<section>\n<h2>{escape(heading)}</h2>\n{words}{body}\n</section>"


def _heading(content: Content) -> str:
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd{_small(value)}>{escape(value)}</dd></div>" for name, value in content.facts
    )
    nothing = "" if content.decisions else f'<p class="empty">{NOTHING}</p>'
    return (
        f'<header>\n<h1>{escape(content.title)}</h1>\n<p class="lead">{LEAD}</p>\n'
        f'<dl class="facts">{items}</dl>\n{nothing}</header>'
    )


def _small(value: str) -> str:
    return ' class="small"' if "-" in value else ""


def _disagreements(content: Content, pictures: Pictures) -> str:
    if not len(content.found):
        return ""
    if pictures is None:
        return _table(content.listed)
    return Gallery.of(content.found, pictures, total=content.total).grid()


def _table(listed: pd.DataFrame) -> str:
    """The disagreements as a table, for a report without pictures."""
    columns = [str(name) for name in listed if name != "score"]
    heads = "".join(f'<th scope="col">{plain(name)}</th>' for name in columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td{_breaks(name)}>{escape(row[name])}</td>" for name in columns)
        + f'<td class="count">{number(row["score"])}</td></tr>'
        for row in listed.to_dict("records")
    )
    return (
        f'<div class="scroll"><table><thead><tr>{heads}<th scope="col" class="count">score</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _breaks(name: str) -> str:
    return "" if name in ("tag", "kind") else ' class="break"'


def _words(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what they mean; the meanings are HTML already."""
    return f'<dl class="words">{"".join(f"<dt>{escape(term)}</dt><dd>{meaning}</dd>" for term, meaning in pairs)}</dl>'


def _meanings(content: Content) -> str:
    parts = []
    for heading, entries in content.meanings.items():
        if not entries:
            continue
        said = [
            (term, escape(words) + (f"<br><small>{escape(small)}</small>" if small else ""))
            for term, words, small in entries
        ]
        parts += [f"<h3>{heading}</h3>", _words(said)]
        if heading == "Intervals":
            parts += [f'<p class="note">{note}</p>' for note in content.notes]
    return "".join(parts)


def _choices(content: Content) -> str:
    words = [(term, escape(value)) for term, value in content.choices]
    print_of = f"<code>{content.agreement.facts.fingerprint}</code>"
    words.append(("Fingerprint", f"{print_of}<br><small>of the decisions, whatever their order</small>"))
    return _words(words)
