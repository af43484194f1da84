"""Which of the two spellings an answer has: as documented, or as the live service sent it. It writes no noun."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

Spelling = Literal["camel", "pascal"]

VENDOR_MARKS = ("contentmoderator", "msrest", "ms-rest")
"""What the User-Agent of every one of the vendor's own clients contains; they read nothing but the live spelling."""


def spelling_for(user_agent: str | None, command_name: str | None, setting: str) -> Spelling:
    """How to spell an answer: as the setting says, or (``auto``) the live way for the vendor's own clients alone.

    Parameters
    ----------
    user_agent, command_name : str or None
        The headers ``User-Agent`` and ``x-ms-command-name`` (a browser sends its mark in the second).
    setting : str
        ``auto``, ``camel`` or ``pascal``.

    Examples
    --------
    >>> spelling_for("python/3.11 msrest/0.7.1", None, "auto"), spelling_for("curl/8.5", None, "auto")
    ('pascal', 'camel')
    """
    if setting == "camel":
        return "camel"
    said = f"{user_agent or ''} {command_name or ''}".lower()
    return "pascal" if setting == "pascal" or any(mark in said for mark in VENDOR_MARKS) else "camel"


def spell(values: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    """The same object with its own names (not those of what it holds) spelt.

    Examples
    --------
    >>> spell({"ReviewId": "1"}, "camel")
    {'reviewId': '1'}
    """
    return values if spelling == "pascal" else {name[0].lower() + name[1:]: value for name, value in values.items()}


def write_pairs(pairs: Iterable[tuple[str, str]], spelling: Spelling) -> list[dict[str, str]]:
    """Metadata or tags as a list of objects.

    Examples
    --------
    >>> write_pairs([("a", "True")], "pascal")
    [{'Key': 'a', 'Value': 'True'}]
    """
    key_name, value_name = ("Key", "Value") if spelling == "pascal" else ("key", "value")
    return [{key_name: key, value_name: value} for key, value in pairs]
