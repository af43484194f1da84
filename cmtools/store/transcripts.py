"""Statements on the transcripts of videos: the text, and the words that a classifier found in it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from ..model import Term, Transcript
from .dialect import upsert
from .tables import reviews, transcripts


def put_text(connection: Connection, team: str, review_id: str, text: str) -> None:
    """Keep a transcript's text in place of the one before; the words found stay."""
    row = {"review_id": review_id, "team": team, "text": text, "terms": []}
    connection.execute(upsert(connection, transcripts, "text"), [row])


def put_terms(connection: Connection, team: str, review_id: str, terms: Sequence[Term]) -> None:
    """Keep the words that were found in place of those before; the text stays."""
    rows = [[term.timestamp, term.index, term.term] for term in terms]
    connection.execute(
        upsert(connection, transcripts, "terms"), [{"review_id": review_id, "team": team, "text": "", "terms": rows}]
    )


def get(connection: Connection, review_id: str) -> Transcript:
    """A review's transcript, or that of the review it is an opinion on; an empty one where there is none."""
    other = sa.select(reviews.c.opinion_of).where(reviews.c.id == review_id).scalar_subquery()
    query = sa.select(transcripts.c.text, transcripts.c.terms)
    query = query.where(transcripts.c.review_id == sa.func.coalesce(other, review_id))
    row = connection.execute(query).first()
    return Transcript() if row is None else Transcript(row.text, tuple(Term(*term) for term in row.terms))
