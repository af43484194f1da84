"""Jobs: what the address and the body of a new one say, and how its course is told."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.errors import BadRequest, ServiceError
from cmtools.model import Job, JobStep, Team
from cmtools.tags import TagSet
from cmtools.wire import jobs

TEAM = Team("NightShift", TagSet())
QUERY = {
    "ContentType": "Image",
    "ContentId": "7",
    "WorkflowName": "default",
    "CallBackEndpoint": "http://x.example/?q=1",
}
ANSWER = {"Id": "1", "Status": "Complete", "WorkflowId": "default", "Type": "Image"}


# Requests -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_query_is_read_in_any_case(spell: type[str]) -> None:
    query = {spell(name): value for name, value in QUERY.items()}
    assert jobs.read_job_query(query) == ("Image", "7", "default", "http://x.example/?q=1")


@pytest.mark.parametrize(("said", "type"), [("image", "Image"), ("TEXT", "Text"), ("Video", "Video")])
def test_content_type_of_a_job_is_read_in_any_case(said: str, type: str) -> None:
    assert jobs.read_job_query({**QUERY, "ContentType": said})[0] == type


@pytest.mark.parametrize("query", [{**QUERY, "CallBackEndpoint": ""}, {k: QUERY[k] for k in list(QUERY)[:3]}])
def test_callback_of_a_job_may_be_left_out_or_empty(query: dict[str, str]) -> None:
    assert jobs.read_job_query(query)[3] is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"ContentType": ""}, "ContentType"),
        ({"ContentType": "Audio"}, "ContentType"),
        ({"ContentId": " "}, "ContentId"),
        ({"ContentId": "\0"}, "ContentId"),
        ({"ContentId": "x" * 2000}, "ContentId"),
        ({"WorkflowName": ""}, "WorkflowName"),
        ({"WorkflowName": "x" * 101}, "WorkflowName"),
        ({"CallBackEndpoint": "ftp://x.example"}, "CallBackEndpoint"),
    ],
)
def test_fault_in_a_query_is_named(changes: dict[str, str], where: str) -> None:
    with pytest.raises(BadRequest) as caught:
        jobs.read_job_query({**QUERY, **changes})
    assert (caught.value.where, caught.value.code) == (where, "BadRequest")


@pytest.mark.parametrize("name", ["ContentType", "ContentId", "WorkflowName"])
def test_query_that_lacks_something_says_what(name: str) -> None:
    with pytest.raises(BadRequest, match="missing") as caught:
        jobs.read_job_query({key: value for key, value in QUERY.items() if key != name})
    assert caught.value.where == name


@pytest.mark.parametrize("content_type", [None, "application/json", "image/jpeg", "image/png", "text/plain", "x"])
@pytest.mark.parametrize(
    "raw", [b'{"ContentValue": "hi"}', b' \n{"CONTENTVALUE": "hi"}', b'\xef\xbb\xbf{"contentvalue": "hi"}']
)
def test_json_is_read_whatever_it_is_called(raw: bytes, content_type: str | None) -> None:
    assert jobs.read_job_content(raw, content_type) == "hi"


@pytest.mark.parametrize("content_type", [None, "image/jpeg", "application/octet-stream"])
@pytest.mark.parametrize("raw", [b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"[1]"])
def test_other_bytes_are_a_picture(raw: bytes, content_type: str | None) -> None:
    assert jobs.read_job_content(raw, content_type) == raw


def test_what_is_called_text_is_one() -> None:
    assert jobs.read_job_content("\ufeffgrüß".encode(), "text/plain; charset=utf-8") == "grüß"


@pytest.mark.parametrize(
    ("raw", "content_type", "says"),
    [
        (b"", "image/jpeg", "empty"),
        (b" \n", None, "empty"),
        (b"{}", "image/jpeg", "ContentValue: it is missing"),
        (b'{"ContentValue": " "}', None, "ContentValue: it is empty"),
        (b'{"ContentValue": 5}', None, "ContentValue: it must be a string"),
        (b"{", "image/jpeg", "JSON"),
        (b"[1]", "application/json", "not an array"),
        (b'"https://x.example/1"', "application/json; charset=utf-8", "ContentValue"),
        (b"\x89PNG", "application/json", "JSON"),
        (b'{"ContentValue": ' * 5000, None, "JSON"),
        (b"\xff", "text/plain", "UTF-8"),
    ],
)
def test_body_of_a_job_that_says_nothing_is_refused(raw: bytes, content_type: str | None, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        jobs.read_job_content(raw, content_type)


@given(st.binary(max_size=30), st.sampled_from([None, "application/json", "image/gif", "text/plain"]))
def test_no_body_raises_anything_but_a_bad_request(raw: bytes, content_type: str | None) -> None:
    with suppress(BadRequest):
        assert jobs.read_job_content(raw, content_type)


# Answers --------------------------------------------------------------------------------------------------------------


def test_step_is_told_in_utc_without_a_zone() -> None:
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    job = Job("1", "InProgress", "default", "Image", "7", report=(JobStep(moment, "x"),))
    assert jobs.write_job(job, TEAM)["JobExecutionReport"] == [{"Ts": "2026-02-28T23:30:00.0000000", "Msg": "x"}]


@pytest.mark.parametrize(
    "moment", ["2018-01-07T00:38:26.7714671", "2018-01-07T00:38:26.7714671Z", "2018-01-07T01:38:26.7714671+01:00"]
)
def test_seven_digits_of_a_second_are_read(moment: str) -> None:
    answer = {**ANSWER, "JobExecutionReport": [{"Ts": moment, "Msg": "x"}]}
    assert jobs.read_job(answer).report == (JobStep(datetime(2018, 1, 7, 0, 38, 26, 771467, UTC), "x"),)


def test_moment_without_a_zone_is_in_utc_wherever_the_reader_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        job = jobs.read_job({**ANSWER, "JobExecutionReport": [{"Ts": "2018-01-07T00:38:26.0000000", "Msg": "x"}]})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert job.report[0].at == datetime(2018, 1, 7, 0, 38, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"Id": None},
        {"Status": 5},
        {"ResultMetaData": {}},
        {"JobExecutionReport": 5},
        {"JobExecutionReport": ["x"]},
        {"JobExecutionReport": [{"Ts": "soon"}]},
    ],
)
def test_answer_that_is_no_job_is_a_service_error(changes: dict[str, object]) -> None:
    with pytest.raises(ServiceError, match="no job"):
        jobs.read_job({**ANSWER, **changes})


@pytest.mark.parametrize("data", [None, [], {}, {"JobId": None}, {"Id": "1"}])
def test_answer_that_is_no_new_job_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no new job"):
        jobs.read_job_id(data)


def moment_of(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
JOBS = st.builds(
    Job,
    id=TEXT.filter(str.strip),
    status=st.sampled_from(["InProgress", "Complete", "Error"]),
    workflow=TEXT.filter(str.strip),
    type=st.sampled_from(["Image", "Text"]),
    content_id=TEXT,
    callback_endpoint=st.none() | TEXT.filter(bool),
    review_id=st.none() | TEXT.filter(bool),
    metadata=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    report=st.lists(st.builds(JobStep, st.integers(0, 4 * 10**15).map(moment_of), TEXT), max_size=3).map(tuple),
)


@given(JOBS)
def test_what_the_service_writes_is_what_the_client_reads(job: Job) -> None:
    written = json.loads(json.dumps(jobs.write_job(job, TEAM)))
    assert jobs.read_job(written) == replace(job, content_id="")
