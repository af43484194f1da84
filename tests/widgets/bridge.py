"""A page on which a real board lives without Jupyter: its messages travel over HTTP on loopback."""

from __future__ import annotations

import base64
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

PAGE = """<!doctype html><link rel=icon href=data:,><html lang="en"><meta charset="utf-8"><title>board</title>
<style>%(theme)s body { margin: 8px; background: var(--jp-layout-color1, #fff); } %(css)s</style>
<body %(attributes)s><main id="here"></main>
<script type="module">
import widget from "/board.mjs";
const handlers = new Set();
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const letters = (buffer) => {
  const parts = [];
  for (let at = 0; at < buffer.byteLength; at += 30000) {
    parts.push(btoa(String.fromCharCode(...new Uint8Array(buffer.slice(at, at + 30000)))));
  }
  return parts.join("");
};
window.sent = [];
const model = {
  send: (content, _callbacks, buffers) => {
    window.sent.push(content);
    const body = JSON.stringify(buffers?.length ? { content, buffers: buffers.map(letters) } : content);
    window.last = (window.last ?? Promise.resolve()).then(() => fetch("/ask", { method: "POST", body }));
  },
  on: (_name, handler) => handlers.add(handler),
  off: (_name, handler) => handlers.delete(handler),
};
const definition = typeof widget === "function" ? await widget() : widget;
await definition.initialize({ model });
const listen = async () => {
  for (;;) {
    const answer = await fetch("/next?%(page)s");
    if (answer.status !== 200) continue;
    for (const { content, buffers } of await answer.json()) {
      for (const handler of [...handlers]) handler(content, buffers.map((one) => new DataView(bytes(one).buffer)));
    }
  }
};
listen();
const views = new URLSearchParams(location.search).get("views") ?? "1";
window.closers = [];
for (let number = 0; number < Number(views); number++) {
  const el = document.createElement("div");
  document.getElementById("here").append(el);
  window.closers.push(await definition.render({ model, el }));
}
window.mounted = true;
</script></body></html>"""

DARK = """:root { --jp-layout-color1: #111111; --jp-ui-font-family: system-ui, sans-serif; }"""
LIGHT = """:root { --jp-layout-color1: white; --jp-ui-font-family: system-ui, sans-serif; }"""


class Bridge:
    """Serves one board to one page; `url` is the page's address. Use as a context manager.

    While it is ``deaf`` nothing that the page asks is heard; messages of the type ``drop`` get lost on their way to it.
    """

    def __init__(self, board: Any) -> None:
        self.board = board
        self.outgoing: queue.Queue[tuple[dict[str, Any], list[str]]] = queue.Queue()
        self.pages = 0
        self.sent_bytes = 0
        self.hears = True
        self.drop = ""
        board.send = self._send
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None: ...

            def do_GET(self) -> None:
                bridge.get(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if bridge.hears:
                    bridge.hear(json.loads(body))
                bridge.answer(self, b"", "text/plain", 204)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                """A page that goes away cuts its connections; that is no news."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Bridge:
        self.thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def deaf(self, page: Page) -> Iterator[None]:
        """Nothing is heard that the page asks in here; what it asked before is heard, however slow it travels."""
        page.evaluate("window.last")
        self.hears = False
        yield
        page.evaluate("window.last")
        self.hears = True

    def _send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if content.get("type") == self.drop:
            return
        packed = [base64.b64encode(one).decode() for one in buffers or []]
        self.sent_bytes += len(json.dumps(content)) + sum(len(one) for one in buffers or [])
        self.outgoing.put((json.loads(json.dumps(content)), packed))

    def hear(self, message: dict[str, Any]) -> None:
        """Hand a message of the page on as a kernel does, its buffers as views of memory."""
        packed = message.pop("buffers", [])
        content = message if "type" in message else message["content"]
        self.board._handle_custom_msg(content, [memoryview(base64.b64decode(one)) for one in packed])

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        if path == "/board.mjs":
            self.answer(handler, self.board._esm.encode(), "text/javascript")
        elif path == "/next":
            self._give_next(handler, query)
        elif path == "/":
            self.pages += 1
            self.outgoing = queue.Queue()  # what was meant for the page before is not for this one
            dark = "dark" in query
            attributes = f'data-jp-theme-light="{str(not dark).lower()}"' if "plain" not in query else ""
            theme = "" if "plain" in query else (DARK if dark else LIGHT)
            page = PAGE % {"page": self.pages, "css": self.board._css, "attributes": attributes, "theme": theme}
            self.answer(handler, page.encode(), "text/html; charset=utf-8")
        else:
            self.answer(handler, b"", "text/plain", 404)

    def _give_next(self, handler: BaseHTTPRequestHandler, page: str) -> None:
        found = []
        outgoing = self.outgoing if page == str(self.pages) else queue.Queue()
        try:
            found.append(outgoing.get(timeout=0.5))
            while True:
                found.append(outgoing.get_nowait())
        except queue.Empty:
            pass
        body = json.dumps([{"content": content, "buffers": buffers} for content, buffers in found]).encode()
        self.answer(handler, body, "application/json", 200 if found else 204)

    @staticmethod
    def answer(handler: BaseHTTPRequestHandler, body: bytes, media_type: str, status: int = 200) -> None:
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", media_type)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True
