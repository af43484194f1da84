"""What all widgets share: joined scripts, the worker thread, messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cmtools.widgets import base
from cmtools.widgets.base import Widget, Worker, joined, styles


@contextmanager
def held(worker: Worker) -> Iterator[None]:
    """While this lasts, the worker is busy, so that what is given to it piles up."""
    gate, busy = threading.Event(), threading.Event()
    worker.do(lambda: (busy.set(), gate.wait(60)))
    assert busy.wait(60)
    yield
    gate.set()
    assert worker.wait(60)


def fail(error: Exception) -> None:
    raise error


def test_joined_scripts_lose_imports_exports_and_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "a.js": "// says what it is\n/**\n * @param {x} y\n */\nexport function a(y) {\n  return y; // stays\n}\n",
        "b.js": 'import { a } from "./a.js";\nimport {\n  c,\n} from "./c.js";\n/** 1 */\nexport default () => a(1);\n',
    }
    monkeypatch.setattr(base, "_read", texts.__getitem__)
    assert joined("a.js", "b.js") == "function a(y) {\nreturn y; // stays\n}\nexport default () => a(1);"


def test_styles_lose_comments_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_read", lambda _: "/* what\nit is */\n.cm {\n  color: red;\n}\n")
    assert styles("a.css") == ".cm {\ncolor: red;\n}"


def test_jobs_run_in_their_order() -> None:
    seen: list[int] = []
    worker = Worker("test", fail)
    for number in range(50):
        worker.do(lambda number=number: seen.append(number))
    assert worker.wait(60)
    assert seen == list(range(50))


def test_named_jobs_that_wait_become_one() -> None:
    seen: list[int] = []
    worker = Worker("test", fail)
    with held(worker):
        for number in range(5):
            worker.later(0.0, "save", lambda number=number: seen.append(number))
    assert seen == [4]


def test_a_named_job_is_not_put_off_by_later_ones() -> None:
    seen: list[str] = []
    worker = Worker("test", fail)
    with held(worker):
        worker.later(0.0, "save", lambda: seen.append("first"))
        worker.later(3600.0, "save", lambda: seen.append("second"))
    assert seen == ["second"]


def test_an_error_is_handed_over_and_the_next_job_runs() -> None:
    seen: list[object] = []
    worker = Worker("test", seen.append)
    worker.do(lambda: fail(ValueError("no")))
    worker.do(lambda: seen.append("next"))
    assert worker.wait(60)
    assert [str(entry) for entry in seen] == ["no", "next"]


def test_an_error_that_cannot_be_shown_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    worker = Worker("test", fail)
    worker.do(lambda: fail(ValueError("no")))
    worker.do(lambda: seen.append("next"))
    assert worker.wait(60)
    assert seen == ["next"]
    assert "could not be shown" in caplog.text


class Echo(Widget):
    """Remembers what it was told."""

    _esm = "export default { render() {} }"

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.failures: list[Exception] = []
        super().__init__()

    def _hear_echo(self, message: dict[str, object]) -> None:
        self.heard.append(message["text"])

    def _on_failure(self, error: Exception) -> None:
        self.failures.append(error)


@pytest.mark.parametrize("content", [{"type": "nobody knows"}, {}, "text", None, {"type": 5}, {"type": "failure"}])
def test_messages_that_nobody_knows_are_ignored(content: object) -> None:
    widget = Echo()
    widget._handle_custom_msg(content, [])
    assert (widget.heard, widget.failures) == ([], [])


def test_a_message_reaches_its_handler_and_its_error_is_shown_not_raised() -> None:
    widget = Echo()
    widget._handle_custom_msg({"type": "echo", "text": "hello"}, [])
    widget._handle_custom_msg({"type": "echo"}, [])
    assert widget.heard == ["hello"]
    assert [type(error) for error in widget.failures] == [KeyError]
