"""Labels in the columns of rows: one, or a list of them. It sees that each label that is asked for is there at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..errors import BadTagger

MOST_NAMED = 20
"""Labels that an error names."""


def spelt_alike(label: str) -> str:
    """A label as it is compared: in any case, whatever stands around it."""
    return label.strip().lower()


class Labels:
    """What the rows have in the columns of ``label=nsfw`` and the like.

    Parameters
    ----------
    tags : dict of short code to columns
        Columns that name no label are passed over.

    Examples
    --------
    >>> labels = Labels({"a": ["kind=nfsw"]})
    >>> labels.read("kind", ["nsfw", "drawing"], "row 1")
    ['nsfw', 'drawing']
    >>> labels.check()
    Traceback (most recent call last):
    cmtools.errors.BadTagger: no row has kind=nfsw for the tag 'a'; of 'kind' there are nsfw, drawing
    """

    def __init__(self, tags: Mapping[str, Iterable[str]]) -> None:
        self._wanted = {code: [column for column in columns if "=" in column] for code, columns in tags.items()}
        self._pairs = {_parts(column) for columns in self._wanted.values() for column in columns}
        self._found: set[tuple[str, str]] = set()
        self._named: dict[str, dict[str, None]] = {}

    def read(self, column: str, value: object, where: str) -> list[str]:
        """The labels of a value, which is one or a list.

        Raises
        ------
        BadTagger
            When they come with scores.
        """
        several = isinstance(value, list | tuple | set | frozenset | np.ndarray)
        found = list(value) if several else [value]  # type: ignore[call-overload]
        if any(isinstance(each, Mapping) for each in found):
            raise BadTagger(
                f"the labels in {column!r} have scores: name one as {column + '.nsfw'!r}, with a threshold", where=where
            )
        labels = [str(each).strip() for each in found]
        named = self._named.setdefault(column, {})
        for label in labels:
            if (pair := (column, spelt_alike(label))) in self._pairs:
                self._found.add(pair)
            if len(named) <= MOST_NAMED:
                named[label] = None
        return labels

    def check(self) -> None:
        """Raise `BadTagger` for a tag of whose labels no row had one."""
        for code, columns in self._wanted.items():
            if not columns or any(_parts(column) in self._found for column in columns):
                continue
            name = _parts(columns[0])[0]
            named = list(self._named.get(name, {}))
            has = ", ".join(named[:MOST_NAMED]) + (", ..." if len(named) > MOST_NAMED else "")
            raise BadTagger(f"no row has {' or '.join(columns)} for the tag {code!r}; of {name!r} there are {has}")


def _parts(column: str) -> tuple[str, str]:
    """The column and the label of ``column=label``."""
    name, _, label = column.partition("=")
    return name, spelt_alike(label)
