"""What the caller of an agreement chose, checked and said in words. It reads no decision and measures nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

from ..errors import BadRequest, BadTag
from .counts.table import Counts
from .counts.tally import Tally
from .intervals import z_value
from .sources.reading import BLIND, Reading, is_number

ABSENT = ("false", "missing")
BLINDNESS = ("apart", "only", "never", "together")
INTERVALS = {
    "auto": "whatever fits the decisions: by cluster where there are enough, by weights and strata where there are any",
    "wilson": "every decision on its own: Wilson for proportions, large-sample errors for coefficients",
    "exact": "as auto, with Clopper-Pearson in the place of Wilson",
    "linearised": "as auto, by cluster however few there are",
    "bootstrap": "percentiles of 1,000 resamples, of clusters where auto goes by cluster",
}
"""Every choice of interval, with its meaning in words."""

Population = float | Mapping[str, float] | None
Column = str | Literal[False] | None


@dataclass(frozen=True)
class Choices:
    """The choices of an agreement. `Agreement` documents them."""

    by: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    absent: str = "false"
    threshold: Mapping[str, float] | None = None
    weights: Column = None
    strata: Column = None
    population: Population = None
    cluster: Column = "reviewer"
    blind: str = "apart"
    interval: str = "auto"
    level: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.absent not in ABSENT:
            raise BadRequest(
                f"absent is {self.absent!r}; take 'false' (a silent auto tag is off) or 'missing' (left out)"
            )
        if self.interval not in INTERVALS:
            raise BadRequest(f"interval is {self.interval!r}; take one of {', '.join(map(repr, INTERVALS))}")
        if self.blind not in BLINDNESS:
            raise BadRequest(f"blind is {self.blind!r}; take one of {', '.join(map(repr, BLINDNESS))}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise BadRequest(f"seed is {self.seed!r}; give a whole number, 0 or more")
        for name in ("weights", "strata", "cluster"):
            value = getattr(self, name)
            if value is not None and value is not False and not isinstance(value, str):
                raise BadRequest(f"{name} is {value!r}; give the name of a column, or False for none")
        z_value(self.level)
        _check_population(self.population)

    def reading(self, types: Mapping[str, str]) -> Reading:
        """How a table with these columns is read; its own weights and strata are taken where it has them."""
        weights = "weight" if self.weights is None and is_number(types.get("weight", "")) else self.weights or None
        strata = "stratum" if self.strata is None and "stratum" in types else self.strata or None
        cluster = None if self.cluster == "reviewer" and "reviewer" not in types else self.cluster or None
        known = BLIND in types and BLIND not in self.by
        if not known and self.blind in ("only", "never") and BLIND not in types:
            raise BadRequest(f"blind is {self.blind!r}, but decisions has no column 'blind' that tells")
        return Reading(
            self.by,
            self.tags,
            self.absent,
            self.threshold,
            weights=weights,
            blind=BLIND if known and self.blind == "apart" else None,
            strata=strata,
            cluster=cluster,
            only={"only": True, "never": False}.get(self.blind),
        )


def counted(counts: Counts, choices: Choices, rolled: bool) -> Tally:
    """The tally behind counts, by the columns and of the tags that were chosen; the rest stands since they were made.

    Raises
    ------
    BadRequest
        When a choice would need the decisions again.
    """
    tally = counts.tally
    told = {name: tally.columns.get(key) for name, key in (("weights",) * 2, ("strata", "stratum"), ("cluster",) * 2)}
    made = {"absent": tally.absent, "threshold": tally.threshold, **told}
    standard = Choices()
    for name in made:
        asked = getattr(choices, name)
        if asked and asked not in (made[name], getattr(standard, name)):
            raise BadRequest(
                f"these counts were made with {name}={made[name]!r}; for {asked!r} make them anew from the decisions"
            )
    if rolled:
        tally = tally.rollup(choices.by)
    if choices.tags is None:
        return tally
    lacking = [tag for tag in choices.tags if tag not in counts.tags]
    if lacking:
        raise BadTag(f"there is no tag {lacking[0]!r} in these counts; there are {', '.join(counts.tags)}")
    return tally.only(choices.tags)


def as_names(given: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """One name or several as several; None stays None.

    Examples
    --------
    >>> as_names("a"), as_names(["a", "r", "a"])
    (('a',), ('a', 'r'))

    Raises
    ------
    BadRequest
        When one of them is no text.
    """
    if given is None or isinstance(given, str):
        return given if given is None else (given,)
    names = tuple(given) if isinstance(given, Iterable) else (given,)
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise BadRequest(f"{odd[0]!r} is no name; give names as text, such as 'a' or ['a', 'r']")
    return tuple(dict.fromkeys(names))


def thresholds(given: Mapping[str, float] | None) -> dict[str, float] | None:
    """A score per tag, checked.

    Raises
    ------
    BadRequest
        When it is no mapping, or a score is no finite number.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise BadRequest(f"threshold is {given!r}; give a score per tag, such as {{'r': 0.7}}")
    for tag, least in given.items():
        if isinstance(least, bool) or not isinstance(least, int | float) or not math.isfinite(least):
            raise BadRequest(f"the threshold of {tag!r} is {least!r}; give a number, such as 0.7")
    return {tag: float(least) for tag, least in given.items()}


def check_share(name: str, share: Any) -> None:
    """Refuse what is no share between 0 and 1."""
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < float(share) < 1:
        raise BadRequest(f"{name} is {share!r}; give a share between 0 and 1, such as 0.05")


def _check_population(population: Any) -> None:
    sizes = population.values() if isinstance(population, Mapping) else [] if population is None else [population]
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, Real) or not 0 < float(size) < math.inf:
            raise BadRequest(
                f"population is {size!r}; give the number of items that the decisions were drawn from, "
                "or such a number per stratum, such as {'flagged': 1200, 'rest': 98800}"
            )
