"""Evaluate and Screen: which picture is meant, and what is said of pictures and texts."""

from __future__ import annotations

import pytest

from cmtools.errors import BadRequest, ServiceError
from cmtools.taggers import FoundTerm
from cmtools.wire import moderation


@pytest.mark.parametrize(
    "raw",
    [
        b'{"DataRepresentation": "URL", "Value": "https://x.example/1"}',
        b'{"dataRepresentation": "url", "value": "https://x.example/1"}',
        b'{"Value": "https://x.example/1"}',
    ],
)
def test_address_of_a_picture_is_read_in_any_case(raw: bytes) -> None:
    assert moderation.read_image_input(raw) == "https://x.example/1"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the body is empty"),
        (b"{", "JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "Value: it is missing"),
        (b'{"DataRepresentation": "Inline", "Value": "x"}', "DataRepresentation: there is no 'Inline'; there is URL"),
        (b'{"DataRepresentation": 1, "Value": "x"}', "DataRepresentation: it must be a string"),
        (b'{"DataRepresentation": "URL", "Value": "1.jpg"}', "Value: '1.jpg' is no address"),
        (b'{"DataRepresentation": "URL", "Value": ["https://x.example/1"]}', "Value: it must be a string"),
        (b'{"Value": ' * 5000, "JSON"),
    ],
)
def test_picture_that_is_not_named_is_refused(raw: bytes, says: str) -> None:
    with pytest.raises(BadRequest, match=says) as caught:
        moderation.read_image_input(raw)
    assert caught.value.code == "BadRequest"


@pytest.mark.parametrize(("adult", "racy", "result"), [(False, False, False), (True, False, True), (False, True, True)])
def test_result_is_whether_anything_was_flagged(adult: bool, racy: bool, result: bool) -> None:
    written = moderation.write_evaluation(adult=(0.1, adult), racy=(0.2, racy), tracking_id="1")
    assert written["Result"] is result


def test_cache_id_stands_only_where_it_was_asked_for() -> None:
    plain = moderation.write_evaluation(adult=(None, False), racy=(None, False), tracking_id="1")
    kept = moderation.write_evaluation(adult=(None, False), racy=(None, False), tracking_id="1", cache_id="c")
    assert {**plain, "CacheID": "c"} == kept


def test_status_of_one_answer_is_not_that_of_another() -> None:
    first = moderation.write_evaluation(adult=(None, False), racy=(None, False), tracking_id="1")
    first["Status"]["Code"] = 0
    assert moderation.write_screening("x", [], tracking_id="1")["Status"]["Code"] == 3000


def test_term_tells_both_its_places() -> None:
    assert moderation.write_found_terms([FoundTerm(3, 5, "crap", "cr4p")]) == [
        {"Index": 3, "OriginalIndex": 5, "ListId": 0, "Term": "crap"}
    ]


EVALUATION = moderation.write_evaluation(adult=(0.1, False), racy=(0.2, True), tracking_id="1")
SCREENING = moderation.write_screening("oh crap", [FoundTerm(3, 3, "crap")], tracking_id="1")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {**EVALUATION, "AdultClassificationScore": "high"},
        {**EVALUATION, "RacyClassificationScore": 10**400},
    ],
)
def test_answer_that_is_no_evaluation_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no evaluation"):
        moderation.read_evaluation(data)


@pytest.mark.parametrize(
    "data", [None, [], {}, {**SCREENING, "Terms": 5}, {**SCREENING, "Terms": [{"Term": "x"}]}, {"Terms": []}]
)
def test_answer_that_is_no_screening_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no screening"):
        moderation.read_screening(data)
