"""A create call written out: its exact body, and the same as curl and as Python. It calls nobody and knows no key."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from shlex import quote as shell_word
from urllib.parse import quote

from ..content.image import MEDIA_PREFIX
from ..model import PUBLIC, Draft, Pairs
from ..wire import own
from ..wire.creation import Incoming, write_drafts
from . import creation
from .connection import Connection
from .uploads import Upload

PICTURE_ID_CHARACTERS = 40
"""How much of a picture's SHA-256 is its id; the service answers with it, here it is known beforehand."""
KEY = '"Ocp-Apim-Subscription-Key: $CMTOOLS_KEY"'
PAIR = re.compile(r'\{\n +"Key": (.*),\n +"Value": (.*)\n +\}')
"""A pair of metadata over four lines, which reads better on one; no line break can be inside of its texts."""
Names = Mapping[Path, str]
"""What a local file is called where the reader has it."""


class _Files:
    """The names that local files will have once they are uploaded."""

    def __getitem__(self, path: Path) -> Upload:
        facts = path.stat()
        digest = _digest(path, facts.st_mtime_ns, facts.st_size)
        return Upload(digest, MEDIA_PREFIX + digest[:PICTURE_ID_CHARACTERS])


@lru_cache(maxsize=20_000)
def _digest(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written(drafts: Sequence[Draft], *, subteam: str | None = None, batch: str = "") -> list[Incoming]:
    """The drafts as `Client.create_reviews` sends them, keys and names of pictures and all."""
    seen: Counter[str] = Counter()
    return [creation.incoming(draft, _Files(), (subteam or PUBLIC, batch), seen) for draft in drafts]


def as_body(drafts: Sequence[Draft], *, subteam: str | None = None, batch: str = "") -> str:
    """The body of the create call as JSON, to read and to send.

    Examples
    --------
    >>> print(as_body([Draft("https://x.org/1.jpg", "1", metadata=(("a", "True"),))]))
    [
      {
        "Type": "Image",
        "Content": "https://x.org/1.jpg",
        "ContentId": "1",
        "Metadata": [
          {"Key": "a", "Value": "True"}
        ],
        "IdempotencyKey": "..."
      }
    ]
    """
    text = json.dumps(write_drafts(written(drafts, subteam=subteam, batch=batch)), indent=2, ensure_ascii=False)
    return PAIR.sub(r'{"Key": \1, "Value": \2}', text)


def as_curl(
    client: Connection,
    drafts: Sequence[Draft],
    *,
    subteam: str | None = None,
    batch: str = "",
    names: Names | None = None,
) -> str:
    """The call as lines for a shell; the key is read from ``CMTOOLS_KEY``. Local pictures are uploaded first.

    Parameters
    ----------
    client : Client
        Whose service, team and reviewer it is.
    drafts : sequence of Draft
        Checked.
    subteam, batch
        As of `Client.create_reviews`.
    names : mapping of Path to str, optional
        What local files are called in the lines, where it is not their path.
    """
    team = quote(client.team_name, safe="")
    head = [f"-H {KEY}"]
    if client.reviewer:
        head.append(f"-H {shell_word(f'{own.REVIEWER_HEADER}: {own.write_header(client.reviewer)}')}")
    start = f"curl --fail-with-body -sS {' '.join(head)}"
    lines = ["# The key is read from CMTOOLS_KEY."]
    for path in _files(drafts):
        name = (names or {}).get(path, str(path))
        address = shell_word(f"{client.url}{own.OWN_PREFIX}/{team}/pictures")
        lines.append(
            f"{start} -H 'Content-Type: application/octet-stream' \\\n  --data-binary @{shell_word(name)} {address}"
        )
    query = f"?subTeam={quote(subteam, safe='')}" if subteam else ""
    address = shell_word(f"{client.url}{own.REVIEW_PREFIX}/{team}/reviews{query}")
    body = as_body(drafts, subteam=subteam, batch=batch)
    lines.append(
        f"{start} -H 'Content-Type: application/json; charset=utf-8' \\\n"
        f"  --data-binary @- {address} <<'JSON'\n{body}\nJSON"
    )
    return "\n".join(lines)


def as_python(
    client: Connection,
    drafts: Sequence[Draft],
    *,
    subteam: str | None = None,
    batch: str = "",
    names: Names | None = None,
) -> str:
    """The call as Python for a notebook or a script; parameters as of `as_curl`.

    Examples
    --------
    >>> client = Connection("http://127.0.0.1:8765", key="s3cret", team="demo")
    >>> print(as_python(client, [Draft("Hello!", "1", "Text")], subteam="night"))
    import cmtools as cm
    <BLANKLINE>
    client = cm.Client('http://127.0.0.1:8765', team='demo')  # the key is read from CMTOOLS_KEY
    drafts = [
        cm.Draft('Hello!', '1', type='Text'),
    ]
    ids = client.create_reviews(drafts, subteam='night')
    """
    who = f", reviewer={client.reviewer!r}" if client.reviewer else ""
    files = _files(drafts)
    lines = ["from pathlib import Path", ""] if files else []
    lines += ["import cmtools as cm"]
    lines += ["from cmtools.model import Frame"] if any(draft.frames for draft in drafts) else []
    lines += [
        "",
        f"client = cm.Client({client.url!r}, team={client.team_name!r}{who})  # the key is read from CMTOOLS_KEY",
        "drafts = [",
        *(f"    {_as_code(draft, names or {})}," for draft in drafts),
        "]",
    ]
    options = [f"subteam={subteam!r}"] if subteam else []
    options += [f"batch={batch!r}"] if batch else []
    return "\n".join([*lines, f"ids = client.create_reviews({', '.join(['drafts', *options])})"])


def _files(drafts: Sequence[Draft]) -> list[Path]:
    return list(dict.fromkeys(path for draft in drafts for path in creation.files(draft)))


def _as_code(draft: Draft, names: Names) -> str:
    """The draft as the expression that makes it; what is as usual is left out."""
    words = [repr(draft.content), repr(draft.content_id)]
    words += [f"type={draft.type!r}"] if draft.type != "Image" else []
    words += [f"metadata={_pairs(draft.metadata)}"] if draft.metadata else []
    words += [f"callback_endpoint={draft.callback_endpoint!r}"] if draft.callback_endpoint is not None else []
    words += [f"path=Path({names.get(draft.path, str(draft.path))!r})"] if draft.path is not None else []
    words += [f"weight={draft.weight!r}"] if draft.weight != 1.0 else []
    words += [f"stratum={draft.stratum!r}"] if draft.stratum is not None else []
    words += [f"status={draft.status!r}"] if draft.status != "Pending" else []
    if draft.frames:
        frames = ", ".join(
            f"Frame({frame.timestamp!r}, {frame.image!r}, {_pairs(frame.metadata)}, "
            f"{_pairs(frame.result_tags)}, {frame.name!r})"
            for frame in draft.frames
        )
        words.append(f"frames=({frames},)")
    words += [f"overlap={draft.overlap!r}"] if draft.overlap != 1 else []
    words += [f"final={draft.final!r}"] if draft.final != "majority" else []
    words += ["blind=True"] if draft.blind else []
    words += [f"truth={dict(draft.truth)!r}"] if draft.truth is not None else []
    return f"cm.Draft({', '.join(words)})"


def _pairs(pairs: Pairs) -> str:
    return repr(tuple((str(key), str(value)) for key, value in pairs))
