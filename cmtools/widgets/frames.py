"""Tags of a video's frames under one key each, beside those of the whole: how a board keeps them. It asks nobody."""

from __future__ import annotations

from collections.abc import Mapping

Tags = dict[str, bool]


def frame_key(moment: int, code: str) -> str:
    """The key of a frame's tag; no short code has a stroke in it, so it is never taken for a tag of the whole."""
    return f"{moment}/{code}"


def split(switched: Mapping[str, bool]) -> tuple[Tags, dict[int, Tags]]:
    """Tags by key as those of the whole, and those of frames by their milliseconds.

    Examples
    --------
    >>> split({"a": True, frame_key(1500, "r"): False})
    ({'a': True}, {1500: {'r': False}})
    """
    whole: Tags = {}
    framed: dict[int, Tags] = {}
    for key, value in switched.items():
        moment, stroke, code = key.partition("/")
        if stroke:
            framed.setdefault(int(moment), {})[code] = value
        else:
            whole[key] = value
    return whole, framed


def split_all(switched: Mapping[str, Mapping[str, bool]]) -> tuple[dict[str, Tags], dict[str, dict[int, Tags]]]:
    """The same for several reviews, by id: what a `Client` takes as answers or toggles, and as those on frames.

    Examples
    --------
    >>> split_all({"v1": {"a": True}, "v2": {"0/a": True}})
    ({'v1': {'a': True}, 'v2': {}}, {'v2': {0: {'a': True}}})
    """
    parts = {review_id: split(tags) for review_id, tags in switched.items()}
    whole = {review_id: each for review_id, (each, _) in parts.items()}
    return whole, {review_id: framed for review_id, (_, framed) in parts.items() if framed}
