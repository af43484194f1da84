"""Transcripts of videos, and the words found in them, as the Review API spells them. It looks for no words itself."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from ..content.base import check_string
from ..errors import BadDraft, BadRequest, TooLarge
from ..model import Term
from .fields import at, fields_of, json_kind, read_json, required_string, scalar, shown
from .own import BOM

MARK = "WEBVTT"
MAX_TERMS = 10_000
MAX_TERM_CHARACTERS = 1000
MAX_INDEX = 2**31


def read_transcript(raw: bytes) -> str:
    """The WebVTT text of a body, without its byte order mark and otherwise as it is.

    Raises
    ------
    BadRequest
        When it is empty, is no UTF-8 or does not begin as WebVTT does.

    Examples
    --------
    >>> read_transcript(b"WEBVTT - a talk")
    'WEBVTT - a talk'
    >>> read_transcript(b"00:01 Hello")
    Traceback (most recent call last):
    cmtools.errors.BadRequest: the transcript is no WebVTT: its first line must begin with WEBVTT
    """
    if not raw.strip():
        raise BadRequest(
            "the body is empty: send text that begins with WEBVTT (a stream read before sends nothing more)"
        )
    try:
        text = raw.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"the transcript is no UTF-8 (byte {error.start})") from None
    if not text.startswith(MARK) or text[len(MARK) : len(MARK) + 1] not in ("", " ", "\t", "\n", "\r"):
        raise BadRequest("the transcript is no WebVTT: its first line must begin with WEBVTT")
    if "\0" in text:
        raise BadRequest("the transcript has a NUL character, which databases refuse")
    return text


def read_terms(raw: bytes) -> tuple[Term, ...]:
    """The words that a classifier found in a transcript; their moments are text, kept as given.

    Raises
    ------
    BadRequest
        Naming the place at fault in ``where``, such as ``[0].Terms[2].Index``.
    TooLarge
        For more than `MAX_TERMS` moments or words.

    Examples
    --------
    >>> read_terms(b'[{"Timestamp": "101", "Terms": [{"Index": 3, "Term": "crap"}]}]')
    (Term(timestamp='101', index=3, term='crap'),)
    """
    items = read_json(raw)
    if not isinstance(items, list):
        raise BadRequest('the body must be a JSON array such as [{"Timestamp": "0", "Terms": []}]')
    _check_count(len(items))
    found: list[Term] = []
    try:
        for index, item in enumerate(items):
            found += _read_moment(item, f"[{index}]")
            _check_count(len(found))
    except BadDraft as error:
        problem = BadRequest(error.message, where=error.where)
    else:
        return tuple(found)
    raise problem


def _check_count(count: int) -> None:
    if count > MAX_TERMS:
        raise TooLarge(f"{count:,} terms in one request; the most is {MAX_TERMS:,}")


def _read_moment(item: object, where: str) -> list[Term]:
    fields = fields_of(item, where=where)
    terms = fields.get("terms")
    if terms is None:
        return []
    if not isinstance(terms, list):
        raise BadDraft(f"it must be an array of terms, not {json_kind(terms)}", where=f"{where}.Terms")
    _check_count(len(terms))
    try:
        timestamp = "" if fields.get("timestamp") is None else scalar(fields, "Timestamp")
        check_string(timestamp, "Timestamp", most=MAX_TERM_CHARACTERS, may_be_empty=True)
        return [_read_term(term, timestamp, f"Terms[{index}]") for index, term in enumerate(terms)]
    except BadDraft as error:
        problem = at(where, error)
    raise problem


def _read_term(item: object, timestamp: str, where: str) -> Term:
    fields = fields_of(item, where=where)
    try:
        term = required_string(fields, "Term")
        check_string(term, "Term", most=MAX_TERM_CHARACTERS)
        return Term(timestamp, _read_index(fields.get("index")), term)
    except BadDraft as error:
        problem = at(where, error)
    raise problem


def _read_index(value: object) -> int:
    if value is None:
        raise BadDraft("it is missing", where="Index")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_INDEX:
        raise BadDraft(f"{shown(value)} is no place in a text: write a whole number from 0 on", where="Index")
    return value


def write_terms(terms: Iterable[Term]) -> list[dict[str, Any]]:
    """The words of a transcript as a request to keep them has it, those of one moment together.

    Examples
    --------
    >>> write_terms([Term("101", 3, "crap"), Term("101", 9, "damn")])
    [{'Timestamp': '101', 'Terms': [{'Index': 3, 'Term': 'crap'}, {'Index': 9, 'Term': 'damn'}]}]
    """
    return [
        {"Timestamp": timestamp, "Terms": [{"Index": term.index, "Term": term.term} for term in moment]}
        for timestamp, moment in groupby(terms, key=lambda term: term.timestamp)
    ]
