"""A small site on this machine that has pictures, for calls that name a picture by its address."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from types import TracebackType
from zipfile import ZipFile

from PIL import Image

RED, GREY = "red.jpg", "grey.jpg"
"""What the test's tagger finds adult, and what it does not."""


@cache
def jpeg(color: str = "grey") -> bytes:
    """A picture of one colour, large enough for the vendor's limits."""
    buffer = BytesIO()
    Image.new("RGB", (160, 160), color).save(buffer, "JPEG")
    return buffer.getvalue()


def zipped(names: list[str], folder: str = "") -> bytes:
    """A zip with a picture under each name."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(folder + name, jpeg())
    return buffer.getvalue()


class PictureServer:
    """Answers ``/<colour>.jpg`` with a picture of that colour, a name it was given with those bytes, else with 404."""

    def __init__(self, more: Mapping[str, bytes] | None = None) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.pictures = {RED: jpeg("red"), GREY: jpeg("grey"), **(more or {})}  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> PictureServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path[1:] in self.server.pictures
        body = self.server.pictures[self.path[1:]] if known else b"not here"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "image/jpeg" if known else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""
