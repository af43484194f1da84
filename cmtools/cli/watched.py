"""A tagger whose failure is told in one line with its name. What one item costs stays as `Tagger.stream` has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from ..errors import BadTagger, CmtoolsError
from ..taggers import Tagger, Tagging
from ..taggers.asking import Raised
from ..taggers.base import Item


class Watched(Tagger):
    """Another tagger, whose own exceptions come out as `BadTagger`.

    Python's development mode (``python -X dev``) lets it through as it is, with the whole stack.

    Parameters
    ----------
    tagger : Tagger
        Ours, or somebody's own.

    Examples
    --------
    >>> from cmtools.taggers import FromFunction
    >>> list(Watched(FromFunction(lambda texts: [1 / 0], type="Text", name="mine")).stream(["Hi!"]))
    Traceback (most recent call last):
    cmtools.errors.BadTagger: the tagger 'mine' failed: ZeroDivisionError: division by zero
    """

    def __init__(self, tagger: Tagger) -> None:
        self.name, self.type = tagger.name, tagger.type
        self.default_thresholds = self.thresholds = tagger.thresholds
        self.batch_size, self.workers = tagger.batch_size, tagger.workers
        self._tagger = tagger

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """As the other."""
        return self._tagger.tag(items)

    def stream(self, items: Sequence[Item]) -> Iterator[Tagging]:
        """As the other; see `Tagger.stream`."""
        try:
            yield from self._tagger.stream(items)
        except CmtoolsError:
            raise
        except Exception as error:  # somebody's own code runs here
            if sys.flags.dev_mode:
                raise
            reason = Raised(error).reason.removeprefix("the tagger ")
            raise BadTagger(f"the tagger {self.name!r} {reason}") from error
