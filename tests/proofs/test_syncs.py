"""The proof of syncs, small; and that a write without a sync of its own is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import syncs

TRACE = """\
7 100.000010 fdatasync(9</data/reviews.db-wal>) = 0 <0.000020>
8 100.000200 fdatasync(9</data/reviews.db-wal> <unfinished ...>
7 100.000210 fdatasync(4</data/reviews.db>) = 0 <0.000001>
8 100.000230 <... fdatasync resumed>) = 0 <0.000030>
7 100.000400 fdatasync(9</data/reviews.db-wal>) = -1 EIO (Input/output error) <0.000010>
"""


def test_every_acknowledged_write_was_synced_first() -> None:
    if why_not := syncs.there():
        pytest.skip(why_not)
    outcome = syncs.prove(25)
    assert (outcome.good, outcome.writes) == (True, 25)


def test_trace_tells_when_the_log_was_synced(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(TRACE)
    found = syncs.syncs(tmp_path / "trace", "/data/reviews.db-wal")
    assert [tuple(round(moment, 6) for moment in span) for span in found] == [
        (100.00001, 100.00003),
        (100.0002, 100.00023),
    ]


@pytest.mark.parametrize("process", ["7    ", "31999", "4194303"])
def test_trace_is_read_whatever_number_the_process_has(tmp_path: Path, process: str) -> None:
    lines = ("100.0 fdatasync(9</w>)      = 0 <0.2>", "101.0 fdatasync(9</w> <unfinished ...>")
    (tmp_path / "trace").write_text("".join(f"{process} {line}\n" for line in lines))
    with (tmp_path / "trace").open("a") as trace:
        trace.write(f"{process} 101.5 <... fdatasync resumed>) = 0 <0.5>\n")
    assert syncs.syncs(tmp_path / "trace", "/w") == [(100.0, 100.2), (101.0, 101.5)]


def test_answer_without_a_sync_since_its_request_is_noticed() -> None:
    found = [(1.0, 1.1), (2.0, 2.5)]
    assert [syncs.covered(span, found) for span in [(0.9, 1.2), (1.9, 2.6)]] == [True, True]
    assert [syncs.covered(span, found) for span in [(1.05, 1.2), (1.9, 2.4), (2.6, 3.0)]] == [False, False, False]
    assert not syncs.Outcome(writes=3, syncs=3, unsynced=1).good
    assert not syncs.Outcome(writes=3, syncs=2, unsynced=0).good
