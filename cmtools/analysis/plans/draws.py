"""Which items are drawn, and with what chance. It knows ids, strata and a seed, and nothing of plans or estimates.

Chance comes out of SHA-256 of seed, stratum and id. So a draw is the same whatever the order of the rows, the machine
and the version of any library, and anybody can check it with a few lines of any language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import BadRequest
from ..chance import Array
from .strata import Stratum

CERTAIN, BY_SIZE = "certain", "by size"
"""The strata of a draw in proportion to size: what is so large that it is drawn for certain, and the rest."""

Places = npt.NDArray[np.intp]
_SEPARATOR = "\x1f"


def ids_of(frame: pd.DataFrame, column: str | None) -> list[str]:
    """What tells the items apart: the named column as text, or the places of the rows.

    Raises
    ------
    BadRequest
        When ids are missing or repeat.
    """
    if column is None:
        return [str(place) for place in range(len(frame))]
    values = frame[column]
    if values.isna().any():
        raise BadRequest(f"{int(values.isna().sum()):,} items have no id in the column {column!r}")
    ids = values.map(str)
    repeated = ids[ids.duplicated()]
    if len(repeated):
        raise BadRequest(f"{len(repeated):,} ids of the column {column!r} repeat, such as {repeated.iloc[0]!r}")
    return list(ids)


def fingerprint(ids: Sequence[str], strata: Sequence[str], sizes: Sequence[float] | None = None) -> str:
    """The SHA-256 of all that a draw goes by: ids, strata and sizes, in the order of the ids.

    Examples
    --------
    >>> fingerprint(["b", "a"], ["x", "x"]) == fingerprint(["a", "b"], ["x", "x"])
    True
    """
    columns = [ids, strata] + ([] if sizes is None else [[repr(float(size)) for size in sizes]])
    digest = hashlib.sha256()
    for row in sorted(zip(*columns, strict=True)):
        digest.update((_SEPARATOR.join(row) + "\n").encode())
    return digest.hexdigest()


def drawn_of(
    strata: Sequence[Stratum], ids: Sequence[str], names: Sequence[str], sizes: Sequence[float] | None, seed: int
) -> tuple[Places, Array]:
    """The rows that are drawn, in order, and the chance that each had.

    Raises
    ------
    BadRequest
        When the items of a stratum are not as many as it says.
    """
    chance, taken = np.ones(len(ids)), [np.array([], dtype=np.intp)]
    for stratum in strata:
        at = np.flatnonzero(np.array(names, dtype=object) == stratum.name)
        if len(at) != stratum.population:
            raise BadRequest(
                f"{stratum.name!r} has {len(at):,} items in this frame, {stratum.population or 0:,} in the plan"
            )
        own = [ids[int(place)] for place in at]
        if stratum.name == BY_SIZE and sizes is not None:
            chance[at] = inclusion(np.array(sizes)[at], stratum.n)
            taken.append(at[systematic(own, stratum.name, chance[at], seed)])
        else:
            chance[at] = stratum.n / len(at)
            taken.append(at[simple(own, stratum.name, stratum.n, seed)])
    rows = np.sort(np.concatenate(taken))
    return rows, chance[rows]


def simple(ids: Sequence[str], stratum: str, n: int, seed: int) -> Places:
    """The places of ``n`` items drawn at random without replacement: those whose digests come first."""
    order = _in_order(ids, stratum, seed)
    return np.sort(order[:n])


def inclusion(sizes: Array, n: int) -> Array:
    """The chance of each item when ``n`` are drawn in proportion to size: 1 where that would be more than 1.

    Examples
    --------
    >>> inclusion(np.array([8.0, 1, 1, 1, 1]), 3).tolist()
    [1.0, 0.5, 0.5, 0.5, 0.5]
    """
    if not n <= len(sizes):
        raise BadRequest(f"{n:,} are more than the {len(sizes):,} items there are")
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest, total = n - int(certain.sum()), sizes[~certain].sum()
        chance = np.where(certain, 1.0, rest * sizes / total if total else 1.0)
        more = ~certain & (chance >= 1 - 1e-12)
        if not more.any():
            return chance
        certain |= more


def systematic(ids: Sequence[str], stratum: str, chances: Array, seed: int) -> Places:
    """The places of items drawn with these chances, which add up to their number: in random order, at equal steps.

    Notes
    -----
    Hartley and Rao (1962), Annals of Mathematical Statistics 33:350-374.
    """
    n = round(float(chances.sum()))
    order = _in_order(ids, stratum, seed)
    ends = np.cumsum(chances[order])
    start = int(_digest(str(seed), stratum, "start"), 16) / 2**256
    found = np.searchsorted(ends * (n / ends[-1]) if n else ends, start + np.arange(n), side="right")
    return np.sort(order[np.minimum(found, len(ids) - 1)])


def _in_order(ids: Sequence[str], stratum: str, seed: int) -> Places:
    keys = [(_digest(str(seed), stratum, each), each) for each in ids]
    return np.array(sorted(range(len(ids)), key=keys.__getitem__), dtype=np.intp)


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()
