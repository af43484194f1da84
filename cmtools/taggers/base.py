"""The contract of a tagger: what it is given, what it answers, where its thresholds stand. It fetches nothing."""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ..errors import BadTagger
from ..model import Pairs

TYPES = ("Image", "Text")
"""What a tagger may tag."""
READ_AT_ONCE = 8
"""How many files are in memory together when a tagger is given paths."""
MAX_FILE_BYTES = 50_000_000

Item = bytes | str | Path


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A listed term that was found in a text. Places are counted in characters (code points) from 0.

    ``index`` is the place in the text as the tagger normalised it, ``original_index`` in the text as it came; a tagger
    that shows no normalised text gives the same for both. ``term`` is spelt as in the list, ``spelling`` as in the
    text.
    """

    index: int
    original_index: int
    term: str
    spelling: str = ""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a tagger says of one item.

    Parameters
    ----------
    tags : dict of short code to bool
        A tag that is not named is silent, not false.
    scores : dict of short code to float
        In [0, 1]; empty when the tagger has none.
    metadata : pairs of str
        Raw classes, the tagger's name and version.
    terms : tuple of FoundTerm
        Words found in a text, in its order.
    error : str, optional
        Why this one item could not be tagged; then everything else is empty.

    Examples
    --------
    >>> Tagging(tags={"a": True}, scores={"a": 0.93}).error is None
    True
    """

    tags: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    metadata: Pairs = ()
    terms: tuple[FoundTerm, ...] = ()
    error: str | None = None


class Tagger(ABC):
    """Says which tags pictures or texts should have. Make one of your own by giving it a name, a type and `tag`.

    Parameters
    ----------
    thresholds : dict of short code to float, optional
        From which score on (in [0, 1]) a tag is true. Codes that are left out keep their `default_thresholds`.

    Attributes
    ----------
    name : str
        Its name in the table and in metadata.
    type : str
        ``"Image"`` or ``"Text"``.

    Raises
    ------
    BadTagger
        When a threshold is no number from 0 to 1, or names a tag that this tagger has no score for.

    Examples
    --------
    >>> class Shouting(Tagger):
    ...     name, type, default_thresholds = "shouting", "Text", {"caps": 0.7}
    ...
    ...     def tag(self, items):
    ...         shares = [sum(map(str.isupper, text)) / max(1, len(text)) for text in items]
    ...         return [Tagging({"caps": share >= self.thresholds["caps"]}, {"caps": share}) for share in shares]
    >>> [said.tags for said in Shouting().tag(["Good morning", "BUY NOW"])]
    [{'caps': False}, {'caps': True}]
    """

    name: str
    type: str
    default_thresholds: Mapping[str, float] = MappingProxyType({})
    thresholds: Mapping[str, float] = MappingProxyType({})

    def __init__(self, *, thresholds: Mapping[str, float] | None = None) -> None:
        self.thresholds = MappingProxyType({**self.default_thresholds, **self._checked(thresholds or {})})

    @abstractmethod
    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per item, in order. It may be called from several threads at once.

        Parameters
        ----------
        items : sequence of bytes or str
            Pictures as the bytes of their files, texts as they are.

        Returns
        -------
        list of Tagging
            What is wrong with one item stands in its ``error`` and costs the others nothing.
        """

    @classmethod
    def from_setting(cls, argument: str) -> Self:
        """The tagger that a setting such as ``name:argument`` asks for; most take no argument."""
        if argument:
            raise BadTagger(f"the tagger {cls.name!r} takes nothing after its name, but was given {argument!r}")
        return cls()

    def __call__(self, items: Sequence[Item]) -> list[Tagging]:
        """`tag`, for items that may also be files: what ``make_drafts(tagger=...)`` calls.

        Parameters
        ----------
        items : sequence of Path, bytes or str
            Files are read a few at a time. A string is a text; to a tagger of pictures it is an address, which is
            answered with an error, for nothing is fetched here.

        Raises
        ------
        BadTagger
            When `tag` does not return one `Tagging` per item.
        """
        answers: list[Tagging] = []
        for start in range(0, len(items), READ_AT_ONCE):
            found = [self._readable(item) for item in items[start : start + READ_AT_ONCE]]
            given = [item for item in found if not isinstance(item, Tagging)]
            said = self._checked_answers(given)
            answers += [item if isinstance(item, Tagging) else next(said) for item in found]
        return answers

    def _readable(self, item: Item) -> bytes | str | Tagging:
        """What `tag` takes, or the answer for an item that it cannot be given."""
        if self.type == "Text":
            return item if isinstance(item, str) else Tagging(error=f"{self.name} tags texts, and this is none")
        if isinstance(item, str):
            return Tagging(error=f"{self.name} tags files of this machine and fetches no address; download it first")
        if isinstance(item, bytes):
            return item
        try:
            facts = item.stat()
            if not stat.S_ISREG(facts.st_mode):  # a pipe would wait for ever
                return Tagging(error="it is a folder or no file")
            if facts.st_size > MAX_FILE_BYTES:
                size = f"{facts.st_size / 1e6:.0f} MB"
                return Tagging(error=f"it has {size}; the most is {MAX_FILE_BYTES // 1_000_000} MB")
            return item.read_bytes()
        except OSError as error:
            return Tagging(error=f"the file cannot be read: {error.strerror or error}")

    def _checked_answers(self, given: list[bytes | str]) -> Iterator[Tagging]:
        said = self.tag(given) if given else []
        if len(said) != len(given) or not all(isinstance(answer, Tagging) for answer in said):
            raise BadTagger(f"the tagger {self.name!r} must return one Tagging per item; it was given {len(given)}")
        return iter(said)

    def _checked(self, thresholds: Mapping[str, float]) -> dict[str, float]:
        """The thresholds under the tagger's own spelling of the codes."""
        known = {code.lower(): code for code in self.default_thresholds}
        checked: dict[str, float] = {}
        for code, value in thresholds.items():
            if code.lower() not in known:
                has = ", ".join(known.values()) or "none"
                raise BadTagger(f"{self.name} has no score for the tag {code!r}; it has one for: {has}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise BadTagger(f"the threshold of {code!r} must be a number from 0 to 1, not {value!r}")
            checked[known[code.lower()]] = float(value)
        return checked
