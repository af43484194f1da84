"""An agreement as one HTML file that a person can read, print and pass on. It estimates nothing itself."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from ..errors import BadRequest
from .agreement import Agreement
from .estimates import number
from .facts import Facts
from .forest import counts_table, estimates_table, rows_and_counts
from .gallery import STYLE, Gallery, Pictures
from .measure import FLAGS, METHODS
from .metrics import HEADLINE, METRICS

SHOWN = 48
"""How many disagreements a report lists unless told otherwise."""

TITLE = "Agreement between auto tags and human tags"
_SAFE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_INDEPENDENT = (
    '<p class="note">Every decision counts as an independent draw. Where several reviewers judge the same reviews, '
    "or one reviewer judges many, the true uncertainty is larger than the intervals say.</p>"
)
_NOTHING = '<p class="empty">There is no decision to measure yet, so every estimate is empty.</p>'
_ABSENT = {
    "false": "counted as off (a tag that the classifier did not name is one that it did not find)",
    "missing": "left out of every estimate and counted as missing",
}


def write_report(
    agreement: Agreement,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    pictures: Pictures = None,
    limit: int = SHOWN,
) -> Path:
    """Write an agreement as one self-contained HTML file.

    The page has no script and asks nothing of the network; it reads on light and dark screens, on a telephone and on
    paper. The same agreement and pictures always give the same bytes.

    Parameters
    ----------
    agreement : Agreement
        What to report.
    path : str or path
        Where to; ends in ``.html``. A file that is there is replaced at once or not at all.
    title : str, optional
        The heading.
    pictures : mapping or callable, optional
        Review id to picture bytes (or None), or a function of a list of ids such as ``client.thumbnails``. With them
        the disagreements are shown as pictures, without as a table.
    limit : int
        How many disagreements to list, worst first.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BadRequest
        When the directory does not exist, cannot be written to, or the suffix is another.

    Examples
    --------
    >>> import tempfile
    >>> frame = pd.DataFrame({"tag": ["a", "a"], "auto": [True, False], "human": [True, True]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(Agreement(frame), f"{folder}/agreement.html").name
    'agreement.html'
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise BadRequest(f"{target.name!r} does not end in .html, the one kind of report there is")
    if not target.parent.is_dir():
        raise BadRequest(f"there is no directory {str(target.parent)!r}; make it first")
    _write(target, _page(agreement, title or TITLE, pictures, limit))
    return target


def _write(target: Path, page: str) -> None:
    """All of the page or nothing: written beside the target, then moved into its place."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_text(page, encoding="utf-8", newline="\n")
        os.replace(draft, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise BadRequest(f"cannot write {str(target)!r}: {error.strerror}") from error


def _page(agreement: Agreement, title: str, pictures: Pictures, limit: int) -> str:
    counts = agreement.counts
    rows, ordered = rows_and_counts(counts, agreement.by, agreement.tags)
    others = [name for name in METRICS if name not in HEADLINE]
    level = f"{agreement.level * 100:g} %"
    sections = [
        _heading(agreement, title),
        _section(
            "Estimates",
            f"Each with its {level} interval. Hollow points and thin bars are flagged; the reasons are below.",
            estimates_table(rows, ordered, HEADLINE, agreement.level),
        ),
        _section(
            "Counts",
            "How often auto and human tag were on or off. Every figure on this page comes from these.",
            counts_table(rows, ordered),
        ),
        _disagreements(agreement, pictures, limit),
        _section("Further estimates", "", estimates_table(rows, ordered, others, agreement.level)),
        _section("What the words mean", "", _meanings(agreement)),
        _section(
            "Choices made",
            "Whoever makes the same choices on the same decisions gets this page again.",
            _choices(agreement),
        ),
    ]
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_SAFE}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}{STYLE.strip()}\n</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(heading: str, lead: str, body: str) -> str:
    words = f'<p class="note">{escape(lead)}</p>' if lead else ""
    return f"<section>\n<h2>{escape(heading)}</h2>\n{words}{body}\n</section>"


def _heading(agreement: Agreement, title: str) -> str:
    facts = agreement.facts
    decisions = int(agreement.counts["n"].sum())
    lead = (
        "How far the tags that were set automatically agree with those that people decided on. "
        "The human tag counts as the truth."
    )
    figures = [("Decisions", f"{decisions:,}", "")]
    figures += [
        (name, f"{value:,}", "")
        for name, value in (("Reviews", facts.reviews), ("Reviewers", facts.reviewers))
        if value is not None
    ]
    figures.append(("Tags", f"{len(agreement.tags):,}", ""))
    if agreement.by:
        slices = len(agreement.counts[list(agreement.by)].drop_duplicates())
        figures.append((f"Slices by {' and '.join(agreement.by)}", f"{slices:,}", ""))
    if facts.first_decided_at and facts.last_decided_at:
        figures.append(("Decided (UTC)", _period(facts), ' class="small"'))
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd{kind}>{escape(value)}</dd></div>" for name, value, kind in figures
    )
    nothing = "" if decisions else _NOTHING
    return (
        f'<header>\n<h1>{escape(title)}</h1>\n<p class="lead">{lead}</p>\n'
        f'<dl class="facts">{items}</dl>\n{nothing}</header>'
    )


def _period(facts: Facts) -> str:
    first, last = (f"{moment:%Y-%m-%d}" for moment in (facts.first_decided_at, facts.last_decided_at) if moment)
    return first if first == last else f"{first} to {last}"


def _disagreements(agreement: Agreement, pictures: Pictures, limit: int) -> str:
    found = agreement.disagreements(limit=limit)
    counts = agreement.counts
    total = int(counts["fp"].sum() + counts["fn"].sum())
    if not total:
        agreed = "Auto and human tags agree on every decision." if counts["n"].sum() else "There is no decision yet."
        return _section("Disagreements", agreed, "")
    shown = f"{len(found):,} of {total:,}" if len(found) < total else f"All {total:,}"
    order = "the most confident wrong scores first" if found["score"].notna().any() else "in the order of tags and ids"
    body = _table(found) if pictures is None else Gallery.of(found, pictures, total=total).grid()
    return _section("Disagreements", f"{shown}, {order}.", body)


def _table(found: pd.DataFrame) -> str:
    """The disagreements as a table, for a report without pictures."""
    columns = [name for name in ("review_id", "content_id", "subteam", "frame", "reviewer") if name in found]
    columns = [name for name in columns if found[name].notna().any()]
    heads = "".join(f'<th scope="col">{name.replace("_", " ")}</th>' for name in ("tag", "kind", *columns))
    body = "".join(
        f"<tr><td>{escape(str(row['tag']))}</td><td>{escape(row['kind'])}</td>"
        + "".join(f'<td class="break">{"" if pd.isna(row[name]) else escape(str(row[name]))}</td>' for name in columns)
        + f'<td class="count">{number(float(row["score"]))}</td></tr>'
        for row in found.to_dict("records")
    )
    return (
        f'<div class="scroll"><table><thead><tr>{heads}<th scope="col" class="count">score</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _words(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what they mean; the meanings are HTML already."""
    return f'<dl class="words">{"".join(f"<dt>{escape(term)}</dt><dd>{meaning}</dd>" for term, meaning in pairs)}</dl>'


def _meanings(agreement: Agreement) -> str:
    tables = pd.concat([agreement.table(), agreement.overall])
    flags = [flag for flag in FLAGS if flag in set(tables["flag"])]
    methods = [method for method in METHODS if method in set(tables["method"])]
    metrics = [(metric.title, _sentence(metric.meaning, metric.source)) for metric in METRICS.values()]
    intervals = [(_plain(name), _sentence(METHODS[name], _used_for(tables, name))) for name in methods]
    parts = ["<h3>Estimates</h3>", _words(metrics), "<h3>Intervals</h3>", _words(intervals), _INDEPENDENT]
    if flags:
        parts += ["<h3>Flags</h3>", _words((_plain(flag), _sentence(FLAGS[flag])) for flag in flags)]
    return "".join(parts)


def _sentence(meaning: str, source: str = "") -> str:
    small = f"<br><small>{escape(source)}</small>" if source else ""
    return f"{escape(meaning[0].upper() + meaning[1:])}.{small}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _used_for(tables: pd.DataFrame, method: str) -> str:
    used = set(tables.loc[tables["method"] == method, "metric"])
    return ", ".join(METRICS[name].title for name in METRICS if name in used)


def _choices(agreement: Agreement) -> str:
    facts = agreement.facts
    thresholds = ", ".join(f"{tag} from {least:g}" for tag, least in agreement.threshold.items())
    unscored = "; a decision without a score is silent" if thresholds else ""
    pairs = [
        ("Tags", ", ".join(agreement.tags)),
        ("Slices", f"by {', '.join(agreement.by)}" if agreement.by else "none"),
        ("Silent auto tags", _ABSENT[agreement.absent]),
        (
            "Thresholds",
            f"auto on by score: {thresholds}{unscored}" if thresholds else "none: auto tags as they were given",
        ),
        ("Confidence level", f"{agreement.level * 100:g} %"),
        ("Left out", f"{agreement.left_out:,} reviews not complete, {agreement.undecided:,} rows without a human tag"),
    ]
    if facts.repeated:
        pairs.append(
            ("Repeated rows", f"{facts.repeated:,} rows repeat a review, frame, tag and reviewer; each was counted")
        )
    pairs.append(("cmtools", _version()))
    words = [(term, escape(value)) for term, value in pairs]
    words.append(
        ("Fingerprint", f"<code>{facts.fingerprint}</code><br><small>of the decisions, whatever their order</small>")
    )
    return _words(words)


def _version() -> str:
    """The package's version; it stands on the top floor, which this one may not import from."""
    return str(getattr(sys.modules[__name__.partition(".")[0]], "__version__", "unknown"))
