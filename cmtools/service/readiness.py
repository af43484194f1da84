"""Whether a service process can serve now: its database, its tables, its pictures. It mends nothing."""

from __future__ import annotations

from ..errors import CmtoolsError, NotReady
from ..store import Store, has_todays_tables
from .media import Media

CHECKED = ("database", "tables", "media")


def demand(store: Store, media: Media) -> list[str]:
    """What was looked at, all of it well.

    Raises
    ------
    NotReady
        Something is not; the message names each.
    """
    reasons = [*_of_store(store), *_of_media(media)]
    if reasons:
        raise NotReady(f"the service cannot serve now: {'; '.join(reasons)}")
    return list(CHECKED)


def _of_store(store: Store) -> list[str]:
    try:
        if store.read(has_todays_tables):
            return []
    except CmtoolsError as error:
        return [error.message]
    return ["the database's tables are of another version of cmtools"]


def _of_media(media: Media) -> list[str]:
    try:
        media.probe()
    except Exception as error:  # noqa: BLE001 - each file system has errors of its own
        return [f"pictures cannot be written (CMTOOLS_MEDIA: {type(error).__name__})"]
    return []
