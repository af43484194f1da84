"""Asks as `curl` does on a command line: with the program where it is installed, else with its headers from here."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

PROGRAM = shutil.which("curl")
FORM = "application/x-www-form-urlencoded"
"""What curl says of a body when it is told nothing."""


@dataclass(frozen=True)
class Told:
    """An answer, to the letter."""

    status: int
    content_type: str
    text: str

    def json(self) -> object:
        """The body, its objects as lists of pairs so that their order counts."""
        return json.loads(self.text, object_pairs_hook=list)


def curl(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Told:
    """One request. A header ``Transfer-Encoding: chunked`` sends the body in pieces, an empty value leaves one out."""
    return (_ask_program if PROGRAM else _ask_like_it)(method, url, headers, body)


def _ask_program(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Told:
    command = ["curl", "--silent", "--show-error", "--max-time", "60", "--noproxy", "*", "--request", method, url]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}".rstrip())]
    command += ["--write-out", r"\n%{http_code} %{content_type}"]
    if body is not None:
        command += ["--data-binary", "@-"]
    said = subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode()
    text, _, last = said.rpartition("\n")
    status, _, content_type = last.partition(" ")
    return Told(int(status), content_type, text)


def _ask_like_it(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Told:
    place = urlsplit(url)
    told = {"User-Agent": "curl/8.5.0", "Accept": "*/*"}
    told |= {"Content-Type": FORM} if body is not None else {}
    told = {name: value for name, value in (told | dict(headers)).items() if value}
    chunked = told.pop("Transfer-Encoding", "") == "chunked"
    pieces = [body[:7], body[7:]] if chunked and body else body
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        target = place.path + (f"?{place.query}" if place.query else "")
        connection.request(method, target, pieces, told, encode_chunked=chunked)
        answer = connection.getresponse()
        return Told(answer.status, answer.headers.get("Content-Type", ""), answer.read().decode())
    finally:
        connection.close()
