"""Lines of transcripts: times, plain text out of anything, flagged words."""

from __future__ import annotations

import pytest

from cmtools.model import Term, Transcript
from cmtools.widgets.cues import MOST_CUES, Cue, cues_of


def lines(body: str, *terms: str) -> list[Cue]:
    return cues_of(Transcript(f"WEBVTT\n\n{body}", tuple(Term("0", 0, term) for term in terms)))


@pytest.mark.parametrize(
    ("timing", "start", "end"),
    [
        ("00:01.500 --> 00:04.000", 1500, 4000),
        ("01:00:01.500 --> 01:00:04.000", 3601500, 3604000),
        ("100:00:00.000 --> 100:00:01.000 align:start position:10%", 360000000, 360001000),
        ("00:01,500 --> 00:02,000", 1500, 2000),
    ],
)
def test_times_are_read(timing: str, start: int, end: int) -> None:
    assert lines(f"{timing}\nHello") == [Cue(start, end, "Hello")]


def test_what_is_no_cue_is_passed_over() -> None:
    body = "NOTE a --> b\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000\nHello\n\n00:xx --> y\nno\n\n"
    assert [cue.text for cue in lines(body)] == ["Hello"]


def test_a_cue_is_plain_text() -> None:
    body = (
        "00:01.000 --> 00:02.000\n<v.loud Ana>one <b>two</b>\n<00:01.500><c.red>&lt;script&gt;</c> &amp; &rlm;four</v>"
    )
    assert lines(body)[0].text == "Ana: one two <script> & \u200ffour"


@pytest.mark.parametrize("break_", ["\r\n", "\r"])
def test_any_line_break_will_do(break_: str) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n\n00:02.000 --> 00:03.000\nyou".replace("\n", break_)
    assert [cue.text for cue in cues_of(Transcript(text))] == ["Hello", "you"]


def test_lines_come_in_the_order_of_time() -> None:
    assert [cue.start for cue in lines("00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na")] == [1000, 5000]


def test_flagged_words_are_marked() -> None:
    (cue,) = lines("00:01.000 --> 00:02.000\n😀 Cr4p, damn", "crap", "damn")
    assert cue.marks == ((3, 7), (9, 13))


def test_a_transcript_without_end_ends() -> None:
    body = "00:01.000 --> 00:02.000\na\n\n" * (MOST_CUES + 5)
    assert len(lines(body)) == MOST_CUES


def test_an_empty_transcript_has_no_lines() -> None:
    assert cues_of(Transcript()) == []
