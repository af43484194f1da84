"""A Python function as a tagger: a batch in, one answer per item out. What a function may answer is read elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ..errors import BadTag, BadTagger
from ..tags import Tag
from .answers import read_answer
from .asking import in_a_list
from .base import READ_AT_ONCE, TYPES, Tagger
from .tagging import Tagging, check_tagging

Function = Callable[[list[bytes]], Sequence[object]] | Callable[[list[str]], Sequence[object]]


class FromFunction(Tagger):
    """Tags what a function of yours says: it takes a list of texts, or of pictures as bytes, and answers each.

    An answer is a dict of short code to True, False, a score in [0, 1] or None (nothing is said of the tag); or a
    `Tagging`, to say more; or an exception, why this one item has no tags; or None. A score that is NaN says nothing,
    as None does, for that is how tables write what is missing; an infinite one is an error. Where the function raises,
    its items are shown to it one by one and the one at fault costs itself; see `Tagger.stream`.

    ``make_drafts(tagger=function)`` takes the function itself as well, and then gives it paths and addresses. Wrapped,
    it has a name, a version and thresholds, and works in a service: put
    ``mine = FromFunction(...)`` into a module and name it, ``cmtools serve --tagger module:mine``.

    Parameters
    ----------
    function : callable
        For pictures it gets the bytes of their files; ``PIL.Image.open(io.BytesIO(data))`` opens one.
    type : str
        ``"Image"`` or ``"Text"``.
    name, version : str, optional
        Of the model behind it; they stand in the metadata of every item. The name is the function's own unless given.
    thresholds : dict of short code to float, optional
        From which score on a tag is true: one for every tag for which the function gives scores.
    batch_size, workers : int
        How many items the function is given at most, and on how many threads it is called; see `Tagger`.

    Raises
    ------
    BadTagger
        When the type is none, or a threshold is wrong; when asked, if the function returns no list.
    BadTag
        When asked: for an answer that keeps to no contract, such as a score of a tag without a threshold, or one beyond
        [0, 1].

    Examples
    --------
    >>> def shouting(texts):
    ...     return [{"caps": sum(map(str.isupper, text)) / len(text)} for text in texts]
    >>> tagger = FromFunction(shouting, type="Text", version="2", thresholds={"caps": 0.7})
    >>> for said in tagger(["BUY NOW", "", "Good morning"]):
    ...     print(said.error or (dict(said.tags), said.metadata))
    ({'caps': True}, (('tagger', 'shouting 2'),))
    the tagger failed: ZeroDivisionError: division by zero
    ({'caps': False}, (('tagger', 'shouting 2'),))
    """

    def __init__(
        self,
        function: Function,
        *,
        type: str,
        name: str | None = None,
        version: str = "",
        thresholds: Mapping[str, float] | None = None,
        batch_size: int = READ_AT_ONCE,
        workers: int = 1,
    ) -> None:
        if type not in TYPES:
            raise BadTagger(f"type is {type!r}; it must be {' or '.join(TYPES)}")
        if not callable(function):
            raise BadTagger(f"{function!r} cannot be called")
        if batch_size < 1 or workers < 1:
            raise BadTagger(f"batch_size is {batch_size} and workers is {workers}; both must be at least 1")
        self.type = type
        self.name = name or str(getattr(function, "__name__", "function")).strip("<>")
        self.version = version
        self.batch_size, self.workers = batch_size, workers
        self.default_thresholds = MappingProxyType(_codes_checked(thresholds or {}))
        super().__init__(thresholds=thresholds)
        self._function: Callable[[list[bytes | str]], Sequence[object]] = function  # type: ignore[assignment]
        self._limits = {code.lower(): limit for code, limit in self.thresholds.items()}

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per item, in order; see `Tagger.tag`."""
        kind = str if self.type == "Text" else bytes
        given = [item for item in items if isinstance(item, kind)]
        must = f"the tagger {self.name!r} must return a list with one answer per item"
        said = in_a_list(self._function([*given]), must) if given else []
        if len(said) != len(given):
            raise BadTag(f"the tagger {self.name!r} was given {len(given)} items and returned {len(said)}")
        answers = iter(said)
        return [
            self._tagging(next(answers), place)
            if isinstance(item, kind)
            else Tagging(error=f"it is no {kind.__name__}")
            for place, item in enumerate(items, start=1)
        ]

    def _tagging(self, answer: object, place: int) -> Tagging:
        said = read_answer(answer, lambda code: self._limits.get(code.lower()), f"tagger {self.name!r}, item {place}")
        if isinstance(answer, Tagging) or said.error is not None:
            return said
        about = ("tagger", f"{self.name} {self.version}".strip())
        return check_tagging(Tagging(said.tags, said.scores, (about,)), f"the tagger {self.name!r}")


def _codes_checked(thresholds: Mapping[str, float]) -> dict[str, float]:
    """The thresholds, if each is of a short code."""
    try:
        return {Tag(code).short_code: value for code, value in thresholds.items()}
    except BadTag as error:
        raise BadTagger(error.message, where="thresholds") from None
