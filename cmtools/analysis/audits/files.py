"""The audit file: which parts it has, their hashes, and what it says of itself. It measures nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...errors import BadRequest
from ..plans import seals
from ..plans.plan import SamplingPlan
from . import tables
from .archive import packed, unpacked

FORMAT = "cmtools audit"
VERSION = 1
"""Of the file's format. A later cmtools reads all earlier ones."""
ABOUT, SAID, PLAN, REVIEWS = "README.txt", "audit.json", "plan.json", "reviews.csv"
TABLES = ("decisions", "opinions", "golden", "drawn", "estimates")
KNOWN = frozenset((ABOUT, SAID, PLAN, REVIEWS, *(f"{name}.csv" for name in TABLES)))

README = """This is an audit of content moderation, written by cmtools (Audit.save). Every part is plain text in UTF-8.

audit.json      What the file says of itself: choices, versions, the end of the service's trail, and of every other part
                its SHA-256. "seal" is the SHA-256 of "audit" as JSON with sorted keys and without blanks.
plan.json       The sampling plan, with its own seal.
reviews.csv     The ids of the audit's reviews, golden items among them.
decisions.csv   The final tags: a row for each review and tag. "auto" is the automatic tag, "human" what people decided,
                "weight" how many items the review stands for, "stratum" the part of the plan it was drawn from.
opinions.csv    What each reviewer said.
golden.csv      What each reviewer said of items whose answer, "truth", was known. They count in no figure.
drawn.csv       What the plan drew.
estimates.csv   The figures with their intervals.

An empty cell is a missing value. Moments are UTC. An apostrophe before a text that begins with = + - @ ' is not part of
it; it keeps spreadsheets from taking the text for a formula.
"""


@dataclass(frozen=True)
class Parts:
    """What a file holds. ``faults`` says where it is not as it was written."""

    said: Mapping[str, Any]
    seal: str
    plan: SamplingPlan
    reviews: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    faults: tuple[str, ...]


