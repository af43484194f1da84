"""The same counts wherever decisions live: PostgreSQL through ibis here, Spark in `make engines`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from cmtools.analysis.agreement import Agreement
from cmtools.errors import BadTag
from tests.analysis.sources.engines import READINGS, assert_same, troubled_decisions
from tests.tools import postgres

IBIS_WARNS = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""ibis 12 itself calls what duckdb 2 and pandas 3 deprecate, before a table of its comes to us."""


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    """An ibis connection to a PostgreSQL database of its own that holds the troubled decisions."""
    url = postgres.fresh_database()
    engine = create_engine(url)
    frame = troubled_decisions()
    frame.astype({"score": object}).where(frame.notna(), None).to_sql("decisions", engine, index=False)
    with engine.begin() as running:
        running.exec_driver_sql("ALTER TABLE decisions ALTER COLUMN score TYPE double precision USING score::float8")
        running.exec_driver_sql("UPDATE decisions SET score = 'NaN' WHERE week = 1 AND score IS NULL")
    engine.dispose()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connected = ibis.postgres.from_connection(psycopg.connect(plain, autocommit=True))
    yield connected
    connected.disconnect()
    postgres.drop_database(url)


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_postgresql_gives_the_counts_that_duckdb_gives(connection: Any, reading: dict[str, Any]) -> None:
    assert_same(troubled_decisions(), connection.table("decisions"), reading)


def test_postgresql_gives_the_disagreements_that_duckdb_gives(connection: Any) -> None:
    asked = {"by": "subteam", "threshold": {"r": 0.7}}
    here = Agreement(troubled_decisions(), **asked).disagreements(limit=20)
    there = Agreement(connection.table("decisions"), **asked).disagreements(limit=20)
    shown = ["review_id", "tag", "auto", "human", "kind", "wrong_by"]
    pd.testing.assert_frame_equal(there[shown], here[shown], check_dtype=False)


@pytest.mark.parametrize("reading", [{}, {"weights": False, "strata": False, "absent": "missing"}])
def test_postgresql_gives_the_curve_and_the_calibration_that_duckdb_gives(
    connection: Any, reading: dict[str, Any]
) -> None:
    here, there = Agreement(troubled_decisions(), **reading), Agreement(connection.table("decisions"), **reading)
    pd.testing.assert_frame_equal(there.curve("r").table, here.curve("r").table)
    pd.testing.assert_frame_equal(there.calibration("r").table, here.calibration("r").table)


def test_postgresql_cuts_moments_into_the_periods_that_duckdb_cuts(connection: Any) -> None:
    frame = troubled_decisions()
    frame["decided_at"] = pd.Timestamp("2026-01-05") + pd.to_timedelta(frame["week"] * 7, unit="D")
    table = connection.table("decisions")
    moved = table.mutate(decided_at=ibis.timestamp("2026-01-05") + (table.week * 7).as_interval("D"))
    here, there = Agreement(frame).drift(tag="r"), Agreement(moved).drift(tag="r")
    pd.testing.assert_frame_equal(there.table, here.table, check_dtype=False)


def test_facts_of_decisions_elsewhere_are_told_as_far_as_any_engine_can(connection: Any) -> None:
    here, there = Agreement(troubled_decisions()).facts, Agreement(connection.table("decisions")).facts
    assert (there.rows, there.reviews, there.reviewers) == (here.rows, here.reviews, here.reviewers)
    assert there.fingerprint == Agreement(connection.table("decisions")).facts.fingerprint


def test_value_that_cannot_be_read_is_named_on_postgresql_too(connection: Any) -> None:
    table = connection.table("decisions")
    with pytest.raises(BadTag, match="column 'human' holds 'a', \"o'hara\", 'r'"):
        Agreement(table.mutate(human=table.tag))


@IBIS_WARNS
def test_ibis_table_on_duckdb_is_read_where_it_is(tmp_path: Any) -> None:
    path = str(tmp_path / "decisions.parquet")
    duckdb.from_df(troubled_decisions()).write_parquet(path)
    connected = ibis.duckdb.connect()
    connected.con.execute(f"CREATE VIEW decisions AS FROM '{path}'")
    table = connected.table("decisions")
    assert_same(troubled_decisions(), table, {"by": "subteam"})
    assert_same(troubled_decisions().query("week > 1"), table.filter(table.week > 1), {})


@IBIS_WARNS
def test_ibis_table_in_memory_is_read() -> None:
    assert_same(troubled_decisions(), ibis.memtable(troubled_decisions()), {"by": "subteam"})


@IBIS_WARNS
def test_sqlite_reads_weights_and_scores_that_are_real(tmp_path: Path) -> None:
    frame = troubled_decisions()[["tag", "auto", "human"]].dropna().head(200)
    frame = frame.assign(weight=np.resize([1.0, 2.5], len(frame)), score=np.resize([0.0, 0.25, 0.75], len(frame)))
    frame = frame.astype({"auto": str, "human": str})
    with closing(sqlite3.connect(tmp_path / "decisions.db")) as database:
        frame.to_sql("decisions", database, index=False)
    connected = ibis.sqlite.connect(tmp_path / "decisions.db")
    here, there = Agreement(frame), Agreement(connected.table("decisions"))
    pd.testing.assert_frame_equal(there.table(), here.table())
    assert there.curve("r").unscored == 0
    pd.testing.assert_frame_equal(there.curve("r").table, here.curve("r").table)
    connected.disconnect()
