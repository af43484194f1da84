"""A web server of this machine that shows pictures as a test wants: right, wrong, late, or not at all."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import numpy as np
from PIL import Image


def png(color: str = "red", size: tuple[int, int] = (200, 150)) -> bytes:
    """A picture of one color."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def noise(size: tuple[int, int], spread: float = 80, seed: int = 0) -> Image.Image:
    """A grey picture of noise, which does not compress: the same at every run, as Pillow's own is not."""
    shades = np.random.default_rng(seed).normal(128, spread, size[::-1])
    return Image.fromarray(shades.clip(0, 255).astype(np.uint8))


class PictureSite:
    """Answers with what stands in ``pages`` under the path asked for: bytes, a status, or another address; else 404.

    Attributes
    ----------
    url : str
        Its address, with a slash at the end.
    pages : dict
        Path without the first slash -> bytes, status, or where it leads (a text).
    asked : list of str
        The paths that were asked for, in order.
    short : int
        How many bytes of every answer are held back.
    drip : bytes, optional
        How an answer begins that then drips, byte by byte, until the other side has enough.
    """

    def __init__(self, **pages: bytes | int | str) -> None:
        self.pages: dict[str, bytes | int | str] = dict(pages)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.drip: bytes | None = None
        self.short = 0
        self._gone = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> PictureSite:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_away()

    def go_away(self) -> None:
        """Answer nobody any more."""
        if not self._gone.is_set():
            self._gone.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path[1:]
                site.asked.append(path)
                site.headers.append(dict(self.headers.items()))
                if site.drip is not None:
                    self._drip(site.drip)
                    return
                page = site.pages.get(path, 404)
                self.send_response(302 if isinstance(page, str) else page if isinstance(page, int) else 200)
                if isinstance(page, str):
                    self.send_header("Location", page)
                body = page if isinstance(page, bytes) else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - site.short])

            def _drip(self, beginning: bytes) -> None:
                try:
                    self.wfile.write(beginning)
                    while not site._gone.wait(0.01):
                        self.wfile.write(b"x")
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