def content(
    said: Mapping[str, Any], plan: SamplingPlan, reviews: Sequence[str], kept: Mapping[str, pd.DataFrame | None]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the file is to say of itself, and its other parts."""
    parts = {
        ABOUT: README.encode(),
        PLAN: seals.text_of(asdict(plan)).encode(),
        REVIEWS: ("\n".join(["review_id", *reviews]) + "\n").encode(),
    }
    described: dict[str, Any] = {}
    for name, table in kept.items():
        if table is not None:
            parts[f"{name}.csv"] = tables.written(table)
            described[f"{name}.csv"] = {
                "rows": len(table),
                "columns": [list(each) for each in tables.kinds_of(table).items()],
            }
    hashes = {name: {"sha256": digest(data), **described.get(name, {})} for name, data in sorted(parts.items())}
    return {**said, "parts": hashes}, parts


def digest(data: bytes) -> str:
    """The SHA-256 of a part."""
    return hashlib.sha256(data).hexdigest()


def write(path: str | os.PathLike[str], said: Mapping[str, Any], parts: Mapping[str, bytes]) -> Path:
    """Write the file."""
    whole = {"format": FORMAT, "version": VERSION, "audit": said, "seal": seals.seal_of(said)}
    text = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True) + "\n"
    ordered = {ABOUT: parts[ABOUT], SAID: text.encode(), **dict(sorted(parts.items()))}
    return put(path, packed(ordered), (".zip",))


def put(path: str | os.PathLike[str], data: bytes, suffixes: Sequence[str]) -> Path:
    """All of a file or nothing: written beside its place, then moved into it.

    Raises
    ------
    BadRequest
        When the name ends in something else, or it cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise BadRequest(f"{target.name!r} does not end in {suffixes[0]}")
    if not target.parent.is_dir():
        raise BadRequest(f"there is no directory {str(target.parent)!r}; make it first")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(data)
        os.replace(draft, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise BadRequest(f"cannot write {str(target)!r}: {error.strerror}") from error
    return target


def read(path: str | os.PathLike[str]) -> Parts:
    """What is in the file, with all that is not as it was written.

    Raises
    ------
    BadRequest
        When it cannot be read at all, is no audit, or was written by a newer cmtools.
    """
    name = os.fspath(path)
    parts = unpacked(path, KNOWN)
    whole = _json(parts.get(SAID), name)
    said = whole["audit"]
    described = said.get("parts")
    if not isinstance(described, dict) or not all(isinstance(each, dict) for each in described.values()):
        raise BadRequest(f"{name!r} does not say what it holds; take the file as it was")
    faults = _faults(whole, described, parts)
    plan, plan_faults = _plan(parts, name, said)
    found = {
        part: tables.read(parts[f"{part}.csv"], _columns(described, part, name), f"{part}.csv of {name!r}")
        for part in TABLES
        if f"{part}.csv" in parts
    }
    if "decisions" not in found or REVIEWS not in parts:
        raise BadRequest(f"{name!r} is no whole audit: it lacks its decisions or the list of its reviews")
    listed = parts[REVIEWS].decode(errors="replace").splitlines()[1:]
    return Parts(said, str(whole.get("seal")), plan, tuple(listed), found, (*faults, *plan_faults))


def _json(data: bytes | None, name: str) -> dict[str, Any]:
    try:
        whole = json.loads(data or b"")
    except (ValueError, RecursionError):
        raise BadRequest(f"{name!r} is no audit: its {SAID} cannot be read") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or not isinstance(whole.get("audit"), dict):
        raise BadRequest(f"{name!r} is no audit; Audit.save(path) writes one")
    version = whole.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BadRequest(f"{name!r} has format {version}, and this cmtools reads up to {VERSION}: take a newer cmtools")
    if version != VERSION:
        raise BadRequest(f"{name!r} has a format that there is not: {version!r}")
    return whole


def _faults(whole: Mapping[str, Any], described: Mapping[str, Any], parts: Mapping[str, bytes]) -> list[str]:
    """Hashes that do not fit."""
    faults = []
    try:
        fits = seals.seal_of(whole["audit"]) == whole.get("seal")
    except (ValueError, TypeError, RecursionError):  # such as NaN, which we never write
        fits = False
    if not fits:
        faults.append(f"what {SAID} says is not what its seal was made of")
    there = set(parts) - {SAID}
    faults += [f"{name} is gone" for name in sorted(set(described) - there)]
    faults += [f"{name} was added" for name in sorted(there - set(described))]
    for name in sorted(there & set(described)):
        if digest(parts[name]) != described[name].get("sha256"):
            faults.append(f"{name} was changed: its SHA-256 is {digest(parts[name])[:12]}...")
    return faults


def _plan(parts: Mapping[str, bytes], name: str, said: Mapping[str, Any]) -> tuple[SamplingPlan, list[str]]:
    if PLAN not in parts:
        raise BadRequest(f"{name!r} is no whole audit: it lacks its plan")
    told, seal = seals.content_of(parts[PLAN], f"{PLAN} of {name!r}")
    plan = _sound(SamplingPlan.of_content(told, f"{PLAN} of {name!r}"), name)
    faults = [] if plan.seal == seal else [f"{PLAN} was changed after it was sealed"]
    if plan.seal != said.get("plan_seal"):
        faults.append(f"{PLAN} is not the plan that {SAID} names")
    return plan, faults


def _columns(described: Mapping[str, Any], part: str, name: str) -> Mapping[str, str]:
    columns = described.get(f"{part}.csv", {}).get("columns")
    try:
        return {str(column): str(kind) for column, kind in columns}
    except (TypeError, ValueError):
        raise BadRequest(
            f"{name!r} does not say what the columns of {part}.csv hold; take the file as it was"
        ) from None


def _sound(plan: SamplingPlan, name: str) -> SamplingPlan:
    """The plan, where its numbers are such as a plan has: nobody vouches for the file."""
    sound = isinstance(plan.seed, int) and isinstance(plan.level, float) and 0 < plan.level < 1
    texts = (plan.kind, plan.aim, plan.allocation, *plan.by, *(each.name for each in plan.strata))
    sound &= bool(plan.strata) and all(isinstance(each, str) for each in texts)
    for each in plan.strata:
        sizes = (each.n, *([] if each.population is None else [each.population]))
        sound &= all(isinstance(size, int) and size >= 0 for size in sizes) and each.n <= each.room
        sound &= all(isinstance(part, int | float) and 0 <= part <= 1 for part in (each.share, each.expected))
    if not sound:
        raise BadRequest(f"{PLAN} of {name!r} is no plan that could be; take the file as it was")
    return plan
