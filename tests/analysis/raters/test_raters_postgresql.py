"""Agreement of several raters is the same where ratings live in PostgreSQL, asked through ibis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from cmtools.analysis.raters.agreement import RaterAgreement
from cmtools.errors import BadRequest
from tests.tools import postgres

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ibis itself calls what others deprecate


def ratings() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = [
        (f"review {number:02}", reviewer, int(random.integers(0, 3)), bool(random.random() < 0.4), "ar"[number % 2])
        for number in range(40)
        for reviewer in ("ana", "bo", "cy")
        if random.random() < 0.8
    ]
    return pd.DataFrame(rows, columns=["review_id", "reviewer", "kind", "human", "tag"])


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    """The ratings as an ibis table on PostgreSQL."""
    url = postgres.fresh_database()
    engine = create_engine(url)
    ratings().to_sql("ratings", engine, index=False)
    engine.dispose()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connected = ibis.postgres.from_connection(psycopg.connect(plain, autocommit=True))
    yield connected.table("ratings")
    connected.disconnect()
    postgres.drop_database(url)


@pytest.mark.parametrize("choices", [{}, {"value": "kind", "scale": "ordinal"}], ids=["decisions", "numbers"])
def test_postgresql_says_what_duckdb_says(table: Any, choices: dict[str, Any]) -> None:
    here, there = RaterAgreement(ratings(), **choices), RaterAgreement(table, **choices)
    pd.testing.assert_frame_equal(there.table(), here.table())
    pd.testing.assert_frame_equal(there.dawid_skene().posterior, here.dawid_skene().posterior)


def test_postgresql_tells_who_rated_an_item_twice(table: Any) -> None:
    with pytest.raises(BadRequest, match="rated the same item 2 times"):
        RaterAgreement(table.union(table))
