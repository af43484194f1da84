"""The lines of a transcript with their times, out of WebVTT, as plain text. It styles and places nothing.

A transcript comes from anybody, so nothing in it is trusted: tags are dropped (a voice becomes "Ana: "), character
references become the characters, and what is no cue is passed over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Transcript
from .terms import find

MOST_CUES = 20_000
TIMING = re.compile(r"(?:(\d{1,6}):)?([0-5]?\d):([0-5]?\d)[.,](\d{3})")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from one moment to another, in milliseconds; ``marks`` are its flagged words, in UTF-16 units."""

    start: int
    end: int
    text: str
    marks: tuple[tuple[int, int], ...] = ()


def cues_of(transcript: Transcript) -> list[Cue]:
    """The lines of a transcript in the order of time, with the terms that a classifier found marked.

    Examples
    --------
    >>> said = "WEBVTT\\n\\n1\\n00:01.500 --> 00:04.000 align:start\\n<v Ana>Oh &amp; <b>crap</b>!</v>\\n"
    >>> cues_of(Transcript(said))
    [Cue(start=1500, end=4000, text='Ana: Oh & crap!', marks=())]
    """
    words = tuple(dict.fromkeys(term.term for term in transcript.terms))
    found = []
    for start, end, text in _cues(transcript.text):
        found.append(Cue(start, end, text, tuple(find(text, words))))
        if len(found) == MOST_CUES:
            break
    return sorted(found, key=lambda cue: cue.start)


def _cues(text: str) -> Iterator[tuple[int, int, str]]:
    for block in re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n").split("\n")
        place = next((index for index, line in enumerate(lines[:2]) if "-->" in line), None)
        if place is None:
            continue
        before, _, after = lines[place].partition("-->")
        start, end = TIMING.search(before), TIMING.search(after)
        said = _plain("\n".join(lines[place + 1 :]))
        if start and end and said:
            yield _milliseconds(start), _milliseconds(end), said


def _milliseconds(match: re.Match[str]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _plain(text: str) -> str:
    """A cue's text without tags, on one line."""
    return " ".join(html.unescape(TAG.sub("", VOICE.sub(r"\1: ", text))).split())
