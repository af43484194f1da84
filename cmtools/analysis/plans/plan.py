"""`SamplingPlan`: what is to be reviewed so that figures hold for all, decided beforehand. It estimates nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import BadRequest
from ..choices import as_names
from ..intervals import z_value
from . import seals
from .aims import MOST, Allocation, allocated, deviations, standard_deviation, wanted_total
from .draws import BY_SIZE, CERTAIN, drawn_of, fingerprint, ids_of, inclusion
from .estimates import Estimates
from .strata import ALL, Expected, Layering, Stratum, demand, numbers, of_items, of_table, share_of, with_certainty


@dataclass(frozen=True)
class SamplingPlan:
    """What is to be reviewed so that figures hold for all of the content, decided and sealed beforehand.

    Make one with `simple`, `stratified` or `by_size`; `draw` gives the items, with the columns ``weight`` and
    ``stratum`` that `make_drafts` takes and `Client.decisions` gives back; `estimates` tells from the decisions what
    holds for all. Near-duplicates may be set aside after the draw (``drafts.without_near_duplicates()``): their weights
    add up.

    Attributes
    ----------
    strata : tuple of Stratum
        The layers, with how many are to be drawn of each.
    kind : str
        ``"simple"``, ``"stratified"`` or ``"by_size"``.
    aim : str
        The figure that it was made for: ``"prevalence"``, ``"accuracy"``, ``"precision"`` or ``"recall"``.
    seed : int
        Of the draw.
    frame_hash : str or None
        The SHA-256 of the items that it was made from (ids, strata, sizes); None where it was made from shares.

    Examples
    --------
    Strata where what is looked for is rare and rarer (Barnett's example): 4,000 reviews, most of them where most of the
    uncertainty is.

    >>> frame = pd.DataFrame({"share": [0.80, 0.10, 0.05, 0.01, 0.04], "p": [0.0005, 0.005, 0.01, 0.05, 0.0025]})
    >>> plan = SamplingPlan.stratified(frame, share="share", expected="p", n=4000, allocation="neyman")
    >>> plan.table()["n"].tolist(), f"{100 * plan.expected_sd:.4f} points"
    ([2098, 828, 584, 256, 234], '0.0539 points')

    From items, with a margin in the place of a number:

    >>> items = pd.DataFrame({"id": range(10_000), "score": [place % 100 / 100 for place in range(10_000)]})
    >>> plan = SamplingPlan.stratified(items, score="score", cuts=[0.5, 0.9], expected="score", margin=0.03, most=2_000)
    >>> plan
    SamplingPlan: 723 of 10,000 items from 3 strata, prevalence to within 3 points, seal bf4ba2...
    >>> drawn = plan.draw(items)
    >>> float(drawn["weight"].sum().round(6)), drawn["stratum"].iloc[0]
    (10000.0, 'score < 0.5')
    """

    strata: tuple[Stratum, ...]
    kind: str = "stratified"
    aim: str = "prevalence"
    allocation: str = "proportional"
    by: tuple[str, ...] = ()
    score: str | None = None
    cuts: tuple[float, ...] = ()
    size: str | None = None
    id: str | None = None
    level: float = 0.95
    seed: int = 0
    frame_hash: str | None = None

    @classmethod
    def simple(
        cls,
        frame: pd.DataFrame | int,
        *,
        n: int | None = None,
        margin: float | None = None,
        most: int | None = None,
        expected: float = 0.5,
        id: str | None = None,
        level: float = 0.95,
        seed: int = 0,
    ) -> SamplingPlan:
        """Each item with the same chance. ``frame`` is the table of items, or how many there are.

        The other parameters are those of `stratified`.
        """
        if isinstance(frame, pd.DataFrame):
            strata = of_items(frame, Layering(), expected, None)
        else:
            if isinstance(frame, bool) or not isinstance(frame, int) or frame < 1:
                raise BadRequest(f"frame is {frame!r}; give the table of items, or how many there are")
            strata = [Stratum(ALL, 1.0, frame, expected)]
        plan = cls(tuple(strata), "simple", level=level, seed=_seed(seed))
        return plan._with_frame(frame, id)._sized(n, margin, most, "proportional", 1)

    @classmethod
    def stratified(
        cls,
        frame: pd.DataFrame,
        by: str | Iterable[str] | None = None,
        *,
        score: str | None = None,
        cuts: Sequence[float] | None = None,
        bands: int | None = None,
        share: str | None = None,
        items: str | None = None,
        population: int | None = None,
        expected: Expected = None,
        flagged: str | None = None,
        n: int | None = None,
        margin: float | None = None,
        most: int | None = None,
        aim: str = "prevalence",
        allocation: Allocation = "proportional",
        minimum: int = 2,
        certainty: str | Iterable[str] = (),
        id: str | None = None,
        level: float = 0.95,
        seed: int = 0,
    ) -> SamplingPlan:
        """A random sample of each of several strata.

        Parameters
        ----------
        frame : DataFrame
            A row for each item, or, with ``share`` or ``items``, a row for each stratum.
        by : str or list of str, optional
            Columns whose values make the strata; of a table of strata their names (its index unless given).
        score, cuts, bands : str, list of float, int, optional
            Strata by bands of this score, cut where said (what equals a cut is above it), or into so many bands of
            about as many items each.
        share, items : str, optional
            In a table of strata, the column with the share of each, or with its number of items.
        population : int, optional
            With ``share``, how many items all strata have. Without it the population is without end, and the plan
            cannot be drawn from.
        expected : str, float or dict, optional
            The share that is expected to be on: a column (of items the mean of each stratum, so a score will do), one
            number, or one for each stratum. 0.5, the worst case, unless given.
        flagged : str, optional
            The column that says what auto flags: needed to plan for precision or recall.
        n : int, optional
            How many to review. Without it as many as ``margin`` takes.
        margin : float, optional
            How far the estimate of the aim may be off at this ``level``, as a share: 0.03 is three points.
        most : int, optional
            How many reviews a margin may cost.
        aim : {"prevalence", "accuracy", "precision", "recall"}
            What ``margin``, `expected_sd` and the allocation are for.
        allocation : {"proportional", "neyman"} or dict of str to int
            In proportion to the size of strata; so that the aim is estimated best (Neyman 1934); or as given.
            Fractions are rounded by the largest remainder, so that the numbers add up to ``n``.
        minimum : int
            At least so many of each stratum: two tell how much a stratum varies.
        certainty : str or list of str
            The strata to be reviewed whole.
        id : str, optional
            The column that tells items apart: ``id`` or ``content_id`` if there is one, else the place of the row,
            which the draw then depends on.
        level : float
            The confidence level of the margin, between 0 and 1.
        seed : int
            Of the draw.

        Raises
        ------
        BadRequest
            When a column or choice is not there, or the margin cannot be reached with so many reviews; the error says
            what can.
        """
        columns = as_names(by) or ()
        if allocation == "neyman" and expected is None:
            raise BadRequest("allocation='neyman' goes by what is expected in each stratum; say expected='a column'")
        if share or items:
            layering = Layering(columns)
            found = of_table(frame, columns, (share, items, population), expected, flagged)
        else:
            layering = Layering.of(frame, columns, score, cuts, bands)
            found = of_items(frame, layering, expected, flagged)
        found = with_certainty(found, as_names(certainty) or ())
        rule = allocation if isinstance(allocation, str) else "given"
        shape = rule, layering.by, layering.score, layering.cuts
        plan = cls(tuple(found), "stratified", aim, *shape, level=level, seed=_seed(seed))
        plan = plan if share or items else plan._with_frame(frame, id)
        return plan._sized(n, margin, most, allocation, minimum)

    @classmethod
    def by_size(
        cls,
        frame: pd.DataFrame,
        size: str,
        *,
        n: int | None = None,
        margin: float | None = None,
        most: int | None = None,
        expected: float = 0.5,
        id: str | None = None,
        level: float = 0.95,
        seed: int = 0,
    ) -> SamplingPlan:
        """Each item with a chance in proportion to its size, such as its views: best for shares of all views.

        What is so large that it would be drawn more than once is drawn for certain. ``size`` is a column of numbers
        above 0; the other parameters are those of `stratified`. The margin is that of the share of the size.
        """
        demand(frame, [size])
        sizes = numbers(frame, size).to_numpy()
        if not np.all(np.isfinite(sizes) & (sizes > 0)):
            raise BadRequest(f"{int((~(sizes > 0)).sum()):,} items have no size above 0 in {size!r}; leave them out")

        rate = share_of(expected, BY_SIZE)

        def of(n: int) -> SamplingPlan:
            certain = inclusion(sizes, n) >= 1
            parts = [(CERTAIN, certain, int(certain.sum())), (BY_SIZE, ~certain, n - int(certain.sum()))]
            strata = [
                Stratum(name, float(sizes[at].sum() / sizes.sum()), int(at.sum()), rate, None, name == CERTAIN, n=m)
                for name, at, m in parts
                if at.any()
            ]
            return cls(tuple(strata), "by_size", size=size, level=level, seed=_seed(seed))

        number = wanted_total(lambda n: of(n).expected_margin, (1, len(frame)), n, margin, most)
        return of(number)._with_frame(frame, id)

    @classmethod
    def load(cls, path: str | os.PathLike[str], seal: str | None = None) -> SamplingPlan:
        """The plan that `save` wrote.

        Parameters
        ----------
        path : str or path
            The file.
        seal : str, optional
            The seal as it was noted elsewhere (at least its first eight characters), which is then checked.

        Raises
        ------
        BadRequest
            When there is no such file, or it was changed after it was sealed.
        """
        return cls.of_content(seals.read(path, seal), os.fspath(path))

    @classmethod
    def of_content(cls, content: Mapping[str, Any], name: str) -> SamplingPlan:
        """The plan that a file of this name says."""
        try:
            strata = [Stratum(**{**each, "values": tuple(map(tuple, each["values"]))}) for each in content["strata"]]
            lists = {name: tuple(content[name]) for name in ("by", "cuts")}
            return cls(**{**content, **lists, "strata": tuple(strata)})
        except (KeyError, TypeError):
            raise BadRequest(f"{name!r} lacks or adds to what a plan says; take the file as it was") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON with its seal, before the first review. Note the seal elsewhere too."""
        seals.write(path, self._content())

    @property
    def seal(self) -> str:
        """The SHA-256 of all that the plan says."""
        return seals.seal_of(self._content())

    @property
    def n(self) -> int:
        """How many items are to be reviewed."""
        return sum(stratum.n for stratum in self.strata)

    @property
    def population(self) -> int | None:
        """How many items there are; None where only shares are known."""
        rooms = [stratum.population for stratum in self.strata]
        return None if None in rooms else sum(room for room in rooms if room is not None)

    @property
    def expected_sd(self) -> float:
        """The standard deviation that the estimate of the aim is expected to have, as a share."""
        return standard_deviation(self.strata, self.aim)

    @property
    def expected_margin(self) -> float:
        """How far the estimate of the aim is expected to be off at most, at the plan's level."""
        return z_value(self.level) * self.expected_sd

    def table(self) -> pd.DataFrame:
        """A row for each stratum.

        ``stratum, population, share, expected, deviation, n, fraction, weight, certainty``: ``deviation`` is what the
        aim's error goes by within the stratum, ``fraction`` the share of it that is drawn, and ``weight`` how many
        items each review stands for (NaN where that differs, or only shares are known).
        """
        table = pd.DataFrame(
            {
                "stratum": pd.Series([each.name for each in self.strata], dtype="str"),
                "population": [each.room for each in self.strata],
                "share": [each.share for each in self.strata],
                "expected": [each.expected for each in self.strata],
                "deviation": deviations(self.strata, self.aim),
                "n": [each.n for each in self.strata],
            }
        )
        known = np.isfinite(table["population"]) & (table["n"] > 0) & (table["stratum"] != BY_SIZE)
        table["fraction"] = table["n"] / table["population"]
        table["weight"] = (table["population"] / table["n"].clip(lower=1)).where(known)
        return table.assign(certainty=[each.certainty for each in self.strata])

    def draw(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows that are to be reviewed, in the order of the frame, with ``weight`` and ``stratum``.

        ``weight`` is one over the chance that the row had. The draw is the same for the same plan and items, whatever
        the order of the rows.

        Raises
        ------
        BadRequest
            When the frame is not the one that the plan was made from.
        """
        if self.population is None:
            raise BadRequest("this plan was made from shares alone; make it from the items, or say population=")
        ids, names, sizes = self._read(frame)
        if self.frame_hash is not None and fingerprint(ids, names, sizes) != self.frame_hash:
            raise BadRequest(
                f"this is not the frame that the plan was made from: {len(frame):,} rows, the plan has "
                f"{self.population:,}; ids, strata or sizes have changed. Draw from that frame, or make a new plan"
            )
        rows, chance = drawn_of(self.strata, ids, names, sizes, self.seed)
        drawn = frame.iloc[rows].copy()
        drawn["weight"] = 1 / chance
        drawn["stratum"] = pd.Series([names[row] for row in rows], index=drawn.index, dtype="str")
        return drawn

    def estimates(self, decisions: Any, by: str | Iterable[str] | None = None, **choices: Any) -> Estimates:
        """What the decisions on the drawn items tell of all items: `Estimates`, which says what it takes.

        ``plan.estimates(decisions, by=["subteam"]).table()`` is the table, in the shape of `Agreement.table`.
        """
        return Estimates(decisions, self.strata, by=by, is_by_size=self.kind == "by_size", **choices)

    def __repr__(self) -> str:
        room = "" if self.population is None else f" of {self.population:,}"
        strata = f" from {len(self.strata)} strata" if len(self.strata) > 1 else ""
        margin = f"{self.aim} to within {100 * self.expected_margin:.2g} points"
        return f"SamplingPlan: {self.n:,}{room} items{strata}, {margin}, seal {self.seal[:6]}..."

    def _content(self) -> dict[str, Any]:
        return asdict(self)

    def _with_frame(self, frame: Any, id: str | None) -> SamplingPlan:
        """The same, for these items and no others."""
        if not isinstance(frame, pd.DataFrame):
            return self
        named = replace(self, id=id or next((name for name in ("id", "content_id") if name in frame.columns), None))
        if named.id is not None:
            demand(frame, [named.id])
        return replace(named, frame_hash=fingerprint(*named._read(frame)))

    def _read(self, frame: pd.DataFrame) -> tuple[list[str], list[str], list[float] | None]:
        """Ids, strata and sizes of the items."""
        demand(frame, [name for name in (self.id, self.size) if name])
        taken = [name for name in ("weight", "stratum") if name in frame.columns and name not in self.by]
        if taken:
            raise BadRequest(f"the frame has a column {taken[0]!r} already, which the draw adds; rename it")
        ids = ids_of(frame, self.id)
        if self.size is None:
            return ids, list(Layering(self.by, self.score, self.cuts).names(frame)), None
        sizes = numbers(frame, self.size).to_numpy()
        certain = inclusion(sizes, self.n) >= 1
        return ids, [CERTAIN if each else BY_SIZE for each in certain], [float(size) for size in sizes]

    def _sized(
        self, n: int | None, margin: float | None, most: int | None, rule: Allocation, minimum: int
    ) -> SamplingPlan:
        """The same with the numbers to be drawn."""

        def of(total: int) -> SamplingPlan:
            parts = allocated(self.strata, total, rule, self.aim, minimum)
            return replace(self, strata=tuple(replace(s, n=m) for s, m in zip(self.strata, parts, strict=True)))

        deviations(self.strata, self.aim)  # an aim that there is not is refused now, whatever the allocation
        room = MOST if self.population is None else self.population
        least = sum(s.population or 0 if s.certainty else min(minimum, s.room) for s in self.strata)
        if isinstance(rule, Mapping):
            n = sum(rule.values()) if n is None else n
        return of(wanted_total(lambda total: of(total).expected_margin, (int(max(least, 1)), room), n, margin, most))


def _seed(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise BadRequest(f"seed is {seed!r}; give a whole number, 0 or more")
    return seed
