"""The report of an audit as one HTML page that a person can read, print and file. It measures nothing.

It has no script and asks nothing of the network. Everything that people wrote is shown as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import pandas as pd

from ... import __version__
from ..estimates import NOTHING, number
from ..plans.draws import BY_SIZE as LAYER_BY_SIZE
from ..reports import html as house
from ..reports.forest import bar
from . import account, figures
from .account import Pairs, dated, percent
from .checks import Verification
from .kept import Kept

_SAFE = "default-src 'none'; style-src 'unsafe-inline'"
LEAD = "How often the automatic side was wrong, how sure that is, and how it was found out."
ANEW = "Audit.load(...).report(...) makes this page again from the audit file, byte for byte, with the same versions."
_STATUS = {"ok": "ok", "fault": "fault", "open": "not checked"}
_KINDS = {"on": "on (sensitivity)", "off": "off (specificity)", "all": "all (accuracy)"}


def page(audit: Kept, verification: Verification | None = None) -> str:
    """The whole page."""
    table = audit.estimates()
    sections = [
        _heading(audit, verification),
        _section("Estimates", _estimates_lead(audit), _estimates(table[table["by"] == figures.WHOLE])),
        *_slices(table[table["by"] != figures.WHOLE]),
        _section("What cannot be told, and what to keep in mind", "", _doubts(table)),
        _section("The plan", "What was to be reviewed, decided before any of it was.", _plan(audit)),
        _section("How it was reviewed", "", _words(account.reviewing_of(audit))),
        _section("What is missing", account.missing_of(audit), _missing(audit)),
        _section("Golden items", _golden_lead(audit), _golden(audit)),
        _section("Choices made", "", _words(account.choices_of(audit))),
        _section("Checked against the trail", "", _verified(audit, verification)),
        _section("The file", ANEW, _file(audit)),
        _section("What the words mean", "", _meanings(table)),
    ]
    style = Path(house.__file__).with_name("report.css").read_text(encoding="utf-8")
    own = Path(__file__).with_name("audit.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_SAFE}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(audit.title)}</title>\n<style>\n{style}{own.strip()}\n</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


# Parts that come again ------------------------------------------------------------------------------------------------


def _section(heading: str, lead: str, body: str) -> str:
    words = f'<p class="note">{escape(lead)}</p>\n' if lead else ""
    return f"<section>\n<h2>{escape(heading)}</h2>\n{words}{body}\n</section>"


def _words(pairs: Iterable[tuple[str, str]]) -> str:
    return (
        f'<dl class="words">{"".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in pairs)}</dl>'
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], counts: int, caption: str) -> str:
    """A table whose last ``counts`` columns are numbers; cells are HTML already, the first heads its row."""
    plain = len(heads) - counts
    head = "".join(f'<th scope="col"{_number(place >= plain)}>{escape(each)}</th>' for place, each in enumerate(heads))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{_number(place >= plain)}>{cell}</td>" for place, cell in enumerate(row) if place)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f'<caption class="unseen">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _number(yes: bool) -> str:
    return ' class="count"' if yes else ""


def _count(value: float) -> str:
    return NOTHING if pd.isna(value) else "∞" if value == float("inf") else f"{value:,.0f}"


# Sections -------------------------------------------------------------------------------------------------------------


def _heading(audit: Kept, verification: Verification | None) -> str:
    checked = "not yet" if verification is None else "no fault found" if verification.ok else "faults found"
    facts = [*account.head_of(audit), ("Held against the trail", checked)]
    items = "".join(f"<div><dt>{escape(name)}</dt><dd{_small(said)}>{escape(said)}</dd></div>" for name, said in facts)
    who = f'<p class="note">For {escape(audit.choices.audience)}</p>' if audit.choices.audience else ""
    warning = "".join(_alarm(words) for words in audit.faults)
    if verification is not None and not verification.ok:
        warning += _alarm("the check against the trail found faults; see below")
    empty = "" if len(audit.decisions) else '<p class="empty">Nothing is decided yet, so there is no figure.</p>'
    return (
        f'<header>\n<h1>{escape(audit.title)}</h1>\n<p class="lead">{LEAD}</p>\n{who}{warning}'
        f'<dl class="facts">{items}</dl>\n{empty}</header>'
    )


def _small(said: str) -> str:
    return "" if said[:1].isdigit() and "-" not in said else ' class="small"'


def _alarm(words: str) -> str:
    return f'<p class="alarm" role="alert"><b>Do not rely on this page:</b> {escape(words)}.</p>'


def _estimates_lead(audit: Kept) -> str:
    level = f"{(audit.choices.level or audit.plan.level) * 100:g} %"
    return (
        f"What holds for all content that the plan was made from, each with its {level} interval and the number of "
        "reviewed items that it rests on. Hollow points and thin bars carry a doubt, which is named."
    )


def _estimates(table: pd.DataFrame) -> str:
    """A body of rows for each tag and slice, a row for each figure."""
    bodies = []
    for (tag, by, value), part in table.groupby(["tag", "by", "slice"], sort=False):
        name = f"<b>{escape(str(tag))}</b>" + (
            f"<br><small>{escape(account.slice_of(by, value))}</small>" if by else ""
        )
        rows = [_figure(row, name if not place else "", len(part)) for place, row in enumerate(part.itertuples())]
        bodies.append((str(tag), f'<tbody class="{"slice" if by else "all"}">{"".join(rows)}</tbody>'))
    tags = list(dict.fromkeys(table["tag"]))
    bodies.sort(key=lambda body: tags.index(body[0]))  # each tag's slices behind it
    heads = ("Tag", "Figure", "Estimate", "", "n", "Method")
    cells = "".join(
        f'<th scope="col"{_number(head == "n")}>{head or "<span class=unseen>Interval</span>"}</th>' for head in heads
    )
    return (
        '<table class="figures"><caption class="unseen">Estimates with intervals</caption><colgroup><col class="tag">'
        '<col class="figure"><col class="estimate"><col class="interval"><col class="n"><col></colgroup>'
        f"<thead><tr>{cells}</tr></thead>{''.join(body for _, body in bodies)}</table>"
    )


def _slices(table: pd.DataFrame) -> list[str]:
    lead = "The same for parts of the content. A slice need not be a stratum; where few items were reviewed it says so."
    return [_section("Estimates by slice", lead, _estimates(table))] if len(table) else []


def _figure(row: object, name: str, rows: int) -> str:
    metric, mid, low, high, n, method, flag = (
        getattr(row, each) for each in ("metric", "estimate", "low", "high", "n", "method", "flag")
    )
    head = f'<th scope="rowgroup" rowspan="{rows}">{name}</th>' if name else ""
    spread = "" if pd.isna(low) else f"<span>[{number(low, 3)}, {number(high, 3)}]</span>"
    value = NOTHING if pd.isna(mid) else f"<b>{number(mid, 3)}</b>{spread}"
    doubt = f'<span class="flag">{escape(str(flag).replace("_", " "))}</span>' if flag else ""
    return (
        f'<tr>{head}<th scope="row">{escape(account.title_of(metric))}</th><td><div class="value">{value}</div></td>'
        f'<td class="drawn">{bar(mid, low, high, 0.0, bool(flag))}</td><td class="count">{n:,}</td>'
        f'<td class="method">{escape(str(method).replace("_", " "))}{" " if method and doubt else ""}{doubt}</td></tr>'
    )


def _doubts(table: pd.DataFrame) -> str:
    untold = account.untold_of(table)
    parts = []
    if untold:
        rows = [[escape(cell) for cell in row] for row in untold]
        parts.append(_table(("Tag", "Figure", "Why it cannot be told", "Of"), rows, 0, "Figures that cannot be told"))
    else:
        parts.append("<p>Every figure that was asked for can be told from this design.</p>")
    kept = account.reserves_of(table)
    return "".join([*parts, *([_words(kept)] if kept else [])])


def _plan(audit: Kept) -> str:
    plan = audit.plan
    rows = [
        [
            escape(str(row.stratum)),
            "yes" if row.certainty else "",
            _count(row.population),  # type: ignore[arg-type]
            percent(row.share),  # type: ignore[arg-type]
            percent(row.expected),  # type: ignore[arg-type]
            _count(row.n),  # type: ignore[arg-type]
            _weight(row),
        ]
        for row in plan.table().itertuples()
    ]
    heads = ("Stratum", "Drawn whole", "Items", "Share", "Expected on", "Drawn", "Weight of each")
    return (
        _words(account.plan_of(audit)) + _table(heads, rows, 5, "Strata of the plan") + _hashes([("Seal", plan.seal)])
    )


def _weight(row: object) -> str:
    weight = getattr(row, "weight", float("nan"))
    if pd.isna(weight):
        return "by size" if getattr(row, "stratum", "") == LAYER_BY_SIZE else NOTHING
    return number(weight, 2)


def _hashes(pairs: Pairs) -> str:
    cells = "".join(f"<dt>{escape(name)}</dt><dd><code>{escape(said)}</code></dd>" for name, said in pairs)
    return f'<dl class="words hashes">{cells}</dl>'


def _missing(audit: Kept) -> str:
    answered = audit.responses()
    rows = [
        [
            escape(str(row.tag)),
            escape(str(row.stratum)),
            *(_count(each) for each in (row.drawn, row.reviewed)),  # type: ignore[arg-type]
            percent(row.answered),  # type: ignore[arg-type]
        ]
        for row in answered.itertuples()
    ]
    found = _table(("Tag", "Stratum", "Drawn", "Reviewed", "Answered"), rows, 3, "Responses by tag and stratum")
    if audit.plan.kind == "by_size" or not len(audit.decisions):
        return found
    wide = [
        [escape(str(row.tag)), *(percent(each, 2) for each in (row.estimate, row.none_on, row.all_on))]  # type: ignore[arg-type]
        for row in audit.bounds().itertuples()
    ]
    heads = ("Tag", "Prevalence", "Were none of the missing on", "Were all of the missing on")
    return (
        found
        + '<h3>What the missing could change</h3><p class="note">The first figure takes those that answered to stand '
        "for the others of their stratum; the other two are the least and the most that answers could make of it, "
        "before chance and mistakes of reviewers.</p>" + _table(heads, wide, 3, "What the missing could change")
    )


def _golden_lead(audit: Kept) -> str:
    if audit.golden is None or not len(audit.golden):
        return "There are none, so how often reviewers err was not measured."
    people = figures.golden_by_reviewer(audit.golden)
    items, answers = audit.golden["review_id"].nunique(), int(people["answers"].sum())
    lowest, middle, highest = (percent(float(people["share"].quantile(at))) for at in (0, 0.5, 1))
    return (
        f"{items:,} items with known answers, mixed in and counted in no figure: {answers:,} answers by "
        f"{len(people):,} people. Right answers per person from {lowest} to {highest}, the middle at {middle}."
    )


def _golden(audit: Kept) -> str:
    table = audit.golden_accuracy()
    if not len(table):
        return ""
    rows = [
        [
            escape(str(row.tag)),
            _KINDS[str(row.kind)],
            f"{percent(row.estimate)} {_spread(row.low, row.high)}",  # type: ignore[arg-type]
            f"{row.right:,}",
            f"{row.answers:,}",
        ]
        for row in table.itertuples()
    ]
    return _table(("Tag", "Where the truth is", "Right", "Right answers", "Answers"), rows, 3, "Golden items") + (
        '<p class="note">Wilson intervals of answers as if each were on its own; answers of one person, or to one '
        "item, are alike, so they are somewhat too short.</p>"
    )


def _spread(low: float, high: float) -> str:
    return "" if pd.isna(low) else f"<small>[{percent(low)}, {percent(high)}]</small>"


def _verified(audit: Kept, found: Verification | None) -> str:
    noted = audit.trail
    trail = [("Head noted in the file", noted.digest), ("Sealed", dated(noted.sealed_at))] if noted else []
    parts = [_hashes(trail)] if noted else ["<p>The file notes no head of the service's trail.</p>"]
    if found is None:
        return (
            "<p>This page was made without the check. <code>cmtools audit verify FILE</code>, or "
            "<code>audit.verify(client)</code>, holds every decision against what the service recorded.</p>"
            + "".join(parts)
        )
    if found.seal != audit.seal and not audit.faults:
        parts.insert(0, _alarm("the check shown here is that of another audit"))
    rows = [
        [
            escape(check.question) + (_list(check.faults) if check.found else _remark(check.said)),
            f'<span class="status {check.status}">{_STATUS[check.status]}</span>',
            f"{check.checked:,}",
            f"{check.found:,}",
        ]
        for check in found.checks
    ]
    heads = ("Question", "Answer", "Looked at", "Faults")
    verdict = "Nothing was found." if found.ok else "Faults were found."
    parts.append(f"<p><b>{verdict}</b> {found.events:,} events were read.</p>")
    parts.append(f'<div class="checks">{_table(heads, rows, 2, "Checks")}</div>')
    if found.head is not None and found.head.digest:
        parts.append(_hashes([("Head at the check", found.head.digest), ("Sealed", dated(found.head.sealed_at))]))
    return "".join(parts)


def _remark(words: str) -> str:
    return f"<br><small>{escape(words)}</small>" if words else ""


def _list(faults: Sequence[str]) -> str:
    return f'<ul class="faults">{"".join(f"<li>{escape(words)}</li>" for words in faults)}</ul>'


def _file(audit: Kept) -> str:
    pairs = [("Audit", audit.seal), ("Plan", audit.plan.seal)]
    if audit.plan.frame_hash:
        pairs.append(("Items that the plan was made from", audit.plan.frame_hash))
    pairs += list(audit.hashes.items())
    versions = ", ".join(f"{name} {version}" for name, version in audit.versions.items())
    said = [
        ("Made with", versions),
        *([("This page", f"cmtools {__version__}")] if __version__ not in versions else []),
    ]
    return _hashes(pairs) + _words(said) + '<p class="note">SHA-256 of each part, in hexadecimal digits.</p>'


def _meanings(table: pd.DataFrame) -> str:
    metrics = [(account.title_of(each), account.meaning_of(each)) for each in dict.fromkeys(table["metric"])]
    methods = account.methods_of(table)
    intervals = f"<h3>Intervals</h3>{_words(methods)}" if methods else ""
    return f"<h3>Figures</h3>{_words(metrics)}{intervals}"
