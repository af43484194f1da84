"""The same content answered again by the same reviewer: how often the answer stays, and after how long."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .opinions import CONTENT, DECIDED, FRAME, REVIEW, REVIEWER, TAG, Opinions

_DAY = 86_400.0


def repeats_of(opinions: Opinions) -> pd.DataFrame:
    """Each answer that its reviewer had given before on the same content and tag, in another review.

    Returns
    -------
    DataFrame
        ``row`` (the place of the later answer), ``reviewer, content_id, tag, first_review_id, review_id, first, again,
        days``: each is compared with the one before. Without moments ``days`` is NaN, and the order that of the table.
    """
    rows = opinions.rows
    content = pd.factorize(rows[CONTENT])[0] if CONTENT in rows else np.full(len(opinions), -1)
    frame = pd.factorize(rows[FRAME])[0] if FRAME in rows else np.zeros(len(opinions), dtype=int)
    at = _seconds(rows)
    order = np.lexsort([np.nan_to_num(at), opinions.tag, frame, content, opinions.reviewer])
    keys = [part[order] for part in (opinions.reviewer, content, frame, opinions.tag)]
    same = np.logical_and.reduce([part[1:] == part[:-1] for part in keys]) & (keys[1][1:] >= 0)
    same &= opinions.review[order][1:] != opinions.review[order][:-1]
    later, before = order[1:][same], order[:-1][same]
    names = rows[REVIEW].astype("str").to_numpy()
    return pd.DataFrame(
        {
            "row": later,
            REVIEWER: opinions.names(REVIEWER, opinions.reviewer[later]),
            CONTENT: rows[CONTENT].astype("str").to_numpy()[later] if CONTENT in rows else "",
            TAG: opinions.names(TAG, opinions.tag[later]),
            "first_review_id": names[before],
            REVIEW: names[later],
            "first": opinions.on[before],
            "again": opinions.on[later],
            "days": (at[later] - at[before]) / _DAY,
        }
    )


def _seconds(rows: pd.DataFrame) -> np.ndarray:
    """The moments of answers in seconds; NaN where there are none."""
    if DECIDED not in rows:
        return np.full(len(rows), np.nan)
    return seconds_of(rows[DECIDED])


def seconds_of(moments: pd.Series) -> np.ndarray:
    """Moments as seconds since the epoch; NaN where there is none.

    Examples
    --------
    >>> seconds_of(pd.Series(["1970-01-01T00:01:00Z", None])).tolist()
    [60.0, nan]
    """
    found = pd.DatetimeIndex(pd.to_datetime(moments, utc=True)).as_unit("us")
    return np.where(found.isna(), np.nan, found.asi8 / 1e6)
