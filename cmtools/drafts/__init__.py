"""Folders, lists, addresses and tables become drafts with auto tags. It uploads nothing and knows no team."""

from __future__ import annotations

from .base import Drafts
from .make import make_drafts
from .near import spread

__all__ = ["Drafts", "make_drafts", "spread"]
