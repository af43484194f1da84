"""Jobs as the Review API spells them, in and out. It runs none and looks at no picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..content import content_type
from ..content.base import MAX_ID_CHARACTERS, check_address, check_string
from ..errors import BadDraft, BadRequest, ServiceError
from ..model import Job, JobStep, Team
from .fields import fields_of, json_kind, optional_string, read_json, read_pairs, required_string
from .own import BOM
from .spelling import write_pairs
from .workflows import MAX_NAME_CHARACTERS

NO_CONTENT = 'the body is empty: send {"ContentValue": "..."}, or the bytes of a picture'


# In -------------------------------------------------------------------------------------------------------------------


def read_job_query(query: Mapping[str, str]) -> tuple[str, str, str, str | None]:
    """What the address of a request to create a job says, its names in any case.

    Returns
    -------
    type : str
        Image, Text or Video.
    content_id, workflow : str
        The caller's own id and a workflow's name.
    callback_endpoint : str or None
        Where to send the outcome; None where it is left out or empty.

    Raises
    ------
    BadRequest
        Naming the part at fault in ``where``.

    Examples
    --------
    >>> read_job_query({"ContentType": "image", "contentId": "7", "WorkflowName": "default"})
    ('Image', '7', 'default', None)
    """
    fields = {name.lower(): value for name, value in query.items()}
    try:
        kind = content_type(_required(fields, "ContentType", most=MAX_NAME_CHARACTERS))
        content_id = _required(fields, "ContentId", most=MAX_ID_CHARACTERS)
        workflow = _required(fields, "WorkflowName", most=MAX_NAME_CHARACTERS)
        callback = fields.get("callbackendpoint") or None
        if callback is not None:
            check_address(callback, "CallBackEndpoint")
    except BadDraft as error:
        problem = BadRequest(error.message, where="ContentType" if error.where == "type" else error.where)
    else:
        return kind.name, content_id, workflow, callback
    raise problem


def _required(fields: Mapping[str, str], name: str, *, most: int) -> str:
    value = required_string(fields, name)
    check_string(value, name, most=most)
    return value


def read_job_content(raw: bytes, content_type: str | None = None) -> str | bytes:
    """What a job is about: the address or text of ``{"ContentValue": ...}``, whatever the header calls it, else bytes.

    Parameters
    ----------
    raw : bytes
        The body. The vendor's SDK sends JSON labelled as a picture, an earlier client the bytes of the picture itself.
    content_type : str, optional
        The header: what it calls text comes back as text, what it calls JSON must be JSON.

    Raises
    ------
    BadRequest
        When there is nothing in it, or JSON without ``ContentValue``.

    Examples
    --------
    >>> read_job_content(b'{"contentValue": "https://x/1.jpg"}', "image/jpeg")
    'https://x/1.jpg'
    >>> read_job_content(b"GIF89a", "image/jpeg")
    b'GIF89a'
    """
    label = (content_type or "").partition(";")[0].strip().lower()
    if not raw.removeprefix(BOM).strip():
        raise BadRequest(NO_CONTENT)
    if label.endswith("json") or raw.removeprefix(BOM).lstrip().startswith(b"{"):
        return _content_value(raw)
    if not label.startswith("text/"):
        return raw
    try:
        return raw.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"the text is no UTF-8 (byte {error.start})") from None


def _content_value(raw: bytes) -> str:
    data = read_json(raw)
    if not isinstance(data, dict):
        raise BadRequest(f'the body must be {{"ContentValue": "..."}}, not {json_kind(data)}')
    try:
        return required_string(fields_of(data), "ContentValue")
    except BadDraft as error:
        problem = BadRequest(error.message, where=error.where)
    raise problem


def write_job_content(content: str) -> dict[str, str]:
    """A request to create a job of an address or a text.

    Examples
    --------
    >>> write_job_content("https://x/1.jpg")
    {'ContentValue': 'https://x/1.jpg'}
    """
    return {"ContentValue": content}


# Answers --------------------------------------------------------------------------------------------------------------


def write_job_id(id: str) -> dict[str, str]:
    """The answer of ``Job - Create``.

    Examples
    --------
    >>> write_job_id("201712471f16b6733748a69e3cf66126d337fb")
    {'JobId': '201712471f16b6733748a69e3cf66126d337fb'}
    """
    return {"JobId": id}


def read_job_id(data: object) -> str:
    """The id that `write_job_id` wrote."""
    try:
        return required_string(fields_of(data), "JobId")
    except BadDraft as error:
        problem = ServiceError(f"the service's answer is no new job: {error}")
    raise problem


def write_job(job: Job, team: Team) -> dict[str, Any]:
    """The answer of ``Job - Get``: what is not there is an empty string.

    Examples
    --------
    >>> from cmtools.tags import TagSet
    >>> step = JobStep(datetime(2018, 1, 7, 0, 38, 25, 512282, UTC), "Starting Execution - Try 1")
    >>> job = Job("1", "InProgress", "default", "Image", "7", report=(step,))
    >>> written = write_job(job, Team("Night", TagSet()))
    >>> written["TeamName"], written["ReviewId"], written["JobExecutionReport"][0]["Ts"]
    ('night', '', '2018-01-07T00:38:25.5122820')
    """
    return {
        "Id": job.id,
        "TeamName": team.name.lower(),
        "Status": job.status,
        "WorkflowId": job.workflow,
        "Type": job.type,
        "CallBackEndpoint": job.callback_endpoint or "",
        "ReviewId": job.review_id or "",
        "ResultMetaData": write_pairs(job.metadata, "pascal"),
        "JobExecutionReport": [{"Ts": _write_moment(step.at), "Msg": step.message} for step in job.report],
    }


def _write_moment(moment: datetime) -> str:
    """UTC with seven digits after the point and without a zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0")


def read_job(data: object) -> Job:
    """The job of an answer, as far as this API tells: what it was about it does not say.

    Raises
    ------
    ServiceError
        When it is no job.

    Examples
    --------
    >>> answer = {"Id": "1", "Status": "Complete", "WorkflowId": "default", "Type": "Image", "ReviewId": ""}
    >>> read_job(answer).review_id is None
    True
    """
    try:
        fields = fields_of(data)
        return Job(
            id=required_string(fields, "Id"),
            status=required_string(fields, "Status"),
            workflow=required_string(fields, "WorkflowId"),
            type=required_string(fields, "Type"),
            content_id="",
            callback_endpoint=optional_string(fields, "CallBackEndpoint") or None,
            review_id=optional_string(fields, "ReviewId") or None,
            metadata=read_pairs(fields.get("resultmetadata"), "ResultMetaData"),
            report=tuple(_read_step(step) for step in fields.get("jobexecutionreport") or ()),
        )
    except (BadDraft, TypeError, ValueError) as error:
        problem = ServiceError(f"the service's answer is no job: {error}")
    raise problem


def _read_step(data: object) -> JobStep:
    fields = fields_of(data, where="JobExecutionReport")
    moment = datetime.fromisoformat(required_string(fields, "Ts"))
    return JobStep(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC), fields.get("msg") or "")
