"""How near two values are to each other: weights for the coefficients, distances for alpha. No agreement here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import BadRequest
from ..chance import Array, divide

SCALES = ("nominal", "ordinal", "interval", "ratio")
"""The scales of measurement that Krippendorff's alpha knows."""

WEIGHTS_OF_SCALE = {"nominal": "identity", "ordinal": "ordinal", "interval": "quadratic", "ratio": "ratio"}
"""The weights that the other coefficients take on each scale, unless told otherwise."""


def _linear(x: Array, y: Array, low: float, high: float) -> Array:
    return np.abs(x - y) / (high - low)


def _quadratic(x: Array, y: Array, low: float, high: float) -> Array:
    return ((x - y) / (high - low)) ** 2


def _radical(x: Array, y: Array, low: float, high: float) -> Array:
    return np.sqrt(np.abs(x - y) / (high - low))


def _ratio(x: Array, y: Array, low: float, high: float) -> Array:
    if low <= 0:
        raise BadRequest(f"ratio weights need values above 0, but there is {low:g}; take 'quadratic' weights")
    return (divide(x - y, x + y) / ((high - low) / (high + low))) ** 2


def _circular(x: Array, y: Array, low: float, high: float) -> Array:
    return np.asarray(np.sin(np.pi * (x - y) / (high - low + 1)) ** 2)


def _bipolar(x: Array, y: Array, low: float, high: float) -> Array:
    return np.nan_to_num(divide((x - y) ** 2, (x + y - 2 * low) * (2 * high - x - y)))


_DISTANCES: dict[str, Callable[[Array, Array, float, float], Array]] = {
    "linear": _linear,
    "quadratic": _quadratic,
    "radical": _radical,
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}
WEIGHTS = ("identity", "ordinal", *_DISTANCES)
"""The names of weights."""


def weights_of(weights: str | npt.ArrayLike, values: Sequence[Any]) -> Array:
    """A table of weights for these values: 1 for the same value, less the further apart, 0 for the furthest.

    Parameters
    ----------
    weights : str or array_like of shape (n_values, n_values)
        One of `WEIGHTS`, or the table itself.
    values : sequence
        In order. Numbers count as themselves; of anything else the first counts as 1, the second as 2 and so on.

    Notes
    -----
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 3.

    Raises
    ------
    BadRequest
        When there are no weights of that name, or the table is not symmetric with ones on its diagonal.

    Examples
    --------
    >>> weights_of("linear", [1, 2, 3]).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    if not isinstance(weights, str):
        return _own(weights, len(values))
    if weights not in WEIGHTS:
        raise BadRequest(f"there are no weights {weights!r}; there are {', '.join(WEIGHTS)}")
    if weights == "identity" or len(values) < 2:
        return np.eye(len(values))
    if weights == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(len(values)), np.arange(len(values))))
        far: Array = steps * (steps + 1) / 2
    else:
        known = as_numbers(values)
        far = _DISTANCES[weights](known[:, None], known[None, :], float(known.min()), float(known.max()))
    # Linear, quadratic, radical and ratio distances end at 1 by themselves; the others are brought there.
    near: Array = 1 - far / far.max()
    return near


def _own(weights: npt.ArrayLike, size: int) -> Array:
    table = np.asarray(weights, dtype=float)
    if table.shape != (size, size):
        raise BadRequest(f"for {size} values the weights have shape {(size, size)}; these have {table.shape}")
    if not (np.allclose(table, table.T) and np.allclose(np.diag(table), 1) and table.min(initial=0) >= 0):
        raise BadRequest("weights are a symmetric table with 1 on its diagonal and nothing below 0 or above 1")
    return table


def as_numbers(values: Sequence[Any]) -> Array:
    """Values as numbers: themselves where all are numbers, else their places from 1 on.

    Examples
    --------
    >>> as_numbers(["low", "high"]).tolist(), as_numbers([0, 2.5]).tolist()
    ([1.0, 2.0], [0.0, 2.5])
    """
    if all(isinstance(value, Real) for value in values):
        return np.array(values, dtype=float)
    return np.arange(1, len(values) + 1, dtype=float)


def distances(scale: str, values: Sequence[Any], margins: npt.ArrayLike) -> Array:
    """Krippendorff's squared distances of the values, brought to 1 for the furthest apart.

    Parameters
    ----------
    scale : {"nominal", "ordinal", "interval", "ratio"}
        What may be said of the values.
    values : sequence
        In order.
    margins : array_like, shape (n_values,)
        How often each value was used; ranks are made from that.

    Notes
    -----
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section E.

    Raises
    ------
    BadRequest
        When there is no such scale, or words are measured on a scale of numbers.

    Examples
    --------
    >>> distances("interval", [1, 2, 3], [5, 5, 5]).tolist()
    [[0.0, 0.25, 1.0], [0.25, 0.0, 0.25], [1.0, 0.25, 0.0]]
    """
    if scale not in SCALES:
        raise BadRequest(f"there is no scale {scale!r}; there are {', '.join(SCALES)}")
    if scale == "nominal":
        return 1 - np.eye(len(values))
    if scale == "ordinal":
        used = np.asarray(margins, dtype=float)
        place = np.cumsum(used) - used / 2
    elif all(isinstance(value, Real) for value in values):
        place = np.array(values, dtype=float)
    else:
        raise BadRequest(f"the scale {scale!r} is of numbers, but the values are {list(values)[:3]}; take 'ordinal'")
    far = np.subtract.outer(place, place)
    if scale == "ratio":
        far = np.nan_to_num(divide(far, np.add.outer(place, place)))
    furthest = np.abs(far).max(initial=0)
    return (far / furthest) ** 2 if furthest else 1 - np.eye(len(values))
