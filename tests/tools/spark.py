"""Counts on Spark against counts here, for `make engines`: ``python -m tests.tools.spark``. Not part of the tests.

PySpark is large and wants Java 17, so it lives in an environment of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any


def session(folder: Path) -> Any:
    """A Spark of this process alone, on two threads, that leaves nothing behind outside the folder."""
    from pyspark.sql import SparkSession

    built = SparkSession.builder.master("local[2]").appName("cmtools").config("spark.ui.enabled", "false")
    built = built.config("spark.sql.warehouse.dir", str(folder)).config("spark.driver.host", "127.0.0.1")
    return built.config("spark.sql.shuffle.partitions", "4").getOrCreate()


def main() -> int:
    """Compare every reading; the exit code is the number of those that differ."""
    import duckdb
    import ibis

    from tests.analysis.sources.engines import READINGS, assert_same, troubled_decisions

    frame = troubled_decisions()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="cmtools-spark-") as folder:
        path = f"{folder}/decisions.parquet"
        duckdb.from_df(frame).write_parquet(path)
        spark = session(Path(folder))
        spark.sparkContext.setLogLevel("ERROR")
        table = ibis.pyspark.connect(spark).read_parquet(path)
        for name, reading in READINGS.items():
            try:
                assert_same(frame, table, reading)
            except AssertionError as error:
                failed += 1
                print(f"{name}: FAILED\n{error}")
            else:
                print(f"{name}: the same")
        spark.stop()
    print(f"{len(READINGS) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
