"""What every widget shares: joined JavaScript, a worker thread, messages in both directions. It knows no reviews.

One anywidget script cannot import a neighbour, so `joined` puts the ES modules of ``static/`` behind one another. A
widget says which files, and has a method ``_hear_<type>`` for each message type that its browser side may send; the
protocol itself stands at the top of the widget's Python file. No synced trait carries data, so a saved notebook stays
small.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import itertools
import logging
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import anywidget

log = logging.getLogger(__name__)

Job = Callable[[], None]
"""Work without arguments or result."""


def joined(*names: str) -> str:
    """One ES module out of several files of ``static/``, in the given order.

    What only serves the separate files is left out: comments, indents, and the imports and exports between the files
    (the last file keeps its ``export default``). So what a browser gets, and what a notebook saved with its widgets
    keeps, is about half the size.

    Parameters
    ----------
    *names : str
        File names, those that others import first.

    Examples
    --------
    >>> joined("shared.js", "board.js").count("export ")
    1
    """
    return "\n".join(_bare_lines(_read(name)) for name in names)


def packed(script: str, style: str) -> str:
    """An ES module that carries a joined module and a style sheet, compressed: a third of their size.

    It is what a saved notebook keeps of a widget, and what every view of it travels as. The browser unpacks it once
    (`DecompressionStream`, in every browser since 2023) and adds the style to the page once.

    Parameters
    ----------
    script, style : str
        What `joined` and `styles` gave.

    Examples
    --------
    >>> len(packed("const a = 1;" * 1000 + "export default {};", "")) < 1000
    True
    """
    both = f"{_CASTS.sub('', script)}{_BETWEEN}{style}".encode()
    key = hashlib.sha256(both).hexdigest()[:12]
    return _LOADER % (key, base64.b64encode(zlib.compress(both, 9)).decode(), _BETWEEN)


_CASTS = re.compile(r"/\*\* @type \{[^*]*\} \*/ ?")
"""What only a type checker reads."""

_BETWEEN = "/*style*/"


_LOADER = """const KEY = "cmtools-%s";
const PACKED = "%s";
async function load() {
const bytes = Uint8Array.from(atob(PACKED), (letter) => letter.charCodeAt(0));
const both = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
const [script, style] = both.split("%s");
if (!document.getElementById(KEY)) {
const element = document.createElement("style");
element.id = KEY;
element.textContent = style;
document.head.append(element);
}
const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
try {
return (await import(url)).default;
} finally {
URL.revokeObjectURL(url);
}
}
export default async () => {
globalThis[KEY] ??= load();
const found = await globalThis[KEY];
return typeof found === "function" ? found() : found;
};
"""


def styles(*names: str) -> str:
    """The style sheets of ``static/`` joined, without comments and indents."""
    return "\n".join(_bare_lines(_read(name)) for name in names)


def _read(name: str) -> str:
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


def _bare_lines(text: str) -> str:
    """The text without comments, imports, indents, and ``export`` before a declaration.

    In these files a comment has its lines to itself and a template string keeps to one line, so looking at lines is
    enough and no parser is needed; the tests let a JavaScript engine check what comes out.
    """
    kept: list[str] = []
    until: str | None = None
    for line in text.splitlines():
        bare = line.strip()
        if until is not None:
            until = None if bare.endswith(until) else until
        elif bare.startswith("/*"):
            until = None if bare.endswith("*/") else "*/"
        elif bare.startswith("import "):
            until = None if bare.endswith(";") else ";"
        elif bare and not bare.startswith("//"):
            declares = bare.startswith(("export function", "export class", "export const"))
            kept.append(bare.removeprefix("export ") if declares else bare)
    return "\n".join(kept)


class Worker:
    """One daemon thread that runs jobs in their order, so that a kernel is never held up by the network.

    A job with a name may wait a little; a later one of the same name takes its place and its time, so that a burst of
    clicks becomes one request. An exception in a job goes to ``on_error`` and the next job runs.

    Parameters
    ----------
    name : str
        The thread's name.
    on_error : callable
        Gets the exception.

    Examples
    --------
    >>> seen = []
    >>> worker = Worker("example", on_error=print)
    >>> worker.do(lambda: seen.append(1))
    >>> worker.wait(5), seen
    (True, [1])
    """

    def __init__(self, name: str, on_error: Callable[[Exception], None]) -> None:
        self._name = name
        self._on_error = on_error
        self._change = threading.Condition()
        self._order = itertools.count()
        self._heap: list[tuple[float, int, str, Job]] = []
        self._busy = False
        self._thread: threading.Thread | None = None

    def do(self, job: Job) -> None:
        """Run the job after those that were given before it."""
        self._put(0.0, "", job)

    def later(self, seconds: float, name: str, job: Job) -> None:
        """Run the job when that time has passed; in place of one of this name that waits already, and no later."""
        self._put(seconds, name, job)

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is left to do, also not later; False when the time was too short."""
        with self._change:
            return self._change.wait_for(lambda: not self._heap and not self._busy, timeout)

    def _put(self, seconds: float, name: str, job: Job) -> None:
        with self._change:
            number = next(self._order)
            due_at = time.monotonic() + seconds
            if name:
                due_at = min([due_at, *(entry[0] for entry in self._heap if entry[2] == name)])
                self._heap = [entry for entry in self._heap if entry[2] != name]
                heapq.heapify(self._heap)
            heapq.heappush(self._heap, (due_at, number, name, job))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._change.notify_all()

    def _take(self) -> Job:
        with self._change:
            self._busy = False
            self._change.notify_all()
            while True:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    self._busy = True
                    return heapq.heappop(self._heap)[3]
                self._change.wait(wait)

    def _run(self) -> None:
        while True:
            job = self._take()
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the thread must go on; `_report` shows or logs it
                _report(self._on_error, error)


def _report(on_error: Callable[[Exception], None], error: Exception) -> None:
    """Hand an error to whoever shows it; a fault there must end neither the thread nor the kernel's message loop."""
    try:
        on_error(error)
    except Exception:
        log.exception("an error could not be shown: %s", error)


class Widget(anywidget.AnyWidget):
    """An anywidget whose browser side and Python side talk in typed messages.

    A message is a JSON object with a ``type``, and may carry binary buffers. What the browser sends is handed to
    ``_hear_<type>(message)``, with buffers to ``_hear_<type>(message, buffers)``; a type without such a method is
    ignored, so that an old page cannot break a new kernel.
    """

    def __init__(self, **traits: Any) -> None:
        self._sending = threading.RLock()
        super().__init__(**traits)
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: object, buffers: Sequence[object]) -> None:
        if not isinstance(content, Mapping):
            return
        handler = getattr(self, f"_hear_{content.get('type')}", None)
        if handler is None:
            return
        try:
            handler(content, *([buffers] if buffers else []))
        except Exception as error:  # noqa: BLE001 - the kernel's loop must go on; `_report` shows or logs it
            _report(self._on_failure, error)

    def _on_failure(self, error: Exception) -> None:
        """Show an error that nothing else has shown; a widget says where."""
        raise NotImplementedError from error

    def tell(self, message: Mapping[str, object], buffers: Sequence[bytes] = ()) -> None:
        """Send a message to every view of this widget; safe on any thread."""
        with self._sending:
            self.send(dict(message), buffers=list(buffers) or None)
