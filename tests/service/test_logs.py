"""The log: one line a request, an exception's places, and nothing that anybody sent."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from cmtools.service import logs
from cmtools.service.routes import teams as team_routes
from cmtools.testing import RunningService, running_service
from cmtools.wire import own

SECRET = "s3cret" + "-of-somebody"


class Telling(logging.StreamHandler[io.StringIO]):
    """Tells of each line that it has written."""

    def __init__(self, stream: io.StringIO, grown: threading.Condition) -> None:
        super().__init__(stream)
        self._grown = grown

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        with self._grown:
            self._grown.notify_all()


class Written:
    """What the service logs while it is looked at."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        self._grown = threading.Condition()
        self.handler = Telling(self._stream, self._grown)
        self.handler.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Wait for lines until there is what is wanted, or for half a minute."""
        with self._grown:
            self._grown.wait_for(done, 30)

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    found = Written(logs.JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(found.handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(found.handler)
    root.setLevel(level)


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


def ask(service: RunningService, path: str, method: str = "GET", **options: object) -> requests.Response:
    headers = {own.KEY_HEADER: service.key, **options.pop("headers", {})}
    return requests.request(method, service.url + path, headers=headers, timeout=30, **options)


def of_requests(written: Written, count: int) -> list[dict[str, object]]:
    """The lines of so many requests; each is written after its answer went out, so they are waited for."""

    def lines() -> list[dict[str, object]]:
        return [line for line in written.lines if line["logger"] == "cmtools.requests"]

    written.wait_until(lambda: len(lines()) >= count)
    return lines()


def test_request_is_one_line_with_its_number_team_template_status_and_time(
    service: RunningService, written: Written
) -> None:
    answer = ask(service, f"{own.OWN_PREFIX}/demo/reviews/nobody?x=1")
    (line,) = of_requests(written, 1)
    assert line["route"] == own.OWN_PREFIX + "/{team}/reviews/{review_id}"
    assert (line["team"], line["method"], line["status"], line["level"]) == ("demo", "GET", 404, "info")
    assert line["request"] == answer.headers["Cmtools-Request"]
    assert isinstance(line["ms"], float)


def test_nothing_that_was_sent_is_logged_wherever_it_stood(service: RunningService, written: Written) -> None:
    review = {"Type": "Text", "Content": SECRET, "ContentId": SECRET, "Metadata": [{"Key": SECRET, "Value": SECRET}]}
    ask(service, f"{own.REVIEW_PREFIX}/demo/reviews?subTeam={SECRET}", "POST", json=[review])
    ask(service, f"{own.REVIEW_PREFIX}/demo/reviews", "POST", json=[review])
    ask(service, f"{own.REVIEW_PREFIX}/demo/reviews", "POST", data=SECRET)
    ask(service, f"{own.OWN_PREFIX}/demo/reviews/{SECRET}", headers={own.LEASE_HEADER: SECRET, "X-Odd": SECRET})
    ask(service, f"{own.OWN_PREFIX}/demo/media/IMG_x?expires=1&signature={SECRET}", headers={own.KEY_HEADER: ""})
    ask(service, f"{own.OWN_PREFIX}/demo?{own.KEY_QUERY}={SECRET}", headers={own.KEY_HEADER: ""})
    ask(service, f"{own.OWN_PREFIX}/demo", headers={own.KEY_HEADER: SECRET})
    ask(service, f"{own.OWN_PREFIX}/demo", headers={own.REVIEWER_HEADER: SECRET, "Authorization": SECRET})
    ask(service, f"/{SECRET}/nowhere")
    ask(service, f"{own.OWN_PREFIX}/demo/keys", "POST", json={"label": SECRET, "role": "reviewer"})
    assert len(of_requests(written, 10)) == 10
    ours = "".join(line for line in written.text.splitlines(True) if '"urllib3' not in line)
    assert SECRET not in ours
    assert service.key not in ours


def test_unforeseen_error_is_logged_once_with_its_places_and_not_with_what_it_says(
    service: RunningService, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_ctx: object) -> None:
        raise ValueError(SECRET) from KeyError(SECRET)

    monkeypatch.setattr(team_routes.teams, "describe", broken)
    answer = ask(service, f"{own.OWN_PREFIX}/demo")
    number = answer.headers.get("Cmtools-Request") or answer.json()["Error"]["Message"].split()[-1]
    of_requests(written, 1)
    (told,) = [line for line in written.lines if line["message"] == "unforeseen"]
    assert answer.status_code == 500
    assert number in answer.json()["Error"]["Message"]
    assert told["request"] == number
    trace = "\n".join(told["trace"])
    assert "ValueError" in trace
    assert "KeyError" in trace
    assert "in broken, line" in trace
    assert SECRET not in written.text
    assert SECRET not in answer.text


def test_text_lines_cannot_be_forged_with_line_breaks() -> None:
    record = logging.makeLogRecord({"name": "n", "levelname": "INFO", "msg": "request", "fields": {"team": "a\nb c"}})
    assert logs.TextLines().format(record).endswith(r'INFO n: request team="a\nb c"')


def test_trace_goes_through_causes_and_stops_in_a_circle() -> None:
    one, two = ValueError("x"), KeyError("y")
    one.__cause__, two.__cause__ = two, one
    assert logs.trace_of(one) == ["ValueError", "KeyError"]


def test_configured_log_goes_to_standard_error_and_tells_of_no_exception_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.configure("json", logging.INFO)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
        logging.getLogger("cmtools").info("once")
        assert [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()] == ["once"]
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        logging.getLogger("uvicorn.error").filters.clear()
