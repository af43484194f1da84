"""Evaluate and Screen as the vendor's moderation API spells them, in and out. It judges nothing and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..content.base import check_address
from ..errors import BadDraft, BadRequest, ServiceError
from ..model import Evaluation, FoundTerm, Pairs, Screening
from .fields import fields_of, optional_string, read_json, required_string, shown
from .own import BOM
from .spelling import write_pairs

STATUS = {"Code": 3000, "Description": "OK", "Exception": None}
LIST_ID = 0
"""The number of the one list of terms there is: the tagger's own."""


def read_image_input(raw: bytes) -> str:
    """The address of the picture to evaluate.

    Raises
    ------
    BadRequest
        When the body is no JSON object that names a picture by its address.

    Examples
    --------
    >>> read_image_input(b'{"DataRepresentation": "URL", "Value": "https://x/1.jpg"}')
    'https://x/1.jpg'
    """
    if not raw.strip():
        raise BadRequest('the body is empty: send {"DataRepresentation": "URL", "Value": "..."}, or a picture\'s bytes')
    try:
        fields = fields_of(read_json(raw))
        said = optional_string(fields, "DataRepresentation") or "URL"
        if said.strip().upper() != "URL":
            raise BadDraft(f"there is no {shown(said)}; there is URL", where="DataRepresentation")
        address = required_string(fields, "Value")
        check_address(address, "Value")
    except BadDraft as error:
        problem = BadRequest(error.message, where=error.where)
    else:
        return address
    raise problem


def read_picture(body: bytes) -> bytes | str:
    """The picture that a body is, or the address of the one that it names; as `read_image_input`.

    Examples
    --------
    >>> read_picture(b'{"Value": "https://x/1.jpg"}'), read_picture(b"GIF89a")
    ('https://x/1.jpg', b'GIF89a')
    """
    return read_image_input(body) if body.removeprefix(BOM).lstrip()[:1] in (b"", b"{") else body


def write_image_input(address: str) -> dict[str, str]:
    """A request to evaluate the picture at an address.

    Examples
    --------
    >>> write_image_input("https://x/1.jpg")
    {'DataRepresentation': 'URL', 'Value': 'https://x/1.jpg'}
    """
    return {"DataRepresentation": "URL", "Value": address}


def write_evaluation(
    *,
    adult: tuple[float | None, bool],
    racy: tuple[float | None, bool],
    tracking_id: str,
    advanced_info: Pairs = (),
    cache_id: str | None = None,
) -> dict[str, Any]:
    """What was found of a picture.

    Parameters
    ----------
    adult, racy : tuple
        Score in [0, 1], None where the tagger has none, and whether it is that.
    tracking_id : str
        By which one answer is told from another.
    advanced_info : pairs
        Such as ``ImageSizeInBytes``.
    cache_id : str, optional
        Only in answers to those who asked for the picture to be kept.

    Examples
    --------
    >>> written = write_evaluation(adult=(0.0156, False), racy=(0.4, True), tracking_id="1")
    >>> written["AdultClassificationScore"], written["IsImageRacyClassified"], written["Result"]
    (0.0156, True, True)
    """
    return {
        **({} if cache_id is None else {"CacheID": cache_id}),
        "AdultClassificationScore": adult[0],
        "IsImageAdultClassified": adult[1],
        "RacyClassificationScore": racy[0],
        "IsImageRacyClassified": racy[1],
        "AdvancedInfo": write_pairs(advanced_info, "pascal"),
        "Result": adult[1] or racy[1],
        "Status": dict(STATUS),
        "TrackingId": tracking_id,
    }


def read_evaluation(data: object) -> Evaluation:
    """What `write_evaluation` wrote.

    Raises
    ------
    ServiceError
        When it is no evaluation.

    Examples
    --------
    >>> read_evaluation(write_evaluation(adult=(0.9, True), racy=(None, False), tracking_id="1"))
    Evaluation(adult_score=0.9, is_adult=True, racy_score=None, is_racy=False)
    """
    names = ("AdultClassificationScore", "IsImageAdultClassified", "RacyClassificationScore", "IsImageRacyClassified")
    try:
        fields = fields_of(data)
        adult, is_adult, racy, is_racy = (fields[name.lower()] for name in names)
        return Evaluation(_read_score(adult), bool(is_adult), _read_score(racy), bool(is_racy))
    except (BadDraft, KeyError, TypeError, ValueError, OverflowError) as error:
        problem = ServiceError(f"the service's answer is no evaluation ({type(error).__name__}: {error})")
    raise problem


def _read_score(value: Any) -> float | None:
    return None if value is None else float(value)


def write_screening(
    text: str, terms: Iterable[FoundTerm], *, tracking_id: str, language: str | None = None
) -> dict[str, Any]:
    """What was found in a text.

    Corrected spelling, personal data and classes are null: nothing here finds them.

    Examples
    --------
    >>> written = write_screening("oh crap", [FoundTerm(3, 3, "crap")], tracking_id="1", language="eng")
    >>> written["Terms"], written["PII"]
    ([{'Index': 3, 'OriginalIndex': 3, 'ListId': 0, 'Term': 'crap'}], None)
    """
    return {
        "OriginalText": text,
        "NormalizedText": text,
        "AutoCorrectedText": None,
        "Misrepresentation": None,
        "PII": None,
        "Classification": None,
        "Language": language,
        "Terms": write_found_terms(terms),
        "Status": dict(STATUS),
        "TrackingId": tracking_id,
    }


def read_screening(data: object) -> Screening:
    """What `write_screening` wrote.

    Raises
    ------
    ServiceError
        When it is no screening.

    Examples
    --------
    >>> read_screening(write_screening("oh crap", [FoundTerm(3, 3, "crap")], tracking_id="1"))
    Screening(text='oh crap', terms=((3, 'crap'),))
    """
    try:
        fields = fields_of(data)
        terms = [fields_of(term) for term in fields.get("terms") or ()]
        found = tuple((int(term["originalindex"]), str(term["term"])) for term in terms)
        return Screening(required_string(fields, "OriginalText"), found)
    except (BadDraft, KeyError, TypeError, ValueError, OverflowError) as error:
        problem = ServiceError(f"the service's answer is no screening ({type(error).__name__}: {error})")
    raise problem


def write_found_terms(terms: Iterable[FoundTerm]) -> list[dict[str, Any]]:
    """The terms found in a text, as a screening and the output ``matchTerms`` of a job have them.

    Examples
    --------
    >>> write_found_terms([])
    []
    """
    return [
        {"Index": term.index, "OriginalIndex": term.original_index, "ListId": LIST_ID, "Term": term.term}
        for term in terms
    ]
