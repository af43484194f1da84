"""Counts and estimates become part 8 of the report, as CSV. It estimates nothing and checks nothing."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Required, TypedDict, Unpack

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..words import FLAGS, METHODS
from .template import (
    ACCURACY,
    COLUMNS,
    COUNTS,
    INDICATORS,
    LANGUAGES,
    PROVIDERS,
    SCOPES,
    SECTION,
    TOTAL,
    applicability,
    counts_of,
    is_scope,
    meant,
)

METRICS = {"percent_agreement": "accuracy", "accuracy": "accuracy", "precision": "precision", "recall": "recall"}
"""The metrics of a table of estimates that the sheet has, and what it calls them."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
Counts = Mapping[str, Mapping[str, int]]


class Figures(TypedDict, total=False):
    """What `sheet8` takes; its docstring says what each of them is."""

    service: Required[str]
    period: Required[str]
    counts: Counts | None
    estimates: pd.DataFrame | None
    scope: str
    provider: str
    scopes: Iterable[str]
    places: int
    level: float


def write_sheet8(path: str | os.PathLike[str], **figures: Unpack[Figures]) -> Path:
    """Write part 8 of the report, as CSV after RFC 4180 in UTF-8; the same figures give the same bytes.

    Parameters
    ----------
    path : path
        Where to. What is there is replaced.
    **figures
        As for `sheet8`: ``service``, ``period``, ``counts``, ``estimates`` and so on.

    Returns
    -------
    Path

    Raises
    ------
    BadRequest
        When a figure cannot be used, or the file cannot be written.

    Notes
    -----
    A cell of yours that begins with one of ``= + - @`` gets an apostrophe in front, so that no spreadsheet takes it for
    a formula.

    Examples
    --------
    >>> import tempfile
    >>> counts = {"Total number": {"measures_automated": 812, "measures_other": 95}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     where = write_sheet8(folder + "/8.csv", service="Fotos", period="2026-01-01/2026-06-30", counts=counts)
    ...     print(where.read_text(encoding="utf-8").splitlines()[1])
    All,Fotos,2026-01-01/2026-06-30,...,Number of measures solely taken by automated means,Total number,812,
    """
    frame = sheet8(**figures)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[_safe(cell) for cell in row] for row in frame.itertuples(index=False)])
    target = Path(path)
    try:
        target.write_bytes(text.getvalue().encode("utf-8"))
    except OSError as error:
        raise BadRequest(f"cannot write {str(target)!r}: {error.strerror or error}") from error
    return target


def sheet8(
    *,
    service: str,
    period: str,
    counts: Counts | None = None,
    estimates: pd.DataFrame | None = None,
    scope: str = "scope",
    provider: str = "platform",
    scopes: Iterable[str] = (),
    places: int = 4,
    level: float = 0.95,
) -> pd.DataFrame:
    """Part 8 of the report as a table, all of it text, in the order of the template.

    Parameters
    ----------
    service, period : str
        The service, and the reporting period such as ``2026-01-01/2026-06-30``.
    counts : mapping, optional
        For a scope the counts there are, by the names in `template.COUNTS`: ``{"Total number": {"measures_automated":
        812, "measures_other": 95}, "NAM Total": {"notices_automated": 30, "notices_other": 2}}``.
    estimates : DataFrame, optional
        As ``Agreement.table()`` gives it, or any table with the columns ``metric, estimate, low, high, n, method,
        flag`` and perhaps ``tag``. Of its metrics ``percent_agreement`` (or ``accuracy``), ``precision`` and
        ``recall`` are taken. Several tags give a row each, with the tag in the contextual information. Of
        ``Audit.estimates()`` the figures of all content are of ``Total number``.
    scope : str
        The column of ``estimates`` that names the scope; without that column all of it is of ``Total number``. Of
        ``Audit.estimates()`` the column that the audit was sliced ``by``.
    provider : {"intermediary", "hosting", "platform", "vlop"}
        What the service is, which says which scopes apply. ``"vlop"`` has a row for every official language.
    scopes : iterable of str
        Further languages (or Member States) to have rows for. Those that occur in the figures have them anyway; other
        names than of these are refused there, unless they are named here.
    places : int
        With how many decimals shares are written.
    level : float
        The confidence level of the intervals in ``estimates``.

    Returns
    -------
    DataFrame
        `template.COLUMNS`. Where there is no figure ``Value`` is blank, and ``Contextual Information`` says why; with
        accuracy, precision and recall it says n, the interval and the method.

    Raises
    ------
    BadRequest
        When a name is not of the sheet, a count is no whole number, an estimate is no share, or a cell is said twice.

    Examples
    --------
    >>> row = {"metric": "precision", "estimate": 0.9312, "low": 0.91, "high": 0.95, "n": 800, "method": "wilson"}
    >>> sheet = sheet8(service="Fotos", period="2026", estimates=pd.DataFrame([row]).assign(flag=""))
    >>> sheet.loc[3, ["Indicator", "Scope", "Value"]].tolist()
    ['Accuracy of the automated means - Precision', 'Total number', '0.9312']
    >>> sheet.loc[3, "Contextual Information"]
    'n = 800; 95 % interval 0.9100 to 0.9500; method: Wilson score interval'
    """
    if provider not in PROVIDERS:
        raise BadRequest(f"provider is {provider!r}; take one of {', '.join(map(repr, PROVIDERS))}")
    if isinstance(places, bool) or not isinstance(places, int) or not 1 <= places <= 12:
        raise BadRequest(f"places is {places!r}; give a number of decimals from 1 to 12")
    scopes = (scopes,) if isinstance(scopes, str) else tuple(scopes)
    _demand_scopes(counts or {}, scopes)
    counted = _counts(counts or {})
    estimated, tags = _estimates(estimates, scope)
    _demand_scopes([name for name, _, _ in estimated], scopes)
    named = {*scopes, *(name for name, _ in counted), *(name for name, _, _ in estimated)} - set(SCOPES)
    others = sorted(named | set(LANGUAGES if provider == "vlop" else ()))
    plan = [(name, key) for name in SCOPES for key in (*counts_of(name), *ACCURACY)]
    plan += [(name, key) for key in (*counts_of(""), *ACCURACY) for name in others]
    rows = []
    for name, key in _with_tags(plan, tags):
        indicator, tag = key
        if name in SCOPES and name not in PROVIDERS[provider]:
            said = "", f"does not apply: {applicability(name)[0].lower()}{applicability(name)[1:]}"
        elif indicator in COUNTS:
            said = counted.get((name, indicator), ("", "not available: no such count was given"))
        else:
            said = _figure(estimated.get((name, indicator, tag)), tag, places, level)
        rows.append((applicability(name), service, period, SECTION, INDICATORS[indicator], name, *said))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def _with_tags(plan: list[tuple[str, str]], tags: list[str]) -> list[tuple[str, tuple[str, str]]]:
    """Each cell of the plan, those of accuracy once per tag: by tag within a scope, by tag within an indicator else."""
    found: list[tuple[str, tuple[str, str]]] = []
    for name in SCOPES:
        keys = [key for scope, key in plan if scope == name]
        found += [(name, (key, "")) for key in keys if key in COUNTS]
        found += [(name, (key, tag)) for tag in tags for key in keys if key in ACCURACY]
    rest = [(name, key) for name, key in plan if name not in SCOPES]
    found += [(name, (key, "")) for name, key in rest if key in COUNTS]
    return found + [(name, (key, tag)) for tag in tags for name, key in rest if key in ACCURACY]


