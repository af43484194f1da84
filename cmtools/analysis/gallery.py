"""Disagreements with their pictures, as HTML that needs nothing from outside. It fetches nothing itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from .estimates import number

Lookup = Mapping[str, bytes | None]
Pictures = Lookup | Callable[[list[str]], Lookup] | None
"""Review id to picture bytes, or a function that gives such a mapping for a list of ids."""

_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))

STYLE = """
.cm-gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(168px,1fr));gap:16px;margin:12px 0;padding:0}
.cm-gallery figure{margin:0;break-inside:avoid;font-size:13px;line-height:1.45;min-width:0}
.cm-gallery .cm-picture{aspect-ratio:4/3;border-radius:6px;overflow:hidden;display:flex;align-items:center;
justify-content:center;background:rgba(127,127,127,.14);color:inherit}
.cm-gallery .cm-picture span{opacity:.65;font-size:12px}
.cm-gallery img{width:100%;height:100%;object-fit:contain;display:block;margin:0}
.cm-gallery figcaption{margin-top:6px;overflow-wrap:anywhere}
.cm-gallery .cm-dim{opacity:.72}
"""


@dataclass(frozen=True)
class Item:
    """One disagreement as it is shown."""

    review_id: str
    name: str
    tag: str
    said: str
    detail: str
    picture: bytes | None


@dataclass(frozen=True)
class Gallery:
    """Disagreements with thumbnails, worst first; a notebook shows it as a grid.

    Examples
    --------
    >>> frame = pd.DataFrame({"review_id": ["1"], "tag": ["r"], "auto": [True], "human": [False],
    ...                       "kind": ["false positive"], "score": [0.97]})
    >>> Gallery.of(frame, {"1": None}, total=1)
    Gallery of 1 of 1 disagreement
    """

    items: tuple[Item, ...]
    total: int
    title: str = "Disagreements"

    @classmethod
    def of(cls, found: pd.DataFrame, pictures: Pictures, *, total: int, title: str = "Disagreements") -> Gallery:
        """A gallery of the rows of `Agreement.disagreements`, with the pictures that there are."""
        ids = [str(review_id) for review_id in found["review_id"]] if "review_id" in found else [""] * len(found)
        looked_up = look_up(pictures, ids)
        rows = found.to_dict("records")
        items = tuple(_item(row, review_id, looked_up.get(review_id)) for row, review_id in zip(rows, ids, strict=True))
        return cls(items, total, title)

    def __repr__(self) -> str:
        return f"Gallery of {len(self.items)} of {self.total} disagreement{'s' * (self.total != 1)}"

    def _repr_html_(self) -> str:
        shown = f"{len(self.items)} of {self.total:,}" if len(self.items) < self.total else f"{self.total:,}"
        heading = f"<p><strong>{escape(self.title)}</strong> · {shown}, worst first</p>"
        return f"<style>{STYLE}</style><div>{heading}{self.grid()}</div>"

    def grid(self) -> str:
        """The figures alone, for a page that brings `STYLE` itself."""
        if not self.items:
            return "<p>Auto and human tags agree on every decision.</p>"
        return f'<div class="cm-gallery">{"".join(_figure(item) for item in self.items)}</div>'


def look_up(pictures: Pictures, ids: Sequence[str]) -> Lookup:
    """The pictures of these reviews, asked for once each."""
    if pictures is None or not ids:
        return {}
    return pictures(list(dict.fromkeys(ids))) if callable(pictures) else pictures


def _item(row: dict[Any, Any], review_id: str, picture: bytes | None) -> Item:
    score = "" if pd.isna(row.get("score")) else f"score {number(float(row['score']))}"
    reviewer = "" if pd.isna(row.get("reviewer")) else str(row["reviewer"])
    frame = "" if pd.isna(row.get("frame")) else f" · frame {row['frame']}"
    return Item(
        review_id=review_id,
        name=str(row.get("content_id", review_id)) + frame,
        tag=str(row["tag"]),
        said=f"auto {_on(row['auto'])}, human {_on(row['human'])}",
        detail=" · ".join(part for part in (score, reviewer) if part),
        picture=picture,
    )


def _on(value: object) -> str:
    return "on" if value else "off"


def data_uri(picture: bytes | None) -> str | None:
    """The picture as an address that holds it; None for what is no JPEG, PNG, GIF or WebP.

    Examples
    --------
    >>> data_uri(b"<svg onload=...>") is None
    True
    """
    if not picture:
        return None
    kind = next((kind for magic, kind in _KINDS if picture.startswith(magic)), None)
    if kind is None and picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        kind = "image/webp"
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}" if kind else None


def _figure(item: Item) -> str:
    uri = data_uri(item.picture)
    label = escape(item.name)
    picture = f'<img src="{uri}" alt="{label}">' if uri else "<span>no picture</span>"
    return (
        f'<figure><div class="cm-picture">{picture}</div><figcaption><strong>{escape(item.tag)}</strong> '
        f'{escape(item.said)}<br><span class="cm-dim">{escape(item.detail)}<br>{label}</span></figcaption></figure>'
    )
