"""The contract of a tagger: what it is given, what it answers, where its thresholds stand. It fetches nothing."""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self, cast

from tqdm.auto import tqdm

from ..errors import BadPicture, BadTagger
from .asking import Raised, ask, at_once, in_a_list
from .tagging import Tagging, check_tagging

TYPES = ("Image", "Text")
"""What a tagger may tag."""
READ_AT_ONCE = 8
"""Items that a tagger is shown together, unless it says otherwise."""
LONG_WORK = 200
"""From this many items on, a progress bar is shown."""
MAX_FILE_BYTES = 50_000_000

__all__ = ["TYPES", "Item", "Tagger", "Tagging"]

Item = bytes | str | Path


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
    batch_size : int
        How many items `tag` is shown together.
    workers : int
        How many batches may be in work at the same time, each on a thread of its own, so that one batch is read and
        decoded while the model looks at another. With 1, all is done on the caller's own thread. No more than
        ``workers * batch_size`` files are in memory together.

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
    batch_size: int = READ_AT_ONCE
    workers: int = 1

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
            What is wrong with one item stands in its ``error`` and costs the others nothing. It may also raise: its
            items are then shown to it one by one, so that the one at fault is found and costs itself (see `stream`).
        """

    @classmethod
    def from_setting(cls, argument: str) -> Self:
        """The tagger that a setting such as ``name:argument`` asks for; most take no argument."""
        if argument:
            raise BadTagger(f"the tagger {cls.name!r} takes nothing after its name, but was given {argument!r}")
        return cls()

    def __call__(self, items: Sequence[Item], *, progress: bool = True) -> list[Tagging]:
        """`tag`, for any number of items, that may also be files: what ``make_drafts(tagger=...)`` calls.

        Parameters
        ----------
        items : sequence of Path, bytes or str
            As of `stream`.
        progress : bool
            Show a bar from 200 items on.

        Raises
        ------
        BadTagger
            When `tag` does not return one `Tagging` per item, or a cloud refuses the key or cannot be asked at all.
        BadTag
            When an answer keeps to no contract: a score beyond [0, 1], say, or a key that is no short code.
        Exception
            Whatever `tag` raises, where it raises it for each item of the first batch.
        """
        wanted = progress and len(items) >= LONG_WORK
        bar = tqdm(self.stream(items), desc=f"Tagging ({self.name})", total=len(items), disable=not wanted, leave=False)
        return list(bar)

    def stream(self, items: Sequence[Item]) -> Iterator[Tagging]:
        """The answers one after the other, in the order of the items, as they are ready.

        Whoever keeps what comes has it when the work is interrupted. The next batches are in work already, `workers` of
        them, and no more: memory does not grow with the number of items.

        Where `tag` raises for a batch, its items are shown to it one by one, and those that it raises for again have
        that as their ``error``. Some things are no fault of an item and come through: an error of cmtools, such as an
        answer that keeps to no contract (see `check_tagging`); what is raised for each single item before anything was
        answered, for then it is the tagger that is broken; and, before anything was answered too, a cloud that refuses
        the key, has no such endpoint or is away. Once something was answered, what a cloud refuses is the ``error`` of
        each item that it refuses.

        Parameters
        ----------
        items : sequence of Path, bytes or str
            Files are read a batch at a time. A string is a text; to a tagger of pictures it is an address, which is
            answered with an error, for nothing is fetched here.

        Examples
        --------
        >>> class Inverse(Tagger):
        ...     name, type = "inverse", "Text"
        ...
        ...     def tag(self, items):
        ...         return [Tagging({"small": 1 / int(text) < 0.5}) for text in items]
        >>> for said in Inverse().stream(["1", "0", "4"]):
        ...     print(said.error or dict(said.tags))
        {'small': False}
        the tagger failed: ZeroDivisionError: division by zero
        {'small': True}
        """
        batches = (items[start : start + self.batch_size] for start in range(0, len(items), self.batch_size))
        workers = self.workers if len(items) > self.batch_size else 1
        works = False
        for answers, raised, answered in at_once(self._answers, batches, workers):
            works = works or answered
            if raised is not None and not works:
                raise raised.error
            yield from answers

    def _answers(self, items: Sequence[Item]) -> tuple[list[Tagging], Raised | None, bool]:
        """The answers for a batch, something that was raised for one of its items, and whether `tag` answered any."""
        found = [self.read(item) for item in items]
        said = ask(self._told, [item for item in found if not isinstance(item, Tagging)])
        broke = [answer for answer in said if isinstance(answer, Raised) and not isinstance(answer.error, BadPicture)]
        answers = iter(Tagging(error=answer.reason) if isinstance(answer, Raised) else answer for answer in said)
        told = (item if isinstance(item, Tagging) else next(answers) for item in found)
        taggings = [check_tagging(each, f"the tagger {self.name!r}") for each in told]
        return taggings, broke[0] if broke else None, len(broke) < len(said)

    def _told(self, given: list[bytes | str]) -> list[Tagging]:
        """What `tag` says, seen to be one `Tagging` per item."""
        if not given:
            return []
        must = f"the tagger {self.name!r} must return one Tagging per item; it was given {len(given)}"
        said = in_a_list(self.tag(given), must)
        if len(said) != len(given) or not all(isinstance(answer, Tagging) for answer in said):
            raise BadTagger(must)
        return cast(list[Tagging], said)

    def read(self, item: Item) -> bytes | str | Tagging:
        """What `tag` is shown for an item, or the answer for one that needs no showing: it cannot be read, say."""
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

    def _checked(self, thresholds: Mapping[str, float]) -> dict[str, float]:
        """The thresholds under the tagger's own spelling of the codes."""
        known = {code.lower(): code for code in self.default_thresholds}
        checked: dict[str, float] = {}
        for code, value in thresholds.items():
            if not isinstance(code, str) or code.lower() not in known:
                has = ", ".join(known.values()) or "none"
                raise BadTagger(f"{self.name} has no score for the tag {code!r}; it has one for: {has}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise BadTagger(f"the threshold of {code!r} must be a number from 0 to 1, not {value!r}")
            checked[known[code.lower()]] = float(value)
        return checked
