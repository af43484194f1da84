"""A filed sheet is tested: what is missing, what cannot be, and what its figures imply. It mends nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

import pandas as pd

from ...errors import BadRequest
from .filed import is_blank, read_count, read_share, read_sheet8
from .implied import implied_positives
from .template import ACCURACY, COUNTS, INDICATORS, LANGUAGES, NOTICES, OWN, PROVIDERS, TOTAL, TRUSTED, counts_of

COLUMNS = ("service", "scope", "indicator", "finding", "value", "low", "high", "severity", "what_to_do", "line")
SEVERITIES = ("error", "warning", "note")
NEAR_ONE = 0.9
"""From this share of positives on, even at the low end of what rounding allows, a test has hardly any negatives."""

FINDINGS = {
    "impossible": (
        "error",
        "no counts have these three figures, however rounded; compute them from one table",
    ),
    "out_of_range": ("error", "a share is from 0 to 1, a count is 0 or more; correct it"),
    "not_a_number": ("error", "write a number alone; what it means goes into Contextual Information"),
    "outside_interval": ("error", "it is not in the interval that stands beside it; take both from one table"),
    "part_exceeds_whole": ("error", "a part is not larger than its whole; correct one of the two"),
    "near_one": (
        "warning",
        "nearly all that was tested was positive, so recall was hardly tested and accuracy says little; test a random "
        "sample of all content, and say how it was drawn",
    ),
    "all_one": ("warning", "all three are exactly 1, as placeholders are; say how many items were tested"),
    "incomplete": ("warning", "accuracy, precision and recall only mean something together; give all three"),
    "missing_scope": ("warning", "add the row, blank with a reason where it does not apply"),
    "no_counts": ("warning", "figures of accuracy stand beside no count of what was decided; give the counts"),
    "unknown_indicator": ("warning", "it is no indicator of the English template; use its words"),
    "percent": ("note", "the sheet is for shares from 0 to 1; it was read as a percentage"),
    "no_period": ("note", "say from which day to which, as in 2026-07-01/2026-12-31"),
    "no_context": ("note", "nothing says how it was measured; give n, the method and the interval"),
    "blank_without_reason": ("note", "say in Contextual Information why there is no figure"),
    "implied_positives": ("note", "compare it with how much content of this kind there is: that is what was tested"),
}
"""Every finding with its severity and what to do."""

Found = Iterator[tuple[str, str, str, float, float, float, str, int]]
NAN = float("nan")
_INTERVAL = re.compile(r"% interval (\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)")
"""As `writing` says it."""
_DAY = re.compile(r"(?<!\d)(?:\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4})(?!\d)")


@dataclass(frozen=True, repr=False)
class Check:
    """What was found in a sheet; it prints as a short summary.

    ``table`` has a row per finding, the worst first: ``service, scope, indicator, finding, value, low, high, severity,
    what_to_do, line``. For ``implied_positives``, ``near_one`` and ``impossible`` ``value`` is the share of positives
    that accuracy, precision and recall imply, and ``low`` and ``high`` are what their rounding allows.
    """

    table: pd.DataFrame
    n_rows: int

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not (self.table["severity"] == "error").any()

    def summary(self) -> str:
        """How many findings of each kind, and each error and warning in a line."""
        counted = {name: int((self.table["severity"] == name).sum()) for name in SEVERITIES}
        told = [f"{many} {name}{'s' * (many != 1)}" for name, many in counted.items()]
        lines = [f"Sheet 8, {self.n_rows} rows: {', '.join(told)}"]
        for row in self.table[self.table["severity"] != "note"].to_dict("records"):
            shown = "" if pd.isna(row["value"]) else f" ({row['value']:.4g}{_range_in_words(row['low'], row['high'])})"
            where = ", ".join(str(row[name]) for name in ("service", "scope", "indicator") if row[name])
            lines.append(f"{row['severity']}: {where}: {row['finding']}{shown}: {row['what_to_do']}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.summary().splitlines()[0])}</p>{self.table.to_html(index=False)}"


def check(path: str | os.PathLike[str], *, provider: str | None = None, decimals: int | None = None) -> Check:
    """Test a filed sheet, anybody's.

    Parameters
    ----------
    path : path
        The CSV. Commas or semicolons, points or decimal commas, percent signs, merged cells: `read_sheet8` has it all.
    provider : {"intermediary", "hosting", "platform", "vlop"}, optional
        What the service is, which says which scopes must be there; a platform unless given, a very large one where
        there is any row for a language.
    decimals : int, optional
        How many decimals figures were rounded to. Each one's own unless given, so that ``0.9`` may be anything from
        0.85 to 0.95; a spreadsheet that dropped zeros may have had 0.90.

    Returns
    -------
    Check

    Raises
    ------
    BadRequest
        When there is no such file, or a column is not there.

    Notes
    -----
    `implied_positives` has the formula of the implied share and its proof. Sheets in other languages than English read
    as unknown indicators.

    Examples
    --------
    >>> import tempfile
    >>> rows = ["Indicator;Scope;Value"]
    >>> names = ["Accuracy", "Precision", "Recall"]
    >>> for name, value in zip(names, ["0,60", "95 %", "0,95"], strict=True):
    ...     rows.append(f"Accuracy of the automated means - {name};Own-initiative;{value}")
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
    ...     _ = file.write("\\n".join(rows))
    >>> found = check(file.name)
    >>> found.ok, found.table.loc[0, ["scope", "finding"]].tolist()
    (False, ['Own-initiative', 'impossible'])
    """
    if provider is not None and provider not in PROVIDERS:
        raise BadRequest(f"provider is {provider!r}; take one of {', '.join(map(repr, PROVIDERS))}")
    sheet = read_sheet8(path)
    found = [(service, *each) for service, part in _by_service(sheet) for each in _findings(part, provider, decimals)]
    rows = [
        (service, scope, indicator, finding, value, low, high, FINDINGS[finding][0], said or FINDINGS[finding][1], line)
        for service, scope, indicator, finding, value, low, high, said, line in found
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.astype({"value": float, "low": float, "high": float, "line": int})
    order = table["severity"].map({name: place for place, name in enumerate(SEVERITIES)})
    table = table.assign(_order=order).sort_values(["_order", "line"], kind="stable", ignore_index=True)
    return Check(table.drop(columns="_order"), len(sheet))


def _by_service(sheet: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    return [(str(name), part) for name, part in sheet.groupby("service", sort=False)] or [("", sheet)]


def _findings(sheet: pd.DataFrame, provider: str | None, decimals: int | None) -> Found:
    """All findings of one service: scope, indicator, finding, value, low, high, words if they differ, line."""
    shares: dict[tuple[str, int], dict[str, Decimal]] = {}
    counts: dict[tuple[str, str], int] = {}
    lines: dict[str, int] = {}
    for row in sheet.to_dict("records"):
        scope, key, value, line = str(row["scope"]), str(row["indicator"]), str(row["value"]), int(row["line"])
        lines.setdefault(scope, line)
        if not key:
            yield scope, str(row["said"]), "unknown_indicator", NAN, NAN, NAN, "", line
        elif is_blank(value):
            if not row["context"]:
                yield scope, INDICATORS[key], "blank_without_reason", NAN, NAN, NAN, "", line
        elif key in COUNTS:
            number = read_count(value)
            if number is None or number < 0:
                kind = "not_a_number" if read_share(value) is None else "out_of_range"
                yield scope, INDICATORS[key], kind, NAN, NAN, NAN, "", line
            else:
                counts[scope, key] = counts.get((scope, key), 0) + number
        else:
            share, findings = _share(value)
            for kind, amount in findings:
                yield scope, INDICATORS[key], kind, amount, NAN, NAN, "", line
            if share is not None:
                shares.setdefault((scope, int(row["place"])), {})[key] = share
                yield from _beside(scope, key, share, str(row["context"]), line)
    yield from _periods(sheet)
    yield from _missing(sheet, provider)
    yield from _wholes(counts, lines)
    for (scope, _), figures in shares.items():
        yield from _together(scope, figures, decimals, lines[scope])
        if not any(counts.get((scope, key)) for key in counts_of(scope)):
            yield scope, "", "no_counts", NAN, NAN, NAN, "", lines[scope]


def _share(value: str) -> tuple[Decimal | None, list[tuple[str, float]]]:
    """A share as it is to be read, and what there is to say of it."""
    read = read_share(value)
    if read is None:
        return None, [("not_a_number", NAN)]
    share, is_percent = read
    if not is_percent and 1 < share <= 100:
        share, is_percent = share.scaleb(-2), True
    if not 0 <= share <= 1:
        return None, [("out_of_range", float(share))]
    return share, [("percent", float(share))] if is_percent else []


def _beside(scope: str, key: str, share: Decimal, context: str, line: int) -> Found:
    """What the contextual information lacks, or says otherwise than the figure."""
    if not context:
        yield scope, INDICATORS[key], "no_context", float(share), NAN, NAN, "", line
    said = _INTERVAL.search(context)
    if said:
        low, high = Decimal(said[1]), Decimal(said[2])
        own, *others = (int(each.as_tuple().exponent) for each in (share, low, high))
        room = Decimal(5).scaleb(own - 1) if own > min(others) else Decimal(0)  # of a figure with fewer decimals
        if not low - room <= share <= high + room:
            yield scope, INDICATORS[key], "outside_interval", float(share), float(low), float(high), "", line


def _periods(sheet: pd.DataFrame) -> Found:
    """Reporting periods that are no two days."""
    for row in sheet[sheet["period"] != ""].drop_duplicates("period").to_dict("records"):
        period = str(row["period"])
        if not _is_range(period):
            said = f"{period!r} is no range of dates: {FINDINGS['no_period'][1]}"
            yield "", "Reporting period", "no_period", NAN, NAN, NAN, said, int(row["line"])


def _is_range(period: str) -> bool:
    days = _DAY.findall(period)
    if len(days) != len(("from", "to")):
        return False
    try:
        first, last = (date.fromisoformat(day) for day in days)
    except ValueError:
        return not all(re.match(r"\d{4}", day) for day in days)  # other ways to write a day are not judged
    return first <= last


def _missing(sheet: pd.DataFrame, provider: str | None) -> Found:
    """Scopes without a row for an indicator that they should have; languages of an indicator in one finding."""
    there = set(zip(sheet["scope"], sheet["indicator"], strict=True))
    is_large = provider == "vlop" or (provider is None and any(scope.lower() in LANGUAGES for scope, _ in there))
    for scope in PROVIDERS[provider or "platform"]:
        for key in (*counts_of(scope), *ACCURACY):
            if (scope, key) not in there:
                yield scope, INDICATORS[key], "missing_scope", NAN, NAN, NAN, "", 0
    known = {(scope.lower(), key) for scope, key in there}
    for key in (*counts_of(""), *ACCURACY) if is_large else ():
        lacking = [code for code in LANGUAGES if (code, key) not in known]
        if lacking:
            yield ", ".join(lacking), INDICATORS[key], "missing_scope", NAN, NAN, NAN, "", 0


def _wholes(counts: Mapping[tuple[str, str], int], lines: Mapping[str, int]) -> Found:
    """Scopes that are part of another and have more."""
    for part, whole in ((OWN, TOTAL), (TRUSTED, NOTICES[0])):
        for key in counts_of(part):
            some, all_ = counts.get((part, key)), counts.get((whole, key))
            if some is not None and all_ is not None and some > all_:
                said = f"{part} has {some:,}, {whole} only {all_:,}: {FINDINGS['part_exceeds_whole'][1]}"
                yield part, INDICATORS[key], "part_exceeds_whole", some, NAN, all_, said, lines[part]


def _together(scope: str, figures: Mapping[str, Decimal], decimals: int | None, line: int) -> Found:
    """What accuracy, precision and recall of one scope say together."""
    named = ", ".join(figures)
    if set(figures) != set(ACCURACY):
        yield scope, named, "incomplete", NAN, NAN, NAN, "", line
        return
    accuracy, precision, recall = (_with_decimals(figures[key], decimals) for key in ACCURACY)
    implied = implied_positives(accuracy, precision, recall)
    said = f"accuracy {accuracy}, precision {precision}, recall {recall}"
    if implied.impossible:
        finding = "impossible"
    elif accuracy == precision == recall == 1:
        finding = "all_one"
    else:
        finding = "near_one" if implied.low >= NEAR_ONE else "implied_positives"
    yield scope, said, finding, implied.share, implied.low, implied.high, "", line


def _with_decimals(figure: Decimal, decimals: int | None) -> Decimal:
    """A figure with at least so many decimals."""
    exponent = figure.as_tuple().exponent
    own = -exponent if isinstance(exponent, int) else 0
    return figure if decimals is None or own >= decimals else figure.quantize(Decimal(1).scaleb(-decimals))


def _range_in_words(low: float, high: float) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f", from {low:.4g} to {high:.4g}"
