"""Decisions that live elsewhere: the same SQL, said in the tongue of their engine. The only room of ibis."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import pandas as pd

EMBEDDED = "duckdb"


def is_remote(decisions: Any) -> bool:
    """Whether it is an ibis table that lives outside this process; asking does not load ibis."""
    return _is_table(decisions) and decisions.get_backend().name != EMBEDDED


def as_relation(decisions: Any) -> Any:
    """An ibis table on duckdb as duckdb's own relation; anything else as it is."""
    if not _is_table(decisions):
        return decisions
    import ibis

    backend = decisions.get_backend()
    backend._run_pre_execute_hooks(decisions)  # registers the tables in memory that it is made from, if any
    return backend.con.sql(str(ibis.to_sql(decisions, dialect=EMBEDDED)))


def _is_table(decisions: Any) -> bool:
    ibis = sys.modules.get("ibis")  # whoever has such a table has loaded it
    return ibis is not None and isinstance(decisions, ibis.expr.types.Table)


class Remote:
    """An ibis table, asked with the queries that duckdb is asked with; ibis writes them as the engine wants them.

    Parameters
    ----------
    table : ibis table
        On PostgreSQL, Spark, BigQuery, Snowflake or whatever else ibis speaks to.
    view : str
        What the queries call the table.
    """

    def __init__(self, table: Any, view: str) -> None:
        from ibis.backends.sql.datatypes import DuckDBType

        self._table = table.alias(view)
        # Queries are made for duckdb's types, so each column's type goes by duckdb's name for it.
        names = {name: DuckDBType.from_ibis(kind).sql(EMBEDDED) for name, kind in table.schema().items()}
        self.types = {name: _SAME.get(kind, kind) for name, kind in names.items()}

    def ask(self, query: str) -> pd.DataFrame:
        """The answer, as duckdb would have given it; moments come back as UTC."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*future.infer_string", category=DeprecationWarning)
            frame: pd.DataFrame = self._table.sql(query, dialect=EMBEDDED).to_pandas()
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
                frame[name] = frame[name].dt.tz_convert("UTC")
        return frame


_SAME = {"TEXT": "VARCHAR", "INT": "INTEGER", "REAL": "FLOAT", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
"""Types by the name that a duckdb relation gives them."""