def _demand_scopes(names: Iterable[str], named: Iterable[str]) -> None:
    """Refuse what is no scope, language or Member State, and was not named as a scope."""
    for name in map(str, names):
        if not is_scope(name) and name not in named:
            hint = f"; did you mean {meant(name)!r}?" if meant(name) else f"; there are {', '.join(map(repr, SCOPES))}."
            raise BadRequest(
                f"there is no scope {name!r}{hint} Languages ('de') and Member States ('Germany') are scopes too, and "
                f"any other that you name: scopes=[{name!r}]"
            )


def _counts(given: Counts) -> dict[tuple[str, str], tuple[str, str]]:
    found = {}
    for name, values in given.items():
        fitting = counts_of(str(name))
        for key, value in values.items():
            if key not in fitting:
                raise BadRequest(f"{name!r} has no count {key!r}; it has {' and '.join(map(repr, fitting))}")
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
                raise BadRequest(f"{key!r} of {name!r} is {value!r}; a count is a whole number, 0 or more")
            found[str(name), key] = str(int(value)), ""
    return found


def _estimates(given: pd.DataFrame | None, scope: str) -> tuple[dict[tuple[str, str, str], dict[str, Any]], list[str]]:
    """The estimates by scope, metric and tag, and the tags in their order."""
    if given is None:
        return {}, [""]
    lacking = [name for name in ("metric", "estimate", "low", "high", "n", "method", "flag") if name not in given]
    if lacking:
        raise BadRequest(f"the estimates have no column {', '.join(map(repr, lacking))}; take Agreement(...).table()")
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    given = _sliced(given, scope)
    for row in given[given["metric"].isin(list(METRICS))].to_dict("records"):
        tag = str(row.get("tag", ""))
        key = str(row.get(scope, TOTAL)), METRICS[str(row["metric"])], tag
        if key in found:
            raise BadRequest(
                f"the estimates have {key[1]} of {key[0]!r} twice; give the rows of one slicing alone, and name its "
                "column, as in scope='language'"
            )
        found[key] = {str(name): value for name, value in row.items()}
    return found, list(dict.fromkeys(tag for _, _, tag in found)) or [""]


def _sliced(given: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Of ``Audit.estimates()`` the figures of all content, and of the slices by the column that is the scope."""
    if scope in given or not {"by", "slice"} <= set(given):
        return given
    by = given["by"].fillna("")
    if scope != "scope" and not (by == scope).any():
        has = ", ".join(map(repr, sorted(set(by) - {""}))) or "no slices"
        raise BadRequest(f"the estimates have no slices by {scope!r}, which is to be the scope; they have {has}")
    return given.assign(**{scope: given["slice"].where(by == scope, TOTAL)})[by.isin(["", scope])]


def _figure(row: Mapping[str, Any] | None, tag: str, places: int, level: float) -> tuple[str, str]:
    """The value and the contextual information of accuracy, precision or recall."""
    named = [f"tag {tag}"] if tag else []
    if row is None:
        return "", "; ".join([*named, "not available: no estimate was given"])
    flag, value, counted = str(row["flag"] or ""), float(row["estimate"]), f"n = {int(row['n']):,}"
    why = FLAGS.get(flag, flag)
    if np.isnan(value):
        return "", "; ".join([*named, f"not available: {why or 'it is not defined'}", counted])
    if not 0 <= value <= 1:
        raise BadRequest(f"{row['metric']!r} is {value:g}; accuracy, precision and recall are shares from 0 to 1")
    low, high = float(row["low"]), float(row["high"])
    interval = f"{level * 100:g} % interval {low:.{places}f} to {high:.{places}f}"
    said = [*named, counted, *([] if np.isnan(low + high) else [interval])]
    method = str(row["method"] or "")
    said += [f"method: {METHODS.get(method, method)}"] if method else []
    return f"{value:.{places}f}", "; ".join([*said, *([f"note: {why}"] if why else [])])


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULAS) or cell.startswith(FORMULAS) else cell
