"""A plan as a file that shows when it was changed: canonical JSON and its SHA-256. It knows nothing of sampling.

The seal in the file shows a slip. Somebody who means to deceive can seal anew; only a seal that was noted elsewhere
before the reviews, in a mail or a commit, shows that.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadRequest

FORMAT = "cmtools sampling plan"
VERSION = 1


def seal_of(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the content in canonical form: keys in order, no blanks, UTF-8, numbers at their shortest.

    Examples
    --------
    >>> seal_of({"b": 1, "a": 0.1}) == seal_of({"a": 0.1, "b": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write(path: str | os.PathLike[str], content: Mapping[str, Any]) -> None:
    """Write the content with its seal, laid out for people.

    Raises
    ------
    BadRequest
        When the file cannot be written.
    """
    try:
        Path(path).write_text(text_of(content), encoding="utf-8")
    except OSError as error:
        raise BadRequest(f"the plan cannot be written to {os.fspath(path)!r}: {error.strerror}") from None


def text_of(content: Mapping[str, Any]) -> str:
    """The content with its seal, as the file has it."""
    whole = {"format": FORMAT, "version": VERSION, "plan": content, "seal": seal_of(content)}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read(path: str | os.PathLike[str], noted: str | None = None) -> dict[str, Any]:
    """The content that `write` wrote, unchanged.

    Parameters
    ----------
    path : str or path
        The file.
    noted : str, optional
        The seal as it was noted elsewhere, or its first characters, at least eight.

    Raises
    ------
    BadRequest
        When there is no such file, it is no plan, or it was changed since it was sealed.
    """
    name = os.fspath(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadRequest(f"the plan {name!r} cannot be read: {error.strerror}") from None
    content, seal = content_of(data, name)
    found = seal_of(content)
    if found != seal:
        raise BadRequest(
            f"{name!r} was changed after it was sealed: the seal is {seal[:12]}..., "
            f"what stands there gives {found[:12]}...; take the file as it was, or make a new plan and say so"
        )
    if noted is not None and (len(noted) < 8 or not found.startswith(noted.lower())):
        raise BadRequest(
            f"{name!r} is not the plan that was noted: its seal is {found[:12]}..., not {noted[:12]!r}; "
            "give at least eight characters of it"
        )
    return content


def content_of(data: bytes, name: str) -> tuple[dict[str, Any], str]:
    """What a file's bytes say, and the seal that stands there, which may be another's.

    Raises
    ------
    BadRequest
        When it is no plan.
    """
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        raise BadRequest(f"{name!r} holds no plan: it is no JSON") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or not isinstance(whole.get("plan"), dict):
        raise BadRequest(f"{name!r} holds no plan; SamplingPlan.save(path) writes one")
    if whole.get("version") != VERSION:
        raise BadRequest(f"{name!r} was written by another version of cmtools: {whole.get('version')!r}")
    return whole["plan"], str(whole.get("seal"))
